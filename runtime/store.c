/* Blobs, trees and logs over any place that keeps objects by key. */

#include "runtime/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/documents/json.h"
#include "core/file.h"
#include "core/text.h"
#include "core/world.h"
#include "runtime/store_backend.h"

enum { LARGEST_RECORD = 1 << 20, LARGEST_TREE = 64 << 20, DEEPEST_TREE = 64 };

struct store {
    struct store_backend *backend;
    char *domain; /* "main", "pr/12": the first part of every key */
};

enum store_status store_fail(struct store_error *error, enum store_status status, const char *format, ...)
{
    if (error == NULL)
        return status;
    va_list args;
    va_start(args, format);
    error->status = status;
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return status;
}

/* A trust domain is words of letters, digits, `-` and `_` with single slashes: it becomes a part of keys. */
static bool is_domain(const char *text)
{
    bool part = false;
    for (; *text != '\0'; text++) {
        bool word =
            (*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9') || *text == '-' || *text == '_';
        if (!word && (*text != '/' || !part))
            return false;
        part = word;
    }
    return part;
}

struct store *store_open(const char *location, const char *trust_domain, struct store_error *error)
{
    if (!is_domain(trust_domain)) {
        store_fail(error, STORE_ERROR, "`%s` is no trust domain: use `main` or `pr/NUMBER`", trust_domain);
        return NULL;
    }
    if (strncmp(location, "file://", 7) == 0)
        location += 7;
    bool in_s3 = strncmp(location, "s3://", 5) == 0;
    if (!in_s3 && strstr(location, "://") != NULL) {
        store_fail(error, STORE_ERROR, "a store is a folder, file://… or s3://bucket/prefix, not %s",
                   location);
        return NULL;
    }
    struct store_backend *backend =
        in_s3 ? store_s3_open(location, error) : store_directory_open(location, error);
    if (backend == NULL)
        return NULL;
    struct store *store = mem_calloc(1, sizeof *store);
    store->backend = backend;
    store->domain = mem_strdup(trust_domain);
    return store;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    store->backend->close(store->backend->context);
    free(store->domain);
    free(store);
}

static bool is_hash(const char *hash)
{
    size_t length = strlen(hash);
    return length == HASH_HEX_SIZE - 1 && strspn(hash, "0123456789abcdef") == length;
}

/* Where to look, in order: the own domain, then main, which every domain may read. NULL: no more. */
static const char *readable_domain(const struct store *store, int step)
{
    if (step == 0)
        return store->domain;
    return step == 1 && strcmp(store->domain, "main") != 0 ? "main" : NULL;
}

/* `sort` is "blobs" or "trees": a folder's list has a place of its own, so no file can pass for one. */
static char *content_key(const char *domain, const char *sort, const char *hash)
{
    struct buf key = {0};
    buf_printf(&key, "%s/%s/sha256/%.2s/%s", domain, sort, hash, hash);
    return buf_take(&key);
}

static bool has(struct store *store, const char *sort, const char *hash)
{
    bool found = false;
    const char *domain;
    for (int step = 0; !found && (domain = readable_domain(store, step)) != NULL; step++) {
        char *key = content_key(domain, sort, hash);
        found = store->backend->exists(store->backend->context, key);
        free(key);
    }
    return found;
}

bool store_has(struct store *store, const char *hash)
{
    return is_hash(hash) && (has(store, "blobs", hash) || has(store, "trees", hash));
}

static enum store_status put_content(struct store *store, const char *sort, const void *bytes, size_t count,
                                     char hash[HASH_HEX_SIZE], struct store_error *error)
{
    hash_hex(bytes, count, hash);
    if (has(store, sort, hash))
        return STORE_OK;
    char *key = content_key(store->domain, sort, hash);
    enum store_status status = store->backend->create(store->backend->context, key, bytes, count, error);
    free(key);
    /* Somebody else put the same content meanwhile: the same bytes by the same name. */
    return status == STORE_CONFLICT ? STORE_OK : status;
}

enum store_status store_put_bytes(struct store *store, const void *bytes, size_t count,
                                  char hash[HASH_HEX_SIZE], struct store_error *error)
{
    return put_content(store, "blobs", bytes, count, hash, error);
}

static enum store_status put_file(struct store *store, const char *path, char hash[HASH_HEX_SIZE],
                                  struct store_error *error)
{
    if (hash_file(path, hash) != 0)
        return store_fail(error, errno == ENOENT ? STORE_MISSING : STORE_ERROR, "%s: %s", path,
                          strerror(errno));
    if (has(store, "blobs", hash))
        return STORE_OK;
    char *key = content_key(store->domain, "blobs", hash);
    enum store_status status = store->backend->create_file(store->backend->context, key, path, error);
    free(key);
    return status == STORE_CONFLICT ? STORE_OK : status;
}

/* --- trees: a folder as a blob that lists "MODE HASH PATH"
 * ----------------------------------------------------- */

static enum store_status put_entries(struct store *store, const char *folder, const char *inside, int depth,
                                     struct buf *tree, uint64_t *size, struct store_error *error);

static enum store_status put_entry(struct store *store, const char *path, const char *inside, int depth,
                                   struct buf *tree, uint64_t *size, struct store_error *error)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return store_fail(error, STORE_ERROR, "%s: %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return put_entries(store, path, inside, depth + 1, tree, size, error);
    if (!S_ISREG(status.st_mode))
        return store_fail(error, STORE_ERROR,
                          "%s is neither a file nor a folder: links and devices are not stored", path);
    if (strchr(inside, '\n') != NULL)
        return store_fail(error, STORE_ERROR, "a file name under %s holds a line break", path);
    char hash[HASH_HEX_SIZE];
    enum store_status code = put_file(store, path, hash, error);
    if (code == STORE_OK) {
        buf_printf(tree, "%s %s %s\n", (status.st_mode & 0100) != 0 ? "755" : "644", hash, inside);
        *size += (uint64_t)status.st_size;
    }
    return code;
}

static enum store_status put_entries(struct store *store, const char *folder, const char *inside, int depth,
                                     struct buf *tree, uint64_t *size, struct store_error *error)
{
    if (depth > DEEPEST_TREE)
        return store_fail(error, STORE_ERROR, "%s: folders are nested more than %d deep", folder,
                          DEEPEST_TREE);
    struct arena *arena = arena_new();
    struct vec names = vec_in(arena);
    int code = file_list(folder, &names);
    enum store_status status =
        code < 0 ? store_fail(error, STORE_ERROR, "%s: %s", folder, strerror(-code)) : STORE_OK;
    for (size_t i = 0; i < names.count && status == STORE_OK; i++)
        status = put_entry(store, file_join(arena, folder, names.items[i]),
                           file_join(arena, inside, names.items[i]), depth, tree, size, error);
    arena_free(arena);
    return status;
}

enum store_status store_put_path(struct store *store, const char *path, char hash[HASH_HEX_SIZE],
                                 uint64_t *size, struct store_error *error)
{
    struct stat status;
    *size = 0;
    if (stat(path, &status) != 0)
        return store_fail(error, errno == ENOENT ? STORE_MISSING : STORE_ERROR, "%s: %s", path,
                          strerror(errno));
    if (!S_ISDIR(status.st_mode)) {
        *size = (uint64_t)status.st_size;
        return put_file(store, path, hash, error);
    }
    struct buf tree = {0};
    enum store_status code = put_entries(store, path, "", 0, &tree, size, error);
    if (code == STORE_OK)
        code = put_content(store, "trees", buf_str(&tree), tree.length, hash, error);
    buf_free(&tree);
    return code;
}

static enum store_status get_content(struct store *store, const char *sort, const char *hash, size_t limit,
                                     struct buf *out, struct store_error *error)
{
    size_t before = out->length;
    enum store_status status = STORE_MISSING;
    const char *domain;
    for (int step = 0; status == STORE_MISSING && (domain = readable_domain(store, step)) != NULL; step++) {
        char *key = content_key(domain, sort, hash);
        status = store->backend->read(store->backend->context, key, limit, out, error);
        free(key);
    }
    if (status != STORE_OK)
        return status;
    char found[HASH_HEX_SIZE];
    hash_hex(out->length > before ? out->data + before : "", out->length - before, found);
    if (strcmp(found, hash) != 0)
        return store_fail(error, STORE_CORRUPT, "the store holds other bytes under %s", hash);
    return STORE_OK;
}

enum store_status store_get_bytes(struct store *store, const char *hash, size_t limit, struct buf *out,
                                  struct store_error *error)
{
    if (!is_hash(hash))
        return store_fail(error, STORE_MISSING, "`%s` is no content hash", hash);
    return get_content(store, "blobs", hash, limit, out, error);
}

static enum store_status get_file(struct store *store, const char *hash, const char *path,
                                  struct store_error *error)
{
    enum store_status status = STORE_MISSING;
    const char *domain;
    for (int step = 0; status == STORE_MISSING && (domain = readable_domain(store, step)) != NULL; step++) {
        char *key = content_key(domain, "blobs", hash);
        status = store->backend->read_file(store->backend->context, key, path, error);
        free(key);
    }
    char found[HASH_HEX_SIZE];
    if (status != STORE_OK)
        return status;
    if (hash_file(path, found) != 0)
        return store_fail(error, STORE_ERROR, "%s: %s", path, strerror(errno));
    if (strcmp(found, hash) == 0)
        return STORE_OK;
    unlink(path);
    return store_fail(error, STORE_CORRUPT, "the store holds other bytes under %s", hash);
}

/* A path of a tree may not leave its folder. */
static bool stays_inside(const char *inside)
{
    if (*inside == '/' || *inside == '\0')
        return false;
    for (const char *at = inside; at != NULL; at = strchr(at, '/'), at = at != NULL ? at + 1 : NULL)
        if (strncmp(at, "../", 3) == 0 || strcmp(at, "..") == 0)
            return false;
    return true;
}

static enum store_status get_tree_line(struct store *store, char *line, const char *path,
                                       struct store_error *error)
{
    char *hash = strchr(line, ' ');
    char *inside = hash != NULL ? strchr(hash + 1, ' ') : NULL;
    if (inside == NULL)
        return store_fail(error, STORE_CORRUPT, "a stored folder has an ill-formed line");
    *hash++ = '\0';
    *inside++ = '\0';
    if (!is_hash(hash) || !stays_inside(inside))
        return store_fail(error, STORE_CORRUPT, "a stored folder names `%s`, outside of itself", inside);
    struct arena *arena = arena_new();
    const char *target = file_join(arena, path, inside);
    enum store_status status = get_file(store, hash, target, error);
    if (status == STORE_OK && strcmp(line, "755") == 0 && chmod(target, 0755) != 0)
        status = store_fail(error, STORE_ERROR, "%s: %s", target, strerror(errno));
    arena_free(arena);
    return status;
}

static enum store_status get_tree(struct store *store, const char *hash, const char *path,
                                  struct store_error *error)
{
    struct buf tree = {0};
    enum store_status status = get_content(store, "trees", hash, LARGEST_TREE, &tree, error);
    int code = status == STORE_OK ? file_make_folders(path) : 0;
    if (code < 0)
        status = store_fail(error, STORE_ERROR, "%s: %s", path, strerror(-code));
    char *rest = tree.length > 0 ? tree.data : NULL;
    while (status == STORE_OK && rest != NULL && *rest != '\0') {
        char *end = strchr(rest, '\n');
        if (end != NULL)
            *end = '\0';
        status = get_tree_line(store, rest, path, error);
        rest = end != NULL ? end + 1 : NULL;
    }
    buf_free(&tree);
    return status;
}

enum store_status store_get_path(struct store *store, const char *hash, const char *path,
                                 struct store_error *error)
{
    if (!is_hash(hash))
        return store_fail(error, STORE_MISSING, "`%s` is no content hash", hash);
    return has(store, "trees", hash) ? get_tree(store, hash, path, error)
                                     : get_file(store, hash, path, error);
}

/* --- logs: records numbered from 1, each created only if its number is free
 * ------------------------------------- */

static char *record_key(const char *domain, const char *log, uint64_t sequence)
{
    struct buf key = {0};
    buf_printf(&key, "%s/logs/%s/%08llu.json", domain, log, (unsigned long long)sequence);
    return buf_take(&key);
}

/* Reads record `sequence` into `out`. */
static enum store_status read_record(struct store *store, const char *domain, const char *log,
                                     uint64_t sequence, struct buf *out, struct store_error *error)
{
    char *key = record_key(domain, log, sequence);
    enum store_status status = store->backend->read(store->backend->context, key, LARGEST_RECORD, out, error);
    free(key);
    return status;
}

/* The number of the last record: doubling, then halving, so that a long log costs few requests. */
static uint64_t last_sequence(struct store *store, const char *log)
{
    uint64_t low = 0, high = 1;
    for (;; high *= 2) {
        char *key = record_key(store->domain, log, high);
        bool found = store->backend->exists(store->backend->context, key);
        free(key);
        if (!found)
            break;
        low = high;
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        char *key = record_key(store->domain, log, middle);
        bool found = store->backend->exists(store->backend->context, key);
        free(key);
        if (found)
            low = middle;
        else
            high = middle;
    }
    return low;
}

enum store_status store_log_head(struct store *store, const char *log, struct store_head *head,
                                 struct store_error *error)
{
    *head = (struct store_head){.sequence = last_sequence(store, log)};
    struct buf text = {0};
    /* An empty log is told from a store that does not answer by reading the first record. */
    uint64_t last = head->sequence > 0 ? head->sequence : 1;
    enum store_status status = read_record(store, store->domain, log, last, &text, error);
    if (status == STORE_MISSING && head->sequence == 0)
        status = STORE_OK;
    else if (status == STORE_OK)
        hash_hex(buf_str(&text), text.length, head->hash);
    head->sequence = status == STORE_OK && text.length > 0 ? last : head->sequence;
    buf_free(&text);
    return status;
}

/* Two writers never make the same bytes: who finds a record can tell whether it is his. */
static const char *arena_nonce(struct arena *arena)
{
    uint8_t bytes[8];
    char *text = arena_alloc(arena, 2 * sizeof bytes + 1);
    world_real.random(world_real.context, bytes, sizeof bytes);
    text_hex(bytes, sizeof bytes, text);
    return text;
}

static bool write_record(struct buf *out, const struct value *record, const struct store_head *expected)
{
    struct arena *arena = arena_new();
    char now[32];
    world_format_time(world_real.wall_ns(world_real.context), now);
    struct record_builder full = record_begin(arena);
    record_set(&full, "sequence", value_int(arena, (int64_t)expected->sequence + 1, 0));
    record_set(&full, "previous", value_string(arena, expected->hash, 0));
    record_set(&full, "time", value_string(arena, now, 0));
    record_set(&full, "nonce", value_string(arena, arena_nonce(arena), 0));
    for (size_t i = 0; i < record->field_count; i++)
        record_set(&full, record->fields[i].key, record->fields[i].value);
    bool written = json_write(out, record_end(&full, 0), (struct json_style){.layout = JSON_PRETTY}, NULL);
    buf_add_char(out, '\n');
    arena_free(arena);
    return written;
}

enum store_status store_log_append(struct store *store, const char *log, const struct value *record,
                                   const struct store_head *expected, struct store_head *head,
                                   struct store_error *error)
{
    struct buf text = {0};
    if (!write_record(&text, record, expected) || text.length > LARGEST_RECORD) {
        buf_free(&text);
        return store_fail(error, STORE_ERROR, "the record is too large or holds what JSON cannot say");
    }
    char *key = record_key(store->domain, log, expected->sequence + 1);
    enum store_status status =
        store->backend->create(store->backend->context, key, text.data, text.length, error);
    free(key);
    if (status == STORE_OK) {
        head->sequence = expected->sequence + 1;
        hash_hex(text.data, text.length, head->hash);
    }
    buf_free(&text);
    return status;
}

/* Reads one record; `previous` (NULL: not checked) is the hash of the one before and becomes this one's. */
static enum store_status take_record(struct store *store, struct arena *arena, const char *domain,
                                     const char *log, uint64_t sequence, char *previous,
                                     const struct value **record, struct store_error *error)
{
    struct buf text = {0};
    const char *why = "";
    enum store_status status = read_record(store, domain, log, sequence, &text, error);
    *record = status == STORE_OK ? json_read_text(arena, buf_str(&text), text.length, &why) : NULL;
    if (status == STORE_OK && *record == NULL)
        status =
            store_fail(error, STORE_CORRUPT, "record %llu of %s: %s", (unsigned long long)sequence, log, why);
    if (status == STORE_OK && previous != NULL) {
        if (strcmp(value_string_or(value_get(*record, "previous"), "?"), previous) != 0)
            status = store_fail(error, STORE_CORRUPT,
                                "record %llu of %s does not follow the one before: the log was changed",
                                (unsigned long long)sequence, log);
        hash_hex(buf_str(&text), text.length, previous);
    }
    buf_free(&text);
    return status;
}

static enum store_status read_log(struct store *store, struct arena *arena, const char *domain,
                                  const char *log, struct vec *records, struct store_error *error)
{
    char previous[HASH_HEX_SIZE] = "";
    for (uint64_t sequence = 1;; sequence++) {
        const struct value *record;
        enum store_status status = take_record(store, arena, domain, log, sequence, previous, &record, error);
        if (status == STORE_MISSING)
            return STORE_OK;
        if (status != STORE_OK)
            return status;
        vec_push(records, (void *)record);
    }
}

enum store_status store_log_read(struct store *store, struct arena *arena, const char *log,
                                 struct vec *records, struct store_error *error)
{
    enum store_status status = STORE_OK;
    if (strcmp(store->domain, "main") != 0)
        status = read_log(store, arena, "main", log, records, error);
    return status == STORE_OK ? read_log(store, arena, store->domain, log, records, error) : status;
}

enum store_status store_log_at(struct store *store, struct arena *arena, const char *log, uint64_t sequence,
                               const struct value **record, struct store_error *error)
{
    return take_record(store, arena, store->domain, log, sequence, NULL, record, error);
}

enum store_status store_log_hash(struct store *store, const char *log, uint64_t sequence,
                                 char hash[HASH_HEX_SIZE], struct store_error *error)
{
    struct buf text = {0};
    enum store_status status = read_record(store, store->domain, log, sequence, &text, error);
    if (status == STORE_OK)
        hash_hex(buf_str(&text), text.length, hash);
    buf_free(&text);
    return status;
}
