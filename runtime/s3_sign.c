#include "runtime/s3_sign.h"

#include <string.h>
#include "core/text.h"

enum { BLOCK = 64 };

void s3_hmac(const void *key, size_t key_length, const void *text, size_t length, uint8_t out[HASH_SIZE])
{
    uint8_t block[BLOCK] = {0}, inner[BLOCK], outer[BLOCK];
    if (key_length > BLOCK)
        hash_bytes(key, key_length, block);
    else
        memcpy(block, key, key_length);
    for (size_t i = 0; i < BLOCK; i++) {
        inner[i] = block[i] ^ 0x36;
        outer[i] = block[i] ^ 0x5c;
    }
    uint8_t digest[HASH_SIZE];
    struct hash_state *state = hash_begin();
    hash_add(state, inner, BLOCK);
    hash_add(state, text, length);
    hash_end(state, digest);
    state = hash_begin();
    hash_add(state, outer, BLOCK);
    hash_add(state, digest, HASH_SIZE);
    hash_end(state, out);
}

static void add_signed_names(struct buf *out, const struct s3_request *request)
{
    buf_printf(out, "host;%sx-amz-content-sha256;x-amz-date%s", request->create ? "if-none-match;" : "",
               request->token != NULL ? ";x-amz-security-token" : "");
}

static void canonical_request(struct buf *out, const struct s3_request *request)
{
    buf_printf(out, "%s\n%s\n%s\n", request->method, request->path, request->query);
    buf_printf(out, "host:%s\n", request->host);
    if (request->create)
        buf_add_str(out, "if-none-match:*\n");
    buf_printf(out, "x-amz-content-sha256:%s\nx-amz-date:%s\n", request->content_hash, request->time);
    if (request->token != NULL)
        buf_printf(out, "x-amz-security-token:%s\n", request->token);
    buf_add_char(out, '\n');
    add_signed_names(out, request);
    buf_printf(out, "\n%s", request->content_hash);
}

static void signing_key(const struct s3_request *request, uint8_t key[HASH_SIZE])
{
    struct buf secret = {0};
    buf_printf(&secret, "AWS4%s", request->secret_key);
    s3_hmac(secret.data, secret.length, request->time, 8, key);
    memset(secret.data, 0, secret.length);
    buf_free(&secret);
    s3_hmac(key, HASH_SIZE, request->region, strlen(request->region), key);
    s3_hmac(key, HASH_SIZE, request->service, strlen(request->service), key);
    s3_hmac(key, HASH_SIZE, "aws4_request", 12, key);
}

void s3_authorization(struct buf *out, const struct s3_request *request)
{
    struct buf text = {0}, scope = {0};
    char hash[HASH_HEX_SIZE], signature[HASH_HEX_SIZE];
    uint8_t key[HASH_SIZE], digest[HASH_SIZE];
    canonical_request(&text, request);
    hash_hex(buf_str(&text), text.length, hash);
    buf_printf(&scope, "%.8s/%s/%s/aws4_request", request->time, request->region, request->service);
    buf_clear(&text);
    buf_printf(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", request->time, buf_str(&scope), hash);
    signing_key(request, key);
    s3_hmac(key, HASH_SIZE, buf_str(&text), text.length, digest);
    text_hex(digest, HASH_SIZE, signature);
    buf_printf(out, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=", request->access_key,
               buf_str(&scope));
    add_signed_names(out, request);
    buf_printf(out, ", Signature=%s", signature);
    buf_free(&text);
    buf_free(&scope);
}
