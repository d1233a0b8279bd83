/* Makers of what stands in lists: arguments, binders, elements of lists. */

#include "grammar/build.h"

#include "grammar/parse_state.h"
#include "grammar/syntax_errors.h"

static struct ast_name plain_name(struct parse *parse, struct span span)
{
    const char *text = parse->source->text + span.start;
    bool quoted = text[0] == '`';
    size_t length = span.end - span.start;
    return (struct ast_name){.text = arena_copy(parse->arena, text + quoted, length - 2 * (size_t)quoted),
                             .span = span,
                             .quoted = quoted};
}

struct ast_argument *build_argument(struct parse *parse, struct span span, struct ast_expr *value)
{
    struct ast_argument *argument = arena_alloc(parse->arena, sizeof *argument);
    argument->span = span;
    argument->value = value;
    argument->doc = comments_doc_before(&parse->comments, span.start);
    return argument;
}

struct ast_argument *build_named_argument(struct parse *parse, struct span span, struct span name,
                                          struct ast_expr *value, struct ast_expr *default_value)
{
    struct ast_argument *argument = build_argument(parse, span, value);
    argument->name = plain_name(parse, name);
    argument->default_value = default_value;
    return argument;
}

struct ast_argument *build_assigned_argument(struct parse *parse, struct span span, struct span name,
                                             struct span mark, struct ast_expr *value)
{
    syntax_report_assigned_argument(parse, name, mark, value->span);
    return build_named_argument(parse, span, name, value, NULL);
}

struct ast_argument *build_optional_argument(struct parse *parse, struct span span, struct span name,
                                             struct ast_expr *value)
{
    struct ast_argument *argument = build_named_argument(parse, span, name, value, NULL);
    argument->optional = true;
    return argument;
}

struct ast_argument *build_spread_argument(struct parse *parse, struct span span, struct ast_expr *value)
{
    struct ast_argument *argument = build_argument(parse, span, value);
    argument->spread = true;
    return argument;
}

struct ast_binder *build_append_binder(struct ast_binder *list, struct ast_binder *binder)
{
    binder->next = list == NULL ? binder : list->next;
    if (list != NULL) {
        list->next = binder;
    }
    return binder;
}

struct ast_binder *build_binder(struct parse *parse, struct span name, struct span second,
                                struct ast_expr *source)
{
    struct ast_binder *binder = arena_alloc(parse->arena, sizeof *binder);
    binder->name = plain_name(parse, name);
    if (!span_is_none(second)) {
        binder->second = plain_name(parse, second);
    }
    binder->source = source;
    return binder;
}

struct ast_element *build_append_element(struct ast_element *list, struct ast_element *element)
{
    element->next = list == NULL ? element : list->next;
    if (list != NULL) {
        list->next = element;
    }
    return element;
}

struct ast_element *build_element(struct parse *parse, enum ast_element_kind kind, struct span span,
                                  struct ast_expr *value)
{
    struct ast_element *element = arena_alloc(parse->arena, sizeof *element);
    element->kind = kind;
    element->span = span;
    element->value = value;
    return element;
}

struct ast_element *build_for_element(struct parse *parse, struct span span, struct ast_binder *binders,
                                      struct ast_expr *where, struct ast_element *body)
{
    struct ast_element *element = build_element(parse, AST_ELEMENT_FOR, span, NULL);
    element->binders = binders->next;
    binders->next = NULL;
    element->where = where;
    element->body = body;
    return element;
}

struct ast_element *build_if_element(struct parse *parse, struct span span, struct ast_expr *condition,
                                     struct ast_element *body)
{
    struct ast_element *element = build_element(parse, AST_ELEMENT_IF, span, condition);
    element->body = body;
    return element;
}
