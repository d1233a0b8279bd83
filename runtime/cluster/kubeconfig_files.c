/* Reading and merging kubeconfig files, and the typed fields of their entries. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/yaml.h"
#include "core/file.h"
#include "runtime/cluster/base64.h"
#include "runtime/cluster/kubeconfig_private.h"

static const size_t file_limit = (size_t)16 << 20;

const char *kubeconfig_variable(const struct kubeconfig_input *input, const char *name)
{
    const char *value =
        input->environment != NULL ? input->environment(input->environment_context, name) : getenv(name);
    return value != NULL && *value != 0 ? value : NULL;
}

static void fail(struct kubeconfig_reader *reader, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(struct kubeconfig_reader *reader, const char *path, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "%s: %s", path,
                   arena_vprintf(reader->arena, format, args));
    va_end(args);
    reader->failed = true;
}

void kubeconfig_complain(struct kubeconfig_reader *reader, const struct entry *entry, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(reader->arena, format, args);
    va_end(args);
    fail(reader, entry->file, "%s \"%s\": %s", entry->what, entry->name, text);
}

/* Two entries of one name in one file: nobody can tell which is meant. */
static void add_entries(struct kubeconfig_reader *reader, const struct value *file, const char *member,
                        struct map *map, const char *path, const char *folder)
{
    const char *list = arena_printf(reader->arena, "%ss", member);
    const struct value *entries = value_get(file, list);
    if (entries == NULL || entries->kind == VALUE_NULL)
        return;
    if (entries->kind != VALUE_LIST) {
        fail(reader, path, "`%s` is %s, expected a list of {name, %s}", list, value_kind_name(entries),
             member);
        return;
    }
    struct map *here = map_new(reader->arena);
    for (size_t i = 0; i < entries->count; i++) {
        const char *name = value_string_or(value_get(entries->items[i], "name"), NULL);
        const struct value *body = value_get(entries->items[i], member);
        if (name == NULL || body == NULL || body->kind != VALUE_RECORD)
            continue;
        if (map_has(here, name)) {
            fail(reader, path, "there are two %s \"%s\": give each a name of its own", list, name);
            return;
        }
        map_set(here, name, reader);
        struct entry *entry = arena_alloc(reader->arena, sizeof *entry);
        *entry = (struct entry){member, arena_strdup(reader->arena, name), body, folder, path};
        if (!map_has(map, name))
            map_set(map, name, entry);
    }
}

static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? "" : slash == path ? "/" : arena_copy(arena, path, (size_t)(slash - path));
}

static bool parse(struct kubeconfig_reader *reader, const char *path, const struct buf *text,
                  struct vec *documents)
{
    struct source source = {0, SOURCE_OTHER, path, buf_str(text), (uint32_t)text->length};
    struct diag_sink *diags = diag_sink_new(reader->arena, 3);
    if (yaml_read(reader->arena, &source, (struct yaml_limits){0}, NULL, diags, documents))
        return true;
    const struct diag *first = diag_count(diags) > 0 ? diag_at(diags, 0) : NULL;
    struct position at = {0};
    if (first != NULL)
        at = source_position(&source, first->primary.span.start);
    cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "%s:%u:%u: the kubeconfig is no YAML: %s", path,
                   at.line, at.column, first != NULL ? first->message : "unreadable");
    return false;
}

/* What says that it is another document is one, as for kubectl. */
static bool is_kubeconfig(struct kubeconfig_reader *reader, const struct value *file, const char *path)
{
    const char *version = value_string_or(value_get(file, "apiVersion"), "");
    const char *kind = value_string_or(value_get(file, "kind"), "");
    if ((*version == 0 || strcmp(version, "v1") == 0) && (*kind == 0 || strcmp(kind, "Config") == 0))
        return true;
    fail(reader, path, "this is a %s of %s, and no Config of v1: no kubeconfig", *kind != 0 ? kind : "Config",
         *version != 0 ? version : "v1");
    return false;
}

static void add_document(struct kubeconfig_reader *reader, const struct value *file, const char *path)
{
    const char *folder = folder_of(reader->arena, path);
    if (!is_kubeconfig(reader, file, path))
        return;
    add_entries(reader, file, "context", reader->contexts, path, folder);
    add_entries(reader, file, "cluster", reader->clusters, path, folder);
    add_entries(reader, file, "user", reader->users, path, folder);
    const char *current = value_string_or(value_get(file, "current-context"), "");
    if (reader->current == NULL && *current != 0)
        reader->current = current;
    reader->found++;
}

static void add_file(struct kubeconfig_reader *reader, const char *name, bool required)
{
    struct buf text = {0};
    const char *path = arena_strdup(reader->arena, name);
    int status = file_read(path, file_limit, &text);
    if (reader->files.length > 0)
        buf_add_str(&reader->files, ", ");
    buf_add_str(&reader->files, path);
    struct vec documents = vec_in(reader->arena);
    if (status == 0 && !parse(reader, path, &text, &documents))
        reader->failed = true;
    else if (status == 0 && documents.count > 0)
        add_document(reader, documents.items[0], path);
    else if (status < 0 && (required || status != -ENOENT))
        fail(reader, path, "the kubeconfig cannot be read: %s", strerror(-status));
    buf_free(&text);
}

void kubeconfig_read_files(struct kubeconfig_reader *reader)
{
    const char *list = kubeconfig_variable(reader->input, "KUBECONFIG");
    const char *home = kubeconfig_variable(reader->input, "HOME");
    if (reader->input->overrides.file != NULL) {
        add_file(reader, reader->input->overrides.file, true);
    } else if (list != NULL) {
        for (const char *from = list; *from != 0;) {
            size_t length = strcspn(from, ":");
            if (length > 0)
                add_file(reader, arena_copy(reader->arena, from, length), false);
            from += length + (from[length] == ':');
        }
    } else if (home != NULL) {
        add_file(reader, arena_printf(reader->arena, "%s/.kube/config", home), false);
    }
}

const char *kubeconfig_text(struct kubeconfig_reader *reader, const struct entry *entry, const char *key)
{
    const struct value *value = entry != NULL ? value_get(entry->body, key) : NULL;
    if (value == NULL || value->kind == VALUE_NULL)
        return NULL;
    if (value->kind != VALUE_STRING) {
        kubeconfig_complain(reader, entry, "`%s` is %s, expected a text: write it in quotes", key,
                            value_kind_name(value));
        return NULL;
    }
    return *value->text != 0 ? value->text : NULL;
}

const char *kubeconfig_header(struct kubeconfig_reader *reader, const struct entry *entry, const char *key)
{
    const char *text = kubeconfig_text(reader, entry, key);
    for (const unsigned char *c = (const unsigned char *)text; c != NULL && *c != 0; c++)
        if ((*c < ' ' && *c != '\t') || *c == 0x7f) {
            kubeconfig_complain(reader, entry,
                                "`%s` holds a line end or another control character: write it on one line",
                                key);
            return NULL;
        }
    return text;
}

bool kubeconfig_flag(struct kubeconfig_reader *reader, const struct entry *entry, const char *key)
{
    const struct value *value = entry != NULL ? value_get(entry->body, key) : NULL;
    if (value == NULL || value->kind == VALUE_NULL)
        return false;
    if (value->kind != VALUE_BOOL)
        kubeconfig_complain(reader, entry, "`%s` is %s, expected true or false", key, value_kind_name(value));
    return value->kind == VALUE_BOOL && value->boolean;
}

static const char *read_pem(struct kubeconfig_reader *reader, const struct entry *entry, const char *key,
                            const char *path)
{
    struct buf out = {0};
    const char *resolved = file_join(reader->arena, entry->folder, path);
    int status = file_read(resolved, KUBECONFIG_PEM_LIMIT, &out);
    if (status < 0)
        kubeconfig_complain(reader, entry, "the %s %s cannot be read: %s", key, resolved, strerror(-status));
    const char *pem = status < 0 ? NULL : arena_strdup(reader->arena, buf_str(&out));
    buf_free(&out);
    return pem;
}

const char *kubeconfig_pem(struct kubeconfig_reader *reader, const struct entry *entry, const char *key)
{
    const char *data = kubeconfig_text(reader, entry, arena_printf(reader->arena, "%s-data", key));
    const char *path = kubeconfig_text(reader, entry, key);
    struct buf out = {0};
    if (data != NULL && path != NULL)
        kubeconfig_complain(reader, entry, "it has both `%s` and `%s-data`: keep one of them", key, key);
    if (data == NULL)
        return path != NULL ? read_pem(reader, entry, key, path) : NULL;
    const char *pem = NULL;
    if (base64_decode(&out, data, strlen(data)))
        pem = arena_strdup(reader->arena, buf_str(&out));
    else
        kubeconfig_complain(reader, entry, "`%s-data` is not base64", key);
    buf_free(&out);
    return pem;
}

const char *const *kubeconfig_strings(struct arena *arena, const struct value *list, size_t *count)
{
    *count = 0;
    if (list == NULL || list->kind != VALUE_LIST)
        return NULL;
    const char **strings = arena_array(arena, list->count + 1, sizeof *strings);
    for (size_t i = 0; i < list->count; i++) {
        const char *text = value_string_or(list->items[i], NULL);
        if (text != NULL)
            strings[(*count)++] = text;
    }
    return strings;
}
