/* Any bytes as CSV: rows or an error, nothing else. */

#include "tests/fuzz/data_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_table(FORMAT_CSV, bytes, size);
    return 0;
}
