/* What is done where an expectation does not hold. Tokens come from the environment, under the name that the
 * emitted CronJob gives them: the secret's name in capitals. They go into headers and bodies, nowhere else.
 */

#include <stdlib.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/monitor_private.h"
#include "runtime/web.h"

struct acting {
    const struct monitor_run *run;
    struct http *http;
    const struct world *world;
    struct arena *arena;
    struct buf *log;
    bool well;
};

/* "slack-token" -> "SLACK_TOKEN", as the native `variable` of the templates. */
static const char *variable_of(struct arena *arena, const char *name)
{
    char *out = arena_strdup(arena, name);
    for (char *at = out; *at != '\0'; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9');
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
        else if (!letter)
            *at = '_';
    }
    return out;
}

static void fail(struct acting *acting, const char *what, const char *why)
{
    buf_printf(acting->log, "%s: %s\n", what, why);
    acting->well = false;
}

/* The value of a secret; NULL after saying that it is not there. */
static const char *secret_of(struct acting *acting, struct node *secret, const char *what)
{
    const char *name = variable_of(acting->arena, secret->name);
    const char *value = getenv(name);
    if (value != NULL && value[0] != '\0')
        return value;
    fail(acting, what,
         arena_printf(acting->arena, "the variable %s, which holds %s, is not set", name, secret->id));
    return NULL;
}

/* Where a service is: its public address, or another one for a private installation. */
static const char *address(const char *variable, const char *usual)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0' ? value : usual;
}

/* --- one request --- */

static const char *json_of(struct arena *arena, const struct value *value)
{
    struct buf out = {0};
    json_write(&out, value, (struct json_style){0}, NULL);
    const char *text = arena_copy(arena, buf_str(&out), out.length);
    buf_free(&out);
    return text;
}

/* Posts a document; `said` (may be NULL) judges the answer's body. */
static void post(struct acting *acting, const char *what, const char *url, const char *token,
                 const struct value *document,
                 const char *(*said)(struct arena *, const struct web_response *))
{
    const char *headers[] = {"Content-Type: application/json; charset=utf-8", "User-Agent: mlc", NULL};
    const char *body = json_of(acting->arena, document), *why = NULL;
    if (token != NULL)
        headers[2] = arena_printf(acting->arena, "Authorization: Bearer %s", token);
    struct web_request request = {.method = "POST",
                                  .url = url,
                                  .headers = headers,
                                  .header_count = token != NULL ? 3 : 2,
                                  .body = body,
                                  .body_length = strlen(body),
                                  .limit = 1 << 20,
                                  .file = -1,
                                  .seconds = 20};
    struct web_response response;
    if (!web_call_patiently(acting->http, acting->world, &request, 3, &response))
        why = arena_printf(acting->arena, "no answer: %s", response.why);
    else if (response.status / 100 != 2)
        why = arena_printf(acting->arena, "the answer is %d", response.status);
    else if (said != NULL)
        why = said(acting->arena, &response);
    web_response_free(&response);
    if (why != NULL)
        fail(acting, what, why);
    else
        buf_printf(acting->log, "%s: done\n", what);
}

static const struct value *text_value(struct arena *arena, const char *text)
{
    return value_string(arena, text, 0);
}

/* Slack answers 200 also to what it refuses: https://api.slack.com/methods/chat.postMessage */
static const char *slack_said(struct arena *arena, const struct web_response *response)
{
    const char *why = NULL;
    const struct value *answer = json_read_text(arena, buf_str(&response->body), response->body.length, &why);
    const struct value *ok = answer != NULL && answer->kind == VALUE_RECORD ? value_get(answer, "ok") : NULL;
    if (ok != NULL && ok->kind == VALUE_BOOL && ok->boolean)
        return NULL;
    return answer != NULL && answer->kind == VALUE_RECORD
               ? arena_printf(arena, "Slack refuses: %s",
                              value_string_or(value_get(answer, "error"), "no reason"))
               : "Slack's answer is no JSON";
}

/* --- alerts --- */

static const char *message_of(struct acting *acting)
{
    struct buf out = {0};
    buf_printf(&out, "%s: ", acting->run->monitor->id);
    size_t broken = 0;
    for (size_t i = 0; i < acting->run->results.count; i++) {
        const struct monitor_result *result = acting->run->results.items[i];
        if (result->holds || !result->decided)
            continue;
        if (++broken <= 10)
            buf_printf(&out, "%s`%s` does not hold: %s", broken > 1 ? "\n" : "", result->source,
                       result->found);
    }
    if (broken > 10)
        buf_printf(&out, "\nand %zu more", broken - 10);
    const char *text = arena_copy(acting->arena, buf_str(&out), out.length);
    buf_free(&out);
    return text;
}

static void tell_slack(struct acting *acting, struct node *channel, const char *room)
{
    const char *what = arena_printf(acting->arena, "alert to %s in Slack", room);
    struct node *secret = node_ref(channel, "token");
    struct record_builder body = record_begin(acting->arena);
    record_set(&body, "channel", text_value(acting->arena, room));
    record_set(&body, "text", text_value(acting->arena, message_of(acting)));
    if (secret == NULL) {
        fail(acting, what, arena_printf(acting->arena, "%s has no `token`", channel->id));
        return;
    }
    const char *token = secret_of(acting, secret, what);
    if (token != NULL)
        post(acting, what, address("SLACK_API_URL", "https://slack.com/api/chat.postMessage"), token,
             record_end(&body, 0), slack_said);
}

/* https://developer.pagerduty.com/docs/events-api-v2: one alert a monitor, by its dedup_key. */
static void tell_pagerduty(struct acting *acting, struct node *secret)
{
    struct arena *arena = acting->arena;
    const char *what = "alert to PagerDuty", *key = secret_of(acting, secret, what);
    if (key == NULL)
        return;
    struct record_builder payload = record_begin(arena), body = record_begin(arena);
    const char *message = message_of(acting);
    record_set(&payload, "summary", value_string_n(arena, message, strnlen(message, 1000), 0));
    record_set(&payload, "source", text_value(arena, acting->run->monitor->id));
    record_set(&payload, "severity", text_value(arena, "error"));
    record_set(&body, "routing_key", text_value(arena, key));
    record_set(&body, "event_action", text_value(arena, "trigger"));
    record_set(&body, "dedup_key", text_value(arena, acting->run->monitor->id));
    record_set(&body, "payload", record_end(&payload, 0));
    post(acting, what, address("PAGERDUTY_EVENTS_URL", "https://events.pagerduty.com/v2/enqueue"), NULL,
         record_end(&body, 0), NULL);
}

static void tell(struct acting *acting, struct node *channel)
{
    const char *slack = node_text(channel, "slack"), *webhook = node_text(channel, "webhook");
    struct node *pagerduty = node_ref(channel, "pagerduty");
    if (slack != NULL)
        tell_slack(acting, channel, slack);
    if (pagerduty != NULL)
        tell_pagerduty(acting, pagerduty);
    if (webhook != NULL) {
        struct node *secret = node_ref(channel, "token");
        const char *what = arena_printf(acting->arena, "alert to the webhook of %s", channel->id);
        const char *token = secret != NULL ? secret_of(acting, secret, what) : NULL;
        struct record_builder body = record_begin(acting->arena);
        record_set(&body, "text", text_value(acting->arena, message_of(acting)));
        record_set(&body, "monitor", monitor_to_value(acting->arena, acting->run));
        if (secret == NULL || token != NULL)
            post(acting, what, webhook, token, record_end(&body, 0), NULL);
    }
}

/* --- retraining --- */

/* "owner/name" on GitHub; NULL when the project is elsewhere. */
static const char *github_repository(struct acting *acting)
{
    const char *given = getenv("GITHUB_REPOSITORY");
    const char *repository = node_text(graph_of(acting->run->monitor)->project, "repository");
    if (given != NULL && given[0] != '\0')
        return given;
    return repository != NULL && text_starts_with(repository, "github.com/") ? repository + 11 : NULL;
}

/* Drift that a training has just answered still shows in a window of old requests: no second one so soon. */
static bool is_cooling(struct acting *acting, struct node *model)
{
    struct node *retrain = model != NULL ? node_ref(model, "retrain") : NULL;
    const struct value *cooldown = retrain != NULL ? node_get(retrain, "cooldown") : NULL;
    if (cooldown == NULL || cooldown->kind != VALUE_QUANTITY)
        return false;
    struct compilation *compilation = graph_of(acting->run->monitor)->compilation;
    int64_t last = baseline_last_training(compilation, model, acting->run->store);
    int64_t now = acting->world->wall_ns(acting->world->context) / 1000;
    if (last < 0 || (double)(now - last) >= cooldown->number)
        return false;
    buf_printf(acting->log,
               "retrain: not asked for: the last training was %lld minutes ago, and `cooldown` is ",
               (long long)((now - last) / 60000000));
    value_print(acting->log, cooldown);
    buf_add_char(acting->log, '\n');
    return true;
}

static void retrain(struct acting *acting)
{
    struct arena *arena = acting->arena;
    struct node *service = node_ref(acting->run->monitor, "watch"), *model = node_ref(service, "model");
    if (is_cooling(acting, model))
        return;
    const char *repository = github_repository(acting), *token = getenv("GH_TOKEN");
    if (token == NULL || token[0] == '\0')
        token = getenv("GITHUB_TOKEN");
    if (repository == NULL || token == NULL || token[0] == '\0') {
        buf_printf(acting->log,
                   "retrain: there is no GH_TOKEN here; run: gh api repos/%s/dispatches -f "
                   "event_type=mlc-retrain\n",
                   repository != NULL ? repository : "OWNER/NAME");
        acting->well = false;
        return;
    }
    struct record_builder payload = record_begin(arena), body = record_begin(arena);
    record_set(&payload, "model", text_value(arena, model != NULL ? model->id : ""));
    record_set(&payload, "monitor", text_value(arena, acting->run->monitor->id));
    record_set(&body, "event_type", text_value(arena, "mlc-retrain"));
    record_set(&body, "client_payload", record_end(&payload, 0));
    const char *api = address("GITHUB_API_URL", "https://api.github.com");
    post(acting, arena_printf(arena, "retrain by %s", repository),
         arena_printf(arena, "%s/repos/%s/dispatches", api, repository), token, record_end(&body, 0), NULL);
}

/* --- all --- */

static void act_once(struct acting *acting, const struct value *action)
{
    const char *name = action->kind == VALUE_VARIANT ? action->name : value_string_or(action, "");
    const struct value *channel = action->kind == VALUE_VARIANT ? value_get(action, "channel") : NULL;
    if (action->kind == VALUE_STRING) {
        buf_printf(acting->log, "note: %s\n", name);
    } else if (acting->http == NULL) {
        buf_printf(acting->log, "not done, as asked: %s%s%s\n", name, channel != NULL ? " to " : "",
                   channel != NULL && channel->kind == VALUE_NODE ? channel->node->id : "");
    } else if (strcmp(name, "alert") == 0 && channel != NULL && channel->kind == VALUE_NODE) {
        tell(acting, channel->node);
    } else if (strcmp(name, "retrain") == 0) {
        retrain(acting);
    } else if (strcmp(name, "warn") != 0 && strcmp(name, "block") != 0) {
        fail(acting, name, "a monitor cannot do this by itself; a person must");
    }
}

static bool was_done(const struct vec *done, const struct value *action)
{
    for (size_t i = 0; i < done->count; i++)
        if (value_equal(done->items[i], action))
            return true;
    return false;
}

bool monitor_act(const struct monitor_run *run, struct http *http, const struct world *world, struct buf *log)
{
    struct acting acting = {run, http, world, arena_new(), log, true};
    struct vec done = vec_in(acting.arena);
    for (size_t i = 0; i < run->results.count; i++) {
        const struct monitor_result *result = run->results.items[i];
        const struct value *const *actions;
        /* What is not known is no reason to wake or to retrain: the run fails, and says so. */
        size_t count =
            result->holds || !result->decided ? 0 : node_list(result->predicate, "actions", &actions);
        for (size_t k = 0; k < count; k++) {
            if (was_done(&done, actions[k]))
                continue;
            vec_push(&done, (void *)(uintptr_t)actions[k]);
            act_once(&acting, actions[k]);
        }
    }
    arena_free(acting.arena);
    return acting.well;
}
