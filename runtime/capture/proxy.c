/* The loop of the proxy: new connections, news, clocks, signals. */

#include "runtime/capture/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "core/text.h"
#include "runtime/capture/connection.h"

enum { EVENTS = 256, ACCEPTS = 64, TICK_MS = 500, BACKLOG = 512 };

static const int64_t second_ns = 1000000000;

/* "8080", "127.0.0.1:8080" or "[::1]:8080"; without an address `any` says which. */
static bool read_address(const char *text, bool any, struct sockaddr_storage *out, socklen_t *size)
{
    char host[64] = "";
    const char *colon = strrchr(text, ':'), *digits = colon != NULL ? colon + 1 : text;
    int64_t port;
    if (!text_to_int(digits, strlen(digits), &port) || port < 0 || port > 65535)
        return false;
    memset(out, 0, sizeof *out);
    struct sockaddr_in *four = (struct sockaddr_in *)out;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
    if (colon != NULL) {
        size_t length = (size_t)(colon - text);
        bool brackets = length > 2 && text[0] == '[' && colon[-1] == ']';
        snprintf(host, sizeof host, "%.*s", (int)(brackets ? length - 2 : length), text + brackets);
    }
    if (colon == NULL && !any)
        snprintf(host, sizeof host, "127.0.0.1");
    if (host[0] != '\0' && inet_pton(AF_INET, host, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        *size = sizeof *four;
        return true;
    }
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)port);
    six->sin6_addr = in6addr_any;
    *size = sizeof *six;
    return host[0] == '\0' || inet_pton(AF_INET6, host, &six->sin6_addr) == 1;
}

static int listen_at(struct sockaddr_storage *address, socklen_t size, int *port)
{
    int one = 1, zero = 0;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (address->ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    struct sockaddr_storage bound;
    socklen_t bound_size = sizeof bound;
    if (bind(fd, (struct sockaddr *)address, size) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&bound, &bound_size) != 0) {
        int code = errno;
        close(fd);
        return -code;
    }
    *port = ntohs(bound.ss_family == AF_INET ? ((struct sockaddr_in *)&bound)->sin_port
                                             : ((struct sockaddr_in6 *)&bound)->sin6_port);
    return fd;
}

/* A host without IPv6 has only the old addresses. */
static int open_listener(const char *text, int *port)
{
    struct sockaddr_storage address;
    socklen_t size;
    if (!read_address(text, true, &address, &size))
        return -EINVAL;
    int fd = listen_at(&address, size, port);
    if (fd == -EAFNOSUPPORT && strrchr(text, ':') == NULL) {
        struct sockaddr_in *four = (struct sockaddr_in *)&address;
        in_port_t number = ((struct sockaddr_in6 *)&address)->sin6_port;
        memset(&address, 0, sizeof address);
        four->sin_family = AF_INET;
        four->sin_port = number;
        fd = listen_at(&address, sizeof *four, port);
    }
    return fd;
}

/* --- the loop --- */

static void listen_events(struct proxy *proxy, unsigned events)
{
    struct epoll_event event = {.events = events, .data.ptr = &proxy->listener};
    if (proxy->listener >= 0)
        epoll_ctl(proxy->epoll, EPOLL_CTL_MOD, proxy->listener, &event);
}

/* Closes the connection that is idle longest; false when none is. */
static bool crowd_out(struct proxy *proxy)
{
    struct connection *oldest = NULL;
    for (struct connection *at = proxy->first; at != NULL; at = at->next)
        if (at->phase == PHASE_HEAD && stream_size(&at->client.in) == 0 &&
            stream_size(&at->client.out) == 0 && (oldest == NULL || at->deadline_ns < oldest->deadline_ns))
            oldest = at;
    if (oldest == NULL)
        return false;
    connection_close(oldest);
    proxy->counts.crowded_out++;
    return true;
}

/* Who finds no room waits in the system's queue until the next tick. */
static void accept_all(struct proxy *proxy)
{
    for (int i = 0; i < ACCEPTS; i++) {
        if (proxy->count >= proxy->options->connections && !crowd_out(proxy)) {
            listen_events(proxy, 0);
            return;
        }
        int fd = accept4(proxy->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            connection_open(proxy, fd);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            if (!crowd_out(proxy))
                listen_events(proxy, 0);
            return;
        } else if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

static void free_over(struct proxy *proxy)
{
    while (proxy->over != NULL) {
        struct connection *connection = proxy->over;
        proxy->over = connection->next;
        connection_free(connection);
    }
}

static void check_clocks(struct proxy *proxy)
{
    struct connection *next;
    for (struct connection *at = proxy->first; at != NULL; at = next) {
        next = at->next;
        if (at->deadline_ns <= proxy->now_ns)
            connection_timeout(at);
    }
    free_over(proxy);
    listen_events(proxy, EPOLLIN);
}

static void stop_listening(struct proxy *proxy)
{
    struct connection *next;
    close(proxy->listener);
    proxy->listener = -1;
    for (struct connection *at = proxy->first; at != NULL; at = next) {
        next = at->next;
        connection_drain(at);
    }
    free_over(proxy);
}

static void take_signal(struct proxy *proxy, int *signals)
{
    struct signalfd_siginfo info;
    if (read(proxy->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    ++*signals;
    proxy->draining = true;
}

static void loop(struct proxy *proxy)
{
    const struct world *world = proxy->options->world;
    struct epoll_event events[EVENTS];
    int64_t tick_ns = 0, asked_ns = 0;
    int signals = 0;
    while (signals < 2) {
        int count = epoll_wait(proxy->epoll, events, EVENTS, TICK_MS);
        proxy->now_ns = world->monotonic_ns(world->context);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == &proxy->listener)
                accept_all(proxy);
            else if (events[i].data.ptr == &proxy->signals)
                take_signal(proxy, &signals);
            else
                connection_event(events[i].data.ptr, events[i].events);
        }
        free_over(proxy);
        if (proxy->now_ns >= tick_ns) {
            check_clocks(proxy);
            tick_ns = proxy->now_ns + TICK_MS * INT64_C(1000000);
        }
        if (!proxy->draining)
            continue;
        if (asked_ns == 0)
            asked_ns = proxy->now_ns;
        int64_t since = proxy->now_ns - asked_ns, drain = proxy->options->drain_seconds * second_ns;
        if (proxy->listener >= 0 && since >= drain)
            stop_listening(proxy);
        if (proxy->listener < 0 &&
            (proxy->count == 0 || since >= drain + proxy->options->stop_seconds * second_ns))
            return;
    }
}

static bool open_all(struct proxy *proxy, sigset_t *signals, char *why, size_t why_size)
{
    int port = 0;
    if (!read_address(proxy->options->upstream, false, &proxy->service, &proxy->service_size)) {
        snprintf(why, why_size, "--upstream %s: a port or ADDRESS:PORT is needed", proxy->options->upstream);
        return false;
    }
    proxy->listener = open_listener(proxy->options->listen, &port);
    if (proxy->listener < 0) {
        snprintf(why, why_size, "--listen %s: %s", proxy->options->listen,
                 proxy->listener == -EINVAL ? "a port or ADDRESS:PORT is needed"
                                            : strerror(-proxy->listener));
        return false;
    }
    proxy->signals = signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC);
    proxy->epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event listen_event = {.events = EPOLLIN, .data.ptr = &proxy->listener};
    struct epoll_event signal_event = {.events = EPOLLIN, .data.ptr = &proxy->signals};
    if (proxy->signals < 0 || proxy->epoll < 0 ||
        epoll_ctl(proxy->epoll, EPOLL_CTL_ADD, proxy->listener, &listen_event) != 0 ||
        epoll_ctl(proxy->epoll, EPOLL_CTL_ADD, proxy->signals, &signal_event) != 0) {
        snprintf(why, why_size, "the event loop cannot be made: %s", strerror(errno));
        return false;
    }
    if (proxy->options->ready != NULL)
        proxy->options->ready(proxy->options->ready_context, port);
    return true;
}

bool proxy_run(const struct proxy_options *options, struct recorder *recorder, char *why, size_t why_size)
{
    struct proxy proxy = {
        .options = options, .recorder = recorder, .epoll = -1, .listener = -1, .signals = -1};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    options->world->random(options->world->context, &proxy.random, sizeof proxy.random);
    proxy.now_ns = options->world->monotonic_ns(options->world->context);
    bool opened = open_all(&proxy, &signals, why, why_size);
    if (opened)
        loop(&proxy);
    while (proxy.first != NULL)
        connection_close(proxy.first);
    free_over(&proxy);
    if (proxy.listener >= 0)
        close(proxy.listener);
    if (proxy.signals >= 0)
        close(proxy.signals);
    if (proxy.epoll >= 0)
        close(proxy.epoll);
    return opened;
}
