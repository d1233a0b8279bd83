/* Any bytes as JSONL, behind one that chooses options: rows or an error, nothing else. */

#include "tests/fuzz/data_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    struct table_options options = fuzz_chosen(FORMAT_JSONL, bytes[0]);
    fuzz_table(&options, bytes + 1, size - 1);
    return 0;
}
