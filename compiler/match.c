#include "compiler/match.h"

#include <string.h>
#include "compiler/type_table.h"

const char *match_literal_name(const struct ast_expr *name)
{
    if (name == NULL)
        return NULL;
    if (name->kind == AST_NAME)
        return name->name.text;
    if (name->kind != AST_STRING)
        return NULL;
    if (name->pieces == NULL)
        return "";
    return name->pieces->next == NULL && name->pieces->hole == NULL ? name->pieces->text : NULL;
}

static struct match error(struct match match, enum match_problem problem)
{
    match.status = MATCH_ERROR;
    match.problem = problem;
    return match;
}

static struct match with(struct match match, enum match_status status)
{
    match.status = status;
    match.problem = MATCH_OK;
    return match;
}

/* The kind of a block or of the elements of a `many`. */
static const struct kind *kind_in(const struct attribute *attribute)
{
    const struct type *type = attribute->written;
    if (type != NULL && type->kind == TYPE_OPTIONAL)
        type = type->element;
    return type != NULL && type->kind == TYPE_BLOCK ? type->of : NULL;
}

static const struct ast_clause *first_else(const struct ast_clause *clause)
{
    return clause != NULL && clause->kind == AST_CLAUSE_WHEN ? clause->next : clause;
}

/* ---- parts behind the head of a node */

/* Takes the head's expression apart: a name or the key attribute's value, and `for D`. */
static struct match read_head(struct match match, const struct ast_item *item)
{
    const struct kind *kind = match.kind;
    const struct ast_expr *value = item->value;
    if (value != NULL && value->kind == AST_BINARY && value->op == AST_OP_HOLDS) {
        if (kind->for_attribute == NULL)
            return error(match, MATCH_NO_HOLD);
        match.hold = value->right;
        value = value->left;
    }
    if (item->type != NULL) {
        if (kind->type_attribute == NULL)
            return error(match, MATCH_NO_TYPE);
        match.type = item->type;
    }
    if (item->default_value != NULL)
        return error(match, MATCH_NO_DEFAULT);
    if (item->clauses != NULL)
        return error(match, item->clauses->kind == AST_CLAUSE_WHEN ? MATCH_NO_WHEN : MATCH_NO_ELSE);
    match.block = item->block;
    if (kind->key_attribute != NULL)
        match.key = value;
    else if (kind->named)
        match.name = value;
    else if (value != NULL)
        return error(match, MATCH_NO_ARGUMENT);
    bool missing = (kind->key_attribute != NULL || kind->named) && value == NULL;
    return missing ? error(match, MATCH_NO_NAME) : match;
}

/* The name that a node needs is a word or a string. */
static struct match check_name(struct match match)
{
    if (match.status == MATCH_ERROR || match.name == NULL)
        return match;
    bool name =
        match.name->kind == AST_NAME || match.name->kind == AST_STRING || match.name->kind == AST_INVALID;
    return name ? match : error(match, MATCH_NO_NAME);
}

/* `target github { … }`: the kind is chosen by the argument. */
static const struct kind *target_kind(const struct declarations *declarations, const struct ast_item *item)
{
    const char *name = match_literal_name(item->value);
    char key[128];
    size_t length = name == NULL ? sizeof key : strlen(name);
    if (length + sizeof "target." > sizeof key)
        return NULL;
    memcpy(key, "target.", 7);
    memcpy(key + 7, name, length + 1);
    return map_get(declarations->kinds, key);
}

static struct match read_target(const struct declarations *declarations, struct match match,
                                const struct ast_item *item)
{
    match.kind = target_kind(declarations, item);
    match.name = item->value;
    match.block = item->block;
    return match.kind == NULL ? error(match, MATCH_UNKNOWN) : with(match, MATCH_NODE);
}

/* A node of a top-level kind, in a file or in a component (where the instance's name may stand for its own).
 */
static struct match read_top_level(const struct declarations *declarations, const struct kind *body,
                                   struct match match, const struct ast_item *item)
{
    if (strcmp(match.head, "target") == 0)
        return read_target(declarations, match, item);
    match.kind = kind_of_head(declarations, NULL, match.head);
    if (match.kind == NULL)
        return match;
    match = check_name(read_head(with(match, MATCH_NODE), item));
    bool unnamed_part = body != NULL && match.problem == MATCH_NO_NAME && item->value == NULL;
    if (unnamed_part) {
        match.problem = MATCH_OK;
        match.status = MATCH_NODE;
    }
    return match;
}

/* ---- control items, the same in every block */

static struct match read_let(struct match match, const struct ast_item *item, enum match_status status)
{
    match.name = item->value;
    match.type = item->type;
    match.value = item->default_value;
    if (match_literal_name(match.name) == NULL || (status == MATCH_LET && match.value == NULL))
        return error(match, MATCH_NO_VALUE);
    return with(match, status);
}

static struct match read_control(const struct kind *kind, struct match match, const struct ast_item *item)
{
    const char *head = match.head;
    bool component = kind != NULL && kind->component;
    if (strcmp(head, "let") == 0)
        return kind == NULL ? with(match, MATCH_DECLARATION) : read_let(match, item, MATCH_LET);
    if (strcmp(head, "param") == 0 && component)
        return read_let(match, item, MATCH_PARAM);
    if (strcmp(head, "without") == 0 && item->value != NULL) {
        match.value = item->value;
        return with(match, MATCH_WITHOUT);
    }
    if (strcmp(head, "extra") == 0 && item->value != NULL && item->block != NULL && kind != NULL) {
        match.name = item->value;
        match.block = item->block;
        match.attribute = kind_attribute(kind, "extras");
        return with(match, MATCH_EXTRA);
    }
    return match;
}

static struct match read_file_item(struct match match, const struct ast_item *item)
{
    static const char *const words[] = {"kind", "component", "type", "context", "dialect",
                                        "fn",   "measure",   "let",  "template"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(match.head, words[i]) == 0)
            return with(match, MATCH_DECLARATION);
    if (strcmp(match.head, "policy") == 0) {
        match.block = item->block;
        return with(match, MATCH_POLICY);
    }
    if (strcmp(match.head, "import") == 0) {
        match.value = item->value;
        return with(match, MATCH_IMPORT);
    }
    return match;
}

/* ---- attributes */

static bool is_braces(const struct ast_expr *value)
{
    return value != NULL && value->kind == AST_BLOCK;
}

static struct match read_assign(struct match match, const struct kind *kind, const struct ast_item *item)
{
    const struct attribute *attribute = kind_attribute(kind, match.head);
    match.value = item->value;
    if (attribute == NULL) {
        attribute = kind_statement(kind, match.head);
        match.attribute = attribute;
        if (attribute == NULL)
            return error(match, MATCH_UNKNOWN);
        match.kind = kind_in(attribute);
        return error(match, MATCH_ASSIGNED_STATEMENT);
    }
    match.attribute = attribute;
    switch (attribute->form) {
    case ATTRIBUTE_VALUE:
        return with(match, MATCH_VALUE);
    case ATTRIBUTE_DERIVED:
        return error(match, MATCH_DERIVED);
    case ATTRIBUTE_BLOCK:
        match.kind = kind_in(attribute);
        return error(match, is_braces(item->value) ? MATCH_ASSIGNED_BLOCK : MATCH_VALUE_FOR_BLOCK);
    default:
        match.kind = kind_in(attribute);
        return error(match, MATCH_ASSIGNED_STATEMENT);
    }
}

static struct match read_entry(struct match match, const struct kind *kind, const struct ast_item *item)
{
    match.value = item->value;
    match.attribute = kind_attribute(kind, match.head);
    if (match.attribute == NULL)
        match.attribute = kind_statement(kind, match.head);
    return error(match, match.attribute == NULL ? MATCH_UNKNOWN : MATCH_COLON);
}

/* `on push(main)`, `expect P else A`. */
static struct match read_statement(struct match match, const struct ast_item *item)
{
    match.value = item->value;
    match.clauses = item->clauses;
    if (item->clauses != NULL && item->clauses->kind == AST_CLAUSE_WHEN) {
        if (item->value != NULL)
            return error(match, MATCH_NO_WHEN);
        match.value = item->clauses->values;
        match.clauses = first_else(item->clauses);
    }
    if (item->type != NULL)
        return error(match, MATCH_NO_TYPE);
    if (item->default_value != NULL)
        return error(match, MATCH_NO_DEFAULT);
    if (item->block != NULL)
        return error(match, MATCH_STATEMENT_BLOCK);
    if (match.value == NULL)
        return error(match, MATCH_NO_VALUE);
    bool predicate = match.attribute->written != NULL && match.attribute->written->kind == TYPE_PREDICATE;
    if (match.clauses != NULL && !predicate)
        return error(match, MATCH_NO_ELSE);
    return with(match, MATCH_STATEMENT);
}

static struct match read_block(struct match match, const struct ast_item *item)
{
    match.kind = kind_in(match.attribute);
    match.block = item->block;
    if (item->value != NULL)
        return error(match, item->block != NULL ? MATCH_NO_ARGUMENT : MATCH_VALUE_FOR_BLOCK);
    if (item->clauses != NULL || item->type != NULL || item->default_value != NULL)
        return error(match, item->type != NULL ? MATCH_NO_TYPE : MATCH_NO_DEFAULT);
    return with(match, MATCH_BLOCK);
}

static struct match read_attribute_item(struct match match, const struct ast_item *item)
{
    switch (match.attribute->form) {
    case ATTRIBUTE_BLOCK:
        return read_block(match, item);
    case ATTRIBUTE_DERIVED:
        return error(match, MATCH_DERIVED);
    case ATTRIBUTE_VALUE:
        match.value = item->value;
        match.block = item->block;
        return error(match, item->block != NULL ? MATCH_BLOCK_FOR_VALUE : MATCH_NO_EQUALS);
    default:
        return error(match, MATCH_ASSIGNED_STATEMENT);
    }
}

/* A head that the enclosing kind does not know: is it one that stands elsewhere? */
static struct match read_foreign(const struct declarations *declarations, struct match match)
{
    match.kind = kind_of_head(declarations, NULL, match.head);
    for (size_t i = 0; match.kind == NULL && i < map_count(declarations->kinds); i++) {
        const struct kind *kind = map_at(declarations->kinds, i)->value;
        if (strcmp(kind->head, match.head) == 0)
            match.kind = kind;
    }
    return error(match, match.kind == NULL ? MATCH_UNKNOWN : MATCH_MISPLACED);
}

static bool takes_nodes(const struct kind *kind)
{
    return kind == NULL || kind->component;
}

static struct match read_overlay(const struct declarations *declarations, struct match match,
                                 const struct ast_item *item)
{
    const struct kind *kind = kind_of_head(declarations, NULL, match.head);
    if (kind == NULL || !kind->overlay)
        return match;
    match.kind = kind;
    return check_name(read_head(with(match, MATCH_OVERLAY), item));
}

static struct match read_head_item(const struct declarations *declarations, const struct kind *kind,
                                   struct match match, const struct ast_item *item)
{
    match = read_control(kind, match, item);
    if (match.status != MATCH_ERROR || match.problem != MATCH_UNKNOWN)
        return match;
    if (kind == NULL)
        match = read_file_item(match, item);
    if (match.status == MATCH_ERROR && match.problem == MATCH_UNKNOWN && takes_nodes(kind))
        match = read_top_level(declarations, kind, match, item);
    if (takes_nodes(kind))
        return match.status == MATCH_ERROR && match.problem == MATCH_UNKNOWN
                   ? read_foreign(declarations, match)
                   : match;
    match.attribute = kind_statement(kind, match.head);
    if (match.attribute != NULL && match.attribute->form == ATTRIBUTE_STATEMENT)
        return read_statement(match, item);
    if (match.attribute != NULL) {
        match.kind = kind_in(match.attribute);
        return match.kind == NULL ? error(match, MATCH_NO_ARGUMENT)
                                  : check_name(read_head(with(match, MATCH_CHILD), item));
    }
    /* `rollout careful { … }` in an environment changes that rollout, although `rollout` is an attribute too.
     */
    bool environment = strcmp(kind->name, "environment") == 0;
    if (environment && item->value != NULL && item->block != NULL)
        match = read_overlay(declarations, match, item);
    if (match.status != MATCH_ERROR || match.problem != MATCH_UNKNOWN)
        return match;
    match.attribute = kind_attribute(kind, match.head);
    if (match.attribute != NULL)
        return read_attribute_item(match, item);
    if (environment)
        match = read_overlay(declarations, match, item);
    return match.status == MATCH_ERROR && match.problem == MATCH_UNKNOWN ? read_foreign(declarations, match)
                                                                         : match;
}

/* A bare expression: a predicate where the kind takes them; `abort when P` is a statement without a value. */
static struct match read_bare(const struct kind *kind, struct match match, const struct ast_item *item)
{
    bool word = item->value != NULL && item->value->kind == AST_NAME;
    if (word && kind != NULL) {
        const char *text = item->value->name.text;
        const struct attribute *statement = kind_statement(kind, text);
        const struct attribute *attribute = kind_attribute(kind, text);
        bool when = item->clauses != NULL && item->clauses->kind == AST_CLAUSE_WHEN;
        if (statement != NULL || (attribute != NULL && attribute->form == ATTRIBUTE_BLOCK)) {
            match.head = text;
            match.head_span = item->value->span;
            match.attribute = statement != NULL ? statement : attribute;
            match.kind = kind_in(match.attribute);
            if (statement == NULL || statement->form != ATTRIBUTE_STATEMENT)
                return error(match, MATCH_NO_NAME);
            match.value = when ? item->clauses->values : NULL;
            match.clauses = first_else(item->clauses);
            return when ? with(match, MATCH_STATEMENT) : error(match, MATCH_NO_VALUE);
        }
    }
    match.attribute = kind == NULL ? NULL : kind_statement(kind, "");
    match.value = item->value;
    match.clauses = item->clauses;
    if (match.attribute == NULL)
        return error(match, MATCH_BARE_VALUE);
    if (item->clauses != NULL && item->clauses->kind == AST_CLAUSE_WHEN)
        return error(match, MATCH_NO_WHEN);
    return with(match, MATCH_STATEMENT);
}

struct match match_item(const struct declarations *declarations, const struct kind *kind,
                        const struct ast_item *item)
{
    struct match match = {
        .status = MATCH_ERROR, .problem = MATCH_UNKNOWN, .head = item->key.text, .head_span = item->key.span};
    switch (item->kind) {
    case AST_ASSIGN:
    case AST_ENTRY:
        if (match.head == NULL)
            return match;
        if (kind == NULL) {
            match.value = item->value;
            return error(match, MATCH_BARE_VALUE);
        }
        return item->kind == AST_ASSIGN ? read_assign(match, kind, item) : read_entry(match, kind, item);
    case AST_STATEMENT:
        return match.head == NULL ? match : read_head_item(declarations, kind, match, item);
    case AST_VALUE:
        return read_bare(kind, match, item);
    case AST_FOR:
        return with(match, MATCH_FOR);
    case AST_IF_ITEM:
        return with(match, MATCH_IF);
    case AST_SPREAD:
        return error(match, MATCH_SPREAD);
    default:
        return with(match, MATCH_NOTHING);
    }
}
