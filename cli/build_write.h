#ifndef MLC_CLI_BUILD_WRITE_H
#define MLC_CLI_BUILD_WRITE_H

/* Performs a plan so that every file is whole at every moment: all is written beside first, what will be
 * owned is noted in a journal, then each file is renamed into its place, and the manifest last. A failure on
 * the way puts back what was there; after a kill the next build knows from the journal which files are its
 * own, and completes. */

#include "cli/build_plan.h"

/* Called before each change of the disk, with what is about to be done. False: the change fails (tests). */
struct build_hook {
    bool (*before)(void *context, const char *step);
    void *context;
};

/* The advisory lock of the project's builds: a descriptor, or -1 after reporting. Give it back to
 * build_unlock. */
int build_lock(struct compilation *compilation, const char *home);
void build_unlock(int lock);

/* Makes the changes; edited and foreign files too, if there are any left in the plan (the caller has asked).
 * False after reporting: then nothing has changed. `hook` may be NULL. */
bool build_write(struct build_plan *plan, const struct build_hook *hook);

#endif
