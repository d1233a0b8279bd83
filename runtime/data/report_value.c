#include <math.h>

#include "core/text.h"
#include "runtime/data/report.h"

static const struct value *text(struct arena *arena, const char *string)
{
    return value_string(arena, string, 0);
}

static const struct value *count(struct arena *arena, uint64_t number)
{
    return value_int(arena, (int64_t)number, 0);
}

/* JSON has no word for numbers that are not finite: they become null, deep down too. */
static const struct value *strict(struct arena *arena, const struct value *value)
{
    switch (value->kind) {
    case VALUE_FLOAT:
        return isfinite(value->number) ? value : value_null(arena, 0);
    case VALUE_STRING:
        return value;
    case VALUE_LIST: {
        struct list_builder list = list_begin(arena);
        for (size_t i = 0; i < value->count; i++)
            list_add(&list, strict(arena, value->items[i]));
        return list_end(&list, 0);
    }
    case VALUE_RECORD: {
        struct record_builder record = record_begin(arena);
        for (size_t i = 0; i < value->field_count; i++)
            record_set(&record, value->fields[i].key, strict(arena, value->fields[i].value));
        return record_end(&record, 0);
    }
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
        return value;
    default: { /* quantities, words and ranges, from the language */
        struct buf shown = {0};
        value_print(&shown, value);
        const struct value *printed = value_string_n(arena, buf_str(&shown), shown.length, 0);
        buf_free(&shown);
        return printed;
    }
    }
}

static void set_counts(struct arena *arena, struct record_builder *out, const struct check_result *result)
{
    bool rows = check_kind_info(result->check->kind)->group == CHECK_GROUP_EACH;
    if (!result->counted)
        return;
    record_set(out, "element_count", count(arena, result->element_count));
    record_set(out, "missing_count", count(arena, result->missing_count));
    if (!rows)
        return;
    record_set(out, "unexpected_count", count(arena, result->unexpected_count));
    record_set(out, "unexpected_percent", value_float(arena, result->unexpected_percent, 0));
    struct list_builder samples = list_begin(arena);
    for (size_t i = 0; i < result->sample_count; i++) {
        struct record_builder sample = record_begin(arena);
        record_set(&sample, "row_index", count(arena, result->samples[i].row));
        record_set(&sample, "value", strict(arena, result->samples[i].value));
        list_add(&samples, record_end(&sample, 0));
    }
    record_set(out, "unexpected_rows", list_end(&samples, 0));
}

static const struct value *result_value(struct arena *arena, const struct check_result *result)
{
    static const char *const STATUS[] = {"passed", "failed", "error", "skipped"};
    struct record_builder out = record_begin(arena);
    struct list_builder columns = list_begin(arena);
    for (size_t i = 0; i < result->check->column_count; i++)
        list_add(&columns, text(arena, result->check->columns[i]));
    record_set(&out, "check", text(arena, check_describe(arena, result->check)));
    record_set(&out, "kind", text(arena, check_kind_info(result->check->kind)->name));
    record_set(&out, "columns", list_end(&columns, 0));
    if (result->slice)
        record_set(&out, "slice", text(arena, result->slice));
    record_set(&out, "status", text(arena, STATUS[result->status]));
    record_set(&out, "success", value_bool(arena, result->status == CHECK_PASSED, 0));
    record_set(&out, "severity",
               text(arena, result->check->severity == CHECK_WARNING ? "warning" : "critical"));
    if (result->observed)
        record_set(&out, "observed", strict(arena, result->observed));
    if (result->reason)
        record_set(&out, "reason", text(arena, result->reason));
    if (result->error)
        record_set(&out, "error", text(arena, result->error));
    set_counts(arena, &out, result);
    if (result->details)
        record_set(&out, "details", strict(arena, result->details));
    if (result->approximate) {
        record_set(&out, "approximate", value_bool(arena, true, 0));
        record_set(&out, "error_bound", text(arena, check_estimate_bound(result->check)));
    }
    if (result->check->meta)
        record_set(&out, "meta", strict(arena, result->check->meta));
    return record_end(&out, 0);
}

static const struct value *findings_value(struct arena *arena, const struct table_findings *findings)
{
    static const char *const KINDS[] = {"few_fields", "many_fields", "bad_cell",
                                        "bad_utf8",   "stray_quote", "bad_line"};
    struct record_builder out = record_begin(arena);
    for (unsigned kind = 0; findings && kind < FINDING_KINDS; kind++) {
        if (findings->counts[kind] == 0)
            continue;
        struct list_builder places = list_begin(arena);
        for (unsigned i = 0; i < FINDINGS_KEPT && i < findings->counts[kind]; i++) {
            struct record_builder place = record_begin(arena);
            record_set(&place, "row", count(arena, findings->kept[kind][i].row));
            record_set(&place, "byte", count(arena, findings->kept[kind][i].byte));
            list_add(&places, record_end(&place, 0));
        }
        struct record_builder one = record_begin(arena);
        record_set(&one, "count", count(arena, findings->counts[kind]));
        record_set(&one, "first", list_end(&places, 0));
        record_set(&out, KINDS[kind], record_end(&one, 0));
    }
    return record_end(&out, 0);
}

const struct value *report_check_value(struct arena *arena, const char *data,
                                       const struct check_report *report)
{
    struct record_builder out = record_begin(arena), statistics = record_begin(arena);
    struct list_builder results = list_begin(arena);
    size_t counts[4] = {0};
    for (size_t i = 0; i < report->result_count; i++) {
        counts[report->results[i].status]++;
        list_add(&results, result_value(arena, &report->results[i]));
    }
    record_set(&statistics, "evaluated", count(arena, report->result_count));
    record_set(&statistics, "passed", count(arena, counts[CHECK_PASSED]));
    record_set(&statistics, "failed", count(arena, counts[CHECK_FAILED]));
    record_set(&statistics, "errors", count(arena, counts[CHECK_ERROR]));
    record_set(&statistics, "skipped", count(arena, counts[CHECK_SKIPPED]));
    record_set(&out, "version", value_int(arena, 1, 0));
    record_set(&out, "data", text(arena, data));
    record_set(&out, "rows", count(arena, report->rows));
    record_set(&out, "success",
               value_bool(arena, check_all_passed(report->results, report->result_count), 0));
    record_set(&out, "statistics", record_end(&statistics, 0));
    record_set(&out, "results", list_end(&results, 0));
    record_set(&out, "findings", findings_value(arena, report->findings));
    return record_end(&out, 0);
}

static const struct value *side_value(struct arena *arena, uint64_t rows, uint64_t nulls)
{
    struct record_builder out = record_begin(arena);
    record_set(&out, "rows", count(arena, rows));
    record_set(&out, "nulls", count(arena, nulls));
    record_set(&out, "null_fraction",
               rows ? value_float(arena, (double)nulls / (double)rows, 0) : value_null(arena, 0));
    return record_end(&out, 0);
}

const struct value *report_drift_value(struct arena *arena, const char *reference, const char *current,
                                       const struct drift_report *report)
{
    struct record_builder out = record_begin(arena);
    struct list_builder columns = list_begin(arena);
    for (size_t i = 0; i < report->column_count; i++) {
        const struct drift_column *column = &report->columns[i];
        struct record_builder one = record_begin(arena);
        struct list_builder results = list_begin(arena);
        record_set(&one, "column", text(arena, column->name));
        if (column->error) {
            record_set(&one, "error", text(arena, column->error));
        } else {
            record_set(&one, "type", text(arena, column->numeric ? "numeric" : "categorical"));
            record_set(&one, "reference", side_value(arena, column->reference_rows, column->reference_nulls));
            record_set(&one, "current", side_value(arena, column->current_rows, column->current_nulls));
        }
        if (column->skipped)
            record_set(&one, "skipped", text(arena, column->skipped));
        for (size_t j = 0; j < column->result_count; j++)
            list_add(&results, drift_result_value(arena, &column->results[j]));
        record_set(&one, "drifted", value_bool(arena, column->drifted, 0));
        record_set(&one, "results", list_end(&results, 0));
        list_add(&columns, record_end(&one, 0));
    }
    record_set(&out, "version", value_int(arena, 1, 0));
    record_set(&out, "reference", text(arena, reference));
    record_set(&out, "current", text(arena, current));
    record_set(&out, "from_profile", value_bool(arena, report->from_profile, 0));
    record_set(&out, "drifted", value_bool(arena, report->drifted, 0));
    record_set(&out, "drifted_columns", count(arena, report->drifted_count));
    record_set(&out, "compared_columns", count(arena, report->compared_count));
    record_set(&out, "columns", list_end(&columns, 0));
    return record_end(&out, 0);
}
