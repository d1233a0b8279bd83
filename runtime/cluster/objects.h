#ifndef MLC_RUNTIME_CLUSTER_OBJECTS_H
#define MLC_RUNTIME_CLUSTER_OBJECTS_H

/* A set of documents to apply: read from files, folders, Lists and standard input, or given by the caller. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/map.h"
#include "core/value.h"
#include "core/vec.h"
#include "runtime/cluster/discovery.h"
#include "runtime/cluster/report.h"

struct object {
    const struct value *document;
    const struct value *written; /* without what shared_fields_adopt added to the document; NULL: the same */
    const char *group, *version, *kind, *name;
    const char *namespace;           /* NULL: of no namespace; after objects_resolve it is decided */
    const struct resource *resource; /* NULL until objects_resolve */
    origin origin;
    size_t index; /* its place in the set */
    int wave;     /* mlc.dev/wave (or argocd.argoproj.io/sync-wave), 0 */
    unsigned stage;
    bool awaited; /* others depend on it: it must be ready before they are applied */
};

struct object_set {
    struct arena *arena;
    struct vec objects; /* struct object *, in the order of reading */
    struct map *by_id;  /* object_id to struct object * */
    bool claimed;       /* the documents carry the label of an inventory */
};

struct object_set *object_set_new(struct arena *arena);

/* Adds a document, or the items of a List. Reports what is no object (no kind, no name, a generateName). The
 * document must live as long as the set. */
bool object_set_add(struct object_set *set, const struct value *document, const struct reporter *reporter);

/* How a set is read from disk. */
struct object_input {
    const char *const *paths; /* files, folders, "-" */
    size_t path_count;
    bool recursive; /* folders within folders too */
    struct source_set *sources;
    struct origin_table *origins;
};
/* False, reported, when anything could not be read. *.yaml, *.yml and *.json of a folder, in order of name.
 */
bool object_set_read(struct object_set *set, const struct object_input *input,
                     const struct reporter *reporter);

/* Finds each object's resource and namespace (`fallback` where none is named), refuses duplicates and kinds
 * that neither the server nor a definition of the set has. */
bool objects_resolve(struct object_set *set, struct discovery *discovery, const char *fallback,
                     const struct reporter *reporter);

/* Sets `stage` of each object: waves, then the order of kinds, then what is declared by mlc.dev/depends-on
 * (or config.kubernetes.io/depends-on). Reports a cycle with its path. Returns the number of stages, 0 on
 * error. The objects are sorted by stage. */
unsigned objects_order(struct object_set *set, const struct reporter *reporter);

/* The place of a kind in the order of applying: definitions first, webhooks last. */
unsigned objects_rank(const struct resource *resource);

/* "Deployment.apps iris/api": unique in a cluster. */
const char *object_id(struct arena *arena, const char *group, const char *kind, const char *namespace,
                      const char *name);
/* "deployment.apps/api", as kubectl prints it. */
const char *object_label(struct arena *arena, const struct object *object);

/* The document as it was given, without what was adopted from the live object. */
const struct value *object_written(const struct object *object);

/* The text of an annotation or label, or NULL. */
const char *document_annotation(const struct value *document, const char *key);
const char *document_label(const struct value *document, const char *key);

#endif
