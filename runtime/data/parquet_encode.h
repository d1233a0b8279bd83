#ifndef MLC_DATA_PARQUET_ENCODE_H
#define MLC_DATA_PARQUET_ENCODE_H

/* Values of columns as Parquet stores them (plain encoding), and the extremes of a row group. */

#include "core/buf.h"
#include "runtime/data/cell.h"
#include "runtime/data/parquet_meta.h"

/* How a column is stored where nothing else is asked for: ints of 64 bits, doubles, decimals as ints up to 18
 * digits. */
struct parquet_column parquet_default_layout(const struct column_schema *schema);

/* Adds a value (not a null) as it stands in a page; `bare` leaves out the length of a byte array, as in
 * statistics. A bool is one byte: pages pack them. */
void parquet_encode(struct buf *out, const struct parquet_column *layout, const struct cell *cell, bool bare);

/* The least and greatest value of a row group, in the order that the format's TYPE_ORDER defines: NaN has no
 * place in it, and zeros lose their sign. Texts longer than 64 bytes hide both. */
struct parquet_extremes {
    struct cell least, greatest;
    struct buf least_text, greatest_text;
    bool any, hidden;
};

void parquet_extremes_add(struct parquet_extremes *extremes, const struct cell *cell);
void parquet_extremes_clear(struct parquet_extremes *extremes);
void parquet_extremes_free(struct parquet_extremes *extremes);

/* Both as bytes of statistics; false when there are none to tell. */
bool parquet_extremes_tell(const struct parquet_extremes *extremes, const struct parquet_column *layout,
                           struct buf *least, struct buf *greatest);

#endif
