#ifndef MLC_RUNTIME_PARTS_H
#define MLC_RUNTIME_PARTS_H

/* The parts of a dataset: which row belongs to train, validation or holdout, and the files that hold them.
 *
 * A row's place is a number in [0, 1): the first 8 bytes, big-endian, of SHA-256(model, NUL, key) over 2^64,
 * where `key` is the text of the key's cell (`by = hash(column)`), or of `by = row` all cells joined by
 * U+001F (JSON Lines: the line without the blanks around it, since its cells depend on other lines). Parts
 * take their shares in the order train, validation, holdout. `by = time(column)` orders rows by the column
 * and then by their number in the files, and cuts at the shares, or at spans of time counted back from the
 * newest row.
 *
 * What a part holds: exactly what the data holds.
 * - CSV (plain, gzip or zstd, of one or several files) gives CSV: every cell's text, unquoted and quoted
 * again, null and the empty text kept apart, under the header as it is spelled; one dialect for all inputs.
 * - JSON Lines give their lines, byte for byte.
 * - Parquet gives Parquet, written anew: a part has a few rows of each row group, so pages cannot be copied.
 *   Columns keep their stored types (an INT32 stays one), and equal rows give equal bytes whoever wrote the
 *   input, in whatever codec, encoding and number of files.
 * - On request CSV and JSON Lines give Parquet, by the declared types or inferred ones. A text that is not of
 *   its declared type is an error there.
 * A row with too few or too many fields, and a line that is no object, are errors: no part could hold them
 * unchanged. The same data gives the same bytes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "runtime/data/source.h"

enum parts_by { PARTS_BY_HASH, PARTS_BY_ROW, PARTS_BY_TIME };

struct part {
    const char *name; /* "train" */
    double share;     /* 0..1; ignored when a part has a span */
    int64_t span_us;  /* by time: this long, ending where the next part begins; 0: none */
    bool rest;        /* by time: all that is older than the parts behind it */
    const char *path; /* the file that is written */
    uint64_t rows;    /* set by parts_write */
};

struct parts_request {
    const char *model;        /* name of the model: part of the hash */
    const char *const *paths; /* of the dataset */
    size_t path_count;
    struct table_options source; /* how the dataset is read: format, delimiter, header, types, nulls */
    bool parquet;                /* Parquet parts, whatever the data is */
    enum parts_by by;
    const char *column; /* header of the key or time column */
    struct part *parts;
    size_t count;
};

struct parts_error {
    char text[1024];
};

/* The place of a key. */
double parts_place(const char *model, const char *key, size_t length);

/* Writes all parts, whole or not at all: what a path held before stays until all are written. False with an
 * error: the data cannot be read or is ragged, the key column is missing, or a part would be empty. */
bool parts_write(const struct parts_request *request, struct parts_error *error);

#endif
