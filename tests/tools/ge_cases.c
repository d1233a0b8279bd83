/* Runs a file of cases in the format of ge_cases.jsonl (one JSON record a line: data, an expectation with its
 * arguments, the outcome) and prints where the engine disagrees, and totals. Exit 1 when any case disagrees.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/data/cell.h"
#include "runtime/data/check_run.h"
#include "runtime/data/formats.h"
#include "runtime/data/suite.h"
#include "runtime/data/typed.h"

enum { PADDING = 64 };

/* --- data: JSON arrays as one chunk --- */

/* {"$float": "nan"} and the like; NaN is a null, as in pandas. */
static const struct value *plain(struct arena *arena, const struct value *value)
{
    const struct value *special = value->kind == VALUE_RECORD ? value_get(value, "$float") : NULL;
    if (!special)
        return value;
    const char *text = value_string_or(special, "");
    if (strcmp(text, "nan") == 0)
        return value_null(arena, 0);
    return value_float(arena, text[0] == '-' ? -INFINITY : INFINITY, 0);
}

/* Python's repr of a float: the fewest digits that read back, an exponent from 1e16 and below 1e-4. */
static void python_float(struct buf *out, double number)
{
    char text[40] = "";
    int digits = 0;
    do
        snprintf(text, sizeof text, "%.*e", digits++, number);
    while (digits < 17 && strtod(text, NULL) != number);
    const char *mark = strchr(text, 'e');
    int exponent = mark ? atoi(mark + 1) : 0, behind = digits - 1 - exponent;
    if (!mark)
        buf_add_str(out, number > 0 ? "inf" : "-inf");
    else if (exponent < -4 || exponent >= 16)
        buf_add_str(out, text);
    else
        buf_printf(out, "%.*f", behind < 1 ? 1 : behind, number);
}

/* What Python's str() makes of a value. */
static void python_text(struct buf *out, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        buf_add_str(out, "None");
        return;
    case VALUE_BOOL:
        buf_add_str(out, value->boolean ? "True" : "False");
        return;
    case VALUE_STRING:
        buf_add(out, value->text, value->length);
        return;
    case VALUE_FLOAT:
        python_float(out, value->number);
        return;
    default:
        json_write(out, value, (struct json_style){JSON_COMPACT, false}, NULL);
        return;
    }
}

/* "Jan 01 1970 12:00:01", "1/31/2016" and "2016-01-31" as times of ISO 8601, which is what the engine reads;
 * other texts as they are. */
static const struct value *iso_time(struct arena *arena, const struct value *value)
{
    char iso[DATEUTIL_ISO];
    if (value->kind != VALUE_STRING || !dateutil_iso(value->text, value->length, iso))
        return value;
    return value_string(arena, arena_strdup(arena, iso), 0);
}

/* astype(int), which cuts, astype(float) and astype(bool). */
static const struct value *as_number(struct arena *arena, const struct value *value, const char *dtype)
{
    bool ints = strcasestr(dtype, "int"), floats = strstr(dtype, "float");
    if (ints || floats)
        value = typed_number(arena, value);
    if (floats && (value->kind == VALUE_INT || value->kind == VALUE_BOOL))
        return value_float(arena, value->kind == VALUE_INT ? (double)value->integer : value->boolean, 0);
    if (ints && value->kind == VALUE_FLOAT && fabs(value->number) < 9e15)
        return value_int(arena, (int64_t)value->number, 0);
    if (ints && value->kind == VALUE_BOOL)
        return value_int(arena, value->boolean, 0);
    if (strncmp(dtype, "bool", 4) == 0 && value->kind == VALUE_INT)
        return value_bool(arena, value->integer != 0, 0);
    return value;
}

static bool is_time_type(const char *dtype)
{
    return strncasecmp(dtype, "date", 4) == 0 || strncasecmp(dtype, "timestamp", 9) == 0;
}

/* pandas: "timestamp" is in UTC here, and so are "datetime64[ns, UTC]" and DatetimeTZDtype. */
static bool is_zoned_type(const char *dtype)
{
    return is_time_type(dtype) &&
           (dtype[0] == 't' || dtype[0] == 'T' || strpbrk(dtype, ",") || strstr(dtype, "TZ"));
}

struct kinds {
    size_t nulls, bools, ints, floats, texts, others;
    bool zoned;
};

static struct kinds count_kinds(const struct value *const *cells, size_t count)
{
    struct kinds kinds = {0};
    for (size_t i = 0; i < count; i++) {
        const struct value *cell = cells[i];
        kinds.nulls += cell->kind == VALUE_NULL;
        kinds.bools += cell->kind == VALUE_BOOL;
        kinds.ints += cell->kind == VALUE_INT;
        kinds.floats += cell->kind == VALUE_FLOAT;
        kinds.texts += cell->kind == VALUE_STRING;
        kinds.others += cell->kind == VALUE_LIST || cell->kind == VALUE_RECORD;
        if (cell->kind == VALUE_STRING && cell->length > 10 &&
            (cell->text[cell->length - 1] == 'Z' || strpbrk(cell->text + 10, "+-")))
            kinds.zoned = true;
    }
    return kinds;
}

static enum column_type type_of(const struct kinds *kinds, const char *dtype)
{
    if (strstr(dtype, "str"))
        return COLUMN_STRING;
    if (is_time_type(dtype) && kinds->texts)
        return COLUMN_TIMESTAMP;
    if (kinds->others)
        return COLUMN_STRING;
    if (kinds->ints + kinds->floats + kinds->bools + kinds->texts == 0)
        return COLUMN_NULL;
    if (kinds->texts && kinds->ints + kinds->floats == 0)
        return COLUMN_STRING;
    if (kinds->floats || (kinds->ints && kinds->nulls && !strstr(dtype, "Int")))
        return COLUMN_FLOAT; /* pandas: ints with nulls are floats, but for its Int64 */
    return kinds->ints ? COLUMN_INT : COLUMN_BOOL;
}

static bool fill_cell(struct column_schema *schema, const struct value *cell, struct column *column,
                      size_t row)
{
    struct cell parsed;
    switch (schema->type) {
    case COLUMN_TIMESTAMP:
        if (cell->kind != VALUE_STRING || !cell_parse(schema, cell->text, cell->length, &parsed))
            return false;
        ((int64_t *)column->ints)[row] = parsed.integer;
        return true;
    case COLUMN_BOOL:
        ((uint8_t *)column->bools)[row] = cell->boolean;
        return cell->kind == VALUE_BOOL;
    case COLUMN_INT:
        ((int64_t *)column->ints)[row] = cell->kind == VALUE_BOOL ? cell->boolean : cell->integer;
        return cell->kind == VALUE_INT || cell->kind == VALUE_BOOL;
    case COLUMN_FLOAT:
        ((double *)column->floats)[row] = cell->kind == VALUE_INT    ? (double)cell->integer
                                          : cell->kind == VALUE_BOOL ? (double)cell->boolean
                                                                     : cell->number;
        return cell->kind != VALUE_STRING;
    default:
        return true;
    }
}

/* Numbers alone are floats in pandas when one is, or one is missing, whatever they are made of later. */
static bool are_floats(const struct kinds *kinds, const char *dtype)
{
    bool numbers = kinds->ints + kinds->floats && kinds->bools + kinds->texts + kinds->others == 0;
    return numbers && kinds->floats + kinds->nulls && !strstr(dtype, "Int");
}

/* The text of a time in pandas: "2000-01-01 12:00:01", or its date alone when no time of the column has more.
 */
static const struct value *time_text(struct arena *arena, const struct value *iso, bool dates)
{
    size_t length = iso->kind == VALUE_STRING && iso->length >= 19 && iso->text[10] == 'T' ? iso->length : 0;
    if (!length)
        return iso;
    bool utc = iso->text[length - 1] == 'Z';
    return value_string(arena,
                        dates ? arena_printf(arena, "%.10s", iso->text)
                              : arena_printf(arena, "%.10s %.*s%s", iso->text, (int)(length - 11 - utc),
                                             iso->text + 11, utc ? "+00:00" : ""),
                        0);
}

static bool are_midnights(const struct value *const *cells, size_t count)
{
    bool all = true;
    for (size_t i = 0; i < count && all; i++)
        all = cells[i]->kind != VALUE_STRING ||
              (cells[i]->length == 19 && strcmp(cells[i]->text + 10, "T00:00:00") == 0);
    return all;
}

static void fill_column(struct arena *arena, const char *name, const struct value *list, const char *dtype,
                        struct column_schema *schema, struct column *column)
{
    size_t rows = list->count, words = rows / 64 + 2;
    const struct value **cells = arena_array(arena, rows + 1, sizeof *cells);
    uint64_t *valid = arena_array(arena, words, 8), *bad = arena_array(arena, words, 8);
    uint32_t *starts = arena_array(arena, rows + PADDING, 4),
             *lengths = arena_array(arena, rows + PADDING, 4);
    struct buf text = {0};
    for (size_t i = 0; i < rows; i++) {
        cells[i] = as_number(arena, plain(arena, list->items[i]), dtype);
        if (is_time_type(dtype))
            cells[i] = iso_time(arena, cells[i]);
    }
    struct kinds kinds = count_kinds(cells, rows);
    bool floats = are_floats(&kinds, dtype), dates = is_time_type(dtype) && are_midnights(cells, rows);
    *schema = (struct column_schema){.name = name,
                                     .type = type_of(&kinds, dtype),
                                     .declared = true,
                                     .zoned = kinds.zoned || is_zoned_type(dtype),
                                     .ticks = 1000000};
    bool as_text = strstr(dtype, "str") != NULL;
    column->ints = arena_array(arena, rows + PADDING, 16);
    for (size_t i = 0; i < rows; i++) {
        starts[i] = (uint32_t)text.length;
        if (cells[i]->kind == VALUE_NULL && !as_text)
            continue;
        const struct value *shown = cells[i];
        if (floats && shown->kind == VALUE_NULL) {
            buf_add_str(&text, "nan");
            lengths[i] = 3;
            valid[i >> 6] |= 1ull << (i & 63);
            column->valid_count++;
            continue;
        }
        if (floats && shown->kind == VALUE_INT)
            shown = value_float(arena, (double)shown->integer, 0);
        if (is_time_type(dtype))
            shown = time_text(arena, shown, dates && !schema->zoned);
        python_text(&text, shown);
        lengths[i] = (uint32_t)(text.length - starts[i]);
        bool good = schema->type == COLUMN_STRING || fill_cell(schema, cells[i], column, i);
        (good ? valid : bad)[i >> 6] |= 1ull << (i & 63);
        column->valid_count += good;
        column->bad_count += !good;
    }
    buf_add_repeat(&text, '\0', PADDING);
    column->needs = NEED_VALUES | NEED_TEXT;
    column->valid = valid;
    column->bad = column->bad_count ? bad : NULL;
    column->bytes = arena_copy(arena, buf_str(&text), text.length);
    column->starts = starts;
    column->lengths = lengths;
    buf_free(&text);
}

/* --- arguments: {"$PARAMETER": "now() - timedelta(weeks=52*100)"} --- */

static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static const char *date_text(struct arena *arena, int64_t seconds)
{
    int64_t days = seconds / 86400, rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
            doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1, m = mp + (mp < 10 ? 3 : -9);
    return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d", (int)(yoe + era * 400 + (m <= 2)), (int)m,
                        (int)d, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

static double product(const char **at)
{
    char *end;
    double number = strtod(*at, &end);
    *at = end;
    while (**at == '*') {
        double factor = strtod(*at + 1, &end);
        *at = end;
        number *= factor;
    }
    return number;
}

static int64_t delta(const char **at)
{
    static const struct {
        const char *name;
        double seconds;
    } UNITS[] = {{"weeks=", 604800}, {"days=", 86400}, {"hours=", 3600}, {"minutes=", 60}, {"seconds=", 1}};
    double seconds = 0;
    while (**at && **at != ')') {
        size_t i = 0;
        while (i < 5 && strncmp(*at, UNITS[i].name, strlen(UNITS[i].name)) != 0)
            i++;
        if (i < 5)
            *at += strlen(UNITS[i].name);
        double amount = product(at); /* a bare number is days */
        seconds += amount * (i < 5 ? UNITS[i].seconds : 86400);
        while (**at == ',' || **at == ' ')
            ++*at;
    }
    return (int64_t)seconds;
}

static const struct value *parameter(struct arena *arena, const char *text)
{
    int64_t seconds = 0, sign = 1;
    for (const char *at = text; *at;) {
        if (strncmp(at, "now()", 5) == 0) {
            seconds += sign * days_from_civil(2024, 10, 24) * 86400;
            at += 5;
        } else if (strncmp(at, "datetime(", 9) == 0) {
            int64_t parts[6] = {1970, 1, 1, 0, 0, 0};
            at += 9;
            for (size_t i = 0; i < 6 && *at && *at != ')'; i++) {
                parts[i] = (int64_t)product(&at);
                while (*at == ',' || *at == ' ')
                    at++;
            }
            seconds += sign * (days_from_civil(parts[0], parts[1], parts[2]) * 86400 + parts[3] * 3600 +
                               parts[4] * 60 + parts[5]);
        } else if (strncmp(at, "timedelta(", 10) == 0) {
            at += 10;
            seconds += sign * delta(&at);
        } else {
            sign = *at == '-' ? -1 : *at == '+' ? 1 : sign;
            at++;
        }
    }
    return value_string(arena, date_text(arena, seconds), 0);
}

/* Replaces $PARAMETER and $float wherever they are. */
static const struct value *resolve(struct arena *arena, const struct value *value)
{
    if (value->kind == VALUE_LIST) {
        struct list_builder list = list_begin(arena);
        for (size_t i = 0; i < value->count; i++)
            list_add(&list, resolve(arena, value->items[i]));
        return list_end(&list, 0);
    }
    if (value->kind != VALUE_RECORD)
        return value;
    if (value_get(value, "$PARAMETER"))
        return parameter(arena, value_string_or(value_get(value, "$PARAMETER"), ""));
    if (value_get(value, "$float"))
        return plain(arena, value);
    struct record_builder record = record_begin(arena);
    for (size_t i = 0; i < value->field_count; i++)
        record_set(&record, value->fields[i].key, resolve(arena, value->fields[i].value));
    return record_end(&record, 0);
}

/* --- comparison --- */

static bool number_of(const struct value *value, double *out)
{
    if (value->kind == VALUE_INT)
        *out = (double)value->integer;
    else if (value->kind == VALUE_FLOAT)
        *out = value->number;
    else if (value->kind == VALUE_BOOL)
        *out = value->boolean;
    else
        return false;
    return true;
}

/* One time in two spellings: "2020-01-01 10:00:00", "2020-01-01T10:00:00.000000000", "…Z", "…+00:00". */
static bool same_time(const struct value *wanted, const struct value *found)
{
    struct column_schema schema = {.type = COLUMN_TIMESTAMP, .ticks = 1000000000, .declared = true};
    struct cell a, b;
    if (wanted->kind != VALUE_STRING || found->kind != VALUE_STRING || wanted->length < 10 ||
        found->length < 10)
        return false;
    schema.zoned = true; /* a zone is allowed, and none is UTC */
    return cell_parse(&schema, wanted->text, wanted->length, &a) &&
           cell_parse(&schema, found->text, found->length, &b) && a.integer == b.integer;
}

/* Numbers within a relative tolerance; a record of cells equals a list of them in order. */
static bool agrees(const struct value *wanted, const struct value *found, double tolerance)
{
    double a, b;
    if (!found)
        return wanted->kind == VALUE_NULL;
    if (wanted->kind == VALUE_FLOAT && isinf(wanted->number) && found->kind == VALUE_STRING)
        return strcmp(found->text, wanted->number > 0 ? "inf" : "-inf") == 0; /* infinite cells are texts */
    if (wanted->kind == VALUE_STRING && strcmp(wanted->text, "NaT") == 0 && found->kind == VALUE_NULL)
        return true;
    if (number_of(wanted, &a) && number_of(found, &b))
        return a == b || fabs(a - b) <= tolerance * fmax(fabs(a), fabs(b));
    if (wanted->kind == VALUE_LIST && found->kind == VALUE_LIST) {
        bool same = wanted->count == found->count;
        for (size_t i = 0; same && i < wanted->count; i++)
            same = agrees(wanted->items[i], found->items[i], tolerance);
        return same;
    }
    if (wanted->kind == VALUE_LIST && found->kind == VALUE_RECORD) {
        bool same = wanted->count == found->field_count;
        for (size_t i = 0; same && i < wanted->count; i++)
            same = agrees(wanted->items[i], found->fields[i].value, tolerance);
        return same;
    }
    if (wanted->kind == VALUE_RECORD && found->kind == VALUE_RECORD) {
        bool same = wanted->field_count > 0 || found->field_count == 0;
        for (size_t i = 0; same && i < wanted->field_count; i++) {
            const struct value *other = value_get(found, wanted->fields[i].key);
            same = other && agrees(wanted->fields[i].value, other, tolerance);
        }
        return same;
    }
    return value_equal(wanted, found) || same_time(wanted, found);
}

struct outcome {
    struct buf wrong;
    const struct value *expect;
    double tolerance;
};

/* Great Expectations lists 200 unexpected values at most. */
static const struct value *first_values(struct arena *arena, const struct value *list,
                                        const struct value *wanted)
{
    enum { LISTED = 200 };
    bool cut = wanted && wanted->kind == VALUE_LIST && wanted->count == LISTED && list->count > LISTED;
    return cut ? value_list(arena, list->items, LISTED, 0) : list;
}

static void compare(struct outcome *outcome, const char *key, const struct value *found)
{
    const struct value *wanted = value_get(outcome->expect, key);
    if (!wanted || agrees(wanted, found, outcome->tolerance))
        return;
    buf_printf(&outcome->wrong, "  %s: expected ", key);
    value_print(&outcome->wrong, wanted);
    buf_add_str(&outcome->wrong, ", found ");
    if (found)
        value_print(&outcome->wrong, found);
    else
        buf_add_str(&outcome->wrong, "nothing");
    buf_add_char(&outcome->wrong, '\n');
}

/* Whether a case states more than its verdict: a refusal agrees with a bare "success": false, as there. */
static bool states_findings(const struct value *expect)
{
    static const char *const BARE[] = {"success", "element_count", "missing_count", "rtol"};
    for (size_t i = 0; i < expect->field_count; i++) {
        bool bare = expect->fields[i].value->kind == VALUE_NULL;
        for (size_t j = 0; j < sizeof BARE / sizeof *BARE && !bare; j++)
            bare = strcmp(expect->fields[i].key, BARE[j]) == 0;
        if (!bare)
            return true;
    }
    return false;
}

static void compare_result(struct arena *arena, struct outcome *outcome, const struct check_result *result)
{
    bool error = result->status == CHECK_ERROR;
    compare(outcome, "success", value_bool(arena, result->status == CHECK_PASSED, 0));
    if (value_get(outcome->expect, "error") && !error)
        buf_add_str(&outcome->wrong, "  an error was expected: none came\n");
    if (error && !value_get(outcome->expect, "error") && states_findings(outcome->expect))
        buf_printf(&outcome->wrong, "  unexpected error: %s\n", result->error);
    if (error)
        return;
    struct list_builder rows = list_begin(arena), values = list_begin(arena);
    for (size_t i = 0; i < result->sample_count; i++) {
        list_add(&rows, value_int(arena, (int64_t)result->samples[i].row, 0));
        list_add(&values, result->samples[i].value);
    }
    compare(outcome, "observed_value", result->observed);
    compare(outcome, "unexpected_rows", list_end(&rows, 0));
    compare(outcome, "unexpected_list",
            first_values(arena, list_end(&values, 0), value_get(outcome->expect, "unexpected_list")));
    compare(outcome, "unexpected_count", value_int(arena, (int64_t)result->unexpected_count, 0));
    enum check_kind kind = result->check->kind;
    bool all_rows = kind == CHECK_NOT_NULL || kind == CHECK_IS_NULL;
    bool none = result->element_count == (all_rows ? 0 : result->missing_count);
    compare(outcome, "unexpected_percent",
            none ? value_null(arena, 0) : value_float(arena, result->unexpected_percent, 0));
    compare(outcome, "element_count", value_int(arena, (int64_t)result->element_count, 0));
    compare(outcome, "missing_count", value_int(arena, (int64_t)result->missing_count, 0));
    compare(outcome, "details", result->details);
    static const char *const INSIDE[] = {"value_counts", "observed_partition", "expected_partition"};
    for (size_t i = 0; i < 3; i++)
        compare(outcome, INSIDE[i], result->details ? value_get(result->details, INSIDE[i]) : NULL);
}

static bool is_skipped(const struct value *line)
{
    const struct value *tags = value_get(line, "tags");
    for (size_t i = 0; tags && tags->kind == VALUE_LIST && i < tags->count; i++)
        if (strcmp(value_string_or(tags->items[i], ""), "pandas-dtype") == 0)
            return true;
    return false;
}

/* Empty when the engine agrees; else what differs. */
static char *run_case(struct arena *arena, const struct value *line)
{
    const struct value *columns = value_get(line, "columns"), *dtypes = value_get(line, "dtypes");
    size_t count = columns->field_count;
    struct column_schema *schemas = arena_array(arena, count + 1, sizeof *schemas);
    struct column *data = arena_array(arena, count + 1, sizeof *data);
    struct chunk chunk = {.columns = data};
    for (size_t i = 0; i < count; i++) {
        const char *name = columns->fields[i].key;
        const char *dtype = dtypes ? value_string_or(value_get(dtypes, name), "") : "";
        fill_column(arena, name, columns->fields[i].value, dtype, &schemas[i], &data[i]);
        chunk.rows = (uint32_t)columns->fields[i].value->count;
    }
    struct table_schema schema = {schemas, count};
    struct table *table = table_of_chunk(&schema, &chunk);
    bool known;
    struct check check = suite_check(arena, value_string_or(value_get(line, "expectation"), ""),
                                     resolve(arena, value_get(line, "kwargs")), &known);
    struct check_options options = {.threads = 1, .samples = CHECK_ALL_SAMPLES, .strict_types = true};
    struct check_report report;
    struct data_error error;
    struct outcome outcome = {.expect = resolve(arena, value_get(line, "expect")), .tolerance = 1e-9};
    const struct value *tolerance = value_get(outcome.expect, "rtol");
    if (tolerance)
        number_of(tolerance, &outcome.tolerance);
    if (check_run(arena, table, &check, 1, &options, &report, &error))
        compare_result(arena, &outcome, &report.results[0]);
    else
        buf_printf(&outcome.wrong, "  %s\n", error.message);
    table_close(table);
    return buf_take(&outcome.wrong);
}

int main(int argc, char **argv)
{
    struct buf text = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: ge_cases FILE\n");
        return 64;
    }
    if (file_read(argv[1], (size_t)1 << 30, &text) < 0) {
        fprintf(stderr, "ge_cases: cannot read %s\n", argv[1]);
        return 1;
    }
    size_t agree = 0, disagree = 0, skipped = 0, number = 0;
    for (size_t at = 0; at < text.length;) {
        const char *start = text.data + at, *end = memchr(start, '\n', text.length - at);
        size_t length = end ? (size_t)(end - start) : text.length - at;
        struct arena *arena = arena_new();
        const char *why = NULL;
        at += length + 1;
        number++;
        const struct value *line = length ? json_read_text(arena, start, length, &why) : NULL;
        if (length && (!line || line->kind != VALUE_RECORD || !value_get(line, "columns") ||
                       !value_get(line, "kwargs") || !value_get(line, "expect"))) {
            printf("line %zu: %s\n", number, why ? why : "not a case");
            disagree++;
        } else if (line && is_skipped(line)) {
            skipped++;
        } else if (line) {
            char *wrong = run_case(arena, line);
            if (wrong && *wrong)
                printf("%s\n%s", value_string_or(value_get(line, "id"), "?"), wrong);
            disagree += wrong && *wrong;
            agree += !(wrong && *wrong);
            free(wrong);
        }
        arena_free(arena);
    }
    buf_free(&text);
    printf("cases %zu, agree %zu, disagree %zu, skipped %zu (pandas type names)\n",
           agree + disagree + skipped, agree, disagree, skipped);
    return disagree ? 1 : 0;
}
