/* Strings: interpolation, texts with holes of a target, commands with slots. */

#include <string.h>
#include "compiler/node_state.h"
#include "core/text.h"

/* Appends the text of a value that a hole takes; false when it has none. */
static bool hole_text(struct buf *out, const struct value *value)
{
    char number[32];
    switch (value->kind) {
    case VALUE_STRING:
    case VALUE_WORD:
        buf_add(out, value->text, value->length);
        return true;
    case VALUE_INT:
        buf_printf(out, "%lld", (long long)value->integer);
        return true;
    case VALUE_FLOAT:
        buf_add(out, number, text_from_double(value->number, number));
        return true;
    case VALUE_QUANTITY:
        value_print_quantity(out, value);
        return true;
    default:
        return false;
    }
}

/* A string that is being put together: the text so far, and the pieces before it once there is an expression.
 */
struct joined {
    struct buf text;
    struct list_builder pieces;
    bool has_expression;
    origin first; /* of the first hole's value that a user wrote */
};

static void flush(struct evaluator *ev, struct joined *joined, origin where)
{
    if (joined->text.length)
        list_add(&joined->pieces, value_string_n(ev->arena, joined->text.data, joined->text.length, where));
    buf_clear(&joined->text);
}

static void refuse_hole(struct evaluator *ev, const struct value *value, origin where)
{
    struct diag *diag =
        eval_report(ev, DIAG_EVAL_HOLE, where, "a string cannot hold %s", value_kind_name(value));
    if (value->kind == VALUE_NODE)
        diag_help(diag, "write `.name` behind it");
    else if (value->kind == VALUE_LIST)
        diag_help(diag, "write `join(…, \", \")`");
    else if (value->kind == VALUE_NULL)
        diag_help(diag, "the value is absent here: give a default with `??`");
}

static bool add_hole(struct evaluator *ev, struct joined *joined, const struct value *value, origin where)
{
    if (!joined->first && origin_is_user(ev, value->origin))
        joined->first = value->origin;
    if (value->kind == VALUE_EXPRESSION) {
        flush(ev, joined, where);
        list_add(&joined->pieces, value);
        joined->has_expression = true;
        return true;
    }
    if (value->kind == VALUE_TEXT) {
        joined->has_expression = true;
        for (size_t i = 0; i < value->count; i++)
            if (!add_hole(ev, joined, value->items[i], where))
                return false;
        return true;
    }
    if (hole_text(&joined->text, value)) {
        if (joined->text.length <= TEXT_LIMIT)
            return true;
        eval_report(ev, DIAG_EVAL_STEPS, where, "a text has more than %d bytes", TEXT_LIMIT);
        return false;
    }
    refuse_hole(ev, value, where);
    return false;
}

static const struct value *finish(struct evaluator *ev, struct joined *joined, origin where)
{
    if (joined->first && !origin_is_user(ev, where))
        where = joined->first;
    const struct value *value;
    if (joined->has_expression) {
        flush(ev, joined, where);
        value = value_text(ev->arena, joined->pieces.items, joined->pieces.count, where);
    } else {
        value = value_string_n(ev->arena, buf_str(&joined->text), joined->text.length, where);
        ev->output += joined->text.length;
    }
    size_t limit = ev->compilation->limits.output ? ev->compilation->limits.output : (size_t)1 << 30;
    if (ev->output > limit && !ev->stopped) {
        ev->stopped = true;
        eval_report(ev, DIAG_EVAL_STEPS, where, "the texts that are made exceed %zu bytes", limit);
        return NULL;
    }
    return value;
}

const struct value *eval_string(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr)
{
    origin where = eval_origin(ev, scope, expr->span);
    const struct ast_piece *first = expr->pieces;
    if (!first)
        return value_string(ev->arena, "", where);
    if (!first->next && first->text)
        return value_string_n(ev->arena, first->text, first->length, where);
    struct joined joined = {.pieces = list_begin(ev->arena)};
    bool ok = true;
    for (const struct ast_piece *piece = first; piece && ok; piece = piece->next) {
        if (piece->text) {
            buf_add(&joined.text, piece->text, piece->length);
            continue;
        }
        const struct value *value = eval(ev, scope, piece->hole, NULL);
        ok = value && add_hole(ev, &joined, value, eval_origin(ev, scope, piece->hole->span));
    }
    const struct value *value = ok ? finish(ev, &joined, where) : NULL;
    buf_free(&joined.text);
    return value;
}

/* `data.train`, `metrics`: a name and perhaps a field, as a tree of the dialect "slot". */
static const struct expr *slot_form(struct evaluator *ev, struct scope *scope, const struct ast_expr *hole)
{
    origin where = eval_origin(ev, scope, hole->span);
    if (hole->kind == AST_NAME)
        return expr_name(ev->arena, "slot", hole->name.text, where);
    if (hole->kind != AST_FIELD || hole->optional || hole->left->kind != AST_NAME)
        return NULL;
    const struct expr *root = expr_name(ev->arena, "slot", hole->left->name.text, where);
    return expr_make(ev->arena, EXPR_FIELD, "slot", hole->name.text, &root, NULL, 1, where);
}

/* The block in which a command stands. */
static struct node *command_node(const struct scope *scope)
{
    for (; scope; scope = scope->outer)
        if (scope->node)
            return scope->node;
    return NULL;
}

static const struct value *command_hole(struct evaluator *ev, struct scope *scope,
                                        const struct ast_expr *hole)
{
    struct node *node = command_node(scope);
    const struct expr *expr = slot_form(ev, scope, hole);
    const char *root = hole->kind == AST_NAME ? hole->name.text : expr ? hole->left->name.text : NULL;
    bool variable = false;
    for (struct scope *at = scope; at && root && !variable; at = at->outer)
        for (struct binding *binding = at->bindings; binding && !variable; binding = binding->next)
            variable = strcmp(binding->name, root) == 0;
    struct slot slot;
    if (!variable && expr && node) {
        enum slot_answer answer = slot_find(ev, node, expr, &slot);
        if (answer == SLOT_FOUND)
            return value_expression(ev->arena, expr, expr->origin);
        if (answer == SLOT_BAD)
            return NULL;
    }
    return eval(ev, scope, hole, NULL);
}

/* A command is always a text: pieces of text and slots in turn, which each engine fills and quotes. */
const struct value *eval_command(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr)
{
    origin where = eval_origin(ev, scope, expr->span);
    struct joined joined = {.pieces = list_begin(ev->arena), .has_expression = true};
    bool ok = true;
    for (const struct ast_piece *piece = expr->pieces; piece && ok; piece = piece->next) {
        if (piece->text) {
            buf_add(&joined.text, piece->text, piece->length);
            continue;
        }
        const struct value *value = command_hole(ev, scope, piece->hole);
        ok = value && add_hole(ev, &joined, value, eval_origin(ev, scope, piece->hole->span));
    }
    const struct value *value = ok ? finish(ev, &joined, where) : NULL;
    buf_free(&joined.text);
    return value;
}
