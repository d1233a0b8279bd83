#ifndef MLC_GRAMMAR_PARSE_STATE_H
#define MLC_GRAMMAR_PARSE_STATE_H

/* What one parse carries from text to tree. */

#include "core/arena.h"
#include "core/diag.h"
#include "core/span.h"
#include "grammar/comments.h"
#include "grammar/filter.h"

struct parse {
    struct arena *arena;
    const struct source *source;
    struct diag_sink *diags;
    struct filter *filter;
    struct comments comments;
    struct ast_block *body; /* NULL until the whole file was reduced */
    bool depth_reported;
};

#endif
