/* Predicates: conditions over measures of what the block is about. */

#include <string.h>
#include "compiler/check_measure.h"

static const struct type *term(struct predicate *p, const struct ast_expr *expr);
static bool comparable(const struct type *a, const struct type *b);

/* ---- calls */

static bool is_version(const char *name)
{
    static const char *const versions[] = {"champion",  "stable",   "canary",
                                           "candidate", "training", "baseline"};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (strcmp(name, versions[i]) == 0)
            return true;
    return false;
}

static void unknown_version(struct predicate *p, const struct ast_expr *expr)
{
    struct map *names = map_new(p->c->arena);
    static const char *const versions[] = {"champion", "stable", "canary", "training"};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        map_set(names, versions[i], NULL);
    struct diag *diag = diag_report(p->c->compilation->diags, DIAG_NAMES_UNKNOWN, expr->span,
                                    "there is no such version to compare with");
    diag_label(diag, "expected `champion`, `stable` or `canary`");
    if (expr->kind == AST_NAME)
        check_suggest(p->c, diag, names, expr->name.text, expr->span, "a version");
}

/* `reaches(metric, floor)`: the bound in the direction that the metric calls better. */
static const struct type *reaches_call(struct predicate *p, const struct ast_expr *call)
{
    const struct ast_argument *metric = call->arguments;
    const struct ast_argument *bound = metric == NULL ? NULL : metric->next;
    if (bound == NULL || bound->next != NULL || metric->value == NULL || bound->value == NULL) {
        struct diag *diag = diag_report(p->c->compilation->diags, DIAG_TYPE_ARGUMENT_MISSING,
                                        call->left->span, "`reaches` takes a metric and a bound");
        diag_label(diag, "write `reaches(METRIC, 0.9)`");
        return type_scalar(p->c->compilation, TYPE_BOOL);
    }
    const struct type *a = term(p, metric->value), *b = term(p, bound->value);
    if (!comparable(a, b))
        check_mismatch(p->c, bound->value, b, a);
    return type_scalar(p->c->compilation, TYPE_BOOL);
}

/* `no_worse(accuracy, than: champion, by: 1%)`, `better(accuracy, than: champion)`: bool. */
static const struct type *comparison_call(struct predicate *p, const struct ast_expr *call)
{
    bool metric = false, than = false;
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next) {
        if (a->value == NULL)
            continue;
        if (a->name.text == NULL && !metric) {
            metric = true;
            term(p, a->value);
        } else if (a->name.text != NULL && strcmp(a->name.text, "than") == 0 && !than) {
            than = true;
            if (a->value->kind != AST_NAME || !is_version(a->value->name.text))
                unknown_version(p, a->value);
        } else if (a->name.text != NULL && strcmp(a->name.text, "by") == 0) {
            check_expr(p->c, p->scope, a->value, type_scalar(p->c->compilation, TYPE_PERCENT));
        } else {
            struct diag *diag = diag_report(p->c->compilation->diags, DIAG_TYPE_ARGUMENT_UNKNOWN, a->span,
                                            "`%s` takes a metric, `than:` and `by:`", call->left->name.text);
            diag_label(diag, "none of them");
        }
    }
    if (!metric || !than) {
        struct diag *diag =
            diag_report(p->c->compilation->diags, DIAG_TYPE_ARGUMENT_MISSING, call->left->span,
                        "`%s` needs %s", call->left->name.text, metric ? "`than:`, a version" : "a metric");
        diag_label(diag, "write `%s(METRIC, than: champion, by: 1%%)`", call->left->name.text);
    }
    return type_scalar(p->c->compilation, TYPE_BOOL);
}

static bool is_slice(const struct ast_expr *expr)
{
    expr = check_bare(expr);
    return expr->kind == AST_CALL && expr->left->kind == AST_FIELD &&
           strcmp(expr->left->name.text, "by") == 0;
}

static void one_slicing(struct predicate *p, const struct ast_expr *call, const char *message)
{
    struct diag *diag =
        diag_report(p->c->compilation->diags, DIAG_TYPE_MISMATCH, call->left->name.span, "%s", message);
    diag_label(diag, "for which values?");
}

/* `accuracy.by(species)`: the measure for each value of a column. `min(…)` and `max(…)` over it are the
 * slices' ends. */
static const struct type *slice_call(struct predicate *p, const struct ast_expr *call)
{
    const struct type *type = term(p, call->left->left);
    if (strcmp(call->left->name.text, "by") != 0) {
        struct diag *diag =
            diag_report(p->c->compilation->diags, DIAG_NAMES_UNKNOWN_FUNCTION, call->left->name.span,
                        "a measure has no `%s`", call->left->name.text);
        diag_label(diag, "expected `by`, for each value of a column");
        return check_bad(p->c);
    }
    if (call->arguments == NULL || call->arguments->next != NULL || call->arguments->value == NULL) {
        struct diag *diag = diag_report(p->c->compilation->diags, DIAG_TYPE_ARGUMENT_MISSING,
                                        call->left->name.span, "`by` needs a column");
        diag_label(diag, "write `.by(COLUMN)`");
        return type;
    }
    const struct ast_expr *column = check_bare(call->arguments->value);
    check_column_argument(p, column);
    if (outline_around(p->scope, "monitor") != NULL) {
        struct diag *diag = diag_report(p->c->compilation->diags, DIAG_TYPE_SUBJECT, call->left->name.span,
                                        "a monitor measures all requests of its window, not slices of them");
        diag_label(diag, "nobody measures this of slices");
        diag_help(diag, "`.by` is for the gate of a model and the `expect` of a dataset");
    } else if (is_slice(call->left->left))
        one_slicing(p, call, "the values of one column at a time: `.by` stands once");
    else if (column->kind == AST_NAME && strcmp(column->name.text, "features") == 0)
        one_slicing(p, call, "`.by` takes one column, and `features` are all of them");
    return type;
}

static const struct type *term_call(struct predicate *p, const struct ast_expr *call)
{
    if (call->left->kind == AST_FIELD)
        return slice_call(p, call);
    if (call->left->kind != AST_NAME)
        return check_call(p->c, p->scope, call, NULL);
    const char *name = call->left->name.text;
    if (strcmp(name, "no_worse") == 0 || strcmp(name, "better") == 0)
        return comparison_call(p, call);
    if (strcmp(name, "reaches") == 0)
        return reaches_call(p, call);
    const struct ast_argument *first = call->arguments;
    bool extreme = strcmp(name, "min") == 0 || strcmp(name, "max") == 0;
    if (extreme && first != NULL && first->value != NULL && is_slice(first->value))
        return term(p, first->value);
    const struct measure *measure = map_get(p->c->compilation->declarations.measures, name);
    if (measure != NULL) {
        const struct type *type = check_measure_type(p, name, call->left->span, true);
        check_measure_arguments(p, call, measure);
        return type != NULL ? type : check_bad(p->c);
    }
    bool function =
        function_find(p->c->compilation, name, call->span) != NULL || check_native(p->c, name) != NULL;
    if (function)
        return check_call(p->c, p->scope, call, NULL);
    check_unknown_measure(p, name, call->left->span);
    return check_bad(p->c);
}

/* ---- terms */

static const struct type *term_name(struct predicate *p, const struct ast_expr *expr)
{
    const struct variable *variable = check_variable(p->scope, expr->name.text);
    if (variable != NULL)
        return variable->type->kind == TYPE_SYMBOL ? check_bad(p->c)
                                                   : variable->type; /* a parameter that names a metric */
    const struct type *type = check_measure_type(p, expr->name.text, expr->span, false);
    if (type != NULL)
        return type;
    bool constant = constant_find(p->c->compilation, expr->name.text, expr->span) != NULL;
    if (constant)
        return check_type(p->c, p->scope, expr, NULL);
    check_unknown_measure(p, expr->name.text, expr->span);
    return check_bad(p->c);
}

/* `champion.accuracy`, `stable.p99_latency`, `body.species`. */
static const struct type *term_field(struct predicate *p, const struct ast_expr *expr)
{
    const struct ast_expr *left = check_bare(expr->left);
    bool name = left->kind == AST_NAME && check_variable(p->scope, left->name.text) == NULL;
    if (name && is_version(left->name.text)) {
        const struct type *type = check_measure_type(p, expr->name.text, expr->name.span, false);
        if (type == NULL)
            check_unknown_measure(p, expr->name.text, expr->name.span);
        return type != NULL ? type : check_bad(p->c);
    }
    const struct map *measures = p->c->compilation->declarations.measures;
    if (name && map_get(measures, left->name.text) == NULL && map_has(measures, expr->name.text)) {
        unknown_version(p, left);
        return check_bad(p->c);
    }
    if (name && map_get(measures, left->name.text) == NULL)
        return check_type(p->c, p->scope, expr, NULL);
    const struct type *type = term(p, left);
    const struct type *member = check_member(p->c, type, expr->name.text);
    if (member != NULL)
        return member;
    struct diag *diag = diag_report(p->c->compilation->diags, DIAG_TYPE_NO_FIELDS, expr->name.span,
                                    "%s has no fields to read", type_phrase(p->c->compilation, type));
    diag_label(diag, "nothing to read");
    return check_bad(p->c);
}

static const struct type *term_index(struct predicate *p, const struct ast_expr *expr)
{
    const struct type *left = term(p, expr->left);
    if (left->kind != TYPE_JSON && left->kind != TYPE_BAD)
        return check_type(p->c, p->scope, expr, NULL);
    check_type(p->c, p->scope, expr->right, NULL);
    return left;
}

static const struct type *mismatch(struct predicate *p, const struct ast_expr *expr, const struct type *a,
                                   const struct type *b)
{
    struct compilation *k = p->c->compilation;
    const struct ast_expr *right = check_bare(expr->right);
    if (type_has_unit(a) && (b->kind == TYPE_INT || b->kind == TYPE_NUMBER) && right->kind == AST_NUMBER)
        return check_mismatch(p->c, right, b, a);
    struct diag *diag = diag_report(k->diags, DIAG_TYPE_UNITS, expr->span, "`%s` does not take %s and %s",
                                    ast_op_text(expr->op), type_phrase(k, a), type_phrase(k, b));
    diag_label(diag, "%s and %s", type_text(k, a), type_text(k, b));
    if (b->kind == TYPE_PERCENT && a->kind == TYPE_NUMBER)
        diag_help(diag, "this measure is a plain number; a relative bound is written `1.05 * champion.…`");
    else
        diag_help(diag, "write the bound in the unit of the measure: %s", type_phrase(k, a));
    return check_bad(p->c);
}

static const struct type *term_arithmetic(struct predicate *p, const struct ast_expr *expr)
{
    const struct type *a = term(p, expr->left), *b = term(p, expr->right);
    bool scaling = expr->op == AST_OP_MUL || expr->op == AST_OP_DIV;
    if (a->kind == TYPE_BAD || b->kind == TYPE_BAD || a->kind == TYPE_JSON || b->kind == TYPE_JSON)
        return check_bad(p->c);
    bool numbers = type_is_number(a) && type_is_number(b);
    bool one_unit = !(type_has_unit(a) && type_has_unit(b)) || a->kind == b->kind;
    if (!numbers || (scaling ? !one_unit : !type_same_unit(a, b)))
        return mismatch(p, expr, a, b);
    if (!scaling)
        return a->kind == TYPE_RATIO || b->kind != TYPE_RATIO ? a : b;
    if (type_has_unit(a) && type_has_unit(b))
        return type_scalar(p->c->compilation, TYPE_NUMBER);
    bool first = type_has_unit(a) || a->kind == TYPE_RATIO;
    return first                                       ? a
           : type_has_unit(b) || b->kind == TYPE_RATIO ? b
                                                       : type_scalar(p->c->compilation, TYPE_NUMBER);
}

static const struct type *term(struct predicate *p, const struct ast_expr *expr)
{
    expr = check_bare(expr);
    switch (expr->kind) {
    case AST_NAME:
        return term_name(p, expr);
    case AST_FIELD:
        return term_field(p, expr);
    case AST_INDEX:
        return term_index(p, expr);
    case AST_CALL:
        return term_call(p, expr);
    case AST_UNARY:
        return expr->op == AST_OP_MINUS ? term(p, expr->left) : check_type(p->c, p->scope, expr, NULL);
    case AST_BINARY:
        if (expr->op == AST_OP_ADD || expr->op == AST_OP_SUB || expr->op == AST_OP_MUL ||
            expr->op == AST_OP_DIV)
            return term_arithmetic(p, expr);
        if (expr->op == AST_OP_OVER) {
            check_expr(p->c, p->scope, expr->right, type_scalar(p->c->compilation, TYPE_DURATION));
            return term(p, expr->left);
        }
        return check_type(p->c, p->scope, expr, NULL);
    default:
        return check_type(p->c, p->scope, expr, NULL);
    }
}

/* ---- comparisons */

static int better_of(struct predicate *p, const struct ast_expr *expr)
{
    expr = check_bare(expr);
    if (expr->kind == AST_BINARY && expr->op == AST_OP_OVER)
        return better_of(p, expr->left);
    const struct ast_expr *name = expr->kind == AST_CALL ? expr->left : expr;
    if (name->kind == AST_FIELD)
        return is_slice(expr) ? better_of(p, name->left) : 0;
    if (name->kind != AST_NAME)
        return 0;
    struct metric_facts metric;
    if (check_own_metric(p, name->name.text, &metric))
        return metric.better;
    const struct measure *measure = map_get(p->c->compilation->declarations.measures, name->name.text);
    return measure == NULL ? 0 : measure->better;
}

/* The measure on the left of a comparison as it is written: `p99_latency`, `null_fraction(age)`. */
static struct span measure_span(const struct ast_expr *expr)
{
    expr = check_bare(expr);
    return expr->kind == AST_BINARY && expr->op == AST_OP_OVER ? measure_span(expr->left) : expr->span;
}

/* A bound must ask for the better direction; a reason to stop for the worse. */
static void check_direction(struct predicate *p, const struct ast_expr *expr)
{
    int asked = expr->op == AST_OP_GE || expr->op == AST_OP_GT   ? 1
                : expr->op == AST_OP_LE || expr->op == AST_OP_LT ? -1
                                                                 : 0;
    int better = better_of(p, expr->left);
    if (asked == 0 || better == 0 || asked * p->direction == better)
        return;
    struct span measure = measure_span(expr->left);
    const struct source *source = source_of(p->c->compilation->sources, measure.source);
    struct diag *diag = diag_report(
        p->c->compilation->diags, DIAG_TYPE_DIRECTION, expr->op_span,
        p->direction > 0 ? "the bound lets only worse values pass: `%.*s` is better when %s"
                         : "this stops what is good: `%.*s` is better when %s",
        (int)(measure.end - measure.start), source->text + measure.start, better > 0 ? "higher" : "lower");
    diag_label(diag, "the other way round");
    diag_note(diag, "`better = %s` is declared with the measure", better > 0 ? "higher" : "lower");
}

static bool comparable(const struct type *a, const struct type *b)
{
    if (a->kind == TYPE_BAD || b->kind == TYPE_BAD || a->kind == TYPE_JSON || b->kind == TYPE_JSON)
        return true;
    if (type_is_number(a) && type_is_number(b))
        return type_same_unit(a, b);
    return type_fits(a, b) || type_fits(b, a);
}

static void check_comparison(struct predicate *p, const struct ast_expr *expr)
{
    const struct type *a = term(p, expr->left);
    if (expr->op == AST_OP_IN || expr->op == AST_OP_NOT_IN) {
        const struct type *range = check_type(p->c, p->scope, expr->right, NULL);
        const struct type *element =
            range->kind == TYPE_RANGE || range->kind == TYPE_LIST ? range->element : NULL;
        if (range->kind != TYPE_BAD && (element == NULL || !comparable(a, element)))
            mismatch(p, expr, a, range);
        return;
    }
    const struct type *b = term(p, expr->right);
    if (!comparable(a, b))
        mismatch(p, expr, a, b);
    check_direction(p, expr);
}

static void check_part(struct predicate *p, const struct ast_expr *expr);

static void not_a_condition(struct predicate *p, const struct ast_expr *expr, const struct type *type)
{
    struct diag *diag = diag_report(p->c->compilation->diags, DIAG_TYPE_PREDICATE, expr->span,
                                    "a condition compares a measure with a bound, and this is %s",
                                    type_phrase(p->c->compilation, type));
    diag_label(diag, "no comparison");
    const char *path = check_path(p->c, expr);
    if (path != NULL)
        diag_help(diag, "write a bound: `%s <= …`", path);
}

/* `holds(a <= b)` alone: the measure says what it is held against when nothing is written. */
static bool bounds_itself(struct predicate *p, const struct ast_expr *expr)
{
    if (is_slice(expr))
        expr = check_bare(expr->left->left);
    const struct ast_expr *name = expr->kind == AST_CALL ? expr->left : expr;
    const struct measure *measure =
        name->kind == AST_NAME ? map_get(p->c->compilation->declarations.measures, name->name.text) : NULL;
    return measure != NULL && measure->bound != NULL;
}

static void check_binary_part(struct predicate *p, const struct ast_expr *expr)
{
    switch (expr->op) {
    case AST_OP_AND:
    case AST_OP_OR:
        check_part(p, expr->left);
        check_part(p, expr->right);
        return;
    case AST_OP_HOLDS:
    case AST_OP_OVER:
        check_expr(p->c, p->scope, expr->right, type_scalar(p->c->compilation, TYPE_DURATION));
        check_part(p, expr->left);
        return;
    case AST_OP_EQ:
    case AST_OP_NE:
    case AST_OP_LT:
    case AST_OP_LE:
    case AST_OP_GT:
    case AST_OP_GE:
    case AST_OP_IN:
    case AST_OP_NOT_IN:
        check_comparison(p, expr);
        return;
    default:
        not_a_condition(p, expr, term(p, expr));
    }
}

static void check_part(struct predicate *p, const struct ast_expr *expr)
{
    expr = check_bare(expr);
    if (expr->kind == AST_BINARY) {
        check_binary_part(p, expr);
    } else if (expr->kind == AST_UNARY && expr->op == AST_OP_NOT) {
        p->direction = -p->direction;
        check_part(p, expr->left);
        p->direction = -p->direction;
    } else {
        const struct type *type = term(p, expr);
        if (type->kind != TYPE_BOOL && type->kind != TYPE_BAD && type->kind != TYPE_JSON &&
            !bounds_itself(p, expr))
            not_a_condition(p, expr, type);
    }
}

void check_predicate(struct checker *c, struct check_scope *s, const struct attribute *attribute,
                     const struct ast_expr *expr)
{
    bool stops = attribute->head != NULL && strcmp(attribute->head, "abort") == 0;
    struct predicate p = {c, s, stops ? -1 : 1};
    check_part(&p, expr);
}
