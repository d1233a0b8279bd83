/* The pass `verify`: what must hold of the finished graph: the checks of kinds, the policies, no circles. */

#include <string.h>
#include "compiler/lint.h"
#include "compiler/unused.h"
#include "compiler/node_state.h"
#include "compiler/passes.h"

/* ---- checks of kinds */

static void run_check(struct evaluator *ev, struct node *node, const struct kind_check *check)
{
    struct scope *scope = scope_new(ev->compilation, ev->library);
    scope->self = node;
    int holds = eval_condition(ev, scope, check->condition);
    if (holds != 0)
        return;
    const struct value *text = check->text ? eval(ev, scope, check->text, NULL) : NULL;
    struct diag *diag = eval_report(ev, DIAG_CHECK_FAILED, node->origin, "%s",
                                    text ? value_string_or(text, "a constraint does not hold")
                                         : "a constraint of its kind does not hold");
    diag_label(diag, "this %s", node->kind->name);
    if (node->environment)
        diag_note(diag, "in environment `%s`", node->environment->name);
}

/* A node of which every environment has an instance is a shape: what must hold, must hold of the instances.
 */
static bool is_shape(const struct node *node)
{
    while (node->parent)
        node = node->parent;
    return node->kind->scope == SCOPE_ENVIRONMENT && state_of(node)->instances.count > 0;
}

static void run_checks(struct evaluator *ev)
{
    const struct vec *nodes = &ev->compilation->graph->nodes;
    for (size_t i = 0; i < nodes->count && !ev->stopped; i++) {
        struct node *node = nodes->items[i];
        if (is_shape(node))
            continue;
        for (const struct kind_check *check = node->kind->checks; check; check = check->next)
            run_check(ev, node, check);
    }
}

/* ---- policies */

struct policy_turn {
    const struct ast_item *item;
    const struct ast_expr *condition;
};

static void report_policy(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                          struct node *about)
{
    const struct value *text = item->clauses ? eval(ev, scope, item->clauses->values, NULL) : NULL;
    const char *words = text ? value_string_or(text, NULL) : NULL;
    origin where = about ? about->origin : eval_origin(ev, scope, item->span);
    struct diag *diag =
        eval_report(ev, DIAG_POLICY_FAILED, where, "%s", words ? words : "a policy does not hold");
    if (about) {
        diag_label(diag, "%s", about->id);
        diag_secondary(diag, item->value->span, "demanded here");
    }
}

static struct node *first_bound_node(const struct scope *scope)
{
    for (; scope && scope->bindings; scope = scope->outer)
        for (const struct binding *binding = scope->bindings; binding; binding = binding->next)
            if (binding->value && binding->value->kind == VALUE_NODE)
                return binding->value->node;
    return NULL;
}

static bool policy_turn(struct evaluator *ev, struct scope *scope, void *context)
{
    struct policy_turn *turn = context;
    int holds = eval_condition(ev, scope, turn->condition);
    if (holds == 0)
        report_policy(ev, scope, turn->item, first_bound_node(scope));
    return holds >= 0;
}

static void run_policy_item(struct evaluator *ev, struct scope *scope, const struct ast_item *item)
{
    if (item->kind == AST_STATEMENT && item->key.text && strcmp(item->key.text, "let") == 0 && item->value &&
        item->value->kind == AST_NAME && item->default_value) {
        scope_bind_lazy(scope, item->value->name.text, item->default_value, NULL);
        return;
    }
    if (item->kind != AST_VALUE)
        return;
    const struct ast_expr *expr = item->value;
    struct policy_turn context = {item, expr};
    struct turn turn = {policy_turn, &context};
    if (expr->kind == AST_FORALL && !expr->any) {
        context.condition = expr->left;
        eval_binders(ev, scope, expr->binders, expr->where, turn);
        return;
    }
    policy_turn(ev, scope, &context);
}

static void run_policies(struct evaluator *ev)
{
    const struct vec *policies = &ev->compilation->declarations.policies;
    for (size_t i = 0; i < policies->count; i++) {
        const struct ast_item *policy = policies->items[i];
        struct scope *scope = scope_new(ev->compilation, ev->library);
        const struct ast_item *item = policy->block ? policy->block->items : NULL;
        for (; item && !ev->stopped; item = item->next)
            run_policy_item(ev, scope, item);
    }
}

/* ---- circles: of environments by `after`, of steps by what they use */

enum mark { UNSEEN, ON_PATH, CLEAR };

struct circles {
    struct evaluator *ev;
    uint8_t *marks;  /* one a node, by index */
    struct vec *out; /* by index: struct edge * that order something */
    struct vec path; /* struct edge * */
};

static void report_circle(struct circles *circles, const struct edge *closing)
{
    struct buf text = {0};
    size_t start = circles->path.count;
    while (start > 0 && ((const struct edge *)circles->path.items[start - 1])->from != closing->to)
        start--;
    start = start ? start - 1 : 0;
    for (size_t i = start; i < circles->path.count; i++)
        buf_printf(&text, "%s -> ", ((const struct edge *)circles->path.items[i])->from->id);
    buf_printf(&text, "%s -> %s", closing->from->id, closing->to->id);
    struct diag *diag = eval_report(circles->ev, DIAG_ORDER_CYCLE, closing->origin,
                                    "`%s` and `%s` wait for each other", closing->from->id, closing->to->id);
    diag_note(diag, "%s", buf_str(&text));
    diag_help(diag,
              strcmp(closing->via, "after") == 0
                  ? "one of the environments comes first: take its `after` away"
                  : "one of them must do without what the other makes: take that hole out of its command");
    buf_free(&text);
}

static void walk(struct circles *circles, struct node *node, size_t depth)
{
    enum { DEPTH = 5000 };
    circles->marks[node->index] = ON_PATH;
    const struct vec *out = &circles->out[node->index];
    for (size_t i = 0; i < out->count && depth < DEPTH; i++) {
        struct edge *edge = out->items[i];
        if (circles->marks[edge->to->index] == ON_PATH) {
            report_circle(circles, edge);
        } else if (circles->marks[edge->to->index] == UNSEEN) {
            vec_push(&circles->path, edge);
            walk(circles, edge->to, depth + 1);
            circles->path.count--;
        }
    }
    circles->marks[node->index] = CLEAR;
}

static void find_circles(struct evaluator *ev)
{
    struct graph *graph = ev->compilation->graph;
    size_t count = graph->nodes.count;
    struct circles circles = {.ev = ev, .path = vec_in(ev->arena)};
    circles.marks = arena_array(ev->arena, count, sizeof *circles.marks);
    circles.out = arena_array(ev->arena, count, sizeof *circles.out);
    for (size_t i = 0; i < count; i++)
        circles.out[i] = vec_in(ev->arena);
    for (size_t i = 0; i < graph->edges.count; i++) {
        struct edge *edge = graph->edges.items[i];
        if (edge->role == EDGE_ORDER ||
            (edge->role == EDGE_SLOT && strcmp(edge->to->kind->name, "step") == 0))
            vec_push(&circles.out[edge->from->index], edge);
    }
    for (size_t i = 0; i < count; i++)
        if (circles.marks[i] == UNSEEN)
            walk(&circles, graph->nodes.items[i], 0);
}

void pass_verify(struct compilation *compilation)
{
    struct evaluator *ev = evaluator_of(compilation);
    run_checks(ev);
    run_policies(ev);
    find_circles(ev);
    lint_graph(ev);
    warn_unused(compilation);
}
