#ifndef MLC_CORE_ARENA_H
#define MLC_CORE_ARENA_H

/* Memory with one owner and one end: everything that is allocated from an arena is freed with it.
 * Running out of memory ends the process with a message (`arena_out_of_memory`): there is no caller
 * that could go on. A build with MLC_PURIFY gives each allocation a malloc of its own, so that the
 * sanitizers see every bound. */

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* A new, empty arena. Never NULL. */
struct arena *arena_new(void);

/* Frees the arena and all that was allocated from it. NULL is allowed. */
void arena_free(struct arena *arena);

/* `size` zeroed bytes, aligned for any type. Never NULL; size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* `count` zeroed elements of `size` bytes; an overflow of the product ends the process. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of `length` bytes with a NUL behind them. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

/* A copy of a NUL-terminated string. */
char *arena_strdup(struct arena *arena, const char *text);

/* printf into the arena. */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args);

/* Bytes handed out so far: what limits on compile-time memory are checked against. */
size_t arena_used(const struct arena *arena);

/* malloc, calloc and realloc that end the process with a message when memory is out. Free with free(). */
void *mem_alloc(size_t size);
void *mem_calloc(size_t count, size_t size);
void *mem_realloc(void *old, size_t size);
char *mem_strdup(const char *text);

#endif
