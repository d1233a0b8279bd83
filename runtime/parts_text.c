/* Parts of CSV and JSON Lines, as text. */

#include <errno.h>
#include <string.h>
#include "runtime/parts_private.h"

enum { FLUSH_BYTES = 1 << 20 };

static void flush_output(struct splitting *splitting, struct part_output *output)
{
    if (output->text.length > 0 &&
        fwrite(output->text.data, 1, output->text.length, output->file) != output->text.length)
        parts_fail(splitting, "%s: %s", output->temporary, strerror(errno));
    buf_clear(&output->text);
}

static bool open_files(struct splitting *splitting)
{
    for (size_t k = 0; k < splitting->request->count; k++) {
        struct part_output *output = &splitting->outputs[k];
        output->file = fopen(output->temporary, "wbe");
        if (output->file == NULL)
            return parts_fail(splitting, "%s: %s", output->temporary, strerror(errno));
    }
    return true;
}

static bool close_files(struct splitting *splitting)
{
    for (size_t k = 0; k < splitting->request->count; k++) {
        struct part_output *output = &splitting->outputs[k];
        if (output->file == NULL)
            continue;
        flush_output(splitting, output);
        if (fclose(output->file) != 0)
            parts_fail(splitting, "%s: %s", output->temporary, strerror(errno));
    }
    return !splitting->failed;
}

/* --- CSV */

struct csv_writing {
    struct splitting *splitting;
    const struct table_schema *schema;
    char delimiter;
};

static void add_field(struct buf *out, char delimiter, const char *text, size_t length, bool null)
{
    bool quote = length == 0 && !null;
    for (size_t i = 0; i < length && !quote; i++)
        quote = text[i] == delimiter || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (length > 0 && (text[0] == ' ' || text[length - 1] == ' '))
        quote = true;
    if (!quote) {
        buf_add(out, text, length);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, text[i]);
    }
    buf_add_char(out, '"');
}

static void add_header(const struct csv_writing *writing, struct buf *out)
{
    for (size_t i = 0; i < writing->schema->count; i++) {
        const struct column_schema *column = &writing->schema->columns[i];
        const char *name = column->spelled ? column->spelled : column->name;
        if (i > 0)
            buf_add_char(out, writing->delimiter);
        add_field(out, writing->delimiter, name, strlen(name), writing->schema->count > 1);
    }
    buf_add_char(out, '\n');
}

static void write_csv_chunk(void *context, const struct chunk *chunk)
{
    struct csv_writing *writing = context;
    struct splitting *splitting = writing->splitting;
    for (uint32_t row = 0; row < chunk->rows && !splitting->failed; row++) {
        uint64_t number = chunk->first_row + row;
        size_t part = number < splitting->rows ? splitting->part_of_row[number] : splitting->request->count;
        splitting->written++;
        if (part >= splitting->request->count)
            continue;
        struct part_output *output = &splitting->outputs[part];
        for (size_t i = 0; i < writing->schema->count; i++) {
            const struct column *column = &chunk->columns[i];
            if (i > 0)
                buf_add_char(&output->text, writing->delimiter);
            add_field(&output->text, writing->delimiter, column->bytes + column->starts[row],
                      column->lengths[row], !column_is_valid(column, row));
        }
        buf_add_char(&output->text, '\n');
        splitting->request->parts[part].rows++;
        if (output->text.length >= FLUSH_BYTES)
            flush_output(splitting, output);
    }
}

bool parts_write_csv(struct splitting *splitting, struct table *table)
{
    struct csv_writing writing = {splitting, table_schema(table), table_delimiter(table)};
    for (size_t i = 0; i < writing.schema->count; i++)
        table_need(table, i, NEED_TEXT);
    for (size_t k = 0; k < splitting->request->count && table_has_header(table); k++)
        add_header(&writing, &splitting->outputs[k].text);
    bool ok = open_files(splitting) && parts_scan(splitting, table, &writing, write_csv_chunk, true);
    return close_files(splitting) && ok;
}

/* --- JSON Lines */

static void write_line(void *context, const char *text, size_t length)
{
    struct splitting *splitting = context;
    uint64_t number = splitting->written++;
    size_t part = number < splitting->rows ? splitting->part_of_row[number] : splitting->request->count;
    if (part >= splitting->request->count)
        return;
    struct part_output *output = &splitting->outputs[part];
    buf_add(&output->text, text, length);
    buf_add_char(&output->text, '\n');
    splitting->request->parts[part].rows++;
    if (output->text.length >= FLUSH_BYTES)
        flush_output(splitting, output);
}

bool parts_write_lines(struct splitting *splitting, struct table *table)
{
    bool ok = open_files(splitting) && parts_each_line(splitting, table, splitting, write_line);
    return close_files(splitting) && ok;
}
