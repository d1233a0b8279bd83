#include "grammar/filter_parts.h"

#include <string.h>
#include "core/text.h"
#include "parser.h"

uint32_t text_skip_blanks(const struct source *source, uint32_t at)
{
    while (at < source->length &&
           (source->text[at] == ' ' || source->text[at] == '\t' || source->text[at] == '\r')) {
        at++;
    }
    return at;
}

/* Over blanks, new lines and comments. */
static uint32_t skip_space(const struct source *source, uint32_t at)
{
    for (;;) {
        at = text_skip_blanks(source, at);
        if (at < source->length && source->text[at] == '\n') {
            at++;
        } else if (at < source->length && source->text[at] == '#') {
            while (at < source->length && source->text[at] != '\n') {
                at++;
            }
        } else {
            return at;
        }
    }
}

static char char_at(const struct source *source, uint32_t at)
{
    return at < source->length ? source->text[at] : '\0';
}

static bool name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool name_char(char c)
{
    return name_start(c) || (c >= '0' && c <= '9');
}

/* The end of the name at `at`, or `at` when there is none. */
static uint32_t name_end(const struct source *source, uint32_t at)
{
    if (!name_start(char_at(source, at))) {
        return at;
    }
    while (name_char(char_at(source, at)) ||
           (char_at(source, at) == '-' && name_char(char_at(source, at + 1)))) {
        at++;
    }
    return at;
}

static bool text_equals(const struct source *source, uint32_t start, uint32_t end, const char *word)
{
    size_t length = strlen(word);
    return end - start == length && memcmp(source->text + start, word, length) == 0;
}

/* True if `=`, `:` or `?:` stands at `at`: what makes the word before it a key. */
static bool key_mark(const struct source *source, uint32_t at)
{
    char c = char_at(source, at);
    char next = char_at(source, at + 1);
    return c == ':' || (c == '=' && next != '=') || (c == '?' && next == ':');
}

bool words_is_operand_end(int kind)
{
    switch (kind) {
    case TOK_NAME:
    case TOK_NUM:
    case TOK_STRING:
    case TOK_STR_TAIL:
    case TOK_TRUE:
    case TOK_FALSE:
    case TOK_NULL:
    case TOK_RPAREN:
    case TOK_RBRACKET:
    case TOK_RBRACE:
    case TOK_QUESTION:
    case TOK_INVALID:
        return true;
    default:
        return false;
    }
}

static bool in_key_position(const struct filter *filter, const struct token *token)
{
    switch (filter->last.kind) {
    case TOK_END: /* the start of the file */
    case TOK_LBRACE:
    case TOK_LPAREN:
    case TOK_CALLP:
    case TOK_NEWLINE:
    case TOK_BCOMMA:
        return true;
    case TOK_COMMA:
        return filter->levels[filter->depth].open == '(';
    default:
        return token->newline && brackets_at_block(filter);
    }
}

/* A word is a name behind a dot, and where a key stands. */
static bool demoted(const struct filter *filter, const struct token *token)
{
    if (filter->last.kind == TOK_DOT || filter->last.kind == TOK_OPT_DOT) {
        return true;
    }
    return in_key_position(filter, token) &&
           key_mark(filter->source, text_skip_blanks(filter->source, token->end));
}

/* `any x in …` or `any k, v in …` stands at `any`. */
static bool binder_follows(const struct source *source, uint32_t at)
{
    uint32_t start = text_skip_blanks(source, at);
    uint32_t end = name_end(source, start);
    if (end == start) {
        return false;
    }
    uint32_t next = text_skip_blanks(source, end);
    if (char_at(source, next) == ',') {
        start = text_skip_blanks(source, next + 1);
        end = name_end(source, start);
        next = text_skip_blanks(source, end);
    }
    return text_equals(source, next, name_end(source, next), "in");
}

static void classify_word(struct filter *filter, struct token *token)
{
    if (demoted(filter, token)) {
        token->kind = TOK_NAME;
        return;
    }
    bool operand = words_is_operand_end(filter->last.kind);
    if (token->kind == TOK_NOT && operand) {
        uint32_t start = text_skip_blanks(filter->source, token->end);
        uint32_t end = name_end(filter->source, start);
        if (text_equals(filter->source, start, end, "in")) {
            lexer_scan(filter->lexer);
            token->kind = TOK_NOT_IN;
            token->end = end;
        }
    } else if (token->kind == TOK_ANY && !binder_follows(filter->source, token->end)) {
        token->kind = TOK_NAME;
    } else if ((token->kind == TOK_WHERE || token->kind == TOK_WHEN || token->kind == TOK_OVER) && !operand) {
        token->kind = TOK_NAME;
    }
}

/* True if the text at `at` is a date such as 2026-11-23. */
static bool is_date(const struct source *source, uint32_t at)
{
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; shape[i] != '\0'; i++) {
        char c = char_at(source, at + (uint32_t)i);
        if (shape[i] == 'd' ? c < '0' || c > '9' : c != '-') {
            return false;
        }
    }
    return true;
}

static void report_glued(struct filter *filter, const struct token *token)
{
    uint32_t start = filter->last.start;
    if (token->start < filter->quiet_until || filter_failed_on_line(filter, token->start)) {
        return;
    }
    if (is_date(filter->source, start)) {
        struct span date = {filter->source->id, start, start + 10};
        filter->quiet_until = date.end;
        struct diag *diag =
            diag_report(filter->diags, DIAG_SYNTAX_DATE, date, "a date is written as a string");
        diag_label(diag, "reads as a subtraction");
        diag_help(diag, "write `\"%.10s\"`", filter->source->text + start);
        diag_fix(diag, date, true, "\"%.10s\"", filter->source->text + start);
        filter_mute(filter, token->start);
        return;
    }
    char sign = filter->source->text[token->start];
    bool path = sign == '/' && filter->last.kind == TOK_NAME;
    struct diag *diag = diag_report(filter->diags, DIAG_SYNTAX_SPACES, token_span(filter, token),
                                    "`%c` between two operands has a space on both sides", sign);
    diag_label(diag, "spaces are missing here");
    diag_help(diag, path ? "write ` %c `; a path is a string: \"src/train.py\"" : "write ` %c `", sign);
    char after = char_at(filter->source, token->end);
    diag_fix(diag, token_span(filter, token), !path, "%s%c%s", filter->last.end == token->start ? " " : "",
             sign, after == ' ' || after == '\n' ? "" : " ");
}

/* Spaces on both sides: binary. None behind and not glued to an operand: a sign. */
static void classify_minus(struct filter *filter, struct token *token)
{
    char after = char_at(filter->source, token->end);
    bool space_after = after == ' ' || after == '\t' || after == '\n' || after == '\r' || after == '\0';
    if (!words_is_operand_end(filter->last.kind)) {
        token->kind = TOK_UMINUS;
    } else if (token->start != filter->last.end || token->newline) {
        token->kind = space_after ? TOK_MINUS : TOK_UMINUS;
    } else {
        report_glued(filter, token);
    }
}

static void classify_slash(struct filter *filter, const struct token *token)
{
    char after = char_at(filter->source, token->end);
    bool glued = token->start == filter->last.end || (after != ' ' && after != '\t' && after != '\n');
    if (words_is_operand_end(filter->last.kind) && glued) {
        report_glued(filter, token);
    }
}

/* The end of a string without quotes inside that begins at `at`, or `at`. */
static uint32_t string_end(const struct source *source, uint32_t at)
{
    if (char_at(source, at) != '"') {
        return at;
    }
    for (uint32_t end = at + 1;; end++) {
        char c = char_at(source, end);
        if (c == '"') {
            return end + 1;
        }
        if (c == '\0' || c == '\n') {
            return at;
        }
        end += c == '\\';
    }
}

/* True if the text behind a comma is one action (a name, a call, a string) up to the end of the item. */
static bool action_follows(const struct source *source, uint32_t at)
{
    at = text_skip_blanks(source, at);
    uint32_t end = name_end(source, at);
    if (end == at) {
        end = string_end(source, at);
    }
    if (end == at) {
        return false;
    }
    unsigned open = 0;
    bool in_string = false;
    if (char_at(source, end) == '(') {
        do {
            char c = char_at(source, end++);
            if (c == '\0' || c == '\n') {
                return false;
            }
            in_string ^= c == '"' && source->text[end - 2] != '\\';
            open += !in_string && c == '(';
            open -= !in_string && c == ')';
        } while (open > 0 || in_string);
    }
    end = text_skip_blanks(source, end);
    char c = char_at(source, end);
    return c == '\0' || c == '\n' || c == ',' || c == '}' || c == '#';
}

static void classify_comma(struct filter *filter, struct token *token)
{
    if (!brackets_at_block(filter)) {
        return;
    }
    bool goes_on = filter->levels[filter->depth].in_else && action_follows(filter->source, token->end);
    token->kind = goes_on ? TOK_ELSE_COMMA : TOK_BCOMMA;
}

void words_classify(struct filter *filter, struct token *token)
{
    bool tight =
        words_is_operand_end(filter->last.kind) && token->start == filter->last.end && !token->newline;
    switch (token->kind) {
    case TOK_AND:
    case TOK_OR:
    case TOK_NOT:
    case TOK_IN:
    case TOK_IF:
    case TOK_THEN:
    case TOK_ELSE:
    case TOK_FOR:
    case TOK_FORALL:
    case TOK_ANY:
    case TOK_TRUE:
    case TOK_FALSE:
    case TOK_NULL:
    case TOK_WHERE:
    case TOK_WHEN:
    case TOK_OVER:
        classify_word(filter, token);
        break;
    case TOK_MINUS:
        classify_minus(filter, token);
        break;
    case TOK_SLASH:
        classify_slash(filter, token);
        break;
    case TOK_COMMA:
        classify_comma(filter, token);
        break;
    case TOK_LPAREN:
        token->kind = tight ? TOK_CALLP : TOK_LPAREN;
        break;
    case TOK_LBRACKET:
        token->kind = tight ? TOK_INDEX : TOK_LBRACKET;
        break;
    default:
        break;
    }
}

/* A value on the line after `=` or `:` must not be able to stand for itself. */
static bool value_may_follow(const struct filter *filter, const struct token *token)
{
    switch (token->kind) {
    case TOK_LBRACE:
    case TOK_LBRACKET:
    case TOK_LPAREN:
    case TOK_NUM:
    case TOK_UMINUS:
    case TOK_STR_HEAD:
        return true;
    case TOK_STRING:
    case TOK_TRUE:
    case TOK_FALSE:
    case TOK_NULL: {
        uint32_t next = skip_space(filter->source, token->end);
        return !key_mark(filter->source, next);
    }
    default:
        return false;
    }
}

bool words_continue_line(const struct filter *filter, const struct token *token)
{
    switch (token->kind) {
    case TOK_AND:
    case TOK_OR:
    case TOK_IN:
    case TOK_NOT_IN:
    case TOK_THEN:
    case TOK_ELSE:
    case TOK_WHERE:
    case TOK_WHEN:
    case TOK_OVER:
    case TOK_EQ:
    case TOK_NE:
    case TOK_LT:
    case TOK_LE:
    case TOK_GT:
    case TOK_GE:
    case TOK_COALESCE:
    case TOK_MERGE:
    case TOK_PIPE:
    case TOK_RANGE:
    case TOK_PLUS:
    case TOK_MINUS:
    case TOK_STAR:
    case TOK_SLASH:
    case TOK_DOT:
    case TOK_OPT_DOT:
    case TOK_QUESTION:
    case TOK_COLON:
    case TOK_OPT_COLON:
    case TOK_BCOMMA:
    case TOK_ELSE_COMMA:
        return true;
    default:
        break;
    }
    int last = filter->last.kind;
    return (last == TOK_ASSIGN || last == TOK_COLON || last == TOK_OPT_COLON) &&
           value_may_follow(filter, token);
}

bool words_start_item(const struct filter *filter, const struct token *token)
{
    static const char *const operators[] = {"and", "or",   "not",  "in",   "for",  "over",
                                            "if",  "then", "else", "when", "where"};
    const struct source *source = filter->source;
    if (token->kind != TOK_NAME) {
        return false;
    }
    uint32_t next = text_skip_blanks(source, token->end);
    char c = char_at(source, next);
    if (c == '=' && char_at(source, next + 1) != '=') {
        return true;
    }
    if (c == '{' || c == '"') {
        return true;
    }
    uint32_t end = name_end(source, next);
    if (end == next || next == token->end) {
        return false;
    }
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (text_equals(source, next, end, operators[i])) {
            return false;
        }
    }
    return true;
}
