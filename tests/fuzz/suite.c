/* Suites from anywhere: reading, describing, running over a small table, writing back and reporting must
 * neither crash nor leave the bounds of memory. */

#include <stddef.h>
#include <stdint.h>

#include "core/documents/json.h"
#include "runtime/data/check_run.h"
#include "runtime/data/report.h"
#include "runtime/data/check_values.h"
#include "runtime/data/suite.h"

enum { PADDING = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(struct arena *arena, const struct suite *suite)
{
    static const int64_t ints[PADDING + 4] = {1, 2, 2, 0};
    static const double floats[PADDING + 4] = {0.5, 1.5, 0, -3};
    static const uint32_t starts[PADDING + 4] = {0, 1, 2, 5}, lengths[PADDING + 4] = {1, 1, 3, 0};
    static const char bytes[PADDING * 2] = "abxyz";
    static const uint64_t all[2] = {15, 0}, some[2] = {11, 0};
    const struct column_schema schemas[] = {{.name = "a", .type = COLUMN_INT},
                                            {.name = "b", .type = COLUMN_STRING},
                                            {.name = "c", .type = COLUMN_FLOAT}};
    const struct column columns[] = {
        {.needs = NEED_VALUES, .valid = all, .valid_count = 4, .ints = ints},
        {.needs = NEED_VALUES,
         .valid = all,
         .valid_count = 4,
         .bytes = bytes,
         .starts = starts,
         .lengths = lengths},
        {.needs = NEED_VALUES, .valid = some, .valid_count = 3, .floats = floats},
    };
    struct column texts[3] = {columns[0], columns[1], columns[2]};
    for (size_t i = 0; i < 3; i++) {
        texts[i].needs = NEED_VALUES | NEED_TEXT;
        texts[i].bytes = bytes;
        texts[i].starts = starts;
        texts[i].lengths = lengths;
    }
    const struct table_schema schema = {schemas, 3};
    const struct chunk chunk = {.rows = 4, .columns = texts};
    struct table *table = table_of_chunk(&schema, &chunk);
    struct check_options options = {.threads = 1, .memory = 1 << 24};
    struct check_report report;
    struct data_error error;
    struct buf out = {0};
    if (check_run(arena, table, suite->checks, suite->count, &options, &report, &error)) {
        report_check_text(&out, "fuzz", &report, (struct report_style){.width = 80});
        report_check_junit(&out, suite->name, &report);
        json_write(&out, report_check_value(arena, "fuzz", &report), (struct json_style){JSON_COMPACT, false},
                   NULL);
    }
    table_close(table);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct value *document =
        size < 65536 ? json_read_text(arena, (const char *)data, size, &why) : NULL;
    const struct suite *suite = document ? suite_read(arena, document, &why) : NULL;
    if (suite && suite->count <= 50) {
        run(arena, suite);
        checks_to_value(arena, suite->checks, suite->count);
    }
    arena_free(arena);
    return 0;
}
