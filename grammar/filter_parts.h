#ifndef MLC_GRAMMAR_FILTER_PARTS_H
#define MLC_GRAMMAR_FILTER_PARTS_H

/* What the files of the filter share: filter.c (the flow of tokens), words.c (what a token is where it
 * stands), brackets.c (the stack). */

#include "grammar/filter.h"

/* words.c */

/* Decides the kind of a raw token by what stands before and behind it. */
void words_classify(struct filter *filter, struct token *token);
/* True for the end of a complete operand: a name, a literal, a closing bracket. */
bool words_is_operand_end(int kind);
/* True if a new line before `token` does not end the item. */
bool words_continue_line(const struct filter *filter, const struct token *token);
/* True if a line with `token` first looks like the start of an item, so that an open bracket was forgotten.
 */
bool words_start_item(const struct filter *filter, const struct token *token);
/* Reports what other languages write (`&&`, `;`, `//`) and characters that no token has. False: drop it. */
bool words_mend_foreign(struct filter *filter, struct token *token);

/* brackets.c */

/* Opens a bracket at `token`; false when the limit is passed. */
bool brackets_push(struct filter *filter, char open, const struct token *token);
/* The level of the innermost block (or the file). */
size_t brackets_block(const struct filter *filter);
/* True if new lines end items here. */
bool brackets_at_block(const struct filter *filter);
/* Checks a closing token: true if it closes the top. Else reports; `*drop` says that the token closes
 * nothing, otherwise `close_to` was set and the token has to wait. */
bool brackets_close(struct filter *filter, const struct token *token, bool *drop);
/* Reports the brackets above `level` as never closed and sets `close_to`. */
void brackets_abandon(struct filter *filter, size_t level, const struct token *at);
/* The made-up token that closes the top, which is popped. */
struct token brackets_make_up(struct filter *filter);
/* Indentation as evidence of forgotten braces: called with the first token of each line in a block. */
void brackets_note_line(struct filter *filter, const struct token *token);

/* Offsets into the text. */
uint32_t text_skip_blanks(const struct source *source, uint32_t at);
struct span token_span(const struct filter *filter, const struct token *token);
/* An error was reported at `offset`: further ones in the item only follow from it. */
void filter_mute(struct filter *filter, uint32_t offset);
/* True if an error was reported on the line of `offset`. */
bool filter_failed_on_line(const struct filter *filter, uint32_t offset);

#endif
