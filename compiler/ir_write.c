/* The graph as JSON: one node a line, in order of id, so that two versions of it compare line by line. */

#include <string.h>
#include "compiler/ir.h"
#include "compiler/ir_part.h"
#include "compiler/ir_value.h"
#include "compiler/node_state.h"
#include "core/documents/json.h"

static const char *const roles[] = {"reference", "slot", "order"};

static void text(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, "\"%s\": ", key);
    if (value)
        json_write_string(out, value, strlen(value));
    else
        buf_add_str(out, "null");
}

/* Attributes in the order of the kind's declaration; a derived one can be computed again, but is there to
 * read. */
static void write_attributes(struct buf *out, struct node *node, const struct ir_nodes *nodes, bool derived,
                             const struct ir_part *part)
{
    const struct kind_table *table = state_of(node)->table;
    bool first = true;
    buf_add_char(out, '{');
    for (size_t i = 0; i < table->count; i++) {
        const struct attribute *attribute = table->attributes[i];
        if ((attribute->form == ATTRIBUTE_DERIVED && !derived) ||
            (part && !ir_part_writes(part, node, attribute->name)))
            continue;
        buf_printf(out, "%s\"%s\": ", first ? "" : ", ", attribute->name);
        ir_write_value(out, node_get(node, attribute->name), nodes);
        first = false;
    }
    buf_add_char(out, '}');
}

/* ---- hashes: a block inside counts by its own hash, anything else that is referred to by its id. */

static void hash_node(struct buf *out, struct node *node, void *context)
{
    char hash[HASH_HEX_SIZE];
    if (node->parent != context) {
        text(out, "$node", node->id);
        return;
    }
    node_hash(node, hash);
    text(out, "$block", hash);
}

void node_hash(struct node *node, char out[HASH_HEX_SIZE])
{
    struct buf content = {0};
    struct ir_nodes nodes = {hash_node, node};
    text(&content, "kind", node->kind->name);
    text(&content, "name", node->name);
    write_attributes(&content, node, &nodes, false, NULL);
    hash_hex(content.data, content.length, out);
    buf_free(&content);
}

/* ---- the document */

/* Where the lines of a source begin: source_position looks for them anew at each call, which is too slow for
 * every node of a large spec. */
struct line_index {
    uint32_t *starts;
    size_t count;
};

struct places {
    struct arena *arena;
    struct map *indexes; /* source id -> struct line_index */
};

static const struct line_index *lines_of(struct places *places, const struct source *source)
{
    struct line_index *index = map_get_n(places->indexes, (const char *)&source->id, sizeof source->id);
    if (index)
        return index;
    index = arena_alloc(places->arena, sizeof *index);
    size_t count = 1;
    for (uint32_t i = 0; i < source->length; i++)
        count += source->text[i] == '\n';
    index->starts = arena_array(places->arena, count, sizeof *index->starts);
    index->count = 1;
    for (uint32_t i = 0; i < source->length; i++)
        if (source->text[i] == '\n')
            index->starts[index->count++] = i + 1;
    map_set_n(places->indexes, (const char *)&source->id, sizeof source->id, index);
    return index;
}

static struct position place_of(struct places *places, const struct source *source, uint32_t offset)
{
    const struct line_index *index = lines_of(places, source);
    size_t low = 0, high = index->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (index->starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    uint32_t column = 1;
    for (uint32_t i = index->starts[low]; i < offset && i < source->length; i++)
        column += ((unsigned char)source->text[i] & 0xc0) != 0x80;
    return (struct position){(uint32_t)low + 1, column};
}

static void write_source(struct buf *out, struct node *node, struct places *places)
{
    const struct compilation *compilation = state_of(node)->compilation;
    struct span span = origin_user_span(compilation->origins, compilation->sources, node->origin);
    const struct source *source = source_of(compilation->sources, span.source);
    if (!source || !places) {
        buf_add_str(out, "\"source\": null");
        return;
    }
    struct position at = place_of(places, source, span.start);
    buf_add_str(out, "\"source\": {");
    text(out, "file", source->path);
    buf_printf(out, ", \"line\": %u, \"column\": %u}", at.line, at.column);
}

/* How much is written. */
struct extent {
    bool places;                /* where each node was declared */
    const struct ir_part *part; /* NULL: the whole graph */
};

static const char *id_of(const struct extent *extent, const struct node *node)
{
    return node && (!extent->part || ir_part_holds(extent->part, node)) ? node->id : NULL;
}

static void member(struct buf *out, const char *key, const char *value, const struct extent *extent)
{
    if (!value && extent->part)
        return;
    buf_add_str(out, ", ");
    text(out, key, value);
}

/* Of a part, what is absent is left out: the reader takes it so. */
static void write_node(struct buf *out, struct node *node, struct places *places, const struct extent *extent)
{
    char hash[HASH_HEX_SIZE];
    buf_add_str(out, "    {");
    text(out, "id", node->id);
    member(out, "kind", node->kind->name, extent);
    member(out, "name", node->name, extent);
    member(out, "parent", id_of(extent, node->parent), extent);
    member(out, "environment", id_of(extent, node->environment), extent);
    member(out, "base", id_of(extent, node->base), extent);
    if (!extent->part) {
        member(out, "doc", node->doc, extent);
        node_hash(node, hash);
        member(out, "hash", hash, extent);
        buf_add_str(out, ", ");
        write_source(out, node, places);
    }
    buf_add_str(out, ", \"attributes\": ");
    write_attributes(out, node, NULL, true, extent->part);
    buf_add_char(out, '}');
}

static void write_edge(struct buf *out, const struct edge *edge)
{
    buf_add_str(out, "    {");
    text(out, "from", edge->from->id);
    buf_add_str(out, ", ");
    text(out, "to", edge->to->id);
    buf_add_str(out, ", ");
    text(out, "role", roles[edge->role]);
    buf_add_str(out, ", ");
    text(out, "via", edge->via);
    buf_add_char(out, '}');
}

/* Nodes and edges, the part that the hash covers. */
static void write_body(const struct graph *graph, struct buf *out, const struct extent *extent)
{
    struct arena *arena = arena_new();
    struct places table = {arena, map_new(arena)}, *places = extent->places ? &table : NULL;
    const char *between = "\n";
    buf_add_str(out, "  \"nodes\": [");
    for (size_t i = 0; i < graph->nodes.count; i++) {
        struct node *node = graph->nodes.items[i];
        if (!id_of(extent, node))
            continue;
        buf_add_str(out, between);
        write_node(out, node, places, extent);
        between = ",\n";
    }
    buf_add_str(out, "\n  ],\n  \"edges\": [");
    between = "\n";
    for (size_t i = 0; i < graph->edges.count; i++) {
        const struct edge *edge = graph->edges.items[i];
        if (!id_of(extent, edge->from) || !id_of(extent, edge->to))
            continue;
        buf_add_str(out, between);
        write_edge(out, edge);
        between = ",\n";
    }
    buf_add_str(out, "\n  ]\n");
    arena_free(arena);
}

static bool write_graph(const struct graph *graph, struct buf *out, const struct extent *extent)
{
    struct buf body = {0};
    char hash[HASH_HEX_SIZE];
    write_body(graph, &body, extent);
    hash_hex(body.data, body.length, hash);
    buf_add_str(out, "{\n  \"version\": 1,\n  ");
    text(out, "mlc", MLC_VERSION);
    buf_add_str(out, ",\n  ");
    text(out, "project", graph->project ? graph->project->id : NULL);
    buf_add_str(out, ",\n  ");
    text(out, "hash", hash);
    buf_add_str(out, ",\n");
    buf_add(out, body.data, body.length);
    buf_add_str(out, "}\n");
    buf_free(&body);
    return true;
}

bool ir_write(const struct graph *graph, struct buf *out)
{
    return write_graph(graph, out, &(struct extent){.places = true});
}

bool ir_write_part(const struct graph *graph, struct node *environment, struct buf *out)
{
    struct arena *arena = arena_new();
    struct extent extent = {.part = ir_part_of(arena, graph, environment)};
    bool written = write_graph(graph, out, &extent);
    arena_free(arena);
    return written;
}
