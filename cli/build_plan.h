#ifndef MLC_CLI_BUILD_PLAN_H
#define MLC_CLI_BUILD_PLAN_H

/* What a build would change on disk. mlc owns only what it wrote: a file that was edited, or that was there
 * before, stops the build unless it is forced. */

#include <stdbool.h>
#include <stddef.h>
#include "cli/build_manifest.h"
#include "compiler/compilation.h"
#include "core/vec.h"

enum build_state {
    BUILD_SAME,   /* on disk as it should be */
    BUILD_CREATE, /* not there */
    BUILD_UPDATE, /* as mlc wrote it, and to be changed */
    BUILD_REMOVE, /* as mlc wrote it, and the spec no longer asks for it */
    BUILD_EDITED, /* mlc wrote it, somebody changed it; the spec asks for something else */
    BUILD_ORPHAN, /* mlc wrote it, somebody changed it; the spec no longer asks for it */
    BUILD_FOREIGN /* somebody else's */
};

struct build_change {
    enum build_state state;
    const char *path; /* relative to the root */
    const char *disk; /* what is there; NULL: nothing */
    size_t disk_length;
    unsigned mode;    /* of the file on disk, or for a new one */
    const char *text; /* what shall be there; NULL: nothing */
    size_t length;
    char hash[HASH_HEX_SIZE]; /* of `text` */
};

struct build_plan {
    struct compilation *compilation;
    struct arena *arena;
    const char *root;           /* folder of the outputs */
    const char *home;           /* folder of the manifest; its .mlc/ holds what a build needs on the way */
    const struct manifest *old; /* what is committed */
    struct manifest *owned;     /* that, and what a build that was killed had begun to write */
    struct manifest *made;      /* what will be committed */
    struct vec changes;         /* struct build_change *: sorted by path */
    bool interrupted;           /* a build was killed before */
};

/* The folder where outputs of the project in `folder` go: the root of its git work tree, else the folder.
 * Absolute. */
const char *build_root(struct arena *arena, const char *folder);

/* A hash that tells one mlc's library and templates from another's. */
const char *build_library_hash(struct arena *arena);

/* Compares `outputs` (struct output *) with the disk. `output` NULL: build_root. False after reporting (an
 * unreadable file or manifest, a link in the way); what only force may overwrite is no error here:
 * build_plan_blocked. */
bool build_plan_make(struct build_plan *plan, struct compilation *compilation, const struct vec *outputs,
                     const char *output);

/* Reports each change that a build without force must not make. True if there is one. */
bool build_plan_blocked(const struct build_plan *plan);

/* The number of changes of a state. */
size_t build_plan_count(const struct build_plan *plan, enum build_state state);

/* True if the files on disk were written by another mlc. */
bool build_plan_other_mlc(const struct build_plan *plan);

/* True if the manifest on disk is not what it will be. */
bool build_plan_manifest_stale(const struct build_plan *plan);

#endif
