/* Asking the server which kinds it has: two requests that are empty when nothing changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "runtime/cluster/discovery_private.h"
#include "runtime/cluster/failure.h"

static const char *const aggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
    "application/json";
static const size_t cache_limit = (size_t)64 << 20;

/* One of the two roots, or one group of a server without aggregated discovery. */
struct part {
    struct discovery *discovery;
    const char *path;
    const char *file;  /* its place in the cache; NULL: none */
    struct buf cached; /* the ETag, a line end, the body */
    char etag[160];
    struct buf body;
    int status;
    enum http_outcome outcome;
    char why[256];
};

static const char *cache_file(struct discovery *discovery, const char *path)
{
    if (discovery->cache_folder == NULL)
        return NULL;
    const struct kubeconfig *config = client_config(discovery->client);
    char *key = arena_printf(discovery->arena, "%s %s %s", config->server,
                             config->tls_server_name != NULL ? config->tls_server_name : "", path);
    char hex[HASH_HEX_SIZE];
    hash_hex(key, strlen(key), hex);
    return arena_printf(discovery->arena, "%s/%.32s.json", discovery->cache_folder, hex);
}

static void read_cache(struct part *part)
{
    part->etag[0] = 0;
    if (part->file == NULL || file_read(part->file, cache_limit, &part->cached) < 0)
        return;
    const char *newline =
        part->cached.length > 0 ? memchr(part->cached.data, '\n', part->cached.length) : NULL;
    size_t length = newline != NULL ? (size_t)(newline - part->cached.data) : 0;
    if (length == 0 || length >= sizeof part->etag)
        return;
    memcpy(part->etag, part->cached.data, length);
    part->etag[length] = 0;
}

static void write_cache(const struct part *part, const char *etag, const struct buf *body)
{
    if (part->file == NULL || *etag == 0)
        return;
    struct buf out = {0};
    buf_printf(&out, "%s\n", etag);
    buf_add(&out, body->data, body->length);
    (void)file_write_atomic(part->file, out.data, out.length, 0600); /* a cache that cannot be kept is none */
    buf_free(&out);
}

static void on_part(struct call *call, void *context)
{
    struct part *part = context;
    part->status = call->status;
    part->outcome = call->outcome;
    snprintf(part->why, sizeof part->why, "%s", call->why);
    if (call->status == 304 && part->etag[0] != 0) {
        size_t skip = strlen(part->etag) + 1;
        buf_add(&part->body, part->cached.data + skip, part->cached.length - skip);
    } else {
        if (call->status == 200)
            write_cache(part, call->etag, &call->response);
        part->body = call->response;
        call->response = (struct buf){0};
    }
}

static void ask(struct part *part)
{
    read_cache(part);
    struct call *call = client_call("GET", on_part, part, "%s", part->path);
    call->accept = aggregated;
    if (part->etag[0] != 0)
        call->if_none_match = part->etag;
    client_send(part->discovery->client, call);
}

static void add_legacy(struct discovery *discovery, const char *group, const char *version,
                       const struct value *root)
{
    const struct value *list = value_get(root, "resources");
    for (size_t i = 0; list != NULL && list->kind == VALUE_LIST && i < list->count; i++) {
        const struct value *entry = list->items[i], *namespaced = value_get(entry, "namespaced");
        const char *plural = value_string_or(value_get(entry, "name"), "");
        const char *kind = value_string_or(value_get(entry, "kind"), "");
        if (*plural == 0 || *kind == 0 || strpbrk(plural, "/?#% ") != NULL)
            continue; /* a subresource */
        struct resource *resource = arena_alloc(discovery->arena, sizeof *resource);
        resource->group = arena_strdup(discovery->arena, group);
        resource->version = arena_strdup(discovery->arena, version);
        resource->kind = arena_strdup(discovery->arena, kind);
        resource->plural = arena_strdup(discovery->arena, plural);
        resource->namespaced = namespaced != NULL && namespaced->kind == VALUE_BOOL && namespaced->boolean;
        discovery_set_verbs(resource, value_get(entry, "verbs"));
        discovery_add(discovery, resource, value_get(entry, "shortNames"));
    }
}

struct legacy_part {
    struct discovery *discovery;
    char group[256], version[128];
};

static void on_legacy(struct call *call, void *context)
{
    struct legacy_part *part = context;
    if (call->status == 200) {
        struct arena *scratch = arena_new();
        const struct value *root =
            json_read_text(scratch, buf_str(&call->response), call->response.length, NULL);
        add_legacy(part->discovery, part->group, part->version, root);
        arena_free(scratch);
    } else if (call->status != 404) { /* a group whose server is down; the others count */
        map_set(part->discovery->unsure, part->group, part->discovery);
    }
    free(part);
}

static void ask_legacy(struct discovery *discovery, const char *group, const char *version)
{
    if (*version == 0 || strlen(group) > 250 || strlen(version) > 120 || strpbrk(group, "/?#% ") != NULL ||
        strpbrk(version, "/?#% ") != NULL)
        return;
    struct legacy_part *part = mem_calloc(1, sizeof *part);
    part->discovery = discovery;
    snprintf(part->group, sizeof part->group, "%s", group);
    snprintf(part->version, sizeof part->version, "%s", version);
    const char *format = *group == 0 ? "/api" : "/apis/";
    client_send(discovery->client, client_call("GET", on_legacy, part, "%s%s/%s", format, group, version));
}

/* The answer of a server that knows no aggregated discovery: names of versions, each to be asked. */
static bool read_legacy(struct discovery *discovery, const struct value *root)
{
    const char *kind = value_string_or(value_get(root, "kind"), "");
    const struct value *versions = value_get(root, "versions"), *groups = value_get(root, "groups");
    if (strcmp(kind, "APIVersions") == 0 && versions != NULL && versions->kind == VALUE_LIST) {
        for (size_t i = 0; i < versions->count; i++)
            ask_legacy(discovery, "", value_string_or(versions->items[i], ""));
        return true;
    }
    if (strcmp(kind, "APIGroupList") != 0 || groups == NULL || groups->kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < groups->count; i++) {
        const char *name = value_string_or(value_get(groups->items[i], "name"), "");
        const struct value *list = value_get(groups->items[i], "versions");
        for (size_t j = 0; list != NULL && list->kind == VALUE_LIST && j < list->count; j++)
            ask_legacy(discovery, name, value_string_or(value_get(list->items[j], "version"), ""));
    }
    return true;
}

static bool read_part(struct part *part, const struct reporter *reporter)
{
    struct discovery *discovery = part->discovery;
    if (part->status != 200 && part->status != 304) {
        struct answer answer = {part->outcome, part->status, part->why, buf_str(&part->body),
                                part->body.length};
        failure_report(reporter, discovery->client, 0, "discovery of the kinds that the server has", &answer);
        return false;
    }
    const char *why = NULL;
    if (discovery_read_aggregated(discovery, buf_str(&part->body), part->body.length, &why))
        return true;
    struct arena *scratch = arena_new();
    const struct value *root = json_read_text(scratch, buf_str(&part->body), part->body.length, NULL);
    bool ok = root != NULL && read_legacy(discovery, root);
    arena_free(scratch);
    if (!ok && part->body.length > 0 && part->body.data[0] == '<') {
        struct answer answer = {HTTP_DONE, part->status, "", part->body.data, part->body.length};
        failure_report(reporter, discovery->client, 0, "discovery of the kinds that the server has", &answer);
    } else if (!ok)
        cluster_report(reporter, DIAG_CLUSTER_ANSWER, 0,
                       "%s%s answers something that is no list of kinds: %s (%.80s)",
                       client_config(discovery->client)->server, part->path, why != NULL ? why : "",
                       buf_str(&part->body));
    return ok;
}

bool discovery_load(struct discovery *discovery, const struct reporter *reporter)
{
    struct part parts[2] = {{.discovery = discovery, .path = "/api"},
                            {.discovery = discovery, .path = "/apis"}};
    bool ok = true;
    discovery_clear(discovery);
    for (int i = 0; i < 2; i++) {
        parts[i].file = cache_file(discovery, parts[i].path);
        ask(&parts[i]);
    }
    client_run(discovery->client, 0);
    for (int i = 0; i < 2; i++) {
        ok = ok && read_part(&parts[i], reporter);
        buf_free(&parts[i].body);
        buf_free(&parts[i].cached);
    }
    client_run(discovery->client, 0); /* groups of an old server */
    return ok;
}
