#include "cli/lock_change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cli/build.h"
#include "cli/git.h"
#include "core/diag_print.h"
#include "core/file.h"
#include "core/shell.h"
#include "runtime/audit.h"

enum { TRIES = 5 };

static const char *main_branch(const struct publication *publication)
{
    return node_text(publication->compilation->graph->project, "main");
}

static int fail(const struct publication *publication, const char *what, struct buf *why)
{
    fprintf(publication->cli->err, "mlc: %s\n", what);
    if (why->length > 0)
        fprintf(publication->cli->err, "%s%s", buf_str(why), why->data[why->length - 1] == '\n' ? "" : "\n");
    buf_free(why);
    return EXIT_FAILED;
}

/* --- the same by hand
 * ----------------------------------------------------------------------------------------- */

static void add_word(struct buf *out, const char *word)
{
    buf_add_char(out, ' ');
    shell_quote(out, word, strlen(word));
}

/* One line of the lock, replaced by plain tools; comments sort before names, so the file stays in order. */
static void print_fact(struct buf *out, const struct lock_fact *fact)
{
    struct buf line = {0}, pattern = {0};
    buf_printf(&line, "%s = \"%s\"", fact->key, fact->value != NULL ? fact->value : "");
    buf_printf(&pattern, "index($0, \"%s = \") != 1", fact->key);
    buf_add_str(out, "touch mlc.lock\n{ awk");
    add_word(out, buf_str(&pattern));
    buf_add_str(out, " mlc.lock;");
    if (fact->value != NULL) {
        buf_add_str(out, " printf '%s\\n'");
        add_word(out, buf_str(&line));
        buf_add_str(out, ";");
    }
    buf_add_str(out, " } | LC_ALL=C sort > mlc.lock.new && mv mlc.lock.new mlc.lock\n");
    buf_free(&line);
    buf_free(&pattern);
}

static int print_commands(struct publication *publication, const struct lock_change *change)
{
    struct buf out = {0};
    const char *branch = main_branch(publication);
    buf_add_str(&out, "git fetch origin");
    add_word(&out, branch);
    buf_add_str(&out, "\ngit switch --create");
    add_word(&out, change->branch);
    buf_add_str(&out, " FETCH_HEAD\n");
    for (size_t i = 0; i < change->fact_count; i++)
        print_fact(&out, &change->facts[i]);
    buf_add_str(&out, "mlc build\ngit add --all -- . ':(exclude,glob)**/.mlc/**'\ngit commit --message");
    add_word(&out, change->title);
    buf_add_str(&out, "\ngit push origin");
    add_word(&out, change->branch);
    buf_add_str(&out, "\ngh pr create --base");
    add_word(&out, branch);
    buf_add_str(&out, " --head");
    add_word(&out, change->branch);
    buf_add_str(&out, " --title");
    add_word(&out, change->title);
    buf_add_str(&out, " --body");
    add_word(&out, change->body);
    buf_add_char(&out, '\n');
    fputs(buf_str(&out), publication->cli->out);
    buf_free(&out);
    return EXIT_OK;
}

/* --- the pull request
 * ----------------------------------------------------------------------------------------- */

/* The address of an open pull request of a branch; NULL for none. */
static const char *open_request(struct publication *publication, const char *branch, struct buf *err)
{
    const char *const argv[] = {"gh",   "pr",     "list", "--head", branch,    "--state",
                                "open", "--json", "url",  "--jq",   ".[].url", NULL};
    struct buf out = {0};
    int code = program_run(argv, publication->compilation->project_folder, &out, err);
    char *end = out.length > 0 ? strchr(out.data, '\n') : NULL;
    if (end != NULL)
        *end = '\0';
    const char *url = code == 0 && out.length > 0 && *out.data != '\0'
                          ? arena_strdup(publication->compilation->arena, out.data)
                          : NULL;
    buf_free(&out);
    return url;
}

static int open_pull_request(struct publication *publication, const struct lock_change *change)
{
    struct buf out = {0}, err = {0};
    const char *known = open_request(publication, change->branch, &err);
    buf_free(&err);
    if (known != NULL) {
        fprintf(publication->cli->out, "%s\n", known);
        fputs("mlc: the pull request is open already\n", publication->cli->err);
        return EXIT_OK;
    }
    const char *const argv[] = {"gh",
                                "pr",
                                "create",
                                "--base",
                                main_branch(publication),
                                "--head",
                                change->branch,
                                "--title",
                                change->title,
                                "--body",
                                change->body,
                                NULL};
    int code = program_run(argv, publication->compilation->project_folder, &out, &err);
    if (code == -ENOENT)
        buf_add_str(&err, "gh is not installed (https://cli.github.com)");
    fputs(buf_str(&out), publication->cli->out);
    buf_free(&out);
    if (code != 0)
        return fail(publication,
                    arena_printf(
                        publication->compilation->arena,
                        "the branch %s is pushed, and its pull request could not be opened:", change->branch),
                    &err);
    buf_free(&err);
    return EXIT_OK;
}

static bool branch_is_there(struct publication *publication, const char *branch)
{
    struct buf err = {0};
    const char *found = git_run(publication->compilation->arena, publication->compilation->project_folder,
                                &err, "ls-remote", "--heads", "origin",
                                arena_printf(publication->compilation->arena, "refs/heads/%s", branch), NULL);
    buf_free(&err);
    return found != NULL && *found != '\0';
}

/* --- the commit
 * ----------------------------------------------------------------------------------------------- */

static const struct value *read_lock(struct publication *publication, const char *path)
{
    struct compilation *compilation = publication->compilation;
    struct diag_sink *diags = diag_sink_new(compilation->arena, 0);
    const struct value *lock =
        lock_read(compilation->arena, path, compilation->sources, compilation->origins, diags);
    if (lock != NULL)
        return lock;
    struct buf out = {0};
    diag_print_text(&out, diags, compilation->sources,
                    (struct diag_style){.color = publication->cli->color, .width = publication->cli->width});
    fputs(buf_str(&out), publication->cli->err);
    buf_free(&out);
    return NULL;
}

/* The event comes before the commit, which anchors it. */
static bool note(struct publication *publication, const struct lock_change *change, const char **anchor)
{
    if (*anchor != NULL || publication->audit == NULL)
        return true;
    struct audit_event event = {change->event, change->subject, change->from, change->to, change->title};
    struct store_head head;
    struct store_error error = {0};
    if (audit_append(publication->audit, &event, &head, &error) == STORE_OK) {
        *anchor = audit_anchor(publication->compilation->arena, &head);
        return true;
    }
    struct buf why = {0};
    buf_add_str(&why, error.text);
    fail(publication, "the audit log of the store cannot be written:", &why);
    return false;
}

static bool write_change(struct publication *publication, struct git_tree *tree,
                         const struct lock_change *change, const char *anchor, struct buf *err)
{
    struct arena *arena = publication->compilation->arena;
    size_t count = change->fact_count;
    struct lock_fact *facts = arena_array(arena, count + 1, sizeof *facts);
    memcpy(facts, change->facts, count * sizeof *facts);
    if (anchor != NULL)
        facts[count++] = (struct lock_fact){arena_printf(arena, "audit/%s", change->subject), anchor};
    int code = lock_update(file_join(arena, tree->project, "mlc.lock"), facts, count);
    if (code < 0) {
        buf_printf(err, "mlc.lock: %s", strerror(-code));
        return false;
    }
    if (!build_again(publication->cli, tree->project)) {
        buf_add_str(err, "the files could not be made again");
        return false;
    }
    return git_tree_commit(tree, arena_printf(arena, "%s\n\n%s", change->title, change->body), err);
}

enum try_result { TRY_DONE, TRY_AGAIN, TRY_ENDED };

static enum try_result publish_tree(struct publication *publication, struct git_tree *tree,
                                    const struct lock_change *change, int *code)
{
    struct buf err = {0};
    bool by_push = publication->mode == PUBLISH_PUSH;
    if (git_tree_push(tree, by_push ? main_branch(publication) : change->branch, &err)) {
        buf_free(&err);
        return TRY_DONE;
    }
    /* Somebody else was faster: git says so in these words, whatever the language of the rest. */
    bool moved = by_push && (strstr(buf_str(&err), "fetch first") != NULL ||
                             strstr(buf_str(&err), "non-fast-forward") != NULL ||
                             strstr(buf_str(&err), "cannot lock ref") != NULL);
    if (moved) {
        buf_free(&err);
        return TRY_AGAIN;
    }
    *code = fail(publication,
                 by_push ? "the push was refused (a protected branch takes `--pull-request`):"
                         : "the branch could not be pushed:",
                 &err);
    return TRY_ENDED;
}

static enum try_result try_once(struct publication *publication, struct git_tree *tree,
                                struct lock_change *change, const char **anchor, int *code)
{
    *code = EXIT_FAILED;
    const struct value *lock =
        read_lock(publication, file_join(publication->compilation->arena, tree->project, "mlc.lock"));
    if (lock == NULL)
        return TRY_ENDED;
    enum change_decision decision = publication->decide(publication->context, lock, change);
    if (decision != CHANGE_GO) {
        *code = decision == CHANGE_NOTHING ? EXIT_OK : EXIT_FAILED;
        return TRY_ENDED;
    }
    if (publication->mode == PUBLISH_PULL_REQUEST && branch_is_there(publication, change->branch))
        return TRY_DONE;
    struct buf err = {0};
    if (!note(publication, change, anchor))
        return TRY_ENDED;
    if (!write_change(publication, tree, change, *anchor, &err)) {
        fail(publication, "the commit could not be made:", &err);
        return TRY_ENDED;
    }
    buf_free(&err);
    return publish_tree(publication, tree, change, code);
}

int lock_change_publish(struct publication *publication)
{
    struct compilation *compilation = publication->compilation;
    struct lock_change change = {0};
    if (publication->mode == PUBLISH_PRINT) {
        enum change_decision decision = publication->decide(publication->context, compilation->lock, &change);
        return decision == CHANGE_GO        ? print_commands(publication, &change)
               : decision == CHANGE_NOTHING ? EXIT_OK
                                            : EXIT_FAILED;
    }
    const char *anchor = NULL;
    const char *folder = *compilation->project_folder != '\0' ? compilation->project_folder : ".";
    for (int tries = 0; tries < TRIES; tries++) {
        struct git_tree tree;
        struct buf err = {0};
        int code = EXIT_FAILED;
        if (!git_tree_open(&tree, compilation->arena, folder, main_branch(publication), &err))
            return fail(publication, "the main branch cannot be had from the remote `origin`:", &err);
        enum try_result result = try_once(publication, &tree, &change, &anchor, &code);
        git_tree_close(&tree);
        if (result == TRY_ENDED)
            return code;
        if (result == TRY_DONE && publication->mode == PUBLISH_PULL_REQUEST)
            return open_pull_request(publication, &change);
        if (result == TRY_DONE) {
            fprintf(publication->cli->err, "mlc: pushed to %s: %s\n", main_branch(publication), change.title);
            return EXIT_OK;
        }
    }
    struct buf none = {0};
    return fail(publication, "the main branch moves too fast: it was pushed to before each of 5 tries",
                &none);
}
