#ifndef MLC_RUNTIME_INDEX_H
#define MLC_RUNTIME_INDEX_H

/* The local index, `.mlc/registry.db`: versions of models and who is champion here. It is an index:
 * everything in it comes from the store's logs and the lock, and `index_rebuild` makes it anew from them. */

#include <stdbool.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/value.h"
#include "core/vec.h"
#include "runtime/store.h"

struct index;

struct index_error {
    char text[512];
};

/* A version of a model. */
struct model_version {
    int64_t number;       /* 1, 2, … for each model: the sequence in the store's log */
    const char *model;    /* "model/iris" */
    const char *artifact; /* content hash */
    const char *metrics;  /* JSON text */
    const char *data;     /* content hash of the dataset's snapshot */
    const char *time;     /* RFC 3339 */
    const char *verdict;  /* "passed", "rejected" */
};

/* Opens or makes the file. NULL with an error; a file that is none, or of a newer mlc, is an error that says
 * so. */
struct index *index_open(const char *path, struct index_error *error);
void index_close(struct index *index);

/* Adds or replaces a version. */
bool index_put_version(struct index *index, const struct model_version *version, struct index_error *error);

/* The champion of a model in this index; false when there is none. Texts live in the arena. */
bool index_champion(struct index *index, struct arena *arena, const char *model, struct model_version *out);

/* Makes `artifact` the champion if the champion is still `expected` ("" for none): compare-and-swap. */
bool index_promote(struct index *index, const char *model, const char *expected, const char *artifact,
                   struct index_error *error);

/* Versions of a model (all models: NULL), newest first: struct model_version *. */
bool index_versions(struct index *index, struct arena *arena, const char *model, struct vec *out,
                    struct index_error *error);

/* Empties the index and fills it from the store's logs of the models, the champions that runs on this machine
 * made, and the lock's champions, which win. */
bool index_rebuild(struct index *index, struct store *store, const char *const *models, size_t model_count,
                   const struct value *lock, struct index_error *error);

#endif
