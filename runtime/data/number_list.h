#ifndef MLC_DATA_NUMBER_LIST_H
#define MLC_DATA_NUMBER_LIST_H

/* A long list of numbers (doubles, or integers of 64 or 128 bits) in blocks, in memory or (when the budget is
 * used up) in the budget's temporary file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/data/memory_budget.h"

/* `used` numbers of the list's width, aligned for them. */
struct number_block {
    void *numbers;
    size_t used, capacity;
};

/* Numbers that are in the file. */
struct number_extent {
    uint64_t offset, count;
};

struct number_list {
    struct memory_budget *budget;
    size_t width; /* bytes of a number: 8 or 16 */
    struct number_block *blocks;
    size_t block_count, block_capacity;
    uint64_t count, in_memory; /* numbers in all; room for so many in blocks */
    struct number_extent *extents;
    size_t extent_count, extent_capacity;
    struct data_error error;
    bool failed;
};

void number_list_begin(struct number_list *list, size_t width, struct memory_budget *budget);
void number_list_end(struct number_list *list);

/* Room for at least 64 more numbers at the end of a block: the caller writes and counts them up in `used`. */
struct number_block *number_list_room(struct number_list *list);

/* Moves all of `from` (of the same width and budget) to the end of `into`. */
void number_list_append(struct number_list *into, struct number_list *from);

/* Calls `each` with every block. False with an error. */
bool number_list_each(struct number_list *list,
                      void (*each)(void *context, const void *numbers, size_t count), void *context,
                      struct data_error *error);

/* Sorts ascending (radix sort; no NaN); `room` has as many entries. */
void numbers_sort(double *numbers, double *room, size_t count);

#endif
