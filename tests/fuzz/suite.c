/* Suites from anywhere: reading, describing, running over a small table, writing back and reporting must
 * neither crash nor leave the bounds of memory. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/documents/json.h"
#include "runtime/data/check_run.h"
#include "runtime/data/report.h"
#include "runtime/data/check_values.h"
#include "runtime/data/suite.h"
#include "tests/fuzz/small_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void report_all(struct arena *arena, const struct suite *suite, const struct check_report *report)
{
    struct buf out = {0};
    report_check_text(&out, "fuzz", report, (struct report_style){.width = 80});
    report_check_junit(&out, suite->name, report);
    report_html(&out, &(struct report_page){.title = "fuzz", .data = "fuzz", .checks = report});
    json_write(&out, report_check_value(arena, "fuzz", report), (struct json_style){JSON_COMPACT, false},
               NULL);
    buf_free(&out);
}

static void run(struct arena *arena, const struct suite *suite, bool approximate)
{
    const char *why;
    const char *past = "[{\"rows\": 4, \"mean(a)\": 1.25, \"null_count(c)\": 1}, {\"rows\": 5}]";
    struct table *table = small_table(), *reference = small_table(), *other = small_table();
    const struct check_other others[] = {{.name = "reference", .table = reference},
                                         {.name = "t", .table = other}};
    struct check_options options = {.threads = 1,
                                    .memory = 1 << 24,
                                    .approximate = approximate,
                                    .others = others,
                                    .other_count = 2,
                                    .history = json_read_text(arena, past, strlen(past), &why),
                                    .now = 1700000000000000};
    struct check_report report;
    struct data_error error;
    if (check_run(arena, table, suite->checks, suite->count, &options, &report, &error)) {
        report_all(arena, suite, &report);
        check_report_hide(arena, &report);
        report_all(arena, suite, &report);
    }
    table_close(table);
    table_close(reference);
    table_close(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct value *document =
        size < 65536 ? json_read_text(arena, (const char *)data, size, &why) : NULL;
    const struct suite *suite = document ? suite_read(arena, document, &why) : NULL;
    if (suite && suite->count <= 50) {
        run(arena, suite, size % 2);
        checks_to_value(arena, suite->checks, suite->count);
    }
    arena_free(arena);
    return 0;
}
