/* Running the templates of a backend: `template NAME { file "path" { documents } }` over the finished graph.
 */

#include <string.h>
#include "compiler/evaluator/body.h"
#include "compiler/node_state.h"
#include "core/text.h"

struct run {
    struct vec *files;
    struct map *paths; /* path -> struct generated */
};

static bool template_items(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                           struct run *run);

struct template_turn {
    const struct ast_block *block;
    struct run *run;
};

static bool template_turn(struct evaluator *ev, struct scope *scope, void *context)
{
    struct template_turn *turn = context;
    return template_items(ev, scope, turn->block->items, turn->run);
}

static bool refuse(struct evaluator *ev, struct scope *scope, struct span span, const char *text)
{
    eval_report(ev, DIAG_EVAL_BODY, eval_origin(ev, scope, span), "%s", text);
    return false;
}

/* Words become strings where they leave the language: no writer knows words. The value itself when it has
 * none. */
static const struct value *without_words(struct evaluator *ev, const struct value *value);

static const struct value *items_without_words(struct evaluator *ev, const struct value *list)
{
    const struct value **items = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct value *item = without_words(ev, list->items[i]);
        if (item == list->items[i])
            continue;
        if (!items) {
            items = arena_array(ev->arena, list->count, sizeof *items);
            memcpy(items, list->items, list->count * sizeof *items);
        }
        items[i] = item;
    }
    if (!items)
        return list;
    return value_with_marks(ev->arena, value_list(ev->arena, items, list->count, list->origin), list->marks);
}

static const struct value *fields_without_words(struct evaluator *ev, const struct value *record)
{
    struct field *fields = NULL;
    for (size_t i = 0; i < record->field_count; i++) {
        const struct value *value = without_words(ev, record->fields[i].value);
        if (value == record->fields[i].value)
            continue;
        if (!fields) {
            fields = arena_array(ev->arena, record->field_count, sizeof *fields);
            memcpy(fields, record->fields, record->field_count * sizeof *fields);
        }
        fields[i].value = value;
    }
    if (!fields)
        return record;
    const struct value *copy = value_record(ev->arena, fields, record->field_count, record->origin);
    return value_with_marks(ev->arena, copy, record->marks);
}

static const struct value *without_words(struct evaluator *ev, const struct value *value)
{
    if (value->kind == VALUE_WORD)
        return value_with_marks(ev->arena, value_string(ev->arena, value->text, value->origin), value->marks);
    if (value->kind == VALUE_LIST)
        return items_without_words(ev, value);
    return value->kind == VALUE_RECORD ? fields_without_words(ev, value) : value;
}

/* The node of the first call argument that is one: for whom an item of a file makes its documents. */
static struct node *owner_of(struct evaluator *ev, const struct value *document)
{
    return map_get_n(ev->owners, (const char *)&document, sizeof document);
}

static void keep(struct evaluator *ev, struct generated *file, const struct value *document,
                 struct node *fallback)
{
    struct node *owner = owner_of(ev, document);
    owner = owner ? owner : fallback;
    vec_push(&file->documents, (void *)without_words(ev, document));
    vec_push(&file->owners, owner);
    if (!file->node)
        file->node = owner;
}

static bool path_is_sound(const char *path)
{
    if (!path[0] || path[0] == '/' || strstr(path, "\\") || strlen(path) > 1000)
        return false;
    for (const char *at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
        size_t length = strcspn(at, "/");
        if (length == 0 || (length == 1 && at[0] == '.') || (length == 2 && at[0] == '.' && at[1] == '.'))
            return false;
    }
    return true;
}

/* Entries make one record, `key = value` and blocks make blocks, anything else is documents. */
static enum body_mode file_mode(const struct ast_item *item)
{
    for (; item; item = item->next) {
        if (item->kind == AST_ENTRY)
            return BODY_RECORD;
        if (item->kind == AST_ASSIGN || (item->kind == AST_STATEMENT && item->block))
            return BODY_BLOCKS;
    }
    return BODY_LIST;
}

static bool fill_file(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                      struct generated *file)
{
    struct body body = {.mode = file_mode(item->block->items)};
    body.list = list_begin(ev->arena);
    body.record = record_begin(ev->arena);
    if (!body_items(ev, scope_new(ev->compilation, scope), item->block->items, &body))
        return false;
    if (body.mode == BODY_RECORD)
        keep(ev, file, record_end(&body.record, eval_origin(ev, scope, item->block->span)), NULL);
    for (size_t i = 0; i < body.list.count; i++)
        keep(ev, file, body.list.items[i], NULL);
    return true;
}

/* The innermost loop variable that is a node: what a file belongs to when no document says it. */
static struct node *loop_node(const struct scope *scope)
{
    for (; scope; scope = scope->outer)
        for (const struct binding *binding = scope->bindings; binding; binding = binding->next)
            if (binding->value && binding->value->kind == VALUE_NODE)
                return binding->value->node;
    return NULL;
}

/* Leads with whom the second one is made for: its loop says, or else its documents. */
static bool made_twice(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                       const struct generated *first, struct generated *second)
{
    if (!second->node)
        fill_file(ev, scope, item, second);
    struct node *one = first->node, *other = second->node;
    struct frame frame = {ev->frame, other ? other : ev->frame->subject,
                          other ? other->origin : ev->frame->parent};
    ev->frame = &frame;
    struct diag *diag = eval_report(ev, DIAG_TEMPLATE_PATH, eval_origin(ev, scope, item->value->span),
                                    "the file `%s` is made twice", second->path);
    ev->frame = frame.caller;
    if (other && other != one)
        diag_label(diag, "the second one is made for this");
    if (one)
        diag_secondary(diag, origin_span(ev->compilation->origins, one->origin),
                       one == other ? "both are made for this" : "the first one is made for this");
    return false;
}

static bool make_file(struct evaluator *ev, struct scope *scope, const struct ast_item *item, struct run *run)
{
    const struct value *path = item->value ? eval(ev, scope, item->value, NULL) : NULL;
    if (!path || !item->block)
        return item->value && item->block
                   ? false
                   : refuse(ev, scope, item->span, "a file is written `file \"path\" { … }`");
    if (path->kind != VALUE_STRING || !path_is_sound(path->text))
        return refuse(ev, scope, item->value->span, "a path is a text, relative, without `.` and `..`");
    struct generated *file = arena_alloc(ev->arena, sizeof *file);
    *file = (struct generated){.path = path->text, .origin = path->origin};
    file->documents = vec_in(ev->arena);
    file->owners = vec_in(ev->arena);
    const struct generated *first = map_get(run->paths, path->text);
    struct node *node = file->node = loop_node(scope);
    if (first)
        return made_twice(ev, scope, item, first, file);
    file->node = NULL;
    struct frame frame = {ev->frame, node ? node : ev->frame->subject,
                          node ? node->origin : ev->frame->parent};
    ev->frame = &frame;
    bool ok = fill_file(ev, scope, item, file);
    ev->frame = frame.caller;
    if (!ok)
        return false;
    if (!file->node)
        file->node = node;
    map_set(run->paths, path->text, file);
    vec_push(run->files, file);
    return true;
}

static bool template_if(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                        struct run *run)
{
    for (; item; item = item->other) {
        int condition = item->kind == AST_ELSE ? 1 : eval_condition(ev, scope, item->value);
        if (condition < 0)
            return false;
        if (condition)
            return template_items(ev, scope_new(ev->compilation, scope), item->block->items, run);
    }
    return true;
}

static bool template_let(struct evaluator *ev, struct scope *scope, const struct ast_item *item)
{
    if (!item->value || item->value->kind != AST_NAME || !item->default_value)
        return refuse(ev, scope, item->span, "a variable is written `let name = value`");
    const struct value *value = eval(ev, scope, item->default_value, NULL);
    scope_bind(scope, item->value->name.text, value);
    return value != NULL;
}

static bool template_item(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                          struct run *run)
{
    struct template_turn context = {item->block, run};
    struct turn turn = {template_turn, &context};
    const char *head = item->kind == AST_STATEMENT ? item->key.text : NULL;
    if (item->kind == AST_FOR)
        return eval_binders(ev, scope, item->binders, item->where, turn);
    if (item->kind == AST_IF_ITEM)
        return template_if(ev, scope, item, run);
    if (head && strcmp(head, "file") == 0)
        return make_file(ev, scope, item, run);
    if (head && strcmp(head, "let") == 0)
        return template_let(ev, scope, item);
    if (head && strcmp(head, "require") == 0 && item->value)
        return eval_require(ev, scope, item) != NULL;
    return refuse(ev, scope, item->span, "a template makes files: `file \"path\" { … }`");
}

static bool template_items(struct evaluator *ev, struct scope *scope, const struct ast_item *item,
                           struct run *run)
{
    bool ok = true;
    for (; item && !ev->stopped; item = item->next) {
        if (template_item(ev, scope, item, run))
            continue;
        ok = false;
        if (item->kind == AST_STATEMENT && !item->block)
            break; /* what follows a failed `require` or `let` may rely on it */
    }
    return ok && !ev->stopped;
}

bool evaluate_template(struct compilation *compilation, const char *backend, struct vec *files)
{
    struct evaluator *ev = evaluator_of(compilation);
    struct node *target = graph_find(compilation->graph, arena_printf(ev->arena, "target/%s", backend));
    const struct ast_block *block = map_get(compilation->declarations.templates, backend);
    origin where = target ? target->origin : 0;
    if (!block) {
        eval_report(ev, DIAG_TEMPLATE_MISSING, where, "there are no templates for the target `%s` yet",
                    backend);
        return false;
    }
    struct frame frame = {.subject = NULL, .parent = where};
    struct run run = {files, map_new(ev->arena)};
    const struct value *outer_target = ev->target;
    ev->frame = &frame;
    ev->owners = map_new(ev->arena);
    ev->target = target ? value_node(ev->arena, target, target->origin) : NULL;
    bool ok = template_items(ev, scope_new(compilation, ev->library), block->items, &run);
    ev->target = outer_target;
    ev->frame = NULL;
    ev->owners = NULL;
    return ok;
}

size_t evaluate_steps(struct compilation *compilation)
{
    return evaluator_of(compilation)->steps;
}
