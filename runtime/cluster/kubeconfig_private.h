#ifndef MLC_RUNTIME_CLUSTER_KUBECONFIG_PRIVATE_H
#define MLC_RUNTIME_CLUSTER_KUBECONFIG_PRIVATE_H

/* What kubeconfig.c (choosing), kubeconfig_files.c (reading and merging) and kubeconfig_user.c (credentials)
 * share. */

#include "core/buf.h"
#include "core/map.h"
#include "runtime/cluster/kubeconfig.h"

enum { KUBECONFIG_PEM_LIMIT = 1 << 20 };

/* An entry of a list and the folder of the file that it stands in. */
struct entry {
    const char *what, *name; /* "cluster", its name */
    const struct value *body;
    const char *folder;
    const char *file;
};

struct kubeconfig_reader {
    struct arena *arena;
    const struct kubeconfig_input *input;
    const struct reporter *reporter;
    struct map *contexts, *clusters, *users; /* struct entry * */
    const char *current;
    struct buf files; /* what was read or looked for, for messages */
    bool failed;
    size_t found;
};

/* Reads the files that the input names; their first entry of a name counts. */
void kubeconfig_read_files(struct kubeconfig_reader *reader);

/* An environment variable, or NULL when it is unset or empty. */
const char *kubeconfig_variable(const struct kubeconfig_input *input, const char *name);

/* Reports what is wrong with an entry: "FILE: cluster "x": …". Reading has failed then. */
void kubeconfig_complain(struct kubeconfig_reader *reader, const struct entry *entry, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A text of an entry; NULL when it is not there, null or empty. Anything else is complained about. */
const char *kubeconfig_text(struct kubeconfig_reader *reader, const struct entry *entry, const char *key);
/* The same for what becomes a header: no line ends or other controls. */
const char *kubeconfig_header(struct kubeconfig_reader *reader, const struct entry *entry, const char *key);
bool kubeconfig_flag(struct kubeconfig_reader *reader, const struct entry *entry, const char *key);
/* KEY-data as base64, or what is in the file that KEY names; NULL when neither is there. */
const char *kubeconfig_pem(struct kubeconfig_reader *reader, const struct entry *entry, const char *key);
const char *const *kubeconfig_strings(struct arena *arena, const struct value *list, size_t *count);

/* The credentials of a user, with kubectl's rules for what may stand together. */
void kubeconfig_read_user(struct kubeconfig_reader *reader, const struct entry *entry,
                          const struct entry *cluster, struct kubeconfig *config);

#endif
