#include "runtime/data/check_values.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "runtime/data/typed.h"

enum { VALUE_DEPTH = 64 };

/* A value as JSON can hold it, without its origin: shares for percentages, seconds, texts for words. */
static const struct value *plain(struct arena *arena, const struct value *value, int depth)
{
    if (value_is_none(value) || depth > VALUE_DEPTH)
        return value_null(arena, 0);
    if (value->kind == VALUE_QUANTITY) {
        double amount = value->unit == UNIT_PERCENT    ? value->number / 100
                        : value->unit == UNIT_DURATION ? value->number / 1e6
                                                       : value->number;
        return value_float(arena, amount, 0);
    }
    if (value->kind == VALUE_WORD)
        return value_string_n(arena, value->text, value->length, 0);
    if (value->kind == VALUE_LIST) {
        struct list_builder list = list_begin(arena);
        for (size_t i = 0; i < value->count; i++)
            list_add(&list, plain(arena, value->items[i], depth + 1));
        return list_end(&list, 0);
    }
    if (value->kind == VALUE_RECORD) {
        struct record_builder record = record_begin(arena);
        for (size_t i = 0; i < value->field_count; i++)
            record_set(&record, value->fields[i].key, plain(arena, value->fields[i].value, depth + 1));
        return record_end(&record, 0);
    }
    return value->kind < VALUE_RECORD ? value_with_origin(arena, value, 0) : value_null(arena, 0);
}

static const struct value *text_or_null(struct arena *arena, const char *text)
{
    return text ? value_string(arena, text, 0) : value_null(arena, 0);
}

static const struct value *names(struct arena *arena, const char *const *items, size_t count)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; items && i < count; i++)
        list_add(&list, value_string(arena, items[i], 0));
    return list_end(&list, 0);
}

/* A row condition: its tree, and the text that people read. */
static const struct value *condition(struct arena *arena, const struct expr *expr)
{
    if (!expr)
        return value_null(arena, 0);
    struct buf text = {0};
    expr_print(&text, expr);
    struct field fields[] = {{"tree", 0, value_expression(arena, expr, 0)},
                             {"text", 0, value_string_n(arena, buf_str(&text), text.length, 0)}};
    buf_free(&text);
    return value_record(arena, fields, 2, 0);
}

/* --- arguments that nobody can judge --- */

static bool is_bounded(const struct check *check)
{
    return !value_is_none(check->min) || !value_is_none(check->max);
}

static bool number_of(const struct value *value, double *out)
{
    if (value->kind != VALUE_INT && value->kind != VALUE_FLOAT && value->kind != VALUE_QUANTITY)
        return false;
    *out = value->kind == VALUE_INT                                        ? (double)value->integer
           : value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT  ? value->number / 100
           : value->kind == VALUE_QUANTITY && value->unit == UNIT_DURATION ? value->number / 1e6
                                                                           : value->number;
    return true;
}

static bool is_bare_number(const struct value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_FLOAT;
}

bool check_bounds_crossed(struct arena *arena, const struct check *check, const struct column_schema *schema)
{
    double low = 0, high = 0;
    const struct value *min = schema ? typed_bound(arena, schema, check->min) : check->min;
    const struct value *max = schema ? typed_bound(arena, schema, check->max) : check->max;
    if (value_is_none(min) || value_is_none(max))
        return false;
    if (min->kind == max->kind || (is_bare_number(min) && is_bare_number(max)))
        return value_compare(min, max) > 0;
    return number_of(min, &low) && number_of(max, &high) && low > high;
}

static const char *bounds_error(struct arena *arena, const struct check *check)
{
    if (check->bounds_required && !is_bounded(check))
        return "a least or a greatest value is required";
    return check_bounds_crossed(arena, check, NULL) ? "the least value is greater than the greatest" : NULL;
}

static bool is_whole(const struct value *bound)
{
    double number;
    return value_is_none(bound) || (number_of(bound, &number) && number == floor(number));
}

static bool counts_things(enum check_kind kind)
{
    return kind == CHECK_ROWS || kind == CHECK_COLUMN_COUNT || kind == CHECK_NULL_COUNT ||
           kind == CHECK_DISTINCT_COUNT || kind == CHECK_DUPLICATE_COUNT || kind == CHECK_MIN_LENGTH ||
           kind == CHECK_MAX_LENGTH || kind == CHECK_LENGTH;
}

static const char *arguments_error(struct arena *arena, const struct check *check)
{
    const struct check_kind_info *info = check_kind_info(check->kind);
    if (check->error)
        return value_string_or(check->error, "the arguments were refused");
    const char *columns = check_columns_error(arena, check);
    if (columns)
        return columns;
    if (info->group == CHECK_GROUP_EACH && !(check->mostly >= 0 && check->mostly <= 1))
        return "mostly must be between 0 and 1";
    if ((check->kind == CHECK_MEDIAN || check->kind == CHECK_QUANTILE) &&
        !(check->quantile >= 0 && check->quantile <= 1))
        return "a quantile lies between 0 and 1";
    if (check->kind == CHECK_SUM_EQUAL)
        return value_is_none(check->min) || !number_of(check->min, &(double){0}) ? "the sum must be a number"
                                                                                 : NULL;
    if (counts_things(check->kind) && (!is_whole(check->min) || !is_whole(check->max)))
        return "the bounds must be whole numbers";
    return bounds_error(arena, check);
}

/* --- the record --- */

/* The texts of a set of patterns; empty when it holds anything else. */
static const struct value *patterns(struct arena *arena, const struct value *set)
{
    struct list_builder list = list_begin(arena);
    bool texts = set && set->kind == VALUE_LIST;
    for (size_t i = 0; texts && i < set->count; i++) {
        texts = set->items[i]->kind == VALUE_STRING;
        list_add(&list, value_with_origin(arena, set->items[i], 0));
    }
    return texts ? list_end(&list, 0) : value_list(arena, NULL, 0, 0);
}

/* Lists of as many values as there are columns; null when one is not. */
static const struct value *tuples(struct arena *arena, const struct check *check)
{
    bool good = check->kind == CHECK_PAIR_IN_SET && check->set && check->set->kind == VALUE_LIST;
    for (size_t i = 0; good && i < check->set->count; i++)
        good = check->set->items[i]->kind == VALUE_LIST && check->set->items[i]->count == check->column_count;
    return good ? plain(arena, check->set, 0) : value_null(arena, 0);
}

/* Texts beside numbers or bools: what a column of one type cannot all equal. */
static bool is_mixed(const struct value *set)
{
    bool texts = false, others = false;
    for (size_t i = 0; set && set->kind == VALUE_LIST && i < set->count; i++) {
        bool text = set->items[i]->kind == VALUE_STRING || set->items[i]->kind == VALUE_WORD;
        texts = texts || text;
        others = others || (!text && set->items[i]->kind != VALUE_NULL);
    }
    return texts && others;
}

static void add_arguments(struct arena *arena, struct record_builder *out, const struct check *check)
{
    static const char *const METHODS[] = {"linear", "lower", "higher", "midpoint", "nearest"};
    static const char *const IGNORES[] = {"all_missing", "all_missing", "any_missing", "never"};
    bool list = check->set && check->set->kind == VALUE_LIST;
    record_set(out, "low", plain(arena, check->min, 0));
    record_set(out, "high", plain(arena, check->max, 0));
    record_set(out, "set", list ? plain(arena, check->set, 0) : value_null(arena, 0));
    record_set(out, "single", plain(arena, list && check->set->count ? check->set->items[0] : check->set, 0));
    record_set(out, "mixed", value_bool(arena, is_mixed(check->set), 0));
    record_set(out, "patterns", patterns(arena, check->set));
    record_set(out, "tuples", tuples(arena, check));
    record_set(out, "ranges", plain(arena, check->ranges, 0));
    record_set(out, "mostly", value_float(arena, check->mostly, 0));
    record_set(out, "quantile", value_float(arena, check->kind == CHECK_MEDIAN ? 0.5 : check->quantile, 0));
    record_set(out, "interpolation", value_string(arena, METHODS[check->interpolation], 0));
    record_set(out, "ignore", value_string(arena, IGNORES[check->ignore], 0));
    record_set(out, "tail_weight_holdout", value_float(arena, check->tail_weight_holdout, 0));
    record_set(out, "internal_weight_holdout", value_float(arena, check->internal_weight_holdout, 0));
    record_set(out, "other", text_or_null(arena, check->other));
    record_set(out, "measure", value_string(arena, check_kind_info(check->measure)->name, 0));
}

static void add_flags(struct arena *arena, struct record_builder *out, const struct check *check)
{
    const struct {
        const char *name;
        bool value;
    } flags[] = {
        {"strict_low", check->strict_min && !value_is_none(check->min)},
        {"strict_high", check->strict_max && !value_is_none(check->max)},
        {"strictly", check->strictly},
        {"or_equal", check->or_equal},
        {"match_all", check->match_all},
        {"anchored", check->anchored},
        {"exact", check->exact},
        {"ties_okay", check->ties_okay},
        {"double_sided", check->double_sided},
        {"flat_good", check->flat_good},
        {"about_mean", check->about_mean},
        {"keep_bins", check->keep_bins},
        {"each", check_kind_info(check->kind)->group == CHECK_GROUP_EACH},
        {"sliced", check->slice_count > 0},
        {"warning", check->severity == CHECK_WARNING},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        record_set(out, flags[i].name, value_bool(arena, flags[i].value, 0));
}

const struct value *check_to_value(struct arena *arena, const struct check *check, size_t index)
{
    struct record_builder out = record_begin(arena);
    const char *error = arguments_error(arena, check);
    const char *const *others = check->other_columns ? check->other_columns : check->columns;
    record_set(&out, "index", value_int(arena, (int64_t)index, 0));
    record_set(&out, "kind", value_string(arena, check_kind_info(check->kind)->name, 0));
    record_set(&out, "columns", names(arena, check->columns, check->column_count));
    record_set(&out, "other_columns", names(arena, others, check->column_count));
    record_set(&out, "error", text_or_null(arena, error));
    record_set(&out, "rows", condition(arena, check->where));
    record_set(&out, "satisfies", condition(arena, check->satisfies));
    record_set(&out, "meta", check->meta ? plain(arena, check->meta, 0) : value_record(arena, NULL, 0, 0));
    add_arguments(arena, &out, check);
    add_flags(arena, &out, check);
    return record_end(&out, 0);
}

const struct value *checks_to_value(struct arena *arena, const struct check *checks, size_t count)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < count; i++)
        list_add(&list, check_to_value(arena, &checks[i], i));
    return list_end(&list, 0);
}
