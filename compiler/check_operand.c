/* Operands of conditions over rows: see check_operand.h. */

#include "compiler/check_operand.h"

#include <string.h>

/* ---- columns */

static enum sort sort_of_words(const struct ast_expr *call)
{
    bool numbers = true, bools = true;
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next) {
        const struct ast_expr *word = a->value;
        bool negative = word != NULL && word->kind == AST_UNARY && word->left->kind == AST_NUMBER;
        numbers = numbers && word != NULL && (word->kind == AST_NUMBER || negative);
        bools = bools && word != NULL && (word->kind == AST_TRUE || word->kind == AST_FALSE);
    }
    return call->arguments == NULL ? SORT_ANY : numbers ? SORT_NUMBER : bools ? SORT_BOOL : SORT_TEXT;
}

static enum sort sort_of_name(const char *name)
{
    static const struct {
        const char *name;
        enum sort sort;
    } rows[] = {{"int", SORT_NUMBER},          {"float", SORT_NUMBER},
                {"decimal", SORT_NUMBER},      {"string", SORT_TEXT},
                {"bool", SORT_BOOL},           {"date", SORT_DATE},
                {"time", SORT_TIME},           {"time_ns", SORT_TIME},
                {"timestamp", SORT_TIMESTAMP}, {"timestamp_ns", SORT_TIMESTAMP}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].sort;
    return SORT_ANY;
}

/* The type without `?`, `in …` and parentheses. */
static const struct ast_expr *bare_type(const struct ast_expr *type)
{
    while (type != NULL &&
           (type->kind == AST_PAREN || type->kind == AST_OPTIONAL || type->kind == AST_BINARY))
        type = type->left;
    return type;
}

enum sort sort_of_type(const struct ast_expr *type)
{
    type = bare_type(type);
    if (type == NULL)
        return SORT_ANY;
    if (type->kind == AST_CALL && type->left->kind == AST_NAME)
        return strcmp(type->left->name.text, "one_of") == 0 ? sort_of_words(type)
                                                            : sort_of_name(type->left->name.text);
    return type->kind == AST_NAME ? sort_of_name(type->name.text) : SORT_ANY;
}

/* The column of that name, as far as the text shows it; *open when there may be others. */
static struct outline *column_outline(struct predicate *p, const char *name, bool *open)
{
    struct outline *dataset = outline_dataset(p->c, p->scope);
    struct map *columns = dataset == NULL ? NULL : outline_columns(p->c, dataset, open);
    *open = *open || columns == NULL || map_count(columns) == 0;
    return columns == NULL ? NULL : map_get(columns, name);
}

const struct type *operand_words(struct predicate *p, const struct ast_expr *expr)
{
    bool open = false;
    struct outline *column = expr->kind == AST_NAME ? column_outline(p, expr->name.text, &open) : NULL;
    const struct ast_expr *type = column == NULL ? NULL : bare_type(column->type);
    if (type == NULL || type->kind != AST_CALL || sort_of_type(type) != SORT_TEXT)
        return NULL;
    size_t count = 0;
    for (const struct ast_argument *a = type->arguments; a != NULL; a = a->next)
        count++;
    struct type_case *cases = arena_array(p->c->arena, count, sizeof *cases);
    count = 0;
    for (const struct ast_argument *a = type->arguments; a != NULL; a = a->next) {
        const char *word = a->value == NULL ? NULL : match_literal_name(a->value);
        if (word == NULL)
            return NULL;
        cases[count++].name = word;
    }
    return type_one_of(p->c->compilation, cases, count);
}

/* ---- messages */

const char *sort_phrase(enum sort sort)
{
    static const char *const phrases[] = {
        [SORT_ANY] = "anything",  [SORT_NULL] = "`null`",           [SORT_NUMBER] = "a number",
        [SORT_TEXT] = "a text",   [SORT_BOOL] = "true or false",    [SORT_DATE] = "a date",
        [SORT_TIME] = "a time",   [SORT_TIMESTAMP] = "a timestamp", [SORT_SPAN] = "a duration",
        [SORT_OTHER] = "no value"};
    return phrases[sort];
}

const char *operand_source(struct predicate *p, struct span span)
{
    const struct source *source = source_of(p->c->compilation->sources, span.source);
    return arena_copy(p->c->arena, source->text + span.start, span.end - span.start);
}

const char *operand_said(struct predicate *p, const struct operand *operand)
{
    return arena_printf(p->c->arena, "`%s` is %s", operand_source(p, operand->shown->span),
                        sort_phrase(operand->sort));
}

struct diag *operand_report(struct predicate *p, enum diag_code code, struct span span, const char *label,
                            const char *message)
{
    struct diag *diag = diag_report(p->c->compilation->diags, code, span, "%s", message);
    diag_label(diag, "%s", label);
    return diag;
}

/* ---- operands */

enum sort sort_of_value(const struct type *type)
{
    switch (type->kind) {
    case TYPE_BAD:
    case TYPE_JSON:
    case TYPE_SYMBOL:
        return SORT_ANY;
    case TYPE_NULL:
        return SORT_NULL;
    case TYPE_INT:
    case TYPE_NUMBER:
    case TYPE_PERCENT:
    case TYPE_RATIO:
    case TYPE_SIZE:
        return SORT_NUMBER;
    case TYPE_STRING:
    case TYPE_ONE_OF:
        return SORT_TEXT;
    case TYPE_BOOL:
        return SORT_BOOL;
    case TYPE_DURATION:
        return SORT_SPAN;
    default:
        return SORT_OTHER;
    }
}

/* `for c in features { … holds(c > 0) }`: a variable that stands for a column. */
static bool stands_for_column(struct predicate *p, const struct type *type)
{
    const struct kind *column = map_get(p->c->compilation->declarations.kinds, "column");
    return type->kind == TYPE_SYMBOL ||
           ((type->kind == TYPE_REFERENCE || type->kind == TYPE_BLOCK) && type->of == column);
}

static struct operand variable_operand(struct predicate *p, const struct ast_expr *expr,
                                       const struct variable *variable)
{
    bool open = false;
    struct operand found = {.shown = expr};
    if (column_outline(p, expr->name.text, &open) != NULL) {
        struct diag *diag =
            diag_report(p->c->compilation->diags, DIAG_NAMES_SHADOWED, expr->span,
                        "`%s` is a column of the dataset, and a variable here", expr->name.text);
        diag_label(diag, "which of them?");
        diag_secondary(diag, variable->span, "the variable: give it another name");
        found.reads = true;
        return found;
    }
    if (stands_for_column(p, variable->type)) {
        found.column = expr->name.text;
        found.reads = true;
        return found;
    }
    found.sort = sort_of_value(variable->type);
    return found;
}

static void unknown_column(struct predicate *p, const struct ast_expr *expr)
{
    bool open = false;
    struct outline *dataset = outline_dataset(p->c, p->scope);
    struct diag *diag = check_column(p->c, p->scope, expr->name.text, expr->span);
    if (diag != NULL && check_nearest(p->c, outline_columns(p->c, dataset, &open), expr->name.text) == NULL)
        diag_help(diag, "a text is written in quotes: `\"%s\"`", expr->name.text);
}

/* A bare name: a word, where the other side is one of words; a column; a constant. */
static struct operand name_operand(struct predicate *p, const struct ast_expr *expr, const struct type *words)
{
    const char *name = expr->name.text;
    struct operand found = {.shown = expr};
    const struct variable *variable = check_variable(p->scope, name);
    if (variable != NULL)
        return variable_operand(p, expr, variable);
    bool open = false;
    struct outline *column = column_outline(p, name, &open);
    const struct constant *constant = constant_find(p->c->compilation, name, expr->span);
    if (words != NULL && type_case_of(words, name) != NULL) {
        found.sort = SORT_TEXT;
        return found;
    }
    if (column == NULL && constant != NULL) {
        found.sort = sort_of_value(check_type(p->c, p->scope, expr, NULL));
        return found;
    }
    if (column == NULL && words != NULL && !open) {
        check_mismatch(p->c, expr, type_scalar(p->c->compilation, TYPE_SYMBOL), words);
        return found;
    }
    found.column = name;
    found.reads = true;
    found.sort = column == NULL ? SORT_ANY : sort_of_type(column->type);
    if (column == NULL && strcmp(name, "features") != 0)
        unknown_column(p, expr);
    return found;
}

bool sort_is_moment(enum sort sort)
{
    return sort == SORT_DATE || sort == SORT_TIME || sort == SORT_TIMESTAMP;
}

static enum sort sum_of(enum ast_op op, enum sort a, enum sort b)
{
    if (a == SORT_ANY || b == SORT_ANY)
        return SORT_ANY;
    if (a == b && (a == SORT_NUMBER || a == SORT_SPAN))
        return a;
    if (a == b && sort_is_moment(a) && op == AST_OP_SUB)
        return SORT_SPAN;
    if (sort_is_moment(a) && b == SORT_SPAN)
        return a;
    return sort_is_moment(b) && a == SORT_SPAN && op == AST_OP_ADD ? b : SORT_OTHER;
}

static enum sort product_of(enum ast_op op, enum sort a, enum sort b)
{
    if (a == SORT_ANY || b == SORT_ANY)
        return SORT_ANY;
    if (a == SORT_NUMBER && b == SORT_NUMBER)
        return SORT_NUMBER;
    if (a == SORT_SPAN && b == SORT_NUMBER)
        return SORT_SPAN;
    if (a == SORT_NUMBER && b == SORT_SPAN && op == AST_OP_MUL)
        return SORT_SPAN;
    return a == SORT_SPAN && b == SORT_SPAN && op == AST_OP_DIV ? SORT_NUMBER : SORT_OTHER;
}

static struct operand arithmetic_operand(struct predicate *p, const struct ast_expr *expr)
{
    struct operand a = operand_of(p, expr->left, NULL), b = operand_of(p, expr->right, NULL);
    bool sum = expr->op == AST_OP_ADD || expr->op == AST_OP_SUB;
    struct operand found = {.shown = expr, .computed = true, .reads = a.reads || b.reads};
    found.sort = sum ? sum_of(expr->op, a.sort, b.sort) : product_of(expr->op, a.sort, b.sort);
    if (found.sort != SORT_OTHER)
        return found;
    struct diag *diag =
        operand_report(p, DIAG_TYPE_OPERATOR, expr->span, "nothing to calculate with",
                       arena_printf(p->c->arena, "`%s` cannot be calculated: %s, and %s",
                                    ast_op_text(expr->op), operand_said(p, &a), operand_said(p, &b)));
    if ((sort_is_moment(a.sort) && b.sort == SORT_NUMBER) ||
        (sort_is_moment(b.sort) && a.sort == SORT_NUMBER))
        diag_help(diag, "a duration has a unit: `30m`, `1d`");
    found.sort = SORT_ANY;
    return found;
}

static bool is_condition(const struct ast_expr *expr)
{
    bool logic = expr->kind == AST_BINARY && expr->op <= AST_OP_NOT_IN;
    return logic || (expr->kind == AST_UNARY && expr->op == AST_OP_NOT);
}

struct operand operand_of(struct predicate *p, const struct ast_expr *expr, const struct type *words)
{
    expr = check_bare(expr);
    struct operand found = {.shown = expr};
    if (expr->kind == AST_NAME)
        return name_operand(p, expr, words);
    if (is_condition(expr)) {
        operand_report(p, DIAG_TYPE_OPERATOR, expr->span, "this is true or false already",
                       "a condition is compared with nothing: join conditions by `and`, `or` and `not`");
        found.reads = true;
        return found;
    }
    bool arithmetic = expr->kind == AST_BINARY && expr->op >= AST_OP_ADD && expr->op <= AST_OP_DIV;
    if (arithmetic)
        return arithmetic_operand(p, expr);
    if (expr->kind == AST_UNARY && expr->left->kind != AST_NUMBER) {
        struct operand inner = operand_of(p, expr->left, NULL);
        bool number = inner.sort == SORT_NUMBER || inner.sort == SORT_SPAN || inner.sort == SORT_ANY;
        if (!number)
            operand_report(p, DIAG_TYPE_OPERATOR, expr->span, "no number",
                           arena_printf(p->c->arena, "`-` takes a number: %s", operand_said(p, &inner)));
        inner.column = NULL;
        inner.computed = true;
        inner.shown = expr;
        inner.sort = number ? inner.sort : SORT_ANY;
        return inner;
    }
    if (words != NULL && expr->kind == AST_STRING && match_literal_name(expr) != NULL &&
        type_case_of(words, match_literal_name(expr)) == NULL) {
        check_mismatch(p->c, expr, type_scalar(p->c->compilation, TYPE_STRING), words);
        return found;
    }
    found.sort = sort_of_value(check_type(p->c, p->scope, expr, NULL));
    return found;
}
