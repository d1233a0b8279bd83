#ifndef MLC_COMPILER_EVALUATOR_BODY_H
#define MLC_COMPILER_EVALUATOR_BODY_H

/* Bodies while they are being read. */

#include "compiler/evaluator/evaluator.h"

/* What the items of a body make. */
enum body_mode { BODY_RECORD, BODY_LIST, BODY_BLOCKS, BODY_VALUE };
struct body {
    enum body_mode mode;
    const struct type *element; /* of entries or elements; NULL: none wanted */
    struct record_builder record;
    struct list_builder list;
    const struct value *value;
    struct map *written; /* keys written at this level, once something was spread; else NULL */
    bool open;           /* of an `extra`: `key { … }` is an entry, whose record is marked as a block */
    bool outermost;      /* of an `extra`: keys name documents, `Kind { … }` or `Kind name { … }` */
};

/* Reads items into what the body makes; false after reporting. */
bool body_items(struct evaluator *ev, struct scope *scope, const struct ast_item *item, struct body *body);

#endif
