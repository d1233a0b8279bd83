#ifndef MLC_RUNTIME_CAPTURE_RECORDER_H
#define MLC_RUNTIME_CAPTURE_RECORDER_H

/* Keeps samples: a thread of its own parses them, writes them as gzip'd JSON lines and puts files away when
 * they are large or old enough. Whoever offers samples never waits: when the memory that was granted is used
 * up, what is offered is dropped and counted. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/world.h"
#include "runtime/capture/record.h"

struct recorder_options {
    const char *to; /* a folder, or s3://bucket/prefix */
    struct record_fields fields;
    size_t memory;       /* bytes of samples and of files that wait to be put away */
    size_t rotate_bytes; /* of a file, compressed */
    int rotate_seconds;
    const struct world *world;
};

enum drop_reason {
    DROP_BUFFER_FULL, /* the memory is used up */
    DROP_TOO_LARGE,   /* a body is too large */
    DROP_NOT_JSON,    /* a body is not JSON, whatever its content type says, or has too many values */
    DROP_BROKEN,      /* the exchange did not end well */
    DROP_REASONS
};

/* Counted by both threads. */
struct recorder_counts {
    atomic_uint_fast64_t sampled, written, files, file_bytes, put_failures;
    atomic_uint_fast64_t dropped[DROP_REASONS];
};

struct recorder;

/* Starts the thread. NULL with a reason when the place cannot be used (a folder that cannot be made, no
 * credentials). */
struct recorder *recorder_start(const struct recorder_options *options, char *why, size_t why_size);

struct recorder_counts *recorder_counts(struct recorder *recorder);
/* The name of a reason in metrics: "buffer_full". */
const char *drop_reason_name(enum drop_reason reason);

/* Asks for `more` bytes of the granted memory; false, and nothing is taken, when they are not there. */
bool recorder_take_memory(struct recorder *recorder, size_t more);
void recorder_give_memory(struct recorder *recorder, size_t bytes);
size_t recorder_memory_used(struct recorder *recorder);

/* Hands over a sample, for which `taken` bytes were taken. */
void recorder_offer(struct recorder *recorder, struct sample *sample, size_t taken);

/* Puts away all there is, waiting at most so long, and ends. False when something was lost. */
bool recorder_stop(struct recorder *recorder, int seconds);

#endif
