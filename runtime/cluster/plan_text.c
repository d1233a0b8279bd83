/* A plan for people: grouped by what happens, a line for each changed field. */
#include <string.h>
#include "core/documents/diff.h"
#include "core/documents/yaml.h"
#include "core/text.h"
#include "runtime/cluster/plan.h"
#include "runtime/cluster/plan_value.h"

static const struct {
    enum plan_action action;
    const char *sign, *color, *title;
} groups[] = {
    {PLAN_REFUSED, "!", "\033[31m", "refused"},
    {PLAN_REPLACE, "±", "\033[35m", "will be replaced"},
    {PLAN_CREATE, "+", "\033[32m", "will be created"},
    {PLAN_UPDATE, "~", "\033[33m", "will be changed"},
    {PLAN_PRUNE, "-", "\033[31m", "will be deleted"},
    {PLAN_KEEP, "=", "\033[36m", "left the set and is kept"},
    {PLAN_UNCHANGED, " ", "", "unchanged"},
};

/* Text from a cluster or a manifest may hold terminal commands: they are shown, not obeyed. */
static void add_safe(struct buf *out, const char *text)
{
    text_add_safe(out, text, strlen(text));
}

static void add_change(struct buf *out, const struct change *change, struct plan_style style)
{
    static const char *const signs[] = {
        [CHANGE_ADDED] = "+", [CHANGE_REMOVED] = "-", [CHANGE_REPLACED] = "~"};
    static const char *const colors[] = {
        [CHANGE_ADDED] = "\033[32m", [CHANGE_REMOVED] = "\033[31m", [CHANGE_REPLACED] = "\033[33m"};
    buf_printf(out, "      %s%s%s ", style.color ? colors[change->kind] : "", signs[change->kind],
               style.color ? "\033[0m" : "");
    add_safe(out, change->path);
    buf_add_str(out, ": ");
    plan_value_add(out, change, 10, style.color);
}

static void add_lines(struct buf *out, const char *text)
{
    while (*text != 0) {
        size_t length = strcspn(text, "\n");
        buf_add_str(out, "      ");
        text_add_safe(out, text, length);
        buf_add_char(out, '\n');
        text += length + (text[length] == '\n');
    }
}

/* What will be created, as YAML; the values of a Secret masked. */
static void add_document(struct buf *out, const struct plan_item *item)
{
    static const char *const secret[] = {"data", "stringData"};
    struct arena *arena = arena_new();
    struct buf text = {0};
    const struct value *document = item->object->document;
    bool masked = strcmp(item->resource->kind, "Secret") == 0 && *item->resource->group == 0;
    for (size_t i = 0; masked && i < sizeof secret / sizeof *secret; i++) {
        const struct value *values = value_get(document, secret[i]);
        struct record_builder stars = record_begin(arena), patch = record_begin(arena);
        for (size_t j = 0; values != NULL && values->kind == VALUE_RECORD && j < values->field_count; j++)
            record_set(&stars, values->fields[j].key, value_string(arena, "***", 0));
        if (values != NULL) {
            record_set(&patch, secret[i], record_end(&stars, 0));
            document = value_merge(arena, document, record_end(&patch, 0));
        }
    }
    if (yaml_write(&text, document, NULL))
        add_lines(out, buf_str(&text));
    buf_free(&text);
    arena_free(arena);
}

static void add_conflict(struct buf *out, const struct plan_conflict *conflict)
{
    buf_add_str(out, "      conflict: ");
    add_safe(out, conflict->field);
    buf_add_str(out, " is managed by \"");
    add_safe(out, conflict->manager);
    buf_add_str(out, "\"\n");
}

void plan_drift_add(struct buf *out, const struct plan_drift *drift)
{
    add_safe(out, drift->field);
    buf_add_str(out, " was changed by \"");
    add_safe(out, drift->manager);
    buf_add_str(out, *drift->time != 0 ? "\" at " : "\"");
    add_safe(out, drift->time);
    buf_add_char(out, '\n');
}

static void add_item(struct buf *out, const struct plan_item *item, const char *sign, const char *color,
                     struct plan_style style)
{
    struct arena *arena = arena_new();
    buf_printf(out, "  %s%s%s ", style.color ? color : "", sign, style.color ? "\033[0m" : "");
    add_safe(out, object_id(arena, item->resource->group, item->resource->kind, item->namespace, item->name));
    buf_add_char(out, '\n');
    arena_free(arena);
    if (item->why != NULL)
        add_lines(out, item->why);
    if (item->migrates)
        buf_add_str(out, "      its fields move from client-side apply to this manager\n");
    if (item->action == PLAN_CREATE && style.verbose)
        add_document(out, item);
    for (size_t i = 0; i < item->changes.count; i++)
        add_change(out, item->changes.items[i], style);
    for (size_t i = 0; i < item->conflicts.count; i++)
        add_conflict(out, item->conflicts.items[i]);
    for (size_t i = 0; i < item->drift.count; i++) {
        buf_add_str(out, "      drift: ");
        plan_drift_add(out, item->drift.items[i]);
    }
}

static void add_group(struct buf *out, const struct plan *plan, size_t group, struct plan_style style)
{
    bool first = true;
    for (size_t i = 0; i < plan->items.count; i++) {
        const struct plan_item *item = plan->items.items[i];
        if (item->action != groups[group].action)
            continue;
        if (first)
            buf_printf(out, "%s%s:\n", out->length > 0 ? "\n" : "", groups[group].title);
        first = false;
        add_item(out, item, groups[group].sign, groups[group].color, style);
    }
}

static void add_count(struct buf *out, size_t count, const char *what, bool *first)
{
    if (count == 0)
        return;
    buf_printf(out, "%s%zu %s", *first ? "" : ", ", count, what);
    *first = false;
}

void plan_print_summary(struct buf *out, const struct plan *plan)
{
    bool first = true;
    add_count(out, plan->counts[PLAN_CREATE], "to create", &first);
    add_count(out, plan->counts[PLAN_UPDATE], "to change", &first);
    add_count(out, plan->counts[PLAN_REPLACE], "to replace", &first);
    add_count(out, plan->counts[PLAN_PRUNE], "to delete", &first);
    add_count(out, plan->counts[PLAN_KEEP], "kept", &first);
    add_count(out, plan->counts[PLAN_REFUSED], "refused", &first);
    add_count(out, plan->counts[PLAN_UNCHANGED], "unchanged", &first);
    if (first)
        buf_add_str(out, "nothing to do");
}

void plan_print_text(struct buf *out, const struct plan *plan, struct plan_style style)
{
    struct buf body = {0};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (groups[i].action != PLAN_UNCHANGED || style.verbose)
            add_group(&body, plan, i, style);
    buf_add(out, body.data, body.length);
    if (body.length > 0)
        buf_add_char(out, '\n');
    plan_print_summary(out, plan);
    buf_add_str(out, " (context ");
    add_safe(out, plan->context);
    buf_add_str(out, ", ");
    add_safe(out, plan->server);
    buf_add_str(out, ")\n");
    buf_free(&body);
}
