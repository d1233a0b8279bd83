#ifndef MLC_COMPILER_CHECK_H
#define MLC_COMPILER_CHECK_H

/* The static checker's own interface: inside compiler/ only. Checking is local and bidirectional: `want` is
 * the expected type that is pushed down (NULL: none), the result the type that comes up. Whoever reports
 * gives TYPE_BAD, which fits everywhere, so that one mistake is one message. */

#include <stdbool.h>
#include "compiler/compilation.h"
#include "compiler/match.h"
#include "compiler/type_table.h"

struct variable {
    struct variable *next;
    const char *name;
    const struct type *type;
    struct span span;
};

/* A narrowed path: `s.model` is present here; `by` is one case of its variant. */
struct fact {
    struct fact *next;
    const char *path;
    const struct type *type;
};

/* What names mean at a place: variables, then (in a spec) the attributes of the enclosing blocks, outward. */
struct check_scope {
    struct check_scope *outer;
    struct variable *variables;
    struct fact *facts;
    struct outline *block;             /* a block of a spec; NULL for variables alone */
    const struct attribute *attribute; /* the attribute that is being written: it never sees itself */
    const struct type *self;           /* what `self` means; NULL: not here */
};

/* Where a bare word may stand for itself: specs and declarations, not templates. */
enum check_mode { CHECK_TEMPLATE, CHECK_SPEC };

struct checker {
    struct compilation *compilation;
    struct arena *arena;
    enum check_mode mode;
    bool command;      /* inside a command: holes may be slots */
    bool partial;      /* inside an overlay: nothing is required */
    struct map *nodes; /* kind name -> struct map of name -> struct outline */
    /* Kind name -> struct map of computed names, as patterns: a name that fits one is the evaluator's matter.
     */
    struct map *open_kinds;
    struct map *constants;  /* types of constants, by the place of their declaration */
    size_t component_depth; /* of the component whose parts are being entered */
    size_t parts;           /* of instances of components, so far */
    struct map *natives;    /* name -> struct function: parsed signatures */
};

struct checker *checker_new(struct compilation *compilation);

/* ---- check_scope.c */

struct check_scope *check_scope_new(struct checker *c, struct check_scope *outer);
/* An inner scope with a variable; a name that hides a context or a variable of the same function is reported.
 */
struct check_scope *check_bind(struct checker *c, struct check_scope *s, const char *name, struct span span,
                               const struct type *type);
const struct variable *check_variable(const struct check_scope *s, const char *name);
/* The expression without its parentheses. */
const struct ast_expr *check_bare(const struct ast_expr *expr);
/* `a.b["c"]` as text for facts; NULL for anything else. */
const char *check_path(struct checker *c, const struct ast_expr *expr);
/* The narrowed type of a path, or NULL. */
const struct type *check_fact(const struct check_scope *s, const char *path);
/* An inner scope in which a condition is known to hold, or not to. */
struct check_scope *check_assume(struct checker *c, struct check_scope *s, const struct ast_expr *condition,
                                 bool holds);

/* ---- check_expr.c */

/* The type of an expression; with `want`, what is inside is checked against it, the whole is not. */
const struct type *check_type(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                              const struct type *want);
/* check_type, and the result must fit `want`. */
const struct type *check_expr(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                              const struct type *want);
/* A condition: bool, known when mlc runs. */
void check_condition(struct checker *c, struct check_scope *s, const struct ast_expr *expr);
/* Binders with their `where`: the scope of the body. */
struct check_scope *check_binders(struct checker *c, struct check_scope *s, const struct ast_binder *binders,
                                  const struct ast_expr *where);
const struct type *check_bad(struct checker *c);
/* Reports that `found` stands where `want` is expected; gives TYPE_BAD. */
const struct type *check_mismatch(struct checker *c, const struct ast_expr *expr, const struct type *found,
                                  const struct type *want);
/* The member of an expected type of a kind (through optionals and unions), or NULL. */
const struct type *check_want(const struct type *want, enum type_kind kind);
/* map_nearest, until so much is wrong that nobody reads on: suggestions cost time. */
const char *check_nearest(const struct checker *c, const struct map *names, const char *name);
/* Offers the nearest of a map's keys as help and fix. */
void check_suggest(struct checker *c, struct diag *diag, const struct map *names, const char *name,
                   struct span span, const char *what);

/* ---- check_name.c, check_field.c, check_operator.c, check_text.c, check_call.c */

const struct type *check_name(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                              const struct type *want);
const struct type *check_field(struct checker *c, struct check_scope *s, const struct ast_expr *expr);
const struct type *check_index(struct checker *c, struct check_scope *s, const struct ast_expr *expr);
/* What `.name` reads of a type; NULL (nothing reported) when there is no such field. */
const struct type *check_member(struct checker *c, const struct type *type, const char *name);
const struct type *check_unary(struct checker *c, struct check_scope *s, const struct ast_expr *expr);
const struct type *check_binary(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                const struct type *want);
const struct type *check_string(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                const struct type *want);
const struct type *check_call(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                              const struct type *want);
/* Arguments against parameters; `bind` for natives' type variables (NULL: none). */
struct type_binding {
    const char *name;
    const struct type *type;
};
struct type_bindings {
    struct type_binding list[8];
    size_t count;
};
void check_arguments(struct checker *c, struct check_scope *s, const struct ast_expr *call, const char *name,
                     const struct parameter *parameters, size_t count, struct type_bindings *bind);
/* The signature of a native as a function without a body; NULL: none of that name. */
const struct function *check_native(struct checker *c, const char *name);
/* type_generic.c: variables of signatures. */
void type_match(struct checker *c, struct type_bindings *bind, const struct type *pattern,
                const struct type *type);
const struct type *type_fill(struct checker *c, const struct type_bindings *bind, const struct type *type);
bool type_is_open(const struct type_bindings *bind, const struct type *type);

/* ---- check_record.c, check_body.c */

const struct type *check_record(struct checker *c, struct check_scope *s, const struct ast_block *block,
                                const struct type *want, struct span span);
/* The block of an `extra`: entries and blocks of free records, at any depth. `outermost`: its keys may be
 * `Kind name { … }`. */
void check_extra_record(struct checker *c, struct check_scope *s, const struct ast_block *block,
                        bool outermost);
const struct type *check_list(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                              const struct type *want);
void check_function(struct checker *c, const struct function *function);
void check_template(struct checker *c, const struct ast_block *body);
/* `let` and `require` in any body: true when the item was one; *s is the scope of what follows. */
bool check_common_item(struct checker *c, struct check_scope **s, const struct ast_item *item);
/* A value that a document may hold. */
void check_data(struct checker *c, const struct ast_expr *expr, const struct type *type);

/* ---- check_slot.c, check_predicate.c, check_block.c, check_item.c */

/* The type of a slot in a command, or NULL when the expression is none. Reports unknown parts. */
const struct type *check_slot(struct checker *c, struct check_scope *s, const struct ast_expr *expr);
void check_predicate(struct checker *c, struct check_scope *s, const struct attribute *attribute,
                     const struct ast_expr *expr);
/* Reports a column that the dataset in question does not have; NULL: it has it, or that is not known. */
struct diag *check_column(struct checker *c, struct check_scope *s, const char *name, struct span span);
/* A metric that the library declares for models, or a `metric NAME` of the project. */
void check_metric_name(struct checker *c, const char *name, struct span span);
void check_block(struct checker *c, struct check_scope *outer, struct outline *node);
/* Reports a MATCH_ERROR. */
void check_item_problem(struct checker *c, const struct kind *kind, const struct ast_item *item,
                        const struct match *match);
void check_policy(struct checker *c, const struct ast_block *block);
/* Functions that call themselves. check_recursion.c */
void check_recursion(struct checker *c);
void check_column_type(struct checker *c, struct check_scope *s, const struct ast_expr *expr);

#include "compiler/check_outline.h"

#endif
