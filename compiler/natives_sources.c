/* `sources`: every file of the repository that nodes read, transitively; path filters and cache keys of CI.
 */

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"

/* Which attributes of a kind name files, and which lead to nodes that read files in turn. */
struct reading {
    const char *kind;
    const char *files[4];
    const char *nodes[5];
    const char *command; /* with this attribute and without files, what it reads is unknown: everything */
};

static const struct reading readings[] = {
    {"dataset", {"path"}, {"tests", "like"}, NULL},
    {"model", {NULL}, {"data", "python", "steps", "tests"}, NULL},
    {"step", {"inputs"}, {NULL}, "run"},
    {"test", {"inputs"}, {NULL}, "run"},
    {"service", {"inputs"}, {"model", "build", "tests"}, NULL},
    {"build", {"context", "dockerfile"}, {NULL}, NULL},
    {"python", {"lock"}, {NULL}, NULL},
    {"monitor", {NULL}, {"baseline"}, NULL},
    {"batch", {NULL}, {"model", "models"}, NULL},
};

struct sources {
    struct native_call *call;
    struct map *seen;
    struct vec work;
    struct vec files; /* const struct value * */
    bool everything;
};

static const struct reading *reading_of(const struct kind *kind)
{
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++)
        if (!strcmp(readings[i].kind, kind->name))
            return &readings[i];
    return NULL;
}

/* A path of the repository, not of a store: "s3://…" is read by name, and no push changes it. */
static size_t push_files(struct sources *sources, const struct value *value)
{
    size_t count = 0;
    if (!value)
        return 0;
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->count; i++)
            count += push_files(sources, value->items[i]);
    } else if (value->kind == VALUE_STRING && value->length) {
        count = 1;
        if (!strstr(value->text, "://") && value->text[0] != '/')
            vec_push(&sources->files, (void *)value);
    }
    return count;
}

static void push_node(struct sources *sources, const struct value *value)
{
    if (value && value->kind == VALUE_LIST)
        for (size_t i = 0; i < value->count; i++)
            push_node(sources, value->items[i]);
    if (!value || value->kind != VALUE_NODE || map_has(sources->seen, value->node->id))
        return;
    map_set(sources->seen, value->node->id, value->node);
    vec_push(&sources->work, (void *)value);
}

static void read_node(struct sources *sources, const struct value *node)
{
    const struct reading *reading = node->node->kind ? reading_of(node->node->kind) : NULL;
    if (!reading)
        return;
    size_t files = 0;
    for (size_t i = 0; i < 4 && reading->files[i]; i++)
        files += push_files(sources, native_member(sources->call, node, reading->files[i]));
    for (size_t i = 0; i < 5 && reading->nodes[i]; i++)
        push_node(sources, native_member(sources->call, node, reading->nodes[i]));
    const struct value *command =
        reading->command ? native_member(sources->call, node, reading->command) : NULL;
    if (command && command->kind != VALUE_NULL && !files)
        sources->everything = true;
}

static int compare_texts(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct value *)a)->text, ((const struct value *)b)->text);
}

const struct value *native_sources(struct native_call *call)
{
    struct sources sources = {call, map_new(call->arena), vec_in(call->arena), vec_in(call->arena), false};
    push_node(&sources, native_argument(call, 0));
    for (size_t i = 0; i < sources.work.count; i++)
        read_node(&sources, sources.work.items[i]);
    origin where = native_origin(call);
    if (sources.everything) {
        const struct value *all = value_string(call->arena, "**", where);
        return value_list(call->arena, &all, 1, where);
    }
    vec_sort(&sources.files, compare_texts, NULL);
    struct list_builder list = list_begin(call->arena);
    for (size_t i = 0; i < sources.files.count; i++) {
        const struct value *file = sources.files.items[i];
        if (!list.count || strcmp(list.items[list.count - 1]->text, file->text))
            list_add(&list, file);
    }
    return list_end(&list, where);
}
