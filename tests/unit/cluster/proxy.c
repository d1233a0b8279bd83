/* Which proxy leads to a server, as Go programs read the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "runtime/cluster/proxy.h"

struct proxy_row {
    const char *server, *name, *excluded, *wanted; /* `name`: the variable that is set to P */
};

#define P "http://proxy:3128"

static const struct proxy_row rows[] = {
    {"https://api.test:6443", "HTTPS_PROXY", "", P},
    {"https://api.test:6443", "https_proxy", "", P},
    {"https://api.test:6443", "HTTP_PROXY", "", NULL},
    {"https://api.test:6443", "ALL_PROXY", "", NULL},
    {"http://api.test", "HTTP_PROXY", "", P},
    {"http://api.test", "http_proxy", "", P},
    {"http://api.test", "HTTPS_PROXY", "", NULL},
    {"https://localhost:6443", "HTTPS_PROXY", "", NULL},
    {"https://127.0.0.9:6443", "HTTPS_PROXY", "", NULL},
    {"https://[::1]:6443", "HTTPS_PROXY", "", NULL},
    {"https://localhost.example:6443", "HTTPS_PROXY", "", P},
    {"https://api.test:6443", "HTTPS_PROXY", "*", NULL},
    {"https://api.test:6443", "HTTPS_PROXY", "other, API.Test ,x", NULL},
    {"https://api.test:6443", "HTTPS_PROXY", "test", NULL},
    {"https://api.test:6443", "HTTPS_PROXY", ".test", NULL},
    {"https://api.test:6443", "HTTPS_PROXY", "*.test", NULL},
    {"https://api.test:6443", "HTTPS_PROXY", ".api.test", P},
    {"https://api.test:6443", "HTTPS_PROXY", "pi.test", P},
    {"https://api.test:6443", "HTTPS_PROXY", "api.test:6443", NULL},
    {"https://api.test:6443", "HTTPS_PROXY", "api.test:443", P},
    {"https://api.test", "HTTPS_PROXY", "api.test:443", NULL},
    {"http://api.test/path", "HTTP_PROXY", "api.test:80", NULL},
    {"https://api.test:6443", "HTTPS_PROXY", ",, ,", P},
    {"https://api.test:6443", "HTTPS_PROXY", "0.0.0.0/0", P},
    {"https://10.9.8.7:6443", "HTTPS_PROXY", "10.0.0.0/8", NULL},
    {"https://10.9.8.7:6443", "HTTPS_PROXY", "10.9.8.7/32", NULL},
    {"https://10.9.8.7:6443", "HTTPS_PROXY", "10.9.8.6/32", P},
    {"https://10.9.8.7:6443", "HTTPS_PROXY", "10.9.8.7/33", P},
    {"https://10.9.8.7:6443", "HTTPS_PROXY", "10.9.8.7:6443", NULL},
    {"https://10.9.8.7:6443", "HTTPS_PROXY", "10.9.8.7:443", P},
    {"https://10.9.8.7:6443", "HTTPS_PROXY", "10.9", P},
    {"https://[fd00::7]:6443", "HTTPS_PROXY", "fd00::/8", NULL},
    {"https://[fd00::7]:6443", "HTTPS_PROXY", "fd00::7", NULL},
    {"https://[fd00::7]:6443", "HTTPS_PROXY", "[fd00::7]:6443", NULL},
    {"https://[fd00::7]:6443", "HTTPS_PROXY", "10.0.0.0/8", P},
};

static const char *lookup(void *context, const char *name)
{
    const struct proxy_row *row = context;
    if (strcmp(name, "NO_PROXY") == 0)
        return row->excluded;
    return strcmp(name, row->name) == 0 ? P : NULL;
}

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct kubeconfig_input input = {.environment = lookup,
                                         .environment_context = (void *)(uintptr_t)&rows[i]};
        const char *found = proxy_of_environment(arena, rows[i].server, &input);
        if ((found == NULL) != (rows[i].wanted == NULL) || (found != NULL && strcmp(found, P) != 0))
            fail_msg("%s, %s, NO_PROXY=%s: %s", rows[i].server, rows[i].name, rows[i].excluded,
                     found != NULL ? found : "none");
        arena_free(arena);
    }
}

static void only_known_kinds_are_usable(void **state)
{
    (void)state;
    assert_true(proxy_is_usable("http://h:1"));
    assert_true(proxy_is_usable("https://u:p@h"));
    assert_true(proxy_is_usable("SOCKS5://h:1"));
    assert_false(proxy_is_usable("ftp://h"));
    assert_false(proxy_is_usable("http://"));
    assert_false(proxy_is_usable("http://a b"));
    assert_false(proxy_is_usable("h:1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row),
                                       cmocka_unit_test(only_known_kinds_are_usable)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
