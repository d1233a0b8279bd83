/* mlc audit: who promoted, deployed and rolled back what, and why. */

#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "core/documents/json.h"
#include "runtime/registry.h"

static const char *text_of(const struct value *event, const char *key)
{
    return value_string_or(value_get(event, key), "");
}

static void print_text(struct cli *cli, const struct vec *events)
{
    if (events->count == 0)
        fputs("mlc: nothing was promoted, deployed or rolled back yet\n", cli->err);
    for (size_t i = events->count; i > 0; i--) {
        const struct value *event = events->items[i - 1];
        const char *from = text_of(event, "from");
        fprintf(cli->out, "%s  %-13s %s  by %s\n    %s -> %s%s%s\n", text_of(event, "time"),
                text_of(event, "event"), text_of(event, "subject"), text_of(event, "actor"),
                *from != '\0' ? from : "nothing", text_of(event, "to"),
                *text_of(event, "why") != '\0' ? "\n    " : "", text_of(event, "why"));
    }
}

static void print_json(struct cli *cli, struct arena *arena, const struct vec *events)
{
    struct list_builder list = list_begin(arena);
    struct record_builder all = record_begin(arena);
    struct buf out = {0};
    for (size_t i = 0; i < events->count; i++)
        list_add(&list, events->items[i]);
    record_set(&all, "version", value_int(arena, 1, 0));
    record_set(&all, "events", list_end(&list, 0));
    json_write(&out, record_end(&all, 0), (struct json_style){.layout = JSON_PRETTY}, NULL);
    fprintf(cli->out, "%s\n", buf_str(&out));
    buf_free(&out);
}

/* Events of one subject (an id or a name of a model), or all. */
static bool concerns(const struct value *event, const char *subject)
{
    const char *id = text_of(event, "subject"), *slash = strchr(id, '/');
    return subject == NULL || strcmp(id, subject) == 0 || (slash != NULL && strcmp(slash + 1, subject) == 0);
}

static int audit(struct cli *cli, struct compilation *compilation, const char *store, const char *subject,
                 const char *format)
{
    struct registry registry;
    struct vec events = vec_in(compilation->arena), chosen = vec_in(compilation->arena);
    if (!registry_open(&registry, compilation, store, REGISTRY_PROJECT)) {
        fprintf(cli->err, "mlc: %s\n", registry.error.text);
        return EXIT_FAILED;
    }
    bool read =
        store_log_read(registry.store, compilation->arena, "audit", &events, &registry.error) == STORE_OK;
    for (size_t i = 0; i < events.count; i++)
        if (concerns(events.items[i], subject))
            vec_push(&chosen, events.items[i]);
    if (!read)
        fprintf(cli->err, "mlc: %s\n", registry.error.text);
    else if (format[0] == 'j')
        print_json(cli, compilation->arena, &chosen);
    else
        print_text(cli, &chosen);
    registry_close(&registry);
    return read ? EXIT_OK : EXIT_FAILED;
}

int cli_audit(struct cli *cli, int argc, char **argv)
{
    const char *folder = ".", *store = NULL, *format = "text";
    const struct option_spec options[] = {
        {"project", 'C', OPTION_TEXT, &folder, "DIR", "The folder of the spec (.)"},
        {"store", 0, OPTION_TEXT, &store, "DIR|URL", "The store (the project's)"},
        {"format", 0, OPTION_CHOICE, &format, "text|json", "How it prints"},
        {0},
    };
    const struct options_page page = {
        "mlc audit [OPTIONS] [SUBJECT]",
        "Tells who promoted, deployed and rolled back what, the newest first. The "
        "chain of the log is\nchecked; `mlc verify` compares it with the lock.",
        options, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    struct compilation *compilation = project_open(cli, folder, false);
    if (compilation == NULL)
        return EXIT_FAILED;
    int code = audit(cli, compilation, store, count > 0 ? argv[1] : NULL, format);
    compilation_free(compilation);
    return code;
}
