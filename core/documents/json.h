#ifndef MLC_CORE_DOCUMENTS_JSON_H
#define MLC_CORE_DOCUMENTS_JSON_H

/* JSON (RFC 8259) to values and back. The reader is strict: UTF-8, no duplicate keys, no trailing bytes,
 * bounded depth and size. Integers that fit int64 stay exact; others become doubles (a number that
 * overflows a double is an error). */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/diag.h"
#include "core/value.h"

struct json_limits {
    size_t depth; /* 0: 200 */
    size_t nodes; /* 0: 50,000,000 */
};

/* Reads one document from a source. On failure NULL, and a diagnostic in `diags` (may be NULL) with the
 * place. If `origins` is not NULL every value gets its span as origin. */
const struct value *json_read(struct arena *arena, const struct source *source, struct json_limits limits,
                              struct origin_table *origins, struct diag_sink *diags);

/* The same without places: on failure NULL and `*why` (may be NULL) a text in the arena with line and column.
 */
const struct value *json_read_text(struct arena *arena, const char *text, size_t length, const char **why);

/* The same for documents whose numbers are exact: one that a double rounds, and that is written without an
 * exponent, has `digits` (core/value.h). */
const struct value *json_read_exact(struct arena *arena, const char *text, size_t length, const char **why);

enum json_layout { JSON_COMPACT, JSON_PRETTY };

struct json_style {
    enum json_layout layout; /* JSON_PRETTY: two spaces, one entry a line, short scalar lists on one line */
    bool sort_keys;
};

/* Writes a document. False when the value holds a kind that no document may hold or a non-finite number;
 * `*bad` (may be NULL) is then that value. Strings escape what RFC 8259 demands, and U+2028/2029. */
bool json_write(struct buf *out, const struct value *value, struct json_style style,
                const struct value **bad);

/* Appends a JSON string literal with quotes. Ill-formed UTF-8 becomes U+FFFD. */
void json_write_string(struct buf *out, const char *text, size_t length);

#endif
