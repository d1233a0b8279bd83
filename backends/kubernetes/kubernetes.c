#include "backends/kubernetes/kubernetes.h"

#include <string.h>
#include "compiler/embedded.h"
#include "core/documents/json.h"

static void push_parts(struct compilation *compilation, const struct generated *file,
                       const struct value *document, struct vec *parts)
{
    (void)file;
    const char *kind = value_string_or(value_get(document, "kind"), NULL);
    if (!kind)
        return;
    struct part *part = arena_alloc(compilation->arena, sizeof *part);
    *part = (struct part){kind, value_string_or(value_path(document, "metadata", "name", NULL), ""), document,
                          NULL};
    vec_push(parts, part);
}

const char *kubernetes_title(struct compilation *compilation, const struct value *object)
{
    const char *namespace = value_string_or(value_path(object, "metadata", "namespace", NULL), NULL);
    return arena_printf(compilation->arena, "%s %s%s%s", value_string_or(value_get(object, "kind"), "object"),
                        namespace ? namespace : "", namespace ? "/" : "",
                        value_string_or(value_path(object, "metadata", "name", NULL), ""));
}

/* The spec says these: `environment`, `replicas`, `rollout` with its steps and aborts, `every`. */
static const char *const sealed[] = {"*.apiVersion",
                                     "*.kind",
                                     "*.metadata.name",
                                     "*.metadata.namespace",
                                     "Deployment.spec.replicas",
                                     "Deployment.spec.selector",
                                     "Rollout.spec.replicas",
                                     "Rollout.spec.selector",
                                     "Rollout.spec.strategy.canary.steps",
                                     "Rollout.spec.strategy.canary.analysis",
                                     "AnalysisTemplate.spec.metrics",
                                     "HorizontalPodAutoscaler.spec.minReplicas",
                                     "HorizontalPodAutoscaler.spec.maxReplicas",
                                     "CronJob.spec.schedule",
                                     "CronJob.spec.suspend",
                                     NULL};

/* fields.json: written by tests/tools/kubernetes_fields.py. */
static const struct value *field_names(struct compilation *compilation)
{
    const char *why = NULL;
    for (unsigned i = 0; i < embedded_file_count; i++)
        if (!strcmp(embedded_files[i].path, "backends/kubernetes/fields.json"))
            return json_read_text(compilation->arena, embedded_files[i].text, embedded_files[i].length, &why);
    return NULL;
}

const struct backend backend_kubernetes = {
    .name = "kubernetes",
    .summary = "Kubernetes manifests: one folder an environment",
    .check = kubernetes_check,
    .parts = push_parts,
    .sealed = sealed,
    .field_names = field_names,
};
