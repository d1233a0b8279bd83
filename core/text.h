#ifndef MLC_CORE_TEXT_H
#define MLC_CORE_TEXT_H

/* Small facts about bytes, UTF-8 and numbers as text that every room needs. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"

/* True if the bytes are well-formed UTF-8 (no surrogates, no overlong forms); if not, `*bad` (may be
 * NULL) is the offset of the first bad byte. */
bool text_is_utf8(const char *bytes, size_t length, size_t *bad);

/* Decodes one code point at `*at` (< length) and advances; an ill-formed byte gives U+FFFD and one byte. */
uint32_t text_next_code_point(const char *bytes, size_t length, size_t *at);

/* Appends a code point as UTF-8. */
void text_add_code_point(struct buf *out, uint32_t code_point);

/* Appends a code point as an escape that YAML, HCL and C-like languages read within double quotes: \n, \",
 * \u263a. */
void text_add_escape(struct buf *out, uint32_t code_point);

/* False for what a terminal obeys or hides instead of showing it: controls (also C1), line separators, marks
 * that change the direction of writing. */
bool text_is_printable(uint32_t code_point);

/* Appends text of unknown origin on one line for a terminal: what is not printable, and bytes that are no
 * UTF-8, are shown as \n, \t, \r, \x1b or \u202e. */
void text_add_safe(struct buf *out, const char *bytes, size_t length);

/* Columns that the text takes on a terminal (wide characters count 2, combining ones 0). */
size_t text_width(const char *bytes, size_t length);

/* Edit distance of two short words with transpositions (Damerau, restricted); `limit` + 1 when larger. */
size_t text_distance(const char *a, const char *b, size_t limit);

bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);

/* The shortest decimal text that reads back as the same double, in the style of JSON ("0.1", "1e+21",
 * "100"). `out` has at least 32 bytes; returns the length. Non-finite values give "nan", "inf", "-inf". */
size_t text_from_double(double value, char *out);

/* Strict readers of a whole text: no blanks, no sign '+', no partial reads; false on overflow. */
bool text_to_int(const char *text, size_t length, int64_t *out);
bool text_to_double(const char *text, size_t length, double *out);

/* Lower-case hexadecimal of `count` bytes; `out` has 2 * count + 1 bytes. */
void text_hex(const uint8_t *bytes, size_t count, char *out);

#endif
