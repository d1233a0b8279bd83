#include "runtime/capture/record.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/documents/json.h"

/* Enough for a batch of a hundred rows of a hundred features, and few enough for the proxy's memory. */
static const struct json_limits body_limits = {.depth = 64, .nodes = 20000};

void sample_free(struct sample *sample)
{
    buf_free(&sample->request);
    buf_free(&sample->response);
    free(sample->method);
    free(sample->path);
    free(sample);
}

static const struct value *read_body(struct arena *arena, struct source_set *sources, const struct buf *body)
{
    const struct source *source = source_add(sources, SOURCE_OTHER, "body", buf_str(body), body->length);
    return json_read(arena, source, body_limits, NULL, NULL);
}

static bool is_kept(const struct record_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->names[i], name) == 0)
            return true;
    return false;
}

/* The named fields of a record, or of each record of a list; anything else may hold what was not asked for.
 */
static const struct value *pick(struct arena *arena, const struct value *value,
                                const struct record_fields *fields)
{
    if (fields->all)
        return value;
    if (value->kind == VALUE_LIST) {
        struct list_builder list = list_begin(arena);
        for (size_t i = 0; i < value->count; i++)
            list_add(&list, pick(arena, value->items[i], fields));
        return list_end(&list, 0);
    }
    struct record_builder record = record_begin(arena);
    for (size_t i = 0; value->kind == VALUE_RECORD && i < value->field_count; i++) {
        const struct field *field = &value->fields[i];
        if (is_kept(fields, field->key))
            record_set(&record, field->key, field->value);
        else if (strcmp(field->key, "instances") == 0 && field->value->kind == VALUE_LIST)
            record_set(&record, field->key, pick(arena, field->value, fields));
    }
    return record_end(&record, 0);
}

static void add_time(struct buf *out, int64_t ns)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm parts;
    char text[32];
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    buf_printf(out, "\"%s.%03dZ\"", text, (int)(ns / 1000000 % 1000));
}

bool record_write(struct buf *out, const struct sample *sample, const struct record_fields *fields)
{
    struct arena *arena = arena_new();
    struct source_set *sources = source_set_new(arena);
    const struct value *request = read_body(arena, sources, &sample->request);
    const struct value *response = read_body(arena, sources, &sample->response);
    size_t before = out->length;
    bool good = request != NULL && response != NULL;
    if (good) {
        buf_add_str(out, "{\"time\":");
        add_time(out, sample->started_ns);
        buf_add_str(out, ",\"method\":");
        json_write_string(out, sample->method, strlen(sample->method));
        buf_add_str(out, ",\"path\":");
        json_write_string(out, sample->path, strlen(sample->path));
        buf_printf(out, ",\"status\":%d,\"latency_ms\":%.3f,\"request\":", sample->status,
                   (double)sample->latency_ns / 1e6);
        good = json_write(out, pick(arena, request, fields), (struct json_style){0}, NULL);
        buf_add_str(out, ",\"response\":");
        good = good && json_write(out, response, (struct json_style){0}, NULL);
        buf_add_str(out, "}\n");
    }
    arena_free(arena);
    if (!good && out->data != NULL) {
        out->length = before;
        out->data[before] = '\0';
    }
    return good;
}
