#include "runtime/data/typed.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "runtime/data/formats.h"

size_t bitmap_words(size_t rows)
{
    return (rows + 63) / 64;
}

uint64_t bitmap_count(const uint64_t *bits, size_t rows)
{
    uint64_t count = 0;
    for (size_t i = 0, n = bitmap_words(rows); i < n; i++)
        count += (uint64_t)__builtin_popcountll(bits[i]);
    return count;
}

static bool is_number(const struct value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_FLOAT || value->kind == VALUE_BOOL ||
           value->kind == VALUE_QUANTITY;
}

static double number_of(const struct value *value)
{
    switch (value->kind) {
    case VALUE_INT:
        return (double)value->integer;
    case VALUE_BOOL:
        return value->boolean;
    case VALUE_QUANTITY:
        return value->unit == UNIT_PERCENT ? value->number / 100 : value->number;
    default:
        return value->number;
    }
}

static const char *mismatch(struct arena *arena, const struct column_schema *schema,
                            const struct value *value)
{
    char type[32];
    column_type_name(schema, type);
    struct buf shown = {0};
    value_print(&shown, value);
    const char *why =
        arena_printf(arena, "%.200s (%s) cannot be compared with column \"%s\", which holds %s%s",
                     buf_str(&shown), value_kind_name(value), schema->name, type,
                     schema->declared ? "" : " by what was found in it; declare its type if it is another");
    buf_free(&shown);
    return why;
}

/* True if a timestamp's text says its zone: a Z or an offset behind the time. */
static bool text_has_zone(const char *text, size_t length)
{
    if (length == 0)
        return false;
    if (text[length - 1] == 'Z' || text[length - 1] == 'z')
        return true;
    for (size_t i = 10; i < length; i++)
        if (text[i] == '+' || text[i] == '-')
            return true;
    return false;
}

static const char *time_cell(struct arena *arena, const struct column_schema *schema, const char *text,
                             size_t length, struct cell *out)
{
    if (schema->type == COLUMN_TIMESTAMP && length > 10 && text_has_zone(text, length) != schema->zoned)
        return arena_printf(
            arena,
            "\"%.*s\" %s a time zone and column \"%s\" %s: the two cannot be compared; write the "
            "bound %s",
            (int)length, text, schema->zoned ? "lacks" : "has", schema->name,
            schema->zoned ? "has one" : "has none", schema->zoned ? "with one (…Z)" : "without");
    if (cell_parse(schema, text, length, out))
        return NULL;
    if (schema->type == COLUMN_TIMESTAMP && length == 10) { /* a date is its first moment */
        const char *first = arena_printf(arena, "%.10sT00:00:00%s", text, schema->zoned ? "Z" : "");
        if (cell_parse(schema, first, strlen(first), out))
            return NULL;
    }
    if (schema->type == COLUMN_DATE && length > 10 && (text[10] == 'T' || text[10] == ' ') &&
        strspn(text + 11, "0:.Z") == length - 11 && cell_parse(schema, text, 10, out))
        return NULL;
    char type[32];
    return arena_printf(arena, "\"%.*s\" is no %s, which column \"%s\" holds",
                        (int)(length > 100 ? 100 : length), text, column_type_name(schema, type),
                        schema->name);
}

/* A time of a set in other spellings too, as pandas reads one that is compared with a column of times. */
static const char *written_time_cell(struct arena *arena, const struct column_schema *schema,
                                     const struct value *value, struct cell *out)
{
    char iso[DATEUTIL_ISO];
    const char *why = time_cell(arena, schema, value->text, value->length, out);
    bool other =
        why && schema->type != COLUMN_TIME && !schema->zoned && dateutil_iso(value->text, value->length, iso);
    return other ? time_cell(arena, schema, iso, strlen(iso), out) : why;
}

/* The floor and, with `*exact` false, not the whole of number x 10^scale. */
static bool decimal_floor(double number, unsigned scale, decimal *out, bool *exact)
{
    char text[32];
    size_t length = text_from_double(number, text);
    bool negative = text[0] == '-', any = false;
    decimal digits = 0;
    int point = 0, exponent = 0, count = 0;
    bool behind = false;
    for (size_t i = negative; i < length; i++) {
        if (text[i] == 'e' || text[i] == 'E') {
            for (size_t j = i + 1, sign = 0; j < length; j++) {
                if (text[j] == '-')
                    sign = 1;
                else if (text[j] != '+')
                    exponent = exponent * 10 + (text[j] - '0');
                if (j + 1 == length && sign)
                    exponent = -exponent;
            }
            break;
        }
        if (text[i] == '.') {
            behind = true;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return false;
        digits = digits * 10 + (text[i] - '0');
        any = any || text[i] != '0';
        count++;
        point += behind;
    }
    int shift = (int)scale - point + exponent;
    *exact = true;
    if (any && count + shift > 38)
        return false;
    for (; shift > 0 && any; shift--)
        digits *= 10;
    for (; shift < 0 && digits; shift++) {
        if (digits % 10)
            *exact = false;
        digits /= 10;
    }
    if (negative) {
        digits = -digits;
        if (!*exact)
            digits -= 1;
    }
    *out = digits;
    return true;
}

const char *typed_cell(struct arena *arena, const struct column_schema *schema, const struct value *value,
                       struct cell *out)
{
    memset(out, 0, sizeof *out);
    out->type = schema->type;
    bool text = value->kind == VALUE_STRING || value->kind == VALUE_WORD;
    if (schema->type == COLUMN_STRING && text && value->length <= UINT32_MAX) {
        out->text = value->text;
        out->length = (uint32_t)value->length;
        return NULL;
    }
    if (column_type_is_time(schema->type) && text)
        return written_time_cell(arena, schema, value, out);
    if (schema->type == COLUMN_STRING || column_type_is_time(schema->type) || !is_number(value))
        return mismatch(arena, schema, value);
    double number = number_of(value);
    bool exact = true;
    switch (schema->type) {
    case COLUMN_BOOL:
        out->boolean = number != 0;
        exact = number == 0 || number == 1;
        break;
    case COLUMN_INT:
        exact = value->kind == VALUE_INT || (number == floor(number) && fabs(number) < 9.2e18);
        out->integer = value->kind == VALUE_INT ? value->integer : exact ? (int64_t)number : 0;
        break;
    case COLUMN_FLOAT:
        out->number = number;
        break;
    case COLUMN_DECIMAL:
        if (value->kind == VALUE_INT) {
            out->exact = value->integer;
            for (unsigned i = 0; i < schema->scale && exact; i++)
                exact = !__builtin_mul_overflow(out->exact, (decimal)10, &out->exact);
        } else if (!isfinite(number) || !decimal_floor(number, schema->scale, &out->exact, &exact)) {
            exact = false;
        }
        break;
    default:
        return mismatch(arena, schema, value);
    }
    return exact ? NULL : arena_printf(arena, "no cell of column \"%s\" can equal this number", schema->name);
}

/* --- bounds --- */

/* One further in for a strict bound; false when no int is left on that side. */
static bool step_in(bool low, int64_t *bound)
{
    return low ? !__builtin_add_overflow(*bound, 1, bound) : !__builtin_sub_overflow(*bound, 1, bound);
}

/* False when no int lies on that side of the bound. */
static bool int_bound(double number, bool low, bool strict, int64_t *out)
{
    double edge = low ? ceil(number) : floor(number);
    *out = low ? INT64_MIN : INT64_MAX;
    if (edge >= 9223372036854775808.0)
        return !low;
    if (edge < -9223372036854775808.0)
        return low;
    *out = (int64_t)edge;
    return !(strict && edge == number) || step_in(low, out);
}

static const char *decimal_bound(struct arena *arena, const struct column_schema *schema,
                                 const struct value *value, bool low, bool strict, decimal *out)
{
    bool exact = true, whole = value->kind == VALUE_INT;
    double number = number_of(value);
    *out = whole ? value->integer : 0;
    for (unsigned i = 0; i < schema->scale && whole; i++)
        whole = !__builtin_mul_overflow(*out, (decimal)10, out);
    if (!whole && (!isfinite(number) || !decimal_floor(number, schema->scale, out, &exact)))
        return arena_printf(arena, "a bound of column \"%s\" is outside what a decimal can hold",
                            schema->name);
    if (low && !exact)
        *out += 1; /* the ceiling */
    if (exact && strict)
        *out += low ? 1 : -1;
    return NULL;
}

static const char *number_bound(struct arena *arena, const struct column_schema *schema,
                                const struct value *value, bool low, bool strict, struct range *out)
{
    double number = number_of(value);
    if (isnan(number))
        return "a bound is not a number";
    switch (schema->type) {
    case COLUMN_DECIMAL:
        return decimal_bound(arena, schema, value, low, strict, low ? &out->decimal_low : &out->decimal_high);
    case COLUMN_FLOAT:
        if (low)
            out->float_low = strict ? nextafter(number, INFINITY) : number;
        else
            out->float_high = strict ? nextafter(number, -INFINITY) : number;
        return NULL;
    default:
        break;
    }
    int64_t *bound = low ? &out->int_low : &out->int_high;
    if (value->kind == VALUE_INT) {
        *bound = value->integer;
        out->empty |= strict && !step_in(low, bound);
    } else {
        out->empty |= !int_bound(number, low, strict, bound);
    }
    return NULL;
}

const struct value *typed_number(struct arena *arena, const struct value *value)
{
    int64_t integer;
    double number;
    if (!value || value->kind != VALUE_STRING)
        return value;
    if (text_to_int(value->text, value->length, &integer))
        return value_int(arena, integer, 0);
    return text_to_double(value->text, value->length, &number) ? value_float(arena, number, 0) : value;
}

const struct value *typed_bound(struct arena *arena, const struct column_schema *schema,
                                const struct value *value)
{
    struct cell cell;
    bool text = value && (value->kind == VALUE_STRING || value->kind == VALUE_WORD);
    if (!text || schema->type == COLUMN_STRING)
        return value;
    if (!column_type_is_time(schema->type))
        return typed_number(arena, value);
    return time_cell(arena, schema, value->text, value->length, &cell) ? value
                                                                       : value_int(arena, cell.integer, 0);
}

static const char *bound_prepare(struct arena *arena, const struct column_schema *schema,
                                 const struct value *value, bool low, bool strict, struct range *out)
{
    bool text = value->kind == VALUE_STRING || value->kind == VALUE_WORD;
    if (schema->type == COLUMN_STRING && text) {
        *(low ? &out->text_low : &out->text_high) = value->text;
        *(low ? &out->low_length : &out->high_length) = value->length;
        *(low ? &out->strict_low : &out->strict_high) = strict;
        return NULL;
    }
    if (column_type_is_time(schema->type) && text) {
        struct cell cell;
        const char *why = time_cell(arena, schema, value->text, value->length, &cell);
        if (why)
            return why;
        const struct value *ticks = value_int(arena, cell.integer, 0);
        return number_bound(arena, schema, ticks, low, strict, out);
    }
    const struct value *number = typed_number(arena, value);
    if (schema->type == COLUMN_STRING || column_type_is_time(schema->type) || !is_number(number))
        return mismatch(arena, schema, value);
    return number_bound(arena, schema, number, low, strict, out);
}

const char *range_prepare(struct arena *arena, const struct column_schema *schema, const struct value *low,
                          const struct value *high, bool strict_low, bool strict_high, struct range *out)
{
    memset(out, 0, sizeof *out);
    out->int_low = INT64_MIN;
    out->int_high = INT64_MAX;
    out->float_low = -INFINITY;
    out->float_high = INFINITY;
    out->decimal_high = (decimal)(((unsigned __int128)1 << 127) - 1);
    out->decimal_low = -out->decimal_high - 1;
    if (schema->type == COLUMN_NULL)
        return NULL;
    const char *why = NULL;
    if (low && low->kind != VALUE_NULL) {
        out->has_low = true;
        why = bound_prepare(arena, schema, low, true, strict_low, out);
    }
    if (!why && high && high->kind != VALUE_NULL) {
        out->has_high = true;
        why = bound_prepare(arena, schema, high, false, strict_high, out);
    }
    if (out->empty) {
        out->int_low = INT64_MAX;
        out->int_high = INT64_MIN;
    }
    return why;
}

/* --- tests --- */

static uint64_t test_ints(const int64_t *values, int64_t low, int64_t high)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 64; i++)
        word |= (uint64_t)((values[i] >= low) & (values[i] <= high)) << i;
    return word;
}

static uint64_t test_floats(const double *values, double low, double high)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 64; i++)
        word |= (uint64_t)((values[i] >= low) & (values[i] <= high)) << i;
    return word;
}

static int compare_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

static bool text_inside(const struct range *range, const char *text, size_t length)
{
    if (range->has_low) {
        int order = compare_bytes(text, length, range->text_low, range->low_length);
        if (order < 0 || (order == 0 && range->strict_low))
            return false;
    }
    if (range->has_high) {
        int order = compare_bytes(text, length, range->text_high, range->high_length);
        if (order > 0 || (order == 0 && range->strict_high))
            return false;
    }
    return true;
}

static bool row_inside(const struct column_schema *schema, const struct range *range,
                       const struct column *column, size_t row)
{
    switch (schema->type) {
    case COLUMN_BOOL:
        return column->bools[row] >= range->int_low && column->bools[row] <= range->int_high;
    case COLUMN_DECIMAL:
        return column->decimals[row] >= range->decimal_low && column->decimals[row] <= range->decimal_high;
    case COLUMN_STRING:
        return text_inside(range, column->bytes + column->starts[row], column->lengths[row]);
    default:
        return true;
    }
}

void range_test(const struct column_schema *schema, const struct range *range, const struct column *column,
                size_t rows, uint64_t *inside)
{
    size_t words = bitmap_words(rows);
    switch (schema->type) {
    case COLUMN_INT:
    case COLUMN_DATE:
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
        for (size_t w = 0; w < words; w++)
            inside[w] = test_ints(column->ints + w * 64, range->int_low, range->int_high) & column->valid[w];
        return;
    case COLUMN_FLOAT:
        for (size_t w = 0; w < words; w++)
            inside[w] =
                test_floats(column->floats + w * 64, range->float_low, range->float_high) & column->valid[w];
        return;
    default:
        break;
    }
    for (size_t w = 0; w < words; w++) {
        uint64_t word = 0;
        for (uint64_t rest = column->valid[w]; rest; rest &= rest - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(rest);
            if (row_inside(schema, range, column, w * 64 + bit))
                word |= 1ull << bit;
        }
        inside[w] = word;
    }
}

bool range_has(const struct range *range, struct cell cell)
{
    switch (cell.type) {
    case COLUMN_NULL:
        return false;
    case COLUMN_BOOL:
        return cell.boolean >= range->int_low && cell.boolean <= range->int_high;
    case COLUMN_FLOAT:
        return cell.number >= range->float_low && cell.number <= range->float_high;
    case COLUMN_DECIMAL:
        return cell.exact >= range->decimal_low && cell.exact <= range->decimal_high;
    case COLUMN_STRING:
        return text_inside(range, cell.text, cell.length);
    default:
        return cell.integer >= range->int_low && cell.integer <= range->int_high;
    }
}
