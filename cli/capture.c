/* mlc capture: the proxy beside a service that keeps samples of its requests. */

#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "core/arena.h"
#include "core/text.h"
#include "runtime/capture/proxy.h"

static void told_ready(void *context, int port)
{
    struct cli *cli = context;
    fprintf(cli->err, "mlc capture: listening at port %d\n", port);
    fflush(cli->err);
}

static bool read_share(struct cli *cli, const char *text, double *out)
{
    if (text_to_double(text, strlen(text), out) && *out >= 0 && *out <= 1)
        return true;
    fprintf(cli->err, "mlc: --sample is a share of requests from 0 to 1, not \"%s\"\n", text);
    return false;
}

/* "a,b" or "*". */
static struct record_fields read_fields(struct arena *arena, const char *text)
{
    struct record_fields fields = {.all = strcmp(text, "*") == 0};
    const char **names = arena_array(arena, strlen(text) + 1, sizeof *names);
    for (const char *at = text; !fields.all && *at != '\0';) {
        size_t length = strcspn(at, ",");
        if (length > 0)
            names[fields.count++] = arena_copy(arena, at, length);
        at += length + (at[length] == ',');
    }
    fields.names = names;
    return fields;
}

static int run(struct cli *cli, struct proxy_options *proxy, struct recorder_options *recorder)
{
    char why[600] = "";
    struct recorder *running = recorder_start(recorder, why, sizeof why);
    bool good = running != NULL && proxy_run(proxy, running, why, sizeof why);
    if (!good)
        fprintf(cli->err, "mlc: %s\n", why);
    if (running != NULL && !recorder_stop(running, 15)) {
        fputs("mlc capture: the last samples could not be put away and are lost\n", cli->err);
        good = false;
    }
    return good ? EXIT_OK : EXIT_FAILED;
}

int cli_capture(struct cli *cli, int argc, char **argv)
{
    const char *listen = NULL, *upstream = NULL, *sample = "1", *fields = "*", *to = NULL;
    long memory = 8, body = 256, rotate = 1024, every = 300, connections = 512, timeout = 300, drain = 5;
    const struct option_spec options[] = {
        {"listen", 0, OPTION_TEXT, &listen, "PORT", "Where requests come in: a port or ADDRESS:PORT"},
        {"upstream", 0, OPTION_TEXT, &upstream, "PORT", "The service: a port of this host or ADDRESS:PORT"},
        {"sample", 0, OPTION_TEXT, &sample, "SHARE", "Share of requests that is kept, 0 to 1 (1)"},
        {"fields", 0, OPTION_TEXT, &fields, "a,b|*", "Fields of requests that are kept (*)"},
        {"to", 0, OPTION_TEXT, &to, "PLACE", "A folder, or s3://BUCKET/PREFIX"},
        {"memory", 0, OPTION_COUNT, &memory, "MIB", "For samples; when it is full they are dropped (8)"},
        {"body", 0, OPTION_COUNT, &body, "KIB", "The largest body that is kept (256)"},
        {"rotate-size", 0, OPTION_COUNT, &rotate, "KIB", "A file ends at this size, compressed (1024)"},
        {"rotate-every", 0, OPTION_COUNT, &every, "SECONDS", "A file ends at this age (300)"},
        {"connections", 0, OPTION_COUNT, &connections, "N", "Clients at once (512)"},
        {"timeout", 0, OPTION_COUNT, &timeout, "SECONDS", "The longest silence within a request (300)"},
        {"drain", 0, OPTION_COUNT, &drain, "SECONDS", "Go on so long after SIGTERM (5)"},
        {0},
    };
    const struct options_page page = {
        "mlc capture --listen PORT --upstream PORT --to PLACE [OPTIONS]",
        "Passes HTTP requests on to a service and keeps a sample of them, for monitors. The service is "
        "never\n"
        "held up: what cannot be kept is dropped and counted at /-/metrics; /-/ready says that it runs.",
        options, 0, 0};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    if (listen == NULL || upstream == NULL || to == NULL) {
        fprintf(cli->err, "mlc: capture needs --%s\n",
                listen == NULL     ? "listen"
                : upstream == NULL ? "upstream"
                                   : "to");
        return EXIT_USAGE;
    }
    struct proxy_options proxy = {.listen = listen,
                                  .upstream = upstream,
                                  .body_limit = (size_t)body << 10,
                                  .connections = (size_t)connections,
                                  .idle_seconds = 620,
                                  .head_seconds = 30,
                                  .timeout_seconds = (int)timeout,
                                  .drain_seconds = (int)drain,
                                  .stop_seconds = 10,
                                  .world = cli->world,
                                  .ready = told_ready,
                                  .ready_context = cli};
    if (!read_share(cli, sample, &proxy.sample))
        return EXIT_USAGE;
    struct arena *arena = arena_new();
    struct recorder_options recorder = {.to = to,
                                        .fields = read_fields(arena, fields),
                                        .memory = (size_t)memory << 20,
                                        .rotate_bytes = (size_t)rotate << 10,
                                        .rotate_seconds = (int)every,
                                        .world = cli->world};
    int code = run(cli, &proxy, &recorder);
    arena_free(arena);
    return code;
}
