#ifndef MLC_BACKENDS_KUBERNETES_KUBERNETES_H
#define MLC_BACKENDS_KUBERNETES_KUBERNETES_H

/* Kubernetes manifests: identities, references and limits of finished objects. */

#include "backends/backend.h"

extern const struct backend backend_kubernetes;

/* Two objects of one identity, names and labels that the API server refuses, sizes, references. Only reports.
 */
void kubernetes_check(struct compilation *compilation, const struct vec *files);

/* Names, labels, annotations and sizes of one object. Only reports. */
void kubernetes_check_names(struct compilation *compilation, const struct value *object);

/* "Deployment iris/iris-api", in the arena. */
const char *kubernetes_title(struct compilation *compilation, const struct value *object);

#endif
