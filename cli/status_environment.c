#include "cli/status_environment.h"
#include <string.h>
#include "compiler/graph.h"
#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/cluster/failure.h"
#include "runtime/cluster/rollback.h"
#include "runtime/cluster/running.h"

/* --- what runs, beside the lock */

/* The digest of "REPOSITORY@sha256:…" or "iris@sha256:…"; the text itself when it has none. */
static const char *digest_of(const char *text)
{
    const char *at = strrchr(text, '@');
    return at != NULL ? at + 1 : text;
}

static const char *locked_fact(const struct compilation *compilation, const struct node *node,
                               const char *fact)
{
    struct arena *arena = compilation->arena;
    const char *own =
        value_string_or(value_get(compilation->lock, arena_printf(arena, "%s.%s", node->id, fact)), NULL);
    if (own != NULL)
        return own;
    const char *base = arena_printf(arena, "%.*s.%s", (int)strcspn(node->id, "@"), node->id, fact);
    return value_string_or(value_get(compilation->lock, base), "");
}

/* The image that the spec itself names, else that of the lock. */
static const char *wanted_image(const struct compilation *compilation, struct node *service)
{
    const char *own = node_text(service, "image");
    return own != NULL ? own : locked_fact(compilation, service, "image");
}

static void add_group(struct arena *arena, struct status_service *service, const char *what,
                      const struct running *pods)
{
    struct status_group *group = NULL;
    for (size_t i = 0; i < service->groups.count && group == NULL; i++) {
        struct status_group *other = service->groups.items[i];
        group = strcmp(other->what, what) == 0 ? other : NULL;
    }
    if (group == NULL) {
        group = arena_alloc(arena, sizeof *group);
        *group = (struct status_group){.what = what};
        group->as_locked = strcmp(digest_of(what), digest_of(service->locked)) == 0;
        vec_push(&service->groups, group);
    }
    group->pods += pods->pods;
    group->ready += pods->ready;
}

static struct status_service *service_new(struct status_environment *out, const char *subject,
                                          const char *locked)
{
    struct arena *arena = out->session->arena;
    struct status_service *service = arena_alloc(arena, sizeof *service);
    *service = (struct status_service){.subject = subject, .locked = locked, .groups = vec_in(arena)};
    vec_push(&out->services, service);
    return service;
}

static void add_service(struct status_environment *out, struct node *node, const struct vec *running)
{
    const struct compilation *compilation = out->project->compilation;
    struct arena *arena = out->session->arena;
    struct node *model = node_ref(node, "model");
    const char *id = arena_printf(arena, "%.*s", (int)strcspn(node->id, "@"), node->id);
    struct status_service *image = service_new(out, id, wanted_image(compilation, node));
    struct status_service *serves = NULL;
    if (model != NULL)
        serves = service_new(out, arena_printf(arena, "%s in %s", model->id, node->name),
                             locked_fact(compilation, model, "champion"));
    for (size_t i = 0; i < running->count; i++) {
        const struct running *pods = running->items[i];
        if (strcmp(pods->service, node->name) != 0)
            continue;
        add_group(arena, image, pods->image, pods);
        if (serves != NULL && *pods->model != 0)
            add_group(arena, serves, digest_of(pods->model), pods);
    }
}

static void read_services(struct status_environment *out)
{
    const struct cluster_project *project = out->project;
    struct arena *arena = out->session->arena;
    struct vec nodes = vec_in(arena), running = vec_in(arena);
    struct reporter quiet = {diag_sink_new(arena, 0), NULL, out->session->sources};
    if (!running_read(arena, out->session->client, project->namespace, project->name, &running, &quiet))
        out->unread = diag_count(quiet.diags) > 0 ? diag_at(quiet.diags, 0)->message : "";
    graph_collection(project->compilation->graph, "service", project->node, &nodes);
    for (size_t i = 0; i < nodes.count; i++)
        add_service(out, nodes.items[i], &running);
}

/* --- the spec beside what was applied */

static bool same_document(const struct object *a, const struct object *b)
{
    struct buf left = {0}, right = {0};
    struct json_style style = {JSON_COMPACT, true};
    json_write(&left, object_written(a), style, NULL);
    json_write(&right, object_written(b), style, NULL);
    bool same = left.length == right.length && memcmp(buf_str(&left), buf_str(&right), left.length) == 0;
    buf_free(&left);
    buf_free(&right);
    return same;
}

static void compare(struct status_environment *out, const struct object_set *applied)
{
    const struct cluster_session *session = out->session;
    struct object_set *spec = object_set_new(session->arena);
    size_t same = 0;
    if (!cluster_project_add(out->project, spec, &session->reporter) ||
        !objects_resolve(spec, session->discovery, session->config->namespace, &session->reporter))
        return;
    for (size_t i = 0; i < spec->objects.count; i++) {
        const struct object *object = spec->objects.items[i];
        const struct object *before =
            map_get(applied->by_id,
                    object_id(session->arena, object->group, object->kind, object->namespace, object->name));
        out->added += before == NULL;
        same += before != NULL;
        out->changed += before != NULL && !same_document(object, before);
    }
    out->removed = applied->objects.count - same;
    out->compared = true;
}

void status_environment_read(struct status_environment *out, const struct cluster_project *project,
                             struct cluster_session *session, const struct vec *history,
                             const struct object_set *applied)
{
    *out = (struct status_environment){.project = project, .session = session, .history = history};
    out->services = vec_in(session->arena);
    read_services(out);
    if (applied != NULL)
        compare(out, applied);
}

bool status_environment_is_good(const struct status_environment *environment)
{
    for (size_t i = 0; i < environment->services.count; i++) {
        const struct status_service *service = environment->services.items[i];
        for (size_t j = 0; *service->locked != 0 && j < service->groups.count; j++)
            if (!((const struct status_group *)service->groups.items[j])->as_locked)
                return false;
    }
    return true;
}

/* --- as text */

static void add_safe(struct buf *out, const char *text)
{
    text_add_safe(out, text, strlen(text));
}

/* A digest as people compare it: its first twelve digits. */
static void add_version(struct buf *out, const char *text)
{
    const char *digest = digest_of(text);
    if (!text_starts_with(digest, "sha256:")) {
        add_safe(out, text);
        return;
    }
    digest += strlen("sha256:");
    text_add_safe(out, digest, strnlen(digest, 12));
}

static void print_group(struct buf *out, const struct status_service *service,
                        const struct status_group *group)
{
    add_version(out, group->what);
    if (*service->locked == 0)
        buf_add_str(out, " (the lock names none)");
    else if (group->as_locked)
        buf_add_str(out, " as locked");
    else
        buf_add_str(out, " NOT as locked");
    buf_printf(out, ", %zu of %zu pod%s ready", group->ready, group->pods, group->pods == 1 ? "" : "s");
}

static void print_service(struct buf *out, const struct status_service *service)
{
    bool locked_runs = *service->locked == 0;
    buf_add_str(out, "  ");
    add_safe(out, service->subject);
    buf_add_str(out, ": ");
    for (size_t i = 0; i < service->groups.count; i++) {
        const struct status_group *group = service->groups.items[i];
        buf_add_str(out, i > 0 ? "; " : "");
        print_group(out, service, group);
        locked_runs = locked_runs || group->as_locked;
    }
    if (service->groups.count == 0)
        buf_add_str(out, "no pods");
    if (!locked_runs) {
        buf_add_str(out, "; the lock says ");
        add_version(out, service->locked);
    }
    buf_add_char(out, '\n');
}

static void print_applied(struct buf *out, const struct status_environment *environment)
{
    const struct cluster_project *project = environment->project;
    if (environment->history->count > 0) {
        const struct rollback_set *last = environment->history->items[0];
        buf_add_str(out, "  last applied ");
        add_safe(out, last->time);
        buf_printf(out, ": revision %lld, %lld objects", (long long)last->revision, (long long)last->objects);
        if (*last->version != 0) {
            buf_add_str(out, ", ");
            add_safe(out, last->version);
        }
        buf_add_str(out, last->good ? ", ended ready\n" : ", not known to have ended ready\n");
    } else if (project->gitops != NULL) {
        buf_printf(out, "  applied by %s, compared with the spec here\n",
                   strcmp(project->gitops, "flux") == 0 ? "Flux" : "Argo CD");
    } else {
        buf_add_str(out, "  mlc keeps no set of it: it is compared with the spec here\n");
    }
    if (environment->added + environment->removed + environment->changed > 0)
        buf_printf(
            out,
            "  the spec here says otherwise: %zu to add, %zu to change, %zu to remove; see mlc plan %s\n",
            environment->added, environment->changed, environment->removed, project->environment);
}

void status_environment_print(struct buf *out, const struct status_environment *environment)
{
    const struct kubeconfig *config = environment->session->config;
    add_safe(out, environment->project->environment);
    buf_add_str(out, ": namespace ");
    add_safe(out, config->namespace);
    buf_add_str(out, " of context ");
    add_safe(out, config->context);
    buf_add_str(out, " (");
    add_safe(out, config->server);
    buf_add_str(out, ")\n");
    print_applied(out, environment);
    if (environment->unread != NULL) {
        buf_add_str(out, "  what runs is not known: ");
        add_safe(out, environment->unread);
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; environment->unread == NULL && i < environment->services.count; i++)
        print_service(out, environment->services.items[i]);
    buf_add_char(out, '\n');
}

/* --- for programs */

static void set_text(struct record_builder *record, struct arena *arena, const char *key, const char *text)
{
    if (text != NULL)
        record_set(record, key, value_string(arena, text, 0));
}

static void set_count(struct record_builder *record, struct arena *arena, const char *key, size_t count)
{
    record_set(record, key, value_int(arena, (int64_t)count, 0));
}

static const struct value *service_value(struct arena *arena, const struct status_service *service)
{
    struct record_builder out = record_begin(arena);
    struct list_builder groups = list_begin(arena);
    set_text(&out, arena, "subject", service->subject);
    set_text(&out, arena, "locked", service->locked);
    for (size_t i = 0; i < service->groups.count; i++) {
        const struct status_group *group = service->groups.items[i];
        struct record_builder one = record_begin(arena);
        set_text(&one, arena, "runs", group->what);
        record_set(&one, "asLocked", value_bool(arena, group->as_locked, 0));
        set_count(&one, arena, "pods", group->pods);
        set_count(&one, arena, "ready", group->ready);
        list_add(&groups, record_end(&one, 0));
    }
    record_set(&out, "groups", list_end(&groups, 0));
    return record_end(&out, 0);
}

const struct value *status_environment_value(struct arena *arena,
                                             const struct status_environment *environment)
{
    const struct cluster_project *project = environment->project;
    struct record_builder out = record_begin(arena);
    struct list_builder services = list_begin(arena);
    set_text(&out, arena, "name", project->environment);
    set_text(&out, arena, "namespace", environment->session->config->namespace);
    set_text(&out, arena, "context", environment->session->config->context);
    set_text(&out, arena, "server", environment->session->config->server);
    set_text(&out, arena, "gitops", project->gitops);
    set_text(&out, arena, "podsUnread", environment->unread);
    for (size_t i = 0; i < environment->services.count; i++)
        list_add(&services, service_value(arena, environment->services.items[i]));
    record_set(&out, "runs", list_end(&services, 0));
    if (environment->compared) {
        struct record_builder spec = record_begin(arena);
        set_count(&spec, arena, "added", environment->added);
        set_count(&spec, arena, "changed", environment->changed);
        set_count(&spec, arena, "removed", environment->removed);
        record_set(&out, "specSaysOtherwise", record_end(&spec, 0));
    }
    return record_end(&out, 0);
}
