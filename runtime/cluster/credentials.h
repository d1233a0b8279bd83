#ifndef MLC_RUNTIME_CLUSTER_CREDENTIALS_H
#define MLC_RUNTIME_CLUSTER_CREDENTIALS_H

/* Who the client is, kept fresh: static tokens, token files that are read again, exec plugins that are run
 * again when their credential expires or the server answers 401. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/world.h"
#include "runtime/cluster/kubeconfig.h"

struct credentials;

struct credentials *credentials_new(const struct kubeconfig *config, const struct world *world);
void credentials_free(struct credentials *credentials);

/* Makes the credential current: runs the plugin or reads the file when it is due, or at once when `rejected`
 * (the server said 401 to the last one). `*connection_changed` is set when the client certificate is another
 * than before. False with a reason for people in `why`. */
bool credentials_refresh(struct credentials *credentials, bool rejected, bool *connection_changed,
                         struct buf *why);

/* Counts the credentials that there were: what a rejected request was sent with may have been replaced since.
 */
unsigned credentials_generation(const struct credentials *credentials);

/* True if a rejected credential can be replaced by another: a token file or a plugin. */
bool credentials_can_renew(const struct credentials *credentials);

/* The value for `Authorization:`, or NULL; valid until the next refresh. */
const char *credentials_authorization(const struct credentials *credentials);
/* The client certificate and key as PEM, or NULL. */
const char *credentials_certificate(const struct credentials *credentials);
const char *credentials_key(const struct credentials *credentials);

#endif
