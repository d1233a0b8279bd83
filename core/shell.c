/* Quoting for POSIX shells, and the state of quotes at a hole of a command. */

#include <string.h>
#include "core/shell.h"

static bool is_safe(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("_-./:=@%+,", c));
}

void shell_quote(struct buf *out, const char *text, size_t length)
{
    bool safe = length > 0 && text[0] != '=';
    for (size_t i = 0; i < length && safe; i++)
        safe = is_safe(text[i]);
    if (safe) {
        buf_add(out, text, length);
        return;
    }
    buf_add_char(out, '\'');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'')
            buf_add_str(out, "'\\''");
        else
            buf_add_char(out, text[i]);
    }
    buf_add_char(out, '\'');
}

static void enter_substitution(struct shell_state *state)
{
    if (state->depth < sizeof state->outer / sizeof *state->outer) {
        state->outer[state->depth] = state->quotes;
        state->parentheses[state->depth] = 0;
        state->depth++;
    }
    state->quotes = SHELL_PLAIN;
}

static void scan_plain(struct shell_state *state, char c, char next)
{
    if (state->comment) {
        state->comment = c != '\n';
        return;
    }
    unsigned *open = state->depth ? &state->parentheses[state->depth - 1] : NULL;
    if (c == '\\')
        state->escaped = true;
    else if (c == '\'')
        state->quotes = SHELL_SINGLE;
    else if (c == '"')
        state->quotes = SHELL_DOUBLE;
    else if (c == '#' && state->word_start)
        state->comment = true;
    else if (c == '$' && next == '(')
        enter_substitution(state);
    else if (c == '(' && open)
        (*open)++;
    else if (c == ')' && open && *open > 1)
        (*open)--;
    else if (c == ')' && open)
        state->quotes = state->outer[--state->depth];
}

static void scan_byte(struct shell_state *state, char c, char next)
{
    if (state->escaped) {
        state->escaped = false;
    } else if (state->quotes == SHELL_SINGLE) {
        if (c == '\'')
            state->quotes = SHELL_PLAIN;
    } else if (state->quotes == SHELL_DOUBLE) {
        if (c == '\\')
            state->escaped = true;
        else if (c == '"')
            state->quotes = SHELL_PLAIN;
        else if (c == '$' && next == '(')
            enter_substitution(state);
    } else {
        scan_plain(state, c, next);
    }
    state->word_start = state->quotes == SHELL_PLAIN && strchr(" \t\n;&|(", c) != NULL;
}

void shell_scan(struct shell_state *state, const char *text, size_t length)
{
    if (!state->scanned) {
        state->scanned = true;
        state->word_start = true;
    }
    for (size_t i = 0; i < length; i++)
        scan_byte(state, text[i], i + 1 < length ? text[i + 1] : '\0');
}

void shell_fill(struct buf *out, struct shell_state *state, const char *word)
{
    const char *quote = state->quotes == SHELL_SINGLE ? "'" : state->quotes == SHELL_DOUBLE ? "\"" : "";
    buf_add_str(out, quote);
    buf_add_str(out, word);
    buf_add_str(out, quote);
    state->escaped = false;
    state->word_start = false;
    state->scanned = true;
}
