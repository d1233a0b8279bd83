#ifndef MLC_CLI_INTERRUPT_H
#define MLC_CLI_INTERRUPT_H

/* Ctrl-C and SIGTERM while something is being changed: the first one asks for an orderly end, the second one
 * ends the process at once. Between interrupt_begin and interrupt_end the signals are held back and asked
 * for; before and after they end the process as always. Signals that the parent ignores (nohup, a job in the
 * background) stay ignored. */

#include <signal.h>
#include <stdbool.h>

struct interrupt {
    sigset_t signals, before;
    int received; /* the signal; 0: none yet */
};

void interrupt_begin(struct interrupt *interrupt);
/* True once a signal has come; from then on the next one ends the process. */
bool interrupt_came(struct interrupt *interrupt);
void interrupt_end(struct interrupt *interrupt);

/* 130 for Ctrl-C, 143 for SIGTERM; `code` when no signal came. */
int interrupt_exit_code(const struct interrupt *interrupt, int code);

#endif
