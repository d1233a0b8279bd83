#include "core/documents/schema_scalar.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "core/text.h"

static bool is_number(const struct value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_FLOAT;
}

static double number_of(const struct value *value)
{
    return value->kind == VALUE_INT ? (double)value->integer : value->number;
}

bool schema_is_type(const struct value *value, const char *type)
{
    if (strcmp(type, "number") == 0)
        return is_number(value);
    if (strcmp(type, "integer") == 0)
        return value->kind == VALUE_INT ||
               (value->kind == VALUE_FLOAT && value->number == floor(value->number));
    return strcmp(schema_type_name(value), type) == 0;
}

const char *schema_type_name(const struct value *value)
{
    static const char *const names[] = {
        [VALUE_NULL] = "null",    [VALUE_BOOL] = "boolean",  [VALUE_INT] = "integer",
        [VALUE_FLOAT] = "number", [VALUE_STRING] = "string", [VALUE_LIST] = "array",
        [VALUE_RECORD] = "object"};
    return value->kind <= VALUE_RECORD ? names[value->kind] : value_kind_name(value);
}

static const struct value *number_at(const struct value *schema, const char *key)
{
    const struct value *bound = value_get(schema, key);
    return bound && is_number(bound) ? bound : NULL;
}

static const char *show(struct arena *arena, const struct value *value)
{
    struct buf text = {0};
    value_print(&text, value);
    const char *shown = arena_strdup(arena, buf_str(&text));
    buf_free(&text);
    return shown;
}

/* Draft 4 marks a bound as exclusive by a boolean beside it, later drafts give the exclusive bound itself. */
static bool is_exclusive(const struct value *schema, const char *key)
{
    const struct value *flag = value_get(schema, key);
    return flag && flag->kind == VALUE_BOOL && flag->boolean;
}

static const char *broken_limit(struct arena *arena, const struct value *schema, const struct value *value,
                                bool lower)
{
    const char *plain = lower ? "minimum" : "maximum",
               *strict = lower ? "exclusiveMinimum" : "exclusiveMaximum";
    const struct value *bound = number_at(schema, plain), *beyond = number_at(schema, strict);
    int side = lower ? -1 : 1;
    bool exclusive = is_exclusive(schema, strict);
    if (bound && (value_compare(value, bound) * side > 0 || (exclusive && value_compare(value, bound) == 0)))
        return arena_printf(arena, "expected %s %s%s, found %s", lower ? "at least" : "at most",
                            exclusive ? "but not " : "", show(arena, bound), show(arena, value));
    if (beyond && value_compare(value, beyond) * side >= 0)
        return arena_printf(arena, "expected %s than %s, found %s", lower ? "more" : "less",
                            show(arena, beyond), show(arena, value));
    return NULL;
}

static const char *broken_number(struct arena *arena, const struct value *schema, const struct value *value)
{
    const char *broken = broken_limit(arena, schema, value, true);
    if (!broken)
        broken = broken_limit(arena, schema, value, false);
    const struct value *step = number_at(schema, "multipleOf");
    if (!broken && step && number_of(step) > 0) {
        double quotient = number_of(value) / number_of(step);
        if (fabs(quotient - nearbyint(quotient)) > 1e-9 * fmax(1, fabs(quotient)))
            broken = arena_printf(arena, "expected a multiple of %s, found %s", show(arena, step),
                                  show(arena, value));
    }
    const char *format = value_string_or(value_get(schema, "format"), "");
    if (!broken && strcmp(format, "int32") == 0 && fabs(number_of(value)) > 2147483648.0)
        broken = arena_printf(arena, "expected an integer of 32 bits, found %s", show(arena, value));
    return broken;
}

static size_t code_points(const struct value *string)
{
    size_t count = 0;
    for (size_t i = 0; i < string->length; i++)
        count += ((unsigned char)string->text[i] & 0xc0) != 0x80;
    return count;
}

static const char *broken_count(struct arena *arena, const struct value *schema, size_t count,
                                const char *least, const char *most, const char *noun)
{
    const struct value *low = number_at(schema, least), *high = number_at(schema, most);
    if (low && (double)count < number_of(low))
        return arena_printf(arena, "expected at least %s %s, found %zu", show(arena, low), noun, count);
    if (high && (double)count > number_of(high))
        return arena_printf(arena, "expected at most %s %s, found %zu", show(arena, high), noun, count);
    return NULL;
}

bool schema_text_fits(const struct schema_options *options, const char *pattern, const char *text,
                      size_t length)
{
    enum schema_match match = options->match ? options->match(options->context, pattern, text, length)
                                             : schema_match(pattern, text);
    return match != SCHEMA_DIFFERS;
}

static const char *broken_string(struct arena *arena, const struct schema_options *options,
                                 const struct value *schema, const struct value *value)
{
    const char *broken =
        broken_count(arena, schema, code_points(value), "minLength", "maxLength", "characters");
    const char *pattern = value_string_or(value_get(schema, "pattern"), NULL);
    if (!broken && pattern && !schema_text_fits(options, pattern, value->text, value->length))
        broken =
            arena_printf(arena, "expected a text that matches `%s`, found %s", pattern, show(arena, value));
    return broken;
}

static const char *broken_list(struct arena *arena, const struct value *schema, const struct value *value)
{
    const char *broken = broken_count(arena, schema, value->count, "minItems", "maxItems", "items");
    const struct value *unique = value_get(schema, "uniqueItems");
    if (broken || !unique || unique->kind != VALUE_BOOL || !unique->boolean || value->count > 2000)
        return broken;
    for (size_t i = 1; i < value->count; i++)
        for (size_t j = 0; j < i; j++)
            if (value_equal(value->items[i], value->items[j]))
                return arena_printf(arena, "items %zu and %zu are equal, expected different ones", j, i);
    return NULL;
}

const char *schema_broken_bound(struct arena *arena, const struct schema_options *options,
                                const struct value *schema, const struct value *value)
{
    switch ((enum value_kind)value->kind) {
    case VALUE_INT:
    case VALUE_FLOAT:
        return broken_number(arena, schema, value);
    case VALUE_STRING:
        return broken_string(arena, options, schema, value);
    case VALUE_LIST:
        return broken_list(arena, schema, value);
    case VALUE_RECORD:
        return broken_count(arena, schema, value->field_count, "minProperties", "maxProperties", "entries");
    default:
        return NULL;
    }
}
