/* Reading a set from files, folders and standard input. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/documents/json.h"
#include "core/documents/yaml.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/cluster/objects.h"

static const size_t file_limit = (size_t)256 << 20;
enum { FOLDER_DEPTH = 32 };

struct files {
    struct object_set *set;
    const struct object_input *input;
    const struct reporter *reporter;
};

static bool is_manifest(const char *name)
{
    return text_ends_with(name, ".yaml") || text_ends_with(name, ".yml") || text_ends_with(name, ".json");
}

static bool report_unreadable(const struct files *files, const char *path, int error)
{
    cluster_report(files->reporter, DIAG_CLUSTER_MANIFEST, 0, "%s cannot be read: %s", path,
                   strerror(-error));
    return false;
}

static bool looks_like_json(const struct buf *text)
{
    size_t at = strspn(buf_str(text), " \t\r\n");
    return at < text->length && text->data[at] == '{';
}

/* --- what stands in a Secret is not shown beside a message */

struct mask {
    const struct origin_table *origins;
    uint32_t source;
    char *text;
    size_t length;
};

static void mask_value(const struct mask *mask, const struct value *value)
{
    if (value->kind == VALUE_RECORD) {
        for (size_t i = 0; i < value->field_count; i++)
            mask_value(mask, value->fields[i].value);
        return;
    }
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->count; i++)
            mask_value(mask, value->items[i]);
        return;
    }
    struct span span = origin_span(mask->origins, value->origin);
    if (value->origin == 0 || span.source != mask->source)
        return;
    for (size_t at = span.start; at < span.end && at < mask->length; at++)
        if (mask->text[at] != '\n' && mask->text[at] != ' ')
            mask->text[at] = '*';
}

static bool is_harmless(const char *key)
{
    static const char *const keys[] = {"apiVersion", "kind", "metadata", "type", "immutable"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* Hides the values in the text that messages quote from; the documents have their own copies. */
static void mask_secrets(const struct mask *mask, const struct value *document)
{
    const struct value *items = value_get(document, "items");
    if (document->kind != VALUE_RECORD)
        return;
    for (size_t i = 0; items != NULL && items->kind == VALUE_LIST && i < items->count; i++)
        mask_secrets(mask, items->items[i]);
    if (strcmp(value_string_or(value_get(document, "kind"), ""), "Secret") != 0)
        return;
    for (size_t i = 0; i < document->field_count; i++)
        if (!is_harmless(document->fields[i].key))
            mask_value(mask, document->fields[i].value);
    const struct value *annotations = value_path(document, "metadata", "annotations", NULL);
    if (annotations != NULL)
        mask_value(mask, annotations); /* kubectl keeps the whole Secret in one */
}

static bool add_text(const struct files *files, const char *path, const struct buf *text)
{
    struct arena *arena = files->set->arena;
    struct vec documents = vec_in(arena);
    if (text->length == 0)
        return true;
    char *kept = arena_copy(arena, text->data, text->length);
    const struct source *source =
        source_add(files->input->sources, SOURCE_USER, arena_strdup(arena, path), kept, text->length);
    bool json = text_ends_with(path, ".json") || (strcmp(path, "-") == 0 && looks_like_json(text));
    bool ok = true;
    if (json) {
        const struct value *document =
            json_read(arena, source, (struct json_limits){0}, files->input->origins, files->reporter->diags);
        ok = document != NULL;
        if (ok)
            vec_push(&documents, (void *)(uintptr_t)document);
    } else {
        ok = yaml_read(arena, source, (struct yaml_limits){0}, files->input->origins, files->reporter->diags,
                       &documents);
    }
    struct mask mask = {files->input->origins, source->id, kept, text->length};
    for (size_t i = 0; i < documents.count; i++)
        mask_secrets(&mask, documents.items[i]);
    for (size_t i = 0; i < documents.count; i++)
        ok = object_set_add(files->set, documents.items[i], files->reporter) && ok;
    return ok;
}

static bool add_file(const struct files *files, const char *path)
{
    struct buf text = {0};
    int status = file_read(path, file_limit, &text);
    bool ok = status == 0 ? add_text(files, path, &text) : report_unreadable(files, path, status);
    buf_free(&text);
    return ok;
}

static bool add_folder(const struct files *files, const char *path, int depth)
{
    struct vec names = vec_in(files->set->arena);
    int status = file_list(path, &names);
    bool ok = true;
    if (status < 0)
        return report_unreadable(files, path, status);
    for (size_t i = 0; i < names.count; i++) {
        const char *full = file_join(files->set->arena, path, names.items[i]);
        bool folder = file_is_folder(full);
        if (folder && files->input->recursive && depth < FOLDER_DEPTH)
            ok = add_folder(files, full, depth + 1) && ok;
        else if (!folder && is_manifest(names.items[i]))
            ok = add_file(files, full) && ok;
    }
    return ok;
}

static bool add_stdin(const struct files *files)
{
    struct buf text = {0};
    char bytes[65536];
    ssize_t count;
    bool ok = true;
    while ((count = read(STDIN_FILENO, bytes, sizeof bytes)) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 || text.length + (size_t)count > file_limit) {
            ok = report_unreadable(files, "standard input", count < 0 ? -errno : -EFBIG);
            break;
        }
        buf_add(&text, bytes, (size_t)count);
    }
    ok = ok && add_text(files, "-", &text);
    buf_free(&text);
    return ok;
}

bool object_set_read(struct object_set *set, const struct object_input *input,
                     const struct reporter *reporter)
{
    struct files files = {set, input, reporter};
    bool ok = true;
    for (size_t i = 0; i < input->path_count; i++) {
        const char *path = input->paths[i];
        if (strcmp(path, "-") == 0)
            ok = add_stdin(&files) && ok;
        else if (file_is_folder(path))
            ok = add_folder(&files, path, 0) && ok;
        else
            ok = add_file(&files, path) && ok;
    }
    return ok;
}
