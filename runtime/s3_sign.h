#ifndef MLC_RUNTIME_S3_SIGN_H
#define MLC_RUNTIME_S3_SIGN_H

/* AWS Signature Version 4, header form:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */

#include <stdbool.h>
#include <stddef.h>
#include "core/buf.h"
#include "core/hash.h"

/* What is signed. Path and query are encoded already, the query sorted by name ("a=b&c="). */
struct s3_request {
    const char *method;
    const char *host;  /* as in the Host header, with a port that is not the scheme's own */
    const char *path;  /* begins with a slash */
    const char *query; /* "" when there is none */
    const char *time;  /* "20261123T104500Z" */
    const char *region;
    const char *service;      /* "s3" */
    const char *content_hash; /* SHA-256 of the body, hexadecimal */
    const char *access_key, *secret_key;
    const char *token; /* NULL: none */
    bool create;       /* with the header "if-none-match: *" */
};

/* HMAC-SHA256 (RFC 2104). */
void s3_hmac(const void *key, size_t key_length, const void *text, size_t length, uint8_t out[HASH_SIZE]);

/* Appends the value of the Authorization header. */
void s3_authorization(struct buf *out, const struct s3_request *request);

#endif
