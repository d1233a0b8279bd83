#ifndef MLC_RUNTIME_RUN_H
#define MLC_RUNTIME_RUN_H

/* `mlc run`: the graph, here. From the nodes a plan of actions is made (data check, data parts, test, step,
 * champion evaluation, gate, promotion in the local index); each has a key (hash of command, inputs, slots'
 * contents, interpreter); what the action cache holds is not run again. */

#include <stdbool.h>
#include <stddef.h>
#include "compiler/graph.h"
#include "core/world.h"
#include "core/vec.h"

struct run_options {
    const char *project_folder;
    const char *store;        /* overrides project.store; NULL: `.mlc/store` outside CI, else the project's */
    const char *trust_domain; /* "main" or "pr/12"; NULL: as the CI's environment says */
    size_t jobs;              /* actions at once; 0: one a core */
    bool keep_going;          /* go on with what does not depend on a failure */
    bool force;               /* run even what the cache holds */
    bool dry;                 /* plan only */
    const char *const *nodes; /* ids or names to run with what they need; none: all */
    size_t node_count;
};

enum action_status {
    ACTION_WAITING,
    ACTION_RUNNING,
    ACTION_DONE,
    ACTION_CACHED,
    ACTION_FAILED,
    ACTION_SKIPPED
};

enum action_kind {
    ACTION_SNAPSHOT, /* dataset: content by hash */
    ACTION_CHECK,    /* dataset: expectations */
    ACTION_PARTS,    /* model: split */
    ACTION_TEST,
    ACTION_STEP,
    ACTION_CHAMPION, /* metrics of the champion on this run's holdout */
    ACTION_GATE,
    ACTION_REGISTER /* version record, and the champion in the local index */
};

struct action {
    enum action_kind kind;
    enum action_status status;
    const char *id; /* "model/iris.train", "model/iris.gate" */
    struct node *node;
    const char *why;      /* why it runs: "src/train.py changed", "never ran", "cached" */
    const char *message;  /* one line of outcome: "accuracy 0.967 >= 0.9" */
    const char *log_path; /* what the command printed */
    int exit_code;
    int64_t started_ns, ended_ns;
    char key[HASH_HEX_SIZE];
    struct vec needs; /* struct action * */
};

/* One requirement of a gate, decided. */
struct verdict {
    const char *gate;   /* id of the gate */
    const char *source; /* "no_worse(accuracy, than: champion, by: 1%)" */
    bool holds;
    bool vacuous;      /* nothing to compare with: no champion yet */
    const char *found; /* "0.9667" */
    const char *bound; /* ">= 0.9567 (champion 0.9667 - 1 point)" */
    const char *why;   /* when it could not be decided */
    origin origin;
};

struct run {
    struct vec actions;  /* struct action *: in the order of the plan */
    struct vec verdicts; /* struct verdict * */
    bool succeeded;
    bool promoted;      /* the local index got a new champion */
    const char *record; /* path of the run's record */
};

/* Reports progress: called at each change of an action, from the calling thread. */
typedef void (*run_observer)(void *context, const struct run *run, const struct action *changed);

/* Runs. NULL when nothing could be planned (diagnostics say why). The run lives in the graph's arena. */
struct run *run_graph(struct graph *graph, const struct run_options *options, const struct world *world,
                      run_observer observer, void *observer_context, struct diag_sink *diags);

#endif
