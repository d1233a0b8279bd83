#ifndef MLC_DATA_JSON_LINE_H
#define MLC_DATA_JSON_LINE_H

/* One line of JSONL: the fields of an object, without building a tree. */

#include <stdbool.h>
#include <stddef.h>
#include "runtime/data/infer.h"

/* A field of the object. Key and text are unescaped in place; a nested object or list is its JSON text. */
struct json_field {
    const char *key;
    size_t key_length;
    bool null;
    enum json_cell kind;
    char *text;
    size_t length;
};

/* Reads the line [text, end), which is changed. Calls `each` for every field, also for those before a
 * mistake; stops when it returns false. On a mistake false, and `*why` says what is wrong. */
bool json_line_read(char *text, char *end, bool (*each)(void *context, const struct json_field *field),
                    void *context, const char **why);

#endif
