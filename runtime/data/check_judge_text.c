#include "runtime/data/check_engine.h"
#include "runtime/data/python_pattern.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/data/formats.h"

/* Judges of one column by its texts: patterns, formats, JSON Schema. A number is judged by its text. */

static void keep_texts(const struct column *column, size_t words, uint64_t *judged)
{
    for (size_t w = 0; w < words; w++)
        judged[w] &= column->valid[w] | (column->bad ? column->bad[w] : 0);
}

static void judge_patterns(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                           uint64_t *judged, uint64_t *unexpected)
{
    const struct column *column = &chunk->columns[check->columns[0]];
    size_t words = bitmap_words(chunk->rows);
    uint64_t *found = scratch->words[2], *all = scratch->words[3];
    bool negate = check->check->kind == CHECK_NOT_MATCHES || check->check->kind == CHECK_NOT_LIKE;
    bool every = check->check->match_all && !negate;
    keep_texts(column, words, judged);
    memset(all, every ? 0xFF : 0, words * 8);
    for (size_t i = 0; i < check->pattern_count; i++) {
        uint64_t row = pattern_test(check->patterns[i], scratch->pattern, column, chunk->rows, judged, found);
        scratch->undecided = row < scratch->undecided ? row : scratch->undecided;
        for (size_t w = 0; w < words; w++)
            all[w] = every ? all[w] & found[w] : all[w] | found[w];
    }
    for (size_t w = 0; w < words; w++)
        unexpected[w] = judged[w] & (negate ? all[w] : ~all[w]);
}

typedef bool text_fn(const struct prepared *check, const char *text, size_t length);

static void judge_each(const struct prepared *check, const struct chunk *chunk, uint64_t *judged,
                       uint64_t *unexpected, text_fn *good)
{
    const struct column *column = &chunk->columns[check->columns[0]];
    size_t words = bitmap_words(chunk->rows);
    keep_texts(column, words, judged);
    for (size_t w = 0; w < words; w++)
        for (uint64_t rest = judged[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            if (!good(check, column->bytes + column->starts[row], column->lengths[row]))
                unexpected[w] |= rest & -rest;
        }
}

struct format_detail {
    format_fn *test;
    const char *strftime;
    size_t strftime_length;
};

static bool is_format(const struct prepared *check, const char *text, size_t length)
{
    return ((const struct format_detail *)check->detail)->test(text, length);
}

static bool is_strftime(const struct prepared *check, const char *text, size_t length)
{
    const struct format_detail *detail = check->detail;
    return strftime_matches(detail->strftime, detail->strftime_length, text, length);
}

static void judge_format(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                         uint64_t *judged, uint64_t *unexpected)
{
    (void)scratch;
    judge_each(check, chunk, judged, unexpected, is_format);
}

static void judge_strftime(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                           uint64_t *judged, uint64_t *unexpected)
{
    (void)scratch;
    judge_each(check, chunk, judged, unexpected, is_strftime);
}

/* A number, a bool or a time of its own type is no text, and so no JSON document; what is of another type is
 * one. */
static void judge_no_text(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                          uint64_t *judged, uint64_t *unexpected)
{
    const struct column *column = &chunk->columns[check->columns[0]];
    judge_format(check, scratch, chunk, judged, unexpected);
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        unexpected[w] |= judged[w] & column->valid[w];
}

static bool holds_no_text(const struct prepared *prepared)
{
    return prepared->schema.declared && prepared->schema.type != COLUMN_STRING &&
           prepared->schema.type != COLUMN_NULL;
}

static const char *no_texts(struct arena *arena, const struct prepared *prepared)
{
    char type[32];
    return arena_printf(arena, "column \"%s\" holds %s, not texts", prepared->schema.name,
                        column_type_name(&prepared->schema, type));
}

static const struct value *single(const struct value *set)
{
    if (set && set->kind == VALUE_LIST)
        return set->count == 1 ? set->items[0] : NULL;
    return set;
}

static void prepare_patterns(struct plan *plan, struct prepared *prepared)
{
    const struct check *check = prepared->check;
    const struct value *set = check->set;
    bool like = check->kind == CHECK_LIKE || check->kind == CHECK_NOT_LIKE;
    prepared->judge = judge_patterns;
    if (!set || set->kind != VALUE_LIST) {
        prepared->error = "a list of patterns is required";
        return;
    }
    if (set->count == 0) {
        prepared->error = "the list of patterns is empty";
        return;
    }
    struct pattern **patterns = arena_array(plan->arena, set->count + 1, sizeof *patterns);
    prepared->patterns = patterns;
    for (size_t i = 0; i < set->count; i++) {
        const struct value *text = set->items[i];
        if (text->kind != VALUE_STRING) {
            prepared->error = "a pattern must be a text";
            return;
        }
        const char *pattern = text->text;
        size_t length = text->length;
        if (check->python)
            pattern = python_pattern(plan->arena, text->text, text->length, &length);
        patterns[i] =
            like ? pattern_like(plan->arena, pattern, length, &prepared->error)
                 : pattern_new(plan->arena, pattern, length,
                               check->anchored ? PATTERN_ANCHORED : PATTERN_SEARCH, &prepared->error);
        if (!patterns[i])
            return;
        prepared->pattern_count++;
    }
}

static void prepare_format(struct plan *plan, struct prepared *prepared, struct format_detail *detail)
{
    const struct value *name = single(prepared->check->set);
    prepared->judge = judge_format;
    detail->test = name && name->kind == VALUE_STRING ? format_by_name(name->text) : NULL;
    if (detail->test == format_json && holds_no_text(prepared))
        prepared->judge = judge_no_text;
    if (detail->test == format_dateutil && holds_no_text(prepared) && prepared->schema.type != COLUMN_DATE &&
        prepared->schema.type != COLUMN_TIMESTAMP)
        prepared->error = no_texts(plan->arena, prepared);
    if (detail->test)
        return;
    struct buf known = {0};
    for (size_t i = 0; format_names[i]; i++)
        buf_printf(&known, "%s%s", i ? ", " : "", format_names[i]);
    prepared->error = arena_printf(plan->arena, "the format is not known; known are %s", buf_str(&known));
    buf_free(&known);
}

static void prepare_strftime(struct plan *plan, struct prepared *prepared, struct format_detail *detail)
{
    const struct value *format = single(prepared->check->set);
    enum column_type type = prepared->schema.type;
    prepared->judge = judge_strftime;
    if (!format || format->kind != VALUE_STRING || !strftime_is_usable(format->text, format->length)) {
        prepared->error = "the strftime format cannot be used to read a time";
        return;
    }
    if (type == COLUMN_BOOL || type == COLUMN_INT || type == COLUMN_FLOAT || type == COLUMN_DECIMAL) {
        prepared->error = no_texts(plan->arena, prepared);
        return;
    }
    detail->strftime = format->text;
    detail->strftime_length = format->length;
}

void prepare_text_judge(struct plan *plan, struct prepared *prepared)
{
    struct format_detail *detail = arena_alloc(plan->arena, sizeof *detail);
    prepared->detail = detail;
    prepared->accept_bad = true;
    switch (prepared->check->kind) {
    case CHECK_FORMAT:
        prepare_format(plan, prepared, detail);
        return;
    case CHECK_STRFTIME:
        prepare_strftime(plan, prepared, detail);
        return;
    case CHECK_JSON_SCHEMA:
        prepare_json_schema(plan, prepared, single(prepared->check->set));
        if (!prepared->error && holds_no_text(prepared))
            prepared->error = no_texts(plan->arena, prepared);
        return;
    default:
        prepare_patterns(plan, prepared);
        return;
    }
}
