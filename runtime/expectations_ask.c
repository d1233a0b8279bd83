/* Declarations to checks: the rules of columns, and the measures that predicates speak of. */

#include "runtime/expectations_ask.h"

#include <string.h>
#include "runtime/row_condition.h"

struct check *asked_add(struct asked *asked, enum check_kind kind, const char *column, origin where)
{
    if (asked->count == asked->capacity) {
        size_t capacity = asked->capacity * 2 + 16;
        struct check *more = arena_array(asked->arena, capacity, sizeof *more);
        if (asked->count > 0)
            memcpy(more, asked->checks, asked->count * sizeof *more);
        asked->checks = more;
        asked->capacity = capacity;
    }
    struct check *check = &asked->checks[asked->count++];
    *check = (struct check){.kind = kind, .mostly = 1, .origin = where};
    if (column != NULL) {
        const char **columns = arena_array(asked->arena, 1, sizeof *columns);
        columns[0] = column;
        check->columns = columns;
        check->column_count = 1;
    }
    return check;
}

static void ask_of_column(struct asked *asked, struct node *column)
{
    const char *from = node_text(column, "from");
    const struct value *type = node_get(column, "type");
    const struct value *range = value_get(type, "range"), *words = value_get(type, "words");
    const struct value *nullable = value_get(type, "nullable"), *unique = node_get(column, "unique");
    const struct value *matches = node_get(column, "matches"), *length = node_get(column, "length");
    origin where = column->origin;
    asked_add(asked, CHECK_COLUMN_EXISTS, from, where);
    if (nullable == NULL || nullable->kind != VALUE_BOOL || !nullable->boolean)
        asked_add(asked, CHECK_NOT_NULL, from, where);
    if (range != NULL && range->kind == VALUE_RANGE) {
        struct check *check = asked_add(asked, CHECK_BETWEEN, from, where);
        check->min = range->low;
        check->max = range->high;
    }
    if (words != NULL && words->kind == VALUE_LIST &&
        strcmp(value_string_or(value_get(type, "name"), ""), "one_of") == 0)
        asked_add(asked, CHECK_IN_SET, from, where)->set = words;
    if (unique->kind == VALUE_BOOL && unique->boolean)
        asked_add(asked, CHECK_UNIQUE, from, where);
    if (matches->kind == VALUE_STRING) {
        struct check *check = asked_add(asked, CHECK_MATCHES, from, where);
        check->set = value_list(asked->arena, &matches, 1, where);
        check->anchored = true;
    }
    const char *format = node_text(column, "format");
    if (format != NULL) {
        const struct value *name = value_string(asked->arena, format, where);
        asked_add(asked, CHECK_FORMAT, from, where)->set = value_list(asked->arena, &name, 1, where);
    }
    if (length->kind == VALUE_INT || length->kind == VALUE_RANGE) {
        struct check *check = asked_add(asked, CHECK_LENGTH, from, where);
        check->min = length->kind == VALUE_RANGE ? length->low : length;
        check->max = length->kind == VALUE_RANGE ? length->high : length;
    }
}

/* What the values of a one_of are: ints, other numbers, bools, else texts. */
static const char *words_type(const struct value *words)
{
    bool ints = true, numbers = true, bools = true;
    for (size_t i = 0; words != NULL && words->kind == VALUE_LIST && i < words->count; i++) {
        enum value_kind kind = words->items[i]->kind;
        ints = ints && kind == VALUE_INT;
        numbers = numbers && (kind == VALUE_INT || kind == VALUE_FLOAT);
        bools = bools && kind == VALUE_BOOL;
    }
    return ints ? "int" : numbers ? "float" : bools ? "bool" : "string";
}

const char *expectations_type(struct arena *arena, const struct value *type)
{
    const char *name = value_string_or(value_get(type, "name"), "string");
    const struct value *words = value_get(type, "words");
    if (strcmp(name, "one_of") == 0)
        return words_type(words);
    if (strcmp(name, "decimal") == 0 && words != NULL && words->kind == VALUE_LIST && words->count == 2)
        return arena_printf(arena, "decimal(%lld,%lld)", (long long)words->items[0]->integer,
                            (long long)words->items[1]->integer);
    return name;
}

struct node *expectations_column(struct node *dataset, const char *name)
{
    const struct value *const *columns;
    size_t count = node_list(dataset, "columns", &columns);
    for (size_t i = 0; name != NULL && i < count; i++)
        if (strcmp(columns[i]->node->name, name) == 0)
            return columns[i]->node;
    return NULL;
}

const char *expectations_header(struct node *dataset, const char *name)
{
    struct node *column = expectations_column(dataset, name);
    return column != NULL ? node_text(column, "from") : name;
}

/* `unique = [a, b]`: columns whose values together occur once. */
static void ask_compound_key(struct asked *asked, struct node *dataset)
{
    const struct value *const *names;
    size_t count = node_list(dataset, "unique", &names);
    if (count == 0)
        return;
    struct check *check = asked_add(asked, CHECK_UNIQUE, NULL, names[0]->origin);
    const char **columns = arena_array(asked->arena, count, sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        columns[i] = expectations_header(dataset, value_string_or(names[i], ""));
    }
    check->columns = columns;
    check->column_count = count;
}

void ask_of_columns(struct expectations *all)
{
    const struct value *const *columns;
    size_t count = node_list(all->dataset, "columns", &columns);
    for (size_t i = 0; i < count; i++)
        ask_of_column(&all->asked, columns[i]->node);
    ask_compound_key(&all->asked, all->dataset);
}

struct expectations expectations_of(struct arena *arena, struct node *dataset)
{
    return (struct expectations){.arena = arena,
                                 .dataset = dataset,
                                 .compilation = graph_of(dataset)->compilation,
                                 .asked = {.arena = arena},
                                 .measured = vec_in(arena)};
}

/* --- arguments of measures */

double share_of(const struct value *value)
{
    if (value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT)
        return value->number / 100;
    return value->kind == VALUE_INT ? (double)value->integer : value->number;
}

static const char *name_of_argument(const struct expr *call, size_t index)
{
    return call->arg_names != NULL ? call->arg_names[index] : NULL;
}

static const struct expr *named_argument(const struct expr *call, const char *name)
{
    for (size_t i = 0; i < call->arg_count; i++)
        if (name_of_argument(call, i) != NULL && strcmp(name_of_argument(call, i), name) == 0)
            return call->args[i];
    return NULL;
}

const struct expr *measure_argument(const struct measure *measure, const struct expr *call, const char *name)
{
    const struct expr *named = named_argument(call, name);
    size_t place = 0, unnamed = 0;
    while (place < measure->parameter_count && strcmp(measure->parameters[place].name, name) != 0)
        place++;
    for (size_t i = 0; named == NULL && i < call->arg_count; i++)
        if (name_of_argument(call, i) == NULL && unnamed++ == place)
            return call->args[i];
    return named;
}

/* `features` where a column is expected: the predicate speaks of each feature column in turn. */
static bool speaks_of_features(const struct expr *expr)
{
    if (expr->kind == EXPR_NAME && strcmp(expr->name, "features") == 0)
        return true;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (speaks_of_features(expr->args[i]))
            return true;
    return false;
}

bool for_each_feature(struct expectations *all, struct node *predicate,
                      bool (*act)(struct expectations *all, struct node *predicate))
{
    const struct value *const *features;
    size_t count = node_list(all->dataset, "features", &features);
    if (!speaks_of_features(node_get(predicate, "condition")->expr))
        return act(all, predicate);
    bool holds = true;
    for (size_t i = 0; i < count; i++) {
        all->feature = features[i]->node;
        holds = act(all, predicate) && holds;
    }
    all->feature = NULL;
    return holds;
}

/* The header of a column that a predicate names: by a name, a text or a node. */
static const char *header_of(struct expectations *all, const struct expr *expr)
{
    if (speaks_of_features(expr) && all->feature != NULL)
        return node_text(all->feature, "from");
    if (expr->kind == EXPR_LITERAL && expr->value->kind == VALUE_NODE)
        return node_text(expr->value->node, "from");
    return expectations_header(all->dataset,
                               expr->kind == EXPR_LITERAL ? value_string_or(expr->value, NULL) : expr->name);
}

static bool is_reference(const struct type *type, const char *kind)
{
    if (type->kind == TYPE_REFERENCE)
        return strcmp(type->of->name, kind) == 0;
    if (type->kind == TYPE_LIST || type->kind == TYPE_OPTIONAL)
        return is_reference(type->element, kind);
    for (size_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++)
        if (is_reference(type->members[i], kind))
            return true;
    return false;
}

static void add_headers(struct expectations *all, const struct expr *argument, struct vec *headers)
{
    bool list = argument->kind == EXPR_LITERAL && argument->value->kind == VALUE_LIST;
    if (!list)
        vec_push(headers, (void *)header_of(all, argument));
    for (size_t i = 0; list && i < argument->value->count; i++)
        vec_push(headers,
                 (void *)expectations_header(all->dataset, value_string_or(argument->value->items[i], "")));
}

/* The columns of a measure: those of its parameters that take columns, in their order. */
static void set_columns(struct expectations *all, const struct measure *measure, const struct expr *call,
                        struct check *check)
{
    struct vec headers = vec_in(all->arena);
    for (size_t i = 0; i < measure->parameter_count; i++) {
        const struct parameter *parameter = &measure->parameters[i];
        const struct expr *argument = measure_argument(measure, call, parameter->name);
        if (argument != NULL && is_reference(parameter->type, "column"))
            add_headers(all, argument, &headers);
    }
    check->columns = (const char *const *)headers.items;
    check->column_count = headers.count;
}

static struct node *read_dataset(struct expectations *all, const char *name)
{
    struct vec datasets = vec_in(all->arena);
    expectations_reads(all->dataset, &datasets);
    for (size_t i = 0; i < datasets.count; i++)
        if (strcmp(((struct node *)datasets.items[i])->name, name) == 0)
            return datasets.items[i];
    return NULL;
}

/* The name, in the spec, of the column at a place of a key. */
static const char *key_name(struct expectations *all, const struct expr *key, size_t place)
{
    bool list = key->kind == EXPR_LITERAL && key->value->kind == VALUE_LIST;
    if (list)
        return value_string_or(key->value->items[place], "");
    if (speaks_of_features(key) && all->feature != NULL)
        return all->feature->name;
    return key->kind == EXPR_LITERAL ? value_string_or(key->value, "") : key->name;
}

/* `in: cities.name`, or `in: places`: the columns of the same names there. */
static void set_other(struct expectations *all, const struct expr *key, const struct expr *other,
                      struct check *check)
{
    bool column = other->kind == EXPR_FIELD;
    check->other = column ? other->args[0]->name : other->name;
    struct node *dataset = read_dataset(all, check->other);
    const char **columns = arena_array(all->arena, check->column_count + 1, sizeof *columns);
    for (size_t i = 0; i < check->column_count; i++) {
        const char *name = column ? other->name : key_name(all, key, i);
        columns[i] = dataset == NULL ? name : expectations_header(dataset, name);
    }
    check->other_columns = columns;
}

/* The value of a plain argument, or NULL. */
static const struct value *plain_argument(const struct measure *measure, const struct expr *call,
                                          const char *name)
{
    const struct expr *argument = measure_argument(measure, call, name);
    return argument != NULL && argument->kind == EXPR_LITERAL ? argument->value : NULL;
}

static void set_arguments(struct expectations *all, const struct measure *measure, const struct expr *call,
                          struct check *check)
{
    const struct value *share = plain_argument(measure, call, "q"), *of = plain_argument(measure, call, "of");
    const struct value *strictly = plain_argument(measure, call, "strictly");
    const struct expr *row = measure_argument(measure, call, "row"), *where = named_argument(call, "where");
    const struct expr *other = measure_argument(measure, call, "in");
    if (check->kind == CHECK_QUANTILE && share != NULL)
        check->quantile = share_of(share);
    if (check->kind == CHECK_IN_SET && of != NULL)
        check->set = value_list(all->arena, &of, 1, call->origin);
    if (check->kind == CHECK_SATISFIES && row != NULL)
        check->satisfies = row_condition(all->arena, all->dataset, all->feature, row);
    if (check->kind == CHECK_EXISTS_IN && other != NULL)
        set_other(all, measure_argument(measure, call, "key"), other, check);
    if (check->kind == CHECK_Z_SCORE) {
        check->max = plain_argument(measure, call, "sd");
        check->double_sided = check->flat_good = true;
    }
    const struct value *positive = plain_argument(measure, call, "positive");
    check->positive = positive == NULL || positive->kind == VALUE_NULL ? NULL : positive;
    check->strictly = strictly != NULL && strictly->kind == VALUE_BOOL && strictly->boolean;
    if (where != NULL)
        check->where = row_condition(all->arena, all->dataset, all->feature, where);
}

/* --- measures */

bool is_sliced(const struct expr *expr)
{
    return expr->kind == EXPR_METHOD && strcmp(expr->name, "by") == 0 && expr->arg_count == 2;
}

bool measures_bad_rows(const struct measured *measured)
{
    return measured->measure->better < 0;
}

static void slice_check(struct expectations *all, const struct expr *expr, struct check *check)
{
    const char **columns = arena_array(all->arena, 1, sizeof *columns);
    columns[0] = header_of(all, expr->args[1]);
    check->slice_by = columns;
    check->slice_count = 1;
}

bool ask_measure(struct expectations *all, const struct expr *expr)
{
    const struct expr *call = is_sliced(expr) ? expr->args[0] : expr;
    const struct measure *measure =
        call->kind == EXPR_MEASURE ? map_get(all->compilation->declarations.measures, call->name) : NULL;
    if (measure == NULL || measure->native == NULL)
        return false;
    bool share = strcmp(measure->native, "share") == 0;
    enum check_kind kind = share ? CHECK_IN_SET : check_kind_by_name(measure->native);
    if (kind == CHECK_KIND_COUNT)
        return false;
    struct check *check = asked_add(&all->asked, kind, NULL, expr->origin);
    set_columns(all, measure, call, check);
    set_arguments(all, measure, call, check);
    if (check_kind_info(kind)->group == CHECK_GROUP_EACH)
        check->mostly = 0; /* the predicate judges */
    if (is_sliced(expr))
        slice_check(all, expr, check);
    struct measured *measured = arena_alloc(all->arena, sizeof *measured);
    *measured = (struct measured){expr, speaks_of_features(expr) ? all->feature : NULL, all->asked.count - 1,
                                  measure};
    vec_push(&all->measured, measured);
    return true;
}

void ask_measures(struct expectations *all, const struct expr *expr)
{
    if (is_sliced(expr) ||
        (expr->kind == EXPR_MEASURE && !(expr->arg_count == 1 && is_sliced(expr->args[0])))) {
        ask_measure(all, expr);
        return;
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        ask_measures(all, expr->args[i]);
}
