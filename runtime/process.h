#ifndef MLC_RUNTIME_PROCESS_H
#define MLC_RUNTIME_PROCESS_H

/* Commands of steps and tests: `bash -euo pipefail -c`, in a process group of their own, what they print into
 * a file, ended after a time. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
    pid_t pid;
    int descriptor;      /* of the process (pidfd): readable when it has ended */
    int64_t deadline_ns; /* on the monotonic clock; 0: none */
    bool ended_by_time;
};

struct process_options {
    const char *command;  /* for bash; already quoted */
    const char *folder;   /* working directory */
    const char *log_path; /* gets standard output and error; made anew */
    const char *const
        *environment; /* "NAME=value" set on top of this process's own; NULL-terminated; or NULL */
};

/* Starts a command. 0, or a negative errno (bash missing: -ENOENT). */
int process_start(struct process *process, const struct process_options *options);

/* Waits until one of `count` processes has ended or its deadline has passed (it is then killed with its
 * group), at most until `until_ns` on the monotonic clock (0: for ever). Gives its index, or -1 when the time
 * was up. */
int process_wait_any(struct process *processes, int count, int64_t until_ns);

/* Collects an ended process: its exit code, or 128 + signal. */
int process_collect(struct process *process);

/* Ends a process and all of its group at once. */
void process_kill(struct process *process);

#endif
