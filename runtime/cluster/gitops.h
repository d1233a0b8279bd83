#ifndef MLC_RUNTIME_CLUSTER_GITOPS_H
#define MLC_RUNTIME_CLUSTER_GITOPS_H

/* Objects that a GitOps tool owns: what another tool changes it changes back, what is deleted it makes again.
 */

#include "core/value.h"

/* "Argo CD" or "Flux" by the marks that they leave on what they apply, or NULL. `live` needs its kind, name
 * and namespace only to tell a copied tracking annotation from a true one. Marks: Argo CD: annotation
 * argocd.argoproj.io/tracking-id "APP:GROUP/KIND:NAMESPACE/NAME", label argocd.argoproj.io/instance; label
 * app.kubernetes.io/instance with fields of its controller; Flux: labels kustomize.toolkit.fluxcd.io/name and
 * helm.toolkit.fluxcd.io/name, resourceset.fluxcd.controlplane.io/name. */
const char *gitops_owner(const struct value *live);

#endif
