/* Blocks of a spec against the attributes of their kind. */

#include <string.h>
#include "compiler/check.h"

/* A block being read. */
struct reading {
    struct outline *node;
    const struct ast_item **given; /* by place of the attribute: the first item that fills it */
    struct map *children;          /* "attribute/name" of children, to find two of one name */
};

static size_t place_of(const struct kind *kind, const struct attribute *attribute)
{
    return (size_t)(attribute - kind->attributes);
}

static void mark_given(struct checker *c, struct reading *r, const struct match *match,
                       const struct ast_item *item)
{
    const struct ast_item **slot = &r->given[place_of(r->node->kind, match->attribute)];
    bool once = match->attribute->form == ATTRIBUTE_VALUE || match->attribute->form == ATTRIBUTE_BLOCK;
    if (*slot != NULL && once && (*slot)->span.start != item->span.start) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_ATTRIBUTE_TWICE, match->head_span,
                                        "`%s` is given twice", match->head);
        diag_label(diag, "given again");
        diag_secondary(diag, (*slot)->span, "given first");
    }
    if (*slot == NULL)
        *slot = item;
}

static struct check_scope *value_scope(struct checker *c, struct check_scope *s,
                                       const struct attribute *attribute)
{
    struct check_scope *inner = check_scope_new(c, s->outer);
    *inner = *s;
    if (s->block != NULL || s->outer == NULL)
        inner->attribute = attribute;
    else /* the variables of a `let` or a loop stand inside the block */
        inner->outer = value_scope(c, s->outer, attribute);
    return inner;
}

/* ---- actions behind `else` */

static void check_actions(struct checker *c, struct check_scope *s, const struct ast_clause *clauses)
{
    const struct type *action = type_find(c->compilation, "action", span_none);
    for (; clauses != NULL; clauses = clauses->next) {
        if (clauses->kind != AST_CLAUSE_ELSE)
            continue;
        check_expr(c, s, clauses->values, action);
        for (const struct ast_argument *a = clauses->more; a != NULL; a = a->next)
            if (a->value != NULL)
                check_expr(c, s, a->value, action);
    }
}

static void check_statement(struct checker *c, struct check_scope *s, const struct match *match)
{
    struct check_scope *inner = value_scope(c, s, match->attribute);
    if (match->attribute->written->kind == TYPE_PREDICATE) {
        check_predicate(c, inner, match->attribute, match->value);
        check_actions(c, inner, match->clauses);
    } else {
        check_expr(c, inner, match->value, match->attribute->written);
    }
}

/* ---- children and blocks */

static struct outline *base_of_block(struct checker *c, const struct outline *node, const struct match *match)
{
    struct match earlier;
    if (node->base == NULL || outline_item(c, node->base, match->attribute->name, &earlier) == NULL)
        return NULL;
    struct outline *base = arena_alloc(c->arena, sizeof *base);
    *base = (struct outline){.kind = earlier.kind,
                             .block = earlier.block,
                             .parent = (struct outline *)node->base,
                             .span = earlier.head_span};
    return base;
}

static void check_inner(struct checker *c, struct check_scope *s, struct reading *r,
                        const struct match *match)
{
    struct outline *inner = outline_new(c, match->kind, match, r->node);
    if (match->status == MATCH_BLOCK)
        inner->base = base_of_block(c, r->node, match);
    bool outer = c->partial;
    c->partial = outer && (match->status != MATCH_BLOCK || inner->base != NULL);
    check_block(c, s, inner);
    c->partial = outer;
}

static void check_key(struct checker *c, struct check_scope *s, const struct kind *kind,
                      const char *attribute, const struct ast_expr *value)
{
    const struct attribute *key = attribute == NULL ? NULL : kind_attribute(kind, attribute);
    if (key == NULL || value == NULL)
        return;
    if (check_want(key->type, TYPE_COLUMN_TYPE) != NULL)
        check_column_type(c, s, value);
    else
        check_expr(c, s, value, key->written);
}

static void check_child_twice(struct checker *c, struct reading *r, const struct match *match,
                              bool conditional)
{
    const char *name = match_literal_name(match->name);
    if (name == NULL || conditional)
        return;
    const char *key = arena_printf(c->arena, "%s/%s", match->attribute->name, name);
    const struct ast_expr *earlier = map_get(r->children, key);
    if (earlier == NULL) {
        map_set(r->children, key, (void *)match->name);
        return;
    }
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_NODE_TWICE, match->name->span,
                                    "%s `%s` is declared twice", match->kind->head, name);
    diag_label(diag, "declared again");
    diag_secondary(diag, earlier->span, "declared first");
}

static void check_head(struct checker *c, struct check_scope *s, const struct match *match)
{
    if (match->name != NULL && match->name->kind == AST_STRING)
        check_type(c, s, match->name, type_scalar(c->compilation, TYPE_STRING));
    check_key(c, s, match->kind, match->kind->key_attribute, match->key);
    check_key(c, s, match->kind, match->kind->for_attribute, match->hold);
    check_key(c, s, match->kind, match->kind->type_attribute, match->type);
}

/* ---- overlays */

static void check_overlay(struct checker *c, struct check_scope *s, const struct match *match)
{
    struct outline *overlay = outline_new(c, match->kind, match, NULL);
    struct outline *base = overlay->name == NULL ? NULL : outline_find(c, match->kind, overlay->name);
    if (base == NULL && overlay->name != NULL && !outline_is_open(c, match->kind, overlay->name)) {
        struct diag *diag =
            diag_report(c->compilation->diags, DIAG_NAMES_OVERLAY_NOTHING, overlay->span,
                        "the overlay changes nothing: there is no %s `%s`", match->kind->head, overlay->name);
        diag_label(diag, "no such %s", match->kind->head);
        const struct map *names = outline_names(c, match->kind);
        if (names != NULL)
            check_suggest(c, diag, names, overlay->name, overlay->span, "one");
    }
    check_head(c, s, match);
    overlay->base = base;
    bool outer = c->partial;
    c->partial = true;
    check_block(c, s, overlay);
    c->partial = outer;
}

/* The part of a component that an instance's block changes. */
static struct outline *part_of(struct checker *c, const struct kind *component, const struct match *wanted)
{
    const char *name = match_literal_name(wanted->name);
    for (const struct ast_item *item = component->body->items; item != NULL; item = item->next) {
        struct match match = match_item(&c->compilation->declarations, component, item);
        const char *own = match_literal_name(match.name);
        bool same = match.status == MATCH_NODE && match.kind == wanted->kind &&
                    (own == NULL) == (name == NULL) && (own == NULL || strcmp(own, name) == 0);
        if (same)
            return outline_new(c, match.kind, &match, NULL);
    }
    return NULL;
}

static void check_part(struct checker *c, struct check_scope *s, const struct kind *component,
                       const struct match *match)
{
    struct outline *overlay = outline_new(c, match->kind, match, NULL);
    overlay->base = part_of(c, component, match);
    if (overlay->base == NULL) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_OVERLAY_NOTHING, overlay->span,
                                        "the overlay changes nothing: `%s` has no such %s", component->name,
                                        match->kind->head);
        diag_label(diag, "no such part");
        diag_secondary(diag, component->span, "its parts stand here");
        return;
    }
    bool outer = c->partial;
    c->partial = true;
    check_block(c, s, overlay);
    c->partial = outer;
}

static void check_without(struct checker *c, struct check_scope *s, struct reading *r,
                          const struct match *match)
{
    (void)s;
    const struct ast_expr *value = match->value;
    if (!c->partial) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_WITHOUT, match->head_span,
                                        "`without` stands in the overlay of an environment");
        diag_label(diag, "nothing to take away from");
        return;
    }
    const char *head = value->kind == AST_CALL && value->left->kind == AST_NAME ? value->left->name.text
                       : value->kind == AST_NAME                                ? value->name.text
                                                                                : NULL;
    bool known = head != NULL &&
                 (kind_statement(r->node->kind, head) != NULL || kind_attribute(r->node->kind, head) != NULL);
    if (known || value->kind == AST_INVALID)
        return;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_NAMES_WITHOUT, value->span,
                    "`without` names what to take away: `without step(25%%)`, `without capture`");
    diag_label(diag, "`%s` has nothing of that name", r->node->kind->head);
}

/* ---- items */

static void check_items(struct checker *c, struct check_scope *s, struct reading *r,
                        const struct ast_block *block, bool conditional);

static void check_extra(struct checker *c, struct check_scope *s, const struct match *match)
{
    const char *target = match_literal_name(match->name);
    const char *kind = target == NULL ? NULL : arena_printf(c->arena, "target.%s", target);
    if (kind == NULL || !map_has(c->compilation->declarations.kinds, kind)) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_HEAD,
                                        match->name == NULL ? match->head_span : match->name->span,
                                        "`extra` is for a target: `extra kubernetes { … }`");
        diag_label(diag, "no target");
    }
    check_extra_record(c, s, match->block, true);
}

static void check_if_item(struct checker *c, struct check_scope *s, struct reading *r,
                          const struct ast_item *item)
{
    if (item->kind == AST_ELSE) {
        check_items(c, s, r, item->block, true);
        return;
    }
    check_condition(c, s, item->value);
    check_items(c, check_assume(c, s, item->value, true), r, item->block, true);
    if (item->other != NULL)
        check_if_item(c, check_assume(c, s, item->value, false), r, item->other);
}

/* A reason says something. */
static void check_allow(struct checker *c, const struct match *match)
{
    const char *text =
        match->value == NULL || match->value->kind != AST_STRING ? NULL : match_literal_name(match->value);
    if (text == NULL || strcmp(match->attribute->name, "allow") != 0 || text[strspn(text, " ")] != '\0')
        return;
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_EMPTY_ALLOW, match->value->span,
                                    "`allow` gives no reason");
    diag_label(diag, "say why it is right here");
}

static void check_attribute(struct checker *c, struct check_scope *s, struct reading *r,
                            const struct match *match, const struct ast_item *item, bool conditional)
{
    if (!conditional)
        mark_given(c, r, match, item);
    else if (r->given[place_of(r->node->kind, match->attribute)] == NULL)
        r->given[place_of(r->node->kind, match->attribute)] = item;
    check_allow(c, match);
    switch (match->status) {
    case MATCH_VALUE:
        check_expr(c, value_scope(c, s, match->attribute), match->value, match->attribute->written);
        break;
    case MATCH_BLOCK:
        check_inner(c, s, r, match);
        break;
    case MATCH_CHILD:
        check_child_twice(c, r, match, conditional);
        check_head(c, s, match);
        check_inner(c, s, r, match);
        break;
    default:
        check_statement(c, s, match);
    }
}

static void check_item(struct checker *c, struct check_scope **s, struct reading *r,
                       const struct ast_item *item, bool conditional)
{
    struct match match = match_item(&c->compilation->declarations, r->node->kind, item);
    switch (match.status) {
    case MATCH_VALUE:
    case MATCH_BLOCK:
    case MATCH_CHILD:
    case MATCH_STATEMENT:
        check_attribute(c, *s, r, &match, item, conditional);
        break;
    case MATCH_OVERLAY:
        check_overlay(c, *s, &match);
        break;
    case MATCH_NODE:
        check_part(c, *s, r->node->kind, &match);
        break;
    case MATCH_EXTRA:
        check_extra(c, *s, &match);
        break;
    case MATCH_WITHOUT:
        check_without(c, *s, r, &match);
        break;
    case MATCH_LET:
        check_common_item(c, s, item);
        break;
    case MATCH_FOR:
        check_items(c, check_binders(c, *s, item->binders, item->where), r, item->block, true);
        break;
    case MATCH_IF:
        check_if_item(c, *s, r, item);
        break;
    case MATCH_ERROR:
        check_item_problem(c, r->node->kind, item, &match);
        break;
    default:
        break;
    }
}

static void check_items(struct checker *c, struct check_scope *s, struct reading *r,
                        const struct ast_block *block, bool conditional)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next)
        check_item(c, &s, r, item, conditional);
}

/* ---- the whole block */

static const char *sample_of(struct checker *c, const struct attribute *attribute)
{
    const struct type *reference = check_want(attribute->type, TYPE_REFERENCE);
    if (reference != NULL)
        return arena_printf(c->arena, "`%s = NAME` (%s)", attribute->name,
                            type_phrase(c->compilation, attribute->type));
    return arena_printf(c->arena, "`%s = …` (%s)", attribute->name,
                        type_phrase(c->compilation, attribute->type));
}

static void report_missing(struct checker *c, const struct reading *r)
{
    struct outline *node = r->node;
    if (c->partial || outline_gives(c, node, "like"))
        return;
    for (size_t i = 0; i < node->kind->attribute_count; i++) {
        const struct attribute *attribute = &node->kind->attributes[i];
        const char *name = attribute->name;
        bool by_head = (node->kind->key_attribute != NULL && strcmp(name, node->kind->key_attribute) == 0) ||
                       (node->kind->type_attribute != NULL && strcmp(name, node->kind->type_attribute) == 0);
        if (!attribute->required || r->given[i] != NULL || by_head)
            continue;
        struct diag *diag =
            diag_report(c->compilation->diags, DIAG_NAMES_MISSING_ATTRIBUTE, node->span,
                        "%s%s%s%s needs `%s`", node->kind->head, node->name == NULL ? "" : " `",
                        node->name == NULL ? "" : node->name, node->name == NULL ? "" : "`", name);
        diag_label(diag, "`%s` is missing", name);
        diag_help(diag, "add %s", sample_of(c, attribute));
    }
}

static void report_planned(struct checker *c, const struct outline *node)
{
    if (!node->kind->planned)
        return;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_NAMES_PLANNED, node->span,
                    "`%s` is checked, and no target makes anything of it yet", node->kind->head);
    diag_label(diag, "planned");
}

/* What is written and nothing reads: said at its line, so that nobody relies on it. */
static void report_planned_attributes(struct checker *c, const struct reading *r)
{
    const struct kind *kind = r->node->kind;
    for (size_t i = 0; i < kind->attribute_count && !kind->planned; i++) {
        if (!kind->attributes[i].planned || r->given[i] == NULL)
            continue;
        struct diag *diag =
            diag_report(c->compilation->diags, DIAG_NAMES_PLANNED, r->given[i]->span,
                        "`%s` is checked, and nothing makes use of it yet", kind->attributes[i].name);
        diag_label(diag, "planned");
    }
}

void check_block(struct checker *c, struct check_scope *outer, struct outline *node)
{
    struct check_scope *s = check_scope_new(c, outer);
    s->block = node;
    s->self = type_reference(c->compilation, node->kind);
    struct reading r = {.node = node,
                        .given = arena_array(c->arena, node->kind->attribute_count + 1, sizeof *r.given),
                        .children = map_new(c->arena)};
    check_items(c, s, &r, node->block, false);
    report_missing(c, &r);
    report_planned(c, node);
    report_planned_attributes(c, &r);
}
