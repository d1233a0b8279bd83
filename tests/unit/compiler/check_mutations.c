/* Planted mistakes over the templates and over specs: the share that the checker catches, and on which line.
 * The floors are what a trial of the checker reached: 1,134 of 1,209 in templates, 662 of 676 in specs. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "compiler/embedded.h"
#include "compiler/passes.h"
#include "core/diag_print.h"
#include "core/file.h"
#include "core/text.h"
#include "tests/unit/compiler/mutations.h"
#include "tests/unit/compiler/published_schemas.h"

/* With the sanitizers a compilation takes ten times as long: a sample will do, with a floor of its own. The
 * templates' mistakes are many: every fourth, unless MLC_MUTATIONS asks for all. */
#ifdef MLC_PURIFY
enum { SAMPLED = 1, EVERY_SPEC = 16, EVERY_TEMPLATE = 16 };
#else
enum { SAMPLED = 0, EVERY_SPEC = 1, EVERY_TEMPLATE = 4 };
#endif

static size_t every_template(void)
{
    return getenv("MLC_MUTATIONS") != NULL ? 1 : EVERY_TEMPLATE;
}

/* `floor_caught` of `floor_planted` is what must be caught at least. */
static void assert_floor(size_t planted, size_t caught, size_t floor_planted, size_t floor_caught)
{
    if (SAMPLED)
        assert_true(caught * 100 >= planted * 92);
    else
        assert_true(caught * floor_planted >= planted * floor_caught);
}

struct score {
    size_t planted[RULE_COUNT], caught[RULE_COUNT], on_line[RULE_COUNT];
};

static void add_file(struct compilation *c, enum source_role role, const char *path, const char *text)
{
    const struct source *source = source_add(c->sources, role, path, text, strlen(text));
    vec_push(&c->files, parse_source(c->arena, source, (struct parse_limits){0}, c->diags));
}

/* What else is embedded (examples) is no part of the library. */
static bool is_language(const struct embedded_file *file)
{
    return text_starts_with(file->path, "stdlib/") ||
           (text_starts_with(file->path, "backends/") && text_ends_with(file->path, ".mlc"));
}

/* The library and the backends, one file of which may be replaced. */
static struct compilation *load_with(const char *path, const char *text)
{
    struct compilation *c = compilation_new();
    for (unsigned i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        if (!is_language(file))
            continue;
        enum source_role role = text_starts_with(file->path, "backends/") ? SOURCE_BACKEND : SOURCE_LIBRARY;
        bool replaced = path != NULL && strcmp(path, file->path) == 0;
        add_file(c, role, file->path, replaced ? text : file->text);
    }
    return c;
}

static bool on_the_line(const struct compilation *c, const char *path, uint32_t line)
{
    for (size_t i = 0; i < diag_count(c->diags); i++) {
        const struct diag *diag = diag_at(c->diags, i);
        const struct source *source = source_of(c->sources, diag->primary.span.source);
        if (diag->severity == DIAG_ERROR && source != NULL && strcmp(source->path, path) == 0 &&
            source_position(source, diag->primary.span.start).line == line)
            return true;
    }
    return false;
}

static void note(struct score *score, const struct mutation *mutation, const struct compilation *c,
                 const struct source *source)
{
    uint32_t line = source_position(source, mutation->span.start).line;
    bool caught = diag_error_count(c->diags) > 0;
    score->planted[mutation->rule]++;
    score->caught[mutation->rule] += caught;
    score->on_line[mutation->rule] += caught && on_the_line(c, source->path, line);
    if (!caught && getenv("MLC_SURVIVORS") != NULL)
        print_message("%s:%u: %s: %.*s -> %s\n", source->path, line, rule_names[mutation->rule],
                      (int)(mutation->span.end - mutation->span.start), source->text + mutation->span.start,
                      mutation->text);
}

static void print_score(const char *what, const struct score *score, size_t *planted, size_t *caught)
{
    size_t line = 0;
    *planted = *caught = 0;
    for (int i = 0; i < RULE_COUNT; i++) {
        if (score->planted[i] == 0)
            continue;
        print_message("%s: %-14s planted %4zu, caught %4zu, on the line %4zu\n", what, rule_names[i],
                      score->planted[i], score->caught[i], score->on_line[i]);
        *planted += score->planted[i];
        *caught += score->caught[i];
        line += score->on_line[i];
    }
    print_message("%s: all            planted %4zu, caught %4zu, on the line %4zu\n", what, *planted, *caught,
                  line);
}

static void mutate_template(struct score *score, const struct embedded_file *file, size_t *place,
                            const struct document_schemas *schemas)
{
    struct arena *arena = arena_new();
    struct source source = {.id = 1,
                            .role = SOURCE_BACKEND,
                            .path = file->path,
                            .text = file->text,
                            .length = (uint32_t)file->length};
    struct diag_sink *diags = diag_sink_new(arena, 0);
    bool documents = schemas != NULL && text_starts_with(file->path, "backends/kubernetes/");
    struct planting planting = {.arena = arena, .source = &source, .template = true, .documents = documents};
    plant_file(&planting, parse_source(arena, &source, (struct parse_limits){0}, diags));
    for (size_t i = 0; i < planting.count; i++) {
        if ((*place)++ % every_template() != 0)
            continue;
        char *text = mutated(&source, &planting.list[i]);
        struct compilation *c = load_with(file->path, text);
        declare(c);
        check_library(c);
        if (schemas != NULL && diag_error_count(c->diags) == 0)
            check_documents(c, schemas);
        note(score, &planting.list[i], c, &source);
        compilation_free(c);
        free(text);
    }
    free(planting.list);
    arena_free(arena);
}

/* Without a planted mistake there is none. */
static void assert_clean(struct compilation *c)
{
    struct buf out = {0};
    if (diag_error_count(c->diags) > 0)
        diag_print_text(&out, c->diags, c->sources, (struct diag_style){0});
    print_message("%s", buf_str(&out));
    buf_free(&out);
    assert_int_equal(diag_error_count(c->diags), 0);
    compilation_free(c);
}

static void test_templates(void **state)
{
    (void)state;
    struct score score = {0};
    size_t place = 0, planted, caught;
    struct compilation *sound = load_with(NULL, NULL);
    declare(sound);
    check_library(sound);
    struct published published;
    bool shared = published_load(&published);
    const struct document_schemas schemas = {&published, published_find};
    if (shared)
        check_documents(sound, &schemas);
    else
        print_message("SKIP: mistakes in the fields of documents: no schemas in MLC_SHARED\n");
    assert_clean(sound);
    for (unsigned i = 0; i < embedded_file_count; i++)
        if (text_starts_with(embedded_files[i].path, "backends/") && is_language(&embedded_files[i]))
            mutate_template(&score, &embedded_files[i], &place, shared ? &schemas : NULL);
    print_score("templates", &score, &planted, &caught);
    arena_free(published.arena);
    assert_true(planted * every_template() >= 1209);
    assert_floor(planted, caught, 1209, 1134);
}

/* ---- specs */

static const char *const folders[] = {"examples/iris",
                                      "examples/specs/beginner",
                                      "examples/specs/intermediate",
                                      "examples/specs/advanced",
                                      "examples/specs/made-with-ml",
                                      "examples/specs/get-started",
                                      "examples/specs/azure-mlops",
                                      "examples/specs/sagemaker",
                                      "examples/specs/zoomcamp",
                                      "examples/specs/rollouts-demo"};

static struct compilation *load_spec(const struct compilation *sound, const struct source *changed,
                                     const char *text)
{
    struct compilation *c = compilation_new();
    assert_true(load_library(c, false));
    for (size_t i = 0; i < sound->files.count; i++) {
        const struct source *source = ((const struct ast_file *)sound->files.items[i])->source;
        if (source->role == SOURCE_USER)
            add_file(c, SOURCE_USER, source->path, source == changed ? text : source->text);
    }
    return c;
}

static void mutate_spec(struct score *score, const struct compilation *sound, const struct ast_file *file,
                        size_t *place)
{
    struct planting planting = {.arena = sound->arena, .source = file->source};
    struct compilation *clean = load_spec(sound, NULL, NULL);
    compile(clean, NULL);
    assert_clean(clean);
    plant_file(&planting, file);
    for (size_t i = 0; i < planting.count; i++) {
        if ((*place)++ % EVERY_SPEC != 0)
            continue;
        char *text = mutated(file->source, &planting.list[i]);
        struct compilation *c = load_spec(sound, file->source, text);
        compile(c, NULL);
        note(score, &planting.list[i], c, file->source);
        compilation_free(c);
        free(text);
    }
    free(planting.list);
}

static void test_specs(void **state)
{
    (void)state;
    struct score score = {0};
    size_t place = 0, planted, caught;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        struct compilation *sound = compilation_new();
        assert_true(load_project(sound, folders[i]));
        for (size_t f = 0; f < sound->files.count; f++)
            mutate_spec(&score, sound, sound->files.items[f], &place);
        compilation_free(sound);
    }
    print_score("specs", &score, &planted, &caught);
    assert_true(planted * EVERY_SPEC >= 676);
    assert_floor(planted, caught, 676, 662);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_specs),
    };
    return cmocka_run_group_tests_name("planted mistakes", tests, NULL, NULL);
}
