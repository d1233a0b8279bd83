/* What people bring from other languages: their operators, their comments, characters from a word
 * processor. Each is reported with what this language writes instead, and mended so that parsing goes on. */

#include "grammar/filter_parts.h"

#include <string.h>
#include "core/text.h"
#include "parser.h"

struct foreign {
    const char *text;
    int kind;        /* what it is taken for; -1: dropped */
    const char *own; /* what to write instead; NULL: no fix */
    const char *help;
};

static const struct foreign foreigners[] = {
    {"&&", TOK_AND, "and", "write `and`"},
    {"||", TOK_OR, "or", "write `or`"},
    {"!", TOK_NOT, "not ", "write `not`"},
    {"===", TOK_EQ, "==", "write `==`"},
    {"!==", TOK_NE, "!=", "write `!=`"},
    {":=", TOK_ASSIGN, "=", "write `=`"},
    {"+=", TOK_ASSIGN, NULL, "nothing changes its value here; write `=` with the whole value"},
    {"-=", TOK_ASSIGN, NULL, "nothing changes its value here; write `=` with the whole value"},
    {"|=", TOK_ASSIGN, NULL, "nothing changes its value here; `a & b` merges two records"},
    {"=>", TOK_COLON, NULL, "write `key: value` in a record"},
    {"->", TOK_COLON, ":", "write `:` before the type of a result: `fn f(x: int): string`"},
    {"<-", TOK_ASSIGN, "=", "write `=`"},
    {";", -1, NULL, "a new line or a comma ends an item"},
    {"**", TOK_STAR, NULL, "there is no power operator"},
    {"%", TOK_STAR, NULL, "there is no remainder operator; a percentage is written `5%`, without a space"},
    {"//", -1, NULL, "a comment begins with `#`"},
    {"/*", -1, NULL, "a comment begins with `#` and ends with its line"},
};

static const struct foreign *foreign_at(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof foreigners / sizeof *foreigners; i++) {
        const char *own = foreigners[i].text;
        bool comment = own[0] == '/';
        size_t size = strlen(own);
        if (comment ? length >= size && memcmp(text, own, size) == 0
                    : length == size && memcmp(text, own, size) == 0) {
            return &foreigners[i];
        }
    }
    return NULL;
}

static bool mend_operator(struct filter *filter, struct token *token)
{
    const struct foreign *found = foreign_at(filter->source->text + token->start, token->end - token->start);
    if (found == NULL || filter_failed_on_line(filter, token->start)) {
        token->kind = found == NULL ? TOK_INVALID : found->kind;
        return found == NULL || found->kind >= 0;
    }
    struct span span = token_span(filter, token);
    if (found->text[0] == '/') {
        span.end = span.start + 2;
    }
    struct diag *diag = diag_report(filter->diags, DIAG_SYNTAX_FOREIGN, span,
                                    "`%s` is not part of this language", found->text);
    diag_label(diag, "%s", found->help);
    if (found->own != NULL) {
        diag_fix(diag, span, true, "%s", found->own);
    } else if (found->text[0] == '/' && found->text[1] == '/') {
        diag_fix(diag, span, true, "#");
    } else if (found->text[0] == ';') {
        uint32_t next = text_skip_blanks(filter->source, token->end);
        bool at_end = next >= filter->source->length || filter->source->text[next] == '\n';
        diag_fix(diag, span, true, at_end ? "" : ",");
        if (!at_end && brackets_at_block(filter)) {
            token->kind = TOK_BCOMMA;
            return true;
        }
    }
    filter_mute(filter, token->start);
    token->kind = found->kind;
    return found->kind >= 0;
}

/* The plain character for one from a word processor, or NULL. */
static const char *plain_form(uint32_t code_point)
{
    switch (code_point) {
    case 0x00A0:
    case 0x2003:
    case 0x2009:
    case 0x202F:
    case 0x3000:
        return " ";
    case 0x200B:
    case 0x200E:
    case 0x200F:
    case 0xFEFF:
        return "";
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x00AB:
    case 0x00BB:
        return "\"";
    case 0x2018:
    case 0x2019:
        return "'";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2212:
        return "-";
    case 0x2026:
        return "...";
    case 0x2264:
        return "<=";
    case 0x2265:
        return ">=";
    case 0x2260:
        return "!=";
    case 0x00D7:
        return "*";
    case 0xFF1A:
        return ":";
    case 0xFF0C:
        return ",";
    default:
        return NULL;
    }
}

static bool mend_character(struct filter *filter, struct token *token)
{
    const char *text = filter->source->text + token->start;
    size_t at = 0;
    uint32_t code_point = text_next_code_point(text, token->end - token->start, &at);
    if (filter_failed_on_line(filter, token->start)) {
        return false;
    }
    struct span span = {filter->source->id, token->start, token->start + (uint32_t)at};
    const char *plain = plain_form(code_point);
    struct diag *diag;
    if (code_point < 0x20 || code_point == 0x7f) {
        diag = diag_report(filter->diags, DIAG_SYNTAX_CHARACTER, span,
                           "the control character U+%04X stands in the text", (unsigned)code_point);
        diag_label(diag, "not visible; remove it");
        diag_fix(diag, span, true, "%s", "");
    } else {
        diag = diag_report(filter->diags, DIAG_SYNTAX_CHARACTER, span,
                           "`%.*s` (U+%04X) has no meaning outside of strings and comments", (int)at, text,
                           (unsigned)code_point);
        diag_label(diag, plain != NULL ? "a character from a word processor" : "unexpected character");
    }
    if (plain != NULL) {
        diag_help(diag,
                  plain[0] == ' '    ? "write a plain space"
                  : plain[0] == '\0' ? "remove it"
                                     : "write `%s`",
                  plain);
        diag_fix(diag, span, false, "%s", plain);
    } else if (code_point >= 0x80) {
        diag_help(diag, "a name has the letters a to z, digits, `_` and `-`; other text goes into a string");
    } else if (code_point == '$' || code_point == '@') {
        diag_help(diag, "a hole in a string is written \"\\(name)\"; elsewhere a name stands as it is");
    }
    filter_mute(filter, token->start);
    return false;
}

bool words_mend_foreign(struct filter *filter, struct token *token)
{
    return token->kind == RAW_WRONG_OPERATOR ? mend_operator(filter, token) : mend_character(filter, token);
}
