#include "runtime/data/key.h"

#include <math.h>
#include <string.h>

static void add_tagged(struct buf *key, char tag, const void *bytes, size_t count)
{
    buf_add_char(key, tag);
    buf_add(key, bytes, count);
}

static void add_text(struct buf *key, char tag, const char *text, uint32_t length)
{
    add_tagged(key, tag, &length, sizeof length);
    buf_add(key, text, length);
}

static void add_int(struct buf *key, int64_t integer)
{
    add_tagged(key, 'i', &integer, sizeof integer);
}

static void add_float(struct buf *key, double number)
{
    if (number == floor(number) && fabs(number) < 9007199254740992.0) {
        add_int(key, (int64_t)number);
        return;
    }
    if (isnan(number))
        number = NAN;
    add_tagged(key, 'f', &number, sizeof number);
}

static void add_decimal(struct buf *key, decimal exact, uint8_t scale)
{
    for (; scale && exact % 10 == 0; scale--)
        exact /= 10;
    if (scale == 0 && exact >= INT64_MIN && exact <= INT64_MAX) {
        add_int(key, (int64_t)exact);
        return;
    }
    add_tagged(key, 'd', &exact, sizeof exact);
    buf_add_char(key, (char)scale);
}

void key_add_cell(struct buf *key, const struct column_schema *schema, struct cell cell)
{
    switch (cell.type) {
    case COLUMN_NULL:
        buf_add_char(key, 'n');
        return;
    case COLUMN_BOOL:
        buf_add_char(key, cell.boolean ? '1' : '0');
        return;
    case COLUMN_INT:
        add_int(key, cell.integer);
        return;
    case COLUMN_FLOAT:
        add_float(key, cell.number);
        return;
    case COLUMN_DECIMAL:
        add_decimal(key, cell.exact, schema->scale);
        return;
    case COLUMN_STRING:
        add_text(key, 's', cell.text, cell.length);
        return;
    default:
        add_tagged(key, 't', &cell.integer, sizeof cell.integer);
        return;
    }
}

void key_add(struct buf *key, const struct column_schema *schema, const struct column *column, size_t row)
{
    if (column_is_bad(column, row) && column->lengths)
        add_text(key, 'x', column->bytes + column->starts[row], column->lengths[row]);
    else
        key_add_cell(key, schema, column_cell(schema, column, row));
}

void key_add_bad(struct buf *key, const char *text, size_t length)
{
    add_text(key, 'x', text, (uint32_t)length);
}

/* Four KiB of a text and how long it was: a row may have 64 MiB, and a report has many rows. */
enum { SHOWN_BYTES = 4096, SHOWN_MOST = SHOWN_BYTES + 64 };

static void add_cut(struct buf *out, const char *text, uint32_t length)
{
    size_t end = SHOWN_BYTES;
    while (end > SHOWN_BYTES - 4 && ((unsigned char)text[end] & 0xc0) == 0x80) /* not within a character */
        end--;
    buf_add(out, text, end);
    buf_printf(out, "… (%u bytes)", length);
}

void key_add_shown(struct buf *key, const struct column_schema *schema, const struct column *column,
                   size_t row)
{
    bool bad = column_is_bad(column, row);
    bool text = column->lengths && (bad || (column_is_valid(column, row) && schema->type == COLUMN_STRING));
    if (!text || column->lengths[row] <= SHOWN_MOST) {
        key_add(key, schema, column, row);
        return;
    }
    struct buf cut = {0};
    add_cut(&cut, column->bytes + column->starts[row], column->lengths[row]);
    add_text(key, bad ? 'x' : 's', cut.data, (uint32_t)cut.length);
    buf_free(&cut);
}

static struct cell int_as(const struct column_schema *schema, int64_t integer)
{
    struct cell cell = {.type = schema->type};
    if (schema->type == COLUMN_FLOAT) {
        cell.number = (double)integer;
    } else if (schema->type == COLUMN_DECIMAL) {
        cell.exact = integer;
        for (unsigned i = 0; i < schema->scale; i++)
            cell.exact *= 10;
    } else {
        cell.type = COLUMN_INT;
        cell.integer = integer;
    }
    return cell;
}

static struct cell take_decimal(const char **key, const struct column_schema *schema)
{
    struct cell cell = {.type = COLUMN_DECIMAL};
    memcpy(&cell.exact, *key, sizeof cell.exact);
    *key += sizeof cell.exact;
    for (uint8_t scale = (uint8_t) * (*key)++; scale < schema->scale; scale++)
        cell.exact *= 10;
    return cell;
}

struct cell key_next(const char **key, const char *end, const struct column_schema *schema)
{
    struct cell cell = {.type = COLUMN_NULL};
    if (*key >= end)
        return cell;
    char tag = *(*key)++;
    int64_t integer;
    switch (tag) {
    case '0':
    case '1':
        cell.type = COLUMN_BOOL;
        cell.boolean = tag == '1';
        break;
    case 'i':
    case 't':
        memcpy(&integer, *key, sizeof integer);
        *key += sizeof integer;
        if (tag == 'i')
            return int_as(schema, integer);
        cell.type = schema->type;
        cell.integer = integer;
        break;
    case 'f':
        cell.type = COLUMN_FLOAT;
        memcpy(&cell.number, *key, sizeof cell.number);
        *key += sizeof cell.number;
        break;
    case 'd':
        return take_decimal(key, schema);
    case 's':
    case 'x':
        cell.type = COLUMN_STRING;
        memcpy(&cell.length, *key, sizeof cell.length);
        cell.text = *key + sizeof cell.length;
        *key = cell.text + cell.length;
        break;
    default:
        break;
    }
    return cell;
}

const struct value *key_value(struct arena *arena, const struct column_schema *schema, struct cell cell)
{
    if (cell.type != COLUMN_STRING)
        return cell_to_value(arena, schema, cell);
    if (cell.length <= SHOWN_MOST)
        return value_string_n(arena, cell.text, cell.length, 0);
    struct buf cut = {0};
    add_cut(&cut, cell.text, cell.length);
    const struct value *value = value_string_n(arena, cut.data, cut.length, 0);
    buf_free(&cut);
    return value;
}
