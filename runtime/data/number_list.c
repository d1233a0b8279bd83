#include "runtime/data/number_list.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/arena.h"
#include "runtime/data/spill.h"

enum { BLOCK_FIRST = 256, BLOCK_MOST = 64 << 10, WORTH_SPILLING = 64 << 10, SORT_SMALL = 64 };

void number_list_begin(struct number_list *list, struct memory_budget *budget)
{
    *list = (struct number_list){.budget = budget, .file = -1};
}

static void free_blocks(struct number_list *list)
{
    for (size_t i = 0; i < list->block_count; i++) {
        budget_return(list->budget, list->blocks[i].capacity * sizeof(double));
        free(list->blocks[i].numbers);
    }
    list->block_count = 0;
}

void number_list_end(struct number_list *list)
{
    free_blocks(list);
    free(list->blocks);
    list->blocks = NULL;
    if (list->file >= 0)
        close(list->file);
    list->file = -1;
}

static uint64_t in_memory(const struct number_list *list)
{
    uint64_t count = 0;
    for (size_t i = 0; i < list->block_count; i++)
        count += list->blocks[i].used;
    return count;
}

static void spill_blocks(struct number_list *list)
{
    if (in_memory(list) < WORTH_SPILLING)
        return;
    if (list->file < 0 && !list->failed) {
        list->file = spill_open(&list->error);
        list->failed = list->file < 0;
    }
    for (size_t i = 0; i < list->block_count && !list->failed; i++) {
        const struct number_block *block = &list->blocks[i];
        list->failed = !spill_write(list->file, block->numbers, block->used * sizeof(double), &list->error);
        list->file_count += block->used;
    }
    free_blocks(list); /* also when it failed: nothing can come of it any more */
}

static void push_block(struct number_list *list, struct number_block block)
{
    if (list->block_count == list->block_capacity) {
        list->block_capacity = list->block_capacity * 2 + 8;
        list->blocks = mem_realloc(list->blocks, list->block_capacity * sizeof *list->blocks);
    }
    list->blocks[list->block_count++] = block;
}

struct number_block *number_list_room(struct number_list *list)
{
    struct number_block *last = list->block_count ? &list->blocks[list->block_count - 1] : NULL;
    if (last && last->capacity - last->used >= 64)
        return last;
    if (budget_is_over(list->budget))
        spill_blocks(list);
    size_t capacity = last ? last->capacity * 2 : BLOCK_FIRST;
    if (list->block_count == 0)
        capacity = BLOCK_FIRST;
    if (capacity > BLOCK_MOST)
        capacity = BLOCK_MOST;
    budget_take(list->budget, capacity * sizeof(double));
    push_block(list, (struct number_block){mem_alloc(capacity * sizeof(double)), 0, capacity});
    return &list->blocks[list->block_count - 1];
}

static void copy_numbers(void *context, const double *numbers, size_t count)
{
    struct number_list *into = context;
    while (count > 0) {
        struct number_block *block = number_list_room(into);
        size_t room = block->capacity - block->used, now = count < room ? count : room;
        memcpy(block->numbers + block->used, numbers, now * sizeof *numbers);
        block->used += now;
        numbers += now;
        count -= now;
    }
}

void number_list_append(struct number_list *into, struct number_list *from)
{
    struct data_error error;
    into->count += from->count;
    if (from->file >= 0 || from->failed) {
        if (!number_list_each(from, copy_numbers, into, &error) && !into->failed) {
            into->failed = true;
            into->error = error;
        }
    } else {
        for (size_t i = 0; i < from->block_count; i++)
            push_block(into, from->blocks[i]);
        from->block_count = 0;
    }
    number_list_end(from);
}

bool number_list_each(struct number_list *list,
                      void (*each)(void *context, const double *numbers, size_t count), void *context,
                      struct data_error *error)
{
    if (list->failed) {
        *error = list->error;
        return false;
    }
    for (size_t i = 0; i < list->block_count; i++)
        each(context, list->blocks[i].numbers, list->blocks[i].used);
    if (list->file_count == 0)
        return true;
    double *numbers = mem_alloc(BLOCK_MOST * sizeof *numbers);
    bool ok = true;
    for (uint64_t at = 0; at < list->file_count && ok; at += BLOCK_MOST) {
        size_t count = list->file_count - at < BLOCK_MOST ? (size_t)(list->file_count - at) : BLOCK_MOST;
        ok = spill_read(list->file, at * sizeof *numbers, numbers, count * sizeof *numbers, error);
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
