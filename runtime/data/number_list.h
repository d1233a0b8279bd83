#ifndef MLC_DATA_NUMBER_LIST_H
#define MLC_DATA_NUMBER_LIST_H

/* A long list of doubles in blocks, in memory or (when the budget is used up) in a temporary file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/data/memory_budget.h"

struct number_block {
    double *numbers;
    size_t used, capacity;
};

struct number_list {
    struct memory_budget *budget;
    struct number_block *blocks;
    size_t block_count, block_capacity;
    uint64_t count; /* numbers in all */
    int file;       /* -1: none */
    uint64_t file_count;
    struct data_error error;
    bool failed;
};

void number_list_begin(struct number_list *list, struct memory_budget *budget);
void number_list_end(struct number_list *list);

/* Room for at least 64 more numbers at the end of a block: the caller writes and counts them up in `used`. */
struct number_block *number_list_room(struct number_list *list);

/* Moves all of `from` to the end of `into`. */
void number_list_append(struct number_list *into, struct number_list *from);

/* Calls `each` with every block. False with an error. */
bool number_list_each(struct number_list *list,
                      void (*each)(void *context, const double *numbers, size_t count), void *context,
                      struct data_error *error);

/* Sorts ascending (radix sort; no NaN); `room` has as many entries. */
void numbers_sort(double *numbers, double *room, size_t count);

#endif
