#include "runtime/data/parquet_convert.h"

#include <math.h>
#include <string.h>

enum { UUID_LENGTH = 36 };

/* An int of four or eight bytes. */
static int64_t raw_int(const struct raw_value *raw)
{
    int32_t narrow;
    int64_t wide;
    if (raw->length == 4) {
        memcpy(&narrow, raw->bytes, 4);
        return narrow;
    }
    memcpy(&wide, raw->bytes, 8);
    return wide;
}

/* Two's complement, the highest byte first, of any width; false when it does not fit. */
static bool raw_big_endian(const struct raw_value *raw, decimal *out)
{
    const uint8_t *at = raw->bytes, *end = at + raw->length;
    if (raw->length == 0)
        return false;
    uint8_t sign = *at & 0x80 ? 0xff : 0;
    while (end - at > 16)
        if (*at++ != sign)
            return false;
    unsigned __int128 value = sign ? ~(unsigned __int128)0 : 0;
    while (at < end)
        value = value << 8 | *at++;
    *out = (decimal)value;
    return true;
}

/* IEEE 754 binary16. */
static double half_number(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double value = exponent == 31  ? (fraction ? NAN : INFINITY)
                   : exponent == 0 ? ldexp(fraction, -24)
                                   : ldexp(fraction + 1024, exponent - 25);
    return bits & 0x8000 ? -value : value;
}

static double raw_float(const struct parquet_column *column, const struct raw_value *raw)
{
    float narrow;
    double wide;
    uint16_t half;
    if (column->meaning == MEANING_HALF) {
        memcpy(&half, raw->bytes, 2);
        return half_number(half);
    }
    if (column->physical == PHYSICAL_FLOAT) {
        memcpy(&narrow, raw->bytes, 4);
        return narrow;
    }
    memcpy(&wide, raw->bytes, 8);
    return wide;
}

/* INT96: nanoseconds of the day, then the Julian day. */
static const char *raw_int96(const struct raw_value *raw, uint32_t ticks, int64_t *out)
{
    int64_t fraction;
    uint32_t day;
    memcpy(&fraction, raw->bytes, 8);
    memcpy(&day, raw->bytes + 8, 4);
    int64_t nanos = 1000000000 / ticks;
    if (fraction % nanos != 0)
        return "the column has timestamps before 1677 or after 2262 beside ones finer than microseconds";
    /* The least time of 64 bits of nanoseconds lies behind the beginning of its day, which is out of range.
     */
    decimal begin = (decimal)((int64_t)day - 2440588) * 86400 * ticks;
    if (__builtin_add_overflow(begin, fraction / nanos, out))
        return "an INT96 timestamp is out of range";
    return NULL;
}

static void add_uuid(struct buf *text, const uint8_t *bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            buf_add_char(text, '-');
        buf_add_char(text, digits[bytes[i] >> 4]);
        buf_add_char(text, digits[bytes[i] & 15]);
    }
}

/* Room for `more` bytes of strings, if the budget has it. */
static const char *make_room(struct buf *text, uint64_t more, struct parquet_budget *budget)
{
    const char *why = parquet_make(budget, more);
    if (why || more < text->capacity - text->length)
        return why;
    uint64_t old = text->capacity, needed = text->length + more + 1;
    why = parquet_hold(budget, old, needed > 2 * old ? needed : 2 * old);
    if (!why)
        buf_reserve(text, (size_t)more);
    return why;
}

static const char *convert_strings(const struct parquet_column *column, const struct raw_value *raw,
                                   const uint32_t *rows, size_t count, struct parquet_store *store,
                                   struct parquet_budget *budget)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += column->meaning == MEANING_UUID ? UUID_LENGTH : raw[i].length;
    const char *why = make_room(&store->text, total, budget);
    if (why)
        return why;
    for (size_t i = 0; i < count; i++) {
        size_t start = store->text.length;
        if (column->meaning == MEANING_UUID)
            add_uuid(&store->text, raw[i].bytes);
        else
            buf_add(&store->text, raw[i].bytes, raw[i].length);
        store->arrays.starts[rows[i]] = (uint32_t)start;
        store->arrays.lengths[rows[i]] = (uint32_t)(store->text.length - start);
    }
    return NULL;
}

static const char *convert_decimals(const struct parquet_column *column, const struct raw_value *raw,
                                    const uint32_t *rows, size_t count, struct parquet_store *store)
{
    decimal *out = store->arrays.values;
    bool big_endian = column->physical == PHYSICAL_BYTES || column->physical == PHYSICAL_FIXED;
    for (size_t i = 0; i < count; i++) {
        if (!big_endian)
            out[rows[i]] = column->meaning == MEANING_UNSIGNED ? (decimal)(uint64_t)raw_int(&raw[i])
                                                               : (decimal)raw_int(&raw[i]);
        else if (!raw_big_endian(&raw[i], &out[rows[i]]))
            return "a decimal does not fit 128 bits";
    }
    return NULL;
}

static const char *convert_ints(const struct parquet_column *column, uint32_t ticks,
                                const struct raw_value *raw, const uint32_t *rows, size_t count,
                                struct parquet_store *store)
{
    int64_t *out = store->arrays.values;
    for (size_t i = 0; i < count; i++) {
        int64_t value;
        if (column->physical == PHYSICAL_INT96) {
            const char *why = raw_int96(&raw[i], ticks, &value);
            if (why) {
                store->refused_int96 = true;
                return why;
            }
        } else {
            value = raw_int(&raw[i]);
        }
        if (column->meaning == MEANING_UNSIGNED && raw[i].length == 4)
            value = (uint32_t)value;
        else if (column->meaning == MEANING_UNSIGNED)
            value &= UINT32_MAX;
        else if (column->meaning == MEANING_MILLIS && __builtin_mul_overflow(value, 1000, &value))
            return "a time in milliseconds is out of range";
        out[rows[i]] = value;
    }
    return NULL;
}

const char *parquet_convert(const struct parquet_column *column, const struct column_schema *schema,
                            const struct raw_value *raw, const uint32_t *rows, size_t count,
                            struct parquet_store *store, struct parquet_budget *budget)
{
    switch (schema->type) {
    case COLUMN_STRING:
        return convert_strings(column, raw, rows, count, store, budget);
    case COLUMN_DECIMAL:
        return convert_decimals(column, raw, rows, count, store);
    case COLUMN_BOOL:
        for (size_t i = 0; i < count; i++)
            ((uint8_t *)store->arrays.values)[rows[i]] = raw[i].bytes[0];
        return NULL;
    case COLUMN_FLOAT:
        for (size_t i = 0; i < count; i++)
            ((double *)store->arrays.values)[rows[i]] = raw_float(column, &raw[i]);
        return NULL;
    default:
        return convert_ints(column, schema->ticks, raw, rows, count, store);
    }
}
