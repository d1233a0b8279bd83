#ifndef MLC_RUNTIME_S3_CREDENTIALS_H
#define MLC_RUNTIME_S3_CREDENTIALS_H

/* Where the client of S3 has its credentials from; the order stands in s3.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/world.h"
#include "runtime/cluster/http.h"

/* Zero-initialise; freed by s3_credentials_clear. */
struct s3_credentials {
    char *access_key;
    char *secret_key;
    char *token;     /* NULL: none */
    int64_t expires; /* seconds since 1970; 0: never */
};

/* Fills or renews them when there are none or they end within five minutes. False with a reason, which never
 * holds a secret. */
bool s3_credentials_fresh(struct s3_credentials *credentials, struct http *http, const struct world *world,
                          const char *region, char *why, size_t why_size);
void s3_credentials_clear(struct s3_credentials *credentials);

/* True if a container's credentials may be asked for at this URL: https, or plain http to this machine or to
 * the link-local addresses of the container and pod agents. */
bool s3_credentials_url_is_safe(const char *url);

#endif
