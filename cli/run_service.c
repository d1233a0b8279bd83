#include "cli/run_service.h"

#include <string.h>
#include "runtime/run.h"
#include "runtime/serve.h"
#include "runtime/smoke.h"

static const int64_t health_wait_ns = 60000000000;

static bool is_kind(const struct node *node, const char *kind)
{
    return node != NULL && strcmp(node->kind->name, kind) == 0;
}

struct node *run_service_find(struct compilation *compilation, const char *id)
{
    struct node *node = graph_find(compilation->graph, id);
    return is_kind(node, "service") || is_kind(node, "smoke") ? node : NULL;
}

static void print_result(struct cli *cli, const struct smoke_result *result)
{
    fprintf(cli->out, "%s %s%s%s\n", result->holds ? "✓" : "✗", result->smoke->id,
            result->why != NULL ? "  —  " : "", result->why != NULL ? result->why : "");
    for (size_t i = 0; i < result->verdicts.count; i++) {
        const struct verdict *verdict = result->verdicts.items[i];
        fprintf(cli->out, "  %s %s", verdict->holds ? "✓" : "✗", verdict->source);
        if (verdict->why != NULL)
            fprintf(cli->out, "  —  %s", verdict->why);
        else if (verdict->found != NULL)
            fprintf(cli->out, "  —  found %s", verdict->found);
        fputc('\n', cli->out);
    }
}

static bool open_http(struct cli *cli, struct http *http)
{
    struct buf why = {0};
    const struct http_connection connection = {.compress = true};
    bool opened = http_curl_open(http, &connection, &why);
    if (!opened)
        fprintf(cli->err, "mlc: %s\n", buf_str(&why));
    buf_free(&why);
    return opened;
}

/* True when all hold. */
static bool run_smokes(struct cli *cli, struct compilation *compilation, struct http *http, struct node *node,
                       const char *url)
{
    const struct value *const *smokes;
    if (is_kind(node, "smoke")) {
        struct smoke_result *result = smoke_run(compilation->arena, cli->world, http, node, url);
        print_result(cli, result);
        return result->holds;
    }
    bool all = true;
    size_t count = node_list(node, "smokes", &smokes);
    for (size_t i = 0; i < count; i++)
        all = run_smokes(cli, compilation, http, smokes[i]->node, url) && all;
    return all;
}

int run_service_at(struct cli *cli, struct compilation *compilation, struct node *node, const char *url)
{
    struct http http;
    if (!open_http(cli, &http))
        return EXIT_FAILED;
    bool all = run_smokes(cli, compilation, &http, node, url);
    http.close(http.context);
    return all ? EXIT_OK : EXIT_FAILED;
}

static bool run_tests(struct cli *cli, struct registry *registry, struct serving *serving)
{
    const struct value *const *tests;
    size_t count = node_list(serving->service, "tests", &tests);
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        bool well = serve_test(serving, registry, tests[i]->node);
        fprintf(cli->out, "%s %s%s%s\n", well ? "✓" : "✗", tests[i]->node->id, well ? "" : "  —  ",
                well ? "" : registry->error.text);
        all = all && well;
    }
    return all;
}

int run_service_here(struct cli *cli, struct compilation *compilation, struct node *service,
                     const char *store)
{
    struct registry registry;
    struct serving serving;
    struct http http;
    if (!registry_open(&registry, compilation, store, REGISTRY_HERE)) {
        fprintf(cli->err, "mlc: %s\n", registry.error.text);
        return EXIT_FAILED;
    }
    bool all = false;
    if (open_http(cli, &http)) {
        if (serve_start(&serving, &registry, &http, service, health_wait_ns)) {
            fprintf(cli->err, "mlc: %s serves at %s\n", service->id, serving.url);
            all = run_smokes(cli, compilation, &http, service, serving.url);
            all = run_tests(cli, &registry, &serving) && all;
            serve_stop(&serving);
        } else {
            fprintf(cli->err, "mlc: %s\n", registry.error.text);
        }
        http.close(http.context);
    }
    registry_close(&registry);
    return all ? EXIT_OK : EXIT_FAILED;
}
