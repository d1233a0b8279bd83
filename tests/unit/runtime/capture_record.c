#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/documents/json.h"
#include "runtime/capture/recorder.h"
#include "runtime/data/stream.h"
#include "temporary.h"

static struct sample *sample_of(const char *request, const char *response)
{
    struct sample *sample = mem_calloc(1, sizeof *sample);
    sample->method = mem_strdup("POST");
    sample->path = mem_strdup("/predict");
    sample->status = 200;
    sample->started_ns = INT64_C(1795430705123) * 1000000;
    sample->latency_ns = 1500000;
    buf_add_str(&sample->request, request);
    buf_add_str(&sample->response, response);
    return sample;
}

static void writes(const char *request, const struct record_fields *fields, const char *line)
{
    struct buf out = {0};
    struct sample *sample = sample_of(request, "{\"y\": 1}");
    assert_true(record_write(&out, sample, fields));
    assert_string_equal(buf_str(&out), line);
    sample_free(sample);
    buf_free(&out);
}

#define START                                                                                                \
    "{\"time\":\"2026-11-23T10:45:05.123Z\",\"method\":\"POST\",\"path\":\"/"                                \
    "predict\",\"status\":200,\"latency_ms\":1.500,"

static void named_fields_are_kept(void **state)
{
    (void)state;
    const char *names[] = {"a", "b"};
    struct record_fields fields = {names, 2, false}, all = {.all = true};
    writes("{\"a\": 1, \"secret\": 2, \"b\": {\"c\": 3}}", &fields,
           START "\"request\":{\"a\":1,\"b\":{\"c\":3}},\"response\":{\"y\":1}}\n");
    writes("[{\"a\": 1, \"x\": 2}, {\"b\": 3}]", &fields,
           START "\"request\":[{\"a\":1},{\"b\":3}],\"response\":{\"y\":1}}\n");
    writes("{\"instances\": [{\"a\": 1, \"x\": 2}], \"x\": 1}", &fields,
           START "\"request\":{\"instances\":[{\"a\":1}]},\"response\":{\"y\":1}}\n");
    writes("\"a secret\"", &fields, START "\"request\":{},\"response\":{\"y\":1}}\n");
    writes("{\"a\": 1, \"x\": 2}", &all, START "\"request\":{\"a\":1,\"x\":2},\"response\":{\"y\":1}}\n");
}

static void what_is_no_json_is_dropped(void **state)
{
    (void)state;
    struct record_fields all = {.all = true};
    struct buf out = {0};
    static const char *const bodies[] = {"", "{", "{} {}", "\xff", "nan"};
    buf_add_str(&out, "before\n");
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct sample *sample = sample_of(bodies[i], "{}"), *other = sample_of("{}", bodies[i]);
        assert_false(record_write(&out, sample, &all));
        assert_false(record_write(&out, other, &all));
        sample_free(sample);
        sample_free(other);
    }
    assert_string_equal(buf_str(&out), "before\n");
    buf_free(&out);
}

static void a_body_of_many_values_is_dropped(void **state)
{
    (void)state;
    struct record_fields all = {.all = true};
    struct buf out = {0};
    struct sample *sample = sample_of("[0", "{}");
    for (int i = 0; i < 30000; i++)
        buf_add_str(&sample->request, ",0");
    buf_add_char(&sample->request, ']');
    assert_false(record_write(&out, sample, &all));
    sample_free(sample);
    buf_free(&out);
}

static size_t lines_below(struct arena *arena, const char *folder)
{
    struct vec names = vec_in(arena);
    size_t lines = 0;
    file_list(folder, &names);
    for (size_t i = 0; i < names.count; i++) {
        const char *path = file_join(arena, folder, names.items[i]);
        if (file_is_folder(path)) {
            lines += lines_below(arena, path);
            continue;
        }
        struct data_error error;
        struct stream *stream = stream_open(path, (struct stream_limits){0}, &error);
        char piece[4096];
        ssize_t count;
        assert_non_null(stream);
        while ((count = stream_read(stream, piece, sizeof piece, &error)) > 0)
            for (ssize_t k = 0; k < count; k++)
                lines += piece[k] == '\n';
        assert_int_equal(count, 0);
        stream_close(stream);
    }
    return lines;
}

static void files_are_put_away_whole(void **state)
{
    struct arena *arena = arena_new();
    char why[200] = "";
    const char *folder = file_join(arena, *state, "captured");
    struct recorder_options options = {.to = folder,
                                       .fields = {.all = true},
                                       .memory = 1 << 20,
                                       .rotate_bytes = 200,
                                       .rotate_seconds = 3600,
                                       .world = &world_real};
    struct recorder *recorder = recorder_start(&options, why, sizeof why);
    assert_non_null(recorder);
    for (int i = 0; i < 500; i++) {
        struct sample *sample = sample_of("{\"a\": 1}", "{}");
        assert_true(recorder_take_memory(recorder, 100));
        recorder_offer(recorder, sample, 100);
    }
    assert_true(recorder_stop(recorder, 60));
    assert_int_equal(lines_below(arena, folder), 500);
    arena_free(arena);
}

static void memory_is_bounded(void **state)
{
    char why[200] = "";
    struct recorder_options options = {.to = *state,
                                       .fields = {.all = true},
                                       .memory = 1000,
                                       .rotate_bytes = 1 << 20,
                                       .rotate_seconds = 3600,
                                       .world = &world_real};
    struct recorder *recorder = recorder_start(&options, why, sizeof why);
    assert_non_null(recorder);
    assert_true(recorder_take_memory(recorder, 600));
    assert_false(recorder_take_memory(recorder, 600));
    assert_int_equal(recorder_memory_used(recorder), 600);
    recorder_give_memory(recorder, 600);
    assert_true(recorder_take_memory(recorder, 1000));
    recorder_give_memory(recorder, 1000);
    assert_true(recorder_stop(recorder, 60));
}

static void a_place_that_cannot_be_used_is_said(void **state)
{
    char why[200] = "";
    struct arena *arena = arena_new();
    const char *file = file_join(arena, *state, "file");
    assert_int_equal(file_write_atomic(file, "x", 1, 0644), 0);
    struct recorder_options options = {
        .to = file_join(arena, file, "below"), .memory = 1000, .world = &world_real};
    assert_null(recorder_start(&options, why, sizeof why));
    assert_non_null(strstr(why, "file/below"));
    options.to = "gs://bucket/x";
    assert_null(recorder_start(&options, why, sizeof why));
    assert_non_null(strstr(why, "s3://BUCKET/PREFIX"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_fields_are_kept),
        cmocka_unit_test(what_is_no_json_is_dropped),
        cmocka_unit_test(a_body_of_many_values_is_dropped),
        cmocka_unit_test_setup_teardown(files_are_put_away_whole, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(memory_is_bounded, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_used_is_said, temporary_make,
                                        temporary_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
