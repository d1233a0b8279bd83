/* The baseline: the training snapshot of the version that serves. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/file.h"
#include "core/text.h"
#include "runtime/expectations.h"
#include "runtime/monitor_private.h"
#include "runtime/registry.h"

struct table *monitor_open_table(struct arena *arena, struct node *dataset, const char *const *paths,
                                 size_t count, bool jsonl, const char **why)
{
    const struct value *const *columns, *nulls = node_get(dataset, "nulls"),
                                        *header = node_get(dataset, "header");
    bool headed = header->kind != VALUE_BOOL || header->boolean;
    size_t column_count = node_list(dataset, "columns", &columns);
    struct column_option *declared = arena_array(arena, column_count + 1, sizeof *declared);
    for (size_t i = 0; i < column_count; i++) {
        const char *type = expectations_type(arena, node_get(columns[i]->node, "type"));
        declared[i].name = node_text(columns[i]->node, "from");
        declared[i].type = strncmp(type, "decimal", strlen("decimal")) == 0 ? "float" : type;
    }
    struct table_options options = {.columns = declared,
                                    .column_count = column_count,
                                    .format = jsonl ? FORMAT_JSONL : FORMAT_AUTO,
                                    .header = headed ? HEADER_YES : HEADER_NO};
    const char **spellings =
        arena_array(arena, nulls->kind == VALUE_LIST ? nulls->count + 1 : 1, sizeof *spellings);
    for (size_t i = 0; nulls->kind == VALUE_LIST && i < nulls->count; i++)
        spellings[options.null_count++] = value_string_or(nulls->items[i], "");
    options.nulls = options.null_count > 0 ? spellings : NULL;
    struct data_error error;
    struct table *table = table_open(paths, count, &options, &error);
    if (table == NULL)
        *why = arena_strdup(arena, error.message);
    return table;
}

static struct table *open_one(struct arena *arena, struct node *dataset, const char *path, const char **why)
{
    return monitor_open_table(arena, dataset, &path, 1, text_ends_with(path, ".jsonl"), why);
}

/* A dataset's own files. */
static struct table *open_dataset(struct compilation *compilation, struct node *dataset, const char **why)
{
    struct arena *arena = compilation->arena;
    const char *path = node_text(dataset, "path");
    if (path == NULL || strstr(path, "://") != NULL) {
        *why = arena_printf(arena, "the baseline `%s` is not on this machine", dataset->name);
        return NULL;
    }
    struct vec files = vec_in(arena);
    if (file_matches(compilation->project_folder, path, &files) != 0 || files.count == 0) {
        *why =
            arena_printf(arena, "there is no file %s", file_join(arena, compilation->project_folder, path));
        return NULL;
    }
    const char **paths = arena_array(arena, files.count + 1, sizeof *paths);
    for (size_t i = 0; i < files.count; i++)
        paths[i] = file_join(arena, compilation->project_folder, files.items[i]);
    return monitor_open_table(arena, dataset, paths, files.count, text_ends_with(path, ".jsonl"), why);
}

/* The artifact that serves: the lock's champion, else this machine's; NULL where neither is known. */
static const char *serving_artifact(struct registry *registry, struct node *model)
{
    const char *locked = registry_locked_champion(registry->compilation, model->id);
    struct model_version version;
    if (locked != NULL)
        return text_starts_with(locked, "sha256:") ? locked + 7 : locked;
    return index_champion(registry->index, registry->arena, model->id, &version) ? version.artifact : NULL;
}

/* The record of the version that serves; where it is not known, of the newest that passed its gate. */
static const struct value *serving_version(struct registry *registry, struct node *model)
{
    struct vec versions = vec_in(registry->arena);
    const char *serving = serving_artifact(registry, model);
    if (!registry_versions(registry, model->id, &versions))
        return NULL;
    for (size_t i = versions.count; i > 0; i--) {
        const struct value *record = versions.items[i - 1];
        const char *artifact = value_string_or(value_get(record, "artifact"), "");
        const char *verdict = value_string_or(value_get(record, "verdict"), "");
        if (serving != NULL ? strcmp(artifact, serving) == 0 : strcmp(verdict, "rejected") != 0)
            return record;
    }
    return NULL;
}

/* Fetches the train part of a version into a temporary file; NULL when the record names none or the store
 * does not have it. */
static const char *fetch_train(struct registry *registry, const struct value *record)
{
    const char *hash =
        record != NULL ? value_string_or(value_path(record, "parts", "train", NULL), NULL) : NULL;
    char *path = hash != NULL ? file_temporary(registry->arena, "mlc-baseline") : NULL;
    struct store_error error = {0};
    if (path == NULL)
        return NULL;
    if (store_get_path(registry->store, hash, path, &error) == STORE_OK)
        return path;
    unlink(path);
    return NULL;
}

/* The part that the last run here wrote, in whatever format; where there is none, as it would be called. */
static const char *local_train(struct compilation *compilation, struct node *model)
{
    static const char *const suffixes[] = {"csv", "jsonl", "parquet"};
    const char *path = NULL;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        path = file_join(compilation->arena, compilation->project_folder,
                         arena_printf(compilation->arena, ".mlc/data/%s/train.%s", model->name, suffixes[i]));
        if (file_exists(path))
            return path;
    }
    return path;
}

/* Another version's training data would say nothing about the one that serves. */
static const char *champion_is_missing(struct registry *registry, struct node *model,
                                       const struct value *record)
{
    const char *champion = registry_locked_champion(registry->compilation, model->id);
    if (champion == NULL || record != NULL)
        return NULL;
    return arena_printf(registry->arena,
                        "the store has no version %.12s of %s, which the lock names as champion; `--store` "
                        "says where it is kept",
                        champion, model->name);
}

static struct table *open_snapshot(struct compilation *compilation, struct node *model, struct node *dataset,
                                   const char *store, struct baseline *out, const char **why)
{
    struct arena *arena = compilation->arena;
    struct registry registry;
    const char *local = local_train(compilation, model);
    if (registry_open(&registry, compilation, store, REGISTRY_HERE)) {
        const struct value *record = serving_version(&registry, model);
        *why = champion_is_missing(&registry, model, record);
        out->temporary = fetch_train(&registry, record);
        if (out->temporary != NULL)
            out->where = arena_printf(arena, "training data of %s, version %.12s", model->name,
                                      value_string_or(value_get(record, "artifact"), ""));
        registry_close(&registry);
        if (*why != NULL)
            return NULL;
    }
    if (out->temporary != NULL)
        return open_one(arena, dataset, out->temporary, why);
    if (file_exists(local)) {
        out->where = local;
        return open_one(arena, dataset, local, why);
    }
    *why = arena_printf(
        arena,
        "there is no training snapshot of %s to compare with: neither the store has a version with "
        "one, nor is there %s; `mlc run` makes both",
        model->name, local);
    return NULL;
}

static struct table *open_any(struct compilation *compilation, struct node *monitor,
                              const struct monitor_options *options, struct baseline *out, const char **why)
{
    struct node *service = node_ref(monitor, "watch"), *other = node_ref(monitor, "baseline");
    struct node *model = node_ref(service, "model");
    struct node *dataset = model != NULL ? node_ref(model, "data") : other;
    if (options->baseline != NULL) {
        out->where = options->baseline;
        return open_one(compilation->arena, dataset, options->baseline, why);
    }
    if (other != NULL) {
        out->where = other->id;
        return open_dataset(compilation, other, why);
    }
    if (model == NULL) {
        *why = "the service has no model, and the monitor no `baseline`";
        return NULL;
    }
    return open_snapshot(compilation, model, dataset, options->store, out, why);
}

bool baseline_open(struct compilation *compilation, struct node *monitor,
                   const struct monitor_options *options, struct baseline *out, const char **why)
{
    *out = (struct baseline){0};
    out->table = open_any(compilation, monitor, options, out, why);
    if (out->table == NULL)
        baseline_close(out);
    return out->table != NULL;
}

void baseline_close(struct baseline *baseline)
{
    if (baseline->table != NULL)
        table_close(baseline->table);
    if (baseline->temporary != NULL)
        unlink(baseline->temporary);
    *baseline = (struct baseline){0};
}

int64_t baseline_last_training(struct compilation *compilation, struct node *model, const char *store)
{
    struct registry registry;
    struct vec versions = vec_in(compilation->arena);
    int64_t last = -1;
    if (!registry_open(&registry, compilation, store, REGISTRY_HERE))
        return -1;
    if (registry_versions(&registry, model->id, &versions) && versions.count > 0)
        last = captured_time(value_string_or(value_get(versions.items[versions.count - 1], "time"), NULL));
    registry_close(&registry);
    return last;
}
