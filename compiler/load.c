/* Pass `load`: sources to syntax trees. The library and the backends come from inside the binary, the project
 * from one folder and what it imports; each file is read once. */

#include <errno.h>
#include <string.h>
#include "compiler/compilation.h"
#include "compiler/embedded.h"
#include "core/file.h"
#include "core/text.h"

enum { SOURCE_LIMIT = 16 << 20, FILE_LIMIT = 10000 };

static struct ast_file *parse_one(struct compilation *compilation, enum source_role role, const char *path,
                                  const char *text, size_t length)
{
    const struct source *source = source_add(compilation->sources, role, path, text, length);
    struct ast_file *file =
        parse_source(compilation->arena, source, (struct parse_limits){0}, compilation->diags);
    vec_push(&compilation->files, file);
    return file;
}

static const char data_templates[] = "backends/data/";

bool load_library(struct compilation *compilation, bool with_backends)
{
    for (unsigned i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        if (!text_ends_with(file->path, ".mlc"))
            continue;
        bool backend = text_starts_with(file->path, "backends/");
        bool library =
            text_starts_with(file->path, "stdlib/"); /* the scaffold of a new project is embedded too */
        if (backend ? !with_backends || text_starts_with(file->path, data_templates) : !library)
            continue;
        parse_one(compilation, backend ? SOURCE_BACKEND : SOURCE_LIBRARY, file->path, file->text,
                  file->length);
    }
    return embedded_file_count > 0;
}

bool load_templates(struct compilation *compilation, const char *folder)
{
    bool found = false;
    for (unsigned i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        if (!text_starts_with(file->path, folder))
            continue;
        parse_one(compilation, SOURCE_BACKEND, file->path, file->text, file->length);
        found = true;
    }
    return found;
}

static bool is_loaded(const struct compilation *compilation, enum source_role role, const char *path)
{
    for (size_t i = 0; i < compilation->files.count; i++) {
        const struct ast_file *file = compilation->files.items[i];
        if (file->source->role == role && strcmp(file->source->path, path) == 0)
            return true;
    }
    return false;
}

static const char *reason_of(int error)
{
    if (error == -EFBIG)
        return "it is larger than 16 MiB";
    if (error == -EISDIR)
        return "it is a folder";
    return strerror(-error);
}

static bool load_folder(struct compilation *compilation, enum source_role role, const char *folder,
                        struct span importer);

static void load_imports(struct compilation *compilation, const struct ast_file *file, const char *folder);

/* `importer` is the import that asks for the file, or none. */
static bool load_file(struct compilation *compilation, enum source_role role, const char *path,
                      const char *folder, struct span importer)
{
    if (is_loaded(compilation, role, path))
        return true;
    if (compilation->files.count >= FILE_LIMIT) {
        diag_report(compilation->diags, DIAG_NAMES_FILE_UNREADABLE, importer,
                    "a project has at most %d files", FILE_LIMIT);
        return false;
    }
    struct buf bytes = {0};
    int error = file_read(path, SOURCE_LIMIT, &bytes);
    if (error != 0) {
        diag_report(compilation->diags,
                    span_is_none(importer) ? DIAG_NAMES_FILE_UNREADABLE : DIAG_NAMES_IMPORT, importer,
                    "cannot read `%s`: %s", path, reason_of(error));
        buf_free(&bytes);
        return false;
    }
    const char *text = arena_copy(compilation->arena, buf_str(&bytes), bytes.length);
    const char *kept = arena_strdup(compilation->arena, path);
    const struct ast_file *file = parse_one(compilation, role, kept, text, bytes.length);
    buf_free(&bytes);
    load_imports(compilation, file, folder);
    return true;
}

static const char *literal_text(const struct ast_expr *expr)
{
    bool literal = expr != NULL && expr->kind == AST_STRING && expr->pieces != NULL &&
                   expr->pieces->next == NULL && expr->pieces->hole == NULL;
    return literal ? expr->pieces->text : NULL;
}

static void load_import(struct compilation *compilation, const struct ast_file *file,
                        const struct ast_item *item, const char *folder)
{
    const char *target = literal_text(item->value);
    if (target == NULL || strstr(target, "://") != NULL) {
        struct diag *diag =
            diag_report(compilation->diags, DIAG_NAMES_IMPORT, item->span,
                        "an import names a local file or folder: `import \"shared/policies.mlc\"`");
        diag_label(diag, "not a local path");
        return;
    }
    const char *path = file_normalize(compilation->arena, file_join(compilation->arena, folder, target));
    struct span where = item->value->span;
    if (file_is_folder(path)) {
        load_folder(compilation, file->source->role, path, where);
        return;
    }
    const char *slash = strrchr(path, '/');
    const char *inner = slash == NULL ? "" : arena_copy(compilation->arena, path, (size_t)(slash - path));
    load_file(compilation, file->source->role, path, inner, where);
}

static void load_imports(struct compilation *compilation, const struct ast_file *file, const char *folder)
{
    for (const struct ast_item *item = file->body->items; item != NULL; item = item->next)
        if (item->kind == AST_STATEMENT && item->key.text != NULL && strcmp(item->key.text, "import") == 0)
            load_import(compilation, file, item, folder);
}

static bool load_folder(struct compilation *compilation, enum source_role role, const char *folder,
                        struct span importer)
{
    struct vec names = vec_in(compilation->arena);
    int error = file_list(folder[0] == '\0' ? "." : folder, &names);
    if (error != 0) {
        diag_report(compilation->diags, DIAG_NAMES_NO_SOURCES, importer, "cannot read the folder `%s`: %s",
                    folder, strerror(-error));
        return false;
    }
    size_t found = 0;
    bool all = true;
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];
        const char *path = file_join(compilation->arena, folder, name);
        if (name[0] == '.' || !text_ends_with(name, ".mlc") || file_is_folder(path))
            continue;
        found++;
        all = load_file(compilation, role, path, folder, importer) && all;
    }
    if (found == 0) {
        struct diag *diag =
            diag_report(compilation->diags, DIAG_NAMES_NO_SOURCES, importer,
                        "there are no `.mlc` files in `%s`", folder[0] == '\0' ? "." : folder);
        if (span_is_none(importer))
            diag_help(diag,
                      "run `mlc init` for a project to start from, or call mlc in the project's folder");
    }
    return all && found > 0;
}

bool load_project(struct compilation *compilation, const char *folder)
{
    compilation->project_folder = arena_strdup(compilation->arena, folder);
    const char *where = strcmp(folder, ".") == 0 ? "" : file_normalize(compilation->arena, folder);
    return load_folder(compilation, SOURCE_USER, where, span_none);
}

bool load_policy(struct compilation *compilation, const char *path)
{
    const char *where = file_normalize(compilation->arena, path);
    if (file_is_folder(where))
        return load_folder(compilation, SOURCE_POLICY, where, span_none);
    const char *slash = strrchr(where, '/');
    const char *folder = slash == NULL ? "" : arena_copy(compilation->arena, where, (size_t)(slash - where));
    return load_file(compilation, SOURCE_POLICY, where, folder, span_none);
}

bool load_text(struct compilation *compilation, const char *path, const char *text, size_t length)
{
    struct arena *arena = compilation->arena;
    const struct ast_file *file = parse_one(compilation, SOURCE_USER, arena_strdup(arena, path),
                                            arena_copy(arena, text, length), length);
    return file->complete;
}
