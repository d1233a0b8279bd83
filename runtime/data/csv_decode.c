#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/text.h"
#include "runtime/data/csv.h"

enum { POSITIONS_LIMIT = 8 << 20 };

/* True when every row has exactly as many fields as there are columns, so that the positions themselves are
 * the cells. */
static bool is_regular(const struct csv_reader *reader, const struct csv_worker *worker, size_t count)
{
    size_t fields = reader->fields;
    if (worker->scan.returns || worker->scan.blanks > 0 || count != (size_t)worker->rows * fields)
        return false;
    bool same = true;
    for (size_t row = 0; row < worker->rows; row++)
        same &= worker->text[worker->positions[(row + 1) * fields] - 1] == reader->dialect.newline;
    return same;
}

static void note_ragged(struct csv_worker *worker, const struct csv_reader *reader, size_t row, size_t found,
                        size_t start)
{
    struct table_finding finding = {.kind = found < reader->fields ? FINDING_FEW_FIELDS : FINDING_MANY_FIELDS,
                                    .file = worker->file,
                                    .column = -1,
                                    .row = worker->file_row + row + 1,
                                    .byte = worker->byte + start};
    snprintf(finding.text, sizeof finding.text, "%s%zu field%s instead of %zu",
             worker->thinned && found > reader->fields ? "at least " : "", found, found == 1 ? "" : "s",
             reader->fields);
    worker_note(&worker->base, &finding);
}

void csv_reserve_cells(struct csv_worker *worker, size_t count)
{
    if (worker->cell_capacity >= count)
        return;
    free(worker->starts);
    free(worker->ends);
    worker->cell_capacity = count + count / 4;
    worker->starts = mem_alloc(worker->cell_capacity * sizeof *worker->starts);
    worker->ends = mem_alloc(worker->cell_capacity * sizeof *worker->ends);
}

/* Places of cells row by row: blank lines are left out, missing cells become nulls, surplus ones go. */
static void locate_ragged(const struct csv_reader *reader, struct csv_worker *worker, size_t count)
{
    const size_t fields = reader->fields;
    const uint32_t *positions = worker->positions;
    size_t row = 0, column = 0, line = 0;
    csv_reserve_cells(worker, (size_t)worker->rows * fields);
    for (size_t i = 0; i < count; i++) {
        uint32_t start = positions[i], end = positions[i + 1];
        bool ends_line = worker->text[end - 1] == reader->dialect.newline;
        if (ends_line && end - 1 > start && worker->text[end - 2] == '\r')
            end--;
        if (ends_line && column == 0 && end - 1 == start && fields > 1) {
            line = positions[i + 1];
            continue;
        }
        if (column < fields) {
            worker->starts[row * fields + column] = start;
            worker->ends[row * fields + column] = end;
        }
        column++;
        if (!ends_line)
            continue;
        if (column != fields)
            note_ragged(worker, reader, row, column, line);
        for (; column < fields; column++)
            worker->starts[row * fields + column] = worker->ends[row * fields + column] = 0;
        line = positions[i + 1];
        row++;
        column = 0;
    }
}

void csv_reserve_positions(struct csv_worker *worker)
{
    size_t count = (size_t)worker->scan.marks + 16;
    if (worker->position_capacity >= count)
        return;
    free(worker->positions);
    worker->position_capacity = count + count / 4;
    worker->positions = mem_alloc(worker->position_capacity * sizeof *worker->positions);
}

/* A row may have millions of surplus fields: all but the first of them become one, so that their places take
 * no memory. */
static void thin_structure(const struct csv_reader *reader, struct csv_worker *worker)
{
    size_t column = 0;
    for (size_t word = 0; word * 64 < worker->scan.end; word++) {
        for (uint64_t bits = worker->structure[word]; bits; bits &= bits - 1) {
            size_t at = word * 64 + (size_t)__builtin_ctzll(bits);
            if (at >= worker->scan.end)
                return;
            if (worker->text[at] == reader->dialect.newline) {
                column = 0;
            } else if (column++ > reader->fields) {
                worker->structure[word] &= ~(UINT64_C(1) << (at % 64));
                worker->scan.marks--;
            }
        }
    }
}

void csv_locate(const struct csv_reader *reader, struct csv_worker *worker, const uint32_t **starts,
                const uint32_t **ends)
{
    worker->thinned = worker->scan.marks > POSITIONS_LIMIT;
    if (worker->thinned)
        thin_structure(reader, worker);
    csv_reserve_positions(worker);
    worker->positions[0] = 0;
    size_t count = csv_positions(worker->structure, worker->scan.end, worker->positions + 1);
    if (is_regular(reader, worker, count)) {
        *starts = worker->positions;
        *ends = worker->positions + 1;
        return;
    }
    locate_ragged(reader, worker, count);
    *starts = worker->starts;
    *ends = worker->ends;
}

static struct cells column_cells(const struct csv_reader *reader, const struct csv_worker *worker,
                                 const uint32_t *starts, const uint32_t *ends, size_t column)
{
    return (struct cells){.text = worker->text,
                          .starts = starts + column,
                          .ends = ends + column,
                          .stride = reader->fields,
                          .rows = worker->rows,
                          .quote = reader->dialect.quote,
                          .nulls = reader->nulls[column]};
}

static struct table_finding cell_finding(const struct csv_worker *worker, const struct csv_reader *reader,
                                         const struct cells *cells, enum table_finding_kind kind,
                                         size_t column, size_t row)
{
    struct table_finding finding = {.kind = kind,
                                    .file = worker->file,
                                    .column = (int)column,
                                    .row = worker->file_row + row + 1,
                                    .byte = worker->byte + (cells->starts - column)[row * reader->fields]};
    cells_text(cells, row, finding.text, sizeof finding.text);
    return finding;
}

static void note_bad_cells(struct csv_worker *worker, const struct csv_reader *reader,
                           const struct cells *cells, size_t column, const struct column *decoded)
{
    uint32_t noted = 0;
    for (size_t row = 0; row < worker->rows && noted < FINDINGS_KEPT; row++) {
        if (!column_is_bad(decoded, row))
            continue;
        struct table_finding finding = cell_finding(worker, reader, cells, FINDING_BAD_CELL, column, row);
        worker_note(&worker->base, &finding);
        noted++;
    }
    worker->base.findings.counts[FINDING_BAD_CELL] += decoded->bad_count - noted;
}

/* True when the field breaks the rules of quotes. */
static bool has_stray_quote(const char *text, size_t length, char quote)
{
    if (length == 0 || text[0] != quote)
        return memchr(text, quote, length) != NULL;
    size_t i = 1;
    while (i < length) {
        if (text[i] != quote) {
            i++;
        } else if (i + 1 < length && text[i + 1] == quote) {
            i += 2;
        } else {
            return i + 1 != length;
        }
    }
    return false;
}

static bool has_bad_utf8(const char *text, size_t length, char quote)
{
    (void)quote;
    return !text_is_utf8(text, length, NULL);
}

/* Looks at every cell of a block in which something was found. */
static void note_cells(struct csv_worker *worker, const struct csv_reader *reader, const uint32_t *starts,
                       const uint32_t *ends, enum table_finding_kind kind,
                       bool (*found)(const char *text, size_t length, char quote))
{
    for (size_t row = 0; row < worker->rows; row++)
        for (size_t column = 0; column < reader->fields; column++) {
            struct cells cells = column_cells(reader, worker, starts, ends, column);
            size_t at = row * reader->fields + column;
            int32_t length = (int32_t)(ends[at] - starts[at]) - 1;
            if (length <= 0 || !found(worker->text + starts[at], (size_t)length, reader->dialect.quote))
                continue;
            struct table_finding finding = cell_finding(worker, reader, &cells, kind, column, row);
            worker_note(&worker->base, &finding);
        }
}

static void reserve_stores(struct csv_worker *worker, size_t fields)
{
    if (worker->store_count >= fields)
        return;
    worker->stores = mem_realloc(worker->stores, fields * sizeof *worker->stores);
    worker->columns = mem_realloc(worker->columns, fields * sizeof *worker->columns);
    memset(worker->stores + worker->store_count, 0, (fields - worker->store_count) * sizeof *worker->stores);
    worker->store_count = fields;
}

bool csv_emit(struct table *table, struct csv_worker *worker, const uint32_t *starts, const uint32_t *ends,
              const struct emit *emit)
{
    const struct csv_reader *reader = table->reader;
    if (!worker->scan.ascii && !text_is_utf8(worker->text, worker->scan.end, NULL))
        note_cells(worker, reader, starts, ends, FINDING_BAD_UTF8, has_bad_utf8);
    reserve_stores(worker, reader->fields);
    for (size_t c = 0; c < reader->fields; c++) {
        struct cells cells = column_cells(reader, worker, starts, ends, c);
        const struct column_schema *schema = &table->columns[c];
        cells_decode(&cells, schema, table->needs[c], &worker->stores[c], &worker->columns[c]);
        if (worker->columns[c].bad_count == 0)
            continue;
        if (!schema->declared) {
            table_widen(table);
            return true;
        }
        note_bad_cells(worker, reader, &cells, c, &worker->columns[c]);
    }
    struct chunk chunk = {.index = worker->index,
                          .first_row = worker->row,
                          .rows = worker->rows,
                          .file = worker->file,
                          .file_row = worker->file_row,
                          .columns = worker->columns};
    emit->chunk(emit->state, &chunk);
    return true;
}

bool csv_decode(struct table *table, struct worker *base, const struct emit *emit, struct data_error *error)
{
    struct csv_worker *worker = (struct csv_worker *)base;
    const struct csv_reader *reader = table->reader;
    const uint32_t *starts, *ends;
    (void)error;
    csv_locate(reader, worker, &starts, &ends);
    if (worker->scan.irregular)
        note_cells(worker, reader, starts, ends, FINDING_STRAY_QUOTE, has_stray_quote);
    return csv_emit(table, worker, starts, ends, emit);
}

bool csv_infer(struct table *table, struct worker *base, struct data_error *error)
{
    (void)error;
    struct csv_worker *worker = (struct csv_worker *)base;
    struct csv_reader *reader = table->reader;
    const uint32_t *starts, *ends;
    csv_locate(reader, worker, &starts, &ends);
    for (size_t c = 0; c < reader->fields; c++) {
        struct cells cells = column_cells(reader, worker, starts, ends, c);
        struct inference inference = {0};
        if (table->columns[c].declared)
            continue;
        cells_infer(&cells, &inference);
        pthread_mutex_lock(&table->lock);
        infer_merge(&reader->inference[c], &inference);
        pthread_mutex_unlock(&table->lock);
    }
    return true;
}
