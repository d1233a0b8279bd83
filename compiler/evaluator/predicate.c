/* Predicates stay trees: what they speak of (measures, versions, columns) is known only to a run or a target.
 * Everything that is known here (variables, constants, numbers) becomes a literal of the tree. */

#include <string.h>
#include "compiler/evaluator/predicate.h"
#include "compiler/type_table.h"

#define DIALECT PREDICATE_DIALECT

struct reading {
    struct evaluator *ev;
    struct scope *scope;
    struct node *owner;
    bool arguments;            /* inside the arguments of a measure: columns come first */
    struct list_builder reads; /* other datasets that it reads */
};

static const struct expr *read_expr(struct reading *reading, const struct ast_expr *expr);

/* The dataset whose columns a predicate of `node` may name. */
static struct node *dataset_of(struct node *node)
{
    for (; node; node = node->parent) {
        if (strcmp(node->kind->name, "dataset") == 0)
            return node;
        static const char *const ways[] = {"data", "watch", "model", "service", "baseline"};
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            struct node *next = kind_attribute(node->kind, ways[i]) ? node_ref(node, ways[i]) : NULL;
            struct node *found = next && next != node ? dataset_of(next) : NULL;
            if (found)
                return found;
        }
    }
    return NULL;
}

static struct node *column_named(struct node *owner, const char *name)
{
    struct node *dataset = dataset_of(owner);
    const struct value *const *columns;
    size_t count = dataset ? node_list(dataset, "columns", &columns) : 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(columns[i]->node->name, name) == 0)
            return columns[i]->node;
    return NULL;
}

struct node *predicate_column(struct node *predicate, const char *name)
{
    return column_named(predicate, name);
}

static const struct expr *literal(struct reading *reading, const struct value *value)
{
    if (!value)
        return NULL;
    if (value->kind == VALUE_NODE)
        return expr_name(reading->ev->arena, DIALECT, value->node->name, value->origin);
    if (value->kind == VALUE_WORD)
        return expr_name(reading->ev->arena, DIALECT, value->text, value->origin);
    return expr_literal(reading->ev->arena, DIALECT, value);
}

static const struct expr *make(struct reading *reading, enum expr_kind kind, const char *name,
                               const struct expr *const *args, const char *const *names, size_t count,
                               struct span span)
{
    for (size_t i = 0; i < count; i++)
        if (!args[i])
            return NULL;
    return expr_make(reading->ev->arena, kind, DIALECT, name, args, names, count,
                     eval_origin(reading->ev, reading->scope, span));
}

/* A measure of the library, or a metric that the model declares. */
static bool is_measure(struct reading *reading, const char *name)
{
    if (map_has(reading->ev->compilation->declarations.measures, name))
        return true;
    for (struct node *node = reading->owner; node; node = node->parent) {
        const struct value *const *metrics;
        size_t count = kind_attribute(node->kind, "metrics") ? node_list(node, "metrics", &metrics) : 0;
        for (size_t i = 0; i < count; i++)
            if (metrics[i]->kind == VALUE_NODE && strcmp(metrics[i]->node->name, name) == 0)
                return true;
    }
    return false;
}

static bool is_version(const char *name)
{
    static const char *const versions[] = {"champion", "stable", "canary", "baseline", "training"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (strcmp(versions[i], name) == 0)
            return true;
    return false;
}

static const struct expr *read_name(struct reading *reading, const struct ast_expr *expr)
{
    struct evaluator *ev = reading->ev;
    const char *name = expr->name.text;
    origin where = eval_origin(ev, reading->scope, expr->span);
    bool found = false;
    const struct value *value = scope_variable(ev, reading->scope, name, &found);
    if (found)
        return literal(reading, value);
    if (reading->arguments && column_named(reading->owner, name))
        return expr_name(ev->arena, DIALECT, name, where);
    if (is_measure(reading, name))
        return make(reading, EXPR_MEASURE, name, NULL, NULL, 0, expr->span);
    const struct constant *constant = constant_find(ev->compilation, name, expr->span);
    if (!is_version(name) && !reading->arguments && constant)
        return literal(reading, eval_name(ev, reading->scope, expr, NULL));
    return expr_name(ev->arena, DIALECT, name, where);
}

/* ---- arguments of measures */

/* The declared parameter that the argument at `place` among the unnamed ones, or of that name, is for. */
static const struct parameter *parameter_for(const struct measure *measure,
                                             const struct ast_argument *argument, size_t place)
{
    if (!argument->name.text)
        return place < measure->parameter_count ? &measure->parameters[place] : NULL;
    for (size_t i = 0; i < measure->parameter_count; i++)
        if (strcmp(measure->parameters[i].name, argument->name.text) == 0)
            return &measure->parameters[i];
    return NULL;
}

/* `[country, city]` where columns are expected: a list of their names. */
static const struct expr *read_columns(struct reading *reading, const struct ast_expr *list)
{
    struct evaluator *ev = reading->ev;
    struct list_builder names = list_begin(ev->arena);
    for (const struct ast_element *e = list->elements; e; e = e->next) {
        const struct expr *name =
            e->kind == AST_ELEMENT_VALUE && e->value ? read_expr(reading, e->value) : NULL;
        if (!name || name->kind != EXPR_NAME) {
            eval_report(ev, DIAG_EVAL_VALUE, eval_origin(ev, reading->scope, e->span),
                        "this is no column's name");
            return NULL;
        }
        list_add(&names, value_word(ev->arena, name->name, name->origin));
    }
    return expr_literal(ev->arena, DIALECT, list_end(&names, eval_origin(ev, reading->scope, list->span)));
}

/* The dataset that `in: cities` or `in: cities.name` names. */
static const struct expr *read_dataset(struct reading *reading, const struct ast_expr *expr,
                                       const struct kind *dataset)
{
    while (expr->kind == AST_PAREN)
        expr = expr->left;
    const struct ast_expr *base = expr->kind == AST_FIELD ? expr->left : expr;
    const struct value *value =
        eval(reading->ev, reading->scope, base, type_reference(reading->ev->compilation, dataset));
    const struct expr *name = value ? literal(reading, value) : NULL;
    if (value && value->kind == VALUE_NODE)
        list_add(&reading->reads, value);
    return expr->kind == AST_FIELD ? make(reading, EXPR_FIELD, expr->name.text, &name, NULL, 1, expr->span)
                                   : name;
}

static const struct kind *dataset_of_type(const struct type *type)
{
    const struct type *reference = type_alternative(type, TYPE_REFERENCE);
    return reference && strcmp(reference->of->name, "dataset") == 0 ? reference->of : NULL;
}

static const struct expr *read_argument(struct reading *reading, const struct measure *measure,
                                        const struct ast_argument *argument, size_t place)
{
    const struct parameter *parameter = parameter_for(measure, argument, place);
    bool where = !parameter && argument->name.text && strcmp(argument->name.text, "where") == 0;
    if (where || (parameter && parameter->type->kind == TYPE_EXPRESSION))
        return eval_row_condition(reading->ev, reading->scope, reading->owner, argument->value);
    const struct kind *dataset = parameter ? dataset_of_type(parameter->type) : NULL;
    if (dataset)
        return read_dataset(reading, argument->value, dataset);
    bool list =
        argument->value->kind == AST_LIST && parameter && type_alternative(parameter->type, TYPE_LIST);
    return list ? read_columns(reading, argument->value) : read_expr(reading, argument->value);
}

static const struct expr *read_call(struct reading *reading, const struct ast_expr *call)
{
    enum { ARGUMENTS = 16 };
    struct evaluator *ev = reading->ev;
    const struct ast_expr *left = call->left;
    const struct expr *args[ARGUMENTS];
    const char *names[ARGUMENTS];
    size_t count = 0;
    bool method = left->kind == AST_FIELD;
    const char *name = method || left->kind == AST_NAME ? left->name.text : NULL;
    bool measure = !method && name && is_measure(reading, name);
    if (name && !method && !measure &&
        (native_find(name) || function_find(ev->compilation, name, left->span)))
        return literal(reading, eval(ev, reading->scope, call, NULL));
    if (!name) {
        eval_report(ev, DIAG_EVAL_CALL, eval_origin(ev, reading->scope, call->span),
                    "only measures can be called");
        return NULL;
    }
    if (method) {
        names[count] = NULL;
        args[count++] = read_expr(reading, left->left);
    }
    bool outer = reading->arguments;
    const struct measure *declared = measure ? map_get(ev->compilation->declarations.measures, name) : NULL;
    reading->arguments = measure || method;
    size_t unnamed = 0;
    for (const struct ast_argument *a = call->arguments; a && count < ARGUMENTS; a = a->next) {
        names[count] = a->name.text;
        args[count++] =
            declared ? read_argument(reading, declared, a, unnamed) : read_expr(reading, a->value);
        unnamed += a->name.text == NULL;
    }
    reading->arguments = outer;
    enum expr_kind kind = method ? EXPR_METHOD : measure ? EXPR_MEASURE : EXPR_CALL;
    return make(reading, kind, name, args, names, count, call->span);
}

static const struct expr *read_field(struct reading *reading, const struct ast_expr *expr)
{
    const struct expr *left = read_expr(reading, expr->left);
    if (left && left->kind == EXPR_LITERAL)
        return literal(reading, eval_field(reading->ev, left->value, expr->name.text, expr->optional,
                                           eval_origin(reading->ev, reading->scope, expr->span)));
    return make(reading, EXPR_FIELD, expr->name.text, &left, NULL, 1, expr->span);
}

static const struct expr *read_binary(struct reading *reading, const struct ast_expr *expr)
{
    if (expr->op == AST_OP_RANGE)
        return literal(reading, eval(reading->ev, reading->scope, expr, NULL));
    const struct expr *args[] = {read_expr(reading, expr->left), read_expr(reading, expr->right)};
    if (!args[0] || !args[1])
        return NULL;
    bool operation = expr->op >= AST_OP_ADD && expr->op <= AST_OP_DIV;
    if (operation && args[0]->kind == EXPR_LITERAL && args[1]->kind == EXPR_LITERAL)
        return literal(reading, eval_binary(reading->ev, expr->op, args[0]->value, args[1]->value,
                                            eval_origin(reading->ev, reading->scope, expr->op_span)));
    enum expr_kind kind = expr->op == AST_OP_HOLDS  ? EXPR_HOLDS
                          : expr->op == AST_OP_OVER ? EXPR_OVER
                                                    : EXPR_BINARY;
    return make(reading, kind, kind == EXPR_BINARY ? ast_op_text(expr->op) : NULL, args, NULL, 2, expr->span);
}

static const struct expr *read_expr(struct reading *reading, const struct ast_expr *expr)
{
    struct evaluator *ev = reading->ev;
    if (!expr || ev->depth >= EVALUATE_DEPTH || ev->stopped)
        return literal(reading, eval(ev, reading->scope, expr, NULL));
    ev->steps++;
    ev->depth++;
    const struct expr *result = NULL;
    const struct expr *args[2];
    switch (expr->kind) {
    case AST_NAME:
        result = read_name(reading, expr);
        break;
    case AST_PAREN:
        result = read_expr(reading, expr->left);
        break;
    case AST_CALL:
        result = read_call(reading, expr);
        break;
    case AST_FIELD:
        result = read_field(reading, expr);
        break;
    case AST_BINARY:
        result = read_binary(reading, expr);
        break;
    case AST_UNARY:
        if (expr->op == AST_OP_MINUS && expr->left->kind == AST_NUMBER) {
            result = literal(reading, eval(ev, reading->scope, expr, NULL));
            break;
        }
        args[0] = read_expr(reading, expr->left);
        result = make(reading, EXPR_UNARY, expr->op == AST_OP_NOT ? "not" : "-", args, NULL, 1, expr->span);
        break;
    case AST_INDEX:
        args[0] = read_expr(reading, expr->left);
        args[1] = read_expr(reading, expr->right);
        result = make(reading, EXPR_INDEX, NULL, args, NULL, 2, expr->span);
        break;
    default:
        result = literal(reading, eval(ev, reading->scope, expr, NULL));
    }
    ev->depth--;
    return result;
}

/* ---- what stands for a comparison that is not written */

static const struct expr *rebuilt(struct reading *reading, const struct expr *expr,
                                  const struct expr *const *args)
{
    return expr_make(reading->ev->arena, expr->kind, DIALECT, expr->name, args, expr->arg_names,
                     expr->arg_count, expr->origin);
}

/* `holds(a <= b)` alone, as a condition: `holds(a <= b) >= 100%`. */
static const struct expr *with_bounds(struct reading *reading, const struct expr *expr)
{
    struct evaluator *ev = reading->ev;
    const struct expr *args[2];
    bool timed = expr->kind == EXPR_HOLDS || expr->kind == EXPR_OVER;
    bool joined =
        expr->kind == EXPR_BINARY && (strcmp(expr->name, "and") == 0 || strcmp(expr->name, "or") == 0);
    bool logic = timed || joined || (expr->kind == EXPR_UNARY && strcmp(expr->name, "not") == 0);
    if (logic) {
        for (size_t i = 0; i < expr->arg_count; i++)
            args[i] = i > 0 && timed ? expr->args[i] : with_bounds(reading, expr->args[i]);
        return !args[0] || !args[expr->arg_count - 1] ? NULL : rebuilt(reading, expr, args);
    }
    const struct expr *leaf = expr->kind == EXPR_METHOD && expr->arg_count > 0 ? expr->args[0] : expr;
    const struct measure *measure =
        leaf->kind == EXPR_MEASURE ? map_get(ev->compilation->declarations.measures, leaf->name) : NULL;
    if (!measure || !measure->bound)
        return expr;
    const struct value *bound = eval(ev, reading->scope, measure->bound, measure->result);
    args[0] = expr;
    args[1] =
        bound ? expr_literal(ev->arena, DIALECT, value_with_origin(ev->arena, bound, expr->origin)) : NULL;
    return !args[1] ? NULL
                    : expr_make(ev->arena, EXPR_BINARY, DIALECT, measure->better < 0 ? "<=" : ">=", args,
                                NULL, 2, expr->origin);
}

/* ---- what a predicate is about */

struct subject {
    const struct expr *leaf;    /* the measured side: accuracy.by(species) */
    const struct expr *measure; /* the first measure in it */
    const struct expr *bound;   /* the other side, or NULL */
    const char *relation;
    const struct value *over, *holds;
};

static const struct expr *first_measure(const struct expr *expr)
{
    if (expr->kind == EXPR_MEASURE)
        return expr;
    for (size_t i = 0; i < expr->arg_count; i++) {
        const struct expr *found = first_measure(expr->args[i]);
        if (found)
            return found;
    }
    bool side =
        expr->kind == EXPR_FIELD && expr->args[0]->kind == EXPR_NAME && is_version(expr->args[0]->name);
    return side ? expr : NULL;
}

static const char *mirrored(const char *relation)
{
    static const char *const pairs[][2] = {{"<", ">"}, {"<=", ">="}, {">", "<"}, {">=", "<="}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strcmp(relation, pairs[i][0]) == 0)
            return pairs[i][1];
    return relation;
}

static struct subject subject_of(const struct expr *expr)
{
    struct subject subject = {0};
    while (expr->kind == EXPR_HOLDS || expr->kind == EXPR_OVER) {
        const struct value *span = expr->args[1]->kind == EXPR_LITERAL ? expr->args[1]->value : NULL;
        if (expr->kind == EXPR_HOLDS)
            subject.holds = span;
        else
            subject.over = span;
        expr = expr->args[0];
    }
    subject.measure = first_measure(expr);
    subject.leaf = expr;
    static const char *const logic[] = {"and", "or"};
    bool comparison =
        expr->kind == EXPR_BINARY && strcmp(expr->name, logic[0]) != 0 && strcmp(expr->name, logic[1]) != 0;
    if (expr->kind == EXPR_BINARY)
        subject.relation = expr->name;
    if (!comparison)
        return subject;
    bool left = first_measure(expr->args[0]) != NULL || first_measure(expr->args[1]) == NULL;
    subject.leaf = expr->args[left ? 0 : 1];
    subject.bound = expr->args[left ? 1 : 0];
    if (!left)
        subject.relation = mirrored(expr->name);
    return subject;
}

static const char *print(struct evaluator *ev, const struct expr *expr)
{
    struct buf text = {0};
    expr_print(&text, expr);
    const char *copy = arena_copy(ev->arena, buf_str(&text), text.length);
    buf_free(&text);
    return copy;
}

/* `no_worse(accuracy, than: champion, by: 1%)` is known by its name and what it is about. */
static const char *leaf_text(struct evaluator *ev, const struct expr *leaf)
{
    if (leaf->kind == EXPR_CALL && leaf->arg_count)
        return arena_printf(ev->arena, "%s(%s)", leaf->name, print(ev, leaf->args[0]));
    return print(ev, leaf);
}

const char *predicate_leaf(struct evaluator *ev, struct scope *scope, struct node *owner,
                           const struct ast_expr *expr)
{
    struct reading reading = {ev, scope, owner, false, list_begin(ev->arena)};
    const struct expr *tree = read_expr(&reading, expr);
    tree = tree ? with_bounds(&reading, tree) : NULL;
    return tree ? leaf_text(ev, subject_of(tree).leaf) : NULL;
}

static const char *key_of(struct evaluator *ev, const struct subject *subject, const char *leaf)
{
    struct buf text = {0};
    buf_add_str(&text, leaf);
    if (subject->bound)
        buf_printf(&text, " %s", subject->relation);
    const struct value *spans[] = {subject->over, subject->holds};
    static const char *const words[] = {" over ", " for "};
    for (size_t i = 0; i < 2; i++) {
        if (!spans[i] || spans[i]->kind != VALUE_QUANTITY)
            continue;
        buf_add_str(&text, words[i]);
        value_print_quantity(&text, spans[i]);
    }
    const char *key = arena_copy(ev->arena, buf_str(&text), text.length);
    buf_free(&text);
    return key;
}

/* ---- the node */

static const struct kind *predicate_kind(struct evaluator *ev)
{
    struct compilation *compilation = ev->compilation;
    struct kind *kind = map_get(compilation->declarations.kinds, "predicate");
    if (kind)
        return kind;
    static const struct {
        const char *name;
        enum type_kind type;
    } rows[] = {{"source", TYPE_STRING},   {"condition", TYPE_PREDICATE}, {"measure", TYPE_STRING},
                {"column", TYPE_ANY_NODE}, {"operator", TYPE_STRING},     {"bound", TYPE_BAD},
                {"over", TYPE_DURATION},   {"holds", TYPE_DURATION},      {"actions", TYPE_BAD},
                {"reads", TYPE_BAD}};
    enum { ROWS = sizeof rows / sizeof *rows };
    struct attribute *attributes = arena_array(ev->arena, ROWS, sizeof *attributes);
    kind = arena_alloc(ev->arena, sizeof *kind);
    *kind = (struct kind){.name = "predicate", .head = "", .attributes = attributes, .attribute_count = ROWS};
    const struct kind **parents = arena_array(ev->arena, 1, sizeof *parents);
    kind->parents = parents;
    kind->doc = "A condition over measures.";
    for (size_t i = 0; i < ROWS; i++) {
        const struct type *type = type_scalar(compilation, rows[i].type);
        attributes[i] = (struct attribute){.name = rows[i].name,
                                           .form = ATTRIBUTE_VALUE,
                                           .type = type_optional(compilation, type),
                                           .written = type_optional(compilation, type),
                                           .owner = kind};
    }
    map_set(compilation->declarations.kinds, "predicate", kind);
    return kind;
}

/* `else alert(oncall), "text"`: what happens when it does not hold. */
static const struct value *actions_of(struct evaluator *ev, struct scope *scope,
                                      const struct ast_clause *clauses, origin where)
{
    struct list_builder list = list_begin(ev->arena);
    for (const struct ast_clause *clause = clauses; clause; clause = clause->next) {
        if (clause->kind != AST_CLAUSE_ELSE)
            continue;
        const struct type *action = type_find(ev->compilation, "action", clause->span);
        const struct value *value = eval(ev, scope, clause->values, action);
        if (!value)
            return NULL;
        list_add(&list, value);
        for (const struct ast_argument *more = clause->more; more; more = more->next) {
            value = eval(ev, scope, more->value, action);
            if (!value)
                return NULL;
            list_add(&list, value);
        }
    }
    return list_end(&list, where);
}

static const struct value *column_value(struct evaluator *ev, struct node *owner,
                                        const struct subject *subject)
{
    const struct expr *measure = subject->measure;
    for (size_t i = 0; measure && measure->kind == EXPR_MEASURE && i < measure->arg_count; i++) {
        const struct expr *argument = measure->args[i];
        struct node *column = argument->kind == EXPR_NAME ? column_named(owner, argument->name) : NULL;
        if (column)
            return value_node(ev->arena, column, argument->origin);
    }
    return NULL;
}

static void set(struct evaluator *ev, struct node *node, const char *name, const struct value *value)
{
    node_set(node, name, value ? value : value_null(ev->arena, node->origin));
}

static const struct value *text_value(struct evaluator *ev, const char *text, origin where)
{
    return text ? value_string(ev->arena, text, where) : NULL;
}

const struct value *eval_predicate(struct evaluator *ev, struct scope *scope, struct node *owner,
                                   const struct attribute *attribute, const struct ast_expr *expr,
                                   const struct ast_clause *clauses, size_t place)
{
    (void)attribute;
    (void)place;
    struct reading reading = {ev, scope, owner, false, list_begin(ev->arena)};
    const struct expr *tree = read_expr(&reading, expr);
    tree = tree ? with_bounds(&reading, tree) : NULL;
    if (!tree)
        return NULL;
    struct subject subject = subject_of(tree);
    origin where = eval_origin(ev, scope, expr->span);
    const struct value *actions = actions_of(ev, scope, clauses, where);
    if (!actions)
        return NULL;
    const char *leaf = leaf_text(ev, subject.leaf);
    const char *key = key_of(ev, &subject, leaf);
    const char *path = arena_printf(ev->arena, "%s.%s", state_of(owner)->path, key);
    struct node *node = node_make(ev, predicate_kind(ev), key, path, owner, owner->environment, where);
    struct node_state *state = state_of(node);
    state->opened = true;
    state->key = key;
    state->leaf = leaf;
    set(ev, node, "source", value_string(ev->arena, print(ev, tree), where));
    set(ev, node, "condition", value_expression(ev->arena, tree, where));
    set(ev, node, "measure", text_value(ev, subject.measure ? subject.measure->name : NULL, where));
    set(ev, node, "column", column_value(ev, owner, &subject));
    set(ev, node, "operator", text_value(ev, subject.relation, where));
    set(ev, node, "bound",
        subject.bound && subject.bound->kind == EXPR_LITERAL ? subject.bound->value : NULL);
    set(ev, node, "over", subject.over);
    set(ev, node, "holds", subject.holds);
    set(ev, node, "actions", actions);
    set(ev, node, "reads", reading.reads.count ? list_end(&reading.reads, where) : NULL);
    return value_node(ev->arena, node, where);
}
