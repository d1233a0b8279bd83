#include "runtime/data/suite.h"

#include <math.h>
#include <string.h>

#include "core/map.h"
#include "runtime/data/condition.h"
#include "runtime/data/typed.h"

enum { SUGGESTIONS = 50 };

enum shape {
    PLAIN,   /* nothing but the column */
    BOUNDS,  /* min_value, max_value, strict_* */
    EQUAL,   /* value: both bounds */
    SET,     /* the list named by `argument` */
    ONE,     /* the single value named by `argument` */
    PAIR,    /* column_A, column_B */
    COLUMNS, /* column_list */
    NAMES,   /* column_set or column_list as names to expect */
    SPECIAL
};

struct mapping {
    const char *type; /* without expect_ */
    enum check_kind kind;
    enum shape shape;
    const char *argument;
    bool required; /* a bound must be given */
};

static const struct mapping MAPPINGS[] = {
    {"column_to_exist", CHECK_COLUMN_EXISTS, ONE, "column_index", false},
    {"table_columns_to_match_set", CHECK_COLUMNS_MATCH_SET, NAMES, "column_set", false},
    {"table_columns_to_match_ordered_list", CHECK_COLUMNS_MATCH_LIST, NAMES, "column_list", false},
    {"table_column_count_to_equal", CHECK_COLUMN_COUNT, EQUAL, "value", false},
    {"table_column_count_to_be_between", CHECK_COLUMN_COUNT, BOUNDS, NULL, false},
    {"table_row_count_to_equal", CHECK_ROWS, EQUAL, "value", false},
    {"table_row_count_to_be_between", CHECK_ROWS, BOUNDS, NULL, false},
    {"table_row_count_to_equal_other_table", CHECK_ROWS_EQUAL_OTHER, SPECIAL, "other_table_name", false},
    {"column_values_to_be_of_type", CHECK_TYPE, ONE, "type_", false},
    {"column_type_to_be", CHECK_TYPE, ONE, "type_", false},
    {"column_values_to_be_in_type_list", CHECK_TYPE, SET, "type_list", false},
    {"column_values_to_not_be_null", CHECK_NOT_NULL, PLAIN, NULL, false},
    {"column_values_to_be_null", CHECK_IS_NULL, PLAIN, NULL, false},
    {"column_proportion_of_non_null_values_to_be_between", CHECK_COMPLETENESS, BOUNDS, NULL, false},
    {"column_values_to_be_unique", CHECK_UNIQUE, PLAIN, NULL, false},
    {"compound_columns_to_be_unique", CHECK_UNIQUE, COLUMNS, NULL, false},
    {"select_column_values_to_be_unique_within_record", CHECK_UNIQUE_IN_ROW, COLUMNS, NULL, false},
    {"multicolumn_values_to_be_unique", CHECK_UNIQUE_IN_ROW, COLUMNS, NULL, false}, /* its earlier name */
    {"multicolumn_values_to_be_equal", CHECK_EQUAL_IN_ROW, COLUMNS, NULL, false},
    {"column_unique_value_count_to_be_between", CHECK_DISTINCT_COUNT, BOUNDS, NULL, false},
    {"column_proportion_of_unique_values_to_be_between", CHECK_DISTINCT_FRACTION, BOUNDS, NULL, false},
    {"column_values_to_be_between", CHECK_BETWEEN, BOUNDS, NULL, true},
    {"column_min_to_be_between", CHECK_MIN, BOUNDS, NULL, true},
    {"column_max_to_be_between", CHECK_MAX, BOUNDS, NULL, true},
    {"column_sum_to_be_between", CHECK_SUM, BOUNDS, NULL, true},
    {"column_mean_to_be_between", CHECK_MEAN, BOUNDS, NULL, false},
    {"column_median_to_be_between", CHECK_MEDIAN, BOUNDS, NULL, false},
    {"column_stdev_to_be_between", CHECK_STDEV, BOUNDS, NULL, false},
    {"column_quantile_values_to_be_between", CHECK_QUANTILES, SPECIAL, NULL, false},
    {"column_value_z_scores_to_be_less_than", CHECK_Z_SCORE, SPECIAL, NULL, false},
    {"column_values_to_not_be_outliers", CHECK_NOT_OUTLIER, SPECIAL, NULL, false},
    {"column_values_to_be_in_set", CHECK_IN_SET, SET, "value_set", false},
    {"column_values_to_not_be_in_set", CHECK_NOT_IN_SET, SET, "value_set", false},
    {"column_distinct_values_to_be_in_set", CHECK_DISTINCT_IN_SET, SET, "value_set", false},
    {"column_distinct_values_to_equal_set", CHECK_DISTINCT_EQUAL_SET, SET, "value_set", false},
    {"column_distinct_values_to_contain_set", CHECK_DISTINCT_CONTAIN_SET, SET, "value_set", false},
    {"column_most_common_value_to_be_in_set", CHECK_MOST_COMMON_IN_SET, SET, "value_set", false},
    {"column_values_to_match_regex", CHECK_MATCHES, ONE, "regex", false},
    {"column_values_to_match_regex_list", CHECK_MATCHES, SET, "regex_list", false},
    {"column_values_to_not_match_regex", CHECK_NOT_MATCHES, ONE, "regex", false},
    {"column_values_to_not_match_regex_list", CHECK_NOT_MATCHES, SET, "regex_list", false},
    {"column_values_to_match_like_pattern", CHECK_LIKE, ONE, "like_pattern", false},
    {"column_values_to_match_like_pattern_list", CHECK_LIKE, SET, "like_pattern_list", false},
    {"column_values_to_not_match_like_pattern", CHECK_NOT_LIKE, ONE, "like_pattern", false},
    {"column_values_to_not_match_like_pattern_list", CHECK_NOT_LIKE, SET, "like_pattern_list", false},
    {"column_value_lengths_to_be_between", CHECK_LENGTH, BOUNDS, NULL, true},
    {"column_value_lengths_to_equal", CHECK_LENGTH, EQUAL, "value", true},
    {"column_values_to_match_strftime_format", CHECK_STRFTIME, ONE, "strftime_format", false},
    {"column_values_to_be_dateutil_parseable", CHECK_FORMAT, PLAIN, "dateutil", false},
    {"column_values_to_be_json_parseable", CHECK_FORMAT, PLAIN, "json", false},
    {"column_values_to_match_json_schema", CHECK_JSON_SCHEMA, ONE, "json_schema", false},
    {"column_values_to_be_increasing", CHECK_INCREASING, PLAIN, NULL, false},
    {"column_values_to_be_decreasing", CHECK_DECREASING, PLAIN, NULL, false},
    {"column_pair_values_to_be_equal", CHECK_PAIR_EQUAL, PAIR, NULL, false},
    {"column_pair_values_a_to_be_greater_than_b", CHECK_PAIR_GREATER, PAIR, NULL, false},
    {"column_pair_values_to_be_in_set", CHECK_PAIR_IN_SET, PAIR, "value_pairs_set", false},
    {"multicolumn_sum_to_equal", CHECK_SUM_EQUAL, COLUMNS, "sum_total", false},
    {"column_kl_divergence_to_be_less_than", CHECK_PARTITION_KL, SPECIAL, NULL, false},
};

static void refuse(struct arena *arena, struct check *check, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct arena *arena, struct check *check, const char *format, ...)
{
    va_list args;
    if (check->error)
        return;
    va_start(args, format);
    check->error = value_string(arena, arena_vprintf(arena, format, args), 0);
    va_end(args);
}

/* Anything but true and false would be told and not heeded. */
static bool flag(struct arena *arena, struct check *check, const struct value *kwargs, const char *name,
                 bool fallback)
{
    const struct value *value = value_get(kwargs, name);
    if (value_is_none(value))
        return fallback;
    if (value->kind != VALUE_BOOL)
        refuse(arena, check, "%s must be true or false, not %s", name, value_kind_name(value));
    return value->kind == VALUE_BOOL ? value->boolean : fallback;
}

static const char *word(struct arena *arena, struct check *check, const struct value *kwargs,
                        const char *name, const char *fallback)
{
    const struct value *value = value_get(kwargs, name);
    if (value_is_none(value))
        return fallback;
    if (value->kind != VALUE_STRING)
        refuse(arena, check, "%s must be a text, not %s", name, value_kind_name(value));
    return value_string_or(value, fallback);
}

static double number(struct arena *arena, struct check *check, const struct value *kwargs, const char *name,
                     double fallback)
{
    const struct value *value = value_get(kwargs, name);
    if (value_is_none(value))
        return fallback;
    if (value->kind == VALUE_INT)
        return (double)value->integer;
    if (value->kind == VALUE_FLOAT)
        return value->number;
    refuse(arena, check, "%s must be a number, not %s", name, value_kind_name(value));
    return fallback;
}

static const struct value *list_of(struct arena *arena, const struct value *value)
{
    return value_is_none(value) ? NULL : value_list(arena, &value, 1, 0);
}

/* A list argument; null is allowed and kept as NULL. */
static const struct value *list(struct arena *arena, struct check *check, const struct value *kwargs,
                                const char *name)
{
    const struct value *value = value_get(kwargs, name);
    if (value_is_none(value))
        return NULL;
    if (value->kind != VALUE_LIST) {
        refuse(arena, check, "%s must be a list, not %s", name, value_kind_name(value));
        return NULL;
    }
    return value;
}

static void take_columns(struct arena *arena, struct check *check, const struct value *names)
{
    if (value_is_none(names) || names->kind != VALUE_LIST) {
        refuse(arena, check, "a list of columns is required");
        return;
    }
    const char **columns = arena_array(arena, names->count + 1, sizeof *columns);
    for (size_t i = 0; i < names->count; i++) {
        columns[i] = value_string_or(names->items[i], NULL);
        if (!columns[i] || !*columns[i]) {
            refuse(arena, check, "a column's name must be a text");
            columns[i] = "";
        }
    }
    check->columns = columns;
    check->column_count = names->count;
}

static void take_column_names(struct arena *arena, struct check *check, const struct value *kwargs,
                              enum shape shape)
{
    const struct value *names[2] = {value_get(kwargs, shape == PAIR ? "column_A" : "column"),
                                    value_get(kwargs, "column_B")};
    size_t count = shape == PAIR ? 2 : 1;
    if (shape == COLUMNS) {
        take_columns(arena, check, value_get(kwargs, "column_list"));
        if (check->column_count < 2)
            refuse(arena, check, "column_list needs two columns or more");
        return;
    }
    if (check_kind_info(check->kind)->most_columns == 0)
        return;
    const char **columns = arena_array(arena, 2, sizeof *columns);
    check->columns = columns;
    check->column_count = count;
    for (size_t i = 0; i < count; i++) {
        columns[i] = value_is_none(names[i]) ? NULL : value_string_or(names[i], NULL);
        if (!columns[i] || !*columns[i]) {
            refuse(arena, check, "a column is required");
            columns[i] = "";
        }
    }
}

/* Measures that are numbers whatever the column holds; times have a median, but no time reads as a number. */
static bool is_number_measure(enum check_kind kind)
{
    return kind == CHECK_MEAN || kind == CHECK_MEDIAN || kind == CHECK_SUM || kind == CHECK_STDEV ||
           kind == CHECK_DISTINCT_FRACTION;
}

static void take_bounds(struct arena *arena, struct check *check, const struct value *kwargs,
                        const char *equal)
{
    if (equal) {
        const struct value *value = value_get(kwargs, equal);
        if (value_is_none(value))
            refuse(arena, check, "%s is required", equal);
        check->min = check->max = value;
        return;
    }
    check->min = value_get(kwargs, "min_value");
    check->max = value_get(kwargs, "max_value");
    if (is_number_measure(check->kind)) {
        check->min = typed_number(arena, check->min);
        check->max = typed_number(arena, check->max);
    }
    check->strict_min = flag(arena, check, kwargs, "strict_min", false);
    check->strict_max = flag(arena, check, kwargs, "strict_max", false);
}

/* Pairs have words of their own, which Great Expectations refuses elsewhere, and the other way round. */
static void take_ignore(struct arena *arena, struct check *check, const struct value *kwargs)
{
    static const struct {
        const char *of_many, *of_pairs;
        enum check_ignore ignore;
    } RULES[] = {
        {"all_values_are_missing", "both_values_are_missing", CHECK_IGNORE_ALL_MISSING},
        {"any_value_is_missing", "either_value_is_missing", CHECK_IGNORE_ANY_MISSING},
        {"never", "neither", CHECK_IGNORE_NEVER},
    };
    const char *name = word(arena, check, kwargs, "ignore_row_if", NULL);
    bool pairs = value_get(kwargs, "column_A") != NULL;
    if (!name)
        return;
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++)
        if (strcmp(pairs ? RULES[i].of_pairs : RULES[i].of_many, name) == 0) {
            check->ignore = RULES[i].ignore;
            return;
        }
    refuse(arena, check, "ignore_row_if \"%s\" is unknown; here it is \"%s\", \"%s\" or \"%s\"", name,
           pairs ? RULES[0].of_pairs : RULES[0].of_many, pairs ? RULES[1].of_pairs : RULES[1].of_many,
           pairs ? RULES[2].of_pairs : RULES[2].of_many);
}

static void take_condition(struct arena *arena, struct check *check, const struct value *kwargs)
{
    const struct value *condition = value_get(kwargs, "row_condition");
    const struct value *parser = value_get(kwargs, "condition_parser");
    const char *why = NULL, *name = value_is_none(parser) ? NULL : value_string_or(parser, "");
    if (name && strcmp(name, "pandas") != 0 && strcmp(name, "spark") != 0 &&
        strcmp(name, "great_expectations") != 0 && strcmp(name, "great_expectations__experimental__") != 0) {
        refuse(arena, check, "condition_parser \"%s\" is unknown; use pandas or great_expectations", name);
        return;
    }
    if (value_is_none(condition))
        return;
    if (condition->kind == VALUE_STRING)
        check->where = condition_parse(arena, condition->text, condition->length, &why);
    else if (condition->kind == VALUE_RECORD)
        check->where = condition_from_value(arena, condition, &why);
    else
        why = "row_condition must be a text or a record";
    if (!check->where)
        refuse(arena, check, "%s", why);
}

static void take_quantiles(struct arena *arena, struct check *check, const struct value *kwargs)
{
    static const struct {
        const char *name;
        enum rank_method method;
    } METHODS[] = {{"linear", RANK_LINEAR},
                   {"lower", RANK_LOWER},
                   {"higher", RANK_HIGHER},
                   {"midpoint", RANK_MIDPOINT},
                   {"nearest", RANK_NEAREST}};
    const struct value *ranges = value_get(kwargs, "quantile_ranges"),
                       *how = value_get(kwargs, "allow_relative_error");
    if (value_is_none(ranges) || ranges->kind != VALUE_RECORD) {
        refuse(arena, check, "quantile_ranges is required");
        return;
    }
    check->set = list(arena, check, ranges, "quantiles");
    check->ranges = list(arena, check, ranges, "value_ranges");
    check->interpolation = RANK_NEAREST;
    bool found = !how || how->kind != VALUE_STRING;
    for (size_t i = 0; !found && i < sizeof METHODS / sizeof *METHODS; i++)
        if ((found = strcmp(METHODS[i].name, how->text) == 0))
            check->interpolation = METHODS[i].method;
    if (!found)
        refuse(arena, check, "allow_relative_error must be linear, lower, higher, midpoint, nearest");
}

static void take_outliers(struct arena *arena, struct check *check, const struct value *kwargs)
{
    const char *method = word(arena, check, kwargs, "method", "iqr");
    const struct value *multiplier = value_get(kwargs, "multiplier");
    check->about_mean = strcmp(method, "std") == 0;
    check->max = value_is_none(multiplier) ? value_float(arena, 1.5, 0) : multiplier;
    if (!check->about_mean && strcmp(method, "iqr") != 0)
        refuse(arena, check, "method must be iqr or std, not \"%s\"", method);
}

static void take_special(struct arena *arena, struct check *check, const struct value *kwargs,
                         const char *argument)
{
    switch (check->kind) {
    case CHECK_QUANTILES:
        take_quantiles(arena, check, kwargs);
        return;
    case CHECK_Z_SCORE:
        check->max = value_get(kwargs, "threshold");
        check->double_sided = flag(arena, check, kwargs, "double_sided", true);
        return;
    case CHECK_NOT_OUTLIER:
        take_outliers(arena, check, kwargs);
        return;
    case CHECK_PARTITION_KL:
        check->ranges = value_is_none(value_get(kwargs, "partition_object"))
                            ? NULL
                            : value_get(kwargs, "partition_object");
        check->max = value_get(kwargs, "threshold");
        check->keep_bins = !flag(arena, check, kwargs, "bucketize_data", true);
        check->tail_weight_holdout = number(arena, check, kwargs, "tail_weight_holdout", 0);
        check->internal_weight_holdout = number(arena, check, kwargs, "internal_weight_holdout", 0);
        return;
    default:
        check->other = value_string_or(value_get(kwargs, argument), NULL);
        return;
    }
}

static void take_arguments(struct arena *arena, struct check *check, const struct value *kwargs,
                           const struct mapping *mapping)
{
    const char *name = mapping->argument;
    switch (mapping->shape) {
    case BOUNDS:
        take_bounds(arena, check, kwargs, NULL);
        break;
    case EQUAL:
        take_bounds(arena, check, kwargs, name);
        break;
    case SET:
        check->set = list(arena, check, kwargs, name);
        break;
    case NAMES:
        check->set = list(arena, check, kwargs, name);
        check->exact = flag(arena, check, kwargs, "exact_match", true);
        break;
    case ONE:
        if (check->kind == CHECK_COLUMN_EXISTS)
            check->min = typed_number(arena, value_get(kwargs, name));
        else
            check->set = list_of(arena, value_get(kwargs, name));
        break;
    case PAIR:
        if (name)
            check->set = list(arena, check, kwargs, name);
        break;
    case COLUMNS:
        if (name)
            check->min = typed_number(arena, value_get(kwargs, name));
        break;
    case PLAIN:
        if (name)
            check->set = list_of(arena, value_string(arena, name, 0));
        break;
    default:
        take_special(arena, check, kwargs, name);
        break;
    }
    check->python = check->kind == CHECK_MATCHES || check->kind == CHECK_NOT_MATCHES;
}

static const char *const *text_list(struct arena *arena, struct check *check, const struct value *kwargs,
                                    const char *name, size_t *count)
{
    const struct value *given = list(arena, check, kwargs, name);
    *count = given ? given->count : 0;
    if (!given)
        return NULL;
    const char **texts = arena_array(arena, given->count + 1, sizeof *texts);
    for (size_t i = 0; i < given->count; i++)
        if (!(texts[i] = value_string_or(given->items[i], NULL))) {
            refuse(arena, check, "%s must be a list of texts", name);
            texts[i] = "";
        }
    return texts;
}

/* What an expectation may be told: by Great Expectations 1.x, by the versions before it (last line: without
 * meaning here), and by the engine's own kinds. */
static const char *const KWARGS[] = {
    "column", "column_A", "column_B", "column_list", "column_set", "column_index", "value", "min_value",
    "max_value", "strict_min", "strict_max", "mostly", "value_set", "value_pairs_set", "regex", "regex_list",
    "like_pattern", "like_pattern_list", "match_on", "strftime_format", "json_schema", "type_", "type_list",
    "quantile_ranges", "allow_relative_error", "threshold", "double_sided", "method", "multiplier",
    "partition_object", "bucketize_data", "tail_weight_holdout", "internal_weight_holdout", "sum_total",
    "ignore_row_if", "or_equal", "strictly", "ties_okay", "exact_match", "other_table_name", "row_condition",
    "condition_parser",
    /* our own */
    "measure", "reference", "quantile", "condition", "other", "other_columns", "slice_by", "slice_least",
    "slice_gap", "positive", "last",
    /* told to the tool, not to the check */
    "result_format", "batch_id", "meta", "notes", "severity", "description", "windows", "catch_exceptions",
    "include_config", "auto", "profiler_config", "parse_strings_as_datetimes", "output_strftime_format",
    "allow_cross_type_comparisons"};

/* A misspelt bound would be no bound, and the check would always hold: unknown names are refused. */
static void refuse_unknown(struct arena *arena, struct check *check, const struct value *kwargs)
{
    struct map *known = map_new(arena);
    for (size_t i = 0; i < sizeof KWARGS / sizeof *KWARGS; i++)
        map_set(known, KWARGS[i], known);
    for (size_t i = 0; i < kwargs->field_count; i++) {
        const char *name = kwargs->fields[i].key, *near = map_nearest(known, name);
        if (map_get(known, name))
            continue;
        if (near)
            refuse(arena, check, "\"%s\" is no argument of an expectation; did you mean \"%s\"?", name, near);
        else
            refuse(arena, check, "\"%s\" is no argument of an expectation", name);
    }
    if (!value_is_none(value_get(kwargs, "mostly")) &&
        check_kind_info(check->kind)->group != CHECK_GROUP_EACH && check->kind != CHECK_TYPE)
        refuse(arena, check, "mostly is for checks of rows, not of a whole column");
}

/* Arguments that Great Expectations has for the same check, under its names. */
static void take_foreign(struct arena *arena, struct check *check, const struct value *kwargs)
{
    for (size_t i = 0; i < sizeof MAPPINGS / sizeof *MAPPINGS; i++) {
        const struct mapping *mapping = &MAPPINGS[i];
        if (mapping->kind != check->kind)
            continue;
        if (check_kind_info(check->kind)->group == CHECK_GROUP_EACH)
            check->bounds_required = mapping->required;
        if (mapping->shape == BOUNDS || mapping->shape == PLAIN)
            continue;
        bool special = mapping->shape == SPECIAL && !mapping->argument;
        if (special || (mapping->argument && value_get(kwargs, mapping->argument)))
            take_arguments(arena, check, kwargs, mapping);
    }
}

/* An expectation under the name of a kind of the engine's own: what Great Expectations has no word for. */
static void take_native(struct arena *arena, struct check *check, const struct value *kwargs)
{
    const char *measure = value_string_or(value_get(kwargs, "measure"), NULL);
    const char *condition = value_string_or(value_get(kwargs, "condition"), NULL), *why = NULL;
    size_t others;
    if (value_get(kwargs, "column_list"))
        take_columns(arena, check, value_get(kwargs, "column_list"));
    else if (check_kind_info(check->kind)->least_columns > 0 || value_get(kwargs, "column"))
        take_column_names(arena, check, kwargs, value_get(kwargs, "column_A") ? PAIR : PLAIN);
    take_bounds(arena, check, kwargs, NULL);
    check->set = list(arena, check, kwargs, "value_set");
    check->exact = flag(arena, check, kwargs, "exact_match", true);
    take_foreign(arena, check, kwargs);
    if (check->kind == CHECK_DRIFT)
        check->ranges = value_get(kwargs, "reference");
    check->quantile = number(arena, check, kwargs, "quantile", 0.5);
    check->other = value_string_or(value_get(kwargs, "other"), NULL);
    check->other_columns = text_list(arena, check, kwargs, "other_columns", &others);
    if (check->other_columns && others != check->column_count) {
        refuse(arena, check, "other_columns must have as many columns as the expectation");
        check->other_columns = NULL;
    }
    check->slice_by = text_list(arena, check, kwargs, "slice_by", &check->slice_count);
    check->slice_least = (int64_t)number(arena, check, kwargs, "slice_least", 0);
    check->slice_gap = value_get(kwargs, "slice_gap");
    check->positive = value_get(kwargs, "positive");
    check->last = (unsigned)fmax(0, fmin(1e6, number(arena, check, kwargs, "last", 1)));
    if (check->kind == CHECK_DRIFT)
        check->drift = measure;
    else if (measure && (check->measure = check_kind_by_name(measure)) == CHECK_KIND_COUNT)
        refuse(arena, check, "measure \"%s\" is unknown", measure);
    if (check->measure == CHECK_KIND_COUNT)
        check->measure = CHECK_ROWS;
    if (condition && !(check->satisfies = condition_parse(arena, condition, strlen(condition), &why)))
        refuse(arena, check, "%s", why);
    if (check->kind == CHECK_DRIFT && check->ranges && check->ranges->kind != VALUE_RECORD) {
        refuse(arena, check, "reference must be a record");
        check->ranges = NULL;
    }
}

/* What every expectation may have. */
static void take_common(struct arena *arena, struct check *check, const struct value *kwargs)
{
    check->mostly = number(arena, check, kwargs, "mostly", 1);
    check->strictly = flag(arena, check, kwargs, "strictly", false);
    check->or_equal = flag(arena, check, kwargs, "or_equal", false);
    check->ties_okay = flag(arena, check, kwargs, "ties_okay", false);
    const char *match_on = word(arena, check, kwargs, "match_on", "any");
    check->match_all = strcmp(match_on, "all") == 0;
    if (!check->match_all && strcmp(match_on, "any") != 0)
        refuse(arena, check, "match_on must be any or all");
    take_ignore(arena, check, kwargs);
    take_condition(arena, check, kwargs);
}

struct check suite_check(struct arena *arena, const char *type, const struct value *kwargs, bool *known)
{
    struct check check = {.kind = CHECK_ROWS, .mostly = 1};
    const struct mapping *mapping = NULL;
    const char *name = strncmp(type, "expect_", 7) == 0 ? type + 7 : type;
    for (size_t i = 0; i < sizeof MAPPINGS / sizeof *MAPPINGS && !mapping; i++)
        if (strcmp(MAPPINGS[i].type, name) == 0)
            mapping = &MAPPINGS[i];
    enum check_kind native = mapping ? CHECK_KIND_COUNT : check_kind_by_name(type);
    *known = mapping || native != CHECK_KIND_COUNT;
    if (!*known) {
        refuse(arena, &check, "%s is not supported", type);
        check.label = arena_strdup(arena, type);
        return check;
    }
    if (!kwargs || kwargs->kind != VALUE_RECORD)
        kwargs = value_record(arena, NULL, 0, 0);
    check.kind = mapping ? mapping->kind : native;
    if (mapping) {
        check.bounds_required = mapping->required;
        take_column_names(arena, &check, kwargs, mapping->shape);
        take_arguments(arena, &check, kwargs, mapping);
        if (check.kind == CHECK_COLUMN_COUNT &&
            (value_get(kwargs, "strict_min") || value_get(kwargs, "strict_max")))
            refuse(arena, &check,
                   "the number of columns has no strict bounds; move min_value or max_value by one");
        if (check.kind == CHECK_JSON_SCHEMA && check.set && check.set->items[0]->kind != VALUE_RECORD)
            refuse(arena, &check, "json_schema must be a record, not %s",
                   value_kind_name(check.set->items[0]));
    } else {
        take_native(arena, &check, kwargs);
    }
    take_common(arena, &check, kwargs);
    refuse_unknown(arena, &check, kwargs);
    return check;
}

/* The names that a type may have, for did-you-mean. */
static const char *nearest_type(struct arena *arena, const char *type)
{
    struct map *names = map_new(arena);
    for (size_t i = 0; i < sizeof MAPPINGS / sizeof *MAPPINGS; i++)
        map_set(names, arena_printf(arena, "expect_%s", MAPPINGS[i].type), names);
    for (size_t i = 0; i < CHECK_KIND_COUNT; i++)
        map_set(names, check_kind_info((enum check_kind)i)->name, names);
    return map_nearest(names, type);
}

/* `*unknown` counts the types that nobody knows: behind the first ones nobody reads suggestions. */
/* A misspelt severity would never fail a run. */
static void read_severity(struct arena *arena, struct check *check, const struct value *severity)
{
    if (value_is_none(severity))
        return;
    const char *word = value_string_or(severity, "");
    if (strcmp(word, "warning") == 0 || strcmp(word, "info") == 0)
        check->severity = CHECK_WARNING;
    else if (strcmp(word, "critical") != 0)
        refuse(arena, check, "the severity must be critical, warning or info");
}

static struct check read_expectation(struct arena *arena, const struct value *entry, size_t index,
                                     size_t *unknown)
{
    bool known;
    const struct value *type = entry->kind == VALUE_RECORD ? value_get(entry, "type") : NULL;
    if (!type && entry->kind == VALUE_RECORD)
        type = value_get(entry, "expectation_type");
    if (!type || type->kind != VALUE_STRING) {
        struct check check = {.kind = CHECK_ROWS,
                              .mostly = 1,
                              .label = arena_printf(arena, "expectation %zu, without a type", index + 1)};
        refuse(arena, &check, "an expectation must be a record with a `type`");
        return check;
    }
    struct check check = suite_check(arena, type->text, value_get(entry, "kwargs"), &known);
    const char *near = known || (*unknown)++ >= SUGGESTIONS ? NULL : nearest_type(arena, type->text);
    if (near)
        check.error = value_string(
            arena, arena_printf(arena, "%s is not supported; did you mean \"%s\"?", type->text, near), 0);
    read_severity(arena, &check, value_get(entry, "severity"));
    check.meta = value_get(entry, "meta");
    check.origin = entry->origin;
    return check;
}

/* Other documents of Great Expectations, which lie beside its suites. */
static const char *what_else(const struct value *document)
{
    if (document->kind == VALUE_LIST)
        return ", not a list";
    if (document->kind != VALUE_RECORD)
        return "";
    if (value_get(document, "validation_definitions") || value_get(document, "validations"))
        return "; this is a checkpoint: name the suite that it runs (expectations/NAME.json)";
    if (value_get(document, "suite") && value_get(document, "data"))
        return "; this is a validation definition: name the suite that it runs (expectations/NAME.json)";
    if (value_get(document, "results") || value_get(document, "run_results"))
        return "; this is a result of one";
    return "";
}

const struct suite *suite_read(struct arena *arena, const struct value *document, const char **why)
{
    const struct value *list = document->kind == VALUE_RECORD ? value_get(document, "expectations") : NULL;
    if (!list || list->kind != VALUE_LIST) {
        *why =
            arena_printf(arena, "a suite must be a record with a list `expectations`%s", what_else(document));
        return NULL;
    }
    struct suite *suite = arena_alloc(arena, sizeof *suite);
    struct check *checks = arena_array(arena, list->count + 1, sizeof *checks);
    const struct value *name = value_get(document, "name");
    if (!name)
        name = value_get(document, "expectation_suite_name");
    suite->name = name ? value_string_or(name, "suite") : "suite";
    size_t unknown = 0;
    for (size_t i = 0; i < list->count; i++)
        checks[i] = read_expectation(arena, list->items[i], i, &unknown);
    suite->checks = checks;
    suite->count = list->count;
    return suite;
}
