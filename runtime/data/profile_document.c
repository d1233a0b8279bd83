/* Profiles as documents and back. */

#include <math.h>
#include <string.h>
#include "core/arena.h"
#include "runtime/data/profile.h"

static const char format_name[] = "mlc.profile/1";

/* Counts are exact up to 2^63 - 1; non-finite numbers are null. */
static const struct value *count_value(struct arena *arena, uint64_t count)
{
    return value_int(arena, (int64_t)(count > INT64_MAX ? INT64_MAX : count), 0);
}

static const struct value *number_value(struct arena *arena, double number)
{
    return isfinite(number) ? value_float(arena, number, 0) : value_null(arena, 0);
}

static const struct value *numbers_value(struct arena *arena, const double *numbers, size_t count)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < count; i++)
        list_add(&list, number_value(arena, numbers[i]));
    return list_end(&list, 0);
}

/* JSON numbers beyond 2^53 lose digits in many readers: ints there are written as text. */
static const struct value *cell_value(struct arena *arena, const struct column_schema *schema,
                                      struct cell cell)
{
    const int64_t limit = INT64_C(1) << 53;
    if (cell.type != COLUMN_INT || (cell.integer >= -limit && cell.integer <= limit))
        return cell_to_value(arena, schema, cell);
    struct buf text = {0};
    cell_print(&text, schema, cell);
    const struct value *value = value_string(arena, buf_str(&text), 0);
    buf_free(&text);
    return value;
}

static const struct value *top_value(struct arena *arena, const struct profile_column *column)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < column->top_count; i++) {
        struct list_builder pair = list_begin(arena);
        list_add(&pair, cell_value(arena, &column->schema, column->top[i].value));
        list_add(&pair, count_value(arena, column->top[i].count));
        list_add(&list, list_end(&pair, 0));
    }
    return list_end(&list, 0);
}

static void set_bins(struct arena *arena, struct record_builder *record, const char *name,
                     const double *edges, size_t edge_count, const uint64_t *counts, size_t count)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < count; i++)
        list_add(&list, count_value(arena, counts[i]));
    struct record_builder bins = record_begin(arena);
    record_set(&bins, "edges", numbers_value(arena, edges, edge_count));
    record_set(&bins, "counts", list_end(&list, 0));
    record_set(record, name, record_end(&bins, 0));
}

static void set_numbers(struct arena *arena, struct record_builder *record,
                        const struct profile_column *column)
{
    record_set(record, "sum", number_value(arena, column->sum));
    record_set(record, "mean", number_value(arena, column->mean));
    record_set(record, "variance", number_value(arena, column->variance));
    record_set(record, "zeros", count_value(arena, column->zeros));
    record_set(record, "negatives", count_value(arena, column->negatives));
    record_set(record, "quantiles", numbers_value(arena, column->quantiles, 101));
    if (column->deciles)
        set_bins(arena, record, "deciles", column->decile_edges, column->deciles, column->decile_counts,
                 column->deciles + 1);
    if (column->bins)
        set_bins(arena, record, "histogram", column->edges, column->bins + 1, column->bin_counts,
                 column->bins);
}

static const struct value *column_value(struct arena *arena, const struct profile_column *column)
{
    char type[32];
    struct record_builder record = record_begin(arena);
    record_set(&record, "name", value_string(arena, column->schema.name, 0));
    record_set(&record, "type", value_string(arena, column_type_name(&column->schema, type), 0));
    if (column->schema.zoned)
        record_set(&record, "zoned", value_bool(arena, true, 0));
    record_set(&record, "values", count_value(arena, column->values));
    record_set(&record, "nulls", count_value(arena, column->nulls));
    record_set(&record, "bad", count_value(arena, column->bad));
    record_set(&record, "distinct", count_value(arena, column->distinct));
    record_set(&record, "unique", count_value(arena, column->unique));
    record_set(&record, "approximate", value_bool(arena, column->approximate, 0));
    if (column->schema.type == COLUMN_FLOAT) {
        record_set(&record, "nans", count_value(arena, column->nans));
        record_set(&record, "infinities", count_value(arena, column->infinities));
    }
    if (column->has_range) {
        record_set(&record, "min", cell_value(arena, &column->schema, column->min));
        record_set(&record, "max", cell_value(arena, &column->schema, column->max));
    }
    if (column->has_numbers)
        set_numbers(arena, &record, column);
    if (column->schema.type == COLUMN_STRING && column->values > 0) {
        record_set(&record, "length_min", count_value(arena, column->length_min));
        record_set(&record, "length_max", count_value(arena, column->length_max));
        record_set(&record, "length_mean", number_value(arena, column->length_mean));
        record_set(&record, "empties", count_value(arena, column->empties));
    }
    record_set(&record, "top_complete", value_bool(arena, column->top_complete, 0));
    record_set(&record, "top", top_value(arena, column));
    return record_end(&record, 0);
}

const struct value *profile_to_value(struct arena *arena, const struct profile *profile)
{
    struct record_builder record = record_begin(arena);
    struct list_builder columns = list_begin(arena);
    for (size_t i = 0; i < profile->column_count; i++)
        list_add(&columns, column_value(arena, &profile->columns[i]));
    record_set(&record, "format", value_string(arena, format_name, 0));
    record_set(&record, "rows", count_value(arena, profile->rows));
    record_set(&record, "columns", list_end(&columns, 0));
    return record_end(&record, 0);
}

/* Reading: the first thing that does not fit is remembered. */
struct reading {
    struct arena *arena;
    struct data_error *error;
    const char *column; /* NULL outside of columns */
    bool failed;
};

static void refuse(struct reading *reading, const char *key, const char *expected)
{
    if (!reading->failed)
        data_fail(reading->error, "this is not a profile of mlc: %s%s%s\"%s\" should be %s",
                  reading->column ? "column \"" : "", reading->column ? reading->column : "",
                  reading->column ? "\": " : "", key, expected);
    reading->failed = true;
}

static uint64_t get_count(struct reading *reading, const struct value *record, const char *key, bool required)
{
    const struct value *value = value_get(record, key);
    if (value && value->kind == VALUE_INT && value->integer >= 0)
        return (uint64_t)value->integer;
    if (value || required)
        refuse(reading, key, "a count");
    return 0;
}

static double as_number(const struct value *value)
{
    return value->kind == VALUE_FLOAT ? value->number
           : value->kind == VALUE_INT ? (double)value->integer
                                      : NAN;
}

static double get_number(struct reading *reading, const struct value *record, const char *key)
{
    const struct value *value = value_get(record, key);
    if (!value || (value->kind != VALUE_FLOAT && value->kind != VALUE_INT && value->kind != VALUE_NULL))
        refuse(reading, key, "a number or null");
    return value ? as_number(value) : NAN;
}

static bool get_bool(const struct value *record, const char *key)
{
    const struct value *value = value_get(record, key);
    return value && value->kind == VALUE_BOOL && value->boolean;
}

static const struct value *get_list(struct reading *reading, const struct value *record, const char *key)
{
    const struct value *value = value_get(record, key);
    if (value && value->kind == VALUE_LIST)
        return value;
    refuse(reading, key, "a list");
    return value_list(reading->arena, NULL, 0, 0);
}

/* Ascending edges and counts, `more` (1 or -1) counts more than edges; false when there are none. */
static bool get_bins(struct reading *reading, const struct value *record, const char *key, int more,
                     const struct value **edges, const struct value **counts)
{
    const struct value *bins = value_get(record, key);
    double before = -INFINITY;
    if (!bins)
        return false;
    *edges = get_list(reading, bins, "edges");
    *counts = get_list(reading, bins, "counts");
    if ((int64_t)(*counts)->count != (int64_t)(*edges)->count + more || (*counts)->count == 0)
        refuse(reading, key, more > 0 ? "edges, and one count more" : "edges, and one count less");
    for (size_t i = 0; i < (*edges)->count; i++) {
        double edge = as_number((*edges)->items[i]);
        if (!isfinite(edge) || !(edge >= before))
            refuse(reading, "edges", "ascending numbers");
        before = edge;
    }
    for (size_t i = 0; i < (*counts)->count; i++)
        if ((*counts)->items[i]->kind != VALUE_INT || (*counts)->items[i]->integer < 0)
            refuse(reading, "counts", "a list of counts");
    return !reading->failed;
}

static void get_histogram(struct reading *reading, const struct value *record, struct profile_column *out)
{
    const struct value *edges, *counts;
    if (!get_bins(reading, record, "histogram", -1, &edges, &counts))
        return;
    out->bins = counts->count;
    out->edges = arena_array(reading->arena, edges->count, sizeof *out->edges);
    out->bin_counts = arena_array(reading->arena, counts->count, sizeof *out->bin_counts);
    for (size_t i = 0; i < edges->count; i++)
        out->edges[i] = as_number(edges->items[i]);
    for (size_t i = 0; i < counts->count; i++)
        out->bin_counts[i] = (uint64_t)counts->items[i]->integer;
}

static void get_deciles(struct reading *reading, const struct value *record, struct profile_column *out)
{
    const struct value *edges, *counts;
    if (!get_bins(reading, record, "deciles", 1, &edges, &counts))
        return;
    if (edges->count > 9) {
        refuse(reading, "deciles", "at most 9 edges");
        return;
    }
    out->deciles = edges->count;
    for (size_t i = 0; i < edges->count; i++)
        out->decile_edges[i] = as_number(edges->items[i]);
    for (size_t i = 0; i < counts->count; i++)
        out->decile_counts[i] = (uint64_t)counts->items[i]->integer;
}

static void get_numbers(struct reading *reading, const struct value *record, struct profile_column *out)
{
    const struct value *quantiles = get_list(reading, record, "quantiles");
    out->has_numbers = true;
    out->sum = get_number(reading, record, "sum");
    out->mean = get_number(reading, record, "mean");
    out->variance = get_number(reading, record, "variance");
    out->zeros = get_count(reading, record, "zeros", true);
    out->negatives = get_count(reading, record, "negatives", true);
    if (quantiles->count != 101)
        refuse(reading, "quantiles", "101 numbers");
    for (size_t i = 0; i < 101 && i < quantiles->count; i++)
        out->quantiles[i] = as_number(quantiles->items[i]);
    get_deciles(reading, record, out);
    get_histogram(reading, record, out);
}

static void get_top(struct reading *reading, const struct value *record, struct profile_column *out)
{
    const struct value *top = get_list(reading, record, "top");
    out->top_complete = get_bool(record, "top_complete");
    out->top = arena_array(reading->arena, top->count + 1, sizeof *out->top);
    for (size_t i = 0; i < top->count; i++) {
        const struct value *pair = top->items[i];
        if (pair->kind != VALUE_LIST || pair->count != 2 || pair->items[1]->kind != VALUE_INT ||
            pair->items[1]->integer < 0 ||
            !cell_from_value(reading->arena, &out->schema, pair->items[0], &out->top[i].value)) {
            refuse(reading, "top", "a list of [value, count] with values of the column's type");
            return;
        }
        out->top[i].count = (uint64_t)pair->items[1]->integer;
        out->top_count = i + 1;
    }
}

static void get_range(struct reading *reading, const struct value *record, struct profile_column *out)
{
    const struct value *low = value_get(record, "min"), *high = value_get(record, "max");
    out->has_range = low && high;
    if (out->has_range && (!cell_from_value(reading->arena, &out->schema, low, &out->min) ||
                           !cell_from_value(reading->arena, &out->schema, high, &out->max)))
        refuse(reading, "min", "a value of the column's type, like \"max\"");
}

static void get_column(struct reading *reading, const struct value *record, struct profile_column *out)
{
    const char *name = value_string_or(value_get(record, "name"), NULL);
    const char *type = value_string_or(value_get(record, "type"), NULL);
    if (!name) {
        refuse(reading, "name", "a string");
        return;
    }
    reading->column = name;
    out->schema.name = arena_strdup(reading->arena, name);
    if (!type || !column_type_parse(type, &out->schema)) {
        refuse(reading, "type", "the name of a type");
        return;
    }
    out->schema.declared = true;
    out->schema.zoned = get_bool(record, "zoned");
    out->values = get_count(reading, record, "values", true);
    out->nulls = get_count(reading, record, "nulls", true);
    out->bad = get_count(reading, record, "bad", false);
    out->distinct = get_count(reading, record, "distinct", true);
    out->unique = get_count(reading, record, "unique", false);
    out->nans = get_count(reading, record, "nans", false);
    out->infinities = get_count(reading, record, "infinities", false);
    out->approximate = get_bool(record, "approximate");
    get_range(reading, record, out);
    if (value_get(record, "mean"))
        get_numbers(reading, record, out);
    if (value_get(record, "length_min")) {
        out->length_min = get_count(reading, record, "length_min", true);
        out->length_max = get_count(reading, record, "length_max", true);
        out->length_mean = get_number(reading, record, "length_mean");
        out->empties = get_count(reading, record, "empties", false);
    }
    get_top(reading, record, out);
    reading->column = NULL;
}

struct profile *profile_from_value(struct arena *arena, const struct value *document,
                                   struct data_error *error)
{
    struct reading reading = {.arena = arena, .error = error};
    struct profile *profile = arena_alloc(arena, sizeof *profile);
    if (document->kind != VALUE_RECORD ||
        strcmp(value_string_or(value_get(document, "format"), ""), format_name) != 0) {
        data_fail(error, "this is not a profile of mlc: \"format\" should be \"%s\"", format_name);
        return NULL;
    }
    const struct value *columns = get_list(&reading, document, "columns");
    profile->rows = get_count(&reading, document, "rows", true);
    profile->columns = arena_array(arena, columns->count + 1, sizeof *profile->columns);
    for (size_t i = 0; i < columns->count && !reading.failed; i++) {
        if (columns->items[i]->kind != VALUE_RECORD)
            refuse(&reading, "columns", "a list of records");
        else
            get_column(&reading, columns->items[i], &profile->columns[i]);
        profile->column_count = i + 1;
    }
    return reading.failed ? NULL : profile;
}
