/* Any bytes as CSV, behind one that chooses options: rows or an error, nothing else; and all ways to find the
 * structure of the text find the same. */

#include "runtime/data/csv_scan.h"
#include "tests/fuzz/data_table.h"

enum { SCANNED = 64 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void compare_scans(const struct csv_dialect *dialect, const uint8_t *bytes, size_t size)
{
    size_t count, words = size / 64 + 1;
    const struct csv_scan_path *paths = csv_scan_paths(&count);
    char *text = calloc(1, size + SCAN_PADDING);
    uint64_t *exact = calloc(words, sizeof *exact), *fast = calloc(words, sizeof *fast);
    struct csv_scan want, found;
    memcpy(text, bytes, size);
    csv_scan_exact(dialect, text, size, exact, &want);
    for (size_t i = 0; i < count; i++) {
        if (!paths[i].runs_here())
            continue;
        fast[words - 1] = 0; /* no scan writes behind the text */
        paths[i].scan(dialect, text, size, fast, &found);
        bool same = found.end == want.end && found.lines == want.lines && found.blanks == want.blanks &&
                    found.returns == want.returns && found.quotes == want.quotes &&
                    found.irregular == want.irregular && found.open == want.open && found.ascii == want.ascii;
        if (!same || memcmp(fast, exact, words * sizeof *fast) != 0)
            abort();
    }
    free(text);
    free(exact);
    free(fast);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    struct table_options options = fuzz_chosen(FORMAT_CSV, bytes[0]);
    struct csv_dialect dialect = {options.delimiter ? options.delimiter : ',',
                                  options.quote ? options.quote : '"', bytes[0] & 64 ? '\r' : '\n'};
    if (size <= SCANNED)
        compare_scans(&dialect, bytes + 1, size - 1);
    fuzz_table(&options, bytes + 1, size - 1);
    return 0;
}
