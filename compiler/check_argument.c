/* Arguments of measures: columns, conditions over rows, another dataset, plain values. */

#include <string.h>
#include "compiler/check_operand.h"

/* ---- another dataset: `found(city, in: cities.name)` */

static const struct kind *dataset_kind(struct predicate *p)
{
    return map_get(p->c->compilation->declarations.kinds, "dataset");
}

static bool takes_dataset(struct predicate *p, const struct type *type)
{
    const struct type *reference = check_want(type, TYPE_REFERENCE);
    return reference != NULL && reference->of == dataset_kind(p);
}

/* The dataset that a bare name means, as far as the text shows it; NULL: not known, or reported. */
static struct outline *other_outline(struct predicate *p, const struct ast_expr *expr)
{
    const struct type *reference = type_reference(p->c->compilation, dataset_kind(p));
    check_expr(p->c, p->scope, expr, reference);
    bool name = expr->kind == AST_NAME && check_variable(p->scope, expr->name.text) == NULL;
    return name ? outline_find(p->c, dataset_kind(p), expr->name.text) : NULL;
}

/* A column of the other dataset beside the one of this dataset that it is compared with (NULL: not known). */
static void check_other_column(struct predicate *p, struct outline *other, const char *name, struct span span,
                               const char *own)
{
    bool open = false, own_open = false;
    struct map *columns = outline_columns(p->c, other, &open);
    if (open || map_count(columns) == 0)
        return;
    struct outline *theirs = map_get(columns, name);
    if (theirs == NULL) {
        struct diag *diag = diag_report(p->c->compilation->diags, DIAG_NAMES_UNKNOWN_COLUMN, span,
                                        "dataset `%s` has no column `%s`", other->name, name);
        diag_label(diag, "unknown column");
        check_suggest(p->c, diag, columns, name, span, "a column");
        diag_secondary(diag, other->span, "its columns stand here");
        return;
    }
    struct outline *dataset = outline_dataset(p->c, p->scope);
    struct map *mine = dataset == NULL ? NULL : outline_columns(p->c, dataset, &own_open);
    struct outline *column = mine == NULL || own == NULL ? NULL : map_get(mine, own);
    enum sort a = column == NULL ? SORT_ANY : sort_of_type(column->type), b = sort_of_type(theirs->type);
    if (a == b || a == SORT_ANY || b == SORT_ANY)
        return;
    struct diag *diag = diag_report(p->c->compilation->diags, DIAG_TYPE_DECIDED, span,
                                    "`%s` is never found: it is %s, and `%s.%s` is %s", own, sort_phrase(a),
                                    other->name, name, sort_phrase(b));
    diag_label(diag, "never the same sort of value");
    diag_secondary(diag, theirs->span, "declared here");
}

static const char *column_name(const struct ast_expr *expr)
{
    return expr != NULL && expr->kind == AST_NAME ? expr->name.text : NULL;
}

/* `in: cities`: columns of the same names. */
static void check_same_names(struct predicate *p, struct outline *other, const struct ast_expr *keys,
                             struct span span)
{
    if (keys != NULL && keys->kind == AST_NAME)
        check_other_column(p, other, keys->name.text, span, keys->name.text);
    for (const struct ast_element *e = keys != NULL && keys->kind == AST_LIST ? keys->elements : NULL;
         e != NULL; e = e->next)
        if (column_name(e->value) != NULL)
            check_other_column(p, other, e->value->name.text, span, e->value->name.text);
}

static void check_other(struct predicate *p, const struct ast_expr *value, const struct ast_expr *keys)
{
    if (outline_around(p->scope, "dataset") == NULL) {
        operand_report(p, DIAG_TYPE_SUBJECT, value->span, "nobody reads it here",
                       "another dataset is read by the `expect` of a dataset only");
        return;
    }
    value = check_bare(value);
    keys = keys == NULL ? NULL : check_bare(keys);
    if (value->kind != AST_FIELD) {
        struct outline *other = other_outline(p, value);
        if (other != NULL)
            check_same_names(p, other, keys, value->span);
        return;
    }
    if (keys != NULL && keys->kind == AST_LIST && keys->elements != NULL && keys->elements->next != NULL) {
        operand_report(p, DIAG_TYPE_MISMATCH, value->span, "one column for several",
                       "a key of several columns is looked up in columns of the same names: name the dataset "
                       "alone");
        return;
    }
    if (keys != NULL && keys->kind == AST_LIST)
        keys = keys->elements == NULL ? NULL : keys->elements->value;
    struct outline *other = other_outline(p, check_bare(value->left));
    if (other != NULL)
        check_other_column(p, other, value->name.text, value->name.span, column_name(keys));
}

/* ---- columns */

static void check_columns(struct predicate *p, const struct type *type, const struct ast_expr *value)
{
    value = check_bare(value);
    if (value->kind != AST_LIST || check_want(type, TYPE_LIST) == NULL) {
        check_column_argument(p, value);
        return;
    }
    size_t count = 0;
    for (const struct ast_element *e = value->elements; e != NULL; e = e->next) {
        count++;
        if (e->kind == AST_ELEMENT_VALUE && e->value != NULL && column_name(check_bare(e->value)) != NULL &&
            strcmp(column_name(check_bare(e->value)), "features") != 0)
            check_column_argument(p, e->value);
        else
            operand_report(p, DIAG_TYPE_MISMATCH, e->span, "not a column", "expected the name of a column");
    }
    bool single = check_want(type, TYPE_REFERENCE) != NULL && type->kind != TYPE_LIST;
    if (count < (single ? 1u : 2u))
        operand_report(p, DIAG_TYPE_MISMATCH, value->span, "too few columns",
                       single ? "expected the name of a column" : "expected two columns or more");
}

/* ---- all of them */

static bool takes_column_list(struct predicate *p, const struct type *type)
{
    const struct type *list = check_want(type, TYPE_LIST);
    return check_takes_column(p->c, type) || (list != NULL && check_takes_column(p->c, list->element));
}

static void check_value(struct predicate *p, const struct parameter *parameter, const struct ast_expr *value)
{
    if (parameter->type->kind == TYPE_EXPRESSION)
        check_row_condition(p, value);
    else if (takes_column_list(p, parameter->type))
        check_columns(p, parameter->type, value);
    else if (!takes_dataset(p, parameter->type)) /* it is checked beside the columns */
        check_expr(p->c, p->scope, value, parameter->type);
}

/* `where:` is no parameter of its own: each measure that is computed from a dataset's rows takes it. */
static bool check_where(struct predicate *p, const struct ast_argument *argument,
                        const struct measure *measure, const struct ast_expr *earlier)
{
    if (argument->name.text == NULL || strcmp(argument->name.text, "where") != 0)
        return false;
    if (earlier != NULL) {
        operand_report(p, DIAG_TYPE_ARGUMENT_TWICE, argument->span, "the second one",
                       "`where` is given twice: join the conditions by `and`");
    } else if (measure->native == NULL || outline_around(p->scope, "dataset") == NULL) {
        struct diag *diag = operand_report(
            p, DIAG_TYPE_ARGUMENT_UNKNOWN, argument->span, "nothing is filtered here",
            arena_printf(p->c->arena, "`%s` takes no `where` here: it chooses rows of a dataset",
                         measure->name));
        diag_help(diag, "a `where` belongs into the `expect` of a `dataset`");
    } else if (argument->value != NULL) {
        check_row_condition(p, argument->value);
    }
    return true;
}

static const struct parameter *parameter_of(struct predicate *p, const struct ast_argument *argument,
                                            const struct measure *measure, size_t *place)
{
    const char *name = argument->name.text;
    for (size_t i = 0; name != NULL && i < measure->parameter_count; i++)
        if (strcmp(measure->parameters[i].name, name) == 0)
            return &measure->parameters[i];
    if (name == NULL && *place < measure->parameter_count)
        return &measure->parameters[(*place)++];
    struct diag *diag = diag_report(
        p->c->compilation->diags, name != NULL ? DIAG_TYPE_ARGUMENT_UNKNOWN : DIAG_TYPE_ARGUMENT_EXTRA,
        argument->span, name != NULL ? "`%s` has no argument `%s`" : "`%s` takes fewer arguments",
        measure->name, name);
    diag_label(diag, "too much");
    return NULL;
}

static void check_missing(struct predicate *p, const struct ast_expr *call, const struct measure *measure,
                          const struct ast_expr *const *given)
{
    for (size_t i = 0; i < measure->parameter_count; i++) {
        if (given[i] != NULL || !measure->parameters[i].required)
            continue;
        struct diag *diag =
            diag_report(p->c->compilation->diags, DIAG_TYPE_ARGUMENT_MISSING, call->left->span,
                        "`%s` needs the argument `%s`", measure->name, measure->parameters[i].name);
        diag_label(diag, call->arguments == NULL ? "nothing between the brackets" : "it is not given");
        return;
    }
}

void check_measure_arguments(struct predicate *p, const struct ast_expr *call, const struct measure *measure)
{
    const struct ast_expr **given = arena_array(p->c->arena, measure->parameter_count + 1, sizeof *given);
    const struct ast_expr *where = NULL;
    size_t place = 0;
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next) {
        if (check_where(p, a, measure, where)) {
            where = a->value;
            continue;
        }
        const struct parameter *parameter = parameter_of(p, a, measure, &place);
        if (parameter == NULL || a->value == NULL)
            continue;
        size_t index = (size_t)(parameter - measure->parameters);
        if (given[index] != NULL)
            operand_report(p, DIAG_TYPE_ARGUMENT_TWICE, a->span, "the second one",
                           arena_printf(p->c->arena, "`%s` is given twice", parameter->name));
        given[index] = a->value;
        check_value(p, parameter, a->value);
    }
    for (size_t i = 0; i < measure->parameter_count; i++)
        if (given[i] != NULL && takes_dataset(p, measure->parameters[i].type))
            check_other(p, given[i], i == 0 ? NULL : given[0]);
    check_missing(p, call, measure, given);
}
