/* A plan for programs, and for a comment of a pull request. */
#include <string.h>
#include "core/documents/diff.h"
#include "core/documents/json.h"
#include "runtime/cluster/plan.h"

static void set_text(struct record_builder *record, struct arena *arena, const char *key, const char *text)
{
    if (text != NULL)
        record_set(record, key, value_string(arena, text, 0));
}

static const struct value *changes_value(struct arena *arena, const struct vec *changes)
{
    static const char *const kinds[] = {
        [CHANGE_ADDED] = "added", [CHANGE_REMOVED] = "removed", [CHANGE_REPLACED] = "replaced"};
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = changes->items[i];
        struct record_builder out = record_begin(arena);
        set_text(&out, arena, "kind", kinds[change->kind]);
        set_text(&out, arena, "path", change->path);
        if (change->before != NULL)
            record_set(&out, "before", change->before);
        if (change->after != NULL)
            record_set(&out, "after", change->after);
        list_add(&list, record_end(&out, 0));
    }
    return list_end(&list, 0);
}

static const struct value *conflicts_value(struct arena *arena, const struct vec *conflicts)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < conflicts->count; i++) {
        const struct plan_conflict *conflict = conflicts->items[i];
        struct record_builder out = record_begin(arena);
        set_text(&out, arena, "field", conflict->field);
        set_text(&out, arena, "manager", conflict->manager);
        list_add(&list, record_end(&out, 0));
    }
    return list_end(&list, 0);
}

static const struct value *drift_value(struct arena *arena, const struct vec *drifts)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < drifts->count; i++) {
        const struct plan_drift *drift = drifts->items[i];
        struct record_builder out = record_begin(arena);
        set_text(&out, arena, "field", drift->field);
        set_text(&out, arena, "manager", drift->manager);
        set_text(&out, arena, "time", drift->time);
        list_add(&list, record_end(&out, 0));
    }
    return list_end(&list, 0);
}

const struct value *plan_item_value(struct arena *arena, const struct plan_item *item)
{
    struct record_builder out = record_begin(arena);
    set_text(&out, arena, "action", plan_action_name(item->action));
    set_text(&out, arena, "group", item->resource->group);
    set_text(&out, arena, "version", item->resource->version);
    set_text(&out, arena, "kind", item->resource->kind);
    set_text(&out, arena, "namespace", item->namespace);
    set_text(&out, arena, "name", item->name);
    set_text(&out, arena, "uid", item->uid);
    set_text(&out, arena, "resourceVersion", item->resource_version);
    set_text(&out, arena, "why", item->why);
    if (item->simulated)
        record_set(&out, "simulated", value_bool(arena, true, 0));
    if (item->migrates)
        record_set(&out, "migrates", value_bool(arena, true, 0));
    if (item->changes.count > 0)
        record_set(&out, "changes", changes_value(arena, &item->changes));
    if (item->conflicts.count > 0)
        record_set(&out, "conflicts", conflicts_value(arena, &item->conflicts));
    if (item->drift.count > 0)
        record_set(&out, "drift", drift_value(arena, &item->drift));
    return record_end(&out, 0);
}

void plan_print_json(struct buf *out, const struct plan *plan)
{
    struct arena *arena = arena_new();
    struct record_builder root = record_begin(arena), counts = record_begin(arena);
    struct list_builder items = list_begin(arena);
    for (int action = PLAN_CREATE; action <= PLAN_REFUSED; action++)
        record_set(&counts, plan_action_name((enum plan_action)action),
                   value_int(arena, (int64_t)plan->counts[action], 0));
    for (size_t i = 0; i < plan->items.count; i++)
        list_add(&items, plan_item_value(arena, plan->items.items[i]));
    record_set(&root, "version", value_int(arena, 1, 0));
    set_text(&root, arena, "context", plan->context);
    set_text(&root, arena, "server", plan->server);
    set_text(&root, arena, "fieldManager", plan->manager);
    set_text(&root, arena, "applySet", plan->set_id);
    record_set(&root, "changed", value_bool(arena, plan_has_changes(plan), 0));
    record_set(&root, "counts", record_end(&counts, 0));
    record_set(&root, "items", list_end(&items, 0));
    json_write(out, record_end(&root, 0), (struct json_style){JSON_PRETTY, false}, NULL);
    if (out->length == 0 || out->data[out->length - 1] != '\n')
        buf_add_char(out, '\n');
    arena_free(arena);
}

/* Inside a code block nothing is markup, but for the fence itself. */
static void add_fenced(struct buf *out, const char *text, size_t length)
{
    size_t ticks = 0, longest = 2;
    for (size_t i = 0; i < length; i++) {
        ticks = text[i] == '`' ? ticks + 1 : 0;
        longest = ticks > longest ? ticks : longest;
    }
    buf_add_repeat(out, '`', longest + 1);
    buf_add_str(out, "diff\n");
    buf_add(out, text, length);
    buf_add_repeat(out, '`', longest + 1);
    buf_add_char(out, '\n');
}

void plan_print_markdown(struct buf *out, const struct plan *plan)
{
    enum { COMMENT_MAX = 60000 }; /* GitHub's limit is 65,536 characters */
    struct buf text = {0}, lines = {0};
    plan_print_text(&text, plan, (struct plan_style){false, false});
    buf_add_str(out, "### Plan: ");
    plan_print_summary(out, plan);
    buf_add_str(out, "\n\n");
    const char *end = strrchr(buf_str(&text), '\n');
    const char *from = buf_str(&text);
    while (from < end) { /* signs in the first column, so that they are coloured */
        size_t length = strcspn(from, "\n"), indent = strspn(from, " ");
        bool sign = indent < length && strchr("+-~!", from[indent]) != NULL && from[indent + 1] == ' ';
        if (sign)
            buf_add_char(&lines, from[indent] == '~' ? '!' : from[indent]);
        else if (indent > 0)
            buf_add_char(&lines, ' ');
        buf_add_repeat(&lines, ' ', indent > 0 ? indent - 1 : 0);
        buf_add(&lines, from + indent + (sign ? 1 : 0), length - indent - (sign ? 1 : 0));
        buf_add_char(&lines, '\n');
        from += length + 1;
    }
    if (lines.length > COMMENT_MAX) {
        size_t cut = COMMENT_MAX;
        while (cut > 0 && lines.data[cut - 1] != '\n')
            cut--;
        lines.length = cut;
        buf_add_str(&lines, "… cut: see the whole plan in the log\n");
    }
    add_fenced(out, buf_str(&lines), lines.length);
    buf_free(&text);
    buf_free(&lines);
}
