/* Data checks and data parts. */

#include <errno.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "compiler/compilation.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/data/check_run.h"
#include "runtime/data/source.h"
#include "runtime/parts.h"
#include "runtime/runner.h"

/* --- files
 * ------------------------------------------------------------------------------------------------------- */

bool dataset_files(struct runner *runner, struct node *dataset, struct vec *files, const char **why)
{
    const char *path = node_text(dataset, "path");
    if (path == NULL || strstr(path, "://") != NULL) {
        *why = path == NULL
                   ? "it has no `path`"
                   : arena_printf(runner->arena, "%s is not on this machine: copy it and give a local `path`",
                                  path);
        return false;
    }
    glob_t found;
    const char *pattern = file_join(runner->arena, runner->folder, path);
    int code = glob(pattern, 0, NULL, &found);
    for (size_t i = 0; code == 0 && i < found.gl_pathc; i++) {
        size_t skip = strcmp(runner->folder, ".") == 0 || path[0] == '/' ? 0 : strlen(runner->folder) + 1;
        vec_push(files, arena_strdup(runner->arena, found.gl_pathv[i] + skip));
    }
    if (code == 0)
        globfree(&found);
    if (files->count == 0)
        *why = arena_printf(runner->arena, "there is no file %s", pattern);
    return files->count > 0;
}

bool dataset_hash(struct runner *runner, struct node *dataset, char out[HASH_HEX_SIZE], const char **why)
{
    struct vec files = vec_in(runner->arena);
    if (!dataset_files(runner, dataset, &files, why))
        return false;
    struct hash_state *state = hash_begin();
    for (size_t i = 0; i < files.count; i++) {
        char content[HASH_HEX_SIZE];
        const char *path = file_join(runner->arena, runner->folder, files.items[i]);
        if (hash_file(path, content) != 0)
            *why = arena_printf(runner->arena, "%s: %s", path, strerror(errno));
        action_key_add(state, files.items[i]);
        action_key_add(state, content);
    }
    uint8_t bytes[HASH_SIZE];
    hash_end(state, bytes);
    text_hex(bytes, HASH_SIZE, out);
    return *why == NULL;
}

/* --- a dataset as a table
 * ---------------------------------------------------------------------------------------- */

static const char *const *texts_of(struct arena *arena, const struct value *list, size_t *count)
{
    *count = list->kind == VALUE_LIST ? list->count : 0;
    const char **texts = arena_array(arena, *count + 1, sizeof *texts);
    for (size_t i = 0; i < *count; i++)
        texts[i] = value_string_or(list->items[i], "");
    return texts;
}

/* The engine's word for a column's declared type: words of a one_of are strings. */
static const char *engine_type(struct arena *arena, const struct value *type)
{
    const char *name = value_string_or(value_get(type, "name"), "string");
    const struct value *words = value_get(type, "words");
    if (strcmp(name, "one_of") == 0)
        return "string";
    if (strcmp(name, "decimal") == 0 && words != NULL && words->kind == VALUE_LIST && words->count == 2)
        return arena_printf(arena, "decimal(%lld,%lld)", (long long)words->items[0]->integer,
                            (long long)words->items[1]->integer);
    return name;
}

static struct table *open_dataset(struct runner *runner, struct node *dataset, const char **why)
{
    struct arena *arena = runner->arena;
    struct vec files = vec_in(arena);
    if (!dataset_files(runner, dataset, &files, why))
        return NULL;
    for (size_t i = 0; i < files.count; i++)
        files.items[i] = file_join(arena, runner->folder, files.items[i]);
    const struct value *const *columns;
    size_t count = node_list(dataset, "columns", &columns);
    struct column_option *declared = arena_array(arena, count + 1, sizeof *declared);
    for (size_t i = 0; i < count; i++) {
        declared[i].name = node_text(columns[i]->node, "from");
        declared[i].type = engine_type(arena, node_get(columns[i]->node, "type"));
    }
    struct table_options options = {.columns = declared, .column_count = count};
    const char *format = node_text(dataset, "format"), *delimiter = node_text(dataset, "delimiter");
    const struct value *header = node_get(dataset, "header");
    options.format = strcmp(format, "jsonl") == 0     ? FORMAT_JSONL
                     : strcmp(format, "parquet") == 0 ? FORMAT_PARQUET
                     : strcmp(format, "csv") == 0     ? FORMAT_CSV
                                                      : FORMAT_AUTO;
    options.header = header->kind == VALUE_BOOL && !header->boolean ? HEADER_NO : HEADER_YES;
    options.delimiter = options.format == FORMAT_CSV && delimiter != NULL ? delimiter[0] : 0;
    options.nulls = texts_of(arena, node_get(dataset, "nulls"), &options.null_count);
    struct data_error error;
    struct table *table = table_open((const char *const *)files.items, files.count, &options, &error);
    if (table == NULL)
        *why = arena_strdup(arena, error.message);
    return table;
}

/* --- what is asked
 * ----------------------------------------------------------------------------------------------- */

struct asked {
    struct arena *arena;
    struct check *checks;
    size_t count, capacity;
};

static struct check *ask(struct asked *asked, enum check_kind kind, const char *column, origin where)
{
    if (asked->count == asked->capacity) {
        size_t capacity = asked->capacity * 2 + 16;
        struct check *more = arena_array(asked->arena, capacity, sizeof *more);
        if (asked->count > 0)
            memcpy(more, asked->checks, asked->count * sizeof *more);
        asked->checks = more;
        asked->capacity = capacity;
    }
    struct check *check = &asked->checks[asked->count++];
    *check = (struct check){.kind = kind, .mostly = 1, .origin = where};
    if (column != NULL) {
        const char **columns = arena_array(asked->arena, 1, sizeof *columns);
        columns[0] = column;
        check->columns = columns;
        check->column_count = 1;
    }
    return check;
}

static void ask_of_column(struct asked *asked, struct node *column)
{
    const char *from = node_text(column, "from");
    const struct value *type = node_get(column, "type");
    const struct value *range = value_get(type, "range"), *words = value_get(type, "words");
    const struct value *nullable = value_get(type, "nullable"), *unique = node_get(column, "unique");
    const struct value *matches = node_get(column, "matches"), *length = node_get(column, "length");
    origin where = column->origin;
    ask(asked, CHECK_COLUMN_EXISTS, from, where);
    if (nullable == NULL || nullable->kind != VALUE_BOOL || !nullable->boolean)
        ask(asked, CHECK_NOT_NULL, from, where);
    if (range != NULL && range->kind == VALUE_RANGE) {
        struct check *check = ask(asked, CHECK_BETWEEN, from, where);
        check->min = range->low;
        check->max = range->high;
    }
    if (words != NULL && words->kind == VALUE_LIST &&
        strcmp(value_string_or(value_get(type, "name"), ""), "one_of") == 0)
        ask(asked, CHECK_IN_SET, from, where)->set = words;
    if (unique->kind == VALUE_BOOL && unique->boolean)
        ask(asked, CHECK_UNIQUE, from, where);
    if (matches->kind == VALUE_STRING) {
        struct check *check = ask(asked, CHECK_MATCHES, from, where);
        check->set = value_list(asked->arena, &matches, 1, where);
        check->anchored = true;
    }
    if (length->kind == VALUE_INT || length->kind == VALUE_RANGE) {
        struct check *check = ask(asked, CHECK_LENGTH, from, where);
        check->min = length->kind == VALUE_RANGE ? length->low : length;
        check->max = length->kind == VALUE_RANGE ? length->high : length;
    }
}

/* The header of a column that a predicate names, as an expression of the graph: a name, or a node. */
static const char *header_of(struct node *dataset, const struct expr *expr)
{
    const char *name = expr->name;
    if (expr->kind == EXPR_LITERAL && expr->value->kind == VALUE_NODE)
        return node_text(expr->value->node, "from");
    if (expr->kind == EXPR_LITERAL)
        name = value_string_or(expr->value, NULL);
    const struct value *const *columns;
    size_t count = node_list(dataset, "columns", &columns);
    for (size_t i = 0; name != NULL && i < count; i++)
        if (strcmp(columns[i]->node->name, name) == 0)
            return node_text(columns[i]->node, "from");
    return name;
}

/* A measure that a predicate uses: computed by the engine without bounds, judged by the predicate's own tree.
 */
struct measured {
    const struct expr *expr;
    size_t check;
    const struct type *result;
};

struct expectations {
    struct runner *runner;
    struct node *dataset;
    struct asked asked;
    struct vec measured; /* struct measured * */
    const struct check_report *report;
};

static double fraction(const struct value *value)
{
    if (value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT)
        return value->number / 100;
    return value->kind == VALUE_INT ? (double)value->integer : value->number;
}

static void ask_measure(struct expectations *all, const struct expr *expr)
{
    const struct measure *measure =
        map_get(all->runner->graph->compilation->declarations.measures, expr->name);
    if (measure == NULL || measure->native == NULL)
        return;
    bool share = strcmp(measure->native, "share") == 0;
    enum check_kind kind = share ? CHECK_IN_SET : check_kind_by_name(measure->native);
    if (kind == CHECK_KIND_COUNT)
        return;
    const char *column = expr->arg_count > 0 ? header_of(all->dataset, expr->args[0]) : NULL;
    struct check *check = ask(&all->asked, kind, column, expr->origin);
    if (kind == CHECK_QUANTILE && expr->arg_count > 1 && expr->args[1]->kind == EXPR_LITERAL)
        check->quantile = fraction(expr->args[1]->value);
    if (share && expr->arg_count > 1 && expr->args[1]->kind == EXPR_LITERAL) {
        check->set = value_list(all->runner->arena, &expr->args[1]->value, 1, expr->origin);
        check->mostly = 0;
    }
    struct measured *measured = arena_alloc(all->runner->arena, sizeof *measured);
    *measured = (struct measured){expr, all->asked.count - 1, measure->result};
    vec_push(&all->measured, measured);
}

static void ask_measures(struct expectations *all, const struct expr *expr)
{
    if (expr->kind == EXPR_MEASURE) {
        ask_measure(all, expr);
        return;
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        ask_measures(all, expr->args[i]);
}

/* --- what was found
 * ---------------------------------------------------------------------------------------------- */

static const struct check_result *result_of(const struct check_report *report, const struct check *check)
{
    for (size_t i = 0; i < report->result_count; i++)
        if (report->results[i].check == check && report->results[i].slice == NULL)
            return &report->results[i];
    return NULL;
}

/* A number of the engine as a value of the measure's type: shares become percent. */
static const struct value *typed(struct arena *arena, const struct value *observed, const struct type *type)
{
    double number = observed->kind == VALUE_INT ? (double)observed->integer : observed->number;
    if (type != NULL && type->kind == TYPE_PERCENT)
        return value_quantity(arena, number * 100, UNIT_PERCENT, 0);
    if (type != NULL && type->kind == TYPE_DURATION)
        return value_quantity(arena, number * 1e6, UNIT_DURATION, 0);
    return observed;
}

static const struct value *measure_leaf(void *context, const struct expr *expr, const char **why)
{
    struct expectations *all = context;
    for (size_t i = 0; i < all->measured.count; i++) {
        const struct measured *measured = all->measured.items[i];
        if (measured->expr != expr)
            continue;
        const struct check_result *result = result_of(all->report, &all->asked.checks[measured->check]);
        if (result == NULL || result->status == CHECK_ERROR) {
            *why = result != NULL && result->error != NULL ? result->error : "it was not computed";
            return NULL;
        }
        if (result->check->kind == CHECK_IN_SET)
            return value_quantity(all->runner->arena, 100 - result->unexpected_percent, UNIT_PERCENT, 0);
        if (result->observed == NULL ||
            (result->observed->kind != VALUE_INT && result->observed->kind != VALUE_FLOAT)) {
            *why = result->reason != NULL ? result->reason : "it has no value here";
            return NULL;
        }
        return typed(all->runner->arena, result->observed, measured->result);
    }
    *why = "this measure is not computed from a dataset alone";
    return NULL;
}

static const char *print_value(struct arena *arena, const struct value *value)
{
    struct buf out = {0};
    if (value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT) {
        char text[32];
        text_from_double(round(value->number * 1e4) / 1e4, text);
        buf_printf(&out, "%s%%", text);
    } else if (value->kind == VALUE_FLOAT) {
        char text[32];
        text_from_double(round(value->number * 1e6) / 1e6, text);
        buf_add_str(&out, text);
    } else {
        value_print(&out, value);
    }
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_free(&out);
    return text;
}

/* "mean(petal_width) is 1.2" for each measure of a predicate. */
static void describe_found(struct expectations *all, const struct expr *expr, struct buf *out)
{
    const char *why;
    if (expr->kind == EXPR_MEASURE) {
        const struct value *found = measure_leaf(all, expr, &why);
        if (out->length > 0)
            buf_add_str(out, ", ");
        expr_print(out, expr);
        buf_printf(out, " is %s", found != NULL ? print_value(all->runner->arena, found) : why);
        return;
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        describe_found(all, expr->args[i], out);
}

static bool judge_predicate(struct expectations *all, struct node *predicate)
{
    struct arena *arena = all->runner->arena;
    const struct expr *condition = node_get(predicate, "condition")->expr;
    struct expr_leaves leaves = {all, measure_leaf};
    const char *why = NULL;
    const struct value *result = expr_evaluate(arena, condition, &leaves, &why);
    if (result != NULL && result->kind == VALUE_BOOL && result->boolean)
        return true;
    struct diag *diag =
        diag_report_at(all->runner->diags, DIAG_RUN_EXPECT, all->runner->graph->compilation->origins,
                       all->runner->graph->compilation->sources, predicate->origin,
                       "the data does not meet `%s`", node_text(predicate, "source"));
    struct buf found = {0};
    describe_found(all, condition, &found);
    diag_label(diag, "%s", found.length > 0 ? buf_str(&found) : why != NULL ? why : "it is no condition");
    buf_free(&found);
    return false;
}

static void describe_result(struct runner *runner, struct diag *diag, const struct check_result *result)
{
    if (result->status == CHECK_ERROR) {
        diag_label(diag, "%s", result->error);
        return;
    }
    if (result->counted)
        diag_label(diag, "%llu of %llu rows do not", (unsigned long long)result->unexpected_count,
                   (unsigned long long)result->element_count);
    struct buf rows = {0};
    for (size_t i = 0; i < result->sample_count && i < 5; i++) {
        buf_printf(&rows, "%srow %llu: ", i > 0 ? "; " : "", (unsigned long long)result->samples[i].row + 1);
        value_print(&rows, result->samples[i].value);
    }
    if (rows.length > 0)
        diag_note(diag, "%s%s", arena_strdup(runner->arena, buf_str(&rows)),
                  result->unexpected_count > 5 ? "; …" : "");
    buf_free(&rows);
}

static bool judge_columns(struct expectations *all, size_t first_measure)
{
    bool holds = true;
    for (size_t i = 0; i < first_measure; i++) {
        const struct check_result *result = result_of(all->report, &all->asked.checks[i]);
        if (result == NULL || result->status == CHECK_PASSED || result->status == CHECK_SKIPPED)
            continue;
        const struct compilation *compilation = all->runner->graph->compilation;
        struct diag *diag =
            diag_report_at(all->runner->diags, DIAG_RUN_EXPECT, compilation->origins, compilation->sources,
                           all->asked.checks[i].origin, "the data does not meet `%s`",
                           check_describe(all->runner->arena, &all->asked.checks[i]));
        describe_result(all->runner, diag, result);
        holds = false;
    }
    return holds;
}

/* Texts that are not of their column's type are never let through: training would read them. */
static bool judge_findings(struct expectations *all, struct node *dataset)
{
    const struct table_findings *findings = all->report->findings;
    if (findings == NULL || findings->counts[FINDING_BAD_CELL] == 0)
        return true;
    const struct table_finding *first = &findings->kept[FINDING_BAD_CELL][0];
    const struct compilation *compilation = all->runner->graph->compilation;
    struct diag *diag = diag_report_at(
        all->runner->diags, DIAG_RUN_EXPECT, compilation->origins, compilation->sources, dataset->origin,
        "%llu values are not of their column's type", (unsigned long long)findings->counts[FINDING_BAD_CELL]);
    diag_label(diag, "the first: `%s` in row %llu, column %d", first->text, (unsigned long long)first->row,
               first->column + 1);
    return false;
}

static bool judge(struct expectations *all, struct node *dataset, size_t first_measure)
{
    bool holds = judge_findings(all, dataset);
    holds = judge_columns(all, first_measure) && holds;
    const struct value *const *predicates;
    size_t count = node_list(dataset, "checks", &predicates);
    for (size_t i = 0; i < count; i++)
        holds = judge_predicate(all, predicates[i]->node) && holds;
    return holds;
}

/* `unique = [a, b]`: columns whose values together occur once. */
static void ask_compound_key(struct asked *asked, struct node *dataset)
{
    const struct value *const *names;
    size_t count = node_list(dataset, "unique", &names);
    if (count == 0)
        return;
    struct check *check = ask(asked, CHECK_UNIQUE, NULL, names[0]->origin);
    const char **columns = arena_array(asked->arena, count, sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        struct expr name = {.kind = EXPR_NAME, .name = value_string_or(names[i], "")};
        columns[i] = header_of(dataset, &name);
    }
    check->columns = columns;
    check->column_count = count;
}

static bool check_table(struct runner *runner, struct work *work, struct table *table)
{
    struct arena *arena = runner->arena;
    struct node *dataset = work->action.node;
    struct expectations all = {
        .runner = runner, .dataset = dataset, .asked = {.arena = arena}, .measured = vec_in(arena)};
    const struct value *const *items;
    size_t count = node_list(dataset, "columns", &items);
    for (size_t i = 0; i < count; i++)
        ask_of_column(&all.asked, items[i]->node);
    ask_compound_key(&all.asked, dataset);
    size_t first_measure = all.asked.count;
    count = node_list(dataset, "checks", &items);
    for (size_t i = 0; i < count; i++)
        ask_measures(&all, node_get(items[i]->node, "condition")->expr);
    struct check_options options = {.now = runner->world->wall_ns(runner->world->context) / 1000};
    struct check_report report;
    struct data_error error;
    if (!check_run(arena, table, all.asked.checks, all.asked.count, &options, &report, &error)) {
        work->action.message = arena_strdup(arena, error.message);
        return false;
    }
    all.report = &report;
    bool holds = judge(&all, dataset, first_measure);
    work->action.message = arena_printf(arena, "%llu rows, %zu checks%s", (unsigned long long)report.rows,
                                        first_measure + count, holds ? "" : ": not all hold");
    return holds;
}

bool check_dataset(struct runner *runner, struct work *work)
{
    const char *why = NULL;
    if (strcmp(node_text(work->action.node, "format"), "opaque") == 0) {
        work->action.message = "opaque: nothing to check";
        return true;
    }
    struct table *table = open_dataset(runner, work->action.node, &why);
    if (table == NULL) {
        work->action.message = why;
        return false;
    }
    bool holds = check_table(runner, work, table);
    table_close(table);
    return holds;
}

/* --- parts
 * ------------------------------------------------------------------------------------------------------- */

static bool fill_request(struct runner *runner, struct node *model, struct parts_request *request,
                         const char **why)
{
    static const char *const names[] = {"train", "validation", "holdout"};
    struct arena *arena = runner->arena;
    struct node *split = node_ref(model, "split"), *dataset = node_ref(model, "data");
    struct vec files = vec_in(arena);
    if (!dataset_files(runner, dataset, &files, why))
        return false;
    for (size_t i = 0; i < files.count; i++)
        files.items[i] = file_join(arena, runner->folder, files.items[i]);
    request->model = model->name;
    request->paths = (const char *const *)files.items;
    request->path_count = files.count;
    request->delimiter = node_text(dataset, "delimiter")[0];
    const struct value *by = node_get(split, "by");
    const char *key = by->kind == VALUE_VARIANT ? by->name : value_string_or(by, "row");
    request->by = strcmp(key, "hash") == 0   ? PARTS_BY_HASH
                  : strcmp(key, "time") == 0 ? PARTS_BY_TIME
                                             : PARTS_BY_ROW;
    if (by->kind == VALUE_VARIANT) {
        const char *name = value_string_or(value_get(by, "column"), "");
        struct expr column = {.kind = EXPR_NAME, .name = name};
        request->column = header_of(dataset, &column);
    }
    request->parts = arena_array(arena, 3, sizeof *request->parts);
    for (size_t i = 0; i < 3; i++) {
        const struct value *share = node_get(split, names[i]);
        bool rest = strcmp(value_string_or(share, ""), "rest") == 0;
        if (share->kind != VALUE_QUANTITY && !rest)
            continue;
        struct part *part = &request->parts[request->count++];
        part->name = names[i];
        part->rest = rest;
        if (!rest && share->unit == UNIT_PERCENT)
            part->share = share->number / 100;
        else if (!rest)
            part->span_us = (int64_t)share->number;
        part->path = arena_printf(arena, "%s/data/%s/%s.csv", runner->state_folder, model->name, names[i]);
    }
    return true;
}

static void note_parts(struct runner *runner, struct work *work, const struct parts_request *request)
{
    struct buf text = {0};
    for (size_t i = 0; i < request->count; i++) {
        struct output *output = arena_alloc(runner->arena, sizeof *output);
        output->name = request->parts[i].name;
        output->path =
            request->parts[i].path + (strcmp(runner->folder, ".") == 0 ? 0 : strlen(runner->folder) + 1);
        uint64_t size;
        struct store_error error;
        if (store_put_path(runner->store, request->parts[i].path, output->hash, &size, &error) == STORE_OK)
            map_set(work->outputs, output->name, output);
        buf_printf(&text, "%s%s %llu rows", i > 0 ? ", " : "", request->parts[i].name,
                   (unsigned long long)request->parts[i].rows);
    }
    work->action.message = arena_strdup(runner->arena, buf_str(&text));
    buf_free(&text);
}

bool write_parts(struct runner *runner, struct work *work)
{
    struct parts_request request = {0};
    struct parts_error error = {0};
    const char *why = NULL;
    if (!fill_request(runner, work->action.node, &request, &why) || !parts_write(&request, &error)) {
        work->action.message = why != NULL ? why : arena_strdup(runner->arena, error.text);
        return false;
    }
    note_parts(runner, work, &request);
    return true;
}
