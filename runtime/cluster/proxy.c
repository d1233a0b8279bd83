#include "runtime/cluster/proxy.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/text.h"
#include "runtime/cluster/kubeconfig_private.h"

/* What is asked: host in lower case without brackets, its port, and its address if it is one. */
struct destination {
    const char *host, *port;
    int family; /* AF_INET, AF_INET6; 0: a name */
    unsigned char address[16];
};

bool proxy_is_usable(const char *url)
{
    static const char *const schemes[] = {"http://", "https://", "socks5://", "socks5h://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
            return url[strlen(schemes[i])] != 0 && strpbrk(url, " \t\r\n") == NULL;
    return false;
}

static char *lower(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_copy(arena, text, length);
    for (char *c = copy; *c != 0; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

static int read_address(const char *text, unsigned char *address)
{
    if (inet_pton(AF_INET, text, address) == 1)
        return AF_INET;
    return inet_pton(AF_INET6, text, address) == 1 ? AF_INET6 : 0;
}

/* "host:port" or "[v6]:port" in two; `*port` is "" when there is none. */
static const char *split(struct arena *arena, const char *text, size_t length, const char **port)
{
    *port = "";
    const char *close = length > 0 && *text == '[' ? memchr(text, ']', length) : NULL;
    const char *from = close != NULL ? close + 1 : text, *end = text + length;
    const char *colon = memchr(from, ':', (size_t)(end - from));
    bool several =
        close == NULL && colon != NULL && memchr(colon + 1, ':', (size_t)(end - colon - 1)) != NULL;
    if (colon != NULL && !several)
        *port = arena_copy(arena, colon + 1, (size_t)(end - colon - 1));
    if (close != NULL)
        return lower(arena, text + 1, (size_t)(close - text - 1));
    return lower(arena, text, colon != NULL && !several ? (size_t)(colon - text) : length);
}

static struct destination destination_of(struct arena *arena, const char *server)
{
    struct destination to = {0};
    const char *host = strstr(server, "://") + 3, *at;
    size_t length = strcspn(host, "/?#");
    if ((at = memchr(host, '@', length)) != NULL) {
        length -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    to.host = split(arena, host, length, &to.port);
    if (*to.port == 0)
        to.port = text_starts_with(server, "https://") ? "443" : "80";
    to.family = read_address(to.host, to.address);
    return to;
}

static bool is_this_machine(const struct destination *to)
{
    static const unsigned char loopback[16] = {[15] = 1};
    return strcmp(to->host, "localhost") == 0 || (to->family == AF_INET && to->address[0] == 127) ||
           (to->family == AF_INET6 && memcmp(to->address, loopback, 16) == 0);
}

/* "10.0.0.0/8"; false also when the text is no such range. `*is_range` says which. */
static bool in_range(struct arena *arena, const char *text, const struct destination *to, bool *is_range)
{
    unsigned char network[16] = {0};
    const char *slash = strchr(text, '/');
    char *end = NULL;
    int family = slash != NULL ? read_address(arena_copy(arena, text, (size_t)(slash - text)), network) : 0;
    unsigned long bits = family != 0 && isdigit((unsigned char)slash[1]) ? strtoul(slash + 1, &end, 10) : 0;
    *is_range = end != NULL && *end == 0 && bits <= (family == AF_INET ? 32 : 128);
    if (!*is_range || family != to->family)
        return false;
    for (unsigned long i = 0; i < bits; i++)
        if (((network[i / 8] ^ to->address[i / 8]) >> (7 - i % 8)) & 1)
            return false;
    return true;
}

/* A name fits itself and what is below it; with a dot in front only the latter. */
static bool name_fits(const char *name, const char *host)
{
    if (text_starts_with(name, "*."))
        name++;
    const char *below = *name == '.' ? name + 1 : name;
    size_t length = strlen(below), host_length = strlen(host);
    if (length == 0)
        return false;
    if (host_length > length)
        return host[host_length - length - 1] == '.' && strcmp(host + host_length - length, below) == 0;
    return *name != '.' && strcmp(host, below) == 0;
}

static bool entry_fits(struct arena *arena, const char *entry, size_t length, const struct destination *to)
{
    unsigned char address[16] = {0};
    const char *text = lower(arena, entry, length), *port;
    bool is_range;
    if (strcmp(text, "*") == 0 || in_range(arena, text, to, &is_range))
        return true;
    if (is_range)
        return false;
    const char *host = split(arena, text, strlen(text), &port);
    if (*port != 0 && strcmp(port, to->port) != 0)
        return false;
    int family = read_address(host, address);
    if (family != 0)
        return family == to->family && memcmp(address, to->address, 16) == 0;
    return *host != 0 && name_fits(host, to->host);
}

static bool is_excluded(struct arena *arena, const char *list, const struct destination *to)
{
    for (const char *at = list; at != NULL && *at != 0;) {
        size_t length = strcspn(at, ","), from = strspn(at, " \t"), to_length;
        from = from < length ? from : length;
        for (to_length = length; to_length > from && strchr(" \t", at[to_length - 1]) != NULL;)
            to_length--;
        if (to_length > from && entry_fits(arena, at + from, to_length - from, to))
            return true;
        at += length + (at[length] == ',');
    }
    return false;
}

static const char *either(const struct kubeconfig_input *input, const char *upper, const char *lower_case)
{
    const char *value = kubeconfig_variable(input, upper);
    return value != NULL ? value : kubeconfig_variable(input, lower_case);
}

const char *proxy_of_environment(struct arena *arena, const char *server,
                                 const struct kubeconfig_input *input)
{
    const char *url = text_starts_with(server, "https://") ? either(input, "HTTPS_PROXY", "https_proxy")
                                                           : either(input, "HTTP_PROXY", "http_proxy");
    if (url == NULL)
        return NULL;
    struct destination to = destination_of(arena, server);
    if (is_this_machine(&to) || is_excluded(arena, either(input, "NO_PROXY", "no_proxy"), &to))
        return NULL;
    return proxy_is_usable(url) ? arena_strdup(arena, url) : arena_printf(arena, "http://%s", url);
}
