#ifndef MLC_DATA_ROW_SAMPLE_H
#define MLC_DATA_ROW_SAMPLE_H

/* A uniform sample of the rows of a column of numbers, in fixed memory: for --approximate. Which rows are in
 * it depends on their numbers only, so the sample does not depend on threads. All rows while there are few.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SAMPLE_ROWS = 65536
}; /* at least, of columns that have more; ranks are right to about 0.4 % (2 sigma) */

/* What is kept of a row: a double's bits, a 64-bit integer, or the two halves of a decimal. */
struct sampled_number {
    uint64_t low, high;
};

struct sampled_row {
    uint64_t hash;
    struct sampled_number number;
};

/* Zero-initialise; row_sample_end frees. */
struct row_sample {
    struct sampled_row *rows;
    size_t count, capacity;
    uint64_t dropped_from; /* hashes from here on were dropped; 0: none was */
};

void row_sample_add(struct row_sample *sample, uint64_t row, struct sampled_number number);
void row_sample_merge(struct row_sample *into, const struct row_sample *from);

/* Before the rows are read: exactly SAMPLE_ROWS of them when any was dropped, so that neither threads nor the
 * order of merging show. */
void row_sample_settle(struct row_sample *sample);
void row_sample_end(struct row_sample *sample);

#endif
