#include "cli/cluster_session.h"
#include <stdlib.h>
#include <string.h>
#include "core/file.h"
#include "core/text.h"

static const struct option_spec end_row = {0};

void cluster_options(struct option_spec *rows, struct cluster_flags *flags, const struct option_spec *more)
{
    const struct option_spec common[] = {
        {"filename", 'f', OPTION_LIST, &flags->files, "PATH",
         "Files or folders of manifests; - is standard input"},
        {"recursive", 'R', OPTION_FLAG, &flags->recursive, NULL, "Folders within folders too"},
        {"namespace", 'n', OPTION_TEXT, &flags->namespace, "NAME", "The namespace of objects that name none"},
        {"context", 0, OPTION_TEXT, &flags->context, "NAME", "The kubeconfig's context"},
        {"kubeconfig", 0, OPTION_TEXT, &flags->kubeconfig, "FILE", "The kubeconfig, in place of KUBECONFIG"},
        {"cluster", 0, OPTION_TEXT, &flags->cluster, "NAME", "The kubeconfig's cluster"},
        {"user", 0, OPTION_TEXT, &flags->user, "NAME", "The kubeconfig's user"},
        {"server", 's', OPTION_TEXT, &flags->server, "URL", "The API server's address"},
        {"as", 0, OPTION_TEXT, &flags->as, "USER", "Impersonate a user"},
        {"as-group", 0, OPTION_LIST, &flags->as_groups, "GROUP", "Impersonate a group (may be repeated)"},
        {"as-uid", 0, OPTION_TEXT, &flags->as_uid, "UID", "Impersonate a UID"},
        {"insecure-skip-tls-verify", 0, OPTION_FLAG, &flags->insecure, NULL,
         "Do not check the server's certificate"},
        {"request-timeout", 0, OPTION_TEXT, &flags->request_timeout, "TIME", "Of one request (60s)"},
        {"retry-for", 0, OPTION_TEXT, &flags->retry_for, "TIME",
         "How long an API server that went away is asked again (60s); 0: not at all"},
        {"applyset", 0, OPTION_TEXT, &flags->applyset, "[KIND/]NAME",
         "The inventory's parent object (a Secret)"},
        {"applyset-tooling", 0, OPTION_TEXT, &flags->tooling, "NAME/VERSION",
         "Write the inventory as this tool"},
        {"take-over", 0, OPTION_FLAG, &flags->take_over, NULL,
         "Take an inventory or objects over from another tool"},
        {"field-manager", 0, OPTION_TEXT, &flags->field_manager, "NAME",
         "Who owns the fields that are set (mlc)"},
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        rows[count++] = common[i];
    for (; more->name != NULL && count + 1 < CLUSTER_OPTIONS_MAX; more++)
        rows[count++] = *more;
    rows[count] = end_row;
}

void cluster_flags_free(struct cluster_flags *flags)
{
    options_free_values(&flags->files);
    options_free_values(&flags->as_groups);
    options_free_values(&flags->allow_delete);
}

static int64_t unit_of(const char *text, size_t *length)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {
        {"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000}, {"h", 3600000000000}, {"d", 86400000000000}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (text_starts_with(text, units[i].name)) {
            *length = strlen(units[i].name);
            return units[i].ns;
        }
    return 0;
}

bool cluster_duration(struct cli *cli, const char *flag, const char *text, int64_t *out_ns)
{
    int64_t total = 0, number;
    const char *at = text;
    bool ok = *at != 0;
    while (ok && *at != 0) {
        size_t digits = strspn(at, "0123456789"), unit = 0;
        ok = digits > 0 && digits < 10 && text_to_int(at, digits, &number);
        at += digits;
        int64_t scale = *at == 0 && total == 0 ? 1000000000 : unit_of(at, &unit);
        ok = ok && scale > 0 && number <= (INT64_MAX / 4 - total) / scale;
        if (ok)
            total += number * scale;
        at += unit;
    }
    if (!ok)
        fprintf(cli->err, "mlc: --%s takes a time such as 90s, 5m or 1h30m, not `%s`\n", flag, text);
    *out_ns = total;
    return ok;
}

static void clear_line(struct cluster_session *session)
{
    if (session->live_line)
        fputs("\r\033[K", session->cli->err);
    session->live_line = false;
}

static void on_note(void *context, const char *text)
{
    struct cluster_session *session = context;
    struct buf line = {0};
    clear_line(session);
    text_add_safe(&line, text, strlen(text));
    fprintf(session->cli->err, "%s\n", buf_str(&line));
    buf_free(&line);
}

static const char *cache_folder(struct arena *arena)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (base != NULL && *base == '/')
        return arena_printf(arena, "%s/mlc/discovery", base);
    return home != NULL && *home == '/' ? arena_printf(arena, "%s/.cache/mlc/discovery", home) : NULL;
}

bool cluster_open(struct cluster_session *session, struct cli *cli, struct cluster_flags *flags)
{
    struct client_options options = {.world = cli->world, .note = on_note, .note_context = session};
    *session = (struct cluster_session){.cli = cli, .flags = flags, .arena = arena_new()};
    session->sources = source_set_new(session->arena);
    session->origins = origin_table_new(session->arena);
    session->diags = diag_sink_new(session->arena, 0);
    session->reporter = (struct reporter){session->diags, session->origins, session->sources};
    session->set = object_set_new(session->arena);
    session->consent = flags->allow_delete.items;
    session->consent_count = flags->allow_delete.count;
    struct kubeconfig_input input = {.overrides = {.file = flags->kubeconfig,
                                                   .context = flags->context,
                                                   .cluster = flags->cluster,
                                                   .user = flags->user,
                                                   .namespace = flags->namespace,
                                                   .server = flags->server,
                                                   .as = flags->as,
                                                   .as_uid = flags->as_uid,
                                                   .as_groups = flags->as_groups.items,
                                                   .as_group_count = flags->as_groups.count,
                                                   .insecure = flags->insecure}};
    if (flags->request_timeout != NULL &&
        !cluster_duration(cli, "request-timeout", flags->request_timeout, &options.request_timeout_ns))
        return false;
    if (flags->retry_for != NULL &&
        !cluster_duration(cli, "retry-for", flags->retry_for, &options.retry_budget_ns))
        return false;
    if (flags->retry_for != NULL && options.retry_budget_ns == 0)
        options.retry_budget_ns = -1;
    session->config = kubeconfig_load(session->arena, &input, &session->reporter);
    if (session->config == NULL && flags->context_of != NULL)
        diag_help(cluster_report(&session->reporter, DIAG_CLUSTER_CONFIG, 0,
                                 "cluster `%s` of the spec is reached by context \"%s\"", flags->context_of,
                                 flags->context),
                  "name the context as the spec does, or say with --context what it is called here");
    if (session->config == NULL)
        return false;
    session->client = client_open(session->config, &options, &session->reporter);
    if (session->client == NULL)
        return false;
    session->discovery = discovery_new(session->client, cache_folder(session->arena));
    return discovery_load(session->discovery, &session->reporter);
}

/* As kubectl: -n says where everything is meant to go. With an inventory it says where that is. */
static bool check_namespaces(const struct cluster_session *session)
{
    const char *meant = session->flags->namespace;
    bool ok = true;
    for (size_t i = 0; meant != NULL && session->flags->applyset == NULL && i < session->set->objects.count;
         i++) {
        const struct object *object = session->set->objects.items[i];
        if (object->namespace == NULL || strcmp(object->namespace, meant) == 0)
            continue;
        diag_help(cluster_report(&session->reporter, DIAG_CLUSTER_MANIFEST, object->origin,
                                 "%s %s is in namespace \"%s\", but -n says \"%s\"", object->kind,
                                 object->name, object->namespace, meant),
                  "leave out -n, or pass -n %s", object->namespace);
        ok = false;
    }
    return ok;
}

bool cluster_read_documents(struct cluster_session *session)
{
    const struct cluster_flags *flags = session->flags;
    struct object_input input = {.paths = flags->files.items,
                                 .path_count = flags->files.count,
                                 .recursive = flags->recursive,
                                 .sources = session->sources,
                                 .origins = session->origins};
    return object_set_read(session->set, &input, &session->reporter) && cluster_resolve(session) &&
           check_namespaces(session);
}

bool cluster_resolve(struct cluster_session *session)
{
    const struct cluster_flags *flags = session->flags;
    if (session->set->objects.count == 0) {
        diag_help(cluster_report(&session->reporter, DIAG_CLUSTER_MANIFEST, 0, "no objects in %s%s",
                                 flags->files.count == 0                   ? "the set"
                                 : strcmp(flags->files.items[0], "-") == 0 ? "standard input"
                                                                           : flags->files.items[0],
                                 flags->files.count > 1 ? ", …" : ""),
                  "folders are searched for *.yaml, *.yml and *.json; -R looks into folders within them");
        return false;
    }
    return objects_resolve(session->set, session->discovery, session->config->namespace,
                           &session->reporter) &&
           objects_order(session->set, &session->reporter) > 0;
}

bool cluster_read_inventory(struct cluster_session *session)
{
    const struct cluster_flags *flags = session->flags;
    if (flags->applyset == NULL)
        return true;
    struct inventory_options options = {
        .parent = flags->applyset,
        .namespace = session->config->namespace,
        .tooling = flags->tooling != NULL ? flags->tooling : "mlc/v" MLC_VERSION,
        .manager = arena_printf(session->arena, "%s-applyset",
                                flags->field_manager != NULL ? flags->field_manager : "mlc"),
        .take_over = flags->take_over,
    };
    session->inventory =
        inventory_read(session->arena, session->client, session->discovery, &options, &session->reporter);
    return session->inventory != NULL;
}

static void on_object(void *context, const struct apply_record *record)
{
    struct cluster_session *session = context;
    FILE *out = session->cli->out;
    if (session->flags->format != NULL && strcmp(session->flags->format, "text") != 0)
        return;
    if (record->result == APPLY_UNCHANGED && !session->flags->verbose && session->set->objects.count > 50)
        return;
    clear_line(session);
    struct buf line = {0};
    const char *id = object_id(session->arena, record->resource->group, record->resource->kind,
                               record->namespace, record->name);
    text_add_safe(&line, id, strlen(id));
    buf_printf(&line, " %s", apply_result_name(record->result));
    if (record->why != NULL && record->result == APPLY_SKIPPED)
        buf_printf(&line, ": %s", record->why);
    fprintf(out, "%s\n", buf_str(&line));
    buf_free(&line);
}

static void add_waiting(struct buf *line, const struct wait_state *state)
{
    buf_printf(line, "%zu of %zu ready", state->done, state->total);
    if (state->failed > 0)
        buf_printf(line, ", %zu failed", state->failed);
    if (state->pending_count > 0) {
        const struct wait_target *first = state->pending[0];
        const char *why = first->why != NULL ? first->why : "not seen yet";
        buf_printf(line, "; %s/", first->resource->kind);
        text_add_safe(line, first->name, strlen(first->name));
        buf_add_str(line, ": ");
        text_add_safe(line, why, strnlen(why, 60));
    }
    buf_printf(line, " (%llds)", (long long)(state->elapsed_ns / 1000000000));
}

/* One line that is written over on a terminal; in a log a new one every half minute. */
static void on_waiting(void *context, const struct wait_state *state)
{
    static const int64_t pause_ns = (int64_t)30 * 1000000000;
    struct cluster_session *session = context;
    FILE *err = session->cli->err;
    struct buf line = {0};
    fflush(session->cli->out);
    add_waiting(&line, state);
    if (session->cli->err_is_terminal) {
        fprintf(err, "\r\033[K%s", buf_str(&line));
        session->live_line = true;
    } else if (state->elapsed_ns >= session->told_ns + pause_ns) {
        fprintf(err, "%s\n", buf_str(&line));
        session->told_ns = state->elapsed_ns;
    } else if (state->elapsed_ns < session->told_ns) {
        session->told_ns = 0; /* another wait */
    }
    fflush(err);
    buf_free(&line);
}

bool cluster_apply_options(struct cluster_session *session, struct apply_options *options)
{
    const struct cluster_flags *flags = session->flags;
    *options = (struct apply_options){
        .field_manager = flags->field_manager != NULL ? flags->field_manager : "mlc",
        .force_conflicts = flags->force_conflicts,
        .replace = flags->replace,
        .prune = flags->prune,
        .take_over = flags->take_over,
        .wait = !flags->no_wait,
        .consent = session->consent,
        .consent_count = session->consent_count,
        .inventory = session->inventory,
        .migrate = true,
        .progress = {session, on_object, on_waiting, on_note},
    };
    return flags->timeout == NULL ||
           cluster_duration(session->cli, "timeout", flags->timeout, &options->timeout_ns);
}

static bool on_interrupt(void *context)
{
    struct cluster_session *session = context;
    bool before = session->interrupt.received != 0;
    if (!interrupt_came(&session->interrupt))
        return false;
    if (!before)
        on_note(session, "stopping: what is under way is finished first (once more ends at once)");
    return true;
}

void cluster_interruptible(struct cluster_session *session)
{
    static const int64_t grace_ns = (int64_t)10 * 1000000000;
    interrupt_begin(&session->interrupt);
    client_set_interrupt(session->client, grace_ns, on_interrupt, session);
}

void cluster_uninterruptible(struct cluster_session *session)
{
    client_set_interrupt(session->client, 0, NULL, NULL);
    interrupt_end(&session->interrupt);
}

int cluster_close(struct cluster_session *session, int code)
{
    struct buf text = {0};
    struct diag_style style = {session->cli->color, session->cli->width};
    clear_line(session);
    fflush(session->cli->out);
    diag_sort(session->diags);
    diag_print_text(&text, session->diags, session->sources, style);
    fwrite(buf_str(&text), 1, text.length, session->cli->err);
    if (diag_error_count(session->diags) > 0 && (code == EXIT_OK || code == EXIT_PENDING))
        code = EXIT_FAILED;
    buf_free(&text);
    discovery_free(session->discovery);
    client_close(session->client);
    arena_free(session->arena);
    cluster_flags_free(session->flags);
    return code;
}
