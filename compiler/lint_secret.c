/* Rules about secrets: each must be readable where it is used. */

#include <string.h>
#include "compiler/lint.h"

/* Where something runs that uses a secret. */
enum place { PLACE_CLUSTER, PLACE_CI };

struct use {
    struct evaluator *ev;
    enum place place;
    const char *user; /* in words: "monitor `drift`" */
    bool signs_in;    /* PLACE_CI: the target has a `login` */
};

static const char *why_not(const struct use *use, const char *source)
{
    static const char *const of_ci[] = {"github", "env"}, *const of_clouds[] = {"aws", "gcp", "azure"};
    for (size_t i = 0; use->place == PLACE_CLUSTER && i < 2; i++)
        if (strcmp(source, of_ci[i]) == 0)
            return "exists in CI jobs only, and this runs in a cluster";
    for (size_t i = 0; use->place == PLACE_CI && !use->signs_in && i < 3; i++)
        if (strcmp(source, of_clouds[i]) == 0)
            return "needs a job that signs in to the cloud, and the CI target has no `login`";
    return NULL;
}

static void check_secret(const struct use *use, struct node *secret, origin where)
{
    const struct value *from = node_get(secret, "from");
    const char *source = from->kind == VALUE_VARIANT ? from->name : NULL;
    const char *why = source ? why_not(use, source) : NULL;
    if (!why)
        return;
    struct diag *diag = eval_report(use->ev, DIAG_SECRET_UNREADABLE, where, "%s cannot read the secret `%s`",
                                    use->user, secret->name);
    diag_label(diag, "used here");
    diag_secondary(diag, origin_span(use->ev->compilation->origins, from->origin), "kept here");
    diag_note(diag, "a secret from `%s` %s", source, why);
    diag_help(diag, use->place == PLACE_CLUSTER ? "keep it where a cluster can read it: `aws(…)`, `vault(…)`"
                                                : "add `login = role(…)` to the target, or use `github(…)`");
}

/* Secrets in a value: those of an `env` map, and of the channels that actions name. */
static void check_value(const struct use *use, const struct value *value)
{
    if (value->kind == VALUE_NODE && strcmp(value->node->kind->name, "secret") == 0)
        check_secret(use, value->node, value->origin);
    if (value->kind == VALUE_NODE && strcmp(value->node->kind->name, "channel") == 0) {
        static const char *const keys[] = {"token", "pagerduty"};
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            struct node *secret = node_ref(value->node, keys[i]);
            if (secret)
                check_secret(use, secret, value->origin);
        }
    }
    for (size_t i = 0; value->kind == VALUE_LIST && i < value->count; i++)
        check_value(use, value->items[i]);
    bool fields = value->kind == VALUE_RECORD || value->kind == VALUE_VARIANT;
    for (size_t i = 0; fields && i < value->field_count; i++)
        check_value(use, value->fields[i].value);
}

static struct use use_of(struct evaluator *ev, const struct node *node, enum place place)
{
    struct node *github = graph_find(ev->compilation->graph, "target/github");
    struct use use = {ev, place, arena_printf(ev->arena, "%s `%s`", node->kind->name, node->name), true};
    if (place == PLACE_CI && github)
        use.signs_in = node_get(github, "login")->kind != VALUE_NULL;
    return use;
}

static bool has_cluster(const struct evaluator *ev)
{
    return graph_find(ev->compilation->graph, "target/kubernetes") != NULL;
}

static void check_service(struct evaluator *ev, struct node *service)
{
    const char *runs_on = node_text(service, "runs_on");
    struct use use = use_of(ev, service, PLACE_CLUSTER);
    if (has_cluster(ev) && runs_on && strcmp(runs_on, "cluster") == 0)
        check_value(&use, node_get(service, "env"));
}

static void check_monitor(struct evaluator *ev, struct node *monitor)
{
    const struct value *const *checks;
    struct use use = use_of(ev, monitor, PLACE_CLUSTER);
    size_t count = has_cluster(ev) ? node_list(monitor, "checks", &checks) : 0;
    for (size_t i = 0; i < count; i++)
        check_value(&use, node_get(checks[i]->node, "actions"));
}

static void check_step(struct evaluator *ev, struct node *step)
{
    const char *engine = step->parent && kind_attribute(step->parent->kind, "engine")
                             ? node_text(step->parent, "engine")
                             : "ci";
    struct use use = use_of(ev, step, PLACE_CI);
    if (engine && strcmp(engine, "ci") == 0)
        check_value(&use, node_get(step, "env"));
}

/* A pod asks GitHub with a token of its own. */
static void check_retrain(struct evaluator *ev, struct node *monitor)
{
    const struct value *const *checks, *const *actions;
    struct node *github = graph_find(ev->compilation->graph, "target/github");
    size_t count = github && has_cluster(ev) && !node_ref(github, "retrain_token")
                       ? node_list(monitor, "checks", &checks)
                       : 0;
    for (size_t i = 0; i < count; i++) {
        size_t action_count = node_list(checks[i]->node, "actions", &actions);
        for (size_t k = 0; k < action_count; k++) {
            bool retrain = actions[k]->kind == VALUE_WORD && strcmp(actions[k]->text, "retrain") == 0;
            if (!retrain && !(actions[k]->kind == VALUE_VARIANT && strcmp(actions[k]->name, "retrain") == 0))
                continue;
            struct diag *diag =
                eval_report(ev, DIAG_RETRAIN_UNASKED, actions[k]->origin,
                            "monitor `%s` has no token to ask for training with", monitor->name);
            diag_label(diag, "in a cluster this needs one");
            diag_help(diag,
                      "give the target `retrain_token = NAME`, a secret that may write the contents of the "
                      "repository");
        }
    }
}

const struct lint_rule lint_secret_rules[] = {
    {"service", check_service}, {"monitor", check_monitor}, {"monitor", check_retrain},
    {"step", check_step},       {"test", check_step},       {0},
};
