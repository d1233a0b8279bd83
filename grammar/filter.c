#include "grammar/filter.h"

#include <string.h>
#include "grammar/filter_parts.h"
#include "parser.h"

struct filter *filter_new(struct arena *arena, const struct source *source, size_t nesting,
                          struct comments *comments, struct diag_sink *diags)
{
    struct filter *filter = arena_alloc(arena, sizeof *filter);
    filter->arena = arena;
    filter->source = source;
    filter->diags = diags;
    filter->limit = nesting;
    filter->levels = arena_array(arena, nesting + 1, sizeof *filter->levels);
    uint32_t start = source->length >= 3 && source->text[0] == '\xef' && source->text[1] == '\xbb' &&
                             source->text[2] == '\xbf'
                         ? 3
                         : 0; /* a byte order mark */
    filter->scan = (struct lexer_state){.start = start, .end = start, .comments = comments};
    filter->lexer = lexer_new(&filter->scan, source->text + start, source->length - start);
    filter->close_to = SIZE_MAX;
    filter->last = (struct token){.kind = TOK_END, .start = start, .end = start};
    return filter;
}

void filter_free(struct filter *filter)
{
    lexer_free(filter->lexer);
    filter->lexer = NULL;
}

struct span token_span(const struct filter *filter, const struct token *token)
{
    return (struct span){filter->source->id, token->start, token->end};
}

bool filter_failed_on_line(const struct filter *filter, uint32_t offset)
{
    uint32_t from = filter->failed_at < offset ? filter->failed_at : offset;
    uint32_t to = filter->failed_at < offset ? offset : filter->failed_at;
    return filter->failed && memchr(filter->source->text + from, '\n', to - from) == NULL;
}

static void mute_level(struct filter *filter, size_t level, uint32_t offset)
{
    filter->levels[level].muted = true;
    filter->top_item_failed = true;
    filter->failed = true;
    filter->failed_at = offset;
    filter->deeper_failed |= filter->deeper_line != 0 && filter_failed_on_line(filter, filter->deeper_above);
}

void filter_mute(struct filter *filter, uint32_t offset)
{
    mute_level(filter, brackets_block(filter), offset);
}

bool filter_muted(const struct filter *filter)
{
    size_t block = brackets_block(filter);
    if (filter->last.kind == TOK_LBRACE && block > 0) { /* it opened a level of its own */
        block--;
        while (block > 0 && filter->levels[block].open != '{') {
            block--;
        }
    }
    return filter->ended || filter->last.made_up || filter->levels[block].muted;
}

static bool opens(int kind)
{
    return kind == TOK_LBRACE || kind == TOK_LPAREN || kind == TOK_CALLP || kind == TOK_LBRACKET ||
           kind == TOK_INDEX || kind == TOK_STR_HEAD || kind == TOK_STR_MID;
}

const struct level *filter_bracket(const struct filter *filter)
{
    size_t depth = filter->depth - (opens(filter->last.kind) && filter->depth > 0);
    return depth == 0 ? NULL : &filter->levels[depth];
}

static struct token scan(struct filter *filter)
{
    filter->scan.newline = false;
    struct token token = {0};
    token.kind = lexer_scan(filter->lexer);
    token.newline = filter->scan.newline;
    token.start = token.kind == TOK_END ? filter->source->length : filter->scan.start;
    token.end = token.kind == TOK_END ? filter->source->length : filter->scan.end;
    return token;
}

/* A string that the end of its line cut off. If a hole is open on the line, its `\(` is the one to blame:
 * the closing quote of the outer string was taken for an opening one. */
static void report_open_string(struct filter *filter, struct token *token)
{
    const struct level *top = &filter->levels[filter->depth];
    struct diag *diag;
    if (filter_failed_on_line(filter, token->start)) {
        token->kind = TOK_INVALID;
        return;
    }
    if (top->open == '\\' && !top->triple && token->kind == RAW_OPEN_STRING && !token->newline) {
        diag = diag_report(filter->diags, DIAG_SYNTAX_UNCLOSED, top->opener, "hole `\\(` is never closed");
        struct span quote = {filter->source->id, token->start, token->start};
        diag_label(diag, "opened here");
        diag_secondary(diag, quote, "`)` is missing before this quote");
        diag_fix(diag, quote, false, ")");
        filter->close_to = filter->depth - 1;
    } else {
        const char *mark = token->kind == RAW_OPEN_TRIPLE      ? "\"\"\""
                           : token->kind == RAW_OPEN_RAW       ? "'"
                           : token->kind == RAW_OPEN_BACKQUOTE ? "`"
                                                               : "\"";
        struct span quote = token_span(filter, token);
        quote.end = quote.start < quote.end ? quote.start + 1 : quote.end;
        diag = diag_report(filter->diags, DIAG_SYNTAX_OPEN_STRING, quote, "this %s has no closing %s",
                           token->kind == RAW_OPEN_BACKQUOTE ? "quoted name" : "string", mark);
        diag_label(diag, token->kind == RAW_OPEN_TRIPLE ? "runs to the end of the file"
                                                        : "the line ends before it");
        diag_help(diag, token->kind == RAW_OPEN_RAW ? "a text with an apostrophe goes into \"…\""
                        : token->kind == RAW_OPEN_STRING
                            ? "text of several lines goes between \"\"\" and \"\"\""
                            : "write the closing mark");
    }
    filter_mute(filter, token->start);
    token->kind = TOK_INVALID;
}

/* The next token with its final kind; what is foreign or broken has been reported and mended. */
static struct token fetch(struct filter *filter)
{
    if (filter->holding) {
        filter->holding = false;
        return filter->held;
    }
    bool newline = false;
    for (;;) {
        struct token token = scan(filter);
        token.newline |= newline;
        if (filter->ended) {
            token = (struct token){.kind = TOK_END, .start = token.start, .end = token.start};
        }
        if (token.kind == RAW_WRONG_OPERATOR || token.kind == RAW_BAD_CHARACTER) {
            if (!words_mend_foreign(filter, &token)) {
                newline = token.newline;
                continue;
            }
        } else if (token.kind >= RAW_OPEN_STRING) {
            report_open_string(filter, &token);
        }
        words_classify(filter, &token);
        return token;
    }
}

static void hold(struct filter *filter, struct token token)
{
    filter->held = token;
    filter->held.newline = false;
    filter->holding = true;
}

/* Remembers a token that the parser gets or that is skipped. */
static void note(struct filter *filter, const struct token *token)
{
    filter->before_last = filter->last;
    filter->last = *token;
}

static struct token line_end(struct filter *filter, struct token first)
{
    hold(filter, first);
    struct level *level = &filter->levels[filter->depth];
    level->in_else = false;
    level->thens = 0;
    return (struct token){.kind = TOK_NEWLINE, .start = filter->last.end, .end = filter->last.end};
}

static bool starts_body(int kind)
{
    return kind == TOK_END || kind == TOK_LBRACE || kind == TOK_NEWLINE || kind == TOK_BCOMMA;
}

/* Keeps the stack for a token that is given or skipped. A `)` that ends a hole becomes the rest of its
 * string. False: the token closes nothing and is dropped; or it has to wait (`close_to` is set). */
static bool apply(struct filter *filter, struct token *token)
{
    struct level *level = &filter->levels[filter->depth];
    bool drop = false;
    switch (token->kind) {
    case TOK_LBRACE:
        return brackets_push(filter, '{', token);
    case TOK_LPAREN:
    case TOK_CALLP:
        return brackets_push(filter, '(', token);
    case TOK_LBRACKET:
    case TOK_INDEX:
        return brackets_push(filter, '[', token);
    case TOK_STR_HEAD: {
        struct token hole = {.start = token->end - 2, .end = token->end};
        bool triple = filter->source->text[token->start] == '"' &&
                      filter->source->text[token->start + 1] == '"' &&
                      filter->source->text[token->start + 2] == '"';
        if (!brackets_push(filter, '\\', &hole)) {
            return false;
        }
        filter->levels[filter->depth].triple = triple;
        return true;
    }
    case TOK_RPAREN:
    case TOK_RBRACKET:
    case TOK_RBRACE: {
        bool hole = token->kind == TOK_RPAREN && level->open == '\\';
        bool triple = level->triple;
        if (!brackets_close(filter, token, &drop)) {
            if (!drop) {
                hold(filter, *token);
            }
            return false;
        }
        if (hole) {
            lexer_resume_string(filter->lexer, triple);
            struct token rest = scan(filter);
            rest.start = token->start;
            if (rest.kind >= RAW_OPEN_STRING) {
                report_open_string(filter, &rest);
                rest.kind = TOK_STR_TAIL;
                rest.made_up = true;
            } else if (rest.kind == TOK_STR_MID) {
                struct token next = {.start = rest.end - 2, .end = rest.end};
                brackets_push(filter, '\\', &next);
                filter->levels[filter->depth].triple = triple;
            }
            *token = rest;
        }
        return true;
    }
    case TOK_THEN:
        level->thens++;
        return true;
    case TOK_ELSE: {
        uint32_t next = text_skip_blanks(filter->source, token->end);
        char c = next < filter->source->length ? filter->source->text[next] : '\0';
        if (level->thens > 0) {
            level->thens--;
        } else {
            level->in_else = c != '{';
        }
        return true;
    }
    case TOK_BCOMMA:
        level->in_else = false;
        level->thens = 0;
        return true;
    default:
        return true;
    }
}

/* An item cannot begin with `=`. Reported here, since the parser is silent for some tokens after an error. */
static void check_start(struct filter *filter, struct token *token)
{
    if (token->kind != TOK_ASSIGN || !starts_body(filter->last.kind)) {
        return;
    }
    struct diag *diag = diag_report(filter->diags, DIAG_SYNTAX_EXPECTED, token_span(filter, token),
                                    "expected a name before `=`");
    diag_label(diag, "nothing is named here");
    diag_help(diag, "write `name = value` on one line");
    token->kind = TOK_INVALID;
    filter_mute(filter, token->start);
    filter->skipping = true;
    filter->swallow_blocks = false;
    filter->skip_depth = filter->depth;
}

/* True inside a hole of a string that ends with its line. */
static bool in_line_hole(const struct filter *filter)
{
    for (size_t at = filter->depth; at > 0 && filter->levels[at].open != '{'; at--) {
        if (filter->levels[at].open == '\\' && !filter->levels[at].triple) {
            return true;
        }
    }
    return false;
}

/* One step: the next token, or a new line or made-up closer before it. `*given` false: nothing yet. */
static struct token step(struct filter *filter, bool *given)
{
    *given = true;
    if (filter->depth > filter->close_to) {
        return brackets_make_up(filter);
    }
    filter->close_to = SIZE_MAX;
    struct token token = fetch(filter);
    bool at_block = brackets_at_block(filter);
    if (token.newline && at_block && token.kind != TOK_RBRACE && token.kind != TOK_END &&
        !words_continue_line(filter, &token)) {
        brackets_note_line(filter, &token);
        if (!starts_body(filter->last.kind)) {
            return line_end(filter, token);
        }
    }
    bool forgotten =
        !at_block && (token.kind == TOK_END ||
                      (token.newline && (in_line_hole(filter) || words_start_item(filter, &token))));
    if (forgotten || (token.kind == TOK_END && filter->depth > 0)) {
        brackets_abandon(filter, forgotten ? brackets_block(filter) : 0, &token);
        bool newline = token.newline;
        hold(filter, token);
        filter->held.newline = newline;
        *given = false;
        return token;
    }
    check_start(filter, &token);
    *given = apply(filter, &token);
    return token;
}

/* Swallows up to a new line, a comma or the closing brace of the item, or to a block that it has. */
static struct token skip(struct filter *filter)
{
    for (;;) {
        bool given;
        struct token token = step(filter, &given);
        if (!given) {
            continue;
        }
        bool level_end = filter->depth == filter->skip_depth &&
                         (token.kind == TOK_NEWLINE || token.kind == TOK_BCOMMA || token.kind == TOK_END);
        bool closed = filter->depth < filter->skip_depth;
        bool block =
            !filter->swallow_blocks && token.kind == TOK_LBRACE && filter->depth == filter->skip_depth + 1;
        if (level_end || closed || token.kind == TOK_END) {
            filter->skipping = false;
            return token;
        }
        if (block) {
            filter->skipping = false;
            filter->levels[filter->skip_depth].resume_skip = true;
            return token;
        }
        note(filter, &token);
    }
}

int filter_next(struct filter *filter, struct span *span)
{
    struct level *level = &filter->levels[filter->depth];
    if (filter->last.kind == TOK_NEWLINE || filter->last.kind == TOK_BCOMMA) {
        level->muted = false;
        filter->top_item_failed &= filter->depth > 0;
    } else if (filter->last.kind == TOK_RBRACE && level->resume_skip) {
        filter->skipping = true;
        filter->swallow_blocks = true;
        filter->skip_depth = filter->depth;
        level->resume_skip = false;
    }
    struct token token;
    bool given = true;
    do {
        token = filter->skipping ? skip(filter) : step(filter, &given);
    } while (!given);
    note(filter, &token);
    *span = token_span(filter, &token);
    return token.kind;
}

void filter_recover(struct filter *filter)
{
    int kind = filter->last.kind;
    size_t block = brackets_block(filter);
    if (kind == TOK_LBRACE) { /* it has just been pushed */
        block = filter->depth - 1;
        while (block > 0 && filter->levels[block].open != '{') {
            block--;
        }
    }
    mute_level(filter, block, filter->last.start);
    if (kind == TOK_NEWLINE || kind == TOK_BCOMMA || kind == TOK_RBRACE || kind == TOK_END) {
        return;
    }
    if (kind == TOK_LBRACE) { /* the parser takes it as the block of the broken item */
        filter->forgiven += (unsigned)(filter->depth - block - 1);
        filter->levels[block + 1] = filter->levels[filter->depth];
        filter->depth = block + 1;
        filter->levels[block].resume_skip = true;
        return;
    }
    filter->skip_depth = block;
    filter->swallow_blocks = false;
    filter->skipping = true;
}
