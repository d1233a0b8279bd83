/* Sets of documents: what is an object, which resource it is of, where it lives. */
#include "runtime/cluster/objects.h"
#include <stdlib.h>
#include <string.h>
#include "core/buf.h"
#include "core/text.h"

enum { OBJECTS_MAX = 1000000, LIST_DEPTH = 4 };

struct object_set *object_set_new(struct arena *arena)
{
    struct object_set *set = arena_alloc(arena, sizeof *set);
    set->arena = arena;
    set->objects = vec_in(arena);
    set->by_id = map_new(arena);
    return set;
}

const struct value *object_written(const struct object *object)
{
    return object->written != NULL ? object->written : object->document;
}

const char *document_annotation(const struct value *document, const char *key)
{
    return value_string_or(value_get(value_path(document, "metadata", "annotations", NULL), key), NULL);
}

const char *document_label(const struct value *document, const char *key)
{
    return value_string_or(value_get(value_path(document, "metadata", "labels", NULL), key), NULL);
}

const char *object_id(struct arena *arena, const char *group, const char *kind, const char *namespace,
                      const char *name)
{
    return arena_printf(arena, "%s%s%s %s%s%s", kind, *group != 0 ? "." : "", group,
                        namespace != NULL ? namespace : "", namespace != NULL ? "/" : "", name);
}

const char *object_label(struct arena *arena, const struct object *object)
{
    struct buf out = {0};
    for (const char *c = object->kind; *c != 0; c++)
        buf_add_char(&out, *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c);
    buf_printf(&out, "%s%s/%s", *object->group != 0 ? "." : "", object->group, object->name);
    const char *kept = arena_strdup(arena, buf_str(&out));
    buf_free(&out);
    return kept;
}

static bool is_list(const struct value *document)
{
    const char *kind = value_string_or(value_get(document, "kind"), "");
    size_t length = strlen(kind);
    const struct value *items = value_get(document, "items");
    return length >= 4 && strcmp(kind + length - 4, "List") == 0 && items != NULL &&
           items->kind == VALUE_LIST;
}

static int read_wave(const struct value *document)
{
    const char *text = document_annotation(document, "mlc.dev/wave");
    if (text == NULL)
        text = document_annotation(document, "argocd.argoproj.io/sync-wave");
    long wave = text != NULL ? strtol(text, NULL, 10) : 0;
    return wave < -100000 ? -100000 : wave > 100000 ? 100000 : (int)wave;
}

/* A wave that is no number would be applied with those of wave 0. */
static bool check_wave(const struct reporter *reporter, const struct value *document)
{
    const char *text = document_annotation(document, "mlc.dev/wave");
    int64_t wave;
    if (text == NULL || text_to_int(text, strlen(text), &wave))
        return true;
    const struct value *name = value_path(document, "metadata", "name", NULL);
    diag_help(cluster_report(reporter, DIAG_CLUSTER_MANIFEST, name->origin,
                             "%s %s: the annotation mlc.dev/wave is \"%s\", which is no whole number",
                             value_string_or(value_get(document, "kind"), ""), value_string_or(name, ""),
                             text),
              "write it as text: mlc.dev/wave: \"1\"");
    return false;
}

static bool report_no_object(const struct reporter *reporter, const struct value *document,
                             const char *missing)
{
    const char *kind = value_string_or(value_get(document, "kind"), NULL);
    const char *name = value_string_or(value_path(document, "metadata", "name", NULL), NULL);
    diag_help(cluster_report(reporter, DIAG_CLUSTER_MANIFEST, document->origin,
                             "this document%s%s%s%s has no %s", kind != NULL ? " of kind " : "",
                             kind != NULL ? kind : "", name != NULL ? ", named " : "",
                             name != NULL ? name : "", missing),
              "a manifest has apiVersion, kind and metadata.name; -f can name files one by one, to leave out "
              "others");
    return false;
}

static bool add_one(struct object_set *set, const struct value *document, const struct reporter *reporter)
{
    const struct value *metadata = value_get(document, "metadata"), *name = value_get(metadata, "name");
    const char *version = value_string_or(value_get(document, "apiVersion"), NULL);
    const char *kind = value_string_or(value_get(document, "kind"), NULL);
    if (document->kind != VALUE_RECORD) {
        cluster_report(reporter, DIAG_CLUSTER_MANIFEST, document->origin, "expected an object, found %s",
                       value_kind_name(document));
        return false;
    }
    if (version == NULL || *version == 0 || kind == NULL || *kind == 0)
        return report_no_object(reporter, document, version == NULL ? "apiVersion" : "kind");
    if (name == NULL && value_get(metadata, "generateName") != NULL) {
        diag_help(cluster_report(reporter, DIAG_CLUSTER_MANIFEST, value_get(metadata, "generateName")->origin,
                                 "%s has generateName: what has no fixed name cannot be applied twice", kind),
                  "give it metadata.name");
        return false;
    }
    if (value_string_or(name, "")[0] == 0)
        return report_no_object(reporter, document, "metadata.name");
    if (!check_wave(reporter, document))
        return false;
    if (set->objects.count >= OBJECTS_MAX) {
        cluster_report(reporter, DIAG_CLUSTER_MANIFEST, 0, "more than %d objects", OBJECTS_MAX);
        return false;
    }
    const char *slash = strchr(version, '/');
    struct object *object = arena_alloc(set->arena, sizeof *object);
    object->document = document;
    object->group = slash != NULL ? arena_copy(set->arena, version, (size_t)(slash - version)) : "";
    object->version = slash != NULL ? slash + 1 : version;
    object->kind = kind;
    object->name = value_string_or(name, "");
    object->namespace = value_string_or(value_get(metadata, "namespace"), NULL);
    object->origin = name->origin != 0 ? name->origin : document->origin;
    object->index = set->objects.count;
    object->wave = read_wave(document);
    vec_push(&set->objects, object);
    return true;
}

static bool add_depth(struct object_set *set, const struct value *document, const struct reporter *reporter,
                      int depth)
{
    if (!is_list(document))
        return add_one(set, document, reporter);
    if (depth == LIST_DEPTH) {
        cluster_report(reporter, DIAG_CLUSTER_MANIFEST, document->origin,
                       "Lists within Lists, more than %d deep", LIST_DEPTH);
        return false;
    }
    const struct value *items = value_get(document, "items");
    bool ok = true;
    for (size_t i = 0; i < items->count; i++)
        ok = add_depth(set, items->items[i], reporter, depth + 1) && ok;
    return ok;
}

bool object_set_add(struct object_set *set, const struct value *document, const struct reporter *reporter)
{
    return add_depth(set, document, reporter, 0);
}

static bool report_unknown(const struct object *object, const struct discovery *discovery,
                           const struct reporter *reporter)
{
    struct arena *arena = arena_new();
    const char *served = discovery_versions_of(arena, discovery, object->kind);
    const char *nearest = discovery_nearest_kind(discovery, object->kind);
    const struct value *where = value_get(object->document, "apiVersion");
    struct diag *diag =
        cluster_report(reporter, DIAG_CLUSTER_KIND, where != NULL ? where->origin : object->origin,
                       "the cluster has no kind %s of %s%s%s", object->kind, object->group,
                       *object->group != 0 ? "/" : "", object->version);
    if (*served != 0)
        diag_help(diag, "%s is served by: %s", object->kind, served);
    else if (nearest != NULL)
        diag_help(diag, "did you mean %s?", nearest);
    else
        diag_help(diag, "install what brings the kind, or add its CustomResourceDefinition to the documents");
    arena_free(arena);
    return false;
}

static bool report_duplicate(const struct object *object, const struct object *first,
                             const struct reporter *reporter)
{
    struct diag *diag = cluster_report(reporter, DIAG_CLUSTER_DUPLICATE, object->origin,
                                       "%s %s is described twice", object->kind, object->name);
    if (first->origin != 0 && reporter->origins != NULL)
        diag_secondary(diag, origin_user_span(reporter->origins, reporter->sources, first->origin),
                       "first here");
    return false;
}

static bool resolve_one(struct object_set *set, struct object *object, const struct discovery *discovery,
                        const char *fallback, const struct reporter *reporter)
{
    object->resource = discovery_find(discovery, object->group, object->version, object->kind);
    if (object->resource == NULL)
        return report_unknown(object, discovery, reporter);
    if (!object->resource->namespaced)
        object->namespace = NULL;
    else if (object->namespace == NULL)
        object->namespace = fallback;
    if (!object->resource->can_patch) {
        cluster_report(reporter, DIAG_CLUSTER_KIND, object->origin,
                       "objects of kind %s cannot be applied: the server "
                       "does not offer \"patch\" for them",
                       object->kind);
        return false;
    }
    const char *id = object_id(set->arena, object->group, object->kind, object->namespace, object->name);
    const struct object *first = map_get(set->by_id, id);
    if (first != NULL && first != object)
        return report_duplicate(object, first, reporter);
    map_set(set->by_id, id, object);
    return true;
}

bool objects_resolve(struct object_set *set, struct discovery *discovery, const char *fallback,
                     const struct reporter *reporter)
{
    bool ok = true;
    for (size_t i = 0; i < set->objects.count; i++) {
        const struct object *object = set->objects.items[i];
        if (strcmp(object->kind, "CustomResourceDefinition") == 0)
            discovery_add_definition(discovery, object->document);
    }
    for (size_t i = 0; i < set->objects.count; i++)
        ok = resolve_one(set, set->objects.items[i], discovery, fallback, reporter) && ok;
    return ok;
}
