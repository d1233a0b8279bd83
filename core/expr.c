#include "core/expr.h"

#include <string.h>

static struct expr *make(struct arena *arena, enum expr_kind kind, const char *dialect, const char *name,
                         origin where)
{
    struct expr *expr = arena_alloc(arena, sizeof *expr);
    expr->kind = kind;
    expr->dialect = arena_strdup(arena, dialect);
    expr->name = name ? arena_strdup(arena, name) : NULL;
    expr->origin = where;
    return expr;
}

const struct expr *expr_literal(struct arena *arena, const char *dialect, const struct value *value)
{
    struct expr *expr = make(arena, EXPR_LITERAL, dialect, NULL, value->origin);
    expr->value = value;
    return expr;
}

const struct expr *expr_name(struct arena *arena, const char *dialect, const char *name, origin where)
{
    return make(arena, EXPR_NAME, dialect, name, where);
}

const struct expr *expr_make(struct arena *arena, enum expr_kind kind, const char *dialect, const char *name,
                             const struct expr *const *args, const char *const *arg_names, size_t arg_count,
                             origin where)
{
    struct expr *expr = make(arena, kind, dialect, name, where);
    const struct expr **copy = arena_array(arena, arg_count, sizeof *copy);
    for (size_t i = 0; i < arg_count; i++)
        copy[i] = args[i];
    expr->args = copy;
    expr->arg_count = arg_count;
    if (arg_names) {
        const char **names = arena_array(arena, arg_count, sizeof *names);
        for (size_t i = 0; i < arg_count; i++)
            names[i] = arg_names[i] ? arena_strdup(arena, arg_names[i]) : NULL;
        expr->arg_names = names;
    }
    return expr;
}

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static const char *argument_name(const struct expr *expr, size_t index)
{
    return expr->arg_names ? expr->arg_names[index] : NULL;
}

bool expr_equal(const struct expr *a, const struct expr *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->arg_count != b->arg_count || !same_name(a->name, b->name) ||
        !same_name(a->dialect, b->dialect))
        return false;
    if (a->kind == EXPR_LITERAL)
        return value_equal(a->value, b->value);
    for (size_t i = 0; i < a->arg_count; i++)
        if (!same_name(argument_name(a, i), argument_name(b, i)) || !expr_equal(a->args[i], b->args[i]))
            return false;
    return true;
}

/* How tightly forms bind, as in the grammar, loosest first. */
enum strength {
    BINDS_OR = 1,
    BINDS_AND,
    BINDS_NOT,
    BINDS_WINDOW,
    BINDS_COMPARE,
    BINDS_ELSE,
    BINDS_RANGE,
    BINDS_SUM,
    BINDS_PRODUCT,
    BINDS_MINUS,
    BINDS_POSTFIX
};

static enum strength binary_strength(const char *name)
{
    static const struct {
        const char *name;
        enum strength strength;
    } table[] = {{"or", BINDS_OR}, {"and", BINDS_AND}, {"??", BINDS_ELSE},   {"..", BINDS_RANGE},
                 {"+", BINDS_SUM}, {"-", BINDS_SUM},   {"*", BINDS_PRODUCT}, {"/", BINDS_PRODUCT}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(name, table[i].name) == 0)
            return table[i].strength;
    return BINDS_COMPARE;
}

static bool is_negative(const struct value *value)
{
    return (value->kind == VALUE_INT && value->integer < 0) ||
           ((value->kind == VALUE_FLOAT || value->kind == VALUE_QUANTITY) && value->number < 0);
}

static enum strength strength_of(const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_LITERAL:
        return expr->value->kind == VALUE_RANGE ? BINDS_RANGE
               : is_negative(expr->value)       ? BINDS_MINUS
                                                : BINDS_POSTFIX;
    case EXPR_UNARY:
        return strcmp(expr->name, "not") == 0 ? BINDS_NOT : BINDS_MINUS;
    case EXPR_BINARY:
        return binary_strength(expr->name);
    case EXPR_HOLDS:
    case EXPR_OVER:
        return BINDS_WINDOW;
    default:
        return BINDS_POSTFIX;
    }
}

static void print_at_least(struct buf *out, const struct expr *expr, enum strength strength)
{
    bool wrapped = strength_of(expr) < strength;
    if (wrapped)
        buf_add_char(out, '(');
    expr_print(out, expr);
    if (wrapped)
        buf_add_char(out, ')');
}

static void print_arguments(struct buf *out, const struct expr *expr, size_t first)
{
    buf_add_char(out, '(');
    for (size_t i = first; i < expr->arg_count; i++) {
        if (i > first)
            buf_add_str(out, ", ");
        if (argument_name(expr, i))
            buf_printf(out, "%s: ", argument_name(expr, i));
        expr_print(out, expr->args[i]);
    }
    buf_add_char(out, ')');
}

/* Operators group to the left; comparisons and ranges do not chain. */
static void print_binary(struct buf *out, const struct expr *expr)
{
    enum strength strength = binary_strength(expr->name);
    bool chains = strength != BINDS_COMPARE && strength != BINDS_RANGE;
    print_at_least(out, expr->args[0], chains ? strength : strength + 1);
    buf_printf(out, strength == BINDS_RANGE ? "%s" : " %s ", expr->name);
    print_at_least(out, expr->args[1], strength + 1);
}

void expr_print(struct buf *out, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_LITERAL:
        value_print(out, expr->value);
        return;
    case EXPR_NAME:
        buf_add_str(out, expr->name);
        return;
    case EXPR_FIELD:
        print_at_least(out, expr->args[0], BINDS_POSTFIX);
        buf_printf(out, ".%s", expr->name);
        return;
    case EXPR_INDEX:
        print_at_least(out, expr->args[0], BINDS_POSTFIX);
        buf_add_char(out, '[');
        expr_print(out, expr->args[1]);
        buf_add_char(out, ']');
        return;
    case EXPR_METHOD:
        print_at_least(out, expr->args[0], BINDS_POSTFIX);
        buf_printf(out, ".%s", expr->name);
        print_arguments(out, expr, 1);
        return;
    case EXPR_CALL:
    case EXPR_MEASURE:
        buf_add_str(out, expr->name);
        if (expr->kind == EXPR_CALL || expr->arg_count)
            print_arguments(out, expr, 0);
        return;
    case EXPR_UNARY:
        buf_add_str(out, strcmp(expr->name, "not") == 0 ? "not " : expr->name);
        print_at_least(out, expr->args[0], strength_of(expr));
        return;
    case EXPR_BINARY:
        print_binary(out, expr);
        return;
    case EXPR_HOLDS:
    case EXPR_OVER:
        print_at_least(out, expr->args[0], BINDS_WINDOW);
        buf_add_str(out, expr->kind == EXPR_HOLDS ? " for " : " over ");
        print_at_least(out, expr->args[1], BINDS_COMPARE);
        return;
    }
}
