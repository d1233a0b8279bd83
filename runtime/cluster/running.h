#ifndef MLC_RUNTIME_CLUSTER_RUNNING_H
#define MLC_RUNTIME_CLUSTER_RUNNING_H

/* What really runs: the pods of a project in a namespace, grouped by service, image and model. In the middle
 * of a rollout a service has two groups. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/report.h"

struct running {
    const char *service; /* the label app.kubernetes.io/name of the pods */
    const char *image;   /* of the container with the service's name, else of the first */
    const char *model;   /* the annotation mlc.dev/model, "iris@sha256:…"; "" when there is none */
    size_t pods, ready;
};

/* Reads the pods with app.kubernetes.io/part-of=`project`, page by page; pods that ended or are going do not
 * count. Pushes struct running *, in order of service, image and model. False, reported, when the pods cannot
 * be listed. */
bool running_read(struct arena *arena, struct client *client, const char *namespace, const char *project,
                  struct vec *out, const struct reporter *reporter);

#endif
