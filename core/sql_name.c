#include "core/sql_name.h"

#include <string.h>

/* A part of the name: what is read, and where. */
struct part {
    const char *at, *end;
    struct buf *out;
    size_t bytes;
};

static void put(struct part *part, char c)
{
    if (c == '"')
        buf_add_char(part->out, '"');
    buf_add_char(part->out, c);
    part->bytes++;
}

/* From behind the opening quote to behind the closing one. */
static const char *read_quoted(struct part *part)
{
    for (; part->at < part->end; part->at++) {
        if (*part->at == '"' && (part->at + 1 == part->end || part->at[1] != '"')) {
            part->at++;
            return part->at == part->end || *part->at == '.'
                       ? NULL
                       : "something follows a closing quote that is no dot (a quote inside is doubled)";
        }
        part->at += *part->at == '"';
        put(part, *part->at);
    }
    return "a quote is not closed";
}

static const char *read_bare(struct part *part)
{
    for (; part->at < part->end && *part->at != '.'; part->at++) {
        if (*part->at == '"')
            return "a quote stands inside a part that does not begin with one";
        put(part, *part->at);
    }
    return NULL;
}

static const char *read_part(struct part *part)
{
    bool quoted = part->at < part->end && *part->at == '"';
    part->bytes = 0;
    part->at += quoted;
    buf_add_char(part->out, '"');
    const char *why = quoted ? read_quoted(part) : read_bare(part);
    buf_add_char(part->out, '"');
    if (!why && part->bytes == 0)
        why = "a part of it is empty";
    if (!why && part->bytes > SQL_NAME_PART_BYTES)
        why = "a part of it is longer than 255 bytes";
    return why;
}

bool sql_name_quote(struct buf *out, const char *name, size_t length, const char **why)
{
    struct buf quoted = {0};
    struct part part = {.at = name, .end = name + length, .out = &quoted};
    *why = memchr(name, 0, length) ? "it holds a NUL" : read_part(&part);
    for (size_t parts = 1; !*why && part.at < part.end; parts++) {
        part.at++; /* the dot */
        buf_add_char(&quoted, '.');
        *why = parts == SQL_NAME_PARTS
                   ? "it has more than three parts: put one that holds dots in double quotes"
                   : read_part(&part);
    }
    if (!*why)
        buf_add(out, buf_str(&quoted), quoted.length);
    buf_free(&quoted);
    return !*why;
}
