#ifndef MLC_GRAMMAR_FORMAT_PARTS_H
#define MLC_GRAMMAR_FORMAT_PARTS_H

/* What the two files of the formatter share. Layout follows the author where lines were broken behind an
 * opening bracket or before an operator; what was on one line stays there while it fits. All decisions
 * look at the text without alignment, so that formatting twice changes nothing. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/buf.h"
#include "grammar/parse.h"

enum { FORMAT_WIDTH = 110, FORMAT_INDENT = 2 };

/* Why a try to print on one line was given up. */
enum format_failure { FORMAT_FITS, FORMAT_TOO_WIDE, FORMAT_MUST_BREAK };

struct format {
    struct buf *out;
    struct arena *arena;
    const struct ast_file *file;
    size_t comment; /* the first one that was not printed */
    size_t indent;  /* of the row that is being printed */
    bool flat;      /* a try on one line */
    enum format_failure failure;
    size_t line_start;           /* in `out` */
    const struct ast_expr *mark; /* where this expression ends, `marked` is set */
    size_t marked;
};

void format_expr(struct format *format, const struct ast_expr *expr);
/* `{ … }` with its braces, on one line or as a body. */
void format_block(struct format *format, const struct ast_block *block);
/* Names and sources of a `for`, a forall or a comprehension, with its `where`. */
void format_binders(struct format *format, const struct ast_binder *binders, const struct ast_expr *where);

/* Appends text; notes when a try on one line becomes too wide. */
void format_add(struct format *format, const char *text);
/* Appends the source of a span as it stands (without carriage returns). */
void format_verbatim(struct format *format, struct span span);
/* A new line with the indentation of the row and `more`; ends a try on one line. */
void format_newline(struct format *format, size_t more);
/* True if the source has a line end in [start, end). */
bool format_breaks(const struct format *format, uint32_t start, uint32_t end);
/* True if a comment that was not printed lies before `end`. */
bool format_has_comment(const struct format *format, uint32_t end);
/* Prints the comments before `offset`, a line each, in front of the next row. */
void format_comments(struct format *format, uint32_t offset);
/* Prints the comment that ends the line of the source at `offset`, if there is one. */
void format_trailing(struct format *format, uint32_t offset, const char *gap);

/* A try on one line: between `begin` and `end` all goes to one line or `end` undoes it and says why. */
struct format_try {
    size_t length, line_start;
    bool flat;
};
struct format_try format_begin(struct format *format);
enum format_failure format_end(struct format *format, struct format_try try);

#endif
