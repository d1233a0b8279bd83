/* A set as bytes: one JSON document a line, gzip, without a time, so that equal sets are equal bytes. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "core/documents/json.h"
#include "runtime/cluster/rollback.h"

enum { CHUNK = 65536, GZIP_WINDOW = 15 + 16, GUNZIP_WINDOW = 15 + 32 };

static void *allocate(void *context, unsigned count, unsigned size)
{
    (void)context;
    return mem_calloc(count, size);
}

static void release(void *context, void *address)
{
    (void)context;
    free(address);
}

static void deflate_into(struct buf *out, z_stream *stream, const char *bytes, size_t count, int flush)
{
    unsigned char chunk[CHUNK];
    stream->next_in = (unsigned char *)(uintptr_t)bytes;
    stream->avail_in = (unsigned)count;
    do {
        stream->next_out = chunk;
        stream->avail_out = sizeof chunk;
        deflate(stream, flush);
        buf_add(out, chunk, sizeof chunk - stream->avail_out);
    } while (stream->avail_out == 0);
}

void rollback_pack(struct buf *out, const struct object_set *set)
{
    z_stream stream = {.zalloc = allocate, .zfree = release}; /* so that it cannot fail for want of memory */
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return; /* a zlib of another version: an empty set is refused when it is read */
    struct buf line = {0};
    for (size_t i = 0; i < set->objects.count; i++) {
        buf_clear(&line);
        json_write(&line, object_written(set->objects.items[i]), (struct json_style){JSON_COMPACT, true},
                   NULL);
        buf_add_char(&line, '\n');
        deflate_into(out, &stream, line.data, line.length, Z_NO_FLUSH);
    }
    deflate_into(out, &stream, "", 0, Z_FINISH);
    deflateEnd(&stream);
    buf_free(&line);
}

bool rollback_unpack(struct buf *out, const void *bytes, size_t count, size_t limit)
{
    z_stream stream = {0};
    unsigned char chunk[CHUNK];
    int status = Z_OK;
    if (count > UINT32_MAX || inflateInit2(&stream, GUNZIP_WINDOW) != Z_OK)
        return false;
    stream.next_in = (unsigned char *)(uintptr_t)bytes;
    stream.avail_in = (unsigned)count;
    while (status == Z_OK && out->length <= limit) {
        stream.next_out = chunk;
        stream.avail_out = sizeof chunk;
        status = inflate(&stream, Z_NO_FLUSH);
        buf_add(out, chunk, sizeof chunk - stream.avail_out);
    }
    inflateEnd(&stream);
    return status == Z_STREAM_END && out->length <= limit;
}
