/* Expressions to values: one case a form of the tree, the work in the files beside this one. */

#include "compiler/node_state.h"

#include <string.h>
#include "grammar/number.h"

struct evaluator *evaluator_of(struct compilation *compilation)
{
    if (compilation->evaluator)
        return compilation->evaluator;
    struct arena *arena = compilation->arena;
    struct evaluator *ev = arena_alloc(arena, sizeof *ev);
    ev->compilation = compilation;
    ev->arena = arena;
    ev->kind_tables = map_new(arena);
    ev->constants = map_new(arena);
    ev->collections = map_new(arena);
    ev->components = vec_in(arena);
    compilation->evaluator = ev;
    ev->library = scope_new(compilation, NULL);
    return ev;
}

struct diag *eval_report(struct evaluator *ev, enum diag_code code, origin where, const char *format, ...)
{
    struct compilation *compilation = ev->compilation;
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(ev->arena, format, args);
    va_end(args);
    return diag_report_at(compilation->diags, code, compilation->origins, compilation->sources, where, "%s",
                          text);
}

bool origin_is_user(const struct evaluator *ev, origin where)
{
    struct span span = origin_span(ev->compilation->origins, where);
    const struct source *source = source_of(ev->compilation->sources, span.source);
    return source && source->role == SOURCE_USER;
}

origin eval_origin(struct evaluator *ev, const struct scope *scope, struct span span)
{
    const struct source *source = source_of(ev->compilation->sources, span.source);
    origin parent = scope ? scope->parent : 0;
    if (source && source->role != SOURCE_USER) {
        if (ev->frame)
            parent = ev->frame->parent;
        else if (scope && scope->self)
            parent = scope->self->origin;
    }
    return origin_add(ev->compilation->origins, span, parent);
}

static bool stop(struct evaluator *ev, enum diag_code code, origin where, const char *text)
{
    if (!ev->stopped)
        eval_report(ev, code, where, "%s", text);
    ev->stopped = true;
    return false;
}

bool eval_spend(struct evaluator *ev, size_t steps, origin where)
{
    size_t limit = ev->compilation->limits.steps ? ev->compilation->limits.steps : 200000000;
    if (ev->stopped)
        return false;
    if (steps > limit || ev->steps > limit - steps)
        return stop(ev, DIAG_EVAL_STEPS, where,
                    arena_printf(ev->arena, "the evaluation did not end after %zu steps", limit));
    ev->steps += steps;
    if (arena_used(ev->arena) > MEMORY_LIMIT)
        return stop(ev, DIAG_EVAL_STEPS, where, "the evaluation needs more than 2 GiB of memory");
    return true;
}

/* Limits are looked at every 1,024 steps. */
static bool step(struct evaluator *ev, struct scope *scope, struct span span)
{
    if (ev->depth < EVALUATE_DEPTH && ++ev->steps % 1024 != 0)
        return !ev->stopped;
    if (ev->depth >= EVALUATE_DEPTH)
        return stop(ev, DIAG_EVAL_DEPTH, eval_origin(ev, scope, span),
                    arena_printf(ev->arena, "expressions are nested more than %d deep", EVALUATE_DEPTH));
    return eval_spend(ev, 1, eval_origin(ev, scope, span));
}

int eval_condition(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr)
{
    const struct value *value = eval(ev, scope, expr, NULL);
    if (!value)
        return -1;
    if (value->kind == VALUE_BOOL)
        return value->boolean;
    if (value->kind == VALUE_EXPRESSION) {
        struct diag *diag = eval_report(ev, DIAG_EVAL_TARGET_ONLY, eval_origin(ev, scope, expr->span),
                                        "this condition is known only to the target");
        diag_help(diag, "put the condition into the document instead of deciding it here");
        return -1;
    }
    diag_help(eval_report(ev, DIAG_EVAL_OPERANDS, eval_origin(ev, scope, expr->span),
                          "a condition is true or false, not %s", value_kind_name(value)),
              "compare it with something: `x != null`, `x > 0`");
    return -1;
}

static const struct value *eval_if(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                                   const struct type *want)
{
    int condition = eval_condition(ev, scope, expr->left);
    if (condition < 0)
        return NULL;
    if (!condition && !expr->third)
        return value_null(ev->arena, eval_origin(ev, scope, expr->span));
    return eval(ev, scope, condition ? expr->right : expr->third, want);
}

/* `and` and `or` decide early; `??` too. */
static const struct value *eval_short(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                                      const struct type *want)
{
    bool coalesce = expr->op == AST_OP_COALESCE;
    const struct value *left = eval(ev, scope, expr->left, coalesce ? want : NULL);
    if (!left)
        return NULL;
    if (coalesce && left->kind == VALUE_NULL)
        return eval(ev, scope, expr->right, want);
    if (coalesce && left->kind != VALUE_EXPRESSION)
        return left;
    if (!coalesce && left->kind == VALUE_BOOL && left->boolean == (expr->op == AST_OP_OR))
        return left;
    const struct value *right = eval(ev, scope, expr->right, want);
    return right ? eval_binary(ev, expr->op, left, right, eval_origin(ev, scope, expr->span)) : NULL;
}

/* A bare name beside a node is looked up in the node's kind: `e == production`. */
static const struct value *beside_node(struct evaluator *ev, struct scope *scope, const struct ast_expr *name,
                                       const struct value *other)
{
    bool found = false;
    const struct value *value = scope_lookup(ev, scope, name->name.text, 0, &found);
    if (found)
        return value;
    struct node *node = find_node(ev, scope, other->node->kind, name->name.text);
    return node ? value_node(ev->arena, node, eval_origin(ev, scope, name->span)) : NULL;
}

static bool is_comparison(enum ast_op op)
{
    return op == AST_OP_EQ || op == AST_OP_NE || op == AST_OP_IN || op == AST_OP_NOT_IN;
}

static const struct value *eval_operation(struct evaluator *ev, struct scope *scope,
                                          const struct ast_expr *expr, const struct type *want)
{
    enum ast_op op = expr->op;
    if (op == AST_OP_AND || op == AST_OP_OR || op == AST_OP_COALESCE)
        return eval_short(ev, scope, expr, want);
    if (op == AST_OP_HOLDS || op == AST_OP_OVER) {
        struct diag *diag = eval_report(ev, DIAG_EVAL_OPERANDS, eval_origin(ev, scope, expr->span),
                                        "`%s` belongs to predicates", ast_op_text(op));
        diag_help(diag, "comprehensions are prefix: `[for x in xs: f(x)]`");
        return NULL;
    }
    const struct type *range = op == AST_OP_RANGE ? type_alternative(want, TYPE_RANGE) : NULL;
    const struct type *side = op == AST_OP_MERGE ? want : range ? range->element : NULL;
    const struct value *left = eval(ev, scope, expr->left, side);
    if (!left)
        return NULL;
    const struct value *right = NULL;
    if (left->kind == VALUE_NODE && is_comparison(op) && expr->right->kind == AST_NAME)
        right = beside_node(ev, scope, expr->right, left);
    if (!right)
        right = eval(ev, scope, expr->right, side);
    return right ? eval_binary(ev, op, left, right, eval_origin(ev, scope, expr->op_span)) : NULL;
}

static const struct value *eval_number(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr)
{
    return number_decode(ev->arena, expr->number, expr->span, eval_origin(ev, scope, expr->span),
                         ev->compilation->diags);
}

/* forall and any: */
struct quantified {
    const struct ast_expr *expr;
    bool result;
};

static bool quantified_turn(struct evaluator *ev, struct scope *scope, void *context)
{
    struct quantified *q = context;
    int holds = eval_condition(ev, scope, q->expr->left);
    if (holds < 0)
        return false;
    if (holds == q->expr->any)
        q->result = holds;
    return true;
}

static const struct value *eval_quantified(struct evaluator *ev, struct scope *scope,
                                           const struct ast_expr *expr)
{
    struct quantified q = {expr, !expr->any};
    struct turn turn = {quantified_turn, &q};
    if (!eval_binders(ev, scope, expr->binders, expr->where, turn))
        return NULL;
    return value_bool(ev->arena, q.result, eval_origin(ev, scope, expr->span));
}

static bool eval_elements(struct evaluator *ev, struct scope *scope, const struct ast_element *element,
                          const struct type *want, struct list_builder *list);

struct element_turn {
    const struct ast_element *body;
    const struct type *want;
    struct list_builder *list;
};

static bool element_turn(struct evaluator *ev, struct scope *scope, void *context)
{
    struct element_turn *turn = context;
    return eval_elements(ev, scope, turn->body, turn->want, turn->list);
}

static bool spread_elements(struct evaluator *ev, struct scope *scope, const struct ast_element *element,
                            const struct type *want, struct list_builder *list)
{
    const struct value *value = eval(ev, scope, element->value, want);
    if (!value)
        return false;
    if (value->kind != VALUE_LIST) {
        eval_report(ev, DIAG_EVAL_VALUE, eval_origin(ev, scope, element->span),
                    "`...` in a list takes a list, not %s", value_kind_name(value));
        return false;
    }
    if (!eval_spend(ev, value->count, value->origin))
        return false;
    for (size_t i = 0; i < value->count; i++)
        list_add(list, value->items[i]);
    return true;
}

static bool one_element(struct evaluator *ev, struct scope *scope, const struct ast_element *element,
                        const struct type *want, struct list_builder *list)
{
    if (element->kind == AST_ELEMENT_FOR) {
        struct element_turn context = {element->body, want, list};
        struct turn turn = {element_turn, &context};
        return eval_binders(ev, scope, element->binders, element->where, turn);
    }
    if (element->kind == AST_ELEMENT_IF) {
        int condition = eval_condition(ev, scope, element->value);
        return condition < 0 ? false : !condition || eval_elements(ev, scope, element->body, want, list);
    }
    if (element->kind == AST_ELEMENT_SPREAD)
        return spread_elements(ev, scope, element, NULL, list);
    const struct value *value = eval(ev, scope, element->value, want);
    if (value)
        list_add(list, value);
    return value != NULL;
}

static bool eval_elements(struct evaluator *ev, struct scope *scope, const struct ast_element *element,
                          const struct type *want, struct list_builder *list)
{
    bool ok = true;
    for (; element; element = element->next)
        ok = one_element(ev, scope, element, want, list) && ok;
    return ok;
}

static const struct value *eval_list(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                                     const struct type *want)
{
    const struct type *list_type = type_alternative(want, TYPE_LIST);
    struct list_builder list = list_begin(ev->arena);
    if (!eval_elements(ev, scope, expr->elements, list_type ? list_type->element : NULL, &list))
        return NULL;
    return list_end(&list, eval_origin(ev, scope, expr->span));
}

static const struct value *index_list(struct evaluator *ev, const struct value *list, const struct value *key,
                                      origin where)
{
    if (key->kind == VALUE_INT) {
        if (key->integer >= 0 && (uint64_t)key->integer < list->count)
            return list->items[key->integer];
        eval_report(ev, DIAG_EVAL_INDEX, where, "index %lld of a list of %zu", (long long)key->integer,
                    list->count);
        return NULL;
    }
    const char *name = value_string_or(key, NULL);
    if (!name) {
        eval_report(ev, DIAG_EVAL_INDEX, where, "a list is indexed by a number, not %s",
                    value_kind_name(key));
        return NULL;
    }
    struct map *names = map_new(ev->arena);
    for (size_t i = 0; i < list->count; i++) {
        const struct value *item = list->items[i];
        if (item->kind == VALUE_NODE && strcmp(item->node->name, name) == 0)
            return value_node(ev->arena, item->node, where);
        if (item->kind == VALUE_NODE)
            map_set(names, item->node->name, item->node);
    }
    struct diag *diag = eval_report(ev, DIAG_REFERENCE_UNKNOWN, where, "there is none named `%s`", name);
    const char *nearest = map_nearest(names, name);
    if (nearest)
        diag_help(diag, "there is one with a similar name: `%s`", nearest);
    return NULL;
}

/* `aws_s3_bucket[b]` names the resource that is made for b: `aws_s3_bucket.requests`. */
static const struct value *index_resource(struct evaluator *ev, const struct value *left,
                                          const struct value *key, origin where)
{
    const struct native *native = native_find("tf_name");
    if (key->kind == VALUE_NODE && native) {
        struct native_call call = {
            ev->compilation, ev->arena, &key, 1, where, ev->frame ? ev->frame->subject : NULL};
        key = native->run(&call);
    }
    const char *name = key ? value_string_or(key, NULL) : NULL;
    return name ? lift_make(ev, EXPR_FIELD, name, &left, NULL, 1, where) : NULL;
}

static const struct value *eval_index(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr)
{
    const struct value *left = eval(ev, scope, expr->left, NULL);
    const struct value *key = left ? eval(ev, scope, expr->right, NULL) : NULL;
    if (!key)
        return NULL;
    origin where = eval_origin(ev, scope, expr->right->span);
    if (left->kind == VALUE_EXPRESSION && strcmp(left->expr->dialect, "hcl") == 0 && key->kind != VALUE_INT)
        return index_resource(ev, left, key, where);
    if (left->kind == VALUE_EXPRESSION || key->kind == VALUE_EXPRESSION) {
        const struct value *operands[] = {left, key};
        return lift_make(ev, EXPR_INDEX, NULL, operands, NULL, 2, where);
    }
    if (left->kind == VALUE_LIST)
        return index_list(ev, left, key, where);
    const char *name = value_string_or(key, NULL);
    if (left->kind == VALUE_RECORD && name) {
        const struct value *value = value_get(left, name);
        return value ? value : value_null(ev->arena, where);
    }
    eval_report(ev, DIAG_EVAL_INDEX, where, "%s has no index of %s", value_kind_name(left),
                value_kind_name(key));
    return NULL;
}

static const struct value *eval_dot(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr)
{
    const struct value *left = eval(ev, scope, expr->left, NULL);
    if (!left)
        return NULL;
    return eval_field(ev, left, expr->name.text, expr->optional, eval_origin(ev, scope, expr->span));
}

static const struct value *eval_form(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                                     const struct type *want)
{
    switch (expr->kind) {
    case AST_NAME:
        return eval_name(ev, scope, expr, want);
    case AST_STRING:
        if (type_alternative(want, TYPE_COMMAND))
            return eval_command(ev, scope, expr);
        return eval_string(ev, scope, expr);
    case AST_NUMBER:
        return eval_number(ev, scope, expr);
    case AST_TRUE:
    case AST_FALSE:
        return value_bool(ev->arena, expr->kind == AST_TRUE, eval_origin(ev, scope, expr->span));
    case AST_NULL:
        return value_null(ev->arena, eval_origin(ev, scope, expr->span));
    case AST_LIST:
        return eval_list(ev, scope, expr, want);
    case AST_BLOCK:
        return eval_record(ev, scope, expr->block, want, eval_origin(ev, scope, expr->span));
    case AST_CALL:
        return eval_call(ev, scope, expr, want);
    case AST_INDEX:
        return eval_index(ev, scope, expr);
    case AST_FIELD:
        return eval_dot(ev, scope, expr);
    case AST_BINARY:
        return eval_operation(ev, scope, expr, want);
    case AST_IF:
        return eval_if(ev, scope, expr, want);
    case AST_FORALL:
        return eval_quantified(ev, scope, expr);
    case AST_PAREN:
        return eval(ev, scope, expr->left, want);
    case AST_UNARY: {
        const struct value *value = eval(ev, scope, expr->left, want);
        origin where = eval_origin(ev, scope, expr->span);
        return !value                   ? NULL
               : expr->op == AST_OP_NOT ? eval_not(ev, value, where)
                                        : eval_minus(ev, value, where);
    }
    case AST_OPTIONAL:
        eval_report(ev, DIAG_EVAL_VALUE, eval_origin(ev, scope, expr->span),
                    "a type stands where a value is expected");
        return NULL;
    case AST_INVALID:
        return NULL;
    }
    return NULL;
}

const struct value *eval(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                         const struct type *want)
{
    if (!expr || !step(ev, scope, expr->span))
        return NULL;
    ev->depth++;
    const struct value *value;
    if (want && want->kind == TYPE_COLUMN_TYPE)
        value = eval_column_type(ev, scope, expr);
    else
        value = eval_form(ev, scope, expr, want);
    ev->depth--;
    return value;
}

const struct value *evaluate(struct compilation *compilation, struct scope *scope,
                             const struct ast_expr *expr)
{
    struct evaluator *ev = evaluator_of(compilation);
    return eval(ev, scope ? scope : ev->library, expr, NULL);
}

const struct value *evaluate_as(struct compilation *compilation, struct scope *scope,
                                const struct ast_expr *expr, const struct type *type)
{
    struct evaluator *ev = evaluator_of(compilation);
    return eval(ev, scope ? scope : ev->library, expr, type);
}
