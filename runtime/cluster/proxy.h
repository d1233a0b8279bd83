#ifndef MLC_RUNTIME_CLUSTER_PROXY_H
#define MLC_RUNTIME_CLUSTER_PROXY_H

/* Which proxy leads to a server, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go programs (kubectl) read them
 * (golang.org/x/net/http/httpproxy): the environment of both must do the same. */

#include <stdbool.h>
#include "core/arena.h"
#include "runtime/cluster/kubeconfig.h"

/* The proxy's URL in the arena, or NULL when the server is asked directly. `server` is an http or https URL.
 */
const char *proxy_of_environment(struct arena *arena, const char *server,
                                 const struct kubeconfig_input *input);

/* True for a URL of a kind that can be used: http, https, socks5 or socks5h, with a host. */
bool proxy_is_usable(const char *url);

#endif
