#ifndef MLC_RUNTIME_DATA_TYPED_H
#define MLC_RUNTIME_DATA_TYPED_H

/* Arguments of checks in the type of their column: ranges and sets. A text for a time column is parsed: a
 * bound as ISO 8601, a member of a set also as dateutil reads a whole date without a zone, month first. A
 * bound of a number column may be a text that reads as a number, as in Great Expectations; a number for a
 * text column is an error, never cast. */

#include "core/arena.h"
#include "core/value.h"
#include "runtime/data/cell.h"

/* The values from low to high, both ends included; numbers are closed ranges after strictness. */
struct range {
    bool has_low, has_high;
    bool strict_low, strict_high; /* strings only */
    bool empty;                   /* no int can be inside */
    int64_t int_low, int_high;    /* BOOL, INT, DATE, TIME, TIMESTAMP */
    double float_low, float_high;
    decimal decimal_low, decimal_high;
    const char *text_low, *text_high;
    size_t low_length, high_length;
};

/* NULL, or why the bounds do not fit the column (in the arena). */
const char *range_prepare(struct arena *arena, const struct column_schema *schema, const struct value *low,
                          const struct value *high, bool strict_low, bool strict_high, struct range *out);

/* The number that a text reads as; any other value as it is. */
const struct value *typed_number(struct arena *arena, const struct value *value);
/* A bound of a column in a form that compares: a text as the number or the ticks that it stands for. */
const struct value *typed_bound(struct arena *arena, const struct column_schema *schema,
                                const struct value *value);

/* A value of a document as a cell of a column; NULL, or why it does not fit. */
const char *typed_cell(struct arena *arena, const struct column_schema *schema, const struct value *value,
                       struct cell *out);

/* For each row whether its cell lies in the range: bits of a bitmap, for valid cells only. */
void range_test(const struct column_schema *schema, const struct range *range, const struct column *column,
                size_t rows, uint64_t *inside);

/* The same for one cell of the column the range was prepared for. */
bool range_has(const struct range *range, struct cell cell);

struct typed_set;

/* The members that are of the column's type; others can equal no cell and are left out. NULL with `*why` when
 * a text for a time column is no time. */
const struct typed_set *typed_set_new(struct arena *arena, const struct column_schema *schema,
                                      const struct value *members, const char **why);
size_t typed_set_count(const struct typed_set *set);
bool typed_set_has(const struct typed_set *set, struct cell cell);
/* Which members are in the set is bit by bit the answer for the valid cells of a column. */
void typed_set_test(const struct typed_set *set, const struct column *column, size_t rows, uint64_t *member);

/* Bitmap helpers over `rows` bits. */
size_t bitmap_words(size_t rows);
uint64_t bitmap_count(const uint64_t *bits, size_t rows);

#endif
