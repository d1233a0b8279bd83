#ifndef MLC_GRAMMAR_FILTER_H
#define MLC_GRAMMAR_FILTER_H

/* The filter between flex and bison. It decides what depends on lines, blanks and brackets, so that the
 * grammar stays context-free and LALR(1):
 *   - where a new line ends an item, and which words are words of the language where they stand;
 *   - a comma behind the `else` of a clause: it goes on with another action if a name or a call, and
 *     nothing else, follows up to the end of the item on the same line (`else alert(oncall), rollback`);
 *   - tight brackets (`f(`, `a[`), the two minuses, commas of a block and of a list;
 *   - matching of brackets, holes of strings among them, and the limit of nesting;
 *   - after a syntax error, the skip to the end of the item.
 * It holds at most one token, and updates `last` for every token that it gives, makes up or skips. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/diag.h"
#include "grammar/comments.h"
#include "grammar/tokens.h"

/* An open bracket; level 0 is the file. */
struct level {
    char open;        /* '{' '(' '[', '\\' for a hole of a string, 0 for the file */
    bool triple;      /* a hole of a """ string */
    bool in_else;     /* behind the `else` of a clause: a comma may go on with another action */
    bool muted;       /* the item has a reported error that explains further ones */
    bool resume_skip; /* the rest of the item is to be skipped when the inner block ends */
    unsigned thens;   /* `then`s that wait for their `else` */
    struct span opener;
    uint32_t indent;  /* columns before the first token of the opener's line */
    uint32_t suspect; /* first line that stands no deeper than the opener's line; 0: none */
};

struct filter {
    struct arena *arena;
    const struct source *source;
    struct diag_sink *diags;
    struct lexer *lexer;
    struct lexer_state scan;
    struct level *levels;
    size_t depth, limit;
    size_t close_to; /* levels above this one are to be closed by made-up tokens */
    struct token held;
    bool holding;
    bool ended; /* nothing but the end follows: a limit was passed */
    bool skipping;
    size_t skip_depth;
    bool swallow_blocks; /* the broken item has had its block: skip further ones */
    bool top_item_failed;
    struct token last; /* the last token given or skipped */
    struct token before_last;
    unsigned forgiven; /* closers that may come without their opener, which was given up */
    bool failed;       /* an error was reported at `failed_at` */
    uint32_t failed_at;
    uint32_t quiet_until;  /* no report about a glued minus before this offset */
    uint32_t line_indent;  /* of the line of the last token */
    struct span misfit;    /* the first `{` whose `}` stands less deep than its line */
    uint32_t misfit_line;  /* where that `}` is */
    bool deeper_failed;    /* the line above `deeper_line` has a reported error */
    uint32_t deeper_above; /* the last token of that line */
    uint32_t deeper_line;  /* first token of the first line that is indented without a `{`; 0: none */
};

struct filter *filter_new(struct arena *arena, const struct source *source, size_t nesting,
                          struct comments *comments, struct diag_sink *diags);
/* Frees the scanner; the rest lives in the arena. */
void filter_free(struct filter *filter);

/* The next token for the parser, 0 at the end. */
int filter_next(struct filter *filter, struct span *span);

/* The parser met a syntax error at the last token: skip to the end of the item. */
void filter_recover(struct filter *filter);

/* True if an error at the last token would only repeat what was reported about its item. */
bool filter_muted(const struct filter *filter);

/* The innermost open bracket of the last token, without one that it opened itself; NULL in the file. */
const struct level *filter_bracket(const struct filter *filter);

#endif
