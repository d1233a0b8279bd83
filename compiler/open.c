/* Opening a node: reads the blocks that say something about it, weak to strong (a copied block, its own, an
 * environment's overlay), expands `for` and `if` inside, fills the slots of its attributes and makes its
 * children. */

#include <string.h>
#include "compiler/node_state.h"
#include "core/text.h"

struct reader {
    struct evaluator *ev;
    struct node *node;
    struct node_state *state;
    const struct node_source *source;
};

static bool read_items(struct reader *reader, struct scope *scope, const struct ast_item *item);

/* ---- names and keys */

static bool name_is_sound(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > 200 || !text_is_utf8(name, length, NULL))
        return false;
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f || *c == '/' || *c == '@')
            return false;
    return true;
}

const char *name_of_match(struct evaluator *ev, struct scope *scope, const struct match *match)
{
    if (!match->name)
        return "";
    const char *name = match_literal_name(match->name);
    if (!name) {
        const struct value *value = eval(ev, scope, match->name, NULL);
        if (!value)
            return NULL;
        name = value->kind == VALUE_STRING && strlen(value->text) == value->length ? value->text : "";
    }
    if (name_is_sound(name))
        return name;
    eval_report(ev, DIAG_NODE_NAME, eval_origin(ev, scope, match->name->span),
                "the name of a block is a text of 1 to 200 characters without `/` and `@`");
    return NULL;
}

/* A value as the key of a clause: "25%", "push(branch: main)". */
static const char *key_text(struct evaluator *ev, const struct value *value)
{
    struct buf text = {0};
    if (value->kind == VALUE_QUANTITY)
        value_print_quantity(&text, value);
    else if (value_string_or(value, NULL))
        buf_add_str(&text, value->text);
    else
        value_print(&text, value);
    const char *key = arena_copy(ev->arena, buf_str(&text), text.length);
    buf_free(&text);
    return key;
}

static const char *child_key(struct reader *reader, struct scope *scope, const struct match *match)
{
    const struct kind *kind = match->kind;
    if (!kind->key_attribute || !match->key)
        return name_of_match(reader->ev, scope, match);
    const struct attribute *attribute = kind_attribute(kind, kind->key_attribute);
    const struct value *value = eval(reader->ev, scope, match->key, attribute ? attribute->type : NULL);
    return value ? key_text(reader->ev, value) : NULL;
}

const char *removal_key(struct evaluator *ev, const struct removal *removal, const char *head,
                        const struct kind *kind)
{
    const struct ast_expr *call = removal->value;
    if (call->kind != AST_CALL || call->left->kind != AST_NAME || strcmp(call->left->name.text, head) != 0)
        return NULL;
    const struct ast_argument *argument = call->arguments;
    if (!argument || argument->next)
        return NULL;
    const char *literal = match_literal_name(argument->value);
    if (literal)
        return literal;
    const struct attribute *attribute =
        kind && kind->key_attribute ? kind_attribute(kind, kind->key_attribute) : NULL;
    const struct value *value = eval(ev, removal->scope, argument->value, attribute ? attribute->type : NULL);
    return value ? key_text(ev, value) : NULL;
}

/* ---- fills */

static struct fill *new_fill(struct reader *reader, struct scope *scope, const struct match *match,
                             struct span span)
{
    struct fill *fill = arena_alloc(reader->ev->arena, sizeof *fill);
    *fill = (struct fill){.source = reader->source, .match = *match, .span = span, .scope = scope};
    return fill;
}

static void append_fill(struct attribute_slot *slot, struct fill *fill)
{
    if (slot->last)
        slot->last->next = fill;
    else
        slot->fills = fill;
    slot->last = fill;
}

static struct attribute_slot *slot_of(struct reader *reader, const struct attribute *attribute)
{
    size_t place = attribute ? attribute_place(reader->state, attribute->name) : SIZE_MAX;
    return place == SIZE_MAX ? NULL : &reader->state->slots[place];
}

static bool set_value(struct reader *reader, struct scope *scope, const struct match *match, struct span span)
{
    struct attribute_slot *slot = slot_of(reader, match->attribute);
    if (!slot)
        return true;
    if (slot->fills && slot->fills->source == reader->source) {
        struct diag *diag =
            eval_report(reader->ev, DIAG_CLAUSE_DUPLICATE, eval_origin(reader->ev, scope, span),
                        "`%s` is set twice", match->attribute->name);
        diag_secondary(diag, slot->fills->span, "the first time");
        return false;
    }
    slot->fills = slot->last = new_fill(reader, scope, match, span);
    return true;
}

static bool add_statement(struct reader *reader, struct scope *scope, const struct match *match,
                          struct span span)
{
    struct attribute_slot *slot = slot_of(reader, match->attribute);
    if (!slot)
        return true;
    bool copied = slot->fills && slot->fills->source->level == LEVEL_LIKE;
    if (copied && reader->source->level == LEVEL_OWN)
        slot->fills = slot->last = NULL;
    append_fill(slot, new_fill(reader, scope, match, span));
    return true;
}

static struct fill *find_child(struct attribute_slot *slot, const char *key)
{
    for (struct fill *fill = slot->fills; fill; fill = fill->next)
        if (strcmp(fill->key, key) == 0)
            return fill;
    return NULL;
}

static struct node *make_child(struct reader *reader, const struct kind *kind,
                               const struct attribute *attribute, const char *key, origin where,
                               const char *doc)
{
    struct arena *arena = reader->ev->arena;
    const char *last = key[0] ? key : attribute->name;
    const char *path = arena_printf(arena, "%s.%s", reader->state->path, last);
    struct node *child =
        node_make(reader->ev, kind, key, path, reader->node, reader->node->environment, where);
    child->doc = doc;
    return child;
}

static bool twice(struct reader *reader, struct scope *scope, const struct match *match,
                  const struct fill *first, const char *key)
{
    struct diag *diag =
        eval_report(reader->ev, DIAG_CLAUSE_DUPLICATE, eval_origin(reader->ev, scope, match->head_span),
                    "there are two `%s%s%s`", match->head, key[0] ? " " : "", key);
    diag_secondary(diag, first->span, "the first one");
    return false;
}

static bool nothing_to_overlay(struct reader *reader, struct scope *scope, const struct match *match,
                               const struct attribute_slot *slot, const char *key)
{
    struct diag *diag =
        eval_report(reader->ev, DIAG_OVERLAY_NOTHING, eval_origin(reader->ev, scope, match->head_span),
                    "the overlay changes nothing: `%s` has no %s `%s`", reader->node->name, match->head, key);
    struct map *names = map_new(reader->ev->arena);
    for (const struct fill *fill = slot->fills; fill; fill = fill->next)
        map_set(names, fill->key, NULL);
    const char *nearest = map_nearest(names, key);
    if (nearest)
        diag_help(diag, "there is one with a similar name: `%s`", nearest);
    return false;
}

/* `step train { … }`, `split { … }`: a new child, or more about one that a weaker block made. */
static bool add_child(struct reader *reader, struct scope *scope, const struct match *match,
                      const struct ast_item *item)
{
    struct attribute_slot *slot = slot_of(reader, match->attribute);
    bool many = match->status == MATCH_CHILD;
    const char *key = many ? child_key(reader, scope, match) : "";
    if (!slot || !key)
        return slot == NULL;
    struct fill *known = find_child(slot, key);
    if (known && known->source == reader->source)
        return twice(reader, scope, match, known, key);
    enum source_level level = reader->source->level;
    bool named = many && !match->kind->key_attribute;
    if (!known && level == LEVEL_OVERLAY && named && reader->node->environment)
        return nothing_to_overlay(reader, scope, match, slot, key);
    if (!known) {
        known = new_fill(reader, scope, match, item->span);
        known->key = key;
        append_fill(slot, known);
    }
    bool fresh = !known->child || (level == LEVEL_OWN && known->source->level == LEVEL_LIKE);
    if (fresh) {
        struct span span = match->name ? match->name->span : match->key ? match->key->span : match->head_span;
        known->child = make_child(reader, match->kind, match->attribute, key,
                                  eval_origin(reader->ev, scope, span), item->doc);
    }
    known->source = reader->source;
    node_add_source(reader->ev, known->child, level, match, match->block, scope);
    return true;
}

/* ---- control items, overlays */

static bool add_overlay(struct reader *reader, struct scope *scope, const struct match *match,
                        const struct ast_item *item)
{
    const char *name = name_of_match(reader->ev, scope, match);
    if (!name)
        return false;
    struct overlay *overlay = arena_alloc(reader->ev->arena, sizeof *overlay);
    *overlay = (struct overlay){.item = item, .match = *match, .scope = scope, .name = name};
    if (reader->state->last_overlay)
        reader->state->last_overlay->next = overlay;
    else
        reader->state->overlays = overlay;
    reader->state->last_overlay = overlay;
    return true;
}

static void add_removal(struct reader *reader, struct scope *scope, const struct match *match,
                        struct span span)
{
    struct removal *removal = arena_alloc(reader->ev->arena, sizeof *removal);
    *removal = (struct removal){
        .next = reader->state->removals, .value = match->value, .scope = scope, .span = span};
    reader->state->removals = removal;
}

struct reader_turn {
    struct reader *reader;
    const struct ast_block *block;
};

static bool reader_turn(struct evaluator *ev, struct scope *scope, void *context)
{
    (void)ev;
    struct reader_turn *turn = context;
    return read_items(turn->reader, scope, turn->block->items);
}

static bool read_if(struct reader *reader, struct scope *scope, const struct ast_item *item)
{
    for (; item; item = item->other) {
        int condition = item->kind == AST_ELSE ? 1 : eval_condition(reader->ev, scope, item->value);
        if (condition < 0)
            return false;
        if (condition)
            return read_items(reader, scope_new(reader->ev->compilation, scope), item->block->items);
    }
    return true;
}

/* What stands in the block of a component's instance: values of parameters, and overlays of its parts. */
static struct match match_instance(struct reader *reader, const struct ast_item *item)
{
    const struct kind *kind = reader->node->kind;
    struct match match = match_item(&reader->ev->compilation->declarations, kind, item);
    if (kind->component && item->kind == AST_ASSIGN && item->key.text) {
        match.attribute = kind_attribute(kind, item->key.text);
        match.value = item->value;
        match.status = match.attribute ? MATCH_VALUE : MATCH_ERROR;
    } else if (match.status == MATCH_NODE) {
        match.status = MATCH_OVERLAY;
    }
    return match;
}

static bool read_item(struct reader *reader, struct scope *scope, const struct ast_item *item)
{
    struct match match = match_instance(reader, item);
    struct reader_turn context = {reader, item->block};
    struct turn turn = {reader_turn, &context};
    switch (match.status) {
    case MATCH_VALUE:
        return set_value(reader, scope, &match, item->span);
    case MATCH_BLOCK:
    case MATCH_CHILD:
        return add_child(reader, scope, &match, item);
    case MATCH_STATEMENT:
    case MATCH_EXTRA:
        return add_statement(reader, scope, &match, item->span);
    case MATCH_OVERLAY:
        return add_overlay(reader, scope, &match, item);
    case MATCH_WITHOUT:
        add_removal(reader, scope, &match, item->span);
        return true;
    case MATCH_LET: {
        const char *name = match_literal_name(match.name);
        if (name && match.value)
            scope_bind_lazy(scope, name, match.value, NULL);
        return true;
    }
    case MATCH_FOR:
        return eval_binders(reader->ev, scope, item->binders, item->where, turn);
    case MATCH_IF:
        return read_if(reader, scope, item);
    default:
        return true;
    }
}

static bool read_items(struct reader *reader, struct scope *scope, const struct ast_item *item)
{
    bool ok = true;
    for (; item && !reader->ev->stopped; item = item->next)
        ok = read_item(reader, scope, item) && ok;
    return ok;
}

/* ---- a whole node */

/* The parts of the head: `step 25% for 30m`, `column x: float`. They stand outside of the block. */
static void read_head(struct reader *reader)
{
    const struct kind *kind = reader->node->kind;
    const struct match *match = &reader->source->match;
    const char *names[] = {kind->key_attribute, kind->for_attribute, kind->type_attribute};
    const struct ast_expr *values[] = {match->key, match->hold, match->type};
    for (size_t i = 0; i < 3; i++) {
        if (!names[i] || !values[i])
            continue;
        struct match value = {
            .status = MATCH_VALUE, .attribute = kind_attribute(kind, names[i]), .value = values[i]};
        set_value(reader, reader->source->outer, &value, values[i]->span);
    }
}

/* `like = other`: the blocks of the other, weaker than all of this one's own. */
static void read_like(struct evaluator *ev, struct node *node)
{
    struct node_state *state = state_of(node);
    const struct ast_item *found = NULL;
    struct node_source *own = NULL;
    for (struct node_source *source = state->sources; source && !found; source = source->next)
        for (const struct ast_item *item = source->block ? source->block->items : NULL; item;
             item = item->next)
            if (item->kind == AST_ASSIGN && item->key.text && strcmp(item->key.text, "like") == 0) {
                found = item;
                own = source;
            }
    const struct attribute *attribute = found ? kind_attribute(node->kind, "like") : NULL;
    if (!attribute)
        return;
    struct scope *scope = scope_of_node(ev, own->outer, node);
    const struct value *value = eval(ev, scope, found->value, attribute->type);
    if (!value || value->kind != VALUE_NODE || value->node == node)
        return;
    for (struct node_source *source = state_of(value->node)->sources; source; source = source->next) {
        for (const struct ast_item *item = source->block ? source->block->items : NULL; item;
             item = item->next) {
            if (item->kind != AST_ASSIGN || !item->key.text || strcmp(item->key.text, "like") != 0)
                continue;
            struct diag *diag = eval_report(ev, DIAG_LIKE_CHAIN, eval_origin(ev, scope, found->value->span),
                                            "`%s` is itself a copy", value->node->name);
            diag_secondary(diag, item->span, "of this one");
            return;
        }
        node_add_source(ev, node, LEVEL_LIKE, &source->match, source->block, source->outer);
    }
}

static void make_present(struct reader *reader)
{
    for (size_t i = 0; i < reader->state->table->count; i++) {
        const struct attribute *attribute = reader->state->table->attributes[i];
        struct attribute_slot *slot = &reader->state->slots[i];
        if (attribute->form != ATTRIBUTE_BLOCK || slot->fills || attribute->type->kind != TYPE_BLOCK)
            continue;
        struct match match = {.status = MATCH_BLOCK, .attribute = attribute, .kind = attribute->type->of};
        struct fill *fill = new_fill(reader, reader->ev->library, &match, span_none);
        fill->key = "";
        fill->child = make_child(reader, attribute->type->of, attribute, "", reader->node->origin, NULL);
        append_fill(slot, fill);
    }
}

/* `without capture`: as if nobody had given it. */
static bool remove_attribute(struct reader *reader, const struct removal *removal)
{
    const struct ast_expr *value = removal->value;
    const struct attribute *attribute =
        value->kind == AST_NAME ? kind_attribute(reader->node->kind, value->name.text) : NULL;
    struct attribute_slot *slot = slot_of(reader, attribute);
    if (!slot || !slot->fills || attribute->form == ATTRIBUTE_STATEMENT)
        return false;
    slot->fills = slot->last = NULL;
    return true;
}

static void remove_children(struct reader *reader)
{
    for (struct removal *removal = reader->state->removals; removal; removal = removal->next) {
        removal->used = remove_attribute(reader, removal);
        for (size_t i = 0; i < reader->state->table->count; i++) {
            const struct attribute *attribute = reader->state->table->attributes[i];
            if (attribute->form != ATTRIBUTE_MANY)
                continue;
            struct attribute_slot *slot = &reader->state->slots[i];
            const char *key = removal_key(reader->ev, removal, attribute->head, attribute->written->of);
            struct fill **at = &slot->fills;
            slot->last = NULL;
            while (*at) {
                bool gone = key && strcmp((*at)->key, key) == 0;
                removal->used = removal->used || gone;
                if (gone) {
                    *at = (*at)->next;
                } else {
                    slot->last = *at;
                    at = &(*at)->next;
                }
            }
        }
    }
}

static void register_children(struct reader *reader)
{
    for (size_t i = 0; i < reader->state->table->count; i++) {
        enum attribute_form form = reader->state->table->attributes[i]->form;
        if (form != ATTRIBUTE_MANY && form != ATTRIBUTE_BLOCK)
            continue;
        for (struct fill *fill = reader->state->slots[i].fills; fill; fill = fill->next) {
            vec_push(&reader->state->children, fill->child);
            node_register(reader->ev, fill->child);
        }
    }
}

void node_open(struct evaluator *ev, struct node *node)
{
    struct node_state *state = state_of(node);
    if (state->opened)
        return;
    state->opened = true;
    struct frame *frame = ev->frame;
    ev->frame = NULL;
    read_like(ev, node);
    struct reader reader = {ev, node, state, NULL};
    for (const struct node_source *source = state->sources; source; source = source->next) {
        reader.source = source;
        if (source->match.status == MATCH_CHILD)
            read_head(&reader);
        if (source->block)
            read_items(&reader, scope_of_node(ev, source->outer, node), source->block->items);
    }
    remove_children(&reader);
    make_present(&reader);
    register_children(&reader);
    ev->frame = frame;
}
