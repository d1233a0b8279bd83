#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/expr.h"
#include "core/text.h"
#include "core/value.h"
#include "core/vec.h"

struct unit {
    double size;
    const char *suffix;
};

static void print_number(struct buf *out, double number)
{
    char text[32];
    buf_add(out, text, text_from_double(number, text));
}

/* In the first unit, from the largest down, of which the amount is a whole multiple; the last takes anything.
 */
static void print_in_units(struct buf *out, double amount, const struct unit *units, size_t count)
{
    size_t i = 0;
    while (i + 1 < count && (amount == 0 || fmod(amount, units[i].size) != 0))
        i++;
    print_number(out, amount / units[i].size);
    buf_add_str(out, units[i].suffix);
}

static void print_duration(struct buf *out, double amount)
{
    static const struct unit units[] = {{86400e6, "d"}, {3600e6, "h"}, {60e6, "m"},
                                        {1e6, "s"},     {1e3, "ms"},   {1, "us"}};
    if (amount == 0)
        buf_add_str(out, "0s");
    else
        print_in_units(out, amount, units, sizeof units / sizeof units[0]);
}

static void print_size(struct buf *out, double amount)
{
    static const struct unit units[] = {{0x1p40, "Ti"}, {0x1p30, "Gi"}, {0x1p20, "Mi"},
                                        {0x1p10, "Ki"}, {1e12, "T"},    {1e9, "G"},
                                        {1e6, "M"},     {1e3, "K"},     {1, "B"}};
    print_in_units(out, amount, units, sizeof units / sizeof units[0]);
}

static void print_rate(struct buf *out, double amount)
{
    static const struct unit periods[] = {{1, "/s"}, {60, "/m"}, {3600, "/h"}};
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        double whole = nearbyint(amount * periods[i].size);
        if (whole / periods[i].size == amount) {
            print_number(out, whole);
            buf_add_str(out, periods[i].suffix);
            return;
        }
    }
    print_number(out, amount);
    buf_add_str(out, "/s");
}

void value_print_quantity(struct buf *out, const struct value *quantity)
{
    switch ((enum quantity_unit)quantity->unit) {
    case UNIT_PERCENT:
        print_number(out, quantity->number);
        buf_add_char(out, '%');
        return;
    case UNIT_DURATION:
        print_duration(out, quantity->number);
        return;
    case UNIT_SIZE:
        print_size(out, quantity->number);
        return;
    case UNIT_RATE:
        print_rate(out, quantity->number);
        return;
    }
}

static void print_items(struct buf *out, const struct value *list, char open, char close)
{
    buf_add_char(out, open);
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            buf_add_str(out, ", ");
        value_print(out, list->items[i]);
    }
    buf_add_char(out, close);
}

static int compare_keys(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct field *)a)->key, ((const struct field *)b)->key);
}

/* In order of keys: equal records have equal texts. */
static void print_fields(struct buf *out, const struct value *record, char open, char close)
{
    struct arena *arena = arena_new();
    struct vec fields = vec_in(arena);
    for (size_t i = 0; i < record->field_count; i++)
        vec_push(&fields, (void *)&record->fields[i]);
    vec_sort(&fields, compare_keys, NULL);
    buf_add_char(out, open);
    for (size_t i = 0; i < fields.count; i++) {
        const struct field *field = fields.items[i];
        if (i)
            buf_add_str(out, ", ");
        json_write_string(out, field->key, strlen(field->key));
        buf_add_str(out, ": ");
        value_print(out, field->value);
    }
    buf_add_char(out, close);
    arena_free(arena);
}

static void print_range(struct buf *out, const struct value *range)
{
    if (range->low)
        value_print(out, range->low);
    buf_add_str(out, "..");
    if (range->high)
        value_print(out, range->high);
}

void value_print(struct buf *out, const struct value *value)
{
    switch ((enum value_kind)value->kind) {
    case VALUE_NULL:
        buf_add_str(out, "null");
        return;
    case VALUE_BOOL:
        buf_add_str(out, value->boolean ? "true" : "false");
        return;
    case VALUE_INT:
        buf_printf(out, "%" PRId64, value->integer);
        return;
    case VALUE_FLOAT:
        if (value->digits)
            buf_add_str(out, value->digits);
        else
            print_number(out, value->number);
        return;
    case VALUE_STRING:
        json_write_string(out, value->text, value->length);
        return;
    case VALUE_LIST:
        print_items(out, value, '[', ']');
        return;
    case VALUE_RECORD:
        print_fields(out, value, '{', '}');
        return;
    case VALUE_QUANTITY:
        value_print_quantity(out, value);
        return;
    case VALUE_WORD:
        buf_add(out, value->text, value->length);
        return;
    case VALUE_RANGE:
        print_range(out, value);
        return;
    case VALUE_VARIANT:
        buf_add_str(out, value->name);
        print_fields(out, value, '(', ')');
        return;
    case VALUE_NODE:
        buf_add_str(out, "<node>");
        return;
    case VALUE_EXPRESSION:
        buf_add_str(out, "<");
        expr_print(out, value->expr);
        buf_add_str(out, ">");
        return;
    case VALUE_TEXT:
        print_items(out, value, '`', '`');
        return;
    }
}
