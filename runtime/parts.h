#ifndef MLC_RUNTIME_PARTS_H
#define MLC_RUNTIME_PARTS_H

/* The parts of a dataset: which row belongs to train, validation or holdout, and the files that hold them.
 *
 * A row's place is a number in [0, 1): the first 8 bytes, big-endian, of SHA-256(model, NUL, key) over 2^64,
 * where `key` is the text of the key's cell (`by = hash(column)`) or all cells joined by U+001F (`by = row`).
 * Parts take their shares in the order train, validation, holdout. `by = time(column)` orders rows by the
 * column and then by their number in the file, and cuts at the shares, or at spans of
 * time counted back from the newest row. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"

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
    char delimiter;           /* CSV; 0: found */
    const char *const *nulls; /* spellings of null: kept as they are */
    size_t null_count;
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

/* Writes all parts as CSV with the dataset's header (JSONL stays JSONL), whole or not at all. False with an
 * error: the data cannot be read, the key column is missing, or a part would be empty. */
bool parts_write(const struct parts_request *request, struct parts_error *error);

#endif
