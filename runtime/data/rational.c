#include "runtime/data/rational.h"

#include <math.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "runtime/data/number.h"
#include "runtime/data/wide.h"

static unsigned __int128 magnitude(decimal value)
{
    return value < 0 ? 0 - (unsigned __int128)value : (unsigned __int128)value;
}

/* |units| x 10^scale x divisor: of one number with the scale and divisor of the other. */
static struct wide scaled(decimal units, unsigned scale, uint64_t divisor)
{
    struct wide number = wide_of(magnitude(units)), power = wide_power_of_ten(scale), by = wide_of(divisor);
    number = wide_product(&number, &power);
    return wide_product(&number, &by);
}

int rational_compare(struct rational a, struct rational b)
{
    if ((a.units < 0) != (b.units < 0))
        return a.units < 0 ? -1 : 1;
    struct wide left = scaled(a.units, b.scale, b.divisor), right = scaled(b.units, a.scale, a.divisor);
    int order = wide_compare(&left, &right);
    return a.units < 0 ? -order : order;
}

double rational_number(struct rational a)
{
    struct wide top = wide_of(magnitude(a.units)), bottom = scaled(1, a.scale, a.divisor);
    double number = wide_ratio(&top, &bottom);
    return a.units < 0 ? -number : number;
}

static bool rescale(decimal *units, unsigned by)
{
    for (; by > 0; by--)
        if (__builtin_mul_overflow(*units, (decimal)10, units))
            return false;
    return true;
}

bool rational_difference(struct rational a, struct rational b, struct rational *out)
{
    unsigned scale = a.scale > b.scale ? a.scale : b.scale;
    *out = (struct rational){.scale = scale, .divisor = 1};
    return a.divisor == 1 && b.divisor == 1 && rescale(&a.units, scale - a.scale) &&
           rescale(&b.units, scale - b.scale) && !__builtin_sub_overflow(a.units, b.units, &out->units);
}

bool rational_of_value(const struct value *value, struct rational *out)
{
    char shortest[32];
    *out = (struct rational){.divisor = 1};
    if (value->kind == VALUE_INT) {
        out->units = value->integer;
        return true;
    }
    if (value->kind != VALUE_FLOAT || !isfinite(value->number))
        return false;
    const char *text = value->digits ? value->digits : shortest;
    size_t length = value->digits ? strlen(text) : text_from_double(value->number, shortest);
    for (; out->scale < RATIONAL_SCALE; out->scale++)
        if (number_decimal(text, length, RATIONAL_SCALE, out->scale, &out->units))
            return true;
    return false;
}

const struct value *rational_value(struct arena *arena, struct rational exact)
{
    if (exact.scale == 0 && exact.units >= INT64_MIN && exact.units <= INT64_MAX)
        return value_int(arena, (int64_t)exact.units, 0);
    struct buf digits = {0};
    number_print_decimal(&digits, exact.units, exact.scale);
    const struct value *value = value_digits(arena, rational_number(exact), buf_str(&digits), 0);
    buf_free(&digits);
    return value;
}
