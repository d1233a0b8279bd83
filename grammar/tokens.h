#ifndef MLC_GRAMMAR_TOKENS_H
#define MLC_GRAMMAR_TOKENS_H

/* Tokens as flex finds them (lexer.l), before the filter (filter.h) has looked at lines, blanks and
 * brackets. A token is a kind and a range of bytes; texts are cut from the source when they are needed. */

#include <stdbool.h>
#include <stdint.h>
#include "core/span.h"
#include "grammar/comments.h"

struct token {
    int kind; /* enum grammar_tokentype of the generated parser.h, or one of the kinds below */
    uint32_t start, end;
    bool newline; /* a line ended between the token before and this one */
    bool made_up; /* not in the text: put there to go on after an error */
};

/* Kinds that only the filter sees; the parser's own lie below. */
enum raw_kind {
    RAW_OPEN_STRING = 1000, /* a string whose line ended before its quote */
    RAW_OPEN_TRIPLE,        /* a """ that reaches the end of the file */
    RAW_OPEN_RAW,           /* a '…' whose line ended */
    RAW_OPEN_BACKQUOTE,
    RAW_WRONG_OPERATOR, /* && || ! => -> := ; // … of other languages */
    RAW_BAD_CHARACTER
};

/* What the scanner keeps beside flex's own state. */
struct lexer_state {
    uint32_t start, end; /* of the token just scanned */
    bool newline;
    struct comments *comments;
};

/* The scanner that lexer.l generates. `text` is copied. */
struct lexer;
struct lexer *lexer_new(struct lexer_state *state, const char *text, uint32_t length);
void lexer_free(struct lexer *lexer);
int lexer_scan(struct lexer *lexer); /* the next kind; 0 at the end */
/* Goes on inside a string after the `)` of a hole, which has just been scanned. */
void lexer_resume_string(struct lexer *lexer, bool triple);

#endif
