/* Natives over times of the week and intervals. */

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "compiler/schedule.h"
#include "core/hash.h"

/* Names of the IANA database look like `Area/Place`; whether one exists is the target's to know. */
static bool is_zone(const char *zone)
{
    if (!strcmp(zone, "UTC"))
        return true;
    const char *slash = strchr(zone, '/');
    if (!slash || slash == zone || !slash[1] || strlen(zone) > 64)
        return false;
    return strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == strlen(zone);
}

static bool check_zone(struct native_call *call, size_t index)
{
    const char *zone = native_text(call, index);
    if (!zone || is_zone(zone))
        return true;
    struct diag *diag =
        native_refuse(call, DIAG_NATIVE_ZONE, call->arguments[index], "`%s` is no time zone", zone);
    diag_help(diag, "write a name of the IANA database such as \"Europe/Berlin\", or \"UTC\"");
    return false;
}

const struct value *native_cron5(struct native_call *call)
{
    const char *at = native_text(call, 0);
    if (!at)
        return native_misfit(call, 0, "a time of the week");
    if (!check_zone(call, 1))
        return NULL;
    struct buf out = {0};
    if (schedule_read(at, &out))
        return native_string(call, &out);
    buf_free(&out);
    struct diag *diag =
        native_refuse(call, DIAG_NATIVE_SCHEDULE, call->arguments[0], "`%s` is no schedule", at);
    diag_help(
        diag,
        "write \"monday 03:00\", \"weekdays 06:30\", \"daily 03:00\", \"monthly 04:00\", \"hourly\", or a "
        "cron expression of five fields: \"0 3 * * 1\"");
    return NULL;
}

const struct value *native_time_zone(struct native_call *call)
{
    const char *zone = native_text(call, 0);
    if (!zone)
        return native_misfit(call, 0, "a time zone");
    if (!check_zone(call, 0))
        return NULL;
    if (!strcmp(zone, "UTC") || !strcmp(zone, "Etc/UTC"))
        return value_null(call->arena, call->where);
    return call->arguments[0];
}

/* A number below `bound` that depends on the seed alone: spreads jobs over the hour. */
static unsigned jitter(const char *seed, unsigned part, unsigned bound)
{
    uint8_t digest[HASH_SIZE];
    hash_bytes(seed, strlen(seed), digest);
    unsigned number = 0;
    for (unsigned i = 0; i < 4; i++)
        number = number << 8 | digest[(part * 4 + i) % HASH_SIZE];
    return number % bound;
}

const struct value *native_spread(struct native_call *call)
{
    struct buf seed = {0};
    const struct value *bound = native_argument(call, 1);
    if (!native_name_of(native_argument(call, 0), &seed)) {
        buf_free(&seed);
        return native_misfit(call, 0, "a text or a node");
    }
    if (!bound || bound->kind != VALUE_INT || bound->integer < 1 || bound->integer > INT32_MAX) {
        buf_free(&seed);
        return native_misfit(call, 1, "a whole number above 0");
    }
    unsigned number = jitter(buf_str(&seed), 0, (unsigned)bound->integer);
    buf_free(&seed);
    return value_int(call->arena, number, native_origin(call));
}

/* The fields for an interval in minutes; false when cron cannot say it. */
static bool print_every(struct buf *out, double minutes, const char *seed)
{
    unsigned minute = jitter(seed, 0, 60), hour = jitter(seed, 1, 24), day = jitter(seed, 2, 7);
    if (minutes == 7 * 1440)
        buf_printf(out, "%u %u * * %u", minute, hour, day);
    else if (minutes == 1440)
        buf_printf(out, "%u %u * * *", minute, hour);
    else if (minutes == 60)
        buf_printf(out, "%u * * * *", minute);
    else if (minutes == 1)
        buf_add_str(out, "* * * * *");
    else if (minutes > 60 && minutes < 1440 && (double)(int)(minutes / 60) * 60 == minutes &&
             24 % (int)(minutes / 60) == 0)
        buf_printf(out, "%u %u-23/%d * * *", minute, hour % (unsigned)(minutes / 60), (int)(minutes / 60));
    else if (minutes > 1 && minutes < 60 && minutes == (int)minutes && 60 % (int)minutes == 0)
        buf_printf(out, "%u-59/%d * * * *", minute % (unsigned)minutes, (int)minutes);
    else
        return false;
    return true;
}

const struct value *native_cron_every(struct native_call *call)
{
    const struct value *interval = native_argument(call, 0);
    if (!interval || interval->kind != VALUE_QUANTITY || interval->unit != UNIT_DURATION)
        return native_misfit(call, 0, "a duration");
    struct buf seed = {0}, out = {0};
    if (call->count > 1 && call->arguments[1] && call->arguments[1]->kind == VALUE_NODE)
        buf_add_str(&seed, call->arguments[1]->node->id);
    else if (!native_name_of(native_argument(call, 1), &seed)) {
        buf_free(&seed);
        return native_misfit(call, 1, "a text or a node as seed");
    }
    bool printed = print_every(&out, interval->number / 60e6, buf_str(&seed));
    buf_free(&seed);
    if (printed)
        return native_string(call, &out);
    struct diag *diag = native_refuse(call, DIAG_NATIVE_INTERVAL, interval, "cron cannot say `every %s`",
                                      native_show(call, interval));
    diag_label(diag, "not a divisor of an hour, a day or a week");
    diag_help(
        diag,
        "use minutes that divide 60 (5m, 10m, 15m, 20m, 30m), hours that divide 24 (1h, 2h, 3h, 4h, 6h, 8h, "
        "12h), 1d or 7d");
    return NULL;
}
