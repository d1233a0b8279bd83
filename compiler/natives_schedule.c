/* Natives over times of the week: cron expressions of five fields, as GitHub, Kubernetes and Argo read them.
 */

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "core/hash.h"

static const char *const days[] = {"sunday",   "monday", "tuesday", "wednesday",
                                   "thursday", "friday", "saturday"};

struct cursor {
    const char *at;
};

static void skip_blanks(struct cursor *cursor)
{
    while (*cursor->at == ' ')
        cursor->at++;
}

static bool word_end(char c)
{
    return !c || c == ' ' || c == ',';
}

static bool take_word(struct cursor *cursor, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(cursor->at, word, length) || !word_end(cursor->at[length]))
        return false;
    cursor->at += length;
    return true;
}

static bool take_number(struct cursor *cursor, int *number)
{
    if (*cursor->at < '0' || *cursor->at > '9')
        return false;
    *number = 0;
    for (int digits = 0; *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
        if (++digits > 2)
            return false;
        *number = *number * 10 + (*cursor->at - '0');
    }
    return true;
}

/* "03:00" */
static bool take_time(struct cursor *cursor, int *hour, int *minute)
{
    if (!take_number(cursor, hour) || *hour > 23 || *cursor->at != ':')
        return false;
    cursor->at++;
    const char *digits = cursor->at;
    return take_number(cursor, minute) && cursor->at - digits == 2 && *minute < 60;
}

static int day_of(struct cursor *cursor)
{
    for (int i = 0; i < 7; i++)
        if (take_word(cursor, days[i]))
            return i;
    return -1;
}

/* "monday" or "monday, thursday": the field in order of the week. */
static bool take_days(struct cursor *cursor, struct buf *field)
{
    bool chosen[7] = {false};
    do {
        if (*cursor->at == ',')
            cursor->at++;
        skip_blanks(cursor);
        int day = day_of(cursor);
        if (day < 0 || chosen[day])
            return false;
        chosen[day] = true;
    } while (*cursor->at == ',');
    for (int day = 0; day < 7; day++)
        if (chosen[day])
            buf_printf(field, "%s%d", field->length ? "," : "", day);
    return true;
}

/* "monday 03:00", "weekdays 06:30", "daily 03:00", "03:00", "monthly 04:00", "hourly". */
static bool read_words(const char *at, struct buf *out)
{
    struct cursor cursor = {at};
    struct buf week = {0};
    const char *day = "*";
    int hour, minute;
    bool known = true;
    if (take_word(&cursor, "hourly") && !*cursor.at) {
        buf_add_str(out, "0 * * * *");
        return true;
    }
    if (take_word(&cursor, "weekdays"))
        buf_add_str(&week, "1-5");
    else if (take_word(&cursor, "weekends"))
        buf_add_str(&week, "0,6");
    else if (take_word(&cursor, "monthly"))
        day = "1";
    else if (!take_word(&cursor, "daily") && (*cursor.at < '0' || *cursor.at > '9'))
        known = take_days(&cursor, &week);
    skip_blanks(&cursor);
    known = known && take_time(&cursor, &hour, &minute) && !*cursor.at;
    if (known)
        buf_printf(out, "%d %d %s * %s", minute, hour, day, week.length ? buf_str(&week) : "*");
    buf_free(&week);
    return known;
}

/* One number, range, step or list of a field of a cron expression. */
static bool field_in(const char *text, size_t length, int low, int high)
{
    struct cursor cursor = {text};
    const char *end = text + length;
    do {
        if (cursor.at < end && *cursor.at == ',')
            cursor.at++;
        int from, to, step;
        if (*cursor.at == '*') {
            cursor.at++;
        } else {
            if (!take_number(&cursor, &from) || from < low || from > high)
                return false;
            if (*cursor.at == '-') {
                cursor.at++;
                if (!take_number(&cursor, &to) || to < from || to > high)
                    return false;
            }
        }
        if (*cursor.at == '/') {
            cursor.at++;
            if (!take_number(&cursor, &step) || step < 1 || step > high)
                return false;
        }
    } while (cursor.at < end && *cursor.at == ',');
    return cursor.at == end;
}

/* A cron expression of five fields, its blanks made single. */
static bool read_cron(const char *text, struct buf *out)
{
    static const int bounds[5][2] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}};
    for (int i = 0; i < 5; i++) {
        while (*text == ' ')
            text++;
        size_t length = strcspn(text, " ");
        if (!length || !field_in(text, length, bounds[i][0], bounds[i][1]))
            return false;
        if (i)
            buf_add_char(out, ' ');
        buf_add(out, text, length);
        text += length;
    }
    while (*text == ' ')
        text++;
    return !*text;
}

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
    if (read_words(at, &out))
        return native_string(call, &out);
    buf_clear(&out);
    if (read_cron(at, &out))
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
