/* Declarations of kinds and components: `kind model { … }`, `kind step in model { … }`, `component tabular {
 * … }`. */

#include <string.h>
#include "compiler/declare.h"
#include "compiler/type_table.h"

static bool is_word(const struct ast_expr *expr, const char *word)
{
    const char *name = expr == NULL ? NULL : match_literal_name(expr);
    return name != NULL && strcmp(name, word) == 0;
}

static bool truth_of(struct compilation *compilation, const struct ast_item *item)
{
    if (item->value->kind != AST_TRUE && item->value->kind != AST_FALSE)
        declare_malformed(compilation, item->value->span, "this fact about a kind is `true` or `false`");
    return item->value->kind == AST_TRUE;
}

/* `head = step(weight, for: hold)` or `head = column(name, type: type)`. */
static void read_head(struct compilation *compilation, struct kind *kind, const struct ast_expr *value)
{
    const char *word = declared_name(value);
    if (word == NULL) {
        declare_malformed(compilation, value->span, "a head is written `head = step(weight, for: hold)`");
        return;
    }
    kind->head = word;
    const struct ast_argument *a = value->kind == AST_CALL ? value->arguments : NULL;
    for (; a != NULL; a = a->next) {
        const char *attribute = a->value == NULL ? NULL : match_literal_name(a->value);
        if (attribute == NULL) {
            declare_malformed(compilation, a->span, "the parts of a head name attributes");
        } else if (a->name.text == NULL && strcmp(attribute, "name") != 0) {
            kind->key_attribute = attribute;
            kind->named = false;
        } else if (a->name.text != NULL && strcmp(a->name.text, "for") == 0) {
            kind->for_attribute = attribute;
        } else if (a->name.text != NULL && strcmp(a->name.text, "type") == 0) {
            kind->type_attribute = attribute;
        }
    }
}

static void read_fact(struct compilation *compilation, struct kind *kind, const struct ast_item *item)
{
    const char *fact = item->key.text;
    if (strcmp(fact, "plural") == 0 && match_literal_name(item->value) != NULL)
        kind->plural = match_literal_name(item->value);
    else if (strcmp(fact, "scope") == 0)
        kind->scope = is_word(item->value, "environment") ? SCOPE_ENVIRONMENT : SCOPE_PROJECT;
    else if (strcmp(fact, "named") == 0)
        kind->named = truth_of(compilation, item);
    else if (strcmp(fact, "overlay") == 0)
        kind->overlay = truth_of(compilation, item);
    else if (strcmp(fact, "planned") == 0 && item->value->kind != AST_LIST)
        kind->planned = truth_of(compilation, item);
    else if (strcmp(fact, "planned") == 0)
        return; /* names of attributes: read_planned, when these are there */
    else if (strcmp(fact, "head") == 0)
        read_head(compilation, kind, item->value);
    else if (!kind->component)
        declare_malformed(
            compilation, item->key.span,
            "facts about a kind are `plural`, `scope`, `named`, `overlay`, `planned` and `head`; an "
            "attribute is written `name: type`");
}

static void read_facts(struct compilation *compilation, struct kind *kind, const struct ast_block *block)
{
    for (const struct ast_item *item = block->items; item != NULL; item = item->next)
        if (item->kind == AST_ASSIGN && item->key.text != NULL && item->value != NULL)
            read_fact(compilation, kind, item);
    kind->overlay = kind->overlay || kind->scope == SCOPE_ENVIRONMENT;
}

/* The name's expression of `kind NAME`, `kind "target.github"` or `kind NAME in PARENTS`. */
static const struct ast_expr *name_of_kind(const struct ast_item *item, const struct ast_expr **parents)
{
    const struct ast_expr *value = item->value;
    *parents = NULL;
    if (value != NULL && value->kind == AST_BINARY && value->op == AST_OP_IN) {
        *parents = value->right;
        value = value->left;
    }
    return value;
}

static void enter_kind(struct compilation *compilation, struct kind *kind, bool nested)
{
    struct declarations *declarations = &compilation->declarations;
    struct kind *earlier = map_get(declarations->kinds, kind->name);
    if (earlier != NULL && (!nested || earlier->parent_count == 0))
        declare_twice(compilation, "kind", kind->name, kind->span, earlier->span);
    else if (earlier == NULL)
        map_set(declarations->kinds, kind->name, kind);
    if (kind->plural != NULL && !nested)
        map_set(declarations->plurals, kind->plural, kind);
}

void declare_kind_name(struct compilation *compilation, const struct ast_item *item)
{
    const struct ast_expr *parents;
    const struct ast_expr *expr = name_of_kind(item, &parents);
    const char *name = declared_name(expr);
    if (name == NULL || item->block == NULL) {
        declare_malformed(compilation, item->span,
                          "a kind is declared as `kind name { … }` or `kind name in parent { … }`");
        return;
    }
    struct kind *kind = arena_alloc(compilation->arena, sizeof *kind);
    kind->name = kind->head = name;
    kind->named = true;
    kind->component = strcmp(item->key.text, "component") == 0;
    kind->body = kind->component ? item->block : NULL;
    kind->doc = item->doc;
    kind->span = expr->span;
    read_facts(compilation, kind, item->block);
    enter_kind(compilation, kind, parents != NULL);
}

/* The kind that an item declared: found again by its place. */
static struct kind *declared_kind(struct compilation *compilation, const struct ast_item *item)
{
    const struct ast_expr *parents;
    const struct ast_expr *expr = name_of_kind(item, &parents);
    const char *name = declared_name(expr);
    struct kind *kind = name == NULL ? NULL : map_get(compilation->declarations.kinds, name);
    return kind != NULL && kind->span.source == expr->span.source && kind->span.start == expr->span.start
               ? kind
               : NULL;
}

static void add_parent(struct compilation *compilation, const struct ast_expr *expr, struct vec *parents)
{
    const char *name = match_literal_name(expr);
    const struct kind *parent = name == NULL ? NULL : map_get(compilation->declarations.kinds, name);
    if (parent != NULL) {
        vec_push(parents, (void *)parent);
        return;
    }
    struct diag *diag = diag_report(compilation->diags, DIAG_NAMES_UNKNOWN_HEAD, expr->span,
                                    "there is no kind `%s`", name == NULL ? "?" : name);
    diag_label(diag, "a kind stands in other kinds");
}

static void read_parents(struct compilation *compilation, struct kind *kind, const struct ast_expr *expr)
{
    struct vec parents = vec_in(compilation->arena);
    if (expr != NULL && expr->kind == AST_LIST) {
        for (const struct ast_element *e = expr->elements; e != NULL; e = e->next)
            if (e->value != NULL)
                add_parent(compilation, e->value, &parents);
    } else if (expr != NULL) {
        add_parent(compilation, expr, &parents);
    }
    kind->parents = (const struct kind *const *)parents.items;
    kind->parent_count = parents.count;
    for (size_t i = 0; i < parents.count; i++)
        map_set(compilation->declarations.kinds,
                arena_printf(compilation->arena, "%s.%s", kind->parents[i]->name, kind->name), kind);
}

/* `block(x)`, `many(x)`, either with `?`: the call, or NULL. */
static const struct ast_expr *structure_of(const struct ast_expr *type, const char *word)
{
    if (type->kind == AST_OPTIONAL)
        type = type->left;
    return type->kind == AST_CALL && type->left->kind == AST_NAME && strcmp(type->left->name.text, word) == 0
               ? type
               : NULL;
}

static void read_attribute(struct compilation *compilation, struct attribute *attribute,
                           const struct ast_item *item, const struct ast_expr *type)
{
    attribute->doc = item->doc;
    attribute->type = attribute->written = type_of_expr(compilation, type);
    attribute->default_value = item->default_value;
    if (structure_of(type, "block") != NULL) {
        attribute->form = ATTRIBUTE_BLOCK;
        attribute->head = attribute->name;
    } else if (structure_of(type, "many") != NULL) {
        attribute->form = ATTRIBUTE_MANY;
        if (attribute->type->kind == TYPE_LIST) {
            attribute->written = attribute->type->element;
            attribute->head = attribute->written->of->head;
        }
    } else {
        attribute->form = ATTRIBUTE_VALUE;
        attribute->required =
            item->default_value == NULL && !item->optional && !type_is_optional(attribute->type);
        if (item->optional)
            attribute->type = attribute->written = type_optional(compilation, attribute->type);
    }
}

static void read_derived(struct compilation *compilation, struct attribute *attribute,
                         const struct ast_item *item)
{
    attribute->form = ATTRIBUTE_DERIVED;
    attribute->name = declared_name(item->value);
    attribute->doc = item->doc;
    attribute->span = item->value->span;
    attribute->type = attribute->written = type_of_expr(compilation, item->type);
    attribute->derive = item->default_value;
}

/* `statement on(events: event)`. */
static void read_statement(struct compilation *compilation, struct attribute *attribute,
                           const struct ast_item *item)
{
    const struct ast_argument *argument = item->value->arguments;
    const char *word = item->value->left->name.text;
    attribute->form = ATTRIBUTE_STATEMENT;
    attribute->head = strcmp(word, "bare") == 0 ? "" : word;
    attribute->name = argument->name.text;
    attribute->doc = item->doc;
    attribute->span = item->value->span;
    attribute->written = type_of_expr(compilation, argument->value);
    attribute->type = type_list(compilation, attribute->written);
}

static bool is_statement_form(const struct ast_item *item)
{
    const struct ast_expr *value = item->value;
    return value != NULL && value->kind == AST_CALL && value->left->kind == AST_NAME &&
           value->arguments != NULL && value->arguments->next == NULL &&
           value->arguments->name.text != NULL && value->arguments->value != NULL;
}

static void read_method(struct compilation *compilation, struct kind_method *method,
                        const struct ast_item *item)
{
    method->name = declared_name(item->value);
    method->parameters = declare_parameters(compilation, item->value, &method->parameter_count);
    method->result = type_of_expr(compilation, item->type);
    method->doc = item->doc;
    method->span = item->value->span;
}

static const struct kind_check *read_check(struct compilation *compilation, const struct ast_item *item)
{
    struct kind_check *check = arena_alloc(compilation->arena, sizeof *check);
    check->condition = item->value;
    check->text =
        item->clauses != NULL && item->clauses->kind == AST_CLAUSE_ELSE ? item->clauses->values : NULL;
    check->span = item->span;
    if (check->text == NULL)
        declare_malformed(compilation, item->span, "a check says why: `check CONDITION else \"text\"`");
    return check;
}

/* What is being read of one kind. */
struct reading {
    struct kind *kind;
    struct attribute *attributes;
    struct kind_method *methods;
    struct kind_check **last_check;
};

static struct attribute *new_attribute(struct reading *reading, const char *name, struct span span)
{
    struct attribute *attribute = &reading->attributes[reading->kind->attribute_count++];
    attribute->owner = reading->kind;
    attribute->name = name;
    attribute->span = span;
    return attribute;
}

static void read_declaring_statement(struct compilation *compilation, struct reading *reading,
                                     const struct ast_item *item)
{
    const char *word = item->key.text;
    if (strcmp(word, "derived") == 0 && declared_name(item->value) != NULL && item->type != NULL) {
        read_derived(compilation, new_attribute(reading, NULL, item->span), item);
    } else if (strcmp(word, "statement") == 0 && is_statement_form(item)) {
        read_statement(compilation, new_attribute(reading, NULL, item->span), item);
    } else if (strcmp(word, "method") == 0 && declared_name(item->value) != NULL && item->type != NULL) {
        read_method(compilation, &reading->methods[reading->kind->method_count++], item);
    } else if (strcmp(word, "check") == 0 && item->value != NULL) {
        *reading->last_check = (struct kind_check *)read_check(compilation, item);
        reading->last_check = &(*reading->last_check)->next;
    } else {
        declare_malformed(
            compilation, item->span,
            "a kind holds `name: type`, `derived name: type`, `statement word(list: type)`, `method "
            "name(…): type` and `check condition else \"text\"`");
    }
}

/* `param p: T = d` of a component is an attribute of it. */
static void read_component_item(struct compilation *compilation, struct reading *reading,
                                const struct ast_item *item)
{
    if (item->kind != AST_STATEMENT || strcmp(item->key.text, "param") != 0)
        return;
    const char *name = declared_name(item->value);
    if (name == NULL || item->type == NULL) {
        declare_malformed(compilation, item->span,
                          "a parameter is written `param name: type`, or with `= default`");
        return;
    }
    read_attribute(compilation, new_attribute(reading, name, item->value->span), item, item->type);
}

static void read_kind_item(struct compilation *compilation, struct reading *reading,
                           const struct ast_item *item)
{
    if (item->kind == AST_ENTRY && item->key.text != NULL)
        read_attribute(compilation, new_attribute(reading, item->key.text, item->key.span), item,
                       item->value);
    else if (item->kind == AST_STATEMENT && item->key.text != NULL)
        read_declaring_statement(compilation, reading, item);
    else if (item->kind != AST_ASSIGN && item->kind != AST_ERROR_ITEM)
        declare_malformed(compilation, item->span, "an attribute of a kind is written `name: type`");
}

/* `planned = [budget, dashboard]`: attributes that are checked and that nothing reads yet. */
static void read_planned(struct compilation *compilation, const struct reading *reading,
                         const struct ast_item *item)
{
    bool fact = item->kind == AST_ASSIGN && item->key.text != NULL && strcmp(item->key.text, "planned") == 0;
    const struct ast_element *element = fact && item->value->kind == AST_LIST ? item->value->elements : NULL;
    for (; element != NULL; element = element->next) {
        const char *name = element->kind == AST_ELEMENT_VALUE ? match_literal_name(element->value) : NULL;
        struct attribute *found = NULL;
        for (size_t i = 0; name != NULL && i < reading->kind->attribute_count; i++)
            if (strcmp(reading->attributes[i].name, name) == 0)
                found = &reading->attributes[i];
        if (found != NULL)
            found->planned = true;
        else
            declare_malformed(compilation, element->span, "`planned` lists attributes of the kind");
    }
}

enum { UNIVERSAL_COUNT = 5 };

void declare_kind_body(struct compilation *compilation, const struct ast_item *item)
{
    struct kind *kind = declared_kind(compilation, item);
    if (kind == NULL)
        return;
    const struct ast_expr *parents;
    name_of_kind(item, &parents);
    read_parents(compilation, kind, parents);
    size_t count = 0;
    for (const struct ast_item *i = item->block->items; i != NULL; i = i->next)
        count++;
    const struct kind_check *first = NULL;
    struct reading reading = {
        .kind = kind,
        .attributes = arena_array(compilation->arena, count + UNIVERSAL_COUNT, sizeof(struct attribute)),
        .methods = arena_array(compilation->arena, count, sizeof(struct kind_method)),
        .last_check = (struct kind_check **)&first,
    };
    kind->attributes = reading.attributes;
    kind->methods = reading.methods;
    for (const struct ast_item *i = item->block->items; i != NULL; i = i->next)
        if (kind->component)
            read_component_item(compilation, &reading, i);
        else
            read_kind_item(compilation, &reading, i);
    kind->checks = first;
    for (const struct ast_item *i = item->block->items; i != NULL; i = i->next)
        read_planned(compilation, &reading, i);
    for (size_t i = 0; i < kind->attribute_count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(kind->attributes[i].name, kind->attributes[k].name) == 0)
                declare_twice(compilation, "attribute", kind->attributes[i].name, kind->attributes[i].span,
                              kind->attributes[k].span);
}

static struct attribute *universal(struct kind *kind, const char *name, const struct type *type,
                                   const char *doc)
{
    if (kind_attribute(kind, name) != NULL)
        return NULL;
    struct attribute *attribute = (struct attribute *)&kind->attributes[kind->attribute_count++];
    attribute->name = name;
    attribute->form = ATTRIBUTE_VALUE;
    attribute->type = attribute->written = type;
    attribute->doc = doc;
    attribute->span = kind->span;
    attribute->owner = kind;
    return attribute;
}

static const struct ast_expr *empty_record(struct compilation *compilation, struct span span)
{
    struct ast_expr *expr = arena_alloc(compilation->arena, sizeof *expr);
    expr->kind = AST_BLOCK;
    expr->span = span;
    expr->block = arena_alloc(compilation->arena, sizeof *expr->block);
    expr->block->span = span;
    return expr;
}

static const struct type *type_of_extra(struct compilation *compilation)
{
    struct type_field fields[] = {
        {.name = "target", .type = type_scalar(compilation, TYPE_STRING)},
        {.name = "body", .type = type_scalar(compilation, TYPE_RECORD)},
    };
    return type_closed(compilation, fields, 2);
}

void declare_universal_attributes(struct compilation *compilation, struct kind *kind)
{
    if (kind->attributes == NULL)
        return;
    const struct type *string = type_scalar(compilation, TYPE_STRING);
    if (kind->named && !kind->component) {
        struct attribute *labels = universal(kind, "labels", type_map(compilation, string),
                                             "Labels of one's own, for all that is made from this.");
        if (labels != NULL)
            labels->default_value = empty_record(compilation, kind->span);
        const struct kind *team = map_get(compilation->declarations.kinds, "team");
        if (team != NULL && team != kind)
            universal(kind, "team", type_optional(compilation, type_reference(compilation, team)),
                      "Who owns it.");
        universal(kind, "allow", type_optional(compilation, string),
                  "A reason why something that mlc would refuse is right here.");
        universal(kind, "like", type_optional(compilation, type_reference(compilation, kind)),
                  "Another node of this kind, whose attributes are taken where this one gives none.");
    }
    if (kind->component)
        return;
    struct attribute *extras = universal(kind, "extras", type_list(compilation, type_of_extra(compilation)),
                                         "What a target knows and mlc does not: `extra TARGET { … }`.");
    if (extras != NULL) {
        extras->form = ATTRIBUTE_STATEMENT;
        extras->head = "extra";
        extras->written = extras->type->element;
    }
}
