#include "runtime/data/cell.h"

#include <math.h>
#include <string.h>
#include <strings.h>
#include "core/text.h"
#include "runtime/data/cell_parse.h"
#include "runtime/data/number.h"
#include "runtime/data/times.h"

const double cell_powers[17] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};

static bool parse_bool(const char *text, size_t length, uint8_t *out)
{
    static const char *const words[] = {"false", "true", "0", "1", "no", "yes", "f", "t", "n", "y"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && strncasecmp(words[i], text, length) == 0) {
            *out = i & 1;
            return true;
        }
    return false;
}

bool cell_parse_value(const struct column_schema *schema, const char *text, size_t length, void *value)
{
    bool zoned;
    switch (schema->type) {
    case COLUMN_BOOL:
        return parse_bool(text, length, value);
    case COLUMN_INT:
        return number_int(text, length, value);
    case COLUMN_FLOAT:
        return number_double(text, length, value);
    case COLUMN_DECIMAL:
        return number_decimal(text, length, schema->precision, schema->scale, value);
    case COLUMN_DATE:
        return times_date(text, length, value);
    case COLUMN_TIME:
        return times_time(text, length, schema->ticks, value);
    case COLUMN_TIMESTAMP:
        return times_timestamp(text, length, schema->ticks, value, &zoned);
    default:
        return false;
    }
}

struct cell column_cell(const struct column_schema *schema, const struct column *column, size_t row)
{
    struct cell cell = {.type = COLUMN_NULL};
    if (!column_is_valid(column, row))
        return cell;
    cell.type = schema->type;
    switch (schema->type) {
    case COLUMN_BOOL:
        cell.boolean = column->bools[row];
        break;
    case COLUMN_FLOAT:
        cell.number = column->floats[row];
        break;
    case COLUMN_DECIMAL:
        cell.exact = column->decimals[row];
        break;
    case COLUMN_STRING:
        cell.text = column->bytes + column->starts[row];
        cell.length = column->lengths[row];
        break;
    case COLUMN_NULL:
        break;
    default:
        cell.integer = column->ints[row];
        break;
    }
    return cell;
}

struct cell cell_copy(struct arena *arena, struct cell cell)
{
    if (cell.type == COLUMN_STRING)
        cell.text = arena_copy(arena, cell.text, cell.length);
    return cell;
}

static int compare_numbers(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

int cell_compare(struct cell a, struct cell b)
{
    if (a.type == COLUMN_NULL || b.type == COLUMN_NULL)
        return (a.type != COLUMN_NULL) - (b.type != COLUMN_NULL);
    switch (a.type) {
    case COLUMN_BOOL:
        return a.boolean - b.boolean;
    case COLUMN_FLOAT:
        return compare_numbers(a.number, b.number);
    case COLUMN_DECIMAL:
        return (a.exact > b.exact) - (a.exact < b.exact);
    case COLUMN_STRING: {
        int order = memcmp(a.text, b.text, a.length < b.length ? a.length : b.length);
        return order ? order : (a.length > b.length) - (a.length < b.length);
    }
    default:
        return (a.integer > b.integer) - (a.integer < b.integer);
    }
}

unsigned cell_scale(const struct column_schema *schema)
{
    if (schema->type == COLUMN_DECIMAL)
        return schema->scale;
    bool timed = schema->type == COLUMN_TIME || schema->type == COLUMN_TIMESTAMP;
    return !timed ? 0 : schema->ticks == 1000000 ? 6 : 9;
}

bool cell_units(const struct column_schema *schema, struct cell cell, decimal *units, unsigned *scale)
{
    if (cell.type == COLUMN_NULL || cell.type == COLUMN_FLOAT || cell.type == COLUMN_STRING)
        return false;
    *scale = cell_scale(schema);
    *units = cell.type == COLUMN_DECIMAL ? cell.exact
             : cell.type == COLUMN_BOOL  ? cell.boolean
                                         : cell.integer;
    return true;
}

void cell_print(struct buf *out, const struct column_schema *schema, struct cell cell)
{
    char number[32];
    switch (cell.type) {
    case COLUMN_NULL:
        break;
    case COLUMN_BOOL:
        buf_add_str(out, cell.boolean ? "true" : "false");
        break;
    case COLUMN_INT:
        buf_printf(out, "%lld", (long long)cell.integer);
        break;
    case COLUMN_FLOAT:
        buf_add(out, number, text_from_double(cell.number, number));
        break;
    case COLUMN_DECIMAL:
        number_print_decimal(out, cell.exact, schema->scale);
        break;
    case COLUMN_DATE:
        times_print_date(out, cell.integer);
        break;
    case COLUMN_TIME:
        times_print_time(out, cell.integer, schema->ticks);
        break;
    case COLUMN_TIMESTAMP:
        times_print_timestamp(out, cell.integer, schema->ticks, schema->zoned);
        break;
    case COLUMN_STRING:
        buf_add(out, cell.text, cell.length);
        break;
    }
}

double cell_number(const struct column_schema *schema, struct cell cell)
{
    switch (cell.type) {
    case COLUMN_BOOL:
        return cell.boolean;
    case COLUMN_INT:
    case COLUMN_DATE:
        return (double)cell.integer;
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
        return (double)cell.integer / schema->ticks;
    case COLUMN_FLOAT:
        return cell.number;
    case COLUMN_DECIMAL:
        return number_from_decimal(cell.exact, schema->scale);
    default:
        return NAN;
    }
}

const struct value *cell_to_value(struct arena *arena, const struct column_schema *schema, struct cell cell)
{
    if (cell.type == COLUMN_NULL)
        return value_null(arena, 0);
    if (cell.type == COLUMN_BOOL)
        return value_bool(arena, cell.boolean, 0);
    if (cell.type == COLUMN_INT)
        return value_int(arena, cell.integer, 0);
    if (cell.type == COLUMN_FLOAT && isfinite(cell.number))
        return value_float(arena, cell.number, 0);
    struct buf text = {0};
    cell_print(&text, schema, cell);
    const struct value *value = value_string_n(arena, buf_str(&text), text.length, 0);
    buf_free(&text);
    return value;
}

bool cell_from_value(struct arena *arena, const struct column_schema *schema, const struct value *value,
                     struct cell *out)
{
    *out = (struct cell){.type = schema->type};
    if (value->kind == VALUE_NULL) {
        out->type = COLUMN_NULL;
    } else if (value->kind == VALUE_BOOL && schema->type == COLUMN_BOOL) {
        out->boolean = value->boolean;
    } else if (value->kind == VALUE_INT && schema->type == COLUMN_INT) {
        out->integer = value->integer;
    } else if (value->kind == VALUE_FLOAT && schema->type == COLUMN_FLOAT) {
        out->number = value->number;
    } else if (value->kind == VALUE_INT && schema->type == COLUMN_FLOAT) {
        out->number = (double)value->integer;
    } else if (value->kind == VALUE_STRING) {
        if (!cell_parse(schema, value->text, value->length, out))
            return false;
        *out = cell_copy(arena, *out);
    } else {
        return false;
    }
    return true;
}

bool cell_parse(const struct column_schema *schema, const char *text, size_t length, struct cell *out)
{
    *out = (struct cell){.type = schema->type};
    if (schema->type == COLUMN_STRING) {
        out->text = text;
        out->length = (uint32_t)length;
        return length <= UINT32_MAX;
    }
    uint8_t boolean = 0;
    if (schema->type != COLUMN_BOOL)
        return cell_parse_value(schema, text, length,
                                schema->type == COLUMN_DECIMAL ? (void *)&out->exact : (void *)&out->integer);
    bool ok = cell_parse_value(schema, text, length, &boolean);
    out->boolean = boolean;
    return ok;
}
