#ifndef MLC_TESTS_UNIT_COMPILER_GRAPH_SUPPORT_H
#define MLC_TESTS_UNIT_COMPILER_GRAPH_SUPPORT_H

/* Compiles a text with the library for a test of the graph. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compiler/compilation.h"
#include "compiler/evaluate.h"
#include "compiler/graph.h"
#include "compiler/passes.h"
#include "core/diag_print.h"

/* A compilation of `text` through the passes that make and verify the graph. The checker has tests of its
 * own: what it refuses does not reach the evaluator, which must be sound alone. */
static inline struct compilation *compile_text(const char *text)
{
    struct compilation *compilation = compilation_new();
    assert_true(load_library(compilation, false));
    assert_true(load_text(compilation, "spec.mlc", text, strlen(text)));
    void (*const run[])(struct compilation *) = {declare, pass_build, pass_evaluate, pass_verify};
    for (size_t i = 0; i < sizeof run / sizeof *run && diag_error_count(compilation->diags) == 0; i++)
        run[i](compilation);
    return compilation;
}

/* Fails, with the diagnostics on standard error, when anything was reported. */
static inline struct compilation *compile_sound(const char *text)
{
    struct compilation *compilation = compile_text(text);
    if (diag_count(compilation->diags) > 0) {
        struct buf out = {0};
        diag_print_text(&out, compilation->diags, compilation->sources, (struct diag_style){0});
        fputs(buf_str(&out), stderr);
        buf_free(&out);
    }
    assert_int_equal(diag_count(compilation->diags), 0);
    return compilation;
}

/* The text gives exactly one error of this code, with `words` in its message, notes or help, at line `line`.
 */
static inline void assert_refused(const char *text, enum diag_code code, uint32_t line, const char *words)
{
    struct compilation *compilation = compile_text(text);
    struct buf out = {0};
    diag_print_text(&out, compilation->diags, compilation->sources, (struct diag_style){0});
    if (diag_count(compilation->diags) != 1 || diag_at(compilation->diags, 0)->code != code ||
        !strstr(buf_str(&out), words))
        fail_msg("expected one error %d with `%s`, found:\n%s", (int)code, words, buf_str(&out));
    const struct diag *diag = diag_at(compilation->diags, 0);
    const struct source *source = source_of(compilation->sources, diag->primary.span.source);
    assert_non_null(source);
    assert_string_equal(source->path, "spec.mlc");
    assert_int_equal(source_position(source, diag->primary.span.start).line, line);
    buf_free(&out);
    compilation_free(compilation);
}

static inline struct node *node_at(struct compilation *compilation, const char *id)
{
    struct node *node = graph_find(compilation->graph, id);
    if (!node)
        fail_msg("there is no node `%s`", id);
    return node;
}

/* The canonical text of an attribute's value. */
static inline void assert_value(struct compilation *compilation, const char *id, const char *attribute,
                                const char *expected)
{
    struct buf out = {0};
    const struct value *value = node_get(node_at(compilation, id), attribute);
    assert_non_null(value);
    if (value->kind == VALUE_NODE)
        buf_add_str(&out, value->node->id);
    else if (value->kind == VALUE_LIST && value->count && value->items[0]->kind == VALUE_NODE)
        for (size_t i = 0; i < value->count; i++)
            buf_printf(&out, "%s%s", i ? " " : "", value->items[i]->node->id);
    else
        value_print(&out, value);
    assert_string_equal(buf_str(&out), expected);
    buf_free(&out);
}

#endif
