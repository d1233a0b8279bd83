/* Pass `declare`: sorts the items of all files into declarations and the project's own, and reads the
 * declarations in an order in which each finds what it needs. */

#include "compiler/declare.h"

#include <string.h>
#include "compiler/type_table.h"

/* An alias: its expression until somebody asks, then its type. */
struct alias {
    const struct ast_item *item;
    const struct type *type;
    bool reading;
};

enum step { STEP_NAMES, STEP_BODIES, STEP_REST, STEP_COUNT };

struct declarer {
    const char *head;
    void (*read[STEP_COUNT])(struct compilation *compilation, const struct ast_item *item);
};

static void declare_alias(struct compilation *compilation, const struct ast_item *item);
const struct ast_item *type_declaration(const struct compilation *compilation, const char *name)
{
    const struct alias *alias = map_get(compilation->declarations.types, name);
    return alias == NULL ? NULL : alias->item;
}

static void declare_policy(struct compilation *compilation, const struct ast_item *item);
static void read_alias(struct compilation *compilation, const struct ast_item *item);
static void ignore(struct compilation *compilation, const struct ast_item *item);

static const struct declarer declarers[] = {
    {"kind", {declare_kind_name, declare_kind_body, NULL}},
    {"component", {declare_kind_name, declare_kind_body, NULL}},
    {"type", {declare_alias, read_alias, NULL}},
    {"context", {NULL, declare_context, NULL}},
    {"dialect", {NULL, NULL, declare_dialect}},
    {"fn", {NULL, NULL, declare_function}},
    {"measure", {NULL, NULL, declare_measure}},
    {"let", {NULL, NULL, declare_constant}},
    {"template", {NULL, NULL, declare_template}},
    {"policy", {NULL, NULL, declare_policy}},
    {"import", {NULL, NULL, ignore}},
};

static const struct declarer *declarer_of(const struct ast_item *item)
{
    if (item->kind != AST_STATEMENT || item->key.text == NULL || item->key.quoted)
        return NULL;
    for (size_t i = 0; i < sizeof declarers / sizeof declarers[0]; i++)
        if (strcmp(declarers[i].head, item->key.text) == 0)
            return &declarers[i];
    return NULL;
}

/* Imports were followed when the files were loaded. */
static void ignore(struct compilation *compilation, const struct ast_item *item)
{
    (void)compilation;
    (void)item;
}

const char *declared_key(const struct compilation *compilation, struct span where, const char *name)
{
    const struct source *source = source_of(compilation->sources, where.source);
    if (source != NULL && source->role == SOURCE_POLICY)
        return arena_printf(compilation->arena, "policy.%s", name);
    if (source == NULL || source->role != SOURCE_BACKEND)
        return name;
    const char *start = strstr(source->path, "backends/");
    if (start == NULL)
        return name;
    start += strlen("backends/");
    size_t length = strcspn(start, "/");
    return arena_printf(compilation->arena, "%.*s.%s", (int)length, start, name);
}

void declare_malformed(struct compilation *compilation, struct span span, const char *message)
{
    diag_label(diag_report(compilation->diags, DIAG_NAMES_DECLARATION_FORM, span, "%s", message),
               "not in this form");
}

void declare_twice(struct compilation *compilation, const char *what, const char *name, struct span span,
                   struct span earlier)
{
    struct diag *diag = diag_report(compilation->diags, DIAG_NAMES_DECLARED_TWICE, span,
                                    "%s `%s` is declared twice", what, name);
    diag_label(diag, "declared again");
    if (!span_is_none(earlier))
        diag_secondary(diag, earlier, "declared first");
}

const char *declared_name(const struct ast_expr *value)
{
    if (value == NULL)
        return NULL;
    if (value->kind == AST_CALL)
        value = value->left;
    return match_literal_name(value);
}

const struct parameter *declare_parameters(struct compilation *compilation, const struct ast_expr *call,
                                           size_t *count)
{
    *count = 0;
    if (call == NULL || call->kind != AST_CALL)
        return NULL;
    size_t limit = 0;
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next)
        limit++;
    struct parameter *parameters = arena_array(compilation->arena, limit, sizeof *parameters);
    for (const struct ast_argument *a = call->arguments; a != NULL; a = a->next) {
        if (a->name.text == NULL || a->value == NULL) {
            declare_malformed(compilation, a->span, "a parameter is written `name: type`");
            continue;
        }
        struct parameter *parameter = &parameters[(*count)++];
        parameter->name = a->name.text;
        parameter->type = type_of_expr(compilation, a->value);
        parameter->default_value = a->default_value;
        parameter->required = a->default_value == NULL && !type_is_optional(parameter->type);
        parameter->span = a->name.span;
    }
    return parameters;
}

static void declare_alias(struct compilation *compilation, const struct ast_item *item)
{
    const char *name = declared_name(item->value);
    if (name == NULL || item->default_value == NULL) {
        declare_malformed(compilation, item->span, "a type is declared as `type name = T`");
        return;
    }
    const char *key = declared_key(compilation, item->span, name);
    const struct alias *earlier = map_get(compilation->declarations.types, key);
    if (earlier != NULL) {
        declare_twice(compilation, "type", name, item->value->span, earlier->item->value->span);
        return;
    }
    struct alias *alias = arena_alloc(compilation->arena, sizeof *alias);
    alias->item = item;
    map_set(compilation->declarations.types, key, alias);
}

static const struct type *type_of_alias(struct compilation *compilation, struct alias *alias)
{
    if (alias->type != NULL)
        return alias->type;
    const char *name = declared_name(alias->item->value);
    if (alias->reading) {
        struct diag *diag = diag_report(compilation->diags, DIAG_NAMES_CYCLE, alias->item->value->span,
                                        "type `%s` contains itself", name);
        diag_label(diag, "needs itself to be known");
        return type_scalar(compilation, TYPE_BAD);
    }
    alias->reading = true;
    const struct type *type = type_of_expr(compilation, alias->item->default_value);
    alias->reading = false;
    alias->type = type_named(compilation, type, name);
    return alias->type;
}

static void read_alias(struct compilation *compilation, const struct ast_item *item)
{
    const char *name = declared_name(item->value);
    if (name != NULL)
        type_find(compilation, name, item->span);
}

const struct type *type_find(struct compilation *compilation, const char *name, struct span from)
{
    struct alias *alias = map_get(compilation->declarations.types, declared_key(compilation, from, name));
    if (alias == NULL)
        alias = map_get(compilation->declarations.types, name);
    return alias == NULL ? NULL : type_of_alias(compilation, alias);
}

static void declare_policy(struct compilation *compilation, const struct ast_item *item)
{
    if (item->value != NULL || item->block == NULL)
        declare_malformed(compilation, item->span,
                          "a policy is written `policy { forall x in xs: condition else \"why\" }`");
    else
        vec_push(&compilation->declarations.policies, (void *)item);
}

static bool is_user_file(const struct ast_file *file)
{
    return file->source->role == SOURCE_USER || file->source->role == SOURCE_OTHER;
}

/* Policies from outside judge a project: they add nothing to it, and change none of its kinds. */
static bool may_stand_in_policies(const struct ast_item *item)
{
    static const char *const heads[] = {"policy", "fn", "let", "import"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (item->kind == AST_STATEMENT && item->key.text != NULL && strcmp(item->key.text, heads[i]) == 0)
            return true;
    return item->kind == AST_ERROR_ITEM;
}

static void refuse_in_policies(struct compilation *compilation, const struct ast_item *item)
{
    declare_malformed(compilation, item->span,
                      "a file of policies holds `policy`, `fn`, `let` and `import` only");
}

static void run_step(struct compilation *compilation, enum step step)
{
    for (size_t f = 0; f < compilation->files.count; f++) {
        const struct ast_file *file = compilation->files.items[f];
        for (const struct ast_item *item = file->body->items; item != NULL; item = item->next) {
            const struct declarer *declarer = declarer_of(item);
            if (file->source->role == SOURCE_POLICY && !may_stand_in_policies(item)) {
                if (step == STEP_REST)
                    refuse_in_policies(compilation, item);
                continue;
            }
            if (declarer != NULL && declarer->read[step] != NULL)
                declarer->read[step](compilation, item);
            else if (declarer == NULL && step == STEP_REST && is_user_file(file))
                vec_push(&compilation->declarations.items, (void *)item);
        }
    }
}

static void begin(struct compilation *compilation)
{
    struct declarations *declarations = &compilation->declarations;
    struct arena *arena = compilation->arena;
    declarations->arena = arena;
    declarations->kinds = map_new(arena);
    declarations->plurals = map_new(arena);
    declarations->types = map_new(arena);
    declarations->functions = map_new(arena);
    declarations->measures = map_new(arena);
    declarations->dialects = map_new(arena);
    declarations->constants = map_new(arena);
    declarations->templates = map_new(arena);
    declarations->contexts = map_new(arena);
    declarations->items = vec_in(arena);
    declarations->policies = vec_in(arena);
}

void declare(struct compilation *compilation)
{
    begin(compilation);
    run_step(compilation, STEP_NAMES);
    run_step(compilation, STEP_BODIES);
    struct map *kinds = compilation->declarations.kinds;
    for (size_t i = 0; i < map_count(kinds); i++) {
        struct kind *kind = map_at(kinds, i)->value;
        if (strcmp(map_at(kinds, i)->key, kind->name) == 0)
            declare_universal_attributes(compilation, kind);
    }
    run_step(compilation, STEP_REST);
}
