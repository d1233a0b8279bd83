/* mlc promote: a version becomes the champion, or an image what an environment runs: one commit of the lock
 * and what follows from it. */

#include <stdlib.h>
#include <string.h>
#include "cli/commands.h"
#include "cli/lock_change.h"
#include "cli/options.h"
#include "cli/project.h"
#include "core/text.h"
#include "runtime/registry.h"

struct promotion {
    struct cli *cli;
    struct compilation *compilation;
    struct registry *registry;
    bool push;
    /* of a model */
    struct node *model;
    long version; /* 0: the newest */
    /* of an environment */
    struct node *environment;
    struct option_values digests;
};

static const char *strip(const char *hash)
{
    return text_starts_with(hash, "sha256:") ? hash + 7 : hash;
}

static const char *text_of(const struct value *record, const char *key)
{
    return value_string_or(value_get(record, key), "");
}

/* --- a model
 * ---------------------------------------------------------------------------------------------------- */

/* In CI the version that this commit's run made; else the newest. 0 when there is none. */
static size_t choose_version(const struct promotion *promotion, const struct vec *records)
{
    const char *commit = registry_in_ci() ? getenv("GITHUB_SHA") : NULL;
    if (promotion->version > 0)
        return (size_t)promotion->version <= records->count ? (size_t)promotion->version : 0;
    if (commit == NULL || *commit == '\0')
        return records->count;
    for (size_t i = records->count; i > 0; i--)
        if (strcmp(text_of(records->items[i - 1], "commit"), commit) == 0)
            return i;
    return 0;
}

static enum change_decision find_version(const struct promotion *promotion, size_t *number,
                                         const struct value **record)
{
    struct vec records = vec_in(promotion->compilation->arena);
    FILE *err = promotion->cli->err;
    const char *id = promotion->model->id;
    if (!registry_versions(promotion->registry, id, &records)) {
        fprintf(err, "mlc: %s\n", promotion->registry->error.text);
        return CHANGE_REFUSED;
    }
    *number = choose_version(promotion, &records);
    if (*number == 0 && promotion->version == 0 && registry_in_ci()) {
        fprintf(err, "mlc: nothing to promote: the run of this commit made no new version of %s\n", id);
        return CHANGE_NOTHING;
    }
    if (*number == 0) {
        fprintf(err, "mlc: there is no %sversion of %s in %s\n", promotion->version > 0 ? "such " : "", id,
                promotion->registry->location);
        return CHANGE_REFUSED;
    }
    *record = records.items[*number - 1];
    if (strcmp(text_of(*record, "verdict"), "passed") == 0)
        return CHANGE_GO;
    fprintf(err,
            "mlc: version %zu of %s did not pass its gate (`mlc report %s`)\n"
            "     `--version N` promotes an earlier one; `mlc history %s` lists them\n",
            *number, id, id, id);
    return CHANGE_REFUSED;
}

/* What the gate compared with must be the champion still: otherwise nobody has shown that this one is better.
 * A lock that names none asks for no comparison. */
static enum change_decision compare_champion(const struct promotion *promotion, size_t number,
                                             const struct value *record, const char *champion)
{
    const char *id = promotion->model->id, *compared = text_of(record, "champion");
    FILE *err = promotion->cli->err;
    if (strcmp(champion, text_of(record, "artifact")) == 0) {
        fprintf(err, "mlc: nothing to do: version %zu of %s is the champion\n", number, id);
        return CHANGE_NOTHING;
    }
    if (*champion != '\0' && strcmp(champion, compared) != 0) {
        fprintf(err,
                "mlc: version %zu of %s was compared with %s%.12s, and the champion is sha256:%.12s now\n"
                "     `mlc run %s.gate` compares again, with the champion that the lock names\n",
                number, id, *compared != '\0' ? "sha256:" : "no champion", compared, champion, id);
        return CHANGE_REFUSED;
    }
    if (*champion == '\0' && promotion->push) {
        fprintf(err,
                "mlc: this is the first promotion of %s: there is nothing that it was compared with, so a "
                "person\n"
                "     decides by pull request; leave out --push\n",
                id);
        return CHANGE_REFUSED;
    }
    return CHANGE_GO;
}

static void add_code(struct buf *out, const char *text)
{
    buf_add_char(out, '`');
    for (; *text != '\0'; text++)
        buf_add_char(out, *text == '`' || (unsigned char)*text < ' ' ? '\'' : *text);
    buf_add_char(out, '`');
}

static const char *model_body(const struct promotion *promotion, const struct value *record,
                              const char *champion)
{
    struct buf out = {0};
    const struct value *verdicts = value_get(record, "verdicts");
    if (*champion == '\0')
        buf_printf(
            &out,
            "**This is the first promotion of %s.** The lock names no champion, so comparisons with one were "
            "vacuous: only the absolute requirements decided.\n\n",
            promotion->model->id);
    else
        buf_printf(&out, "Replaces `sha256:%s`.\n\n", champion);
    buf_printf(&out, "Artifact `sha256:%s`, judged %s.\n\n", text_of(record, "artifact"),
               text_of(record, "time"));
    for (size_t i = 0; verdicts != NULL && verdicts->kind == VALUE_LIST && i < verdicts->count; i++) {
        const struct value *verdict = verdicts->items[i], *vacuous = value_get(verdict, "vacuous");
        buf_add_str(&out, "- ");
        add_code(&out, text_of(verdict, "require"));
        if (vacuous != NULL && vacuous->boolean) {
            buf_add_str(&out, ": nothing to compare with\n");
            continue;
        }
        buf_add_str(&out, ": found ");
        add_code(&out, text_of(verdict, "found"));
        buf_add_str(&out, ", needed ");
        add_code(&out, text_of(verdict, "bound"));
        buf_add_char(&out, '\n');
    }
    buf_add_str(&out, "\nMerging it deploys; nothing is trained again.\n");
    const char *text = arena_strdup(promotion->compilation->arena, buf_str(&out));
    buf_free(&out);
    return text;
}

static enum change_decision decide_model(void *context, const struct value *lock, struct lock_change *change)
{
    struct promotion *promotion = context;
    struct arena *arena = promotion->compilation->arena;
    const char *id = promotion->model->id, *key = arena_printf(arena, "%s.champion", id);
    const char *champion = strip(value_string_or(value_get(lock, key), ""));
    const struct value *record = NULL;
    size_t number = 0;
    enum change_decision decision = find_version(promotion, &number, &record);
    if (decision == CHANGE_GO)
        decision = compare_champion(promotion, number, record, champion);
    if (decision != CHANGE_GO)
        return decision;
    const char *artifact = text_of(record, "artifact");
    if (!store_has(promotion->registry->store, artifact)) {
        fprintf(promotion->cli->err, "mlc: the artifact of version %zu is not in %s\n", number,
                promotion->registry->location);
        return CHANGE_REFUSED;
    }
    struct lock_fact *fact = arena_alloc(arena, sizeof *fact);
    *fact = (struct lock_fact){key, arena_printf(arena, "sha256:%s", artifact)};
    *change = (struct lock_change){
        .event = promotion->push ? "promote" : "propose",
        .subject = id,
        .from = champion,
        .to = artifact,
        .facts = fact,
        .fact_count = 1,
        .branch = arena_printf(arena, "mlc/promote-%s-%.12s", promotion->model->name, artifact),
        .title = arena_printf(arena, "Promote %s to version %zu%s", id, number,
                              *champion == '\0' ? " (first promotion)" : ""),
        .body = model_body(promotion, record, champion),
    };
    return CHANGE_GO;
}

/* --- an environment
 * --------------------------------------------------------------------------------------------- */

static bool is_digest(const char *text)
{
    return text_starts_with(text, "sha256:") && strlen(text) == 71 &&
           strspn(text + 7, "0123456789abcdef") == 64;
}

/* `service/NAME=sha256:…` to a fact: the full reference of the image. False after saying why not. */
static bool digest_fact(const struct promotion *promotion, const char *given, struct lock_fact *fact)
{
    struct arena *arena = promotion->compilation->arena;
    FILE *err = promotion->cli->err;
    const char *equals = strchr(given, '=');
    if (equals == NULL || !is_digest(equals + 1)) {
        fprintf(err, "mlc: --digest takes service/NAME=sha256:… with 64 hexadecimal digits, not `%s`\n",
                given);
        return false;
    }
    const char *name = arena_copy(arena, given, (size_t)(equals - given));
    const char *id = arena_printf(arena, "%s%s@%s", strchr(name, '/') != NULL ? "" : "service/", name,
                                  promotion->environment->name);
    struct node *service = graph_find(promotion->compilation->graph, id);
    struct node *build =
        service != NULL && strcmp(service->kind->name, "service") == 0 ? node_ref(service, "build") : NULL;
    struct node *registry = build != NULL ? node_ref(build, "push") : NULL;
    if (registry == NULL) {
        fprintf(err, "mlc: there is no %s%s\n", id, service != NULL ? " that builds an image" : "");
        return false;
    }
    *fact = (struct lock_fact){arena_printf(arena, "%s.image", id),
                               arena_printf(arena, "%s@%s", node_text(registry, "url"), equals + 1)};
    return true;
}

/* `after = staging` means the same digests: what was not there first does not go on. */
static bool came_from_before(const struct promotion *promotion, const struct value *lock,
                             const struct lock_fact *fact)
{
    struct node *before = node_ref(promotion->environment, "after");
    if (before == NULL)
        return true;
    struct arena *arena = promotion->compilation->arena;
    const char *at = strrchr(fact->key, '@');
    const char *key = arena_printf(arena, "%.*s@%s.image", (int)(at - fact->key), fact->key, before->name);
    const char *there = value_string_or(value_get(lock, key), "nothing");
    if (strcmp(there, fact->value) == 0)
        return true;
    fprintf(promotion->cli->err,
            "mlc: %s comes after %s, and %s runs another image there\n"
            "     %s = %s\n     asked for %s\n",
            promotion->environment->id, before->id, key, key, there, fact->value);
    return false;
}

static enum change_decision decide_environment(void *context, const struct value *lock,
                                               struct lock_change *change)
{
    struct promotion *promotion = context;
    struct arena *arena = promotion->compilation->arena;
    size_t count = promotion->digests.count, changed = 0;
    struct lock_fact *facts = arena_array(arena, count + 1, sizeof *facts);
    struct buf body = {0}, from = {0}, to = {0};
    bool sound = true;
    for (size_t i = 0; i < count && sound; i++) {
        sound = digest_fact(promotion, promotion->digests.items[i], &facts[changed]) &&
                came_from_before(promotion, lock, &facts[changed]);
        const char *now = sound ? value_string_or(value_get(lock, facts[changed].key), "") : "";
        if (!sound || strcmp(now, facts[changed].value) == 0)
            continue;
        buf_printf(&body, "- `%s`: `%s`\n", facts[changed].key, facts[changed].value);
        buf_printf(&from, "%s%s", from.length > 0 ? " " : "", now);
        buf_printf(&to, "%s%s", to.length > 0 ? " " : "", facts[changed].value);
        changed++;
    }
    const char *name = promotion->environment->name;
    char hash[HASH_HEX_SIZE];
    hash_hex(buf_str(&to), to.length, hash);
    *change = (struct lock_change){
        .event = promotion->push ? "deploy" : "propose",
        .subject = promotion->environment->id,
        .from = arena_strdup(arena, buf_str(&from)),
        .to = arena_strdup(arena, buf_str(&to)),
        .facts = facts,
        .fact_count = changed,
        .branch = arena_printf(arena, "mlc/deploy-%s-%.12s", name, hash),
        .title = arena_printf(arena, "Deploy to %s", name),
        .body = arena_strdup(arena, buf_str(&body)),
    };
    buf_free(&body);
    buf_free(&from);
    buf_free(&to);
    if (sound && changed == 0)
        fprintf(promotion->cli->err, "mlc: nothing to do: %s has these images\n", promotion->environment->id);
    return !sound ? CHANGE_REFUSED : changed > 0 ? CHANGE_GO : CHANGE_NOTHING;
}

/* --- the command
 * ------------------------------------------------------------------------------------------------ */

static int promote(struct promotion *promotion, enum publish_mode mode, const char *store)
{
    struct registry registry;
    if (!registry_open(&registry, promotion->compilation, store, REGISTRY_PROJECT)) {
        fprintf(promotion->cli->err, "mlc: %s\n", registry.error.text);
        return EXIT_FAILED;
    }
    promotion->registry = &registry;
    promotion->push = mode == PUBLISH_PUSH;
    struct publication publication = {promotion->cli,
                                      promotion->compilation,
                                      mode,
                                      mode == PUBLISH_PRINT ? NULL : registry.store,
                                      promotion->environment != NULL ? decide_environment : decide_model,
                                      promotion};
    int code = EXIT_FAILED;
    if (strcmp(registry.domain, "main") != 0)
        fputs("mlc: a pull request's run promotes nothing\n", promotion->cli->err);
    else
        code = lock_change_publish(&publication);
    registry_close(&registry);
    return code;
}

static bool find_subject(struct promotion *promotion, const char *model, const char *environment)
{
    struct compilation *compilation = promotion->compilation;
    const char *id = environment != NULL && strchr(environment, '/') == NULL
                         ? arena_printf(compilation->arena, "environment/%s", environment)
                         : environment;
    promotion->model = model != NULL ? registry_model(compilation, model) : NULL;
    promotion->environment = id != NULL ? graph_find(compilation->graph, id) : NULL;
    if (promotion->environment != NULL && strcmp(promotion->environment->kind->name, "environment") != 0)
        promotion->environment = NULL;
    if (promotion->model != NULL || promotion->environment != NULL)
        return true;
    fprintf(promotion->cli->err, "mlc: there is no %s `%s`\n", model != NULL ? "model" : "environment",
            model != NULL ? model : environment);
    return false;
}

int cli_promote(struct cli *cli, int argc, char **argv)
{
    struct promotion promotion = {.cli = cli};
    const char *folder = ".", *store = NULL, *environment = NULL;
    bool request = false, push = false, print = false;
    const struct option_spec options[] = {
        {"project", 'C', OPTION_TEXT, &folder, "DIR", "The folder of the spec (.)"},
        {"pull-request", 0, OPTION_FLAG, &request, NULL, "Open a pull request with gh (a model's default)"},
        {"push", 0, OPTION_FLAG, &push, NULL, "Push to the main branch (an environment's default)"},
        {"print", 0, OPTION_FLAG, &print, NULL, "Only print the git and gh commands that do the same"},
        {"version", 0, OPTION_COUNT, &promotion.version, "N", "This version instead of the newest"},
        {"environment", 'e', OPTION_TEXT, &environment, "NAME", "Set what an environment runs"},
        {"digest", 0, OPTION_LIST, &promotion.digests, "service/NAME=sha256:…",
         "The image of a service (again for each)"},
        {"store", 0, OPTION_TEXT, &store, "DIR|URL", "The store (the project's)"},
        {0},
    };
    const struct options_page page = {
        "mlc promote [OPTIONS] MODEL\n       mlc promote [OPTIONS] --environment NAME --digest "
        "service/NAME=sha256:…",
        "Makes a version that passed its gate the champion, or images what an environment runs: one commit "
        "of\n"
        "mlc.lock and the files that follow from it, on top of the remote's main branch. Your work tree "
        "stays as\n"
        "it is. The version must have been compared with the champion that the lock names.",
        options, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result == OPTIONS_OK &&
        ((count == 1) == (environment != NULL) || (environment != NULL) != (promotion.digests.count > 0) ||
         (request && push))) {
        fprintf(cli->err, "mlc: name a model, or an environment with digests; and one way\nUsage: %s\n",
                page.usage);
        result = OPTIONS_WRONG;
    }
    int code = result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    promotion.compilation = result == OPTIONS_OK ? project_open(cli, folder, false) : NULL;
    if (result == OPTIONS_OK)
        code = EXIT_FAILED;
    enum publish_mode mode = print                                       ? PUBLISH_PRINT
                             : push || (environment != NULL && !request) ? PUBLISH_PUSH
                                                                         : PUBLISH_PULL_REQUEST;
    if (promotion.compilation != NULL && find_subject(&promotion, count == 1 ? argv[1] : NULL, environment))
        code = promote(&promotion, mode, store);
    if (promotion.compilation != NULL)
        compilation_free(promotion.compilation);
    options_free_values(&promotion.digests);
    return code;
}
