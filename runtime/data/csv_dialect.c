#include <stdlib.h>
#include <string.h>
#include "runtime/data/csv.h"

enum { ROWS_LOOKED_AT = 200, SAMPLE_LIMIT = 256 << 10 };

struct score {
    unsigned rows, agreeing; /* rows, and those with as many fields as the first */
    unsigned fields;
};

static struct score score_delimiter(const struct csv_dialect *dialect, const char *text, size_t length,
                                    uint64_t *structure, bool whole)
{
    struct csv_scan scan;
    struct score score = {0};
    csv_scan_exact(dialect, text, length, structure, &scan);
    unsigned fields = 1;
    for (size_t i = 0; i < length && score.rows < ROWS_LOOKED_AT; i++) {
        if (!(structure[i / 64] >> (i % 64) & 1))
            continue;
        if (text[i] != dialect->newline) {
            fields++;
            continue;
        }
        score.fields = score.rows == 0 ? fields : score.fields;
        score.rows++;
        score.agreeing += fields == score.fields;
        fields = 1;
    }
    if (score.rows == 0 && whole)
        score = (struct score){1, 1, fields};
    return score;
}

/* The better one explains more rows with more than one field. */
static bool is_better(struct score a, struct score b)
{
    if ((a.fields > 1) != (b.fields > 1))
        return a.fields > 1;
    uint64_t left = (uint64_t)a.agreeing * b.rows, right = (uint64_t)b.agreeing * a.rows;
    return left != right ? left > right : a.fields > b.fields;
}

void csv_find_dialect(const struct table_options *options, const char *text, size_t length,
                      struct csv_dialect *out)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    size_t used = length < SAMPLE_LIMIT ? length : SAMPLE_LIMIT;
    bool lone_returns = !memchr(text, '\n', used) && memchr(text, '\r', used);
    *out = (struct csv_dialect){.delimiter = options->delimiter ? options->delimiter : ',',
                                .quote = options->quote ? options->quote : '"',
                                .newline = lone_returns ? '\r' : '\n'};
    if (options->delimiter)
        return;
    uint64_t *structure = mem_calloc(used / 64 + 1, sizeof *structure);
    struct score best = {0};
    for (size_t i = 0; i < sizeof candidates; i++) {
        struct csv_dialect dialect = *out;
        dialect.delimiter = candidates[i];
        struct score score = score_delimiter(&dialect, text, used, structure, used == length);
        if (score.rows > 0 && (best.rows == 0 || is_better(score, best))) {
            best = score;
            out->delimiter = candidates[i];
        }
    }
    free(structure);
}

static const char *field_text(struct arena *arena, const struct csv_dialect *dialect, const char *text,
                              size_t start, size_t end)
{
    if (end > start && text[end - 1] == '\r')
        end--;
    char *copy = arena_copy(arena, text + start, end - start);
    uint32_t at = 0, length = (uint32_t)(end - start);
    if (length > 0 && copy[0] == dialect->quote)
        csv_unquote(copy, &at, &length, dialect->quote);
    copy[at + length] = 0;
    return copy + at;
}

bool csv_first_row(struct arena *arena, const struct csv_dialect *dialect, const char *text, size_t length,
                   const char ***fields, size_t *count, size_t *end)
{
    uint64_t *structure = mem_calloc(length / 64 + 1, sizeof *structure);
    struct csv_scan scan;
    csv_scan_exact(dialect, text, length, structure, &scan);
    size_t capacity = 16, used = 0, start = 0;
    const char **out = arena_array(arena, capacity, sizeof *out);
    bool found = false;
    for (size_t i = 0; i < scan.end && !found; i++) {
        if (!(structure[i / 64] >> (i % 64) & 1))
            continue;
        if (used == capacity) {
            const char **larger = arena_array(arena, capacity * 2, sizeof *out);
            memcpy(larger, out, used * sizeof *out);
            out = larger;
            capacity *= 2;
        }
        out[used++] = field_text(arena, dialect, text, start, i);
        start = i + 1;
        found = text[i] == dialect->newline || used > CSV_COLUMNS_LIMIT;
    }
    free(structure);
    *fields = out;
    *count = used;
    *end = start;
    return found;
}

bool csv_looks_like_header(const char *const *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct inference inference = {0};
        struct column_schema column = {0};
        infer_text(&inference, fields[i], strlen(fields[i]));
        infer_type(&inference, &column);
        if (column.type != COLUMN_STRING && fields[i][0])
            return false;
        if (!fields[i][0] && count == 1)
            return false;
    }
    return true;
}
