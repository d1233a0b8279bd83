#ifndef MLC_DATA_TIMES_H
#define MLC_DATA_TIMES_H

/* ISO 8601 dates and times in the proleptic Gregorian calendar. Whole texts, no blanks around.
 *   date       2024-01-31 (or 2024/01/31)
 *   time       13:45, 13:45:59, 13:45:59.123456789
 *   timestamp  a date, "T" or a blank, a time, and nothing, "Z" or an offset (+02:00, +0200, +02)
 * A leap second (:60) is refused. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"

int64_t days_from_civil(int64_t year, unsigned month, unsigned day);
void civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day);

bool times_date(const char *text, size_t length, int64_t *days);

/* Ticks since midnight; false when the text is finer than `ticks` a second. */
bool times_time(const char *text, size_t length, uint32_t ticks, int64_t *out);

/* Ticks since 1970, in UTC when there is a zone; `*zoned` says whether there was one. False also when the
 * text is finer than the ticks, or out of their range. */
bool times_timestamp(const char *text, size_t length, uint32_t ticks, int64_t *out, bool *zoned);

void times_print_date(struct buf *out, int64_t days);
/* With as many digits behind the second as are not zero (3, 6 or 9). */
void times_print_time(struct buf *out, int64_t value, uint32_t ticks);
void times_print_timestamp(struct buf *out, int64_t value, uint32_t ticks, bool zoned);

#endif
