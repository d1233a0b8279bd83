#include "runtime/cluster/server_apply.h"
#include <stdio.h>
#include <string.h>
#include "core/documents/json.h"
#include "runtime/cluster/refusal_words.h"

const char *object_title(struct arena *arena, const struct object *object)
{
    return object_id(arena, object->group, object->kind, object->namespace, object->name);
}

/* The document, with the version of the live object that it was made for. */
static const struct value *versioned(struct arena *arena, const struct server_apply *apply)
{
    const struct value *document = apply->object->document;
    if (apply->resource_version == NULL)
        return document;
    struct record_builder metadata = record_begin(arena), patch = record_begin(arena);
    record_set(&metadata, "resourceVersion", value_string(arena, apply->resource_version, 0));
    record_set(&patch, "metadata", record_end(&metadata, 0));
    return value_merge(arena, document, record_end(&patch, 0));
}

struct call *server_apply_call(const struct server_apply *apply, call_done done, void *context)
{
    struct buf path = {0};
    resource_path(&path, apply->object->resource, apply->object->namespace, apply->object->name);
    buf_add_str(&path, "?fieldManager=");
    client_encode(&path, apply->manager);
    buf_printf(&path, "&fieldValidation=Strict&force=%s%s", apply->force ? "true" : "false",
               apply->dry_run ? "&dryRun=All" : "");
    struct call *call = client_call("PATCH", done, context, "%s", buf_str(&path));
    call->content_type = "application/apply-patch+yaml";
    call->retry = CALL_RETRY_ALWAYS;
    struct arena *arena = arena_new();
    json_write(&call->body, versioned(arena, apply), (struct json_style){JSON_COMPACT, false}, NULL);
    arena_free(arena);
    buf_free(&path);
    return call;
}

struct call *object_get_call(const struct object *object, call_done done, void *context)
{
    struct buf path = {0};
    resource_path(&path, object->resource, object->namespace, object->name);
    struct call *call = client_call("GET", done, context, "%s", buf_str(&path));
    buf_free(&path);
    return call;
}

struct call *object_delete_call(const struct resource *resource, const char *namespace, const char *name,
                                const char *uid, const char *resource_version, const char *policy,
                                call_done done, void *context)
{
    struct buf path = {0};
    resource_path(&path, resource, namespace, name);
    struct call *call = client_call("DELETE", done, context, "%s", buf_str(&path));
    call->content_type = "application/json";
    call->retry = CALL_RETRY_ALWAYS; /* the precondition makes a second one harmless */
    buf_printf(&call->body, "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"propagationPolicy\":\"%s\",",
               policy);
    buf_add_str(&call->body, "\"preconditions\":{\"uid\":");
    json_write_string(&call->body, uid, strlen(uid));
    if (resource_version != NULL) {
        buf_add_str(&call->body, ",\"resourceVersion\":");
        json_write_string(&call->body, resource_version, strlen(resource_version));
    }
    buf_add_str(&call->body, "}}");
    buf_free(&path);
    return call;
}

/* `conflict with "kubectl" using apps/v1` */
static const char *manager_in(struct arena *arena, const char *message)
{
    const char *from = strchr(message, '"');
    const char *to = from != NULL ? strchr(from + 1, '"') : NULL;
    return to != NULL ? arena_copy(arena, from + 1, (size_t)(to - from - 1)) : "another manager";
}

static int by_field(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct plan_conflict *)a)->field, ((const struct plan_conflict *)b)->field);
}

static void read_conflicts(struct arena *arena, const struct status_body *status, struct vec *conflicts)
{
    for (size_t i = 0; i < status->causes.count; i++) {
        const struct status_cause *cause = status->causes.items[i];
        if (strcmp(cause->reason, "FieldManagerConflict") != 0)
            continue;
        struct plan_conflict *conflict = arena_alloc(arena, sizeof *conflict);
        const char *field = cause->field[0] == '.' ? cause->field + 1 : cause->field;
        *conflict = (struct plan_conflict){field, manager_in(arena, cause->message), cause->message};
        vec_push(conflicts, conflict);
    }
    vec_sort(conflicts, by_field, NULL);
}

/* The API has no machine-readable sign for it: validation says it in these words. */
static bool says_immutable(const char *text)
{
    static const char *const words[] = {"immutable",
                                        "may not change once set",
                                        "cannot change roleRef",
                                        "updates to statefulset spec",
                                        "updates to parameters are forbidden",
                                        "updates to provisioner are forbidden",
                                        "updates to reclaimPolicy are forbidden",
                                        "pod updates may not change fields",
                                        "field can not be modified"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(text, words[i]) != NULL)
            return true;
    return false;
}

static bool is_missing_namespace(const struct object *object, const char *message)
{
    char text[400];
    if (object->namespace == NULL)
        return false;
    snprintf(text, sizeof text, "namespaces \"%s\" not found", object->namespace);
    return strstr(message, text) != NULL;
}

struct refusal_detail refusal_read(struct arena *arena, const struct client *client,
                                   const struct object *object, const struct answer *answer)
{
    struct refusal_detail refusal = {REFUSAL_OTHER,
                                     refusal_words(arena, object, failure_text(arena, client, answer)),
                                     object->origin, vec_in(arena)};
    if (answer->outcome != HTTP_DONE || answer->status == 0)
        return refusal;
    struct status_body status = status_read(arena, answer);
    if (answer->status == 409)
        read_conflicts(arena, &status, &refusal.conflicts);
    refusal.where =
        refusal_place(object, refusal.conflicts.count > 0
                                  ? ((const struct plan_conflict *)refusal.conflicts.items[0])->field
                                  : refusal.text);
    if (refusal.conflicts.count > 0)
        refusal.kind = REFUSAL_CONFLICT;
    else if (answer->status == 404)
        refusal.kind = is_missing_namespace(object, status.message) ? REFUSAL_NO_NAMESPACE : REFUSAL_NO_KIND;
    else if ((answer->status == 403 || answer->status == 409) &&
             strstr(status.message, "being terminated") != NULL)
        refusal.kind = REFUSAL_TERMINATING;
    else if ((answer->status == 422 || answer->status == 403 || answer->status == 400) &&
             says_immutable(status.message))
        refusal.kind = REFUSAL_IMMUTABLE;
    return refusal;
}

static void report_conflict(const struct reporter *reporter, const struct refusal_detail *refusal,
                            const char *title)
{
    size_t count = refusal->conflicts.count;
    struct diag *diag =
        cluster_report(reporter, DIAG_CLUSTER_CONFLICT, refusal->where, "%s: %zu field%s managed by others",
                       title, count, count == 1 ? " is" : "s are");
    for (size_t i = 0; i < count && i < 4; i++) {
        const struct plan_conflict *conflict = refusal->conflicts.items[i];
        if (i == 3 && count > 4)
            diag_note(diag, "and %zu more fields", count - 3);
        else
            diag_note(diag, "%s is managed by \"%s\"", conflict->field, conflict->manager);
    }
    diag_help(
        diag,
        "remove the fields from the document (the other manager keeps them), set the same values, or take "
        "them over with --force-conflicts");
}

/* What the server said about the object is told in its masked form; about the connection, as it is. */
static void report_other(const struct reporter *reporter, const struct client *client,
                         const struct refusal_detail *refusal, const char *title, const struct answer *answer)
{
    if (answer->outcome != HTTP_DONE || answer->status == 0 || answer->status == 401) {
        failure_report(reporter, client, refusal->where, title, answer);
        return;
    }
    enum diag_code code = failure_code(answer);
    bool misfit = strstr(refusal->text, "field not declared in schema") != NULL ||
                  strstr(refusal->text, ": expected ") != NULL;
    cluster_report(reporter, misfit ? DIAG_CLUSTER_INVALID : code, refusal->where, "%s: %s", title,
                   refusal->text);
}

void refusal_report(const struct reporter *reporter, const struct client *client, const struct object *object,
                    const struct refusal_detail *refusal, const struct answer *answer)
{
    struct arena *arena = arena_new();
    const char *title = object_title(arena, object);
    switch (refusal->kind) {
    case REFUSAL_CONFLICT:
        report_conflict(reporter, refusal, title);
        break;
    case REFUSAL_IMMUTABLE:
        diag_help(
            cluster_report(reporter, DIAG_CLUSTER_IMMUTABLE, refusal->where, "%s: %s", title, refusal->text),
            "replace it (delete and create) with --replace, or with the annotation mlc.dev/replace: "
            "\"true\"");
        break;
    case REFUSAL_NO_NAMESPACE:
        diag_help(cluster_report(reporter, DIAG_CLUSTER_FAILED, object->origin,
                                 "%s: there is no namespace \"%s\"", title, object->namespace),
                  "add the Namespace to the documents, or create it: kubectl create namespace %s",
                  object->namespace);
        break;
    case REFUSAL_TERMINATING:
        diag_help(
            cluster_report(reporter, DIAG_CLUSTER_FAILED, object->origin, "%s: %s", title, refusal->text),
            "wait until the namespace is gone, then apply again");
        break;
    case REFUSAL_NO_KIND:
    case REFUSAL_OTHER:
        report_other(reporter, client, refusal, title, answer);
        break;
    }
    arena_free(arena);
}
