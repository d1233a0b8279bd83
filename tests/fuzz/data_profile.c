/* Stored profiles from anywhere: what is read is compared by every measure with a small table, reported and
 * written back, without a crash and within the bounds of memory. */

#include <string.h>

#include "core/documents/json.h"
#include "runtime/data/drift_run.h"
#include "runtime/data/report.h"
#include "tests/fuzz/small_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(struct arena *arena, const struct profile *profile, const struct drift_options *options)
{
    struct table *table = small_table();
    struct drift_report report;
    struct data_error error;
    struct buf out = {0};
    if (drift_run_profile(arena, profile, table, options, &report, &error)) {
        report_drift_text(&out, "profile", "fuzz", &report, (struct report_style){.width = 80});
        report_html(&out, &(struct report_page){.title = "fuzz", .data = "fuzz", .drift = &report});
        json_write(&out, report_drift_value(arena, "profile", "fuzz", &report),
                   (struct json_style){JSON_COMPACT, false}, NULL);
    }
    table_close(table);
    buf_free(&out);
}

static void use(struct arena *arena, const struct profile *profile)
{
    static const char *const columns[] = {"a", "b", "c"};
    const char *measures[DRIFT_MEASURE_COUNT];
    for (size_t i = 0; i < DRIFT_MEASURE_COUNT; i++)
        measures[i] = drift_measure_name((enum drift_measure)i);
    struct drift_options chosen = {.threads = 1, .memory = 1 << 24};
    struct drift_options all = {.threads = 1,
                                .memory = 1 << 24,
                                .columns = columns,
                                .column_count = 3,
                                .measures = measures,
                                .measure_count = DRIFT_MEASURE_COUNT};
    struct buf out = {0};
    compare(arena, profile, &chosen);
    compare(arena, profile, &all);
    report_profile_text(&out, "fuzz", profile, (struct report_style){.width = 80});
    report_html(&out, &(struct report_page){.title = "fuzz", .data = "fuzz", .profile = profile});
    json_write(&out, profile_to_value(arena, profile), (struct json_style){JSON_COMPACT, false}, NULL);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct value *document =
        size < 65536 ? json_read_text(arena, (const char *)data, size, &why) : NULL;
    struct data_error error;
    const struct profile *profile = document ? profile_from_value(arena, document, &error) : NULL;
    if (profile)
        use(arena, profile);
    arena_free(arena);
    return 0;
}
