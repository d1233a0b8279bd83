#include "runtime/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/file.h"
#include "core/text.h"
#include "runtime/store_backend.h"

bool registry_in_ci(void)
{
    const char *ci = getenv("CI");
    return ci != NULL && *ci != '\0' && strcmp(ci, "false") != 0;
}

const char *registry_domain(struct arena *arena)
{
    const char *event = getenv("GITHUB_EVENT_NAME"), *ref = getenv("GITHUB_REF");
    if (!registry_in_ci() || event == NULL || !text_starts_with(event, "pull_request"))
        return "main";
    const char *number = ref != NULL && text_starts_with(ref, "refs/pull/") ? ref + 10 : "";
    size_t digits = strspn(number, "0123456789");
    /* A pull request whose number cannot be told still must not write where main reads. */
    return digits > 0 ? arena_printf(arena, "pr/%.*s", (int)digits, number) : "pr/unknown";
}

const char *registry_location(struct compilation *compilation, const char *named, enum registry_whose whose)
{
    if (named != NULL)
        return named;
    const char *store = node_text(compilation->graph->project, "store");
    if (store == NULL || (whose == REGISTRY_HERE && !registry_in_ci()))
        store = ".mlc/store";
    if (strstr(store, "://") != NULL)
        return store;
    return file_join(compilation->arena, compilation->project_folder, store);
}

/* An index counts versions as the log does: it is behind when the log has more. */
static bool is_behind(struct registry *registry, struct node *model)
{
    struct store_head head;
    struct vec known = vec_in(registry->arena);
    struct index_error why;
    if (store_log_head(registry->store, model->id, &head, &registry->error) != STORE_OK ||
        !index_versions(registry->index, registry->arena, model->id, &known, &why))
        return true;
    return known.count != head.sequence || strcmp(registry->domain, "main") != 0;
}

static bool refresh(struct registry *registry)
{
    struct vec models = vec_in(registry->arena);
    graph_collection(registry->compilation->graph, "model", NULL, &models);
    for (size_t i = 0; i < models.count; i++)
        if (is_behind(registry, models.items[i]))
            return registry_rebuild(registry);
    return true;
}

bool registry_open(struct registry *registry, struct compilation *compilation, const char *named,
                   enum registry_whose whose)
{
    struct arena *arena = compilation->arena;
    struct index_error why = {0};
    *registry = (struct registry){.compilation = compilation, .arena = arena};
    registry->location = registry_location(compilation, named, whose);
    registry->domain = registry_domain(arena);
    registry->store = store_open(registry->location, registry->domain, &registry->error);
    if (registry->store == NULL)
        return false;
    registry->index = index_open(file_join(arena, compilation->project_folder, ".mlc/registry.db"), &why);
    if (registry->index == NULL)
        store_fail(&registry->error, STORE_ERROR, "%s", why.text);
    bool done = registry->index != NULL && (whose == REGISTRY_PROJECT || refresh(registry));
    if (!done)
        registry_close(registry);
    return done;
}

void registry_close(struct registry *registry)
{
    index_close(registry->index);
    store_close(registry->store);
    registry->index = NULL;
    registry->store = NULL;
}

bool registry_rebuild(struct registry *registry)
{
    struct vec models = vec_in(registry->arena);
    struct index_error why = {0};
    graph_collection(registry->compilation->graph, "model", NULL, &models);
    const char **ids = arena_array(registry->arena, models.count + 1, sizeof *ids);
    for (size_t i = 0; i < models.count; i++)
        ids[i] = ((struct node *)models.items[i])->id;
    if (index_rebuild(registry->index, registry->store, ids, models.count, registry->compilation->lock, &why))
        return true;
    store_fail(&registry->error, STORE_ERROR, "%s", why.text);
    return false;
}

struct node *registry_model(struct compilation *compilation, const char *name)
{
    struct node *node = graph_find(compilation->graph, name);
    if (node == NULL)
        node = graph_find(compilation->graph, arena_printf(compilation->arena, "model/%s", name));
    return node != NULL && strcmp(node->kind->name, "model") == 0 ? node : NULL;
}

const char *registry_locked_champion(const struct compilation *compilation, const char *model)
{
    const struct value *line =
        value_get(compilation->lock, arena_printf(compilation->arena, "%s.champion", model));
    const char *text = value_string_or(line, NULL);
    return text != NULL && text_starts_with(text, "sha256:") ? text + 7 : text;
}

bool registry_versions(struct registry *registry, const char *model, struct vec *records)
{
    return store_log_read(registry->store, registry->arena, model, records, &registry->error) == STORE_OK;
}

const char *registry_artifact_file(struct node *model)
{
    struct node *artifact = node_ref(model, "artifact");
    return artifact != NULL ? node_text(artifact, "file") : NULL;
}
