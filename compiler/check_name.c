/* Bare names: words where words are expected, then what the blocks around know, then nodes of the expected
 * kind, then the roots. */

#include <string.h>
#include "compiler/check.h"
#include "core/text.h"

static const struct type *word_type(struct checker *c, const struct ast_expr *expr, const struct type *want)
{
    const struct type *one_of = check_want(want, TYPE_ONE_OF);
    const struct type_case *word = one_of == NULL ? NULL : type_case_of(one_of, expr->name.text);
    if (word == NULL)
        return NULL;
    for (size_t i = 0; i < word->field_count; i++) {
        if (word->fields[i].optional)
            continue;
        struct diag *diag = diag_report(c->compilation->diags, DIAG_TYPE_ARGUMENT_MISSING, expr->span,
                                        "`%s` needs `%s`", word->name, word->fields[i].name);
        diag_label(diag, "write `%s(%s: …)`", word->name, word->fields[i].name);
        return check_bad(c);
    }
    return one_of;
}

static const struct variable *variable_of(const struct check_scope *s, const char *name)
{
    for (const struct variable *v = s->variables; v != NULL; v = v->next)
        if (strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

/* What the blocks around know under a name, the nearest first: a variable, or an attribute as it reads here
 * (one that the block writes is present). The same order as the evaluator's (evaluator/scope.c). */
static const struct type *lexical_type(struct checker *c, const struct check_scope *s, const char *name)
{
    for (; s != NULL; s = s->outer) {
        const struct variable *variable = variable_of(s, name);
        if (variable != NULL)
            return variable->type;
        if (s->block == NULL || s->block->kind == NULL)
            continue;
        const struct attribute *attribute = kind_attribute(s->block->kind, name);
        if (attribute == NULL || attribute == s->attribute)
            continue;
        const struct type *type = attribute->type;
        if (type_is_optional(type) && outline_gives(c, s->block, name))
            type = type_present(c->compilation, type);
        return type;
    }
    return NULL;
}

/* ---- references */

static bool refers(const struct type *type, const struct kind *kind)
{
    const struct type *reference = check_want(type, TYPE_REFERENCE);
    const struct type *block = check_want(type, TYPE_BLOCK);
    return type->kind == TYPE_BAD || type->kind == TYPE_ANY_NODE ||
           (reference != NULL && reference->of == kind) || (block != NULL && block->of == kind);
}

static const struct type *lexical_reference(struct checker *c, const struct check_scope *s, const char *name,
                                            const struct kind *kind)
{
    for (const struct check_scope *at = s; at != NULL; at = at->outer) {
        const struct variable *variable = variable_of(at, name);
        if (variable != NULL && refers(variable->type, kind))
            return variable->type;
        const struct attribute *attribute =
            at->block == NULL || at->block->kind == NULL ? NULL : kind_attribute(at->block->kind, name);
        if (attribute != NULL && attribute != at->attribute && refers(attribute->type, kind))
            return outline_gives(c, at->block, name) ? type_present(c->compilation, attribute->type)
                                                     : attribute->type;
    }
    return NULL;
}

/* A nested node (a topic, a test): found in a block around that has such children, else anywhere. */
static bool nested_exists(struct checker *c, const struct check_scope *s, const struct kind *kind,
                          const char *name, struct map *names)
{
    bool open = false, any = false;
    for (; s != NULL; s = s->outer) {
        if (s->block == NULL || s->block->kind == NULL)
            continue;
        for (size_t i = 0; i < s->block->kind->attribute_count; i++) {
            const struct attribute *attribute = &s->block->kind->attributes[i];
            if (attribute->form != ATTRIBUTE_MANY || attribute->written->of != kind)
                continue;
            any = true;
            struct map *children = outline_children(c, s->block, attribute->name, &open);
            if (map_has(children, name))
                return true;
            for (size_t k = 0; k < map_count(children); k++)
                map_set(names, map_at(children, k)->key, map_at(children, k)->value);
        }
    }
    return !any || open || map_has(names, name);
}

static const struct type *unknown_node(struct checker *c, const struct ast_expr *expr,
                                       const struct kind *kind, const struct map *names)
{
    const char *name = expr->name.text;
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_NODE, expr->span,
                                    "there is no %s `%s`", kind->head, name);
    diag_label(diag, "expected the name of %s",
               type_phrase(c->compilation, type_reference(c->compilation, kind)));
    const char *near = names == NULL ? NULL : check_nearest(c, names, name);
    if (near != NULL) {
        const struct outline *node = map_get(names, near);
        diag_help(diag, "there is a %s with a similar name: `%s`", kind->head, near);
        diag_fix(diag, expr->span, false, "%s", near);
        if (node != NULL)
            diag_secondary(diag, node->span, "declared here");
    } else if (names == NULL || map_count(names) == 0) {
        diag_help(diag, "declare it: `%s %s { … }`", kind->head, name);
    } else {
        struct buf list = {0};
        for (size_t i = 0; i < map_count(names) && i < 6; i++)
            buf_printf(&list, "%s`%s`", i > 0 ? ", " : "", map_at(names, i)->key);
        diag_help(diag, "there %s %s", map_count(names) == 1 ? "is" : "are", buf_str(&list));
        buf_free(&list);
    }
    return check_bad(c);
}

static const struct type *reference_type(struct checker *c, struct check_scope *s,
                                         const struct ast_expr *expr, const struct type *reference,
                                         bool may_be_other)
{
    const struct kind *kind = reference->of;
    const char *name = expr->name.text;
    const struct type *lexical = lexical_reference(c, s, name, kind);
    if (lexical != NULL)
        return lexical;
    if (kind->parent_count > 0) {
        struct map *names = map_new(c->arena);
        if (nested_exists(c, s, kind, name, names))
            return reference;
        return may_be_other ? NULL : unknown_node(c, expr, kind, names);
    }
    if (outline_find(c, kind, name) != NULL || outline_is_open(c, kind, name))
        return reference;
    return may_be_other ? NULL : unknown_node(c, expr, kind, outline_names(c, kind));
}

/* ---- roots */

static const struct type *release_type(struct checker *c)
{
    const struct type *string = type_scalar(c->compilation, TYPE_STRING);
    struct type_field fields[] = {
        {.name = "version", .type = string},
        {.name = "url", .type = string},
        {.name = "sha256", .type = string},
        {.name = "image", .type = string},
    };
    return type_closed(c->compilation, fields, sizeof fields / sizeof fields[0]);
}

/* `target` in a backend's folder is the block of that target. */
static const struct type *target_type(struct checker *c, struct span where)
{
    const struct source *source = source_of(c->compilation->sources, where.source);
    if (source == NULL || source->role != SOURCE_BACKEND)
        return NULL;
    const char *folder = strstr(source->path, "backends/");
    if (folder == NULL)
        return NULL;
    folder += strlen("backends/");
    const char *name = arena_printf(c->arena, "target.%.*s", (int)strcspn(folder, "/"), folder);
    const struct kind *kind = map_get(c->compilation->declarations.kinds, name);
    return kind == NULL ? NULL : type_reference(c->compilation, kind);
}

/* A constant without a declared type has that of its value, inferred once. */
struct constant_state {
    const struct type *type; /* NULL: being inferred */
};

static const struct type *constant_type(struct checker *c, const struct constant *constant)
{
    if (constant->type != NULL)
        return constant->type;
    const char *key = arena_printf(c->arena, "%u:%u", constant->span.source, constant->span.start);
    struct constant_state *state = map_get(c->constants, key);
    if (state == NULL) {
        state = arena_alloc(c->arena, sizeof *state);
        map_set(c->constants, key, state);
        state->type = check_type(c, NULL, constant->value, NULL);
    }
    if (state->type != NULL)
        return state->type;
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_CYCLE, constant->span,
                                    "constant `%s` needs its own value", constant->name);
    diag_label(diag, "needs itself to be known");
    return check_bad(c);
}

static const struct type *root_type(struct checker *c, const char *name, struct span where)
{
    struct compilation *k = c->compilation;
    const struct constant *constant = constant_find(k, name, where);
    if (constant != NULL)
        return constant_type(c, constant);
    const struct type *context = context_find(k, name, where);
    if (context != NULL)
        return context;
    if (strcmp(name, "project") == 0 && map_has(k->declarations.kinds, "project"))
        return type_reference(k, map_get(k->declarations.kinds, "project"));
    if (strcmp(name, "target") == 0)
        return target_type(c, where);
    if (strcmp(name, "targets") == 0 || strcmp(name, "lock") == 0)
        return type_scalar(k, TYPE_RECORD);
    if (strcmp(name, "release") == 0)
        return release_type(c);
    const struct kind *kind = kind_of_plural(&k->declarations, name);
    return kind == NULL ? NULL : type_list(k, type_reference(k, kind));
}

/* A node that alone has its name among all kinds: `flowers.path` where no kind is expected. */
static const struct type *only_node(struct checker *c, const char *name)
{
    const struct outline *only = NULL;
    for (size_t i = 0; i < map_count(c->nodes); i++) {
        const struct outline *node = map_get(map_at(c->nodes, i)->value, name);
        if (node != NULL && only != NULL)
            return NULL;
        only = node != NULL ? node : only;
    }
    return only == NULL ? NULL : type_reference(c->compilation, only->kind);
}

/* ---- unknown names */

static void add_scope_names(const struct check_scope *s, struct map *names)
{
    for (; s != NULL; s = s->outer) {
        for (const struct variable *v = s->variables; v != NULL; v = v->next)
            map_set(names, v->name, NULL);
        for (size_t i = 0; s->block != NULL && s->block->kind != NULL && i < s->block->kind->attribute_count;
             i++)
            map_set(names, s->block->kind->attributes[i].name, NULL);
    }
}

static void add_root_names(struct checker *c, struct map *names)
{
    static const char *const roots[] = {"project", "targets", "lock", "release"};
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
        map_set(names, roots[i], NULL);
    const struct declarations *d = &c->compilation->declarations;
    for (size_t i = 0; i < map_count(d->plurals); i++)
        map_set(names, map_at(d->plurals, i)->key, NULL);
    for (size_t i = 0; i < map_count(d->constants); i++)
        map_set(names, map_at(d->constants, i)->key, NULL);
}

static const struct type *unknown_name(struct checker *c, const struct check_scope *s,
                                       const struct ast_expr *expr, const struct type *want)
{
    const char *name = expr->name.text;
    const struct type *one_of = check_want(want, TYPE_ONE_OF);
    if (one_of != NULL && c->mode == CHECK_SPEC)
        return check_mismatch(c, expr, type_scalar(c->compilation, TYPE_SYMBOL), one_of);
    struct map *names = map_new(c->arena);
    add_scope_names(s, names);
    add_root_names(c, names);
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN, expr->span, "unknown name `%s`", name);
    diag_label(diag, "not found in the blocks around, nor among the project's collections");
    const char *minus = strchr(name, '-');
    if (minus != NULL && check_nearest(c, names, name) == NULL)
        diag_help(diag, "a subtraction has blanks around its minus: `%.*s - %s`", (int)(minus - name), name,
                  minus + 1);
    else if (want != NULL && check_want(want, TYPE_STRING) != NULL && check_nearest(c, names, name) == NULL)
        diag_help(diag, "a text is written in quotes: `\"%s\"`", name);
    else
        check_suggest(c, diag, names, name, expr->span, "one");
    return check_bad(c);
}

/* ---- all together */

static const struct type *symbol_type(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                      const struct type *symbol)
{
    const struct variable *variable = check_variable(s, expr->name.text);
    if (variable != NULL)
        return variable->type;
    if (symbol->name != NULL && strcmp(symbol->name, "column_name") == 0)
        check_column(c, s, expr->name.text, expr->span);
    if (symbol->name != NULL && strcmp(symbol->name, "metric_name") == 0)
        check_metric_name(c, expr->name.text, expr->span);
    return symbol;
}

static const struct type *declared_type(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                                        const struct type *want)
{
    const char *name = expr->name.text;
    bool words = c->mode == CHECK_SPEC;
    const struct type *type = words && want != NULL ? word_type(c, expr, want) : NULL;
    if (type != NULL)
        return type;
    const struct type *reference = words ? check_want(want, TYPE_REFERENCE) : NULL;
    const struct type *symbol = words ? check_want(want, TYPE_SYMBOL) : NULL;
    if (reference != NULL && want != NULL)
        type = reference_type(c, s, expr, reference, symbol != NULL || want->kind == TYPE_UNION);
    if (type == NULL && symbol != NULL && want != NULL)
        type = symbol_type(c, s, expr, symbol);
    if (type == NULL)
        type = lexical_type(c, s, name);
    if (type == NULL && strcmp(name, "self") == 0)
        for (const struct check_scope *at = s; at != NULL && type == NULL; at = at->outer)
            type = at->self;
    if (type == NULL)
        type = root_type(c, name, expr->span);
    if (type == NULL && words)
        type = only_node(c, name);
    return type;
}

const struct type *check_name(struct checker *c, struct check_scope *s, const struct ast_expr *expr,
                              const struct type *want)
{
    const struct type *fact = check_fact(s, expr->name.text);
    if (fact != NULL)
        return fact;
    const struct type *type = declared_type(c, s, expr, want);
    return type != NULL ? type : unknown_name(c, s, expr, want);
}
