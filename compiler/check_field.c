/* `a.b` and `a[b]`. */

#include <string.h>
#include "compiler/check.h"

/* ---- what a type has */

static const struct type *parent_type(struct checker *c, const struct kind *kind)
{
    if (kind->parent_count == 1)
        return type_reference(c->compilation, kind->parents[0]);
    return kind->parent_count == 0 ? NULL : type_scalar(c->compilation, TYPE_ANY_NODE);
}

/* `s.slo.p99_latency`: the bound that a block of bare predicates gives to a measure. */
static const struct type *bound_member(struct checker *c, const struct kind *kind, const char *name)
{
    const struct attribute *bare = kind_statement(kind, "");
    const struct measure *measure = map_get(c->compilation->declarations.measures, name);
    bool predicates = bare != NULL && bare->written->kind == TYPE_PREDICATE;
    return predicates && measure != NULL ? measure->result : NULL;
}

static const struct type *node_member(struct checker *c, const struct type *type, const char *name)
{
    const struct attribute *attribute = kind_attribute(type->of, name);
    if (attribute != NULL)
        return attribute->type;
    if (strcmp(name, "name") == 0)
        return type_scalar(c->compilation, TYPE_STRING);
    if (strcmp(name, "parent") == 0)
        return parent_type(c, type->of);
    return bound_member(c, type->of, name);
}

/* A predicate is a small node of its own (compiler/evaluator/predicate.c makes it). */
static const struct type *predicate_member(struct checker *c, const char *name)
{
    struct compilation *k = c->compilation;
    static const char *const texts[] = {"source", "measure", "operator"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(name, texts[i]) == 0)
            return type_scalar(k, TYPE_STRING);
    if (strcmp(name, "column") == 0)
        return type_optional(k, type_scalar(k, TYPE_STRING));
    if (strcmp(name, "over") == 0 || strcmp(name, "holds") == 0)
        return type_optional(k, type_scalar(k, TYPE_DURATION));
    if (strcmp(name, "bound") == 0)
        return type_optional(k, type_scalar(k, TYPE_JSON));
    if (strcmp(name, "condition") == 0)
        return type_of_dialect(k, TYPE_EXPRESSION, "predicate", NULL);
    const struct type *action = type_find(k, "action", span_none);
    return strcmp(name, "actions") == 0 && action != NULL ? type_list(k, action) : NULL;
}

/* `.kind` of a variant is a word of it; fields are read of a variant of one remaining case. */
static const struct type *variant_member(struct checker *c, const struct type *type, const char *name)
{
    if (strcmp(name, "kind") == 0) {
        struct type_case *words = arena_array(c->arena, type->case_count, sizeof *words);
        for (size_t i = 0; i < type->case_count; i++)
            words[i].name = type->cases[i].name;
        return type_one_of(c->compilation, words, type->case_count);
    }
    const struct type_case *only = type->case_count == 1 ? &type->cases[0] : NULL;
    for (size_t i = 0; only != NULL && i < only->field_count; i++)
        if (strcmp(only->fields[i].name, name) == 0)
            return only->fields[i].optional && only->fields[i].default_value == NULL
                       ? type_optional(c->compilation, only->fields[i].type)
                       : only->fields[i].type;
    return NULL;
}

static const struct type *closed_member(struct checker *c, const struct type *type, const char *name)
{
    const struct type_field *field = type_field_named(type, name);
    if (field == NULL)
        return NULL;
    return field->optional && field->default_value == NULL ? type_optional(c->compilation, field->type)
                                                           : field->type;
}

/* A field of an expression is an expression; its element says what is known of it. */
static const struct type *expression_member(struct checker *c, const struct type *type, const char *name)
{
    const struct type *known = type->element;
    const struct type *member = NULL;
    if (known != NULL && known->kind == TYPE_CLOSED) {
        member = closed_member(c, known, name);
        if (member == NULL)
            return NULL;
    } else if (known != NULL && known->kind == TYPE_MAP) {
        member = known->element;
    } else if (known != NULL && known->kind != TYPE_BAD) {
        return NULL;
    }
    return type_of_dialect(c->compilation, TYPE_EXPRESSION, type->name, member);
}

const struct type *check_member(struct checker *c, const struct type *type, const char *name)
{
    switch (type->kind) {
    case TYPE_BAD:
    case TYPE_JSON:
        return type;
    case TYPE_REFERENCE:
    case TYPE_BLOCK:
        return node_member(c, type, name);
    case TYPE_ANY_NODE:
        return strcmp(name, "name") == 0 ? type_scalar(c->compilation, TYPE_STRING) : NULL;
    case TYPE_PREDICATE:
        return predicate_member(c, name);
    case TYPE_CLOSED:
        return closed_member(c, type, name);
    case TYPE_ONE_OF:
        return variant_member(c, type, name);
    case TYPE_EXPRESSION:
        return expression_member(c, type, name);
    case TYPE_UNION:
        return check_want(type, TYPE_ONE_OF) != NULL ? variant_member(c, check_want(type, TYPE_ONE_OF), name)
                                                     : NULL;
    default:
        return NULL;
    }
}

/* ---- messages */

static struct map *member_names(struct checker *c, const struct type *type)
{
    struct map *names = map_new(c->arena);
    if (type->kind == TYPE_EXPRESSION && type->element != NULL)
        type = type->element;
    if (type->kind == TYPE_REFERENCE || type->kind == TYPE_BLOCK) {
        map_set(names, "name", NULL);
        for (size_t i = 0; i < type->of->attribute_count; i++)
            map_set(names, type->of->attributes[i].name, NULL);
    }
    for (size_t i = 0; i < type->field_count; i++)
        map_set(names, type->fields[i].name, NULL);
    for (size_t i = 0; type->case_count == 1 && i < type->cases[0].field_count; i++)
        map_set(names, type->cases[0].fields[i].name, NULL);
    if (type->kind == TYPE_PREDICATE) {
        static const char *const fields[] = {"source", "measure", "operator", "column",   "over",
                                             "holds",  "bound",   "actions",  "condition"};
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
            map_set(names, fields[i], NULL);
    }
    return names;
}

/* Where no similar name is there to suggest: what there is. */
static void list_members(struct diag *diag, const struct map *names)
{
    enum { MOST = 8 };
    struct buf text = {0};
    size_t count = map_count(names);
    if (diag->help == NULL) {
        for (size_t i = 0; i < count && i < MOST; i++)
            buf_printf(&text, "%s`%s`", i > 0 ? ", " : "", map_at(names, i)->key);
        diag_help(diag, "it has %s%s", buf_str(&text), count > MOST ? ", …" : "");
    }
    buf_free(&text);
}

static const struct type *no_member(struct checker *c, const struct ast_expr *expr, const struct type *type)
{
    const char *name = expr->name.text;
    struct span span = expr->name.span;
    struct map *names = member_names(c, type);
    if (type->kind == TYPE_ONE_OF && type->case_count > 1) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_NO_FIELDS, span,
                                        "which case this is must be known before `.%s` is read", name);
        const char *path = check_path(c, expr->left);
        diag_label(diag, "%s", type_phrase(c->compilation, type));
        diag_help(diag, "ask before: `if %s.kind == \"…\"`", path == NULL ? "x" : path);
        return check_bad(c);
    }
    if (map_count(names) == 0) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_NO_FIELDS, span,
                                        "%s has no fields to read", type_phrase(c->compilation, type));
        diag_label(diag, "nothing to read");
        if (type->kind == TYPE_RECORD || type->kind == TYPE_DOCUMENT)
            diag_help(diag,
                      "an open record is for documents only; declare a type with its fields: `{ %s: T }`",
                      name);
        else if (type->kind == TYPE_MAP)
            diag_help(diag, "a map is asked by key: `[\"%s\"]`, which may be absent", name);
        else if (type->kind == TYPE_LIST)
            diag_help(diag, "read it of each element: `[for x in xs: x.%s]`", name);
        else if (type->kind == TYPE_ANY_NODE)
            diag_help(
                diag,
                "of any node only `name` is known; take the kind that you mean as the parameter's type");
        return check_bad(c);
    }
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_FIELD, span, "%s has no `%s`",
                                    type_phrase(c->compilation, type), name);
    diag_label(diag, "unknown");
    check_suggest(c, diag, names, name, span, "a field");
    list_members(diag, names);
    return check_bad(c);
}

static const struct type *absent_left(struct checker *c, const struct ast_expr *expr, const struct type *type)
{
    const char *path = check_path(c, expr->left);
    struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_ABSENT, expr->left->span,
                                    "`%s` may be absent here", path == NULL ? "this" : path);
    diag_label(diag, "%s", type_phrase(c->compilation, type));
    if (path != NULL)
        diag_help(diag, "ask before: `if %s != null`, or read on with `?.`", path);
    else
        diag_help(diag, "name it with `let` and ask whether it is null, or read on with `?.`");
    return check_bad(c);
}

const struct type *check_field(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    const char *path = check_path(c, expr);
    const struct type *fact = path == NULL ? NULL : check_fact(s, path);
    if (fact != NULL)
        return fact;
    const struct type *slot = c->command ? check_slot(c, s, expr) : NULL;
    if (slot != NULL)
        return slot;
    const struct type *left = check_type(c, s, expr->left, NULL);
    bool optional = left->kind == TYPE_OPTIONAL;
    if (optional && !expr->optional)
        return absent_left(c, expr, left);
    const struct type *present = type_present(c->compilation, left);
    const struct type *member = check_member(c, present, expr->name.text);
    if (member == NULL)
        return no_member(c, expr, present);
    return optional ? type_optional(c->compilation, member) : member;
}

/* ---- indices */

/* `targets["github"]`: the block of a target, when the project has it. */
static const struct type *index_targets(struct checker *c, const struct ast_expr *expr)
{
    const char *name = expr->right->kind == AST_STRING ? match_literal_name(expr->right) : NULL;
    const struct kind *kind =
        name == NULL ? NULL
                     : map_get(c->compilation->declarations.kinds, arena_printf(c->arena, "target.%s", name));
    if (kind != NULL)
        return type_optional(c->compilation, type_reference(c->compilation, kind));
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_TYPE_INDEX, expr->right->span,
                    name == NULL ? "`targets` is asked by a literal name" : "there is no target `%s`", name);
    diag_label(diag, "write `targets[\"github\"]`");
    return check_bad(c);
}

/* `datasets["sales-de"]`: a node of a root collection by its name. */
static const struct type *index_collection(struct checker *c, struct check_scope *s,
                                           const struct ast_expr *expr, const struct kind *kind)
{
    const struct type *index = check_type(c, s, expr->right, NULL);
    if (index->kind == TYPE_INT)
        return type_reference(c->compilation, kind);
    if (!type_fits(index, type_scalar(c->compilation, TYPE_STRING)))
        return check_mismatch(c, expr->right, index, type_scalar(c->compilation, TYPE_STRING));
    const char *name = match_literal_name(expr->right);
    bool known = name == NULL || c->mode == CHECK_TEMPLATE || outline_is_open(c, kind, name) ||
                 outline_find(c, kind, name) != NULL;
    if (known)
        return type_reference(c->compilation, kind);
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_NODE, expr->right->span,
                                    "there is no %s `%s`", kind->head, name);
    diag_label(diag, "not in the project");
    const char *near = outline_names(c, kind) == NULL ? NULL : check_nearest(c, outline_names(c, kind), name);
    if (near != NULL) {
        diag_help(diag, "there is a %s with a similar name: `%s`", kind->head, near);
        diag_fix(diag, expr->right->span, false, "\"%s\"", near);
    }
    return check_bad(c);
}

static const struct type *index_expression(struct checker *c, struct check_scope *s,
                                           const struct ast_expr *expr, const struct type *left)
{
    check_type(c, s, expr->right, NULL);
    const struct type *known = left->element;
    const struct type *element = known != NULL && known->kind == TYPE_MAP ? known->element : NULL;
    return type_of_dialect(c->compilation, TYPE_EXPRESSION, left->name, element);
}

static const struct type *index_value(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                      const struct type *left)
{
    struct compilation *k = c->compilation;
    switch (left->kind) {
    case TYPE_BAD:
    case TYPE_JSON:
        check_type(c, s, expr->right, NULL);
        return left;
    case TYPE_LIST:
        check_expr(c, s, expr->right, type_scalar(k, TYPE_INT));
        return left->element;
    case TYPE_MAP:
        check_expr(c, s, expr->right, type_scalar(k, TYPE_STRING));
        return type_optional(k, left->element);
    case TYPE_EXPRESSION:
        return index_expression(c, s, expr, left);
    case TYPE_OPTIONAL:
        return absent_left(c, expr, left);
    default: {
        struct diag *diag =
            diag_report(k->diags, DIAG_TYPE_INDEX, expr->span, "%s cannot be indexed", type_phrase(k, left));
        diag_label(diag, "neither a list nor a map");
        return check_bad(c);
    }
    }
}

const struct type *check_index(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    const char *path = check_path(c, expr);
    const struct type *fact = path == NULL ? NULL : check_fact(s, path);
    if (fact != NULL)
        return fact;
    if (expr->left->kind == AST_NAME && check_variable(s, expr->left->name.text) == NULL) {
        const struct kind *kind = kind_of_plural(&c->compilation->declarations, expr->left->name.text);
        if (strcmp(expr->left->name.text, "targets") == 0)
            return index_targets(c, expr);
        if (kind != NULL)
            return index_collection(c, s, expr, kind);
    }
    return index_value(c, s, expr, check_type(c, s, expr->left, NULL));
}
