/* mlc diff: what a change of a spec means for its policy, fact by fact: looser, tighter, or only other. */

#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "core/documents/json.h"

enum direction { OTHER, LOOSER, TIGHTER };
static const char *const directions[] = {"changed", "looser", "tighter"};

struct change {
    enum direction direction;
    const char *node;
    const char *fact;
    const char *before, *after; /* NULL: was not there, is not there */
};

struct comparison {
    struct arena *arena;
    struct graph *old, *new;
    struct vec changes;
};

static void add(struct comparison *all, enum direction direction, const char *node, const char *fact,
                const char *before, const char *after)
{
    struct change *change = arena_alloc(all->arena, sizeof *change);
    *change = (struct change){direction, node, fact, before, after};
    vec_push(&all->changes, change);
}

static const char *text_of(struct comparison *all, const struct value *value)
{
    if (!value || value->kind == VALUE_NULL)
        return "none";
    if (value->kind == VALUE_NODE)
        return value->node->id;
    struct buf out = {0};
    value_print(&out, value);
    const char *text = arena_copy(all->arena, buf_str(&out), out.length);
    buf_free(&out);
    return text;
}

/* 1 where the new one is larger, -1 where it is smaller, 0 where they cannot be compared or are equal. */
static int growth(const struct value *before, const struct value *after)
{
    bool numbers = before->kind == after->kind
                       ? before->kind == VALUE_INT || before->kind == VALUE_FLOAT ||
                             (before->kind == VALUE_QUANTITY && before->unit == after->unit)
                       : (before->kind == VALUE_INT || before->kind == VALUE_FLOAT) &&
                             (after->kind == VALUE_INT || after->kind == VALUE_FLOAT);
    int order = numbers ? value_compare(after, before) : 0;
    return order > 0 ? 1 : order < 0 ? -1 : 0;
}

static enum direction direction_of(int tightening)
{
    return tightening > 0 ? TIGHTER : tightening < 0 ? LOOSER : OTHER;
}

/* ---- predicates: their id holds measure, arguments and side, so that only a bound or an action differs */

static bool is_abort(const struct node *predicate)
{
    return predicate->parent && !strcmp(predicate->parent->kind->name, "rollout");
}

/* A bound's side says which way is stricter (the checker has seen that it fits the measure); a reason to stop
 * is stricter when it holds sooner. */
static int tightening(struct node *before, struct node *after)
{
    const char *sign = node_text(after, "operator");
    const struct value *old = node_get(before, "bound"), *new = node_get(after, "bound");
    int side = !sign ? 0 : sign[0] == '>' ? 1 : sign[0] == '<' ? -1 : 0;
    int tighter = side * growth(old, new);
    if (sign && !strcmp(sign, "in") && old->kind == VALUE_RANGE && new->kind == VALUE_RANGE && old->low &&
        old->high &&new->low &&new->high) {
        int low = growth(old->low, new->low), high = -growth(old->high, new->high);
        tighter = low * high < 0 ? 0 : low + high;
    }
    return is_abort(after) ? -tighter : tighter;
}

static void compare_predicates(struct comparison *all, struct node *before, struct node *after)
{
    const char *old = before ? node_text(before, "source") : NULL;
    const char *new = after ? node_text(after, "source") : NULL;
    const struct node *owner = before ? before->parent : after->parent;
    const char *fact = is_abort(before ? before : after) ? "abort when" : "requirement";
    const char *id = owner ? owner->id : (before ? before : after)->id;
    if (!before || !after) {
        add(all, before ? LOOSER : TIGHTER, id, fact, old, new);
        return;
    }
    if (old && new &&strcmp(old, new))
        add(all, direction_of(tightening(before, after)), id, fact, old, new);
    const struct value *was = node_get(before, "actions"), *is = node_get(after, "actions");
    const char *a = text_of(all, was), *b = text_of(all, is);
    if (strcmp(a, b))
        add(all, OTHER, id, arena_printf(all->arena, "what follows from `%s`", new ? new : ""), a, b);
}

/* ---- facts of other nodes */

/* `more`: 1 where more is stricter, -1 where less is; presence: 1 where being there is stricter, -1 looser.
 */
static const struct fact {
    const char *kind, *attribute;
    int more, presence;
} facts[] = {
    {"environment", "approvers", 1, 1},
    {"environment", "rollback_approvers", 1, 1},
    {"environment", "after", 0, 1},
    {"environment", "rollout", 0, 1},
    {"rollout_step", "hold", 1, 1},
    {"rollout_step", "manual", 1, 1},
    {"rollout_step", "trial", 1, 1},
    {"rollout_step", "probes", 1, 1},
    {"rollout", "strategy", 0, 0},
    {"rollout", "idle", 0, 0},
    {"rollout", "limit", -1, 0},
    {"service", "replicas_min", 1, 0},
    {"service", "replicas_max", 0, 0},
    {"service", "auth", 0, 0},
    {"", "allow", 0, -1},
};

static bool is_absent(const struct value *value)
{
    return value->kind == VALUE_NULL || (value->kind == VALUE_LIST && !value->count) ||
           (value->kind == VALUE_BOOL && !value->boolean);
}

static bool holds_all(struct comparison *all, const struct value *list, const struct value *of)
{
    for (size_t i = 0; i < of->count; i++) {
        bool found = false;
        for (size_t k = 0; k < list->count && !found; k++)
            found = !strcmp(text_of(all, list->items[k]), text_of(all, of->items[i]));
        if (!found)
            return false;
    }
    return true;
}

static enum direction fact_direction(struct comparison *all, const struct fact *fact,
                                     const struct value *before, const struct value *after)
{
    if (is_absent(before) != is_absent(after))
        return direction_of(is_absent(before) ? fact->presence : -fact->presence);
    if (before->kind == VALUE_LIST && after->kind == VALUE_LIST) {
        bool grown = holds_all(all, after, before), shrunk = holds_all(all, before, after);
        return grown == shrunk ? OTHER : direction_of(grown ? fact->more : -fact->more);
    }
    return direction_of(fact->more * growth(before, after));
}

static void compare_facts(struct comparison *all, struct node *before, struct node *after)
{
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const struct fact *fact = &facts[i];
        if ((fact->kind[0] && strcmp(fact->kind, after->kind->name)) ||
            !kind_attribute(after->kind, fact->attribute) || !kind_attribute(before->kind, fact->attribute))
            continue;
        const struct value *old = node_get(before, fact->attribute), *new = node_get(after, fact->attribute);
        const char *a = text_of(all, old), *b = text_of(all, new);
        if (strcmp(a, b))
            add(all, fact_direction(all, fact, old, new), after->id, fact->attribute, a, b);
    }
}

/* ---- nodes */

/* What each environment has an instance of is compared there. */
static struct map *bases_of(struct arena *arena, const struct graph *graph)
{
    struct map *bases = map_new(arena);
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct node *node = graph->nodes.items[i];
        if (node->base && node->base != node)
            map_set(bases, node->base->id, node->base);
    }
    return bases;
}

static void compare_nodes(struct comparison *all, struct node *before, struct node *after)
{
    const struct node *any = before ? before : after;
    if (!strcmp(any->kind->name, "predicate"))
        compare_predicates(all, before, after);
    else if (before && after)
        compare_facts(all, before, after);
    else if (!strcmp(any->kind->name, "rollout_step") || !strcmp(any->kind->name, "smoke") ||
             !strcmp(any->kind->name, "test"))
        add(all, before ? LOOSER : TIGHTER, any->parent ? any->parent->id : any->id, any->kind->head,
            before ? before->id : NULL, after ? after->id : NULL);
}

static void compare_graphs(struct comparison *all)
{
    struct map *old_bases = bases_of(all->arena, all->old), *new_bases = bases_of(all->arena, all->new);
    for (size_t i = 0; i < all->old->nodes.count; i++) {
        struct node *node = all->old->nodes.items[i];
        if (!map_has(old_bases, node->id))
            compare_nodes(all, node, graph_find(all->new, node->id));
    }
    for (size_t i = 0; i < all->new->nodes.count; i++) {
        struct node *node = all->new->nodes.items[i];
        if (!map_has(new_bases, node->id) && !graph_find(all->old, node->id))
            compare_nodes(all, NULL, node);
    }
}

/* The rules of `policy` blocks as texts, each once. */
static struct map *rules_of(struct arena *arena, const struct compilation *compilation)
{
    struct map *rules = map_new(arena);
    const struct vec *policies = &compilation->declarations.policies;
    for (size_t i = 0; i < policies->count; i++) {
        const struct ast_item *policy = policies->items[i];
        const struct ast_item *item = policy->block ? policy->block->items : NULL;
        for (; item; item = item->next) {
            const struct source *source = source_of(compilation->sources, item->span.source);
            if (source)
                map_set(rules,
                        arena_copy(arena, source->text + item->span.start, item->span.end - item->span.start),
                        (void *)item);
        }
    }
    return rules;
}

static void compare_policies(struct comparison *all)
{
    struct map *old = rules_of(all->arena, all->old->compilation);
    struct map *new = rules_of(all->arena, all->new->compilation);
    for (size_t i = 0; i < map_count(old); i++)
        if (!map_has(new, map_at(old, i)->key))
            add(all, LOOSER, "policy", "rule", map_at(old, i)->key, NULL);
    for (size_t i = 0; i < map_count(new); i++)
        if (!map_has(old, map_at(new, i)->key))
            add(all, TIGHTER, "policy", "rule", NULL, map_at(new, i)->key);
}

/* ---- printing */

static void print_text(struct cli *cli, const struct comparison *all)
{
    for (size_t i = 0; i < all->changes.count; i++) {
        const struct change *change = all->changes.items[i];
        fprintf(cli->out, "%-7s  %s: %s: ", directions[change->direction], change->node, change->fact);
        if (change->before && change->after)
            fprintf(cli->out, "%s -> %s\n", change->before, change->after);
        else
            fprintf(cli->out, "%s %s\n", change->before ? "removed" : "added",
                    change->before ? change->before : change->after);
    }
    if (all->changes.count == 0)
        fprintf(cli->out, "no policy changed\n");
}

static void json_member(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, ", \"%s\": ", key);
    if (value)
        json_write_string(out, value, strlen(value));
    else
        buf_add_str(out, "null");
}

static void print_json(struct cli *cli, const struct comparison *all)
{
    struct buf out = {0};
    buf_add_str(&out, "{\"changes\": [");
    for (size_t i = 0; i < all->changes.count; i++) {
        const struct change *change = all->changes.items[i];
        buf_printf(&out, "%s{\"direction\": \"%s\"", i ? ", " : "", directions[change->direction]);
        json_member(&out, "node", change->node);
        json_member(&out, "fact", change->fact);
        json_member(&out, "before", change->before);
        json_member(&out, "after", change->after);
        buf_add_char(&out, '}');
    }
    buf_add_str(&out, "]}\n");
    fwrite(buf_str(&out), 1, out.length, cli->out);
    buf_free(&out);
}

/* Evaluated, and no further: a spec that its own policy refuses has a meaning to compare. */
static struct compilation *open_evaluated(struct cli *cli, const char *folder)
{
    struct compilation *compilation = project_compile(cli, folder, "evaluate", false);
    if (diag_error_count(compilation->diags) == 0 && compilation->graph)
        return compilation;
    project_report(cli, compilation, "text");
    compilation_free(compilation);
    return NULL;
}

int cli_diff(struct cli *cli, int argc, char **argv)
{
    const char *format = "text";
    const struct option_spec options[] = {
        {"format", 0, OPTION_CHOICE, &format, "text|json", "How it is printed (text)"},
        {0},
    };
    const struct options_page page = {"mlc diff [OPTIONS] OLD NEW",
                                      "Says what the change from one folder's spec to another's means: which "
                                      "requirements, bounds, approvals,\n"
                                      "steps and rules became looser or tighter.",
                                      options, 2, 2};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    struct compilation *old = open_evaluated(cli, argv[1]);
    struct compilation *new = old ? open_evaluated(cli, argv[2]) : NULL;
    if (new) {
        struct comparison all = {new->arena, old->graph, new->graph, vec_in(new->arena)};
        compare_graphs(&all);
        compare_policies(&all);
        if (strcmp(format, "json") == 0)
            print_json(cli, &all);
        else
            print_text(cli, &all);
    }
    int code = new ? EXIT_OK : EXIT_FAILED;
    if (new)
        compilation_free(new);
    if (old)
        compilation_free(old);
    return code;
}
