#include "runtime/data/parquet_encode.h"

#include <math.h>
#include <string.h>

enum { EXTREME_TEXT = 64, INT64_DIGITS = 18, DECIMAL_WIDTH = 16 };

struct parquet_column parquet_default_layout(const struct column_schema *schema)
{
    struct parquet_column layout = {.physical = PHYSICAL_INT64, .optional = true};
    switch (schema->type) {
    case COLUMN_BOOL:
        layout.physical = PHYSICAL_BOOLEAN;
        break;
    case COLUMN_NULL:
    case COLUMN_DATE:
        layout.physical = PHYSICAL_INT32;
        break;
    case COLUMN_FLOAT:
        layout.physical = PHYSICAL_DOUBLE;
        break;
    case COLUMN_STRING:
        layout.physical = PHYSICAL_BYTES;
        break;
    case COLUMN_DECIMAL:
        if (schema->precision > INT64_DIGITS) {
            layout.physical = PHYSICAL_FIXED;
            layout.width = DECIMAL_WIDTH;
        }
        break;
    case COLUMN_TIMESTAMP:
        layout.utc = schema->zoned;
        break;
    default:
        break;
    }
    return layout;
}

/* Two's complement, the highest byte first, in `width` bytes. */
static void add_big_endian(struct buf *out, decimal value, size_t width)
{
    unsigned __int128 bits = (unsigned __int128)value;
    for (size_t i = width; i > 0; i--)
        buf_add_char(out, i > sizeof bits ? (value < 0 ? (char)-1 : 0)
                                          : (char)(unsigned char)(bits >> (8 * (i - 1))));
}

static unsigned hex_digit(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10) & 15;
}

static void add_uuid(struct buf *out, const char *text, size_t length)
{
    size_t start = out->length;
    for (size_t i = 0; i + 1 < length && out->length < start + 16; i += 2) {
        i += text[i] == '-';
        buf_add_char(out, (char)(unsigned char)(hex_digit(text[i]) << 4 | hex_digit(text[i + 1])));
    }
}

/* IEEE 754 binary16 of a number that one can hold: all that is written here was read from such. */
static uint16_t half_bits(double value)
{
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    double size = fabs(value);
    int exponent;
    if (isnan(value))
        return 0x7e00;
    if (isinf(value))
        return sign | 0x7c00;
    if (size < 0x1p-14)
        return sign | (uint16_t)ldexp(size, 24);
    double fraction = frexp(size, &exponent);
    return sign | (uint16_t)((exponent + 14) << 10) | (uint16_t)(ldexp(fraction, 11) - 1024);
}

static int64_t int_of(const struct parquet_column *layout, const struct cell *cell)
{
    if (cell->type == COLUMN_DECIMAL)
        return (int64_t)cell->exact;
    return layout->meaning == MEANING_MILLIS ? cell->integer / 1000 : cell->integer;
}

static void add_fixed(struct buf *out, const struct parquet_column *layout, const struct cell *cell)
{
    if (cell->type == COLUMN_DECIMAL) {
        add_big_endian(out, cell->exact, layout->width);
    } else if (layout->meaning == MEANING_HALF) {
        uint16_t bits = half_bits(cell->number);
        buf_add(out, &bits, sizeof bits);
    } else if (layout->meaning == MEANING_UUID) {
        add_uuid(out, cell->text, cell->length);
    } else {
        buf_add(out, cell->text, cell->length);
    }
}

static void add_bytes(struct buf *out, const struct cell *cell, bool bare)
{
    uint32_t length = cell->type == COLUMN_DECIMAL ? DECIMAL_WIDTH : cell->length;
    if (!bare)
        buf_add(out, &length, sizeof length);
    if (cell->type == COLUMN_DECIMAL)
        add_big_endian(out, cell->exact, DECIMAL_WIDTH);
    else
        buf_add(out, cell->text, cell->length);
}

void parquet_encode(struct buf *out, const struct parquet_column *layout, const struct cell *cell, bool bare)
{
    int32_t narrow;
    int64_t wide;
    float single;
    switch (layout->physical) {
    case PHYSICAL_BOOLEAN:
        buf_add_char(out, cell->boolean);
        break;
    case PHYSICAL_INT32:
        narrow = (int32_t)int_of(layout, cell);
        buf_add(out, &narrow, sizeof narrow);
        break;
    case PHYSICAL_FLOAT:
        single = (float)cell->number;
        buf_add(out, &single, sizeof single);
        break;
    case PHYSICAL_DOUBLE:
        buf_add(out, &cell->number, sizeof cell->number);
        break;
    case PHYSICAL_BYTES:
        add_bytes(out, cell, bare);
        break;
    case PHYSICAL_FIXED:
        add_fixed(out, layout, cell);
        break;
    default: /* INT64; INT96 is never written */
        wide = int_of(layout, cell);
        buf_add(out, &wide, sizeof wide);
        break;
    }
}

static void keep_extreme(struct cell *kept, struct buf *text, const struct cell *cell)
{
    *kept = *cell;
    if (cell->type != COLUMN_STRING)
        return;
    buf_clear(text);
    buf_add(text, cell->text, cell->length);
    kept->text = buf_str(text);
}

void parquet_extremes_add(struct parquet_extremes *extremes, const struct cell *cell)
{
    if (extremes->hidden || (cell->type == COLUMN_FLOAT && isnan(cell->number)))
        return;
    extremes->hidden = cell->type == COLUMN_STRING && cell->length > EXTREME_TEXT;
    if (!extremes->any || cell_compare(*cell, extremes->least) < 0)
        keep_extreme(&extremes->least, &extremes->least_text, cell);
    if (!extremes->any || cell_compare(*cell, extremes->greatest) > 0)
        keep_extreme(&extremes->greatest, &extremes->greatest_text, cell);
    extremes->any = true;
}

void parquet_extremes_clear(struct parquet_extremes *extremes)
{
    extremes->any = extremes->hidden = false;
}

void parquet_extremes_free(struct parquet_extremes *extremes)
{
    buf_free(&extremes->least_text);
    buf_free(&extremes->greatest_text);
}

bool parquet_extremes_tell(const struct parquet_extremes *extremes, const struct parquet_column *layout,
                           struct buf *least, struct buf *greatest)
{
    if (!extremes->any || extremes->hidden || layout->meaning == MEANING_HALF)
        return false;
    struct cell low = extremes->least, high = extremes->greatest;
    if (low.type == COLUMN_FLOAT && low.number == 0)
        low.number = -0.0;
    if (high.type == COLUMN_FLOAT && high.number == 0)
        high.number = 0.0;
    buf_clear(least);
    buf_clear(greatest);
    parquet_encode(least, layout, &low, true);
    parquet_encode(greatest, layout, &high, true);
    return true;
}
