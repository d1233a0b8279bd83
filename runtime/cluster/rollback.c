/* Keeping, listing and loading the sets of former applies. */
#include "runtime/cluster/rollback.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/hash.h"
#include "core/text.h"
#include "runtime/cluster/base64.h"
#include "runtime/cluster/failure.h"
#include "runtime/cluster/live.h"

enum { PART_BYTES = 600 * 1024, PARTS_MAX = 64, DEFAULT_LIMIT = 10 };
static const size_t unpacked_limit = (size_t)512 << 20;

static const char *secret_path(struct arena *arena, const struct inventory *inventory, int64_t revision,
                               int64_t part)
{
    struct buf path = {0};
    buf_add_str(&path, "/api/v1/namespaces/");
    client_encode(&path, inventory->namespace);
    buf_add_str(&path, "/secrets/");
    client_encode(&path, inventory->name);
    buf_printf(&path, "-set-%lld-%lld", (long long)revision, (long long)part);
    const char *kept = arena_strdup(arena, buf_str(&path));
    buf_free(&path);
    return kept;
}

static bool has_place(const struct inventory *inventory, const struct reporter *reporter)
{
    if (inventory->namespace != NULL)
        return true;
    cluster_report(reporter, DIAG_CLUSTER_HISTORY, 0,
                   "the inventory %s is of no namespace: sets are kept only beside one that is",
                   inventory->name);
    return false;
}

static bool fail(const struct reporter *reporter, const struct client *client, const char *what,
                 struct reply *reply)
{
    struct answer answer = answer_of_reply(reply);
    failure_report(reporter, client, 0, what, &answer);
    reply_free(reply);
    return false;
}

static int64_t number(const char *text)
{
    int64_t value;
    return text != NULL && text_to_int(text, strlen(text), &value) ? value : -1;
}

/* The metadata of every part, in pages. */
static bool list_parts(struct arena *arena, struct client *client, const struct inventory *inventory,
                       struct vec *parts, const struct reporter *reporter)
{
    const char *token = "";
    do {
        struct buf path = {0};
        const char *why;
        buf_add_str(&path, "/api/v1/namespaces/");
        client_encode(&path, inventory->namespace);
        buf_add_str(&path, "/secrets?limit=500&labelSelector=");
        client_encode(&path, ROLLBACK_LABEL "=");
        client_encode(&path, inventory->id);
        if (*token != 0) {
            buf_add_str(&path, "&continue=");
            client_encode(&path, token);
        }
        struct call *call = client_call("GET", NULL, NULL, "%s", buf_str(&path));
        call->accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
        buf_free(&path);
        struct reply reply = client_ask(client, call);
        const struct value *root =
            reply.status == 200 ? json_read_text(arena, buf_str(&reply.body), reply.body.length, &why) : NULL;
        if (root == NULL)
            return fail(reporter, client, "listing the kept sets", &reply);
        reply_free(&reply);
        const struct value *items = value_get(root, "items");
        for (size_t i = 0; items != NULL && items->kind == VALUE_LIST && i < items->count; i++)
            vec_push(parts, (void *)(uintptr_t)items->items[i]);
        token = value_string_or(value_path(root, "metadata", "continue", NULL), "");
    } while (*token != 0);
    return true;
}

static struct rollback_set *set_of(struct arena *arena, const struct value *part)
{
    struct rollback_set *set = arena_alloc(arena, sizeof *set);
    const char *good = document_label(part, ROLLBACK_GOOD);
    const char *time = document_annotation(part, "mlc.dev/time"),
               *version = document_annotation(part, "mlc.dev/version");
    const char *hash = document_annotation(part, "mlc.dev/hash");
    set->revision = number(document_label(part, ROLLBACK_REVISION));
    set->parts = number(document_annotation(part, "mlc.dev/parts"));
    set->objects = number(document_annotation(part, "mlc.dev/objects"));
    set->good = good != NULL && strcmp(good, "true") == 0;
    set->time = time != NULL ? time : "";
    set->version = version != NULL ? version : "";
    set->hash = hash != NULL ? hash : "";
    return set;
}

static int newest_first(const void *a, const void *b, void *context)
{
    int64_t left = ((const struct rollback_set *)a)->revision,
            right = ((const struct rollback_set *)b)->revision;
    (void)context;
    return left > right ? -1 : left < right;
}

/* Part 0 is written last: a revision without it is not complete. */
static void collect(struct arena *arena, const struct vec *parts, struct vec *sets)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct value *part = parts->items[i];
        struct rollback_set *set = set_of(arena, part);
        const char *index = document_label(part, "mlc.dev/part");
        if (index != NULL && strcmp(index, "0") == 0 && set->revision > 0 && set->parts > 0 &&
            set->parts <= PARTS_MAX)
            vec_push(sets, set);
    }
    vec_sort(sets, newest_first, NULL);
}

bool rollback_list(struct arena *arena, struct client *client, const struct inventory *inventory,
                   struct vec *sets, const struct reporter *reporter)
{
    struct vec parts = vec_in(arena);
    if (!has_place(inventory, reporter) || !list_parts(arena, client, inventory, &parts, reporter))
        return false;
    collect(arena, &parts, sets);
    return true;
}

static void text_field(struct buf *out, const char *key, const char *value, bool first)
{
    buf_printf(out, "%s\"%s\":", first ? "" : ",", key);
    json_write_string(out, value, strlen(value));
}

struct kept_part {
    int64_t revision, part, parts;
    const char *hash, *bytes;
    size_t count, objects;
};

static void write_part(struct buf *out, struct client *client, const struct inventory *inventory,
                       const struct kept_part *part, const struct rollback_options *options)
{
    const struct world *world = client_world(client);
    char time[32], text[32], name[320];
    world_format_time(world->wall_ns(world->context), time);
    buf_add_str(out, "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"type\":\"mlc.dev/set\",\"metadata\":{");
    snprintf(name, sizeof name, "%s-set-%lld-%lld", inventory->name, (long long)part->revision,
             (long long)part->part);
    text_field(out, "name", name, true);
    buf_add_str(out, ",\"labels\":{");
    text_field(out, ROLLBACK_LABEL, inventory->id, true);
    snprintf(text, sizeof text, "%lld", (long long)part->revision);
    text_field(out, ROLLBACK_REVISION, text, false);
    snprintf(text, sizeof text, "%lld", (long long)part->part);
    text_field(out, "mlc.dev/part", text, false);
    text_field(out, ROLLBACK_GOOD, options->good ? "true" : "false", false);
    buf_add_str(out, "},\"annotations\":{");
    text_field(out, "mlc.dev/time", time, true);
    text_field(out, "mlc.dev/version", options->version != NULL ? options->version : "", false);
    text_field(out, "mlc.dev/hash", part->hash, false);
    snprintf(text, sizeof text, "%zu", part->objects);
    text_field(out, "mlc.dev/objects", text, false);
    snprintf(text, sizeof text, "%lld", (long long)part->parts);
    text_field(out, "mlc.dev/parts", text, false);
    buf_add_str(out, "}},\"data\":{\"set\":\"");
    base64_encode(out, part->bytes, part->count);
    buf_add_str(out, "\"}}");
}

static bool send_part(struct client *client, const struct inventory *inventory, const struct kept_part *part,
                      const struct rollback_options *options, const struct reporter *reporter)
{
    struct arena *arena = arena_new();
    struct call *call =
        client_call("PATCH", NULL, NULL, "%s?fieldManager=%s&force=true",
                    secret_path(arena, inventory, part->revision, part->part), inventory->manager);
    call->content_type = "application/apply-patch+yaml";
    call->retry = CALL_RETRY_ALWAYS;
    write_part(&call->body, client, inventory, part, options);
    struct reply reply = client_ask(client, call);
    arena_free(arena);
    if (reply.status != 200 && reply.status != 201)
        return fail(reporter, client, "keeping the set", &reply);
    reply_free(&reply);
    return true;
}

static bool mark_good(struct client *client, const struct inventory *inventory, int64_t revision,
                      const struct reporter *reporter)
{
    struct arena *arena = arena_new();
    struct call *call = client_call("PATCH", NULL, NULL, "%s?fieldManager=%s",
                                    secret_path(arena, inventory, revision, 0), inventory->manager);
    call->content_type = "application/merge-patch+json";
    call->retry = CALL_RETRY_ALWAYS;
    buf_add_str(&call->body, "{\"metadata\":{\"labels\":{\"" ROLLBACK_GOOD "\":\"true\"}}}");
    struct reply reply = client_ask(client, call);
    arena_free(arena);
    if (reply.status != 200)
        return fail(reporter, client, "marking the set as good", &reply);
    reply_free(&reply);
    return true;
}

static void on_forgotten(struct call *call, void *context)
{
    bool *ok = context;
    *ok = *ok && (call->status == 200 || call->status == 202 || call->status == 404);
}

/* Deletes the parts of revisions for which `keep` is not true. */
static bool forget(struct client *client, const struct inventory *inventory, const struct vec *parts,
                   const int64_t *kept, size_t kept_count)
{
    struct arena *arena = arena_new();
    bool ok = true;
    for (size_t i = 0; i < parts->count; i++) {
        const struct value *part = parts->items[i];
        int64_t revision = number(document_label(part, ROLLBACK_REVISION));
        int64_t index = number(document_label(part, "mlc.dev/part"));
        bool keep = revision < 0 || index < 0;
        for (size_t j = 0; j < kept_count; j++)
            keep = keep || revision == kept[j];
        if (keep)
            continue;
        struct call *call =
            client_call("DELETE", on_forgotten, &ok, "%s", secret_path(arena, inventory, revision, index));
        call->retry = CALL_RETRY_ALWAYS;
        client_send(client, call);
    }
    client_run(client, 0);
    arena_free(arena);
    return ok;
}

/* The newest `limit` - 1 and the last good one: with the one to come they are `limit`, or one more. */
static void forget_oldest(struct client *client, const struct inventory *inventory, const struct vec *parts,
                          const struct vec *sets, size_t limit, int64_t newest)
{
    int64_t *kept = mem_calloc(limit + 2, sizeof *kept);
    size_t count = 0;
    bool have_good = false;
    kept[count++] = newest;
    for (size_t i = 0; i < sets->count; i++) {
        const struct rollback_set *set = sets->items[i];
        bool last_good = set->good && !have_good;
        if (count < limit || last_good)
            kept[count++] = set->revision;
        have_good = have_good || set->good;
        if (count >= limit + 1)
            break;
    }
    (void)forget(client, inventory, parts, kept, count); /* what stays is tried again with the next apply */
    free(kept);
}

static bool write_parts(struct client *client, const struct inventory *inventory, const struct buf *packed,
                        size_t objects, const char *hash, int64_t revision,
                        const struct rollback_options *options, const struct reporter *reporter)
{
    int64_t count = (int64_t)((packed->length + PART_BYTES - 1) / PART_BYTES);
    if (count > PARTS_MAX) {
        cluster_report(reporter, DIAG_CLUSTER_HISTORY, 0,
                       "the set is too large to be kept: %zu bytes compressed", packed->length);
        return false;
    }
    for (int64_t i = count - 1; i >= 0; i--) { /* part 0 last: it makes the revision complete */
        size_t at = (size_t)i * PART_BYTES, left = packed->length - at;
        struct kept_part part = {
            revision, i, count, hash, packed->data + at, left < PART_BYTES ? left : PART_BYTES, objects};
        if (!send_part(client, inventory, &part, options, reporter))
            return false;
    }
    return true;
}

int64_t rollback_keep(struct client *client, const struct inventory *inventory, const struct object_set *set,
                      const struct rollback_options *options, const struct reporter *reporter)
{
    struct arena *arena = arena_new();
    struct vec parts = vec_in(arena), sets = vec_in(arena);
    struct buf packed = {0};
    char hash[HASH_HEX_SIZE];
    size_t limit = options->limit > 0 ? options->limit : DEFAULT_LIMIT;
    int64_t revision = 0;
    if (has_place(inventory, reporter) && list_parts(arena, client, inventory, &parts, reporter)) {
        collect(arena, &parts, &sets);
        rollback_pack(&packed, set);
        hash_hex(packed.data, packed.length, hash);
        const struct rollback_set *newest = sets.count > 0 ? sets.items[0] : NULL;
        if (newest != NULL && strcmp(newest->hash, hash) == 0) {
            bool ok =
                newest->good || !options->good || mark_good(client, inventory, newest->revision, reporter);
            revision = ok ? newest->revision : 0;
        } else {
            int64_t next = newest != NULL ? newest->revision + 1 : 1;
            if (write_parts(client, inventory, &packed, set->objects.count, hash, next, options, reporter)) {
                forget_oldest(client, inventory, &parts, &sets, limit, next);
                revision = next;
            }
        }
    }
    buf_free(&packed);
    arena_free(arena);
    return revision;
}

const struct rollback_set *rollback_choose(const struct vec *sets, int64_t revision, bool before_newest,
                                           const struct reporter *reporter)
{
    for (size_t i = 0; i < sets->count; i++) {
        const struct rollback_set *set = sets->items[i];
        if (revision != 0 ? set->revision == revision : set->good && (i > 0 || !before_newest))
            return set;
    }
    struct diag *diag;
    if (revision != 0)
        diag = cluster_report(reporter, DIAG_CLUSTER_HISTORY, 0, "there is no revision %lld",
                              (long long)revision);
    else
        diag = cluster_report(reporter, DIAG_CLUSTER_HISTORY, 0, "there is no earlier set that ended ready");
    if (sets->count > 0)
        diag_help(diag,
                  "kept are the revisions %lld to %lld: mlc status lists them; choose one with --to-revision",
                  (long long)((const struct rollback_set *)sets->items[sets->count - 1])->revision,
                  (long long)((const struct rollback_set *)sets->items[0])->revision);
    return NULL;
}

static bool fetch_part(struct arena *arena, struct client *client, const struct inventory *inventory,
                       const struct rollback_set *from, int64_t index, struct buf *out,
                       const struct reporter *reporter)
{
    const char *why;
    struct reply reply = client_ask(
        client, client_call("GET", NULL, NULL, "%s", secret_path(arena, inventory, from->revision, index)));
    const struct value *root =
        reply.status == 200 ? json_read_text(arena, buf_str(&reply.body), reply.body.length, &why) : NULL;
    const char *data = value_string_or(value_path(root, "data", "set", NULL), NULL);
    if (root == NULL)
        return fail(reporter, client, "reading the kept set", &reply);
    reply_free(&reply);
    return data != NULL && base64_decode(out, data, strlen(data));
}

/* Without the member label, which the next apply sets again. */
static const struct value *unlabelled(struct arena *arena, const struct value *document)
{
    const struct value *metadata = value_get(document, "metadata"), *labels = value_get(metadata, "labels");
    struct record_builder out = record_begin(arena), meta = record_begin(arena), rest = record_begin(arena);
    if (labels == NULL || value_get(labels, APPLYSET_MEMBER_LABEL) == NULL)
        return document;
    for (size_t i = 0; i < labels->field_count; i++)
        if (strcmp(labels->fields[i].key, APPLYSET_MEMBER_LABEL) != 0)
            record_set(&rest, labels->fields[i].key, labels->fields[i].value);
    for (size_t i = 0; i < metadata->field_count; i++) {
        bool is_labels = metadata->fields[i].value == labels;
        if (!is_labels)
            record_set(&meta, metadata->fields[i].key, metadata->fields[i].value);
        else if (labels->field_count > 1)
            record_set(&meta, "labels", record_end(&rest, 0));
    }
    for (size_t i = 0; i < document->field_count; i++)
        record_set(&out, document->fields[i].key,
                   document->fields[i].value == metadata ? record_end(&meta, 0) : document->fields[i].value);
    return record_end(&out, 0);
}

static bool add_lines(struct object_set *set, const struct buf *text, const struct reporter *reporter)
{
    const char *at = buf_str(text), *end = at + text->length, *why;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);
        const struct value *document = length > 0 ? json_read_text(set->arena, at, length, &why) : NULL;
        if (length > 0 &&
            (document == NULL || !object_set_add(set, unlabelled(set->arena, document), reporter)))
            return false;
        at += length + 1;
    }
    return true;
}

bool rollback_load(struct client *client, const struct inventory *inventory, const struct rollback_set *from,
                   struct object_set *set, const struct reporter *reporter)
{
    struct arena *arena = arena_new();
    struct buf packed = {0}, text = {0};
    char hash[HASH_HEX_SIZE] = "";
    bool ok = true;
    for (int64_t i = 0; ok && i < from->parts; i++)
        ok = fetch_part(arena, client, inventory, from, i, &packed, reporter);
    if (ok)
        hash_hex(packed.data, packed.length, hash);
    ok = ok && strcmp(hash, from->hash) == 0 &&
         rollback_unpack(&text, packed.data, packed.length, unpacked_limit) &&
         add_lines(set, &text, reporter);
    if (!ok)
        cluster_report(reporter, DIAG_CLUSTER_HISTORY, 0, "revision %lld of %s is incomplete or damaged",
                       (long long)from->revision, inventory->name);
    buf_free(&packed);
    buf_free(&text);
    arena_free(arena);
    return ok;
}

bool rollback_forget(struct client *client, const struct inventory *inventory,
                     const struct reporter *reporter)
{
    struct arena *arena = arena_new();
    struct vec parts = vec_in(arena);
    bool ok = inventory->namespace == NULL || (list_parts(arena, client, inventory, &parts, reporter) &&
                                               forget(client, inventory, &parts, NULL, 0));
    arena_free(arena);
    return ok;
}

/* For a shell: in single quotes. */
static void add_quoted(struct buf *out, const char *text)
{
    buf_add_char(out, '\'');
    for (; *text != 0; text++)
        if (*text == '\'')
            buf_add_str(out, "'\\''");
        else
            buf_add_char(out, *text);
    buf_add_char(out, '\'');
}

void rollback_print_commands(struct buf *out, const struct inventory *inventory,
                             const struct rollback_set *set, const char *manager)
{
    buf_printf(out, "# revision %lld of %s, applied ", (long long)set->revision, inventory->name);
    text_add_safe(out, set->time, strlen(set->time)); /* in a comment of a script no line may end */
    buf_add_str(out, *set->version != 0 ? ", version " : "");
    text_add_safe(out, set->version, strlen(set->version));
    buf_add_str(out, "\n(\n");
    for (int64_t i = 0; i < set->parts; i++) {
        struct buf name = {0};
        buf_printf(&name, "%s-set-%lld-%lld", inventory->name, (long long)set->revision, (long long)i);
        buf_add_str(out, "  kubectl get secret -n ");
        add_quoted(out, inventory->namespace);
        buf_add_char(out, ' ');
        add_quoted(out, buf_str(&name));
        buf_add_str(out, " -o jsonpath='{.data.set}' | base64 -d\n");
        buf_free(&name);
    }
    buf_add_str(out, ") | gunzip | kubectl apply --server-side --field-manager=");
    add_quoted(out, manager);
    buf_add_str(
        out,
        " -f -\n"
        "# What others set since is refused and named. --force-conflicts takes it over: not in the middle "
        "of a canary,\n# whose Services and routes Argo Rollouts moves (mlc apply --rollback leaves those "
        "to it).\n");
}
