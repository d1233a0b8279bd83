#ifndef MLC_CORE_HASH_H
#define MLC_CORE_HASH_H

/* SHA-256, the one content hash of mlc: of sources, documents, artifacts and cache keys. */

#include <stddef.h>
#include <stdint.h>

enum { HASH_SIZE = 32, HASH_HEX_SIZE = 65 };

struct hash_state;

struct hash_state *hash_begin(void);
void hash_add(struct hash_state *state, const void *bytes, size_t count);
/* Ends the computation and frees the state. */
void hash_end(struct hash_state *state, uint8_t out[HASH_SIZE]);

/* The hash of one piece of memory, as bytes and as lower-case hexadecimal with a NUL. */
void hash_bytes(const void *bytes, size_t count, uint8_t out[HASH_SIZE]);
void hash_hex(const void *bytes, size_t count, char out[HASH_HEX_SIZE]);

/* Streams a file; 0, or -1 with errno. */
int hash_file(const char *path, char out[HASH_HEX_SIZE]);

#endif
