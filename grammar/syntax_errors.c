#include "grammar/syntax_errors.h"

#include <stdio.h>
#include <string.h>
#include "grammar/filter_parts.h"
#include "grammar/parse_state.h"
#include "parser.h"

/* What the cases of an error look at. */
struct situation {
    struct parse *parse;
    const struct expected *expected;
    const struct token *found, *before; /* the unexpected token and the one before it */
    const struct level *bracket;        /* NULL in the file */
    char what[80];                      /* the unexpected token in words */
};

static bool expects(const struct situation *at, int token)
{
    return at->expected->token[token - TOK_NAME];
}

static struct span span_of(const struct situation *at, const struct token *token)
{
    return token_span(at->parse->filter, token);
}

/* The text of a token, cut to what fits a message. */
static void token_text(const struct situation *at, const struct token *token, char *out, size_t size)
{
    enum { MOST = 24 };
    const char *text = at->parse->source->text + token->start;
    size_t length = token->end - token->start;
    const char *line_end = memchr(text, '\n', length);
    size_t shown = line_end != NULL ? (size_t)(line_end - text) : length;
    bool cut = shown < length || shown > MOST;
    shown = shown > MOST ? MOST : shown;
    while (shown > 0 && shown < length && ((unsigned char)text[shown] & 0xC0) == 0x80) {
        shown--;
    }
    snprintf(out, size, "`%.*s%s`", (int)shown, text, cut ? "…" : "");
}

static void describe(const struct situation *at, const struct token *token, char *out, size_t size)
{
    switch (token->kind) {
    case TOK_END:
        snprintf(out, size, "the end of the file");
        return;
    case TOK_NEWLINE:
        snprintf(out, size, "the end of the line");
        return;
    case TOK_STR_MID:
    case TOK_STR_TAIL:
        snprintf(out, size, "the end of the hole");
        return;
    default:
        token_text(at, token, out, size);
    }
}

static bool starts_value(int kind)
{
    switch (kind) {
    case TOK_NAME:
    case TOK_NUM:
    case TOK_STRING:
    case TOK_STR_HEAD:
    case TOK_TRUE:
    case TOK_FALSE:
    case TOK_NULL:
    case TOK_INVALID:
    case TOK_UMINUS:
    case TOK_LPAREN:
    case TOK_LBRACKET:
    case TOK_FORALL:
    case TOK_ANY:
    case TOK_IF:
    case TOK_FOR:
    case TOK_NOT:
    case TOK_SPREAD:
        return true;
    default:
        return false;
    }
}

static bool is_reserved(int kind)
{
    return kind == TOK_AND || kind == TOK_OR || kind == TOK_IN || kind == TOK_THEN || kind == TOK_ELSE ||
           kind == TOK_FOR || kind == TOK_IF || kind == TOK_NOT || kind == TOK_WHERE || kind == TOK_WHEN ||
           kind == TOK_OVER || kind == TOK_FORALL;
}

static struct diag *report(const struct situation *at, const char *message, const char *detail)
{
    struct diag *diag = diag_report(at->parse->diags, DIAG_SYNTAX_EXPECTED, span_of(at, at->found), "%s%s%s",
                                    message, detail, at->what);
    return diag;
}

static void add_bracket(const struct situation *at, struct diag *diag)
{
    if (at->bracket != NULL && at->bracket->open != '{') {
        diag_secondary(diag, at->bracket->opener,
                       at->bracket->open == '\\' ? "inside this hole" : "inside this `%c`",
                       at->bracket->open);
    }
}

/* A value should stand here. */
static void report_no_value(const struct situation *at)
{
    char before[80];
    token_text(at, at->before, before, sizeof before);
    struct diag *diag;
    switch (at->before->kind) {
    case TOK_END:
    case TOK_LBRACE:
    case TOK_NEWLINE:
    case TOK_BCOMMA:
        diag = report(at, "expected an item", ", found ");
        diag_label(diag, "no item begins like this");
        diag_help(
            diag,
            "an item is `name = value`, `key: value`, a statement such as `expect rows >= 100`, or a block "
            "`name { … }`");
        return;
    default: {
        char message[120];
        snprintf(message, sizeof message, "expected a value after %s", before);
        diag = report(at, message, ", found ");
    }
    }
    add_bracket(at, diag);
    int kind = at->found->kind;
    bool line_end = kind == TOK_NEWLINE;
    diag_label(diag, line_end ? "a value is missing here" : "not a value");
    if (line_end && (at->before->kind == TOK_ASSIGN || at->before->kind == TOK_COLON)) {
        diag_help(diag, "write the value on this line; only a `{`, `[` or a literal may follow on the next");
    } else if (line_end) {
        diag_help(diag,
                  "a line that begins with an operator continues the one before: move %s to the next line",
                  before);
    } else if (is_reserved(kind)) {
        diag_help(diag, "%s is a reserved word; in backquotes it is a name", at->what);
    } else if (kind == TOK_DOT) {
        diag_help(diag, "a number begins with a digit: `0.5`");
    }
}

/* Two values stand side by side. */
static void report_side_by_side(const struct situation *at)
{
    struct span gap = {at->parse->source->id, at->before->end, at->before->end};
    char open = at->bracket == NULL ? 0 : at->bracket->open;
    struct diag *diag;
    if (at->found->kind == TOK_UMINUS) {
        diag = diag_report(at->parse->diags, DIAG_SYNTAX_SPACES, span_of(at, at->found),
                           "`-` between two operands has a space on both sides");
        diag_label(diag, "reads as a sign");
        diag_help(diag, "write ` - ` to subtract");
        diag_fix(diag, (struct span){gap.source, at->found->end, at->found->end}, true, " ");
        return;
    }
    if (open == '(' || open == '[') {
        diag = report(at, open == '(' ? "expected `,` or `)`" : "expected `,` or `]`", ", found ");
        diag_label(diag, "a comma is missing before this");
        diag_secondary(diag, at->bracket->opener, "inside this `%c`", open);
        diag_help(diag, "write `,` between the two");
        diag_fix(diag, gap, false, ",");
        return;
    }
    if (open == '\\') {
        diag = report(at, "expected `)` at the end of the hole", ", found ");
        diag_label(diag, "the hole holds one value");
        diag_secondary(diag, at->bracket->opener, "the hole begins here");
        return;
    }
    diag = report(at, "expected the end of the item", ", found ");
    diag_label(diag, "a second value, or the next item");
    diag_help(diag, "items are separated by a new line or a comma; text with spaces goes between quotes");
    diag_fix(diag, gap, false, ",");
}

static void report_assign(const struct situation *at)
{
    bool closed = at->before->kind == TOK_RBRACKET || at->before->kind == TOK_RPAREN;
    struct diag *diag;
    if ((at->bracket == NULL || at->bracket->open == '{') && !expects(at, TOK_THEN)) {
        diag = diag_report(at->parse->diags, DIAG_SYNTAX_EXPECTED, span_of(at, at->found),
                           "`=` does not fit here");
        diag_label(diag, closed ? "only a name or a string can be given a value"
                                : "the item has its value already");
        diag_help(diag, "`name = value` gives a value; to compare, write `==`");
    } else {
        diag = diag_report(at->parse->diags, DIAG_SYNTAX_EXPECTED, span_of(at, at->found),
                           "`=` does not compare");
        diag_label(diag, "expected `==`");
        diag_help(diag, "write `==`");
        add_bracket(at, diag);
    }
    diag_fix(diag, span_of(at, at->found), false, "==");
}

/* The word or mark that this construct needs next, if it is only one. */
static const struct need {
    int token;
    const char *text;
    const char *help;
} needs[] = {
    {TOK_THEN, "`then` or a block", "`if c then a else b` is a value; `if c { … }` an item"},
    {TOK_ELSE, "`else`", "`if c then a else b` names both values; use `null` for none"},
    {TOK_IN, "`in`", "a name and its source: `for x in xs`"},
};

static bool report_need(const struct situation *at)
{
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        const struct need *need = &needs[i];
        bool operators = expects(at, TOK_PLUS);
        if (!expects(at, need->token) || (need->token == TOK_IN && operators) ||
            (need->token == TOK_ELSE && expects(at, TOK_NEWLINE))) {
            continue;
        }
        char message[80];
        snprintf(message, sizeof message, "expected %s", need->text);
        struct diag *diag = report(at, message, ", found ");
        diag_label(diag, "%s is missing before this", need->text);
        diag_help(diag, "%s", need->help);
        add_bracket(at, diag);
        return true;
    }
    return false;
}

/* A complete value, and then something that cannot follow it. */
static void report_after_value(const struct situation *at)
{
    int kind = at->found->kind;
    bool block_missing = expects(at, TOK_LBRACE) && !expects(at, TOK_NEWLINE) && !expects(at, TOK_BCOMMA);
    struct diag *diag;
    if (kind == TOK_LBRACE && (at->bracket == NULL || at->bracket->open == '{')) {
        diag = report(at, "a block cannot follow this item", ": ");
        diag_label(diag, "unexpected block");
        diag_help(
            diag,
            "a structure is a block without `=`: `split { … }`; a list or record needs a comma before it");
        return;
    }
    if (block_missing) {
        diag = report(at, "expected a block `{ … }`", ", found ");
        diag_label(diag, "the `{` is missing here");
    } else if (at->bracket != NULL && at->bracket->open != '{') {
        char open = at->bracket->open;
        diag = report(at,
                      open == '['   ? "expected `,` or `]`"
                      : open == '(' ? "expected `,` or `)`"
                                    : "expected `)`",
                      ", found ");
        diag_label(diag, "does not fit here");
        diag_secondary(diag, at->bracket->opener, open == '\\' ? "inside this hole" : "inside this `%c`",
                       open);
        if (open == '[' && kind == TOK_COLON) {
            diag_help(diag, "`key: value` belongs in a record: `{ key: value }`");
        }
        return;
    } else {
        diag = report(at, "expected the end of the item", ", found ");
        diag_label(diag, "cannot follow a complete item");
        if (kind == TOK_COLON || kind == TOK_OPT_COLON) {
            diag_help(
                diag,
                "only a name or a string can be a key; a computed key is written `\"\\(name)\": value`");
            return;
        }
    }
    if (kind == TOK_ELSE_COMMA || kind == TOK_COMMA) {
        diag_help(diag, "something is missing before the comma");
    }
}

void syntax_report(struct parse *parse, const struct expected *expected)
{
    struct filter *filter = parse->filter;
    if (filter_muted(filter)) {
        return;
    }
    struct situation at = {.parse = parse,
                           .expected = expected,
                           .found = &filter->last,
                           .before = &filter->before_last,
                           .bracket = filter_bracket(filter)};
    struct token end = filter->last;
    if (end.kind == TOK_END &&
        at.before->kind != TOK_END) { /* show it where the text ends, not lines below */
        bool line = memchr(parse->source->text + at.before->end, '\n', end.end - at.before->end) != NULL;
        end.kind = line ? TOK_NEWLINE : TOK_END;
        end.start = end.end = at.before->end;
        at.found = &end;
    }
    describe(&at, at.found, at.what, sizeof at.what);
    bool value = expects(&at, TOK_NUM);
    if (at.found->kind == TOK_ASSIGN && !value) {
        report_assign(&at);
    } else if (!value && report_need(&at)) {
        return;
    } else if (value && !words_is_operand_end(at.before->kind)) {
        report_no_value(&at);
    } else if (expects(&at, TOK_NAME) && !value && !words_is_operand_end(at.before->kind)) {
        struct diag *diag = report(&at, "expected a name", ", found ");
        diag_label(diag, "not a name");
        if (is_reserved(at.found->kind)) {
            diag_help(diag, "%s is a reserved word; in backquotes it is a name", at.what);
        }
        add_bracket(&at, diag);
    } else if (starts_value(at.found->kind)) {
        report_side_by_side(&at);
    } else {
        report_after_value(&at);
    }
}

void syntax_report_depth(struct parse *parse, struct span span)
{
    if (parse->depth_reported) {
        return;
    }
    parse->depth_reported = true;
    struct diag *diag = diag_report(parse->diags, DIAG_SYNTAX_NESTING, span, "this is nested too deep");
    diag_label(diag, "more than %d operators, calls or conditions inside one another", AST_DEPTH_LIMIT);
    diag_help(diag, "name an inner part with `let`, or put the parts into a list");
}

void syntax_report_assigned_argument(struct parse *parse, struct span name, struct span mark,
                                     struct span value)
{
    struct diag *diag =
        diag_report(parse->diags, DIAG_SYNTAX_MARK, mark, "a named argument has `:`, not `=`");
    const char *text = parse->source->text;
    diag_label(diag, "expected `:`");
    diag_help(diag, "write `%.*s: …`; to compare, write `==`", (int)(name.end - name.start),
              text + name.start);
    diag_fix(diag, (struct span){mark.source, name.end, value.start}, true, ": ");
}

void syntax_report_nul_key(struct parse *parse, struct span span)
{
    struct diag *diag =
        diag_report(parse->diags, DIAG_SYNTAX_CHARACTER, span, "a key cannot hold the character U+0000");
    diag_label(diag, "no target can take this key");
}
