#include <math.h>
#include <string.h>
#include "core/expr.h"
#include "core/map.h"
#include "core/vec.h"
#include "core/value.h"

/* Exact comparison of an integer with a double, without rounding the integer; NaN sorts first. */
static int compare_int_float(int64_t integer, double number)
{
    if (isnan(number))
        return 1;
    if (number >= 0x1p63)
        return -1;
    if (number < -0x1p63)
        return 1;
    int64_t whole = (int64_t)number;
    if (integer != whole)
        return integer < whole ? -1 : 1;
    double rest = number - (double)whole;
    return (rest < 0) - (rest > 0);
}

static int compare_floats(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(b) - isnan(a);
    return (a > b) - (a < b);
}

static int compare_numbers(const struct value *a, const struct value *b)
{
    if (a->kind == VALUE_INT && b->kind == VALUE_INT)
        return (a->integer > b->integer) - (a->integer < b->integer);
    if (a->kind == VALUE_INT)
        return compare_int_float(a->integer, b->number);
    if (b->kind == VALUE_INT)
        return -compare_int_float(b->integer, a->number);
    return compare_floats(a->number, b->number);
}

static bool is_number(const struct value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_FLOAT;
}

static bool same_text(const struct value *a, const struct value *b)
{
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

static bool same_bound(const struct value *a, const struct value *b)
{
    return a == b || (a && b && value_equal(a, b));
}

static bool same_items(const struct value *a, const struct value *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!value_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

enum { SCANNED_FIELDS = 32 };

/* Large records whose keys stand in another order are compared through an index. */
static bool same_fields_indexed(const struct value *a, const struct value *b)
{
    struct arena *arena = arena_new();
    struct map *index = map_new(arena);
    for (size_t i = 0; i < b->field_count; i++)
        map_set(index, b->fields[i].key, (void *)&b->fields[i]);
    bool same = true;
    for (size_t i = 0; same && i < a->field_count; i++) {
        const struct field *other = map_get(index, a->fields[i].key);
        same = other && value_equal(a->fields[i].value, other->value);
    }
    arena_free(arena);
    return same;
}

static bool same_fields(const struct value *a, const struct value *b)
{
    if (a->field_count != b->field_count)
        return false;
    size_t i = 0;
    for (; i < a->field_count && strcmp(a->fields[i].key, b->fields[i].key) == 0; i++)
        if (!value_equal(a->fields[i].value, b->fields[i].value))
            return false;
    if (i < a->field_count && a->field_count > SCANNED_FIELDS)
        return same_fields_indexed(a, b);
    for (; i < a->field_count; i++) {
        const struct value *other = value_get(b, a->fields[i].key);
        if (!other || !value_equal(a->fields[i].value, other))
            return false;
    }
    return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a == b)
        return true;
    if (is_number(a) && is_number(b))
        return compare_numbers(a, b) == 0;
    if (a->kind != b->kind)
        return false;
    switch ((enum value_kind)a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INT:
    case VALUE_FLOAT:
        return compare_numbers(a, b) == 0;
    case VALUE_STRING:
    case VALUE_WORD:
        return same_text(a, b);
    case VALUE_LIST:
    case VALUE_TEXT:
        return same_items(a, b);
    case VALUE_VARIANT:
        return strcmp(a->name, b->name) == 0 && same_fields(a, b);
    case VALUE_RECORD:
        return same_fields(a, b);
    case VALUE_QUANTITY:
        return a->unit == b->unit && compare_floats(a->number, b->number) == 0;
    case VALUE_RANGE:
        return same_bound(a->low, b->low) && same_bound(a->high, b->high);
    case VALUE_NODE:
        return a->node == b->node;
    case VALUE_EXPRESSION:
        return expr_equal(a->expr, b->expr);
    }
    return false;
}

/* Texts sort by bytes, a prefix first. */
static int compare_texts(const struct value *a, const struct value *b)
{
    size_t common = a->length < b->length ? a->length : b->length;
    int order = common ? memcmp(a->text, b->text, common) : 0;
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_items(const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        int order = value_compare(a->items[i], b->items[i]);
        if (order)
            return order;
    }
    return (a->count > b->count) - (a->count < b->count);
}

static int compare_keys(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct field *)a)->key, ((const struct field *)b)->key);
}

static struct vec sorted_fields(struct arena *arena, const struct value *record)
{
    struct vec fields = vec_in(arena);
    for (size_t i = 0; i < record->field_count; i++)
        vec_push(&fields, (void *)&record->fields[i]);
    vec_sort(&fields, compare_keys, NULL);
    return fields;
}

/* Records sort by their sorted keys with values, so that equal records compare equal in any order. */
static int compare_fields(const struct value *a, const struct value *b)
{
    struct arena *arena = arena_new();
    struct vec left = sorted_fields(arena, a), right = sorted_fields(arena, b);
    int order = 0;
    for (size_t i = 0; !order && i < left.count && i < right.count; i++) {
        const struct field *x = left.items[i], *y = right.items[i];
        order = strcmp(x->key, y->key);
        if (!order)
            order = value_compare(x->value, y->value);
    }
    arena_free(arena);
    return order ? order : (a->field_count > b->field_count) - (a->field_count < b->field_count);
}

/* An open bound is the least low and the greatest high. */
static int compare_bounds(const struct value *a, const struct value *b, int open)
{
    if (a && b)
        return value_compare(a, b);
    return a == b ? 0 : a ? -open : open;
}

static int compare_ranges(const struct value *a, const struct value *b)
{
    int order = compare_bounds(a->low, b->low, -1);
    return order ? order : compare_bounds(a->high, b->high, 1);
}

static int compare_expressions(const struct value *a, const struct value *b)
{
    struct buf left = {0}, right = {0};
    expr_print(&left, a->expr);
    expr_print(&right, b->expr);
    int order = strcmp(buf_str(&left), buf_str(&right));
    buf_free(&left);
    buf_free(&right);
    return order;
}

static int rank(const struct value *value)
{
    return value->kind == VALUE_FLOAT ? VALUE_INT : value->kind;
}

int value_compare(const struct value *a, const struct value *b)
{
    if (rank(a) != rank(b))
        return rank(a) < rank(b) ? -1 : 1;
    switch ((enum value_kind)a->kind) {
    case VALUE_NULL:
        return 0;
    case VALUE_BOOL:
        return (int)a->boolean - (int)b->boolean;
    case VALUE_INT:
    case VALUE_FLOAT:
        return compare_numbers(a, b);
    case VALUE_STRING:
    case VALUE_WORD:
        return compare_texts(a, b);
    case VALUE_LIST:
    case VALUE_TEXT:
        return compare_items(a, b);
    case VALUE_VARIANT:
        return strcmp(a->name, b->name) ? strcmp(a->name, b->name) : compare_fields(a, b);
    case VALUE_RECORD:
        return compare_fields(a, b);
    case VALUE_QUANTITY:
        return a->unit != b->unit ? (int)a->unit - (int)b->unit : compare_floats(a->number, b->number);
    case VALUE_RANGE:
        return compare_ranges(a, b);
    case VALUE_NODE:
        /* Addresses would make an order that changes from run to run: a stable sort keeps the given one. */
        return 0;
    case VALUE_EXPRESSION:
        return compare_expressions(a, b);
    }
    return 0;
}
