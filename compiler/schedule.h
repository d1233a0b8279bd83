#ifndef MLC_COMPILER_SCHEDULE_H
#define MLC_COMPILER_SCHEDULE_H

/* Times of the week as specs write them. */

#include <stdbool.h>
#include "core/buf.h"

/* "monday 03:00", "daily 03:00", "monthly 04:00", "hourly" …, or a cron expression, as a cron expression of
 * five fields with single blanks. False when it is none. */
bool schedule_read(const char *at, struct buf *cron);

/* True if such an expression names days of months that there are not: `0 0 30 2 *`. */
bool schedule_never_comes(const char *cron);

#endif
