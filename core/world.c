#include "core/world.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

static const int64_t NS_PER_SECOND = 1000000000;

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static int64_t real_wall_ns(void *context)
{
    (void)context;
    return clock_ns(CLOCK_REALTIME);
}

static int64_t real_monotonic_ns(void *context)
{
    (void)context;
    return clock_ns(CLOCK_MONOTONIC);
}

static void real_sleep_ns(void *context, int64_t duration)
{
    (void)context;
    if (duration <= 0)
        return;
    struct timespec left = {.tv_sec = (time_t)(duration / NS_PER_SECOND),
                            .tv_nsec = (long)(duration % NS_PER_SECOND)};
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

/* getrandom fails only when a signal comes before the kernel's pool is ready; it is asked again. */
static void real_random(void *context, void *bytes, size_t count)
{
    (void)context;
    char *at = bytes;
    while (count > 0) {
        ssize_t got = getrandom(at, count, 0);
        if (got > 0) {
            at += got;
            count -= (size_t)got;
        }
    }
}

const struct world world_real = {
    .wall_ns = real_wall_ns,
    .monotonic_ns = real_monotonic_ns,
    .sleep_ns = real_sleep_ns,
    .random = real_random,
};

void world_format_time(int64_t wall_ns, char *out)
{
    int64_t seconds = wall_ns / NS_PER_SECOND - (wall_ns % NS_PER_SECOND < 0);
    time_t time = (time_t)seconds;
    struct tm parts;
    gmtime_r(&time, &parts);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}
