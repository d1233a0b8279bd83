#ifndef MLC_GRAMMAR_COMMENTS_H
#define MLC_GRAMMAR_COMMENTS_H

/* Comments are kept beside the tree, in the order of the text. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/span.h"
#include "grammar/parse.h"

struct comments {
    struct arena *arena;
    const struct source *source;
    struct ast_comment *list;
    size_t count, capacity;
    size_t doc_count;
};

/* Notes the comment at [start, end) of the source, which begins with `#`. */
void comments_add(struct comments *comments, uint32_t start, uint32_t end);

/* The text of the `##` lines that end directly above the line of `offset`, joined by newlines and without
 * their marks, in the arena; NULL when there are none, or when `offset` is not the first on its line. */
const char *comments_doc_before(const struct comments *comments, uint32_t offset);

#endif
