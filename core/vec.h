#ifndef MLC_CORE_VEC_H
#define MLC_CORE_VEC_H

/* A growable list of pointers in an arena. Zero-initialise all but `arena`. Growing copies inside the
 * arena (the old block is kept until the arena ends), so `items` may move, what it points to never. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"

struct vec {
    struct arena *arena;
    void **items;
    size_t count;
    size_t capacity;
};

struct vec vec_in(struct arena *arena);
void vec_push(struct vec *vec, void *item);
void *vec_last(const struct vec *vec); /* NULL when empty */

/* Stable sort (merge sort) by a comparison of two items. */
void vec_sort(struct vec *vec, int (*compare)(const void *a, const void *b, void *context), void *context);

#endif
