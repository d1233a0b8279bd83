#ifndef MLC_RUNTIME_STORE_H
#define MLC_RUNTIME_STORE_H

/* The store: artifacts, snapshots and metrics by content, and an append-only log of version records that is
 * advanced by compare-and-swap. A store is a table of functions: the directory store is one, S3-style HTTP
 * with conditional PUT is another.
 *
 * Layout (of both): blobs/sha256/ab/abcdef…   a file, named by its SHA-256
 *                   trees/sha256/ab/abcdef…   a folder: a sorted list of "mode hash path" lines
 *                   logs/NAME/00000001.json   records, each with the hash of the one before
 * Every key lies under a trust domain: "main", or "pr/NUMBER" for what a pull request wrote. A store that is
 * opened in "pr/NUMBER" reads its own and, behind it, main's; it writes only its own; main reads only main.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/value.h"
#include "core/vec.h"

struct store;

/* What goes wrong with a store, as a value. */
enum store_status {
    STORE_OK,
    STORE_MISSING,  /* no such blob, log or record */
    STORE_CONFLICT, /* the head has moved: read again and decide again */
    STORE_CORRUPT,  /* bytes do not have the hash they are named by */
    STORE_ERROR     /* disk or network: the text says what */
};

struct store_error {
    enum store_status status;
    char text[512];
};

/* Opens "path/to/folder", "file:///mnt/shared/folder" or "s3://bucket/prefix" in a trust domain. NULL with an
 * error. Folders are made. */
struct store *store_open(const char *location, const char *trust_domain, struct store_error *error);
void store_close(struct store *store);

/* Puts bytes, a file, or a whole folder; gives the content hash ("…" 64 hex digits). Idempotent. */
enum store_status store_put_bytes(struct store *store, const void *bytes, size_t count,
                                  char hash[HASH_HEX_SIZE], struct store_error *error);
enum store_status store_put_path(struct store *store, const char *path, char hash[HASH_HEX_SIZE],
                                 uint64_t *size, struct store_error *error);

/* Brings a blob into memory (at most `limit` bytes) or to a path (file or folder, as it was put), verified.
 */
enum store_status store_get_bytes(struct store *store, const char *hash, size_t limit, struct buf *out,
                                  struct store_error *error);
enum store_status store_get_path(struct store *store, const char *hash, const char *path,
                                 struct store_error *error);
bool store_has(struct store *store, const char *hash);

/* A log's head: sequence 0 when the log is empty. */
struct store_head {
    uint64_t sequence;
    char hash[HASH_HEX_SIZE];
};
enum store_status store_log_head(struct store *store, const char *log, struct store_head *head,
                                 struct store_error *error);

/* Appends a record behind `expected`; STORE_CONFLICT when the head has moved. The record gets "sequence",
 * "previous" and "time" fields. `*head` becomes the new head. */
enum store_status store_log_append(struct store *store, const char *log, const struct value *record,
                                   const struct store_head *expected, struct store_head *head,
                                   struct store_error *error);

/* Reads all records (const struct value *) in order, checking the chain of hashes. In a pull request's domain
 * main's records come first. */
enum store_status store_log_read(struct store *store, struct arena *arena, const char *log,
                                 struct vec *records, struct store_error *error);

/* One record of the own domain, and the hash of one: for readers that begin at the end, and for anchors. */
enum store_status store_log_at(struct store *store, struct arena *arena, const char *log, uint64_t sequence,
                               const struct value **record, struct store_error *error);
enum store_status store_log_hash(struct store *store, const char *log, uint64_t sequence,
                                 char hash[HASH_HEX_SIZE], struct store_error *error);

#endif
