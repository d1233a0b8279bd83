#include "runtime/data/parquet_footer.h"

#include <string.h>

enum { TYPE_ORDER = 1 };

/* A column's annotation: the old one for readers before 2.4 (-1: none), and the new (0: none). */
struct annotation {
    int converted, logical;
};

static struct annotation int_annotation(const struct parquet_column *layout)
{
    bool is_unsigned = layout->meaning == MEANING_UNSIGNED;
    int step = layout->bits == 8 ? 0 : layout->bits == 16 ? 1 : layout->bits == 32 ? 2 : 3;
    if (layout->bits == 0)
        return (struct annotation){-1, 0};
    return (struct annotation){(is_unsigned ? 11 : 15) + step, 10};
}

static struct annotation text_annotation(const struct column_schema *schema,
                                         const struct parquet_column *layout)
{
    if (layout->meaning == MEANING_UUID)
        return (struct annotation){-1, 14};
    if (layout->physical == PHYSICAL_FIXED || schema->logical == LOGICAL_BINARY)
        return (struct annotation){-1, 0};
    return schema->logical == LOGICAL_JSON   ? (struct annotation){19, 12}
           : schema->logical == LOGICAL_ENUM ? (struct annotation){4, 4}
                                             : (struct annotation){0, 1};
}

/* The old annotations mean instants, so local times have none. */
static struct annotation time_annotation(const struct column_schema *schema,
                                         const struct parquet_column *layout)
{
    bool time = schema->type == COLUMN_TIME, nanos = schema->ticks == 1000000000;
    int micros = layout->meaning == MEANING_MILLIS ? 0 : 1;
    return (struct annotation){layout->utc && !nanos ? (time ? 7 : 9) + micros : -1, time ? 7 : 8};
}

static struct annotation annotation_of(const struct column_schema *schema,
                                       const struct parquet_column *layout)
{
    switch (schema->type) {
    case COLUMN_NULL:
        return (struct annotation){-1, 11};
    case COLUMN_INT:
        return int_annotation(layout);
    case COLUMN_DECIMAL:
        return layout->meaning == MEANING_UNSIGNED ? int_annotation(layout) : (struct annotation){5, 5};
    case COLUMN_DATE:
        return (struct annotation){6, 6};
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
        return time_annotation(schema, layout);
    case COLUMN_STRING:
        return text_annotation(schema, layout);
    case COLUMN_FLOAT:
        return (struct annotation){-1, layout->meaning == MEANING_HALF ? 15 : 0};
    default:
        return (struct annotation){-1, 0};
    }
}

static void put_empty(struct thrift_writer *out, int id)
{
    thrift_put_field(out, id, THRIFT_STRUCT);
    thrift_begin(out);
    thrift_end(out);
}

/* The struct of a logical type: empty for most. */
static void put_logical(struct thrift_writer *out, const struct column_schema *schema,
                        const struct parquet_column *layout, int logical)
{
    thrift_put_field(out, 10, THRIFT_STRUCT);
    thrift_begin(out);
    thrift_put_field(out, logical, THRIFT_STRUCT);
    thrift_begin(out);
    if (logical == 5) {
        thrift_put_int(out, 1, THRIFT_I32, schema->scale);
        thrift_put_int(out, 2, THRIFT_I32, schema->precision);
    } else if (logical == 7 || logical == 8) {
        thrift_put_bool(out, 1, layout->utc);
        thrift_put_field(out, 2, THRIFT_STRUCT);
        thrift_begin(out);
        put_empty(out, layout->meaning == MEANING_MILLIS ? 1 : schema->ticks == 1000000000 ? 3 : 2);
        thrift_end(out);
    } else if (logical == 10) {
        thrift_put_field(out, 1, THRIFT_BYTE);
        buf_add_char(out->out, (char)layout->bits);
        thrift_put_bool(out, 2, layout->meaning != MEANING_UNSIGNED);
    }
    thrift_end(out);
    thrift_end(out);
}

static void put_element(struct thrift_writer *out, const struct column_schema *schema,
                        const struct parquet_column *layout)
{
    struct annotation annotation = annotation_of(schema, layout);
    thrift_begin(out);
    thrift_put_int(out, 1, THRIFT_I32, layout->physical);
    if (layout->physical == PHYSICAL_FIXED)
        thrift_put_int(out, 2, THRIFT_I32, layout->width);
    thrift_put_int(out, 3, THRIFT_I32, 1);
    thrift_put_binary(out, 4, schema->name, strlen(schema->name));
    if (annotation.converted >= 0)
        thrift_put_int(out, 6, THRIFT_I32, annotation.converted);
    if (annotation.logical == 5) {
        thrift_put_int(out, 7, THRIFT_I32, schema->scale);
        thrift_put_int(out, 8, THRIFT_I32, schema->precision);
    }
    if (annotation.logical)
        put_logical(out, schema, layout, annotation.logical);
    thrift_end(out);
}

static void put_statistics(struct thrift_writer *out, const struct footer_piece *piece)
{
    thrift_put_field(out, 12, THRIFT_STRUCT);
    thrift_begin(out);
    thrift_put_int(out, 3, THRIFT_I64, (int64_t)piece->nulls);
    if (piece->least) {
        thrift_put_binary(out, 5, piece->greatest, piece->greatest_length);
        thrift_put_binary(out, 6, piece->least, piece->least_length);
    }
    thrift_end(out);
}

static void put_piece(struct thrift_writer *out, const struct parquet_footer *footer, size_t column,
                      uint64_t rows, const struct footer_piece *piece)
{
    const char *name = footer->schema[column].name;
    thrift_begin(out);
    thrift_put_int(out, 2, THRIFT_I64, (int64_t)piece->offset);
    thrift_put_field(out, 3, THRIFT_STRUCT);
    thrift_begin(out);
    thrift_put_int(out, 1, THRIFT_I32, footer->layouts[column].physical);
    thrift_put_list(out, 2, THRIFT_I32, 2);
    thrift_item_int(out, ENCODING_PLAIN);
    thrift_item_int(out, ENCODING_RLE);
    thrift_put_list(out, 3, THRIFT_BINARY, 1);
    thrift_item_binary(out, name, strlen(name));
    thrift_put_int(out, 4, THRIFT_I32, footer->codec);
    thrift_put_int(out, 5, THRIFT_I64, (int64_t)rows);
    thrift_put_int(out, 6, THRIFT_I64, (int64_t)piece->plain);
    thrift_put_int(out, 7, THRIFT_I64, (int64_t)piece->stored);
    thrift_put_int(out, 9, THRIFT_I64, (int64_t)piece->offset);
    put_statistics(out, piece);
    thrift_end(out);
    thrift_end(out);
}

static void put_groups(struct thrift_writer *out, const struct parquet_footer *footer)
{
    thrift_put_list(out, 4, THRIFT_STRUCT, footer->group_count);
    for (size_t g = 0; g < footer->group_count; g++) {
        const struct footer_group *group = &footer->groups[g];
        uint64_t plain = 0;
        thrift_begin(out);
        thrift_put_list(out, 1, THRIFT_STRUCT, footer->column_count);
        for (size_t i = 0; i < footer->column_count; i++) {
            put_piece(out, footer, i, group->rows, &group->pieces[i]);
            plain += group->pieces[i].plain;
        }
        thrift_put_int(out, 2, THRIFT_I64, (int64_t)plain);
        thrift_put_int(out, 3, THRIFT_I64, (int64_t)group->rows);
        thrift_end(out);
    }
}

void parquet_footer_write(struct buf *out, const struct parquet_footer *footer)
{
    struct thrift_writer writer = {.out = out};
    size_t start = out->length;
    thrift_begin(&writer);
    thrift_put_int(&writer, 1, THRIFT_I32, 2);
    thrift_put_list(&writer, 2, THRIFT_STRUCT, footer->column_count + 1);
    thrift_begin(&writer);
    thrift_put_binary(&writer, 4, "schema", 6);
    thrift_put_int(&writer, 5, THRIFT_I32, (int64_t)footer->column_count);
    thrift_end(&writer);
    for (size_t i = 0; i < footer->column_count; i++)
        put_element(&writer, &footer->schema[i], &footer->layouts[i]);
    thrift_put_int(&writer, 3, THRIFT_I64, (int64_t)footer->rows);
    put_groups(&writer, footer);
    thrift_put_binary(&writer, 6, "mlc", 3);
    thrift_put_list(&writer, 7, THRIFT_STRUCT, footer->column_count);
    for (size_t i = 0; i < footer->column_count; i++) {
        thrift_begin(&writer);
        put_empty(&writer, TYPE_ORDER);
        thrift_end(&writer);
    }
    thrift_end(&writer);
    uint32_t length = (uint32_t)(out->length - start);
    buf_add(out, &length, sizeof length);
    buf_add(out, "PAR1", 4);
}
