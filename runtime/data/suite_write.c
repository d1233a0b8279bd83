#include <string.h>

#include "core/text.h"
#include "runtime/data/suite.h"

struct writer {
    struct arena *arena;
    const struct check *check;
    struct record_builder kwargs;
    const char *why;
};

static bool is_none(const struct value *value)
{
    return !value || value->kind == VALUE_NULL;
}

static void set_text(struct writer *w, const char *key, const char *text)
{
    record_set(&w->kwargs, key, value_string(w->arena, text, 0));
}

/* A value as JSON can hold it: percentages as shares, words as texts. */
static const struct value *document_value(struct writer *w, const struct value *value)
{
    if (value->kind == VALUE_QUANTITY) {
        double amount = value->unit == UNIT_PERCENT    ? value->number / 100
                        : value->unit == UNIT_DURATION ? value->number / 1e6
                                                       : value->number;
        return value_float(w->arena, amount, 0);
    }
    if (value->kind == VALUE_WORD)
        return value_string_n(w->arena, value->text, value->length, 0);
    if (value->kind != VALUE_LIST)
        return value;
    struct list_builder list = list_begin(w->arena);
    for (size_t i = 0; i < value->count; i++)
        list_add(&list, document_value(w, value->items[i]));
    return list_end(&list, 0);
}

static void set_value(struct writer *w, const char *key, const struct value *value)
{
    if (!is_none(value))
        record_set(&w->kwargs, key, document_value(w, value));
}

static void set_column(struct writer *w)
{
    set_text(w, "column", w->check->columns[0]);
}

static void set_columns(struct writer *w, const char *key)
{
    struct list_builder list = list_begin(w->arena);
    for (size_t i = 0; i < w->check->column_count; i++)
        list_add(&list, value_string(w->arena, w->check->columns[i], 0));
    record_set(&w->kwargs, key, list_end(&list, 0));
}

static void set_bounds(struct writer *w)
{
    set_value(w, "min_value", w->check->min);
    set_value(w, "max_value", w->check->max);
    if (w->check->strict_min && !is_none(w->check->min))
        record_set(&w->kwargs, "strict_min", value_bool(w->arena, true, 0));
    if (w->check->strict_max && !is_none(w->check->max))
        record_set(&w->kwargs, "strict_max", value_bool(w->arena, true, 0));
}

static const char *bounded(struct writer *w, const char *type)
{
    if (w->check->column_count)
        set_column(w);
    set_bounds(w);
    return type;
}

static const char *with_set(struct writer *w, const char *type, const char *key)
{
    set_column(w);
    set_value(w, key, w->check->set);
    return type;
}

/* Great Expectations counts in fractions of good rows: null_fraction <= 1% is not_null for mostly 0.99. */
static const char *null_share(struct writer *w)
{
    const struct check *check = w->check;
    const struct value *bound = check->kind == CHECK_NULL_FRACTION ? check->max : check->min;
    const struct value *other = check->kind == CHECK_NULL_FRACTION ? check->min : check->max;
    const struct value *share = is_none(bound) ? NULL : document_value(w, bound);
    if (!share || !is_none(other) || check->strict_min || check->strict_max) {
        w->why = "only an upper, inclusive bound of missing values can be said";
        return NULL;
    }
    double number = share->kind == VALUE_INT ? (double)share->integer : share->number;
    double mostly = check->kind == CHECK_NULL_FRACTION ? 1 - number : number;
    set_column(w);
    if (mostly != 1)
        record_set(&w->kwargs, "mostly", value_float(w->arena, mostly, 0));
    return "expect_column_values_to_not_be_null";
}

static const char *patterns(struct writer *w)
{
    const struct check *check = w->check;
    bool one = check->set && check->set->kind == VALUE_LIST && check->set->count == 1;
    bool like = check->kind == CHECK_LIKE || check->kind == CHECK_NOT_LIKE;
    bool negate = check->kind == CHECK_NOT_MATCHES || check->kind == CHECK_NOT_LIKE;
    const char *word = like ? "like_pattern" : "regex";
    if (!check->set || check->set->kind != VALUE_LIST || check->set->count == 0) {
        w->why = "it has no pattern";
        return NULL;
    }
    set_column(w);
    if (one && !like) {
        const struct value *text = check->set->items[0];
        if (check->anchored)
            text =
                value_string(w->arena, arena_printf(w->arena, "\\A(?:%s)\\Z", value_string_or(text, "")), 0);
        set_value(w, word, text);
    } else if (one) {
        set_value(w, word, check->set->items[0]);
    } else if (check->anchored) {
        w->why = "anchored patterns can be said one by one only";
        return NULL;
    } else {
        set_value(w, arena_printf(w->arena, "%s_list", word), check->set);
        if (!negate)
            set_text(w, "match_on", check->match_all ? "all" : "any");
    }
    return arena_printf(w->arena, "expect_column_values_to_%smatch_%s%s", negate ? "not_" : "", word,
                        one ? "" : "_list");
}

static const char *ignore_rule(const struct check *check, bool pair)
{
    switch (check->ignore) {
    case CHECK_IGNORE_ANY_MISSING:
        return pair ? "either_value_is_missing" : "any_value_is_missing";
    case CHECK_IGNORE_NEVER:
        return pair ? "neither" : "never";
    default:
        return pair ? "both_values_are_missing" : "all_values_are_missing";
    }
}

static const char *pair(struct writer *w, const char *type)
{
    set_text(w, "column_A", w->check->columns[0]);
    set_text(w, "column_B", w->check->columns[1]);
    set_text(w, "ignore_row_if", ignore_rule(w->check, true));
    if (w->check->kind == CHECK_PAIR_GREATER && w->check->or_equal)
        record_set(&w->kwargs, "or_equal", value_bool(w->arena, true, 0));
    if (w->check->kind == CHECK_PAIR_IN_SET)
        set_value(w, "value_pairs_set", w->check->set);
    return type;
}

static const char *several(struct writer *w, const char *type)
{
    set_columns(w, "column_list");
    set_text(w, "ignore_row_if", ignore_rule(w->check, false));
    if (w->check->kind == CHECK_SUM_EQUAL)
        set_value(w, "sum_total", w->check->min);
    return type;
}

static const char *quantiles(struct writer *w)
{
    static const char *const METHODS[] = {"linear", "lower", "higher", "midpoint", "nearest"};
    const struct check *check = w->check;
    struct record_builder ranges = record_begin(w->arena);
    if (check->kind == CHECK_QUANTILES && (is_none(check->set) || is_none(check->ranges))) {
        w->why = "it has no quantiles or no ranges";
        return NULL;
    }
    if (check->kind == CHECK_QUANTILES) {
        record_set(&ranges, "quantiles", check->set);
        record_set(&ranges, "value_ranges", check->ranges);
    } else {
        const struct value *at = value_float(w->arena, check->quantile, 0);
        const struct value *bounds[] = {
            is_none(check->min) ? value_null(w->arena, 0) : document_value(w, check->min),
            is_none(check->max) ? value_null(w->arena, 0) : document_value(w, check->max)};
        const struct value *range = value_list(w->arena, bounds, 2, 0);
        if (check->strict_min || check->strict_max) {
            w->why = "a quantile's bounds are inclusive there";
            return NULL;
        }
        record_set(&ranges, "quantiles", value_list(w->arena, &at, 1, 0));
        record_set(&ranges, "value_ranges", value_list(w->arena, &range, 1, 0));
    }
    set_column(w);
    record_set(&w->kwargs, "quantile_ranges", record_end(&ranges, 0));
    set_text(w, "allow_relative_error", METHODS[check->interpolation]);
    return "expect_column_quantile_values_to_be_between";
}

static const char *type_list(struct writer *w)
{
    w->why = "type names depend on the engine that runs the suite";
    return NULL;
}

static const char *format(struct writer *w)
{
    const struct value *set = w->check->set;
    const char *name = set && set->kind == VALUE_LIST && set->count ? value_string_or(set->items[0], "") : "";
    set_column(w);
    if (strcmp(name, "json") == 0)
        return "expect_column_values_to_be_json_parseable";
    if (strcmp(name, "dateutil") == 0)
        return "expect_column_values_to_be_dateutil_parseable";
    w->why = "Great Expectations has no expectation for this format";
    return NULL;
}

static const char *names(struct writer *w, const char *type, const char *key)
{
    set_value(w, key, w->check->set);
    if (w->check->kind == CHECK_COLUMNS_MATCH_SET)
        record_set(&w->kwargs, "exact_match", value_bool(w->arena, w->check->exact, 0));
    return type;
}

static const char *single_argument(struct writer *w, const char *type, const char *key)
{
    const struct value *set = w->check->set;
    set_column(w);
    set_value(w, key, set && set->kind == VALUE_LIST && set->count ? set->items[0] : set);
    return type;
}

static const char *ordered(struct writer *w, const char *type)
{
    set_column(w);
    if (w->check->strictly)
        record_set(&w->kwargs, "strictly", value_bool(w->arena, true, 0));
    return type;
}

static const char *write_kind(struct writer *w)
{
    const struct check *check = w->check;
    switch (check->kind) {
    case CHECK_COLUMN_EXISTS:
        set_column(w);
        set_value(w, "column_index", check->min);
        return "expect_column_to_exist";
    case CHECK_COLUMNS_MATCH_SET:
        return names(w, "expect_table_columns_to_match_set", "column_set");
    case CHECK_COLUMNS_MATCH_LIST:
        return names(w, "expect_table_columns_to_match_ordered_list", "column_list");
    case CHECK_COLUMN_COUNT:
        return bounded(w, "expect_table_column_count_to_be_between");
    case CHECK_ROWS:
        return bounded(w, "expect_table_row_count_to_be_between");
    case CHECK_TYPE:
        return type_list(w);
    case CHECK_NOT_NULL:
        set_column(w);
        return "expect_column_values_to_not_be_null";
    case CHECK_IS_NULL:
        set_column(w);
        return "expect_column_values_to_be_null";
    case CHECK_NULL_FRACTION:
    case CHECK_COMPLETENESS:
        return null_share(w);
    case CHECK_UNIQUE:
        if (check->column_count > 1)
            return several(w, "expect_compound_columns_to_be_unique");
        set_column(w);
        return "expect_column_values_to_be_unique";
    case CHECK_UNIQUE_IN_ROW:
        return several(w, "expect_select_column_values_to_be_unique_within_record");
    case CHECK_SUM_EQUAL:
        return several(w, "expect_multicolumn_sum_to_equal");
    case CHECK_DISTINCT_COUNT:
        return bounded(w, "expect_column_unique_value_count_to_be_between");
    case CHECK_DISTINCT_FRACTION:
        return bounded(w, "expect_column_proportion_of_unique_values_to_be_between");
    case CHECK_BETWEEN:
        return bounded(w, "expect_column_values_to_be_between");
    case CHECK_LENGTH:
        return bounded(w, "expect_column_value_lengths_to_be_between");
    case CHECK_MIN:
        return bounded(w, "expect_column_min_to_be_between");
    case CHECK_MAX:
        return bounded(w, "expect_column_max_to_be_between");
    case CHECK_MEAN:
        return bounded(w, "expect_column_mean_to_be_between");
    case CHECK_SUM:
        return bounded(w, "expect_column_sum_to_be_between");
    case CHECK_STDEV:
        return bounded(w, "expect_column_stdev_to_be_between");
    case CHECK_MEDIAN:
        return bounded(w, "expect_column_median_to_be_between");
    case CHECK_QUANTILE:
    case CHECK_QUANTILES:
        return quantiles(w);
    case CHECK_IN_SET:
        return with_set(w, "expect_column_values_to_be_in_set", "value_set");
    case CHECK_NOT_IN_SET:
        return with_set(w, "expect_column_values_to_not_be_in_set", "value_set");
    case CHECK_DISTINCT_IN_SET:
        return with_set(w, "expect_column_distinct_values_to_be_in_set", "value_set");
    case CHECK_DISTINCT_EQUAL_SET:
        return with_set(w, "expect_column_distinct_values_to_equal_set", "value_set");
    case CHECK_DISTINCT_CONTAIN_SET:
        return with_set(w, "expect_column_distinct_values_to_contain_set", "value_set");
    case CHECK_MOST_COMMON_IN_SET:
        record_set(&w->kwargs, "ties_okay", value_bool(w->arena, check->ties_okay, 0));
        return with_set(w, "expect_column_most_common_value_to_be_in_set", "value_set");
    case CHECK_MATCHES:
    case CHECK_NOT_MATCHES:
    case CHECK_LIKE:
    case CHECK_NOT_LIKE:
        return patterns(w);
    case CHECK_FORMAT:
        return format(w);
    case CHECK_STRFTIME:
        return single_argument(w, "expect_column_values_to_match_strftime_format", "strftime_format");
    case CHECK_JSON_SCHEMA:
        return single_argument(w, "expect_column_values_to_match_json_schema", "json_schema");
    case CHECK_INCREASING:
        return ordered(w, "expect_column_values_to_be_increasing");
    case CHECK_DECREASING:
        return ordered(w, "expect_column_values_to_be_decreasing");
    case CHECK_PAIR_EQUAL:
        return pair(w, "expect_column_pair_values_to_be_equal");
    case CHECK_PAIR_GREATER:
        return pair(w, "expect_column_pair_values_a_to_be_greater_than_b");
    case CHECK_PAIR_IN_SET:
        return pair(w, "expect_column_pair_values_to_be_in_set");
    case CHECK_Z_SCORE:
        set_column(w);
        set_value(w, "threshold", check->max);
        record_set(&w->kwargs, "double_sided", value_bool(w->arena, check->double_sided, 0));
        return "expect_column_value_z_scores_to_be_less_than";
    case CHECK_PARTITION_KL:
        set_column(w);
        set_value(w, "partition_object", check->ranges);
        set_value(w, "threshold", check->max);
        record_set(&w->kwargs, "bucketize_data", value_bool(w->arena, !check->keep_bins, 0));
        record_set(&w->kwargs, "tail_weight_holdout", value_float(w->arena, check->tail_weight_holdout, 0));
        record_set(&w->kwargs, "internal_weight_holdout",
                   value_float(w->arena, check->internal_weight_holdout, 0));
        return "expect_column_kl_divergence_to_be_less_than";
    default:
        w->why = "Great Expectations has no expectation that means the same";
        return NULL;
    }
}

/* The condition in pandas' own words. */
static bool set_condition(struct writer *w)
{
    struct buf text = {0};
    if (!w->check->where)
        return true;
    expr_print(&text, w->check->where);
    if (strstr(buf_str(&text), "null") || strstr(buf_str(&text), "..")) {
        buf_free(&text);
        w->why = "its row condition cannot be said as a pandas query";
        return false;
    }
    set_text(w, "row_condition", buf_str(&text));
    set_text(w, "condition_parser", "pandas");
    buf_free(&text);
    return true;
}

const struct value *suite_expectation(struct arena *arena, const struct check *check, const char **why)
{
    struct writer w = {.arena = arena, .check = check, .kwargs = record_begin(arena)};
    bool plain = !check->slice_count && !check->error &&
                 check->column_count >= check_kind_info(check->kind)->least_columns;
    const char *type = plain ? write_kind(&w) : NULL;
    if (check->slice_count)
        w.why = "slices cannot be said there";
    else if (!plain)
        w.why = "its arguments are wrong";
    if (!type || !set_condition(&w)) {
        *why = w.why;
        return NULL;
    }
    if (check_kind_info(check->kind)->group == CHECK_GROUP_EACH && check->mostly < 1)
        record_set(&w.kwargs, "mostly", value_float(arena, check->mostly, 0));
    struct record_builder out = record_begin(arena);
    record_set(&out, "type", value_string(arena, type, 0));
    record_set(&out, "kwargs", record_end(&w.kwargs, 0));
    record_set(&out, "meta", check->meta ? check->meta : value_record(arena, NULL, 0, 0));
    if (check->severity == CHECK_WARNING)
        record_set(&out, "severity", value_string(arena, "warning", 0));
    return record_end(&out, 0);
}

/* Great Expectations keeps one of two expectations that are the same: so that numbers agree, so do we. */
static bool is_listed(const struct list_builder *list, const struct value *expectation)
{
    for (size_t i = 0; i < list->count; i++)
        if (value_equal(list->items[i], expectation))
            return true;
    return false;
}

const struct value *suite_write(struct arena *arena, const char *name, const struct check *checks,
                                size_t count, struct vec *left_out)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < count; i++) {
        const char *why = NULL;
        const struct value *expectation = suite_expectation(arena, &checks[i], &why);
        if (expectation && !is_listed(&list, expectation))
            list_add(&list, expectation);
        else if (!expectation)
            vec_push(left_out, (void *)&checks[i]);
    }
    struct record_builder suite = record_begin(arena);
    record_set(&suite, "name", value_string(arena, name, 0));
    record_set(&suite, "expectations", list_end(&list, 0));
    record_set(&suite, "meta", value_record(arena, NULL, 0, 0));
    return record_end(&suite, 0);
}
