/* mlc verify: what is on disk and in the store is what the spec and the lock say. */

#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "core/documents/json.h"
#include "runtime/verify.h"

static const char *const words[] = {"proved", "consistent", "unchecked", "broken"};

static size_t count_state(const struct vec *findings, enum verify_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += ((const struct verify_finding *)findings->items[i])->state == state;
    return count;
}

static void print_text(struct cli *cli, const struct vec *findings)
{
    size_t broken = count_state(findings, VERIFY_BROKEN), proved = count_state(findings, VERIFY_PROVED);
    for (size_t i = 0; i < findings->count; i++) {
        const struct verify_finding *finding = findings->items[i];
        fprintf(cli->out, "%-10s  %s: %s\n", words[finding->state], finding->subject, finding->text);
    }
    if (broken > 0)
        fprintf(cli->err, "mlc: %zu of %zu do not hold\n", broken, findings->count);
    else if (count_state(findings, VERIFY_UNCHECKED) > 0)
        fputs("mlc: the store could not be looked at; `--store DIR` takes another one\n", cli->err);
    else if (proved > 0)
        fputs("mlc: proved: the log is the one that the lock's commits anchor, and all that it names is "
              "there\n",
              cli->err);
    else
        fputs("mlc: consistent; no anchor in the lock proves it (a promotion writes one)\n", cli->err);
}

static void print_json(struct cli *cli, struct arena *arena, const struct vec *findings)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < findings->count; i++) {
        const struct verify_finding *finding = findings->items[i];
        struct record_builder one = record_begin(arena);
        record_set(&one, "state", value_string(arena, words[finding->state], 0));
        record_set(&one, "subject", value_string(arena, finding->subject, 0));
        record_set(&one, "text", value_string(arena, finding->text, 0));
        list_add(&list, record_end(&one, 0));
    }
    struct record_builder all = record_begin(arena);
    record_set(&all, "version", value_int(arena, 1, 0));
    record_set(&all, "holds", value_bool(arena, count_state(findings, VERIFY_BROKEN) == 0, 0));
    record_set(&all, "findings", list_end(&list, 0));
    struct buf out = {0};
    json_write(&out, record_end(&all, 0), (struct json_style){.layout = JSON_PRETTY}, NULL);
    fprintf(cli->out, "%s\n", buf_str(&out));
    buf_free(&out);
}

/* What `mlc build --check` says, with its output on stderr so that stdout stays one list. */
static void verify_files(struct cli *cli, const char *folder, struct arena *arena, struct vec *findings)
{
    struct cli aside = *cli;
    char name[] = "build", check[] = "--check";
    char *argv[] = {name, check, arena_strdup(arena, folder), NULL};
    aside.out = cli->err;
    bool fresh = cli_build(&aside, 3, argv) == EXIT_OK;
    struct verify_finding *finding = arena_alloc(arena, sizeof *finding);
    *finding = (struct verify_finding){fresh ? VERIFY_CONSISTENT : VERIFY_BROKEN, "generated files",
                                       fresh ? "what the spec and the lock ask for"
                                             : "not what the spec and the lock ask for: run `mlc build`"};
    vec_push(findings, finding);
}

/* The project's store is what counts; who has no access to it can still look at this machine's. */
static bool open_store(struct registry *registry, struct compilation *compilation, const char *named,
                       struct vec *findings)
{
    if (registry_open(registry, compilation, named, REGISTRY_PROJECT))
        return true;
    struct verify_finding *finding = arena_alloc(compilation->arena, sizeof *finding);
    *finding = (struct verify_finding){named == NULL ? VERIFY_UNCHECKED : VERIFY_BROKEN, "store",
                                       arena_strdup(compilation->arena, registry->error.text)};
    vec_push(findings, finding);
    return false;
}

static int verify(struct cli *cli, struct compilation *compilation, const char *folder, const char *store,
                  bool fast, bool json)
{
    struct registry registry;
    struct vec findings = vec_in(compilation->arena);
    verify_files(cli, folder, compilation->arena, &findings);
    if (open_store(&registry, compilation, store, &findings)) {
        verify_store(&registry, !fast, &findings);
        registry_close(&registry);
    }
    if (json)
        print_json(cli, compilation->arena, &findings);
    else
        print_text(cli, &findings);
    bool whole = count_state(&findings, VERIFY_BROKEN) + count_state(&findings, VERIFY_UNCHECKED) == 0;
    return whole ? EXIT_OK : EXIT_FAILED;
}

int cli_verify(struct cli *cli, int argc, char **argv)
{
    const char *store = NULL, *format = "text";
    bool fast = false;
    const struct option_spec options[] = {
        {"store", 0, OPTION_TEXT, &store, "DIR|URL", "The store (the project's)"},
        {"fast", 0, OPTION_FLAG, &fast, NULL, "Look for artifacts without reading them"},
        {"format", 0, OPTION_CHOICE, &format, "text|json", "How it prints"},
        {0},
    };
    const struct options_page page = {"mlc verify [OPTIONS] [DIR]",
                                      "Proves that generated files, the store's logs and artifacts, and the "
                                      "lock agree. `consistent`: nothing is\n"
                                      "damaged. `proved`: a committed line of the lock names the very "
                                      "record. Exits 1 where something does not\n"
                                      "hold or could not be looked at.",
                                      options, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    const char *folder = count > 0 ? argv[1] : ".";
    struct compilation *compilation = project_open(cli, folder, false);
    if (compilation == NULL)
        return EXIT_FAILED;
    int code = verify(cli, compilation, folder, store, fast, format[0] == 'j');
    compilation_free(compilation);
    return code;
}
