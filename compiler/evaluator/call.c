/* Calls: functions of the language, natives, constructors, methods of nodes, calls of a target. */

#include <string.h>
#include "compiler/node_state.h"

enum { ARGUMENTS = 32 };

/* What a callee takes, from a declaration or a native's signature. */
struct callee {
    const char *name;
    const char *names[ARGUMENTS];
    const struct type *types[ARGUMENTS]; /* NULL: not known here */
    bool required[ARGUMENTS];
    size_t count;
};

/* Reads the names of "(xs: [T], by: field(T)?, of: node = x): [T]". */
static void read_signature(struct evaluator *ev, const char *signature, struct callee *callee)
{
    int depth = 0;
    const char *start = signature + 1;
    for (const char *at = start; *at; at++) {
        bool last = *at == ')' && depth == 0;
        if ((*at == ',' && depth == 0) || last) {
            while (*start == ' ')
                start++;
            size_t length = strcspn(start, ":?");
            if (start + length < at && callee->count < ARGUMENTS) {
                callee->names[callee->count] = arena_copy(ev->arena, start, length);
                bool optional = at[-1] == '?' || start[length] == '?';
                for (const char *c = start; c < at && !optional; c++)
                    optional = *c == '=';
                callee->required[callee->count++] = !optional;
            }
            start = at + 1;
        }
        if (last)
            return;
        depth += (*at == '(' || *at == '[' || *at == '{') - (*at == ')' || *at == ']' || *at == '}');
    }
}

static bool unknown_argument(struct evaluator *ev, const struct callee *callee,
                             const struct ast_argument *argument, origin where)
{
    struct map *names = map_new(ev->arena);
    for (size_t i = 0; i < callee->count; i++)
        map_set(names, callee->names[i], NULL);
    struct diag *diag;
    if (argument->name.text)
        diag = eval_report(ev, DIAG_EVAL_CALL, where, "`%s` has no parameter `%s`", callee->name,
                           argument->name.text);
    else
        diag =
            eval_report(ev, DIAG_EVAL_CALL, where, "`%s` takes %zu arguments", callee->name, callee->count);
    const char *nearest = argument->name.text ? map_nearest(names, argument->name.text) : NULL;
    if (nearest)
        diag_help(diag, "there is a parameter with a similar name: `%s`", nearest);
    return false;
}

static bool bind_arguments(struct evaluator *ev, struct scope *scope, const struct ast_expr *call,
                           const struct callee *callee, const struct value **arguments)
{
    size_t position = 0;
    bool ok = true, named = false;
    for (const struct ast_argument *a = call->arguments; a; a = a->next) {
        origin where = eval_origin(ev, scope, a->span);
        size_t place = callee->count;
        if (!a->name.text && !named)
            place = position++;
        for (size_t i = 0; a->name.text && i < callee->count; i++)
            if (strcmp(callee->names[i], a->name.text) == 0)
                place = i;
        named = named || a->name.text;
        if (place >= callee->count || a->spread) {
            ok = unknown_argument(ev, callee, a, where);
            continue;
        }
        if (arguments[place]) {
            eval_report(ev, DIAG_EVAL_CALL, where, "the argument `%s` is given twice", callee->names[place]);
            ok = false;
            continue;
        }
        arguments[place] = eval(ev, scope, a->value, callee->types[place]);
        ok = ok && arguments[place];
    }
    for (size_t i = 0; ok && i < callee->count; i++) {
        if (arguments[i] || !callee->required[i])
            continue;
        eval_report(ev, DIAG_EVAL_CALL, eval_origin(ev, scope, call->span), "`%s` needs the argument `%s`",
                    callee->name, callee->names[i]);
        ok = false;
    }
    return ok;
}

static struct node *first_node(const struct value *const *arguments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (arguments[i] && arguments[i]->kind == VALUE_NODE)
            return arguments[i]->node;
    return NULL;
}

const struct value *call_function(struct evaluator *ev, const struct function *function,
                                  const struct value *const *arguments, struct node *subject, origin where)
{
    struct frame frame = {.caller = ev->frame};
    struct node *own = first_node(arguments, function->parameter_count);
    frame.subject = own ? own : subject ? subject : ev->frame ? ev->frame->subject : NULL;
    frame.parent = frame.subject ? frame.subject->origin : ev->frame ? ev->frame->parent : where;
    struct scope *scope = scope_new(ev->compilation, ev->library);
    ev->frame = &frame;
    bool ok = true;
    for (size_t i = 0; i < function->parameter_count; i++) {
        const struct parameter *parameter = &function->parameters[i];
        const struct value *value = arguments[i];
        if (!value && parameter->default_value)
            value = eval(ev, scope, parameter->default_value, parameter->type);
        else if (!value)
            value = value_null(ev->arena, where);
        ok = ok && value;
        scope_bind(scope, parameter->name, value);
    }
    const struct value *result = ok ? eval_body(ev, scope, function->body, function->result, where) : NULL;
    ev->frame = frame.caller;
    if (result && own && ev->owners && result->kind == VALUE_RECORD &&
        function->result->kind == TYPE_DOCUMENT)
        map_set_n(ev->owners, (const char *)&result, sizeof result, own);
    return result;
}

static struct callee declared_callee(const char *name, const struct parameter *parameters, size_t count)
{
    struct callee callee = {.name = name, .count = count < ARGUMENTS ? count : ARGUMENTS};
    for (size_t i = 0; i < callee.count; i++) {
        callee.names[i] = parameters[i].name;
        callee.types[i] = parameters[i].type;
        callee.required[i] = parameters[i].required;
    }
    return callee;
}

static const struct value *call_declared(struct evaluator *ev, struct scope *scope,
                                         const struct ast_expr *call, const struct function *function)
{
    struct callee callee = declared_callee(function->name, function->parameters, function->parameter_count);
    const struct value *arguments[ARGUMENTS] = {0};
    if (!bind_arguments(ev, scope, call, &callee, arguments))
        return NULL;
    return call_function(ev, function, arguments, NULL, eval_origin(ev, scope, call->span));
}

/* `self`, when not NULL, is the first argument: lock.champion(m), text methods. */
static const struct value *call_native(struct evaluator *ev, struct scope *scope, const struct ast_expr *call,
                                       const struct native *native, const struct value *self)
{
    struct callee callee = {.name = native->name};
    read_signature(ev, native->signature, &callee);
    const struct value *arguments[ARGUMENTS] = {0};
    struct callee rest = callee;
    if (self && rest.count) {
        arguments[0] = self;
        rest.count--;
        memmove(rest.names, rest.names + 1, rest.count * sizeof *rest.names);
        memmove(rest.required, rest.required + 1, rest.count * sizeof *rest.required);
    }
    if (!bind_arguments(ev, scope, call, &rest, arguments + (self ? 1 : 0)))
        return NULL;
    struct native_call run = {
        .compilation = ev->compilation,
        .arena = ev->arena,
        .arguments = arguments,
        .count = callee.count,
        .where = eval_origin(ev, scope, call->span),
        .subject = ev->frame ? ev->frame->subject : NULL,
    };
    const struct value *result = native->run(&run);
    if (result && ev->owners && arguments[0] && result != arguments[0]) {
        struct node *owner = map_get_n(ev->owners, (const char *)&arguments[0], sizeof arguments[0]);
        if (owner) /* a marked document is the same document */
            map_set_n(ev->owners, (const char *)&result, sizeof result, owner);
    }
    return result;
}

static bool mentions(const struct expr *expr, const char *name)
{
    if (expr->kind == EXPR_NAME && strcmp(expr->name, name) == 0)
        return true;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (mentions(expr->args[i], name))
            return true;
    return false;
}

/* gate.compares(champion): true if a requirement compares with that version. */
static const struct value *method_compares(struct evaluator *ev, struct node *node, const char *version,
                                           origin where)
{
    const struct value *const *items;
    size_t count = node_list(node, "requires", &items);
    bool compares = false;
    for (size_t i = 0; i < count; i++) {
        const struct value *condition = node_get(items[i]->node, "condition");
        compares = compares || (condition->kind == VALUE_EXPRESSION && mentions(condition->expr, version));
    }
    return value_bool(ev->arena, compares, where);
}

static const struct value *call_method(struct evaluator *ev, struct scope *scope, const struct ast_expr *call,
                                       struct node *node, const struct kind_method *method)
{
    struct callee callee = declared_callee(method->name, method->parameters, method->parameter_count);
    const struct value *arguments[ARGUMENTS] = {0};
    if (!bind_arguments(ev, scope, call, &callee, arguments))
        return NULL;
    origin where = eval_origin(ev, scope, call->span);
    const char *word = arguments[0] ? value_string_or(arguments[0], NULL) : NULL;
    if (strcmp(method->name, "compares") == 0 && word)
        return method_compares(ev, node, word, where);
    eval_report(ev, DIAG_EVAL_CALL, where, "`%s` has no native method `%s`", node->kind->name, method->name);
    return NULL;
}

/* f(x) of a target stays a tree. */
static const struct value *call_lifted(struct evaluator *ev, struct scope *scope, const struct ast_expr *call,
                                       enum expr_kind kind, const char *name, const struct value *self)
{
    const struct value *operands[ARGUMENTS];
    const char *names[ARGUMENTS];
    size_t count = 0;
    if (self) {
        operands[count] = self;
        names[count++] = NULL;
    }
    for (const struct ast_argument *a = call->arguments; a && count < ARGUMENTS; a = a->next) {
        operands[count] = eval(ev, scope, a->value, NULL);
        names[count] = a->name.text;
        if (!operands[count++])
            return NULL;
    }
    const struct type *context = self ? NULL : context_find(ev->compilation, name, call->left->span);
    return lift_call(ev, context ? context_dialect(context) : NULL, kind, name, operands, names, count,
                     eval_origin(ev, scope, call->span));
}

static const struct value *call_dotted(struct evaluator *ev, struct scope *scope, const struct ast_expr *call)
{
    const struct ast_expr *dot = call->left;
    const char *name = dot->name.text;
    if (dot->left->kind == AST_NAME && strcmp(dot->left->name.text, "lock") == 0) {
        const struct native *native = native_find(arena_printf(ev->arena, "lock.%s", name));
        if (native)
            return call_native(ev, scope, call, native, NULL);
    }
    const struct value *self = eval(ev, scope, dot->left, NULL);
    if (!self)
        return NULL;
    if (self->kind == VALUE_EXPRESSION)
        return call_lifted(ev, scope, call, EXPR_METHOD, name, self);
    const struct kind_method *method = self->kind == VALUE_NODE ? kind_method(self->node->kind, name) : NULL;
    if (method)
        return call_method(ev, scope, call, self->node, method);
    eval_report(ev, DIAG_EVAL_CALL, eval_origin(ev, scope, call->span), "%s has no method `%s`",
                self->kind == VALUE_NODE ? self->node->kind->name : value_kind_name(self), name);
    return NULL;
}

static const struct value *unknown_function(struct evaluator *ev, const char *name, origin where)
{
    struct map *names = map_new(ev->arena);
    for (size_t i = 0; i < native_count; i++)
        map_set(names, natives[i].name, NULL);
    struct map *functions = ev->compilation->declarations.functions;
    for (size_t i = 0; i < map_count(functions); i++)
        map_set(names, map_at(functions, i)->key, NULL);
    struct diag *diag = eval_report(ev, DIAG_EVAL_CALL, where, "there is no function `%s`", name);
    const char *nearest = map_nearest(names, name);
    if (nearest)
        diag_help(diag, "there is a function with a similar name: `%s`", nearest);
    return NULL;
}

const struct value *eval_call(struct evaluator *ev, struct scope *scope, const struct ast_expr *call,
                              const struct type *want)
{
    const struct ast_expr *left = call->left;
    if (left->kind == AST_FIELD)
        return call_dotted(ev, scope, call);
    origin where = eval_origin(ev, scope, call->span);
    if (left->kind != AST_NAME) {
        eval_report(ev, DIAG_EVAL_CALL, where, "only functions can be called");
        return NULL;
    }
    const char *name = left->name.text;
    const struct type_case *constructor = type_word(want, name);
    if (constructor && constructor->constructor)
        return eval_variant(ev, scope, constructor, call);
    const struct function *function = function_find(ev->compilation, name, left->span);
    if (function)
        return call_declared(ev, scope, call, function);
    const struct native *native = native_find(name);
    if (native)
        return call_native(ev, scope, call, native, NULL);
    if (context_find(ev->compilation, name, left->span))
        return call_lifted(ev, scope, call, EXPR_CALL, name, NULL);
    return unknown_function(ev, name, where);
}

const struct value *evaluate_call(struct compilation *compilation, const struct function *function,
                                  const struct value *const *arguments, size_t count, struct node *subject,
                                  origin where)
{
    const struct value *all[ARGUMENTS] = {0};
    if (function->parameter_count > ARGUMENTS)
        return NULL;
    for (size_t i = 0; i < count && i < function->parameter_count; i++)
        all[i] = arguments[i];
    return call_function(evaluator_of(compilation), function, all, subject, where);
}
