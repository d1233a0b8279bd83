#include "tests/tools/parts/case_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct value *case_plain(struct arena *arena, const struct value *value)
{
    const struct value *special = value->kind == VALUE_RECORD ? value_get(value, "$float") : NULL;
    if (!special)
        return value;
    const char *text = value_string_or(special, "");
    if (strcmp(text, "nan") == 0)
        return value_null(arena, 0);
    return value_float(arena, text[0] == '-' ? -INFINITY : INFINITY, 0);
}

static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static const char *date_text(struct arena *arena, int64_t seconds)
{
    int64_t days = seconds / 86400, rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
            doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1, m = mp + (mp < 10 ? 3 : -9);
    return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d", (int)(yoe + era * 400 + (m <= 2)), (int)m,
                        (int)d, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

static double product(const char **at)
{
    char *end;
    double number = strtod(*at, &end);
    *at = end;
    while (**at == '*') {
        double factor = strtod(*at + 1, &end);
        *at = end;
        number *= factor;
    }
    return number;
}

static int64_t delta(const char **at)
{
    static const struct {
        const char *name;
        double seconds;
    } UNITS[] = {{"weeks=", 604800}, {"days=", 86400}, {"hours=", 3600}, {"minutes=", 60}, {"seconds=", 1}};
    double seconds = 0;
    while (**at && **at != ')') {
        size_t i = 0;
        while (i < 5 && strncmp(*at, UNITS[i].name, strlen(UNITS[i].name)) != 0)
            i++;
        if (i < 5)
            *at += strlen(UNITS[i].name);
        double amount = product(at); /* a bare number is days */
        seconds += amount * (i < 5 ? UNITS[i].seconds : 86400);
        while (**at == ',' || **at == ' ')
            ++*at;
    }
    return (int64_t)seconds;
}

static const struct value *parameter(struct arena *arena, const char *text)
{
    int64_t seconds = 0, sign = 1;
    for (const char *at = text; *at;) {
        if (strncmp(at, "now()", 5) == 0) {
            seconds += sign * days_from_civil(2024, 10, 24) * 86400;
            at += 5;
        } else if (strncmp(at, "datetime(", 9) == 0) {
            int64_t parts[6] = {1970, 1, 1, 0, 0, 0};
            at += 9;
            for (size_t i = 0; i < 6 && *at && *at != ')'; i++) {
                parts[i] = (int64_t)product(&at);
                while (*at == ',' || *at == ' ')
                    at++;
            }
            seconds += sign * (days_from_civil(parts[0], parts[1], parts[2]) * 86400 + parts[3] * 3600 +
                               parts[4] * 60 + parts[5]);
        } else if (strncmp(at, "timedelta(", 10) == 0) {
            at += 10;
            seconds += sign * delta(&at);
        } else {
            sign = *at == '-' ? -1 : *at == '+' ? 1 : sign;
            at++;
        }
    }
    return value_string(arena, date_text(arena, seconds), 0);
}

const struct value *case_resolve(struct arena *arena, const struct value *value)
{
    if (value->kind == VALUE_LIST) {
        struct list_builder list = list_begin(arena);
        for (size_t i = 0; i < value->count; i++)
            list_add(&list, case_resolve(arena, value->items[i]));
        return list_end(&list, 0);
    }
    if (value->kind != VALUE_RECORD)
        return value;
    if (value_get(value, "$PARAMETER"))
        return parameter(arena, value_string_or(value_get(value, "$PARAMETER"), ""));
    if (value_get(value, "$float"))
        return case_plain(arena, value);
    struct record_builder record = record_begin(arena);
    for (size_t i = 0; i < value->field_count; i++)
        record_set(&record, value->fields[i].key, case_resolve(arena, value->fields[i].value));
    return record_end(&record, 0);
}
