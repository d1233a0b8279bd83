#ifndef MLC_CORE_DOCUMENTS_YAML_H
#define MLC_CORE_DOCUMENTS_YAML_H

/* YAML. The reader (over libyaml) takes YAML 1.2's core schema as kubectl and GitHub mean it, refuses
 * duplicate keys, and bounds depth, size and alias expansion (billion laughs). The writer is safe for every
 * string under YAML 1.1 and 1.2 readers alike. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/diag.h"
#include "core/value.h"
#include "core/vec.h"

struct yaml_limits {
    size_t depth; /* 0: 100 */
    size_t nodes; /* 0: 5,000,000, after alias expansion */
};

/* Reads all documents of a stream and pushes each (empty ones are skipped) into `documents` as
 * `const struct value *`. False, with diagnostics (may be NULL), when any is ill-formed. */
bool yaml_read(struct arena *arena, const struct source *source, struct yaml_limits limits,
               struct origin_table *origins, struct diag_sink *diags, struct vec *documents);

/* Writes one document without "---": block style, two spaces, lists indented under their key, `|` for text of
 * several lines, comments and blank lines from marks. False as json_write. */
bool yaml_write(struct buf *out, const struct value *value, const struct value **bad);

/* Appends a scalar string as it would stand behind `key: `, in one line (plain or double-quoted). */
void yaml_write_scalar(struct buf *out, const char *text, size_t length);

#endif
