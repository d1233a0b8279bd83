/* Natives over numbers and amounts: exact or an error, never rounded silently. */

#include <math.h>
#include <stdio.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "core/text.h"

enum { MICROSECONDS = 1000000 };

/* Exact integers as int, other numbers as float. */
static const struct value *plain_number(struct native_call *call, double number)
{
    origin where = native_origin(call);
    if (number == floor(number) && fabs(number) < 9007199254740992.0)
        return value_int(call->arena, (int64_t)number, where);
    return value_float(call->arena, number, where);
}

const struct value *native_number(struct native_call *call)
{
    const struct value *x = native_argument(call, 0);
    double amount;
    if (!native_amount(x, &amount))
        return native_misfit(call, 0, "a number or an amount");
    if (x->kind == VALUE_INT)
        return value_int(call->arena, x->integer, native_origin(call));
    if (x->kind == VALUE_QUANTITY && x->unit == UNIT_PERCENT)
        amount /= 100;
    else if (x->kind == VALUE_QUANTITY && x->unit == UNIT_DURATION)
        amount /= MICROSECONDS;
    return plain_number(call, amount);
}

const struct value *native_percent(struct native_call *call)
{
    const struct value *x = native_argument(call, 0);
    double amount;
    bool is_percent = x && x->kind == VALUE_QUANTITY && x->unit == UNIT_PERCENT;
    bool is_ratio = x && (x->kind == VALUE_INT || x->kind == VALUE_FLOAT);
    if ((!is_percent && !is_ratio) || !native_amount(x, &amount))
        return native_misfit(call, 0, "a percentage or a share of one");
    if (is_ratio)
        amount *= 100;
    double whole = nearbyint(amount);
    if (fabs(amount - whole) > 1e-9) {
        struct diag *diag =
            native_refuse(call, DIAG_NATIVE_INEXACT, x, "`%s` is no whole percentage", native_show(call, x));
        diag_label(diag, "the target takes whole percentages only");
        return NULL;
    }
    return value_int(call->arena, (int64_t)whole, native_origin(call));
}

/* A duration in whole units of `unit` microseconds. */
static const struct value *whole_units(struct native_call *call, double unit, const char *name)
{
    const struct value *d = native_argument(call, 0);
    if (!d || d->kind != VALUE_QUANTITY || d->unit != UNIT_DURATION)
        return native_misfit(call, 0, "a duration");
    double count = d->number / unit;
    if (count != floor(count)) {
        struct diag *diag = native_refuse(call, DIAG_NATIVE_INEXACT, d, "`%s` is no whole number of %s",
                                          native_show(call, d), name);
        diag_label(diag, "the target counts in whole %s", name);
        return NULL;
    }
    return value_int(call->arena, (int64_t)count, native_origin(call));
}

const struct value *native_milliseconds(struct native_call *call)
{
    return whole_units(call, 1000, "milliseconds");
}

const struct value *native_seconds(struct native_call *call)
{
    return whole_units(call, MICROSECONDS, "seconds");
}

const struct value *native_minutes(struct native_call *call)
{
    return whole_units(call, 60.0 * MICROSECONDS, "minutes");
}

const struct value *native_hours(struct native_call *call)
{
    return whole_units(call, 3600.0 * MICROSECONDS, "hours");
}

const struct value *native_days(struct native_call *call)
{
    return whole_units(call, 86400.0 * MICROSECONDS, "days");
}

/* The neighbouring whole number, by `round` of math.h. */
static const struct value *rounded(struct native_call *call, double (*round_to)(double))
{
    const struct value *x = native_argument(call, 0);
    double amount;
    if (!x || x->kind == VALUE_QUANTITY || !native_amount(x, &amount))
        return native_misfit(call, 0, "a number");
    double whole = round_to(amount);
    if (!(fabs(whole) < 9.2e18)) {
        native_refuse(call, DIAG_NATIVE_INEXACT, x, "the number is too large for a whole number");
        return NULL;
    }
    return value_int(call->arena, (int64_t)whole, native_origin(call));
}

const struct value *native_floor(struct native_call *call)
{
    return rounded(call, floor);
}

const struct value *native_ceil(struct native_call *call)
{
    return rounded(call, ceil);
}

const struct value *native_round(struct native_call *call)
{
    return rounded(call, round);
}

/* The larger or smaller of two amounts of one unit. */
static const struct value *extreme(struct native_call *call, bool larger)
{
    const struct value *a = native_argument(call, 0), *b = native_argument(call, 1);
    double x, y;
    if (!native_amount(a, &x))
        return native_misfit(call, 0, "a number or an amount");
    bool one_unit = a && b && (a->kind == VALUE_QUANTITY) == (b->kind == VALUE_QUANTITY) &&
                    (a->kind != VALUE_QUANTITY || a->unit == b->unit);
    if (!one_unit || !native_amount(b, &y))
        return native_misfit(call, 1, "an amount of the same unit");
    return (larger ? y > x : y < x) ? b : a;
}

const struct value *native_larger(struct native_call *call)
{
    return extreme(call, true);
}

const struct value *native_smaller(struct native_call *call)
{
    return extreme(call, false);
}

/* Kubernetes counts CPU in thousandths of a core (resource.Quantity). */
const struct value *native_k8s_cpu(struct native_call *call)
{
    const struct value *x = native_argument(call, 0);
    double cores;
    if (!x || x->kind == VALUE_QUANTITY || !native_amount(x, &cores))
        return native_misfit(call, 0, "a number of cores");
    double thousandths = nearbyint(cores * 1000);
    if (cores < 0 || fabs(cores * 1000 - thousandths) > 1e-6 || thousandths > 9e15) {
        native_refuse(call, DIAG_NATIVE_INEXACT, x, "`%s` cores are no whole number of thousandths",
                      native_show(call, x));
        return NULL;
    }
    struct buf out = {0};
    if (fmod(thousandths, 1000) == 0)
        buf_printf(&out, "%.0f", thousandths / 1000);
    else
        buf_printf(&out, "%.0fm", thousandths);
    return native_string(call, &out);
}

struct scale {
    double unit;
    const char *suffix;
};

/* The largest unit that divides the amount. */
static const struct scale *scale_of(double amount, const struct scale *scales)
{
    while (scales->unit > 1 && fmod(amount, scales->unit) != 0)
        scales++;
    return scales;
}

const struct value *native_k8s_size(struct native_call *call)
{
    static const struct scale binary[] = {
        {1125899906842624.0, "Pi"}, {1099511627776.0, "Ti"}, {1073741824.0, "Gi"},
        {1048576.0, "Mi"},          {1024.0, "Ki"},          {1, ""}};
    static const struct scale decimal[] = {{1e15, "P"}, {1e12, "T"}, {1e9, "G"},
                                           {1e6, "M"},  {1e3, "k"},  {1, ""}};
    const struct value *size = native_argument(call, 0);
    if (!size || size->kind != VALUE_QUANTITY || size->unit != UNIT_SIZE)
        return native_misfit(call, 0, "a size");
    if (size->number < 0 || size->number != floor(size->number) || size->number > 9e18) {
        native_refuse(call, DIAG_NATIVE_INEXACT, size, "`%s` is no whole number of bytes",
                      native_show(call, size));
        return NULL;
    }
    struct buf out = {0};
    if (size->number == 0) {
        buf_add_char(&out, '0');
        return native_string(call, &out);
    }
    const struct scale *two = scale_of(size->number, binary), *ten = scale_of(size->number, decimal);
    const struct scale *best = ten->unit > two->unit ? ten : two;
    buf_printf(&out, "%.0f%s", size->number / best->unit, best->suffix);
    return native_string(call, &out);
}

/* Units from the largest, each at most once ("1h30m"). */
static const struct value *print_duration(struct native_call *call, const struct scale *scales,
                                          const char *zero)
{
    const struct value *d = native_argument(call, 0);
    if (!d || d->kind != VALUE_QUANTITY || d->unit != UNIT_DURATION)
        return native_misfit(call, 0, "a duration");
    double left = d->number;
    if (left < 0 || left != floor(left) || left > 9e15) {
        native_refuse(call, DIAG_NATIVE_INEXACT, d, "`%s` is no duration that the target can count",
                      native_show(call, d));
        return NULL;
    }
    struct buf out = {0};
    if (left == 0)
        buf_add_str(&out, zero);
    for (; left > 0 && scales->suffix; scales++) {
        double count = floor(left / scales->unit);
        if (count > 0)
            buf_printf(&out, "%.0f%s", count, scales->suffix);
        left -= count * scales->unit;
    }
    if (left == 0)
        return native_string(call, &out);
    buf_free(&out);
    native_refuse(call, DIAG_NATIVE_INEXACT, d, "`%s` is finer than the target can count",
                  native_show(call, d));
    return NULL;
}

/* time.ParseDuration of Go: no unit above the hour. */
const struct value *native_go_duration(struct native_call *call)
{
    static const struct scale go[] = {{3600e6, "h"}, {60e6, "m"}, {1e6, "s"},
                                      {1e3, "ms"},   {1, "us"},   {0, NULL}};
    return print_duration(call, go, "0s");
}

/* Prometheus: whole numbers, the largest unit first, each once; nothing finer than the millisecond. */
const struct value *native_prom_duration(struct native_call *call)
{
    static const struct scale prometheus[] = {{86400e6, "d"}, {3600e6, "h"}, {60e6, "m"},
                                              {1e6, "s"},     {1e3, "ms"},   {0, NULL}};
    return print_duration(call, prometheus, "0s");
}
