/* Expressions: the type of each form, with the expected one pushed inward. */

#include <stdlib.h>
#include <string.h>
#include "compiler/check.h"
#include "grammar/number.h"

const struct type *check_bad(struct checker *c)
{
    return type_scalar(c->compilation, TYPE_BAD);
}

const struct type *check_want(const struct type *want, enum type_kind kind)
{
    if (want == NULL || want->kind == kind)
        return want;
    if (want->kind == TYPE_OPTIONAL)
        return check_want(want->element, kind);
    for (size_t i = 0; want->kind == TYPE_UNION && i < want->member_count; i++) {
        const struct type *member = check_want(want->members[i], kind);
        if (member != NULL)
            return member;
    }
    return NULL;
}

const char *check_nearest(const struct checker *c, const struct map *names, const char *name)
{
    return diag_dropped(c->compilation->diags) > 0 ? NULL : map_nearest(names, name);
}

void check_suggest(struct checker *c, struct diag *diag, const struct map *names, const char *name,
                   struct span span, const char *what)
{
    const char *near = check_nearest(c, names, name);
    if (near != NULL) {
        diag_help(diag, "there is %s with a similar name: `%s`", what, near);
        diag_fix(diag, span, false, "%s", near);
        return;
    }
    const char *minus = strchr(name, '-');
    if (minus != NULL && c->mode == CHECK_TEMPLATE)
        diag_help(diag, "a subtraction has blanks around its minus: `%.*s - %s`", (int)(minus - name), name,
                  minus + 1);
}

/* ---- mismatches */

/* A bare number where a quantity is expected. */
static bool report_unit(struct checker *c, const struct ast_expr *expr, const struct type *found,
                        const struct type *want)
{
    const struct type *unit = want->kind == TYPE_OPTIONAL ? want->element : want;
    if (!type_has_unit(unit) || (found->kind != TYPE_INT && found->kind != TYPE_NUMBER))
        return false;
    struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_NEEDS_UNIT, expr->span,
                                    "%s needs a unit", type_phrase(c->compilation, unit));
    diag_label(diag, "%s what?", expr->kind == AST_NUMBER ? expr->number : "a number of");
    if (expr->kind != AST_NUMBER)
        return true;
    const char *n = expr->number;
    double amount = strtod(n, NULL);
    if (unit->kind == TYPE_DURATION)
        diag_help(diag, "write `%sms`, `%ss`, `%sm` or `%sh`", n, n, n, n);
    else if (unit->kind == TYPE_SIZE)
        diag_help(diag, "write `%sMi` or `%sGi`", n, n);
    else if (unit->kind == TYPE_RATE)
        diag_help(diag, "write `%s/s`", n);
    else if (amount > 0 && amount < 1)
        diag_help(diag, "write `%g%%` for this share of one", amount * 100);
    else
        diag_help(diag, "write `%s%%`", n);
    return true;
}

static bool is_quantity(const struct type *type)
{
    return type_has_unit(type) || type->kind == TYPE_INT || type->kind == TYPE_NUMBER ||
           type->kind == TYPE_RATIO;
}

static void explain_units(struct diag *diag, const struct ast_expr *expr, const struct type *found,
                          const struct type *want)
{
    const char *number = expr->kind == AST_NUMBER ? expr->number : "";
    size_t length = strlen(number);
    if (found->kind == TYPE_DURATION && length > 1 && number[length - 1] == 'm')
        diag_help(diag, "`m` are minutes; Kubernetes' `%s` of CPU is `%g` here", number,
                  strtod(number, NULL) / 1000);
    else if (found->kind == TYPE_PERCENT && want->kind == TYPE_NUMBER)
        diag_help(diag, "a percentage is written with `%%`, a number without");
    else
        diag_help(diag, "durations are written as `30s`, sizes as `512Mi`, shares as `5%%`, rates as `10/s`");
}

static struct diag *report_word(struct checker *c, const struct ast_expr *expr, const struct type *one_of)
{
    const char *word = match_literal_name(expr);
    struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_WORD, expr->span,
                                    "`%s` is none of the words here", word);
    diag_label(diag, "expected %s", type_phrase(c->compilation, one_of));
    struct map *words = map_new(c->arena);
    for (size_t i = 0; i < one_of->case_count; i++)
        map_set(words, one_of->cases[i].name, NULL);
    const char *near = check_nearest(c, words, word);
    if (near != NULL) {
        diag_help(diag, "there is a word with a similar name: `%s`", near);
        diag_fix(diag, expr->span, false, expr->kind == AST_STRING ? "\"%s\"" : "%s", near);
    }
    return diag;
}

const struct type *check_mismatch(struct checker *c, const struct ast_expr *expr, const struct type *found,
                                  const struct type *want)
{
    struct compilation *k = c->compilation;
    want = type_present(k, want);
    if (found->kind == TYPE_BAD || want->kind == TYPE_BAD)
        return check_bad(c);
    if (report_unit(c, expr, found, want))
        return check_bad(c);
    const struct type *words = check_want(want, TYPE_ONE_OF);
    if (words != NULL && check_want(want, TYPE_STRING) == NULL && match_literal_name(expr) != NULL) {
        report_word(c, expr, words);
        return check_bad(c);
    }
    if (type_is_optional(found) && found->kind != TYPE_NULL && type_fits(type_present(k, found), want)) {
        struct diag *diag = diag_report(k->diags, DIAG_TYPE_ABSENT, expr->span, "this may be absent");
        const char *path = check_path(c, expr);
        diag_label(diag, "expected %s, found %s", type_phrase(k, want), type_phrase(k, found));
        if (path != NULL)
            diag_help(diag, "ask before: `if %s != null`, or give a value for its absence: `%s ?? …`", path,
                      path);
        return check_bad(c);
    }
    bool units = is_quantity(found) && is_quantity(want) && (type_has_unit(found) || type_has_unit(want));
    struct diag *diag = diag_report(k->diags, units ? DIAG_TYPE_UNITS : DIAG_TYPE_MISMATCH, expr->span,
                                    "expected %s, found %s", type_phrase(k, want), type_phrase(k, found));
    diag_label(diag, "%s", type_text(k, found));
    if (units)
        explain_units(diag, expr, found, want);
    else if (found->kind == TYPE_REFERENCE && check_want(want, TYPE_STRING) != NULL)
        diag_help(diag, "say which text is meant: `.name`, or `id(…)`");
    return check_bad(c);
}

const struct type *check_expr(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                              const struct type *want)
{
    const struct type *found = check_type(c, s, expr, want);
    if (want == NULL || type_fits(found, want))
        return found;
    return check_mismatch(c, expr, found, want);
}

/* ---- forms */

static const struct type *check_number(struct checker *c, const struct ast_expr *expr)
{
    const struct value *value = number_decode(c->arena, expr->number, expr->span, 0, c->compilation->diags);
    if (value == NULL)
        return check_bad(c);
    if (value->kind == VALUE_INT)
        return type_scalar(c->compilation, TYPE_INT);
    if (value->kind != VALUE_QUANTITY)
        return type_scalar(c->compilation, TYPE_NUMBER);
    static const enum type_kind units[] = {TYPE_PERCENT, TYPE_DURATION, TYPE_SIZE, TYPE_RATE};
    return type_scalar(c->compilation, units[value->unit]);
}

void check_condition(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    const struct type *type = check_type(c, s, expr, NULL);
    if (type->kind == TYPE_BOOL || type->kind == TYPE_BAD)
        return;
    if (type->kind == TYPE_EXPRESSION) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_LATE, expr->span,
                                        "this is known only to the target `%s`", type->name);
        diag_label(diag, "nothing here can be decided by it");
        return;
    }
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_TYPE_CONDITION, expr->span,
                    "a condition is a bool, and this is %s", type_phrase(c->compilation, type));
    diag_label(diag, "neither true nor false");
    const char *path = check_path(c, expr);
    if (type_is_optional(type) && path != NULL)
        diag_help(diag, "write `%s != null`", path);
    else if (type->kind == TYPE_LIST && path != NULL)
        diag_help(diag, "write `%s != []`", path);
}

static const struct type *check_if(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                   const struct type *want)
{
    check_condition(c, s, expr->left);
    struct check_scope *yes = check_assume(c, s, expr->left, true);
    struct check_scope *no = check_assume(c, s, expr->left, false);
    if (want != NULL) {
        const struct type *a = check_expr(c, yes, expr->right, want);
        const struct type *b = expr->third == NULL ? a : check_expr(c, no, expr->third, want);
        return a->kind == TYPE_BAD || b->kind == TYPE_BAD ? check_bad(c) : want;
    }
    const struct type *a = check_type(c, yes, expr->right, NULL);
    const struct type *b = expr->third == NULL ? a : check_type(c, no, expr->third, NULL);
    return type_common(c->compilation, a, b);
}

/* The element types that a loop gives: one name takes the element (the key of a map), two names key and
 * value. */
static bool loop_types(struct checker *c, const struct type *source, bool two, const struct type **first,
                       const struct type **second)
{
    const struct type *string = type_scalar(c->compilation, TYPE_STRING);
    const struct type *number = type_scalar(c->compilation, TYPE_INT);
    switch (source->kind) {
    case TYPE_BAD:
    case TYPE_JSON:
        *first = *second = source;
        return true;
    case TYPE_LIST:
        *first = two ? number : source->element;
        *second = source->element;
        return true;
    case TYPE_MAP:
        *first = string;
        *second = source->element;
        return true;
    case TYPE_RANGE:
        *first = *second = number;
        return source->element->kind == TYPE_INT;
    case TYPE_CLOSED:
        *first = string;
        *second = source->field_count == 0 ? check_bad(c) : source->fields[0].type;
        for (size_t i = 1; i < source->field_count; i++)
            *second = type_common(c->compilation, *second, source->fields[i].type);
        return two;
    default:
        return false;
    }
}

static void report_loop(struct checker *c, const struct ast_expr *source, const struct type *type)
{
    bool absent = type->kind == TYPE_OPTIONAL;
    struct diag *diag = diag_report(
        c->compilation->diags, absent ? DIAG_TYPE_ABSENT : DIAG_TYPE_LOOP, source->span,
        absent ? "this may be absent: %s" : "`for` loops over lists, maps and ranges, and this is %s",
        type_phrase(c->compilation, type));
    diag_label(diag, "%s", type_text(c->compilation, type));
    const char *name = source->kind == AST_NAME ? source->name.text : NULL;
    const struct kind *kind = name == NULL ? NULL : map_get(c->compilation->declarations.kinds, name);
    if (kind != NULL && kind->plural != NULL)
        diag_help(diag, "all of them are `%s`", kind->plural);
}

struct check_scope *check_binders(struct checker *c, struct check_scope *s, const struct ast_binder *binders,
                                  const struct ast_expr *where)
{
    for (const struct ast_binder *b = binders; b != NULL; b = b->next) {
        const struct type *source = check_type(c, s, b->source, NULL);
        const struct type *first = check_bad(c), *second = first;
        if (!loop_types(c, source, b->second.text != NULL, &first, &second)) {
            report_loop(c, b->source, source);
            first = second = check_bad(c);
        }
        s = check_bind(c, s, b->name.text, b->name.span, first);
        if (b->second.text != NULL)
            s = check_bind(c, s, b->second.text, b->second.span, second);
    }
    if (where == NULL)
        return s;
    check_condition(c, s, where);
    return check_assume(c, s, where, true);
}

static const struct type *check_forall(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    struct check_scope *inner = check_binders(c, s, expr->binders, expr->where);
    check_condition(c, inner, expr->left);
    return type_scalar(c->compilation, TYPE_BOOL);
}

static const struct type *check_braces(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                       const struct type *want)
{
    return check_record(c, s, expr->block, want, expr->span);
}

const struct type *check_type(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                              const struct type *want)
{
    switch (expr->kind) {
    case AST_NAME:
        return check_name(c, s, expr, want);
    case AST_STRING:
        return check_string(c, s, expr, want);
    case AST_NUMBER:
        return check_number(c, expr);
    case AST_TRUE:
    case AST_FALSE:
        return type_scalar(c->compilation, TYPE_BOOL);
    case AST_NULL:
        return type_scalar(c->compilation, TYPE_NULL);
    case AST_LIST:
        return check_list(c, s, expr, want);
    case AST_BLOCK:
        return check_braces(c, s, expr, want);
    case AST_CALL:
        return check_call(c, s, expr, want);
    case AST_INDEX:
        return check_index(c, s, expr);
    case AST_FIELD:
        return check_field(c, s, expr);
    case AST_UNARY:
        return check_unary(c, s, expr);
    case AST_BINARY:
        return check_binary(c, s, expr, want);
    case AST_IF:
        return check_if(c, s, expr, want);
    case AST_FORALL:
        return check_forall(c, s, expr);
    case AST_PAREN:
        return check_type(c, s, expr->left, want);
    case AST_OPTIONAL:
        diag_label(diag_report(c->compilation->diags, DIAG_TYPE_FORM, expr->span,
                               "`?` makes a type optional; this is a value"),
                   "not a type");
        return check_bad(c);
    case AST_INVALID:
        return check_bad(c);
    }
    return check_bad(c);
}
