#include "runtime/cluster/failure.h"
#include <string.h>
#include "core/documents/json.h"
#include "core/value.h"

struct answer answer_of_call(const struct call *call)
{
    return (struct answer){call->outcome, call->status, call->why, buf_str(&call->response),
                           call->response.length};
}

struct answer answer_of_reply(const struct reply *reply)
{
    return (struct answer){reply->outcome, reply->status, reply->why, buf_str(&reply->body),
                           reply->body.length};
}

struct status_body status_read(struct arena *arena, const struct answer *answer)
{
    struct status_body status = {.reason = "", .message = "", .causes = vec_in(arena)};
    const struct value *root = json_read_text(arena, answer->body, answer->length, NULL);
    if (root == NULL || strcmp(value_string_or(value_get(root, "kind"), ""), "Status") != 0)
        return status;
    status.reason = value_string_or(value_get(root, "reason"), "");
    status.message = value_string_or(value_get(root, "message"), "");
    const struct value *causes = value_path(root, "details", "causes", NULL);
    for (size_t i = 0; causes != NULL && causes->kind == VALUE_LIST && i < causes->count && i < 1000; i++) {
        struct status_cause *cause = arena_alloc(arena, sizeof *cause);
        cause->reason = value_string_or(value_get(causes->items[i], "reason"), "");
        cause->field = value_string_or(value_get(causes->items[i], "field"), "");
        cause->message = value_string_or(value_get(causes->items[i], "message"), "");
        vec_push(&status.causes, cause);
    }
    return status;
}

static const char *transport_text(struct arena *arena, const struct client *client,
                                  const struct answer *answer)
{
    const struct kubeconfig *config = client_config(client);
    const char *what = answer->outcome == HTTP_UNTRUSTED ? "is not trusted"
                       : answer->outcome == HTTP_REFUSED ? "sent too much"
                                                         : "cannot be reached";
    return arena_printf(arena, "the API server %s of context \"%s\" %s: %s", config->server, config->context,
                        what, answer->why);
}

/* Validation quotes the whole value, which may be pages long: `Invalid value: {…}: field is immutable`. */
static void add_cause(struct buf *out, const struct status_cause *cause)
{
    enum { QUOTED_MAX = 80 };
    static const char quote[] = "Invalid value: ";
    const char *message = cause->message, *end = NULL;
    if (*cause->field != 0 && strcmp(cause->field, "[]") != 0) /* "[]": the whole */
        buf_printf(out, "%s: ", cause->field);
    if (strncmp(message, quote, sizeof quote - 1) == 0)
        for (const char *at = message; (at = strstr(at, ": ")) != NULL; at += 2)
            end = at;
    if (end != NULL && end - message > QUOTED_MAX && end > message + sizeof quote)
        message = end + 2;
    buf_add_str(out, message);
}

static const char *causes_text(struct arena *arena, const struct status_body *status)
{
    enum { CAUSES_MAX = 6 };
    struct buf out = {0};
    for (size_t i = 0; i < status->causes.count && i < CAUSES_MAX; i++) {
        if (i > 0)
            buf_add_str(&out, "; ");
        add_cause(&out, status->causes.items[i]);
    }
    if (status->causes.count > CAUSES_MAX)
        buf_printf(&out, "; and %zu more", status->causes.count - CAUSES_MAX);
    const char *kept = arena_strdup(arena, buf_str(&out));
    buf_free(&out);
    return kept;
}

/* A proxy's or a login's page in place of an API server's answer. */
static bool is_page(const struct answer *answer)
{
    size_t at = 0;
    while (at < answer->length && strchr(" \t\r\n", answer->body[at]) != NULL)
        at++;
    return at < answer->length && answer->body[at] == '<';
}

/* The title of a page, or its beginning, on one line. */
static const char *page_text(struct arena *arena, const struct answer *answer)
{
    enum { SHOWN_MAX = 120 };
    const char *body = arena_copy(arena, answer->body, answer->length), *title = strcasestr(body, "<title>");
    const char *from = title != NULL ? title + 7 : body;
    size_t length = title != NULL ? strcspn(from, "<") : strlen(from), shown = 0;
    char *out = arena_alloc(arena, SHOWN_MAX + 1);
    for (size_t i = 0; i < length && shown < SHOWN_MAX; i++)
        if ((unsigned char)from[i] >= ' ' && from[i] != 0x7f)
            out[shown++] = from[i];
    return out;
}

const char *failure_text(struct arena *arena, const struct client *client, const struct answer *answer)
{
    if (answer->outcome != HTTP_DONE || answer->status == 0)
        return transport_text(arena, client, answer);
    struct status_body status = status_read(arena, answer);
    if (answer->status == 422 && status.causes.count > 0)
        return causes_text(arena, &status);
    if (*status.message != 0)
        return status.message;
    if (is_page(answer))
        return arena_printf(arena, "%s answered HTTP %d with a web page, not as an API server does: %s",
                            client_config(client)->server, answer->status, page_text(arena, answer));
    size_t shown = answer->length < 120 ? answer->length : 120;
    for (size_t i = 0; i < shown; i++)
        if ((unsigned char)answer->body[i] < ' ')
            shown = i;
    return arena_printf(arena, "the server answered HTTP %d%s%.*s", answer->status, shown > 0 ? ": " : "",
                        (int)shown, answer->body);
}

enum diag_code failure_code(const struct answer *answer)
{
    if (answer->outcome != HTTP_DONE || answer->status == 0)
        return DIAG_CLUSTER_UNREACHABLE;
    switch (answer->status) {
    case 401:
        return DIAG_CLUSTER_UNAUTHORIZED;
    case 403:
        return DIAG_CLUSTER_FORBIDDEN;
    case 400:
    case 413:
    case 422:
        return DIAG_CLUSTER_INVALID;
    default:
        return DIAG_CLUSTER_FAILED;
    }
}

struct diag *failure_report(const struct reporter *reporter, const struct client *client, origin where,
                            const char *what, const struct answer *answer)
{
    struct arena *arena = arena_new();
    enum diag_code code = failure_code(answer);
    struct diag *diag =
        cluster_report(reporter, code, where, "%s: %s", what, failure_text(arena, client, answer));
    const struct kubeconfig *config = client_config(client);
    if (code == DIAG_CLUSTER_UNAUTHORIZED)
        diag_help(diag, "log in again as user \"%s\" of context \"%s\" (%s)", config->user, config->context,
                  config->server);
    else if (answer->outcome == HTTP_UNTRUSTED)
        diag_help(diag, "check certificate-authority and tls-server-name of cluster \"%s\" in the kubeconfig",
                  config->cluster);
    else if (code == DIAG_CLUSTER_UNREACHABLE)
        diag_help(diag,
                  "check the server's address, the VPN and the proxy; running the command again is safe");
    else if (is_page(answer))
        diag_help(diag,
                  "a proxy or a login stands before the API server of context \"%s\": check its address, "
                  "HTTPS_PROXY and NO_PROXY, and log in",
                  config->context);
    arena_free(arena);
    return diag;
}
