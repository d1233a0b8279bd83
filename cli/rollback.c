/* mlc rollback: the lock's earlier line, in one commit with the files that follow from it. */

#include <stdlib.h>
#include <string.h>
#include "cli/commands.h"
#include "cli/git.h"
#include "cli/lock_change.h"
#include "cli/options.h"
#include "cli/project.h"
#include "core/diag.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/registry.h"

enum { COMMITS_BACK = 1000 };

struct going_back {
    struct cli *cli;
    struct compilation *compilation;
    struct registry *registry; /* NULL when no version was named */
    struct node *node;         /* a model, or a service of an environment */
    const char *to;            /* a version's number or a hash; NULL: the one before */
};

static bool is_model(const struct going_back *back)
{
    return strcmp(back->node->kind->name, "model") == 0;
}

/* The value of a key in the text of a lock; NULL when it has none or is ill-formed. */
static const char *value_in(const struct going_back *back, const char *text, const char *key)
{
    struct arena *arena = back->compilation->arena;
    const char *start = arena_printf(arena, "%s = \"", key);
    for (const char *line = text; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        if (text_starts_with(line, start)) {
            const char *value = line + strlen(start);
            size_t length = strcspn(value, "\"\n\\");
            return value[length] == '"' ? arena_copy(arena, value, length) : NULL;
        }
        line = end != NULL ? end + 1 : NULL;
    }
    return NULL;
}

/* Walks the lock's commits back to the first that said something else. */
static const char *value_before(const struct going_back *back, const char *key, const char *now)
{
    struct arena *arena = back->compilation->arena;
    const char *folder = *back->compilation->project_folder != '\0' ? back->compilation->project_folder : ".";
    const char *branch = node_text(back->compilation->graph->project, "main");
    struct buf err = {0};
    const char *limit = arena_printf(arena, "--max-count=%d", COMMITS_BACK);
    const char *commits =
        git_run(arena, folder, &err, "log", limit, "--format=%H",
                arena_printf(arena, "refs/remotes/origin/%s", branch), "--", "mlc.lock", NULL);
    const char *found = NULL;
    for (const char *at = commits; found == NULL && at != NULL && *at != '\0';) {
        size_t length = strcspn(at, "\n");
        const char *object = arena_printf(arena, "%.*s:./mlc.lock", (int)length, at);
        const char *text = git_run(arena, folder, &err, "show", object, NULL);
        const char *value = text != NULL ? value_in(back, text, key) : NULL;
        if (value != NULL && strcmp(value, now) != 0)
            found = value;
        at = at[length] == '\n' ? at + length + 1 : NULL;
    }
    if (commits == NULL)
        fprintf(back->cli->err, "mlc: the history of mlc.lock cannot be read:\n%s", buf_str(&err));
    buf_free(&err);
    return found;
}

/* The value that `--to` means: a hash as it is, a number from the log of versions. */
static const char *value_named(const struct going_back *back)
{
    struct arena *arena = back->compilation->arena;
    int64_t number;
    struct vec records = vec_in(arena);
    if (!text_to_int(back->to, strlen(back->to), &number))
        return text_starts_with(back->to, "sha256:") || !is_model(back)
                   ? back->to
                   : arena_printf(arena, "sha256:%s", back->to);
    if (!registry_versions(back->registry, back->node->id, &records)) {
        fprintf(back->cli->err, "mlc: %s\n", back->registry->error.text);
        return NULL;
    }
    if (number < 1 || (size_t)number > records.count) {
        fprintf(back->cli->err, "mlc: %s has %zu versions in %s\n", back->node->id, records.count,
                back->registry->location);
        return NULL;
    }
    return arena_printf(arena, "sha256:%s",
                        value_string_or(value_get(records.items[number - 1], "artifact"), ""));
}

static enum change_decision decide(void *context, const struct value *lock, struct lock_change *change)
{
    struct going_back *back = context;
    struct arena *arena = back->compilation->arena;
    const char *id = back->node->id;
    const char *key = arena_printf(arena, "%s.%s", id, is_model(back) ? "champion" : "image");
    const char *now = value_string_or(value_get(lock, key), NULL);
    if (now == NULL) {
        fprintf(back->cli->err, "mlc: the lock has no line `%s`: there is nothing to go back from\n", key);
        return CHANGE_REFUSED;
    }
    const char *value = back->to != NULL ? value_named(back) : value_before(back, key, now);
    if (value == NULL) {
        if (back->to == NULL)
            fprintf(back->cli->err, "mlc: `%s` was never anything else; name a version with --to\n", key);
        return CHANGE_REFUSED;
    }
    if (strcmp(value, now) == 0) {
        fprintf(back->cli->err, "mlc: nothing to do: `%s` is %s\n", key, now);
        return CHANGE_NOTHING;
    }
    if (is_model(back) && back->registry != NULL && !store_has(back->registry->store, value + 7)) {
        fprintf(back->cli->err, "mlc: %s is not in %s\n", value, back->registry->location);
        return CHANGE_REFUSED;
    }
    struct lock_fact *fact = arena_alloc(arena, sizeof *fact);
    *fact = (struct lock_fact){key, value};
    char hash[HASH_HEX_SIZE];
    hash_hex(value, strlen(value), hash);
    *change = (struct lock_change){
        .event = "rollback",
        .subject = id,
        .from = now,
        .to = value,
        .facts = fact,
        .fact_count = 1,
        .branch = arena_printf(arena, "mlc/rollback-%s-%.12s", back->node->name, hash),
        .title = arena_printf(arena, "Roll %s back", id),
        .body = arena_printf(arena, "From `%s`\nback to `%s`.\n", now, value),
    };
    return CHANGE_GO;
}

static int roll_back(struct going_back *back, enum publish_mode mode, const char *store)
{
    struct registry registry = {0};
    if (registry_open(&registry, back->compilation, store, REGISTRY_PROJECT)) {
        back->registry = &registry;
    } else if (mode != PUBLISH_PRINT || back->to != NULL) {
        fprintf(back->cli->err, "mlc: %s\n     `--print` gives the plain git commands, without the store\n",
                registry.error.text);
        return EXIT_FAILED;
    }
    struct publication publication = {
        back->cli, back->compilation, mode, mode == PUBLISH_PRINT ? NULL : registry.store, decide, back};
    int code = EXIT_FAILED;
    if (back->registry != NULL && strcmp(registry.domain, "main") != 0)
        fputs("mlc: a pull request's run rolls nothing back\n", back->cli->err);
    else
        code = lock_change_publish(&publication);
    registry_close(&registry);
    return code;
}

static struct node *find_subject(struct compilation *compilation, const char *name)
{
    struct node *node = registry_model(compilation, name);
    if (node == NULL)
        node = graph_find(compilation->graph, name);
    if (node == NULL)
        node = graph_find(compilation->graph, arena_printf(compilation->arena, "service/%s", name));
    bool fits = node != NULL && (strcmp(node->kind->name, "model") == 0 ||
                                 (strcmp(node->kind->name, "service") == 0 && node->environment != NULL));
    return fits ? node : NULL;
}

int cli_rollback(struct cli *cli, int argc, char **argv)
{
    struct going_back back = {.cli = cli};
    const char *folder = ".", *store = NULL;
    bool request = false, push = false, print = false;
    const struct option_spec options[] = {
        {"project", 'C', OPTION_TEXT, &folder, "DIR", "The folder of the spec (.)"},
        {"to", 0, OPTION_TEXT, &back.to, "VERSION", "A version's number or hash (the one before)"},
        {"push", 0, OPTION_FLAG, &push, NULL, "Push to the main branch (the default: harm is stopped first)"},
        {"pull-request", 0, OPTION_FLAG, &request, NULL, "Open a pull request with gh"},
        {"print", 0, OPTION_FLAG, &print, NULL, "Only print the git and gh commands that do the same"},
        {"store", 0, OPTION_TEXT, &store, "DIR|URL", "The store (the project's)"},
        {0},
    };
    const struct options_page page = {"mlc rollback [OPTIONS] MODEL | SERVICE@ENVIRONMENT",
                                      "Restores the earlier line of mlc.lock: a model's champion, or the "
                                      "image that an environment runs. What\n"
                                      "was there before is read from git.",
                                      options, 1, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result == OPTIONS_OK && request && push) {
        fputs("mlc: --push or --pull-request, one of them\n", cli->err);
        result = OPTIONS_WRONG;
    }
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    back.compilation = project_open(cli, folder, false);
    if (back.compilation == NULL)
        return EXIT_FAILED;
    back.node = find_subject(back.compilation, argv[1]);
    int code = EXIT_FAILED;
    if (back.node == NULL)
        fprintf(cli->err, "mlc: there is no model and no service of an environment `%s`\n", argv[1]);
    else
        code = roll_back(&back, print ? PUBLISH_PRINT : request ? PUBLISH_PULL_REQUEST : PUBLISH_PUSH, store);
    compilation_free(back.compilation);
    return code;
}
