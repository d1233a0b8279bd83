#include "cli/interrupt.h"
#include <stddef.h>
#include <time.h>

static bool is_ignored(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) != 0 || action.sa_handler == SIG_IGN;
}

void interrupt_begin(struct interrupt *interrupt)
{
    interrupt->received = 0;
    sigemptyset(&interrupt->signals);
    if (!is_ignored(SIGINT))
        sigaddset(&interrupt->signals, SIGINT);
    if (!is_ignored(SIGTERM))
        sigaddset(&interrupt->signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &interrupt->signals, &interrupt->before);
}

bool interrupt_came(struct interrupt *interrupt)
{
    const struct timespec at_once = {0, 0};
    if (interrupt->received != 0)
        return true;
    int number = sigtimedwait(&interrupt->signals, NULL, &at_once);
    if (number <= 0)
        return false;
    interrupt->received = number;
    sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
    return true;
}

void interrupt_end(struct interrupt *interrupt)
{
    (void)interrupt_came(interrupt); /* one that came last does not end the process without a word */
    sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
}

int interrupt_exit_code(const struct interrupt *interrupt, int code)
{
    return interrupt->received != 0 ? 128 + interrupt->received : code;
}
