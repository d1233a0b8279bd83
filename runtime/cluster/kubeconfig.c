/* Reading and merging kubeconfig files, and choosing one way from them. */
#include "runtime/cluster/kubeconfig.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/yaml.h"
#include "core/file.h"
#include "core/map.h"
#include "core/text.h"
#include "runtime/cluster/base64.h"

static const size_t file_limit = (size_t)16 << 20;
static const size_t pem_limit = (size_t)1 << 20;

/* An entry of a list and the folder of the file that it stands in. */
struct entry {
    const struct value *body;
    const char *folder;
    const char *file;
};

struct reader {
    struct arena *arena;
    const struct kubeconfig_input *input;
    const struct reporter *reporter;
    struct map *contexts, *clusters, *users;
    const char *current;
    struct buf files; /* what was read or looked for, for messages */
    bool failed;
    size_t found;
};

static const char *environment(const struct kubeconfig_input *input, const char *name)
{
    const char *value =
        input->environment != NULL ? input->environment(input->environment_context, name) : getenv(name);
    return value != NULL && *value != 0 ? value : NULL;
}

static void add_entries(struct reader *reader, const struct value *file, const char *list, const char *member,
                        struct map *map, const char *path, const char *folder)
{
    const struct value *entries = value_get(file, list);
    if (entries == NULL || entries->kind != VALUE_LIST)
        return;
    for (size_t i = 0; i < entries->count; i++) {
        const char *name = value_string_or(value_get(entries->items[i], "name"), NULL);
        const struct value *body = value_get(entries->items[i], member);
        if (name == NULL || body == NULL || body->kind != VALUE_RECORD || map_has(map, name))
            continue;
        struct entry *entry = arena_alloc(reader->arena, sizeof *entry);
        *entry = (struct entry){body, folder, path};
        map_set(map, name, entry);
    }
}

static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? "" : slash == path ? "/" : arena_copy(arena, path, (size_t)(slash - path));
}

static bool parse(struct reader *reader, const char *path, const struct buf *text, struct vec *documents)
{
    struct source source = {0, SOURCE_OTHER, path, buf_str(text), (uint32_t)text->length};
    struct diag_sink *diags = diag_sink_new(reader->arena, 3);
    if (yaml_read(reader->arena, &source, (struct yaml_limits){0}, NULL, diags, documents))
        return true;
    const struct diag *first = diag_count(diags) > 0 ? diag_at(diags, 0) : NULL;
    struct position at = {0};
    if (first != NULL)
        at = source_position(&source, first->primary.span.start);
    cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "%s:%u:%u: the kubeconfig is no YAML: %s", path,
                   at.line, at.column, first != NULL ? first->message : "unreadable");
    return false;
}

static void add_file(struct reader *reader, const char *path, bool required)
{
    struct buf text = {0};
    int status = file_read(path, file_limit, &text);
    if (reader->files.length > 0)
        buf_add_str(&reader->files, ", ");
    buf_add_str(&reader->files, path);
    if (status < 0) {
        if (required || status != -ENOENT) {
            cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "the kubeconfig %s cannot be read: %s",
                           path, strerror(-status));
            reader->failed = true;
        }
        buf_free(&text);
        return;
    }
    struct vec documents = vec_in(reader->arena);
    if (!parse(reader, path, &text, &documents)) {
        reader->failed = true;
    } else if (documents.count > 0) {
        const struct value *file = documents.items[0];
        const char *folder = folder_of(reader->arena, path);
        const char *kept = arena_strdup(reader->arena, path);
        add_entries(reader, file, "contexts", "context", reader->contexts, kept, folder);
        add_entries(reader, file, "clusters", "cluster", reader->clusters, kept, folder);
        add_entries(reader, file, "users", "user", reader->users, kept, folder);
        const char *current = value_string_or(value_get(file, "current-context"), "");
        if (reader->current == NULL && *current != 0)
            reader->current = current;
        reader->found++;
    }
    buf_free(&text);
}

static void read_files(struct reader *reader)
{
    const char *list = environment(reader->input, "KUBECONFIG");
    const char *home = environment(reader->input, "HOME");
    if (reader->input->overrides.file != NULL) {
        add_file(reader, reader->input->overrides.file, true);
    } else if (list != NULL) {
        for (const char *from = list; *from != 0;) {
            size_t length = strcspn(from, ":");
            if (length > 0)
                add_file(reader, arena_copy(reader->arena, from, length), false);
            from += length + (from[length] == ':');
        }
    } else if (home != NULL) {
        add_file(reader, arena_printf(reader->arena, "%s/.kube/config", home), false);
    }
}

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

static const struct entry *find(struct reader *reader, const struct map *map, const char *what,
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

static const char *text_of(const struct entry *entry, const char *key)
{
    const char *text = entry != NULL ? value_string_or(value_get(entry->body, key), NULL) : NULL;
    return text != NULL && *text != 0 ? text : NULL;
}

static bool flag_of(const struct entry *entry, const char *key)
{
    const struct value *value = entry != NULL ? value_get(entry->body, key) : NULL;
    return value != NULL && value->kind == VALUE_BOOL && value->boolean;
}

/* KEY-data as base64 if it is there, else the file that KEY names; NULL when neither. */
static const char *pem_of(struct reader *reader, const struct entry *entry, const char *key)
{
    const char *data = text_of(entry, arena_printf(reader->arena, "%s-data", key));
    const char *path = text_of(entry, key);
    struct buf out = {0};
    const char *pem = NULL;
    if (data != NULL) {
        if (base64_decode(&out, data, strlen(data))) {
            pem = arena_strdup(reader->arena, buf_str(&out));
        } else {
            cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "%s: %s-data is not base64", entry->file,
                           key);
            reader->failed = true;
        }
    } else if (path != NULL) {
        const char *resolved = file_join(reader->arena, entry->folder, path);
        int status = file_read(resolved, pem_limit, &out);
        if (status == 0) {
            pem = arena_strdup(reader->arena, buf_str(&out));
        } else {
            cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "%s: the %s %s cannot be read: %s",
                           entry->file, key, resolved, strerror(-status));
            reader->failed = true;
        }
    }
    buf_free(&out);
    return pem;
}

static const char *const *strings_of(struct arena *arena, const struct value *list, size_t *count)
{
    *count = 0;
    if (list == NULL || list->kind != VALUE_LIST)
        return NULL;
    const char **strings = arena_array(arena, list->count + 1, sizeof *strings);
    for (size_t i = 0; i < list->count; i++) {
        const char *text = value_string_or(list->items[i], NULL);
        if (text != NULL)
            strings[(*count)++] = text;
    }
    return strings;
}

static const char *const *exec_environment(struct arena *arena, const struct value *list, size_t *count)
{
    *count = 0;
    if (list == NULL || list->kind != VALUE_LIST)
        return NULL;
    const char **strings = arena_array(arena, list->count + 1, sizeof *strings);
    for (size_t i = 0; i < list->count; i++) {
        const char *name = value_string_or(value_get(list->items[i], "name"), NULL);
        if (name != NULL)
            strings[(*count)++] =
                arena_printf(arena, "%s=%s", name, value_string_or(value_get(list->items[i], "value"), ""));
    }
    return strings;
}

static const struct value *cluster_extension(const struct entry *cluster)
{
    const struct value *list = cluster != NULL ? value_get(cluster->body, "extensions") : NULL;
    for (size_t i = 0; list != NULL && list->kind == VALUE_LIST && i < list->count; i++)
        if (strcmp(value_string_or(value_get(list->items[i], "name"), ""),
                   "client.authentication.k8s.io/exec") == 0)
            return value_get(list->items[i], "extension");
    return NULL;
}

static const struct exec_plugin *exec_of(struct reader *reader, const struct entry *user,
                                         const struct entry *cluster)
{
    const struct value *exec = value_get(user->body, "exec");
    if (exec == NULL || exec->kind != VALUE_RECORD)
        return NULL;
    struct exec_plugin *plugin = arena_alloc(reader->arena, sizeof *plugin);
    const struct value *provide = value_get(exec, "provideClusterInfo");
    plugin->command = value_string_or(value_get(exec, "command"), "");
    plugin->args = strings_of(reader->arena, value_get(exec, "args"), &plugin->arg_count);
    plugin->env = exec_environment(reader->arena, value_get(exec, "env"), &plugin->env_count);
    plugin->api_version = value_string_or(value_get(exec, "apiVersion"), "");
    plugin->install_hint = value_string_or(value_get(exec, "installHint"), NULL);
    plugin->interactive_mode = value_string_or(value_get(exec, "interactiveMode"), NULL);
    plugin->provide_cluster_info = provide != NULL && provide->kind == VALUE_BOOL && provide->boolean;
    plugin->cluster_extension = cluster_extension(cluster);
    const char *wrong = NULL;
    if (*plugin->command == 0)
        wrong = "exec has no command";
    else if (!text_starts_with(plugin->api_version, "client.authentication.k8s.io/v1"))
        wrong = "exec.apiVersion must be client.authentication.k8s.io/v1 (or v1beta1)";
    else if (plugin->interactive_mode == NULL && text_ends_with(plugin->api_version, "/v1"))
        wrong = "exec.interactiveMode is required with client.authentication.k8s.io/v1: Never, IfAvailable "
                "or Always";
    if (wrong != NULL) {
        cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "%s: %s", user->file, wrong);
        reader->failed = true;
    }
    if (plugin->interactive_mode == NULL)
        plugin->interactive_mode = "IfAvailable";
    if (strchr(plugin->command, '/') != NULL)
        plugin->command = file_join(reader->arena, user->folder, plugin->command);
    return plugin;
}

static void read_extra(struct reader *reader, const struct value *extra, struct kubeconfig *config)
{
    if (extra == NULL || extra->kind != VALUE_RECORD)
        return;
    struct kubeconfig_extra *list = arena_array(reader->arena, extra->field_count + 1, sizeof *list);
    for (size_t i = 0; i < extra->field_count; i++) {
        list[i].key = extra->fields[i].key;
        list[i].values = strings_of(reader->arena, extra->fields[i].value, &list[i].count);
    }
    config->as_extra = list;
    config->as_extra_count = extra->field_count;
}

static void read_cluster(struct reader *reader, const struct entry *entry, struct kubeconfig *config)
{
    if (entry == NULL)
        return;
    config->server = text_of(entry, "server");
    config->tls_server_name = text_of(entry, "tls-server-name");
    config->proxy_url = text_of(entry, "proxy-url");
    config->certificate_authority = pem_of(reader, entry, "certificate-authority");
    config->insecure = flag_of(entry, "insecure-skip-tls-verify");
    config->disable_compression = flag_of(entry, "disable-compression");
    if (config->insecure && config->certificate_authority != NULL) {
        cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0,
                       "%s: cluster \"%s\" has both insecure-skip-tls-verify and a certificate-authority",
                       entry->file, config->cluster);
        reader->failed = true;
    }
}

static void read_user(struct reader *reader, const struct entry *entry, const struct entry *cluster,
                      struct kubeconfig *config)
{
    if (entry == NULL)
        return;
    config->client_certificate = pem_of(reader, entry, "client-certificate");
    config->client_key = pem_of(reader, entry, "client-key");
    config->token = text_of(entry, "token");
    config->token_file = text_of(entry, "tokenFile");
    if (config->token_file != NULL)
        config->token_file = file_join(reader->arena, entry->folder, config->token_file);
    config->username = text_of(entry, "username");
    config->password = text_of(entry, "password");
    config->as = text_of(entry, "as");
    config->as_uid = text_of(entry, "as-uid");
    config->as_groups =
        strings_of(reader->arena, value_get(entry->body, "as-groups"), &config->as_group_count);
    read_extra(reader, value_get(entry->body, "as-user-extra"), config);
    config->exec = exec_of(reader, entry, cluster);
}

static bool read_service_account(struct reader *reader, struct kubeconfig *config)
{
    const char *host = environment(reader->input, "KUBERNETES_SERVICE_HOST");
    const char *port = environment(reader->input, "KUBERNETES_SERVICE_PORT");
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
    if (file_read(file_join(reader->arena, folder, "ca.crt"), pem_limit, &text) == 0)
        config->certificate_authority = arena_strdup(reader->arena, buf_str(&text));
    buf_clear(&text);
    if (file_read(file_join(reader->arena, folder, "namespace"), 4096, &text) == 0 && text.length > 0)
        config->namespace = arena_copy(reader->arena, text.data, strcspn(text.data, " \r\n"));
    buf_free(&text);
    return true;
}

static void read_context(struct reader *reader, const char *name, struct kubeconfig *config)
{
    const struct kubeconfig_overrides *over = &reader->input->overrides;
    const struct entry *context = NULL, *cluster = NULL, *user = NULL;
    config->context = name != NULL ? name : "";
    if (name != NULL)
        context = find(reader, reader->contexts, "context", name);
    config->cluster = over->cluster != NULL ? over->cluster : text_of(context, "cluster");
    config->user = over->user != NULL ? over->user : text_of(context, "user");
    config->namespace = text_of(context, "namespace");
    if (config->cluster != NULL)
        cluster = find(reader, reader->clusters, "cluster", config->cluster);
    if (config->user != NULL)
        user = find(reader, reader->users, "user", config->user);
    read_cluster(reader, cluster, config);
    read_user(reader, user, cluster, config);
    config->cluster = config->cluster != NULL ? config->cluster : "";
    config->user = config->user != NULL ? config->user : "";
}

static void override(struct reader *reader, struct kubeconfig *config)
{
    const struct kubeconfig_overrides *over = &reader->input->overrides;
    if (over->server != NULL)
        config->server = over->server;
    if (over->namespace != NULL)
        config->namespace = over->namespace;
    if (over->as != NULL) {
        config->as = over->as;
        config->as_uid = over->as_uid;
        config->as_groups = over->as_groups;
        config->as_group_count = over->as_group_count;
    }
    if (over->insecure) {
        config->insecure = true;
        config->certificate_authority = NULL;
    }
    if (config->namespace == NULL)
        config->namespace = "default";
    if (config->server == NULL)
        return;
    size_t length = strlen(config->server);
    while (length > 0 && config->server[length - 1] == '/')
        length--;
    config->server = arena_copy(reader->arena, config->server, length);
    if (strstr(config->server, "://") == NULL)
        config->server = arena_printf(reader->arena, "http://%s", config->server); /* as kubectl does */
    if (!text_starts_with(config->server, "https://") && !text_starts_with(config->server, "http://")) {
        cluster_report(reader->reporter, DIAG_CLUSTER_CONFIG, 0, "the server \"%s\" is no http or https URL",
                       config->server);
        reader->failed = true;
    }
}

static void report_no_way(struct reader *reader, const char *context)
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
    struct reader reader = {.arena = arena, .input = input, .reporter = reporter};
    struct kubeconfig *config = arena_alloc(arena, sizeof *config);
    reader.contexts = map_new(arena);
    reader.clusters = map_new(arena);
    reader.users = map_new(arena);
    read_files(&reader);
    const char *context = input->overrides.context != NULL ? input->overrides.context : reader.current;
    bool chosen = context != NULL || input->overrides.cluster != NULL || input->overrides.server != NULL;
    if (!reader.failed && (chosen || reader.found > 0 || !read_service_account(&reader, config)))
        read_context(&reader, context, config);
    if (!reader.failed)
        override(&reader, config);
    if (!reader.failed && config->server == NULL) {
        report_no_way(&reader, context);
        reader.failed = true;
    }
    buf_free(&reader.files);
    return reader.failed ? NULL : config;
}
