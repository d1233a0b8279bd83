#ifndef MLC_DATA_CSV_SCAN_H
#define MLC_DATA_CSV_SCAN_H

/* The structure of CSV text: one bit a byte that says "a delimiter or line end outside quotes". The fast scan
 * takes 64 bytes at a time and finds quoted regions as the running parity of quotes, which is right exactly
 * when every quote stands where RFC 4180 allows one; it checks that, and else the exact scan decides byte by
 * byte: a quote opens only at the start of a field; behind a closing quote further text is kept as text. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCAN_PADDING = 64 }; /* readable bytes that must follow the text */

struct csv_scan {
    size_t end;      /* behind the last line end outside quotes; 0: there is none */
    uint64_t lines;  /* line ends outside quotes */
    uint64_t marks;  /* delimiters and line ends outside quotes: the bits that are set */
    uint64_t blanks; /* of them, of lines that are empty */
    bool returns;    /* a carriage return is in the text */
    bool quotes;     /* a quote is in the text */
    bool irregular;  /* quotes where RFC 4180 has none */
    bool open;       /* the text ends inside quotes */
    bool ascii;      /* no byte above 127 */
};

struct csv_dialect {
    char delimiter;
    char quote;
    char newline; /* '\n', or '\r' for files that have only that */
};

/* Scans text that begins at the start of a row. `structure` has length / 64 + 1 words. */
void csv_scan(const struct csv_dialect *dialect, const char *text, size_t length, uint64_t *structure,
              struct csv_scan *out);

/* One way to scan: all give the same answers. */
struct csv_scan_path {
    const char *name;
    bool (*runs_here)(void); /* this machine has the instructions */
    void (*scan)(const struct csv_dialect *dialect, const char *text, size_t length, uint64_t *structure,
                 struct csv_scan *out);
};

/* All paths that were built, the fastest first; the last one uses no instructions beyond the language and
 * runs everywhere. csv_scan takes the first that runs here. */
const struct csv_scan_path *csv_scan_paths(size_t *count);

/* The definition, byte by byte. */
void csv_scan_exact(const struct csv_dialect *dialect, const char *text, size_t length, uint64_t *structure,
                    struct csv_scan *out);

/* Appends the offsets behind each set bit of `structure` before `end` to `out`; returns how many. */
size_t csv_positions(const uint64_t *structure, size_t end, uint32_t *out);

#endif
