#ifndef MLC_CORE_DOCUMENTS_HCL_VALUE_H
#define MLC_CORE_DOCUMENTS_HCL_VALUE_H

/* The parts of HCL below a block: values, expressions, and runs of `key = value` as `terraform fmt` aligns
 * them. For hcl_write.c. */

#include <stdbool.h>
#include <stddef.h>
#include "core/buf.h"
#include "core/value.h"

struct hcl_writer {
    struct buf *out;
    const struct value *bad;
    size_t indent; /* columns of the lines being written */
    size_t depth;
};

/* One line (or several) of a body: `key = value`. */
struct hcl_argument {
    const char *key;
    const struct value *value;
    const struct marks *marks; /* of the item around it; NULL: none */
};

bool hcl_refuse(struct hcl_writer *writer, const struct value *value);
void hcl_indent(struct hcl_writer *writer);
void hcl_comment(struct hcl_writer *writer, const char *text);
void hcl_above(struct hcl_writer *writer, const struct marks *marks);
void hcl_quote(struct buf *out, const char *text, size_t length);
bool hcl_is_identifier(const char *text);

/* Writes a value at the current place of a line that is `column` columns long. */
bool hcl_value(struct hcl_writer *writer, const struct value *value, size_t column);

/* Writes arguments one a line; `=` and comments align over runs of arguments that take one line. With `map`
 * keys that are no identifiers are quoted; `spaced`: blank lines between. */
bool hcl_arguments(struct hcl_writer *writer, const struct hcl_argument *arguments, size_t count, bool map,
                   bool spaced);

#endif
