/* Natives about what is deployed: facts of the lock, pins of actions, secrets, names of buckets. */

#include <string.h>
#include "compiler/evaluate.h"
#include "compiler/ir.h"
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "core/text.h"

static struct node *node_argument(const struct native_call *call, size_t index)
{
    const struct value *value = native_argument(call, index);
    return value && value->kind == VALUE_NODE ? value->node : NULL;
}

/* A fact of the lock: "model/iris.champion". The instance of an environment has its own before the project's.
 */
static const struct value *lock_fact(struct native_call *call, const struct node *node, const char *fact)
{
    const struct value *lock = call->compilation->lock;
    const struct value *found =
        lock ? value_get(lock, arena_printf(call->arena, "%s.%s", node->id, fact)) : NULL;
    const char *at = strchr(node->id, '@');
    if (!found && lock && at)
        found = value_get(lock, arena_printf(call->arena, "%.*s.%s", (int)(at - node->id), node->id, fact));
    if (!found || found->kind == VALUE_NULL)
        return value_null(call->arena, call->where);
    return found->origin ? found : value_with_origin(call->arena, found, node->origin);
}

const struct value *native_lock_champion(struct native_call *call)
{
    struct node *model = node_argument(call, 0);
    return model ? lock_fact(call, model, "champion") : native_misfit(call, 0, "a model");
}

const struct value *native_lock_image(struct native_call *call)
{
    struct node *service = node_argument(call, 0);
    if (!service)
        return native_misfit(call, 0, "a service");
    if (service->kind && kind_attribute(service->kind, "image")) {
        const struct value *image = node_get(service, "image");
        if (image && image->kind == VALUE_STRING)
            return image;
    }
    return lock_fact(call, service, "image");
}

/* The line "COMMIT VERSION" of an action: of the lock, else of the table that comes with mlc. */
static const char *pin_line(struct native_call *call, const char *action)
{
    const struct value *lock = call->compilation->lock;
    const char *line =
        lock ? value_string_or(value_get(lock, arena_printf(call->arena, "pin/%s", action)), NULL) : NULL;
    const struct map *constants = call->compilation->declarations.constants;
    const struct constant *pins = line || !constants ? NULL : map_get(constants, "github.pins");
    if (!pins)
        return line;
    struct scope *scope = scope_new(call->compilation, NULL);
    const struct value *table = evaluate(call->compilation, scope, pins->value);
    return table ? value_string_or(value_get(table, action), NULL) : NULL;
}

const struct value *native_pin(struct native_call *call)
{
    const char *action = native_text(call, 0);
    if (!action)
        return native_misfit(call, 0, "the name of an action");
    const char *line = pin_line(call, action);
    size_t digits = line ? strspn(line, "0123456789abcdef") : 0;
    if (digits != 40 || (line[40] && line[40] != ' ')) {
        struct diag *diag = native_refuse(call, DIAG_NATIVE_PIN, call->arguments[0],
                                          "no commit is known for the action `%s`", action);
        diag_help(diag, "`mlc pin` writes it into mlc.lock");
        return NULL;
    }
    const struct value *uses =
        value_string(call->arena, arena_printf(call->arena, "%s@%.40s", action, line), native_origin(call));
    if (!line[40])
        return uses;
    struct marks *marks = arena_alloc(call->arena, sizeof *marks);
    marks->note = line + 41;
    return value_with_marks(call->arena, uses, marks);
}

const struct value *native_is_secret(struct native_call *call)
{
    struct node *node = node_argument(call, 0);
    bool is = node && node->kind && !strcmp(node->kind->name, "secret");
    return value_bool(call->arena, is, native_origin(call));
}

const struct value *native_as_secret(struct native_call *call)
{
    struct node *node = node_argument(call, 0);
    if (!node || !node->kind || strcmp(node->kind->name, "secret"))
        return native_misfit(call, 0, "a secret");
    return call->arguments[0];
}

/* Where a secret is kept, as a word: an operator in the cluster can read those; the others belong to CI. */
const struct value *native_store_of(struct native_call *call)
{
    struct node *secret = node_argument(call, 0);
    const struct value *from = secret ? node_get(secret, "from") : NULL;
    if (!from || from->kind != VALUE_VARIANT)
        return native_misfit(call, 0, "a secret");
    if (!strcmp(from->name, "env") || !strcmp(from->name, "github"))
        return value_null(call->arena, call->where);
    return value_string(call->arena, from->name, from->origin);
}

const struct value *native_secret_key(struct native_call *call)
{
    struct node *secret = node_argument(call, 0);
    const struct value *from = secret ? node_get(secret, "from") : NULL;
    const struct value *key = from ? value_get(from, "path") : NULL;
    if (from && !key)
        key = value_get(from, "name");
    if (!key || key->kind != VALUE_STRING)
        return native_misfit(call, 0, "a secret");
    return key;
}

const struct value *native_plain(struct native_call *call)
{
    const struct value *value = native_argument(call, 0);
    struct buf out = {0};
    if (value && value->kind == VALUE_FLOAT) {
        char digits[32];
        buf_add(&out, digits, text_from_double(value->number, digits));
        return native_string(call, &out);
    }
    if (value && value->kind != VALUE_NODE && native_name_of(value, &out))
        return native_string(call, &out);
    buf_free(&out);
    return native_misfit(call, 0, "a text, a number or true or false");
}

const struct value *native_share(struct native_call *call)
{
    const struct value *percent = native_argument(call, 0);
    if (!percent || percent->kind != VALUE_QUANTITY || percent->unit != UNIT_PERCENT)
        return native_misfit(call, 0, "a percentage");
    char digits[32];
    struct buf out = {0};
    buf_add(&out, digits, text_from_double(percent->number / 100, digits));
    return native_string(call, &out);
}

/* Buckets are global: a new one carries the project's name. */
static const struct value *bucket_name(struct native_call *call, const char *before)
{
    struct node *bucket = node_argument(call, 0);
    if (!bucket)
        return native_misfit(call, 0, "a bucket");
    const char *existing =
        bucket->kind && kind_attribute(bucket->kind, "existing") ? node_text(bucket, "existing") : NULL;
    const struct graph *graph = call->compilation->graph;
    struct buf out = {0};
    buf_add_str(&out, before);
    if (existing)
        buf_add_str(&out, existing);
    else
        buf_printf(&out, "%s%s%s", graph && graph->project ? graph->project->name : "",
                   graph && graph->project ? "-" : "", bucket->name);
    if (out.length - strlen(before) <= 63)
        return native_string(call, &out);
    struct diag *diag =
        native_refuse(call, DIAG_NATIVE_NAME_TOO_LONG, call->arguments[0],
                      "the bucket's name `%s` has more than 63 characters", out.data + strlen(before));
    diag_help(diag, "shorten the bucket's name; the project's stands before it");
    buf_free(&out);
    return NULL;
}

const struct value *native_bucket_name(struct native_call *call)
{
    return bucket_name(call, "");
}

const struct value *native_uri(struct native_call *call)
{
    return bucket_name(call, "s3://");
}

const struct value *native_format_of(struct native_call *call)
{
    static const char *const known[][2] = {{".csv", "csv"},      {".tsv", "csv"},         {".jsonl", "jsonl"},
                                           {".ndjson", "jsonl"}, {".parquet", "parquet"}, {".pq", "parquet"}};
    const char *path = native_text(call, 0);
    if (!path)
        return value_word(call->arena, "opaque", call->where);
    char *name = arena_strdup(call->arena, path);
    if (text_ends_with(name, ".gz"))
        name[strlen(name) - 3] = '\0';
    else if (text_ends_with(name, ".zst"))
        name[strlen(name) - 4] = '\0';
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_ends_with(name, known[i][0]))
            return value_word(call->arena, known[i][1], native_origin(call));
    return value_word(call->arena, "opaque", native_origin(call));
}

const struct value *native_ir_of(struct native_call *call)
{
    struct node *environment = node_argument(call, 0);
    if (!environment || strcmp(environment->kind->name, "environment"))
        return native_misfit(call, 0, "an environment");
    struct buf out = {0};
    if (call->compilation->graph && ir_write_part(call->compilation->graph, environment, &out))
        return native_string(call, &out);
    buf_free(&out);
    native_refuse(call, DIAG_NATIVE_ARGUMENT, NULL, "there is no graph to write");
    return NULL;
}
