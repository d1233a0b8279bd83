#include "runtime/cluster/gitops.h"
#include <string.h>
#include "runtime/cluster/live.h"
#include "runtime/cluster/objects.h"

/* Controllers copy annotations from an object to what they make of it: Argo CD itself takes an identity that
 * names another object for no mark of its own. One that cannot be read counts. */
static bool names_object(const char *identity, const struct value *live)
{
    const char *kind = strchr(identity, ':'), *place = kind != NULL ? strchr(kind + 1, ':') : NULL;
    const char *own = live_meta(live, "name");
    const char *name = place != NULL ? strchr(place, '/') : NULL;
    if (name == NULL || own == NULL)
        return true;
    const char *own_kind = value_string_or(value_get(live, "kind"), NULL);
    const char *slash = memchr(kind, '/', (size_t)(place - kind));
    const char *from = slash != NULL ? slash + 1 : kind + 1;
    bool partial = own_kind == NULL || strcmp(own_kind, "PartialObjectMetadata") == 0;
    bool same_kind = partial || (strlen(own_kind) == (size_t)(place - from) &&
                                 memcmp(own_kind, from, (size_t)(place - from)) == 0);
    return same_kind && strcmp(name + 1, own) == 0;
}

static bool applied_by(const struct value *live, const char *manager)
{
    const struct value *entries = value_path(live, "metadata", "managedFields", NULL);
    for (size_t i = 0; entries != NULL && entries->kind == VALUE_LIST && i < entries->count; i++)
        if (strcmp(value_string_or(value_get(entries->items[i], "manager"), ""), manager) == 0)
            return true;
    return false;
}

const char *gitops_owner(const struct value *live)
{
    const char *identity = document_annotation(live, "argocd.argoproj.io/tracking-id");
    if ((identity != NULL && names_object(identity, live)) ||
        document_label(live, "argocd.argoproj.io/instance") != NULL ||
        (document_label(live, "app.kubernetes.io/instance") != NULL && applied_by(live, "argocd-controller")))
        return "Argo CD";
    if (document_label(live, "kustomize.toolkit.fluxcd.io/name") != NULL ||
        document_label(live, "helm.toolkit.fluxcd.io/name") != NULL ||
        document_label(live, "resourceset.fluxcd.controlplane.io/name") != NULL)
        return "Flux";
    return NULL;
}
