#include "runtime/data/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/arena.h"
#include "runtime/data/reader.h"
#include "runtime/data/stream.h"

void data_fail(struct data_error *error, const char *format, ...)
{
    if (!error)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
    for (char *at = error->message; *at; at++) /* names and texts of the data must not steer a terminal */
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
        else if ((unsigned char)at[0] == 0xc2 && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] < 0xa0)
            at[0] = at[1] = '?';
}

int schema_find(const struct table_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->count; i++)
        if (strcmp(schema->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

static const struct {
    const char *word;
    enum column_type type;
    uint32_t ticks;
} type_words[] = {
    {"bool", COLUMN_BOOL, 0},
    {"int", COLUMN_INT, 0},
    {"float", COLUMN_FLOAT, 0},
    {"date", COLUMN_DATE, 0},
    {"time", COLUMN_TIME, 1000000},
    {"timestamp", COLUMN_TIMESTAMP, 1000000},
    {"time_ns", COLUMN_TIME, 1000000000},
    {"timestamp_ns", COLUMN_TIMESTAMP, 1000000000},
    {"string", COLUMN_STRING, 0},
    {"null", COLUMN_NULL, 0},
};

bool column_type_is_number(enum column_type type)
{
    return type == COLUMN_INT || type == COLUMN_FLOAT || type == COLUMN_DECIMAL;
}

bool column_type_is_time(enum column_type type)
{
    return type == COLUMN_DATE || type == COLUMN_TIME || type == COLUMN_TIMESTAMP;
}

const char *column_type_name(const struct column_schema *column, char *out)
{
    if (column->type == COLUMN_DECIMAL) {
        snprintf(out, 32, "decimal(%u,%u)", column->precision, column->scale);
        return out;
    }
    for (size_t i = 0; i < sizeof type_words / sizeof *type_words; i++) {
        bool timed = column->type == COLUMN_TIME || column->type == COLUMN_TIMESTAMP;
        if (type_words[i].type == column->type && (!timed || type_words[i].ticks == column->ticks)) {
            snprintf(out, 32, "%s", type_words[i].word);
            return out;
        }
    }
    snprintf(out, 32, "unknown");
    return out;
}

static bool parse_decimal_word(const char *word, struct column_schema *out)
{
    unsigned precision = 38, scale = 0;
    int used = 0;
    if (strcmp(word, "decimal") == 0)
        scale = 9;
    else if ((sscanf(word, "decimal(%3u,%3u)%n", &precision, &scale, &used) != 2 || word[used]) &&
             (scale = 0, used = 0, sscanf(word, "decimal(%3u)%n", &precision, &used) != 1 || word[used]))
        return false;
    if (precision < 1 || precision > 38 || scale > precision)
        return false;
    out->type = COLUMN_DECIMAL;
    out->precision = (uint8_t)precision;
    out->scale = (uint8_t)scale;
    return true;
}

bool column_type_parse(const char *word, struct column_schema *out)
{
    for (size_t i = 0; i < sizeof type_words / sizeof *type_words; i++)
        if (strcmp(type_words[i].word, word) == 0) {
            out->type = type_words[i].type;
            out->ticks = type_words[i].ticks;
            return true;
        }
    return parse_decimal_word(word, out);
}

struct table *table_new(void)
{
    struct arena *arena = arena_new();
    struct table *table = arena_alloc(arena, sizeof *table);
    table->arena = arena;
    pthread_mutex_init(&table->lock, NULL);
    return table;
}

void table_set_columns(struct table *table, struct column_schema *columns, size_t count)
{
    uint8_t *needs = arena_alloc(table->arena, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (i < table->schema.count && strcmp(columns[i].name, table->columns[i].name) == 0)
            needs[i] = table->needs[i];
    }
    table->columns = columns;
    table->schema = (struct table_schema){columns, count};
    table->needs = needs;
}

void table_close(struct table *table)
{
    if (!table)
        return;
    if (table->ops)
        table->ops->close(table);
    for (size_t i = 0; table->kept && i < table->file_count; i++)
        stream_close(table->kept[i]);
    pthread_mutex_destroy(&table->lock);
    arena_free(table->arena);
}

const struct table_schema *table_schema(const struct table *table)
{
    return &table->schema;
}

const char *const *table_files(const struct table *table, size_t *count)
{
    *count = table->file_count;
    return table->files;
}

const struct table_findings *table_findings(const struct table *table)
{
    return &table->findings;
}

enum data_format table_format(const struct table *table)
{
    return table->format;
}

bool table_has_header(const struct table *table)
{
    return table->header;
}

char table_delimiter(const struct table *table)
{
    return table->delimiter;
}

uint64_t table_bytes(const struct table *table)
{
    return table->bytes;
}

void table_need(struct table *table, size_t column, unsigned needs)
{
    if (column < table->schema.count)
        table->needs[column] |= (uint8_t)needs;
}

void table_need_nothing(struct table *table)
{
    memset(table->needs, 0, table->schema.count);
}

/* The chunk of a table in memory. */
static void memory_close(struct table *table)
{
    (void)table;
}

static struct worker *memory_worker(struct table *table)
{
    (void)table;
    return mem_calloc(1, sizeof(struct worker));
}

static void memory_worker_free(struct worker *worker)
{
    free(worker);
}

struct memory_reader {
    const struct chunk *chunk;
    bool given;
};

static bool memory_rewind(struct table *table, struct data_error *error)
{
    (void)error;
    ((struct memory_reader *)table->reader)->given = false;
    return true;
}

static enum read_result memory_next(struct table *table, struct worker *worker, struct data_error *error)
{
    (void)worker, (void)error;
    struct memory_reader *reader = table->reader;
    if (reader->given || reader->chunk->rows == 0)
        return READ_END;
    reader->given = true;
    return READ_BLOCK;
}

static bool memory_decode(struct table *table, struct worker *worker, const struct emit *emit,
                          struct data_error *error)
{
    (void)worker, (void)error;
    emit->chunk(emit->state, ((struct memory_reader *)table->reader)->chunk);
    return true;
}

static const struct reader_ops memory_ops = {
    .worker_new = memory_worker,
    .worker_free = memory_worker_free,
    .rewind = memory_rewind,
    .next = memory_next,
    .decode = memory_decode,
    .close = memory_close,
};

struct table *table_of_chunk(const struct table_schema *schema, const struct chunk *chunk)
{
    struct table *table = table_new();
    struct column_schema *columns = arena_array(table->arena, schema->count + 1, sizeof *columns);
    memcpy(columns, schema->columns, schema->count * sizeof *columns);
    table_set_columns(table, columns, schema->count);
    table->files = arena_array(table->arena, 1, sizeof *table->files);
    table->files[0] = "memory";
    table->file_count = 1;
    struct memory_reader *reader = arena_alloc(table->arena, sizeof *reader);
    reader->chunk = chunk;
    table->reader = reader;
    table->ops = &memory_ops;
    return table;
}
