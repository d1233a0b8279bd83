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
    int64_t read_at; /* the token file, or the plugin's end; monotonic */
    bool have_file;
    unsigned generation; /* counts credentials */
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
    credentials->generation++;
}

/* A line end within would end the header; it would be sent without credential. */
static bool fits_header(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

/* The token of a file, without blanks around it; NULL with a reason. */
static const char *trim_token(const struct buf *text, int status, size_t *length, const char **reason)
{
    const char *from = buf_str(text), *end = from + text->length;
    while (from < end && strchr(" \t\r\n", *from) != NULL)
        from++;
    while (end > from && strchr(" \t\r\n", end[-1]) != NULL)
        end--;
    *length = (size_t)(end - from);
    *reason = status != 0 ? strerror(-status) : from == end ? "it is empty" : NULL;
    if (*reason == NULL && !fits_header(from, *length))
        *reason = "it holds more than one line";
    return *reason == NULL ? from : NULL;
}

static bool refresh_file(struct credentials *credentials, bool rejected, struct buf *why)
{
    const struct kubeconfig *config = credentials->config;
    int64_t now = credentials->world->monotonic_ns(credentials->world->context);
    if (credentials->have_file && !rejected && now - credentials->read_at < 60 * second)
        return true;
    struct buf text = {0};
    size_t length;
    const char *reason, *token;
    int status = file_read(config->token_file, token_limit, &text);
    token = trim_token(&text, status, &length, &reason);
    if (token != NULL)
        set_bearer(credentials, token, length);
    else if (!credentials->have_file && config->token != NULL)
        set_bearer(credentials, config->token, strlen(config->token));
    else if (!credentials->have_file) /* one that vanishes later leaves the last token, as in client-go */
        buf_printf(why, "the token file %s cannot be used: %s", config->token_file, reason);
    credentials->read_at = now;
    credentials->have_file = credentials->have_file || why->length == 0;
    buf_free(&text);
    return credentials->have_file;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* A credential that is said to be over when it is made comes from a clock that goes wrong, here or there: it
 * is used until the server says no, or for some seconds, so that the plugin does not run for each request. */
static bool is_over(const struct credentials *credentials)
{
    const struct world *world = credentials->world;
    return credentials->exec.expires_ns != 0 &&
           world->wall_ns(world->context) >= credentials->exec.expires_ns &&
           world->monotonic_ns(world->context) - credentials->read_at >= 5 * second;
}

static bool refresh_exec(struct credentials *credentials, bool rejected, bool *connection_changed,
                         struct buf *why)
{
    if (credentials->have_exec && !rejected && !is_over(credentials))
        return true;
    struct exec_credential fresh = {0};
    bool ok = exec_plugin_run(credentials->config, &fresh, why);
    if (ok && fresh.token != NULL && !fits_header(fresh.token, strlen(fresh.token))) {
        buf_printf(why, "%s gave a token of more than one line", credentials->config->exec->command);
        ok = false;
    }
    if (!ok) {
        exec_credential_clear(&fresh);
        return false;
    }
    *connection_changed =
        credentials->have_exec && (!same_text(fresh.certificate, credentials->exec.certificate) ||
                                   !same_text(fresh.key, credentials->exec.key));
    exec_credential_clear(&credentials->exec);
    credentials->exec = fresh;
    credentials->have_exec = true;
    credentials->read_at = credentials->world->monotonic_ns(credentials->world->context);
    credentials->generation++;
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

/* As in client-go, a plugin is not asked where the kubeconfig holds a credential. */
static bool uses_plugin(const struct kubeconfig *config)
{
    return config->exec != NULL && config->token == NULL && config->username == NULL &&
           config->client_certificate == NULL;
}

bool credentials_refresh(struct credentials *credentials, bool rejected, bool *connection_changed,
                         struct buf *why)
{
    const struct kubeconfig *config = credentials->config;
    *connection_changed = false;
    if (config->token_file != NULL)
        return refresh_file(credentials, rejected, why);
    if (uses_plugin(config))
        return refresh_exec(credentials, rejected, connection_changed, why);
    if (credentials->authorization.length == 0)
        set_static(credentials);
    return true;
}

bool credentials_can_renew(const struct credentials *credentials)
{
    return credentials->config->token_file != NULL || uses_plugin(credentials->config);
}

unsigned credentials_generation(const struct credentials *credentials)
{
    return credentials->generation;
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
