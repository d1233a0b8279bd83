#ifndef MLC_CORE_DOCUMENTS_HCL_H
#define MLC_CORE_DOCUMENTS_HCL_H

/* HCL as `terraform fmt` would leave it, from block values. A file is a list of blocks; a block is a record
 * {"type": string, "labels": [string], "body": [item]}; an item of a body is {"key": string, "value": any}
 * for an argument, or a block. Values may hold VALUE_EXPRESSION of dialect "hcl" (references, calls,
 * operators) and VALUE_TEXT (templates "${…}"). Comments come from marks. */

#include <stdbool.h>
#include "core/buf.h"
#include "core/value.h"

/* False with `*bad` as json_write. `${` and `%{` in strings are escaped. */
bool hcl_write(struct buf *out, const struct value *blocks, const struct value **bad);

#endif
