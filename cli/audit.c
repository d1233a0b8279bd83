/* mlc audit: who promoted, deployed and rolled back what, and why. */

#include <string.h>
#include "cli/commands.h"
#include "cli/listing.h"

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

/* Events of one subject (an id or a name of a model), or all. */
static bool concerns(const struct value *event, const char *subject)
{
    const char *id = text_of(event, "subject"), *slash = strchr(id, '/');
    return subject == NULL || strcmp(id, subject) == 0 || (slash != NULL && strcmp(slash + 1, subject) == 0);
}

static bool print_events(struct cli *cli, struct registry *registry, const char *subject, bool json)
{
    struct arena *arena = registry->arena;
    struct vec events = vec_in(arena), chosen = vec_in(arena);
    struct list_builder list = list_begin(arena);
    if (store_log_read(registry->store, arena, "audit", &events, &registry->error) != STORE_OK) {
        fprintf(cli->err, "mlc: %s\n", registry->error.text);
        return false;
    }
    for (size_t i = 0; i < events.count; i++) {
        if (!concerns(events.items[i], subject))
            continue;
        vec_push(&chosen, events.items[i]);
        list_add(&list, events.items[i]);
    }
    if (json)
        listing_print_json(cli, arena, "events", list_end(&list, 0));
    else
        print_text(cli, &chosen);
    return true;
}

int cli_audit(struct cli *cli, int argc, char **argv)
{
    const struct listing listing = {
        "mlc audit [OPTIONS] [SUBJECT]",
        "Tells who promoted, deployed and rolled back what, the newest first. The "
        "chain of the log is\nchecked; `mlc verify` compares it with the lock.",
        "The store (the project's)", REGISTRY_PROJECT, print_events};
    return listing_run(cli, argc, argv, &listing);
}
