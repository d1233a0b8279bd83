#include "cli/rollback_people.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "cli/git.h"
#include "core/shell.h"
#include "core/text.h"

static bool serves(struct node *environment, const struct node *subject)
{
    const struct value *const *services;
    size_t count = node_list(environment, "services", &services);
    for (size_t i = 0; i < count; i++)
        if (services[i]->node == subject || node_ref(services[i]->node, "model") == subject)
            return true;
    return environment == subject;
}

struct vec rollback_environments(struct compilation *compilation, struct node *subject)
{
    struct vec all = vec_in(compilation->arena), found = vec_in(compilation->arena);
    graph_collection(compilation->graph, "environment", NULL, &all);
    for (size_t i = 0; i < all.count; i++)
        if (serves(all.items[i], subject))
            vec_push(&found, all.items[i]);
    return found;
}

/* ---- people */

struct person {
    struct arena *arena;
    const char *folder;
    const char *email, *login; /* "" where it is not known */
};

/* The one line that a program prints; "" when it fails. */
static const char *line_of(struct person *person, const char *const *argv)
{
    struct buf out = {0}, err = {0};
    int code = program_run(argv, person->folder, &out, &err);
    const char *text =
        code == 0 ? arena_copy(person->arena, buf_str(&out), strcspn(buf_str(&out), "\n")) : "";
    buf_free(&out);
    buf_free(&err);
    return text;
}

static struct person who(struct compilation *compilation)
{
    const char *folder = *compilation->project_folder != '\0' ? compilation->project_folder : ".";
    const char *actor = getenv("GITHUB_ACTOR");
    struct person person = {compilation->arena, folder, "", ""};
    person.email = line_of(&person, (const char *[]){"git", "config", "user.email", NULL});
    person.login = actor != NULL && *actor != '\0'
                       ? actor
                       : line_of(&person, (const char *[]){"gh", "api", "user", "--jq", ".login", NULL});
    return person;
}

/* "@org/team": GitHub knows. */
static bool is_member(struct person *person, const char *team)
{
    const char *slash = strchr(team, '/');
    const char *path = arena_printf(person->arena, "orgs/%.*s/teams/%s/memberships/%s",
                                    (int)(slash - team - 1), team + 1, slash + 1, person->login);
    return strcmp(line_of(person, (const char *[]){"gh", "api", path, "--jq", ".state", NULL}), "active") ==
           0;
}

static bool is_meant(struct person *person, const char *approver)
{
    if (approver[0] != '@')
        return *person->email != '\0' && strcasecmp(approver, person->email) == 0;
    if (*person->login == '\0')
        return false;
    return strchr(approver, '/') != NULL ? is_member(person, approver)
                                         : strcasecmp(approver + 1, person->login) == 0;
}

static bool may(struct person *person, struct node *environment, struct buf *named)
{
    const struct value *const *approvers;
    size_t count = node_list(environment, "rollback_approvers", &approvers);
    for (size_t i = 0; i < count; i++) {
        const char *approver = value_string_or(approvers[i], "");
        if (is_meant(person, approver))
            return true;
        buf_printf(named, "%s%s", i > 0 ? ", " : "", approver);
    }
    return count == 0;
}

bool rollback_may(struct cli *cli, struct compilation *compilation, const struct vec *environments)
{
    struct person person = {0};
    for (size_t i = 0; i < environments->count; i++) {
        struct node *environment = environments->items[i];
        const struct value *const *approvers;
        struct buf named = {0};
        if (node_list(environment, "rollback_approvers", &approvers) == 0)
            continue;
        if (person.arena == NULL)
            person = who(compilation);
        bool fits = may(&person, environment, &named);
        if (!fits)
            fprintf(cli->err, "mlc: %s is rolled back by %s; you are %s%s%s%s\n", environment->id,
                    buf_str(&named), *person.login != '\0' ? "@" : "", person.login,
                    *person.email != '\0' && *person.login != '\0' ? ", " : "",
                    *person.email != '\0' || *person.login != '\0' ? person.email : "not known here");
        buf_free(&named);
        if (!fits)
            return false;
    }
    return true;
}

/* ---- what happens now */

static const char *word_of(struct node *node, const char *attribute)
{
    const char *word = node != NULL ? node_text(node, attribute) : NULL;
    return word != NULL && strcmp(word, "none") != 0 ? word : NULL;
}

static void add_word(struct buf *out, const char *word)
{
    buf_add_char(out, ' ');
    shell_quote(out, word, strlen(word));
}

/* `mlc apply` took the manifests there: it also takes them back, and a rollout on its way can be stopped. */
static void print_apply(struct buf *out, struct node *environment, bool rollouts)
{
    const struct value *const *services;
    size_t count = node_list(environment, "services", &services);
    buf_printf(out, "%s: the cluster is as it was. This takes the harm off it now:\n    mlc apply",
               environment->id);
    add_word(out, environment->name);
    buf_add_str(out, " --rollback\n");
    for (size_t i = 0; rollouts && node_ref(environment, "rollout") != NULL && i < count; i++) {
        if (word_of(services[i]->node, "runs_on") == NULL ||
            strcmp(word_of(services[i]->node, "runs_on"), "cluster") != 0)
            continue;
        buf_add_str(out, i == 0 ? "or, while a rollout is on its way:\n" : "");
        buf_add_str(out, "    kubectl argo rollouts abort");
        add_word(out, services[i]->node->name);
        buf_add_str(out, " -n");
        add_word(out, node_text(environment, "namespace"));
        buf_add_char(out, '\n');
    }
}

void rollback_print_now(struct cli *cli, struct compilation *compilation, const struct vec *environments)
{
    struct node *target = graph_find(compilation->graph, "target/kubernetes");
    const char *gitops = word_of(target, "gitops"), *rollouts = word_of(target, "rollouts");
    const char *branch = node_text(compilation->graph->project, "main");
    struct buf out = {0};
    for (size_t i = 0; target != NULL && i < environments->count; i++) {
        struct node *environment = environments->items[i];
        if (gitops == NULL)
            print_apply(&out, environment, rollouts != NULL && strcmp(rollouts, "argo") == 0);
        else
            buf_printf(&out, "%s: %s applies the commit when it is on `%s`%s\n", environment->id,
                       strcmp(gitops, "flux") == 0 ? "Flux" : "Argo CD", branch,
                       strcmp(gitops, "flux") == 0
                           ? "; at once with `flux reconcile kustomization --with-source`"
                           : " (it looks every few minutes); at once with `argocd app sync`");
    }
    fputs(buf_str(&out), cli->out);
    buf_free(&out);
}
