/* mlc fix: applies the machine-applicable fixes of diagnostics, until none is left. */

#include <stdlib.h>
#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "core/file.h"

/* A mended file may show the next mistake; more rounds than this mean that two fixes undo each other. */
enum { MOST_ROUNDS = 10 };

static int by_place_descending(const void *left, const void *right)
{
    const struct diag_edit *a = *(const struct diag_edit *const *)left,
                           *b = *(const struct diag_edit *const *)right;
    if (a->span.source != b->span.source)
        return a->span.source < b->span.source ? -1 : 1;
    if (a->span.start != b->span.start)
        return a->span.start > b->span.start ? -1 : 1;
    return a->span.end > b->span.end ? -1 : a->span.end < b->span.end;
}

/* The edits of safe fixes in the user's files, last place first. */
static const struct diag_edit **collect_edits(const struct compilation *compilation, size_t *count)
{
    const struct diag_edit **edits = NULL;
    *count = 0;
    for (size_t i = 0; i < diag_count(compilation->diags); i++) {
        const struct diag *diag = diag_at(compilation->diags, i);
        for (size_t k = 0; diag->fix_is_safe && k < diag->edit_count; k++) {
            const struct source *source = source_of(compilation->sources, diag->edits[k].span.source);
            if (source == NULL || source->role != SOURCE_USER)
                continue;
            edits = mem_realloc(edits, (*count + 1) * sizeof *edits);
            edits[(*count)++] = &diag->edits[k];
        }
    }
    if (*count > 0)
        qsort(edits, *count, sizeof *edits, by_place_descending);
    return edits;
}

static void splice(struct buf *text, const struct diag_edit *edit)
{
    struct buf out = {0};
    buf_add(&out, text->data, edit->span.start);
    buf_add_str(&out, edit->replacement);
    buf_add(&out, text->data + edit->span.end, text->length - edit->span.end);
    buf_free(text);
    *text = out;
}

/* Applies the edits of one source, which stand last place first; overlapping ones wait for the next round. */
static size_t mend_source(struct cli *cli, const struct source *source, const struct diag_edit **edits,
                          size_t count)
{
    struct buf text = {0};
    buf_add(&text, source->text, source->length);
    size_t limit = source->length + 1, applied = 0;
    for (size_t i = 0; i < count; i++) {
        if (edits[i]->span.end > limit || edits[i]->span.start > edits[i]->span.end)
            continue;
        splice(&text, edits[i]);
        limit = edits[i]->span.start;
        applied++;
    }
    int code = file_write_atomic(source->path, buf_str(&text), text.length, 0644);
    buf_free(&text);
    if (code < 0) {
        fprintf(cli->err, "mlc: %s: %s\n", source->path, strerror(-code));
        return 0;
    }
    fprintf(cli->out, "%s: %zu fixed\n", source->path, applied);
    return applied;
}

static size_t mend_round(struct cli *cli, const struct compilation *compilation)
{
    size_t count, applied = 0;
    const struct diag_edit **edits = collect_edits(compilation, &count);
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && edits[end]->span.source == edits[i]->span.source)
            end++;
        applied +=
            mend_source(cli, source_of(compilation->sources, edits[i]->span.source), edits + i, end - i);
        i = end;
    }
    free(edits);
    return applied;
}

int cli_fix(struct cli *cli, int argc, char **argv)
{
    const struct option_spec options[] = {{0}};
    const struct options_page page = {
        "mlc fix [DIR]", "Applies the fixes of diagnostics that need no judgement.", options, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    const char *folder = count > 0 ? argv[1] : ".";
    for (int round = 0;; round++) {
        struct compilation *compilation = project_compile(cli, folder, NULL, false);
        size_t applied = round < MOST_ROUNDS ? mend_round(cli, compilation) : 0;
        if (applied == 0) {
            bool sound = project_report(cli, compilation, "text");
            compilation_free(compilation);
            return sound ? EXIT_OK : EXIT_FAILED;
        }
        compilation_free(compilation);
    }
}
