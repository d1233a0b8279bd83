/* Reads what ir_write wrote: for programs that run a graph without its sources. */

#include <string.h>
#include "compiler/ir.h"
#include "compiler/ir_value.h"
#include "compiler/node_state.h"
#include "core/documents/json.h"

struct ir_file {
    struct evaluator *ev;
    struct graph *graph;
    const struct source *source;
};

static struct graph *invalid(struct ir_file *file, const char *format, const char *detail)
{
    struct span start = {file->source->id, 0, 1};
    struct diag *diag = diag_report(file->ev->compilation->diags, DIAG_IR_INVALID, start, format, detail);
    diag_help(diag, "print it again with `mlc ir`");
    return NULL;
}

static const char *text(const struct value *record, const char *key)
{
    const struct value *value = value_get(record, key);
    return value ? value_string_or(value, NULL) : NULL;
}

/* The hash is over the bytes between the line of "nodes" and the closing brace, as they were written. */
static bool hash_fits(const struct source *source, const char *expected)
{
    const char *start = strstr(source->text, "\n  \"nodes\": [\n");
    if (!start || !expected || source->length < 2)
        return false;
    start++;
    const char *end = source->text + source->length;
    while (end > start && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' '))
        end--;
    if (end == start || end[-1] != '}')
        return false;
    char hash[HASH_HEX_SIZE];
    hash_hex(start, (size_t)(end - 1 - start), hash);
    return strcmp(hash, expected) == 0;
}

/* A kind that this version's library does not know (a component, an organisation's): its attributes are those
 * that the node has. */
static const struct kind *foreign_kind(struct ir_file *file, const char *name, const struct value *attributes)
{
    struct arena *arena = file->ev->arena;
    struct kind *kind = arena_alloc(arena, sizeof *kind);
    struct attribute *rows = arena_array(arena, attributes->field_count, sizeof *rows);
    for (size_t i = 0; i < attributes->field_count; i++)
        rows[i] =
            (struct attribute){.name = attributes->fields[i].key, .form = ATTRIBUTE_VALUE, .owner = kind};
    *kind = (struct kind){.name = name,
                          .head = name,
                          .named = true,
                          .attributes = rows,
                          .attribute_count = attributes->field_count};
    map_set(file->ev->compilation->declarations.kinds, name, kind);
    return kind;
}

/* True if the library's kind has every attribute that the file's node has. */
static bool kind_fits(const struct kind *kind, const struct value *attributes)
{
    for (size_t i = 0; i < attributes->field_count; i++)
        if (!kind_attribute(kind, attributes->fields[i].key))
            return false;
    return true;
}

static bool make_node(struct ir_file *file, const struct value *json)
{
    struct compilation *compilation = file->ev->compilation;
    const char *id = text(json, "id"), *kind_name = text(json, "kind"), *name = text(json, "name");
    const struct value *attributes = value_get(json, "attributes");
    if (!id || !kind_name || !name || !attributes || attributes->kind != VALUE_RECORD)
        return invalid(file, "a node has no %s", "id, kind, name or attributes") != NULL;
    const struct kind *kind = map_get(compilation->declarations.kinds, kind_name);
    if (!kind || !kind_fits(kind, attributes))
        kind = foreign_kind(file, kind_name, attributes);
    struct node *node = node_make(file->ev, kind, name, id, NULL, NULL, json->origin);
    node->doc = text(json, "doc");
    state_of(node)->opened = true;
    return node_register(file->ev, node);
}

static struct node *linked(struct ir_file *file, const struct value *json, const char *key)
{
    const char *id = text(json, key);
    return id ? graph_find(file->graph, id) : NULL;
}

static bool fill_node(struct ir_file *file, const struct value *json)
{
    struct node *node = graph_find(file->graph, text(json, "id"));
    node->parent = linked(file, json, "parent");
    node->environment = linked(file, json, "environment");
    node->base = linked(file, json, "base");
    if (node->parent)
        vec_push(&state_of(node->parent)->children, node);
    if (node->base)
        vec_push(&state_of(node->base)->instances, node);
    const struct value *attributes = value_get(json, "attributes");
    for (size_t i = 0; i < attributes->field_count; i++) {
        const char *why = "";
        const struct value *value = ir_read_value(file->graph, attributes->fields[i].value, &why);
        if (!value)
            return invalid(file, "a value is malformed: %s", why) != NULL;
        node_set(node, attributes->fields[i].key, value);
    }
    for (size_t i = 0; i < state_of(node)->table->count; i++)
        if (state_of(node)->slots[i].state != SLOT_DONE)
            node_set(node, state_of(node)->table->attributes[i]->name,
                     value_null(file->ev->arena, node->origin));
    return true;
}

static bool read_edge(struct ir_file *file, const struct value *json)
{
    static const char *const roles[] = {"reference", "slot", "order"};
    struct node *from = linked(file, json, "from"), *to = linked(file, json, "to");
    const char *role = text(json, "role"), *via = text(json, "via");
    for (size_t i = 0; from && to && role && via && i < 3; i++) {
        if (strcmp(roles[i], role) != 0)
            continue;
        struct edge *edge = arena_alloc(file->ev->arena, sizeof *edge);
        *edge = (struct edge){from, to, (enum edge_role)i, via, json->origin};
        vec_push(&file->graph->edges, edge);
        return true;
    }
    return invalid(file, "an edge is malformed%s", "") != NULL;
}

static bool no_circle_of_parents(struct ir_file *file)
{
    for (size_t i = 0; i < file->graph->nodes.count; i++) {
        size_t depth = 0;
        for (const struct node *node = file->graph->nodes.items[i]; node; node = node->parent)
            if (++depth > 64)
                return invalid(file, "the parents of a node form a circle%s", "") != NULL;
    }
    return true;
}

static bool read_graph(struct ir_file *file, const struct value *json)
{
    const struct value *nodes = value_get(json, "nodes"), *edges = value_get(json, "edges");
    if (!nodes || nodes->kind != VALUE_LIST || !edges || edges->kind != VALUE_LIST)
        return invalid(file, "it has no %s", "nodes and edges") != NULL;
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i]->kind != VALUE_RECORD || !make_node(file, nodes->items[i]))
            return false;
    for (size_t i = 0; i < nodes->count; i++)
        if (!fill_node(file, nodes->items[i]))
            return false;
    for (size_t i = 0; i < edges->count; i++)
        if (edges->items[i]->kind != VALUE_RECORD || !read_edge(file, edges->items[i]))
            return false;
    const char *project = text(json, "project");
    file->graph->project = project ? graph_find(file->graph, project) : NULL;
    return no_circle_of_parents(file);
}

struct graph *ir_read(struct compilation *compilation, const struct source *source)
{
    struct evaluator *ev = evaluator_of(compilation);
    const struct value *json = json_read(compilation->arena, source, (struct json_limits){.depth = 800},
                                         compilation->origins, compilation->diags);
    struct ir_file file = {ev, NULL, source};
    if (!json)
        return NULL;
    const struct value *version = json->kind == VALUE_RECORD ? value_get(json, "version") : NULL;
    if (!version || version->kind != VALUE_INT || version->integer != 1)
        return invalid(&file, "this is no graph of version %s", "1");
    if (!hash_fits(source, text(json, "hash")))
        return invalid(&file, "the content does not fit its hash: it was changed%s", "");
    struct graph *graph = arena_alloc(compilation->arena, sizeof *graph);
    graph->nodes = vec_in(compilation->arena);
    graph->edges = vec_in(compilation->arena);
    graph->by_id = map_new(compilation->arena);
    graph->collections = map_new(compilation->arena);
    graph->compilation = compilation;
    struct graph *before = compilation->graph;
    compilation->graph = file.graph = graph;
    if (!read_graph(&file, json)) {
        compilation->graph = before;
        return NULL;
    }
    graph_index(graph);
    return graph;
}
