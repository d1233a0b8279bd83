/* Names and references of finished blocks, within one root module: the files of one folder. */

#include <string.h>
#include "backends/report.h"
#include "backends/terraform/terraform.h"

struct module {
    struct compilation *compilation;
    const char *folder;
    struct map *blocks; /* "resource.aws_s3_bucket.requests" -> block */
};

static char *folder_of(struct compilation *compilation, const char *path)
{
    const char *slash = strrchr(path, '/');
    return arena_copy(compilation->arena, path, slash ? (size_t)(slash - path) : 0);
}

/* The address of a block that others may refer to; NULL: it has none (terraform, provider, locals). */
static char *address_of(struct compilation *compilation, const struct value *block)
{
    const char *type = value_string_or(value_get(block, "type"), "");
    const struct value *labels = value_get(block, "labels");
    size_t count = labels && labels->kind == VALUE_LIST ? labels->count : 0;
    const char *first = count > 0 ? value_string_or(labels->items[0], "") : "";
    const char *second = count > 1 ? value_string_or(labels->items[1], "") : "";
    if (count == 2 && (!strcmp(type, "resource") || !strcmp(type, "data")))
        return arena_printf(compilation->arena, "%s.%s.%s", type, first, second);
    if (count == 1 && (!strcmp(type, "variable") || !strcmp(type, "output") || !strcmp(type, "module")))
        return arena_printf(compilation->arena, "%s.%s", type, first);
    return NULL;
}

static void add_block(struct module *module, const struct value *block)
{
    struct compilation *compilation = module->compilation;
    if (block->kind == VALUE_LIST) {
        for (size_t i = 0; i < block->count; i++)
            add_block(module, block->items[i]);
        return;
    }
    const char *address = address_of(compilation, block);
    const struct value *body = value_get(block, "body");
    const char *type = value_string_or(value_get(block, "type"), "");
    for (size_t i = 0; !strcmp(type, "locals") && body && body->kind == VALUE_LIST && i < body->count; i++) {
        const char *key = value_string_or(value_get(body->items[i], "key"), NULL);
        if (key)
            map_set(module->blocks, arena_printf(compilation->arena, "local.%s", key),
                    (void *)body->items[i]);
    }
    if (!address)
        return;
    const struct value *earlier = map_get(module->blocks, address);
    if (earlier) {
        struct diag *diag = report_at(compilation, DIAG_BUILD_TWO_OBJECTS, block->origin,
                                      "two blocks of Terraform in `%s` are `%s`", module->folder, address);
        report_other(compilation, diag, earlier->origin, "the other one is made for this");
        diag_help(diag, "names that differ only in `-`, `.` and `_` become one there: rename one of the two");
    }
    map_set(module->blocks, address, (void *)block);
}

/* Roots that Terraform itself gives. */
static bool is_builtin(const char *root)
{
    static const char *const names[] = {"path", "terraform", "each", "count", "self"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], root))
            return true;
    return false;
}

/* The address that a traversal leads to, from its names: [data, aws_x, y, arn]; NULL: none of a block. */
static const char *reference_address(struct compilation *compilation, const char *const *names, size_t count)
{
    struct arena *arena = compilation->arena;
    if (!strcmp(names[0], "data"))
        return count >= 3 ? arena_printf(arena, "data.%s.%s", names[1], names[2]) : NULL;
    if (!strcmp(names[0], "var"))
        return count >= 2 ? arena_printf(arena, "variable.%s", names[1]) : NULL;
    if (!strcmp(names[0], "local") || !strcmp(names[0], "module"))
        return count >= 2 ? arena_printf(arena, "%s.%s", names[0], names[1]) : NULL;
    if (is_builtin(names[0]) || count < 2)
        return NULL;
    return arena_printf(arena, "resource.%s.%s", names[0], names[1]);
}

static void check_value(struct module *module, const struct value *value);

/* The names of `a.b["c"].d`, or 0 when it is no traversal. */
static size_t traversal(const struct expr *expr, const char **names, size_t room)
{
    if (expr->kind == EXPR_NAME) {
        names[0] = expr->name;
        return 1;
    }
    bool index = expr->kind == EXPR_INDEX && expr->args[1]->kind == EXPR_LITERAL;
    if (expr->kind != EXPR_FIELD && !index)
        return 0;
    size_t count = traversal(expr->args[0], names, room);
    const char *name = index ? value_string_or(expr->args[1]->value, "") : expr->name;
    if (count && count < room)
        names[count++] = name;
    return count;
}

static void check_expression(struct module *module, const struct expr *expr)
{
    const char *names[8];
    size_t count = traversal(expr, names, 8);
    const char *address = count ? reference_address(module->compilation, names, count) : NULL;
    if (address && !map_has(module->blocks, address)) {
        struct diag *diag = report_at(module->compilation, DIAG_BUILD_REFERENCE, expr->origin,
                                      "`%s` refers to `%s`, which nothing makes", module->folder, address);
        const char *near = map_nearest(module->blocks, address);
        if (near)
            diag_help(diag, "there is `%s`", near);
    }
    if (count)
        return;
    if (expr->kind == EXPR_LITERAL)
        check_value(module, expr->value);
    for (size_t i = 0; i < expr->arg_count; i++)
        check_expression(module, expr->args[i]);
}

static void check_value(struct module *module, const struct value *value)
{
    switch ((enum value_kind)value->kind) {
    case VALUE_EXPRESSION:
        check_expression(module, value->expr);
        return;
    case VALUE_TEXT:
    case VALUE_LIST:
        for (size_t i = 0; i < value->count; i++)
            check_value(module, value->items[i]);
        return;
    case VALUE_RECORD:
        for (size_t i = 0; i < value->field_count; i++)
            check_value(module, value->fields[i].value);
        return;
    default:
        return;
    }
}

void terraform_check(struct compilation *compilation, const struct vec *files)
{
    struct map *modules = map_new(compilation->arena);
    for (size_t i = 0; i < files->count; i++) {
        const struct generated *file = files->items[i];
        char *folder = folder_of(compilation, file->path);
        struct module *module = map_get(modules, folder);
        if (!module) {
            module = arena_alloc(compilation->arena, sizeof *module);
            *module = (struct module){compilation, folder, map_new(compilation->arena)};
            map_set(modules, folder, module);
        }
        for (size_t k = 0; k < file->documents.count; k++)
            add_block(module, file->documents.items[k]);
    }
    for (size_t i = 0; i < files->count; i++) {
        const struct generated *file = files->items[i];
        struct module *module = map_get(modules, folder_of(compilation, file->path));
        for (size_t k = 0; k < file->documents.count; k++)
            check_value(module, file->documents.items[k]);
    }
}
