/* Data checks and data parts. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/file.h"
#include "core/text.h"
#include "runtime/data/source.h"
#include "runtime/expectations.h"
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
    if (file_matches(runner->folder, path, files) != 0 || files->count == 0)
        *why = arena_printf(runner->arena, "there is no file %s",
                            file_join(runner->arena, runner->folder, path));
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

/* How the dataset's files are read. */
static struct table_options dataset_options(struct arena *arena, struct node *dataset)
{
    const struct value *const *columns;
    size_t count = node_list(dataset, "columns", &columns);
    struct column_option *declared = arena_array(arena, count + 1, sizeof *declared);
    for (size_t i = 0; i < count; i++) {
        declared[i].name = node_text(columns[i]->node, "from");
        declared[i].type = expectations_type(arena, node_get(columns[i]->node, "type"));
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
    return options;
}

static bool dataset_paths(struct runner *runner, struct node *dataset, struct vec *files, const char **why)
{
    if (!dataset_files(runner, dataset, files, why))
        return false;
    for (size_t i = 0; i < files->count; i++)
        files->items[i] = file_join(runner->arena, runner->folder, files->items[i]);
    return true;
}

static struct table *open_dataset(struct runner *runner, struct node *dataset, const char **why)
{
    struct vec files = vec_in(runner->arena);
    if (!dataset_paths(runner, dataset, &files, why))
        return NULL;
    struct table_options options = dataset_options(runner->arena, dataset);
    struct data_error error;
    struct table *table = table_open((const char *const *)files.items, files.count, &options, &error);
    if (table == NULL)
        *why = arena_strdup(runner->arena, error.message);
    return table;
}

/* Opens the datasets that the expectations read besides their own; false with the reason. */
static bool open_others(struct runner *runner, const struct vec *nodes, struct check_other *others,
                        const char **why)
{
    for (size_t i = 0; i < nodes->count; i++) {
        struct node *other = nodes->items[i];
        others[i].name = other->name;
        others[i].table = open_dataset(runner, other, why);
        if (others[i].table == NULL) {
            *why = arena_printf(runner->arena, "dataset %s: %s", other->name, *why);
            return false;
        }
    }
    return true;
}

static bool check_table(struct runner *runner, struct work *work, struct table *table)
{
    struct vec nodes = vec_in(runner->arena);
    expectations_reads(work->action.node, &nodes);
    struct check_other *others = arena_array(runner->arena, nodes.count + 1, sizeof *others);
    const struct expectations_data data = {
        .table = table,
        .others = others,
        .other_count = nodes.count,
        .now_us = runner->world->wall_ns(runner->world->context) / 1000,
    };
    struct expectations_outcome outcome = {0};
    if (open_others(runner, &nodes, others, &outcome.problem))
        outcome = expectations_check(runner->arena, work->action.node, &data, runner->diags);
    for (size_t i = 0; i < nodes.count; i++)
        if (others[i].table != NULL)
            table_close(others[i].table);
    work->action.message =
        outcome.problem != NULL
            ? outcome.problem
            : arena_printf(runner->arena, "%llu rows, %zu checks%s", (unsigned long long)outcome.rows,
                           outcome.count, outcome.hold ? "" : ": not all hold");
    return outcome.hold;
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

static const char *parts_suffix(const struct parts_request *request)
{
    return request->parquet || request->source.format == FORMAT_PARQUET ? "parquet"
           : request->source.format == FORMAT_JSONL                     ? "jsonl"
                                                                        : "csv";
}

static bool fill_request(struct runner *runner, struct node *model, struct parts_request *request,
                         const char **why)
{
    static const char *const names[] = {"train", "validation", "holdout"};
    struct arena *arena = runner->arena;
    struct node *split = node_ref(model, "split"), *dataset = node_ref(model, "data");
    struct vec files = vec_in(arena);
    if (!dataset_paths(runner, dataset, &files, why))
        return false;
    request->model = model->name;
    request->paths = (const char *const *)files.items;
    request->path_count = files.count;
    request->source = dataset_options(arena, dataset);
    request->parquet = strcmp(node_text(split, "format"), "parquet") == 0;
    const struct value *by = node_get(split, "by");
    const char *key = by->kind == VALUE_VARIANT ? by->name : value_string_or(by, "row");
    request->by = strcmp(key, "hash") == 0   ? PARTS_BY_HASH
                  : strcmp(key, "time") == 0 ? PARTS_BY_TIME
                                             : PARTS_BY_ROW;
    if (by->kind == VALUE_VARIANT) {
        const char *name = value_string_or(value_get(by, "column"), "");
        request->column = expectations_header(dataset, name);
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
        part->path = arena_printf(arena, "%s/data/%s/%s.%s", runner->state_folder, model->name, names[i],
                                  parts_suffix(request));
    }
    return true;
}

/* Files that the same parts had in another format: nobody shall read an old one. */
static void remove_old_formats(struct runner *runner, const struct parts_request *request)
{
    static const char *const suffixes[] = {"csv", "jsonl", "parquet"};
    for (size_t i = 0; i < request->count; i++) {
        const char *path = request->parts[i].path, *dot = strrchr(path, '.');
        for (size_t k = 0; k < sizeof suffixes / sizeof *suffixes; k++)
            if (strcmp(dot + 1, suffixes[k]) != 0)
                unlink(arena_printf(runner->arena, "%.*s.%s", (int)(dot - path), path, suffixes[k]));
    }
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
    remove_old_formats(runner, &request);
    note_parts(runner, work, &request);
    return true;
}
