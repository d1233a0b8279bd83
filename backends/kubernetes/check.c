/* Identities and references between finished objects: every name that an object refers to is made by one. */

#include <string.h>
#include "backends/kubernetes/kubernetes.h"
#include "backends/report.h"
#include "core/text.h"

enum { REFERENCE_DEPTH = 100 };

/* A field that names another object of its namespace. `path` is the end of the field's path, without list
 * indices; `in`: the kind that has it, NULL any. */
struct reference_rule {
    const char *in;
    const char *path;
    const char *kind;
};

static const struct reference_rule rules[] = {
    {NULL, ".serviceAccountName", "ServiceAccount"},
    {NULL, ".configMap.name", "ConfigMap"},
    {NULL, ".configMapRef.name", "ConfigMap"},
    {NULL, ".configMapKeyRef.name", "ConfigMap"},
    {NULL, ".secret.secretName", "Secret"},
    {NULL, ".secretRef.name", "Secret"},
    {NULL, ".secretKeyRef.name", "Secret"},
    {NULL, ".persistentVolumeClaim.claimName", "PersistentVolumeClaim"},
    {"Rollout", ".templates.templateName", "AnalysisTemplate"},
    {"Rollout", ".stableService", "Service"},
    {"Rollout", ".canaryService", "Service"},
    {"Rollout", ".activeService", "Service"},
    {"Rollout", ".previewService", "Service"},
    {"Rollout", ".virtualService.name", "VirtualService"},
    {"Rollout", ".stableIngress", "Ingress"},
    {"VirtualService", ".destination.host", "Service"},
    {"Ingress", ".backend.service.name", "Service"},
    {"HTTPRoute", ".backendRefs.name", "Service"},
    {"StatefulSet", ".spec.serviceName", "Service"},
};

struct objects {
    struct compilation *compilation;
    struct map *by_identity; /* "kind namespace/name" -> object */
    const struct value *object;
    const char *kind;
    const char *namespace;
    int depth;
};

static char *identity(struct compilation *compilation, const char *kind, const char *namespace,
                      const char *name)
{
    return arena_printf(compilation->arena, "%s %s/%s", kind, namespace, name);
}

/* The group without its version: `apps/v1` and `apps/v1beta1` name the same object. */
static const char *group_of(struct compilation *compilation, const struct value *object)
{
    const char *version = value_string_or(value_get(object, "apiVersion"), "");
    const char *slash = strchr(version, '/');
    return slash ? arena_copy(compilation->arena, version, (size_t)(slash - version)) : "";
}

static void add_object(struct objects *objects, const struct value *object)
{
    struct compilation *compilation = objects->compilation;
    const char *kind = value_string_or(value_get(object, "kind"), NULL);
    const struct value *name = value_path(object, "metadata", "name", NULL);
    if (!kind || !name || name->kind != VALUE_STRING)
        return;
    const char *namespace = value_string_or(value_path(object, "metadata", "namespace", NULL), "");
    const char *full = arena_printf(compilation->arena, "%s|%s", group_of(compilation, object),
                                    identity(compilation, kind, namespace, name->text));
    const struct value *earlier = map_get(objects->by_identity, full);
    if (earlier) {
        struct diag *diag = report_at(compilation, DIAG_BUILD_TWO_OBJECTS, object->origin,
                                      "two objects are `%s`", kubernetes_title(compilation, object));
        report_other(compilation, diag, earlier->origin, "the other one is made for this");
        diag_help(diag, "rename one of the two");
    }
    map_set(objects->by_identity, full, (void *)object);
    map_set(objects->by_identity, identity(compilation, kind, namespace, name->text), (void *)object);
    const char *secret = NULL; /* objects of other controllers that make a Secret */
    if (!strcmp(kind, "ExternalSecret"))
        secret = value_string_or(value_path(object, "spec", "target", "name", NULL), name->text);
    else if (!strcmp(kind, "Certificate"))
        secret = value_string_or(value_path(object, "spec", "secretName", NULL), NULL);
    else if (!strcmp(kind, "SealedSecret"))
        secret = name->text;
    if (secret)
        map_set(objects->by_identity, identity(compilation, "Secret", namespace, secret), (void *)object);
}

static bool is_there(const struct objects *objects, const char *kind, const char *name)
{
    struct compilation *compilation = objects->compilation;
    if (!strcmp(kind, "ServiceAccount") && !strcmp(name, "default"))
        return true;
    if (!strcmp(kind, "Service") && strchr(name, '.'))
        return true; /* a host outside of the namespace */
    return map_has(objects->by_identity, identity(compilation, kind, objects->namespace, name)) ||
           map_has(objects->by_identity, identity(compilation, kind, "", name));
}

static void report_missing(struct objects *objects, const char *kind, const struct value *name)
{
    struct compilation *compilation = objects->compilation;
    struct diag *diag = report_at(compilation, DIAG_BUILD_REFERENCE, name->origin,
                                  "%s refers to the %s `%s`, which nothing makes",
                                  kubernetes_title(compilation, objects->object), kind, name->text);
    if (!strcmp(kind, "Secret"))
        diag_help(
            diag,
            "a secret of `env` or `github` cannot be read in a cluster: keep it where an operator finds it "
            "(`from = aws(…)`, `vault(…)`, `gcp(…)`, `azure(…)`)");
    report_other(compilation, diag, objects->object->origin, "the object is made for this");
}

static void check_field(struct objects *objects, const char *path, const struct value *value)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct reference_rule *rule = &rules[i];
        if ((rule->in && strcmp(rule->in, objects->kind)) || !text_ends_with(path, rule->path))
            continue;
        if (!is_there(objects, rule->kind, value->text))
            report_missing(objects, rule->kind, value);
        return;
    }
}

/* {kind, name} of a record that says itself what it refers to. */
static void check_typed(struct objects *objects, const char *path, const struct value *record)
{
    static const char *const paths[] = {".scaleTargetRef", ".workloadRef", ".roleRef", ".subjects",
                                        ".targetRef"};
    static const char *const known[] = {"Deployment", "Rollout",        "StatefulSet",
                                        "Role",       "ServiceAccount", "Service"};
    const struct value *kind = value_get(record, "kind"), *name = value_get(record, "name");
    const char *namespace = value_string_or(value_get(record, "namespace"), objects->namespace);
    if (!value_string_or(kind, NULL) || !value_string_or(name, NULL) || strcmp(namespace, objects->namespace))
        return;
    bool path_known = false, kind_known = false;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        path_known = path_known || text_ends_with(path, paths[i]);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        kind_known = kind_known || !strcmp(kind->text, known[i]);
    if (path_known && kind_known && !is_there(objects, kind->text, name->text))
        report_missing(objects, kind->text, name);
}

static void walk(struct objects *objects, struct buf *path, const struct value *value)
{
    if (++objects->depth < REFERENCE_DEPTH) {
        if (value->kind == VALUE_STRING) {
            check_field(objects, buf_str(path), value);
        } else if (value->kind == VALUE_LIST) {
            for (size_t i = 0; i < value->count; i++)
                walk(objects, path, value->items[i]);
        } else if (value->kind == VALUE_RECORD) {
            const struct value *optional = value_get(value, "optional");
            check_typed(objects, buf_str(path), value);
            for (size_t i = 0; i < value->field_count && !(optional && optional->boolean); i++) {
                size_t length = path->length;
                buf_printf(path, ".%s", value->fields[i].key);
                walk(objects, path, value->fields[i].value);
                path->length = length;
                path->data[length] = '\0';
            }
        }
    }
    objects->depth--;
}

static void check_references(struct objects *objects, const struct value *object)
{
    objects->object = object;
    objects->kind = value_string_or(value_get(object, "kind"), "");
    objects->namespace = value_string_or(value_path(object, "metadata", "namespace", NULL), "");
    struct buf path = {0};
    const struct value *spec = value_get(object, "spec");
    if (spec) {
        buf_add_str(&path, ".spec");
        walk(objects, &path, spec);
    }
    const struct value *role = value_get(object, "roleRef"), *subjects = value_get(object, "subjects");
    if (role) {
        buf_clear(&path);
        buf_add_str(&path, ".roleRef");
        walk(objects, &path, role);
    }
    if (subjects) {
        buf_clear(&path);
        buf_add_str(&path, ".subjects");
        walk(objects, &path, subjects);
    }
    buf_free(&path);
}

void kubernetes_check(struct compilation *compilation, const struct vec *files)
{
    struct objects objects = {.compilation = compilation, .by_identity = map_new(compilation->arena)};
    for (size_t i = 0; i < files->count; i++) {
        const struct generated *file = files->items[i];
        for (size_t k = 0; k < file->documents.count; k++) {
            add_object(&objects, file->documents.items[k]);
            kubernetes_check_names(compilation, file->documents.items[k]);
        }
    }
    for (size_t i = 0; i < files->count; i++) {
        const struct generated *file = files->items[i];
        for (size_t k = 0; k < file->documents.count; k++)
            check_references(&objects, file->documents.items[k]);
    }
}
