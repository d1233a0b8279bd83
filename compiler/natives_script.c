/* Scripts of CI jobs: no expression ever stands in a shell's text. Each hole becomes a variable of the
 * environment, and the text reads the variable. */

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "core/shell.h"
#include "core/text.h"

const struct value *native_as(struct native_call *call)
{
    const struct value *value = native_argument(call, 0);
    const struct value *name = native_argument(call, 1);
    if (!value || value->kind != VALUE_EXPRESSION)
        return native_misfit(call, 0, "an expression that the target evaluates");
    if (!name || name->kind != VALUE_STRING || !name->length)
        return native_misfit(call, 1, "the name of a variable");
    const struct expr *args[] = {value->expr, expr_literal(call->arena, value->expr->dialect, name)};
    origin where = native_origin(call);
    return value_expression(
        call->arena, expr_make(call->arena, EXPR_CALL, value->expr->dialect, "as", args, NULL, 2, where),
        where);
}

const struct value *native_variable(struct native_call *call)
{
    struct buf name = {0}, out = {0};
    if (!native_name_of(native_argument(call, 0), &name)) {
        buf_free(&name);
        return native_misfit(call, 0, "a text or a node");
    }
    name_identifier(&out, buf_str(&name));
    for (size_t i = 0; i < out.length; i++)
        if (out.data[i] >= 'a' && out.data[i] <= 'z')
            out.data[i] = (char)(out.data[i] - 'a' + 'A');
    buf_free(&name);
    return native_string(call, &out);
}

static bool is_as(const struct expr *expr)
{
    return expr->kind == EXPR_CALL && !strcmp(expr->name, "as") && expr->arg_count == 2 &&
           expr->args[1]->kind == EXPR_LITERAL;
}

/* Variables that change what a shell or a runner does: never the name of a value. */
static bool is_taken(const char *name)
{
    static const char *const exact[] = {"PATH",  "HOME", "IFS", "ENV", "PS4",
                                        "SHELL", "USER", "PWD", "CI",  "TMPDIR"};
    static const char *const prefixes[] = {"GITHUB_", "RUNNER_", "LD_", "BASH_", "DYLD_"};
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        if (!strcmp(name, exact[i]))
            return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (text_starts_with(name, prefixes[i]))
            return true;
    return false;
}

/* The last name in the expression: `needs.build.outputs.digest` gives DIGEST. */
static const char *derived_name(const struct expr *expr)
{
    const char *name = "VALUE";
    if (expr->kind == EXPR_INDEX && expr->arg_count == 2 && expr->args[1]->kind == EXPR_LITERAL)
        name = value_string_or(expr->args[1]->value, name);
    else if (expr->kind == EXPR_BINARY || expr->kind == EXPR_UNARY)
        name = expr->arg_count ? derived_name(expr->args[0]) : name;
    else if (expr->name)
        name = expr->name;
    return name;
}

struct script {
    struct native_call *call;
    struct record_builder env;
    struct shell_state state;
    struct buf run;
    bool ok;
};

/* The value that a variable has been given already, or NULL. */
static const struct value *variable_value(const struct script *script, const char *name)
{
    for (size_t i = 0; i < script->env.count; i++)
        if (!strcmp(script->env.fields[i].key, name))
            return script->env.fields[i].value;
    return NULL;
}

static const char *free_name(struct script *script, const struct expr *expr, const struct expr *value)
{
    struct buf name = {0};
    if (is_as(expr))
        name_identifier(&name, value_string_or(expr->args[1]->value, "VALUE"));
    else
        name_identifier(&name, derived_name(value));
    for (size_t i = 0; i < name.length && !is_as(expr); i++)
        if (name.data[i] >= 'a' && name.data[i] <= 'z')
            name.data[i] = (char)(name.data[i] - 'a' + 'A');
    const char *base =
        arena_printf(script->call->arena, "%s%s", is_taken(buf_str(&name)) ? "VALUE_" : "", buf_str(&name));
    buf_free(&name);
    const char *chosen = base;
    for (int number = 2;; number++) {
        const struct value *taken = variable_value(script, chosen);
        if (!taken || expr_equal(taken->expr, value))
            return chosen;
        chosen = arena_printf(script->call->arena, "%s_%d", base, number);
    }
}

static void add_hole(struct script *script, const struct value *hole)
{
    const struct expr *value = is_as(hole->expr) ? hole->expr->args[0] : hole->expr;
    const char *name = free_name(script, hole->expr, value);
    record_set_at(&script->env, name, hole->origin,
                  value_expression(script->call->arena, value, hole->origin));
    if (script->state.quotes == SHELL_DOUBLE) {
        buf_printf(&script->run, "${%s}", name);
        return;
    }
    shell_fill(&script->run, &script->state, arena_printf(script->call->arena, "\"$%s\"", name));
}

static void add_piece(struct script *script, const struct value *piece)
{
    if (piece->kind == VALUE_EXPRESSION) {
        add_hole(script, piece);
    } else if (piece->kind == VALUE_TEXT) {
        for (size_t i = 0; i < piece->count; i++)
            add_piece(script, piece->items[i]);
    } else if (piece->kind == VALUE_STRING || piece->kind == VALUE_WORD) {
        buf_add(&script->run, piece->text, piece->length);
        shell_scan(&script->state, piece->text, piece->length);
    } else {
        native_misfit(script->call, 0, "lines of text");
        script->ok = false;
    }
}

const struct value *native_script(struct native_call *call)
{
    const struct value *lines = native_argument(call, 0);
    if (!lines)
        return native_misfit(call, 0, "a list of texts");
    struct script script = {.call = call, .env = record_begin(call->arena), .ok = true};
    bool list = lines->kind == VALUE_LIST;
    size_t count = list ? lines->count : 1;
    for (size_t i = 0; i < count; i++) {
        add_piece(&script, list ? lines->items[i] : lines);
        if (count > 1) {
            buf_add_char(&script.run, '\n');
            shell_scan(&script.state, "\n", 1);
        }
    }
    if (!script.ok) {
        buf_free(&script.run);
        return NULL;
    }
    origin where = native_origin(call);
    struct record_builder result = record_begin(call->arena);
    if (script.env.count)
        record_set(&result, "env", record_end(&script.env, where));
    record_set(&result, "run", value_string_n(call->arena, buf_str(&script.run), script.run.length, where));
    buf_free(&script.run);
    return record_end(&result, where);
}
