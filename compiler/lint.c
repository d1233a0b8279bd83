#include "compiler/lint.h"

#include <string.h>

static void run_rules(struct evaluator *ev, const struct lint_rule *rules)
{
    for (const struct lint_rule *rule = rules; rule->kind; rule++) {
        struct vec nodes = vec_in(ev->arena);
        graph_collection(ev->compilation->graph, rule->kind, NULL, &nodes);
        for (size_t i = 0; i < nodes.count && !ev->stopped; i++)
            rule->run(ev, nodes.items[i]);
    }
}

void lint_graph(struct evaluator *ev)
{
    run_rules(ev, lint_model_rules);
    run_rules(ev, lint_delivery_rules);
    run_rules(ev, lint_secret_rules);
    run_rules(ev, lint_bound_rules);
    for (size_t i = 0; i < ev->compilation->graph->nodes.count && !ev->stopped; i++)
        for (const struct lint_rule *rule = lint_literal_rules; rule->run; rule++)
            rule->run(ev, ev->compilation->graph->nodes.items[i]);
}

bool lint_is_allowed(struct node *node)
{
    for (; node; node = node->parent)
        if (node->kind && kind_attribute(node->kind, "allow") && node_text(node, "allow"))
            return true;
    return false;
}

/* ---- commands */

static size_t trim(const char **text, size_t length)
{
    while (length && strchr(" \t\n\r", **text)) {
        (*text)++;
        length--;
    }
    while (length && strchr(" \t\n\r;", (*text)[length - 1]))
        length--;
    return length;
}

static bool begins_with_word(const char *text, size_t length, const char *word)
{
    size_t size = strlen(word);
    return length >= size && strncmp(text, word, size) == 0 &&
           (length == size || strchr(" \t\n", text[size]));
}

static bool only_prints(const char *text, size_t length)
{
    static const char *const harmless[] = {"echo", "printf", "true", ":", "exit 0"};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (begins_with_word(text, length, harmless[i]))
            return true;
    return length == 0 || text[0] == '#';
}

/* The end of a simple command at `at`: before `;`, `&&`, a new line or the end, outside of quotes. Sets *pipe
 * when a `|` or `$(` makes it more than a simple one. */
static size_t command_end(const char *text, size_t at, size_t length, bool *pipe)
{
    char quote = 0;
    for (; at < length; at++) {
        char c = text[at];
        if (c == '\\' && quote != '\'') {
            at++;
        } else if (quote) {
            *pipe = *pipe || (quote == '"' && c == '$' && text[at + 1] == '(');
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '|' || (c == '$' && text[at + 1] == '(') || c == '`') {
            *pipe = true;
        } else if (c == ';' || c == '\n' || (c == '&' && text[at + 1] == '&')) {
            return at;
        }
    }
    return length;
}

bool command_cannot_fail(const char *command, const char **why)
{
    const char *text = command;
    size_t length = trim(&text, strlen(command));
    static const char *const tails[] = {"|| true", "|| :",     "||true", "|| exit 0",
                                        "; true",  "; exit 0", "\ntrue"};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        size_t size = strlen(tails[i]);
        if (length >= size && strncmp(text + length - size, tails[i], size) == 0) {
            *why = "it throws its exit status away";
            return true;
        }
    }
    if (length == 0)
        return false;
    bool pipe = false;
    for (size_t at = 0; at < length;) {
        size_t end = command_end(text, at, length, &pipe);
        const char *one = text + at;
        size_t size = trim(&one, end - at);
        if (pipe || !only_prints(one, size))
            return false;
        at = end + 1 + (end < length && text[end] == '&');
    }
    *why = "it only prints";
    return true;
}
