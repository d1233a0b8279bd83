/* mlc rollback: the lock's earlier line, in one commit with the files that follow from it. */

#include <stdlib.h>
#include <string.h>
#include "cli/commands.h"
#include "cli/git.h"
#include "cli/lock_change.h"
#include "cli/options.h"
#include "cli/project.h"
#include "cli/rollback_people.h"
#include "core/diag.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/registry.h"

enum { COMMITS_BACK = 1000 };

struct going_back {
    struct cli *cli;
    struct compilation *compilation;
    struct registry *registry; /* NULL when no version was named */
    struct node *node;         /* a model, a service of an environment, or an environment */
    const char *to;            /* a version's number or a hash; NULL: the one before */
    struct vec keys;           /* const char *: the lines of the lock in question */
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

/* True if the text says something, and something else, about one of the keys. */
static bool differs(const struct going_back *back, const char *text, const struct value *lock)
{
    for (size_t i = 0; i < back->keys.count; i++) {
        const char *now = value_string_or(value_get(lock, back->keys.items[i]), NULL);
        const char *then = value_in(back, text, back->keys.items[i]);
        if (now != NULL && then != NULL && strcmp(now, then) != 0)
            return true;
    }
    return false;
}

/* Walks the lock's commits back to the first that said something else: its text; NULL: there is none. */
static const char *lock_before(const struct going_back *back, const struct value *lock)
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
        if (text != NULL && differs(back, text, lock))
            found = text;
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

/* The lines to write: what `--to` names, or what an earlier lock said. False after saying why there are none.
 */
static bool find_facts(const struct going_back *back, const struct value *lock, struct lock_fact *facts,
                       size_t *count)
{
    const char *first = back->keys.items[0], *named = NULL, *before = NULL;
    *count = 0;
    if (back->to != NULL)
        named = value_named(back);
    else
        before = lock_before(back, lock);
    for (size_t i = 0; i < back->keys.count; i++) {
        const char *key = back->keys.items[i], *now = value_string_or(value_get(lock, key), NULL);
        const char *value = named != NULL ? named : before != NULL ? value_in(back, before, key) : NULL;
        if (now != NULL && value != NULL && (named != NULL || strcmp(value, now) != 0))
            facts[(*count)++] = (struct lock_fact){key, value};
    }
    if (*count == 0 && back->to == NULL)
        fprintf(back->cli->err, "mlc: `%s` was never anything else; name a version with --to\n", first);
    return *count > 0;
}

/* What the lock says now of the first key that it names; NULL: of none. */
static const char *said_now(const struct going_back *back, const struct value *lock)
{
    for (size_t i = 0; i < back->keys.count; i++) {
        const char *now = value_string_or(value_get(lock, back->keys.items[i]), NULL);
        if (now != NULL)
            return now;
    }
    return NULL;
}

static enum change_decision decide(void *context, const struct value *lock, struct lock_change *change)
{
    struct going_back *back = context;
    struct arena *arena = back->compilation->arena;
    const char *id = back->node->id;
    struct lock_fact *facts = arena_array(arena, back->keys.count, sizeof *facts);
    size_t count;
    if (said_now(back, lock) == NULL) {
        fprintf(back->cli->err, "mlc: the lock has no line `%s`: there is nothing to go back from\n",
                (const char *)back->keys.items[0]);
        return CHANGE_REFUSED;
    }
    if (!find_facts(back, lock, facts, &count))
        return CHANGE_REFUSED;
    const char *now = value_string_or(value_get(lock, facts[0].key), ""), *value = facts[0].value;
    if (count == 1 && strcmp(value, now) == 0) {
        fprintf(back->cli->err, "mlc: nothing to do: `%s` is %s\n", facts[0].key, now);
        return CHANGE_NOTHING;
    }
    if (is_model(back) && back->registry != NULL && !store_has(back->registry->store, value + 7)) {
        fprintf(back->cli->err, "mlc: %s is not in %s\n", value, back->registry->location);
        return CHANGE_REFUSED;
    }
    struct buf body = {0};
    char hash[HASH_HEX_SIZE];
    for (size_t i = 0; i < count; i++)
        buf_printf(&body, "`%s`: from `%s`\nback to `%s`.\n", facts[i].key,
                   value_string_or(value_get(lock, facts[i].key), ""), facts[i].value);
    hash_hex(body.data, body.length, hash);
    *change = (struct lock_change){
        .event = "rollback",
        .subject = id,
        .from = now,
        .to = value,
        .facts = facts,
        .fact_count = count,
        .branch = arena_printf(arena, "mlc/rollback-%s-%.12s", back->node->name, hash),
        .title = arena_printf(arena, "Roll %s back", id),
        .body = arena_copy(arena, buf_str(&body), body.length),
    };
    buf_free(&body);
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

/* The lines of the lock that decide what a subject serves. */
static struct vec keys_of(struct compilation *compilation, struct node *node)
{
    struct arena *arena = compilation->arena;
    struct vec keys = vec_in(arena);
    const struct value *const *services;
    bool environment = strcmp(node->kind->name, "environment") == 0;
    size_t count = environment ? node_list(node, "services", &services) : 0;
    for (size_t i = 0; i < count; i++)
        vec_push(&keys, arena_printf(arena, "%s.image", services[i]->node->id));
    if (!environment)
        vec_push(&keys, arena_printf(arena, "%s.%s", node->id,
                                     strcmp(node->kind->name, "model") == 0 ? "champion" : "image"));
    return keys;
}

/* Who may not push opens a pull request, which those who may merge; asked for in so many words, a push is
 * refused. */
static int roll_back_allowed(struct going_back *back, enum publish_mode mode, bool push, const char *store)
{
    struct vec environments = rollback_environments(back->compilation, back->node);
    if (mode == PUBLISH_PUSH && !rollback_may(back->cli, back->compilation, &environments)) {
        if (push) {
            fputs("     `--pull-request` asks them\n", back->cli->err);
            return EXIT_FAILED;
        }
        fputs("     so this opens a pull request, which they merge\n", back->cli->err);
        mode = PUBLISH_PULL_REQUEST;
    }
    int code = roll_back(back, mode, store);
    if (code == EXIT_OK && mode != PUBLISH_PRINT)
        rollback_print_now(back->cli, back->compilation, &environments);
    return code;
}

static struct node *find_subject(struct compilation *compilation, const char *name)
{
    struct node *node = registry_model(compilation, name);
    if (node == NULL)
        node = graph_find(compilation->graph, name);
    if (node == NULL)
        node = graph_find(compilation->graph, arena_printf(compilation->arena, "service/%s", name));
    if (node == NULL)
        node = graph_find(compilation->graph, arena_printf(compilation->arena, "environment/%s", name));
    bool fits = node != NULL &&
                (strcmp(node->kind->name, "model") == 0 || strcmp(node->kind->name, "environment") == 0 ||
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
    const struct options_page page = {"mlc rollback [OPTIONS] MODEL | SERVICE@ENVIRONMENT | ENVIRONMENT",
                                      "Restores the earlier line of mlc.lock: a model's champion, or the "
                                      "image that an environment runs. What\n"
                                      "was there before is read from git. Who is none of the environment's "
                                      "`rollback_approvers` opens a\n"
                                      "pull request instead; what happens on the cluster is said.",
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
        fprintf(cli->err, "mlc: there is no model, no service of an environment and no environment `%s`\n",
                argv[1]);
    else if (back.to != NULL && strcmp(back.node->kind->name, "environment") == 0)
        fputs("mlc: --to names a version of a model, or an image of one service: `SERVICE@ENVIRONMENT`\n",
              cli->err);
    else {
        back.keys = keys_of(back.compilation, back.node);
        code = roll_back_allowed(&back,
                                 print     ? PUBLISH_PRINT
                                 : request ? PUBLISH_PULL_REQUEST
                                           : PUBLISH_PUSH,
                                 push, store);
    }
    compilation_free(back.compilation);
    return code;
}
