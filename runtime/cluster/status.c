#include "runtime/cluster/status.h"
#include <string.h>
#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/cluster/fields.h"
#include "runtime/cluster/live.h"
#include "runtime/cluster/plan.h"
#include "runtime/cluster/rollback.h"

static const char *const names[] = {
    [STATUS_SAME] = "same",       [STATUS_DIFFERS] = "differs", [STATUS_DRIFTED] = "drifted",
    [STATUS_MISSING] = "missing", [STATUS_EXTRA] = "extra",
};

const char *status_state_name(enum status_state state)
{
    return names[state];
}

struct status_reader {
    struct status_report *report;
    struct arena *arena;
    struct status_item **items; /* by index in the set */
    struct client *client;
    const char *manager;
};

static void take_health(struct status_reader *reader, struct status_item *item,
                        const struct resource *resource, const struct value *live)
{
    const struct world *world = client_world(reader->client);
    struct arena *scratch = arena_new();
    struct record_builder whole = record_begin(scratch);
    const char *version = *resource->group != 0
                              ? arena_printf(scratch, "%s/%s", resource->group, resource->version)
                              : resource->version;
    record_set(&whole, "apiVersion", value_string(scratch, version, 0)); /* items of a list do not say it */
    record_set(&whole, "kind", value_string(scratch, resource->kind, 0));
    for (size_t i = 0; i < live->field_count; i++)
        record_set(&whole, live->fields[i].key, live->fields[i].value);
    struct health_options options = {.wall_ns = world->wall_ns(world->context)};
    struct health_result health = health_of(scratch, record_end(&whole, 0), options);
    item->health = health.health;
    item->why = health.why != NULL ? arena_strdup(reader->arena, health.why) : NULL;
    arena_free(scratch);
}

static struct status_item *item_new(struct status_reader *reader, const struct resource *resource,
                                    const char *namespace, const char *name)
{
    struct status_item *item = arena_alloc(reader->arena, sizeof *item);
    item->resource = resource;
    item->namespace = namespace;
    item->name = name;
    item->drift = vec_in(reader->arena);
    vec_push(&reader->report->items, item);
    return item;
}

static void on_live(void *context, const struct live_found *found)
{
    struct status_reader *reader = context;
    if (found->object == NULL) {
        const struct member *member = inventory_member(reader->arena, found->resource, found->live);
        struct status_item *extra = item_new(reader, member->resource, member->namespace, member->name);
        extra->state = STATUS_EXTRA;
        extra->health = member->terminating ? HEALTH_TERMINATING : HEALTH_UNKNOWN;
        return;
    }
    struct status_item *item = reader->items[found->object->index];
    const char *applied = fields_last_apply(found->live, reader->manager);
    item->applied = applied != NULL ? arena_strdup(reader->arena, applied) : NULL;
    take_health(reader, item, found->resource, found->live);
    if (fields_prove_unchanged(found->object->document, found->live, reader->manager)) {
        item->state = STATUS_SAME;
        return;
    }
    fields_drift(reader->arena, found->object->document, found->live, reader->manager, &item->drift);
    bool same = item->drift.count == 0 && fields_match(found->object->document, found->live);
    item->state = same ? STATUS_SAME : item->drift.count > 0 ? STATUS_DRIFTED : STATUS_DIFFERS;
}

static void count(struct status_report *report)
{
    for (size_t i = 0; i < report->items.count; i++) {
        const struct status_item *item = report->items.items[i];
        report->states[item->state]++;
        if (item->state == STATUS_EXTRA)
            continue;
        report->healthy += item->health == HEALTH_CURRENT || item->health == HEALTH_SUSPENDED;
        report->unhealthy += item->health == HEALTH_FAILED;
        report->progressing += item->health == HEALTH_IN_PROGRESS || item->health == HEALTH_TERMINATING;
    }
}

struct status_report *status_read_all(struct arena *arena, struct client *client,
                                      const struct object_set *set, const struct inventory *inventory,
                                      const char *manager, const struct reporter *reporter, bool *ok)
{
    struct status_report *report = arena_alloc(arena, sizeof *report);
    struct status_reader reader = {.report = report, .arena = arena, .client = client, .manager = manager};
    report->arena = arena;
    report->items = vec_in(arena);
    reader.items = arena_array(arena, set->objects.count + 1, sizeof *reader.items);
    for (size_t i = 0; i < set->objects.count; i++) {
        const struct object *object = set->objects.items[i];
        reader.items[i] = item_new(&reader, object->resource, object->namespace, object->name);
        reader.items[i]->object = object;
        reader.items[i]->state = STATUS_MISSING;
        reader.items[i]->health = HEALTH_NOT_FOUND;
    }
    *ok = live_read(client, set, inventory, on_live, &reader, reporter);
    count(report);
    return report;
}

bool status_is_good(const struct status_report *report)
{
    return report->states[STATUS_DIFFERS] + report->states[STATUS_DRIFTED] + report->states[STATUS_MISSING] +
               report->states[STATUS_EXTRA] + report->unhealthy + report->progressing ==
           0;
}

static void add_safe(struct buf *out, const char *text)
{
    text_add_safe(out, text, strlen(text));
}

static void print_item(struct buf *out, const struct status_item *item)
{
    buf_printf(out, "  %-11s %-8s ", health_name(item->health), names[item->state]);
    add_safe(out, item->resource->kind);
    buf_add_str(out, *item->resource->group != 0 ? "." : "");
    add_safe(out, item->resource->group);
    buf_add_char(out, ' ');
    if (item->namespace != NULL) {
        add_safe(out, item->namespace);
        buf_add_char(out, '/');
    }
    add_safe(out, item->name);
    if (item->why != NULL) {
        buf_add_str(out, ": ");
        add_safe(out, item->why);
    }
    buf_add_char(out, '\n');
    for (size_t i = 0; i < item->drift.count; i++) {
        buf_add_str(out, "      ");
        plan_drift_add(out, item->drift.items[i]);
    }
}

void status_print_text(struct buf *out, const struct status_report *report, bool verbose)
{
    for (size_t i = 0; i < report->items.count; i++) {
        const struct status_item *item = report->items.items[i];
        bool quiet = item->state == STATUS_SAME && item->health == HEALTH_CURRENT;
        if (verbose || !quiet)
            print_item(out, item);
    }
    buf_printf(out, "%zu healthy", report->healthy);
    if (report->progressing > 0)
        buf_printf(out, ", %zu in progress", report->progressing);
    if (report->unhealthy > 0)
        buf_printf(out, ", %zu unhealthy", report->unhealthy);
    for (int state = STATUS_DIFFERS; state <= STATUS_EXTRA; state++)
        if (report->states[state] > 0)
            buf_printf(out, ", %zu %s", report->states[state], names[state]);
    buf_add_char(out, '\n');
}

static void set_text(struct record_builder *record, struct arena *arena, const char *key, const char *text)
{
    if (text != NULL)
        record_set(record, key, value_string(arena, text, 0));
}

static const struct value *item_value(struct arena *arena, const struct status_item *item)
{
    struct record_builder out = record_begin(arena);
    struct list_builder drifts = list_begin(arena);
    set_text(&out, arena, "state", names[item->state]);
    set_text(&out, arena, "health", health_name(item->health));
    set_text(&out, arena, "why", item->why);
    set_text(&out, arena, "group", item->resource->group);
    set_text(&out, arena, "kind", item->resource->kind);
    set_text(&out, arena, "namespace", item->namespace);
    set_text(&out, arena, "name", item->name);
    set_text(&out, arena, "applied", item->applied);
    for (size_t i = 0; i < item->drift.count; i++) {
        const struct plan_drift *drift = item->drift.items[i];
        struct record_builder one = record_begin(arena);
        set_text(&one, arena, "field", drift->field);
        set_text(&one, arena, "manager", drift->manager);
        set_text(&one, arena, "time", drift->time);
        list_add(&drifts, record_end(&one, 0));
    }
    if (item->drift.count > 0)
        record_set(&out, "drift", list_end(&drifts, 0));
    return record_end(&out, 0);
}

static const struct value *history_value(struct arena *arena, const struct vec *history)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < history->count; i++) {
        const struct rollback_set *set = history->items[i];
        struct record_builder out = record_begin(arena);
        record_set(&out, "revision", value_int(arena, set->revision, 0));
        set_text(&out, arena, "time", set->time);
        set_text(&out, arena, "version", set->version);
        record_set(&out, "good", value_bool(arena, set->good, 0));
        record_set(&out, "objects", value_int(arena, set->objects, 0));
        list_add(&list, record_end(&out, 0));
    }
    return list_end(&list, 0);
}

void status_print_json(struct buf *out, const struct status_report *report, const struct vec *history,
                       const struct value *environment)
{
    struct arena *arena = arena_new();
    struct record_builder root = record_begin(arena);
    struct list_builder items = list_begin(arena);
    for (size_t i = 0; i < report->items.count; i++)
        list_add(&items, item_value(arena, report->items.items[i]));
    record_set(&root, "version", value_int(arena, 1, 0));
    record_set(&root, "good", value_bool(arena, status_is_good(report), 0));
    if (environment != NULL)
        record_set(&root, "environment", environment);
    record_set(&root, "items", list_end(&items, 0));
    record_set(&root, "history", history_value(arena, history));
    json_write(out, record_end(&root, 0), (struct json_style){JSON_PRETTY, false}, NULL);
    if (out->length == 0 || out->data[out->length - 1] != '\n')
        buf_add_char(out, '\n');
    arena_free(arena);
}
