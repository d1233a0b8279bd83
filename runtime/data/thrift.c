#include "runtime/data/thrift.h"

enum { DEPTH_LIMIT = 32 };

static uint8_t next_byte(struct thrift_reader *reader)
{
    if (reader->at >= reader->end) {
        reader->failed = true;
        return 0;
    }
    return *reader->at++;
}

uint64_t thrift_varint(struct thrift_reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = next_byte(reader);
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    reader->failed = true;
    return 0;
}

int64_t thrift_int(struct thrift_reader *reader)
{
    uint64_t value = thrift_varint(reader);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

bool thrift_field(struct thrift_reader *reader, int *last, enum thrift_type *type)
{
    uint8_t header = next_byte(reader);
    *type = header & 15;
    if (reader->failed || *type == THRIFT_STOP)
        return false;
    int delta = header >> 4;
    int64_t id = delta ? *last + delta : thrift_int(reader);
    reader->failed |= id < 0 || id > INT16_MAX;
    *last = (int)id;
    return !reader->failed;
}

const uint8_t *thrift_binary(struct thrift_reader *reader, size_t *length)
{
    uint64_t size = thrift_varint(reader);
    const uint8_t *bytes = reader->at;
    if (reader->failed || size > (uint64_t)(reader->end - reader->at)) {
        reader->failed = true;
        *length = 0;
        return bytes;
    }
    reader->at += size;
    *length = (size_t)size;
    return bytes;
}

size_t thrift_list(struct thrift_reader *reader, enum thrift_type *type)
{
    uint8_t header = next_byte(reader);
    uint64_t count = header >> 4;
    *type = header & 15;
    if (count == 15)
        count = thrift_varint(reader);
    if (count > (uint64_t)(reader->end - reader->at))
        reader->failed = true;
    return reader->failed ? 0 : (size_t)count;
}

static void skip_deep(struct thrift_reader *reader, enum thrift_type type, int depth);

/* Within lists and maps a bool has a byte of its own. */
static void skip_item(struct thrift_reader *reader, enum thrift_type type, int depth)
{
    if (type == THRIFT_TRUE || type == THRIFT_FALSE)
        next_byte(reader);
    else
        skip_deep(reader, type, depth);
}

static void skip_list(struct thrift_reader *reader, int depth)
{
    enum thrift_type type;
    size_t count = thrift_list(reader, &type);
    for (size_t i = 0; i < count && !reader->failed; i++)
        skip_item(reader, type, depth);
}

static void skip_map(struct thrift_reader *reader, int depth)
{
    uint64_t count = thrift_varint(reader);
    uint8_t types = count ? next_byte(reader) : 0;
    if (count > (uint64_t)(reader->end - reader->at))
        reader->failed = true;
    for (uint64_t i = 0; i < count && !reader->failed; i++) {
        skip_item(reader, types >> 4, depth);
        skip_item(reader, types & 15, depth);
    }
}

static void skip_deep(struct thrift_reader *reader, enum thrift_type type, int depth)
{
    size_t length;
    int last = 0;
    enum thrift_type inner;
    if (depth > DEPTH_LIMIT) {
        reader->failed = true;
        return;
    }
    switch (type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE:
        break;
    case THRIFT_BYTE:
        next_byte(reader);
        break;
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64:
        thrift_varint(reader);
        break;
    case THRIFT_DOUBLE:
        for (int i = 0; i < 8; i++)
            next_byte(reader);
        break;
    case THRIFT_BINARY:
        thrift_binary(reader, &length);
        break;
    case THRIFT_LIST:
    case THRIFT_SET:
        skip_list(reader, depth + 1);
        break;
    case THRIFT_MAP:
        skip_map(reader, depth + 1);
        break;
    case THRIFT_STRUCT:
        while (thrift_field(reader, &last, &inner))
            skip_deep(reader, inner, depth + 1);
        break;
    default:
        reader->failed = true;
    }
}

void thrift_skip(struct thrift_reader *reader, enum thrift_type type)
{
    skip_deep(reader, type, 0);
}

void thrift_put_varint(struct thrift_writer *writer, uint64_t value)
{
    while (value >= 0x80) {
        buf_add_char(writer->out, (char)(value | 0x80));
        value >>= 7;
    }
    buf_add_char(writer->out, (char)value);
}

void thrift_item_int(struct thrift_writer *writer, int64_t value)
{
    thrift_put_varint(writer, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

void thrift_item_binary(struct thrift_writer *writer, const void *bytes, size_t length)
{
    thrift_put_varint(writer, length);
    buf_add(writer->out, bytes, length);
}

void thrift_begin(struct thrift_writer *writer)
{
    writer->last[++writer->depth] = 0;
}

void thrift_end(struct thrift_writer *writer)
{
    buf_add_char(writer->out, 0);
    writer->depth--;
}

void thrift_put_field(struct thrift_writer *writer, int id, enum thrift_type type)
{
    int delta = id - writer->last[writer->depth];
    buf_add_char(writer->out, (char)(delta << 4 | (int)type));
    writer->last[writer->depth] = id;
}

void thrift_put_int(struct thrift_writer *writer, int id, enum thrift_type type, int64_t value)
{
    thrift_put_field(writer, id, type);
    thrift_item_int(writer, value);
}

void thrift_put_bool(struct thrift_writer *writer, int id, bool value)
{
    thrift_put_field(writer, id, value ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_put_binary(struct thrift_writer *writer, int id, const void *bytes, size_t length)
{
    thrift_put_field(writer, id, THRIFT_BINARY);
    thrift_item_binary(writer, bytes, length);
}

void thrift_put_list(struct thrift_writer *writer, int id, enum thrift_type type, size_t count)
{
    thrift_put_field(writer, id, THRIFT_LIST);
    if (count < 15) {
        buf_add_char(writer->out, (char)(count << 4 | type));
    } else {
        buf_add_char(writer->out, (char)(0xf0 | type));
        thrift_put_varint(writer, count);
    }
}
