/* In which order a set is applied: waves, then the order of kinds, then declared dependencies. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/buf.h"
#include "core/text.h"
#include "runtime/cluster/objects.h"

enum rank {
    RANK_DEFINITIONS,   /* definitions and namespaces */
    RANK_FOUNDATIONS,   /* roles, service accounts, classes */
    RANK_CONFIGURATION, /* what workloads mount, find and are bound by */
    RANK_WORKLOADS,
    RANK_CUSTOM,
    RANK_GATES /* webhooks and aggregated APIs: they need their servers to be there */
};

static const struct {
    const char *group, *kind;
    enum rank rank;
} ranks[] = {
    {"apiextensions.k8s.io", "CustomResourceDefinition", RANK_DEFINITIONS},
    {"", "Namespace", RANK_DEFINITIONS},
    {"", "ServiceAccount", RANK_FOUNDATIONS},
    {"rbac.authorization.k8s.io", "ClusterRole", RANK_FOUNDATIONS},
    {"rbac.authorization.k8s.io", "Role", RANK_FOUNDATIONS},
    {"scheduling.k8s.io", "PriorityClass", RANK_FOUNDATIONS},
    {"storage.k8s.io", "StorageClass", RANK_FOUNDATIONS},
    {"node.k8s.io", "RuntimeClass", RANK_FOUNDATIONS},
    {"networking.k8s.io", "IngressClass", RANK_FOUNDATIONS},
    {"gateway.networking.k8s.io", "GatewayClass", RANK_FOUNDATIONS},
    {"", "ResourceQuota", RANK_FOUNDATIONS},
    {"", "LimitRange", RANK_FOUNDATIONS},
    {"", "ConfigMap", RANK_CONFIGURATION},
    {"", "Secret", RANK_CONFIGURATION},
    {"", "Service", RANK_CONFIGURATION},
    {"", "PersistentVolume", RANK_CONFIGURATION},
    {"", "PersistentVolumeClaim", RANK_CONFIGURATION},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", RANK_CONFIGURATION},
    {"rbac.authorization.k8s.io", "RoleBinding", RANK_CONFIGURATION},
    {"networking.k8s.io", "NetworkPolicy", RANK_CONFIGURATION},
    {"policy", "PodDisruptionBudget", RANK_CONFIGURATION},
    {"apiregistration.k8s.io", "APIService", RANK_GATES},
    {"admissionregistration.k8s.io", "ValidatingWebhookConfiguration", RANK_GATES},
    {"admissionregistration.k8s.io", "MutatingWebhookConfiguration", RANK_GATES},
    {"admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", RANK_GATES},
};

static const char *const builtin_groups[] = {
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
};

unsigned objects_rank(const struct resource *resource)
{
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
        if (strcmp(ranks[i].kind, resource->kind) == 0 && strcmp(ranks[i].group, resource->group) == 0)
            return ranks[i].rank;
    if (strchr(resource->group, '.') == NULL)
        return RANK_WORKLOADS;
    for (size_t i = 0; i < sizeof builtin_groups / sizeof *builtin_groups; i++)
        if (strcmp(builtin_groups[i], resource->group) == 0)
            return RANK_WORKLOADS;
    return RANK_CUSTOM;
}

/* A node of the graph, by place in the set. */
struct node_order {
    unsigned rank;
    unsigned waiting;      /* dependencies that are not ordered yet */
    struct vec dependents; /* struct object * */
    bool done;
};

struct order {
    struct object_set *set;
    const struct reporter *reporter;
    struct node_order *nodes;
    bool failed;
};

/* "group/namespaces/ns/Kind/name", "group/Kind/name", or "kind[.group]/name" in the same namespace. */
static const struct object *find_dependency(const struct order *order, const struct object *from,
                                            const char *text)
{
    struct arena *arena = order->set->arena;
    char *copy = arena_strdup(arena, text), *parts[6];
    size_t count = 0;
    for (char *part = copy; part != NULL && count < 6;) {
        parts[count++] = part;
        part = strchr(part, '/');
        if (part != NULL)
            *part++ = 0;
    }
    if (count == 5 && strcmp(parts[1], "namespaces") == 0)
        return map_get(order->set->by_id, object_id(arena, parts[0], parts[3], parts[2], parts[4]));
    if (count == 3)
        return map_get(order->set->by_id, object_id(arena, parts[0], parts[1], NULL, parts[2]));
    if (count != 2)
        return NULL;
    const struct object *found = NULL;
    for (size_t i = 0; i < order->set->objects.count && found == NULL; i++) {
        const struct object *candidate = order->set->objects.items[i];
        bool here = candidate->namespace == NULL || from->namespace == NULL ||
                    strcmp(candidate->namespace, from->namespace) == 0;
        if (here && strcmp(candidate->name, parts[1]) == 0) {
            const char *full = arena_printf(arena, "%s%s%s", candidate->kind,
                                            *candidate->group != 0 ? "." : "", candidate->group);
            if (strcasecmp(full, parts[0]) == 0 || strcasecmp(candidate->kind, parts[0]) == 0)
                found = candidate;
        }
    }
    return found;
}

static void add_edge(struct order *order, struct object *object, const char *text)
{
    struct object *dependency = (struct object *)(uintptr_t)find_dependency(order, object, text);
    if (dependency == NULL || dependency->wave > object->wave) {
        cluster_report(order->reporter, DIAG_CLUSTER_CYCLE, object->origin,
                       "%s %s depends on \"%s\", which is %s", object->kind, object->name, text,
                       dependency == NULL ? "not among the documents" : "in a later wave");
        order->failed = true;
        return;
    }
    dependency->awaited = true;
    if (dependency->wave < object->wave)
        return; /* waves are waited for as a whole */
    vec_push(&order->nodes[dependency->index].dependents, object);
    order->nodes[object->index].waiting++;
}

static void add_edges(struct order *order, struct object *object)
{
    const char *list = document_annotation(object->document, "mlc.dev/depends-on");
    if (list == NULL)
        list = document_annotation(object->document, "config.kubernetes.io/depends-on");
    while (list != NULL && *list != 0) {
        list += strspn(list, ", \n");
        size_t length = strcspn(list, ",\n");
        size_t end = length;
        while (end > 0 && list[end - 1] == ' ')
            end--;
        if (end > 0)
            add_edge(order, object, arena_copy(order->set->arena, list, end));
        list += length;
    }
}

/* Kahn's algorithm; what it leaves is on a cycle or behind one. */
static size_t settle(struct order *order)
{
    size_t count = order->set->objects.count, head = 0, tail = 0;
    struct object **queue = mem_calloc(count + 1, sizeof *queue);
    for (size_t i = 0; i < count; i++)
        if (order->nodes[i].waiting == 0)
            queue[tail++] = order->set->objects.items[i];
    while (head < tail) {
        const struct object *object = queue[head++];
        struct node_order *node = &order->nodes[object->index];
        node->done = true;
        for (size_t i = 0; i < node->dependents.count; i++) {
            struct object *next = node->dependents.items[i];
            struct node_order *behind = &order->nodes[next->index];
            if (behind->rank <= node->rank)
                behind->rank = node->rank + 1;
            if (--behind->waiting == 0)
                queue[tail++] = next;
        }
    }
    free(queue);
    return tail;
}

/* From any object that is left, dependencies that are left lead into the cycle. */
static void report_cycle(struct order *order)
{
    size_t count = order->set->objects.count, at = 0;
    size_t *seen = mem_calloc(count, sizeof *seen);
    size_t *before = mem_calloc(count, sizeof *before);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; !order->nodes[i].done && j < order->nodes[i].dependents.count; j++)
            before[((struct object *)order->nodes[i].dependents.items[j])->index] = i;
    while (at < count && order->nodes[at].done)
        at++;
    for (; !seen[at]; at = before[at])
        seen[at] = 1;
    struct buf text = {0};
    size_t start = at;
    do {
        const struct object *object = order->set->objects.items[at];
        buf_printf(&text, "%s/%s depends on ", object->kind, object->name);
        at = before[at];
    } while (at != start && text.length < 2000);
    const struct object *first = order->set->objects.items[start];
    cluster_report(order->reporter, DIAG_CLUSTER_CYCLE, first->origin,
                   "these objects wait for each other: %s%s/%s", buf_str(&text), first->kind, first->name);
    buf_free(&text);
    free(seen);
    free(before);
}

static int compare(const void *a, const void *b, void *context)
{
    const struct object *left = a, *right = b;
    const struct order *order = context;
    if (left->wave != right->wave)
        return left->wave < right->wave ? -1 : 1;
    unsigned l = order->nodes[left->index].rank, r = order->nodes[right->index].rank;
    return l < r ? -1 : l > r;
}

static unsigned number_stages(struct order *order)
{
    struct vec *objects = &order->set->objects;
    unsigned stage = 0;
    vec_sort(objects, compare, order);
    for (size_t i = 0; i < objects->count; i++) {
        struct object *object = objects->items[i];
        if (i > 0 && compare(objects->items[i - 1], object, order) != 0)
            stage++;
        object->stage = stage;
    }
    for (size_t i = 0; i < objects->count; i++)
        ((struct object *)objects->items[i])->index = i;
    return stage + 1;
}

unsigned objects_order(struct object_set *set, const struct reporter *reporter)
{
    size_t count = set->objects.count;
    struct order order = {set, reporter, mem_calloc(count + 1, sizeof *order.nodes), false};
    unsigned stages = 0;
    for (size_t i = 0; i < count; i++) {
        struct object *object = set->objects.items[i];
        object->index = i;
        order.nodes[i].dependents = vec_in(set->arena);
        order.nodes[i].rank = objects_rank(object->resource);
    }
    for (size_t i = 0; i < count; i++)
        add_edges(&order, set->objects.items[i]);
    if (!order.failed && settle(&order) < count) {
        report_cycle(&order);
        order.failed = true;
    }
    if (!order.failed)
        stages = number_stages(&order);
    free(order.nodes);
    return stages;
}
