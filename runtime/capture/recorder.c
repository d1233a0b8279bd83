#include "runtime/capture/recorder.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include "core/arena.h"
#include "core/file.h"
#include "runtime/s3.h"

enum { RETRY_SECONDS = 5 };

/* A file that waits to be put away. */
struct part {
    struct part *next;
    char *name;
    struct buf bytes;
    uint64_t records;
};

struct recorder {
    struct recorder_options options;
    struct arena *arena;
    struct recorder_counts counts;
    atomic_size_t memory;

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t news;
    /* Under the lock. */
    struct sample *first, **last;
    bool stopping, ended;

    /* Of the thread only. */
    struct s3 *s3;
    const char *prefix;
    z_stream stream;
    bool open;           /* a file is being written */
    struct buf file;     /* its compressed bytes so far */
    size_t file_charged; /* bytes of memory that were taken for it */
    char *file_name;
    int64_t file_started_ns; /* monotonic */
    uint64_t file_records;
    uint64_t file_number;
    char identity[80]; /* host and chance: files of two proxies never have one name */
    struct part *parts, **parts_last;
    int64_t retry_at_ns;
};

static const char *const reason_names[DROP_REASONS] = {"buffer_full", "too_large", "not_json", "broken"};

const char *drop_reason_name(enum drop_reason reason)
{
    return reason_names[reason];
}

struct recorder_counts *recorder_counts(struct recorder *recorder)
{
    return &recorder->counts;
}

bool recorder_take_memory(struct recorder *recorder, size_t more)
{
    size_t used = atomic_fetch_add(&recorder->memory, more);
    if (used + more <= recorder->options.memory)
        return true;
    atomic_fetch_sub(&recorder->memory, more);
    return false;
}

void recorder_give_memory(struct recorder *recorder, size_t bytes)
{
    atomic_fetch_sub(&recorder->memory, bytes);
}

size_t recorder_memory_used(struct recorder *recorder)
{
    return atomic_load(&recorder->memory);
}

void recorder_offer(struct recorder *recorder, struct sample *sample, size_t taken)
{
    sample->taken = taken;
    sample->next = NULL;
    pthread_mutex_lock(&recorder->lock);
    *recorder->last = sample;
    recorder->last = &sample->next;
    pthread_cond_signal(&recorder->news);
    pthread_mutex_unlock(&recorder->lock);
}

static int64_t monotonic(struct recorder *recorder)
{
    return recorder->options.world->monotonic_ns(recorder->options.world->context);
}

/* --- the file that is being written --- */

static void begin_file(struct recorder *recorder)
{
    time_t now = (time_t)(recorder->options.world->wall_ns(recorder->options.world->context) / 1000000000);
    struct tm parts;
    char when[32];
    gmtime_r(&now, &parts);
    strftime(when, sizeof when, "%Y/%m/%d/%H%M%S", &parts);
    struct buf name = {0};
    buf_printf(&name, "%s-%s-%06llu.jsonl.gz", when, recorder->identity,
               (unsigned long long)recorder->file_number++);
    recorder->file_name = buf_take(&name);
    recorder->file_started_ns = monotonic(recorder);
    recorder->file_records = 0;
    recorder->stream = (z_stream){0};
    /* 15 + 16: a gzip header. The level is cheap: the proxy shares its core with the service. */
    recorder->open = deflateInit2(&recorder->stream, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
}

static void compress_bytes(struct recorder *recorder, const char *bytes, size_t count, int flush)
{
    z_stream *stream = &recorder->stream;
    stream->next_in = (Bytef *)(uintptr_t)bytes;
    stream->avail_in = (uInt)count;
    int code;
    do {
        unsigned char out[8192];
        stream->next_out = out;
        stream->avail_out = sizeof out;
        code = deflate(stream, flush);
        buf_add(&recorder->file, out, sizeof out - stream->avail_out);
    } while (stream->avail_out == 0 && code != Z_STREAM_END);
    /* What is compressed counts as used; it is too late to refuse it, so the next samples are. */
    if (recorder->file.length > recorder->file_charged) {
        atomic_fetch_add(&recorder->memory, recorder->file.length - recorder->file_charged);
        recorder->file_charged = recorder->file.length;
    }
}

/* Closes the file and lines it up to be put away. */
static void seal_file(struct recorder *recorder)
{
    if (!recorder->open)
        return;
    compress_bytes(recorder, "", 0, Z_FINISH);
    deflateEnd(&recorder->stream);
    struct part *part = mem_calloc(1, sizeof *part);
    part->name = recorder->file_name;
    part->bytes = recorder->file;
    part->records = recorder->file_records;
    recorder->file = (struct buf){0};
    recorder->file_charged = 0;
    recorder->file_name = NULL;
    recorder->open = false;
    *recorder->parts_last = part;
    recorder->parts_last = &part->next;
}

static bool is_due(struct recorder *recorder)
{
    return recorder->open && (recorder->file.length >= recorder->options.rotate_bytes ||
                              monotonic(recorder) - recorder->file_started_ns >=
                                  recorder->options.rotate_seconds * INT64_C(1000000000));
}

static void write_sample(struct recorder *recorder, const struct sample *sample)
{
    struct buf line = {0};
    if (!record_write(&line, sample, &recorder->options.fields)) {
        recorder->counts.dropped[DROP_NOT_JSON]++;
    } else {
        if (!recorder->open)
            begin_file(recorder);
        if (recorder->open)
            compress_bytes(recorder, buf_str(&line), line.length, Z_NO_FLUSH);
        recorder->file_records++;
    }
    buf_free(&line);
}

/* --- putting away --- */

static bool put_part(struct recorder *recorder, const struct part *part)
{
    struct buf place = {0};
    bool done;
    if (recorder->s3 != NULL) {
        struct s3_error error = {0};
        buf_printf(&place, "%s%s%s", recorder->prefix, recorder->prefix[0] != '\0' ? "/" : "", part->name);
        done = s3_put(recorder->s3, buf_str(&place), part->bytes.data, part->bytes.length, false, &error) ==
               S3_OK;
        if (!done)
            fprintf(stderr, "mlc capture: %s; it is tried again\n", error.text);
    } else {
        buf_printf(&place, "%s/%s", recorder->options.to, part->name);
        int code = file_write_atomic(buf_str(&place), part->bytes.data, part->bytes.length, 0644);
        done = code == 0;
        if (!done)
            fprintf(stderr, "mlc capture: %s: %s; it is tried again\n", buf_str(&place), strerror(-code));
    }
    buf_free(&place);
    return done;
}

static void drop_part(struct recorder *recorder)
{
    struct part *part = recorder->parts;
    recorder->parts = part->next;
    if (recorder->parts == NULL)
        recorder->parts_last = &recorder->parts;
    recorder_give_memory(recorder, part->bytes.length);
    buf_free(&part->bytes);
    free(part->name);
    free(part);
}

static void put_parts(struct recorder *recorder)
{
    if (monotonic(recorder) < recorder->retry_at_ns)
        return;
    while (recorder->parts != NULL) {
        struct part *part = recorder->parts;
        if (!put_part(recorder, part)) {
            recorder->counts.put_failures++;
            recorder->retry_at_ns = monotonic(recorder) + RETRY_SECONDS * INT64_C(1000000000);
            return;
        }
        recorder->counts.written += part->records;
        recorder->counts.files++;
        recorder->counts.file_bytes += part->bytes.length;
        drop_part(recorder);
    }
}

/* --- the thread --- */

/* Takes all that is queued, waiting a second at most for the first; `*stopping` says that it is the last
 * time. */
static struct sample *take_queue(struct recorder *recorder, bool *stopping)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&recorder->lock);
    if (recorder->first == NULL && !recorder->stopping)
        pthread_cond_timedwait(&recorder->news, &recorder->lock, &until);
    struct sample *first = recorder->first;
    recorder->first = NULL;
    recorder->last = &recorder->first;
    *stopping = recorder->stopping;
    pthread_mutex_unlock(&recorder->lock);
    return first;
}

static void *work(void *context)
{
    struct recorder *recorder = context;
    for (bool stopping = false; !stopping;) {
        struct sample *sample = take_queue(recorder, &stopping);
        while (sample != NULL) {
            struct sample *next = sample->next;
            write_sample(recorder, sample);
            recorder_give_memory(recorder, sample->taken);
            sample_free(sample);
            sample = next;
            if (is_due(recorder)) {
                seal_file(recorder);
                put_parts(recorder);
            }
        }
        if (stopping) {
            recorder->retry_at_ns = 0;
            seal_file(recorder);
        } else if (is_due(recorder)) {
            seal_file(recorder);
        }
        put_parts(recorder);
    }
    pthread_mutex_lock(&recorder->lock);
    recorder->ended = true;
    pthread_cond_broadcast(&recorder->news);
    pthread_mutex_unlock(&recorder->lock);
    return NULL;
}

/* --- start and end --- */

static bool open_place(struct recorder *recorder, char *why, size_t why_size)
{
    const char *bucket, *to = recorder->options.to;
    if (s3_location(recorder->arena, to, &bucket, &recorder->prefix)) {
        struct s3_error error = {0};
        recorder->s3 = s3_open(bucket, recorder->options.world, &error);
        if (recorder->s3 == NULL)
            snprintf(why, why_size, "%s", error.text);
        return recorder->s3 != NULL;
    }
    if (strstr(to, "://") != NULL) {
        snprintf(why, why_size, "%s: samples go to a folder or to s3://BUCKET/PREFIX", to);
        return false;
    }
    int code = file_make_folders(to);
    if (code == 0 && access(to, W_OK) != 0)
        code = -errno;
    if (code != 0)
        snprintf(why, why_size, "%s: %s", to, strerror(-code));
    return code == 0;
}

static void make_identity(struct recorder *recorder)
{
    char host[48] = "";
    uint32_t chance;
    gethostname(host, sizeof host - 1);
    for (char *at = host; *at != '\0'; at++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.", *at) == NULL)
            *at = '-';
    recorder->options.world->random(recorder->options.world->context, &chance, sizeof chance);
    snprintf(recorder->identity, sizeof recorder->identity, "%s-%08x", host[0] != '\0' ? host : "host",
             chance);
}

static void release(struct recorder *recorder)
{
    while (recorder->parts != NULL)
        drop_part(recorder);
    s3_close(recorder->s3);
    buf_free(&recorder->file);
    free(recorder->file_name);
    pthread_cond_destroy(&recorder->news);
    pthread_mutex_destroy(&recorder->lock);
    arena_free(recorder->arena);
    free(recorder);
}

/* The thread takes no signals: they are the proxy's. */
static bool start_thread(struct recorder *recorder, char *why, size_t why_size)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&recorder->thread, NULL, work, recorder);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code != 0)
        snprintf(why, why_size, "no thread can be started: %s", strerror(code));
    return code == 0;
}

/* A thread that hangs in an upload may outlive the caller's memory. */
static void copy_fields(struct recorder *recorder)
{
    struct record_fields *fields = &recorder->options.fields;
    const char **names = arena_array(recorder->arena, fields->count + 1, sizeof *names);
    for (size_t i = 0; i < fields->count; i++)
        names[i] = arena_strdup(recorder->arena, fields->names[i]);
    fields->names = names;
    recorder->options.to = arena_strdup(recorder->arena, recorder->options.to);
}

struct recorder *recorder_start(const struct recorder_options *options, char *why, size_t why_size)
{
    struct recorder *recorder = mem_calloc(1, sizeof *recorder);
    recorder->options = *options;
    recorder->arena = arena_new();
    recorder->last = &recorder->first;
    recorder->parts_last = &recorder->parts;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&recorder->news, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&recorder->lock, NULL);
    make_identity(recorder);
    copy_fields(recorder);
    if (open_place(recorder, why, why_size) && start_thread(recorder, why, why_size))
        return recorder;
    release(recorder);
    return NULL;
}

bool recorder_stop(struct recorder *recorder, int seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&recorder->lock);
    recorder->stopping = true;
    pthread_cond_signal(&recorder->news);
    int code = 0;
    while (!recorder->ended && code == 0)
        code = pthread_cond_timedwait(&recorder->news, &recorder->lock, &until);
    bool ended = recorder->ended;
    pthread_mutex_unlock(&recorder->lock);
    if (!ended) {
        pthread_detach(recorder->thread); /* it hangs in an upload: the process ends without it */
        return false;
    }
    pthread_join(recorder->thread, NULL);
    bool all = recorder->parts == NULL;
    release(recorder);
    return all;
}
