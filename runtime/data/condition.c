#include "runtime/data/condition_private.h"

#include <string.h>

struct compiler {
    struct arena *arena;
    const struct table_schema *schema;
    const char *why;
    unsigned depth;
};

static const struct condition *compile(struct compiler *c, const struct expr *expr);

static struct condition *node(struct compiler *c, enum node_kind kind)
{
    struct condition *made = arena_alloc(c->arena, sizeof *made);
    made->kind = kind;
    made->column = made->other = -1;
    made->table = c->schema;
    return made;
}

bool condition_is_column(const struct expr *expr)
{
    return expr->kind == EXPR_NAME || (expr->kind == EXPR_MEASURE && expr->arg_count == 0);
}

static int column_of(struct compiler *c, const struct expr *expr)
{
    int at = schema_find(c->schema, expr->name);
    if (at < 0 && !c->why)
        c->why = arena_printf(c->arena, "the condition names column \"%s\", which the data does not have",
                              expr->name);
    return at;
}

static bool compare_of(const char *name, enum compare *out)
{
    static const char *const NAMES[] = {"==", "!=", "<", "<=", ">", ">="};
    for (unsigned i = 0; i < 6; i++)
        if (strcmp(name, NAMES[i]) == 0) {
            *out = (enum compare)i;
            return true;
        }
    return false;
}

static enum compare mirror(enum compare compare)
{
    static const enum compare MIRRORED[] = {COMPARE_EQUAL,         COMPARE_NOT_EQUAL, COMPARE_GREATER,
                                            COMPARE_GREATER_EQUAL, COMPARE_LESS,      COMPARE_LESS_EQUAL};
    return MIRRORED[compare];
}

static const struct condition *compile_null(struct compiler *c, const struct expr *column, bool is_null)
{
    struct condition *made = node(c, NODE_NULL);
    made->column = column_of(c, column);
    made->negate = !is_null;
    return made->column < 0 ? NULL : made;
}

/* Cells that are no value of their column's type keep their text: it may equal a text. */
static const struct typed_set *texts_of(struct compiler *c, const struct value *list)
{
    struct column_schema text = {.name = "", .type = COLUMN_STRING};
    const char *why = NULL;
    return typed_set_new(c->arena, &text, list, &why);
}

static const struct condition *compile_member(struct compiler *c, const struct expr *column,
                                              const struct value *list, bool negate)
{
    struct condition *made = node(c, NODE_MEMBER);
    made->column = column_of(c, column);
    if (made->column < 0)
        return NULL;
    made->schema = c->schema->columns[made->column];
    made->negate = negate;
    made->set = typed_set_new(c->arena, &made->schema, list, &c->why);
    made->bad_texts = texts_of(c, list);
    return made->set ? made : NULL;
}

static const struct condition *compile_order(struct compiler *c, const struct expr *column,
                                             enum compare compare, const struct value *literal)
{
    struct condition *made = node(c, NODE_RANGE);
    made->column = column_of(c, column);
    if (made->column < 0)
        return NULL;
    made->schema = c->schema->columns[made->column];
    bool low = compare == COMPARE_GREATER || compare == COMPARE_GREATER_EQUAL;
    bool strict = compare == COMPARE_GREATER || compare == COMPARE_LESS;
    c->why = range_prepare(c->arena, &made->schema, low ? literal : NULL, low ? NULL : literal, strict,
                           strict, &made->range);
    return c->why ? NULL : made;
}

static const struct condition *compile_literal(struct compiler *c, const struct expr *column,
                                               enum compare compare, const struct value *literal)
{
    if (compare != COMPARE_EQUAL && compare != COMPARE_NOT_EQUAL)
        return compile_order(c, column, compare, literal);
    if (literal->kind == VALUE_NULL)
        return compile_null(c, column, compare == COMPARE_EQUAL);
    return compile_member(c, column, value_list(c->arena, &literal, 1, 0), compare == COMPARE_NOT_EQUAL);
}

static const char *not_comparable(struct arena *arena, const struct column_schema *a,
                                  const struct column_schema *b)
{
    if ((a->type == COLUMN_STRING) != (b->type == COLUMN_STRING))
        return arena_printf(arena, "the condition compares \"%s\" with \"%s\", of which one is text", a->name,
                            b->name);
    bool moments = column_type_is_time(a->type) && column_type_is_time(b->type);
    if (moments && a->type != b->type)
        return arena_printf(arena, "the condition compares \"%s\" with \"%s\", which are not both %s",
                            a->name, b->name,
                            a->type == COLUMN_DATE   ? "dates"
                            : a->type == COLUMN_TIME ? "times of the day"
                                                     : "timestamps");
    if (a->type == COLUMN_TIMESTAMP && b->type == COLUMN_TIMESTAMP && a->zoned != b->zoned)
        return arena_printf(arena,
                            "the condition compares \"%s\" with \"%s\", of which only one has a time zone",
                            a->name, b->name);
    return NULL;
}

/* Cells of one and the same kind are compared as they are: as numbers, large ints would be rounded. */
static bool same_kind(const struct column_schema *a, const struct column_schema *b)
{
    return a->type == b->type && a->type != COLUMN_FLOAT && a->type != COLUMN_NULL && a->ticks == b->ticks &&
           a->scale == b->scale;
}

static bool is_arithmetic(const char *name)
{
    return (strchr("+-*/%", name[0]) && !name[1]) || strcmp(name, "//") == 0 || strcmp(name, "**") == 0;
}

/* Names inside arithmetic must be numbers. */
static bool check_numbers(struct compiler *c, const struct expr *expr)
{
    if (++c->depth > 200) {
        c->why = "the condition is nested too deeply";
        return false;
    }
    bool good = true;
    if (condition_is_column(expr)) {
        int at = column_of(c, expr);
        good = at >= 0;
        if (good && c->schema->columns[at].type == COLUMN_STRING) {
            c->why = arena_printf(c->arena, "the condition computes with column \"%s\", which holds text",
                                  expr->name);
            good = false;
        }
    } else if (expr->kind == EXPR_LITERAL) {
        enum value_kind kind = expr->value->kind;
        good = kind == VALUE_INT || kind == VALUE_FLOAT || kind == VALUE_BOOL || kind == VALUE_QUANTITY;
        if (!good)
            c->why = "the condition computes with something that is no number";
    } else if ((expr->kind == EXPR_BINARY && is_arithmetic(expr->name)) ||
               (expr->kind == EXPR_UNARY && strcmp(expr->name, "-") == 0)) {
        for (size_t i = 0; i < expr->arg_count && good; i++)
            good = check_numbers(c, expr->args[i]);
    } else {
        c->why = "the condition compares something that is neither a column nor a number";
        good = false;
    }
    c->depth--;
    return good;
}

static const struct condition *compile_compare(struct compiler *c, const struct expr *left,
                                               const struct expr *right, enum compare compare)
{
    if (condition_is_column(left) && right->kind == EXPR_LITERAL)
        return compile_literal(c, left, compare, right->value);
    if (condition_is_column(right) && left->kind == EXPR_LITERAL)
        return compile_literal(c, right, mirror(compare), left->value);
    struct condition *made = node(c, NODE_COMPARE);
    made->compare = compare;
    if (condition_is_column(left) && condition_is_column(right)) {
        made->column = column_of(c, left);
        made->other = column_of(c, right);
        if (made->column < 0 || made->other < 0)
            return NULL;
        const struct column_schema *a = &c->schema->columns[made->column],
                                   *b = &c->schema->columns[made->other];
        c->why = not_comparable(c->arena, a, b);
        if (c->why)
            return NULL;
        made->schema = *a;
        if (same_kind(a, b)) {
            made->kind = NODE_CELLS;
            return made;
        }
    }
    made->column = made->other = -1; /* the expressions name what they need */
    made->number_left = left;
    made->number_right = right;
    if (!check_numbers(c, left) || !check_numbers(c, right))
        return NULL;
    made->exact_left = exact_prepare(c->arena, c->schema, left);
    made->exact_right = made->exact_left ? exact_prepare(c->arena, c->schema, right) : NULL;
    return made;
}

static const struct expr *compared_with(struct compiler *c, const struct expr *left, const char *relation,
                                        const struct value *value)
{
    const struct expr *args[] = {left, expr_literal(c->arena, left->dialect, value)};
    return expr_make(c->arena, EXPR_BINARY, left->dialect, relation, args, NULL, 2, left->origin);
}

static const struct expr *joined(struct compiler *c, const char *relation, const struct expr *left,
                                 const struct expr *right)
{
    const struct expr *args[] = {left, right};
    return left ? expr_make(c->arena, EXPR_BINARY, left->dialect, relation, args, NULL, 2, left->origin)
                : right;
}

/* `a + b in 0..10` and `a + b in [1, 2]` as comparisons joined. */
static const struct condition *compile_calculated_in(struct compiler *c, const struct expr *left,
                                                     const struct value *set, bool negate)
{
    const struct expr *tree = NULL;
    if (set->kind == VALUE_RANGE && set->low)
        tree = compared_with(c, left, ">=", set->low);
    if (set->kind == VALUE_RANGE && set->high)
        tree = joined(c, "and", tree, compared_with(c, left, "<=", set->high));
    for (size_t i = 0; set->kind == VALUE_LIST && i < set->count; i++)
        tree = joined(c, "or", tree, compared_with(c, left, "==", set->items[i]));
    struct condition *made = node(c, tree ? NODE_NOT : NODE_CONSTANT);
    made->constant = negate;
    if (!tree)
        return made;
    made->left = compile(c, tree);
    return negate && made->left ? made : made->left;
}

static const struct condition *compile_range(struct compiler *c, const struct expr *column,
                                             const struct value *range, bool negate)
{
    struct condition *made = node(c, NODE_RANGE);
    made->column = column_of(c, column);
    if (made->column < 0)
        return NULL;
    made->schema = c->schema->columns[made->column];
    made->negate = negate;
    c->why = range_prepare(c->arena, &made->schema, range->low, range->high, false, false, &made->range);
    return c->why ? NULL : made;
}

static const struct condition *compile_in(struct compiler *c, const struct expr *expr, bool negate)
{
    const struct expr *left = expr->args[0], *set = expr->args[1];
    bool several =
        set->kind == EXPR_LITERAL && (set->value->kind == VALUE_LIST || set->value->kind == VALUE_RANGE);
    if (!several) {
        c->why = "`in` wants a list or a range on its right";
        return NULL;
    }
    if (!condition_is_column(left))
        return compile_calculated_in(c, left, set->value, negate);
    return set->value->kind == VALUE_LIST ? compile_member(c, left, set->value, negate)
                                          : compile_range(c, left, set->value, negate);
}

static const struct condition *compile_logic(struct compiler *c, const struct expr *expr, enum node_kind kind)
{
    struct condition *made = node(c, kind);
    made->left = compile(c, expr->args[0]);
    made->right = made->left && expr->arg_count > 1 ? compile(c, expr->args[1]) : NULL;
    return made->left && (made->right || expr->arg_count == 1) ? made : NULL;
}

static const struct condition *compile_binary(struct compiler *c, const struct expr *expr)
{
    enum compare compare;
    if (strcmp(expr->name, "and") == 0)
        return compile_logic(c, expr, NODE_AND);
    if (strcmp(expr->name, "or") == 0)
        return compile_logic(c, expr, NODE_OR);
    if (strcmp(expr->name, "in") == 0)
        return compile_in(c, expr, false);
    if (strcmp(expr->name, "not in") == 0)
        return compile_in(c, expr, true);
    if (compare_of(expr->name, &compare))
        return compile_compare(c, expr->args[0], expr->args[1], compare);
    c->why = arena_printf(c->arena, "`%s` gives no true or false", expr->name);
    return NULL;
}

static const struct condition *compile_name(struct compiler *c, const struct expr *expr)
{
    struct condition *made = node(c, NODE_BOOL);
    made->column = column_of(c, expr);
    if (made->column < 0)
        return NULL;
    if (c->schema->columns[made->column].type != COLUMN_BOOL && !c->why) {
        c->why =
            arena_printf(c->arena, "column \"%s\" is no condition: it holds no true and false", expr->name);
        return NULL;
    }
    return made;
}

static const struct condition *compile(struct compiler *c, const struct expr *expr)
{
    if (++c->depth > 200) {
        c->why = "the condition is nested too deeply";
        return NULL;
    }
    const struct condition *made = NULL;
    if (expr->kind == EXPR_BINARY) {
        made = compile_binary(c, expr);
    } else if (expr->kind == EXPR_UNARY && strcmp(expr->name, "not") == 0) {
        made = compile_logic(c, expr, NODE_NOT);
    } else if (condition_is_column(expr)) {
        made = compile_name(c, expr);
    } else if (expr->kind == EXPR_LITERAL && expr->value->kind == VALUE_BOOL) {
        struct condition *constant = node(c, NODE_CONSTANT);
        constant->constant = expr->value->boolean;
        made = constant;
    } else if (!c->why) {
        c->why = "this is no row condition: it must compare columns";
    }
    c->depth--;
    return made;
}

const struct condition *condition_prepare(struct arena *arena, const struct table_schema *schema,
                                          const struct expr *expr, const char **why)
{
    struct compiler c = {.arena = arena, .schema = schema};
    const struct condition *made = compile(&c, expr);
    *why = made ? NULL : c.why ? c.why : "the condition cannot be evaluated";
    return made;
}

static void expr_needs(const struct table_schema *schema, const struct expr *expr, unsigned *needs)
{
    if (condition_is_column(expr))
        needs[schema_find(schema, expr->name)] |= NEED_VALUES;
    for (size_t i = 0; i < expr->arg_count; i++)
        expr_needs(schema, expr->args[i], needs);
}

void condition_needs(const struct condition *condition, unsigned *needs)
{
    if (!condition)
        return;
    if (condition->column >= 0) {
        needs[condition->column] |= condition->kind == NODE_NULL ? NEED_NULLS : NEED_VALUES;
        if (condition->bad_texts && condition->schema.type != COLUMN_STRING && condition->schema.declared)
            needs[condition->column] |= NEED_TEXT;
    }
    if (condition->other >= 0)
        needs[condition->other] |= NEED_VALUES;
    if (condition->number_left) {
        expr_needs(condition->table, condition->number_left, needs);
        expr_needs(condition->table, condition->number_right, needs);
    }
    condition_needs(condition->left, needs);
    condition_needs(condition->right, needs);
}
