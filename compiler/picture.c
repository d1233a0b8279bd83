/* The graph as a picture in text: Graphviz's dot and Mermaid. Blocks without a name of their own (split,
 * gate) and predicates are drawn as part of the node around them. */

#include <string.h>
#include "compiler/ir.h"

/* The node that stands for `node` in a picture. */
static const struct node *drawn(const struct node *node)
{
    while (node->parent)
        node = node->parent;
    return node;
}

static bool is_drawn(const struct node *node)
{
    return !node->parent && strncmp(node->kind->name, "target.", 7) != 0;
}

static bool is_first(const struct graph *graph, size_t place)
{
    const struct edge *edge = graph->edges.items[place];
    for (size_t i = place; i-- > 0;) {
        const struct edge *other = graph->edges.items[i];
        if (drawn(other->from) != drawn(edge->from))
            return true;
        if (drawn(other->to) == drawn(edge->to))
            return false;
    }
    return true;
}

/* Every edge between drawn nodes once. */
static void each_edge(const struct graph *graph, struct buf *out,
                      void (*write)(struct buf *out, const struct node *from, const struct node *to,
                                    const char *via))
{
    for (size_t i = 0; i < graph->edges.count; i++) {
        const struct edge *edge = graph->edges.items[i];
        const struct node *from = drawn(edge->from), *to = drawn(edge->to);
        if (from != to && is_drawn(from) && is_drawn(to) && is_first(graph, i))
            write(out, from, to, edge->via);
    }
}

static void quoted(struct buf *out, const char *text)
{
    buf_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *text);
    }
    buf_add_char(out, '"');
}

static void dot_edge(struct buf *out, const struct node *from, const struct node *to, const char *via)
{
    buf_add_str(out, "  ");
    quoted(out, from->id);
    buf_add_str(out, " -> ");
    quoted(out, to->id);
    buf_add_str(out, " [label=");
    quoted(out, via);
    buf_add_str(out, "];\n");
}

void graph_write_dot(const struct graph *graph, struct buf *out)
{
    buf_add_str(
        out, "digraph mlc {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n");
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct node *node = graph->nodes.items[i];
        if (!is_drawn(node))
            continue;
        buf_add_str(out, "  ");
        quoted(out, node->id);
        buf_add_str(out, ";\n");
    }
    each_edge(graph, out, dot_edge);
    buf_add_str(out, "}\n");
}

/* Mermaid takes names of letters and digits, and labels in quotes without quotes inside. */
static void mermaid_label(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"')
            buf_add_str(out, "#quot;");
        else if (*text == '#')
            buf_add_str(out, "#35;");
        else
            buf_add_char(out, *text);
    }
}

static void mermaid_edge(struct buf *out, const struct node *from, const struct node *to, const char *via)
{
    buf_printf(out, "  n%zu -- \"", from->index);
    mermaid_label(out, via);
    buf_printf(out, "\" --> n%zu\n", to->index);
}

void graph_write_mermaid(const struct graph *graph, struct buf *out)
{
    buf_add_str(out, "flowchart LR\n");
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct node *node = graph->nodes.items[i];
        if (!is_drawn(node))
            continue;
        buf_printf(out, "  n%zu[\"", node->index);
        mermaid_label(out, node->id);
        buf_add_str(out, "\"]\n");
    }
    each_edge(graph, out, mermaid_edge);
}
