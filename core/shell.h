#ifndef MLC_CORE_SHELL_H
#define MLC_CORE_SHELL_H

/* Text for a POSIX shell (and bash): quoting, and where in a command a hole lies, so that what is put into
 * it stays one word whatever the author's quotes around it are. */

#include <stdbool.h>
#include <stddef.h>
#include "core/buf.h"

/* Appends the text as one word: as it is when nothing in it means anything to a shell, else in single quotes.
 */
void shell_quote(struct buf *out, const char *text, size_t length);

/* How the text read so far leaves the shell: which quotes are open. Zero-initialise it. */
enum shell_quotes { SHELL_PLAIN, SHELL_SINGLE, SHELL_DOUBLE };
struct shell_state {
    enum shell_quotes quotes;
    bool escaped; /* a backslash was the last byte */
    bool comment;
    bool word_start; /* meaningful after the first scan */
    bool scanned;
    unsigned depth;              /* of $( … ) inside double quotes */
    enum shell_quotes outer[32]; /* what each $( … ) returns to; deeper ones are not told apart */
    unsigned parentheses[32];    /* open ( inside each */
};

/* Reads a piece of a command. */
void shell_scan(struct shell_state *state, const char *text, size_t length);

/* Appends a word that takes the place of a hole after the text scanned so far: open quotes are closed before
 * it and opened again behind it. `word` is quoted for the plain state already (shell_quote, or "$NAME"). */
void shell_fill(struct buf *out, struct shell_state *state, const char *word);

#endif
