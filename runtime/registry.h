#ifndef MLC_RUNTIME_REGISTRY_H
#define MLC_RUNTIME_REGISTRY_H

/* Where a project's versions are: its store and its index, opened together, and what is asked of them. */

#include <stdbool.h>
#include "compiler/compilation.h"
#include "compiler/graph.h"
#include "runtime/index.h"
#include "runtime/store.h"

struct registry {
    struct compilation *compilation;
    struct arena *arena;
    const char *location; /* of the store */
    const char *domain;
    struct store *store;
    struct index *index;
    struct store_error error; /* why the last call failed */
};

/* Whose store is meant when none was named: this machine's (`.mlc/store`; in CI the project's), or the
 * project's, which alone counts where the lock is changed. */
enum registry_whose { REGISTRY_HERE, REGISTRY_PROJECT };

/* True in CI, as every CI says it (`CI=true`). */
bool registry_in_ci(void);

/* The trust domain of what runs here: "pr/N" for a pull request's workflow run on GitHub, else "main". */
const char *registry_domain(struct arena *arena);

/* The store's location; `named` (from the command line) wins. */
const char *registry_location(struct compilation *compilation, const char *named, enum registry_whose whose);

/* Opens both and brings the index up to date from the logs. False with registry->error. */
bool registry_open(struct registry *registry, struct compilation *compilation, const char *named,
                   enum registry_whose whose);
void registry_close(struct registry *registry);

/* Makes the index anew from the store's logs and the lock. */
bool registry_rebuild(struct registry *registry);

/* The model of an id or a bare name; NULL when there is none. */
struct node *registry_model(struct compilation *compilation, const char *name);

/* The hash in the lock's line `MODEL.champion`, without its algorithm; NULL when there is none. */
const char *registry_locked_champion(const struct compilation *compilation, const char *model);

/* The versions of a model, oldest first: const struct value * records of the log. */
bool registry_versions(struct registry *registry, const char *model, struct vec *records);

/* The name of the artifact's file ("model.json"); NULL when the model has no artifact. */
const char *registry_artifact_file(struct node *model);

#endif
