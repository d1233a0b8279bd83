/* Choosing one way to one server from what the kubeconfig files hold. */
#include "runtime/cluster/kubeconfig.h"
#include <string.h>
#include "core/file.h"
#include "core/text.h"
#include "runtime/cluster/kubeconfig_private.h"
#include "runtime/cluster/proxy.h"

static const char *names_of(struct arena *arena, const struct map *map)
{
    struct buf names = {0};
    for (size_t i = 0; i < map_count(map) && i < 20; i++)
        buf_printf(&names, "%s%s", i > 0 ? ", " : "", map_at(map, i)->key);
    if (map_count(map) > 20)
        buf_printf(&names, ", and %zu more", map_count(map) - 20);
    const char *kept = map_count(map) == 0 ? "none" : arena_strdup(arena, buf_str(&names));
    buf_free(&names);
    return kept;
}

static const struct entry *find(struct kubeconfig_reader *reader, const struct map *map, const char *what,
                                const char *name)
{
    const struct entry *entry = map_get(map, name);
    if (entry != NULL)
        return entry;
    const char *nearest = map_nearest(map, name);
    struct diag *diag =
        cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "no %s \"%s\" in %s; it has: %s", what, name,
                       buf_str(&reader->files), names_of(reader->arena, map));
    if (nearest != NULL)
        diag_help(diag, "did you mean \"%s\"?", nearest);
    reader->failed = true;
    return NULL;
}

static const char *proxy_url_of(struct kubeconfig_reader *reader, const struct entry *entry)
{
    const char *url = kubeconfig_text(reader, entry, "proxy-url");
    if (url == NULL || proxy_is_usable(url))
        return url;
    kubeconfig_complain(reader, entry,
                        "the proxy-url \"%s\" is none: expected http, https or socks5://HOST:PORT", url);
    return NULL;
}

static void read_cluster(struct kubeconfig_reader *reader, const struct entry *entry,
                         struct kubeconfig *config)
{
    if (entry == NULL)
        return;
    config->server = kubeconfig_text(reader, entry, "server");
    config->tls_server_name = kubeconfig_text(reader, entry, "tls-server-name");
    config->proxy_url = proxy_url_of(reader, entry);
    config->certificate_authority = kubeconfig_pem(reader, entry, "certificate-authority");
    config->insecure = kubeconfig_flag(reader, entry, "insecure-skip-tls-verify");
    config->disable_compression = kubeconfig_flag(reader, entry, "disable-compression");
    if (config->insecure && config->certificate_authority != NULL && !reader->input->overrides.insecure)
        kubeconfig_complain(
            reader, entry,
            "it has both insecure-skip-tls-verify and a certificate-authority: drop the first");
}

static bool read_service_account(struct kubeconfig_reader *reader, struct kubeconfig *config)
{
    const char *host = kubeconfig_variable(reader->input, "KUBERNETES_SERVICE_HOST");
    const char *port = kubeconfig_variable(reader->input, "KUBERNETES_SERVICE_PORT");
    const char *folder = reader->input->service_account != NULL
                             ? reader->input->service_account
                             : "/var/run/secrets/kubernetes.io/serviceaccount";
    const char *token = file_join(reader->arena, folder, "token");
    if (host == NULL || port == NULL || !file_exists(token))
        return false;
    struct buf text = {0};
    config->context = config->cluster = config->user = "in-cluster";
    config->server = strchr(host, ':') != NULL ? arena_printf(reader->arena, "https://[%s]:%s", host, port)
                                               : arena_printf(reader->arena, "https://%s:%s", host, port);
    config->token_file = token;
    if (file_read(file_join(reader->arena, folder, "ca.crt"), KUBECONFIG_PEM_LIMIT, &text) == 0)
        config->certificate_authority = arena_strdup(reader->arena, buf_str(&text));
    buf_clear(&text);
    config->namespace = kubeconfig_variable(reader->input, "POD_NAMESPACE");
    if (config->namespace == NULL &&
        file_read(file_join(reader->arena, folder, "namespace"), 4096, &text) == 0 && text.length > 0)
        config->namespace = arena_copy(reader->arena, text.data, strcspn(text.data, " \r\n"));
    buf_free(&text);
    return true;
}

static void read_context(struct kubeconfig_reader *reader, const char *name, struct kubeconfig *config)
{
    const struct kubeconfig_overrides *over = &reader->input->overrides;
    const struct entry *context = NULL, *cluster = NULL, *user = NULL;
    config->context = name != NULL ? name : "";
    if (name != NULL)
        context = find(reader, reader->contexts, "context", name);
    config->cluster = over->cluster != NULL ? over->cluster : kubeconfig_text(reader, context, "cluster");
    config->user = over->user != NULL ? over->user : kubeconfig_text(reader, context, "user");
    config->namespace = kubeconfig_text(reader, context, "namespace");
    if (config->cluster != NULL)
        cluster = find(reader, reader->clusters, "cluster", config->cluster);
    if (config->user != NULL)
        user = find(reader, reader->users, "user", config->user);
    read_cluster(reader, cluster, config);
    kubeconfig_read_user(reader, user, cluster, config);
    config->cluster = config->cluster != NULL ? config->cluster : "";
    config->user = config->user != NULL ? config->user : "";
}

/* What becomes headers must be on one line, and what only says more about somebody needs that somebody. */
static void check_impersonation(struct kubeconfig_reader *reader, const struct kubeconfig *config)
{
    const char *wrong = NULL;
    if (config->as == NULL &&
        (config->as_uid != NULL || config->as_group_count > 0 || config->as_extra_count > 0))
        wrong = "a UID, groups or extra fields are to be impersonated, but no user: say `as` (--as) too";
    for (size_t i = 0; i < config->as_group_count; i++)
        if (strpbrk(config->as_groups[i], "\r\n") != NULL)
            wrong = "a group to be impersonated holds a line end";
    for (size_t i = 0; i < config->as_extra_count; i++)
        for (size_t j = 0; j < config->as_extra[i].count; j++)
            if (strpbrk(config->as_extra[i].values[j], "\r\n") != NULL)
                wrong = "a value of as-user-extra holds a line end";
    if (config->as != NULL && strpbrk(config->as, "\r\n") != NULL)
        wrong = "the user to be impersonated holds a line end";
    if (config->as_uid != NULL && strpbrk(config->as_uid, "\r\n") != NULL)
        wrong = "the UID to be impersonated holds a line end";
    if (wrong == NULL)
        return;
    cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "context \"%s\": %s", config->context, wrong);
    reader->failed = true;
}

static void override(struct kubeconfig_reader *reader, struct kubeconfig *config)
{
    const struct kubeconfig_overrides *over = &reader->input->overrides;
    if (over->server != NULL)
        config->server = over->server;
    if (over->namespace != NULL)
        config->namespace = over->namespace;
    if (over->as != NULL)
        config->as = over->as;
    if (over->as_uid != NULL)
        config->as_uid = over->as_uid;
    if (over->as_group_count > 0) {
        config->as_groups = over->as_groups;
        config->as_group_count = over->as_group_count;
    }
    if (over->insecure) {
        config->insecure = true;
        config->certificate_authority = NULL;
    }
    if (config->namespace == NULL)
        config->namespace = "default";
    check_impersonation(reader, config);
}

/* Over plain HTTP everybody on the way could read them: kubectl sends none either. */
static void drop_credentials(struct kubeconfig *config)
{
    config->client_certificate = config->client_key = NULL;
    config->token = config->token_file = config->username = config->password = NULL;
    config->exec = NULL;
}

static void set_server(struct kubeconfig_reader *reader, struct kubeconfig *config)
{
    if (config->server == NULL)
        return;
    config->server_as_written = config->server;
    size_t length = strlen(config->server);
    while (length > 0 && config->server[length - 1] == '/')
        length--;
    config->server = arena_copy(reader->arena, config->server, length);
    bool bare = strstr(config->server, "://") == NULL;
    if ((bare && strchr(config->server, '/') != NULL) || strpbrk(config->server, " \t\r\n?#") != NULL ||
        (!bare && !text_starts_with(config->server, "https://") &&
         !text_starts_with(config->server, "http://"))) {
        cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0,
                       "context \"%s\": the server \"%s\" is no http or https URL", config->context,
                       config->server);
        reader->failed = true;
        return;
    }
    if (bare)
        config->server = arena_printf(reader->arena, "http://%s", config->server); /* as kubectl does */
    if (text_starts_with(config->server, "http://"))
        drop_credentials(config);
    config->proxy = config->proxy_url != NULL
                        ? config->proxy_url
                        : proxy_of_environment(reader->arena, config->server, reader->input);
}

static void report_no_way(struct kubeconfig_reader *reader, const char *context)
{
    if (context != NULL)
        cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0,
                       "the cluster of context \"%s\" in %s has no server", context, buf_str(&reader->files));
    else if (reader->found > 0)
        diag_help(cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "%s has no current-context",
                                 buf_str(&reader->files)),
                  "choose one with --context: %s", names_of(reader->arena, reader->contexts));
    else
        diag_help(
            cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0,
                           "there is no kubeconfig (looked for %s), and this is no pod of a cluster",
                           reader->files.length > 0 ? buf_str(&reader->files) : "nothing: HOME is not set"),
            "set KUBECONFIG, or pass --kubeconfig FILE");
}

const struct kubeconfig *kubeconfig_load(struct arena *arena, const struct kubeconfig_input *input,
                                         const struct reporter *reporter)
{
    struct kubeconfig_reader reader = {.arena = arena, .input = input, .reporter = reporter};
    struct kubeconfig *config = arena_alloc(arena, sizeof *config);
    reader.contexts = map_new(arena);
    reader.clusters = map_new(arena);
    reader.users = map_new(arena);
    kubeconfig_read_files(&reader);
    const char *context = input->overrides.context != NULL ? input->overrides.context : reader.current;
    bool chosen = context != NULL || input->overrides.cluster != NULL || input->overrides.server != NULL;
    if (!reader.failed && (chosen || reader.found > 0 || !read_service_account(&reader, config)))
        read_context(&reader, context, config);
    if (!reader.failed) {
        override(&reader, config);
        set_server(&reader, config);
    }
    if (!reader.failed && config->server == NULL) {
        report_no_way(&reader, context);
        reader.failed = true;
    }
    buf_free(&reader.files);
    return reader.failed ? NULL : config;
}
