#include "runtime/run_report.h"

#include <stdio.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/file.h"
#include "runtime/store_backend.h"

enum { LARGEST_RECORD = 16 << 20, RECORDS_BACK = 200 };

/* True for the model's own actions and what they are parts of: "model/iris", "model/iris.train". */
static bool belongs(const char *id, const char *model)
{
    size_t length = strlen(model);
    return strncmp(id, model, length) == 0 && (id[length] == '\0' || id[length] == '.');
}

static bool speaks_of(const struct value *record, const char *model)
{
    const struct value *actions = value_get(record, "actions");
    for (size_t i = 0; actions != NULL && actions->kind == VALUE_LIST && i < actions->count; i++)
        if (belongs(value_string_or(value_get(actions->items[i], "id"), ""), model))
            return true;
    return false;
}

/* --- finding the run
 * ------------------------------------------------------------------------------------------ */

static const struct value *read_record(struct arena *arena, const char *path)
{
    struct buf text = {0};
    const char *why;
    const struct value *record = NULL;
    if (file_read(path, LARGEST_RECORD, &text) == 0)
        record = json_read_text(arena, buf_str(&text), text.length, &why);
    buf_free(&text);
    return record;
}

/* The newest record of `.mlc/runs`: their names are times, so they sort. */
static const struct value *find_here(struct registry *registry, const char *model)
{
    struct arena *arena = registry->arena;
    const char *folder = file_join(arena, registry->compilation->project_folder, ".mlc/runs");
    struct vec names = vec_in(arena);
    if (file_list(folder, &names) != 0)
        return NULL;
    for (size_t i = names.count; i > 0; i--) {
        const struct value *record = read_record(arena, file_join(arena, folder, names.items[i - 1]));
        if (record != NULL && speaks_of(record, model))
            return record;
    }
    return NULL;
}

static const struct value *find_in_store(struct registry *registry, const char *model)
{
    struct store_head head;
    if (store_log_head(registry->store, "runs", &head, &registry->error) != STORE_OK)
        return NULL;
    uint64_t last = head.sequence > RECORDS_BACK ? head.sequence - RECORDS_BACK : 0;
    for (uint64_t at = head.sequence; at > last; at--) {
        const struct value *record;
        if (store_log_at(registry->store, registry->arena, "runs", at, &record, &registry->error) != STORE_OK)
            return NULL;
        if (speaks_of(record, model))
            return record;
    }
    return NULL;
}

/* --- the report
 * ----------------------------------------------------------------------------------------------- */

/* Needed parts: the model's actions, and the data's before them. */
static const struct value *report_actions(struct arena *arena, const struct value *record, struct node *model)
{
    const struct value *actions = value_get(record, "actions");
    struct node *data = node_ref(model, "data");
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < actions->count; i++) {
        const char *id = value_string_or(value_get(actions->items[i], "id"), "");
        if (belongs(id, model->id) || (data != NULL && belongs(id, data->id)))
            list_add(&list, actions->items[i]);
    }
    return list_end(&list, 0);
}

static const struct value *report_verdicts(struct arena *arena, const struct value *record,
                                           const struct node *model)
{
    const struct value *verdicts = value_get(record, "verdicts");
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; verdicts != NULL && verdicts->kind == VALUE_LIST && i < verdicts->count; i++)
        if (belongs(value_string_or(value_get(verdicts->items[i], "gate"), ""), model->id))
            list_add(&list, verdicts->items[i]);
    return list_end(&list, 0);
}

static const struct value *metrics_of(const struct value *actions, const char *id)
{
    for (size_t i = 0; i < actions->count; i++)
        if (strcmp(value_string_or(value_get(actions->items[i], "id"), ""), id) == 0)
            return value_get(actions->items[i], "metrics");
    return NULL;
}

static bool is_number(const struct value *value)
{
    return value != NULL && (value->kind == VALUE_INT || value->kind == VALUE_FLOAT);
}

static const struct value *report_metrics(struct arena *arena, const struct value *actions,
                                          const struct node *model)
{
    const struct value *candidate = metrics_of(actions, arena_printf(arena, "%s.gate", model->id));
    const struct value *champion = metrics_of(actions, arena_printf(arena, "%s.champion", model->id));
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; candidate != NULL && candidate->kind == VALUE_RECORD && i < candidate->field_count;
         i++) {
        const struct field *field = &candidate->fields[i];
        const struct value *before = value_get(champion, field->key);
        if (!is_number(field->value))
            continue;
        struct record_builder one = record_begin(arena);
        record_set(&one, "name", value_string(arena, field->key, 0));
        record_set(&one, "value", field->value);
        if (is_number(before))
            record_set(&one, "champion", before);
        list_add(&list, record_end(&one, 0));
    }
    return list_end(&list, 0);
}

static void add_version(struct registry *registry, struct node *model, struct record_builder *report)
{
    struct vec records = vec_in(registry->arena);
    if (!registry_versions(registry, model->id, &records) || records.count == 0)
        return;
    const struct value *version = vec_last(&records);
    record_set(report, "number", value_int(registry->arena, (int64_t)records.count, 0));
    static const char *const fields[] = {"artifact", "data", "verdict", "commit"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (value_get(version, fields[i]) != NULL)
            record_set(report, fields[i], value_get(version, fields[i]));
}

const struct value *run_report_collect(struct registry *registry, struct node *model)
{
    struct arena *arena = registry->arena;
    const struct value *record = find_here(registry, model->id);
    if (record == NULL)
        record = find_in_store(registry, model->id);
    if (record == NULL) {
        store_fail(&registry->error, STORE_MISSING, "there is no run of %s here, and none in %s", model->id,
                   registry->location);
        return NULL;
    }
    const struct value *actions = report_actions(arena, record, model);
    struct record_builder report = record_begin(arena);
    record_set(&report, "version", value_int(arena, 1, 0));
    record_set(&report, "mlc", value_string(arena, MLC_VERSION, 0));
    record_set(&report, "model", value_string(arena, model->id, 0));
    record_set(&report, "time", value_string(arena, value_string_or(value_get(record, "time"), ""), 0));
    const struct value *succeeded = value_get(record, "succeeded");
    record_set(&report, "succeeded", value_bool(arena, succeeded != NULL && succeeded->boolean, 0));
    add_version(registry, model, &report);
    record_set(&report, "verdicts", report_verdicts(arena, record, model));
    record_set(&report, "metrics", report_metrics(arena, actions, model));
    record_set(&report, "actions", actions);
    return record_end(&report, 0);
}
