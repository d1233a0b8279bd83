#ifndef MLC_CORE_DOCUMENTS_YAML_SCALAR_H
#define MLC_CORE_DOCUMENTS_YAML_SCALAR_H

/* How YAML scalars are written and read: which strings are safe without quotes under every reader, and what
 * a plain scalar means. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/value.h"

/* True if no YAML reader takes the text, plain in block style, for anything but this string. */
bool yaml_is_plain(const char *text, size_t length);

/* True if a text of several lines can stand as a literal block (`|`). */
bool yaml_fits_literal(const char *text, size_t length);

/* True for characters that stand unescaped in a stream and that no reader takes for a line end. */
bool yaml_is_printable(uint32_t code_point);

enum yaml_reading {
    YAML_READ_OK,     /* `*value` is set: null, boolean, integer or float */
    YAML_READ_STRING, /* a string */
    YAML_READ_REFUSED /* infinite or not a number */
};

/* What a plain scalar means in YAML 1.2's core schema, with the octal 0755 of YAML 1.1 that kubectl reads.
 * Sets kind and content of `*value` only. */
enum yaml_reading yaml_read_plain(const char *text, size_t length, struct value *value);

#endif
