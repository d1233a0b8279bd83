/* Captured requests: files of JSON lines in a folder or in S3-style storage, named by time. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "core/documents/json.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/data/stream.h"
#include "runtime/monitor_private.h"
#include "runtime/s3.h"

enum {
    LINE_LIMIT = 4 << 20,  /* a line is a request and its answer */
    ROWS_LIMIT = 40 << 20, /* bytes of rows in one window: a monitor's scratch space is small */
    FOLDER_DEPTH = 4
};

/* A file is named by the time of its first request and may hold later ones. */
static const int64_t file_span_us = INT64_C(3600) * 1000000;

struct reading {
    struct arena *arena;
    struct captured *captured;
    struct node *dataset;
    FILE *out;
    size_t written;
    int64_t since_us;
    const char *place;
    struct s3 *s3; /* NULL: a folder */
    const char *prefix;
    const char *why;
};

const char *captured_place(struct compilation *compilation, struct node *service)
{
    struct arena *arena = compilation->arena;
    struct node *capture = node_ref(service, "capture");
    struct node *bucket = capture != NULL ? node_ref(capture, "to") : NULL;
    if (service->environment == NULL || bucket == NULL)
        return file_join(arena, compilation->project_folder,
                         arena_printf(arena, ".mlc/captured/%s", service->name));
    const char *existing = node_text(bucket, "existing");
    const char *name = existing != NULL
                           ? existing
                           : arena_printf(arena, "%s-%s", compilation->graph->project->name, bucket->name);
    return arena_printf(arena, "s3://%s/%s/%s", name, service->environment->name, service->name);
}

/* --- one line --- */

int64_t captured_time(const char *text)
{
    struct tm parts = {0};
    const char *rest = text != NULL ? strptime(text, "%Y-%m-%dT%H:%M:%S", &parts) : NULL;
    if (rest == NULL)
        return -1;
    int64_t micros = 0;
    if (rest[0] == '.')
        for (int i = 1, unit = 100000; unit > 0 && rest[i] >= '0' && rest[i] <= '9'; i++, unit /= 10)
            micros += (rest[i] - '0') * unit;
    return (int64_t)timegm(&parts) * 1000000 + micros;
}

/* The header in the data of a field of a request: a column may be called otherwise there. */
static const char *header_of(struct node *dataset, const char *name)
{
    const struct value *const *columns;
    size_t count = node_list(dataset, "columns", &columns);
    for (size_t i = 0; i < count; i++)
        if (strcmp(columns[i]->node->name, name) == 0)
            return node_text(columns[i]->node, "from");
    return name;
}

static void write_row(struct reading *reading, struct arena *arena, const struct value *row)
{
    if (row->kind != VALUE_RECORD) {
        reading->captured->unreadable++;
        return;
    }
    struct record_builder record = record_begin(arena);
    for (size_t i = 0; i < row->field_count; i++)
        record_set(&record, header_of(reading->dataset, row->fields[i].key), row->fields[i].value);
    struct buf line = {0};
    json_write(&line, record_end(&record, 0), (struct json_style){0}, NULL);
    buf_add_char(&line, '\n');
    if (fwrite(line.data, 1, line.length, reading->out) == line.length)
        reading->captured->rows++;
    else
        reading->why = "the temporary file cannot be written";
    reading->written += line.length;
    buf_free(&line);
}

static void write_rows(struct reading *reading, struct arena *arena, const struct value *request)
{
    const struct value *instances = value_get(request, "instances");
    if (instances != NULL && instances->kind == VALUE_LIST)
        request = instances;
    if (request->kind != VALUE_LIST) {
        write_row(reading, arena, request);
        return;
    }
    for (size_t i = 0; i < request->count; i++)
        write_row(reading, arena, request->items[i]);
}

static void count_request(struct captured *captured, double latency, bool error)
{
    if (captured->requests == captured->capacity) {
        captured->capacity = captured->capacity * 2 + 256;
        captured->latencies =
            mem_realloc(captured->latencies, captured->capacity * sizeof *captured->latencies);
    }
    captured->latencies[captured->requests++] = latency;
    captured->errors += error;
}

static double number_of(const struct value *value)
{
    return value == NULL                ? 0
           : value->kind == VALUE_INT   ? (double)value->integer
           : value->kind == VALUE_FLOAT ? value->number
                                        : 0;
}

static void read_line(struct reading *reading, const char *line, size_t length)
{
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct value *record = json_read_text(arena, line, length, &why);
    const struct value *request =
        record != NULL && record->kind == VALUE_RECORD ? value_get(record, "request") : NULL;
    int64_t when = request != NULL ? captured_time(value_string_or(value_get(record, "time"), NULL)) : -1;
    if (when < 0) {
        reading->captured->unreadable++;
    } else if (when >= reading->since_us) {
        double status = number_of(value_get(record, "status"));
        count_request(reading->captured, number_of(value_get(record, "latency_ms")), status >= 500);
        if (status < 400)
            write_rows(reading, arena, request);
    }
    arena_free(arena);
}

/* --- files --- */

static bool read_lines(struct reading *reading, struct stream *stream, struct data_error *error)
{
    struct buf text = {0};
    char *piece = mem_alloc(65536);
    ssize_t count;
    size_t start = 0;
    while ((count = stream_read(stream, piece, 65536, error)) > 0) {
        buf_add(&text, piece, (size_t)count);
        char *feed;
        while (start < text.length && (feed = memchr(text.data + start, '\n', text.length - start)) != NULL) {
            read_line(reading, text.data + start, (size_t)(feed - text.data) - start);
            start = (size_t)(feed - text.data) + 1;
        }
        memmove(text.data, text.data + start, text.length - start);
        text.length -= start;
        start = 0;
        if (text.length > LINE_LIMIT) {
            reading->captured->unreadable++;
            text.length = 0;
        }
    }
    if (text.length > 0)
        read_line(reading, text.data, text.length);
    free(piece);
    buf_free(&text);
    return count == 0;
}

static void read_file(struct reading *reading, const char *path)
{
    struct data_error error;
    struct stream *stream = stream_open(path, (struct stream_limits){.size = UINT64_C(1) << 30}, &error);
    /* A file that is damaged costs its rest, not the monitor. */
    if (stream == NULL || !read_lines(reading, stream, &error))
        reading->captured->unreadable++;
    if (stream != NULL)
        stream_close(stream);
}

static void read_object(struct reading *reading, const char *key)
{
    if (reading->s3 == NULL) {
        read_file(reading, file_join(reading->arena, reading->place, key));
        return;
    }
    const char *path = file_temporary(reading->arena, "mlc-captured");
    struct s3_error error = {0};
    if (path == NULL) {
        reading->why = "no temporary file can be made (TMPDIR names the folder)";
        return;
    }
    enum s3_status status = s3_get_file(reading->s3, key, path, &error);
    if (status == S3_OK)
        read_file(reading, path);
    else if (status != S3_MISSING)
        reading->why = arena_strdup(reading->arena, error.text);
    unlink(path);
}

static void list_folder(struct reading *reading, const char *below, unsigned depth, struct vec *keys)
{
    struct vec names = vec_in(reading->arena);
    const char *folder = below[0] != '\0' ? file_join(reading->arena, reading->place, below) : reading->place;
    if (file_list(folder, &names) < 0)
        return;
    for (size_t i = 0; i < names.count; i++) {
        char *key = below[0] != '\0'
                        ? arena_printf(reading->arena, "%s/%s", below, (const char *)names.items[i])
                        : names.items[i];
        if (text_ends_with(key, ".jsonl.gz") || text_ends_with(key, ".jsonl"))
            vec_push(keys, key);
        else if (depth > 0 && file_is_folder(file_join(reading->arena, reading->place, key)))
            list_folder(reading, key, depth - 1, keys);
    }
}

static bool list_keys(struct reading *reading, const char *after, struct vec *keys)
{
    if (reading->s3 == NULL) {
        list_folder(reading, "", FOLDER_DEPTH, keys);
        return true;
    }
    struct s3_error error = {0};
    const char *slash = reading->prefix[0] != '\0' ? "/" : "";
    const char *prefix = arena_printf(reading->arena, "%s%s", reading->prefix, slash);
    const char *start = arena_printf(reading->arena, "%s%s", prefix, after);
    if (s3_list(reading->s3, prefix, start, keys, &error) == S3_OK)
        return true;
    reading->why = arena_strdup(reading->arena, error.text);
    return false;
}

/* The newest files first: when there is more than is read, it is the oldest part that is left out. */
static void read_all(struct reading *reading)
{
    struct vec keys = vec_in(reading->arena);
    char after[32];
    time_t first = (time_t)((reading->since_us - file_span_us) / 1000000);
    struct tm parts;
    gmtime_r(&first, &parts);
    strftime(after, sizeof after, "%Y/%m/%d/%H%M%S", &parts);
    if (!list_keys(reading, after, &keys))
        return;
    for (size_t i = keys.count; i > 0 && reading->why == NULL; i--) {
        const char *key = keys.items[i - 1];
        if (reading->s3 == NULL && strlen(key) > 11 && key[4] == '/' && strcmp(key, after) < 0)
            break;
        if (reading->written > ROWS_LIMIT) {
            reading->captured->cut = true;
            break;
        }
        read_object(reading, key);
    }
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static bool open_place(struct reading *reading, const struct world *world)
{
    const char *bucket;
    if (!s3_location(reading->arena, reading->place, &bucket, &reading->prefix))
        return true;
    struct s3_error error = {0};
    reading->s3 = s3_open(bucket, world, &error);
    if (reading->s3 == NULL)
        reading->why = arena_strdup(reading->arena, error.text);
    return reading->s3 != NULL;
}

struct captured *captured_read(struct arena *arena, const char *place, struct node *dataset,
                               int64_t window_us, const struct world *world, const char **why)
{
    struct captured *captured = mem_calloc(1, sizeof *captured);
    struct reading reading = {.arena = arena, .captured = captured, .dataset = dataset, .place = place};
    const char *path = file_temporary(arena, "mlc-window");
    captured->window_us = window_us;
    captured->drift = map_new(arena);
    reading.since_us = world->wall_ns(world->context) / 1000 - window_us;
    reading.out = path != NULL ? fopen(path, "we") : NULL;
    if (reading.out == NULL) {
        *why = arena_printf(arena, "no temporary file can be made: %s (TMPDIR names the folder)",
                            strerror(errno));
        captured_free(captured);
        return NULL;
    }
    captured->path = mem_strdup(path);
    if (open_place(&reading, world))
        read_all(&reading);
    s3_close(reading.s3);
    if (fclose(reading.out) != 0 && reading.why == NULL)
        reading.why = "the temporary file cannot be written";
    if (captured->requests > 0)
        qsort(captured->latencies, captured->requests, sizeof *captured->latencies, by_number);
    if (reading.why == NULL && captured->rows > 0) {
        const char *paths = captured->path;
        captured->table = monitor_open_table(arena, dataset, &paths, 1, true, &reading.why);
    }
    if (reading.why == NULL)
        return captured;
    *why = reading.why;
    captured_free(captured);
    return NULL;
}

void captured_free(struct captured *captured)
{
    if (captured->table != NULL)
        table_close(captured->table);
    if (captured->path != NULL)
        unlink(captured->path);
    free(captured->path);
    free(captured->latencies);
    free(captured);
}
