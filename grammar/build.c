#include "grammar/build.h"

#include <string.h>
#include "grammar/parse_state.h"
#include "grammar/syntax_errors.h"

/* Lists */

struct ast_item *build_append_item(struct ast_item *list, struct ast_item *item)
{
    item->next = list == NULL ? item : list->next;
    if (list != NULL) {
        list->next = item;
    }
    return item;
}

struct ast_clause *build_append_clause(struct ast_clause *list, struct ast_clause *clause)
{
    clause->next = list == NULL ? clause : list->next;
    if (list != NULL) {
        list->next = clause;
    }
    return clause;
}

static struct ast_clause *open_clauses(struct ast_clause *list)
{
    if (list == NULL) {
        return NULL;
    }
    struct ast_clause *first = list->next;
    list->next = NULL;
    return first;
}

/* Names and depths */

static struct ast_name make_name(struct parse *parse, struct span span)
{
    const char *text = parse->source->text + span.start;
    size_t length = span.end - span.start;
    bool quoted = text[0] == '`';
    return (struct ast_name){.text = quoted ? arena_copy(parse->arena, text + 1, length - 2)
                                            : arena_copy(parse->arena, text, length),
                             .span = span,
                             .quoted = quoted};
}

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static unsigned expr_depth(const struct ast_expr *expr)
{
    return expr == NULL ? 0 : expr->depth;
}

static unsigned binders_depth(const struct ast_binder *binders)
{
    unsigned depth = 0;
    for (; binders != NULL; binders = binders->next) {
        depth = larger(depth, expr_depth(binders->source));
    }
    return depth;
}

static unsigned arguments_depth(const struct ast_argument *arguments)
{
    unsigned depth = 0;
    for (; arguments != NULL; arguments = arguments->next) {
        depth = larger(depth, larger(expr_depth(arguments->value), expr_depth(arguments->default_value)));
    }
    return depth;
}

static unsigned clauses_depth(const struct ast_clause *clauses)
{
    unsigned depth = 0;
    for (; clauses != NULL; clauses = clauses->next) {
        depth = larger(depth, larger(expr_depth(clauses->values), arguments_depth(clauses->more)));
    }
    return depth;
}

/* Blocks and items */

struct ast_block *build_block(struct parse *parse, struct ast_item *items, struct span span)
{
    struct ast_block *block = arena_alloc(parse->arena, sizeof *block);
    block->span = span;
    if (items == NULL) {
        return block;
    }
    block->items = items->next;
    items->next = NULL;
    unsigned depth = 0;
    for (const struct ast_item *item = block->items; item != NULL; item = item->next) {
        block->item_count++;
        depth = larger(depth, item->depth);
    }
    block->depth = (uint16_t)depth;
    return block;
}

struct ast_block *build_braces(struct ast_block *block, struct span span)
{
    block->span = span;
    return block;
}

static struct ast_item *make_item(struct parse *parse, enum ast_item_kind kind, struct span span)
{
    struct ast_item *item = arena_alloc(parse->arena, sizeof *item);
    item->kind = kind;
    item->span = span;
    item->doc = comments_doc_before(&parse->comments, span.start);
    return item;
}

/* Sets the depth of an item from its parts; a tree that is too deep is reported and becomes an error item. */
static struct ast_item *settle(struct parse *parse, struct ast_item *item)
{
    unsigned depth =
        larger(expr_depth(item->value), larger(expr_depth(item->type), expr_depth(item->default_value)));
    depth = larger(depth, larger(expr_depth(item->where), expr_depth(item->key_expr)));
    depth = larger(depth, larger(clauses_depth(item->clauses), binders_depth(item->binders)));
    depth = larger(depth, item->block == NULL ? 0 : item->block->depth);
    depth = larger(depth, item->other == NULL ? 0 : item->other->depth) + 1;
    if (depth > AST_DEPTH_LIMIT) {
        syntax_report_depth(parse, item->span);
        struct ast_item *error = make_item(parse, AST_ERROR_ITEM, item->span);
        error->depth = 1;
        return error;
    }
    item->depth = (uint16_t)depth;
    return item;
}

static struct ast_item *make_keyed(struct parse *parse, enum ast_item_kind kind, struct span span,
                                   struct span name, struct ast_expr *key, struct span mark)
{
    struct ast_item *item = make_item(parse, kind, span);
    item->op_span = mark;
    if (key == NULL) {
        item->key = make_name(parse, name);
        return item;
    }
    const struct ast_piece *piece = key->pieces;
    item->key = (struct ast_name){.text = "", .span = key->span, .quoted = true};
    if (piece != NULL && (piece->next != NULL || piece->hole != NULL)) {
        item->key.text = NULL;
        item->key_expr = key;
    } else if (piece != NULL) {
        item->key.text = piece->text;
        if (memchr(piece->text, '\0', piece->length) != NULL) {
            syntax_report_nul_key(parse, key->span);
        }
    }
    return item;
}

struct ast_item *build_assign(struct parse *parse, struct span span, struct span name, struct ast_expr *key,
                              struct span mark, struct ast_expr *value)
{
    struct ast_item *item = make_keyed(parse, AST_ASSIGN, span, name, key, mark);
    item->value = value;
    return settle(parse, item);
}

struct ast_item *build_entry(struct parse *parse, struct span span, struct span name, struct ast_expr *key,
                             struct span mark, struct ast_expr *value, struct ast_expr *default_value,
                             struct ast_expr *block)
{
    struct ast_item *item = make_keyed(parse, AST_ENTRY, span, name, key, mark);
    item->value = value;
    item->default_value = default_value;
    item->block = block == NULL ? NULL : block->block;
    return settle(parse, item);
}

struct ast_item *build_optional(struct parse *parse, struct span span, struct span name, struct ast_expr *key,
                                struct span mark, struct ast_expr *value)
{
    struct ast_item *item = build_entry(parse, span, name, key, mark, value, NULL, NULL);
    item->optional = true;
    return item;
}

struct ast_item *build_spread_item(struct parse *parse, struct span span, struct span mark,
                                   struct ast_expr *value)
{
    struct ast_item *item = make_item(parse, AST_SPREAD, span);
    item->op_span = mark;
    item->value = value;
    return settle(parse, item);
}

struct ast_item *build_statement(struct parse *parse, struct span span, struct span head,
                                 struct ast_expr *value, struct ast_expr *type,
                                 struct ast_expr *default_value, struct ast_clause *clauses,
                                 struct ast_expr *block)
{
    struct ast_item *item = make_item(parse, AST_STATEMENT, span);
    item->key = make_name(parse, head);
    item->value = value;
    item->type = type;
    item->default_value = default_value;
    item->clauses = open_clauses(clauses);
    item->block = block == NULL ? NULL : block->block;
    if (value->kind == AST_BLOCK && type == NULL && default_value == NULL && clauses == NULL &&
        block == NULL) {
        item->block = value->block; /* `split {…}`: a head with a block and no value */
        item->value = NULL;
    }
    return settle(parse, item);
}

struct ast_item *build_value_item(struct parse *parse, struct span span, struct ast_expr *value,
                                  struct ast_clause *clauses)
{
    struct ast_item *item = make_item(parse, AST_VALUE, span);
    item->clauses = open_clauses(clauses);
    item->value = value;
    if (value->kind == AST_NAME && item->clauses != NULL && item->clauses->kind == AST_CLAUSE_WHEN) {
        item->kind = AST_STATEMENT; /* `abort when …`: a head without a value */
        item->key = value->name;
        item->value = NULL;
    }
    return settle(parse, item);
}

static struct ast_binder *open_binders(struct ast_binder *list)
{
    struct ast_binder *first = list->next;
    list->next = NULL;
    return first;
}

struct ast_item *build_for_item(struct parse *parse, struct span span, struct ast_binder *binders,
                                struct ast_expr *where, struct ast_block *block)
{
    struct ast_item *item = make_item(parse, AST_FOR, span);
    item->binders = open_binders(binders);
    item->where = where;
    item->block = block;
    return settle(parse, item);
}

struct ast_item *build_if_item(struct parse *parse, struct span span, struct ast_expr *condition,
                               struct ast_block *block, struct ast_item *other)
{
    struct ast_item *item = make_item(parse, AST_IF_ITEM, span);
    item->value = condition;
    item->block = block;
    item->other = other;
    return settle(parse, item);
}

struct ast_item *build_else_item(struct parse *parse, struct span span, struct ast_block *block)
{
    struct ast_item *item = make_item(parse, AST_ELSE, span);
    item->block = block;
    return settle(parse, item);
}

struct ast_item *build_error_item(struct parse *parse, struct span span, struct ast_block *block)
{
    struct ast_item *item = make_item(parse, AST_ERROR_ITEM, span);
    item->block = block;
    return settle(parse, item);
}

struct ast_argument *build_append_argument(struct ast_argument *list, struct ast_argument *argument)
{
    argument->next = list == NULL ? argument : list->next;
    if (list != NULL) {
        list->next = argument;
    }
    return argument;
}

static struct ast_argument *open_arguments(struct ast_argument *list)
{
    if (list == NULL) {
        return NULL;
    }
    struct ast_argument *first = list->next;
    list->next = NULL;
    return first;
}

struct ast_clause *build_clause(struct parse *parse, enum ast_clause_kind kind, struct span span,
                                struct ast_expr *value, struct ast_argument *more)
{
    struct ast_clause *clause = arena_alloc(parse->arena, sizeof *clause);
    clause->kind = kind;
    clause->span = span;
    clause->values = value;
    clause->more = open_arguments(more);
    return clause;
}

/* Expressions */

static struct ast_expr *make_expr(struct parse *parse, enum ast_expr_kind kind, struct span span)
{
    struct ast_expr *expr = arena_alloc(parse->arena, sizeof *expr);
    expr->kind = kind;
    expr->span = span;
    expr->depth = 1;
    return expr;
}

/* Sets the depth to one more than that of the parts; too deep becomes AST_INVALID. */
static struct ast_expr *deepen(struct parse *parse, struct ast_expr *expr, unsigned parts)
{
    if (parts + 1 > AST_DEPTH_LIMIT) {
        syntax_report_depth(parse, expr->span);
        return make_expr(parse, AST_INVALID, expr->span);
    }
    expr->depth = (uint16_t)(parts + 1);
    return expr;
}

struct ast_expr *build_unary(struct parse *parse, enum ast_op op, struct span span, struct span mark,
                             struct ast_expr *left)
{
    struct ast_expr *expr = make_expr(parse, AST_UNARY, span);
    expr->op = op;
    expr->op_span = mark;
    expr->left = left;
    return deepen(parse, expr, left->depth);
}

struct ast_expr *build_binary(struct parse *parse, enum ast_op op, struct span span, struct span mark,
                              struct ast_expr *left, struct ast_expr *right)
{
    struct ast_expr *expr = make_expr(parse, AST_BINARY, span);
    expr->op = op;
    expr->op_span = mark;
    expr->left = left;
    expr->right = right;
    return deepen(parse, expr, larger(left->depth, right->depth));
}

struct ast_expr *build_if(struct parse *parse, struct span span, struct ast_expr *condition,
                          struct ast_expr *yes, struct ast_expr *no)
{
    struct ast_expr *expr = make_expr(parse, AST_IF, span);
    expr->left = condition;
    expr->right = yes;
    expr->third = no;
    return deepen(parse, expr, larger(condition->depth, larger(yes->depth, no->depth)));
}

struct ast_expr *build_forall(struct parse *parse, struct span span, struct ast_binder *binders,
                              struct ast_expr *where, struct ast_expr *body, bool any)
{
    struct ast_expr *expr = make_expr(parse, AST_FORALL, span);
    expr->binders = open_binders(binders);
    expr->where = where;
    expr->left = body;
    expr->any = any;
    return deepen(parse, expr, larger(body->depth, larger(expr_depth(where), binders_depth(expr->binders))));
}

struct ast_expr *build_field(struct parse *parse, struct span span, struct ast_expr *left, struct span mark,
                             struct span name, bool optional)
{
    struct ast_expr *expr = make_expr(parse, AST_FIELD, span);
    expr->left = left;
    expr->op_span = mark;
    expr->name = make_name(parse, name);
    expr->optional = optional;
    return deepen(parse, expr, left->depth);
}

struct ast_expr *build_call(struct parse *parse, struct span span, struct ast_expr *left, struct span mark,
                            struct ast_argument *arguments)
{
    struct ast_expr *expr = make_expr(parse, AST_CALL, span);
    expr->left = left;
    expr->op_span = mark;
    expr->arguments = open_arguments(arguments);
    return deepen(parse, expr, larger(left->depth, arguments_depth(expr->arguments)));
}

struct ast_expr *build_index(struct parse *parse, struct span span, struct ast_expr *left, struct span mark,
                             struct ast_expr *index)
{
    struct ast_expr *expr = make_expr(parse, AST_INDEX, span);
    expr->left = left;
    expr->op_span = mark;
    expr->right = index;
    return deepen(parse, expr, larger(left->depth, index->depth));
}

struct ast_expr *build_optional_type(struct parse *parse, struct span span, struct ast_expr *left,
                                     struct span mark)
{
    struct ast_expr *expr = make_expr(parse, AST_OPTIONAL, span);
    expr->left = left;
    expr->op_span = mark;
    return deepen(parse, expr, left->depth);
}

struct ast_expr *build_paren(struct parse *parse, struct span span, struct ast_expr *left)
{
    struct ast_expr *expr = make_expr(parse, AST_PAREN, span);
    expr->left = left;
    expr->op_span = (struct span){span.source, span.start, span.start + 1};
    return deepen(parse, expr, left->depth);
}

static unsigned element_depth(const struct ast_element *element)
{
    unsigned depth = 0;
    unsigned nested = 0;
    for (; element != NULL; element = element->body) {
        depth = larger(depth, larger(expr_depth(element->value), expr_depth(element->where)));
        depth = larger(depth, binders_depth(element->binders));
        nested++;
    }
    return depth + nested;
}

struct ast_expr *build_list(struct parse *parse, struct span span, struct ast_element *elements)
{
    struct ast_expr *expr = make_expr(parse, AST_LIST, span);
    expr->op_span = (struct span){span.source, span.start, span.start + 1};
    unsigned depth = 0;
    if (elements != NULL) {
        expr->elements = elements->next;
        elements->next = NULL;
    }
    for (const struct ast_element *element = expr->elements; element != NULL; element = element->next) {
        depth = larger(depth, element_depth(element));
    }
    return deepen(parse, expr, depth);
}

struct ast_expr *build_block_expr(struct parse *parse, struct ast_block *block, struct span span)
{
    struct ast_expr *expr = make_expr(parse, AST_BLOCK, span);
    expr->block = block;
    expr->op_span = (struct span){span.source, span.start, span.start + 1};
    return deepen(parse, expr, block->depth);
}

struct ast_expr *build_name_expr(struct parse *parse, struct span span)
{
    struct ast_expr *expr = make_expr(parse, AST_NAME, span);
    expr->name = make_name(parse, span);
    return expr;
}

struct ast_expr *build_number(struct parse *parse, struct span span)
{
    struct ast_expr *expr = make_expr(parse, AST_NUMBER, span);
    expr->number = arena_copy(parse->arena, parse->source->text + span.start, span.end - span.start);
    return expr;
}

struct ast_expr *build_literal(struct parse *parse, enum ast_expr_kind kind, struct span span)
{
    return make_expr(parse, kind, span);
}
