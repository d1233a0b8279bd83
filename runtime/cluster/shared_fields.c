#include "runtime/cluster/shared_fields.h"
#include <string.h>

#define POD_HASH "rollouts-pod-template-hash"
#define MANAGED_BY "argo-rollouts.argoproj.io/managed-by-rollouts"

static const struct value *with(struct arena *arena, const struct value *record, const char *key,
                                const struct value *value)
{
    struct record_builder out = record_begin(arena);
    for (size_t i = 0; i < record->field_count; i++)
        record_set_at(&out, record->fields[i].key, record->fields[i].key_origin, record->fields[i].value);
    record_set(&out, key, value);
    return record_end(&out, record->origin);
}

static bool is_record(const struct value *value)
{
    return value != NULL && value->kind == VALUE_RECORD;
}

static bool is_list(const struct value *value)
{
    return value != NULL && value->kind == VALUE_LIST;
}

static bool is_kind(const struct object *object, const char *group, const char *kind)
{
    return strcmp(object->kind, kind) == 0 && strcmp(object->group, group) == 0;
}

/* The selector with the pod hash of the live one. */
static const struct value *adopt_selector(struct arena *arena, const struct value *document,
                                          const struct value *live)
{
    const struct value *spec = value_get(document, "spec"), *selector = value_get(spec, "selector");
    const char *hash = value_string_or(value_path(live, "spec", "selector", POD_HASH, NULL), NULL);
    if (hash == NULL || !is_record(selector) || document_annotation(live, MANAGED_BY) == NULL)
        return NULL;
    selector = with(arena, selector, POD_HASH, value_string(arena, hash, selector->origin));
    return with(arena, document, "spec", with(arena, spec, "selector", selector));
}

static bool names(const struct value *list, const char *name)
{
    for (size_t i = 0; is_list(list) && i < list->count; i++)
        if (strcmp(value_string_or(list->items[i], ""), name) == 0)
            return true;
    return false;
}

/* `{name, routes}` of a Rollout: true when it moves the weights of this route of this VirtualService. */
static bool moves(const struct value *reference, const char *name, const char *route)
{
    const struct value *routes = value_get(reference, "routes");
    return is_record(reference) && strcmp(value_string_or(value_get(reference, "name"), ""), name) == 0 &&
           (!is_list(routes) || routes->count == 0 || names(routes, route));
}

/* True when a Rollout of the set moves the weights of a route (by its name, "" when it has none). */
static bool is_moved(const struct object_set *set, const struct object *object, const char *route)
{
    for (size_t i = 0; i < set->objects.count; i++) {
        const struct object *rollout = set->objects.items[i];
        if (!is_kind(rollout, "argoproj.io", "Rollout") || rollout->namespace == NULL ||
            object->namespace == NULL || strcmp(rollout->namespace, object->namespace) != 0)
            continue;
        const struct value *istio =
            value_path(rollout->document, "spec", "strategy", "canary", "trafficRouting", "istio", NULL);
        const struct value *several = value_get(istio, "virtualServices");
        if (moves(value_get(istio, "virtualService"), object->name, route))
            return true;
        for (size_t j = 0; is_list(several) && j < several->count; j++)
            if (moves(several->items[j], object->name, route))
                return true;
    }
    return false;
}

/* The live route of a name; of the routes without one, that of the same place. */
static const struct value *live_route(const struct value *routes, const char *name, size_t place)
{
    for (size_t i = 0; is_list(routes) && i < routes->count; i++)
        if (strcmp(value_string_or(value_get(routes->items[i], "name"), ""), name) == 0 &&
            (*name != 0 || i == place))
            return routes->items[i];
    return NULL;
}

static const struct value *live_weight(const struct value *destinations, const struct value *wanted)
{
    for (size_t i = 0; is_list(destinations) && i < destinations->count; i++) {
        const struct value *destination = value_get(destinations->items[i], "destination");
        const struct value *weight = value_get(destinations->items[i], "weight");
        if (destination != NULL && wanted != NULL && value_equal(destination, wanted) && weight != NULL &&
            weight->kind == VALUE_INT)
            return weight;
    }
    return NULL;
}

static const struct value *adopt_route(struct arena *arena, const struct value *route,
                                       const struct value *live)
{
    const struct value *destinations = value_get(route, "route");
    if (!is_list(destinations))
        return route;
    struct list_builder out = list_begin(arena);
    for (size_t i = 0; i < destinations->count; i++) {
        const struct value *item = destinations->items[i];
        const struct value *weight = live_weight(value_get(live, "route"), value_get(item, "destination"));
        list_add(&out, weight != NULL && is_record(item)
                           ? with(arena, item, "weight", value_int(arena, weight->integer, item->origin))
                           : item);
    }
    return with(arena, route, "route", list_end(&out, destinations->origin));
}

/* The weights of the live VirtualService, on those routes that a Rollout moves. */
static const struct value *adopt_weights(const struct object_set *set, const struct object *object,
                                         const struct value *document, const struct value *live)
{
    const struct value *spec = value_get(document, "spec"), *routes = value_get(spec, "http");
    bool adopted = false;
    if (!is_list(routes))
        return NULL;
    struct list_builder out = list_begin(set->arena);
    for (size_t i = 0; i < routes->count; i++) {
        const struct value *route = routes->items[i];
        const char *name = value_string_or(value_get(route, "name"), "");
        const struct value *there = live_route(value_path(live, "spec", "http", NULL), name, i);
        bool moved = is_record(route) && there != NULL && is_moved(set, object, name);
        list_add(&out, moved ? adopt_route(set->arena, route, there) : route);
        adopted = adopted || moved;
    }
    const struct value *http = list_end(&out, routes->origin);
    return adopted ? with(set->arena, document, "spec", with(set->arena, spec, "http", http)) : NULL;
}

void shared_fields_adopt(const struct object_set *set, struct object *object, const struct value *live)
{
    const struct value *written = object_written(object);
    const struct value *adopted = NULL;
    if (is_kind(object, "", "Service"))
        adopted = adopt_selector(set->arena, written, live);
    else if (is_kind(object, "networking.istio.io", "VirtualService"))
        adopted = adopt_weights(set, object, written, live);
    if (adopted == NULL && object->written == NULL)
        return;
    object->document = adopted != NULL ? adopted : written;
    object->written = adopted != NULL ? written : NULL;
}

static bool names_service(const struct object *rollout, const char *name)
{
    static const char *const places[][2] = {{"canary", "stableService"},
                                            {"canary", "canaryService"},
                                            {"blueGreen", "activeService"},
                                            {"blueGreen", "previewService"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct value *service =
            value_path(rollout->document, "spec", "strategy", places[i][0], places[i][1], NULL);
        if (strcmp(value_string_or(service, ""), name) == 0)
            return true;
    }
    return false;
}

static bool is_named(const struct object_set *set, const struct object *service)
{
    for (size_t i = 0; i < set->objects.count; i++) {
        const struct object *rollout = set->objects.items[i];
        bool near = is_kind(rollout, "argoproj.io", "Rollout") && rollout->namespace != NULL &&
                    service->namespace != NULL && strcmp(rollout->namespace, service->namespace) == 0;
        if (near && names_service(rollout, service->name))
            return true;
    }
    return false;
}

bool shared_fields_concern(const struct object_set *set, const struct object *object)
{
    if (object->written != NULL)
        return true;
    if (is_kind(object, "", "Service"))
        return is_named(set, object);
    const struct value *routes = is_kind(object, "networking.istio.io", "VirtualService")
                                     ? value_path(object->document, "spec", "http", NULL)
                                     : NULL;
    for (size_t i = 0; is_list(routes) && i < routes->count; i++)
        if (is_moved(set, object, value_string_or(value_get(routes->items[i], "name"), "")))
            return true;
    return false;
}
