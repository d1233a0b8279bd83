/* Conditions over the columns of a row: `dropoff_at >= pickup_at and status in [paid, free]`. What the check
 * engine cannot compare is an error here, and so is what needs no data to be decided. */

#include <ctype.h>
#include <string.h>
#include "compiler/check_operand.h"

static void unlike(struct predicate *p, const struct ast_expr *expr, const struct operand *a,
                   const struct operand *b)
{
    struct diag *diag = operand_report(p, DIAG_TYPE_DECIDED, expr->span, "never the same sort of value",
                                       arena_printf(p->c->arena, "these cannot be compared: %s, and %s",
                                                    operand_said(p, a), operand_said(p, b)));
    const struct operand *text = a->sort == SORT_TEXT ? a : b->sort == SORT_TEXT ? b : NULL;
    const struct operand *other = text == a ? b : a;
    const char *literal = text == NULL ? NULL : match_literal_name(text->shown);
    bool quoted = literal != NULL && text->shown->kind == AST_STRING;
    if (quoted && other->sort == SORT_NUMBER && literal[0] != '\0' &&
        literal[strspn(literal, "0123456789.")] == '\0') {
        diag_help(diag, "a number is written without quotes: `%s`", literal);
        diag_fix(diag, text->shown->span, false, "%s", literal);
    } else if (text != NULL && text->column != NULL && other->sort == SORT_NUMBER && other->column == NULL &&
               !other->computed) {
        diag_help(diag, "a text is written in quotes: `\"%s\"`", operand_source(p, other->shown->span));
    } else if ((a->sort == SORT_SPAN && b->sort == SORT_NUMBER) ||
               (b->sort == SORT_SPAN && a->sort == SORT_NUMBER)) {
        diag_help(diag, "a duration has a unit: `30m`, `1d`");
    } else if (a->sort == SORT_DATE || b->sort == SORT_DATE) {
        diag_help(diag, "a date is compared with dates, a timestamp with timestamps");
    }
}

/* ---- comparisons */

static bool has_shape(const char *text, const char *shape)
{
    size_t i = 0;
    for (; shape[i] != '\0'; i++)
        if (shape[i] == '9' ? !isdigit((unsigned char)text[i]) : text[i] != shape[i])
            return false;
    return true;
}

/* A text beside a date or time is read as one. */
static void check_moment(struct predicate *p, const struct operand *text, enum sort sort)
{
    const char *literal = text->shown->kind == AST_STRING ? match_literal_name(text->shown) : NULL;
    if (literal == NULL)
        return;
    bool date = has_shape(literal, "9999-99-99") || has_shape(literal, "9999/99/99");
    bool good = sort == SORT_DATE   ? date && literal[10] == '\0'
                : sort == SORT_TIME ? has_shape(literal, "99:99")
                                    : date;
    if (good)
        return;
    struct diag *diag = operand_report(p, DIAG_TYPE_MISMATCH, text->shown->span, "not read as one",
                                       arena_printf(p->c->arena, "the column holds %s, and this text is none",
                                                    sort == SORT_DATE   ? "dates"
                                                    : sort == SORT_TIME ? "times of the day"
                                                                        : "timestamps"));
    diag_help(diag, "write %s",
              sort == SORT_DATE   ? "`\"2024-05-31\"`"
              : sort == SORT_TIME ? "`\"08:30\"`"
                                  : "`\"2024-05-31T08:30:00\"`");
}

static bool check_alike(struct predicate *p, const struct ast_expr *expr, const struct operand *a,
                        const struct operand *b)
{
    if (a->sort == SORT_ANY || b->sort == SORT_ANY || a->sort == b->sort)
        return true;
    const struct operand *moment = sort_is_moment(a->sort) ? a : sort_is_moment(b->sort) ? b : NULL;
    const struct operand *other = moment == a ? b : a;
    if (moment != NULL && other->sort == SORT_TEXT && !other->reads && moment->column != NULL) {
        check_moment(p, other, moment->sort);
        return true;
    }
    unlike(p, expr, a, b);
    return false;
}

static void check_null(struct predicate *p, const struct ast_expr *expr, const struct operand *asked)
{
    bool equality = expr->op == AST_OP_EQ || expr->op == AST_OP_NE;
    if (!equality)
        operand_report(p, DIAG_TYPE_OPERATOR, expr->span, "never true",
                       "nothing is more or less than a missing value: ask `== null` or `!= null`");
    else if (asked->column == NULL && asked->sort != SORT_ANY)
        operand_report(p, DIAG_TYPE_OPERATOR, expr->span, "not a column",
                       "only a column can be asked whether its value is missing");
}

static bool compare(struct predicate *p, const struct ast_expr *expr)
{
    const struct ast_expr *left = check_bare(expr->left), *right = check_bare(expr->right);
    struct operand a = operand_of(p, left, operand_words(p, right)),
                   b = operand_of(p, right, operand_words(p, left));
    bool equality = expr->op == AST_OP_EQ || expr->op == AST_OP_NE;
    if (a.sort == SORT_NULL || b.sort == SORT_NULL)
        check_null(p, expr, a.sort == SORT_NULL ? &b : &a);
    else if (check_alike(p, expr, &a, &b) && !equality && (a.sort == SORT_BOOL || b.sort == SORT_BOOL))
        operand_report(
            p, DIAG_TYPE_OPERATOR, expr->span, "no order",
            "true and false are neither more nor less: write the column alone, or `not` before it");
    else if (a.column != NULL && b.column != NULL && strcmp(a.column, b.column) == 0)
        operand_report(p, DIAG_TYPE_DECIDED, expr->span, "needs no data",
                       "this comparison is decided: a column is compared with itself");
    return a.reads || b.reads;
}

/* ---- membership */

static void check_elements(struct predicate *p, const struct ast_expr *list, const struct operand *of,
                           const struct type *words)
{
    for (const struct ast_element *e = list->elements; e != NULL; e = e->next) {
        if (e->kind != AST_ELEMENT_VALUE || e->value == NULL)
            continue;
        struct operand item = operand_of(p, e->value, words);
        if (item.reads && item.sort != SORT_ANY)
            operand_report(p, DIAG_TYPE_MISMATCH, e->value->span, "a column",
                           "a list behind `in` holds values: compare columns with `==`, joined by `or`");
        else if (item.sort != SORT_NULL)
            check_alike(p, e->value, of, &item);
    }
}

static void check_range(struct predicate *p, const struct ast_expr *range, const struct operand *of)
{
    const struct ast_expr *ends[] = {range->left, range->right};
    for (size_t i = 0; i < 2; i++) {
        if (ends[i] == NULL)
            continue;
        struct operand end = operand_of(p, ends[i], NULL);
        if (end.reads)
            operand_report(p, DIAG_TYPE_MISMATCH, range->span, "its ends are not constant",
                           "a range behind `in` has constant ends: write `low <= x and x <= high`");
        else
            check_alike(p, ends[i], of, &end);
        if (end.reads)
            return;
    }
}

static bool check_membership(struct predicate *p, const struct ast_expr *expr)
{
    const struct ast_expr *left = check_bare(expr->left), *right = check_bare(expr->right);
    struct operand of = operand_of(p, left, NULL);
    bool plain = right->kind == AST_LIST;
    for (const struct ast_element *e = plain ? right->elements : NULL; e != NULL; e = e->next)
        plain = plain && e->kind == AST_ELEMENT_VALUE;
    if (plain) {
        check_elements(p, right, &of, operand_words(p, left));
    } else if (right->kind == AST_BINARY && right->op == AST_OP_RANGE) {
        check_range(p, right, &of);
    } else {
        const struct type *type = check_type(p->c, p->scope, right, NULL);
        bool several = type->kind == TYPE_LIST || type->kind == TYPE_RANGE;
        struct operand item = {.sort = several ? sort_of_value(type->element) : SORT_ANY, .shown = right};
        if (several)
            check_alike(p, expr, &of, &item);
        else if (type->kind != TYPE_BAD)
            operand_report(p, DIAG_TYPE_MISMATCH, right->span, "neither list nor range",
                           "`in` takes a list or a range: `in [\"a\", \"b\"]`, `in 0..10`");
    }
    return of.reads;
}

/* ---- logic; the result: does some column decide? */

static bool check_truth(struct predicate *p, const struct ast_expr *expr);

static bool check_alone(struct predicate *p, const struct ast_expr *expr)
{
    struct operand found = operand_of(p, expr, NULL);
    if (found.sort == SORT_BOOL || found.sort == SORT_ANY)
        return found.reads;
    struct diag *diag = operand_report(
        p, DIAG_TYPE_CONDITION, expr->span, "neither true nor false",
        arena_printf(p->c->arena, "this is no condition over a row: %s", operand_said(p, &found)));
    if (found.column != NULL)
        diag_help(diag, "compare it: `%s > 0`, `%s != null`", found.column, found.column);
    return true;
}

static bool check_logic(struct predicate *p, const struct ast_expr *expr)
{
    bool left = check_truth(p, expr->left), right = check_truth(p, expr->right);
    return left || right;
}

static bool check_truth(struct predicate *p, const struct ast_expr *expr)
{
    expr = check_bare(expr);
    if (expr->kind == AST_INVALID)
        return true;
    if (expr->kind == AST_UNARY && expr->op == AST_OP_NOT)
        return check_truth(p, expr->left);
    if (expr->kind != AST_BINARY)
        return check_alone(p, expr);
    switch (expr->op) {
    case AST_OP_AND:
    case AST_OP_OR:
        return check_logic(p, expr);
    case AST_OP_IN:
    case AST_OP_NOT_IN:
        return check_membership(p, expr);
    case AST_OP_EQ:
    case AST_OP_NE:
    case AST_OP_LT:
    case AST_OP_LE:
    case AST_OP_GT:
    case AST_OP_GE:
        return compare(p, expr);
    case AST_OP_HOLDS:
    case AST_OP_OVER:
        operand_report(
            p, DIAG_TYPE_CONDITION, expr->span, "a row has no duration",
            "`for` and `over` belong behind the bound of a measure, not into a condition over a row");
        return true;
    default:
        return check_alone(p, expr);
    }
}

void check_row_condition(struct predicate *p, const struct ast_expr *expr)
{
    size_t errors = diag_error_count(p->c->compilation->diags);
    bool reads = check_truth(p, expr);
    if (!reads && diag_error_count(p->c->compilation->diags) == errors)
        operand_report(p, DIAG_TYPE_DECIDED, expr->span, "names no column",
                       "this condition is decided: it is the same for every row");
}
