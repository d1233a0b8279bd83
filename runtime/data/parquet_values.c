#include "runtime/data/parquet_values.h"

#include <stdlib.h>
#include <string.h>
#include "core/arena.h"

enum { LENGTHS_LIMIT = 16 << 20, ROOM_LIMIT = 1 << 30 };

/* `width` bits from bit `at` of the bytes, the lowest first; bits behind the end are zero. */
static uint64_t read_bits(const uint8_t *bytes, const uint8_t *end, uint64_t at, unsigned width)
{
    uint64_t byte = at / 8, size = (uint64_t)(end - bytes);
    unsigned shift = at % 8;
    unsigned __int128 window = 0;
    uint64_t low = 0;
    if (byte + 16 <= size) {
        uint64_t high;
        memcpy(&low, bytes + byte, 8);
        memcpy(&high, bytes + byte + 8, 8);
        window = (unsigned __int128)high << 64 | low;
    } else {
        for (uint64_t i = 0; i < 9 && byte + i < size; i++)
            window |= (unsigned __int128)bytes[byte + i] << (8 * i);
    }
    window >>= shift;
    return (uint64_t)window & (width >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << width) - 1);
}

static bool read_varint(const uint8_t **at, const uint8_t *end, uint64_t *out)
{
    struct thrift_reader reader = {*at, end, false};
    *out = thrift_varint(&reader);
    *at = reader.at;
    return !reader.failed;
}

void runs_begin(struct run_reader *runs, const uint8_t *at, const uint8_t *end, unsigned width)
{
    *runs = (struct run_reader){.at = at, .end = end, .width = width};
}

static bool next_run(struct run_reader *runs)
{
    uint64_t header;
    size_t bytes = (runs->width + 7) / 8, left;
    if (!read_varint(&runs->at, runs->end, &header))
        return false;
    left = (size_t)(runs->end - runs->at);
    if (header & 1) {
        uint64_t groups = header >> 1, size = groups * runs->width;
        if (groups > (uint64_t)1 << 32)
            return false;
        runs->packed = groups * 8;
        runs->packed_bytes = runs->at;
        runs->packed_at = 0;
        if (size > left) { /* the last group may be cut off: what is there counts */
            runs->packed = runs->width ? (uint64_t)left * 8 / runs->width : 0;
            size = left;
        }
        runs->at += size;
        return runs->packed > 0;
    }
    if (bytes > left)
        return false;
    runs->repeats = header >> 1;
    runs->value = 0;
    for (size_t i = 0; i < bytes; i++)
        runs->value |= (uint32_t)runs->at[i] << (8 * i);
    runs->at += bytes;
    return true;
}

bool runs_read(struct run_reader *runs, uint32_t *out, size_t count)
{
    if (runs->width == 0 && runs->at == runs->end) {
        memset(out, 0, count * sizeof *out);
        return true;
    }
    while (count > 0) {
        if (runs->repeats > 0) {
            size_t now = runs->repeats < count ? (size_t)runs->repeats : count;
            for (size_t i = 0; i < now; i++)
                out[i] = runs->value;
            runs->repeats -= now;
            out += now;
            count -= now;
        } else if (runs->packed > 0) {
            size_t now = runs->packed < count ? (size_t)runs->packed : count;
            for (size_t i = 0; i < now; i++) {
                out[i] = (uint32_t)read_bits(runs->packed_bytes, runs->at, runs->packed_at, runs->width);
                runs->packed_at += runs->width;
            }
            runs->packed -= now;
            out += now;
            count -= now;
        } else if (!next_run(runs)) {
            return false;
        }
    }
    return true;
}

bool delta_begin(struct delta_reader *delta, const uint8_t *at, const uint8_t *end)
{
    uint64_t block, minis, total, first;
    *delta = (struct delta_reader){.end = end, .first = true};
    if (!read_varint(&at, end, &block) || !read_varint(&at, end, &minis) || !read_varint(&at, end, &total) ||
        !read_varint(&at, end, &first))
        return false;
    if (minis == 0 || minis > 4096 || block == 0 || block > 1 << 24 || block % minis || block / minis % 8)
        return false;
    delta->at = at;
    delta->left = total;
    delta->per_mini = block / minis;
    delta->minis = delta->mini = minis;
    delta->last = (first >> 1) ^ (0 - (first & 1));
    return true;
}

/* The next miniblock, and the next block when those of one are used up. */
static bool next_mini(struct delta_reader *delta)
{
    if (delta->mini == delta->minis) {
        uint64_t least;
        if (!read_varint(&delta->at, delta->end, &least) || (uint64_t)(delta->end - delta->at) < delta->minis)
            return false;
        delta->least = (least >> 1) ^ (0 - (least & 1));
        delta->widths = delta->at;
        delta->at += delta->minis;
        delta->mini = 0;
    }
    delta->width = delta->widths[delta->mini++];
    uint64_t size = delta->per_mini / 8 * delta->width, left = (uint64_t)(delta->end - delta->at);
    if (delta->width > 64)
        return false;
    delta->packed = delta->at;
    delta->packed_at = 0;
    delta->mini_left = delta->per_mini;
    if (size > left) { /* the last one may be cut off behind its last number */
        if (delta->left * delta->width > left * 8)
            return false;
        size = left;
    }
    delta->at += size;
    return true;
}

bool delta_read(struct delta_reader *delta, int64_t *out, size_t count)
{
    if (count > delta->left)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (delta->first) {
            delta->first = false;
        } else {
            if (delta->mini_left == 0 && !next_mini(delta))
                return false;
            delta->last +=
                delta->least + read_bits(delta->packed, delta->end, delta->packed_at, delta->width);
            delta->packed_at += delta->width;
            delta->mini_left--;
        }
        out[i] = (int64_t)delta->last;
        delta->left--;
    }
    return true;
}

const uint8_t *delta_end(const struct delta_reader *delta)
{
    return delta->at;
}

static bool fail(struct values_reader *values, const char *why)
{
    values->why = why;
    return false;
}

void values_free(struct values_reader *values)
{
    free(values->lengths.items);
    free(values->prefixes.items);
    free(values->room);
    free(values->previous);
    *values = (struct values_reader){0};
}

/* A delta-encoded list of lengths, whole. */
static bool read_lengths(struct values_reader *values, struct value_lengths *out, uint64_t count)
{
    struct delta_reader delta;
    int64_t batch[VALUES_BATCH];
    if (!delta_begin(&delta, values->at, values->end) || delta.left > count)
        return fail(values, "a list of lengths is damaged");
    count = delta.left; /* nulls have none */
    if (count > LENGTHS_LIMIT)
        return fail(values, "a page has more than 16 million lengths");
    if (count > out->capacity) {
        values->why =
            parquet_hold(values->budget, out->capacity * sizeof *out->items, count * sizeof *out->items);
        if (values->why)
            return false;
        out->items = mem_realloc(out->items, (size_t)count * sizeof *out->items);
        out->capacity = (size_t)count;
    }
    for (size_t at = 0; at < count;) {
        size_t now = count - at < VALUES_BATCH ? (size_t)(count - at) : VALUES_BATCH;
        if (!delta_read(&delta, batch, now))
            return fail(values, "a list of lengths is damaged");
        for (size_t i = 0; i < now; i++) {
            if (batch[i] < 0 || batch[i] > INT32_MAX)
                return fail(values, "a length is negative or too large");
            out->items[at++] = (uint32_t)batch[i];
        }
    }
    values->length_count = (size_t)count;
    values->at = delta_end(&delta);
    return true;
}

/* DELTA_BYTES: what a value shares with the one before, and how much follows; both lists count the same
 * values. */
static bool read_prefixes_and_lengths(struct values_reader *values, uint64_t count)
{
    if (!read_lengths(values, &values->prefixes, count))
        return false;
    size_t prefixes = values->length_count;
    if (!read_lengths(values, &values->lengths, count))
        return false;
    return values->length_count == prefixes || fail(values, "a page has more prefixes than values, or fewer");
}

static unsigned fixed_width(const struct parquet_column *column)
{
    static const unsigned widths[] = {0, 4, 8, 12, 4, 8, 0, 0};
    return column->physical == PHYSICAL_FIXED ? column->width : widths[column->physical];
}

static bool begin_dictionary(struct values_reader *values)
{
    if (!values->dictionary)
        return fail(values, "a page refers to a dictionary that is not there");
    if (values->at == values->end)
        return values->total == 0 || fail(values, "a page of dictionary indices is empty");
    unsigned width = *values->at++;
    if (width > 32)
        return fail(values, "dictionary indices are wider than 32 bits");
    runs_begin(&values->runs, values->at, values->end, width);
    return true;
}

bool values_begin(struct values_reader *values, const struct parquet_column *column, int encoding,
                  const uint8_t *at, const uint8_t *end, uint64_t count)
{
    values->column = column;
    values->encoding = encoding == ENCODING_PLAIN_DICTIONARY ? ENCODING_DICTIONARY : encoding;
    values->at = at;
    values->end = end;
    values->bit = values->index = values->length_at = values->length_count = values->previous_length = 0;
    values->total = count;
    bool is_int = column->physical == PHYSICAL_INT32 || column->physical == PHYSICAL_INT64;
    bool is_bytes = column->physical == PHYSICAL_BYTES || column->physical == PHYSICAL_FIXED;
    unsigned width = fixed_width(column);
    switch (values->encoding) {
    case ENCODING_PLAIN:
        return true;
    case ENCODING_DICTIONARY:
        return begin_dictionary(values);
    case ENCODING_RLE:
        if (column->physical != PHYSICAL_BOOLEAN || end - at < 4)
            break;
        runs_begin(&values->runs, at + 4, end, 1);
        return true;
    case ENCODING_DELTA:
        if (!is_int)
            break;
        return count == 0 || delta_begin(&values->delta, at, end) ||
               fail(values, "delta-encoded numbers are damaged");
    case ENCODING_DELTA_LENGTH:
        if (column->physical != PHYSICAL_BYTES)
            break;
        return count == 0 || read_lengths(values, &values->lengths, count);
    case ENCODING_DELTA_BYTES:
        if (!is_bytes)
            break;
        return count == 0 || read_prefixes_and_lengths(values, count);
    case ENCODING_STREAM_SPLIT:
        if (width == 0 || (uint64_t)(end - at) % width)
            break;
        values->total = (uint64_t)(end - at) / width;
        return true;
    default:
        break;
    }
    return fail(values, "a page has an encoding that does not fit its column");
}

static bool read_plain(struct values_reader *values, struct raw_value *out, size_t count)
{
    unsigned width = fixed_width(values->column);
    static const uint8_t bits[] = {0, 1};
    for (size_t i = 0; i < count; i++) {
        size_t left = (size_t)(values->end - values->at);
        if (values->column->physical == PHYSICAL_BOOLEAN) {
            if (values->bit / 8 >= left)
                return fail(values, "a page ends before its last value");
            out[i] = (struct raw_value){&bits[values->at[values->bit / 8] >> (values->bit % 8) & 1], 1};
            values->bit++;
            continue;
        }
        uint32_t length = width;
        if (values->column->physical == PHYSICAL_BYTES) {
            if (left < 4)
                return fail(values, "a page ends before its last value");
            memcpy(&length, values->at, 4);
            values->at += 4;
            left -= 4;
        }
        if (length > left)
            return fail(values, "a page ends before its last value");
        out[i] = (struct raw_value){values->at, length};
        values->at += length;
    }
    return true;
}

static bool read_indices(struct values_reader *values, struct raw_value *out, size_t count)
{
    uint32_t indices[VALUES_BATCH];
    if (!runs_read(&values->runs, indices, count))
        return fail(values, "a page ends before its last dictionary index");
    for (size_t i = 0; i < count; i++) {
        if (indices[i] >= values->dictionary_count)
            return fail(values, "a dictionary index points behind the dictionary");
        out[i] = values->dictionary[indices[i]];
    }
    return true;
}

static bool reserve_room(struct values_reader *values, size_t size)
{
    if (size > ROOM_LIMIT)
        return fail(values, "the values of a batch are longer than 1 GiB");
    if (size > values->room_size) {
        values->why = parquet_hold(values->budget, values->room_size, size);
        if (values->why)
            return false;
        values->room = mem_realloc(values->room, size);
        values->room_size = size;
    }
    return true;
}

static bool read_run_bools(struct values_reader *values, struct raw_value *out, size_t count)
{
    static const uint8_t bits[] = {0, 1};
    uint32_t numbers[VALUES_BATCH];
    if (!runs_read(&values->runs, numbers, count))
        return fail(values, "a page ends before its last value");
    for (size_t i = 0; i < count; i++)
        out[i] = (struct raw_value){&bits[numbers[i] & 1], 1};
    return true;
}

static bool read_deltas(struct values_reader *values, struct raw_value *out, size_t count)
{
    if (!reserve_room(values, VALUES_BATCH * sizeof(int64_t)))
        return false;
    if (!delta_read(&values->delta, (int64_t *)(void *)values->room, count))
        return fail(values, "delta-encoded numbers are damaged");
    if (values->column->physical == PHYSICAL_INT32) /* their differences wrap around at 32 bits */
        for (size_t i = 0; i < count; i++)
            ((int64_t *)(void *)values->room)[i] = (int32_t)((int64_t *)(void *)values->room)[i];
    for (size_t i = 0; i < count; i++)
        out[i] = (struct raw_value){values->room + i * sizeof(int64_t), sizeof(int64_t)};
    return true;
}

static bool read_delta_lengths(struct values_reader *values, struct raw_value *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (values->length_at == values->length_count ||
            values->lengths.items[values->length_at] > (size_t)(values->end - values->at))
            return fail(values, "a page ends before its last value");
        out[i] = (struct raw_value){values->at, values->lengths.items[values->length_at]};
        values->at += values->lengths.items[values->length_at++];
    }
    return true;
}

/* Room for a batch of prefixes and suffixes; false when they cannot be right. */
static bool reserve_batch(struct values_reader *values, size_t count)
{
    size_t total = 0, before = values->previous_length;
    if (count > values->length_count - values->length_at)
        return fail(values, "a page ends before its last value");
    for (size_t i = values->length_at; i < values->length_at + count; i++) {
        if (values->prefixes.items[i] > before)
            return fail(values, "a value shares more with the one before than that has");
        before = (size_t)values->prefixes.items[i] + values->lengths.items[i];
        total += before;
    }
    values->why = parquet_make(values->budget, total);
    return !values->why && reserve_room(values, total + 1);
}

static bool read_delta_bytes(struct values_reader *values, struct raw_value *out, size_t count)
{
    if (!reserve_batch(values, count))
        return false;
    uint8_t *to = values->room;
    const uint8_t *previous = values->previous;
    for (size_t i = 0; i < count; i++) {
        uint32_t prefix = values->prefixes.items[values->length_at],
                 suffix = values->lengths.items[values->length_at];
        if (suffix > (size_t)(values->end - values->at))
            return fail(values, "a page ends before its last value");
        if (prefix)
            memcpy(to, previous, prefix);
        memcpy(to + prefix, values->at, suffix);
        out[i] = (struct raw_value){to, prefix + suffix};
        previous = to;
        to += prefix + suffix;
        values->at += suffix;
        values->length_at++;
    }
    if (count > 0) {
        size_t length = out[count - 1].length;
        if (length > values->previous_size) {
            values->why = parquet_hold(values->budget, values->previous_size, length);
            if (values->why)
                return false;
            values->previous = mem_realloc(values->previous, length);
            values->previous_size = length;
        }
        if (length)
            memcpy(values->previous, out[count - 1].bytes, length);
        values->previous_length = length;
    }
    return true;
}

static bool read_split(struct values_reader *values, struct raw_value *out, size_t count)
{
    unsigned width = fixed_width(values->column);
    if (values->total - values->index < count)
        return fail(values, "a page ends before its last value");
    if (!reserve_room(values, (size_t)width * count))
        return false;
    for (size_t i = 0; i < count; i++, values->index++) {
        for (unsigned byte = 0; byte < width; byte++)
            values->room[i * width + byte] = values->at[byte * values->total + values->index];
        out[i] = (struct raw_value){values->room + i * width, width};
    }
    return true;
}

bool values_read(struct values_reader *values, struct raw_value *out, size_t count)
{
    switch (values->encoding) {
    case ENCODING_PLAIN:
        return read_plain(values, out, count);
    case ENCODING_DICTIONARY:
        return read_indices(values, out, count);
    case ENCODING_RLE:
        return read_run_bools(values, out, count);
    case ENCODING_DELTA:
        return read_deltas(values, out, count);
    case ENCODING_DELTA_LENGTH:
        return read_delta_lengths(values, out, count);
    case ENCODING_DELTA_BYTES:
        return read_delta_bytes(values, out, count);
    default:
        return read_split(values, out, count);
    }
}
