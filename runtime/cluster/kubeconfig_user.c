/* The credentials of a kubeconfig's user, and kubectl's rules for what may stand together. */
#include <string.h>
#include "core/file.h"
#include "core/text.h"
#include "runtime/cluster/kubeconfig_private.h"

static const char *const *exec_environment(struct kubeconfig_reader *reader, const struct entry *user,
                                           const struct value *list, size_t *count)
{
    *count = 0;
    if (list == NULL || list->kind != VALUE_LIST)
        return NULL;
    const char **strings = arena_array(reader->arena, list->count + 1, sizeof *strings);
    for (size_t i = 0; i < list->count; i++) {
        const char *name = value_string_or(value_get(list->items[i], "name"), "");
        const char *value = value_string_or(value_get(list->items[i], "value"), "");
        if (*name == 0 || strchr(name, '=') != NULL)
            kubeconfig_complain(reader, user, "exec.env[%zu] needs a name", i);
        else
            strings[(*count)++] = arena_printf(reader->arena, "%s=%s", name, value);
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

static const char *broken_plugin(const struct exec_plugin *plugin)
{
    bool stable = strcmp(plugin->api_version, "client.authentication.k8s.io/v1") == 0;
    const char *mode = plugin->interactive_mode;
    if (*plugin->command == 0)
        return "exec has no command";
    if (!stable && strcmp(plugin->api_version, "client.authentication.k8s.io/v1beta1") != 0)
        return "exec.apiVersion must be client.authentication.k8s.io/v1 (or v1beta1)";
    if (mode == NULL && stable)
        return "exec.interactiveMode is required with client.authentication.k8s.io/v1: Never, IfAvailable or "
               "Always";
    if (mode != NULL && strcmp(mode, "Never") != 0 && strcmp(mode, "IfAvailable") != 0 &&
        strcmp(mode, "Always") != 0)
        return "exec.interactiveMode must be Never, IfAvailable or Always";
    return NULL;
}

static const struct exec_plugin *exec_of(struct kubeconfig_reader *reader, const struct entry *user,
                                         const struct entry *cluster)
{
    const struct value *exec = value_get(user->body, "exec");
    if (exec == NULL || exec->kind != VALUE_RECORD)
        return NULL;
    struct exec_plugin *plugin = arena_alloc(reader->arena, sizeof *plugin);
    const struct value *provide = value_get(exec, "provideClusterInfo");
    const char *mode = value_string_or(value_get(exec, "interactiveMode"), "");
    plugin->command = value_string_or(value_get(exec, "command"), "");
    plugin->args = kubeconfig_strings(reader->arena, value_get(exec, "args"), &plugin->arg_count);
    plugin->env = exec_environment(reader, user, value_get(exec, "env"), &plugin->env_count);
    plugin->api_version = value_string_or(value_get(exec, "apiVersion"), "");
    plugin->install_hint = value_string_or(value_get(exec, "installHint"), NULL);
    plugin->interactive_mode = *mode != 0 ? mode : NULL;
    plugin->provide_cluster_info = provide != NULL && provide->kind == VALUE_BOOL && provide->boolean;
    plugin->cluster_extension = cluster_extension(cluster);
    const char *wrong = broken_plugin(plugin);
    if (wrong != NULL)
        kubeconfig_complain(reader, user, "%s", wrong);
    if (plugin->interactive_mode == NULL)
        plugin->interactive_mode = "IfAvailable";
    if (strchr(plugin->command, '/') != NULL)
        plugin->command = file_join(reader->arena, user->folder, plugin->command);
    return plugin;
}

static void read_extra(struct kubeconfig_reader *reader, const struct value *extra, struct kubeconfig *config)
{
    if (extra == NULL || extra->kind != VALUE_RECORD)
        return;
    struct kubeconfig_extra *list = arena_array(reader->arena, extra->field_count + 1, sizeof *list);
    for (size_t i = 0; i < extra->field_count; i++) {
        list[i].key = extra->fields[i].key;
        list[i].values = kubeconfig_strings(reader->arena, extra->fields[i].value, &list[i].count);
    }
    config->as_extra = list;
    config->as_extra_count = extra->field_count;
}

/* kubectl refuses what could be meant in two ways, and so does this. */
static void check_methods(struct kubeconfig_reader *reader, const struct entry *user,
                          const struct kubeconfig *config)
{
    bool token = config->token != NULL || config->token_file != NULL;
    if (token && (config->username != NULL || config->password != NULL))
        kubeconfig_complain(reader, user, "it has both a token and a username with a password: keep one");
    if (config->client_certificate != NULL && config->client_key == NULL)
        kubeconfig_complain(reader, user,
                            "it has a client-certificate and no client-key: add client-key or "
                            "client-key-data");
}

void kubeconfig_read_user(struct kubeconfig_reader *reader, const struct entry *entry,
                          const struct entry *cluster, struct kubeconfig *config)
{
    if (entry == NULL)
        return;
    config->client_certificate = kubeconfig_pem(reader, entry, "client-certificate");
    config->client_key = kubeconfig_pem(reader, entry, "client-key");
    config->token = kubeconfig_header(reader, entry, "token");
    config->token_file = kubeconfig_text(reader, entry, "tokenFile");
    if (config->token_file != NULL)
        config->token_file = file_join(reader->arena, entry->folder, config->token_file);
    config->username = kubeconfig_text(reader, entry, "username");
    config->password = kubeconfig_text(reader, entry, "password");
    config->as = kubeconfig_header(reader, entry, "as");
    config->as_uid = kubeconfig_header(reader, entry, "as-uid");
    config->as_groups =
        kubeconfig_strings(reader->arena, value_get(entry->body, "as-groups"), &config->as_group_count);
    read_extra(reader, value_get(entry->body, "as-user-extra"), config);
    config->exec = exec_of(reader, entry, cluster);
    check_methods(reader, entry, config);
}
