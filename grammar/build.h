#ifndef MLC_GRAMMAR_BUILD_H
#define MLC_GRAMMAR_BUILD_H

/* Makers of nodes for the grammar's actions. Growing lists are circular, so that appending takes constant
 * time: a list is its last element, whose `next` is the first. Makers that take a list open the circle. */

#include <stdbool.h>
#include "grammar/ast.h"

struct parse;

/* Lists. `list` NULL begins one; the result is the new list. */
struct ast_item *build_append_item(struct ast_item *list, struct ast_item *item);
struct ast_argument *build_append_argument(struct ast_argument *list, struct ast_argument *argument);
struct ast_binder *build_append_binder(struct ast_binder *list, struct ast_binder *binder);
struct ast_element *build_append_element(struct ast_element *list, struct ast_element *element);
struct ast_clause *build_append_clause(struct ast_clause *list, struct ast_clause *clause);

/* Blocks and items. A key is the name at `name`, or the string `key` when that is not NULL. */
struct ast_block *build_block(struct parse *parse, struct ast_item *items, struct span span);
struct ast_block *build_braces(struct ast_block *block, struct span span);
struct ast_item *build_assign(struct parse *parse, struct span span, struct span name, struct ast_expr *key,
                              struct span mark, struct ast_expr *value);
struct ast_item *build_entry(struct parse *parse, struct span span, struct span name, struct ast_expr *key,
                             struct span mark, struct ast_expr *value, struct ast_expr *default_value,
                             struct ast_expr *block);
struct ast_item *build_optional(struct parse *parse, struct span span, struct span name, struct ast_expr *key,
                                struct span mark, struct ast_expr *value);
struct ast_item *build_spread_item(struct parse *parse, struct span span, struct span mark,
                                   struct ast_expr *value);
struct ast_item *build_statement(struct parse *parse, struct span span, struct span head,
                                 struct ast_expr *value, struct ast_expr *type,
                                 struct ast_expr *default_value, struct ast_clause *clauses,
                                 struct ast_expr *block);
struct ast_item *build_value_item(struct parse *parse, struct span span, struct ast_expr *value,
                                  struct ast_clause *clauses);
struct ast_item *build_for_item(struct parse *parse, struct span span, struct ast_binder *binders,
                                struct ast_expr *where, struct ast_block *block);
struct ast_item *build_if_item(struct parse *parse, struct span span, struct ast_expr *condition,
                               struct ast_block *block, struct ast_item *other);
struct ast_item *build_else_item(struct parse *parse, struct span span, struct ast_block *block);
struct ast_item *build_error_item(struct parse *parse, struct span span, struct ast_block *block);
struct ast_clause *build_clause(struct parse *parse, enum ast_clause_kind kind, struct span span,
                                struct ast_expr *value, struct ast_argument *more);

/* Expressions. */
struct ast_expr *build_unary(struct parse *parse, enum ast_op op, struct span span, struct span mark,
                             struct ast_expr *left);
struct ast_expr *build_binary(struct parse *parse, enum ast_op op, struct span span, struct span mark,
                              struct ast_expr *left, struct ast_expr *right);
struct ast_expr *build_if(struct parse *parse, struct span span, struct ast_expr *condition,
                          struct ast_expr *yes, struct ast_expr *no);
struct ast_expr *build_forall(struct parse *parse, struct span span, struct ast_binder *binders,
                              struct ast_expr *where, struct ast_expr *body, bool any);
struct ast_expr *build_field(struct parse *parse, struct span span, struct ast_expr *left, struct span mark,
                             struct span name, bool optional);
struct ast_expr *build_call(struct parse *parse, struct span span, struct ast_expr *left, struct span mark,
                            struct ast_argument *arguments);
struct ast_expr *build_index(struct parse *parse, struct span span, struct ast_expr *left, struct span mark,
                             struct ast_expr *index);
struct ast_expr *build_optional_type(struct parse *parse, struct span span, struct ast_expr *left,
                                     struct span mark);
struct ast_expr *build_paren(struct parse *parse, struct span span, struct ast_expr *left);
struct ast_expr *build_list(struct parse *parse, struct span span, struct ast_element *elements);
struct ast_expr *build_block_expr(struct parse *parse, struct ast_block *block, struct span span);
struct ast_expr *build_name_expr(struct parse *parse, struct span span);
struct ast_expr *build_number(struct parse *parse, struct span span);
struct ast_expr *build_literal(struct parse *parse, enum ast_expr_kind kind, struct span span);

/* Strings: without holes; with holes, from the spans of STR_HEAD, the pieces and STR_TAIL. */
struct ast_expr *build_string(struct parse *parse, struct span span);
struct ast_expr *build_template(struct parse *parse, struct span span, struct span head,
                                struct ast_piece *pieces, struct span tail);
struct ast_piece *build_first_hole(struct parse *parse, struct ast_expr *hole, struct span span);
struct ast_piece *build_next_hole(struct parse *parse, struct ast_piece *list, struct span middle,
                                  struct ast_expr *hole, struct span span);

/* Arguments, binders, elements. */
struct ast_argument *build_argument(struct parse *parse, struct span span, struct ast_expr *value);
struct ast_argument *build_named_argument(struct parse *parse, struct span span, struct span name,
                                          struct ast_expr *value, struct ast_expr *default_value);
struct ast_argument *build_assigned_argument(struct parse *parse, struct span span, struct span name,
                                             struct span mark, struct ast_expr *value);
struct ast_argument *build_optional_argument(struct parse *parse, struct span span, struct span name,
                                             struct ast_expr *value);
struct ast_argument *build_spread_argument(struct parse *parse, struct span span, struct ast_expr *value);
struct ast_binder *build_binder(struct parse *parse, struct span name, struct span second,
                                struct ast_expr *source);
struct ast_element *build_element(struct parse *parse, enum ast_element_kind kind, struct span span,
                                  struct ast_expr *value);
struct ast_element *build_for_element(struct parse *parse, struct span span, struct ast_binder *binders,
                                      struct ast_expr *where, struct ast_element *body);
struct ast_element *build_if_element(struct parse *parse, struct span span, struct ast_expr *condition,
                                     struct ast_element *body);

#endif
