#include "runtime/cluster/fields.h"
#include <stdio.h>
#include <string.h>
#include "core/buf.h"
#include "core/documents/json.h"
#include "runtime/cluster/plan.h"

enum { DEPTH_MAX = 120 };

static bool is_record(const struct value *value)
{
    return value != NULL && value->kind == VALUE_RECORD;
}

static bool is_empty(const struct value *value)
{
    return (value->kind == VALUE_RECORD && value->field_count == 0) ||
           (value->kind == VALUE_LIST && value->count == 0);
}

static bool is_leaf(const struct value *fields)
{
    return fields->field_count == 0;
}

static const struct value *entry_of(const struct value *live, const char *manager, const char *operation,
                                    const char *api_version)
{
    const struct value *entries = value_path(live, "metadata", "managedFields", NULL);
    for (size_t i = 0; entries != NULL && entries->kind == VALUE_LIST && i < entries->count; i++) {
        const struct value *entry = entries->items[i];
        if (strcmp(value_string_or(value_get(entry, "manager"), ""), manager) == 0 &&
            strcmp(value_string_or(value_get(entry, "operation"), ""), operation) == 0 &&
            (api_version == NULL ||
             strcmp(value_string_or(value_get(entry, "apiVersion"), ""), api_version) == 0) &&
            value_string_or(value_get(entry, "subresource"), "")[0] == 0)
            return entry;
    }
    return NULL;
}

static const struct value *child_field(const struct value *fields, const char *key)
{
    for (size_t i = 0; i < fields->field_count; i++) {
        const char *name = fields->fields[i].key;
        if (name[0] == 'f' && name[1] == ':' && strcmp(name + 2, key) == 0)
            return fields->fields[i].value;
    }
    return NULL;
}

/* Never part of a field set: they say which object it is, or belong to the server. */
static bool is_identity(const char *path, const char *key)
{
    if (*path == 0)
        return strcmp(key, "apiVersion") == 0 || strcmp(key, "kind") == 0;
    return strcmp(path, "metadata") == 0 && (strcmp(key, "name") == 0 || strcmp(key, "namespace") == 0);
}

/* The item of a list that a "k:…" or "v:…" names; a key that the item does not give counts as its default. */
static const struct value *item_of(const struct value *list, const struct value *key, bool by_value,
                                   size_t *index)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct value *item = list->items[i];
        bool fits = by_value ? value_equal(item, key) : is_record(item);
        bool some = by_value;
        for (size_t j = 0; fits && !by_value && j < key->field_count; j++) {
            const struct value *have = value_get(item, key->fields[j].key);
            fits = have == NULL || value_equal(have, key->fields[j].value);
            some = some || have != NULL;
        }
        if (fits && some) {
            *index = i;
            return item;
        }
    }
    return NULL;
}

struct proof {
    struct arena *arena; /* for the keys of lists */
};

static bool same(struct proof *proof, const struct value *want, const struct value *live,
                 const struct value *fields, const char *path, int depth);

static size_t child_count(const struct value *fields)
{
    size_t count = 0;
    for (size_t i = 0; i < fields->field_count; i++)
        count += strcmp(fields->fields[i].key, ".") != 0;
    return count;
}

static bool same_list(struct proof *proof, const struct value *want, const struct value *live,
                      const struct value *fields, int depth)
{
    if (live->kind != VALUE_LIST || child_count(fields) != want->count)
        return false;
    bool *used = arena_array(proof->arena, live->count + 1, sizeof *used);
    size_t *places = arena_array(proof->arena, want->count + 1, sizeof *places);
    bool *found = arena_array(proof->arena, want->count + 1, sizeof *found);
    for (size_t i = 0; i < fields->field_count; i++) {
        const char *name = fields->fields[i].key;
        size_t in_want, in_live;
        if (strcmp(name, ".") == 0)
            continue;
        bool by_value = name[0] == 'v';
        if ((name[0] != 'k' && name[0] != 'v') || name[1] != ':')
            return false;
        const char *why;
        const struct value *key = json_read_text(proof->arena, name + 2, strlen(name + 2), &why);
        if (key == NULL || (!by_value && !is_record(key)))
            return false;
        const struct value *wanted = item_of(want, key, by_value, &in_want);
        const struct value *there = item_of(live, key, by_value, &in_live);
        if (wanted == NULL || there == NULL || found[in_want] || used[in_live])
            return false;
        found[in_want] = used[in_live] = true;
        places[in_want] = in_live;
        if (!by_value && !same(proof, wanted, there, fields->fields[i].value, "[]", depth + 1))
            return false;
    }
    for (size_t i = 1; i < want->count; i++)
        if (places[i] < places[i - 1]) /* the order counts where items are merged */
            return false;
    return true;
}

static bool same_record(struct proof *proof, const struct value *want, const struct value *live,
                        const struct value *fields, const char *path, int depth)
{
    size_t matched = 0;
    if (!is_record(live))
        return false;
    for (size_t i = 0; i < want->field_count; i++) {
        const char *key = want->fields[i].key;
        const struct value *value = want->fields[i].value;
        if (is_identity(path, key))
            continue;
        const struct value *child = child_field(fields, key);
        const struct value *there = value_get(live, key);
        bool bare_metadata = *path == 0 && strcmp(key, "metadata") == 0 && child == NULL && is_record(value);
        if (bare_metadata) { /* only a name: no fields of its own */
            for (size_t j = 0; j < value->field_count; j++)
                if (!is_identity("metadata", value->fields[j].key))
                    return false;
            continue;
        }
        if (there == NULL && is_empty(value)) { /* `annotations: {}`: the server does not keep it */
            matched += child != NULL;
            continue;
        }
        if (child == NULL || !is_record(child) || there == NULL)
            return false;
        if (!same(proof, value, there, child, *path == 0 ? key : "…", depth + 1))
            return false;
        matched++;
    }
    return matched == child_count(fields);
}

static bool same(struct proof *proof, const struct value *want, const struct value *live,
                 const struct value *fields, const char *path, int depth)
{
    if (depth > DEPTH_MAX || want->kind == VALUE_NULL)
        return false;
    if (!is_record(fields))
        return false;
    if (is_leaf(fields))
        return value_equal(want, live);
    if (want->kind == VALUE_RECORD)
        return same_record(proof, want, live, fields, path, depth);
    if (want->kind == VALUE_LIST)
        return same_list(proof, want, live, fields, depth);
    return false;
}

/* Only apiVersion, kind, name and namespace: nothing to own. */
static bool is_bare(const struct value *document)
{
    const struct value *metadata = value_get(document, "metadata");
    for (size_t i = 0; i < document->field_count; i++)
        if (!is_identity("", document->fields[i].key) && document->fields[i].value != metadata)
            return false;
    for (size_t i = 0; is_record(metadata) && i < metadata->field_count; i++)
        if (!is_identity("metadata", metadata->fields[i].key))
            return false;
    return true;
}

bool fields_prove_unchanged(const struct value *document, const struct value *live, const char *manager)
{
    const char *api_version = value_string_or(value_get(document, "apiVersion"), "");
    const struct value *entry = entry_of(live, manager, "Apply", api_version);
    const struct value *fields = value_get(entry, "fieldsV1");
    if (is_bare(document)) /* the server would write a new version for it each time */
        return entry_of(live, manager, "Apply", NULL) == NULL;
    if (!is_record(fields) || is_leaf(fields))
        return false;
    struct proof proof = {arena_new()};
    bool proven = same(&proof, document, live, fields, "", 0);
    arena_free(proof.arena);
    return proven;
}

static bool within(const struct value *want, const struct value *live, int depth);

static bool list_within(const struct value *want, const struct value *live, int depth)
{
    size_t from = 0;
    for (size_t i = 0; i < want->count; i++) { /* in order, with items of others in between */
        while (from < live->count && !within(want->items[i], live->items[from], depth + 1))
            from++;
        if (from++ >= live->count)
            return false;
    }
    return true;
}

static bool within(const struct value *want, const struct value *live, int depth)
{
    if (depth > DEPTH_MAX)
        return false;
    if (live == NULL)
        return is_empty(want) || want->kind == VALUE_NULL;
    if (want->kind == VALUE_LIST && live->kind == VALUE_LIST)
        return list_within(want, live, depth);
    if (want->kind != VALUE_RECORD || live->kind != VALUE_RECORD)
        return value_equal(want, live);
    for (size_t i = 0; i < want->field_count; i++)
        if (!within(want->fields[i].value, value_get(live, want->fields[i].key), depth + 1))
            return false;
    return true;
}

bool fields_match(const struct value *document, const struct value *live)
{
    for (size_t i = 0; i < document->field_count; i++) {
        const struct field *field = &document->fields[i];
        const struct value *there = value_get(live, field->key);
        if (is_identity("", field->key) || strcmp(field->key, "status") == 0)
            continue;
        for (size_t j = 0; strcmp(field->key, "metadata") == 0 && j < field->value->field_count; j++) {
            const struct field *inner = &field->value->fields[j];
            if (!is_identity("metadata", inner->key) && inner->value->kind != VALUE_NULL &&
                !within(inner->value, value_get(there, inner->key), 0))
                return false;
        }
        if (strcmp(field->key, "metadata") != 0 && strcmp(field->key, "stringData") != 0 &&
            !within(field->value, there, 0))
            return false;
    }
    return true;
}

bool fields_need_migration(const struct value *live)
{
    return entry_of(live, "kubectl-client-side-apply", "Update", NULL) != NULL;
}

const char *fields_last_apply(const struct value *live, const char *manager)
{
    return value_string_or(value_get(entry_of(live, manager, "Apply", NULL), "time"), NULL);
}

struct drift_walk {
    struct arena *arena;
    struct arena *scratch;
    const char *manager, *time;
    struct vec *drift;
};

static void walk_drift(struct drift_walk *walk, const struct value *fields, const struct value *ours,
                       const struct value *want, const struct value *live, const char *path, int depth);

static void add_drift(struct drift_walk *walk, const char *path)
{
    struct plan_drift *drift = arena_alloc(walk->arena, sizeof *drift);
    *drift = (struct plan_drift){arena_strdup(walk->arena, path), arena_strdup(walk->arena, walk->manager),
                                 arena_strdup(walk->arena, walk->time)};
    vec_push(walk->drift, drift);
}

static void walk_item(struct drift_walk *walk, const struct field *field, const struct value *ours,
                      const struct value *want, const struct value *live, const char *path, int depth)
{
    size_t index;
    const char *why;
    if (field->key[0] != 'k' || want == NULL || live == NULL || want->kind != VALUE_LIST ||
        live->kind != VALUE_LIST)
        return;
    const struct value *key = json_read_text(walk->scratch, field->key + 2, strlen(field->key + 2), &why);
    if (!is_record(key))
        return;
    const struct value *wanted = item_of(want, key, false, &index),
                       *there = item_of(live, key, false, &index);
    if (wanted == NULL || there == NULL)
        return;
    struct buf out = {0};
    buf_printf(&out, "%s[", path);
    for (size_t i = 0; i < key->field_count; i++) {
        struct buf text = {0};
        value_print(&text, key->fields[i].value);
        buf_printf(&out, "%s%s=%s", i > 0 ? "," : "", key->fields[i].key, buf_str(&text));
        buf_free(&text);
    }
    buf_add_char(&out, ']');
    const struct value *mine = is_record(ours) ? value_get(ours, field->key) : NULL;
    walk_drift(walk, field->value, mine, wanted, there, buf_str(&out), depth + 1);
    buf_free(&out);
}

static void walk_drift(struct drift_walk *walk, const struct value *fields, const struct value *ours,
                       const struct value *want, const struct value *live, const char *path, int depth)
{
    if (depth > DEPTH_MAX || !is_record(fields) || want == NULL || live == NULL)
        return;
    if (is_leaf(fields)) {
        if (ours == NULL && !value_equal(want, live))
            add_drift(walk, path);
        return;
    }
    for (size_t i = 0; i < fields->field_count; i++) {
        const struct field *field = &fields->fields[i];
        const char *name = field->key;
        if (name[0] != 'f' || name[1] != ':') {
            walk_item(walk, field, ours, want, live, path, depth);
            continue;
        }
        struct buf out = {0};
        buf_printf(&out, "%s%s%s", path, *path != 0 ? "." : "", name + 2);
        const struct value *mine = is_record(ours) ? child_field(ours, name + 2) : NULL;
        walk_drift(walk, field->value, mine, value_get(want, name + 2), value_get(live, name + 2),
                   buf_str(&out), depth + 1);
        buf_free(&out);
    }
}

void fields_drift(struct arena *arena, const struct value *document, const struct value *live,
                  const char *manager, struct vec *drift)
{
    const struct value *entries = value_path(live, "metadata", "managedFields", NULL);
    const struct value *ours = entry_of(live, manager, "Apply", NULL);
    if (ours == NULL || entries->kind != VALUE_LIST)
        return; /* never applied by us: nothing of ours can have drifted */
    struct drift_walk walk = {.arena = arena, .scratch = arena_new(), .drift = drift};
    for (size_t i = 0; i < entries->count; i++) {
        const struct value *entry = entries->items[i];
        if (entry == ours || strcmp(value_string_or(value_get(entry, "fieldsType"), ""), "FieldsV1") != 0)
            continue;
        walk.manager = value_string_or(value_get(entry, "manager"), "?");
        walk.time = value_string_or(value_get(entry, "time"), "");
        walk_drift(&walk, value_get(entry, "fieldsV1"), value_get(ours, "fieldsV1"), document, live, "", 0);
    }
    arena_free(walk.scratch);
}
