#include "compiler/check_documents.h"

#include <string.h>
#include "compiler/match.h"
#include "compiler/types.h"

enum { ALTERNATIVES = 4, REFERENCES = 16, DEEPEST = 48 };

/* What may stand at a place of a document: one schema of several, as where an `if` chooses the document's
 * kind. */
struct place {
    const struct value *schema[ALTERNATIVES];
    const struct value *root[ALTERNATIVES];
    size_t count;
    bool open;     /* some alternative takes anything */
    bool document; /* the root: apiVersion, kind and metadata are Kubernetes' own, whatever a CRD says of them
                    */
};

/* Names of a helper's body: parameters with their arguments, `let`s with their values. */
struct meaning {
    const struct meaning *outer;
    const char *name;
    const struct ast_expr *value;
    const struct meaning *scope; /* where the value stands */
};

struct walk {
    struct compilation *compilation;
    const struct document_schemas *schemas;
    size_t depth;
};

static void walk_expr(struct walk *w, const struct ast_expr *expr, const struct place *place,
                      const struct meaning *names);
static void walk_items(struct walk *w, const struct ast_block *block, const struct place *place,
                       const struct meaning *names, bool list);

/* ---- schemas */

/* "#/components/schemas/x" in its document. */
static const struct value *referenced(const struct value *root, const char *reference)
{
    if (strncmp(reference, "#/", 2) != 0)
        return NULL;
    char key[256];
    const char *at = reference + 2;
    while (root != NULL && *at != '\0') {
        size_t length = strcspn(at, "/");
        if (length >= sizeof key)
            return NULL;
        memcpy(key, at, length);
        key[length] = '\0';
        root = value_get(root, key);
        at += length + (at[length] == '/');
    }
    return root;
}

static const struct value *resolve(const struct value *schema, const struct value *root)
{
    for (int i = 0; schema != NULL && i < REFERENCES; i++) {
        const char *reference = value_string_or(value_get(schema, "$ref"), NULL);
        const struct value *all = value_get(schema, "allOf");
        if (reference != NULL)
            schema = referenced(root, reference);
        else if (all != NULL && all->kind == VALUE_LIST && all->count == 1 &&
                 value_get(schema, "properties") == NULL)
            schema = all->items[0];
        else
            break;
    }
    return schema;
}

static bool is_true(const struct value *schema, const char *key)
{
    const struct value *value = value_get(schema, key);
    return value != NULL && value->kind == VALUE_BOOL && value->boolean;
}

static void add(struct place *place, const struct value *schema, const struct value *root)
{
    schema = resolve(schema, root);
    if (schema == NULL || schema->kind != VALUE_RECORD ||
        is_true(schema, "x-kubernetes-preserve-unknown-fields")) {
        place->open = true;
    } else if (place->count < ALTERNATIVES) {
        place->schema[place->count] = schema;
        place->root[place->count++] = root;
    }
}

static const char *type_of(const struct value *schema)
{
    return value_string_or(value_get(schema, "type"), "");
}

/* What a field of the place may be; false when no alternative knows it. */
static bool field_of(const struct place *place, const char *key, struct place *field)
{
    *field = (struct place){.open = place->open};
    bool known = place->open;
    for (size_t i = 0; i < place->count; i++) {
        const struct value *schema = place->schema[i];
        const struct value *properties = value_get(schema, "properties");
        const struct value *found = properties == NULL ? NULL : value_get(properties, key);
        const struct value *rest = value_get(schema, "additionalProperties");
        if (found == NULL && rest != NULL && rest->kind == VALUE_RECORD)
            found = rest;
        if (found != NULL) {
            add(field, found, place->root[i]);
            known = true;
        } else if (properties == NULL &&
                   (strcmp(type_of(schema), "object") == 0 || type_of(schema)[0] == '\0')) {
            field->open = known = true;
        }
    }
    return known;
}

static struct place items_of(const struct place *place)
{
    struct place items = {.open = place->open};
    for (size_t i = 0; i < place->count; i++) {
        const struct value *schema = value_get(place->schema[i], "items");
        if (schema != NULL)
            add(&items, schema, place->root[i]);
        else if (type_of(place->schema[i])[0] == '\0')
            items.open = true;
    }
    return items;
}

/* May the JSON type `type` stand at the place? */
static bool takes(const struct place *place, const char *type)
{
    bool integer = strcmp(type, "integer") == 0, string = strcmp(type, "string") == 0;
    if (place->open || place->count == 0)
        return true;
    for (size_t i = 0; i < place->count; i++) {
        const struct value *schema = place->schema[i];
        const char *wanted = type_of(schema);
        const char *format = value_string_or(value_get(schema, "format"), "");
        bool both = is_true(schema, "x-kubernetes-int-or-string") || strcmp(format, "int-or-string") == 0 ||
                    value_get(schema, "oneOf") != NULL || value_get(schema, "anyOf") != NULL;
        if (strcmp(wanted, type) == 0 || wanted[0] == '\0' || (both && (integer || string)) ||
            (integer && strcmp(wanted, "number") == 0))
            return true;
    }
    return false;
}

static bool takes_word(const struct place *place, const char *word)
{
    for (size_t i = 0; i < place->count; i++) {
        const struct value *words = value_get(place->schema[i], "enum");
        if (words == NULL || words->kind != VALUE_LIST)
            return true;
        for (size_t k = 0; k < words->count; k++)
            if (strcmp(value_string_or(words->items[k], ""), word) == 0)
                return true;
    }
    return place->open || place->count == 0;
}

/* ---- messages */

static void unknown_field(struct walk *w, const struct ast_item *item, const struct place *place)
{
    struct diag *diag = diag_report(w->compilation->diags, DIAG_TYPE_KEY_UNKNOWN, item->key.span,
                                    "the published schema has no field `%s` here", item->key.text);
    diag_label(diag, "unknown field");
    struct map *names = map_new(w->compilation->arena);
    for (size_t i = 0; i < place->count; i++) {
        const struct value *properties = value_get(place->schema[i], "properties");
        for (size_t k = 0; properties != NULL && k < properties->field_count; k++)
            map_set(names, properties->fields[k].key, NULL);
    }
    const char *near = map_nearest(names, item->key.text);
    if (near != NULL)
        diag_help(diag, "there is a field with a similar name: `%s`", near);
}

static void check_kind(struct walk *w, const struct ast_expr *expr, const struct place *place,
                       const char *type)
{
    if (takes(place, type))
        return;
    struct diag *diag =
        diag_report(w->compilation->diags, DIAG_TYPE_MISMATCH, expr->span,
                    "the published schema expects %s here, found %s", type_of(place->schema[0]), type);
    diag_label(diag, "%s", type);
}

static void check_word(struct walk *w, const struct ast_expr *expr, const struct place *place)
{
    const char *word = match_literal_name(expr);
    if (word == NULL || takes_word(place, word))
        return;
    struct diag *diag = diag_report(w->compilation->diags, DIAG_TYPE_WORD, expr->span,
                                    "the published schema has no word `%s` here", word);
    diag_label(diag, "not in the enumeration");
}

/* ---- the walk */

static const struct meaning *bind(struct walk *w, const struct meaning *outer, const char *name,
                                  const struct ast_expr *value, const struct meaning *scope)
{
    struct meaning *meaning = arena_alloc(w->compilation->arena, sizeof *meaning);
    *meaning = (struct meaning){outer, name, value, scope};
    return meaning;
}

static const struct meaning *find(const struct meaning *names, const char *name)
{
    for (; names != NULL; names = names->outer)
        if (strcmp(names->name, name) == 0)
            return names;
    return NULL;
}

static bool is_list(const struct type *type)
{
    if (type->kind == TYPE_OPTIONAL)
        type = type->element;
    return type->kind == TYPE_LIST;
}

/* Natives that give back what they get, marked or ordered. */
static bool passes_through(const char *name)
{
    static const char *const names[] = {"note", "above", "spaced", "sorted", "nonempty", "unique", "sort"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void walk_call(struct walk *w, const struct ast_expr *call, const struct place *place,
                      const struct meaning *names)
{
    if (call->left->kind != AST_NAME)
        return;
    const char *name = call->left->name.text;
    const struct function *function = function_find(w->compilation, name, call->span);
    if (function == NULL) {
        if (passes_through(name) && call->arguments != NULL && call->arguments->value != NULL)
            walk_expr(w, call->arguments->value, place, names);
        return;
    }
    const struct meaning *inner = NULL;
    size_t i = 0;
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next, i++) {
        const char *parameter = a->name.text;
        if (parameter == NULL && i < function->parameter_count)
            parameter = function->parameters[i].name;
        if (parameter != NULL && a->value != NULL)
            inner = bind(w, inner, parameter, a->value, names);
    }
    if (w->depth++ < DEEPEST)
        walk_items(w, function->body, place, inner, is_list(function->result));
    w->depth--;
}

/* An element: of the items' schema, or a list that is spliced. */
static void walk_element(struct walk *w, const struct ast_expr *expr, const struct place *list,
                         const struct meaning *names)
{
    const struct function *function = expr->kind == AST_CALL && expr->left->kind == AST_NAME
                                          ? function_find(w->compilation, expr->left->name.text, expr->span)
                                          : NULL;
    struct place items = items_of(list);
    bool spliced = expr->kind == AST_LIST || (function != NULL && is_list(function->result));
    walk_expr(w, expr, spliced ? list : &items, names);
}

static void walk_elements(struct walk *w, const struct ast_element *e, const struct place *place,
                          const struct meaning *names)
{
    for (; e != NULL; e = e->next) {
        struct place items = items_of(place);
        if (e->kind == AST_ELEMENT_VALUE)
            walk_expr(w, e->value, &items, names);
        else if (e->kind == AST_ELEMENT_SPREAD)
            walk_expr(w, e->value, place, names);
        else
            walk_elements(w, e->body, place, names);
    }
}

static void walk_expr(struct walk *w, const struct ast_expr *expr, const struct place *place,
                      const struct meaning *names)
{
    switch (expr->kind) {
    case AST_PAREN:
        walk_expr(w, expr->left, place, names);
        break;
    case AST_IF:
        walk_expr(w, expr->right, place, names);
        if (expr->third != NULL)
            walk_expr(w, expr->third, place, names);
        break;
    case AST_BINARY:
        if (expr->op == AST_OP_COALESCE || expr->op == AST_OP_MERGE) {
            walk_expr(w, expr->left, place, names);
            walk_expr(w, expr->right, place, names);
        }
        break;
    case AST_BLOCK:
        check_kind(w, expr, place, "object");
        walk_items(w, expr->block, place, names, false);
        break;
    case AST_LIST:
        check_kind(w, expr, place, "array");
        walk_elements(w, expr->elements, place, names);
        break;
    case AST_STRING:
        check_kind(w, expr, place, "string");
        check_word(w, expr, place);
        break;
    case AST_NUMBER:
        check_kind(w, expr, place,
                   strspn(expr->number, "0123456789_") == strlen(expr->number) ? "integer" : "number");
        break;
    case AST_TRUE:
    case AST_FALSE:
        check_kind(w, expr, place, "boolean");
        break;
    case AST_CALL:
        walk_call(w, expr, place, names);
        break;
    case AST_NAME: {
        const struct meaning *meaning = find(names, expr->name.text);
        if (meaning != NULL && w->depth++ < DEEPEST)
            walk_expr(w, meaning->value, place, meaning->scope);
        w->depth -= meaning != NULL;
        break;
    }
    default:
        break;
    }
}

/* The three entries that every document has: true when the item was one. */
static bool walk_common_entry(struct walk *w, const struct ast_item *item, const struct meaning *names)
{
    const char *key = item->key.text == NULL ? "" : item->key.text;
    if (strcmp(key, "apiVersion") == 0 || strcmp(key, "kind") == 0)
        return true;
    if (strcmp(key, "metadata") != 0)
        return false;
    const struct value *root = NULL;
    const struct value *any = w->schemas->find(w->schemas->context, "v1", "ConfigMap", &root);
    struct place object = {0}, metadata;
    add(&object, any, root);
    if (any != NULL && field_of(&object, "metadata", &metadata))
        walk_expr(w, item->value, &metadata, names);
    return true;
}

static void walk_entry(struct walk *w, const struct ast_item *item, const struct place *place,
                       const struct meaning *names)
{
    struct place field;
    if (place->document && walk_common_entry(w, item, names))
        return;
    bool computed = item->key_expr != NULL;
    if (!field_of(place, computed ? "" : item->key.text, &field)) {
        if (!computed)
            unknown_field(w, item, place);
        return;
    }
    walk_expr(w, item->value, &field, names);
}

static void walk_items(struct walk *w, const struct ast_block *block, const struct place *place,
                       const struct meaning *names, bool list)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next) {
        bool let =
            item->kind == AST_STATEMENT && strcmp(item->key.text, "let") == 0 && item->default_value != NULL;
        if (let && match_literal_name(item->value) != NULL)
            names = bind(w, names, match_literal_name(item->value), item->default_value, names);
        else if (item->kind == AST_ENTRY && !list)
            walk_entry(w, item, place, names);
        else if (item->kind == AST_VALUE && list)
            walk_element(w, item->value, place, names);
        else if (item->kind == AST_VALUE || item->kind == AST_SPREAD)
            walk_expr(w, item->value, place, names);
        else if (item->kind == AST_FOR)
            walk_items(w, item->block, place, names, list);
        for (const struct ast_item *i = item; i != NULL && (i->kind == AST_IF_ITEM || i->kind == AST_ELSE);
             i = i->other)
            walk_items(w, i->block, place, names, list);
    }
}

/* ---- documents */

/* The literals that an entry may be: one, or the branches of an `if`. */
static size_t literals(const struct ast_expr *expr, const char **out)
{
    if (expr->kind == AST_IF && expr->third != NULL)
        return literals(expr->right, out) + literals(expr->third, out + 1);
    const char *text = expr->kind == AST_STRING ? match_literal_name(expr) : NULL;
    *out = text;
    return text != NULL;
}

static const struct ast_expr *entry(const struct ast_block *block, const char *key)
{
    for (const struct ast_item *item = block->items; item != NULL; item = item->next)
        if (item->kind == AST_ENTRY && item->key.text != NULL && strcmp(item->key.text, key) == 0)
            return item->value;
    return NULL;
}

static void report_identity(struct walk *w, const struct ast_block *block, const char *message)
{
    struct span span = block->items->span;
    diag_label(diag_report(w->compilation->diags, DIAG_TYPE_KEY_MISSING, span, "%s", message),
               "in this document");
}

/* The schemas that `apiVersion` and `kind` name; false after reporting that they name none. */
static bool find_schemas(struct walk *w, const struct ast_block *block, struct place *place)
{
    const struct ast_expr *version = entry(block, "apiVersion"), *kind = entry(block, "kind");
    const char *versions[ALTERNATIVES] = {0}, *kinds[ALTERNATIVES] = {0};
    if (version == NULL || kind == NULL || literals(version, versions) == 0 ||
        literals(version, versions) != literals(kind, kinds)) {
        report_identity(w, block, "a document has a literal `apiVersion` and a literal `kind`");
        return false;
    }
    for (size_t i = 0; i < ALTERNATIVES && versions[i] != NULL && kinds[i] != NULL; i++) {
        const struct value *root = NULL;
        const struct value *schema = w->schemas->find(w->schemas->context, versions[i], kinds[i], &root);
        if (schema == NULL) {
            report_identity(w, block,
                            arena_printf(w->compilation->arena, "no schema of `%s` `%s` is known",
                                         versions[i], kinds[i]));
            return false;
        }
        add(place, schema, root);
    }
    return true;
}

/* Documents of other targets have none of these keys. */
static void walk_document(struct walk *w, const struct ast_block *block)
{
    static const char *const keys[] = {"apiVersion", "kind", "metadata", "spec"};
    bool object = false;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        object = object || entry(block, keys[i]) != NULL;
    struct place place = {.document = true};
    if (object && find_schemas(w, block, &place))
        walk_items(w, block, &place, NULL, false);
}

static void find_documents(struct walk *w, const struct ast_block *block)
{
    walk_document(w, block);
    for (const struct ast_item *item = block->items; item != NULL; item = item->next) {
        if (item->kind == AST_VALUE && item->value->kind == AST_BLOCK)
            find_documents(w, item->value->block);
        else if (item->block != NULL)
            find_documents(w, item->block);
        for (const struct ast_item *i = item->other; i != NULL; i = i->other)
            if (i->block != NULL)
                find_documents(w, i->block);
    }
}

static bool makes_documents(const struct function *function)
{
    const struct type *result = function->result;
    if (result->kind == TYPE_LIST)
        result = result->element;
    return result->kind == TYPE_DOCUMENT;
}

bool check_documents(struct compilation *compilation, const struct document_schemas *schemas)
{
    struct walk w = {.compilation = compilation, .schemas = schemas};
    size_t before = diag_error_count(compilation->diags);
    const struct map *functions = compilation->declarations.functions;
    for (size_t i = 0; i < map_count(functions); i++) {
        const struct function *function = map_at(functions, i)->value;
        if (makes_documents(function))
            find_documents(&w, function->body);
    }
    return diag_error_count(compilation->diags) == before;
}
