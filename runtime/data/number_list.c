#include "runtime/data/number_list.h"

#include <stdlib.h>
#include <string.h>
#include "core/arena.h"

enum { BLOCK_FIRST = 256, BLOCK_MOST = 8 << 10, SORT_SMALL = 64 };

void number_list_begin(struct number_list *list, size_t width, struct memory_budget *budget)
{
    *list = (struct number_list){.budget = budget, .width = width};
    budget_join(budget);
}

static void free_blocks(struct number_list *list)
{
    for (size_t i = 0; i < list->block_count; i++)
        free(list->blocks[i].numbers);
    budget_return(list->budget, list->in_memory * list->width);
    list->block_count = 0;
    list->in_memory = 0;
}

void number_list_end(struct number_list *list)
{
    free_blocks(list);
    for (size_t i = 0; i < list->extent_count; i++)
        spill_file_drop(budget_file(list->budget), list->extents[i].offset,
                        list->extents[i].count * list->width);
    free(list->blocks);
    free(list->extents);
    budget_leave(list->budget);
    *list = (struct number_list){.width = list->width};
}

static void push_extent(struct number_list *list, struct number_extent extent)
{
    if (list->extent_count == list->extent_capacity) {
        list->extent_capacity = list->extent_capacity * 2 + 8;
        list->extents = mem_realloc(list->extents, list->extent_capacity * sizeof *list->extents);
    }
    list->extents[list->extent_count++] = extent;
}

/* All blocks as one extent. */
static bool write_blocks(struct number_list *list)
{
    struct spill_file *file = budget_file(list->budget);
    struct number_extent extent = {0};
    for (size_t i = 0; i < list->block_count; i++)
        extent.count += list->blocks[i].used;
    if (!spill_file_reserve(file, extent.count * list->width, &extent.offset, &list->error))
        return false;
    uint64_t at = extent.offset;
    for (size_t i = 0; i < list->block_count; i++) {
        const struct number_block *block = &list->blocks[i];
        if (!spill_file_write(file, at, block->numbers, block->used * list->width, &list->error))
            return false;
        at += block->used * list->width;
    }
    push_extent(list, extent);
    return true;
}

static void spill_blocks(struct number_list *list)
{
    if (list->in_memory * list->width < SET_FLOOR)
        return;
    list->failed = list->failed || !write_blocks(list);
    free_blocks(list); /* also when it failed: nothing can come of it any more */
}

static void push_block(struct number_list *list, struct number_block block)
{
    if (list->block_count == list->block_capacity) {
        list->block_capacity = list->block_capacity * 2 + 8;
        list->blocks = mem_realloc(list->blocks, list->block_capacity * sizeof *list->blocks);
    }
    list->blocks[list->block_count++] = block;
    list->in_memory += block.capacity;
}

struct number_block *number_list_room(struct number_list *list)
{
    struct number_block *last = list->block_count ? &list->blocks[list->block_count - 1] : NULL;
    if (last && last->capacity - last->used >= 64)
        return last;
    if (budget_is_over(list->budget))
        spill_blocks(list);
    /* Half of what is there again, so that of many columns little is room for nothing. */
    size_t capacity = list->block_count ? (size_t)list->in_memory / 2 / 64 * 64 : 0;
    capacity = capacity < BLOCK_FIRST ? BLOCK_FIRST : capacity > BLOCK_MOST ? BLOCK_MOST : capacity;
    budget_take(list->budget, capacity * list->width);
    push_block(list, (struct number_block){mem_alloc(capacity * list->width), 0, capacity});
    return &list->blocks[list->block_count - 1];
}

void number_list_append(struct number_list *into, struct number_list *from)
{
    into->count += from->count;
    if (from->failed && !into->failed)
        into->error = from->error;
    into->failed |= from->failed;
    for (size_t i = 0; i < from->block_count; i++)
        push_block(into, from->blocks[i]);
    for (size_t i = 0; i < from->extent_count; i++)
        push_extent(into, from->extents[i]);
    from->block_count = from->extent_count = 0;
    from->in_memory = 0;
    number_list_end(from);
}

bool number_list_each(struct number_list *list,
                      void (*each)(void *context, const void *numbers, size_t count), void *context,
                      struct data_error *error)
{
    if (list->failed) {
        *error = list->error;
        return false;
    }
    for (size_t i = 0; i < list->block_count; i++)
        each(context, list->blocks[i].numbers, list->blocks[i].used);
    if (list->extent_count == 0)
        return true;
    void *numbers = mem_alloc(BLOCK_MOST * list->width);
    bool ok = true;
    for (size_t i = 0; i < list->extent_count && ok; i++)
        for (uint64_t at = 0; at < list->extents[i].count && ok; at += BLOCK_MOST) {
            uint64_t left = list->extents[i].count - at;
            size_t count = left < BLOCK_MOST ? (size_t)left : BLOCK_MOST;
            ok = spill_file_read(budget_file(list->budget), list->extents[i].offset + at * list->width,
                                 numbers, count * list->width, error);
            if (ok)
                each(context, numbers, count);
        }
    free(numbers);
    return ok;
}

/* Doubles as integers of the same order. */
static inline uint64_t sort_key(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits ^ ((uint64_t)((int64_t)bits >> 63) | UINT64_C(1) << 63);
}

static void insertion_sort(double *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        double x = numbers[i];
        size_t at = i;
        for (; at > 0 && numbers[at - 1] > x; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = x;
    }
}

void numbers_sort(double *numbers, double *room, size_t count)
{
    enum { DIGITS = 8, VALUES = 256 };
    if (count < SORT_SMALL) {
        insertion_sort(numbers, count);
        return;
    }
    size_t(*counts)[VALUES] = mem_calloc(DIGITS, sizeof *counts);
    for (size_t i = 0; i < count; i++) {
        uint64_t key = sort_key(numbers[i]);
        for (int digit = 0; digit < DIGITS; digit++)
            counts[digit][key >> (8 * digit) & 255]++;
    }
    double *from = numbers, *to = room;
    for (int digit = 0; digit < DIGITS; digit++) {
        size_t *places = counts[digit], total = 0;
        if (places[sort_key(from[0]) >> (8 * digit) & 255] == count)
            continue;
        for (int value = 0; value < VALUES; value++) {
            size_t here = places[value];
            places[value] = total;
            total += here;
        }
        for (size_t i = 0; i < count; i++)
            to[places[sort_key(from[i]) >> (8 * digit) & 255]++] = from[i];
        double *swap = from;
        from = to;
        to = swap;
    }
    if (from != numbers)
        memcpy(numbers, from, count * sizeof *numbers);
    free(counts);
}
