#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include "core/buf.h"
#include "core/documents/schema_scalar.h"

enum { LONGEST_PATTERN = 4000, MOST_STATES = 30000, MOST_GROUPS = 50 };

/* A set of ASCII characters between brackets. */
struct set {
    bool has[128];
    bool negated;
};

static void set_add_range(struct set *set, int from, int to)
{
    for (int c = from; c <= to; c++)
        set->has[c] = true;
}

/* \d, \w and \s; false for other letters. */
static bool set_add_class(struct set *set, char letter)
{
    switch (letter) {
    case 'd':
        set_add_range(set, '0', '9');
        return true;
    case 'w':
        set_add_range(set, '0', '9');
        set_add_range(set, 'a', 'z');
        set_add_range(set, 'A', 'Z');
        set->has['_'] = true;
        return true;
    case 's':
        set_add_range(set, '\t', '\r');
        set->has[' '] = true;
        return true;
    default:
        return false;
    }
}

/* The character that an escape stands for, or -1. */
static int escaped(const char **at)
{
    char c = **at;
    if (c == 'x' && (*at)[1] && (*at)[2]) {
        const char *digits = "0123456789abcdef";
        const char *high = strchr(digits, (*at)[1] | 32), *low = strchr(digits, (*at)[2] | 32);
        *at += 3;
        return high && low && high - digits < 8 ? (int)((high - digits) * 16 + (low - digits)) : -1;
    }
    static const char letters[] = "ntrfv", bytes[] = "\n\t\r\f\v";
    const char *letter = c ? strchr(letters, c) : NULL;
    bool other = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || !c;
    if (!letter && other)
        return -1;
    ++*at;
    return letter ? bytes[letter - letters] : (unsigned char)c;
}

/* One member of a set: a character, or -1 for a class (added to the set), or -2 when it is not understood. */
static int set_member(struct set *set, const char **at)
{
    unsigned char c = (unsigned char)**at;
    if (c >= 128 || c == 0)
        return -2;
    if (c != '\\') {
        ++*at;
        return c;
    }
    ++*at;
    if (set_add_class(set, **at)) {
        ++*at;
        return -1;
    }
    int byte = escaped(at);
    return byte < 0 || byte >= 128 ? -2 : byte;
}

/* POSIX has no escapes between brackets: `]` stands first, `^` and `-` last. */
static void set_print(struct buf *out, const struct set *set)
{
    buf_add_str(out, set->negated ? "[^" : "[");
    if (set->has[']'])
        buf_add_char(out, ']');
    for (int c = 1; c < 128; c++)
        if (set->has[c] && !strchr("]^-[", c))
            buf_add_char(out, (char)c);
    if (set->has['['])
        buf_add_char(out, '[');
    if (set->has['^'])
        buf_add_char(out, '^');
    if (set->has['-'])
        buf_add_char(out, '-');
    buf_add_char(out, ']');
}

static bool is_lone_caret(const struct set *set)
{
    for (int c = 0; c < 128; c++)
        if (set->has[c] != (c == '^'))
            return false;
    return !set->negated;
}

static bool translate_set(struct buf *out, const char **at)
{
    struct set set = {.negated = **at == '^'};
    *at += set.negated;
    bool any = false;
    while (**at != ']') {
        int from = set_member(&set, at), to = from;
        if (from == -2)
            return false;
        if (from >= 0 && **at == '-' && (*at)[1] != ']') {
            ++*at;
            to = set_member(&set, at);
            if (to < from)
                return false;
        }
        if (from >= 0)
            set_add_range(&set, from, to);
        any = true;
    }
    ++*at;
    if (is_lone_caret(&set))
        buf_add_str(out, "\\^");
    else
        set_print(out, &set);
    return any;
}

static bool translate_escape(struct buf *out, const char **at)
{
    struct set set = {0};
    if (set_add_class(&set, **at) || set_add_class(&set, (char)(**at | 32))) {
        set.negated = **at < 'a';
        ++*at;
        set_print(out, &set);
        return true;
    }
    int byte = escaped(at);
    if (byte < 1)
        return false;
    if (strchr("^.[]$()|*+?{}\\", byte))
        buf_add_char(out, '\\');
    buf_add_char(out, (char)byte);
    return true;
}

/* To a POSIX extended expression; false for what has no counterpart. */
static bool translate(struct buf *out, const char *at)
{
    while (*at) {
        char c = *at++;
        bool good = true;
        if (c == '\\')
            good = translate_escape(out, &at);
        else if (c == '[')
            good = translate_set(out, &at);
        else if (c == '(' && *at == '?') {
            good = at[1] == ':';
            at += 2;
            buf_add_char(out, '(');
        } else if (strchr("*+?}", c) && *at == '?')
            good = false;
        else
            buf_add_char(out, c);
        if (!good)
            return false;
    }
    return true;
}

/* How often "{2,5}" (at `*at`, behind the brace) or a plus copies what it stands behind. */
static size_t copies(char sign, const char **at)
{
    char *end;
    if (sign != '{')
        return sign == '+' ? 2 : 1;
    size_t low = strtoul(*at, &end, 10), high = low;
    if (*end == ',')
        high = end[1] == '}' ? low + 1 : strtoul(end + 1, &end, 10);
    *at = end;
    low = low > high ? low : high;
    return low < MOST_STATES ? low : MOST_STATES;
}

/* Behind the set that begins at `at`, behind its bracket: a first "]" is a member. */
static const char *skip_set(const char *at)
{
    at += *at == '^';
    at += *at == ']';
    return *at ? at + strcspn(at, "]") : at;
}

/* True when the C library can be given a POSIX expression: it copies what is repeated, so that a few nested
 * repetitions could take all memory. */
static bool is_small(const char *at)
{
    size_t states[MOST_GROUPS] = {0}, last = 0, depth = 0;
    while (*at) {
        char c = *at++;
        if (c == '(') {
            if (++depth == MOST_GROUPS)
                return false;
            states[depth] = last = 0;
        } else if (c == ')' && depth > 0) {
            last = states[depth--] + 1;
            states[depth] += last;
        } else if (c == '{' || c == '+') {
            size_t more = last * copies(c, &at);
            states[depth] += more - (more ? last : 0);
            last = more;
        } else if (!strchr("*?}|", c)) {
            if (c == '[')
                at = skip_set(at);
            else if (c == '\\' && *at)
                at++;
            states[depth] += last = 1;
        }
        if (states[depth] > MOST_STATES)
            return false;
    }
    return true;
}

enum schema_match schema_match(const char *pattern, const char *text)
{
    struct buf posix = {0};
    enum schema_match match = SCHEMA_CANNOT_TELL;
    regex_t regex;
    bool known =
        strlen(pattern) <= LONGEST_PATTERN && translate(&posix, pattern) && is_small(buf_str(&posix));
    if (known && regcomp(&regex, buf_str(&posix), REG_EXTENDED | REG_NOSUB) == 0) {
        int result = regexec(&regex, text, 0, NULL, 0);
        match = result == 0 ? SCHEMA_MATCHES : result == REG_NOMATCH ? SCHEMA_DIFFERS : SCHEMA_CANNOT_TELL;
        regfree(&regex);
    }
    buf_free(&posix);
    return match;
}
