#include "runtime/s3.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "core/arena.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/s3_credentials.h"
#include "runtime/s3_sign.h"
#include "runtime/web.h"

enum { TRIES = 5, LIST_LIMIT = 8 << 20, ERROR_LIMIT = 64 << 10 };

/* The most that one PUT may hold. */
static const uint64_t put_limit = UINT64_C(5) << 30;

struct s3 {
    struct arena *arena;
    const struct world *world;
    struct http http;
    struct s3_credentials credentials;
    const char *bucket;
    const char *region;
    const char *scheme; /* "https://" */
    const char *host;
    const char *base; /* path before the key: "" or "/bucket" */
};

__attribute__((format(printf, 3, 4))) static enum s3_status
fail(struct s3_error *error, enum s3_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error->status = status;
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return status;
}

static const char *first_variable(const char *a, const char *b)
{
    const char *value = getenv(a);
    if (value == NULL || value[0] == '\0')
        value = getenv(b);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

bool s3_location(struct arena *arena, const char *location, const char **bucket, const char **prefix)
{
    if (!text_starts_with(location, "s3://"))
        return false;
    location += 5;
    size_t length = strcspn(location, "/");
    const char *rest = location + length;
    rest += strspn(rest, "/");
    size_t end = strlen(rest);
    while (end > 0 && rest[end - 1] == '/')
        end--;
    *bucket = arena_copy(arena, location, length);
    *prefix = arena_copy(arena, rest, end);
    return length > 0;
}

/* A custom endpoint has the bucket in its path; at AWS it is a part of the host, except where a dot in its
 * name would break the certificate. */
static bool find_endpoint(struct s3 *s3, struct s3_error *error)
{
    const char *endpoint = first_variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
    const char *in_path = arena_printf(s3->arena, "/%s", s3->bucket);
    s3->scheme = "https://";
    if (endpoint == NULL) {
        bool dotted = strchr(s3->bucket, '.') != NULL;
        s3->base = dotted ? in_path : "";
        s3->host = arena_printf(s3->arena, "%s%ss3.%s.amazonaws.com", dotted ? "" : s3->bucket,
                                dotted ? "" : ".", s3->region);
        return true;
    }
    if (!text_starts_with(endpoint, "https://") && !text_starts_with(endpoint, "http://")) {
        fail(error, S3_ERROR, "AWS_ENDPOINT_URL is \"%s\": it must begin with http:// or https://", endpoint);
        return false;
    }
    const char *host = strstr(endpoint, "://") + 3;
    size_t length = strcspn(host, "/?#");
    size_t path = strlen(host + length);
    while (path > 0 && host[length + path - 1] == '/')
        path--;
    s3->scheme = arena_copy(s3->arena, endpoint, (size_t)(host - endpoint));
    s3->host = arena_copy(s3->arena, host, length);
    s3->base = arena_printf(s3->arena, "%.*s%s", (int)path, host + length, in_path);
    return true;
}

static bool open_http(struct s3 *s3, struct s3_error *error)
{
    struct buf authority = {0}, why = {0};
    const char *bundle = getenv("AWS_CA_BUNDLE");
    bool opened = false;
    if (bundle != NULL && bundle[0] != '\0' && file_read(bundle, 16 << 20, &authority) < 0) {
        fail(error, S3_ERROR, "AWS_CA_BUNDLE: %s cannot be read", bundle);
    } else {
        struct http_connection connection = {.certificate_authority =
                                                 authority.length > 0 ? buf_str(&authority) : NULL};
        opened = http_curl_open(&s3->http, &connection, &why);
        if (!opened)
            fail(error, S3_ERROR, "%s", buf_str(&why));
    }
    buf_free(&authority);
    buf_free(&why);
    return opened;
}

struct s3 *s3_open(const char *bucket, const struct world *world, struct s3_error *error)
{
    struct arena *arena = arena_new();
    struct s3 *s3 = arena_alloc(arena, sizeof *s3);
    const char *region = first_variable("AWS_REGION", "AWS_DEFAULT_REGION");
    s3->arena = arena;
    s3->world = world;
    s3->bucket = arena_strdup(arena, bucket);
    s3->region = arena_strdup(arena, region != NULL ? region : "us-east-1");
    if (!find_endpoint(s3, error) || !open_http(s3, error)) {
        arena_free(arena);
        return NULL;
    }
    error->status = S3_ERROR;
    if (s3_credentials_fresh(&s3->credentials, &s3->http, world, s3->region, error->text, sizeof error->text))
        return s3;
    s3_close(s3);
    return NULL;
}

void s3_close(struct s3 *s3)
{
    if (s3 == NULL)
        return;
    s3_credentials_clear(&s3->credentials);
    s3->http.close(s3->http.context);
    arena_free(s3->arena);
}

/* --- one signed exchange --- */

struct call {
    const char *method;
    const char *key;   /* NULL: the bucket itself */
    const char *query; /* encoded and sorted; "" */
    const void *body;
    size_t body_length;
    bool create;
    const char *range; /* NULL: none; not signed */
    size_t limit;
    int file;
    bool no_body;
};

static void time_now(struct s3 *s3, char out[20])
{
    time_t now = (time_t)(s3->world->wall_ns(s3->world->context) / 1000000000);
    struct tm parts;
    gmtime_r(&now, &parts);
    strftime(out, 20, "%Y%m%dT%H%M%SZ", &parts);
}

/* Headers of the call in the arena; they hold secrets. */
static size_t make_headers(struct s3 *s3, struct arena *arena, const struct call *call, const char *path,
                           const char **headers)
{
    char hash[HASH_HEX_SIZE], now[20];
    size_t count = 0;
    hash_hex(call->body != NULL ? call->body : "", call->body_length, hash);
    time_now(s3, now);
    struct s3_request request = {call->method,
                                 s3->host,
                                 path,
                                 call->query,
                                 now,
                                 s3->region,
                                 "s3",
                                 hash,
                                 s3->credentials.access_key,
                                 s3->credentials.secret_key,
                                 s3->credentials.token,
                                 call->create};
    struct buf authorization = {0};
    s3_authorization(&authorization, &request);
    headers[count++] = arena_printf(arena, "Authorization: %s", buf_str(&authorization));
    headers[count++] = arena_printf(arena, "x-amz-content-sha256: %s", hash);
    headers[count++] = arena_printf(arena, "x-amz-date: %s", now);
    if (s3->credentials.token != NULL)
        headers[count++] = arena_printf(arena, "x-amz-security-token: %s", s3->credentials.token);
    if (call->create)
        headers[count++] = "If-None-Match: *";
    if (call->body != NULL)
        headers[count++] = "Content-Type: application/octet-stream";
    if (call->range != NULL)
        headers[count++] = arena_printf(arena, "Range: %s", call->range);
    buf_free(&authorization);
    return count;
}

static const char *path_of(struct s3 *s3, struct arena *arena, const char *key)
{
    struct buf path = {0};
    buf_add_str(&path, s3->base);
    if (key != NULL || path.length == 0)
        buf_add_char(&path, '/');
    if (key != NULL)
        web_add_encoded(&path, key, true);
    const char *text = arena_copy(arena, buf_str(&path), path.length);
    buf_free(&path);
    return text;
}

/* A few words of an error document: its code and message. */
static void describe(struct s3 *s3, const struct call *call, const struct web_response *response,
                     struct s3_error *error)
{
    const char *body = buf_str(&response->body);
    const char *code = strstr(body, "<Code>"), *message = strstr(body, "<Message>");
    int code_length = code != NULL ? (int)strcspn(code + 6, "<") : 0;
    int message_length = message != NULL ? (int)strcspn(message + 9, "<") : 0;
    fail(error, S3_ERROR, "s3://%s/%s: %s answered %d%s%.*s%s%.*s", s3->bucket,
         call->key != NULL ? call->key : "", s3->host, response->status, code_length > 0 ? " " : "",
         code_length, code != NULL ? code + 6 : "", message_length > 0 ? ": " : "", message_length,
         message != NULL ? message + 9 : "");
}

static enum s3_status judge(struct s3 *s3, const struct call *call, bool answered,
                            const struct web_response *response, struct s3_error *error)
{
    const char *key = call->key != NULL ? call->key : "";
    if (response->too_large && response->status / 100 == 2)
        return fail(error, S3_ERROR, "s3://%s/%s is larger than %zu bytes", s3->bucket, key, call->limit);
    if (response->broken_file)
        return fail(error, S3_ERROR, "s3://%s/%s cannot be written to disk", s3->bucket, key);
    if (!answered && response->status == 0)
        return fail(error, S3_ERROR, "%s cannot be reached: %s", s3->host, response->why);
    if (!answered)
        return fail(error, S3_ERROR, "s3://%s/%s: the answer ended early: %s", s3->bucket, key,
                    response->why);
    if (response->status / 100 == 2)
        return S3_OK;
    if (response->status == 404 && strstr(buf_str(&response->body), "NoSuchBucket") == NULL)
        return fail(error, S3_MISSING, "s3://%s/%s is not there", s3->bucket, key);
    if (call->create && (response->status == 412 || response->status == 409))
        return fail(error, S3_CONFLICT, "s3://%s/%s is there already", s3->bucket, key);
    if (call->range != NULL && response->status == 416)
        return S3_OK;
    describe(s3, call, response, error);
    return S3_ERROR;
}

static enum s3_status perform(struct s3 *s3, const struct call *call, struct web_response *response,
                              struct s3_error *error)
{
    *response = (struct web_response){0};
    if (!s3_credentials_fresh(&s3->credentials, &s3->http, s3->world, s3->region, error->text,
                              sizeof error->text))
        return error->status = S3_ERROR;
    struct arena *arena = arena_new();
    const char *path = path_of(s3, arena, call->key), *headers[8];
    const char *url = arena_printf(arena, "%s%s%s%s%s", s3->scheme, s3->host, path,
                                   call->query[0] != '\0' ? "?" : "", call->query);
    struct web_request request = {.method = call->method,
                                  .url = url,
                                  .headers = headers,
                                  .header_count = make_headers(s3, arena, call, path, headers),
                                  .body = call->body,
                                  .body_length = call->body_length,
                                  .limit = call->limit > ERROR_LIMIT ? call->limit : ERROR_LIMIT,
                                  .file = call->file,
                                  .no_body = call->no_body,
                                  .seconds = 60 + (int)(call->body_length >> 20)};
    bool answered = web_call_patiently(&s3->http, s3->world, &request, TRIES, response);
    arena_free(arena);
    return judge(s3, call, answered, response, error);
}

/* --- objects --- */

enum s3_status s3_put(struct s3 *s3, const char *key, const void *bytes, size_t count, bool create,
                      struct s3_error *error)
{
    struct call call = {.method = "PUT",
                        .key = key,
                        .query = "",
                        .body = bytes != NULL ? bytes : "",
                        .body_length = count,
                        .create = create,
                        .file = -1};
    struct web_response response;
    enum s3_status status = perform(s3, &call, &response, error);
    web_response_free(&response);
    return status;
}

enum s3_status s3_put_file(struct s3 *s3, const char *key, const char *path, bool create,
                           struct s3_error *error)
{
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &info) != 0 || (uint64_t)info.st_size > put_limit) {
        enum s3_status status = fail(error, S3_ERROR, "%s: %s", path,
                                     file < 0 ? strerror(errno) : "an object may have at most 5 GiB");
        if (file >= 0)
            close(file);
        return status;
    }
    size_t size = (size_t)info.st_size;
    void *bytes = size > 0 ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0) : NULL;
    enum s3_status status = bytes == MAP_FAILED ? fail(error, S3_ERROR, "%s: %s", path, strerror(errno))
                                                : s3_put(s3, key, bytes, size, create, error);
    if (bytes != NULL && bytes != MAP_FAILED)
        munmap(bytes, size);
    close(file);
    return status;
}

enum s3_status s3_get(struct s3 *s3, const char *key, size_t limit, struct buf *out, struct s3_error *error)
{
    struct call call = {.method = "GET", .key = key, .query = "", .limit = limit, .file = -1};
    struct web_response response;
    enum s3_status status = perform(s3, &call, &response, error);
    if (status == S3_OK && response.body.length > limit)
        status = fail(error, S3_ERROR, "s3://%s/%s is larger than %zu bytes", s3->bucket, key, limit);
    if (status == S3_OK)
        buf_add(out, buf_str(&response.body), response.body.length);
    web_response_free(&response);
    return status;
}

/* A temporary file beside the path, whose folders are made. */
static int open_beside(const char *path, char **temporary, struct s3_error *error)
{
    struct buf name = {0};
    const char *slash = strrchr(path, '/');
    if (slash != NULL && slash != path) {
        buf_add(&name, path, (size_t)(slash - path));
        file_make_folders(buf_str(&name));
        buf_clear(&name);
    }
    buf_printf(&name, "%s.XXXXXX", path);
    *temporary = buf_take(&name);
    int file = mkostemp(*temporary, O_CLOEXEC);
    if (file < 0)
        fail(error, S3_ERROR, "%s: %s", path, strerror(errno));
    return file;
}

enum s3_status s3_get_file(struct s3 *s3, const char *key, const char *path, struct s3_error *error)
{
    char *temporary = NULL;
    int file = open_beside(path, &temporary, error);
    if (file < 0) {
        free(temporary);
        return S3_ERROR;
    }
    struct call call = {.method = "GET", .key = key, .query = "", .file = file};
    struct web_response response;
    enum s3_status status = perform(s3, &call, &response, error);
    web_response_free(&response);
    bool kept = status == S3_OK && fchmod(file, 0644) == 0 && fsync(file) == 0;
    kept = close(file) == 0 && kept;
    if (kept && rename(temporary, path) != 0)
        kept = false;
    if (!kept)
        unlink(temporary);
    if (status == S3_OK && !kept)
        status = fail(error, S3_ERROR, "%s: %s", path, strerror(errno));
    free(temporary);
    return status;
}

/* The transport waits for the body that a HEAD's length announces, so the first byte is asked for instead. */
enum s3_status s3_exists(struct s3 *s3, const char *key, struct s3_error *error)
{
    struct call call = {
        .method = "GET", .key = key, .query = "", .range = "bytes=0-0", .limit = ERROR_LIMIT, .file = -1};
    struct web_response response;
    enum s3_status status = perform(s3, &call, &response, error);
    /* A server that ignores ranges sends it whole: that says that it is there. */
    if (status == S3_ERROR && response.too_large && response.status == 200)
        status = S3_OK;
    web_response_free(&response);
    return status;
}

/* --- listing --- */

static const char *unescape(struct arena *arena, const char *text, size_t length)
{
    static const struct {
        const char *entity;
        char means;
    } entities[] = {{"&amp;", '&'},   {"&lt;", '<'},  {"&gt;", '>'},  {"&quot;", '"'},
                    {"&apos;", '\''}, {"&#34;", '"'}, {"&#39;", '\''}};
    char *out = arena_copy(arena, text, length);
    size_t used = 0;
    for (size_t i = 0; i < length;) {
        size_t k = 0, count = sizeof entities / sizeof *entities;
        while (k < count && strncmp(text + i, entities[k].entity, strlen(entities[k].entity)) != 0)
            k++;
        out[used++] = k < count ? entities[k].means : text[i];
        i += k < count ? strlen(entities[k].entity) : 1;
    }
    out[used] = '\0';
    return out;
}

static void read_keys(const char *xml, struct vec *keys)
{
    for (const char *at = strstr(xml, "<Key>"); at != NULL; at = strstr(at, "<Key>")) {
        at += 5;
        const char *end = strstr(at, "</Key>");
        if (end == NULL)
            return;
        vec_push(keys, (void *)(uintptr_t)unescape(keys->arena, at, (size_t)(end - at)));
        at = end;
    }
}

enum s3_status s3_list(struct s3 *s3, const char *prefix, const char *after, struct vec *keys,
                       struct s3_error *error)
{
    enum s3_status status = S3_OK;
    const char *last = after;
    for (bool more = true; more && status == S3_OK;) {
        struct buf query = {0};
        size_t before = keys->count;
        buf_add_str(&query, "list-type=2&prefix=");
        web_add_encoded(&query, prefix, false);
        if (last != NULL) {
            buf_add_str(&query, "&start-after=");
            web_add_encoded(&query, last, false);
        }
        struct call call = {.method = "GET", .query = buf_str(&query), .limit = LIST_LIMIT, .file = -1};
        struct web_response response;
        status = perform(s3, &call, &response, error);
        if (status == S3_OK)
            read_keys(buf_str(&response.body), keys);
        more = strstr(buf_str(&response.body), "<IsTruncated>true</IsTruncated>") != NULL &&
               keys->count > before;
        last = keys->count > 0 ? keys->items[keys->count - 1] : last;
        web_response_free(&response);
        buf_free(&query);
    }
    return status;
}
