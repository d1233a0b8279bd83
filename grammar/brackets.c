#include "grammar/filter_parts.h"

#include <string.h>
#include "parser.h"

/* Bytes between the start of the line and `offset`. */
static uint32_t text_indent(const struct source *source, uint32_t offset)
{
    uint32_t start = offset;
    while (start > 0 && source->text[start - 1] != '\n') {
        start--;
    }
    return offset - start;
}

static char closer_of(char open)
{
    return open == '{' ? '}' : open == '[' ? ']' : ')';
}

static const char *opener_text(char open)
{
    switch (open) {
    case '{':
        return "{";
    case '[':
        return "[";
    case '(':
        return "(";
    default:
        return "\\(";
    }
}

bool brackets_push(struct filter *filter, char open, const struct token *token)
{
    if (filter->depth == filter->limit) {
        struct diag *diag =
            diag_report(filter->diags, DIAG_SYNTAX_NESTING, token_span(filter, token),
                        "blocks and brackets are nested more than %zu deep here", filter->limit);
        diag_label(diag, "level %zu", filter->limit + 1);
        diag_help(diag, "name an inner part with `let` or move it into a function");
        filter->ended = true;
        filter_mute(filter, token->start);
        return false;
    }
    struct level *level = &filter->levels[++filter->depth];
    *level = (struct level){.open = open, .opener = token_span(filter, token), .indent = filter->line_indent};
    return true;
}

size_t brackets_block(const struct filter *filter)
{
    size_t at = filter->depth;
    while (at > 0 && filter->levels[at].open != '{') {
        at--;
    }
    return at;
}

bool brackets_at_block(const struct filter *filter)
{
    char open = filter->levels[filter->depth].open;
    return open == '{' || open == 0;
}

/* The innermost level that `closer` would close, or 0. A brace is passed over only if it was opened on the
 * line of the closer: a stray `)` must not end a block of many lines. */
static size_t matching(const struct filter *filter, char closer, uint32_t offset)
{
    const char *text = filter->source->text;
    for (size_t at = filter->depth; at > 0; at--) {
        const struct level *level = &filter->levels[at];
        if (closer_of(level->open) == closer) {
            return at;
        }
        if (closer != '}' && level->open == '{') {
            for (uint32_t i = level->opener.start; i < offset; i++) {
                if (text[i] == '\n') {
                    return 0;
                }
            }
        }
    }
    return 0;
}

static void report_stray(struct filter *filter, const struct token *token, char closer)
{
    bool forgiven = closer != '}' && filter->forgiven > 0;
    filter->forgiven -= forgiven;
    bool quiet = forgiven || filter->top_item_failed || (closer == '}' && filter->deeper_failed) ||
                 filter_failed_on_line(filter, token->start);
    filter_mute(filter, token->start);
    if (quiet) {
        return;
    }
    struct diag *diag;
    if (closer == '}' && filter->deeper_line != 0) {
        struct span line = {filter->source->id, filter->deeper_line, filter->deeper_line + 1};
        diag = diag_report(filter->diags, DIAG_SYNTAX_STRAY, token_span(filter, token),
                           "`}` closes a block that was never opened");
        diag_label(diag, "no `{` for this");
        diag_secondary(diag, line, "indented like a block from here: the line above may lack its `{`");
        return;
    }
    diag = diag_report(filter->diags, DIAG_SYNTAX_STRAY, token_span(filter, token), "`%c` closes nothing",
                       closer);
    diag_label(diag, "no `%c` is open here", closer == '}' ? '{' : closer == ']' ? '[' : '(');
    const struct level *top = &filter->levels[filter->depth];
    if (top->open != 0) {
        diag_secondary(diag, top->opener, "the innermost open bracket is this `%s`", opener_text(top->open));
    }
    diag_help(diag, "remove it, or write the opening bracket");
}

/* The bracket that the indentation blames when level `at` was never closed, and where its content ends. A
 * block that took the `}` of an outer one is blamed first, and once. */
static struct span blame_brace(struct filter *filter, size_t at, uint32_t *line)
{
    if (filter->misfit_line != 0) {
        *line = filter->misfit_line;
        filter->misfit_line = 0;
        return filter->misfit;
    }
    *line = filter->levels[at].suspect;
    return filter->levels[at].opener;
}

static void report_unclosed(struct filter *filter, size_t level, const struct token *at)
{
    const struct level *open = &filter->levels[level];
    struct span opener = open->opener;
    uint32_t line = 0;
    if (open->open == '{') {
        opener = blame_brace(filter, level, &line);
    }
    const char *name = open->open == '\\' ? "hole `\\(`" : NULL;
    struct diag *diag = diag_report(filter->diags, DIAG_SYNTAX_UNCLOSED, opener, "%s%s%s is never closed",
                                    name ? name : "`", name ? "" : opener_text(open->open), name ? "" : "`");
    diag_label(diag, "opened here");
    struct span end = {filter->source->id, filter->last.end, filter->last.end};
    if (line != 0) {
        struct span place = {filter->source->id, line, line + 1};
        diag_secondary(diag, place, "not indented like its content: a `}` is missing above this line");
    } else if (open->open == '{') {
        diag_secondary(diag, token_span(filter, at), "the file ends here");
    } else {
        diag_secondary(diag, end, "`%c` is missing here", closer_of(open->open));
        diag_fix(diag, end, false, "%c", closer_of(open->open));
    }
    diag_help(diag, "write the closing `%c`", closer_of(open->open));
}

void brackets_abandon(struct filter *filter, size_t level, const struct token *at)
{
    bool muted = filter->levels[brackets_block(filter)].muted;
    for (size_t i = level + 1; i <= filter->depth && !filter->ended; i++) {
        bool brace = filter->levels[i].open == '{';
        if (brace || (i == filter->depth && !muted)) {
            report_unclosed(filter, i, at);
        }
    }
    filter_mute(filter, filter->last.start);
    filter->close_to = level;
}

bool brackets_close(struct filter *filter, const struct token *token, bool *drop)
{
    char closer = filter->source->text[token->start];
    struct level *top = &filter->levels[filter->depth];
    *drop = false;
    if (filter->depth > 0 && closer_of(top->open) == closer) {
        if (closer == '}' && !token->newline && !filter->last.made_up &&
            filter_failed_on_line(filter, token->start) &&
            memchr(filter->source->text + top->opener.start, '\n', token->start - top->opener.start) !=
                NULL) {
            *drop = true; /* the line has lost its `{`: this brace is not that of the block around it */
            return false;
        }
        if (closer == '}' && token->newline && filter->misfit_line == 0 &&
            text_indent(filter->source, token->start) < top->indent) {
            filter->misfit = top->opener;
            filter->misfit_line = token->start;
        }
        filter->depth--;
        return true;
    }
    size_t level = matching(filter, closer, token->start);
    if (level == 0) {
        report_stray(filter, token, closer);
        *drop = true;
        return false;
    }
    brackets_abandon(filter, level, token);
    return false;
}

struct token brackets_make_up(struct filter *filter)
{
    char open = filter->levels[filter->depth--].open;
    int kind = open == '{'   ? TOK_RBRACE
               : open == '[' ? TOK_RBRACKET
               : open == '(' ? TOK_RPAREN
                             : TOK_STR_TAIL;
    return (struct token){.kind = kind, .start = filter->last.end, .end = filter->last.end, .made_up = true};
}

void brackets_note_line(struct filter *filter, const struct token *token)
{
    struct level *level = &filter->levels[filter->depth];
    uint32_t indent = text_indent(filter->source, token->start);
    int last = filter->last.kind;
    if (level->open == '{' && indent <= level->indent && level->suspect == 0 && token->kind != TOK_RBRACE) {
        level->suspect = token->start;
    }
    if (indent > filter->line_indent && last != TOK_LBRACE && last != TOK_NEWLINE &&
        filter->deeper_line == 0) {
        filter->deeper_line = token->start;
        filter->deeper_above = filter->last.start;
        filter->deeper_failed = filter_failed_on_line(filter, filter->last.start);
    }
    filter->line_indent = indent;
}
