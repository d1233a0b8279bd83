/* Strings: words where words are expected, holes, commands. */

#include <string.h>
#include "compiler/check.h"

/* What has one spelling. */
static bool prints(const struct type *type)
{
    switch (type->kind) {
    case TYPE_BAD:
    case TYPE_STRING:
    case TYPE_SYMBOL:
    case TYPE_EXPRESSION:
    case TYPE_TEXT:
    case TYPE_COMMAND:
    case TYPE_FIELD:
        return true;
    case TYPE_ONE_OF:
        for (size_t i = 0; i < type->case_count; i++)
            if (type->cases[i].constructor)
                return false;
        return true;
    case TYPE_UNION:
        for (size_t i = 0; i < type->member_count; i++)
            if (!prints(type->members[i]))
                return false;
        return true;
    default:
        return type_is_number(type);
    }
}

static void report_hole(struct checker *c, const struct ast_expr *hole, const struct type *type)
{
    struct diag *diag =
        diag_report(c->compilation->diags, type_is_optional(type) ? DIAG_TYPE_ABSENT : DIAG_TYPE_HOLE,
                    hole->span, "a text cannot hold %s", type_phrase(c->compilation, type));
    diag_label(diag, "%s", type_text(c->compilation, type));
    const char *path = check_path(c, hole);
    const char *name = path == NULL ? "x" : path;
    if (type_is_optional(type))
        diag_help(diag, "give a text for its absence: `%s ?? \"\"`, or ask before: `if %s != null`", name,
                  name);
    else if (type_is_node(type))
        diag_help(diag, "say which text is meant: `%s.name`, or `id(%s)`", name, name);
    else if (type->kind == TYPE_LIST)
        diag_help(diag, "join it: `join(%s, \", \")`", name);
    else if (type->kind == TYPE_BOOL)
        diag_help(diag, "say both: `if %s then \"yes\" else \"no\"`", name);
}

/* The dialect of a hole's expression joins that of the text. */
static void join_dialect(struct checker *c, const struct ast_expr *hole, const struct type *type,
                         const char **dialect)
{
    if (type->kind != TYPE_EXPRESSION && type->kind != TYPE_TEXT)
        return;
    if (*dialect != NULL && strcmp(*dialect, type->name) != 0) {
        struct diag *diag =
            diag_report(c->compilation->diags, DIAG_TYPE_DIALECTS, hole->span,
                        "the text holds expressions of `%s` and of `%s`", *dialect, type->name);
        diag_label(diag, "of another target than the one before");
    }
    *dialect = type->name;
}

static const struct type *check_hole(struct checker *c, struct check_scope *s, const struct ast_expr *hole)
{
    const struct type *slot = c->command ? check_slot(c, s, hole) : NULL;
    const struct type *type = slot != NULL ? slot : check_type(c, s, hole, NULL);
    if (!prints(type))
        report_hole(c, hole, type);
    return type;
}

static const struct type *check_holes(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    const char *dialect = NULL;
    for (const struct ast_piece *piece = expr->pieces; piece != NULL; piece = piece->next)
        if (piece->hole != NULL)
            join_dialect(c, piece->hole, check_hole(c, s, piece->hole), &dialect);
    return dialect == NULL ? type_scalar(c->compilation, TYPE_STRING)
                           : type_of_dialect(c->compilation, TYPE_TEXT, dialect, NULL);
}

static const struct type *check_literal(struct checker *c, const struct ast_expr *expr,
                                        const struct type *want)
{
    const struct type *string = type_scalar(c->compilation, TYPE_STRING);
    if (want == NULL || check_want(want, TYPE_STRING) != NULL)
        return string;
    const struct type *one_of = check_want(want, TYPE_ONE_OF);
    if (one_of != NULL && type_case_of(one_of, match_literal_name(expr)) != NULL &&
        !type_case_of(one_of, match_literal_name(expr))->constructor)
        return one_of;
    if (check_want(want, TYPE_SYMBOL) != NULL && c->mode == CHECK_SPEC)
        return check_want(want, TYPE_SYMBOL);
    return string;
}

const struct type *check_string(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                const struct type *want)
{
    bool command = want != NULL && check_want(want, TYPE_COMMAND) != NULL;
    if (match_literal_name(expr) != NULL && !command)
        return check_literal(c, expr, want);
    bool outer = c->command;
    c->command = c->command || command;
    const struct type *type = check_holes(c, s, expr);
    c->command = outer;
    return command ? type_scalar(c->compilation, TYPE_COMMAND) : type;
}
