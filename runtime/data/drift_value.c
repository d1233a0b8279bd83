#include <math.h>

#include "runtime/data/drift_run.h"

/* Drift as a document. */

static const struct value *finite_value(struct arena *arena, double number)
{
    return isfinite(number) ? value_float(arena, number, 0) : value_null(arena, 0);
}

static const struct value *numbers(struct arena *arena, const double *list, size_t count)
{
    struct list_builder out = list_begin(arena);
    for (size_t i = 0; i < count; i++)
        list_add(&out, finite_value(arena, list[i]));
    return list_end(&out, 0);
}

static const struct value *bins_value(struct arena *arena, const struct drift_bins *bins)
{
    struct record_builder out = record_begin(arena);
    record_set(&out, "kind", value_string(arena, bins->kind, 0));
    if (bins->edges)
        record_set(&out, "edges", numbers(arena, bins->edges, bins->edge_count));
    if (bins->keys)
        record_set(&out, "keys", value_list(arena, bins->keys, bins->bin_count, 0));
    record_set(&out, "reference", numbers(arena, bins->reference, bins->bin_count));
    record_set(&out, "current", numbers(arena, bins->current, bins->bin_count));
    return record_end(&out, 0);
}

const struct value *drift_result_value(struct arena *arena, const struct drift_result *result)
{
    struct record_builder out = record_begin(arena);
    record_set(&out, "measure", value_string(arena, drift_measure_name(result->measure), 0));
    record_set(&out, "value", finite_value(arena, result->value));
    if (result->error)
        record_set(&out, "reason", value_string(arena, result->error, 0));
    else if (!isfinite(result->value))
        record_set(&out, "reason", value_string(arena, "the value is infinite", 0));
    if (drift_measure_is_test(result->measure)) {
        record_set(&out, "p", finite_value(arena, result->p));
        if (!isnan(result->adjusted_p))
            record_set(&out, "adjusted_p", finite_value(arena, result->adjusted_p));
    }
    record_set(&out, "threshold", finite_value(arena, result->threshold));
    record_set(&out, "drifted", value_bool(arena, result->drifted, 0));
    if (result->method[0])
        record_set(&out, "method", value_string(arena, result->method, 0));
    if (result->base[0])
        record_set(&out, "base", value_string(arena, result->base, 0));
    if (result->epsilon > 0)
        record_set(&out, "epsilon", finite_value(arena, result->epsilon));
    if (result->bins.bin_count)
        record_set(&out, "bins", bins_value(arena, &result->bins));
    if (result->approximate) {
        record_set(&out, "approximate", value_bool(arena, true, 0));
        record_set(&out, "error_bound", value_string(arena, DRIFT_ESTIMATE_BOUND, 0));
    }
    return record_end(&out, 0);
}
