/* Times of the week: cron expressions of five fields, as GitHub, Kubernetes and Argo read them. */

#include "compiler/schedule.h"

#include <stdint.h>
#include <string.h>

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

bool schedule_read(const char *at, struct buf *cron)
{
    if (read_words(at, cron))
        return true;
    buf_clear(cron);
    return read_cron(at, cron);
}

/* ---- days that there are */

/* The numbers of a field that was read: bit N for N. */
static uint64_t numbers_of(const char *text, int low, int high)
{
    struct cursor cursor = {text};
    uint64_t all = 0;
    for (;;) {
        int from = low, to = high, step = 1;
        if (*cursor.at == '*') {
            cursor.at++;
        } else if (take_number(&cursor, &from)) {
            to = from;
            if (*cursor.at == '-') {
                cursor.at++;
                take_number(&cursor, &to);
            } else if (*cursor.at == '/') {
                to = high; /* "5/10": from 5 on */
            }
        }
        if (*cursor.at == '/') {
            cursor.at++;
            take_number(&cursor, &step);
        }
        for (int number = from; number <= to && step > 0; number += step)
            all |= UINT64_C(1) << number;
        if (*cursor.at != ',')
            return all;
        cursor.at++;
    }
}

bool schedule_never_comes(const char *cron)
{
    static const int lengths[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *fields[5] = {cron};
    for (int i = 1; i < 5; i++) {
        const char *blank = strchr(fields[i - 1], ' ');
        if (!blank)
            return false;
        fields[i] = blank + 1;
    }
    if (*fields[4] != '*') /* with a day of the week either one is enough */
        return false;
    uint64_t in_month = numbers_of(fields[2], 1, 31), months = numbers_of(fields[3], 1, 12);
    for (int month = 1; month <= 12; month++) {
        uint64_t there = (UINT64_C(2) << lengths[month - 1]) - 2;
        if (months >> month & 1 && in_month & there)
            return false;
    }
    return true;
}
