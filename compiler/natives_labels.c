/* Natives for PromQL and Terraform: label matchers, calls. */

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"

/* A string of PromQL: Go's escapes. */
static void add_promql_string(struct buf *out, const char *text)
{
    buf_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_printf(out, "\\%c", *text);
        else if (*text == '\n')
            buf_add_str(out, "\\n");
        else
            buf_add_char(out, *text);
    }
    buf_add_char(out, '"');
}

static bool is_label_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return *name && !(*name >= '0' && *name <= '9') && strspn(name, letters) == strlen(name);
}

/* The operator and text of a matcher: a plain text, or what `matches` and its like made. */
static const char *matcher_text(const struct value *value, const char **operator_text)
{
    static const char *const known[][2] = {{"matches", "=~"}, {"excludes", "!~"}, {"differs", "!="}};
    *operator_text = "=";
    if (value->kind == VALUE_STRING || value->kind == VALUE_WORD)
        return value->text;
    if (value->kind != VALUE_EXPRESSION || value->expr->kind != EXPR_CALL || value->expr->arg_count != 1 ||
        value->expr->args[0]->kind != EXPR_LITERAL)
        return NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(value->expr->name, known[i][0])) {
            *operator_text = known[i][1];
            return value_string_or(value->expr->args[0]->value, NULL);
        }
    return NULL;
}

const struct value *native_matchers(struct native_call *call)
{
    const struct value *labels = native_argument(call, 0);
    if (!labels || labels->kind != VALUE_RECORD)
        return native_misfit(call, 0, "a record of labels");
    struct buf out = {0};
    for (size_t i = 0; i < labels->field_count; i++) {
        const struct field *field = &labels->fields[i];
        const char *operator_text;
        const char *text = matcher_text(field->value, &operator_text);
        if (!text || !is_label_name(field->key)) {
            buf_free(&out);
            native_refuse(call, DIAG_NATIVE_ARGUMENT, field->value,
                          text ? "`%s` is no name of a label in Prometheus"
                               : "the label `%s` is no text to match",
                          field->key);
            return NULL;
        }
        buf_printf(&out, "%s%s%s", i ? "," : "", field->key, operator_text);
        add_promql_string(&out, text);
    }
    return native_string(call, &out);
}

/* A call of one function of a target with the arguments as literals. */
static const struct value *target_call(struct native_call *call, const char *dialect, const char *name)
{
    const struct value *argument = call->arguments[0];
    if (!argument)
        return native_misfit(call, 0, "a value");
    const struct expr *literal =
        argument->kind == VALUE_EXPRESSION ? argument->expr : expr_literal(call->arena, dialect, argument);
    origin where = native_origin(call);
    return value_expression(
        call->arena, expr_make(call->arena, EXPR_CALL, dialect, name, &literal, NULL, 1, where), where);
}

const struct value *native_matches(struct native_call *call)
{
    return target_call(call, "promql", "matches");
}

const struct value *native_excludes(struct native_call *call)
{
    return target_call(call, "promql", "excludes");
}

const struct value *native_differs(struct native_call *call)
{
    return target_call(call, "promql", "differs");
}

const struct value *native_jsonencode(struct native_call *call)
{
    return target_call(call, "hcl", "jsonencode");
}
