/* Unary and binary operators: units, comparisons, lifting into target expressions. */

#include <string.h>
#include "compiler/check.h"

static const struct type *boolean(struct checker *c)
{
    return type_scalar(c->compilation, TYPE_BOOL);
}

/* ---- lifting */

/* If either side is an expression, the result is one of the same dialect; NULL: neither is. */
static const struct type *lifted(struct checker *c, const struct ast_expr *expr, const struct type *a,
                                 const struct type *b, const struct type *result)
{
    bool left = a->kind == TYPE_EXPRESSION, right = b != NULL && b->kind == TYPE_EXPRESSION;
    if (!left && !right)
        return NULL;
    if (left && right && strcmp(a->name, b->name) != 0) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_DIALECTS, expr->span,
                                        "one side is known to `%s`, the other to `%s`", a->name, b->name);
        diag_label(diag, "two targets in one expression");
        return check_bad(c);
    }
    return type_of_dialect(c->compilation, TYPE_EXPRESSION, left ? a->name : b->name, result);
}

static const struct type *inner(const struct type *type)
{
    return type->kind == TYPE_EXPRESSION && type->element != NULL ? type->element : type;
}

/* ---- logic */

static void check_bool(struct checker *c, const struct ast_expr *expr, const struct type *type)
{
    if (type->kind == TYPE_BOOL || type->kind == TYPE_BAD || type->kind == TYPE_EXPRESSION)
        return;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_TYPE_CONDITION, expr->span,
                    "a condition is a bool, and this is %s", type_phrase(c->compilation, type));
    diag_label(diag, "neither true nor false");
}

static const struct type *check_logic(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    const struct type *a = check_type(c, s, expr->left, NULL);
    check_bool(c, expr->left, a);
    struct check_scope *rest = check_assume(c, s, expr->left, expr->op == AST_OP_AND);
    const struct type *b = check_type(c, rest, expr->right, NULL);
    check_bool(c, expr->right, b);
    const struct type *late = lifted(c, expr, a, b, boolean(c));
    return late != NULL ? late : boolean(c);
}

const struct type *check_unary(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    const struct type *type = check_type(c, s, expr->left, NULL);
    if (expr->op == AST_OP_NOT) {
        check_bool(c, expr->left, type);
        return type->kind == TYPE_EXPRESSION ? type : boolean(c);
    }
    if (type->kind == TYPE_BAD || type->kind == TYPE_EXPRESSION || type_is_number(type))
        return type;
    struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_OPERATOR, expr->span,
                                    "`-` takes a number, and this is %s", type_phrase(c->compilation, type));
    diag_label(diag, "no number");
    return check_bad(c);
}

/* ---- comparisons */

static bool comparable(struct checker *c, const struct type *a, const struct type *b)
{
    a = type_present(c->compilation, inner(a));
    b = type_present(c->compilation, inner(b));
    if (type_fits(a, b) || type_fits(b, a) || type_same_unit(a, b))
        return true;
    if (type_is_node(a) && type_is_node(b))
        return a->kind == TYPE_ANY_NODE || b->kind == TYPE_ANY_NODE;
    for (size_t i = 0; a->kind == TYPE_UNION && i < a->member_count; i++)
        if (comparable(c, a->members[i], b))
            return true;
    return b->kind == TYPE_UNION && comparable(c, b, a);
}

static const struct type *compare_null(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                       const struct ast_expr *side)
{
    const struct type *type = check_type(c, s, side, NULL);
    if (type_is_optional(type) || type->kind == TYPE_BAD || type->kind == TYPE_JSON)
        return boolean(c);
    if (type->kind == TYPE_EXPRESSION)
        return type_of_dialect(c->compilation, TYPE_EXPRESSION, type->name, boolean(c));
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_TYPE_DECIDED, expr->span,
                    "this comparison is decided: %s is never absent", type_phrase(c->compilation, type));
    diag_label(diag, "always %s", expr->op == AST_OP_EQ ? "false" : "true");
    return boolean(c);
}

/* A bare name beside a node or a word is looked up as what the other side is: `e == production`. */
static bool is_bare_word(struct checker *c, const struct check_scope *s, const struct ast_expr *expr)
{
    return c->mode == CHECK_SPEC && expr->kind == AST_NAME && check_variable(s, expr->name.text) == NULL;
}

static const struct type *word_side(struct checker *c, struct check_scope *s, const struct ast_expr *side,
                                    const struct type *other)
{
    const struct type *want = type_present(c->compilation, inner(other));
    const struct type *words = check_want(want, TYPE_ONE_OF);
    bool literal = side->kind == AST_STRING && match_literal_name(side) != NULL && words != NULL &&
                   check_want(want, TYPE_STRING) == NULL;
    if (literal && type_case_of(words, match_literal_name(side)) == NULL)
        return check_mismatch(c, side, type_scalar(c->compilation, TYPE_STRING), words);
    return check_type(c, s, side, want->kind == TYPE_BAD ? NULL : want);
}

static void sides(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                  const struct type **a, const struct type **b)
{
    const struct ast_expr *left = check_bare(expr->left), *right = check_bare(expr->right);
    if (is_bare_word(c, s, left) || left->kind == AST_STRING || left->kind == AST_LIST) {
        *b = check_type(c, s, right, NULL);
        *a = word_side(c, s, left, *b);
    } else {
        *a = check_type(c, s, left, NULL);
        *b = word_side(c, s, right, *a);
    }
}

static const struct type *check_equality(struct checker *c, struct check_scope *s,
                                         const struct ast_expr *expr)
{
    if (check_bare(expr->right)->kind == AST_NULL)
        return compare_null(c, s, expr, expr->left);
    if (check_bare(expr->left)->kind == AST_NULL)
        return compare_null(c, s, expr, expr->right);
    const struct type *a, *b;
    sides(c, s, expr, &a, &b);
    const struct type *late = lifted(c, expr, a, b, boolean(c));
    if (late != NULL && late->kind == TYPE_BAD)
        return late;
    if (!comparable(c, a, b)) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_DECIDED, expr->span,
                                        "this comparison is decided: %s and %s have no value in common",
                                        type_phrase(c->compilation, a), type_phrase(c->compilation, b));
        diag_label(diag, "always %s", expr->op == AST_OP_EQ ? "false" : "true");
    }
    return late != NULL ? late : boolean(c);
}

static const struct type *absent_side(struct checker *c, const struct ast_expr *side, const struct type *type)
{
    const char *path = check_path(c, side);
    struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_ABSENT, side->span,
                                    "this may be absent, and is compared");
    diag_label(diag, "%s", type_phrase(c->compilation, type));
    if (path != NULL)
        diag_help(diag, "ask before: `%s != null and …`, or give a value for its absence: `(%s ?? …)`", path,
                  path);
    return boolean(c);
}

static void report_units(struct checker *c, const struct ast_expr *expr, const struct type *a,
                         const struct type *b)
{
    bool numbers = type_is_number(a) && type_is_number(b);
    struct diag *diag = diag_report(c->compilation->diags, numbers ? DIAG_TYPE_UNITS : DIAG_TYPE_OPERATOR,
                                    expr->span, "`%s` does not take %s and %s", ast_op_text(expr->op),
                                    type_phrase(c->compilation, a), type_phrase(c->compilation, b));
    diag_label(diag, numbers ? "two units" : "not for these types");
    bool texts = a->kind == TYPE_STRING || b->kind == TYPE_STRING;
    if (texts && expr->op == AST_OP_ADD)
        diag_help(diag, "texts are joined by interpolation: `\"\\(a)\\(b)\"`");
    else if (a->kind == TYPE_LIST && expr->op == AST_OP_ADD)
        diag_help(diag, "lists are joined by spread: `[...a, ...b]`");
    else if (numbers && (a->kind == TYPE_PERCENT || b->kind == TYPE_PERCENT) && a->kind != b->kind)
        diag_help(diag, "a share of a quantity is a product: `1.2 * x` for 20 %% more");
    else if (numbers && expr->op == AST_OP_MUL)
        diag_help(diag, "one of the sides is a plain number: `2 * x`");
    else if (numbers)
        diag_help(diag, "write both sides in one unit");
}

static const struct type *check_order(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    const struct type *a = check_type(c, s, expr->left, NULL);
    const struct type *b = check_type(c, s, expr->right, NULL);
    if (type_is_optional(a))
        return absent_side(c, expr->left, a);
    if (type_is_optional(b))
        return absent_side(c, expr->right, b);
    const struct type *late = lifted(c, expr, a, b, boolean(c));
    const struct type *x = inner(a), *y = inner(b);
    bool bad = x->kind == TYPE_BAD || y->kind == TYPE_BAD || x->kind == TYPE_JSON || y->kind == TYPE_JSON;
    bool texts = x->kind == TYPE_STRING && y->kind == TYPE_STRING;
    bool open = x->kind == TYPE_EXPRESSION || y->kind == TYPE_EXPRESSION;
    if (!bad && !texts && !open && !type_same_unit(x, y))
        report_units(c, expr, x, y);
    return late != NULL ? late : boolean(c);
}

static const struct type *check_in(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    const struct type *b = check_type(c, s, expr->right, NULL);
    const struct type *container = type_present(c->compilation, inner(b));
    bool holds = container->kind == TYPE_LIST || container->kind == TYPE_RANGE ||
                 container->kind == TYPE_MAP || container->kind == TYPE_BAD || b->kind == TYPE_EXPRESSION;
    if (!holds || type_is_optional(b)) {
        const struct type *a = check_type(c, s, expr->left, NULL);
        report_units(c, expr, a, b);
        return boolean(c);
    }
    const struct type *element =
        container->kind == TYPE_MAP ? type_scalar(c->compilation, TYPE_STRING) : container->element;
    const struct type *a = word_side(c, s, check_bare(expr->left), element == NULL ? check_bad(c) : element);
    if (element != NULL && b->kind != TYPE_EXPRESSION && !comparable(c, a, element))
        report_units(c, expr, a, b);
    const struct type *late = lifted(c, expr, a, b, boolean(c));
    return late != NULL ? late : boolean(c);
}

/* ---- arithmetic */

static const struct type *wider(struct checker *c, const struct type *a, const struct type *b)
{
    if (a->kind == b->kind)
        return a;
    if (a->kind == TYPE_RATIO || b->kind == TYPE_RATIO)
        return type_scalar(c->compilation, TYPE_RATIO);
    return type_scalar(c->compilation, TYPE_NUMBER);
}

/* NULL: the operator does not take them. */
static const struct type *arithmetic(struct checker *c, enum ast_op op, const struct type *a,
                                     const struct type *b)
{
    bool unit_a = type_has_unit(a), unit_b = type_has_unit(b);
    if (!type_is_number(a) || !type_is_number(b))
        return NULL;
    switch (op) {
    case AST_OP_ADD:
    case AST_OP_SUB:
        return type_same_unit(a, b) ? wider(c, a, b) : NULL;
    case AST_OP_MUL:
        if (unit_a && unit_b)
            return NULL;
        return unit_a ? a : unit_b ? b : wider(c, a, b);
    default:
        if (unit_a && unit_b)
            return a->kind == b->kind ? type_scalar(c->compilation, TYPE_NUMBER) : NULL;
        if (unit_b)
            return NULL;
        return unit_a ? a : type_scalar(c->compilation, TYPE_NUMBER);
    }
}

static const struct type *check_arithmetic(struct checker *c, struct check_scope *s,
                                           const struct ast_expr *expr)
{
    const struct type *a = check_type(c, s, expr->left, NULL);
    const struct type *b = check_type(c, s, expr->right, NULL);
    if (a->kind == TYPE_BAD || b->kind == TYPE_BAD)
        return check_bad(c);
    if (type_is_optional(a))
        return absent_side(c, expr->left, a), check_bad(c);
    if (type_is_optional(b))
        return absent_side(c, expr->right, b), check_bad(c);
    const struct type *late = lifted(c, expr, a, b, NULL);
    if (late != NULL)
        return late;
    const struct type *result = arithmetic(c, expr->op, a, b);
    if (result != NULL)
        return result;
    report_units(c, expr, a, b);
    return check_bad(c);
}

static const struct type *check_range(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    const struct type *a = check_type(c, s, expr->left, NULL);
    const struct type *b = check_type(c, s, expr->right, NULL);
    if (a->kind == TYPE_BAD || b->kind == TYPE_BAD)
        return check_bad(c);
    if (!type_same_unit(a, b)) {
        report_units(c, expr, a, b);
        return check_bad(c);
    }
    return type_range(c->compilation, wider(c, a, b));
}

/* ---- `??` and `&` */

static const struct type *check_coalesce(struct checker *c, struct check_scope *s,
                                         const struct ast_expr *expr, const struct type *want)
{
    const struct type *a = check_type(c, s, expr->left, NULL);
    const struct type *present = type_present(c->compilation, a);
    if (a->kind == TYPE_EXPRESSION) {
        const struct type *b = check_type(c, s, expr->right, NULL);
        return lifted(c, expr, a, b, NULL);
    }
    if (!type_is_optional(a) && a->kind != TYPE_BAD && a->kind != TYPE_JSON) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_DECIDED, expr->span,
                                        "the left side of `??` is never absent");
        diag_label(diag, "%s", type_phrase(c->compilation, a));
    }
    const struct type *b = check_type(c, s, expr->right, want != NULL ? want : present);
    return type_common(c->compilation, present, b);
}

static bool is_record(const struct type *type)
{
    return type->kind == TYPE_RECORD || type->kind == TYPE_DOCUMENT || type->kind == TYPE_MAP ||
           type->kind == TYPE_CLOSED || type->kind == TYPE_JSON || type->kind == TYPE_BAD;
}

static const struct type *merge_closed(struct checker *c, const struct type *a, const struct type *b)
{
    struct type_field *fields = arena_array(c->arena, a->field_count + b->field_count, sizeof *fields);
    size_t count = 0;
    for (size_t i = 0; i < a->field_count; i++)
        if (type_field_named(b, a->fields[i].name) == NULL)
            fields[count++] = a->fields[i];
    for (size_t i = 0; i < b->field_count; i++)
        fields[count++] = b->fields[i];
    return type_closed(c->compilation, fields, count);
}

static const struct type *check_merge(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                      const struct type *want)
{
    const struct type *map = check_want(want, TYPE_MAP);
    const struct type *a = check_type(c, s, expr->left, map);
    const struct type *b = check_type(c, s, expr->right, map);
    if (!is_record(a) || !is_record(b)) {
        report_units(c, expr, a, b);
        return check_bad(c);
    }
    if (a->kind == TYPE_CLOSED && b->kind == TYPE_CLOSED)
        return merge_closed(c, a, b);
    if (a->kind == TYPE_MAP && type_fits(b, a))
        return a;
    if (b->kind == TYPE_MAP && type_fits(a, b))
        return b;
    return a->kind == TYPE_BAD || b->kind == TYPE_BAD ? check_bad(c)
                                                      : type_scalar(c->compilation, TYPE_RECORD);
}

static const struct type *check_foreign(struct checker *c, const struct ast_expr *expr)
{
    if (expr->op == AST_OP_PIPE) {
        struct diag *diag =
            diag_report(c->compilation->diags, DIAG_TYPE_FORM, expr->op_span, "`|` joins types, not values");
        diag_label(diag, "write `or` between conditions, `??` for a value in place of an absent one");
        return check_bad(c);
    }
    struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_FORM, expr->op_span,
                                    "`%s` stands in predicates over measures only", ast_op_text(expr->op));
    diag_label(diag, "not in an expression");
    const struct ast_expr *right = check_bare(expr->right);
    if (expr->op == AST_OP_HOLDS && right->kind == AST_BINARY && right->op == AST_OP_IN)
        diag_help(diag, "comprehensions are prefix: `[for x in xs: e]`");
    return check_bad(c);
}

const struct type *check_binary(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                const struct type *want)
{
    switch (expr->op) {
    case AST_OP_AND:
    case AST_OP_OR:
        return check_logic(c, s, expr);
    case AST_OP_EQ:
    case AST_OP_NE:
        return check_equality(c, s, expr);
    case AST_OP_LT:
    case AST_OP_LE:
    case AST_OP_GT:
    case AST_OP_GE:
        return check_order(c, s, expr);
    case AST_OP_IN:
    case AST_OP_NOT_IN:
        return check_in(c, s, expr);
    case AST_OP_ADD:
    case AST_OP_SUB:
    case AST_OP_MUL:
    case AST_OP_DIV:
        return check_arithmetic(c, s, expr);
    case AST_OP_RANGE:
        return check_range(c, s, expr);
    case AST_OP_COALESCE:
        return check_coalesce(c, s, expr, want);
    case AST_OP_MERGE:
        return check_merge(c, s, expr, want);
    default:
        return check_foreign(c, expr);
    }
}
