#ifndef MLC_DATA_INFER_H
#define MLC_DATA_INFER_H

/* Types from cells: the narrowest type that every value of a column fits. A number with leading zeros or a
 * plus sign is text (a code or a telephone number); integers beyond 64 bits are decimals; dates and times
 * are ISO 8601. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/data/table.h"

/* What was seen of one column. Zero-initialise. */
struct inference {
    uint8_t refuted;   /* types that some value did not fit: INFER_… bits */
    bool zoned;        /* a timestamp with a zone */
    bool nanos;        /* a time finer than a microsecond */
    bool beyond_nanos; /* a time too far from 1970 for nanoseconds in 64 bits */
    bool json;         /* a JSON object or list */
    bool texts;        /* a value that is a text for certain (a JSON string) */
    uint64_t values;
    uint64_t numbers;
    double sum; /* of numbers */
};

/* A value that is not null; blanks around it do not count. */
void infer_text(struct inference *inference, const char *text, size_t length);

enum json_cell { JSON_CELL_TEXT, JSON_CELL_NUMBER, JSON_CELL_BOOL, JSON_CELL_TREE };

/* The same for a value of JSON, whose kind is known. */
void infer_json(struct inference *inference, enum json_cell kind, const char *text, size_t length);

void infer_merge(struct inference *into, const struct inference *from);

/* Sets type, ticks, precision, scale, zoned, logical and shift. */
void infer_type(const struct inference *inference, struct column_schema *out);

#endif
