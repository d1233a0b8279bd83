#ifndef MLC_GRAMMAR_SYNTAX_ERRORS_H
#define MLC_GRAMMAR_SYNTAX_ERRORS_H

/* The words of syntax errors: what was found, what was expected, what to do. */

#include <stdbool.h>
#include "core/span.h"

struct parse;

enum { EXPECTED_TOKENS = 96 };

/* The tokens that the parser could have taken, by kind minus TOK_NAME. */
struct expected {
    bool token[EXPECTED_TOKENS];
};

/* Reports a syntax error at the filter's last token, unless it would only repeat an earlier one. */
void syntax_report(struct parse *parse, const struct expected *expected);

/* The parser's stack or the tree is too deep; reported once. */
void syntax_report_depth(struct parse *parse, struct span span);

/* `f(x = 1)` */
void syntax_report_assigned_argument(struct parse *parse, struct span name, struct span mark,
                                     struct span value);

/* A key with a NUL in it. */
void syntax_report_nul_key(struct parse *parse, struct span span);

#endif
