#ifndef MLC_RUNTIME_RUNNER_H
#define MLC_RUNTIME_RUNNER_H

/* Inside of a run: what its files share. */

#include "core/map.h"
#include "runtime/index.h"
#include "runtime/process.h"
#include "runtime/run.h"
#include "runtime/store.h"

struct runner {
    struct graph *graph;
    const struct run_options *options;
    const struct world *world;
    struct arena *arena;
    struct diag_sink *diags;
    struct store *store;
    struct index *index;
    struct run *run;
    struct map *by_id;        /* id -> struct action */
    const char *folder;       /* the project */
    const char *state_folder; /* its .mlc */
    const char *domain;       /* the trust domain: "main", "pr/12" */
    const char **made;        /* paths that steps make, NULL-terminated: no inputs of anything */
    run_observer observer;
    void *observer_context;
};

/* What an action makes, beside its struct action (which users see). */
struct work {
    struct action action; /* first, so that a struct action * of the run is one of these */
    struct model_state *model;
    struct map *outputs;         /* name -> const struct output * */
    const struct value *metrics; /* of a step with metrics, or of the champion */
    struct process process;
    const char *command; /* ready for bash */
};

struct output {
    const char *name;
    const char *path; /* relative to the project */
    char hash[HASH_HEX_SIZE];
};

/* What the actions of one model share. */
struct model_state {
    struct node *model;
    struct work *check, *parts, *champion, *gate, *promote;
    struct vec steps; /* struct work * */
    struct vec tests; /* struct work * */
    char data_hash[HASH_HEX_SIZE];
    bool has_champion;
    struct model_version champion_version;
    const struct value *champion_record; /* from the store's log; NULL: it is not there */
    origin champion_line;                /* in the lock; 0: none */
    const char *index_champion;          /* in the local index, "" for none: what a promotion here replaces */
    int64_t version_number;              /* of the candidate, once the gate has judged it */
    size_t first_verdict;                /* of this model's gate, in the run's list */
};

/* plan_actions.c: the actions of the nodes asked for and of all they need. False after reporting. */
bool plan_actions(struct runner *runner);

/* Sets status and message (may be NULL: kept), and tells the observer. */
void action_set(struct runner *runner, struct work *work, enum action_status status, const char *message);

/* cache.c: a finished action's outputs under its key. */
bool cache_restore(struct runner *runner, struct work *work);
void cache_keep(struct runner *runner, struct work *work);
/* Ends the key's hash; what was added to it says what the action depends on. */
void action_key_end(struct work *work, struct hash_state *state);
void action_key_add(struct hash_state *state, const char *text);

/* action_data.c: data checks and parts. Done at once: true when they hold. */
bool check_dataset(struct runner *runner, struct work *work);
bool write_parts(struct runner *runner, struct work *work);
bool dataset_hash(struct runner *runner, struct node *dataset, char out[HASH_HEX_SIZE], const char **why);
/* Local files of a dataset (const char *, relative to the project), by its path or glob. False with `*why`.
 */
bool dataset_files(struct runner *runner, struct node *dataset, struct vec *files, const char **why);

/* action_command.c: steps, tests, the champion's evaluation. */
bool command_key(struct runner *runner, struct work *work);
bool command_start(struct runner *runner, struct work *work);
bool command_finish(struct runner *runner, struct work *work, int exit_code);
/* Reads a metrics file: NULL with `*why`. */
const struct value *metrics_read(struct runner *runner, const char *path, const char **why);

/* action_model.c: the champion, the gate, registration and promotion in the local index. */
void champion_find(struct runner *runner, struct model_state *state);
/* False, after reporting, when there is a champion whose record nobody has. */
bool champion_is_there(struct runner *runner, const struct model_state *state);
bool champion_fetch(struct runner *runner, struct work *work);
/* True when the candidate is the champion: its metrics are the champion's, and nothing is measured again. */
bool champion_is_candidate(struct runner *runner, struct work *work);
bool gate_run(struct runner *runner, struct work *work);
bool register_version(struct runner *runner, struct work *work);

#endif
