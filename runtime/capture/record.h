#ifndef MLC_RUNTIME_CAPTURE_RECORD_H
#define MLC_RUNTIME_CAPTURE_RECORD_H

/* One captured request as a line of JSON: the format is described in docs/capture.md. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"

/* A request and its answer, as they went by. */
struct sample {
    struct sample *next;
    struct buf request;  /* body */
    struct buf response; /* body */
    char *method;
    char *path; /* without the query, which may hold what nobody asked to keep */
    int status;
    int64_t started_ns; /* since 1970 */
    int64_t latency_ns;
    size_t taken; /* of the recorder's memory */
};

void sample_free(struct sample *sample);

/* Which fields of a request are kept. */
struct record_fields {
    const char *const *names;
    size_t count;
    bool all;
};

/* Appends the sample's line with its line feed. False when one of the bodies is not JSON, or has too many
 * values: nothing is appended. */
bool record_write(struct buf *out, const struct sample *sample, const struct record_fields *fields);

#endif
