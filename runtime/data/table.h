#ifndef MLC_DATA_TABLE_H
#define MLC_DATA_TABLE_H

/* Tables as the engine sees them: a schema of typed columns, and a scan that hands out chunks. A chunk is a
 * run of rows small enough for a core's L2 cache, column by column; only the columns that were asked for are
 * decoded, and strings point into the text that was read. Files are opened by source.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An exact decimal: the value times 10^scale of its column. */
typedef __int128 decimal;

enum column_type {
    COLUMN_NULL,      /* no cell holds a value (only inferred) */
    COLUMN_BOOL,      /* bools */
    COLUMN_INT,       /* ints */
    COLUMN_FLOAT,     /* floats; NaN and infinities are values */
    COLUMN_DECIMAL,   /* decimals */
    COLUMN_DATE,      /* ints: days since 1970-01-01 */
    COLUMN_TIME,      /* ints: ticks since midnight */
    COLUMN_TIMESTAMP, /* ints: ticks since 1970-01-01T00:00:00 */
    COLUMN_STRING     /* starts and lengths over bytes */
};

/* What a string column says it holds (Parquet, JSONL); the engine treats all as strings. */
enum column_logical { LOGICAL_NONE, LOGICAL_JSON, LOGICAL_UUID, LOGICAL_ENUM, LOGICAL_BINARY };

struct column_schema {
    const char *name;
    const char *spelled; /* CSV: the header as it stands, where the name differs; NULL elsewhere */
    enum column_type type;
    enum column_logical logical;
    bool declared;     /* the caller gave the type; otherwise it was inferred or is the file's own */
    bool zoned;        /* TIMESTAMP: the text had a zone, ticks are UTC */
    uint8_t precision; /* DECIMAL: digits, at most 38 */
    uint8_t scale;     /* DECIMAL: digits behind the point */
    uint32_t ticks;    /* TIME, TIMESTAMP: ticks a second, 1000000 or 1000000000 */
    double shift;      /* a number near the column's mean (0 when unknown): steadies sums of squares */
};

struct table_schema {
    const struct column_schema *columns;
    size_t count;
};

/* The position of a column by name, or -1. */
int schema_find(const struct table_schema *schema, const char *name);

/* "int", "decimal(12,2)", "timestamp", …: the words of the language's types. `out` has 32 bytes. */
const char *column_type_name(const struct column_schema *column, char *out);
/* Ints, decimals and floats; dates, times and timestamps. */
bool column_type_is_number(enum column_type type);
bool column_type_is_time(enum column_type type);

/* Fills type, precision, scale and ticks from such a word; false when it is none. */
bool column_type_parse(const char *word, struct column_schema *out);

/* What a scan must decode of a column (or-ed). NEED_TEXT gives starts and lengths of the cells' text for a
 * column of any type (for patterns over numbers, and for samples of failing rows). */
enum column_need { NEED_NOTHING = 0, NEED_NULLS = 1, NEED_VALUES = 3, NEED_TEXT = 5 };

/* One column of a chunk. Bit r of a bitmap is word r / 64, bit r % 64; bits at and behind `rows` are 0. A
 * cell is a value (valid), a text that is not of the column's type (bad), or else null. Arrays have zeros
 * (and empty strings) where a cell is not valid, and 64 readable entries behind the last row; every string
 * has at least 64 readable bytes behind its end, so that loads may run over. */
struct column {
    uint8_t needs;         /* what was decoded: enum column_need */
    const uint64_t *valid; /* NULL when nothing was asked for */
    const uint64_t *bad;   /* NULL when no cell of the chunk is bad */
    uint32_t valid_count;
    uint32_t bad_count;
    union {
        const uint8_t *bools; /* 0 or 1 */
        const int64_t *ints;
        const double *floats;
        const decimal *decimals;
    };
    /* COLUMN_STRING, or NEED_TEXT: the text of row r is bytes + starts[r], lengths[r] bytes, unescaped. Bad
     * cells have their text too. */
    const char *bytes;
    const uint32_t *starts;
    const uint32_t *lengths;
};

struct chunk {
    uint64_t index;     /* 0, 1, 2, … in the order of the data: for what depends on order */
    uint64_t first_row; /* number of row 0 of the chunk, over all files, from 0 */
    uint32_t rows;
    uint32_t file;                /* position in table_files */
    uint64_t file_row;            /* number of row 0 within its file, from 0 */
    const struct column *columns; /* one for each column of the schema */
};

static inline bool column_is_valid(const struct column *column, size_t row)
{
    return column->valid[row >> 6] >> (row & 63) & 1;
}

static inline bool column_is_bad(const struct column *column, size_t row)
{
    return column->bad && (column->bad[row >> 6] >> (row & 63) & 1);
}

/* Why a table cannot be read: one sentence with file, row (from 1, without the header) and byte where there
 * is a place. Never empty after a failure. */
struct data_error {
    char message[768];
};

void data_fail(struct data_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What a scan noticed about the input but could go on from. */
enum table_finding_kind {
    FINDING_FEW_FIELDS,  /* a row with too few fields: the missing ones are null */
    FINDING_MANY_FIELDS, /* a row with too many: the surplus is dropped */
    FINDING_BAD_CELL,    /* a text that is not of its column's type */
    FINDING_BAD_UTF8,    /* a string that is not UTF-8 (kept as bytes) */
    FINDING_STRAY_QUOTE, /* a quote inside an unquoted field, or text behind a closing quote: kept as text */
    FINDING_BAD_LINE,    /* JSONL: a line that is no JSON object: all its cells are null */
    FINDING_KINDS
};

struct table_finding {
    enum table_finding_kind kind;
    uint32_t file;
    int column;    /* -1: the whole row */
    uint64_t row;  /* within its file, from 1, without the header */
    uint64_t byte; /* offset of the row in the (decompressed) file; 0 for Parquet */
    char text[80]; /* what was found, cut */
};

enum { FINDINGS_KEPT = 20 };

/* The first FINDINGS_KEPT of each kind, in the order of the data, and how many there were in all. */
struct table_findings {
    uint64_t counts[FINDING_KINDS];
    struct table_finding kept[FINDING_KINDS][FINDINGS_KEPT];
};

struct table;

void table_close(struct table *table);
const struct table_schema *table_schema(const struct table *table);
/* The paths behind the table after globs were expanded ("-" for the standard input). */
const char *const *table_files(const struct table *table, size_t *count);
/* The findings of the last scan. */
const struct table_findings *table_findings(const struct table *table);

/* Sets what the next scan decodes of a column; all start at NEED_NOTHING. Needs are or-ed. */
void table_need(struct table *table, size_t column, unsigned needs);
void table_need_nothing(struct table *table);

/* What a scan calls. `start` makes the state of one worker thread; `chunk` is called from that thread for
 * every chunk that it got. Chunks come in no order and to any worker: merge afterwards, by chunk index where
 * order counts. If a column's inferred type turns out too narrow, the type is widened (table_schema changes),
 * `discard` drops every state, and the scan begins again: at most a few times. A scan of JSONL may
 * then have more columns, which nobody needs yet: `start` may call table_need. */
struct scan_hooks {
    void *context;
    void *(*start)(void *context);
    void (*chunk)(void *state, const struct chunk *chunk);
    void (*discard)(void *context, void *state);
};

enum { SCAN_THREADS_LIMIT = 64 };

/* One pass over all rows with `threads` workers (0: one a core). On success `states` has the workers' states
 * (at most SCAN_THREADS_LIMIT), `*state_count` of them, at least one; on failure they were discarded. */
bool table_scan(struct table *table, unsigned threads, const struct scan_hooks *hooks, void **states,
                size_t *state_count, struct data_error *error);

/* A table over one chunk that the caller keeps: for tests, and for data that came as documents. All columns
 * must be complete; schema and chunk must outlive the table. */
struct table *table_of_chunk(const struct table_schema *schema, const struct chunk *chunk);

#endif
