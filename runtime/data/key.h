#ifndef MLC_RUNTIME_DATA_KEY_H
#define MLC_RUNTIME_DATA_KEY_H

/* Cells as bytes, one behind the other: compound keys, slices, samples of failing rows. Equal keys are equal
 * cells across tables too: a float that is whole is written as an int, a decimal without its trailing zeros.
 * Null equals null, NaN equals NaN. */

#include "core/buf.h"
#include "runtime/data/cell.h"

/* The cell of a row; a bad cell is written as its text where the chunk has it, else as null. */
void key_add(struct buf *key, const struct column_schema *schema, const struct column *column, size_t row);
void key_add_cell(struct buf *key, const struct column_schema *schema, struct cell cell);
/* A bad cell, whose text this is. */
void key_add_bad(struct buf *key, const char *text, size_t length);

/* The same for a sample that people look at: of long texts only the beginning, with a note of their length.
 */
void key_add_shown(struct buf *key, const struct column_schema *schema, const struct column *column,
                   size_t row);

/* Takes one cell off the front of a key, in the column's type; a bad cell comes back as a COLUMN_STRING.
 * Texts point into the key. */
struct cell key_next(const char **key, const char *end, const struct column_schema *schema);

/* Its value for documents; a long text is cut as by key_add_shown. */
const struct value *key_value(struct arena *arena, const struct column_schema *schema, struct cell cell);

#endif
