#include "runtime/data/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include "core/arena.h"
#include "runtime/data/spill.h"

enum { INPUT_SIZE = 256 << 10, RATIO_DEFAULT = 1000 };
static const uint64_t ratio_free = (uint64_t)1 << 30;

enum compression { PLAIN, GZIP, ZSTD };

struct stream {
    char *path;
    int descriptor;
    bool pipe;        /* cannot seek: `spool` keeps what was read */
    int spool;        /* -1: none */
    uint64_t spooled; /* bytes in the spool */
    uint64_t offset;  /* of the next raw byte */
    uint64_t size;    /* of a file, when it was opened; 0 for a pipe */
    enum compression compression;
    struct stream_limits limits;
    uint64_t produced;    /* decompressed bytes so far */
    unsigned char *input; /* raw bytes [input_at, input_end) not yet decompressed */
    size_t input_at, input_end;
    bool input_over;
    bool inside; /* within a gzip member or a zstd frame */
    z_stream gzip;
    bool gzip_ready;
    ZSTD_DStream *zstd;
};

static ssize_t read_pipe(struct stream *stream, void *out, size_t size, struct data_error *error)
{
    ssize_t got;
    do
        got = read(stream->descriptor, out, size);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        if (!spill_write(stream->spool, out, (size_t)got, error))
            return -1;
        stream->spooled += (uint64_t)got;
    }
    if (got < 0)
        data_fail(error, "cannot read %s: %s", stream->path, strerror(errno));
    return got;
}

/* Some raw bytes; 0 at the end. */
static ssize_t read_some(struct stream *stream, void *out, size_t size, struct data_error *error)
{
    ssize_t got;
    if (stream->pipe && stream->offset < stream->spooled) {
        uint64_t left = stream->spooled - stream->offset;
        got = (ssize_t)(left < size ? left : size);
        if (!spill_read(stream->spool, stream->offset, out, (size_t)got, error))
            return -1;
    } else if (stream->pipe) {
        got = read_pipe(stream, out, size, error);
    } else {
        do
            got = pread(stream->descriptor, out, size, (off_t)stream->offset);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            data_fail(error, "cannot read %s: %s", stream->path, strerror(errno));
        if (got == 0 && size > 0 && stream->offset < stream->size) {
            data_fail(error, "%s became shorter while it was read: %llu bytes, and %llu when it was opened",
                      stream->path, (unsigned long long)stream->offset, (unsigned long long)stream->size);
            return -1;
        }
    }
    if (got > 0)
        stream->offset += (uint64_t)got;
    return got;
}

static ssize_t read_full(struct stream *stream, char *out, size_t size, struct data_error *error)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = read_some(stream, out + have, size - have, error);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static bool refill(struct stream *stream, struct data_error *error)
{
    if (stream->input_at < stream->input_end || stream->input_over)
        return true;
    ssize_t got = read_some(stream, stream->input, INPUT_SIZE, error);
    if (got < 0)
        return false;
    stream->input_at = 0;
    stream->input_end = (size_t)got;
    stream->input_over = got == 0;
    return true;
}

static bool within_limits(struct stream *stream, struct data_error *error)
{
    if (stream->limits.size && stream->produced > stream->limits.size) {
        data_fail(error, "%s: holds more than %llu bytes, which is the limit for one input", stream->path,
                  (unsigned long long)stream->limits.size);
        return false;
    }
    if (stream->compression == PLAIN || stream->produced <= ratio_free)
        return true;
    unsigned ratio = stream->limits.ratio ? stream->limits.ratio : RATIO_DEFAULT;
    uint64_t consumed = stream->offset - (stream->input_end - stream->input_at);
    if (stream->produced / ratio <= consumed)
        return true;
    data_fail(error,
              "%s: %llu compressed bytes became %llu, more than %u times as many: this looks like a "
              "decompression bomb",
              stream->path, (unsigned long long)consumed, (unsigned long long)stream->produced, ratio);
    return false;
}

static bool truncated(struct stream *stream, const char *format, struct data_error *error)
{
    data_fail(error,
              "%s: the %s data ends in the middle (after %llu decompressed bytes): the file is truncated",
              stream->path, format, (unsigned long long)stream->produced);
    return false;
}

/* Behind a gzip member: another one, padding of zeros, or the end. False when there is garbage. */
static bool next_member(struct stream *stream, bool *more, struct data_error *error)
{
    *more = false;
    for (;;) {
        if (!refill(stream, error))
            return false;
        if (stream->input_over)
            return true;
        unsigned char byte = stream->input[stream->input_at];
        if (byte == 0) {
            stream->input_at++;
            continue;
        }
        *more = byte == 0x1f;
        if (!*more)
            data_fail(error, "%s: bytes that are not gzip follow the end of the gzip data", stream->path);
        return *more;
    }
}

static bool inflate_more(struct stream *stream, struct data_error *error)
{
    if (!refill(stream, error))
        return false;
    stream->gzip.next_in = stream->input + stream->input_at;
    stream->gzip.avail_in = (unsigned)(stream->input_end - stream->input_at);
    int status = inflate(&stream->gzip, Z_NO_FLUSH);
    stream->input_at = stream->input_end - stream->gzip.avail_in;
    if (status == Z_STREAM_END) {
        stream->inside = false;
        return true;
    }
    if (status == Z_BUF_ERROR && stream->input_over)
        return truncated(stream, "gzip", error);
    if (status != Z_OK && status != Z_BUF_ERROR) {
        data_fail(error, "%s: the gzip data is damaged near byte %llu: %s", stream->path,
                  (unsigned long long)stream->offset, stream->gzip.msg ? stream->gzip.msg : "bad data");
        return false;
    }
    return true;
}

static ssize_t read_gzip(struct stream *stream, char *out, size_t size, struct data_error *error)
{
    stream->gzip.next_out = (unsigned char *)out;
    stream->gzip.avail_out = (unsigned)size;
    while (stream->gzip.avail_out > 0) {
        if (!stream->inside) {
            bool more;
            if (!next_member(stream, &more, error))
                return -1;
            if (!more)
                break;
            inflateReset(&stream->gzip);
            stream->inside = true;
        }
        if (!inflate_more(stream, error))
            return -1;
    }
    return (ssize_t)(size - stream->gzip.avail_out);
}

static ssize_t read_zstd(struct stream *stream, char *out, size_t size, struct data_error *error)
{
    ZSTD_outBuffer produced = {out, size, 0};
    while (produced.pos < size) {
        if (!refill(stream, error))
            return -1;
        ZSTD_inBuffer input = {stream->input, stream->input_end, stream->input_at};
        size_t before = produced.pos;
        if (stream->input_over && !stream->inside)
            break;
        size_t status = ZSTD_decompressStream(stream->zstd, &produced, &input);
        if (ZSTD_isError(status)) {
            data_fail(error, "%s: the zstd data is damaged near byte %llu: %s", stream->path,
                      (unsigned long long)stream->offset, ZSTD_getErrorName(status));
            return -1;
        }
        bool moved = input.pos != stream->input_at || produced.pos != before;
        stream->input_at = input.pos;
        stream->inside = status != 0;
        if (stream->input_over && stream->inside && !moved)
            return truncated(stream, "zstd", error), -1;
    }
    return (ssize_t)produced.pos;
}

ssize_t stream_read(struct stream *stream, char *out, size_t size, struct data_error *error)
{
    static const size_t step = (size_t)1 << 30; /* zlib counts in 32 bits */
    size_t have = 0;
    while (have < size) {
        size_t ask = size - have < step ? size - have : step;
        ssize_t got = stream->compression == GZIP   ? read_gzip(stream, out + have, ask, error)
                      : stream->compression == ZSTD ? read_zstd(stream, out + have, ask, error)
                                                    : read_full(stream, out + have, ask, error);
        if (got < 0)
            return -1;
        have += (size_t)got;
        stream->produced += (uint64_t)got;
        if (!within_limits(stream, error))
            return -1;
        if ((size_t)got < ask)
            break;
    }
    return (ssize_t)have;
}

bool stream_rewind(struct stream *stream, struct data_error *error)
{
    stream->offset = 0;
    stream->produced = 0;
    stream->input_at = stream->input_end = 0;
    stream->input_over = stream->inside = false;
    if (stream->compression == ZSTD)
        ZSTD_DCtx_reset(stream->zstd, ZSTD_reset_session_only);
    (void)error;
    return true;
}

static bool find_compression(struct stream *stream, struct data_error *error)
{
    unsigned char magic[4] = {0};
    ssize_t got = read_full(stream, (char *)magic, sizeof magic, error);
    if (got < 0)
        return false;
    stream->offset = 0;
    if (got >= 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
        stream->compression = GZIP;
        stream->gzip_ready = inflateInit2(&stream->gzip, 16 + MAX_WBITS) == Z_OK;
        if (!stream->gzip_ready)
            data_fail(error, "%s: out of memory for gzip", stream->path);
        stream->input = mem_alloc(INPUT_SIZE);
        return stream->gzip_ready;
    }
    if (got == 4 && memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0) {
        stream->compression = ZSTD;
        stream->zstd = ZSTD_createDStream();
        stream->input = mem_alloc(INPUT_SIZE);
        if (!stream->zstd)
            data_fail(error, "%s: out of memory for zstd", stream->path);
        return stream->zstd != NULL;
    }
    return true;
}

static bool open_input(struct stream *stream, struct data_error *error)
{
    bool standard = strcmp(stream->path, "-") == 0;
    stream->descriptor = standard ? dup(STDIN_FILENO) : open(stream->path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (stream->descriptor < 0 || fstat(stream->descriptor, &info) != 0) {
        data_fail(error, "cannot open %s: %s", standard ? "the standard input" : stream->path,
                  strerror(errno));
        return false;
    }
    if (S_ISDIR(info.st_mode)) {
        data_fail(error, "%s is a folder: name files, or a pattern such as \"%s/*.csv\"", stream->path,
                  stream->path);
        return false;
    }
    /* Of a file as standard input, what another program has read already is no input. */
    stream->pipe = !S_ISREG(info.st_mode) || (standard && lseek(stream->descriptor, 0, SEEK_CUR) > 0);
    stream->size = stream->pipe ? 0 : (uint64_t)info.st_size;
    if (stream->pipe)
        stream->spool = spill_open(error);
    return !stream->pipe || stream->spool >= 0;
}

struct stream *stream_open(const char *path, struct stream_limits limits, struct data_error *error)
{
    struct stream *stream = mem_calloc(1, sizeof *stream);
    stream->path = mem_strdup(path);
    stream->descriptor = stream->spool = -1;
    stream->limits = limits;
    if (!open_input(stream, error) || !find_compression(stream, error)) {
        stream_close(stream);
        return NULL;
    }
    return stream;
}

void stream_close(struct stream *stream)
{
    if (!stream)
        return;
    if (stream->gzip_ready)
        inflateEnd(&stream->gzip);
    ZSTD_freeDStream(stream->zstd);
    if (stream->descriptor >= 0)
        close(stream->descriptor);
    if (stream->spool >= 0)
        close(stream->spool);
    free(stream->input);
    free(stream->path);
    free(stream);
}

bool stream_is_pipe(const struct stream *stream)
{
    return stream->pipe;
}

uint64_t stream_left(const struct stream *stream)
{
    struct stat info;
    if (stream->pipe || stream->compression != PLAIN || fstat(stream->descriptor, &info) != 0)
        return UINT64_MAX;
    return (uint64_t)info.st_size > stream->offset ? (uint64_t)info.st_size - stream->offset : 0;
}

int stream_descriptor(const struct stream *stream)
{
    return stream->pipe || stream->compression != PLAIN ? -1 : stream->descriptor;
}
