/* What the natives share: arguments, refusals, origins. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "compiler/natives_support.h"

const struct value *native_argument(const struct native_call *call, size_t index)
{
    if (index >= call->count || !call->arguments[index] || call->arguments[index]->kind == VALUE_NULL)
        return NULL;
    return call->arguments[index];
}

const char *native_text(const struct native_call *call, size_t index)
{
    return value_string_or(native_argument(call, index), NULL);
}

bool native_items(const struct native_call *call, size_t index, const struct value *const **items,
                  size_t *count)
{
    const struct value *list = native_argument(call, index);
    *items = NULL;
    *count = 0;
    if (!list)
        return true;
    if (list->kind != VALUE_LIST)
        return false;
    *items = list->items;
    *count = list->count;
    return true;
}

/* True if the span itself, not that of a parent, lies in a user's source. */
static bool is_users(const struct native_call *call, origin where)
{
    if (!where || !call->compilation->origins || !call->compilation->sources)
        return false;
    struct span span = origin_span(call->compilation->origins, where);
    const struct source *source = source_of(call->compilation->sources, span.source);
    return source && source->role == SOURCE_USER;
}

static origin users_origin(const struct native_call *call, const struct value *value, int depth)
{
    if (!value || depth > 4)
        return 0;
    if (is_users(call, value->origin))
        return value->origin;
    if (value->kind == VALUE_NODE && is_users(call, value->node->origin))
        return value->node->origin;
    if (value->kind != VALUE_LIST && value->kind != VALUE_TEXT)
        return 0;
    for (size_t i = 0; i < value->count; i++) {
        origin found = users_origin(call, value->items[i], depth + 1);
        if (found)
            return found;
    }
    return 0;
}

origin native_value_origin(const struct native_call *call, const struct value *value)
{
    return users_origin(call, value, 0);
}

origin native_origin(const struct native_call *call)
{
    for (size_t i = 0; i < call->count; i++) {
        origin found = users_origin(call, call->arguments[i], 0);
        if (found)
            return found;
    }
    return call->where;
}

struct diag *native_refuse(const struct native_call *call, enum diag_code code, const struct value *at,
                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(call->arena, format, args);
    va_end(args);
    origin where = native_value_origin(call, at);
    if (!where)
        where = native_origin(call);
    return diag_report_at(call->compilation->diags, code, call->compilation->origins,
                          call->compilation->sources, where, "%s", message);
}

const struct value *native_misfit(const struct native_call *call, size_t index, const char *expected)
{
    const struct value *found = index < call->count ? call->arguments[index] : NULL;
    native_refuse(call, DIAG_NATIVE_ARGUMENT, found, "expected %s, found %s", expected,
                  found ? value_kind_name(found) : "nothing");
    return NULL;
}

const struct value *native_member(const struct native_call *call, const struct value *value, const char *name)
{
    if (!value)
        return NULL;
    if (value->kind == VALUE_RECORD || value->kind == VALUE_VARIANT)
        return value_get(value, name);
    if (value->kind != VALUE_NODE)
        return NULL;
    struct node *node = value->node;
    if (!strcmp(name, "name"))
        return value_string(call->arena, node->name, node->origin);
    if (!strcmp(name, "id"))
        return value_string(call->arena, node->id, node->origin);
    if (!node->kind || !kind_attribute(node->kind, name))
        return NULL;
    return node_get(node, name);
}

const struct value *native_string(const struct native_call *call, struct buf *text)
{
    const struct value *result =
        value_string_n(call->arena, buf_str(text), text->length, native_origin(call));
    buf_free(text);
    return result;
}

bool native_name_of(const struct value *value, struct buf *out)
{
    if (!value)
        return false;
    switch ((enum value_kind)value->kind) {
    case VALUE_STRING:
    case VALUE_WORD:
        buf_add(out, value->text, value->length);
        return true;
    case VALUE_INT:
        buf_printf(out, "%lld", (long long)value->integer);
        return true;
    case VALUE_BOOL:
        buf_add_str(out, value->boolean ? "true" : "false");
        return true;
    case VALUE_VARIANT:
        buf_add_str(out, value->name);
        return true;
    case VALUE_NODE:
        buf_add_str(out, value->node->name[0] ? value->node->name : value->node->id);
        return true;
    case VALUE_QUANTITY:
        value_print_quantity(out, value);
        return true;
    default:
        return false;
    }
}

bool native_amount(const struct value *value, double *amount)
{
    if (!value)
        return false;
    if (value->kind == VALUE_INT)
        *amount = (double)value->integer;
    else if (value->kind == VALUE_FLOAT || value->kind == VALUE_QUANTITY)
        *amount = value->number;
    else
        return false;
    return true;
}

static int by_id(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct node *)a)->id, ((const struct node *)b)->id);
}

void native_sort_nodes(struct vec *nodes)
{
    vec_sort(nodes, by_id, NULL);
    size_t kept = 0;
    for (size_t i = 0; i < nodes->count; i++)
        if (!kept || nodes->items[kept - 1] != nodes->items[i])
            nodes->items[kept++] = nodes->items[i];
    nodes->count = kept;
}

const struct value *native_node_list(const struct native_call *call, struct vec *nodes)
{
    native_sort_nodes(nodes);
    struct list_builder list = list_begin(call->arena);
    for (size_t i = 0; i < nodes->count; i++) {
        struct node *node = nodes->items[i];
        list_add(&list, value_node(call->arena, node, node->origin));
    }
    return list_end(&list, native_origin(call));
}

const char *native_show(const struct native_call *call, const struct value *value)
{
    struct buf text = {0};
    if (value && value->kind == VALUE_QUANTITY)
        value_print_quantity(&text, value);
    else if (value)
        value_print(&text, value);
    const char *shown = arena_strdup(call->arena, buf_str(&text));
    buf_free(&text);
    return shown;
}
