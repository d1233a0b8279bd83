/* Scopes, paths and what conditions say about them. */

#include <string.h>
#include "compiler/check.h"

struct checker *checker_new(struct compilation *compilation)
{
    struct checker *c = arena_alloc(compilation->arena, sizeof *c);
    c->compilation = compilation;
    c->arena = compilation->arena;
    c->nodes = map_new(c->arena);
    c->open_kinds = map_new(c->arena);
    c->natives = map_new(c->arena);
    c->constants = map_new(c->arena);
    return c;
}

struct check_scope *check_scope_new(struct checker *c, struct check_scope *outer)
{
    struct check_scope *s = arena_alloc(c->arena, sizeof *s);
    s->outer = outer;
    return s;
}

const struct variable *check_variable(const struct check_scope *s, const char *name)
{
    for (; s != NULL; s = s->outer)
        for (const struct variable *v = s->variables; v != NULL; v = v->next)
            if (strcmp(v->name, name) == 0)
                return v;
    return NULL;
}

static void report_hidden(struct checker *c, const struct check_scope *s, const char *name, struct span span)
{
    const struct variable *earlier = c->mode == CHECK_TEMPLATE ? check_variable(s, name) : NULL;
    bool context = context_find(c->compilation, name, span) != NULL;
    if (earlier == NULL && !context)
        return;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_NAMES_SHADOWED, span, "`%s` hides %s of that name", name,
                    context ? "the target's context" : "another variable");
    diag_label(diag, "take another name");
    if (earlier != NULL)
        diag_secondary(diag, earlier->span, "the other one");
}

struct check_scope *check_bind(struct checker *c, struct check_scope *s, const char *name, struct span span,
                               const struct type *type)
{
    report_hidden(c, s, name, span);
    struct check_scope *inner = check_scope_new(c, s);
    inner->variables = arena_alloc(c->arena, sizeof *inner->variables);
    *inner->variables = (struct variable){.name = name, .type = type, .span = span};
    return inner;
}

const struct ast_expr *check_bare(const struct ast_expr *expr)
{
    while (expr->kind == AST_PAREN)
        expr = expr->left;
    return expr;
}

const char *check_path(struct checker *c, const struct ast_expr *expr)
{
    expr = check_bare(expr);
    if (expr->kind == AST_NAME)
        return expr->name.text;
    if (expr->kind != AST_FIELD && expr->kind != AST_INDEX)
        return NULL;
    const char *left = check_path(c, expr->left);
    if (left == NULL)
        return NULL;
    if (expr->kind == AST_FIELD)
        return arena_printf(c->arena, "%s.%s", left, expr->name.text);
    const char *key = expr->right->kind == AST_STRING ? match_literal_name(expr->right) : NULL;
    return key == NULL ? NULL : arena_printf(c->arena, "%s[\"%s\"]", left, key);
}

const struct type *check_fact(const struct check_scope *s, const char *path)
{
    size_t root = strcspn(path, ".[");
    for (; s != NULL; s = s->outer) {
        for (const struct fact *fact = s->facts; fact != NULL; fact = fact->next)
            if (strcmp(fact->path, path) == 0)
                return fact->type;
        for (const struct variable *v = s->variables; v != NULL; v = v->next)
            if (strlen(v->name) == root && memcmp(v->name, path, root) == 0)
                return NULL;
    }
    return NULL;
}

static void add_fact(struct checker *c, struct check_scope *s, const char *path, const struct type *type)
{
    struct fact *fact = arena_alloc(c->arena, sizeof *fact);
    *fact = (struct fact){.next = s->facts, .path = path, .type = type};
    s->facts = fact;
}

/* `p != null` (present) or `p == null`. */
static void assume_null(struct checker *c, struct check_scope *s, const struct ast_expr *expr, bool present)
{
    const char *path = check_path(c, expr);
    if (path == NULL)
        return;
    const struct type *type = check_type(c, s, expr, NULL);
    if (!type_is_optional(type))
        return;
    add_fact(c, s, path,
             present ? type_present(c->compilation, type) : type_scalar(c->compilation, TYPE_NULL));
}

static const struct type *variant_of(const struct type *type)
{
    return check_want(type, TYPE_ONE_OF);
}

/* `p.kind == "word"`: the variant is that case, or one of the others. */
static void assume_case(struct checker *c, struct check_scope *s, const struct ast_expr *variant,
                        const char *word, bool is)
{
    const char *path = check_path(c, variant);
    const struct type *type = path == NULL ? NULL : variant_of(check_type(c, s, variant, NULL));
    if (type == NULL || type_case_of(type, word) == NULL)
        return;
    struct type_case *cases = arena_array(c->arena, type->case_count, sizeof *cases);
    size_t count = 0;
    for (size_t i = 0; i < type->case_count; i++)
        if ((strcmp(type->cases[i].name, word) == 0) == is)
            cases[count++] = type->cases[i];
    if (count > 0)
        add_fact(c, s, path, type_one_of(c->compilation, cases, count));
}

static void assume_comparison(struct checker *c, struct check_scope *s, const struct ast_expr *left,
                              const struct ast_expr *right, bool equal)
{
    left = check_bare(left);
    right = check_bare(right);
    if (right->kind == AST_NULL) {
        assume_null(c, s, left, !equal);
    } else if (left->kind == AST_NULL) {
        assume_null(c, s, right, !equal);
    } else if (left->kind == AST_FIELD && strcmp(left->name.text, "kind") == 0 && right->kind == AST_STRING) {
        const char *word = match_literal_name(right);
        if (word != NULL)
            assume_case(c, s, left->left, word, equal);
    }
}

static void assume(struct checker *c, struct check_scope *s, const struct ast_expr *expr, bool holds)
{
    expr = check_bare(expr);
    if (expr->kind == AST_UNARY && expr->op == AST_OP_NOT) {
        assume(c, s, expr->left, !holds);
    } else if (expr->kind == AST_BINARY && (expr->op == AST_OP_EQ || expr->op == AST_OP_NE)) {
        assume_comparison(c, s, expr->left, expr->right, (expr->op == AST_OP_EQ) == holds);
    } else if (expr->kind == AST_BINARY && expr->op == (holds ? AST_OP_AND : AST_OP_OR)) {
        assume(c, s, expr->left, holds);
        assume(c, s, expr->right, holds);
    }
}

struct check_scope *check_assume(struct checker *c, struct check_scope *s, const struct ast_expr *condition,
                                 bool holds)
{
    struct check_scope *inner = check_scope_new(c, s);
    assume(c, inner, condition, holds);
    return inner->facts == NULL ? s : inner;
}
