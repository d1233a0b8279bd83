#include "core/documents/json.h"
#include "runtime/cluster/apply.h"

static const char *const names[] = {
    [APPLY_CREATED] = "created",   [APPLY_CONFIGURED] = "configured", [APPLY_UNCHANGED] = "unchanged",
    [APPLY_REPLACED] = "replaced", [APPLY_PRUNED] = "pruned",         [APPLY_KEPT] = "kept",
    [APPLY_FAILED] = "failed",     [APPLY_SKIPPED] = "skipped",
};

const char *apply_result_name(enum apply_result result)
{
    return names[result];
}

static void set_text(struct record_builder *record, struct arena *arena, const char *key, const char *text)
{
    if (text != NULL)
        record_set(record, key, value_string(arena, text, 0));
}

static const struct value *record_value(struct arena *arena, const struct apply_record *record)
{
    struct record_builder out = record_begin(arena);
    set_text(&out, arena, "result", names[record->result]);
    set_text(&out, arena, "group", record->resource->group);
    set_text(&out, arena, "version", record->resource->version);
    set_text(&out, arena, "kind", record->resource->kind);
    set_text(&out, arena, "namespace", record->namespace);
    set_text(&out, arena, "name", record->name);
    set_text(&out, arena, "uid", record->uid);
    set_text(&out, arena, "resourceVersion", record->resource_version);
    set_text(&out, arena, "why", record->why);
    if (record->health != HEALTH_UNKNOWN)
        set_text(&out, arena, "health", health_name(record->health));
    set_text(&out, arena, "healthWhy", record->health_why);
    return record_end(&out, 0);
}

void apply_print_json(struct buf *out, const struct apply_report *report)
{
    struct arena *arena = arena_new();
    struct record_builder root = record_begin(arena), counts = record_begin(arena);
    struct list_builder records = list_begin(arena);
    for (int result = APPLY_CREATED; result <= APPLY_SKIPPED; result++)
        record_set(&counts, names[result], value_int(arena, (int64_t)report->counts[result], 0));
    for (size_t i = 0; i < report->records.count; i++)
        list_add(&records, record_value(arena, report->records.items[i]));
    record_set(&root, "version", value_int(arena, 1, 0));
    record_set(&root, "ok", value_bool(arena, report->ok, 0));
    if (report->interrupted)
        record_set(&root, "interrupted", value_bool(arena, true, 0));
    if (report->waited)
        record_set(&root, "ready", value_bool(arena, report->ready, 0));
    record_set(&root, "counts", record_end(&counts, 0));
    record_set(&root, "records", list_end(&records, 0));
    json_write(out, record_end(&root, 0), (struct json_style){JSON_PRETTY, false}, NULL);
    if (out->length == 0 || out->data[out->length - 1] != '\n')
        buf_add_char(out, '\n');
    arena_free(arena);
}
