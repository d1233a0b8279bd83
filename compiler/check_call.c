/* Calls: constructors by expected type, functions of the language, natives, methods of nodes and of the lock.
 */

#include <string.h>
#include "compiler/check.h"
#include "compiler/natives.h"

/* ---- signatures of natives */

static const struct function *parse_signature(struct checker *c, const struct native *native)
{
    struct compilation *k = c->compilation;
    const char *text = arena_printf(c->arena, "fn %s%s = null\n", native->name, native->signature);
    const struct source *source = source_add(k->sources, SOURCE_LIBRARY, "natives", text, strlen(text));
    const struct ast_file *file = parse_source(c->arena, source, (struct parse_limits){0}, k->diags);
    const struct ast_item *item = file->body->items;
    if (item == NULL || item->kind != AST_STATEMENT || item->value == NULL || item->value->kind != AST_CALL ||
        item->type == NULL)
        return NULL;
    struct function *function = arena_alloc(c->arena, sizeof *function);
    function->name = native->name;
    function->result = type_of_expr(k, item->type);
    function->doc = native->doc;
    size_t limit = 0;
    for (const struct ast_argument *a = item->value->arguments; a != NULL; a = a->next)
        limit++;
    struct parameter *parameters = arena_array(c->arena, limit, sizeof *parameters);
    for (const struct ast_argument *a = item->value->arguments; a != NULL; a = a->next) {
        struct parameter *parameter = &parameters[function->parameter_count++];
        parameter->name = a->name.text;
        parameter->type = type_of_expr(k, a->value);
        parameter->default_value = a->default_value;
        parameter->required = a->default_value == NULL && !a->optional && !type_is_optional(parameter->type);
    }
    function->parameters = parameters;
    return function;
}

const struct function *check_native(struct checker *c, const char *name)
{
    if (map_has(c->natives, name))
        return map_get(c->natives, name);
    const struct native *native = native_find(name);
    const struct function *function = native == NULL ? NULL : parse_signature(c, native);
    map_set(c->natives, name, (void *)function);
    return function;
}

/* ---- arguments */

struct filling {
    const struct ast_expr *call;
    const char *name;
    const struct parameter *parameters;
    size_t count;
    bool *given;
    struct type_bindings *bind;
};

static struct span name_span(const struct ast_expr *call)
{
    return call->left->kind == AST_FIELD ? call->left->name.span : call->left->span;
}

static bool has_field(struct checker *c, const struct type *type, const char *name)
{
    type = type_present(c->compilation, type);
    return type->kind == TYPE_BAD || type->kind == TYPE_JSON || check_member(c, type, name) != NULL;
}

/* `by: "needs"`: a literal that names a field of the elements. */
static void check_field_name(struct checker *c, const struct ast_expr *value, const struct type *element)
{
    const char *name = value->kind == AST_STRING ? match_literal_name(value) : NULL;
    if (value->kind == AST_INVALID || (name != NULL && has_field(c, element, name)))
        return;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_TYPE_FIELD_NAME, value->span,
                    name == NULL ? "a field is named by a literal string" : "%s has no field `%s` to go by",
                    type_phrase(c->compilation, element), name);
    diag_label(diag, "expected a field of %s", type_text(c->compilation, element));
    if (name == NULL ||
        (element->kind != TYPE_REFERENCE && element->kind != TYPE_BLOCK && element->kind != TYPE_CLOSED))
        return;
    struct map *names = map_new(c->arena);
    for (size_t i = 0; element->of != NULL && i < element->of->attribute_count; i++)
        map_set(names, element->of->attributes[i].name, NULL);
    for (size_t i = 0; i < element->field_count; i++)
        map_set(names, element->fields[i].name, NULL);
    const char *near = check_nearest(c, names, name);
    if (near != NULL) {
        diag_help(diag, "there is a field with a similar name: `%s`", near);
        diag_fix(diag, value->span, false, "\"%s\"", near);
    }
}

static void check_one(struct checker *c, struct check_scope *s, const struct filling *filling,
                      const struct parameter *parameter, const struct ast_expr *value)
{
    const struct type *want = parameter->type;
    if (filling->bind == NULL) {
        check_expr(c, s, value, want);
        return;
    }
    const struct type *field = check_want(want, TYPE_FIELD);
    if (field != NULL) {
        check_field_name(c, value, type_fill(c, filling->bind, field->element));
        return;
    }
    if (!type_is_open(filling->bind, want)) {
        check_expr(c, s, value, type_fill(c, filling->bind, want));
        return;
    }
    const struct type *found = check_type(c, s, value, NULL);
    type_match(c, filling->bind, want, found);
    const struct type *filled = type_fill(c, filling->bind, want);
    if (!type_fits(found, filled))
        check_mismatch(c, value, found, filled);
}

static const struct parameter *named_parameter(const struct filling *filling, const char *name, size_t *place)
{
    for (*place = 0; *place < filling->count; (*place)++)
        if (strcmp(filling->parameters[*place].name, name) == 0)
            return &filling->parameters[*place];
    return NULL;
}

static void report_unknown_argument(struct checker *c, const struct filling *filling,
                                    const struct ast_argument *a)
{
    struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_ARGUMENT_UNKNOWN, a->name.span,
                                    "`%s` has no argument `%s`", filling->name, a->name.text);
    diag_label(diag, "unknown argument");
    struct map *names = map_new(c->arena);
    for (size_t i = 0; i < filling->count; i++)
        map_set(names, filling->parameters[i].name, NULL);
    check_suggest(c, diag, names, a->name.text, a->name.span, "an argument");
}

static void fill_named(struct checker *c, struct check_scope *s, const struct filling *filling,
                       const struct ast_argument *a)
{
    size_t place;
    const struct parameter *parameter = named_parameter(filling, a->name.text, &place);
    if (parameter == NULL) {
        report_unknown_argument(c, filling, a);
        check_type(c, s, a->value, NULL);
        return;
    }
    if (filling->given[place]) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_ARGUMENT_TWICE, a->name.span,
                                        "`%s` is given twice to `%s`", a->name.text, filling->name);
        diag_label(diag, "given before");
        return;
    }
    filling->given[place] = true;
    check_one(c, s, filling, parameter, a->value);
}

static void report_missing(struct checker *c, const struct filling *filling)
{
    for (size_t i = 0; i < filling->count; i++) {
        if (filling->given[i] || !filling->parameters[i].required)
            continue;
        struct diag *diag =
            diag_report(c->compilation->diags, DIAG_TYPE_ARGUMENT_MISSING, name_span(filling->call),
                        "`%s` needs the argument `%s`", filling->name, filling->parameters[i].name);
        diag_label(diag, "`%s` is %s", filling->parameters[i].name,
                   type_phrase(c->compilation, filling->parameters[i].type));
        return;
    }
}

void check_arguments(struct checker *c, struct check_scope *s, const struct ast_expr *call, const char *name,
                     const struct parameter *parameters, size_t count, struct type_bindings *bind)
{
    struct filling filling = {.call = call,
                              .name = name,
                              .parameters = parameters,
                              .count = count,
                              .bind = bind,
                              .given = arena_array(c->arena, count + 1, sizeof(bool))};
    size_t place = 0;
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next) {
        if (a->value == NULL)
            continue;
        if (a->name.text != NULL) {
            fill_named(c, s, &filling, a);
        } else if (a->spread) {
            struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_ARGUMENT_SPREAD, a->span,
                                            "a call takes its arguments one by one");
            diag_label(diag, "no spread here");
            return;
        } else if (place == count) {
            struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_ARGUMENT_EXTRA, a->value->span,
                                            "`%s` takes %zu argument%s", name, count, count == 1 ? "" : "s");
            diag_label(diag, "too much");
            check_type(c, s, a->value, NULL);
            return;
        } else {
            filling.given[place] = true;
            check_one(c, s, &filling, &parameters[place], a->value);
            place++;
        }
    }
    report_missing(c, &filling);
}

/* ---- constructors */

static const struct type *check_constructor(struct checker *c, struct check_scope *s,
                                            const struct ast_expr *call, const struct type *one_of,
                                            const struct type_case *constructor)
{
    struct parameter *parameters = arena_array(c->arena, constructor->field_count, sizeof *parameters);
    for (size_t i = 0; i < constructor->field_count; i++) {
        const struct type_field *field = &constructor->fields[i];
        parameters[i].name = field->name;
        parameters[i].type = field->optional ? type_optional(c->compilation, field->type) : field->type;
        parameters[i].required = !field->optional;
    }
    if (!constructor->constructor) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_ARGUMENT_EXTRA, call->span,
                                        "`%s` is a word and takes no arguments", constructor->name);
        diag_label(diag, "write `%s`", constructor->name);
        return check_bad(c);
    }
    check_arguments(c, s, call, constructor->name, parameters, constructor->field_count, NULL);
    return one_of;
}

/* ---- methods */

static const struct type *check_lock(struct checker *c, struct check_scope *s, const struct ast_expr *call)
{
    struct compilation *k = c->compilation;
    const char *method = call->left->name.text;
    bool champion = strcmp(method, "champion") == 0, image = strcmp(method, "image") == 0;
    const struct kind *kind = map_get(k->declarations.kinds, champion ? "model" : "service");
    const struct type *type = champion || image ? (kind == NULL ? check_bad(c) : type_reference(k, kind))
                                                : type_scalar(k, TYPE_STRING);
    if (!champion && !image && strcmp(method, "fact") != 0) {
        struct diag *diag = diag_report(k->diags, DIAG_NAMES_UNKNOWN_FUNCTION, call->left->name.span,
                                        "the lock has no `%s`", method);
        diag_label(diag, "unknown");
        diag_help(diag, "it has `champion(model)`, `image(service)` and `fact(key)`");
        return check_bad(c);
    }
    struct parameter parameter = {.name = champion ? "model"
                                          : image  ? "service"
                                                   : "key",
                                  .type = type,
                                  .required = true};
    check_arguments(c, s, call, method, &parameter, 1, NULL);
    return type_optional(k, type_scalar(k, TYPE_STRING));
}

static bool is_lock(const struct check_scope *s, const struct ast_expr *expr)
{
    return expr->kind == AST_NAME && strcmp(expr->name.text, "lock") == 0 &&
           check_variable(s, "lock") == NULL;
}

static const struct type *unknown_method(struct checker *c, const struct ast_expr *call,
                                         const struct type *type)
{
    const char *name = call->left->name.text;
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_FUNCTION, call->left->name.span,
                                    "%s has no method `%s`", type_phrase(c->compilation, type), name);
    diag_label(diag, "unknown");
    struct map *names = map_new(c->arena);
    for (size_t i = 0; type->of != NULL && i < type->of->method_count; i++)
        map_set(names, type->of->methods[i].name, NULL);
    check_suggest(c, diag, names, name, call->left->name.span, "a method");
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next)
        if (a->value != NULL)
            check_type(c, NULL, a->value, check_bad(c));
    return check_bad(c);
}

static const struct type *check_method(struct checker *c, struct check_scope *s, const struct ast_expr *call)
{
    if (is_lock(s, call->left->left))
        return check_lock(c, s, call);
    const struct type *left = check_type(c, s, call->left->left, NULL);
    if (left->kind == TYPE_BAD)
        return left;
    if (left->kind == TYPE_EXPRESSION) {
        for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next)
            if (a->value != NULL)
                check_type(c, s, a->value, NULL);
        return type_of_dialect(c->compilation, TYPE_EXPRESSION, left->name, NULL);
    }
    if (left->kind == TYPE_OPTIONAL && !call->left->optional) {
        const char *path = check_path(c, call->left->left);
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_ABSENT, call->left->left->span,
                                        "`%s` may be absent here", path == NULL ? "this" : path);
        diag_label(diag, "%s", type_phrase(c->compilation, left));
        return check_bad(c);
    }
    const struct type *node = type_present(c->compilation, left);
    bool has_kind = node->kind == TYPE_REFERENCE || node->kind == TYPE_BLOCK;
    const struct kind_method *method = has_kind ? kind_method(node->of, call->left->name.text) : NULL;
    if (method == NULL)
        return unknown_method(c, call, node);
    enum check_mode outer = c->mode;
    c->mode = CHECK_SPEC;
    check_arguments(c, s, call, method->name, method->parameters, method->parameter_count, NULL);
    c->mode = outer;
    return left->kind == TYPE_OPTIONAL ? type_optional(c->compilation, method->result) : method->result;
}

/* ---- functions */

static void add_functions(struct checker *c, struct map *names, struct span from)
{
    const struct map *functions = c->compilation->declarations.functions;
    for (size_t i = 0; i < map_count(functions); i++) {
        const struct function *function = map_at(functions, i)->value;
        if (function_find(c->compilation, function->name, from) == function)
            map_set(names, function->name, NULL);
    }
    for (size_t i = 0; i < native_count; i++)
        map_set(names, natives[i].name, NULL);
}

static const struct type *unknown_function(struct checker *c, struct check_scope *s,
                                           const struct ast_expr *call, const struct type *want)
{
    const char *name = call->left->name.text;
    struct map *names = map_new(c->arena);
    const struct type *one_of = check_want(want, TYPE_ONE_OF);
    for (size_t i = 0; one_of != NULL && i < one_of->case_count; i++)
        map_set(names, one_of->cases[i].name, NULL);
    if (one_of == NULL)
        add_functions(c, names, call->span);
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_FUNCTION, call->left->span,
                    one_of == NULL ? "there is no function `%s`" : "there is no `%s(…)` here", name);
    diag_label(diag, one_of == NULL ? "unknown function" : "expected %s",
               one_of == NULL ? "" : type_phrase(c->compilation, one_of));
    check_suggest(c, diag, names, name, call->left->span, one_of == NULL ? "a function" : "a word");
    for (const struct ast_argument *a = call->arguments; one_of == NULL && a != NULL; a = a->next)
        if (a->value != NULL)
            check_type(c, s, a->value, NULL);
    return check_bad(c);
}

/* The expected type binds what it can, unless it leaves a choice. */
static void bind_result(struct checker *c, struct type_bindings *bind, const struct type *result,
                        const struct type *want)
{
    if (want == NULL || want->kind == TYPE_BAD)
        return;
    const struct type *present = type_present(c->compilation, want);
    const struct type *pattern = type_present(c->compilation, result);
    bool choice = present->kind == TYPE_UNION || present->kind == TYPE_RECORD ||
                  present->kind == TYPE_DOCUMENT || present->kind == TYPE_JSON ||
                  present->kind == TYPE_NUMBER || present->kind == TYPE_RATIO || present->kind == TYPE_TEXT ||
                  present->kind == TYPE_STRING || present->kind == TYPE_ANY_NODE || present->kind == TYPE_MAP;
    if (!choice && (pattern->kind == TYPE_VARIABLE || pattern->kind == present->kind))
        type_match(c, bind, pattern, present);
}

static const struct type *call_native(struct checker *c, struct check_scope *s, const struct ast_expr *call,
                                      const struct function *native, const struct type *want)
{
    struct type_bindings bind = {.count = 0};
    bind_result(c, &bind, native->result, want);
    check_arguments(c, s, call, native->name, native->parameters, native->parameter_count, &bind);
    return type_fill(c, &bind, native->result);
}

const struct type *check_call(struct checker *c, struct check_scope *s, const struct ast_expr *call,
                              const struct type *want)
{
    if (call->left->kind == AST_FIELD)
        return check_method(c, s, call);
    if (call->left->kind != AST_NAME) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_FORM, call->left->span,
                                        "only functions are called, by their name");
        diag_label(diag, "no function");
        return check_bad(c);
    }
    const char *name = call->left->name.text;
    const struct type *one_of = check_want(want, TYPE_ONE_OF);
    const struct type_case *constructor = one_of == NULL ? NULL : type_case_of(one_of, name);
    if (constructor != NULL)
        return check_constructor(c, s, call, one_of, constructor);
    const struct function *function = function_find(c->compilation, name, call->span);
    if (function != NULL) {
        check_arguments(c, s, call, name, function->parameters, function->parameter_count, NULL);
        return function->result;
    }
    const struct function *native = check_native(c, name);
    if (native != NULL)
        return call_native(c, s, call, native, want);
    /* A function of the target (`cancelled()`): a context that is called. */
    const struct type *context = context_find(c->compilation, name, call->span);
    return context != NULL ? context : unknown_function(c, s, call, want);
}
