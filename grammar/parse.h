#ifndef MLC_GRAMMAR_PARSE_H
#define MLC_GRAMMAR_PARSE_H

/* Text to syntax tree. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/diag.h"
#include "core/span.h"
#include "grammar/ast.h"

struct parse_limits {
    size_t bytes;   /* of one file; 0: 16 MiB */
    size_t nesting; /* of brackets and blocks; 0: 200 */
};

/* A comment, kept beside the tree. */
struct ast_comment {
    struct span span;
    bool doc;      /* ## */
    bool own_line; /* nothing but blanks before it on its line */
};

struct ast_file {
    const struct source *source;
    struct ast_block *body; /* never NULL: what could be understood */
    struct ast_comment *comments;
    size_t comment_count;
    bool complete; /* false when errors were reported */
};

/* Parses a source. All independent mistakes are reported in one run. Never NULL. Reentrant. */
struct ast_file *parse_source(struct arena *arena, const struct source *source, struct parse_limits limits,
                              struct diag_sink *diags);

/* Prints the tokens, or the tree in one line a node with indentation: `--dump tokens`, `--dump ast`. */
void parse_dump_tokens(struct buf *out, const struct source *source);
void ast_dump(struct buf *out, const struct ast_file *file);

/* The canonical format of a file that parsed completely; comments survive; idempotent. */
void format_file(struct buf *out, const struct ast_file *file);

#endif
