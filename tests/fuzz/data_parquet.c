/* Any bytes as Parquet: rows or an error, nothing else. */

#include "runtime/data/parquet_meta.h"
#include "tests/fuzz/data_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A few bytes may rightly stand for billions of equal rows, which would only take time. */
static bool is_small(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new();
    struct parquet_meta meta;
    struct data_error error = {""};
    uint32_t length = 0;
    uint64_t rows = 0;
    if (size >= 12)
        memcpy(&length, bytes + size - 8, 4);
    if (size >= 12 && length <= size - 12 &&
        parquet_meta_read(arena, "fuzz", size, bytes + size - 8 - length, length, &meta, &error))
        for (size_t i = 0; i < meta.group_count && rows < 1000000; i++)
            rows += meta.groups[i].rows;
    arena_free(arena);
    return rows < 100000;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (is_small(bytes, size))
        fuzz_table(FORMAT_PARQUET, bytes, size);
    return 0;
}
