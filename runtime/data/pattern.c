#define PCRE2_CODE_UNIT_WIDTH 8
#include "runtime/data/pattern.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "runtime/data/pattern_dfa.h"

enum { MATCH_STEPS_LIMIT = 1000000, JIT_STACK_LIMIT = 1 << 20, LANES = 4 };

struct pattern {
    pcre2_code *code;
    struct dfa *dfa; /* NULL: none */
};

struct pattern_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

struct pattern_scratch *pattern_scratch_new(void)
{
    struct pattern_scratch *scratch = mem_calloc(1, sizeof *scratch);
    scratch->data = pcre2_match_data_create(1, NULL);
    scratch->context = pcre2_match_context_create(NULL);
    scratch->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_LIMIT, NULL);
    if (!scratch->data || !scratch->context) {
        pattern_scratch_free(scratch);
        return NULL;
    }
    pcre2_set_match_limit(scratch->context, MATCH_STEPS_LIMIT);
    if (scratch->stack)
        pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
    return scratch;
}

void pattern_scratch_free(struct pattern_scratch *scratch)
{
    if (!scratch)
        return;
    pcre2_match_data_free(scratch->data);
    pcre2_match_context_free(scratch->context);
    pcre2_jit_stack_free(scratch->stack);
    free(scratch);
}

static struct pattern *compile(struct arena *arena, const char *text, size_t length, bool whole, bool dot_all,
                               bool use_dfa, const char **why)
{
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    options |= whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
    options |= dot_all ? PCRE2_DOTALL : 0;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context)
        arena_alloc(arena, SIZE_MAX / 2); /* ends the process: memory is out */
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    int error;
    PCRE2_SIZE where;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, length, options, &error, &where, context);
    pcre2_compile_context_free(context);
    if (!code) {
        PCRE2_UCHAR message[256];
        pcre2_get_error_message(error, message, sizeof message);
        *why =
            arena_printf(arena, "the pattern is wrong at byte %zu: %s", (size_t)where, (const char *)message);
        return NULL;
    }
    pcre2_jit_compile(code,
                      PCRE2_JIT_COMPLETE); /* without it pcre2_match interprets: slower, the same answers */
    struct pattern *pattern = arena_alloc(arena, sizeof *pattern);
    pattern->code = code;
    pattern->dfa = use_dfa ? dfa_new(arena, text, length, whole, dot_all) : NULL;
    return pattern;
}

struct pattern *pattern_new(struct arena *arena, const char *text, size_t length, unsigned flags,
                            const char **why)
{
    return compile(arena, text, length, (flags & PATTERN_ANCHORED) != 0, false, !(flags & PATTERN_NO_DFA),
                   why);
}

struct pattern *pattern_like(struct arena *arena, const char *text, size_t length, const char **why)
{
    struct buf regex = {0};
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            buf_add_str(&regex, ".*");
            continue;
        }
        if (c == '_') {
            buf_add_char(&regex, '.');
            continue;
        }
        if (c == '\\' && i + 1 < length)
            c = text[++i];
        if (strchr("\\^$.[]|()?*+{}#", c) && c)
            buf_add_char(&regex, '\\');
        buf_add_char(&regex, c);
    }
    struct pattern *pattern = compile(arena, buf_str(&regex), regex.length, true, true, true, why);
    buf_free(&regex);
    return pattern;
}

void pattern_free(struct pattern *pattern)
{
    if (pattern)
        pcre2_code_free(pattern->code);
}

bool pattern_uses_dfa(const struct pattern *pattern)
{
    return pattern->dfa != NULL;
}

static bool find_by_pcre(const struct pattern *pattern, struct pattern_scratch *scratch, const char *text,
                         size_t length, bool *gave_up)
{
    int found = pcre2_match(pattern->code, (PCRE2_SPTR)text, length, 0, 0, scratch->data, scratch->context);
    if (found < 0 && found != PCRE2_ERROR_NOMATCH && gave_up)
        *gave_up = true;
    return found >= 0;
}

bool pattern_find(const struct pattern *pattern, struct pattern_scratch *scratch, const char *text,
                  size_t length, bool *gave_up)
{
    if (!pattern->dfa)
        return find_by_pcre(pattern, scratch, text, length, gave_up);
    uint16_t at = dfa_run(pattern->dfa, text, length);
    if (at == DFA_ESCAPE)
        return find_by_pcre(pattern, scratch, text, length, gave_up);
    return dfa_accepts(pattern->dfa, at);
}

/* Runs four texts side by side over what they have in common: a step waits for the load of the step before,
 * so one text alone leaves the core idle. States that absorb need no test. */
static void run_lanes(const struct dfa *dfa, const unsigned char *const *texts, const uint32_t *lengths,
                      uint16_t *states)
{
    const uint16_t *next = dfa->next;
    uint32_t common = lengths[0];
    for (unsigned k = 1; k < LANES; k++)
        common = lengths[k] < common ? lengths[k] : common;
    uint16_t a = dfa->start, b = a, c = a, d = a;
    for (uint32_t i = 0; i < common; i++) {
        a = next[a + texts[0][i]];
        b = next[b + texts[1][i]];
        c = next[c + texts[2][i]];
        d = next[d + texts[3][i]];
    }
    states[0] = a;
    states[1] = b;
    states[2] = c;
    states[3] = d;
    for (unsigned k = 0; k < LANES; k++)
        for (uint32_t i = common; i < lengths[k] && states[k] > DFA_ESCAPE; i++)
            states[k] = next[states[k] + texts[k][i]];
}

struct lanes {
    const unsigned char *texts[LANES];
    uint32_t lengths[LANES];
    uint32_t rows[LANES];
    unsigned count;
};

/* The first row without an answer, or PATTERN_DECIDED. */
static uint64_t flush(const struct pattern *pattern, struct pattern_scratch *scratch, struct lanes *lanes,
                      uint64_t *found)
{
    uint16_t states[LANES];
    for (unsigned k = lanes->count; k < LANES; k++) { /* an unused lane repeats the first */
        lanes->texts[k] = lanes->texts[0];
        lanes->lengths[k] = lanes->lengths[0];
    }
    run_lanes(pattern->dfa, lanes->texts, lanes->lengths, states);
    for (unsigned k = 0; k < lanes->count; k++) {
        bool gave_up = false, yes = dfa_accepts(pattern->dfa, states[k]);
        if (states[k] == DFA_ESCAPE)
            yes = find_by_pcre(pattern, scratch, (const char *)lanes->texts[k], lanes->lengths[k], &gave_up);
        if (gave_up)
            return lanes->rows[k];
        found[lanes->rows[k] >> 6] |= (uint64_t)yes << (lanes->rows[k] & 63);
    }
    lanes->count = 0;
    return PATTERN_DECIDED;
}

static uint64_t test_by_dfa(const struct pattern *pattern, struct pattern_scratch *scratch,
                            const struct column *column, size_t words, const uint64_t *mask, uint64_t *found)
{
    struct lanes lanes = {.count = 0};
    uint64_t undecided = PATTERN_DECIDED;
    for (size_t w = 0; w < words; w++)
        for (uint64_t rest = mask[w]; rest; rest &= rest - 1) {
            uint32_t row = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(rest);
            lanes.texts[lanes.count] = (const unsigned char *)column->bytes + column->starts[row];
            lanes.lengths[lanes.count] = column->lengths[row];
            lanes.rows[lanes.count++] = row;
            if (lanes.count == LANES)
                undecided = flush(pattern, scratch, &lanes, found);
            if (undecided != PATTERN_DECIDED)
                return undecided;
        }
    return lanes.count ? flush(pattern, scratch, &lanes, found) : PATTERN_DECIDED;
}

uint64_t pattern_test(const struct pattern *pattern, struct pattern_scratch *scratch,
                      const struct column *column, size_t rows, const uint64_t *mask, uint64_t *found)
{
    size_t words = (rows + 63) / 64;
    memset(found, 0, words * 8);
    if (pattern->dfa)
        return test_by_dfa(pattern, scratch, column, words, mask, found);
    for (size_t w = 0; w < words; w++)
        for (uint64_t rest = mask[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            bool gave_up = false;
            if (find_by_pcre(pattern, scratch, column->bytes + column->starts[row], column->lengths[row],
                             &gave_up))
                found[w] |= rest & -rest;
            if (gave_up)
                return row;
        }
    return PATTERN_DECIDED;
}
