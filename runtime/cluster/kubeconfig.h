#ifndef MLC_RUNTIME_CLUSTER_KUBECONFIG_H
#define MLC_RUNTIME_CLUSTER_KUBECONFIG_H

/* The kubeconfig as kubectl reads it: the files of KUBECONFIG (the first one wins for each entry) or
 * ~/.kube/config, else the service account of the pod that this runs in. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/value.h"
#include "runtime/cluster/report.h"

/* What the command line says over the files; NULL members say nothing. */
struct kubeconfig_overrides {
    const char *file; /* --kubeconfig: the only file */
    const char *context, *cluster, *user, *namespace;
    const char *server;
    const char *as, *as_uid;
    const char *const *as_groups;
    size_t as_group_count;
    bool insecure;
};

/* An exec credential plugin (client.authentication.k8s.io). */
struct exec_plugin {
    const char *command; /* resolved against the file that names it when it has a slash */
    const char *const *args;
    size_t arg_count;
    const char *const *env; /* "NAME=value" */
    size_t env_count;
    const char *api_version;
    const char *install_hint;
    const char *interactive_mode; /* Never, IfAvailable, Always */
    bool provide_cluster_info;
    const struct value *cluster_extension; /* NULL: none */
};

struct kubeconfig_extra {
    const char *key;
    const char *const *values;
    size_t count;
};

/* One way to one server, all paths resolved, all files but the token's read. */
struct kubeconfig {
    const char *context; /* its name; "in-cluster" for a pod */
    const char *cluster, *user;
    const char *namespace;         /* "default" when none is named */
    const char *server;            /* URL without a slash at its end */
    const char *server_as_written; /* what exec plugins are told */
    const char *tls_server_name;
    const char *proxy_url;             /* of the kubeconfig */
    const char *proxy;                 /* the one to use: that, or the environment's; NULL: none */
    const char *certificate_authority; /* PEM */
    const char *client_certificate, *client_key;
    const char *token;
    const char *token_file; /* read again each minute; beats `token` */
    const char *username, *password;
    const char *as, *as_uid;
    const char *const *as_groups;
    size_t as_group_count;
    const struct kubeconfig_extra *as_extra;
    size_t as_extra_count;
    const struct exec_plugin *exec;
    bool insecure, disable_compression;
};

/* Environment variables as a function, so that tests give their own; NULL when unset. */
typedef const char *(*environment_fn)(void *context, const char *name);

struct kubeconfig_input {
    struct kubeconfig_overrides overrides;
    environment_fn environment; /* NULL: getenv */
    void *environment_context;
    const char *service_account; /* NULL: /var/run/secrets/kubernetes.io/serviceaccount */
};

/* Finds the way, or reports why there is none (which files were read, which names exist) and gives NULL. */
const struct kubeconfig *kubeconfig_load(struct arena *arena, const struct kubeconfig_input *input,
                                         const struct reporter *reporter);

#endif
