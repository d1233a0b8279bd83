#ifndef MLC_COMPILER_CHECK_OUTLINE_H
#define MLC_COMPILER_CHECK_OUTLINE_H

/* The project as its text shows it, before anything is evaluated. Inside the checker only. */

#include "compiler/check.h"

/* A block of the project, as far as the text shows it: what references, slots and overlays are resolved in.
 */
struct outline {
    const struct kind *kind;
    const char *name;              /* NULL: computed, or none */
    struct span span;              /* of the name */
    const struct ast_block *block; /* may be NULL */
    const struct ast_expr *type;   /* behind `:`, as of a column; or NULL */
    struct outline *parent;
    struct outline *base; /* of an overlay: the block that it changes */
    struct map *items;    /* what outline_item found, by attribute */
    struct map *children; /* what outline_children found, by attribute */
};

void outline_project(struct checker *c);
struct outline *outline_find(const struct checker *c, const struct kind *kind, const char *name);
/* The names of a kind's nodes; NULL: none. */
const struct map *outline_names(const struct checker *c, const struct kind *kind);
/* Could a computed name of the kind be this one? `"sales-\(country)"` could be any "sales-…". */
bool outline_is_open(const struct checker *c, const struct kind *kind, const char *name);
struct outline *outline_new(struct checker *c, const struct kind *kind, const struct match *match,
                            struct outline *parent);
/* Does the block (or what it is `like`, or its base) write the attribute? */
bool outline_gives(struct checker *c, struct outline *node, const char *attribute);
/* The first item that fills an attribute; its match in *match. */
const struct ast_item *outline_item(struct checker *c, struct outline *node, const char *attribute,
                                    struct match *match);
/* The literal names of the children in an attribute (`many`); *open when some are computed. */
struct map *outline_children(struct checker *c, struct outline *node, const char *attribute, bool *open);
/* The block around (the node itself included) of a kind, or NULL. */
struct outline *outline_around(const struct check_scope *s, const char *kind);
/* The node that a reference attribute names, or NULL when it cannot be known. */
struct outline *outline_reference(struct checker *c, struct outline *node, const char *attribute);
/* The dataset that the place is about: of the block, its model, what it watches. NULL: not known. */
struct outline *outline_dataset(struct checker *c, const struct check_scope *s);
/* The columns of a dataset by name, with those it is `like`; *open when some are computed. */
struct map *outline_columns(struct checker *c, struct outline *dataset, bool *open);

#endif
