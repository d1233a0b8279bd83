#include "compiler/unused.h"

#include <string.h>
#include "compiler/compilation.h"
#include "core/file.h"
#include "core/text.h"
#include "grammar/walk.h"

struct search {
    struct compilation *compilation;
    struct map *uses; /* name -> size_t *: how often it is named, wherever it may lead */
};

static size_t *uses_of(struct search *search, const char *name)
{
    size_t *count = map_get(search->uses, name);
    if (count == NULL) {
        count = arena_alloc(search->compilation->arena, sizeof *count);
        map_set(search->uses, name, count);
    }
    return count;
}

static void count_name(void *context, const struct ast_expr *expr)
{
    if ((expr->kind == AST_NAME || expr->kind == AST_FIELD) && expr->name.text != NULL)
        ++*uses_of(context, expr->name.text);
}

static bool is_of_project(const struct source *source)
{
    return source->role == SOURCE_USER || source->role == SOURCE_POLICY;
}

/* The folder of a path: "" for the current one. */
static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? "" : arena_copy(arena, path, (size_t)(slash - path));
}

static const char *project_folder(struct compilation *compilation)
{
    const char *folder = compilation->project_folder;
    bool here = folder == NULL || folder[0] == '\0' || strcmp(folder, ".") == 0;
    return here ? "" : file_normalize(compilation->arena, folder);
}

/* ---- declarations */

/* The name that an item declares: of `let NAME = …`, `param NAME: …`, `fn NAME(…)`, `component NAME { … }`.
 */
static const struct ast_expr *declared_name(const struct ast_item *item, const char *head)
{
    if (item->kind != AST_STATEMENT || item->key.text == NULL || strcmp(item->key.text, head) != 0)
        return NULL;
    const struct ast_expr *value = item->value;
    if (value != NULL && value->kind == AST_CALL && strcmp(head, "fn") == 0)
        value = value->left;
    return value != NULL && value->kind == AST_NAME ? value : NULL;
}

/* A declaration names what it declares once itself. */
static bool is_unused(struct search *search, const struct ast_expr *name)
{
    return name != NULL && name->name.text[0] != '_' && *uses_of(search, name->name.text) <= 1;
}

static void report(struct search *search, const struct ast_item *item, const struct ast_expr *name,
                   const char *what)
{
    if (!is_unused(search, name))
        return;
    struct diag *diag = diag_report(search->compilation->diags, DIAG_NAMES_UNUSED, name->span,
                                    "nothing uses the %s `%s`", what, name->name.text);
    diag_label(diag, "named nowhere else");
    diag_help(diag, "remove it, or begin its name with `_` to keep it");
    if (strcmp(what, "parameter") != 0)
        diag_fix(diag, item->span, false, "%s", "");
}

static void report_block(struct search *search, const struct ast_block *block)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next) {
        report(search, item, declared_name(item, "let"), "value");
        report(search, item, declared_name(item, "fn"), "function");
        report(search, item, declared_name(item, "param"), "parameter");
        report_block(search, item->block);
        for (const struct ast_item *other = item->other; other != NULL; other = other->other)
            report_block(search, other->block);
    }
}

/* ---- imports */

/* True if all that the file does is to declare values and functions, and none of them is named. */
static bool adds_nothing(struct search *search, const struct ast_file *file)
{
    for (const struct ast_item *item = file->body->items; item != NULL; item = item->next) {
        const struct ast_expr *let = declared_name(item, "let"), *fn = declared_name(item, "fn");
        if (!is_unused(search, let) && !is_unused(search, fn))
            return false;
    }
    return true;
}

static const struct ast_file *imported_file(struct search *search, const struct ast_file *file,
                                            const struct ast_item *item)
{
    struct arena *arena = search->compilation->arena;
    const struct ast_expr *target = item->value;
    bool literal = target != NULL && target->kind == AST_STRING && target->pieces != NULL &&
                   target->pieces->next == NULL && target->pieces->text != NULL;
    if (!literal || item->kind != AST_STATEMENT || item->key.text == NULL ||
        strcmp(item->key.text, "import") != 0)
        return NULL;
    const char *path =
        file_normalize(arena, file_join(arena, folder_of(arena, file->source->path), target->pieces->text));
    for (size_t i = 0; i < search->compilation->files.count; i++) {
        const struct ast_file *other = search->compilation->files.items[i];
        if (other != file && is_of_project(other->source) && strcmp(other->source->path, path) == 0)
            return other;
    }
    return NULL; /* a folder: what it is read for is not one name */
}

static void report_imports(struct search *search, const struct ast_file *file)
{
    for (const struct ast_item *item = file->body->items; item != NULL; item = item->next) {
        const struct ast_file *imported = imported_file(search, file, item);
        if (imported == NULL || !adds_nothing(search, imported))
            continue;
        struct diag *diag = diag_report(search->compilation->diags, DIAG_NAMES_UNUSED, item->value->span,
                                        "nothing of `%s` is used", imported->source->path);
        diag_label(diag, "none of its names stands anywhere else");
        diag_help(diag, "remove the import");
        diag_fix(diag, item->span, false, "%s", "");
    }
}

void warn_unused(struct compilation *compilation)
{
    struct search search = {compilation, map_new(compilation->arena)};
    const char *folder = project_folder(compilation);
    const struct vec *files = &compilation->files;
    for (size_t i = 0; i < files->count; i++) {
        const struct ast_file *file = files->items[i];
        if (is_of_project(file->source))
            ast_walk_block(file->body, &(struct ast_visitor){&search, count_name});
    }
    for (size_t i = 0; i < files->count; i++) {
        const struct ast_file *file = files->items[i];
        if (file->source->role != SOURCE_USER ||
            strcmp(folder_of(compilation->arena, file->source->path), folder) != 0)
            continue;
        report_block(&search, file->body);
        report_imports(&search, file);
    }
}
