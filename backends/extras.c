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

/* A document of a file, and its parts. */
struct sheet {
    struct generated *file;
    size_t document;
    struct vec parts; /* struct part * */
};

/* The sheets of all files, by the nodes that their parts were made for. */
struct merging {
    struct compilation *compilation;
    const struct backend *backend;
    struct map *nodes;   /* from origin_index */
    struct map *by_node; /* id, "" for none -> struct vec of struct sheet * */
    struct map *uses;
    const struct value *names; /* of fields; NULL: none are known, or nobody has asked */
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
static bool is_of(const struct sheet *sheet, const struct part *part, struct node *node)
{
    struct node *environment = environment_of(node), *other = environment_of(sheet->file->node);
    if (environment && other && environment != other)
        return false;
    for (struct node *owner = part->node; owner; owner = owner->parent)
        if (owner == node || owner == node->base)
            return true;
    return !part->node && !node->parent && node->kind &&
           (!strcmp(node->kind->name, "project") || !strncmp(node->kind->name, "target.", 7));
}

/* Finds the parts of a document; again after it was changed. */
static void read_parts(struct merging *merging, struct sheet *sheet)
{
    sheet->parts = vec_in(merging->compilation->arena);
    merging->backend->parts(merging->compilation, sheet->file, sheet->file->documents.items[sheet->document],
                            &sheet->parts);
    for (size_t i = 0; i < sheet->parts.count; i++) {
        struct part *part = sheet->parts.items[i];
        part->node = origin_node(merging->compilation, merging->nodes, part->value->origin);
    }
}

static void file_under(struct merging *merging, const char *id, struct sheet *sheet)
{
    struct vec *sheets = map_get(merging->by_node, id);
    if (!sheets) {
        sheets = arena_alloc(merging->compilation->arena, sizeof *sheets);
        *sheets = vec_in(merging->compilation->arena);
        map_set(merging->by_node, id, sheets);
    }
    if (vec_last(sheets) != sheet)
        vec_push(sheets, sheet);
}

static void read_sheet(struct merging *merging, struct generated *file, size_t document)
{
    struct sheet *sheet = arena_alloc(merging->compilation->arena, sizeof *sheet);
    *sheet = (struct sheet){.file = file, .document = document};
    read_parts(merging, sheet);
    for (size_t i = 0; i < sheet->parts.count; i++) {
        const struct part *part = sheet->parts.items[i];
        if (!part->node)
            file_under(merging, "", sheet);
        for (const struct node *owner = part->node; owner; owner = owner->parent)
            file_under(merging, owner->id, sheet);
    }
}

/* The next sheet that may hold parts of a node: those filed under it, under its base, and under nobody. */
struct search {
    const struct vec *lists[3];
    size_t list, at;
};

static struct search search_for(const struct merging *merging, const struct node *node)
{
    struct search search = {
        {map_get(merging->by_node, node->id),
         node->base && node->base != node ? map_get(merging->by_node, node->base->id) : NULL,
         node->parent ? NULL : map_get(merging->by_node, "")},
        0,
        0};
    return search;
}

static struct sheet *next_sheet(struct search *search)
{
    while (search->list < 3) {
        const struct vec *list = search->lists[search->list];
        if (list && search->at < list->count)
            return list->items[search->at++];
        search->list++;
        search->at = 0;
    }
    return NULL;
}

/* "Deployment", or "Deployment/iris-api" where a node has several. */
static bool names_part(const char *key, const struct part *part)
{
    size_t length = strlen(part->kind);
    if (strncmp(key, part->kind, length))
        return false;
    return !key[length] || (key[length] == '/' && !strcmp(key + length + 1, part->name));
}

/* One field of an extra, over all nodes that carry it: the base's extras stand on each of its instances, and
 * it is enough that one of them matches. */
struct use {
    const struct extra *extra;
    const struct field *field;
    bool matched;
};

static struct use *use_of(struct merging *merging, const struct extra *extra, const struct field *field)
{
    struct arena *arena = merging->compilation->arena;
    struct span span = origin_span(merging->compilation->origins, extra->origin);
    const char *key = arena_printf(arena, "%u:%u %s", span.source, span.start, field->key);
    struct use *use = map_get(merging->uses, key);
    if (!use) {
        use = arena_alloc(arena, sizeof *use);
        *use = (struct use){extra, field, false};
        map_set(merging->uses, key, use);
    }
    return use;
}

static origin place_of(const struct use *use)
{
    return use->field->key_origin ? use->field->key_origin : use->extra->origin;
}

static void refuse_unmatched(struct merging *merging, const struct use *use)
{
    struct compilation *compilation = merging->compilation;
    struct map *kinds = map_new(compilation->arena);
    struct buf list = {0};
    struct search search = search_for(merging, use->extra->node);
    for (struct sheet *sheet; (sheet = next_sheet(&search));)
        for (size_t i = 0; i < sheet->parts.count; i++) {
            const struct part *part = sheet->parts.items[i];
            if (!is_of(sheet, part, use->extra->node) || map_has(kinds, part->kind))
                continue;
            map_set(kinds, part->kind, NULL);
            buf_printf(&list, "%s%s", list.length ? ", " : "", part->kind);
        }
    struct diag *diag = report_at(compilation, DIAG_BUILD_EXTRA_UNMATCHED, place_of(use),
                                  "`extra %s`: nothing of kind `%s` is made for `%s`", use->extra->target,
                                  use->field->key, use->extra->node->id);
    if (list.length)
        diag_help(diag, "made for it: %s", buf_str(&list));
    else
        diag_help(diag, "nothing is made for it by this target");
    buf_free(&list);
}

static void refuse_ambiguous(struct merging *merging, const struct use *use, const struct part *first,
                             const struct part *second)
{
    struct diag *diag = report_at(merging->compilation, DIAG_BUILD_EXTRA_AMBIGUOUS, place_of(use),
                                  "`extra %s`: several of kind `%s` are made for `%s`", use->extra->target,
                                  use->field->key, use->extra->node->id);
    diag_help(diag, "name one: \"%s/%s\" or \"%s/%s\"", first->kind, first->name, second->kind, second->name);
}

static bool refuse_body(struct merging *merging, const struct use *use)
{
    struct diag *diag = report_at(merging->compilation, DIAG_BUILD_EXTRA_SHAPE, place_of(use),
                                  "`extra %s`: `%s` is a document, and the extra has a single value",
                                  use->extra->target, use->field->key);
    diag_help(diag, "write `%s { … }`", use->field->key);
    return false;
}

static void change(struct merging *merging, struct sheet *sheet, const struct part *part,
                   const struct value *body)
{
    struct compilation *compilation = merging->compilation;
    const struct value *merged = extras_is_block(part->value)
                                     ? extras_merged_block(compilation, merging->backend, part->value, body)
                                     : extras_merged(compilation, merging->backend, part->value, body);
    void **document = &sheet->file->documents.items[sheet->document];
    *document = (void *)replace(compilation, *document, part->value, merged);
    read_parts(merging, sheet);
}

/* False after reporting that it is ambiguous. */
static bool apply(struct merging *merging, struct use *use, struct node *node, const struct value *body)
{
    struct sheet *found = NULL;
    const struct part *found_part = NULL;
    struct search search = search_for(merging, node);
    for (struct sheet *sheet; (sheet = next_sheet(&search));)
        for (size_t i = 0; i < sheet->parts.count; i++) {
            const struct part *part = sheet->parts.items[i];
            if (part == found_part || !names_part(use->field->key, part) || !is_of(sheet, part, node))
                continue;
            if (found) {
                refuse_ambiguous(merging, use, found_part, part);
                return false;
            }
            found = sheet;
            found_part = part;
        }
    if (!found)
        return true;
    if (body->kind != VALUE_RECORD)
        return refuse_body(merging, use);
    use->matched = true;
    if (merging->backend->field_names && !merging->names)
        merging->names = merging->backend->field_names(merging->compilation);
    if (merging->names)
        extras_check_names(merging->compilation, merging->names, found_part, body);
    if (!extras_check(merging->compilation, merging->backend, found_part, body))
        return false;
    change(merging, found, found_part, body);
    return true;
}

static bool refuse_target(struct compilation *compilation, const struct backend *backend,
                          const struct extra *extra)
{
    report_at(compilation, DIAG_BUILD_EXTRA_TARGET, extra->origin, "the target `%s` takes no `extra`",
              backend->name);
    return false;
}

bool extras_merge(struct compilation *compilation, const struct backend *backend, struct vec *files)
{
    struct vec extras = collect(compilation);
    struct merging merging = {.compilation = compilation, .backend = backend};
    bool sound = true;
    for (size_t i = 0; i < extras.count; i++) {
        const struct extra *extra = extras.items[i];
        if (strcmp(extra->target, backend->name))
            continue;
        if (!backend->parts)
            return refuse_target(compilation, backend, extra);
        if (!merging.nodes) {
            merging.nodes = origin_index(compilation);
            merging.by_node = map_new(compilation->arena);
            merging.uses = map_new(compilation->arena);
            for (size_t f = 0; f < files->count; f++)
                for (size_t k = 0; k < ((struct generated *)files->items[f])->documents.count; k++)
                    read_sheet(&merging, files->items[f], k);
        }
        for (size_t k = 0; k < extra->body->field_count; k++) {
            const struct field *field = &extra->body->fields[k];
            sound = apply(&merging, use_of(&merging, extra, field), extra->node, field->value) && sound;
        }
    }
    for (size_t i = 0; sound && merging.uses && i < map_count(merging.uses); i++) {
        const struct use *use = map_at(merging.uses, i)->value;
        if (use->matched)
            continue;
        refuse_unmatched(&merging, use);
        sound = false;
    }
    return sound;
}
