/* The project as its text shows it: which nodes there are by kind and name, what their blocks write. Names
 * that are computed (loops, components with computed names) leave their kind open: what cannot be known here
 * is the evaluator's to report. */

#include <string.h>
#include "compiler/check.h"

/* ---- nodes by kind and name */

static struct map *names_of(struct checker *c, const struct kind *kind)
{
    struct map *names = map_get(c->nodes, kind->name);
    if (names == NULL) {
        names = map_new(c->arena);
        map_set(c->nodes, kind->name, names);
    }
    return names;
}

struct outline *outline_find(const struct checker *c, const struct kind *kind, const char *name)
{
    const struct map *names = map_get(c->nodes, kind->name);
    return names == NULL ? NULL : map_get(names, name);
}

const struct map *outline_names(const struct checker *c, const struct kind *kind)
{
    return map_get(c->nodes, kind->name);
}

/* A hole in a computed name; so many parts of components are entered by name, and no more. */
enum { HOLE = '\001', PART_LIMIT = 100000 };

/* `pattern` has holes, each of which may be anything: the last hole takes more until the rest fits. */
static bool fits_pattern(const char *pattern, const char *name)
{
    const char *hole = NULL, *taken = NULL;
    while (*name != '\0') {
        if (*pattern == HOLE) {
            hole = pattern++;
            taken = name;
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (hole != NULL) {
            pattern = hole + 1;
            name = ++taken;
        } else {
            return false;
        }
    }
    while (*pattern == HOLE)
        pattern++;
    return *pattern == '\0';
}

bool outline_is_open(const struct checker *c, const struct kind *kind, const char *name)
{
    const struct map *patterns = map_get(c->open_kinds, kind->name);
    if (c->parts > PART_LIMIT)
        return true;
    for (size_t i = 0; patterns != NULL && i < map_count(patterns); i++)
        if (fits_pattern(map_at(patterns, i)->key, name))
            return true;
    return false;
}

/* The text of a name, with a HOLE for each part that is computed. */
static const char *name_pattern(struct checker *c, const struct ast_expr *name)
{
    const char *literal = match_literal_name(name);
    if (literal != NULL || name == NULL || name->kind != AST_STRING)
        return literal;
    const char *text = "";
    for (const struct ast_piece *piece = name->pieces; piece != NULL; piece = piece->next)
        text = arena_printf(c->arena, "%s%.*s", text, piece->hole != NULL ? 1 : (int)piece->length,
                            piece->hole != NULL ? "\001" : piece->text);
    return text;
}

struct outline *outline_new(struct checker *c, const struct kind *kind, const struct match *match,
                            struct outline *parent)
{
    struct outline *node = arena_alloc(c->arena, sizeof *node);
    node->kind = kind;
    node->name = match_literal_name(match->name);
    node->span = match->name != NULL ? match->name->span : match->head_span;
    node->block = match->block;
    node->type = match->type;
    node->parent = parent;
    return node;
}

static void report_twice(struct checker *c, const struct outline *node, const struct outline *earlier)
{
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_NODE_TWICE, node->span,
                                    "%s `%s` is declared twice", node->kind->head, node->name);
    diag_label(diag, "declared again");
    diag_secondary(diag, earlier->span, "declared first");
}

static void enter_pattern(struct checker *c, const struct kind *kind, const char *pattern)
{
    struct map *patterns = map_get(c->open_kinds, kind->name);
    if (patterns == NULL) {
        patterns = map_new(c->arena);
        map_set(c->open_kinds, kind->name, patterns);
    }
    map_set(patterns, pattern, NULL);
}

/* `uncertain`: under `for` or `if`, where two blocks of one name need not meet. */
static void enter(struct checker *c, struct outline *node, const char *name, bool uncertain)
{
    if (strchr(name, HOLE) != NULL) {
        enter_pattern(c, node->kind, name);
        return;
    }
    node->name = name;
    struct map *names = names_of(c, node->kind);
    struct outline *earlier = map_get(names, name);
    if (earlier == NULL)
        map_set(names, name, node);
    else if (!uncertain &&
             (earlier->span.start != node->span.start || earlier->span.source != node->span.source))
        report_twice(c, node, earlier);
}

static void add_items(struct checker *c, const struct ast_item *items, const char *instance, bool uncertain);

/* A component that contains itself is reported when it is expanded; here its parts would never end. */
static void add_parts(struct checker *c, const struct kind *component, const char *name)
{
    enum { DEEPEST = 16 };
    if (c->component_depth == DEEPEST || c->parts > PART_LIMIT || component->body == NULL)
        return;
    c->component_depth++;
    c->parts += component->body->item_count;
    add_items(c, component->body->items, name, false);
    c->component_depth--;
}

/* `instance`: the name of the component's instance that the block is a part of: "demand-de" for its unnamed
 * part, "demand-de-api" for `service api`. NULL: the project's own. */
static void add_node(struct checker *c, const struct match *match, const char *instance, bool uncertain)
{
    struct outline *node = outline_new(c, match->kind, match, NULL);
    const char *name = name_pattern(c, match->name);
    if (instance != NULL)
        name =
            match->name == NULL || name == NULL ? instance : arena_printf(c->arena, "%s-%s", instance, name);
    if (name == NULL)
        return;
    if (match->kind->component)
        add_parts(c, match->kind, name);
    else if (match->kind->named)
        enter(c, node, name, uncertain);
}

static void add_items(struct checker *c, const struct ast_item *items, const char *instance, bool uncertain)
{
    for (const struct ast_item *item = items; item != NULL; item = item->next) {
        struct match match = match_item(&c->compilation->declarations, NULL, item);
        if (match.status == MATCH_ERROR && match.problem == MATCH_NO_NAME && match.kind != NULL &&
            instance != NULL)
            add_node(c, &match, instance, uncertain);
        else if (match.status == MATCH_NODE)
            add_node(c, &match, instance, uncertain);
        else if (item->kind == AST_FOR && item->block != NULL)
            add_items(c, item->block->items, instance, true);
        for (const struct ast_item *i = item; i != NULL && (i->kind == AST_IF_ITEM || i->kind == AST_ELSE);
             i = i->other)
            if (i->block != NULL)
                add_items(c, i->block->items, instance, true);
    }
}

void outline_project(struct checker *c)
{
    const struct vec *items = &c->compilation->declarations.items;
    for (size_t i = 0; i < items->count; i++) {
        struct ast_item alone = *(const struct ast_item *)items->items[i];
        alone.next = NULL;
        add_items(c, &alone, NULL, false);
    }
}

/* ---- what a block writes */

static const struct ast_item *find_in(struct checker *c, const struct kind *kind,
                                      const struct ast_item *items, const char *attribute,
                                      struct match *match)
{
    for (const struct ast_item *item = items; item != NULL; item = item->next) {
        *match = match_item(&c->compilation->declarations, kind, item);
        if (match->status != MATCH_ERROR && match->attribute != NULL &&
            strcmp(match->attribute->name, attribute) == 0)
            return item;
        const struct ast_item *found = NULL;
        if (item->kind == AST_FOR && item->block != NULL)
            found = find_in(c, kind, item->block->items, attribute, match);
        for (const struct ast_item *i = item;
             found == NULL && i != NULL && (i->kind == AST_IF_ITEM || i->kind == AST_ELSE); i = i->other)
            if (i->block != NULL)
                found = find_in(c, kind, i->block->items, attribute, match);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* The node that this one is `like`, one step. */
static struct outline *model_of(struct checker *c, const struct outline *node)
{
    struct match match;
    if (node->block == NULL || find_in(c, node->kind, node->block->items, "like", &match) == NULL)
        return NULL;
    const char *name = match_literal_name(match.value);
    return name == NULL ? NULL : outline_find(c, node->kind, name);
}

struct found_item {
    const struct ast_item *item; /* NULL: none */
    struct match match;
};

static struct found_item find_item(struct checker *c, const struct outline *node, const char *attribute)
{
    struct found_item found = {0};
    for (; node != NULL && found.item == NULL; node = node->base) {
        if (node->block != NULL)
            found.item = find_in(c, node->kind, node->block->items, attribute, &found.match);
        const struct outline *model = found.item != NULL ? NULL : model_of(c, node);
        if (model != NULL && model->block != NULL)
            found.item = find_in(c, model->kind, model->block->items, attribute, &found.match);
    }
    return found;
}

const struct ast_item *outline_item(struct checker *c, struct outline *node, const char *attribute,
                                    struct match *match)
{
    if (node->items == NULL)
        node->items = map_new(c->arena);
    struct found_item *found = map_get(node->items, attribute);
    if (found == NULL) {
        found = arena_alloc(c->arena, sizeof *found);
        *found = find_item(c, node, attribute);
        map_set(node->items, attribute, found);
    }
    *match = found->match;
    return found->item;
}

bool outline_gives(struct checker *c, struct outline *node, const char *attribute)
{
    struct match match;
    return outline_item(c, node, attribute, &match) != NULL;
}

/* ---- children */

static void add_children(struct checker *c, const struct kind *kind, const struct ast_item *items,
                         const char *attribute, struct outline *parent, struct map *names, bool *open)
{
    for (const struct ast_item *item = items; item != NULL; item = item->next) {
        struct match match = match_item(&c->compilation->declarations, kind, item);
        bool child = match.status == MATCH_CHILD && strcmp(match.attribute->name, attribute) == 0;
        const char *name = child ? match_literal_name(match.name) : NULL;
        if (name != NULL && !map_has(names, name))
            map_set(names, name, outline_new(c, match.kind, &match, parent));
        *open = *open || (child && name == NULL);
        if (item->kind == AST_FOR && item->block != NULL)
            add_children(c, kind, item->block->items, attribute, parent, names, open);
        for (const struct ast_item *i = item; i != NULL && (i->kind == AST_IF_ITEM || i->kind == AST_ELSE);
             i = i->other)
            if (i->block != NULL)
                add_children(c, kind, i->block->items, attribute, parent, names, open);
    }
}

struct found_children {
    struct map *names;
    bool open;
};

static void find_children(struct checker *c, struct outline *node, const char *attribute,
                          struct found_children *found)
{
    struct match match;
    for (struct outline *at = node; at != NULL; at = at->base) {
        if (at->block != NULL)
            add_children(c, at->kind, at->block->items, attribute, at, found->names, &found->open);
        struct outline *model = model_of(c, at);
        if (model != NULL && model->block != NULL)
            add_children(c, model->kind, model->block->items, attribute, model, found->names, &found->open);
        else if (model == NULL && at->block != NULL &&
                 find_in(c, at->kind, at->block->items, "like", &match) != NULL)
            found->open = true;
    }
}

struct map *outline_children(struct checker *c, struct outline *node, const char *attribute, bool *open)
{
    if (node->children == NULL)
        node->children = map_new(c->arena);
    struct found_children *found = map_get(node->children, attribute);
    if (found == NULL) {
        found = arena_alloc(c->arena, sizeof *found);
        found->names = map_new(c->arena);
        find_children(c, node, attribute, found);
        map_set(node->children, attribute, found);
    }
    *open = *open || found->open;
    return found->names;
}

/* ---- the way to a dataset */

struct outline *outline_around(const struct check_scope *s, const char *kind)
{
    for (; s != NULL; s = s->outer)
        if (s->block != NULL && s->block->kind != NULL && strcmp(s->block->kind->name, kind) == 0)
            return s->block;
    return NULL;
}

struct outline *outline_reference(struct checker *c, struct outline *node, const char *attribute)
{
    struct match match;
    if (node == NULL || outline_item(c, node, attribute, &match) == NULL)
        return NULL;
    const char *name = match.value != NULL && match.value->kind == AST_NAME ? match.value->name.text : NULL;
    const struct type *reference = check_want(match.attribute->type, TYPE_REFERENCE);
    return name == NULL || reference == NULL ? NULL : outline_find(c, reference->of, name);
}

static struct outline *outline_component(const struct check_scope *s)
{
    for (; s != NULL; s = s->outer)
        if (s->block != NULL && s->block->kind != NULL && s->block->kind->component)
            return s->block;
    return NULL;
}

/* The dataset that an instance of a component is given. */
static struct outline *instance_dataset(struct checker *c, struct outline *instance)
{
    for (size_t i = 0; i < instance->kind->attribute_count; i++) {
        const struct type *reference = check_want(instance->kind->attributes[i].type, TYPE_REFERENCE);
        if (reference != NULL && strcmp(reference->of->name, "dataset") == 0)
            return outline_reference(c, instance, instance->kind->attributes[i].name);
    }
    return NULL;
}

struct outline *outline_dataset(struct checker *c, const struct check_scope *s)
{
    struct outline *dataset = outline_around(s, "dataset");
    if (dataset != NULL)
        return dataset;
    struct outline *instance = outline_component(s);
    if (instance != NULL)
        return instance_dataset(c, instance);
    struct outline *truth = outline_around(s, "truth");
    if (truth != NULL)
        return outline_reference(c, truth, "from");
    struct outline *model = outline_around(s, "model");
    struct outline *service = outline_around(s, "service");
    struct outline *monitor = outline_around(s, "monitor");
    if (service == NULL && monitor != NULL)
        service = outline_reference(c, monitor, "watch");
    if (model == NULL && service != NULL)
        model = outline_reference(c, service, "model");
    return model == NULL ? NULL : outline_reference(c, model, "data");
}

struct map *outline_columns(struct checker *c, struct outline *dataset, bool *open)
{
    return outline_children(c, dataset, "columns", open);
}
