/* What stands behind `column x:`: a type of data, with its values or range. */

#include <string.h>
#include "compiler/check.h"

static const char *const scalars[] = {"int",       "float",   "number",   "string",  "text",
                                      "bool",      "date",    "datetime", "time",    "timestamp",
                                      "duration",  "decimal", "uuid",     "bytes",   "json",
                                      "embedding", "image",   "list",     "time_ns", "timestamp_ns"};

static void unknown(struct checker *c, const struct ast_expr *expr)
{
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_TYPE, expr->span,
                                    "there is no such type of columns");
    diag_label(diag, "expected `int`, `float`, `string`, `bool`, `date`, `timestamp`, `one_of(…)` …");
    if (expr->kind != AST_NAME)
        return;
    struct map *names = map_new(c->arena);
    for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
        map_set(names, scalars[i], NULL);
    map_set(names, "one_of", NULL);
    check_suggest(c, diag, names, expr->name.text, expr->span, "a type");
}

static void check_words(struct checker *c, struct check_scope *s, const struct ast_expr *call)
{
    if (call->left->kind != AST_NAME) {
        unknown(c, call);
        return;
    }
    if (strcmp(call->left->name.text, "one_of") != 0) {
        bool known = false;
        for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
            known = known || strcmp(scalars[i], call->left->name.text) == 0;
        if (!known)
            unknown(c, call->left);
        for (const struct ast_argument *a = call->arguments; known && a != NULL; a = a->next)
            if (a->value != NULL)
                check_type(c, s, a->value, type_scalar(c->compilation, TYPE_SYMBOL));
        return;
    }
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next) {
        bool word = a->value != NULL && (a->value->kind == AST_NAME || a->value->kind == AST_STRING ||
                                         a->value->kind == AST_NUMBER || a->value->kind == AST_UNARY ||
                                         a->value->kind == AST_TRUE || a->value->kind == AST_FALSE);
        if (!word && a->value != NULL && a->value->kind != AST_INVALID)
            unknown(c, a->value);
    }
}

static void check_range(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    const struct type *range = check_type(c, s, expr, NULL);
    if (range->kind == TYPE_RANGE || range->kind == TYPE_BAD || range->kind == TYPE_LIST)
        return;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_TYPE_MISMATCH, expr->span,
                    "`in` takes a range or a list of values, found %s", type_phrase(c->compilation, range));
    diag_label(diag, "write `in 0..10`");
}

void check_column_type(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    switch (expr->kind) {
    case AST_NAME: {
        for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
            if (strcmp(scalars[i], expr->name.text) == 0)
                return;
        unknown(c, expr);
        return;
    }
    case AST_CALL:
        check_words(c, s, expr);
        return;
    case AST_PAREN:
    case AST_OPTIONAL:
        check_column_type(c, s, expr->left);
        return;
    case AST_BINARY:
        if (expr->op == AST_OP_IN) {
            check_column_type(c, s, expr->left);
            check_range(c, s, expr->right);
            return;
        }
        unknown(c, expr);
        return;
    case AST_INVALID:
        return;
    default:
        unknown(c, expr);
    }
}
