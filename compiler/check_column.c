/* What stands behind `column x:`: a type of data, with its values or range. */

#include <stdlib.h>
#include <string.h>
#include "compiler/check.h"

/* The types that data can be read as. */
static const char *const scalars[] = {"int",  "float",   "string",    "bool",         "date",
                                      "time", "time_ns", "timestamp", "timestamp_ns", "decimal"};

/* What the same is called elsewhere. */
static const struct {
    const char *name, *here;
} synonyms[] = {{"text", "string"},       {"varchar", "string"}, {"str", "string"},   {"object", "string"},
                {"number", "float"},      {"double", "float"},   {"real", "float"},   {"integer", "int"},
                {"long", "int"},          {"bigint", "int"},     {"boolean", "bool"}, {"numeric", "decimal"},
                {"datetime", "timestamp"}};

static bool is_scalar(const char *name)
{
    for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
        if (strcmp(scalars[i], name) == 0)
            return true;
    return false;
}

static void suggest(struct checker *c, struct diag *diag, const struct ast_expr *name)
{
    static const char *const formats[] = {"uuid", "json", "email", "url", "ip", "base64"};
    const char *text = name->name.text;
    for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++)
        if (strcmp(synonyms[i].name, text) == 0) {
            diag_help(diag, "it is called `%s` here", synonyms[i].here);
            diag_fix(diag, name->span, false, "%s", synonyms[i].here);
            return;
        }
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i], text) == 0) {
            diag_help(diag, "it is a format of texts: `string { format = %s }`", text);
            return;
        }
    struct map *names = map_new(c->arena);
    for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
        map_set(names, scalars[i], NULL);
    map_set(names, "one_of", NULL);
    check_suggest(c, diag, names, text, name->span, "a type");
}

static void unknown(struct checker *c, const struct ast_expr *expr)
{
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_TYPE, expr->span,
                                    "there is no such type of columns");
    diag_label(diag, "expected `int`, `float`, `string`, `bool`, `date`, `timestamp`, `one_of(…)` …");
    if (expr->kind == AST_NAME)
        suggest(c, diag, expr);
}

/* A number of digits, as written; -1 when it is none. */
static long digits_of(const struct ast_argument *argument)
{
    const struct ast_expr *value = argument->value;
    const char *text =
        value != NULL && value->kind == AST_NUMBER && argument->name.text == NULL ? value->number : "";
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 4
               ? strtol(text, NULL, 10)
               : -1;
}

/* `decimal(digits, scale)`: at most 38 digits, no more behind the point than there are. */
static void check_decimal(struct checker *c, const struct ast_expr *call)
{
    const struct ast_argument *first = call->arguments, *second = first == NULL ? NULL : first->next;
    long digits = first == NULL ? 38 : digits_of(first), scale = second == NULL ? 0 : digits_of(second);
    bool more = second != NULL && second->next != NULL;
    if (!more && digits >= 1 && digits <= 38 && scale >= 0 && scale <= digits)
        return;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_TYPE, call->span, "there is no such decimal");
    diag_label(diag, "expected the number of digits (1 to 38), and how many of them are behind the point");
    diag_help(diag, "prices up to 999999.99 are `decimal(8, 2)`");
}

static void check_words(struct checker *c, const struct ast_expr *call)
{
    if (call->left->kind != AST_NAME) {
        unknown(c, call);
        return;
    }
    if (strcmp(call->left->name.text, "decimal") == 0) {
        check_decimal(c, call);
        return;
    }
    if (strcmp(call->left->name.text, "one_of") != 0) {
        unknown(c, is_scalar(call->left->name.text) ? call : call->left);
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
    case AST_NAME:
        if (!is_scalar(expr->name.text))
            unknown(c, expr);
        return;
    case AST_CALL:
        check_words(c, expr);
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
