/* Bodies: the items of a function, a record or a file, read by what the declared result asks for: entries of
 * a record, elements of a list, blocks, or one value. */

#include <string.h>
#include "compiler/evaluator/body.h"

/* How a body is read, and the type of its elements, by the declared result. */
static enum body_mode body_mode_of(const struct type *result, const struct type **element)
{
    *element = NULL;
    if (!result)
        return BODY_VALUE;
    switch (result->kind) {
    case TYPE_OPTIONAL:
        return body_mode_of(result->element, element);
    case TYPE_RECORD:
    case TYPE_DOCUMENT:
    case TYPE_CLOSED:
        return BODY_RECORD;
    case TYPE_MAP:
        *element = result->element;
        return BODY_RECORD;
    case TYPE_LIST:
        *element = result->element;
        return BODY_LIST;
    case TYPE_BLOCKS:
        return BODY_BLOCKS;
    default:
        *element = result;
        return BODY_VALUE;
    }
}

static const struct type *field_type(const struct type *record, const char *name)
{
    const struct type *closed = type_alternative(record, TYPE_CLOSED);
    for (size_t i = 0; closed && i < closed->field_count; i++)
        if (strcmp(closed->fields[i].name, name) == 0)
            return closed->fields[i].type;
    const struct type *map = type_alternative(record, TYPE_MAP);
    return map ? map->element : NULL;
}

static bool refuse(struct evaluator *ev, struct scope *scope, struct span span, const char *text)
{
    eval_report(ev, DIAG_EVAL_BODY, eval_origin(ev, scope, span), "%s", text);
    return false;
}

const struct value *eval_require(struct evaluator *ev, struct scope *scope, const struct ast_item *item)
{
    const struct value *condition = eval(ev, scope, item->value, NULL);
    if (!condition)
        return NULL;
    if (condition->kind == VALUE_BOOL && condition->boolean)
        return condition;
    if (condition->kind != VALUE_BOOL) {
        diag_help(eval_report(ev, DIAG_EVAL_OPERANDS, eval_origin(ev, scope, item->value->span),
                              "a requirement is true or false, not %s", value_kind_name(condition)),
                  "compare it with something: `x != null`, `x > 0`");
        return NULL;
    }
    const struct ast_clause *otherwise = item->clauses;
    const struct value *text = otherwise ? eval(ev, scope, otherwise->values, NULL) : NULL;
    origin where = condition->origin;
    if (!origin_is_user(ev, where))
        where = eval_origin(ev, scope, item->value->span);
    eval_report(ev, DIAG_EVAL_REQUIRE, where, "%s",
                text ? value_string_or(text, "a requirement does not hold") : "a requirement does not hold");
    return NULL;
}

static bool bind_let(struct evaluator *ev, struct scope *scope, const struct ast_item *item)
{
    if (!item->value || item->value->kind != AST_NAME || !item->default_value)
        return refuse(ev, scope, item->span, "a variable is written `let name = value`");
    const struct value *value = eval(ev, scope, item->default_value, NULL);
    scope_bind(scope, item->value->name.text, value);
    return value != NULL;
}

static const char *entry_key(struct evaluator *ev, struct scope *scope, const struct ast_item *item)
{
    if (!item->key_expr)
        return item->key.text;
    const struct value *key = eval(ev, scope, item->key_expr, NULL);
    if (key && (key->kind != VALUE_STRING || strlen(key->text) != key->length)) {
        refuse(ev, scope, item->key_expr->span, "a key is a text that is known when mlc runs");
        return NULL;
    }
    return key ? key->text : NULL;
}

/* Words become strings where documents are made: no writer knows words. */
static const struct value *document_value(struct evaluator *ev, const struct value *value)
{
    if (value->kind == VALUE_WORD)
        return value_with_marks(ev->arena, value_string(ev->arena, value->text, value->origin), value->marks);
    return value;
}

/* A written key may override one of a spread, not another written one. While nothing was spread, all are
 * written. */
static bool put_entry(struct evaluator *ev, struct body *body, const char *key, origin where,
                      const struct value *value)
{
    bool twice = body->written && map_has(body->written, key);
    size_t before = body->record.count;
    if (!twice)
        record_set_at(&body->record, key, where, value);
    if (twice || (!body->written && body->record.count == before)) {
        eval_report(ev, DIAG_EVAL_DUPLICATE_KEY, where, "the key `%s` is set twice", key);
        return false;
    }
    if (body->written)
        map_set(body->written, key, NULL);
    return true;
}

static void put_spread(struct evaluator *ev, struct body *body, const struct value *value)
{
    if (!body->written) {
        body->written = map_new(ev->arena);
        for (size_t i = 0; i < body->record.count; i++)
            map_set(body->written, body->record.fields[i].key, NULL);
    }
    for (size_t i = 0; i < value->field_count; i++)
        record_set_at(&body->record, value->fields[i].key, value->fields[i].key_origin,
                      value->fields[i].value);
}

static bool add_entry(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                      struct body *body)
{
    const char *key = entry_key(ev, scope, item);
    if (!key || !item->value)
        return key != NULL && refuse(ev, scope, item->span, "an entry is written `key: value`");
    const struct type *want = body->element ? field_type(body->element, key) : NULL;
    const struct value *value = eval(ev, scope, item->value, want);
    if (!value)
        return false;
    if (item->optional && value->kind == VALUE_NULL)
        return true;
    if (!want)
        value = document_value(ev, value);
    origin where = eval_origin(ev, scope, item->key.span);
    if (body->mode == BODY_BLOCKS) {
        struct field fields[] = {{"key", where, value_string(ev->arena, key, where)},
                                 {"value", where, value}};
        list_add(&body->list, value_record(ev->arena, fields, 2, where));
        return true;
    }
    return put_entry(ev, body, key, where, value);
}

static bool add_spread(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                       struct body *body)
{
    const struct value *value = eval(ev, scope, item->value, NULL);
    if (!value || value->kind == VALUE_NULL)
        return value != NULL;
    bool lists = body->mode == BODY_LIST || body->mode == BODY_BLOCKS;
    if (!eval_spend(ev, value->kind == VALUE_LIST ? value->count : value->field_count, value->origin))
        return false;
    if (lists && value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->count; i++)
            list_add(&body->list, value->items[i]);
        return true;
    }
    if (body->mode == BODY_RECORD && value->kind == VALUE_RECORD) {
        put_spread(ev, body, value);
        return true;
    }
    eval_report(ev, DIAG_EVAL_BODY, eval_origin(ev, scope, item->span), "`...` cannot put %s here",
                value_kind_name(value));
    return false;
}

static bool add_value(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                      struct body *body)
{
    const struct type *want = body->mode == BODY_RECORD ? NULL : body->element;
    const struct value *value = eval(ev, scope, item->value, want);
    if (!value)
        return false;
    if (body->mode == BODY_LIST || body->mode == BODY_BLOCKS) {
        if (value->kind == VALUE_LIST && !eval_spend(ev, value->count, value->origin))
            return false;
        if (value->kind == VALUE_LIST)
            for (size_t i = 0; i < value->count; i++)
                list_add(&body->list, value->items[i]);
        else if (value->kind != VALUE_NULL)
            list_add(&body->list, want ? value : document_value(ev, value));
        return true;
    }
    if (body->value)
        return refuse(ev, scope, item->span, "a second value: the body has one already");
    body->value = value;
    return true;
}

/* The labels of a block: `resource aws_s3_bucket[b]` has two, `provider aws` one. */
static bool add_labels(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                       struct list_builder *labels)
{
    origin where = eval_origin(ev, scope, expr->span);
    if (expr->kind == AST_NAME) {
        list_add(labels, value_string(ev->arena, expr->name.text, where));
        return true;
    }
    const struct ast_expr *name = expr->kind == AST_INDEX ? expr->right : expr;
    if (expr->kind == AST_INDEX && !add_labels(ev, scope, expr->left, labels))
        return false;
    const struct value *value = eval(ev, scope, name, NULL);
    const struct native *tf_name = native_find("tf_name");
    if (value && value->kind == VALUE_NODE && tf_name) {
        struct native_call call = {ev->compilation, ev->arena, &value, 1, where, value->node};
        value = tf_name->run(&call);
    }
    if (value && !value_string_or(value, NULL))
        return refuse(ev, scope, name->span, "the label of a block is a name, a text or a node");
    if (value)
        list_add(labels, value);
    return value != NULL;
}

static bool add_block(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                      struct body *body)
{
    if (!item->block || body->mode != BODY_BLOCKS)
        return refuse(ev, scope, item->span,
                      body->mode == BODY_BLOCKS ? "a block is written `name label { … }`"
                                                : "a block stands here, where entries or values are made");
    origin where = eval_origin(ev, scope, item->span);
    struct list_builder labels = list_begin(ev->arena);
    if (item->value && !add_labels(ev, scope, item->value, &labels))
        return false;
    struct body inner = {.mode = BODY_BLOCKS, .list = list_begin(ev->arena)};
    if (!body_items(ev, scope_new(ev->compilation, scope), item->block->items, &inner))
        return false;
    struct field fields[] = {
        {"type", where, value_string(ev->arena, item->key.text, where)},
        {"labels", where, list_end(&labels, where)},
        {"body", where, list_end(&inner.list, where)},
    };
    list_add(&body->list, value_record(ev->arena, fields, 3, where));
    return true;
}

/* `spec { … }` of an `extra`: an entry, which HCL writes as a block. */
static bool add_open(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                     struct body *body)
{
    static const struct marks block = {.block = true};
    const char *name = item->value ? match_literal_name(item->value) : NULL;
    if (item->value && (!name || !body->outermost))
        return refuse(ev, scope, item->value->span, "a block of an `extra` is written `key { … }`");
    const char *key = name ? arena_printf(ev->arena, "%s/%s", item->key.text, name) : item->key.text;
    origin where = eval_origin(ev, scope, item->key.span);
    const struct value *value = eval_extra(ev, scope, item->block, false, eval_origin(ev, scope, item->span));
    if (!value)
        return false;
    if (value->kind == VALUE_RECORD)
        value = value_with_marks(ev->arena, value, &block);
    return put_entry(ev, body, key, where, value);
}

static bool statement(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                      struct body *body)
{
    const char *head = item->key.text;
    if (!head)
        return refuse(ev, scope, item->span, "this is no item of a body");
    if (strcmp(head, "let") == 0 && !item->block)
        return bind_let(ev, scope, item);
    if (strcmp(head, "require") == 0 && item->value && !item->block)
        return eval_require(ev, scope, item) != NULL;
    if (body->open && item->block)
        return add_open(ev, scope, item, body);
    return add_block(ev, scope, item, body);
}

struct body_turn {
    const struct ast_block *block;
    struct body *body;
};

static bool body_turn(struct evaluator *ev, struct scope *scope, void *context)
{
    struct body_turn *turn = context;
    return body_items(ev, scope, turn->block->items, turn->body);
}

static bool conditional(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                        struct body *body)
{
    for (; item; item = item->other) {
        int condition = item->kind == AST_ELSE ? 1 : eval_condition(ev, scope, item->value);
        if (condition < 0)
            return false;
        if (condition)
            return body_items(ev, scope_new(ev->compilation, scope), item->block->items, body);
    }
    return true;
}

static bool one_item(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                     struct body *body)
{
    struct body_turn context = {item->block, body};
    struct turn turn = {body_turn, &context};
    switch (item->kind) {
    case AST_ENTRY:
        if (body->mode == BODY_RECORD)
            return add_entry(ev, scope, item, body);
        return refuse(ev, scope, item->span,
                      body->mode == BODY_BLOCKS ? "an argument of a block is written `key = value`"
                                                : "an entry stands here, where values are made");
    case AST_ASSIGN:
        if (body->mode == BODY_BLOCKS)
            return add_entry(ev, scope, item, body);
        return refuse(ev, scope, item->op_span, "an entry of a record is written `key: value`");
    case AST_SPREAD:
        return add_spread(ev, scope, item, body);
    case AST_STATEMENT:
        return statement(ev, scope, item, body);
    case AST_VALUE:
        return add_value(ev, scope, item, body);
    case AST_FOR:
        return eval_binders(ev, scope, item->binders, item->where, turn);
    case AST_IF_ITEM:
        return conditional(ev, scope, item, body);
    case AST_ELSE:
    case AST_ERROR_ITEM:
        return false;
    }
    return false;
}

/* A `require` or a failed `let` ends the body: what follows it may rely on them. */
static bool ends_body(const struct ast_item *item)
{
    return item->kind == AST_STATEMENT && !item->block;
}

bool body_items(struct evaluator *ev, struct scope *scope, const struct ast_item *item, struct body *body)
{
    bool ok = true;
    for (; item && !ev->stopped; item = item->next) {
        if (one_item(ev, scope, item, body))
            continue;
        ok = false;
        if (ends_body(item))
            break;
    }
    return ok && !ev->stopped;
}

static const struct value *finish(struct evaluator *ev, struct scope *scope, struct body *body,
                                  const struct ast_block *block, origin where)
{
    if (body->mode == BODY_LIST || body->mode == BODY_BLOCKS)
        return list_end(&body->list, where);
    if (body->mode == BODY_RECORD && !body->value)
        return record_end(&body->record, where);
    if (body->mode == BODY_RECORD && body->record.count) {
        refuse(ev, scope, block->span, "a body makes entries or one value, not both");
        return NULL;
    }
    return body->value ? body->value : value_null(ev->arena, where);
}

static struct body body_begin(struct evaluator *ev, enum body_mode mode, const struct type *element)
{
    struct body body = {.mode = mode, .element = element};
    if (mode == BODY_RECORD)
        body.record = record_begin(ev->arena);
    if (mode == BODY_LIST || mode == BODY_BLOCKS)
        body.list = list_begin(ev->arena);
    return body;
}

/* True when the body gives its list or record as one expression: `fn f(): [T] = g(x)`. */
static bool is_single_value(const struct ast_block *block)
{
    const struct ast_item *item = block->items;
    return item && !item->next && item->kind == AST_VALUE && item->span.start == block->span.start;
}

const struct value *eval_body(struct evaluator *ev, struct scope *scope, const struct ast_block *block,
                              const struct type *result, origin where)
{
    if (is_single_value(block)) {
        const struct value *value = eval(ev, scope, block->items->value, result);
        return value;
    }
    const struct type *element;
    enum body_mode mode = body_mode_of(result, &element);
    if (mode == BODY_RECORD)
        element = result;
    struct body body = body_begin(ev, mode, element);
    origin own = eval_origin(ev, scope, block->span);
    bool ok = body_items(ev, scope, block->items, &body);
    return ok ? finish(ev, scope, &body, block, own ? own : where) : NULL;
}

const struct value *eval_record(struct evaluator *ev, struct scope *scope, const struct ast_block *block,
                                const struct type *want, origin where)
{
    struct body body = body_begin(ev, BODY_RECORD, want);
    if (!body_items(ev, scope_new(ev->compilation, scope), block->items, &body))
        return NULL;
    return finish(ev, scope, &body, block, where);
}

const struct value *eval_extra(struct evaluator *ev, struct scope *scope, const struct ast_block *block,
                               bool outermost, origin where)
{
    struct body body = body_begin(ev, BODY_RECORD, NULL);
    body.open = true;
    body.outermost = outermost;
    if (!body_items(ev, scope_new(ev->compilation, scope), block->items, &body))
        return NULL;
    return finish(ev, scope, &body, block, where);
}
