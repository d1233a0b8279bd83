#ifndef MLC_CORE_WORLD_H
#define MLC_CORE_WORLD_H

/* What time, chance and waiting are: a table of functions, so that tests give a fake clock and inject
 * faults. Code that needs them takes a `const struct world *`; only cli/ and tests make one. */

#include <stddef.h>
#include <stdint.h>

struct world {
    void *context;
    int64_t (*wall_ns)(void *context);      /* since 1970-01-01 UTC */
    int64_t (*monotonic_ns)(void *context); /* never goes back */
    void (*sleep_ns)(void *context, int64_t duration);
    void (*random)(void *context, void *bytes, size_t count); /* unpredictable */
};

/* The real one. */
extern const struct world world_real;

/* RFC 3339 in UTC with seconds ("2026-11-23T10:45:00Z"); `out` has at least 32 bytes. */
void world_format_time(int64_t wall_ns, char *out);

#endif
