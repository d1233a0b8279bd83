/* Parts as Parquet: of Parquet with its stored types, of CSV and JSON Lines with theirs. */

#include <stdlib.h>
#include <string.h>
#include "core/text.h"
#include "runtime/data/parquet.h"
#include "runtime/data/parquet_encode.h"
#include "runtime/data/parquet_write.h"
#include "runtime/parts_private.h"

/* How many times of a column had a zone, and how many had none. */
struct zones {
    uint64_t with, without;
};

struct parquet_parts {
    struct splitting *splitting;
    const struct table_schema *schema;
    struct zones *zones; /* one a column */
    size_t zone_count;
    struct parquet_writer **writers;
};

static bool has_zone(const char *text, size_t length)
{
    char last = length > 0 ? text[length - 1] : 0;
    if (last == 'Z' || last == 'z')
        return true;
    const char *time = memchr(text, ':', length); /* "-" stands in dates too */
    return time != NULL && (memchr(time, '+', length - (size_t)(time - text)) != NULL ||
                            memchr(time, '-', length - (size_t)(time - text)) != NULL);
}

/* The pass that settles types; of timestamps it also counts zones, which a declared type does not tell. */
static void learn_chunk(void *context, const struct chunk *chunk)
{
    struct parquet_parts *parts = context;
    for (size_t i = 0; i < parts->zone_count; i++) {
        const struct column *column = &chunk->columns[i];
        if (chunk->index == 0)
            parts->zones[i] = (struct zones){0};
        if (parts->schema->columns[i].type != COLUMN_TIMESTAMP || column->valid == NULL)
            continue;
        for (uint32_t row = 0; row < chunk->rows; row++) {
            if (!column_is_valid(column, row))
                continue;
            bool zone = has_zone(column->bytes + column->starts[row], column->lengths[row]);
            parts->zones[i].with += zone;
            parts->zones[i].without += !zone;
        }
    }
}

static struct table *open_typed(struct splitting *splitting)
{
    const struct parts_request *request = splitting->request;
    struct data_error error;
    struct table *table = table_open(request->paths, request->path_count, &request->source, &error);
    if (table == NULL)
        parts_fail(splitting, "%s", error.message);
    return table;
}

static void need_all(struct table *table, unsigned needs)
{
    for (size_t i = 0; i < table_schema(table)->count; i++)
        table_need(table, i, needs);
}

/* Finds types, zones and all columns: JSON Lines may show more of them behind the first megabyte, and the
 * pass begins again with those. */
static bool settle(struct parquet_parts *parts, struct table *table)
{
    parts->schema = table_schema(table);
    do {
        parts->zone_count = parts->schema->count;
        parts->zones = mem_realloc(parts->zones, (parts->zone_count + 1) * sizeof *parts->zones);
        memset(parts->zones, 0, (parts->zone_count + 1) * sizeof *parts->zones);
        need_all(table, NEED_VALUES | NEED_TEXT);
        if (!parts_scan(parts->splitting, table, parts, learn_chunk, false))
            return false;
    } while (parts->schema->count != parts->zone_count);
    return true;
}

static bool name_columns(const struct parquet_parts *parts)
{
    for (size_t i = 0; i < parts->schema->count; i++) {
        const char *name = parts->schema->columns[i].name;
        if (!text_is_utf8(name, strlen(name), NULL))
            return parts_fail(parts->splitting,
                              "the name of column %zu is not UTF-8, and Parquet has no other names", i + 1);
    }
    return true;
}

/* The layouts of columns that were read from text; NULL with an error. */
static struct parquet_column *text_layouts(struct parquet_parts *parts)
{
    struct parquet_column *layouts = mem_calloc(parts->schema->count + 1, sizeof *layouts);
    for (size_t i = 0; i < parts->schema->count; i++) {
        const struct column_schema *column = &parts->schema->columns[i];
        const struct zones *zones = &parts->zones[i];
        layouts[i] = parquet_default_layout(column);
        layouts[i].utc = zones->with > 0;
        if (zones->with > 0 && zones->without > 0) {
            parts_fail(
                parts->splitting,
                "`%s` holds times with a zone (%llu) and without (%llu), and a column of Parquet has one "
                "kind: declare it as string, or correct the data",
                column->name, (unsigned long long)zones->with, (unsigned long long)zones->without);
            free(layouts);
            return NULL;
        }
    }
    return layouts;
}

static void write_chunk(void *context, const struct chunk *chunk)
{
    struct parquet_parts *parts = context;
    struct splitting *splitting = parts->splitting;
    struct data_error error;
    size_t words = (chunk->rows + 63) / 64;
    uint64_t *mask = mem_alloc((words + 1) * sizeof *mask);
    for (size_t k = 0; k < splitting->request->count && !splitting->failed; k++) {
        uint64_t rows = 0;
        memset(mask, 0, (words + 1) * sizeof *mask);
        for (uint32_t row = 0; row < chunk->rows; row++) {
            uint64_t number = chunk->first_row + row;
            if (number < splitting->rows && splitting->part_of_row[number] == k) {
                mask[row / 64] |= (uint64_t)1 << (row % 64);
                rows++;
            }
        }
        splitting->request->parts[k].rows += rows;
        if (rows > 0 && !parquet_writer_add(parts->writers[k], chunk, mask, &error))
            parts_fail(splitting, "%s", error.message);
    }
    splitting->written += chunk->rows;
    free(mask);
}

/* A text that is not of its column's type would be lost; so would bytes that Parquet cannot hold as text. */
static bool refuse_lost(struct splitting *splitting, const struct table *table)
{
    const struct table_findings *findings = table_findings(table);
    const struct table_finding *bad = &findings->kept[FINDING_BAD_CELL][0];
    const struct table_finding *bytes = &findings->kept[FINDING_BAD_UTF8][0];
    const struct table_schema *schema = table_schema(table);
    size_t files;
    const char *const *names = table_files(table, &files);
    char type[32];
    if (findings->counts[FINDING_BAD_CELL] > 0 && bad->column >= 0)
        return parts_fail(splitting, "%s: row %llu (at byte %llu): `%s` is %s, but has \"%.70s\"",
                          names[bad->file], (unsigned long long)bad->row, (unsigned long long)bad->byte,
                          schema->columns[bad->column].name,
                          column_type_name(&schema->columns[bad->column], type), bad->text);
    if (findings->counts[FINDING_BAD_UTF8] > 0)
        return parts_fail(splitting, "%s: row %llu (at byte %llu) is not UTF-8: Parquet holds no other text",
                          names[bytes->file], (unsigned long long)bytes->row,
                          (unsigned long long)bytes->byte);
    return true;
}

static bool write_all(struct parquet_parts *parts, struct table *table, const struct parquet_column *layouts)
{
    struct splitting *splitting = parts->splitting;
    struct parquet_write_options options = {.codec = PARQUET_SNAPPY, .layouts = layouts};
    size_t count = splitting->request->count;
    struct data_error error;
    parts->writers = mem_calloc(count + 1, sizeof *parts->writers);
    for (size_t k = 0; k < count && !splitting->failed; k++) {
        parts->writers[k] =
            parquet_writer_open(splitting->outputs[k].temporary, parts->schema, &options, &error);
        if (parts->writers[k] == NULL)
            parts_fail(splitting, "%s", error.message);
    }
    table_need_nothing(table);
    need_all(table, NEED_VALUES);
    bool ok = !splitting->failed && parts_scan(splitting, table, parts, write_chunk, true);
    for (size_t k = 0; k < count; k++)
        if (parts->writers[k] != NULL && !parquet_writer_close(parts->writers[k], &error))
            ok = parts_fail(splitting, "%s", error.message);
    free(parts->writers);
    return ok && refuse_lost(splitting, table);
}

/* Text is read once more by its types: rows were assigned by the cells as they are spelled. */
bool parts_write_parquet(struct splitting *splitting, struct table *table)
{
    struct parquet_parts parts = {.splitting = splitting};
    if (table_format(table) == FORMAT_PARQUET) {
        parts.schema = table_schema(table);
        return write_all(&parts, table, parquet_layouts(table));
    }
    struct table *typed = open_typed(splitting);
    if (typed == NULL)
        return false;
    struct parquet_column *layouts =
        settle(&parts, typed) && name_columns(&parts) ? text_layouts(&parts) : NULL;
    bool ok = layouts != NULL && write_all(&parts, typed, layouts);
    free(layouts);
    free(parts.zones);
    table_close(typed);
    return ok;
}
