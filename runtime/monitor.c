#include "runtime/monitor.h"

#include <math.h>
#include <string.h>
#include "core/text.h"
#include "runtime/data/check_run.h"
#include "runtime/expectations.h"
#include "runtime/monitor_private.h"

enum { WINDOWS = 16 };

struct monitoring {
    struct compilation *compilation;
    struct arena *arena;
    struct node *monitor, *service, *dataset;
    const struct monitor_options *options;
    struct monitor_run *run;
    struct captured *windows[WINDOWS];
    size_t window_count;
    struct baseline baseline;
    /* The predicate that is decided just now. */
    struct captured *window;
    struct node *feature; /* what `features` stands for */
    struct monitor_result *result;
};

/* --- windows --- */

static int64_t window_of(struct monitoring *all, struct node *predicate)
{
    const struct value *over = node_get(predicate, "over"), *every = node_get(all->monitor, "every");
    return (int64_t)(over->kind == VALUE_QUANTITY ? over->number : every->number);
}

static struct captured *open_window(struct monitoring *all, int64_t window_us, const char **why)
{
    for (size_t i = 0; i < all->window_count; i++)
        if (all->windows[i]->window_us == window_us)
            return all->windows[i];
    if (all->window_count == WINDOWS) {
        *why = "a monitor may have at most 16 different windows";
        return NULL;
    }
    struct captured *captured =
        captured_read(all->arena, all->run->captured, all->dataset, window_us, all->options->world, why);
    if (captured == NULL)
        return NULL;
    all->windows[all->window_count++] = captured;
    if (captured->requests >= all->run->requests) {
        all->run->requests = captured->requests;
        all->run->rows = captured->rows;
        all->run->unreadable = captured->unreadable;
    }
    all->run->cut = all->run->cut || captured->cut;
    return captured;
}

/* --- measures --- */

static const struct value *typed(struct arena *arena, double number, const struct type *type)
{
    if (type != NULL && type->kind == TYPE_PERCENT)
        return value_quantity(arena, expectations_percent(number), UNIT_PERCENT, 0);
    if (type != NULL && type->kind == TYPE_DURATION)
        return value_quantity(arena, number * 1e6, UNIT_DURATION, 0);
    return value_float(arena, number, 0);
}

/* Of all requests of the window, in seconds or as a share. NAN: the measure is none of these. */
static double traffic_measure(const struct captured *captured, const char *name)
{
    double share = strcmp(name, "p99_latency") == 0   ? 0.99
                   : strcmp(name, "p95_latency") == 0 ? 0.95
                   : strcmp(name, "p50_latency") == 0 ? 0.5
                                                      : 0;
    double count = (double)captured->requests;
    if (share > 0) {
        size_t rank = (size_t)ceil(share * count);
        return captured->latencies[rank > 0 ? rank - 1 : 0] / 1000;
    }
    if (strcmp(name, "error_rate") == 0)
        return (double)captured->errors / count;
    return strcmp(name, "success_rate") == 0 ? 1 - (double)captured->errors / count : NAN;
}

/* The header of the column that is measured; NULL: none. */
static const char *header_of(struct monitoring *all, const struct expr *expr)
{
    const struct expr *arg = expr->arg_count == 0 ? NULL : expr->args[0];
    if (arg == NULL || (arg->kind != EXPR_NAME && arg->kind != EXPR_LITERAL))
        return NULL;
    if (arg->kind == EXPR_LITERAL && arg->value->kind == VALUE_NODE)
        return node_text(arg->value->node, "from");
    const char *name = arg->kind == EXPR_LITERAL ? value_string_or(arg->value, NULL) : arg->name;
    if (name != NULL && all->feature != NULL && strcmp(name, "features") == 0)
        return node_text(all->feature, "from");
    const struct value *const *columns;
    size_t count = node_list(all->dataset, "columns", &columns);
    for (size_t i = 0; name != NULL && i < count; i++)
        if (strcmp(columns[i]->node->name, name) == 0)
            return node_text(columns[i]->node, "from");
    return name;
}

/* One pass over both sides gives the measure of all columns. */
static const struct drift_report *drift_of(struct monitoring *all, const char *measure, const char **why)
{
    struct drift_report *report = map_get(all->window->drift, measure);
    if (report != NULL)
        return report;
    struct drift_options options = {.measures = &measure, .measure_count = 1, .memory = UINT64_C(256) << 20};
    struct data_error error;
    report = arena_alloc(all->arena, sizeof *report);
    if (!drift_run(all->arena, all->baseline.table, all->window->table, &options, report, &error)) {
        *why = arena_strdup(all->arena, error.message);
        return NULL;
    }
    map_set(all->window->drift, measure, report);
    return report;
}

static bool drift_value(struct monitoring *all, const char *measure, const char *header, double *out,
                        const char **why)
{
    const struct drift_report *report = drift_of(all, measure, why);
    for (size_t i = 0; report != NULL && i < report->column_count; i++) {
        const struct drift_column *column = &report->columns[i];
        if (strcmp(column->name, header) != 0)
            continue;
        bool computed = column->error == NULL && column->result_count > 0 && column->results[0].computed;
        if (computed)
            *out = column->results[0].value;
        else
            *why = column->error != NULL      ? column->error
                   : column->result_count > 0 ? column->results[0].error
                                              : "it was not computed";
        return computed;
    }
    if (report != NULL)
        *why = "it is not in both the captured requests and the baseline";
    return false;
}

static bool check_value(struct monitoring *all, const struct expr *expr, double *out, const char **why)
{
    const struct value *value =
        expectations_value(all->arena, all->dataset, all->feature, expr, all->window->table, why);
    if (value != NULL)
        *out = value->kind == VALUE_INT                                        ? (double)value->integer
               : value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT  ? value->number / 100
               : value->kind == VALUE_QUANTITY && value->unit == UNIT_DURATION ? value->number / 1e6
                                                                               : value->number;
    return value != NULL;
}

static bool measure_value(struct monitoring *all, const struct expr *expr, const struct measure *measure,
                          double *out, const char **why)
{
    const char *header = header_of(all, expr);
    if (all->window->requests == 0) {
        *why = "there is no captured request in the window";
        return false;
    }
    *out = traffic_measure(all->window, expr->name);
    if (!isnan(*out))
        return true;
    if (all->window->table == NULL) {
        *why = "no captured request in the window was answered with less than 400";
        return false;
    }
    if (measure == NULL || measure->native == NULL) {
        *why = "this measure cannot be computed from captured requests";
        return false;
    }
    if (header != NULL && drift_measure_by_name(measure->native) != DRIFT_MEASURE_COUNT)
        return drift_value(all, measure->native, header, out, why);
    if (check_kind_by_name(measure->native) == CHECK_KIND_COUNT) {
        *why = "this measure cannot be computed from captured requests";
        return false;
    }
    return check_value(all, expr, out, why);
}

static const struct value *leaf(void *context, const struct expr *expr, const char **why)
{
    struct monitoring *all = context;
    if (expr->kind != EXPR_MEASURE) {
        *why = "only measures are known to a monitor";
        return NULL;
    }
    const struct measure *measure = map_get(all->compilation->declarations.measures, expr->name);
    double value;
    struct buf text = {0};
    bool known = measure_value(all, expr, measure, &value, why);
    const char *header = header_of(all, expr);
    char number[32];
    if (known) {
        text_from_double(round(value * 1e6) / 1e6, number);
        if (!all->result->has_value) {
            all->result->has_value = true;
            all->result->value = value;
        }
    }
    buf_printf(&text, "%s%s", all->result->found != NULL ? all->result->found : "",
               all->result->found != NULL ? ", " : "");
    if (header != NULL)
        buf_printf(&text, "%s of %s", expr->name, header);
    else
        expr_print(&text, expr);
    buf_printf(&text, " is %s", known ? number : *why);
    all->result->found = arena_copy(all->arena, buf_str(&text), text.length);
    buf_free(&text);
    return known ? typed(all->arena, value, measure != NULL ? measure->result : NULL) : NULL;
}

/* --- decisions --- */

static bool speaks_of_features(const struct expr *expr)
{
    bool found = expr->kind == EXPR_NAME && strcmp(expr->name, "features") == 0;
    for (size_t i = 0; !found && i < expr->arg_count; i++)
        found = speaks_of_features(expr->args[i]);
    return found;
}

static void decide(struct monitoring *all, struct node *predicate)
{
    struct monitor_result *result = arena_alloc(all->arena, sizeof *result);
    struct expr_leaves leaves = {all, leaf};
    const char *why = NULL;
    all->result = result;
    *result = (struct monitor_result){.predicate = predicate,
                                      .source = node_text(predicate, "source"),
                                      .measure = node_text(predicate, "measure"),
                                      .column = all->feature != NULL ? all->feature->name : NULL};
    const struct value *value =
        expr_evaluate(all->arena, node_get(predicate, "condition")->expr, &leaves, &why);
    result->decided = value != NULL && value->kind == VALUE_BOOL;
    result->holds = result->decided && value->boolean;
    if (result->found == NULL)
        result->found = why != NULL ? why : "it is no condition";
    all->run->hold = all->run->hold && result->holds;
    vec_push(&all->run->results, result);
}

static bool decide_all(struct monitoring *all, struct node *predicate, const char **why)
{
    const struct value *const *features;
    all->window = open_window(all, window_of(all, predicate), why);
    if (all->window == NULL)
        return false;
    if (!speaks_of_features(node_get(predicate, "condition")->expr)) {
        decide(all, predicate);
        return true;
    }
    size_t count = node_list(all->dataset, "features", &features);
    for (size_t i = 0; i < count; i++) {
        all->feature = features[i]->node;
        decide(all, predicate);
    }
    all->feature = NULL;
    return true;
}

static void close_all(struct monitoring *all)
{
    for (size_t i = 0; i < all->window_count; i++)
        captured_free(all->windows[i]);
    baseline_close(&all->baseline);
}

struct monitor_run *monitor_run(struct compilation *compilation, struct node *monitor,
                                const struct monitor_options *options)
{
    struct arena *arena = compilation->arena;
    struct monitor_run *run = arena_alloc(arena, sizeof *run);
    struct monitoring all = {compilation,        arena,     monitor, node_ref(monitor, "watch"),
                             .options = options, .run = run};
    struct node *model = all.service != NULL ? node_ref(all.service, "model") : NULL;
    const struct value *const *checks;
    *run = (struct monitor_run){
        .monitor = monitor, .store = options->store, .results = vec_in(arena), .hold = true};
    all.dataset = model != NULL ? node_ref(model, "data") : node_ref(monitor, "baseline");
    if (all.dataset == NULL) {
        run->problem =
            "the service has no model, and the monitor no `baseline`: there is nothing to compare with";
        run->hold = false;
        return run;
    }
    run->captured = options->captured != NULL ? options->captured : captured_place(compilation, all.service);
    bool good = baseline_open(compilation, monitor, options, &all.baseline, &run->problem);
    run->baseline = all.baseline.where;
    size_t count = node_list(monitor, "checks", &checks);
    for (size_t i = 0; good && i < count; i++)
        good = decide_all(&all, checks[i]->node, &run->problem);
    run->hold = run->hold && good;
    close_all(&all);
    return run;
}
