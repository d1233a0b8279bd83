#include "runtime/data/sql.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/data/rational.h"
#include "runtime/data/sql_schema.h"

/* Databases write numbers that JSON has no form for, and exact ones, as texts. */
static bool number_of(const struct value *value, double *out)
{
    if (!value)
        return false;
    if (value->kind == VALUE_STRING)
        return text_to_double(value->text, value->length, out);
    if (value->kind != VALUE_INT && value->kind != VALUE_FLOAT && value->kind != VALUE_QUANTITY)
        return false;
    *out = value->kind == VALUE_INT                                        ? (double)value->integer
           : value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT  ? value->number / 100
           : value->kind == VALUE_QUANTITY && value->unit == UNIT_DURATION ? value->number / 1e6
                                                                           : value->number;
    return true;
}

static bool count_of(const struct value *value, uint64_t *out)
{
    double number;
    if (!number_of(value, &number) || !(number >= 0 && number < 9e15))
        return false;
    *out = (uint64_t)number;
    return true;
}

/* Numbers by value, without rounding; times and texts as texts, a timestamp's blank like a T. */
static int compare(const struct value *a, const struct value *b)
{
    double x, y;
    struct rational left, right;
    if (rational_of_value(a, &left) && rational_of_value(b, &right))
        return rational_compare(left, right);
    if (a->kind != VALUE_STRING && b->kind != VALUE_STRING && number_of(a, &x) && number_of(b, &y))
        return (x > y) - (x < y);
    if (a->kind != VALUE_STRING || b->kind != VALUE_STRING)
        return value_compare(a, b);
    for (size_t i = 0; i < a->length && i < b->length; i++) {
        char c = a->text[i] == ' ' && i == 10 ? 'T' : a->text[i],
             d = b->text[i] == ' ' && i == 10 ? 'T' : b->text[i];
        if (c != d)
            return (unsigned char)c < (unsigned char)d ? -1 : 1;
    }
    return (a->length > b->length) - (a->length < b->length);
}

static void verdict(struct check_result *out, bool good)
{
    out->status = good ? CHECK_PASSED : CHECK_FAILED;
}

static bool in_bounds(const struct check *check, const struct value *found)
{
    if (!value_is_none(check->min) &&
        !(check->strict_min ? compare(found, check->min) > 0 : compare(found, check->min) >= 0))
        return false;
    return value_is_none(check->max) ||
           (check->strict_max ? compare(found, check->max) < 0 : compare(found, check->max) <= 0);
}

/* What databases write for numbers that JSON has no form for: 1 and -1 are the infinities, 2 is no number. A
 * column of texts may hold the same words, but then its bounds are texts. */
static int endless(const struct check *check, const struct value *found)
{
    const char *text = value_string_or(found, "");
    bool texts =
        (check->min && check->min->kind == VALUE_STRING) || (check->max && check->max->kind == VALUE_STRING);
    if (texts)
        return 0;
    return !strcmp(text, "NaN") ? 2 : !strcmp(text, "Infinity") ? 1 : !strcmp(text, "-Infinity") ? -1 : 0;
}

/* The number that is judged; NULL when there is none, and why is in `out`. */
static const struct value *number_found(struct arena *arena, const struct check *check,
                                        const struct value *found, struct check_result *out)
{
    int end = value_is_none(found) ? 2 : endless(check, found);
    if (end == 0)
        return found;
    if (end != 2) {
        out->reason = end > 0 ? "it is infinite" : "it is minus infinity";
        return value_float(arena, end * INFINITY, 0);
    }
    out->observed = value_null(arena, 0);
    out->reason = "there are no values to compute it from";
    out->status = CHECK_FAILED;
    return NULL;
}

static void judge_measure(struct arena *arena, const struct check *check, const struct value *found,
                          struct check_result *out)
{
    if (value_is_none(found) && check->kind == CHECK_SUM)
        found = value_int(arena, 0, 0); /* of nothing, as the engine says */
    found = number_found(arena, check, found, out);
    if (!found)
        return;
    out->observed = found;
    verdict(out, in_bounds(check, found));
}

/* Of two numbers. */
static const struct value *difference(struct arena *arena, const struct value *own, const struct value *other)
{
    double x = NAN, y = NAN;
    struct rational left, right, result;
    if (rational_of_value(own, &left) && rational_of_value(other, &right) &&
        rational_difference(left, right, &result))
        return rational_value(arena, result);
    number_of(own, &x);
    number_of(other, &y);
    return value_float(arena, x - y, 0);
}

/* Bounds are of the difference; without any the numbers are equal. */
static void judge_other(struct arena *arena, const struct check *check, const struct value *own,
                        const struct value *other, struct check_result *out)
{
    double x = NAN, y = NAN;
    const struct value *zero = check->measure == CHECK_SUM ? value_int(arena, 0, 0) : NULL; /* of nothing */
    own = value_is_none(own) && zero ? zero : own;
    other = value_is_none(other) && zero ? zero : other;
    bool has_own = number_of(own, &x), numbers = number_of(other, &y) && has_own;
    if (value_is_none(check->min) && value_is_none(check->max))
        verdict(out, numbers && compare(own, other) == 0);
    else
        judge_measure(arena, check, numbers ? difference(arena, own, other) : NULL, out);
    struct field fields[] = {{"self", 0, isfinite(x) ? own : value_null(arena, 0)},
                             {"other", 0, isfinite(y) ? other : value_null(arena, 0)}};
    out->observed = value_record(arena, fields, 2, 0);
}

static int by_value(const void *a, const void *b)
{
    return value_compare(*(const struct value *const *)a, *(const struct value *const *)b);
}

/* Values of a set without nulls and repetitions. */
static uint64_t set_size(struct arena *arena, const struct value *set)
{
    if (!set || set->kind != VALUE_LIST)
        return 0;
    const struct value **items = arena_array(arena, set->count + 1, sizeof *items);
    size_t count = 0, size = 0;
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i]->kind != VALUE_NULL)
            items[count++] = set->items[i];
    qsort(items, count, sizeof *items, by_value);
    for (size_t i = 0; i < count; i++)
        size += i == 0 || value_compare(items[i - 1], items[i]) != 0;
    return size;
}

static bool judge_set(struct arena *arena, const struct check *check, const struct value *answer,
                      struct check_result *out)
{
    uint64_t inside, outside;
    if (!count_of(value_get(answer, "inside"), &inside) || !count_of(value_get(answer, "outside"), &outside))
        return false;
    const struct value *values = value_get(answer, "measure");
    out->observed = values && values->kind == VALUE_LIST ? values : NULL;
    bool all = inside == set_size(arena, check->set);
    verdict(out, check->kind == CHECK_DISTINCT_IN_SET      ? value_is_none(check->set) || outside == 0
                 : check->kind == CHECK_DISTINCT_EQUAL_SET ? all && outside == 0
                                                           : all);
    return true;
}

static bool judge_rows(const struct check *check, const struct value *answer, struct check_result *out)
{
    uint64_t judged, unexpected;
    if (!count_of(value_get(answer, "judged"), &judged) ||
        !count_of(value_get(answer, "unexpected"), &unexpected) || judged > out->element_count ||
        unexpected > judged)
        return false;
    double n = (double)judged, bad = (double)unexpected;
    out->counted = true;
    out->missing_count = check->kind == CHECK_NOT_NULL  ? unexpected
                         : check->kind == CHECK_IS_NULL ? judged - unexpected
                                                        : out->element_count - judged;
    out->unexpected_count = unexpected;
    out->unexpected_percent = judged ? bad / n * 100 : 0;
    verdict(out, judged == 0 || (n - bad) / n >= check->mostly);
    return true;
}

/* [low, high], either open; false for what is no such pair. */
static bool is_range(const struct value *range)
{
    double low, high;
    if (range->kind != VALUE_LIST || range->count != 2)
        return false;
    bool below = value_is_none(range->items[0]), above = value_is_none(range->items[1]);
    return (below || number_of(range->items[0], &low)) && (above || number_of(range->items[1], &high)) &&
           (below || above || compare(range->items[0], range->items[1]) <= 0);
}

static bool in_range(const struct value *range, const struct value *found)
{
    return (value_is_none(range->items[0]) || compare(found, range->items[0]) >= 0) &&
           (value_is_none(range->items[1]) || compare(found, range->items[1]) <= 0);
}

/* The values of a record as a list; a list as it is. */
static const struct value *members(struct arena *arena, const struct value *found)
{
    struct list_builder list = list_begin(arena);
    if (found->kind != VALUE_RECORD)
        return found;
    for (size_t i = 0; i < found->field_count; i++)
        list_add(&list, found->fields[i].value);
    return list_end(&list, 0);
}

static const char *judge_quantiles(struct arena *arena, const struct check *check, const struct value *found,
                                   struct check_result *out)
{
    const struct value *ranges = check->ranges;
    if (!ranges || ranges->kind != VALUE_LIST || !check->set || check->set->kind != VALUE_LIST ||
        ranges->count != check->set->count || found->kind != VALUE_LIST || found->count != ranges->count)
        return "quantiles and ranges must be lists of one length";
    struct list_builder values = list_begin(arena);
    bool all = true;
    for (size_t i = 0; i < ranges->count; i++) {
        double at, number = NAN;
        const struct value *value = found->items[i];
        if (!number_of(check->set->items[i], &at) || !(at >= 0 && at <= 1))
            return "a quantile lies between 0 and 1";
        if (!is_range(ranges->items[i]))
            return "each range must be an ordered pair";
        if (!value_is_none(value) && !number_of(value, &number))
            return "the database says no number for a quantile";
        if (isinf(number))
            value = value_float(arena, number, 0);
        all = all && !isnan(number) && in_range(ranges->items[i], value);
        list_add(&values, isfinite(number) ? value : value_null(arena, 0));
    }
    struct field fields[] = {{"quantiles", 0, check->set}, {"values", 0, list_end(&values, 0)}};
    out->observed = value_record(arena, fields, 2, 0);
    verdict(out, all);
    return NULL;
}

/* What the database said of the table, and of each check. */
struct answers {
    uint64_t rows;
    const struct value *columns; /* NULL when it was not asked */
    const struct value **found;  /* in the order of the checks; NULL for a check that has none */
};

static bool judge_columns(struct arena *arena, const struct check *check, const struct value *columns,
                          struct check_result *out)
{
    if (!columns || columns->kind != VALUE_LIST)
        return false;
    if (check->kind != CHECK_COLUMN_COUNT)
        return sql_judge_columns(arena, check, columns, out);
    judge_measure(arena, check, value_int(arena, (int64_t)columns->count, 0), out);
    return true;
}

static bool judge(struct arena *arena, const struct check *check, const struct value *answer,
                  const struct answers *answers, struct check_result *out)
{
    out->element_count = answers->rows;
    if (value_get(answer, "rows") && !count_of(value_get(answer, "rows"), &out->element_count))
        return false;
    if (check_kind_info(check->kind)->group == CHECK_GROUP_SCHEMA)
        return judge_columns(arena, check, answers->columns, out);
    if (value_get(answer, "judged"))
        return judge_rows(check, answer, out);
    if (value_get(answer, "inside"))
        return judge_set(arena, check, answer, out);
    if (value_get(answer, "quantiles")) {
        out->error = judge_quantiles(arena, check, members(arena, value_get(answer, "quantiles")), out);
        out->status = out->error ? CHECK_ERROR : out->status;
        return true;
    }
    const struct value *measure = value_get(answer, "measure");
    if (!measure)
        return false;
    if (value_get(answer, "other"))
        judge_other(arena, check, measure, value_get(answer, "other"), out);
    else
        judge_measure(arena, check, measure, out);
    return true;
}

static struct answers read_answers(struct arena *arena, const struct value *list, uint64_t rows, size_t count)
{
    struct answers answers = {.rows = rows, .found = arena_array(arena, count + 1, sizeof *answers.found)};
    for (size_t i = 0; i < list->count; i++) {
        uint64_t place;
        const struct value *one = list->items[i];
        if (one->kind != VALUE_RECORD)
            continue;
        if (count_of(value_get(one, "check"), &place) && place < count)
            answers.found[place] = one;
        else if (value_get(one, "columns"))
            answers.columns = value_get(one, "columns");
    }
    return answers;
}

/* The answer with the bare words NaN and Infinity, which DuckDB writes, as the texts that PostgreSQL writes.
 */
static const char *quote_endless(struct arena *arena, const char *answer, size_t *length)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    struct buf out = {0};
    bool text = false;
    for (size_t i = 0; i < *length; i++) {
        const char *word = NULL;
        for (size_t k = 0; k < sizeof words / sizeof *words && !text && !word; k++)
            if (*length - i >= strlen(words[k]) && memcmp(answer + i, words[k], strlen(words[k])) == 0)
                word = words[k];
        if (word) {
            buf_printf(&out, "\"%s\"", word);
            i += strlen(word) - 1;
            continue;
        }
        if (text && answer[i] == '\\' && i + 1 < *length)
            buf_add_char(&out, answer[i++]);
        else if (answer[i] == '"')
            text = !text;
        buf_add_char(&out, answer[i]);
    }
    const char *quoted = arena_copy(arena, buf_str(&out), out.length);
    *length = out.length;
    buf_free(&out);
    return quoted;
}

bool sql_results(struct arena *arena, const struct check *checks, size_t count, const char *const *left_out,
                 const char *answer, size_t length, struct check_report *report, const char **why)
{
    while (length && isspace((unsigned char)answer[length - 1]))
        length--;
    uint64_t rows;
    answer = quote_endless(arena, answer, &length);
    const struct value *document = json_read_exact(arena, answer, length, why);
    if (!document)
        return false;
    if (document->kind != VALUE_LIST || document->count == 0 || document->items[0]->kind != VALUE_RECORD ||
        !count_of(value_get(document->items[0], "n"), &rows)) {
        *why = "it is no list that begins with the count `n`; the command must print the bare result "
               "(psql -XqtA)";
        return false;
    }
    struct answers answers = read_answers(arena, document, rows, count);
    struct check_result *results = arena_array(arena, count + 1, sizeof *results);
    for (size_t i = 0; i < count; i++) {
        struct check_result *out = &results[i];
        out->check = &checks[i];
        if (!left_out[i] && answers.found[i] && judge(arena, &checks[i], answers.found[i], &answers, out))
            continue;
        out->status = CHECK_ERROR;
        out->error = left_out[i] ? left_out[i] : "the database gave no answer for this check";
    }
    *report = (struct check_report){.rows = rows, .results = results, .result_count = count};
    return true;
}
