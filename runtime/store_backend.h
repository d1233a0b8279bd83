#ifndef MLC_RUNTIME_STORE_BACKEND_H
#define MLC_RUNTIME_STORE_BACKEND_H

/* What a place to keep things must be able to do: objects by key, and creation that fails when a key is
 * there. store.c builds blobs, trees and logs on it, so every place behaves alike. */

#include <stdbool.h>
#include <stddef.h>
#include "core/buf.h"
#include "runtime/store.h"

struct store_backend {
    void *context;
    /* Reads an object of at most `limit` bytes. */
    enum store_status (*read)(void *context, const char *key, size_t limit, struct buf *out,
                              struct store_error *error);
    /* Brings an object to a file. */
    enum store_status (*read_file)(void *context, const char *key, const char *path,
                                   struct store_error *error);
    /* Writes an object from memory only if there is none of that key: STORE_CONFLICT otherwise. Atomic. */
    enum store_status (*create)(void *context, const char *key, const void *bytes, size_t count,
                                struct store_error *error);
    /* The same from a file. */
    enum store_status (*create_file)(void *context, const char *key, const char *path,
                                     struct store_error *error);
    bool (*exists)(void *context, const char *key);
    void (*close)(void *context);
};

/* A folder. NULL with an error. */
struct store_backend *store_directory_open(const char *folder, struct store_error *error);

/* A prefix of a bucket: "s3://bucket/prefix". NULL with an error. */
struct store_backend *store_s3_open(const char *location, struct store_error *error);

/* Fills an error; gives `status`, so that callers can return it. */
enum store_status store_fail(struct store_error *error, enum store_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
