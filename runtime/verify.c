#include "runtime/verify.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/file.h"
#include "core/map.h"
#include "core/text.h"
#include "runtime/audit.h"

struct verifying {
    struct registry *registry;
    struct arena *arena;
    struct vec *findings;
    struct map *checked; /* hash -> finding's text "" when it is sound */
    bool contents;
};

static void found(struct verifying *verifying, enum verify_state state, const char *subject, const char *text)
{
    struct verify_finding *finding = arena_alloc(verifying->arena, sizeof *finding);
    *finding = (struct verify_finding){state, subject, text};
    vec_push(verifying->findings, finding);
}

static const char *text_of(const struct value *record, const char *key)
{
    return value_string_or(value_get(record, key), "");
}

/* Why a content is not what its name says; "" when it is sound. Each is read once. */
static const char *content_problem(struct verifying *verifying, const char *hash)
{
    struct registry *registry = verifying->registry;
    const char *known = map_get(verifying->checked, hash);
    if (known != NULL)
        return known;
    const char *problem = "";
    if (!verifying->contents) {
        problem = store_has(registry->store, hash) ? "" : "it is not in the store";
    } else {
        const char *path =
            arena_printf(verifying->arena, "%s.mlc/verify-%ld",
                         *registry->compilation->project_folder != '\0'
                             ? arena_printf(verifying->arena, "%s/", registry->compilation->project_folder)
                             : "",
                         (long)getpid());
        if (store_get_path(registry->store, hash, path, &registry->error) != STORE_OK)
            problem = arena_strdup(verifying->arena, registry->error.text);
        file_remove_tree(path);
    }
    map_set(verifying->checked, hash, (void *)problem);
    return problem;
}

/* --- logs and versions
 * ---------------------------------------------------------------------------------------- */

static bool verify_log(struct verifying *verifying, const char *log, struct vec *records)
{
    struct registry *registry = verifying->registry;
    const char *subject = arena_printf(verifying->arena, "log %s", log);
    if (store_log_read(registry->store, verifying->arena, log, records, &registry->error) != STORE_OK) {
        found(verifying, VERIFY_BROKEN, subject, arena_strdup(verifying->arena, registry->error.text));
        return false;
    }
    if (records->count > 0)
        found(verifying, VERIFY_CONSISTENT, subject,
              arena_printf(verifying->arena, "%zu records, each with the hash of the one before",
                           records->count));
    return true;
}

static void verify_version(struct verifying *verifying, const char *model, size_t number,
                           const struct value *record)
{
    const struct value *outputs = value_get(record, "outputs");
    const char *subject = arena_printf(verifying->arena, "%s version %zu", model, number);
    size_t count = 0;
    for (size_t i = 0; outputs != NULL && outputs->kind == VALUE_RECORD && i < outputs->field_count; i++) {
        const char *problem = content_problem(verifying, value_string_or(outputs->fields[i].value, ""));
        count++;
        if (*problem == '\0')
            continue;
        found(verifying, VERIFY_BROKEN, subject,
              arena_printf(verifying->arena, "%s: %s", outputs->fields[i].key, problem));
        return;
    }
    found(verifying, VERIFY_CONSISTENT, subject,
          arena_printf(verifying->arena, "%zu files %s", count,
                       verifying->contents ? "have the content that they are named by" : "are there"));
}

static void verify_model(struct verifying *verifying, const char *model)
{
    struct vec records = vec_in(verifying->arena);
    if (!verify_log(verifying, model, &records))
        return;
    for (size_t i = 0; i < records.count; i++)
        verify_version(verifying, model, i + 1, records.items[i]);
}

/* --- the lock
 * ------------------------------------------------------------------------------------------------- */

static void verify_champion(struct verifying *verifying, const char *key, const char *value)
{
    struct arena *arena = verifying->arena;
    const char *model = arena_copy(arena, key, strlen(key) - strlen(".champion"));
    const char *hash = text_starts_with(value, "sha256:") ? value + 7 : value;
    const char *subject = arena_printf(arena, "mlc.lock: %s", key);
    struct vec records = vec_in(arena);
    const char *problem = content_problem(verifying, hash);
    if (graph_find(verifying->registry->compilation->graph, model) == NULL) {
        found(verifying, VERIFY_BROKEN, subject, "the spec has no such model");
        return;
    }
    if (*problem != '\0') {
        found(verifying, VERIFY_BROKEN, subject, problem);
        return;
    }
    if (!registry_versions(verifying->registry, model, &records))
        return; /* said with its log */
    for (size_t i = records.count; i > 0; i--)
        if (strcmp(text_of(records.items[i - 1], "artifact"), hash) == 0 &&
            strcmp(text_of(records.items[i - 1], "verdict"), "passed") == 0) {
            found(verifying, VERIFY_CONSISTENT, subject,
                  arena_printf(arena, "version %zu, which passed its gate", i));
            return;
        }
    found(verifying, VERIFY_BROKEN, subject, "no version with this artifact passed the gate");
}

static bool is_pinned(const char *reference)
{
    const char *digest = strstr(reference, "@sha256:");
    return digest != NULL && digest != reference && strlen(digest) == 72 &&
           strspn(digest + 8, "0123456789abcdef") == 64;
}

static void verify_image(struct verifying *verifying, const char *key, const char *value)
{
    const char *subject = arena_printf(verifying->arena, "mlc.lock: %s", key);
    const char *id = arena_copy(verifying->arena, key, strlen(key) - strlen(".image"));
    if (graph_find(verifying->registry->compilation->graph, id) == NULL)
        found(verifying, VERIFY_BROKEN, subject, "the spec has no such service in that environment");
    else if (!is_pinned(value))
        found(verifying, VERIFY_BROKEN, subject, "it names no image by its digest");
    else
        found(verifying, VERIFY_CONSISTENT, subject, "an image by its digest");
}

static void verify_anchor(struct verifying *verifying, const char *key, const char *value)
{
    struct registry *registry = verifying->registry;
    const char *subject = arena_printf(verifying->arena, "mlc.lock: %s", key);
    struct store_head anchor;
    char hash[HASH_HEX_SIZE] = "";
    if (!audit_read_anchor(value, &anchor)) {
        found(verifying, VERIFY_BROKEN, subject, "it is no anchor: expected `NUMBER sha256:…`");
        return;
    }
    enum store_status status =
        store_log_hash(registry->store, "audit", anchor.sequence, hash, &registry->error);
    if (status == STORE_MISSING)
        found(verifying, VERIFY_BROKEN, subject,
              arena_printf(verifying->arena,
                           "the audit log has no record %llu: it was cut, or it is another store",
                           (unsigned long long)anchor.sequence));
    else if (status != STORE_OK)
        found(verifying, VERIFY_BROKEN, subject, arena_strdup(verifying->arena, registry->error.text));
    else if (strcmp(hash, anchor.hash) != 0)
        found(verifying, VERIFY_BROKEN, subject,
              arena_printf(verifying->arena, "record %llu of the audit log is not the one that was committed",
                           (unsigned long long)anchor.sequence));
    else
        found(verifying, VERIFY_PROVED, subject,
              arena_printf(verifying->arena, "the audit log up to record %llu is as it was committed",
                           (unsigned long long)anchor.sequence));
}

static void verify_lock(struct verifying *verifying)
{
    const struct value *lock = verifying->registry->compilation->lock;
    for (size_t i = 0; i < lock->field_count; i++) {
        const char *key = lock->fields[i].key, *value = value_string_or(lock->fields[i].value, "");
        if (text_starts_with(key, "model/") && text_ends_with(key, ".champion"))
            verify_champion(verifying, key, value);
        else if (text_starts_with(key, "service/") && text_ends_with(key, ".image"))
            verify_image(verifying, key, value);
        else if (text_starts_with(key, "audit/"))
            verify_anchor(verifying, key, value);
    }
}

void verify_store(struct registry *registry, bool contents, struct vec *findings)
{
    struct verifying verifying = {registry, registry->arena, findings, map_new(registry->arena), contents};
    struct vec models = vec_in(registry->arena), events = vec_in(registry->arena);
    graph_collection(registry->compilation->graph, "model", NULL, &models);
    for (size_t i = 0; i < models.count; i++)
        verify_model(&verifying, ((const struct node *)models.items[i])->id);
    verify_log(&verifying, "audit", &events);
    verify_lock(&verifying);
}
