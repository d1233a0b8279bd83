#include "runtime/smoke.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "core/documents/json.h"
#include "core/expr.h"
#include "core/text.h"
#include "runtime/run.h"

enum { LARGEST_BODY = 8 << 20, LONGEST_FOUND = 120 };

static const int64_t poll_ns = 100000000;

/* One exchange, from its start to its end. */
struct answer {
    struct buf body;
    bool ended, too_large;
    enum http_outcome outcome;
    int status;
    char why[256];
    int64_t latency_ns;
};

static bool take_body(void *context, int status, const char *bytes, size_t count)
{
    (void)status;
    struct answer *answer = context;
    answer->too_large = count > LARGEST_BODY - answer->body.length;
    if (!answer->too_large)
        buf_add(&answer->body, bytes, count);
    return !answer->too_large;
}

static void take_end(void *context, enum http_outcome outcome, int status, const char *why)
{
    struct answer *answer = context;
    answer->ended = true;
    answer->outcome = outcome;
    answer->status = status;
    snprintf(answer->why, sizeof answer->why, "%s", why != NULL ? why : "");
}

static void exchange(struct http *http, struct http_request *request, struct answer *answer)
{
    request->sink = (struct http_sink){answer, NULL, take_body, take_end};
    if (http->start(http->context, request) == NULL) {
        take_end(answer, HTTP_NOT_SENT, 0, "the request could not be started");
        return;
    }
    while (!answer->ended)
        http->poll(http->context, poll_ns);
}

int smoke_status(struct http *http, const char *url, int64_t timeout_ns)
{
    struct answer answer = {0};
    struct http_request request = {.method = "GET", .url = url, .timeout_ns = timeout_ns, .fresh = true};
    exchange(http, &request, &answer);
    buf_free(&answer.body);
    return answer.outcome == HTTP_DONE ? answer.status : 0;
}

/* --- the expectations
 * ----------------------------------------------------------------------------------------- */

struct judging {
    struct arena *arena;
    const struct answer *answer;
    const struct value *body; /* NULL: it is no JSON */
};

static const struct value *leaf(void *context, const struct expr *expr, const char **why);

static const struct value *part_of(struct judging *judging, const struct value *whole,
                                   const struct value *key, const char **why)
{
    const struct value *found = NULL;
    if (key->kind == VALUE_STRING)
        found = whole->kind == VALUE_RECORD ? value_get(whole, key->text) : NULL;
    else if (key->kind == VALUE_INT && whole->kind == VALUE_LIST && key->integer >= 0 &&
             (size_t)key->integer < whole->count)
        found = whole->items[key->integer];
    if (found != NULL)
        return found;
    struct buf name = {0};
    value_print(&name, key);
    *why = arena_printf(judging->arena, "%s has no %s", value_kind_name(whole), buf_str(&name));
    buf_free(&name);
    return NULL;
}

static const struct value *inner(struct judging *judging, const struct expr *expr, const char **why)
{
    const struct value *whole = leaf(judging, expr->args[0], why);
    if (whole == NULL)
        return NULL;
    if (expr->kind == EXPR_FIELD)
        return part_of(judging, whole, value_string(judging->arena, expr->name, 0), why);
    if (expr->args[1]->kind == EXPR_LITERAL)
        return part_of(judging, whole, expr->args[1]->value, why);
    *why = "an index is a number or a text";
    return NULL;
}

static const struct value *leaf(void *context, const struct expr *expr, const char **why)
{
    struct judging *judging = context;
    struct arena *arena = judging->arena;
    if ((expr->kind == EXPR_FIELD || expr->kind == EXPR_INDEX) && expr->arg_count > 0)
        return inner(judging, expr, why);
    const char *name = expr->kind == EXPR_MEASURE || expr->kind == EXPR_NAME ? expr->name : "";
    if (strcmp(name, "status") == 0)
        return value_int(arena, judging->answer->status, 0);
    if (strcmp(name, "latency") == 0)
        return value_quantity(arena, (double)judging->answer->latency_ns / 1000, UNIT_DURATION, 0);
    if (strcmp(name, "body") == 0) {
        *why = "the body is no JSON";
        return judging->body;
    }
    *why = arena_printf(arena, "`%s` is not known of an answer", name);
    return NULL;
}

/* What stands left of a comparison, for people. */
static const char *describe_found(struct judging *judging, const struct expr *condition)
{
    const char *why = "";
    if (condition->kind != EXPR_BINARY)
        return NULL;
    struct expr_leaves leaves = {judging, leaf};
    const struct value *left = expr_evaluate(judging->arena, condition->args[0], &leaves, &why);
    if (left == NULL)
        return NULL;
    struct buf text = {0};
    value_print(&text, left);
    const char *found = arena_printf(judging->arena, "%.*s%s", LONGEST_FOUND, buf_str(&text),
                                     text.length > LONGEST_FOUND ? "…" : "");
    buf_free(&text);
    return found;
}

static struct verdict *judge(struct judging *judging, const struct value *expectation)
{
    struct verdict *verdict = arena_alloc(judging->arena, sizeof *verdict);
    const struct expr *condition = node_get(expectation->node, "condition")->expr;
    struct expr_leaves leaves = {judging, leaf};
    const char *why = "it cannot be computed";
    const struct value *result = expr_evaluate(judging->arena, condition, &leaves, &why);
    verdict->source = node_text(expectation->node, "source");
    verdict->origin = expectation->origin;
    verdict->holds = result != NULL && result->kind == VALUE_BOOL && result->boolean;
    verdict->found = describe_found(judging, condition);
    if (result == NULL)
        verdict->why = why;
    return verdict;
}

/* --- the request
 * ----------------------------------------------------------------------------------------------- */

/* "Name: value" of each header, and the type of a body that has none. */
static size_t headers_of(struct arena *arena, struct node *smoke, bool has_body, const char ***out)
{
    const struct value *headers = node_get(smoke, "headers");
    size_t given = headers->kind == VALUE_RECORD ? headers->field_count : 0, count = 0;
    const char **lines = arena_array(arena, given + 1, sizeof *lines);
    bool typed = false;
    for (size_t i = 0; i < given; i++) {
        typed = typed || strcasecmp(headers->fields[i].key, "content-type") == 0;
        lines[count++] = arena_printf(arena, "%s: %s", headers->fields[i].key,
                                      value_string_or(headers->fields[i].value, ""));
    }
    if (has_body && !typed)
        lines[count++] = "Content-Type: application/json";
    *out = lines;
    return count;
}

static const char *address(struct arena *arena, const char *url, const char *path)
{
    size_t length = strlen(url) - text_ends_with(url, "/");
    return arena_printf(arena, "%.*s%s%s", (int)length, url, *path == '/' ? "" : "/", path);
}

static const char *outcome_text(struct arena *arena, const struct answer *answer, const char *url)
{
    if (answer->too_large)
        return arena_printf(arena, "%s answered with more than %d MiB", url, LARGEST_BODY >> 20);
    if (answer->outcome == HTTP_TIMED_OUT)
        return arena_printf(arena, "%s did not answer in time", url);
    return arena_printf(arena, "%s did not answer: %s", url, answer->why);
}

struct smoke_result *smoke_run(struct arena *arena, const struct world *world, struct http *http,
                               struct node *smoke, const char *url)
{
    struct smoke_result *result = arena_alloc(arena, sizeof *result);
    const struct value *send = node_get(smoke, "send"), *timeout = node_get(smoke, "timeout");
    const char **headers, *why;
    struct answer answer = {0};
    struct buf body = {0};
    bool has_body = send->kind != VALUE_NULL && json_write(&body, send, (struct json_style){0}, NULL);
    size_t header_count = headers_of(arena, smoke, has_body, &headers);
    struct http_request request = {
        .method = node_text(smoke, "method"),
        .url = address(arena, url, node_text(smoke, "path")),
        .headers = headers,
        .header_count = header_count,
        .body = has_body ? buf_str(&body) : NULL,
        .body_length = body.length,
        .timeout_ns = timeout->kind == VALUE_QUANTITY ? (int64_t)(timeout->number * 1000) : 10000000000,
    };
    int64_t start = world->monotonic_ns(world->context);
    exchange(http, &request, &answer);
    answer.latency_ns = world->monotonic_ns(world->context) - start;
    *result = (struct smoke_result){smoke, answer.outcome == HTTP_DONE, NULL, vec_in(arena)};
    if (!result->holds)
        result->why = outcome_text(arena, &answer, request.url);
    struct judging judging = {arena, &answer,
                              json_read_text(arena, buf_str(&answer.body), answer.body.length, &why)};
    const struct value *const *expects;
    size_t count = result->holds ? node_list(smoke, "expects", &expects) : 0;
    for (size_t i = 0; i < count; i++) {
        struct verdict *verdict = judge(&judging, expects[i]);
        result->holds = result->holds && verdict->holds;
        vec_push(&result->verdicts, verdict);
    }
    buf_free(&answer.body);
    buf_free(&body);
    return result;
}
