/* References and limits of finished workflows: what no type of a document can show. */

#include <string.h>
#include "backends/github/github.h"
#include "backends/report.h"
#include "core/text.h"

enum { MATRIX_LIMIT = 256, JOB_NAME_LIMIT = 100 };

struct workflow {
    struct compilation *compilation;
    const struct generated *file;
    const struct vec *files;
    const struct value *jobs;
    const char *job;   /* the one being checked; NULL outside of jobs */
    struct map *needs; /* of that job */
    struct map *steps; /* ids of its steps: const struct value * */
};

static const struct value *job_of(const struct workflow *workflow, const char *id)
{
    return workflow->jobs ? value_get(workflow->jobs, id) : NULL;
}

static struct diag *nearest_job(const struct workflow *workflow, struct diag *diag, const char *id)
{
    struct map *names = map_new(workflow->compilation->arena);
    for (size_t i = 0; i < workflow->jobs->field_count; i++)
        map_set(names, workflow->jobs->fields[i].key, NULL);
    const char *near = map_nearest(names, id);
    if (near)
        diag_help(diag, "there is a job with a similar name: `%s`", near);
    return diag;
}

static void check_need(struct workflow *workflow, const struct value *need)
{
    const char *id = value_string_or(need, NULL);
    if (!id)
        return;
    if (job_of(workflow, id)) {
        map_set(workflow->needs, id, (void *)need);
        return;
    }
    nearest_job(workflow,
                report_at(workflow->compilation, DIAG_BUILD_REFERENCE, need->origin,
                          "job `%s` of `%s` needs the job `%s`, which nothing makes", workflow->job,
                          workflow->file->path, id),
                id);
}

/* The fields after a context's name, from the outside in: needs . check . outputs . retrain. */
static size_t context_path(const struct expr *expr, const char **root, const char **names, size_t room)
{
    size_t count = 0;
    const char *reversed[8];
    while ((expr->kind == EXPR_FIELD || (expr->kind == EXPR_INDEX && expr->args[1]->kind == EXPR_LITERAL)) &&
           count < 8) {
        const char *name =
            expr->kind == EXPR_FIELD ? expr->name : value_string_or(expr->args[1]->value, NULL);
        if (!name)
            return 0;
        reversed[count++] = name;
        expr = expr->args[0];
    }
    if (expr->kind != EXPR_NAME)
        return 0;
    *root = expr->name;
    for (size_t i = 0; i < count && i < room; i++)
        names[i] = reversed[count - 1 - i];
    return count;
}

static void check_needs_context(struct workflow *workflow, const struct expr *expr, const char **names,
                                size_t count)
{
    const struct value *job = job_of(workflow, names[0]);
    if (!workflow->needs || !map_has(workflow->needs, names[0])) {
        report_at(workflow->compilation, DIAG_BUILD_REFERENCE, expr->origin,
                  "job `%s` of `%s` reads `needs.%s`, but does not need that job",
                  workflow->job ? workflow->job : "", workflow->file->path, names[0]);
        return;
    }
    const struct value *outputs = job ? value_get(job, "outputs") : NULL;
    if (count < 3 || strcmp(names[1], "outputs") || (outputs && value_get(outputs, names[2])))
        return;
    struct diag *diag =
        report_at(workflow->compilation, DIAG_BUILD_REFERENCE, expr->origin,
                  "job `%s` of `%s` has no output `%s`", names[0], workflow->file->path, names[2]);
    if (job)
        report_other(workflow->compilation, diag, job->origin, "the job is made for this");
}

static void check_expression(struct workflow *workflow, const struct expr *expr)
{
    const char *root, *names[8];
    size_t count = context_path(expr, &root, names, 8);
    if (count && !strcmp(root, "needs") && workflow->jobs)
        check_needs_context(workflow, expr, names, count);
    else if (count && !strcmp(root, "steps") && workflow->steps && !map_has(workflow->steps, names[0]))
        report_at(workflow->compilation, DIAG_BUILD_REFERENCE, expr->origin,
                  "job `%s` of `%s` reads `steps.%s`, and has no step of that id", workflow->job,
                  workflow->file->path, names[0]);
    if (count)
        return;
    for (size_t i = 0; i < expr->arg_count; i++)
        check_expression(workflow, expr->args[i]);
}

static void check_expressions(struct workflow *workflow, const struct value *value)
{
    switch ((enum value_kind)value->kind) {
    case VALUE_EXPRESSION:
        check_expression(workflow, value->expr);
        return;
    case VALUE_TEXT:
    case VALUE_LIST:
        for (size_t i = 0; i < value->count; i++)
            check_expressions(workflow, value->items[i]);
        return;
    case VALUE_RECORD:
        for (size_t i = 0; i < value->field_count; i++)
            check_expressions(workflow, value->fields[i].value);
        return;
    default:
        return;
    }
}

static bool is_made(const struct workflow *workflow, const char *path)
{
    for (size_t i = 0; i < workflow->files->count; i++)
        if (!strcmp(((const struct generated *)workflow->files->items[i])->path, path))
            return true;
    return false;
}

/* `uses: ./.github/actions/mlc` must be generated too. */
static void check_local_action(struct workflow *workflow, const struct value *step)
{
    const struct value *uses = value_get(step, "uses");
    const char *path = value_string_or(uses, NULL);
    if (!path || !text_starts_with(path, "./.github/actions/"))
        return;
    struct arena *arena = workflow->compilation->arena;
    if (!is_made(workflow, arena_printf(arena, "%s/action.yml", path + 2)))
        report_at(workflow->compilation, DIAG_BUILD_REFERENCE, uses->origin,
                  "`%s` uses `%s`, which nothing makes", workflow->file->path, path);
}

static void read_steps(struct workflow *workflow, const struct value *job)
{
    const struct value *steps = value_get(job, "steps");
    for (size_t i = 0; steps && steps->kind == VALUE_LIST && i < steps->count; i++) {
        const struct value *step = steps->items[i];
        const struct value *id = value_get(step, "id");
        check_local_action(workflow, step);
        if (!value_string_or(id, NULL))
            continue;
        const struct value *earlier = map_get(workflow->steps, id->text);
        if (earlier) {
            struct diag *diag = report_at(workflow->compilation, DIAG_BUILD_TWO_OBJECTS, id->origin,
                                          "two steps of job `%s` in `%s` have the id `%s`", workflow->job,
                                          workflow->file->path, id->text);
            report_other(workflow->compilation, diag, earlier->origin, "the other step");
        }
        map_set(workflow->steps, id->text, (void *)id);
    }
}

static void check_matrix(struct workflow *workflow, const struct value *job)
{
    const struct value *matrix = value_path(job, "strategy", "matrix", NULL);
    size_t jobs = 1;
    if (!matrix || matrix->kind != VALUE_RECORD)
        return;
    for (size_t i = 0; i < matrix->field_count; i++)
        if (matrix->fields[i].value->kind == VALUE_LIST && strcmp(matrix->fields[i].key, "include") &&
            strcmp(matrix->fields[i].key, "exclude") && jobs <= MATRIX_LIMIT)
            jobs *= matrix->fields[i].value->count;
    if (jobs > MATRIX_LIMIT)
        report_at(workflow->compilation, DIAG_BUILD_SIZE, matrix->origin,
                  "the matrix of job `%s` makes more than %d jobs, and GitHub takes %d", workflow->job,
                  MATRIX_LIMIT, MATRIX_LIMIT);
}

static void check_job_name(struct workflow *workflow, const struct field *job)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";
    const char *id = job->key;
    if (*id && strchr(letters, *id) && strspn(id, rest) == strlen(id) && strlen(id) <= JOB_NAME_LIMIT)
        return;
    struct diag *diag = report_at(workflow->compilation, DIAG_BUILD_NAME, job->value->origin,
                                  "`%s` cannot be the id of a job of GitHub", id);
    diag_help(diag,
              "letters, digits, `-` and `_`, a letter first, at most %d characters: rename what the job is "
              "made for",
              JOB_NAME_LIMIT);
}

static void check_job(struct workflow *workflow, const struct field *job)
{
    workflow->job = job->key;
    workflow->needs = map_new(workflow->compilation->arena);
    workflow->steps = map_new(workflow->compilation->arena);
    check_job_name(workflow, job);
    const struct value *needs = value_get(job->value, "needs");
    if (needs && needs->kind == VALUE_LIST)
        for (size_t i = 0; i < needs->count; i++)
            check_need(workflow, needs->items[i]);
    else if (needs)
        check_need(workflow, needs);
    read_steps(workflow, job->value);
    check_matrix(workflow, job->value);
    check_expressions(workflow, job->value);
}

/* Jobs that wait for each other never start, and GitHub refuses the file. Colours: 1 running, 2 done. */
static bool waits_for_itself(const struct workflow *workflow, const char *id, struct map *colours, int depth)
{
    static const char running = 1, done = 2;
    const char *colour = map_get(colours, id);
    if (colour)
        return *colour == running;
    if (depth > 1000)
        return false;
    map_set(colours, id, (void *)&running);
    const struct value *job = job_of(workflow, id), *needs = job ? value_get(job, "needs") : NULL;
    bool found = false;
    if (needs && needs->kind == VALUE_LIST)
        for (size_t i = 0; i < needs->count && !found; i++)
            found = waits_for_itself(workflow, value_string_or(needs->items[i], ""), colours, depth + 1);
    else if (value_string_or(needs, NULL))
        found = waits_for_itself(workflow, needs->text, colours, depth + 1);
    map_set(colours, id, (void *)&done);
    return found;
}

static void check_workflow(struct compilation *compilation, const struct vec *files,
                           const struct generated *file, const struct value *document)
{
    struct workflow workflow = {.compilation = compilation, .file = file, .files = files};
    workflow.jobs = value_get(document, "jobs");
    if (!workflow.jobs || workflow.jobs->kind != VALUE_RECORD)
        return;
    struct map *colours = map_new(compilation->arena);
    for (size_t i = 0; i < workflow.jobs->field_count; i++) {
        const struct field *job = &workflow.jobs->fields[i];
        check_job(&workflow, job);
        if (waits_for_itself(&workflow, job->key, colours, 0))
            report_at(compilation, DIAG_BUILD_REFERENCE, job->value->origin,
                      "job `%s` of `%s` waits for itself", job->key, file->path);
    }
}

void github_check(struct compilation *compilation, const struct vec *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct generated *file = files->items[i];
        for (size_t k = 0; github_is_workflow(file->path) && k < file->documents.count; k++)
            check_workflow(compilation, files, file, file->documents.items[k]);
    }
}
