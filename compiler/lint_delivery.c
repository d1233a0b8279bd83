/* Rules about what is delivered: services, rollouts, targets. */

#include <string.h>
#include "compiler/lint.h"

static void check_way_back(struct evaluator *ev, struct node *rollout)
{
    const char *strategy = node_text(rollout, "strategy");
    const struct value *const *aborts;
    bool canary = strategy && strcmp(strategy, "canary") == 0;
    bool blue_green = strategy && strcmp(strategy, "blue_green") == 0 && !node_ref(rollout, "before");
    if ((!canary && !blue_green) || node_list(rollout, "aborts", &aborts) > 0)
        return;
    struct diag *diag =
        eval_report(ev, DIAG_ROLLOUT_NO_WAY_BACK, rollout->origin,
                    "nothing takes a bad version back: rollout `%s` never aborts", rollout->name);
    diag_help(diag, "say when, for example `abort when error_rate > 1%% for 2m`");
}

static void check_artifact(struct evaluator *ev, struct node *service)
{
    struct node *model = node_ref(service, "model");
    if (!model || node_get(model, "artifact")->kind != VALUE_NULL)
        return;
    const struct value *const *steps;
    size_t count = node_list(model, "steps", &steps);
    for (size_t i = 0; i < count; i++)
        if (node_get(steps[i]->node, "uses")->kind != VALUE_NULL)
            return; /* a packaged step makes what it makes */
    struct diag *diag =
        eval_report(ev, DIAG_NO_ARTIFACT, node_get(service, "model")->origin,
                    "model `%s` makes no file that `%s` could serve", model->name, service->name);
    diag_secondary(diag, origin_span(ev->compilation->origins, model->origin), "no step has `outputs`");
    diag_help(diag, "declare the file in the step that trains: `outputs = { model: \"model.json\" }`");
}

/* ---- images */

/* A tag stands behind the last `:` after the last `/`; a port of the registry stands before. */
static const char *tag_of(const char *image)
{
    const char *slash = strrchr(image, '/'), *colon = strchr(slash ? slash : image, ':');
    return colon ? colon + 1 : NULL;
}

static void check_image(struct evaluator *ev, struct node *service)
{
    const struct graph *graph = ev->compilation->graph;
    const char *image = node_text(service, "image"), *runs_on = node_text(service, "runs_on");
    struct vec environments = vec_in(ev->arena);
    bool deployed = runs_on && strcmp(runs_on, "cluster") == 0 && graph_find(graph, "target/kubernetes") &&
                    graph_collection(graph, "environment", NULL, &environments) > 0;
    if (!image || !deployed || strchr(image, '@') || lint_is_allowed(service))
        return;
    const char *tag = tag_of(image);
    if (tag && strcmp(tag, "latest") != 0)
        return;
    struct diag *diag = eval_report(ev, DIAG_IMAGE_UNPINNED, node_get(service, "image")->origin,
                                    "the image of `%s` can change under its name", service->name);
    diag_label(diag, tag ? "`latest` is another one tomorrow" : "no tag and no digest");
    diag_help(diag, "name the digest: `%.*s@sha256:…`",
              (int)(tag ? tag - 1 - image : (ptrdiff_t)strlen(image)), image);
}

/* ---- tests that a rollout runs */

static bool has_named(struct node *service, const char *list, const char *name)
{
    const struct value *const *items;
    size_t count = node_list(service, list, &items);
    for (size_t i = 0; i < count; i++)
        if (!name || strcmp(items[i]->node->name, name) == 0)
            return true;
    return false;
}

static bool any_service_has(struct node *environment, const char *list, const char *name)
{
    const struct value *const *services;
    size_t count = node_list(environment, "services", &services);
    for (size_t i = 0; i < count; i++)
        if (has_named(services[i]->node, list, name))
            return true;
    return false;
}

static void check_probes_of(struct evaluator *ev, struct node *environment, struct node *step)
{
    const struct value *const *probes;
    size_t count = node_list(step, "probes", &probes);
    for (size_t i = 0; i < count; i++) {
        bool smoke = probes[i]->kind == VALUE_VARIANT && strcmp(probes[i]->name, "smoke") == 0;
        bool test = probes[i]->kind == VALUE_VARIANT && strcmp(probes[i]->name, "test") == 0;
        const struct value *field = smoke || test ? value_get(probes[i], "name") : NULL;
        const char *name = field ? value_string_or(field, NULL) : NULL;
        if (!field || !name || any_service_has(environment, smoke ? "smokes" : "tests", name))
            continue;
        /* Without the environment in it, so that it is said once. */
        struct diag *diag = eval_report(ev, DIAG_PROBE_UNKNOWN, probes[i]->origin,
                                        "no service has the %s `%s`", smoke ? "smoke test" : "test", name);
        diag_note(diag, "in environment `%s`, which uses the rollout", environment->name);
        diag_help(diag, "write the name as it is declared in the service");
    }
}

static void check_probes(struct evaluator *ev, struct node *environment)
{
    struct node *rollout = node_ref(environment, "rollout");
    const struct value *const *steps;
    size_t count = rollout ? node_list(rollout, "steps", &steps) : 0;
    for (size_t i = 0; i < count; i++)
        check_probes_of(ev, environment, steps[i]->node);
    struct node *before = rollout ? node_ref(rollout, "before") : NULL;
    if (before)
        check_probes_of(ev, environment, before);
}

/* ---- targets */

static void check_store(struct evaluator *ev, struct node *target)
{
    struct node *project = ev->compilation->graph->project;
    const char *store = project ? node_text(project, "store") : NULL;
    struct vec models = vec_in(ev->arena);
    if (!store || strstr(store, "://") ||
        graph_collection(ev->compilation->graph, "model", NULL, &models) == 0)
        return;
    struct diag *diag = eval_report(ev, DIAG_STORE_LOCAL, target->origin,
                                    "CI needs a store that its machines share, and `%s` is a folder", store);
    diag_secondary(diag, origin_span(ev->compilation->origins, project->origin),
                   "the project has no shared store");
    diag_help(diag, "add `store = \"s3://bucket/prefix\"` to the project");
}

const struct lint_rule lint_delivery_rules[] = {
    {"rollout", check_way_back},
    {"service", check_artifact},
    {"service", check_image},
    {"environment", check_probes},
    {"target.github", check_store},
    {"target.gitlab", check_store},
    {0},
};
