/* Type expressions to types: `[string]`, `duration?`, `one_of(canary, blue_green)`, `block(split)`. */

#include <string.h>
#include "compiler/declare.h"
#include "compiler/type_table.h"

struct scalar_name {
    const char *name;
    enum type_kind kind;
};

static const struct scalar_name scalar_names[] = {
    {"string", TYPE_STRING},     {"int", TYPE_INT},         {"number", TYPE_NUMBER},
    {"bool", TYPE_BOOL},         {"percent", TYPE_PERCENT}, {"duration", TYPE_DURATION},
    {"size", TYPE_SIZE},         {"rate", TYPE_RATE},       {"ratio", TYPE_RATIO},
    {"symbol", TYPE_SYMBOL},     {"node", TYPE_ANY_NODE},   {"record", TYPE_RECORD},
    {"document", TYPE_DOCUMENT}, {"blocks", TYPE_BLOCKS},   {"predicate", TYPE_PREDICATE},
    {"command", TYPE_COMMAND},   {"json", TYPE_JSON},       {"column_type", TYPE_COLUMN_TYPE},
};

static const size_t scalar_name_count = sizeof scalar_names / sizeof scalar_names[0];

static const struct type *bad(struct compilation *compilation)
{
    return type_scalar(compilation, TYPE_BAD);
}

/* What did-you-mean offers for a type: scalars, aliases and kinds. */
static const char *nearest_type(struct compilation *compilation, const char *name)
{
    struct map *names = map_new(compilation->arena);
    for (size_t i = 0; i < scalar_name_count; i++)
        map_set(names, scalar_names[i].name, NULL);
    struct map *sources[] = {compilation->declarations.types, compilation->declarations.kinds};
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < map_count(sources[s]); i++)
            map_set(names, map_at(sources[s], i)->key, NULL);
    return map_nearest(names, name);
}

static const struct type *unknown(struct compilation *compilation, const char *name, struct span span)
{
    struct diag *diag =
        diag_report(compilation->diags, DIAG_NAMES_UNKNOWN_TYPE, span, "there is no type `%s`", name);
    diag_label(diag, "unknown type");
    const char *near = nearest_type(compilation, name);
    if (near != NULL) {
        diag_help(diag, "there is a type with a similar name: `%s`", near);
        diag_fix(diag, span, false, "%s", near);
    } else if (strcmp(name, "float") == 0) {
        diag_help(diag, "numbers are `number` (or `int`); `float` is a type of columns");
    }
    return bad(compilation);
}

static const struct type *malformed(struct compilation *compilation, const struct ast_expr *expr,
                                    const char *what)
{
    diag_label(diag_report(compilation->diags, DIAG_NAMES_UNKNOWN_TYPE, expr->span, "%s", what),
               "not a type");
    return bad(compilation);
}

static bool is_variable_name(const char *name)
{
    return name[0] >= 'A' && name[0] <= 'Z' && name[1] == '\0';
}

static const struct type *of_name(struct compilation *compilation, const char *name, struct span span)
{
    for (size_t i = 0; i < scalar_name_count; i++)
        if (strcmp(scalar_names[i].name, name) == 0)
            return type_scalar(compilation, scalar_names[i].kind);
    const struct type *alias = type_find(compilation, name, span);
    if (alias != NULL)
        return alias;
    const struct kind *kind = map_get(compilation->declarations.kinds, name);
    if (kind != NULL)
        return type_reference(compilation, kind);
    if (is_variable_name(name))
        return type_variable(compilation, name);
    return unknown(compilation, name, span);
}

static const struct type *of_kind_argument(struct compilation *compilation, const struct ast_expr *call,
                                           bool many)
{
    const struct ast_argument *argument = call->arguments;
    const struct ast_expr *name = argument != NULL ? argument->value : NULL;
    if (name == NULL || argument->next != NULL || name->kind != AST_NAME)
        return malformed(compilation, call, "`block(…)` and `many(…)` take the name of a kind");
    const struct kind *kind = map_get(compilation->declarations.kinds, name->name.text);
    if (kind == NULL)
        return unknown(compilation, name->name.text, name->span);
    return many ? type_list(compilation, type_block(compilation, kind)) : type_block(compilation, kind);
}

static bool read_field(struct compilation *compilation, const struct ast_argument *argument,
                       struct type_field *field)
{
    if (argument->name.text == NULL) {
        malformed(compilation, argument->value, "a field is written `name: type`");
        return false;
    }
    field->name = argument->name.text;
    field->type = type_of_expr(compilation, argument->value);
    field->default_value = argument->default_value;
    field->optional = argument->optional || argument->default_value != NULL || type_is_optional(field->type);
    return true;
}

static size_t count_arguments(const struct ast_argument *argument)
{
    size_t count = 0;
    for (; argument != NULL; argument = argument->next)
        count++;
    return count;
}

static bool read_case(struct compilation *compilation, const struct ast_expr *expr, struct type_case *out)
{
    if (expr->kind == AST_NAME || (expr->kind == AST_STRING && match_literal_name(expr) != NULL)) {
        out->name = match_literal_name(expr);
        return true;
    }
    if (expr->kind != AST_CALL || expr->left->kind != AST_NAME) {
        if (expr->kind != AST_INVALID)
            malformed(compilation, expr,
                      "`one_of` takes words and constructors: `one_of(canary, schedule(at: string))`");
        return false;
    }
    out->name = expr->left->name.text;
    out->constructor = true;
    struct type_field *fields =
        arena_array(compilation->arena, count_arguments(expr->arguments), sizeof *fields);
    for (const struct ast_argument *a = expr->arguments; a != NULL; a = a->next)
        out->field_count += read_field(compilation, a, &fields[out->field_count]);
    out->fields = fields;
    return true;
}

static const struct type *of_one_of(struct compilation *compilation, const struct ast_expr *call)
{
    struct type_case *cases =
        arena_array(compilation->arena, count_arguments(call->arguments), sizeof *cases);
    size_t count = 0;
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next)
        count += a->value != NULL && read_case(compilation, a->value, &cases[count]);
    return count == 0 ? bad(compilation) : type_one_of(compilation, cases, count);
}

static const struct type *of_call(struct compilation *compilation, const struct ast_expr *call)
{
    const char *name = call->left->kind == AST_NAME ? call->left->name.text : "";
    const struct ast_argument *first = call->arguments;
    if (strcmp(name, "one_of") == 0)
        return of_one_of(compilation, call);
    if (strcmp(name, "block") == 0 || strcmp(name, "many") == 0)
        return of_kind_argument(compilation, call, name[0] == 'm');
    if (first == NULL || first->value == NULL || first->next != NULL)
        return malformed(compilation, call, "this is not a type");
    if (strcmp(name, "range") == 0)
        return type_range(compilation, type_of_expr(compilation, first->value));
    if (strcmp(name, "field") == 0)
        return type_field_of(compilation, type_of_expr(compilation, first->value));
    bool text = strcmp(name, "text") == 0;
    if ((text || strcmp(name, "expression") == 0) && first->value->kind == AST_NAME)
        return type_of_dialect(compilation, text ? TYPE_TEXT : TYPE_EXPRESSION, first->value->name.text,
                               NULL);
    return malformed(compilation, call, "this is not a type");
}

static size_t count_items(const struct ast_block *block)
{
    size_t count = 0;
    for (const struct ast_item *item = block->items; item != NULL; item = item->next)
        count++;
    return count;
}

static const struct type *of_braces(struct compilation *compilation, const struct ast_expr *expr)
{
    const struct ast_item *item = expr->block->items;
    size_t count = count_items(expr->block);
    if (count == 1 && item->kind == AST_ENTRY && !item->optional && strcmp(item->key.text, "string") == 0)
        return type_map(compilation, type_of_expr(compilation, item->value));
    struct type_field *fields = arena_array(compilation->arena, count, sizeof *fields);
    size_t used = 0;
    for (; item != NULL; item = item->next) {
        if (item->kind != AST_ENTRY || item->key.text == NULL) {
            if (item->kind != AST_ERROR_ITEM)
                malformed(compilation, expr, "a record type is written `{ name: type, other?: type }`");
            return bad(compilation);
        }
        struct type_field *field = &fields[used++];
        field->name = item->key.text;
        field->type = type_of_expr(compilation, item->value);
        field->default_value = item->default_value;
        field->optional = item->optional || item->default_value != NULL || type_is_optional(field->type);
    }
    return type_closed(compilation, fields, used);
}

static void add_members(struct compilation *compilation, const struct ast_expr *expr, struct vec *members)
{
    if (expr->kind == AST_BINARY && expr->op == AST_OP_PIPE) {
        add_members(compilation, expr->left, members);
        add_members(compilation, expr->right, members);
    } else {
        vec_push(members, (void *)type_of_expr(compilation, expr));
    }
}

static const struct type *of_union(struct compilation *compilation, const struct ast_expr *expr)
{
    struct vec members = vec_in(compilation->arena);
    add_members(compilation, expr, &members);
    return type_union(compilation, (const struct type *const *)members.items, members.count);
}

static const struct type *of_list(struct compilation *compilation, const struct ast_expr *expr)
{
    const struct ast_element *element = expr->elements;
    if (element == NULL || element->next != NULL || element->kind != AST_ELEMENT_VALUE)
        return malformed(compilation, expr, "a list type has one element: `[string]`");
    return type_list(compilation, type_of_expr(compilation, element->value));
}

static const struct type *of_dotted(struct compilation *compilation, const struct ast_expr *expr)
{
    if (expr->left->kind != AST_NAME)
        return malformed(compilation, expr, "this is not a type");
    const char *name = arena_printf(compilation->arena, "%s.%s", expr->left->name.text, expr->name.text);
    return of_name(compilation, name, expr->span);
}

const struct type *type_of_expr(struct compilation *compilation, const struct ast_expr *expr)
{
    switch (expr->kind) {
    case AST_NAME:
        return of_name(compilation, expr->name.text, expr->span);
    case AST_STRING:
        if (match_literal_name(expr) != NULL)
            return of_name(compilation, match_literal_name(expr), expr->span);
        return malformed(compilation, expr, "this is not a type");
    case AST_NULL:
        return type_scalar(compilation, TYPE_NULL);
    case AST_PAREN:
        return type_of_expr(compilation, expr->left);
    case AST_LIST:
        return of_list(compilation, expr);
    case AST_BLOCK:
        return of_braces(compilation, expr);
    case AST_CALL:
        return of_call(compilation, expr);
    case AST_FIELD:
        return of_dotted(compilation, expr);
    case AST_OPTIONAL:
        return type_optional(compilation, type_of_expr(compilation, expr->left));
    case AST_BINARY:
        if (expr->op == AST_OP_PIPE)
            return of_union(compilation, expr);
        return malformed(compilation, expr, "this is not a type");
    case AST_INVALID:
        return bad(compilation);
    default:
        return malformed(compilation, expr, "this is not a type");
    }
}
