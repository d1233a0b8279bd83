#include "runtime/data/pattern_dfa.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NFA_LIMIT = 1500, DFA_LIMIT = 250, REPEAT_LIMIT = 200, DEPTH_LIMIT = 50 };

enum edge_kind { EDGE_SPLIT, EDGE_BYTES, EDGE_AT_START, EDGE_AT_END, EDGE_ACCEPT };

struct byte_set {
    uint64_t words[2]; /* the ASCII members */
    bool wide;         /* may hold others */
};

struct nfa_state {
    enum edge_kind kind;
    int out[2]; /* -1: none */
    struct byte_set bytes;
    bool after_dollar; /* what follows may not consume */
};

struct builder {
    const char *text;
    size_t length, at;
    bool dot_all, whole;
    bool failed;
    unsigned depth;
    struct nfa_state *states;
    int count;
};

/* A piece of the automaton: enters at `in`, leaves at the split `out`. */
struct piece {
    int in, out;
};

static struct piece parse_alternatives(struct builder *b);

static struct piece give_up(struct builder *b)
{
    b->failed = true;
    return (struct piece){0, 0};
}

static int state(struct builder *b, enum edge_kind kind)
{
    if (b->count >= NFA_LIMIT) {
        b->failed = true;
        return 0;
    }
    b->states[b->count] = (struct nfa_state){.kind = kind, .out = {-1, -1}};
    return b->count++;
}

static struct piece single(struct builder *b, enum edge_kind kind)
{
    int in = state(b, kind), out = state(b, EDGE_SPLIT);
    b->states[in].out[0] = out;
    return (struct piece){in, out};
}

static void set_add(struct byte_set *set, unsigned char c)
{
    set->words[c >> 6] |= 1ull << (c & 63);
}

static bool set_has(const struct byte_set *set, unsigned char c)
{
    return set->words[c >> 6] >> (c & 63) & 1;
}

static void set_range(struct byte_set *set, unsigned char from, unsigned char to)
{
    for (unsigned c = from; c <= to; c++)
        set_add(set, (unsigned char)c);
}

static void set_invert(struct byte_set *set)
{
    set->words[0] = ~set->words[0];
    set->words[1] = ~set->words[1];
    set->wide = true;
}

/* \d \w \s and their opposites; false when `c` is none of them. */
static bool set_class(char c, struct byte_set *out)
{
    struct byte_set set = {{0, 0}, false};
    switch (tolower((unsigned char)c)) {
    case 'd':
        set_range(&set, '0', '9');
        break;
    case 'w':
        set_range(&set, '0', '9');
        set_range(&set, 'a', 'z');
        set_range(&set, 'A', 'Z');
        set_add(&set, '_');
        break;
    case 's':
        set_range(&set, '\t', '\r');
        set_add(&set, ' ');
        break;
    default:
        return false;
    }
    if (isupper((unsigned char)c))
        set_invert(&set);
    out->words[0] |= set.words[0];
    out->words[1] |= set.words[1];
    out->wide = true; /* digits, letters and blanks of other scripts */
    return true;
}

/* The byte behind a backslash, or -1 for what is not one byte. */
static int escaped_byte(struct builder *b)
{
    static const char NAMES[] = "ntrfa", BYTES[] = "\n\t\r\f\a";
    char c = b->text[b->at++];
    if (ispunct((unsigned char)c))
        return c;
    const char *name = strchr(NAMES, c);
    if (c && name)
        return BYTES[name - NAMES];
    if (c == 'x' && b->at + 2 <= b->length && isxdigit((unsigned char)b->text[b->at]) &&
        isxdigit((unsigned char)b->text[b->at + 1])) {
        char digits[3] = {b->text[b->at], b->text[b->at + 1], 0};
        long byte = strtol(digits, NULL, 16);
        b->at += 2;
        return byte < 0x80 ? (int)byte : -1;
    }
    return -1;
}

static struct piece bytes_piece(struct builder *b, struct byte_set set)
{
    struct piece piece = single(b, EDGE_BYTES);
    if (!b->failed)
        b->states[piece.in].bytes = set;
    return piece;
}

/* One member of a class: a byte, or -1 after a whole class such as \d was added, or -2 to give up. */
static int class_member(struct builder *b, struct byte_set *set)
{
    unsigned char c = (unsigned char)b->text[b->at++];
    if (c >= 0x80 || (c == '[' && b->at < b->length && strchr(":.=", b->text[b->at])))
        return -2;
    if (c != '\\')
        return c;
    if (b->at >= b->length)
        return -2;
    if (set_class(b->text[b->at], set)) {
        b->at++;
        return -1;
    }
    int byte = escaped_byte(b);
    return byte < 0 ? -2 : byte;
}

static struct piece parse_class(struct builder *b)
{
    struct byte_set set = {{0, 0}, false};
    bool invert = b->at < b->length && b->text[b->at] == '^';
    b->at += invert;
    for (bool first = true; b->at < b->length && (first || b->text[b->at] != ']'); first = false) {
        int from = class_member(b, &set), to = from;
        if (from == -2)
            return give_up(b);
        if (b->at + 1 < b->length && b->text[b->at] == '-' && b->text[b->at + 1] != ']') {
            b->at++;
            to = class_member(b, &set);
            if (from < 0 || to < from)
                return give_up(b);
        }
        if (from >= 0)
            set_range(&set, (unsigned char)from, (unsigned char)to);
    }
    if (b->at >= b->length)
        return give_up(b);
    b->at++;
    if (invert)
        set_invert(&set);
    return bytes_piece(b, set);
}

static struct piece parse_group(struct builder *b)
{
    if (b->at < b->length && b->text[b->at] == '*') /* a verb */
        return give_up(b);
    if (b->at < b->length && b->text[b->at] == '?') {
        b->at++;
        if (b->at < b->length && b->text[b->at] == ':') {
            b->at++;
        } else {
            b->at += b->at < b->length && b->text[b->at] == 'P';
            if (b->at + 1 >= b->length || b->text[b->at] != '<' ||
                !isalpha((unsigned char)b->text[b->at + 1]))
                return give_up(b);
            const char *end = memchr(b->text + b->at, '>', b->length - b->at);
            if (!end)
                return give_up(b);
            b->at = (size_t)(end - b->text) + 1;
        }
    }
    struct piece inner = parse_alternatives(b);
    if (b->failed || b->at >= b->length || b->text[b->at] != ')')
        return give_up(b);
    b->at++;
    return inner;
}

/* `$` and \Z: at the end, or before a newline that ends the text. */
static struct piece dollar(struct builder *b)
{
    if (b->whole) /* the match must reach the very end, so the newline cannot be left over */
        return single(b, EDGE_AT_END);
    int in = state(b, EDGE_SPLIT), newline = state(b, EDGE_BYTES), end = state(b, EDGE_AT_END),
        out = state(b, EDGE_SPLIT);
    if (b->failed)
        return give_up(b);
    set_add(&b->states[newline].bytes, '\n');
    b->states[in].out[0] = end;
    b->states[in].out[1] = newline;
    b->states[newline].out[0] = end;
    b->states[end].out[0] = out;
    b->states[end].after_dollar = true;
    return (struct piece){in, out};
}

static struct piece parse_escape(struct builder *b)
{
    struct byte_set set = {{0, 0}, false};
    if (b->at >= b->length)
        return give_up(b);
    char c = b->text[b->at];
    if (set_class(c, &set)) {
        b->at++;
        return bytes_piece(b, set);
    }
    if (c == 'A' || c == 'z' || c == 'Z') {
        b->at++;
        return c == 'A' ? single(b, EDGE_AT_START) : c == 'z' ? single(b, EDGE_AT_END) : dollar(b);
    }
    int byte = escaped_byte(b);
    if (byte < 0)
        return give_up(b);
    set_add(&set, (unsigned char)byte);
    return bytes_piece(b, set);
}

static struct piece parse_atom(struct builder *b)
{
    unsigned char c = (unsigned char)b->text[b->at++];
    struct byte_set set = {{0, 0}, false};
    switch (c) {
    case '(':
        return parse_group(b);
    case '[':
        return parse_class(b);
    case '\\':
        return parse_escape(b);
    case '^':
        return single(b, EDGE_AT_START);
    case '$':
        return dollar(b);
    case '.':
        set_invert(&set);
        if (!b->dot_all)
            set.words[0] &= ~(1ull << '\n');
        return bytes_piece(b, set);
    case '*':
    case '+':
    case '?':
    case '{':
        return give_up(b);
    default:
        if (c >= 0x80 || c == 0)
            return give_up(b);
        set_add(&set, c);
        return bytes_piece(b, set);
    }
}

static bool parse_count(struct builder *b, int *out)
{
    int number = 0;
    size_t start = b->at;
    while (b->at < b->length && isdigit((unsigned char)b->text[b->at])) {
        number = number * 10 + (b->text[b->at++] - '0');
        if (number > REPEAT_LIMIT)
            return false;
    }
    *out = number;
    return b->at > start;
}

/* Reads *, +, ?, {m}, {m,}, {m,n}, lazy or not (which match is taken does not matter, only whether there is
 * one). Returns false when there is none. `most` -1: any. */
static bool parse_repeat(struct builder *b, int *least, int *most)
{
    char c = b->at < b->length ? b->text[b->at] : 0;
    if (c == '*' || c == '+' || c == '?') {
        b->at++;
        *least = c == '+';
        *most = c == '?' ? 1 : -1;
    } else if (c == '{') {
        b->at++;
        if (!parse_count(b, least)) {
            b->failed = true;
            return false;
        }
        *most = *least;
        if (b->at < b->length && b->text[b->at] == ',') {
            b->at++;
            if (!parse_count(b, most))
                *most = -1;
        }
        if (b->at >= b->length || b->text[b->at] != '}' || (*most >= 0 && *most < *least)) {
            b->failed = true;
            return false;
        }
        b->at++;
    } else {
        return false;
    }
    if (b->at < b->length && b->text[b->at] == '?')
        b->at++;
    else if (b->at < b->length && b->text[b->at] == '+')
        b->failed = true; /* possessive: not a plain regular expression */
    return !b->failed;
}

static struct piece chain(struct builder *b, struct piece left, struct piece right)
{
    b->states[left.out].out[0] = right.in;
    return (struct piece){left.in, right.out};
}

static struct piece optional(struct builder *b, struct piece inner, bool loop)
{
    int in = state(b, EDGE_SPLIT), out = state(b, EDGE_SPLIT);
    if (b->failed)
        return give_up(b);
    b->states[in].out[0] = inner.in;
    b->states[in].out[1] = out;
    b->states[inner.out].out[0] = loop ? in : out;
    return (struct piece){in, out};
}

/* Parses the atom again for each copy: the pieces must be separate. */
static struct piece parse_repeated(struct builder *b)
{
    size_t start = b->at;
    int least, most;
    struct piece piece = parse_atom(b);
    if (b->failed || !parse_repeat(b, &least, &most))
        return piece;
    size_t end = b->at;
    int copies = most < 0 ? least + 1 : most;
    struct piece all = single(b, EDGE_SPLIT); /* matches the empty text */
    for (int i = 0; i < copies && !b->failed; i++) {
        b->at = start;
        piece = parse_atom(b);
        if (b->failed)
            return piece;
        if (i >= least)
            piece = optional(b, piece, most < 0);
        if (!b->failed)
            all = chain(b, all, piece);
    }
    b->at = end;
    /* a quantifier on a quantifier is an error or possessive */
    if (b->at < b->length && strchr("*+?{", b->text[b->at]))
        b->failed = true;
    return all;
}

static struct piece parse_sequence(struct builder *b)
{
    struct piece all = single(b, EDGE_SPLIT);
    while (!b->failed && b->at < b->length && b->text[b->at] != '|' && b->text[b->at] != ')') {
        struct piece next = parse_repeated(b);
        if (!b->failed)
            all = chain(b, all, next);
    }
    return all;
}

static struct piece parse_alternatives(struct builder *b)
{
    if (++b->depth > DEPTH_LIMIT)
        return give_up(b);
    struct piece all = parse_sequence(b);
    while (!b->failed && b->at < b->length && b->text[b->at] == '|') {
        b->at++;
        struct piece next = parse_sequence(b);
        int in = state(b, EDGE_SPLIT), out = state(b, EDGE_SPLIT);
        if (b->failed)
            break;
        b->states[in].out[0] = all.in;
        b->states[in].out[1] = next.in;
        b->states[all.out].out[0] = out;
        b->states[next.out].out[0] = out;
        all = (struct piece){in, out};
    }
    b->depth--;
    return all;
}

/* True if bytes can be consumed behind a `$`: then "before the last newline" is more than it seems here. */
static bool consumes_after_dollar(const struct builder *b)
{
    bool seen[NFA_LIMIT] = {false};
    int stack[2 * NFA_LIMIT], top = 0;
    for (int i = 0; i < b->count; i++)
        if (b->states[i].after_dollar && b->states[i].out[0] >= 0)
            stack[top++] = b->states[i].out[0];
    while (top) {
        int at = stack[--top];
        if (seen[at])
            continue;
        seen[at] = true;
        if (b->states[at].kind == EDGE_BYTES)
            return true;
        for (int k = 0; k < 2; k++)
            if (b->states[at].out[k] >= 0 && !seen[b->states[at].out[k]])
                stack[top++] = b->states[at].out[k];
    }
    return false;
}

/* --- subset construction --- */

struct subset {
    uint64_t bits[(NFA_LIMIT + 63) / 64];
};

static void close_over(const struct builder *b, struct subset *set, int from, bool at_start, bool at_end)
{
    int stack[2 * NFA_LIMIT + 2], top = 0;
    stack[top++] = from;
    while (top) {
        int at = stack[--top];
        if (set->bits[at >> 6] >> (at & 63) & 1)
            continue;
        const struct nfa_state *s = &b->states[at];
        set->bits[at >> 6] |= 1ull << (at & 63);
        if (s->kind == EDGE_BYTES || s->kind == EDGE_ACCEPT || (s->kind == EDGE_AT_START && !at_start) ||
            (s->kind == EDGE_AT_END && !at_end))
            continue;
        for (int k = 0; k < 2; k++)
            if (s->out[k] >= 0)
                stack[top++] = s->out[k];
    }
}

static bool subset_has(const struct subset *set, int at)
{
    return set->bits[at >> 6] >> (at & 63) & 1;
}

struct determinizer {
    struct builder *b;
    int start, accept;
    bool whole;
    struct subset subsets[DFA_LIMIT];
    size_t count;
};

/* Whether the match is complete if the text ends here. */
static bool ends_here(const struct determinizer *d, const struct subset *set, bool at_start)
{
    struct subset all = {{0}};
    for (int i = 0; i < d->b->count; i++)
        if (subset_has(set, i))
            close_over(d->b, &all, i, at_start, true);
    return subset_has(&all, d->accept);
}

/* The number of a subset, a new one if need be; 0 when there are too many. */
static size_t find_subset(struct determinizer *d, const struct subset *set)
{
    for (size_t i = 4; i < d->count; i++) /* state 3 is the start, where `^` holds: never entered again */
        if (memcmp(&d->subsets[i], set, sizeof *set) == 0)
            return i;
    if (d->count >= DFA_LIMIT)
        return 0;
    d->subsets[d->count] = *set;
    return d->count++;
}

static bool fill_state(struct determinizer *d, struct dfa *dfa, size_t at)
{
    static const struct subset EMPTY;
    for (unsigned c = 0; c < 256; c++) {
        struct subset next = {{0}};
        uint16_t *slot = &dfa->next[at * 256 + c];
        if (c >= 0x80) {
            *slot = DFA_ESCAPE;
            continue;
        }
        for (int i = 0; i < d->b->count; i++)
            if (subset_has(&d->subsets[at], i) && d->b->states[i].kind == EDGE_BYTES &&
                set_has(&d->b->states[i].bytes, (unsigned char)c))
                close_over(d->b, &next, d->b->states[i].out[0], false, false);
        if (!d->whole)
            close_over(d->b, &next, d->start, false, false);
        if (!d->whole && subset_has(&next, d->accept)) {
            *slot = DFA_FOUND;
        } else if (memcmp(&next, &EMPTY, sizeof next) == 0) {
            *slot = DFA_DEAD;
        } else {
            size_t number = find_subset(d, &next);
            if (!number)
                return false;
            *slot = (uint16_t)(number * 256);
        }
    }
    return true;
}

static bool subset_is_wide(const struct builder *b, const struct subset *set)
{
    for (int i = 0; i < b->count; i++)
        if (subset_has(set, i) && b->states[i].kind == EDGE_BYTES && b->states[i].bytes.wide)
            return true;
    return false;
}

/* Sends to DEAD what cannot lead to a match any more, so that a text's non-ASCII rest does not matter there.
 * A state that could go on with a non-ASCII character stays. */
static void prune_dead(const struct determinizer *d, struct dfa *dfa)
{
    bool alive[DFA_LIMIT] = {false};
    alive[DFA_FOUND / 256] = true;
    for (size_t s = 3; s < d->count; s++)
        alive[s] = dfa->accepts_at_end[s] || subset_is_wide(d->b, &d->subsets[s]);
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t s = 3; s < d->count; s++)
            for (unsigned c = 0; c < 0x80 && !alive[s]; c++)
                if (alive[dfa->next[s * 256 + c] / 256])
                    alive[s] = changed = true;
    }
    for (size_t i = 3 * 256; i < d->count * 256; i++)
        if (!alive[dfa->next[i] / 256] && dfa->next[i] != DFA_ESCAPE)
            dfa->next[i] = DFA_DEAD;
}

static struct dfa *determinize(struct arena *arena, struct builder *b, struct piece all, int accept,
                               bool whole)
{
    struct determinizer *d = mem_calloc(1, sizeof *d);
    *d = (struct determinizer){.b = b, .start = all.in, .accept = accept, .whole = whole, .count = 4};
    close_over(b, &d->subsets[3], all.in, true, false);
    struct dfa *dfa = arena_alloc(arena, sizeof *dfa);
    dfa->next = arena_array(arena, (size_t)DFA_LIMIT * 256, sizeof *dfa->next);
    dfa->accepts_at_end = arena_array(arena, DFA_LIMIT, sizeof *dfa->accepts_at_end);
    for (unsigned s = DFA_DEAD; s <= DFA_ESCAPE; s += 256)
        for (unsigned c = 0; c < 256; c++)
            dfa->next[s + c] = (uint16_t)s;
    dfa->accepts_at_end[DFA_FOUND / 256] = true;
    dfa->start = !whole && subset_has(&d->subsets[3], accept) ? DFA_FOUND : 3 * 256;
    bool good = true;
    for (size_t at = 3; at < d->count && good; at++) {
        dfa->accepts_at_end[at] = ends_here(d, &d->subsets[at], at == 3);
        good = fill_state(d, dfa, at);
    }
    dfa->state_count = d->count;
    if (good)
        prune_dead(d, dfa);
    free(d);
    return good ? dfa : NULL;
}

struct dfa *dfa_new(struct arena *arena, const char *pattern, size_t length, bool whole, bool dot_all)
{
    if (length > 1000)
        return NULL;
    struct builder b = {.text = pattern, .length = length, .dot_all = dot_all, .whole = whole};
    b.states = mem_calloc(NFA_LIMIT, sizeof *b.states);
    struct piece all = parse_alternatives(&b);
    int accept = state(&b, EDGE_ACCEPT);
    struct dfa *dfa = NULL;
    if (!b.failed && b.at == length) {
        b.states[all.out].out[0] = accept;
        if (!consumes_after_dollar(&b))
            dfa = determinize(arena, &b, all, accept, whole);
    }
    free(b.states);
    return dfa;
}

uint16_t dfa_run(const struct dfa *dfa, const char *text, size_t length)
{
    uint16_t at = dfa->start;
    for (size_t i = 0; i < length && at > DFA_ESCAPE; i++)
        at = dfa->next[at + (unsigned char)text[i]];
    return at;
}
