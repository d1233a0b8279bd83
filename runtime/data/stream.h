#ifndef MLC_DATA_STREAM_H
#define MLC_DATA_STREAM_H

/* The bytes of one input in order: a file or the standard input, plain, gzip (several members) or zstd
 * (several frames), told by the first bytes. A stream can be rewound; what came from a pipe is kept in a
 * temporary file for that. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "runtime/data/table.h"

struct stream;

struct stream_limits {
    uint64_t size;  /* of the decompressed bytes; 0: none */
    unsigned ratio; /* of decompressed to compressed bytes behind 1 GiB; 0: 1000 */
};

/* Opens a path, or "-". NULL with an error. */
struct stream *stream_open(const char *path, struct stream_limits limits, struct data_error *error);
void stream_close(struct stream *stream);

/* Reads `size` bytes; fewer only at the end. -1 with an error. */
ssize_t stream_read(struct stream *stream, char *out, size_t size, struct data_error *error);

/* True when the bytes come but once (a pipe): the stream keeps them, to be rewound; it cannot be opened
 * again. */
bool stream_is_pipe(const struct stream *stream);

bool stream_rewind(struct stream *stream, struct data_error *error);

/* An upper bound of the bytes still to come; UINT64_MAX when it is not known. */
uint64_t stream_left(const struct stream *stream);

/* The descriptor of a plain regular file, for readers that need any offset; -1 for all others. */
int stream_descriptor(const struct stream *stream);

#endif
