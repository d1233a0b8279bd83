#ifndef MLC_RUNTIME_CLUSTER_EXEC_PLUGIN_H
#define MLC_RUNTIME_CLUSTER_EXEC_PLUGIN_H

/* Runs an exec credential plugin (client.authentication.k8s.io v1 and v1beta1). */

#include <stdbool.h>
#include <stdint.h>
#include "core/buf.h"
#include "runtime/cluster/kubeconfig.h"

/* What the plugin answered; heap strings, NULL when it gave none. */
struct exec_credential {
    char *token;
    char *certificate, *key; /* PEM */
    int64_t expires_ns;      /* since 1970; 0: does not say */
};

/* False with a reason in `why`: not installed (with its install hint), failed (with the last line it wrote),
 * took more than a minute, or answered something else. */
bool exec_plugin_run(const struct kubeconfig *config, struct exec_credential *out, struct buf *why);

/* Reads an ExecCredential; for exec_plugin_run and tests. */
bool exec_credential_read(const char *text, size_t length, const char *api_version,
                          struct exec_credential *out, struct buf *why);

/* Frees what it holds, overwriting the secrets first. */
void exec_credential_clear(struct exec_credential *credential);

/* RFC 3339 to nanoseconds since 1970; false when it is none. */
bool exec_time_read(const char *text, int64_t *out);

#endif
