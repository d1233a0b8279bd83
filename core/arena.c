#include "core/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, FIRST_CHUNK = 64 * 1024, LARGEST_CHUNK = 8 * 1024 * 1024 };

/* Chunks come zeroed from calloc and are handed out once, so an allocation has nothing to clear. */
struct chunk {
    struct chunk *next;
    size_t padding; /* keeps what follows aligned to ALIGNMENT */
};

struct arena {
    struct chunk *chunks;
    char *at;
    char *end;
    size_t next_size;
    size_t used;
};

static void arena_out_of_memory(size_t size)
{
    fprintf(stderr, "mlc: out of memory (%zu bytes were asked for)\n", size);
    exit(1);
}

struct arena *arena_new(void)
{
    struct arena *arena = mem_calloc(1, sizeof *arena);
    arena->next_size = FIRST_CHUNK;
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct chunk *chunk = arena->chunks; chunk;) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(arena);
}

static char *arena_chunk(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct chunk))
        arena_out_of_memory(size);
    struct chunk *chunk = mem_calloc(1, sizeof *chunk + size);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return (char *)(chunk + 1);
}

#ifdef MLC_PURIFY

void *arena_alloc(struct arena *arena, size_t size)
{
    arena->used += size;
    return arena_chunk(arena, size);
}

#else

/* A large block gets a chunk of its own; a small one begins a new chunk that later ones share. */
static void *arena_grow(struct arena *arena, size_t size)
{
    if (size > arena->next_size / 4)
        return arena_chunk(arena, size);
    char *memory = arena_chunk(arena, arena->next_size);
    arena->at = memory + size;
    arena->end = memory + arena->next_size;
    if (arena->next_size < LARGEST_CHUNK)
        arena->next_size *= 2;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT)
        arena_out_of_memory(size);
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    arena->used += size;
    if (size > (size_t)(arena->end - arena->at) || !arena->at)
        return arena_grow(arena, size);
    char *memory = arena->at;
    arena->at += size;
    return memory;
}

#endif

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        arena_out_of_memory(SIZE_MAX);
    return arena_alloc(arena, total);
}

char *arena_copy(struct arena *arena, const char *text, size_t length)
{
    if (length == SIZE_MAX)
        arena_out_of_memory(length);
    char *copy = arena_alloc(arena, length + 1);
    if (length)
        memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    char small[256];
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(small, sizeof small, format, args);
    if (length < 0)
        length = 0;
    char *text = arena_alloc(arena, (size_t)length + 1);
    if ((size_t)length < sizeof small)
        memcpy(text, small, (size_t)length);
    else
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

void *mem_alloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        arena_out_of_memory(size);
    return memory;
}

void *mem_calloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        arena_out_of_memory(size);
    return memory;
}

void *mem_realloc(void *old, size_t size)
{
    void *memory = realloc(old, size ? size : 1);
    if (!memory)
        arena_out_of_memory(size);
    return memory;
}

char *mem_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(mem_alloc(size), text, size);
}
