#ifndef MLC_CLI_GIT_H
#define MLC_CLI_GIT_H

/* Other programs called by arguments (never through a shell), and git with what a promotion needs of it. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/buf.h"

/* Runs a program to its end; its output is appended. The exit code, 128 + signal, or a negative errno when it
 * could not be started. */
int program_run(const char *const *argv, const char *folder, struct buf *out, struct buf *err);

/* Runs git in a folder with arguments up to NULL; its standard output without the last line end, in the
 * arena. NULL when it failed: `err` then has what it said. */
const char *git_run(struct arena *arena, const char *folder, struct buf *err, ...) __attribute__((sentinel));

/* A second work tree of the repository at a commit, apart from the user's: what is changed and committed
 * there leaves the user's files and index alone. */
struct git_tree {
    struct arena *arena;
    const char *repository; /* folder of the project */
    const char *folder;     /* of the second tree */
    const char *project;    /* the project's folder in it */
};

/* Fetches `branch` from the remote `origin` and opens a tree at it. False with why in `err`. */
bool git_tree_open(struct git_tree *tree, struct arena *arena, const char *project, const char *branch,
                   struct buf *err);
void git_tree_close(struct git_tree *tree);

/* Commits all that changed in the tree, by the user's identity, in CI by the CI's own. */
bool git_tree_commit(struct git_tree *tree, const char *message, struct buf *err);

/* Pushes the tree's commit to a branch of `origin`. */
bool git_tree_push(struct git_tree *tree, const char *branch, struct buf *err);

#endif
