#include "backends/github/github.h"

#include <string.h>
#include "backends/report.h"
#include "core/text.h"

bool github_is_workflow(const char *path)
{
    return text_starts_with(path, ".github/workflows/");
}

static bool write_file(struct compilation *compilation, const struct generated *file, struct buf *out)
{
    if (!text_starts_with(file->path, ".github/"))
        return write_by_extension(compilation, file, out);
    struct generated finished = *file;
    finished.documents = vec_in(compilation->arena);
    for (size_t i = 0; i < file->documents.count; i++) {
        const struct value *document = github_finish(compilation, file->documents.items[i]);
        if (!document)
            return false;
        vec_push(&finished.documents, (void *)document);
    }
    if (!write_by_extension(compilation, &finished, out))
        return false;
    if (!github_is_workflow(file->path) || out->length <= 500 * 1000)
        return true;
    report_at(compilation, DIAG_BUILD_SIZE, file->node ? file->node->origin : file->origin,
              "the workflow `%s` has %zu KB, and GitHub takes 500 KB", file->path, out->length / 1000);
    return false;
}

static struct part *part_new(struct compilation *compilation, const char *kind, const char *name,
                             const struct value *value)
{
    struct part *part = arena_alloc(compilation->arena, sizeof *part);
    *part = (struct part){kind, name, value, NULL};
    return part;
}

/* `workflow`: the whole document; `job`: each of its jobs, by id. */
static void push_parts(struct compilation *compilation, const struct generated *file,
                       const struct value *document, struct vec *parts)
{
    if (!github_is_workflow(file->path) || document->kind != VALUE_RECORD)
        return;
    vec_push(parts,
             part_new(compilation, "workflow", value_string_or(value_get(document, "name"), ""), document));
    const struct value *jobs = value_get(document, "jobs");
    for (size_t i = 0; jobs && jobs->kind == VALUE_RECORD && i < jobs->field_count; i++)
        vec_push(parts, part_new(compilation, "job", jobs->fields[i].key, jobs->fields[i].value));
}

/* Texts of `extra` are GitHub's own language: what stands in ${{ }} there is an expression as it is. */
static const struct value *accept_text(struct compilation *compilation, const struct value *text)
{
    struct arena *arena = compilation->arena;
    struct list_builder pieces = list_begin(arena);
    const char *at = text->text, *end = text->text + text->length;
    for (const char *open; (open = memmem(at, (size_t)(end - at), "${{", 3));) {
        const char *close = memmem(open, (size_t)(end - open), "}}", 2);
        if (!close)
            break;
        const char *from = open + 3, *to = close;
        while (from < to && *from == ' ')
            from++;
        while (to > from && to[-1] == ' ')
            to--;
        if (open > at)
            list_add(&pieces, value_string_n(arena, at, (size_t)(open - at), text->origin));
        const char *raw = arena_copy(arena, from, (size_t)(to - from));
        list_add(&pieces,
                 value_expression(arena, expr_name(arena, "github", raw, text->origin), text->origin));
        at = close + 2;
    }
    if (!pieces.count)
        return text;
    if (at < end)
        list_add(&pieces, value_string_n(arena, at, (size_t)(end - at), text->origin));
    return pieces.count == 1 ? pieces.items[0] : value_text(arena, pieces.items, pieces.count, text->origin);
}

/* When what runs, who approves it and what it may do is the spec's to say. */
static const char *const sealed[] = {
    "workflow.on",     "workflow.jobs",   "workflow.permissions",  "job.needs", "job.if",
    "job.environment", "job.permissions", "job.continue-on-error", NULL};

const struct backend backend_github = {
    .name = "github",
    .summary = "GitHub Actions: workflows that train and deliver, an action that installs what they need",
    .write = write_file,
    .check = github_check,
    .parts = push_parts,
    .sealed = sealed,
    .accept = accept_text,
};
