/* Values by the type that their place expects: words, variants, the types of columns. */

#include "compiler/node_state.h"

#include <string.h>

/* The first alternative of a kind, through `?` and unions. */
const struct type *type_alternative(const struct type *type, enum type_kind kind)
{
    if (!type || type->kind == kind)
        return type;
    if (type->kind == TYPE_OPTIONAL)
        return type_alternative(type->element, kind);
    if (type->kind == TYPE_UNION) {
        for (size_t i = 0; i < type->member_count; i++) {
            const struct type *found = type_alternative(type->members[i], kind);
            if (found)
                return found;
        }
    }
    return NULL;
}

const struct type_case *type_word(const struct type *type, const char *word)
{
    if (!type)
        return NULL;
    if (type->kind == TYPE_OPTIONAL)
        return type_word(type->element, word);
    for (size_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++) {
        const struct type_case *found = type_word(type->members[i], word);
        if (found)
            return found;
    }
    for (size_t i = 0; type->kind == TYPE_ONE_OF && i < type->case_count; i++)
        if (strcmp(type->cases[i].name, word) == 0)
            return &type->cases[i];
    return NULL;
}

/* The value of a field that was not written. */
static const struct value *field_default(struct evaluator *ev, const struct type_field *field, origin where)
{
    if (!field->default_value)
        return value_null(ev->arena, where);
    const struct value *value = eval(ev, ev->library, field->default_value, field->type);
    return value ? value_with_origin(ev->arena, value, where) : NULL;
}

const struct value *eval_word(struct evaluator *ev, const struct type_case *word, origin where)
{
    if (!word->constructor)
        return value_word(ev->arena, word->name, where);
    struct field *fields = arena_array(ev->arena, word->field_count, sizeof *fields);
    for (size_t i = 0; i < word->field_count; i++) {
        const struct value *value = field_default(ev, &word->fields[i], where);
        if (!value)
            return NULL;
        fields[i] = (struct field){word->fields[i].name, where, value};
    }
    return value_variant(ev->arena, word->name, fields, word->field_count, where);
}

static const struct ast_argument *argument_of(const struct ast_expr *call,
                                              const struct type_case *constructor, size_t place)
{
    size_t position = 0;
    for (const struct ast_argument *a = call->arguments; a; a = a->next) {
        if (a->name.text ? strcmp(a->name.text, constructor->fields[place].name) == 0 : position == place)
            return a;
        position += !a->name.text;
    }
    return NULL;
}

static bool check_arguments(struct evaluator *ev, struct scope *scope, const struct ast_expr *call,
                            const struct type_case *constructor)
{
    size_t position = 0;
    for (const struct ast_argument *a = call->arguments; a; a = a->next) {
        bool known = !a->name.text && position < constructor->field_count;
        for (size_t i = 0; a->name.text && i < constructor->field_count; i++)
            known = known || strcmp(a->name.text, constructor->fields[i].name) == 0;
        position += !a->name.text;
        if (known && !a->spread)
            continue;
        eval_report(ev, DIAG_EVAL_CALL, eval_origin(ev, scope, a->span), "`%s` takes no such argument",
                    constructor->name);
        return false;
    }
    return true;
}

const struct value *eval_variant(struct evaluator *ev, struct scope *scope,
                                 const struct type_case *constructor, const struct ast_expr *call)
{
    origin where = eval_origin(ev, scope, call->span);
    if (!check_arguments(ev, scope, call, constructor))
        return NULL;
    struct field *fields = arena_array(ev->arena, constructor->field_count, sizeof *fields);
    bool ok = true;
    for (size_t i = 0; i < constructor->field_count; i++) {
        const struct type_field *field = &constructor->fields[i];
        const struct ast_argument *argument = argument_of(call, constructor, i);
        const struct value *value = NULL;
        if (argument)
            value = eval(ev, scope, argument->value, field->type);
        else if (field->optional || field->default_value || type_alternative(field->type, TYPE_NULL) ||
                 field->type->kind == TYPE_OPTIONAL)
            value = field_default(ev, field, where);
        else
            eval_report(ev, DIAG_EVAL_CALL, where, "`%s` needs the argument `%s`", constructor->name,
                        field->name);
        ok = ok && value;
        fields[i] = (struct field){field->name, value ? value->origin : where, value};
    }
    if (!ok)
        return NULL;
    return value_variant(ev->arena, constructor->name, fields, constructor->field_count, where);
}

/* `float in 0..10`, `one_of(a, b)`, `string?` as {name, words, range, nullable}. */
struct column_type {
    const char *name;
    const struct value *words, *range;
    bool nullable;
};

static bool column_type(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                        struct column_type *out)
{
    struct list_builder words;
    switch (expr->kind) {
    case AST_NAME:
        out->name = expr->name.text;
        return true;
    case AST_PAREN:
        return column_type(ev, scope, expr->left, out);
    case AST_OPTIONAL:
        out->nullable = true;
        return column_type(ev, scope, expr->left, out);
    case AST_BINARY:
        if (expr->op != AST_OP_IN)
            break;
        out->range = eval(ev, scope, expr->right, NULL);
        return out->range && column_type(ev, scope, expr->left, out);
    case AST_CALL:
        if (expr->left->kind != AST_NAME)
            break;
        out->name = expr->left->name.text;
        words = list_begin(ev->arena);
        for (const struct ast_argument *a = expr->arguments; a; a = a->next) {
            const struct value *word =
                a->value->kind == AST_NAME
                    ? value_string(ev->arena, a->value->name.text, eval_origin(ev, scope, a->value->span))
                    : eval(ev, scope, a->value, NULL);
            if (!word)
                return false;
            list_add(&words, word);
        }
        out->words = list_end(&words, eval_origin(ev, scope, expr->span));
        return true;
    default:
        break;
    }
    eval_report(ev, DIAG_EVAL_VALUE, eval_origin(ev, scope, expr->span), "this is no type of a column");
    return false;
}

const struct value *eval_column_type(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr)
{
    struct column_type type = {0};
    if (!column_type(ev, scope, expr, &type))
        return NULL;
    origin where = eval_origin(ev, scope, expr->span);
    const struct value *null = value_null(ev->arena, where);
    struct field fields[] = {
        {"name", where, value_string(ev->arena, type.name, where)},
        {"words", where, type.words ? type.words : null},
        {"range", where, type.range ? type.range : null},
        {"nullable", where, value_bool(ev->arena, type.nullable, where)},
    };
    return value_record(ev->arena, fields, sizeof fields / sizeof *fields, where);
}
