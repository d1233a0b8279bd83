#include "runtime/data/parquet_meta.h"

#include <math.h>
#include <string.h>

enum { COLUMNS_LIMIT = 32768, CONVERTED_NONE = -1 };

/* The logical types of parquet.thrift, by their number in the union. */
enum logical {
    LOGIC_NONE = 0,
    LOGIC_STRING = 1,
    LOGIC_ENUM = 4,
    LOGIC_DECIMAL = 5,
    LOGIC_DATE = 6,
    LOGIC_TIME = 7,
    LOGIC_TIMESTAMP = 8,
    LOGIC_INTEGER = 10,
    LOGIC_NULL = 11,
    LOGIC_JSON = 12,
    LOGIC_UUID = 14,
    LOGIC_HALF = 15
};

struct element {
    int physical; /* -1: a group */
    int64_t width, children, scale, precision;
    int repetition, converted;
    int logical;
    bool utc, is_signed;
    int unit; /* 1 milliseconds, 2 microseconds, 3 nanoseconds */
    int64_t bits;
    const uint8_t *name;
    size_t name_length;
};

static void read_unit(struct thrift_reader *reader, struct element *out)
{
    int id = 0;
    enum thrift_type type;
    while (thrift_field(reader, &id, &type)) {
        out->unit = id;
        thrift_skip(reader, type);
    }
}

/* The parameters of a logical type, whichever it is. */
static void read_parameters(struct thrift_reader *reader, struct element *out)
{
    int id = 0;
    enum thrift_type type;
    while (thrift_field(reader, &id, &type)) {
        if (out->logical == LOGIC_DECIMAL && type == THRIFT_I32) {
            int64_t value = thrift_int(reader);
            *(id == 1 ? &out->scale : &out->precision) = value;
        } else if (id == 1 && (type == THRIFT_TRUE || type == THRIFT_FALSE)) {
            out->utc = type == THRIFT_TRUE;
        } else if (id == 2 && (type == THRIFT_TRUE || type == THRIFT_FALSE)) {
            out->is_signed = type == THRIFT_TRUE;
        } else if (id == 1 && type == THRIFT_BYTE && reader->at < reader->end) {
            out->bits = *reader->at++;
        } else if (id == 2 && type == THRIFT_STRUCT) {
            read_unit(reader, out);
        } else {
            thrift_skip(reader, type);
        }
    }
}

static void read_logical(struct thrift_reader *reader, struct element *out)
{
    int id = 0;
    enum thrift_type type;
    while (thrift_field(reader, &id, &type)) {
        out->logical = id;
        if (type == THRIFT_STRUCT)
            read_parameters(reader, out);
        else
            thrift_skip(reader, type);
    }
}

static void read_element(struct thrift_reader *reader, struct element *out)
{
    int id = 0;
    enum thrift_type type;
    *out = (struct element){.physical = -1, .converted = CONVERTED_NONE, .is_signed = true};
    while (thrift_field(reader, &id, &type)) {
        switch (id) {
        case 1:
            out->physical = (int)thrift_int(reader);
            break;
        case 2:
            out->width = thrift_int(reader);
            break;
        case 3:
            out->repetition = (int)thrift_int(reader);
            break;
        case 4:
            out->name = thrift_binary(reader, &out->name_length);
            break;
        case 5:
            out->children = thrift_int(reader);
            break;
        case 6:
            out->converted = (int)thrift_int(reader);
            break;
        case 7:
            out->scale = thrift_int(reader);
            break;
        case 8:
            out->precision = thrift_int(reader);
            break;
        case 10:
            if (type == THRIFT_STRUCT)
                read_logical(reader, out);
            else
                thrift_skip(reader, type);
            break;
        default:
            thrift_skip(reader, type);
        }
    }
}

/* ConvertedType of older files as the logical type that replaced it. */
static void convert_old(struct element *element)
{
    static const struct {
        int converted, logical, unit, bits;
        bool is_signed;
    } table[] = {{0, LOGIC_STRING, 0, 0, true},     {4, LOGIC_ENUM, 0, 0, true},
                 {5, LOGIC_DECIMAL, 0, 0, true},    {6, LOGIC_DATE, 0, 0, true},
                 {7, LOGIC_TIME, 1, 0, true},       {8, LOGIC_TIME, 2, 0, true},
                 {9, LOGIC_TIMESTAMP, 1, 0, true},  {10, LOGIC_TIMESTAMP, 2, 0, true},
                 {11, LOGIC_INTEGER, 0, 8, false},  {12, LOGIC_INTEGER, 0, 16, false},
                 {13, LOGIC_INTEGER, 0, 32, false}, {14, LOGIC_INTEGER, 0, 64, false},
                 {15, LOGIC_INTEGER, 0, 8, true},   {16, LOGIC_INTEGER, 0, 16, true},
                 {17, LOGIC_INTEGER, 0, 32, true},  {18, LOGIC_INTEGER, 0, 64, true},
                 {19, LOGIC_JSON, 0, 0, true}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (element->logical == LOGIC_NONE && table[i].converted == element->converted) {
            element->logical = table[i].logical;
            element->unit = table[i].unit;
            element->bits = table[i].bits;
            element->is_signed = table[i].is_signed;
            element->utc = table[i].logical == LOGIC_TIMESTAMP;
            return;
        }
}

static bool decimal_type(const struct element *element, struct column_schema *schema)
{
    if (element->precision < 1 || element->precision > 38 || element->scale < 0 ||
        element->scale > element->precision)
        return false;
    schema->type = COLUMN_DECIMAL;
    schema->precision = (uint8_t)element->precision;
    schema->scale = (uint8_t)element->scale;
    return true;
}

static void time_type(const struct element *element, struct column_schema *schema,
                      struct parquet_column *column)
{
    schema->type = element->logical == LOGIC_TIME ? COLUMN_TIME : COLUMN_TIMESTAMP;
    schema->ticks = element->unit == 3 ? 1000000000 : 1000000;
    schema->zoned = schema->type == COLUMN_TIMESTAMP && element->utc;
    column->meaning = element->unit == 1 ? MEANING_MILLIS : MEANING_PLAIN;
    column->utc = element->utc;
}

static void int_type(const struct element *element, struct column_schema *schema,
                     struct parquet_column *column)
{
    schema->type = COLUMN_INT;
    if (element->logical == LOGIC_INTEGER)
        column->bits = element->bits ? (uint8_t)element->bits : column->physical == PHYSICAL_INT64 ? 64 : 32;
    if (element->logical == LOGIC_INTEGER && !element->is_signed)
        column->meaning = MEANING_UNSIGNED;
    if (column->meaning == MEANING_UNSIGNED && column->physical == PHYSICAL_INT64) {
        schema->type = COLUMN_DECIMAL; /* the upper half does not fit a signed int */
        schema->precision = 20;
    }
}

static void bytes_type(const struct element *element, struct column_schema *schema,
                       struct parquet_column *column)
{
    schema->type = COLUMN_STRING;
    schema->logical = element->logical == LOGIC_STRING ? LOGICAL_NONE
                      : element->logical == LOGIC_JSON ? LOGICAL_JSON
                      : element->logical == LOGIC_ENUM ? LOGICAL_ENUM
                      : element->logical == LOGIC_UUID ? LOGICAL_UUID
                                                       : LOGICAL_BINARY;
    if (element->logical == LOGIC_UUID && column->physical == PHYSICAL_FIXED && column->width == 16)
        column->meaning = MEANING_UUID;
    if (element->logical == LOGIC_HALF && column->physical == PHYSICAL_FIXED && column->width == 2) {
        schema->type = COLUMN_FLOAT;
        schema->logical = LOGICAL_NONE;
        column->meaning = MEANING_HALF;
    }
}

/* The column's type from physical and logical type; false when they do not go together. */
static bool column_type(const struct element *element, struct column_schema *schema,
                        struct parquet_column *column)
{
    bool is_int = column->physical == PHYSICAL_INT32 || column->physical == PHYSICAL_INT64;
    bool is_bytes = column->physical == PHYSICAL_BYTES || column->physical == PHYSICAL_FIXED;
    if (element->logical == LOGIC_NULL) {
        schema->type = COLUMN_NULL;
        return true;
    }
    if (element->logical == LOGIC_DECIMAL && (is_int || is_bytes))
        return decimal_type(element, schema);
    if (is_bytes) {
        bytes_type(element, schema, column);
    } else if (column->physical == PHYSICAL_INT96) {
        schema->type = COLUMN_TIMESTAMP;
        schema->ticks = 1000000000;
    } else if (column->physical == PHYSICAL_BOOLEAN) {
        schema->type = COLUMN_BOOL;
    } else if (!is_int) {
        schema->type = COLUMN_FLOAT;
    } else if (element->logical == LOGIC_DATE) {
        schema->type = COLUMN_DATE;
    } else if (element->logical == LOGIC_TIME || element->logical == LOGIC_TIMESTAMP) {
        if (element->unit < 1 || element->unit > 3)
            return false;
        time_type(element, schema, column);
    } else {
        int_type(element, schema, column);
    }
    return true;
}

struct context {
    struct arena *arena;
    const char *path;
    uint64_t file_size;
    struct data_error *error;
};

static bool damaged(const struct context *context, const char *what)
{
    data_fail(context->error, "%s: the Parquet metadata is damaged: %s", context->path, what);
    return false;
}

static bool leaf_column(const struct context *context, struct element *element, struct parquet_meta *out,
                        size_t at)
{
    struct column_schema *schema = &out->schema[at];
    struct parquet_column *column = &out->columns[at];
    schema->name = arena_copy(context->arena, (const char *)element->name, element->name_length);
    if (element->physical < 0 || element->children > 0 || element->repetition == 2) {
        data_fail(
            context->error,
            "%s: column \"%s\" is nested (a list, map or struct); only flat columns can be read: select or "
            "flatten the columns first",
            context->path, schema->name);
        return false;
    }
    convert_old(element);
    column->physical = (enum parquet_physical)element->physical;
    column->optional = element->repetition == 1;
    if (element->physical > PHYSICAL_FIXED ||
        (column->physical == PHYSICAL_FIXED && (element->width < 1 || element->width > (1 << 20))))
        return damaged(context, "a column has an unknown type");
    column->width = (unsigned)element->width;
    if (!column_type(element, schema, column)) {
        if (element->logical == LOGIC_DECIMAL && element->precision > 38)
            data_fail(context->error, "%s: column \"%s\" is a decimal of %d digits; at most 38 can be read",
                      context->path, schema->name, (int)element->precision);
        else
            data_fail(context->error, "%s: column \"%s\" has a type whose parameters make no sense",
                      context->path, schema->name);
        return false;
    }
    return true;
}

static bool read_schema(const struct context *context, struct thrift_reader *reader, struct parquet_meta *out)
{
    enum thrift_type type;
    struct element element;
    size_t count = thrift_list(reader, &type);
    if (type != THRIFT_STRUCT || count < 1 || count > COLUMNS_LIMIT)
        return damaged(context, "there is no schema, or it has too many columns");
    read_element(reader, &element);
    out->schema = arena_array(context->arena, count, sizeof *out->schema);
    out->columns = arena_array(context->arena, count, sizeof *out->columns);
    for (size_t i = 0; i + 1 < count && !reader->failed; i++) {
        read_element(reader, &element);
        if (!reader->failed && !leaf_column(context, &element, out, i))
            return false;
        out->column_count++;
    }
    return true;
}

/* A number near the middle of a column, from its statistics. */
static void use_statistics(struct thrift_reader *reader, const struct parquet_column *column,
                           struct column_schema *schema)
{
    int id = 0;
    enum thrift_type type;
    double sum = 0;
    int found = 0;
    while (thrift_field(reader, &id, &type)) {
        if ((id != 5 && id != 6) || type != THRIFT_BINARY) {
            thrift_skip(reader, type);
            continue;
        }
        size_t length;
        const uint8_t *bytes = thrift_binary(reader, &length);
        int32_t narrow;
        int64_t wide;
        double number = NAN;
        if (column->physical == PHYSICAL_INT32 && length == 4) {
            memcpy(&narrow, bytes, 4);
            number = narrow;
        } else if (column->physical == PHYSICAL_INT64 && length == 8) {
            memcpy(&wide, bytes, 8);
            number = (double)wide;
        } else if (column->physical == PHYSICAL_DOUBLE && length == 8) {
            memcpy(&number, bytes, 8);
        }
        if (isfinite(number)) {
            sum += number * 0.5;
            found++;
        }
    }
    if (found == 2 && (schema->type == COLUMN_INT || schema->type == COLUMN_FLOAT))
        schema->shift = sum;
}

struct piece_reading {
    uint64_t data_page, dictionary_page, size;
    int physical;
};

static void read_piece_meta(struct thrift_reader *reader, const struct parquet_column *column,
                            struct column_schema *schema, struct parquet_piece *out,
                            struct piece_reading *seen)
{
    int id = 0;
    enum thrift_type type;
    while (thrift_field(reader, &id, &type)) {
        switch (id) {
        case 1:
            seen->physical = (int)thrift_int(reader);
            break;
        case 4:
            out->codec = (int32_t)thrift_int(reader);
            break;
        case 5:
            out->values = (uint64_t)thrift_int(reader);
            break;
        case 7:
            seen->size = (uint64_t)thrift_int(reader);
            break;
        case 9:
            seen->data_page = (uint64_t)thrift_int(reader);
            break;
        case 11:
            seen->dictionary_page = (uint64_t)thrift_int(reader);
            break;
        case 12:
            if (type == THRIFT_STRUCT)
                use_statistics(reader, column, schema);
            else
                thrift_skip(reader, type);
            break;
        default:
            thrift_skip(reader, type);
        }
    }
}

static bool read_piece(const struct context *context, struct thrift_reader *reader, struct parquet_meta *meta,
                       size_t at, struct parquet_piece *out)
{
    int id = 0;
    enum thrift_type type;
    struct piece_reading seen = {.physical = -1};
    while (thrift_field(reader, &id, &type)) {
        if (id == 3 && type == THRIFT_STRUCT)
            read_piece_meta(reader, &meta->columns[at], &meta->schema[at], out, &seen);
        else if (id == 1 && type == THRIFT_BINARY) {
            data_fail(context->error, "%s: the columns lie in other files, which is not supported",
                      context->path);
            return false;
        } else
            thrift_skip(reader, type);
    }
    if (seen.physical != (int)meta->columns[at].physical)
        return damaged(context, "a column chunk is not of its column's type");
    out->offset =
        seen.dictionary_page && seen.dictionary_page < seen.data_page ? seen.dictionary_page : seen.data_page;
    out->size = seen.size;
    if (out->offset > context->file_size || out->size > context->file_size - out->offset)
        return damaged(context, "a column chunk lies outside of the file");
    return true;
}

static bool read_pieces(const struct context *context, struct thrift_reader *reader,
                        struct parquet_meta *meta, struct parquet_group *out)
{
    enum thrift_type type;
    size_t count = thrift_list(reader, &type);
    if (reader->failed || type != THRIFT_STRUCT || count != meta->column_count)
        return damaged(context, "a row group does not have the columns of the schema");
    struct parquet_piece *pieces = arena_array(context->arena, count + 1, sizeof *pieces);
    for (size_t i = 0; i < count; i++)
        if (!read_piece(context, reader, meta, i, &pieces[i]))
            return false;
    out->pieces = pieces;
    return true;
}

static bool read_groups(const struct context *context, struct thrift_reader *reader,
                        struct parquet_meta *meta)
{
    enum thrift_type type;
    size_t count = thrift_list(reader, &type);
    if (reader->failed || (count > 0 && type != THRIFT_STRUCT))
        return damaged(context, "the list of row groups is no list");
    meta->groups = arena_array(context->arena, count + 1, sizeof *meta->groups);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        struct parquet_group *group = &meta->groups[i];
        int id = 0;
        while (thrift_field(reader, &id, &type)) {
            if (id == 1 && type == THRIFT_LIST) {
                if (!read_pieces(context, reader, meta, group))
                    return false;
            } else if (id == 3) {
                group->rows = (uint64_t)thrift_int(reader);
            } else {
                thrift_skip(reader, type);
            }
        }
        if (group->rows > INT64_MAX / 2 || (!group->pieces && meta->column_count > 0))
            return damaged(context, "a row group has no columns, or an impossible number of rows");
        meta->group_count++;
    }
    return true;
}

bool parquet_meta_read(struct arena *arena, const char *path, uint64_t file_size, const uint8_t *bytes,
                       size_t length, struct parquet_meta *out, struct data_error *error)
{
    struct thrift_reader reader = {bytes, bytes + length, false};
    struct context context = {arena, path, file_size, error};
    int id = 0;
    enum thrift_type type;
    *out = (struct parquet_meta){0};
    while (thrift_field(&reader, &id, &type)) {
        if (id == 2 && type == THRIFT_LIST && !out->schema) {
            if (!read_schema(&context, &reader, out))
                return false;
        } else if (id == 4 && type == THRIFT_LIST && out->schema && !out->groups) {
            if (!read_groups(&context, &reader, out))
                return false;
        } else {
            thrift_skip(&reader, type);
        }
    }
    if (reader.failed || !out->schema)
        return damaged(&context, "it ends in the middle");
    return true;
}

/* The fields of the three kinds of page headers; v1 and dictionary agree in 1 and 2. */
static void read_page_kind(struct thrift_reader *reader, bool second, struct parquet_page_header *out)
{
    int id = 0;
    enum thrift_type type;
    while (thrift_field(reader, &id, &type)) {
        if (id == 1)
            out->values = (uint64_t)thrift_int(reader);
        else if (id == (second ? 4 : 2))
            out->encoding = (int)thrift_int(reader);
        else if (!second && id == 3 && type == THRIFT_I32)
            out->level_encoding = (int)thrift_int(reader);
        else if (second && id == 5)
            out->level_bytes = (uint64_t)thrift_int(reader);
        else if (second && id == 6)
            out->repeat_bytes = (uint64_t)thrift_int(reader);
        else if (second && id == 7)
            out->stored_plain = type == THRIFT_FALSE;
        else
            thrift_skip(reader, type);
    }
}

bool parquet_page_header_read(const uint8_t *bytes, size_t length, struct parquet_page_header *out,
                              size_t *used)
{
    struct thrift_reader reader = {bytes, bytes + length, false};
    int id = 0;
    enum thrift_type type;
    *out = (struct parquet_page_header){.type = -1, .level_encoding = ENCODING_RLE};
    while (thrift_field(&reader, &id, &type)) {
        if (id == 1)
            out->type = (int)thrift_int(&reader);
        else if (id == 2)
            out->plain_size = (uint64_t)thrift_int(&reader);
        else if (id == 3)
            out->stored_size = (uint64_t)thrift_int(&reader);
        else if ((id == 5 || id == 7 || id == 8) && type == THRIFT_STRUCT)
            read_page_kind(&reader, id == 8, out);
        else
            thrift_skip(&reader, type);
    }
    *used = (size_t)(reader.at - bytes);
    return !reader.failed;
}
