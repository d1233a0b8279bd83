#ifndef MLC_DATA_CSV_H
#define MLC_DATA_CSV_H

/* CSV as RFC 4180 has it and as it is found: other delimiters, no header, CRLF, byte order marks, embedded
 * line ends, ragged rows, stray quotes. Opened by source.h. */

#include "core/buf.h"
#include "runtime/data/cells.h"
#include "runtime/data/csv_scan.h"
#include "runtime/data/reader.h"
#include "runtime/data/stream.h"

enum { CSV_COLUMNS_LIMIT = 32768 };

struct csv_reader {
    struct table_options options; /* deep copy in the table's arena */
    struct csv_dialect dialect;
    bool header;
    bool lines;  /* JSONL: rows are lines, quotes mean nothing */
    void *jsonl; /* of jsonl.c */
    size_t fields;
    const char *const *names; /* of the first file's header */
    struct null_words *nulls; /* one a column */
    struct inference *inference;
    struct stream_limits limits;
    uint64_t row_limit;
    /* the pass */
    size_t file;
    struct stream *stream; /* of table_stream */
    struct buf carry;      /* from carry_at on: read, but not yet given out */
    size_t carry_at;
    size_t slice;  /* not 0: the carry has whole rows, of which this many bytes are given out next */
    bool over;     /* the file's bytes are all read */
    uint64_t byte; /* offset of the carry in the file */
    uint64_t row, file_row, index;
    uint64_t read; /* bytes of all files so far */
    size_t block_size;
};

/* Lines of a block with the places of their cells. */
struct csv_worker {
    struct worker base;
    char *buffer; /* CELLS_PADDING bytes, then the text */
    size_t capacity;
    char *text;
    struct csv_scan scan;
    uint64_t *structure;
    uint64_t byte, row, file_row, index;
    uint32_t file, rows;
    bool thinned;            /* the structure lacks delimiters of surplus fields */
    uint32_t *positions;     /* 0, then the offsets behind each delimiter and line end */
    uint32_t *starts, *ends; /* of cells, when the block is not regular */
    size_t position_capacity, cell_capacity;
    struct column_store *stores;
    struct column *columns;
    size_t store_count;
};

/* Makes the reader: reads the beginning of the first file for dialect, header and types. Columns of options
 * that the file lacks are ignored. */
bool csv_open(struct table *table, const struct table_options *options, struct data_error *error);

/* csv.c: what CSV and JSONL share, for reader_ops. */
struct worker *csv_worker_new(struct table *table);
void csv_worker_free(struct worker *worker);
bool csv_rewind(struct table *table, struct data_error *error);
enum read_result csv_next(struct table *table, struct worker *worker, struct data_error *error);
void csv_close(struct table *table);

/* The reader itself, before anything is known of the columns. */
struct csv_reader *csv_reader_new(struct table *table, const struct table_options *options);

/* csv_columns.c: the table's columns from the names of the first file. */
bool csv_make_columns(struct table *table, struct csv_reader *reader, const char *const *names, size_t count,
                      struct data_error *error);

/* Fills `column` with what the options say of its name; `nulls` gets its spellings. */
bool csv_declare(struct table *table, const struct table_options *options, struct column_schema *column,
                 struct null_words *nulls, struct data_error *error);

/* csv_dialect.c: guesses what the options leave open, from the beginning of a file. */
void csv_find_dialect(const struct table_options *options, const char *text, size_t length,
                      struct csv_dialect *out);

/* The fields of the first row, unquoted, in the arena, but not many more than the limit of columns; `*end` is
 * where the next row starts. False when the text holds no complete row. */
bool csv_first_row(struct arena *arena, const struct csv_dialect *dialect, const char *text, size_t length,
                   const char ***fields, size_t *count, size_t *end);

/* True when the first row looks like names. */
bool csv_looks_like_header(const char *const *fields, size_t count);

/* csv_decode.c */
bool csv_decode(struct table *table, struct worker *worker, const struct emit *emit,
                struct data_error *error);
bool csv_infer(struct table *table, struct worker *worker, struct data_error *error);

/* Decodes located cells and emits them as one chunk. */
bool csv_emit(struct table *table, struct csv_worker *worker, const uint32_t *starts, const uint32_t *ends,
              const struct emit *emit);

/* Room for the places of `count` cells, and of all positions of the block. */
void csv_reserve_cells(struct csv_worker *worker, size_t count);
void csv_reserve_positions(struct csv_worker *worker);

/* Makes the places of the worker's cells; column c is starts + c, ends + c with stride `fields`. */
void csv_locate(const struct csv_reader *reader, struct csv_worker *worker, const uint32_t **starts,
                const uint32_t **ends);

#endif
