#ifndef MLC_TESTS_FUZZ_SMALL_TABLE_H
#define MLC_TESTS_FUZZ_SMALL_TABLE_H

/* A table in memory, for what reads documents about data. */

#include <stddef.h>
#include <stdint.h>
#include "runtime/data/table.h"

enum { PADDING = 64 };

/* Four rows; texts and numbers both, so that every check finds a column of its type. */
static struct table *small_table(void)
{
    static const int64_t ints[PADDING + 4] = {1, 2, 2, 0};
    static const double floats[PADDING + 4] = {0.5, 1.5, 0, -3};
    static const uint32_t starts[PADDING + 4] = {0, 1, 2, 5}, lengths[PADDING + 4] = {1, 1, 3, 0};
    static const char bytes[PADDING * 2] = "abxyz";
    static const uint64_t all[2] = {15, 0}, some[2] = {11, 0};
    static const struct column_schema schemas[] = {{.name = "a", .type = COLUMN_INT},
                                                   {.name = "b", .type = COLUMN_STRING},
                                                   {.name = "c", .type = COLUMN_FLOAT}};
    enum { NEEDS = NEED_VALUES | NEED_TEXT };
    static const struct column columns[] = {
        {.needs = NEEDS,
         .valid = all,
         .valid_count = 4,
         .ints = ints,
         .bytes = bytes,
         .starts = starts,
         .lengths = lengths},
        {.needs = NEEDS,
         .valid = all,
         .valid_count = 4,
         .bytes = bytes,
         .starts = starts,
         .lengths = lengths},
        {.needs = NEEDS,
         .valid = some,
         .valid_count = 3,
         .floats = floats,
         .bytes = bytes,
         .starts = starts,
         .lengths = lengths},
    };
    static const struct table_schema schema = {schemas, 3};
    static const struct chunk chunk = {.rows = 4, .columns = columns};
    return table_of_chunk(&schema, &chunk);
}

#endif
