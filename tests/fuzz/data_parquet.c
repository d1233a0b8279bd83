/* Any bytes as Parquet: rows or an error, nothing else. Mutations keep the frame of a file (its footer is
 * found from the end), so that most of them get to the pages or into the metadata. */

#include "tests/fuzz/data_table.h"

enum { TAIL = 8 }; /* the footer's length and the magic bytes */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t most);

/* Where the footer begins; `size` when there is none. */
static size_t footer_start(const uint8_t *bytes, size_t size)
{
    uint32_t length;
    if (size < TAIL + 4)
        return size;
    memcpy(&length, bytes + size - TAIL, 4);
    return length <= size - TAIL ? size - TAIL - length : size;
}

static size_t mutate_footer(uint8_t *bytes, size_t start, size_t size, size_t most)
{
    size_t length = LLVMFuzzerMutate(bytes + start, size - TAIL - start, most - TAIL - start);
    uint32_t stored = (uint32_t)length;
    memcpy(bytes + start + length, &stored, 4);
    memcpy(bytes + start + length + 4, "PAR1", 4);
    return start + length + TAIL;
}

/* A part of the pages, without moving what follows: the metadata has its offsets. */
static void mutate_pages(uint8_t *bytes, size_t start, unsigned seed)
{
    size_t from = seed % start, length = 1 + seed / 7 % 64;
    if (length > start - from)
        length = start - from;
    LLVMFuzzerMutate(bytes + from, length, length);
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed)
{
    size_t start = footer_start(bytes, size);
    if (start == size || start == 0 || seed % 16 == 0)
        return LLVMFuzzerMutate(bytes, size, most);
    if (seed % 16 < 7)
        return mutate_footer(bytes, start, size, most);
    mutate_pages(bytes, start, seed / 16);
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct table_options options = fuzz_options(FORMAT_PARQUET);
    fuzz_table(&options, bytes, size);
    return 0;
}
