/* What is wrong with an item that fills no attribute: messages for the one who wrote it. */

#include <string.h>
#include "compiler/check.h"

struct problem {
    struct checker *c;
    const struct kind *kind; /* of the enclosing block; NULL: a file */
    const struct ast_item *item;
    const struct match *match;
};

static struct diag *report(const struct problem *p, enum diag_code code, struct span span,
                           const char *message)
{
    return diag_report(p->c->compilation->diags, code, span, "%s", message);
}

static const char *text(const struct problem *p, const char *format, const char *a, const char *b)
{
    /* Formats of this file only, each with two `%s`. */
    struct buf out = {0};
    for (const char *at = format; *at != '\0'; at++) {
        if (at[0] == '%' && at[1] == 's') {
            buf_add_str(&out, a);
            a = b;
            at++;
        } else {
            buf_add_char(&out, *at);
        }
    }
    char *result = arena_strdup(p->c->arena, buf_str(&out));
    buf_free(&out);
    return result;
}

static const char *place_name(const struct problem *p)
{
    return p->kind == NULL ? "a file" : p->kind->component ? "a component" : p->kind->head;
}

/* How an attribute is written: "`port = …`", "`split { … }`", "`step NAME { … }`", "`on …`". */
static const char *written_form(const struct problem *p, const struct attribute *attribute)
{
    switch (attribute->form) {
    case ATTRIBUTE_BLOCK:
        return text(p, "%s { … }", attribute->name, "");
    case ATTRIBUTE_MANY: {
        const struct kind *kind = attribute->written->of;
        return text(p, kind != NULL && kind->key_attribute != NULL ? "%s VALUE" : "%s NAME { … }",
                    attribute->head, "");
    }
    case ATTRIBUTE_STATEMENT:
        return attribute->head[0] == '\0' ? "a bare condition" : text(p, "%s …", attribute->head, "");
    default:
        return text(p, "%s = …", attribute->name, "");
    }
}

/* ---- unknown words */

static void add_heads(const struct problem *p, struct map *names)
{
    const struct declarations *d = &p->c->compilation->declarations;
    if (p->kind == NULL || p->kind->component || strcmp(p->kind->name, "environment") == 0) {
        for (size_t i = 0; i < map_count(d->kinds); i++) {
            const struct kind *kind = map_at(d->kinds, i)->value;
            bool fits = kind->parent_count == 0 && strncmp(kind->name, "target.", 7) != 0;
            if (fits && (p->kind == NULL || p->kind->component || kind->overlay))
                map_set(names, kind->head, NULL);
        }
    }
    if (p->kind == NULL) {
        static const char *const words[] = {"target", "policy", "component", "import",
                                            "let",    "kind",   "measure",   "fn"};
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            map_set(names, words[i], NULL);
    }
}

static struct map *candidates(const struct problem *p)
{
    struct map *names = map_new(p->c->arena);
    for (size_t i = 0; p->kind != NULL && i < p->kind->attribute_count; i++) {
        const struct attribute *attribute = &p->kind->attributes[i];
        bool by_head = attribute->form == ATTRIBUTE_MANY || attribute->form == ATTRIBUTE_STATEMENT;
        const char *word = by_head ? attribute->head : attribute->name;
        if (word != NULL && word[0] != '\0')
            map_set(names, word, (void *)attribute);
    }
    add_heads(p, names);
    return names;
}

/* The word may be one of a block inside: `cpu` of `resources`, `require` of `gate`. */
static void suggest_inner(const struct problem *p, struct diag *diag)
{
    for (size_t i = 0; p->kind != NULL && !p->kind->component && i < p->kind->attribute_count; i++) {
        const struct attribute *attribute = &p->kind->attributes[i];
        const struct type *block =
            attribute->form == ATTRIBUTE_BLOCK ? check_want(attribute->type, TYPE_BLOCK) : NULL;
        if (block == NULL)
            continue;
        const struct attribute *inner = kind_statement(block->of, p->match->head);
        if (inner == NULL)
            inner = kind_attribute(block->of, p->match->head);
        if (inner == NULL || inner->form == ATTRIBUTE_DERIVED)
            continue;
        diag_help(diag, "it belongs into a block of its own: `%s { %s }`", attribute->name,
                  written_form(p, inner));
        return;
    }
}

static void suggest(const struct problem *p, struct diag *diag)
{
    const char *word = p->match->head;
    struct map *names = candidates(p);
    const char *near = check_nearest(p->c, names, word);
    if (near == NULL) {
        suggest_inner(p, diag);
        return;
    }
    const struct attribute *attribute = map_get(names, near);
    if (attribute == NULL)
        diag_help(diag, "there is a kind with a similar name: `%s`", near);
    else if (attribute->form == ATTRIBUTE_VALUE || attribute->form == ATTRIBUTE_DERIVED)
        diag_help(diag, "there is an attribute with a similar name: `%s` (%s%s)", near,
                  type_text(p->c->compilation, attribute->type),
                  attribute->form == ATTRIBUTE_DERIVED ? ", read only" : "");
    else
        diag_help(diag, "there is one with a similar name: `%s`", written_form(p, attribute));
    if (attribute == NULL || attribute->form != ATTRIBUTE_DERIVED)
        diag_fix(diag, p->match->head_span, true, "%s", near);
}

static void unknown_target(const struct problem *p)
{
    const char *name = match_literal_name(p->item->value);
    struct diag *diag =
        report(p, DIAG_NAMES_UNKNOWN_HEAD, p->item->value != NULL ? p->item->value->span : p->item->span,
               text(p, name == NULL ? "`target` needs a name" : "there is no target `%s`", name, ""));
    diag_label(diag, "unknown target");
    struct map *names = map_new(p->c->arena);
    const struct map *kinds = p->c->compilation->declarations.kinds;
    for (size_t i = 0; i < map_count(kinds); i++)
        if (strncmp(map_at(kinds, i)->key, "target.", 7) == 0)
            map_set(names, map_at(kinds, i)->key + 7, NULL);
    if (name != NULL && p->item->value != NULL)
        check_suggest(p->c, diag, names, name, p->item->value->span, "a target");
}

static void unknown(const struct problem *p)
{
    if (p->match->head == NULL) {
        report(p, DIAG_NAMES_BARE_VALUE, p->item->span, "an item without a name");
        return;
    }
    if (p->kind == NULL && strcmp(p->match->head, "target") == 0) {
        unknown_target(p);
        return;
    }
    bool parameter = p->kind != NULL && p->kind->component && p->item->kind == AST_ASSIGN;
    bool top = (p->kind == NULL || p->kind->component) && !parameter;
    const char *message =
        top ? text(p, "there is no kind `%s`", p->match->head, "")
            : text(p, parameter ? "`%s` has no parameter `%s`" : "`%s` has no attribute `%s`",
                   parameter ? p->kind->name : place_name(p), p->match->head);
    struct diag *diag =
        report(p, top ? DIAG_NAMES_UNKNOWN_HEAD : DIAG_NAMES_UNKNOWN_ATTRIBUTE, p->match->head_span, message);
    diag_label(diag, top ? "unknown kind" : "unknown attribute");
    suggest(p, diag);
}

/* ---- right word, wrong form */

static void assigned_block(const struct problem *p)
{
    struct diag *diag = report(p, DIAG_NAMES_ASSIGNED_BLOCK, p->item->op_span,
                               text(p, "`%s` is a block of attributes, not a record", p->match->head, ""));
    diag_label(diag, "no `=` before a block");
    diag_note(
        diag,
        "the library declares its attributes; record literals are for free maps (params, env, outputs)");
    diag_help(diag, "write `%s { … }`, with `=` behind each attribute; `mlc fix` does it", p->match->head);
    struct span gap = {p->match->head_span.source, p->match->head_span.end, p->match->value->span.start};
    diag_fix(diag, gap, true, " ");
    const struct ast_block *block = p->match->value->block;
    for (const struct ast_item *i = block == NULL ? NULL : block->items; i != NULL; i = i->next)
        if (i->kind == AST_ENTRY && i->op_span.source != 0)
            diag_fix(diag, i->op_span, true, " =");
}

static void block_for_value(const struct problem *p)
{
    const struct attribute *attribute = p->match->attribute;
    const struct type *reference = check_want(attribute->type, TYPE_REFERENCE);
    struct diag *diag = report(p, DIAG_NAMES_BLOCK_FOR_VALUE, p->match->head_span,
                               text(p,
                                    reference != NULL ? "`%s` refers to a %s; its block stands elsewhere"
                                                      : "`%s` takes a value, not a block",
                                    p->match->head, reference != NULL ? reference->of->head : ""));
    diag_label(diag, "expected %s", type_phrase(p->c->compilation, attribute->type));
    if (reference != NULL)
        diag_help(diag, "declare `%s NAME { … }` by itself, and write `%s = NAME` here", reference->of->head,
                  p->match->head);
    else
        diag_help(diag, "write `%s = …`", p->match->head);
}

static void value_for_block(const struct problem *p)
{
    struct diag *diag = report(p, DIAG_NAMES_VALUE_FOR_BLOCK, p->match->head_span,
                               text(p, "`%s` is a block of attributes", p->match->head, ""));
    diag_label(diag, "a value stands here");
    const struct kind *kind = p->match->kind;
    const struct attribute *first = NULL;
    for (size_t i = 0; kind != NULL && first == NULL && i < kind->attribute_count; i++)
        if (kind->attributes[i].required || kind->attributes[i].form == ATTRIBUTE_STATEMENT)
            first = &kind->attributes[i];
    diag_help(diag, "write `%s { %s }`", p->match->head, first == NULL ? "…" : written_form(p, first));
}

static void no_argument(const struct problem *p)
{
    struct span span = p->item->value != NULL ? p->item->value->span : p->match->head_span;
    struct diag *diag =
        report(p, DIAG_NAMES_NO_ARGUMENT, span, text(p, "`%s` takes no argument here", p->match->head, ""));
    diag_label(diag, "nothing stands between `%s` and its block", p->match->head);
    diag_help(diag, "write `%s { … }`", p->match->head);
}

static void no_equals(const struct problem *p)
{
    struct diag *diag = report(p, DIAG_NAMES_NO_EQUALS, p->match->head_span,
                               text(p, "`%s` is an attribute: `=` is missing", p->match->head, ""));
    diag_label(diag, "write `%s = …`", p->match->head);
    if (p->match->value != NULL) {
        struct span gap = {p->match->head_span.source, p->match->head_span.end, p->match->value->span.start};
        diag_fix(diag, gap, true, " = ");
    }
}

static void colon(const struct problem *p)
{
    struct diag *diag = report(p, DIAG_NAMES_COLON, p->item->op_span,
                               text(p, "attributes of a block are written with `=`", "", ""));
    diag_label(diag, "write `%s = …`", p->match->head);
    diag_fix(diag, p->item->op_span, true, " =");
}

static void assigned_statement(const struct problem *p)
{
    const struct attribute *attribute = p->match->attribute;
    struct diag *diag =
        report(p, DIAG_NAMES_STATEMENT_FORM, p->match->head_span,
               text(p, "`%s` is written as `%s`, one by one", p->match->head, written_form(p, attribute)));
    diag_label(diag, "not by `=`");
}

static void no_name(const struct problem *p)
{
    const struct kind *kind = p->match->kind;
    bool key = kind != NULL && kind->key_attribute != NULL;
    struct span span = p->item->value != NULL ? p->item->value->span : p->match->head_span;
    struct diag *diag = report(p, DIAG_NAMES_NO_NAME, span,
                               text(p, key ? "`%s` needs its %s" : "`%s` needs a name", p->match->head,
                                    key ? kind->key_attribute : ""));
    diag_label(diag, p->item->value != NULL ? "no name" : "a name is missing");
    diag_help(diag, key ? "write `%s VALUE`" : "write `%s NAME { … }`", p->match->head);
}

static void no_value(const struct problem *p)
{
    struct diag *diag =
        report(p, DIAG_NAMES_STATEMENT_FORM, p->item->span,
               text(p, "`%s` needs a value", p->match->head == NULL ? "this" : p->match->head, ""));
    diag_label(diag, "nothing follows");
    if (p->match->attribute != NULL)
        diag_help(diag, "it takes %s", type_phrase(p->c->compilation, p->match->attribute->written));
}

static void stray(const struct problem *p, struct span span, const char *what)
{
    struct diag *diag =
        report(p, DIAG_NAMES_STRAY_CLAUSE, span,
               text(p, "`%s` takes no %s", p->match->head == NULL ? "this" : p->match->head, what));
    diag_label(diag, "not here");
}

static struct span clause_span(const struct problem *p)
{
    return p->item->clauses != NULL ? p->item->clauses->span : p->item->span;
}

static void misplaced(const struct problem *p)
{
    const struct kind *kind = p->match->kind;
    struct buf where = {0};
    for (size_t i = 0; i < kind->parent_count; i++)
        buf_printf(&where, "%s`%s`",
                   i == 0                        ? ""
                   : i + 1 == kind->parent_count ? " or "
                                                 : ", ",
                   kind->parents[i]->head);
    const char *places =
        arena_strdup(p->c->arena, kind->parent_count == 0 ? "the top level of a file" : buf_str(&where));
    buf_free(&where);
    struct diag *diag = report(p, DIAG_NAMES_MISPLACED, p->match->head_span,
                               text(p, "`%s` stands in %s", kind->head, places));
    diag_label(diag, "not in %s",
               p->kind == NULL ? "a file" : arena_printf(p->c->arena, "`%s`", place_name(p)));
    suggest(p, diag);
}

static void bare_value(const struct problem *p)
{
    bool entry = p->item->kind == AST_ASSIGN || p->item->kind == AST_ENTRY;
    if (entry) {
        struct diag *diag =
            report(p, DIAG_NAMES_BARE_VALUE, p->match->head_span,
                   text(p, "%s holds blocks and declarations, no attribute `%s`",
                        p->kind == NULL ? "a file" : "the body of a component", p->match->head));
        diag_label(diag, "an attribute of what?");
        diag_help(diag,
                  p->kind == NULL ? "put it into a block, or write `let %s = …`"
                                  : "give it to a block inside: `%s = …`",
                  p->match->head);
        return;
    }
    struct diag *diag = report(p, DIAG_NAMES_BARE_VALUE, p->item->span,
                               text(p, "a value without a word before it, in %s", place_name(p), ""));
    diag_label(diag, "what about it?");
    for (size_t i = 0; p->kind != NULL && i < p->kind->attribute_count; i++) {
        const struct attribute *attribute = &p->kind->attributes[i];
        bool predicate = attribute->form == ATTRIBUTE_STATEMENT && attribute->written->kind == TYPE_PREDICATE;
        if (!predicate)
            continue;
        diag_help(diag, "write `%s …`", attribute->head);
        return;
    }
}

void check_item_problem(struct checker *c, const struct kind *kind, const struct ast_item *item,
                        const struct match *match)
{
    struct problem p = {c, kind, item, match};
    switch (match->problem) {
    case MATCH_OK:
        return;
    case MATCH_UNKNOWN:
        unknown(&p);
        return;
    case MATCH_DERIVED: {
        struct diag *diag =
            report(&p, DIAG_NAMES_DERIVED, match->head_span,
                   text(&p, "`%s` follows from other attributes and is never written", match->head, ""));
        diag_label(diag, "read only");
        return;
    }
    case MATCH_ASSIGNED_BLOCK:
        assigned_block(&p);
        return;
    case MATCH_BLOCK_FOR_VALUE:
        block_for_value(&p);
        return;
    case MATCH_VALUE_FOR_BLOCK:
        value_for_block(&p);
        return;
    case MATCH_NO_ARGUMENT:
        no_argument(&p);
        return;
    case MATCH_NO_EQUALS:
        no_equals(&p);
        return;
    case MATCH_COLON:
        colon(&p);
        return;
    case MATCH_ASSIGNED_STATEMENT:
        assigned_statement(&p);
        return;
    case MATCH_NO_NAME:
        no_name(&p);
        return;
    case MATCH_NO_VALUE:
        no_value(&p);
        return;
    case MATCH_NO_TYPE:
        stray(&p, item->type != NULL ? item->type->span : item->span, "type");
        return;
    case MATCH_NO_DEFAULT:
        stray(&p, item->default_value != NULL ? item->default_value->span : item->span,
              "`= value` behind its name");
        return;
    case MATCH_STATEMENT_BLOCK:
        stray(&p, item->block->span, "block");
        return;
    case MATCH_NO_HOLD:
        stray(&p, item->value != NULL ? item->value->op_span : item->span, "`for`");
        return;
    case MATCH_NO_WHEN:
        stray(&p, clause_span(&p), "`when`");
        return;
    case MATCH_NO_ELSE:
        stray(&p, clause_span(&p), "`else`");
        return;
    case MATCH_MISPLACED:
        misplaced(&p);
        return;
    case MATCH_BARE_VALUE:
        bare_value(&p);
        return;
    case MATCH_SPREAD: {
        struct diag *diag =
            report(&p, DIAG_NAMES_SPREAD, item->span, "a block of attributes takes no spread");
        diag_label(diag, "not in a block");
        diag_help(diag, "write `like = OTHER` to take the attributes of another node");
        return;
    }
    }
}
