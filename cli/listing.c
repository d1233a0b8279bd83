#include "cli/listing.h"

#include "cli/options.h"
#include "cli/project.h"
#include "core/documents/json.h"

void listing_print_json(struct cli *cli, struct arena *arena, const char *name, const struct value *entries)
{
    struct record_builder all = record_begin(arena);
    struct buf out = {0};
    record_set(&all, "version", value_int(arena, 1, 0));
    record_set(&all, name, entries);
    json_write(&out, record_end(&all, 0), (struct json_style){.layout = JSON_PRETTY}, NULL);
    fprintf(cli->out, "%s\n", buf_str(&out));
    buf_free(&out);
}

static bool print(struct cli *cli, struct compilation *compilation, const struct listing *listing,
                  const char *store, const char *subject, bool json)
{
    struct registry registry;
    if (!registry_open(&registry, compilation, store, listing->whose)) {
        fprintf(cli->err, "mlc: %s\n", registry.error.text);
        return false;
    }
    bool printed = listing->print(cli, &registry, subject, json);
    registry_close(&registry);
    return printed;
}

int listing_run(struct cli *cli, int argc, char **argv, const struct listing *listing)
{
    const char *folder = ".", *store = NULL, *format = "text";
    const struct option_spec options[] = {
        {"project", 'C', OPTION_TEXT, &folder, "DIR", "The folder of the spec (.)"},
        {"store", 0, OPTION_TEXT, &store, "DIR|URL", listing->store},
        {"format", 0, OPTION_CHOICE, &format, "text|json", "How it prints"},
        {0},
    };
    const struct options_page page = {listing->usage, listing->about, options, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    struct compilation *compilation = project_open(cli, folder, false);
    if (compilation == NULL)
        return EXIT_FAILED;
    bool printed = print(cli, compilation, listing, store, count > 0 ? argv[1] : NULL, format[0] == 'j');
    compilation_free(compilation);
    return printed ? EXIT_OK : EXIT_FAILED;
}
