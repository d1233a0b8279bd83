/* The store in S3 or a server that speaks its protocol. Creation is a PUT with `If-None-Match: *`, which
 * fails when the key is taken: AWS, MinIO, versitygw, Ceph and R2 honour it. */

#include <stdlib.h>
#include <string.h>
#include "core/arena.h"
#include "core/world.h"
#include "runtime/s3.h"
#include "runtime/store_backend.h"

struct s3_store {
    struct store_backend backend;
    struct s3 *s3;
    char *prefix; /* "" or "some/prefix/" */
};

static char *full_key(const struct s3_store *store, const char *key)
{
    struct buf full = {0};
    buf_printf(&full, "%s%s", store->prefix, key);
    return buf_take(&full);
}

static enum store_status translate(enum s3_status status, const struct s3_error *why, const char *key,
                                   struct store_error *error)
{
    switch (status) {
    case S3_OK:
        return STORE_OK;
    case S3_MISSING:
        return store_fail(error, STORE_MISSING, "%s is not in the store", key);
    case S3_CONFLICT:
        return store_fail(error, STORE_CONFLICT, "%s is there already", key);
    default:
        return store_fail(error, STORE_ERROR, "%s", why->text);
    }
}

static enum store_status s3_store_read(void *context, const char *key, size_t limit, struct buf *out,
                                       struct store_error *error)
{
    struct s3_store *store = context;
    struct s3_error why = {0};
    char *full = full_key(store, key);
    enum s3_status status = s3_get(store->s3, full, limit, out, &why);
    free(full);
    return translate(status, &why, key, error);
}

static enum store_status s3_store_read_file(void *context, const char *key, const char *path,
                                            struct store_error *error)
{
    struct s3_store *store = context;
    struct s3_error why = {0};
    char *full = full_key(store, key);
    enum s3_status status = s3_get_file(store->s3, full, path, &why);
    free(full);
    return translate(status, &why, key, error);
}

static bool s3_store_exists(void *context, const char *key)
{
    struct s3_store *store = context;
    struct s3_error why = {0};
    char *full = full_key(store, key);
    enum s3_status status = s3_exists(store->s3, full, &why);
    free(full);
    return status == S3_OK;
}

/* A request whose answer was lost is sent again, and the second one finds the key taken by the first: then
 * the bytes there are these. Records hold a nonce, so nobody else's are equal. */
static bool is_there(struct s3_store *store, const char *full, const void *bytes, size_t count)
{
    struct buf there = {0};
    struct s3_error why = {0};
    bool same = s3_get(store->s3, full, count, &there, &why) == S3_OK && there.length == count &&
                (count == 0 || memcmp(there.data, bytes, count) == 0);
    buf_free(&there);
    return same;
}

static enum store_status s3_store_create(void *context, const char *key, const void *bytes, size_t count,
                                         struct store_error *error)
{
    struct s3_store *store = context;
    struct s3_error why = {0};
    char *full = full_key(store, key);
    enum s3_status status = s3_put(store->s3, full, bytes, count, true, &why);
    if (status == S3_CONFLICT && is_there(store, full, bytes, count))
        status = S3_OK;
    free(full);
    return translate(status, &why, key, error);
}

static enum store_status s3_store_create_file(void *context, const char *key, const char *from,
                                              struct store_error *error)
{
    struct s3_store *store = context;
    struct s3_error why = {0};
    char *full = full_key(store, key);
    enum s3_status status = s3_put_file(store->s3, full, from, true, &why);
    free(full);
    return translate(status, &why, key, error);
}

static void s3_store_close(void *context)
{
    struct s3_store *store = context;
    s3_close(store->s3);
    free(store->prefix);
    free(store);
}

struct store_backend *store_s3_open(const char *location, struct store_error *error)
{
    struct arena *arena = arena_new();
    const char *bucket, *prefix;
    struct s3_error why = {0};
    struct s3 *s3 = NULL;
    struct s3_store *store = NULL;
    if (!s3_location(arena, location, &bucket, &prefix))
        store_fail(error, STORE_ERROR, "`%s` is no place in S3: expected s3://bucket/prefix", location);
    else if ((s3 = s3_open(bucket, &world_real, &why)) == NULL)
        store_fail(error, STORE_ERROR, "%s: %s", location, why.text);
    if (s3 != NULL) {
        store = mem_calloc(1, sizeof *store);
        store->s3 = s3;
        struct buf start = {0};
        buf_printf(&start, "%s%s", prefix, *prefix != '\0' ? "/" : "");
        store->prefix = start.length > 0 ? buf_take(&start) : mem_strdup("");
        buf_free(&start);
        store->backend = (struct store_backend){store,           s3_store_read,        s3_store_read_file,
                                                s3_store_create, s3_store_create_file, s3_store_exists,
                                                s3_store_close};
    }
    arena_free(arena);
    return store != NULL ? &store->backend : NULL;
}
