#ifndef MLC_RUNTIME_S3_H
#define MLC_RUNTIME_S3_H

/* A small client of S3-style storage: whole objects, conditional creation, listing. Requests are signed with
 * AWS Signature Version 4; libcurl is loaded on first use. One client is used by one thread at a time.
 *
 * From the environment: AWS_REGION (else AWS_DEFAULT_REGION, else us-east-1), AWS_ENDPOINT_URL_S3 or
 * AWS_ENDPOINT_URL (then the bucket stands in the path), AWS_CA_BUNDLE, and credentials, the first of:
 *   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
 *   AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN (roles of Kubernetes service accounts and of CI)
 *   AWS_CONTAINER_CREDENTIALS_FULL_URI or …_RELATIVE_URI, with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or
 *   AWS_CONTAINER_AUTHORIZATION_TOKEN (identities of pods and tasks)
 * They are read again before they expire. What fails in passing (no connection, 5xx, 429) is tried again. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"
#include "core/vec.h"
#include "core/world.h"

enum s3_status {
    S3_OK,
    S3_MISSING,  /* no such object */
    S3_CONFLICT, /* conditional creation: the key is taken, or somebody else writes it right now */
    S3_ERROR     /* the text says what: network, credentials, permission, size */
};

struct s3_error {
    enum s3_status status;
    char text[512];
};

struct s3;

/* Opens a bucket. NULL with an error: libcurl is not there, or no credentials are. */
struct s3 *s3_open(const char *bucket, const struct world *world, struct s3_error *error);
void s3_close(struct s3 *s3);

/* Splits "s3://bucket/some/prefix" into bucket and prefix ("" when there is none, without slashes at its
 * ends), both in the arena. False when it is no such location. */
bool s3_location(struct arena *arena, const char *location, const char **bucket, const char **prefix);

/* Writes an object; with `create` only when there is none (If-None-Match: *), else S3_CONFLICT. */
enum s3_status s3_put(struct s3 *s3, const char *key, const void *bytes, size_t count, bool create,
                      struct s3_error *error);
enum s3_status s3_put_file(struct s3 *s3, const char *key, const char *path, bool create,
                           struct s3_error *error);

/* Appends an object of at most `limit` bytes to `out`, or writes it to a file (whole or not at all). */
enum s3_status s3_get(struct s3 *s3, const char *key, size_t limit, struct buf *out, struct s3_error *error);
enum s3_status s3_get_file(struct s3 *s3, const char *key, const char *path, struct s3_error *error);

/* S3_OK or S3_MISSING by a HEAD request. */
enum s3_status s3_exists(struct s3 *s3, const char *key, struct s3_error *error);

/* Keys (char *, in the vec's arena) below `prefix` in the order of their bytes, behind `after` (NULL: all).
 */
enum s3_status s3_list(struct s3 *s3, const char *prefix, const char *after, struct vec *keys,
                       struct s3_error *error);

#endif
