/* Pass `check`: the project's own text. The library's was checked when mlc was built (check_library). */

#include <string.h>
#include "compiler/check.h"
#include "compiler/passes.h"

static bool is_user(const struct checker *c, struct span where)
{
    const struct source *source = source_of(c->compilation->sources, where.source);
    return source != NULL && source->role != SOURCE_LIBRARY && source->role != SOURCE_BACKEND;
}

/* ---- policies */

static void check_policy_items(struct checker *c, struct check_scope *s, const struct ast_block *block);

static void check_rule(struct checker *c, struct check_scope *s, const struct ast_item *item)
{
    const struct ast_expr *rule = item->value;
    check_condition(c, s, rule);
    const struct ast_clause *otherwise = item->clauses;
    if (otherwise == NULL || otherwise->kind != AST_CLAUSE_ELSE) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_FORM, item->span,
                                        "a rule says why: `CONDITION else \"text\"`");
        diag_label(diag, "no text");
        return;
    }
    struct check_scope *inner = s;
    if (rule->kind == AST_FORALL)
        inner = check_binders(c, s, rule->binders, rule->where);
    check_expr(c, inner, otherwise->values, type_scalar(c->compilation, TYPE_STRING));
}

static void check_policy_items(struct checker *c, struct check_scope *s, const struct ast_block *block)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next) {
        if (check_common_item(c, &s, item))
            continue;
        if (item->kind == AST_VALUE)
            check_rule(c, s, item);
        else if (item->kind == AST_FOR)
            check_policy_items(c, check_binders(c, s, item->binders, item->where), item->block);
        else if (item->kind != AST_ERROR_ITEM)
            diag_label(diag_report(c->compilation->diags, DIAG_TYPE_BODY, item->span,
                                   "a policy holds rules: `forall m in models: CONDITION else \"why\"`"),
                       "no rule");
    }
}

void check_policy(struct checker *c, const struct ast_block *block)
{
    check_policy_items(c, NULL, block);
}

/* ---- nodes */

static void check_node(struct checker *c, struct check_scope *s, const struct match *match)
{
    struct outline *node = outline_new(c, match->kind, match, NULL);
    if (match->name != NULL && match->name->kind == AST_STRING)
        check_type(c, s, match->name, type_scalar(c->compilation, TYPE_STRING));
    check_block(c, s, node);
}

static void check_node_if(struct checker *c, struct check_scope *s, const struct kind *body,
                          const struct ast_item *item);

/* `key = value` in the body of a component, where parameters are declared and not given. */
static void check_component_value(struct checker *c, const struct ast_item *item)
{
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_NAMES_BARE_VALUE, item->key.span,
                    "the body of a component holds parameters and blocks, no value of `%s`", item->key.text);
    diag_label(diag, "an attribute of what?");
    diag_help(diag, "a default is written `param %s: TYPE = …`; else give it to a block inside",
              item->key.text);
}

/* Items of a file, or (with `body`) of a component. */
static void check_top_item(struct checker *c, struct check_scope **s, const struct kind *body,
                           const struct ast_item *item)
{
    struct match match = match_item(&c->compilation->declarations, body, item);
    switch (match.status) {
    case MATCH_NODE:
        check_node(c, *s, &match);
        break;
    case MATCH_LET:
        check_common_item(c, s, item);
        break;
    case MATCH_FOR: {
        struct check_scope *inner = check_binders(c, *s, item->binders, item->where);
        for (const struct ast_item *i = item->block->items; i != NULL; i = i->next)
            check_top_item(c, &inner, body, i);
        break;
    }
    case MATCH_IF:
        check_node_if(c, *s, body, item);
        break;
    case MATCH_VALUE:
        check_component_value(c, item);
        break;
    case MATCH_ERROR:
        check_item_problem(c, body, item, &match);
        break;
    default:
        break;
    }
}

static void check_node_if(struct checker *c, struct check_scope *s, const struct kind *body,
                          const struct ast_item *item)
{
    if (item->kind == AST_IF_ITEM)
        check_condition(c, s, item->value);
    struct check_scope *inner = s;
    for (const struct ast_item *i = item->block == NULL ? NULL : item->block->items; i != NULL; i = i->next)
        check_top_item(c, &inner, body, i);
    if (item->other != NULL)
        check_node_if(c, s, body, item->other);
}

/* ---- components */

/* The parts of a component are seen in it under the names they are given there; the unnamed one under its
 * head. */
static struct check_scope *bind_parts(struct checker *c, struct check_scope *s, const struct kind *component)
{
    for (const struct ast_item *item = component->body->items; item != NULL; item = item->next) {
        struct match match = match_item(&c->compilation->declarations, component, item);
        if (match.status != MATCH_NODE || match.kind == NULL || match.kind->component)
            continue;
        const char *name = match.name == NULL ? match.head : match_literal_name(match.name);
        if (name != NULL)
            s = check_bind(c, s, name, match.head_span, type_reference(c->compilation, match.kind));
    }
    return s;
}

static void check_component(struct checker *c, const struct kind *component)
{
    struct check_scope *s = NULL;
    for (size_t i = 0; i < component->attribute_count; i++) {
        const struct attribute *a = &component->attributes[i];
        if (a->default_value != NULL)
            check_expr(c, NULL, a->default_value, a->type);
        s = check_bind(c, s, a->name, a->span, a->type);
    }
    s = bind_parts(c, s, component);
    for (const struct ast_item *item = component->body->items; item != NULL; item = item->next)
        check_top_item(c, &s, component, item);
}

/* ---- declarations of the project, and of the library when it is checked itself */

static void check_kind(struct checker *c, const struct kind *kind)
{
    if (kind->component) {
        check_component(c, kind);
        return;
    }
    struct check_scope *s = check_scope_new(c, NULL);
    s->self = type_reference(c->compilation, kind);
    for (size_t i = 0; i < kind->attribute_count; i++) {
        const struct attribute *a = &kind->attributes[i];
        const struct ast_expr *value = a->form == ATTRIBUTE_DERIVED ? a->derive : a->default_value;
        if (value != NULL)
            check_expr(c, s, value, a->type);
    }
    for (const struct kind_check *check = kind->checks; check != NULL; check = check->next) {
        check_condition(c, s, check->condition);
        if (check->text != NULL)
            check_expr(c, check_assume(c, s, check->condition, false), check->text,
                       type_scalar(c->compilation, TYPE_STRING));
    }
}

static struct check_scope *bind_parameters(struct checker *c, struct check_scope *s,
                                           const struct parameter *parameters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (parameters[i].default_value != NULL)
            check_expr(c, NULL, parameters[i].default_value, parameters[i].type);
        s = check_bind(c, s, parameters[i].name, parameters[i].span, parameters[i].type);
    }
    return s;
}

/* Natives and lowerings give text or records to a target; the arguments of the measure are seen in them. */
static void check_measure(struct checker *c, const struct measure *measure)
{
    if (measure->bound != NULL)
        check_expr(c, NULL, measure->bound, measure->result);
    struct check_scope *outer = bind_parameters(c, NULL, measure->parameters, measure->parameter_count);
    for (const struct lowering *l = measure->lowerings; l != NULL; l = l->next) {
        struct check_scope *s = bind_parameters(c, outer, l->parameters, l->parameter_count);
        const struct type *type = check_type(c, s, l->body, NULL);
        bool record = type->kind == TYPE_CLOSED || type->kind == TYPE_MAP || type->kind == TYPE_RECORD;
        if (!record && !type_fits(type, type_scalar(c->compilation, TYPE_STRING)))
            check_mismatch(c, l->body, type, type_scalar(c->compilation, TYPE_STRING));
    }
}

static void check_dialect(struct checker *c, const struct dialect *dialect)
{
    for (const struct dialect_node *node = dialect->nodes; node != NULL; node = node->next) {
        struct check_scope *s = bind_parameters(c, NULL, node->parameters, node->parameter_count);
        check_expr(c, s, node->body, type_scalar(c->compilation, TYPE_STRING));
    }
}

static void check_constant(struct checker *c, const struct constant *constant)
{
    if (constant->type != NULL)
        check_expr(c, NULL, constant->value, constant->type);
    else
        check_type(c, NULL, constant->value, NULL);
}

static bool wanted(const struct checker *c, struct span where, bool library)
{
    return library || is_user(c, where);
}

/* `library`: everything; else only what the project declares. */
static void check_declarations(struct checker *c, bool library)
{
    const struct declarations *d = &c->compilation->declarations;
    c->mode = CHECK_SPEC;
    for (size_t i = 0; i < map_count(d->kinds); i++) {
        const struct kind *kind = map_at(d->kinds, i)->value;
        if (strcmp(map_at(d->kinds, i)->key, kind->name) == 0 && wanted(c, kind->span, library))
            check_kind(c, kind);
    }
    c->mode = CHECK_TEMPLATE;
    for (size_t i = 0; i < map_count(d->measures); i++) {
        const struct measure *measure = map_at(d->measures, i)->value;
        if (wanted(c, measure->span, library))
            check_measure(c, measure);
    }
    for (size_t i = 0; i < map_count(d->functions); i++) {
        const struct function *function = map_at(d->functions, i)->value;
        if (wanted(c, function->span, library))
            check_function(c, function);
    }
    for (size_t i = 0; i < map_count(d->constants); i++) {
        const struct constant *constant = map_at(d->constants, i)->value;
        if (wanted(c, constant->span, library))
            check_constant(c, constant);
    }
    for (size_t i = 0; i < map_count(d->dialects); i++) {
        const struct dialect *dialect = map_at(d->dialects, i)->value;
        if (wanted(c, dialect->span, library))
            check_dialect(c, dialect);
    }
    for (size_t i = 0; i < map_count(d->templates); i++) {
        const struct ast_block *body = map_at(d->templates, i)->value;
        if (wanted(c, body->span, library))
            check_template(c, body);
    }
}

static void check_project(struct checker *c)
{
    const struct declarations *d = &c->compilation->declarations;
    c->mode = CHECK_SPEC;
    outline_project(c);
    struct check_scope *s = NULL;
    for (size_t i = 0; i < d->items.count; i++)
        check_top_item(c, &s, NULL, d->items.items[i]);
    for (size_t i = 0; i < d->policies.count; i++) {
        const struct ast_item *item = d->policies.items[i];
        check_policy(c, item->block);
    }
    check_declarations(c, false);
}

void pass_check(struct compilation *compilation)
{
    check_project(checker_new(compilation));
}

bool check_library(struct compilation *compilation)
{
    size_t before = diag_error_count(compilation->diags);
    struct checker *c = checker_new(compilation);
    check_declarations(c, true);
    check_recursion(c);
    return diag_error_count(compilation->diags) == before;
}
