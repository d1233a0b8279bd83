/* The low-level functions are deprecated in OpenSSL 3 in favour of EVP, which would link its whole table of
 * providers into a static binary and initialise it at the first call. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <unistd.h>
#include "core/arena.h"
#include "core/text.h"

struct hash_state {
    SHA256_CTX sha;
};

struct hash_state *hash_begin(void)
{
    struct hash_state *state = mem_calloc(1, sizeof *state);
    SHA256_Init(&state->sha);
    return state;
}

void hash_add(struct hash_state *state, const void *bytes, size_t count)
{
    SHA256_Update(&state->sha, bytes, count);
}

void hash_end(struct hash_state *state, uint8_t out[HASH_SIZE])
{
    SHA256_Final(out, &state->sha);
    free(state);
}

void hash_bytes(const void *bytes, size_t count, uint8_t out[HASH_SIZE])
{
    SHA256_CTX sha;
    SHA256_Init(&sha);
    SHA256_Update(&sha, bytes, count);
    SHA256_Final(out, &sha);
}

void hash_hex(const void *bytes, size_t count, char out[HASH_HEX_SIZE])
{
    uint8_t digest[HASH_SIZE];
    hash_bytes(bytes, count, digest);
    text_hex(digest, HASH_SIZE, out);
}

int hash_file(const char *path, char out[HASH_HEX_SIZE])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    enum { CHUNK = 256 * 1024 };
    char *chunk = mem_alloc(CHUNK);
    SHA256_CTX sha;
    SHA256_Init(&sha);
    ssize_t count;
    do {
        count = read(file, chunk, CHUNK);
        if (count > 0)
            SHA256_Update(&sha, chunk, (size_t)count);
    } while (count > 0 || (count < 0 && errno == EINTR));
    int error = errno;
    free(chunk);
    close(file);
    if (count < 0) {
        errno = error;
        return -1;
    }
    uint8_t digest[HASH_SIZE];
    SHA256_Final(digest, &sha);
    text_hex(digest, HASH_SIZE, out);
    return 0;
}
