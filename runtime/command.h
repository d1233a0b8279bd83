#ifndef MLC_RUNTIME_COMMAND_H
#define MLC_RUNTIME_COMMAND_H

/* Commands: text and slots to a line for bash, or to arguments. */

#include <stdbool.h>
#include "compiler/graph.h"
#include "core/arena.h"
#include "core/value.h"

/* The text that stands for a slot (a path, a port, a URL), or NULL with `*why`. */
typedef const char *(*slot_filler)(void *context, const struct slot *slot, const char **why);

/* The command with each slot quoted as one word, whatever quotes the author put around it; NULL with `*why`.
 */
const char *command_line(struct arena *arena, struct node *node, const struct value *command,
                         slot_filler fill, void *context, const char **why);

/* The command as it stands in the spec, slots as `{data.train}`: for keys of the cache and for people. */
const char *command_text(struct arena *arena, const struct value *command);

/* The `env` of a node as "NAME=value" entries, NULL-terminated; a secret is read from this process's
 * environment when it comes from there. NULL with `*why`. */
const char *const *command_environment(struct arena *arena, struct node *node, const char **why);

#endif
