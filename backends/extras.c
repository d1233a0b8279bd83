#include "backends/extras.h"

#include <string.h>
#include "backends/report.h"

/* One `extra TARGET { … }` of a node. */
struct extra {
    struct node *node;
    const char *target;
    const struct value *body;
    origin origin;
};

static struct extra *extra_of(struct compilation *compilation, struct node *node, const struct value *item)
{
    const char *target = value_string_or(value_get(item, "target"), NULL);
    const struct value *body = value_get(item, "body");
    if (!target || !body || body->kind != VALUE_RECORD)
        return NULL;
    struct extra *extra = arena_alloc(compilation->arena, sizeof *extra);
    *extra = (struct extra){node, target, body, item->origin ? item->origin : body->origin};
    return extra;
}

/* True if instances of environments stand for the node: they carry its extras, overlaid. */
static bool has_instances(const struct map *bases, const struct node *node)
{
    return map_has(bases, node->id);
}

/* The extras of all nodes, in order of id. */
static struct vec collect(struct compilation *compilation)
{
    struct vec extras = vec_in(compilation->arena);
    struct map *bases = map_new(compilation->arena);
    const struct vec *nodes = &compilation->graph->nodes;
    for (size_t i = 0; i < nodes->count; i++) {
        const struct node *node = nodes->items[i];
        if (node->base && node->base != node)
            map_set(bases, node->base->id, node->base);
    }
    for (size_t i = 0; i < nodes->count; i++) {
        struct node *node = nodes->items[i];
        if (has_instances(bases, node) || !node->kind || !kind_attribute(node->kind, "extras"))
            continue;
        const struct value *list = node_get(node, "extras");
        for (size_t k = 0; list && list->kind == VALUE_LIST && k < list->count; k++) {
            struct extra *extra = extra_of(compilation, node, list->items[k]);
            if (extra)
                vec_push(&extras, extra);
        }
    }
    return extras;
}

bool extras_check_targets(struct compilation *compilation)
{
    struct vec extras = collect(compilation);
    struct map *reported = map_new(compilation->arena);
    bool sound = true;
    for (size_t i = 0; i < extras.count; i++) {
        const struct extra *extra = extras.items[i];
        struct vec targets = vec_in(compilation->arena);
        const char *kind = arena_printf(compilation->arena, "target.%s", extra->target);
        if (graph_collection(compilation->graph, kind, NULL, &targets))
            continue;
        struct span span = origin_span(compilation->origins, extra->origin);
        const char *key = arena_printf(compilation->arena, "%u:%u", span.source, span.start);
        if (map_has(reported, key))
            continue;
        map_set(reported, key, NULL);
        struct diag *diag =
            report_at(compilation, DIAG_BUILD_EXTRA_TARGET, extra->origin,
                      "`extra %s`: the project has no target `%s`", extra->target, extra->target);
        diag_help(diag, "declare it: `target %s { … }`", extra->target);
        sound = false;
    }
    return sound;
}

/* The fields by which elements of lists of Kubernetes, GitHub and Terraform are told apart. */
static const char *merge_key(const struct value *a, const struct value *b)
{
    static const char *const keys[] = {"name", "id",  "mountPath", "containerPort", "key",
                                       "port", "sid", "uses",      "type"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        bool all = a->count + b->count > 0;
        for (size_t k = 0; k < a->count && all; k++)
            all = value_get(a->items[k], keys[i]) != NULL;
        for (size_t k = 0; k < b->count && all; k++)
            all = value_get(b->items[k], keys[i]) != NULL;
        if (all)
            return keys[i];
    }
    return NULL;
}

static bool all_records(const struct value *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->kind != VALUE_RECORD)
            return false;
    return true;
}

static const struct value *merge_lists(struct compilation *compilation, const struct backend *backend,
                                       const struct value *value, const struct value *extra)
{
    const char *key = all_records(value) && all_records(extra) ? merge_key(value, extra) : NULL;
    struct list_builder list = list_begin(compilation->arena);
    bool *used = arena_array(compilation->arena, extra->count + 1, sizeof *used);
    for (size_t i = 0; key && i < value->count; i++) {
        const struct value *item = value->items[i];
        for (size_t k = 0; k < extra->count; k++)
            if (!used[k] && value_equal(value_get(value->items[i], key), value_get(extra->items[k], key))) {
                item = extras_merged(compilation, backend, item, extra->items[k]);
                used[k] = true;
            }
        list_add(&list, item);
    }
    for (size_t k = 0; k < extra->count; k++)
        if (!used[k])
            list_add(&list, extras_merged(compilation, backend, NULL, extra->items[k]));
    const struct value *result = list_end(&list, extra->origin);
    return value->marks ? value_with_marks(compilation->arena, result, value->marks) : result;
}

static const struct value *merge_records(struct compilation *compilation, const struct backend *backend,
                                         const struct value *value, const struct value *extra)
{
    struct record_builder record = record_begin(compilation->arena);
    for (size_t i = 0; value && i < value->field_count; i++) {
        const struct field *field = &value->fields[i];
        const struct value *over = value_get(extra, field->key);
        if (over && over->kind == VALUE_NULL)
            continue;
        record_set_at(&record, field->key, field->key_origin,
                      over ? extras_merged(compilation, backend, field->value, over) : field->value);
    }
    for (size_t i = 0; i < extra->field_count; i++) {
        const struct field *field = &extra->fields[i];
        if ((!value || !value_get(value, field->key)) && field->value->kind != VALUE_NULL)
            record_set_at(&record, field->key, field->key_origin,
                          extras_merged(compilation, backend, NULL, field->value));
    }
    const struct value *result = record_end(&record, value ? value->origin : extra->origin);
    return value && value->marks ? value_with_marks(compilation->arena, result, value->marks) : result;
}

const struct value *extras_merged(struct compilation *compilation, const struct backend *backend,
                                  const struct value *value, const struct value *extra)
{
    if (extra->kind == VALUE_RECORD)
        return merge_records(compilation, backend, value && value->kind == VALUE_RECORD ? value : NULL,
                             extra);
    if (extra->kind == VALUE_LIST) {
        static const struct value empty = {.kind = VALUE_LIST};
        return merge_lists(compilation, backend, value && value->kind == VALUE_LIST ? value : &empty, extra);
    }
    if (extra->kind == VALUE_WORD)
        extra = value_string(compilation->arena, extra->text, extra->origin);
    return extra->kind == VALUE_STRING && backend->accept ? backend->accept(compilation, extra) : extra;
}

/* A block of HCL: {type, labels, body: [{key, value} or block]}. */
static bool is_block(const struct value *value)
{
    return value->kind == VALUE_RECORD && value_get(value, "type") && value_get(value, "body") &&
           value_get(value, "body")->kind == VALUE_LIST;
}

static const struct value *argument(struct compilation *compilation, const struct field *field,
                                    const struct value *value)
{
    struct field fields[] = {
        {"key", field->key_origin, value_string(compilation->arena, field->key, field->key_origin)},
        {"value", field->key_origin, value}};
    return value_record(compilation->arena, fields, 2, field->key_origin);
}

static const struct value *merge_block(struct compilation *compilation, const struct backend *backend,
                                       const struct value *block, const struct value *extra);

static const struct value *merge_item(struct compilation *compilation, const struct backend *backend,
                                      const struct value *item, const struct value *extra, bool *used)
{
    const char *key = value_string_or(value_get(item, "key"), NULL);
    const char *name = key ? key : is_block(item) ? value_string_or(value_get(item, "type"), NULL) : NULL;
    for (size_t i = 0; name && i < extra->field_count; i++) {
        const struct field *field = &extra->fields[i];
        if (strcmp(field->key, name))
            continue;
        used[i] = true;
        if (key)
            return argument(compilation, field,
                            extras_merged(compilation, backend, value_get(item, "value"), field->value));
        if (field->value->kind == VALUE_RECORD)
            return merge_block(compilation, backend, item, field->value);
    }
    return item;
}

static const struct value *merge_block(struct compilation *compilation, const struct backend *backend,
                                       const struct value *block, const struct value *extra)
{
    const struct value *body = value_get(block, "body");
    bool *used = arena_array(compilation->arena, extra->field_count + 1, sizeof *used);
    struct list_builder items = list_begin(compilation->arena);
    for (size_t i = 0; i < body->count; i++)
        list_add(&items, merge_item(compilation, backend, body->items[i], extra, used));
    for (size_t i = 0; i < extra->field_count; i++)
        if (!used[i])
            list_add(&items, argument(compilation, &extra->fields[i],
                                      extras_merged(compilation, backend, NULL, extra->fields[i].value)));
    struct record_builder record = record_begin(compilation->arena);
    for (size_t i = 0; i < block->field_count; i++) {
        const struct field *field = &block->fields[i];
        record_set_at(&record, field->key, field->key_origin,
                      strcmp(field->key, "body") ? field->value : list_end(&items, body->origin));
    }
    const struct value *result = record_end(&record, block->origin);
    return block->marks ? value_with_marks(compilation->arena, result, block->marks) : result;
}

/* The document with one value inside it replaced; the document itself where it does not hold it. */
static const struct value *replace(struct compilation *compilation, const struct value *document,
                                   const struct value *old, const struct value *new)
{
    if (document == old)
        return new;
    const struct value *result = document;
    if (document->kind == VALUE_LIST) {
        struct list_builder list = list_begin(compilation->arena);
        for (size_t i = 0; i < document->count; i++) {
            const struct value *item = replace(compilation, document->items[i], old, new);
            if (item != document->items[i])
                result = NULL;
            list_add(&list, item);
        }
        result = result ? document : list_end(&list, document->origin);
    } else if (document->kind == VALUE_RECORD) {
        struct record_builder record = record_begin(compilation->arena);
        for (size_t i = 0; i < document->field_count; i++) {
            const struct field *field = &document->fields[i];
            const struct value *value = replace(compilation, field->value, old, new);
            if (value != field->value)
                result = NULL;
            record_set_at(&record, field->key, field->key_origin, value);
        }
        result = result ? document : record_end(&record, document->origin);
    }
    return result != document && document->marks
               ? value_with_marks(compilation->arena, result, document->marks)
               : result;
}

/* A part with the file and document that hold it. */
struct place {
    struct part *part;
    struct generated *file;
    size_t document;
};

static struct node *environment_of(struct node *node)
{
    if (!node)
        return NULL;
    if (node->environment)
        return node->environment;
    return node->kind && !strcmp(node->kind->name, "environment") ? node : NULL;
}

/* A part is the node's if it was made for it, or for something inside it, in its environment. */
static bool is_of(const struct place *place, struct node *node)
{
    struct node *environment = environment_of(node), *other = environment_of(place->file->node);
    if (environment && other && environment != other)
        return false;
    for (struct node *owner = place->part->node; owner; owner = owner->parent)
        if (owner == node || owner == node->base)
            return true;
    return !place->part->node && !node->parent && node->kind &&
           (!strcmp(node->kind->name, "project") || !strncmp(node->kind->name, "target.", 7));
}

static struct vec places_of(struct compilation *compilation, const struct backend *backend,
                            const struct vec *files, const struct map *index)
{
    struct vec places = vec_in(compilation->arena);
    for (size_t i = 0; i < files->count; i++) {
        struct generated *file = files->items[i];
        for (size_t k = 0; k < file->documents.count; k++) {
            struct vec parts = vec_in(compilation->arena);
            backend->parts(compilation, file, file->documents.items[k], &parts);
            for (size_t p = 0; p < parts.count; p++) {
                struct place *place = arena_alloc(compilation->arena, sizeof *place);
                *place = (struct place){parts.items[p], file, k};
                place->part->node = origin_node(compilation, index, place->part->value->origin);
                vec_push(&places, place);
            }
        }
    }
    return places;
}

/* "Deployment", or "Deployment/iris-api" where a node has several. */
static bool names_part(const char *key, const struct part *part)
{
    size_t length = strlen(part->kind);
    if (strncmp(key, part->kind, length))
        return false;
    return !key[length] || (key[length] == '/' && !strcmp(key + length + 1, part->name));
}

static void refuse_unmatched(struct compilation *compilation, const struct extra *extra,
                             const struct field *field, const struct vec *places)
{
    struct map *kinds = map_new(compilation->arena);
    struct buf list = {0};
    for (size_t i = 0; i < places->count; i++) {
        const struct place *place = places->items[i];
        if (!is_of(place, extra->node) || map_has(kinds, place->part->kind))
            continue;
        map_set(kinds, place->part->kind, NULL);
        buf_printf(&list, "%s%s", list.length ? ", " : "", place->part->kind);
    }
    struct diag *diag = report_at(
        compilation, DIAG_BUILD_EXTRA_UNMATCHED, field->key_origin ? field->key_origin : extra->origin,
        "`extra %s`: nothing of kind `%s` is made for `%s`", extra->target, field->key, extra->node->id);
    if (list.length)
        diag_help(diag, "made for it: %s", buf_str(&list));
    else
        diag_help(diag, "nothing is made for it by this target");
    buf_free(&list);
}

static void refuse_ambiguous(struct compilation *compilation, const struct extra *extra,
                             const struct field *field, const struct place *first, const struct place *second)
{
    struct diag *diag = report_at(
        compilation, DIAG_BUILD_EXTRA_AMBIGUOUS, field->key_origin ? field->key_origin : extra->origin,
        "`extra %s`: several of kind `%s` are made for `%s`", extra->target, field->key, extra->node->id);
    diag_help(diag, "name one: \"%s/%s\" or \"%s/%s\"", first->part->kind, first->part->name,
              second->part->kind, second->part->name);
}

/* Replaces the part in its document, and in the places that stand for the same value. */
static void change(struct compilation *compilation, const struct backend *backend, struct place *place,
                   const struct value *body)
{
    const struct value *old = place->part->value;
    const struct value *merged = is_block(old) ? merge_block(compilation, backend, old, body)
                                               : extras_merged(compilation, backend, old, body);
    void **document = &place->file->documents.items[place->document];
    *document = (void *)replace(compilation, *document, old, merged);
    place->part->value = merged;
}

/* One field of an extra, over all nodes that carry it: the base's extras stand on each of its instances, and
 * it is enough that one of them matches. */
struct use {
    const struct extra *extra;
    const struct field *field;
    bool matched;
};

static struct use *use_of(struct compilation *compilation, struct map *uses, const struct extra *extra,
                          const struct field *field)
{
    struct span span = origin_span(compilation->origins, extra->origin);
    const char *key = arena_printf(compilation->arena, "%u:%u %s", span.source, span.start, field->key);
    struct use *use = map_get(uses, key);
    if (!use) {
        use = arena_alloc(compilation->arena, sizeof *use);
        *use = (struct use){extra, field, false};
        map_set(uses, key, use);
    }
    return use;
}

/* False after reporting that it is ambiguous. */
static bool apply(struct compilation *compilation, const struct backend *backend, struct use *use,
                  const struct extra *extra, const struct field *field, const struct vec *places)
{
    struct place *found = NULL;
    for (size_t i = 0; i < places->count; i++) {
        struct place *place = places->items[i];
        if (!names_part(field->key, place->part) || !is_of(place, extra->node))
            continue;
        if (found) {
            refuse_ambiguous(compilation, extra, field, found, place);
            return false;
        }
        found = place;
    }
    if (!found || field->value->kind != VALUE_RECORD)
        return true;
    use->matched = true;
    change(compilation, backend, found, field->value);
    return true;
}

static bool merge_extra(struct compilation *compilation, const struct backend *backend, struct map *uses,
                        const struct extra *extra, struct vec *files, const struct map *index)
{
    bool sound = true;
    for (size_t k = 0; k < extra->body->field_count; k++) {
        const struct field *field = &extra->body->fields[k];
        struct use *use = use_of(compilation, uses, extra, field);
        struct vec places = places_of(compilation, backend, files, index);
        sound = apply(compilation, backend, use, extra, field, &places) && sound;
    }
    return sound;
}

bool extras_merge(struct compilation *compilation, const struct backend *backend, struct vec *files)
{
    struct vec extras = collect(compilation);
    struct map *uses = map_new(compilation->arena), *index = NULL;
    bool sound = true;
    for (size_t i = 0; i < extras.count; i++) {
        const struct extra *extra = extras.items[i];
        if (strcmp(extra->target, backend->name))
            continue;
        if (!backend->parts) {
            report_at(compilation, DIAG_BUILD_EXTRA_TARGET, extra->origin, "the target `%s` takes no `extra`",
                      backend->name);
            return false;
        }
        if (!index)
            index = origin_index(compilation);
        sound = merge_extra(compilation, backend, uses, extra, files, index) && sound;
    }
    for (size_t i = 0; sound && i < map_count(uses); i++) {
        const struct use *use = map_at(uses, i)->value;
        if (use->matched)
            continue;
        struct vec places = places_of(compilation, backend, files, index);
        refuse_unmatched(compilation, use->extra, use->field, &places);
        sound = false;
    }
    return sound;
}
