#ifndef MLC_BACKENDS_EXTRAS_H
#define MLC_BACKENDS_EXTRAS_H

/* `extra TARGET { KIND { … } }` of a node, merged into the documents that were made for it. Private to
 * backends/. */

#include "backends/backend.h"

/* Merges the extras of all nodes for this backend. Records merge key by key, lists of records by what
 * identifies their elements (name, id, key …), anything else is replaced; null takes a field away. What
 * matches no document is an error. False after reporting. */
bool extras_merge(struct compilation *compilation, const struct backend *backend, struct vec *files);

/* Every `extra` names a target that the project has. False after reporting. */
bool extras_check_targets(struct compilation *compilation);

/* The merge itself: `extra` over `value`. */
const struct value *extras_merged(struct compilation *compilation, const struct backend *backend,
                                  const struct value *value, const struct value *extra);

/* True for a block of HCL, {type, labels, body: [{key, value} or block]}, and the merge with one. */
bool extras_is_block(const struct value *value);
const struct value *extras_merged_block(struct compilation *compilation, const struct backend *backend,
                                        const struct value *block, const struct value *extra);

/* False after reporting that the body of an extra contradicts the spec (backend->sealed) or the shape of what
 * it merges with. */
bool extras_check(struct compilation *compilation, const struct backend *backend, const struct part *part,
                  const struct value *body);

/* Warns of fields that the target does not know (`names`: of backend->field_names), with what may be meant.
 */
void extras_check_names(struct compilation *compilation, const struct value *names, const struct part *part,
                        const struct value *body);

#endif
