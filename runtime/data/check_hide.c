#include "runtime/data/check_run.h"

#include <string.h>

static bool is_value_of_data(enum check_kind kind)
{
    switch (kind) {
    case CHECK_MIN:
    case CHECK_MAX:
    case CHECK_MEDIAN:
    case CHECK_QUANTILE:
        return true;
    default:
        return false;
    }
}

/* What a result holds beyond counts: extremes and quantiles are values of a row, and so are the members of
 * sets. Names and types of columns are none. */
static bool tells_values(const struct check_result *result)
{
    enum check_group group = check_kind_info(result->check->kind)->group;
    bool through_another =
        result->check->kind == CHECK_MEASURE_EQUAL_OTHER || result->check->kind == CHECK_CHANGE;
    return group == CHECK_GROUP_SET || is_value_of_data(result->check->kind) ||
           (through_another && is_value_of_data(result->check->measure));
}

static struct check_result hidden(struct arena *arena, const struct check_result *result)
{
    struct check_result out = *result;
    bool schema = check_kind_info(result->check->kind)->group == CHECK_GROUP_SCHEMA;
    out.samples = NULL;
    out.sample_count = 0;
    if (!schema)
        out.details = NULL; /* bins, counts of values, measures of earlier runs */
    if (tells_values(result) && result->observed && result->observed->kind != VALUE_NULL) {
        out.observed = value_null(arena, 0);
        out.reason = "not shown: it is a value of the data";
    }
    return out;
}

void check_report_hide(struct arena *arena, struct check_report *report)
{
    struct check_result *results = arena_array(arena, report->result_count + 1, sizeof *results);
    for (size_t i = 0; i < report->result_count; i++)
        results[i] = hidden(arena, &report->results[i]);
    report->results = results;
    if (!report->findings)
        return;
    struct table_findings *findings = arena_alloc(arena, sizeof *findings);
    *findings = *report->findings;
    for (unsigned kind = 0; kind < FINDING_KINDS; kind++)
        for (unsigned i = 0; i < FINDINGS_KEPT; i++)
            memset(findings->kept[kind][i].text, 0, sizeof findings->kept[kind][i].text);
    report->findings = findings;
}
