#ifndef MLC_DATA_JSONL_H
#define MLC_DATA_JSONL_H

/* JSON Lines: one object a line, columns by key in the order of their first appearance. A nested object or
 * list is a string column with its JSON text. Opened by source.h. */

#include "runtime/data/reader.h"

bool jsonl_open(struct table *table, const struct table_options *options, struct data_error *error);

#endif
