/* Record and list literals. */

#include <string.h>
#include "compiler/check.h"

/* A record being read. */
struct reading {
    const struct type *closed;  /* wanted fields; NULL: any */
    const struct type *element; /* wanted of every entry; NULL: none */
    bool document;              /* values must be data */
    bool open;                  /* of an `extra`: `key { … }` is an entry */
    bool outermost;             /* … and its keys may be `Kind name` */
    struct type_field *fields;
    size_t count, capacity;
    bool computed;             /* some keys are computed: a map */
    const struct type *common; /* of the values under computed keys */
    const struct type *value;  /* a bare value instead of entries */
};

static void add_field(struct checker *c, struct reading *r, const char *name, const struct type *type,
                      bool optional)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->fields[i].name, name) == 0) {
            r->fields[i].type = type_common(c->compilation, r->fields[i].type, type);
            r->fields[i].optional = r->fields[i].optional && optional;
            return;
        }
    if (r->count == r->capacity) {
        size_t capacity = r->capacity == 0 ? 8 : r->capacity * 2;
        struct type_field *fields = arena_array(c->arena, capacity, sizeof *fields);
        if (r->count > 0)
            memcpy(fields, r->fields, r->count * sizeof *fields);
        r->fields = fields;
        r->capacity = capacity;
    }
    r->fields[r->count++] = (struct type_field){.name = name, .type = type, .optional = optional};
}

/* ---- entries */

static const struct type_field *wanted_field(struct checker *c, const struct reading *r,
                                             const struct ast_item *item)
{
    const struct type_field *field = type_field_named(r->closed, item->key.text);
    if (field != NULL)
        return field;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_TYPE_KEY_UNKNOWN, item->key.span, "%s has no field `%s`",
                    type_phrase(c->compilation, r->closed), item->key.text);
    diag_label(diag, "unknown field");
    struct map *names = map_new(c->arena);
    for (size_t i = 0; i < r->closed->field_count; i++)
        map_set(names, r->closed->fields[i].name, NULL);
    check_suggest(c, diag, names, item->key.text, item->key.span, "a field");
    return NULL;
}

static bool may_be_data(const struct type *type)
{
    switch (type->kind) {
    case TYPE_REFERENCE:
    case TYPE_BLOCK:
    case TYPE_ANY_NODE:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_RATE:
    case TYPE_PERCENT:
    case TYPE_RANGE:
    case TYPE_BLOCKS:
    case TYPE_PREDICATE:
    case TYPE_COMMAND:
        return false;
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_OPTIONAL:
        return may_be_data(type->element);
    case TYPE_CLOSED:
        for (size_t i = 0; i < type->field_count; i++)
            if (!may_be_data(type->fields[i].type))
                return false;
        return true;
    case TYPE_UNION:
        for (size_t i = 0; i < type->member_count; i++)
            if (!may_be_data(type->members[i]))
                return false;
        return true;
    default:
        return true;
    }
}

void check_data(struct checker *c, const struct ast_expr *expr, const struct type *type)
{
    if (may_be_data(type))
        return;
    struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_DATA, expr->span,
                                    "a document cannot hold %s", type_phrase(c->compilation, type));
    diag_label(diag, "%s", type_text(c->compilation, type));
    if (type_is_node(type))
        diag_help(diag, "say what is meant: `.name`, or `id(…)`");
    else if (type->kind == TYPE_DURATION)
        diag_help(diag, "write it out: `seconds(d)`, `go_duration(d)`, `prom_duration(d)`");
    else if (type->kind == TYPE_SIZE)
        diag_help(diag, "write it out: `k8s_size(s)`");
}

static void check_presence(struct checker *c, const struct ast_item *item, const struct type *type,
                           bool field_optional)
{
    bool absent = type_is_optional(type);
    if (type->kind == TYPE_BAD || type->kind == TYPE_JSON || type->kind == TYPE_EXPRESSION)
        return;
    if (absent && !item->optional && !field_optional && item->value->kind != AST_NULL) {
        const char *path = check_path(c, item->value);
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_KEY_OPTIONAL, item->value->span,
                                        "the value of `%s` may be absent", item->key.text);
        diag_label(diag, "%s", type_phrase(c->compilation, type));
        diag_help(diag, "write `%s?:` to leave the key out then%s%s%s", item->key.text,
                  path == NULL ? "" : ", or `", path == NULL ? "" : path, path == NULL ? "" : " ?? …`");
    } else if (!absent && item->optional) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_KEY_PRESENT, item->op_span,
                                        "the value of `%s` is never absent", item->key.text);
        diag_label(diag, "write `:`");
        diag_fix(diag, item->op_span, true, ":");
    }
}

static void check_key_twice(struct checker *c, const struct ast_block *block, const struct ast_item *item)
{
    for (const struct ast_item *i = block->items; i != item; i = i->next) {
        if (i->kind != AST_ENTRY || i->key.text == NULL || item->key.text == NULL ||
            strcmp(i->key.text, item->key.text) != 0)
            continue;
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_KEY_TWICE, item->key.span,
                                        "`%s` is given twice", item->key.text);
        diag_label(diag, "given again");
        diag_secondary(diag, i->key.span, "given first");
        return;
    }
}

static const struct type *entry_value(struct checker *c, struct check_scope *s, struct reading *r,
                                      const struct ast_item *item, const struct type *want)
{
    const struct type *pushed = want == NULL     ? NULL
                                : item->optional ? type_optional(c->compilation, want)
                                                 : want;
    /* A word in an inferred record keeps being that word, so that the record still fits a list of words. */
    const char *word =
        pushed == NULL && item->value->kind == AST_STRING ? match_literal_name(item->value) : NULL;
    if (word != NULL)
        return type_one_of(c->compilation, &(struct type_case){.name = word}, 1);
    const struct type *type =
        pushed == NULL ? check_type(c, s, item->value, NULL) : check_expr(c, s, item->value, pushed);
    if (r->document && want == NULL)
        check_data(c, item->value, type);
    return type;
}

static void read_entry(struct checker *c, struct check_scope *s, struct reading *r,
                       const struct ast_item *item, bool conditional)
{
    if (item->key_expr != NULL) {
        check_type(c, s, item->key_expr, type_scalar(c->compilation, TYPE_STRING));
        const struct type *type = entry_value(c, s, r, item, r->element);
        if (r->element == NULL)
            check_presence(c, item, type, false);
        r->computed = true;
        r->common = r->common == NULL ? type : type_common(c->compilation, r->common, type);
        return;
    }
    const struct type_field *field = r->closed == NULL ? NULL : wanted_field(c, r, item);
    if (r->closed != NULL && field == NULL) {
        check_type(c, s, item->value, NULL);
        return;
    }
    bool late = field != NULL && field->optional;
    const struct type *want = field == NULL ? r->element
                              : late        ? type_optional(c->compilation, field->type)
                                            : field->type;
    const struct type *type = entry_value(c, s, r, item, want);
    if (field == NULL && r->element == NULL)
        check_presence(c, item, type, false);
    type = item->optional ? type_present(c->compilation, type) : type;
    add_field(c, r, item->key.text, type, conditional || item->optional);
}

static void read_spread(struct checker *c, struct check_scope *s, struct reading *r,
                        const struct ast_item *item, bool conditional)
{
    const struct type *want = r->element == NULL ? NULL : type_map(c->compilation, r->element);
    const struct type *type = check_type(c, s, item->value, want);
    bool record = type->kind == TYPE_CLOSED || type->kind == TYPE_MAP || type->kind == TYPE_RECORD ||
                  type->kind == TYPE_DOCUMENT || type->kind == TYPE_JSON || type->kind == TYPE_BAD;
    bool open = type->kind == TYPE_RECORD || type->kind == TYPE_DOCUMENT || type->kind == TYPE_MAP;
    if (!record || (open && r->closed != NULL) || (want != NULL && !type_fits(type, want))) {
        check_mismatch(c, item->value, type,
                       want != NULL        ? want
                       : r->closed != NULL ? r->closed
                                           : type_scalar(c->compilation, TYPE_RECORD));
        return;
    }
    for (size_t i = 0; type->kind == TYPE_CLOSED && i < type->field_count; i++) {
        const struct type_field *field =
            r->closed == NULL ? NULL : type_field_named(r->closed, type->fields[i].name);
        if (r->closed != NULL && (field == NULL || !type_fits(type->fields[i].type, field->type)))
            check_mismatch(c, item->value, type, r->closed);
        add_field(c, r, type->fields[i].name, type->fields[i].type, conditional || type->fields[i].optional);
    }
    if (open || type->kind == TYPE_JSON) {
        r->computed = true;
        r->common = check_bad(c);
    }
}

static void read_items(struct checker *c, struct check_scope *s, struct reading *r,
                       const struct ast_block *block, bool conditional);

static void read_if(struct checker *c, struct check_scope *s, struct reading *r, const struct ast_item *item)
{
    if (item->kind == AST_ELSE) {
        read_items(c, s, r, item->block, true);
        return;
    }
    check_condition(c, s, item->value);
    read_items(c, check_assume(c, s, item->value, true), r, item->block, true);
    if (item->other != NULL)
        read_if(c, check_assume(c, s, item->value, false), r, item->other);
}

static void reject_item(struct checker *c, const struct ast_item *item)
{
    if (item->kind == AST_ERROR_ITEM)
        return;
    if (item->kind == AST_ASSIGN) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_FORM, item->op_span,
                                        "entries of a record are written `key: value`");
        diag_label(diag, "write `:`");
        diag_fix(diag, item->op_span, true, ":");
        return;
    }
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_TYPE_BODY, item->span,
                    "a record takes entries `key: value`, `...x`, `if`, `for`, `let` and `require`");
    diag_label(diag, "no entry");
}

static void read_value(struct checker *c, struct check_scope *s, struct reading *r,
                       const struct ast_item *item, const struct type *want)
{
    const struct type *type =
        want == NULL ? check_type(c, s, item->value, NULL) : check_expr(c, s, item->value, want);
    r->value = r->value == NULL ? type : type_common(c->compilation, r->value, type);
}

static void read_block(struct checker *c, struct check_scope *s, struct reading *r,
                       const struct ast_item *item)
{
    const struct ast_expr *name = item->value;
    if (name != NULL && (!r->outermost || match_literal_name(name) == NULL)) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_BODY, name->span,
                                        "a block of an `extra` is written `key { … }`");
        diag_label(diag,
                   r->outermost ? "a name or a text stands here" : "only what names a document has a name");
    }
    check_extra_record(c, s, item->block, false);
}

static void read_items(struct checker *c, struct check_scope *s, struct reading *r,
                       const struct ast_block *block, bool conditional)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next) {
        if (check_common_item(c, &s, item))
            continue;
        switch (item->kind) {
        case AST_ENTRY:
            check_key_twice(c, block, item);
            read_entry(c, s, r, item, conditional);
            break;
        case AST_SPREAD:
            read_spread(c, s, r, item, conditional);
            break;
        case AST_FOR:
            read_items(c, check_binders(c, s, item->binders, item->where), r, item->block, true);
            break;
        case AST_IF_ITEM:
            read_if(c, s, r, item);
            break;
        case AST_STATEMENT:
            if (r->open && item->block != NULL && item->clauses == NULL && item->type == NULL) {
                read_block(c, s, r, item);
                break;
            }
            reject_item(c, item);
            break;
        default:
            reject_item(c, item);
        }
    }
}

/* ---- the whole */

static void report_missing(struct checker *c, const struct reading *r, struct span span)
{
    for (size_t i = 0; i < r->closed->field_count; i++) {
        const struct type_field *field = &r->closed->fields[i];
        bool given = r->computed;
        for (size_t k = 0; k < r->count; k++)
            given = given || strcmp(r->fields[k].name, field->name) == 0;
        if (given || field->optional)
            continue;
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_KEY_MISSING, span,
                                        "the field `%s` is missing", field->name);
        diag_label(diag, "%s needs `%s: …`", type_phrase(c->compilation, r->closed), field->name);
        return;
    }
}

/* The one bare value of a body after its `let`s, or NULL. */
static const struct ast_item *only_value(const struct ast_block *block)
{
    const struct ast_item *value = NULL;
    for (const struct ast_item *item = block->items; item != NULL; item = item->next) {
        bool common = item->kind == AST_STATEMENT && item->key.text != NULL &&
                      (strcmp(item->key.text, "let") == 0 || strcmp(item->key.text, "require") == 0);
        if (common)
            continue;
        if (item->kind != AST_VALUE || value != NULL)
            return NULL;
        value = item;
    }
    return value;
}

static const struct type *record_type(struct checker *c, const struct reading *r)
{
    if (!r->computed)
        return type_closed(c->compilation, r->fields, r->count);
    const struct type *common = r->common == NULL ? check_bad(c) : r->common;
    for (size_t i = 0; i < r->count; i++)
        common = type_common(c->compilation, common, r->fields[i].type);
    return type_map(c->compilation, common);
}

const struct type *check_record(struct checker *c, struct check_scope *s, const struct ast_block *block,
                                const struct type *want, struct span span)
{
    struct reading r = {0};
    const struct type *json = want == NULL ? NULL : check_want(want, TYPE_JSON);
    const struct type *map = want == NULL ? NULL : check_want(want, TYPE_MAP);
    bool open = want == NULL || want->kind == TYPE_BAD || json != NULL ||
                check_want(want, TYPE_RECORD) != NULL || check_want(want, TYPE_DOCUMENT) != NULL;
    r.closed = open || map != NULL ? NULL : check_want(want, TYPE_CLOSED);
    r.element = open ? json : map == NULL ? NULL : map->element;
    r.document = want != NULL && open && c->mode == CHECK_TEMPLATE;
    const struct ast_item *value = only_value(block);
    if (value != NULL) {
        for (const struct ast_item *item = block->items; item != NULL; item = item->next)
            if (!check_common_item(c, &s, item) && item == value)
                read_value(c, s, &r, item, want);
        return r.value == NULL ? check_bad(c) : r.value;
    }
    read_items(c, s, &r, block, false);
    if (r.closed != NULL) {
        report_missing(c, &r, span);
        return r.closed;
    }
    if (map != NULL && !open)
        return map;
    return json != NULL ? json : record_type(c, &r);
}

void check_extra_record(struct checker *c, struct check_scope *s, const struct ast_block *block,
                        bool outermost)
{
    struct reading r = {
        .open = true, .outermost = outermost, .element = type_scalar(c->compilation, TYPE_JSON)};
    read_items(c, s, &r, block, false);
}

/* ---- lists */

struct listing {
    const struct type *want; /* of an element; NULL: none */
    const struct type *common;
};

static void add_element(struct checker *c, struct listing *list, const struct type *type)
{
    list->common = list->common == NULL ? type : type_common(c->compilation, list->common, type);
}

static void read_element(struct checker *c, struct check_scope *s, struct listing *list,
                         const struct ast_element *e)
{
    switch (e->kind) {
    case AST_ELEMENT_VALUE:
        add_element(c, list,
                    list->want == NULL ? check_type(c, s, e->value, NULL)
                                       : check_expr(c, s, e->value, list->want));
        return;
    case AST_ELEMENT_SPREAD: {
        const struct type *want = list->want == NULL ? NULL : type_list(c->compilation, list->want);
        const struct type *type =
            want == NULL ? check_type(c, s, e->value, NULL) : check_expr(c, s, e->value, want);
        if (type->kind == TYPE_LIST)
            add_element(c, list, type->element);
        else if (type->kind != TYPE_BAD)
            check_mismatch(c, e->value, type, type_list(c->compilation, check_bad(c)));
        return;
    }
    case AST_ELEMENT_FOR:
        s = check_binders(c, s, e->binders, e->where);
        break;
    case AST_ELEMENT_IF:
        check_condition(c, s, e->value);
        s = check_assume(c, s, e->value, true);
        break;
    }
    for (const struct ast_element *body = e->body; body != NULL; body = body->next)
        read_element(c, s, list, body);
}

static const struct type *list_element(struct checker *c, const struct type *want)
{
    if (want == NULL || want->kind == TYPE_BAD)
        return NULL;
    const struct type *list = check_want(want, TYPE_LIST);
    if (list != NULL)
        return list->element->kind == TYPE_BAD ? NULL : list->element;
    return check_want(want, TYPE_JSON) != NULL ? type_scalar(c->compilation, TYPE_JSON) : NULL;
}

const struct type *check_list(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                              const struct type *want)
{
    struct listing list = {.want = list_element(c, want)};
    for (const struct ast_element *e = expr->elements; e != NULL; e = e->next)
        read_element(c, s, &list, e);
    if (list.want != NULL)
        return type_list(c->compilation, list.want);
    return type_list(c->compilation, list.common == NULL ? check_bad(c) : list.common);
}
