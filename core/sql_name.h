#ifndef MLC_CORE_SQL_NAME_H
#define MLC_CORE_SQL_NAME_H

/* Names of tables as people write them in SQL (ISO 9075, 5.4): `orders`, `shop.orders`, `shop."a.b"`. */

#include <stdbool.h>
#include <stddef.h>
#include "core/buf.h"

enum {
    SQL_NAME_PARTS = 3,       /* catalog, schema, table */
    SQL_NAME_PART_BYTES = 255 /* of a part, quotes counted once */
};

/* Appends the name with every part in quotes. Parts are separated by dots. A part in double quotes holds any
 * text, a quote doubled; one without is taken as it stands, its case kept, and holds neither dots nor quotes.
 * False with `*why`, and nothing appended, when it is no such name. */
bool sql_name_quote(struct buf *out, const char *name, size_t length, const char **why);

#endif
