#ifndef MLC_DATA_CELL_H
#define MLC_DATA_CELL_H

/* One value of a column on its own: for minima, tops, samples of failing rows. Strings are borrowed from the
 * chunk (or owned by the arena of who copied them). */

#include "core/arena.h"
#include "core/buf.h"
#include "core/value.h"
#include "runtime/data/table.h"

struct cell {
    enum column_type type; /* COLUMN_NULL: a null */
    union {
        bool boolean;
        int64_t integer; /* INT, DATE, TIME, TIMESTAMP */
        double number;
        decimal exact;
        struct {
            const char *text;
            uint32_t length;
        };
    };
};

/* The cell of a row of a column with NEED_VALUES (null for a bad one). */
struct cell column_cell(const struct column_schema *schema, const struct column *column, size_t row);

struct cell cell_copy(struct arena *arena, struct cell cell);

/* Order of two cells of one column: nulls first, NaN last, strings by bytes. */
int cell_compare(struct cell a, struct cell b);

/* The text as the column would spell it: "2024-01-01T00:00:24Z", "12.50", "true"; nothing for a null. */
void cell_print(struct buf *out, const struct column_schema *schema, struct cell cell);

/* The number that statistics use: ints, floats, decimals, bools (0, 1); days or seconds since 1970 for DATE,
 * TIMESTAMP (seconds since midnight for TIME). NaN for strings and nulls. */
double cell_number(const struct column_schema *schema, struct cell cell);

/* Digits behind the point of a column's integers: of decimals, of seconds; 0 for all others. */
unsigned cell_scale(const struct column_schema *schema);

/* The value as *units / 10^*scale: numbers that are no floats, days, seconds. False for the others. */
bool cell_units(const struct column_schema *schema, struct cell cell, decimal *units, unsigned *scale);

/* For documents: null, booleans, ints that fit, finite floats; text as cell_print for the rest. */
const struct value *cell_to_value(struct arena *arena, const struct column_schema *schema, struct cell cell);
bool cell_from_value(struct arena *arena, const struct column_schema *schema, const struct value *value,
                     struct cell *out);

/* Reads a text as a value of the column's type, as a scan would (without null spellings). */
bool cell_parse(const struct column_schema *schema, const char *text, size_t length, struct cell *out);

#endif
