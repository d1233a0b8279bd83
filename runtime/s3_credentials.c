#include "runtime/s3_credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/arena.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/web.h"

enum { ANSWER_LIMIT = 1 << 20, TOKEN_LIMIT = 1 << 16, RENEW_BEFORE = 300, TRIES = 4 };

struct asking {
    struct arena *arena;
    struct http *http;
    const struct world *world;
    char *why;
    size_t why_size;
};

static bool fail(struct asking *asking, const char *what, const char *detail)
{
    snprintf(asking->why, asking->why_size, "%s%s%s", what, detail[0] != '\0' ? ": " : "", detail);
    return false;
}

/* A variable that is set to something. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static void forget(char **secret)
{
    if (*secret != NULL)
        memset(*secret, 0, strlen(*secret));
    free(*secret);
    *secret = NULL;
}

void s3_credentials_clear(struct s3_credentials *credentials)
{
    forget(&credentials->access_key);
    forget(&credentials->secret_key);
    forget(&credentials->token);
    credentials->expires = 0;
}

static int64_t read_time(const char *text)
{
    struct tm parts = {0};
    return text != NULL && strptime(text, "%Y-%m-%dT%H:%M:%S", &parts) != NULL ? (int64_t)timegm(&parts) : 0;
}

static bool keep(struct s3_credentials *credentials, const char *access, const char *secret,
                 const char *token, const char *expiration)
{
    s3_credentials_clear(credentials);
    credentials->access_key = mem_strdup(access);
    credentials->secret_key = mem_strdup(secret);
    credentials->token = token != NULL ? mem_strdup(token) : NULL;
    credentials->expires = read_time(expiration);
    return true;
}

static bool read_token(struct asking *asking, const char *path, const char **token)
{
    struct buf text = {0};
    int code = file_read(path, TOKEN_LIMIT, &text);
    size_t length = strcspn(buf_str(&text), "\r\n");
    if (code == 0)
        *token = arena_copy(asking->arena, buf_str(&text), length);
    buf_free(&text);
    return code == 0 || fail(asking, "the token file cannot be read", path);
}

/* --- agents of containers and pods --- */

static bool has_host(const char *url, const char *host)
{
    size_t length = strlen(host);
    return strncmp(url, host, length) == 0 && strchr(":/?", url[length]) != NULL; /* '\0' too */
}

bool s3_credentials_url_is_safe(const char *url)
{
    static const char *const hosts[] = {"localhost",     "127.0.0.1",      "[::1]",
                                        "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
    if (text_starts_with(url, "https://"))
        return true;
    if (!text_starts_with(url, "http://"))
        return false;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (has_host(url + 7, hosts[i]))
            return true;
    return false;
}

static bool read_agent_answer(struct asking *asking, struct s3_credentials *credentials,
                              const struct web_response *response)
{
    const char *why = NULL;
    const struct value *answer =
        json_read_text(asking->arena, buf_str(&response->body), response->body.length, &why);
    const char *access = answer != NULL ? value_string_or(value_get(answer, "AccessKeyId"), NULL) : NULL;
    const char *secret = answer != NULL ? value_string_or(value_get(answer, "SecretAccessKey"), NULL) : NULL;
    if (access == NULL || secret == NULL)
        return fail(asking, "the container's credentials endpoint answered something else", "");
    return keep(credentials, access, secret, value_string_or(value_get(answer, "Token"), NULL),
                value_string_or(value_get(answer, "Expiration"), NULL));
}

static bool ask_agent(struct asking *asking, struct s3_credentials *credentials, const char *url)
{
    const char *file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (!s3_credentials_url_is_safe(url))
        return fail(asking, "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an agent's address",
                    url);
    if (file != NULL && !read_token(asking, file, &token))
        return false;
    const char *header = token != NULL ? arena_printf(asking->arena, "Authorization: %s", token) : NULL;
    struct web_request request = {.method = "GET",
                                  .url = url,
                                  .headers = &header,
                                  .header_count = header != NULL,
                                  .limit = ANSWER_LIMIT,
                                  .file = -1,
                                  .seconds = 10};
    struct web_response response;
    bool answered = web_call_patiently(asking->http, asking->world, &request, TRIES, &response);
    bool good = answered && response.status == 200 && read_agent_answer(asking, credentials, &response);
    if (!answered)
        fail(asking, "the container's credentials endpoint does not answer", response.why);
    else if (response.status != 200)
        fail(asking, "the container's credentials endpoint refuses",
             arena_printf(asking->arena, "status %d", response.status));
    web_response_free(&response);
    return good;
}

/* --- a role by a token of a service account --- */

/* The text of the first element of that name: the answer's elements hold plain text without entities. */
static const char *element(struct asking *asking, const char *xml, const char *name)
{
    const char *open = arena_printf(asking->arena, "<%s>", name);
    const char *start = strstr(xml, open);
    const char *end = start != NULL ? strstr(start, arena_printf(asking->arena, "</%s>", name)) : NULL;
    if (end == NULL)
        return NULL;
    start += strlen(open);
    return arena_copy(asking->arena, start, (size_t)(end - start));
}

static const char *role_body(struct asking *asking, const char *role, const char *token)
{
    struct buf body = {0};
    const char *session = variable("AWS_ROLE_SESSION_NAME");
    buf_add_str(&body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=");
    web_add_encoded(&body, role, false);
    buf_add_str(&body, "&RoleSessionName=");
    web_add_encoded(&body, session != NULL ? session : "mlc", false);
    buf_add_str(&body, "&WebIdentityToken=");
    web_add_encoded(&body, token, false);
    const char *text = arena_copy(asking->arena, buf_str(&body), body.length);
    buf_free(&body);
    return text;
}

static bool assume_role(struct asking *asking, struct s3_credentials *credentials, const char *region,
                        const char *file, const char *role)
{
    const char *token = NULL, *endpoint = variable("AWS_ENDPOINT_URL_STS");
    if (!read_token(asking, file, &token))
        return false;
    const char *body = role_body(asking, role, token);
    const char *header = "Content-Type: application/x-www-form-urlencoded";
    struct web_request request = {
        .method = "POST",
        .url = endpoint != NULL ? endpoint
                                : arena_printf(asking->arena, "https://sts.%s.amazonaws.com/", region),
        .headers = &header,
        .header_count = 1,
        .body = body,
        .body_length = strlen(body),
        .limit = ANSWER_LIMIT,
        .file = -1,
        .seconds = 20};
    struct web_response response;
    bool answered = web_call_patiently(asking->http, asking->world, &request, TRIES, &response);
    const char *xml = buf_str(&response.body);
    const char *access = element(asking, xml, "AccessKeyId"),
               *secret = element(asking, xml, "SecretAccessKey");
    bool good = answered && response.status == 200 && access != NULL && secret != NULL;
    if (good)
        keep(credentials, access, secret, element(asking, xml, "SessionToken"),
             element(asking, xml, "Expiration"));
    else if (!answered)
        fail(asking, "the token service does not answer", response.why);
    else
        fail(asking,
             arena_printf(asking->arena, "the token service does not give the role %s (status %d)", role,
                          response.status),
             element(asking, xml, "Message") != NULL ? element(asking, xml, "Message") : "");
    web_response_free(&response);
    return good;
}

static bool find(struct asking *asking, struct s3_credentials *credentials, const char *region)
{
    const char *access = variable("AWS_ACCESS_KEY_ID"), *secret = variable("AWS_SECRET_ACCESS_KEY");
    if (access != NULL && secret != NULL)
        return keep(credentials, access, secret, variable("AWS_SESSION_TOKEN"), NULL);
    const char *file = variable("AWS_WEB_IDENTITY_TOKEN_FILE"), *role = variable("AWS_ROLE_ARN");
    if (file != NULL && role != NULL)
        return assume_role(asking, credentials, region, file, role);
    const char *full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const char *relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    if (relative != NULL)
        return ask_agent(asking, credentials,
                         arena_printf(asking->arena, "http://169.254.170.2%s", relative));
    if (full != NULL)
        return ask_agent(asking, credentials, full);
    return fail(asking,
                "no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the pod an "
                "identity",
                "");
}

bool s3_credentials_fresh(struct s3_credentials *credentials, struct http *http, const struct world *world,
                          const char *region, char *why, size_t why_size)
{
    int64_t now = world->wall_ns(world->context) / 1000000000;
    if (credentials->access_key != NULL &&
        (credentials->expires == 0 || credentials->expires - RENEW_BEFORE > now))
        return true;
    struct asking asking = {arena_new(), http, world, why, why_size};
    bool found = find(&asking, credentials, region);
    arena_free(asking.arena);
    /* An agent that is away for a moment is no reason to stop before the old ones end. */
    return found || (credentials->access_key != NULL && credentials->expires > now);
}
