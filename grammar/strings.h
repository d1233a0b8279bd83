#ifndef MLC_GRAMMAR_STRINGS_H
#define MLC_GRAMMAR_STRINGS_H

/* From string tokens to pieces: escapes, holes, and the indentation of """ strings.
 *
 * "…"     one line; escapes \" \\ \/ \b \f \n \r \t \0 \uXXXX (pairs as in JSON) \u{X…}; holes \(expr)
 * """…""" several lines, same escapes and holes. When the opening quotes end their line, that line end is
 *         not part of the text, and the indentation that all lines share, the line of the closing quotes
 *         among them, is taken away. The last line end stays; quotes directly behind the text have none.
 * '…'     one line, as it stands: no escapes, no holes. */

#include <stdbool.h>
#include "grammar/ast.h"

struct parse;

/* Makes the final pieces of a string from `pieces`, an open list of holes and of texts in source form
 * (`text` points into the source). Reports unknown escapes; drops empty texts. */
struct ast_piece *strings_decode(struct parse *parse, struct ast_piece *pieces, bool triple);

#endif
