/* Requirements of a gate: slices, joined conditions, comparisons with a champion that is not there yet. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "compiler/compilation.h"
#include "compiler/passes.h"
#include "core/documents/json.h"
#include "runtime/gate.h"

static const char METRICS[] =
    "{\"accuracy\": 0.95, \"f1\": 0.9, \"accuracy.by.species.setosa\": 0.99, "
    "\"accuracy.by.species.virginica\": 0.7, \"f1.by\": {\"species\": {\"setosa\": 0.8}}}";

struct verdict_of {
    struct compilation *compilation;
    struct verdict verdict;
};

/* The verdict about one `require`. */
static struct verdict_of decide(const char *requirement, const char *metrics, const char *champion)
{
    struct compilation *c = compilation_new();
    assert_true(load_library(c, false));
    const char *text =
        arena_printf(c->arena,
                     "project p { owner = \"a\" }\n"
                     "dataset d { path = \"d.csv\", column species: string }\n"
                     "model m { data = d, step t { run = \"t\", metrics = \"m\" }\n  gate { require %s } }\n",
                     requirement);
    load_text(c, "gate.mlc", text, strlen(text));
    assert_true(compile(c, NULL));
    const char *why = NULL;
    struct gate_input input = {
        .gate = graph_find(c->graph, "model/m.gate"),
        .metrics = json_read_text(c->arena, metrics, strlen(metrics), &why),
        .champion_metrics = champion ? json_read_text(c->arena, champion, strlen(champion), &why) : NULL};
    assert_non_null(input.gate);
    struct vec verdicts = vec_in(c->arena);
    bool all = gate_decide(c->arena, &input, &verdicts);
    assert_int_equal(verdicts.count, 1);
    struct verdict_of result = {c, *(struct verdict *)verdicts.items[0]};
    assert_int_equal(all, result.verdict.holds);
    return result;
}

static const struct {
    const char *requirement;
    bool holds, vacuous;
    const char *champion;
    const char *found; /* a part of what is shown: found or why */
} CASES[] = {
    {"accuracy >= 0.9", true, false, NULL, "0.95"},
    {"accuracy.by(species) >= 0.8", false, false, NULL, "0.7 for virginica, the worst of 2"},
    {"accuracy.by(species) >= 0.7", true, false, NULL, "0.7 for virginica"},
    {"f1.by(species) >= 0.8", true, false, NULL, "0.8 for setosa"},
    {"precision.by(species) >= 0.8", false, false, NULL, "no `precision.by.species.VALUE`"},
    {"min(accuracy.by(species)) >= 0.8", false, false, NULL, "0.7"},
    {"max(accuracy.by(species)) >= 0.99", true, false, NULL, "0.99"},
    {"max(accuracy.by(species)) - min(accuracy.by(species)) <= 30%", true, false, NULL, "0.29"},
    {"max(accuracy.by(species)) - min(accuracy.by(species)) <= 20%", false, false, NULL, "0.29"},
    {"min(precision.by(species)) >= 0.8", false, false, NULL, "no `precision.by.species.VALUE`"},
    /* slices inside of joined conditions are slices too */
    {"accuracy >= 0.9 and accuracy.by(species) >= 0.8", false, false, NULL, "0.7 for virginica"},
    {"accuracy.by(species) >= 0.8 and accuracy >= 0.9", false, false, NULL, "0.7 for virginica"},
    {"accuracy >= 0.9 and accuracy.by(species) >= 0.6", true, false, NULL, "0.95"},
    {"accuracy >= 0.99 or accuracy.by(species) >= 0.6", true, false, NULL, "0.7 for virginica"},
    {"accuracy >= 0.99 or accuracy.by(species) >= 0.8", false, false, NULL, "0.95"},
    {"not accuracy.by(species) < 0.6", true, false, NULL, ""},
    {"not precision < 0.5", false, false, NULL, "no `precision`"},
    {"not (precision < 0.5 or accuracy < 0.5)", false, false, NULL, "no `precision`"},
    {"precision >= 0.5 or accuracy >= 0.5", true, false, NULL, "0.95"},
    /* without a champion the absolute half decides */
    {"accuracy >= 0.99 and no_worse(accuracy, than: champion)", false, false, NULL, "0.95"},
    {"accuracy >= 0.9 and no_worse(accuracy, than: champion)", true, true, NULL, "no champion"},
    {"accuracy >= 0.9 and accuracy >= champion.accuracy", true, true, NULL, "no champion"},
    {"accuracy >= 0.9 and no_worse(accuracy, than: champion)", false, false, "{\"accuracy\": 0.96}", "0.95"},
    {"accuracy >= 0.9 and no_worse(accuracy, than: champion, by: 2%)", true, false, "{\"accuracy\": 0.96}",
     "0.95"},
};

static void requirements_are_decided(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct verdict_of of = decide(CASES[i].requirement, METRICS, CASES[i].champion);
        const struct verdict *verdict = &of.verdict;
        const char *shown = verdict->why != NULL     ? verdict->why
                            : verdict->found != NULL ? verdict->found
                                                     : "";
        if (verdict->holds != CASES[i].holds || verdict->vacuous != CASES[i].vacuous ||
            strstr(shown, CASES[i].found) == NULL)
            fail_msg("%s: holds %d, vacuous %d, %s", CASES[i].requirement, verdict->holds, verdict->vacuous,
                     shown);
        compilation_free(of.compilation);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requirements_are_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
