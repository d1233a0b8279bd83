#include "cli/reference.h"

#include <string.h>
#include "compiler/lookup.h"
#include "compiler/natives.h"
#include "core/map.h"
#include "core/span.h"
#include "grammar/walk.h"

/* The source text of an expression: defaults are printed as they were written. */
static void add_source(struct buf *out, const struct compilation *compilation, const struct ast_expr *expr)
{
    const struct source *source = source_of(compilation->sources, expr->span.source);
    /* The default of an attribute that every kind has stands in no source. */
    if (expr->kind == AST_BLOCK && expr->block->items == NULL) {
        buf_add_str(out, "{}");
        return;
    }
    if (source != NULL)
        buf_add(out, source->text + expr->span.start, expr->span.end - expr->span.start);
}

static void add_type(struct buf *out, const struct type *type)
{
    struct buf text = {0};
    type_print(&text, type);
    /* A pipe would end the cell of a table. */
    for (const char *at = buf_str(&text); *at != '\0'; at++) {
        if (*at == '|')
            buf_add_char(out, '\\');
        buf_add_char(out, *at);
    }
    buf_free(&text);
}

static void add_doc_cell(struct buf *out, const char *doc)
{
    for (; doc != NULL && *doc != '\0'; doc++) {
        if (*doc == '|')
            buf_add_char(out, '\\');
        buf_add_char(out, *doc == '\n' ? ' ' : *doc);
    }
}

/* How an attribute is written in a spec. */
static void add_form(struct buf *out, const struct attribute *attribute)
{
    switch (attribute->form) {
    case ATTRIBUTE_BLOCK:
        buf_printf(out, "%s { … }", attribute->name);
        break;
    case ATTRIBUTE_MANY:
        buf_printf(out, "%s … { … }", attribute->head);
        break;
    case ATTRIBUTE_STATEMENT:
        buf_printf(out, "%s%s…", attribute->head, attribute->head[0] != '\0' ? " " : "");
        break;
    case ATTRIBUTE_VALUE:
        buf_printf(out, "%s = …", attribute->name);
        break;
    case ATTRIBUTE_DERIVED:
        buf_printf(out, "%s", attribute->name);
        break;
    }
}

static void add_attribute(struct buf *out, const struct compilation *compilation,
                          const struct attribute *attribute)
{
    buf_add_str(out, "| `");
    add_form(out, attribute);
    buf_add_str(out, "` | `");
    add_type(out, attribute->form == ATTRIBUTE_STATEMENT ? attribute->written : attribute->type);
    buf_add_str(out, "` | ");
    if (attribute->form == ATTRIBUTE_DERIVED) {
        buf_add_str(out, "read only");
    } else if (attribute->required) {
        buf_add_str(out, "required");
    } else if (attribute->default_value != NULL) {
        buf_add_char(out, '`');
        add_source(out, compilation, attribute->default_value);
        buf_add_char(out, '`');
    }
    buf_add_str(out, " | ");
    add_doc_cell(out, attribute->doc);
    buf_add_str(out, attribute->planned ? " Nothing makes use of it yet. |\n" : " |\n");
}

static void add_place(struct buf *out, const struct kind *kind)
{
    if (kind->parent_count > 0) {
        buf_add_str(out, "Stands in ");
        for (size_t i = 0; i < kind->parent_count; i++)
            buf_printf(out, "%s`%s`", i > 0 ? ", " : "", kind->parents[i]->name);
        buf_add_str(out, ".");
    } else {
        buf_add_str(out, kind->scope == SCOPE_ENVIRONMENT
                             ? "Stands at the top level; there is one for each environment."
                             : "Stands at the top level; there is one for the project.");
    }
    if (kind->overlay)
        buf_add_str(out, " An environment may overlay it.");
    if (kind->planned)
        buf_add_str(out, " No target lowers it yet: it is checked and kept in the graph.");
    buf_add_str(out, "\n\n");
}

static void add_kind(struct buf *out, const struct compilation *compilation, const struct kind *kind)
{
    buf_printf(out, "### `%s`\n\n%s\n\n", kind->name, kind->doc != NULL ? kind->doc : "");
    add_place(out, kind);
    if (kind->attribute_count == 0)
        return;
    buf_add_str(out, "| written | type | default | meaning |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < kind->attribute_count; i++)
        add_attribute(out, compilation, &kind->attributes[i]);
    buf_add_char(out, '\n');
}

static void add_parameters(struct buf *out, const struct compilation *compilation,
                           const struct parameter *parameters, size_t count)
{
    if (count == 0)
        return;
    buf_add_char(out, '(');
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s%s: ", i > 0 ? ", " : "", parameters[i].name);
        type_print(out, parameters[i].type);
        if (parameters[i].default_value != NULL) {
            buf_add_str(out, " = ");
            add_source(out, compilation, parameters[i].default_value);
        }
    }
    buf_add_char(out, ')');
}

static void add_bound(struct buf *out, const struct compilation *compilation, const struct measure *measure)
{
    if (measure->bound == NULL)
        return;
    buf_printf(out, " Without a comparison: `%s ", measure->better < 0 ? "<=" : ">=");
    add_source(out, compilation, measure->bound);
    buf_add_str(out, "`.");
}

static void add_measure(struct buf *out, const struct compilation *compilation, const struct measure *measure)
{
    buf_printf(out, "### `%s", measure->name);
    add_parameters(out, compilation, measure->parameters, measure->parameter_count);
    buf_add_str(out, ": ");
    type_print(out, measure->result);
    buf_printf(out, "`\n\n%s\n\n", measure->doc != NULL ? measure->doc : "");
    buf_add_str(out, "Of ");
    for (size_t i = 0; i < measure->subject_count; i++)
        buf_printf(out, "%s`%s`", i > 0 ? ", " : "", measure->subjects[i]->name);
    buf_printf(out, "; %s.",
               measure->better > 0   ? "higher is better"
               : measure->better < 0 ? "lower is better"
                                     : "neither direction is better");
    add_bound(out, compilation, measure);
    if (measure->native != NULL)
        buf_printf(out, " Computed here as `%s`.", measure->native);
    for (const struct lowering *lowering = measure->lowerings; lowering != NULL; lowering = lowering->next)
        buf_printf(out, "%s`%s`", lowering == measure->lowerings ? " Lowered to " : ", ", lowering->target);
    buf_add_str(out, measure->lowerings != NULL ? ".\n\n" : "\n\n");
}

/* What the declaration of a type says about one of its words. */
struct word_doc {
    const char *word, *doc;
};

static void find_word(void *context, const struct ast_expr *expr)
{
    struct word_doc *wanted = context;
    for (const struct ast_argument *word = expr->arguments; word != NULL; word = word->next) {
        const struct ast_expr *name = word->value;
        if (name != NULL && name->kind == AST_CALL)
            name = name->left;
        if (word->doc != NULL && name != NULL && name->kind == AST_NAME &&
            strcmp(name->name.text, wanted->word) == 0)
            wanted->doc = word->doc;
    }
}

static void add_case(struct buf *out, const struct type_case *one, const struct ast_item *declaration)
{
    struct word_doc doc = {one->name, NULL};
    buf_printf(out, "- `%s", one->name);
    for (size_t i = 0; i < one->field_count; i++) {
        const struct type_field *field = &one->fields[i];
        buf_printf(out, "%s%s: ", i == 0 ? "(" : ", ", field->name);
        type_print(out, field->type);
        /* What may be left out has a default, or is of an optional type, which ends in `?` by itself. */
        if (field->optional && field->type->kind != TYPE_OPTIONAL)
            buf_add_str(out, " = …");
    }
    buf_add_str(out, one->field_count > 0 ? ")`" : "`");
    if (declaration != NULL)
        ast_walk_item(declaration, &(struct ast_visitor){&doc, find_word});
    if (doc.doc != NULL)
        buf_printf(out, ": %s", doc.doc);
    buf_add_char(out, '\n');
}

/* An alias prints as its name: what it stands for is the same type without one. */
static void add_meaning(struct buf *out, const struct type *type)
{
    struct type meant = *type;
    if (type->kind == TYPE_SYMBOL || type->kind == TYPE_CLOSED)
        meant.name = NULL;
    buf_add_char(out, '`');
    type_print(out, &meant);
    buf_add_str(out, "`\n\n");
}

static void add_member(struct buf *out, const struct type *type, const struct ast_item *declaration)
{
    for (size_t i = 0; type->kind == TYPE_ONE_OF && i < type->case_count; i++)
        add_case(out, &type->cases[i], declaration);
    if (type->kind == TYPE_ONE_OF)
        return;
    buf_add_str(out, "- `");
    type_print(out, type);
    buf_add_str(out, "`\n");
}

static void add_type_page(struct buf *out, struct compilation *compilation, const char *name)
{
    const struct type *type = type_find(compilation, name, (struct span){0});
    const struct ast_item *declaration = type_declaration(compilation, name);
    buf_printf(out, "### `%s`\n\n", name);
    if (declaration != NULL && declaration->doc != NULL)
        buf_printf(out, "%s\n\n", declaration->doc);
    for (size_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++)
        add_member(out, type->members[i], declaration);
    if (type->kind == TYPE_ONE_OF)
        add_member(out, type, declaration);
    else if (type->kind != TYPE_UNION)
        add_meaning(out, type);
    if (type->kind == TYPE_ONE_OF || type->kind == TYPE_UNION)
        buf_add_char(out, '\n');
}

static void add_native(struct buf *out, const struct native *native)
{
    buf_printf(out, "### `%s%s`\n\n%s\n\n", native->name, native->signature, native->doc);
}

bool reference_page(struct buf *out, struct compilation *compilation, const char *name)
{
    struct declarations *declarations = &compilation->declarations;
    const struct kind *kind = map_get(declarations->kinds, name);
    const struct measure *measure = map_get(declarations->measures, name);
    bool type = map_get(declarations->types, name) != NULL;
    const struct native *native = native_find(name);
    if (kind != NULL)
        add_kind(out, compilation, kind);
    if (measure != NULL)
        add_measure(out, compilation, measure);
    if (type)
        add_type_page(out, compilation, name);
    if (native != NULL)
        add_native(out, native);
    return kind != NULL || measure != NULL || type || native != NULL;
}

const struct map *reference_names(struct compilation *compilation)
{
    struct declarations *declarations = &compilation->declarations;
    const struct map *tables[] = {declarations->kinds, declarations->measures, declarations->types};
    struct map *names = map_new(compilation->arena);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (size_t k = 0; k < map_count(tables[i]); k++)
            map_set(names, map_at(tables[i], k)->key, (void *)map_at(tables[i], k)->key);
    for (size_t i = 0; i < native_count; i++)
        map_set(names, natives[i].name, (void *)natives[i].name);
    return names;
}

static int by_key(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(a, b);
}

/* Entries of a table in the order of their names. */
static struct vec sorted_keys(struct compilation *compilation, const struct map *map)
{
    struct vec keys = vec_in(compilation->arena);
    for (size_t i = 0; i < map_count(map); i++)
        vec_push(&keys, (void *)map_at(map, i)->key);
    vec_sort(&keys, by_key, NULL);
    return keys;
}

/* Nested kinds stand in the table twice when their short name is free: once as `parent.name`. */
static bool is_second_entry(const struct kind *kind, const char *key)
{
    return strcmp(kind->name, key) != 0;
}

static void add_diagnostics(struct buf *out)
{
    size_t count;
    const struct diag_info *rows = diag_catalogue(&count);
    buf_add_str(out, "## Diagnostics\n\n| code | severity | meaning |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++) {
        static const char *const words[] = {"error", "warning", "note"};
        buf_printf(out, "| %s | %s | ", rows[i].id, words[rows[i].severity]);
        add_doc_cell(out, rows[i].title);
        buf_add_str(out, " |\n");
    }
}

void reference_all(struct buf *out, struct compilation *compilation)
{
    struct declarations *declarations = &compilation->declarations;
    buf_add_str(out, "# Reference\n\nGenerated by `make docs` from `stdlib/` and the tables of the compiler. "
                     "`mlc explain NAME` prints "
                     "one entry.\n\n## Kinds\n\n");
    struct vec keys = sorted_keys(compilation, declarations->kinds);
    for (size_t i = 0; i < keys.count; i++) {
        const struct kind *kind = map_get(declarations->kinds, keys.items[i]);
        if (!is_second_entry(kind, keys.items[i]))
            add_kind(out, compilation, kind);
    }
    buf_add_str(
        out, "## Measures and metrics\n\nIn a dataset, every measure that is computed here takes `where:`, a "
             "`condition` that chooses its rows, and `.by(column)`, which asks it of every value of a "
             "column: `mean(fare, where: paid).by(city) >= 5`.\n\n");
    keys = sorted_keys(compilation, declarations->measures);
    for (size_t i = 0; i < keys.count; i++)
        add_measure(out, compilation, map_get(declarations->measures, keys.items[i]));
    buf_add_str(out, "## Types\n\n");
    keys = sorted_keys(compilation, declarations->types);
    for (size_t i = 0; i < keys.count; i++)
        add_type_page(out, compilation, keys.items[i]);
    buf_add_str(out, "## Functions\n\n");
    for (size_t i = 0; i < native_count; i++)
        add_native(out, &natives[i]);
    add_diagnostics(out);
}
