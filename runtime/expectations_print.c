/* What a measure was found to be, as people read it. */

#include <math.h>
#include "core/text.h"
#include "runtime/expectations_ask.h"

/* A found duration in the largest unit that fits, as "1030.2d". */
static void print_duration(struct buf *out, double microseconds)
{
    static const struct {
        const char *unit;
        double size;
    } UNITS[] = {{"d", 864e8}, {"h", 36e8}, {"m", 6e7}, {"s", 1e6}, {"ms", 1e3}, {"us", 1}};
    size_t i = 0;
    while (i < 5 && fabs(microseconds) < UNITS[i].size)
        i++;
    char text[32];
    text_from_double(round(microseconds / UNITS[i].size * 100) / 100, text);
    buf_printf(out, "%s%s", text, UNITS[i].unit);
}

void expectations_print(struct buf *out, const struct value *value)
{
    char text[32];
    if (value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT) {
        text_from_double(round(value->number * 1e4) / 1e4, text);
        buf_printf(out, "%s%%", text);
    } else if (value->kind == VALUE_QUANTITY && value->unit == UNIT_DURATION) {
        print_duration(out, value->number);
    } else if (value->kind == VALUE_FLOAT) {
        text_from_double(round(value->number * 1e6) / 1e6, text);
        buf_add_str(out, text);
    } else {
        value_print(out, value);
    }
}
