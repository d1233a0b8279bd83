#ifndef MLC_COMPILER_EVALUATOR_EVALUATOR_H
#define MLC_COMPILER_EVALUATOR_EVALUATOR_H

/* The evaluator's own interface: state, scopes, frames, and what its files call of one another. Everything
 * that returns a value returns NULL after it has reported why there is none. */

#include "compiler/evaluate.h"
#include "compiler/evaluator/scope.h"
#include "compiler/match.h"
#include "compiler/natives.h"
#include "core/map.h"

enum { EVALUATE_DEPTH = 2000, TEXT_LIMIT = 64 << 20 };
#define MEMORY_LIMIT ((size_t)2 << 30)

/* A function of the language that is running. `subject` is the node that its documents belong to, `parent`
 * the origin that literals of the library take as theirs. */
struct frame {
    struct frame *caller;
    struct node *subject;
    origin parent;
};

struct node_state;

struct evaluator {
    struct compilation *compilation;
    struct arena *arena;
    struct frame *frame;
    size_t steps, depth;
    size_t output;              /* bytes of text made by templates */
    bool stopped;               /* a limit was reported: everything fails silently */
    bool building;              /* which blocks there are is not known yet */
    struct map *kind_tables;    /* kind pointer -> struct kind_table */
    struct map *constants;      /* name -> struct lazy */
    struct map *collections;    /* plural, or plural@environment -> struct value: a list */
    struct map *owners;         /* document (value pointer) -> struct node, while a template runs */
    struct attribute_use *uses; /* attributes being evaluated, innermost first */
    struct vec components;      /* struct node *: instances to expand */
    const struct value *target; /* the block of the target whose template runs; or NULL */
    struct scope *library;      /* the empty scope of declarations */
};

struct evaluator *evaluator_of(struct compilation *compilation);

/* evaluate.c: an expression, with the type that its place wants (NULL: none). */
const struct value *eval(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                         const struct type *want);
/* Counts steps, and memory with them; false, after one report, when a limit is reached. */
bool eval_spend(struct evaluator *ev, size_t steps, origin where);
/* A condition. 1, 0, or -1 after reporting. */
int eval_condition(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr);
/* The origin of a literal at `span`. */
origin eval_origin(struct evaluator *ev, const struct scope *scope, struct span span);
/* True if the origin's own span lies in a user's source. */
bool origin_is_user(const struct evaluator *ev, origin where);
struct diag *eval_report(struct evaluator *ev, enum diag_code code, origin where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
const struct value *eval_field(struct evaluator *ev, const struct value *left, const char *name,
                               bool optional, origin where);
/* Runs `turn` for every combination of the binders that `where` lets through. False when anything failed. */
struct turn {
    bool (*run)(struct evaluator *ev, struct scope *scope, void *context);
    void *context;
};
bool eval_binders(struct evaluator *ev, struct scope *scope, const struct ast_binder *binders,
                  const struct ast_expr *where, struct turn turn);

/* names.c: what a bare name means where `want` is expected. */
const struct value *eval_name(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                              const struct type *want);
/* All project-wide nodes of the kind with that plural; *found false when there is no such kind. */
const struct value *root_collection(struct evaluator *ev, const char *plural, origin where, bool *found);
struct node *find_node(struct evaluator *ev, struct scope *scope, const struct kind *kind, const char *name);

/* typed.c: values by expected type. */
const struct type *type_alternative(const struct type *type, enum type_kind kind);
const struct type_case *type_word(const struct type *type, const char *word);
const struct value *eval_word(struct evaluator *ev, const struct type_case *word, origin where);
const struct value *eval_variant(struct evaluator *ev, struct scope *scope,
                                 const struct type_case *constructor, const struct ast_expr *call);
const struct value *eval_column_type(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr);

/* operators.c */
const struct value *eval_binary(struct evaluator *ev, enum ast_op op, const struct value *a,
                                const struct value *b, origin where);
const struct value *eval_minus(struct evaluator *ev, const struct value *value, origin where);
const struct value *eval_not(struct evaluator *ev, const struct value *value, origin where);
/* The dialect of a tree, and a value as a tree of a dialect. */
const struct expr *lift(struct evaluator *ev, const char *dialect, const struct value *value);
const char *value_dialect(const struct value *value);
const struct value *lift_make(struct evaluator *ev, enum expr_kind kind, const char *name,
                              const struct value *const *operands, const char *const *names, size_t count,
                              origin where);
/* The same for a tree that is known to be of `dialect` even without operands: a call of a target's function.
 */
const struct value *lift_call(struct evaluator *ev, const char *dialect, enum expr_kind kind,
                              const char *name, const struct value *const *operands, const char *const *names,
                              size_t count, origin where);
/* names.c: the dialect of a context's expressions. */
const char *context_dialect(const struct type *context);
bool same_text(const struct value *a, const struct value *b, bool *same);

/* text.c */
const struct value *eval_string(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr);
const struct value *eval_command(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr);

/* slot.c (compiler/): is a hole of a command a slot? SLOT_BAD: it has a slot's root and is wrong; reported.
 */
enum slot_answer { SLOT_FOUND, SLOT_NONE, SLOT_BAD };
enum slot_answer slot_find(struct evaluator *ev, struct node *node, const struct expr *expr,
                           struct slot *out);

/* call.c */
const struct value *eval_call(struct evaluator *ev, struct scope *scope, const struct ast_expr *call,
                              const struct type *want);
const struct value *call_function(struct evaluator *ev, const struct function *function,
                                  const struct value *const *arguments, struct node *subject, origin where);

/* body.c: the body of a function, a record literal, a `require`. */
const struct value *eval_body(struct evaluator *ev, struct scope *scope, const struct ast_block *block,
                              const struct type *result, origin where);
const struct value *eval_require(struct evaluator *ev, struct scope *scope, const struct ast_item *item);
const struct value *eval_record(struct evaluator *ev, struct scope *scope, const struct ast_block *block,
                                const struct type *want, origin where);
/* The block of an `extra`: entries, and blocks at any depth (marked for HCL). `outermost`: its keys name
 * documents, `Kind { … }`, `Kind name { … }` ("Kind/name") or `Kind: {…}`. */
const struct value *eval_extra(struct evaluator *ev, struct scope *scope, const struct ast_block *block,
                               bool outermost, origin where);

/* predicate.c: a predicate item of a block as a node of the built-in kind `predicate`. */
const struct value *eval_predicate(struct evaluator *ev, struct scope *scope, struct node *owner,
                                   const struct attribute *attribute, const struct ast_expr *expr,
                                   const struct ast_clause *clauses, size_t place);

/* What a predicate measures, as text: what `without expect(rows)` names. */
const char *predicate_leaf(struct evaluator *ev, struct scope *scope, struct node *owner,
                           const struct ast_expr *expr);

#endif
