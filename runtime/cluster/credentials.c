/* Keeping a credential fresh. */
#include "runtime/cluster/credentials.h"
#include <stdlib.h>
#include <string.h>
#include "core/file.h"
#include "runtime/cluster/base64.h"
#include "runtime/cluster/exec_plugin.h"

static const int64_t second = 1000000000;
static const size_t token_limit = (size_t)1 << 20;

struct credentials {
    const struct kubeconfig *config;
    const struct world *world;
    struct buf authorization;
    struct exec_credential exec; /* of the last run */
    bool have_exec;
    int64_t read_at; /* the token file, monotonic */
    bool have_file;
};

struct credentials *credentials_new(const struct kubeconfig *config, const struct world *world)
{
    struct credentials *credentials = mem_calloc(1, sizeof *credentials);
    credentials->config = config;
    credentials->world = world;
    return credentials;
}

void credentials_free(struct credentials *credentials)
{
    if (credentials == NULL)
        return;
    buf_free(&credentials->authorization);
    exec_credential_clear(&credentials->exec);
    free(credentials);
}

static void set_bearer(struct credentials *credentials, const char *token, size_t length)
{
    buf_clear(&credentials->authorization);
    buf_add_str(&credentials->authorization, "Bearer ");
    buf_add(&credentials->authorization, token, length);
}

static bool refresh_file(struct credentials *credentials, bool rejected, struct buf *why)
{
    int64_t now = credentials->world->monotonic_ns(credentials->world->context);
    if (credentials->have_file && !rejected && now - credentials->read_at < 60 * second)
        return true;
    struct buf text = {0};
    int status = file_read(credentials->config->token_file, token_limit, &text);
    while (text.length > 0 && strchr(" \t\r\n", text.data[text.length - 1]) != NULL)
        text.length--;
    bool ok = status == 0 && text.length > 0;
    if (ok) {
        set_bearer(credentials, text.data, text.length);
        credentials->read_at = now;
        credentials->have_file = true;
    } else if (!credentials
                    ->have_file) { /* a file that vanishes later leaves the last token, as in client-go */
        buf_printf(why, "the token file %s %s", credentials->config->token_file,
                   status == 0 ? "is empty" : strerror(-status));
    }
    buf_free(&text);
    return ok || credentials->have_file;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool refresh_exec(struct credentials *credentials, bool rejected, bool *connection_changed,
                         struct buf *why)
{
    int64_t wall = credentials->world->wall_ns(credentials->world->context);
    if (credentials->have_exec && !rejected &&
        (credentials->exec.expires_ns == 0 || wall < credentials->exec.expires_ns))
        return true;
    struct exec_credential fresh = {0};
    if (!exec_plugin_run(credentials->config, &fresh, why)) {
        exec_credential_clear(&fresh);
        return false;
    }
    *connection_changed =
        credentials->have_exec && (!same_text(fresh.certificate, credentials->exec.certificate) ||
                                   !same_text(fresh.key, credentials->exec.key));
    exec_credential_clear(&credentials->exec);
    credentials->exec = fresh;
    credentials->have_exec = true;
    if (fresh.token != NULL)
        set_bearer(credentials, fresh.token, strlen(fresh.token));
    else
        buf_clear(&credentials->authorization);
    return true;
}

static void set_static(struct credentials *credentials)
{
    const struct kubeconfig *config = credentials->config;
    if (config->token != NULL) {
        set_bearer(credentials, config->token, strlen(config->token));
    } else if (config->username != NULL) {
        struct buf pair = {0};
        buf_printf(&pair, "%s:%s", config->username, config->password != NULL ? config->password : "");
        buf_clear(&credentials->authorization);
        buf_add_str(&credentials->authorization, "Basic ");
        base64_encode(&credentials->authorization, pair.data, pair.length);
        buf_free(&pair);
    }
}

bool credentials_refresh(struct credentials *credentials, bool rejected, bool *connection_changed,
                         struct buf *why)
{
    const struct kubeconfig *config = credentials->config;
    *connection_changed = false;
    if (config->token_file != NULL)
        return refresh_file(credentials, rejected, why);
    if (config->exec != NULL && config->token == NULL && config->username == NULL)
        return refresh_exec(credentials, rejected, connection_changed, why);
    if (credentials->authorization.length == 0)
        set_static(credentials);
    return true;
}

bool credentials_can_renew(const struct credentials *credentials)
{
    return credentials->config->token_file != NULL || credentials->config->exec != NULL;
}

const char *credentials_authorization(const struct credentials *credentials)
{
    return credentials->authorization.length > 0 ? buf_str(&credentials->authorization) : NULL;
}

const char *credentials_certificate(const struct credentials *credentials)
{
    if (credentials->exec.certificate != NULL)
        return credentials->exec.certificate;
    return credentials->config->client_certificate;
}

const char *credentials_key(const struct credentials *credentials)
{
    return credentials->exec.certificate != NULL ? credentials->exec.key : credentials->config->client_key;
}
