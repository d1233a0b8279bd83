/* Declarations besides kinds and types: functions, measures, dialects, constants, contexts, templates. */

#include <string.h>
#include "compiler/declare.h"
#include "compiler/type_table.h"

/* `fn f(…): T = e` is a body of one value. */
static const struct ast_block *body_of_value(struct compilation *compilation, const struct ast_expr *value)
{
    struct ast_item *item = arena_alloc(compilation->arena, sizeof *item);
    item->kind = AST_VALUE;
    item->span = value->span;
    item->value = (struct ast_expr *)value;
    struct ast_block *block = arena_alloc(compilation->arena, sizeof *block);
    block->items = item;
    block->item_count = 1;
    block->span = value->span;
    return block;
}

/* A backend's declaration is also found by its bare name where that is free: the evaluator runs what the
 * checker let through, and needs no rule of visibility. */
static void enter(struct map *table, const char *key, const char *name, void *declaration)
{
    map_set(table, key, declaration);
    if (!map_has(table, name))
        map_set(table, name, declaration);
}

void declare_function(struct compilation *compilation, const struct ast_item *item)
{
    const char *name = declared_name(item->value);
    bool has_body = (item->block == NULL) != (item->default_value == NULL);
    if (name == NULL || item->value->kind != AST_CALL || item->type == NULL || !has_body) {
        declare_malformed(
            compilation, item->span,
            "a function is declared as `fn name(parameter: type): result { … }` or `… = value`");
        return;
    }
    const char *key = declared_key(compilation, item->span, name);
    const struct function *earlier = map_get(compilation->declarations.functions, key);
    if (earlier != NULL) {
        declare_twice(compilation, "function", name, item->value->left->span, earlier->span);
        return;
    }
    struct function *function = arena_alloc(compilation->arena, sizeof *function);
    function->name = name;
    function->parameters = declare_parameters(compilation, item->value, &function->parameter_count);
    function->result = type_of_expr(compilation, item->type);
    function->body = item->block != NULL ? item->block : body_of_value(compilation, item->default_value);
    function->doc = item->doc;
    function->span = item->value->left->span;
    enter(compilation->declarations.functions, key, name, function);
}

static void add_subject(struct compilation *compilation, const struct ast_expr *expr, struct vec *subjects)
{
    const char *name = match_literal_name(expr);
    const struct kind *kind = name == NULL ? NULL : map_get(compilation->declarations.kinds, name);
    if (kind != NULL) {
        vec_push(subjects, (void *)kind);
        return;
    }
    struct diag *diag = diag_report(compilation->diags, DIAG_NAMES_UNKNOWN_HEAD, expr->span,
                                    "there is no kind `%s`", name == NULL ? "?" : name);
    diag_label(diag, "a measure is taken of a kind");
}

static void read_subjects(struct compilation *compilation, struct measure *measure,
                          const struct ast_expr *expr)
{
    struct vec subjects = vec_in(compilation->arena);
    if (expr != NULL && expr->kind == AST_LIST) {
        for (const struct ast_element *e = expr->elements; e != NULL; e = e->next)
            if (e->value != NULL)
                add_subject(compilation, e->value, &subjects);
    } else if (expr != NULL) {
        add_subject(compilation, expr, &subjects);
    }
    measure->subjects = (const struct kind *const *)subjects.items;
    measure->subject_count = subjects.count;
}

static struct lowering *read_lowering(struct compilation *compilation, const struct ast_item *item)
{
    const char *target = declared_name(item->value);
    if (target == NULL || item->default_value == NULL) {
        declare_malformed(compilation, item->span,
                          "a lowering is written `lower TARGET = …` or `lower TARGET(bound: T) = …`");
        return NULL;
    }
    struct lowering *lowering = arena_alloc(compilation->arena, sizeof *lowering);
    lowering->target = target;
    lowering->parameters = declare_parameters(compilation, item->value, &lowering->parameter_count);
    lowering->body = item->default_value;
    lowering->span = item->span;
    return lowering;
}

static const char MEASURE_HOLDS[] = "a measure holds `better`, `native`, `bound` and `lower TARGET = …`";

static void read_fact(struct compilation *compilation, struct measure *measure, const struct ast_item *item)
{
    const char *word = item->value == NULL ? NULL : match_literal_name(item->value);
    if (strcmp(item->key.text, "better") == 0 && word != NULL)
        measure->better = strcmp(word, "higher") == 0 ? 1 : strcmp(word, "lower") == 0 ? -1 : 0;
    else if (strcmp(item->key.text, "native") == 0 && word != NULL)
        measure->native = word;
    else if (strcmp(item->key.text, "bound") == 0 && item->value != NULL)
        measure->bound = item->value;
    else
        declare_malformed(compilation, item->span, MEASURE_HOLDS);
}

static void read_measure_body(struct compilation *compilation, struct measure *measure,
                              const struct ast_block *block)
{
    struct lowering **last = &measure->lowerings;
    for (const struct ast_item *item = block->items; item != NULL; item = item->next) {
        if (item->kind == AST_ASSIGN && item->key.text != NULL) {
            read_fact(compilation, measure, item);
        } else if (item->kind == AST_STATEMENT && strcmp(item->key.text, "lower") == 0) {
            *last = read_lowering(compilation, item);
            last = *last == NULL ? last : &(*last)->next;
        } else if (item->kind != AST_ERROR_ITEM) {
            declare_malformed(compilation, item->span, MEASURE_HOLDS);
        }
    }
}

void declare_measure(struct compilation *compilation, const struct ast_item *item)
{
    const struct ast_expr *value = item->value;
    const struct ast_expr *subjects = NULL;
    if (value != NULL && value->kind == AST_BINARY && value->op == AST_OP_IN) {
        subjects = value->right;
        value = value->left;
    }
    const char *name = declared_name(value);
    if (name == NULL || subjects == NULL || item->type == NULL) {
        declare_malformed(compilation, item->span,
                          "a measure is declared as `measure name(c: column) in KIND: type { … }`");
        return;
    }
    const struct measure *earlier = map_get(compilation->declarations.measures, name);
    if (earlier != NULL) {
        declare_twice(compilation, "measure", name, value->span, earlier->span);
        return;
    }
    struct measure *measure = arena_alloc(compilation->arena, sizeof *measure);
    measure->name = name;
    measure->parameters = declare_parameters(compilation, value, &measure->parameter_count);
    measure->result = type_of_expr(compilation, item->type);
    read_subjects(compilation, measure, subjects);
    if (item->block != NULL)
        read_measure_body(compilation, measure, item->block);
    measure->doc = item->doc;
    measure->span = value->span;
    map_set(compilation->declarations.measures, name, measure);
}

static struct dialect_node *read_node(struct compilation *compilation, const struct ast_item *item)
{
    bool form = item->kind == AST_STATEMENT && strcmp(item->key.text, "node") == 0 &&
                declared_name(item->value) != NULL && item->default_value != NULL;
    if (!form) {
        if (item->kind != AST_ERROR_ITEM)
            declare_malformed(compilation, item->span, "a dialect holds `node name(a: T, b: T) = …`");
        return NULL;
    }
    struct dialect_node *node = arena_alloc(compilation->arena, sizeof *node);
    node->name = declared_name(item->value);
    node->parameters = declare_parameters(compilation, item->value, &node->parameter_count);
    node->body = item->default_value;
    node->span = item->span;
    return node;
}

void declare_dialect(struct compilation *compilation, const struct ast_item *item)
{
    const char *name = declared_name(item->value);
    if (name == NULL || item->block == NULL) {
        declare_malformed(compilation, item->span, "a dialect is declared as `dialect name { node … }`");
        return;
    }
    const struct dialect *earlier = map_get(compilation->declarations.dialects, name);
    if (earlier != NULL) {
        declare_twice(compilation, "dialect", name, item->value->span, earlier->span);
        return;
    }
    struct dialect *dialect = arena_alloc(compilation->arena, sizeof *dialect);
    dialect->name = name;
    dialect->span = item->value->span;
    struct dialect_node **last = &dialect->nodes;
    for (const struct ast_item *i = item->block->items; i != NULL; i = i->next) {
        *last = read_node(compilation, i);
        last = *last == NULL ? last : &(*last)->next;
    }
    map_set(compilation->declarations.dialects, name, dialect);
}

void declare_constant(struct compilation *compilation, const struct ast_item *item)
{
    const char *name = declared_name(item->value);
    if (name == NULL || item->default_value == NULL) {
        declare_malformed(compilation, item->span, "a constant is declared as `let name = value`");
        return;
    }
    const char *key = declared_key(compilation, item->span, name);
    const struct constant *earlier = map_get(compilation->declarations.constants, key);
    if (earlier != NULL) {
        declare_twice(compilation, "constant", name, item->value->span, earlier->span);
        return;
    }
    struct constant *constant = arena_alloc(compilation->arena, sizeof *constant);
    constant->name = name;
    constant->value = item->default_value;
    constant->type = item->type == NULL ? NULL : type_of_expr(compilation, item->type);
    constant->span = item->value->span;
    enter(compilation->declarations.constants, key, name, constant);
}

/* `context github: { event_name: one_of(push, …) }`, in a backend's folder: the dialect is the backend's. */
void declare_context(struct compilation *compilation, const struct ast_item *item)
{
    const char *name = declared_name(item->value);
    const char *key = name == NULL ? NULL : declared_key(compilation, item->span, name);
    if (name == NULL || item->type == NULL || key == name) {
        declare_malformed(
            compilation, item->span,
            "a context is declared as `context name: { field: type }`, in the folder of a backend");
        return;
    }
    const char *dialect = arena_copy(compilation->arena, key, strcspn(key, "."));
    const struct type *fields = type_of_expr(compilation, item->type);
    if (map_has(compilation->declarations.contexts, key))
        declare_twice(compilation, "context", name, item->value->span, span_none);
    enter(compilation->declarations.contexts, key, name,
          (void *)type_of_dialect(compilation, TYPE_EXPRESSION, dialect, fields));
}

void declare_template(struct compilation *compilation, const struct ast_item *item)
{
    const char *name = declared_name(item->value);
    if (name == NULL || item->block == NULL) {
        declare_malformed(compilation, item->span, "a template is declared as `template TARGET { file … }`");
        return;
    }
    if (map_has(compilation->declarations.templates, name))
        declare_twice(compilation, "template", name, item->value->span, span_none);
    map_set(compilation->declarations.templates, name, (void *)item->block);
}
