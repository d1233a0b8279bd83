#include "core/vec.h"

#include <string.h>

struct vec vec_in(struct arena *arena)
{
    return (struct vec){.arena = arena};
}

void vec_push(struct vec *vec, void *item)
{
    if (vec->count == vec->capacity) {
        size_t capacity = vec->capacity ? vec->capacity * 2 : 8;
        void **items = arena_array(vec->arena, capacity, sizeof *items);
        if (vec->count)
            memcpy(items, vec->items, vec->count * sizeof *items);
        vec->items = items;
        vec->capacity = capacity;
    }
    vec->items[vec->count++] = item;
}

void *vec_last(const struct vec *vec)
{
    return vec->count ? vec->items[vec->count - 1] : NULL;
}

typedef int compare_function(const void *a, const void *b, void *context);

static void merge_runs(void **from, void **to, size_t low, size_t middle, size_t high,
                       compare_function *compare, void *context)
{
    size_t left = low, right = middle;
    for (size_t at = low; at < high; at++) {
        bool take_left = left < middle && (right >= high || compare(from[left], from[right], context) <= 0);
        to[at] = take_left ? from[left++] : from[right++];
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void vec_sort(struct vec *vec, int (*compare)(const void *a, const void *b, void *context), void *context)
{
    size_t count = vec->count;
    if (count < 2)
        return;
    void **from = vec->items;
    void **to = arena_array(vec->arena, count, sizeof *to);
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t low = 0; low < count; low += 2 * width)
            merge_runs(from, to, low, smaller(low + width, count), smaller(low + 2 * width, count), compare,
                       context);
        void **swap = from;
        from = to;
        to = swap;
    }
    if (from != vec->items)
        memcpy(vec->items, from, count * sizeof *from);
}
