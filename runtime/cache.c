/* The action cache, `.mlc/cache/DOMAIN`: for each key what the action made. The bytes are in the store. What
 * a pull request's run kept is found by that pull request only; main's entries are found by all. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/runner.h"

enum { LARGEST_ENTRY = 4 << 20 };

void action_key_add(struct hash_state *state, const char *text)
{
    hash_add(state, text, strlen(text) + 1);
}

void action_key_end(struct work *work, struct hash_state *state)
{
    uint8_t bytes[HASH_SIZE];
    hash_end(state, bytes);
    text_hex(bytes, HASH_SIZE, work->action.key);
}

static const char *entry_path(struct runner *runner, const char *domain, const struct work *work)
{
    return arena_printf(runner->arena, "%s/cache/%s/%.2s/%s.json", runner->state_folder, domain,
                        work->action.key, work->action.key);
}

static const struct value *read_entry(struct runner *runner, const char *domain, const struct work *work)
{
    struct buf text = {0};
    const char *why;
    const struct value *entry = NULL;
    if (file_read(entry_path(runner, domain, work), LARGEST_ENTRY, &text) == 0)
        entry = json_read_text(runner->arena, buf_str(&text), text.length, &why);
    buf_free(&text);
    return entry;
}

/* Puts an output where its step would have left it, unless the same is there already. */
static bool restore_output(struct runner *runner, const struct output *output)
{
    const char *path = file_join(runner->arena, runner->folder, output->path);
    char found[HASH_HEX_SIZE];
    if (!file_is_folder(path) && hash_file(path, found) == 0 && strcmp(found, output->hash) == 0)
        return true;
    if (!store_has(runner->store, output->hash))
        return false;
    struct store_error error;
    if (file_is_folder(path) && file_remove_tree(path) != 0)
        return false;
    return store_get_path(runner->store, output->hash, path, &error) == STORE_OK;
}

static bool restore_outputs(struct runner *runner, struct work *work, const struct value *outputs)
{
    for (size_t i = 0; i < outputs->field_count; i++) {
        struct output *output = arena_alloc(runner->arena, sizeof *output);
        const char *hash = value_string_or(value_get(outputs->fields[i].value, "hash"), "");
        output->name = outputs->fields[i].key;
        output->path = value_string_or(value_get(outputs->fields[i].value, "path"), "");
        snprintf(output->hash, sizeof output->hash, "%s", hash);
        if (*output->path == '\0' || !restore_output(runner, output))
            return false;
        map_set(work->outputs, output->name, output);
    }
    return true;
}

bool cache_restore(struct runner *runner, struct work *work)
{
    if (runner->options->force)
        return false;
    const struct value *entry = read_entry(runner, runner->domain, work);
    if (entry == NULL)
        entry = read_entry(runner, "main", work);
    const struct value *outputs = entry != NULL ? value_get(entry, "outputs") : NULL;
    if (outputs == NULL || outputs->kind != VALUE_RECORD || !restore_outputs(runner, work, outputs))
        return false;
    const struct value *metrics = value_get(entry, "metrics");
    work->metrics = metrics != NULL && metrics->kind == VALUE_RECORD ? metrics : NULL;
    work->action.message = value_string_or(value_get(entry, "message"), NULL);
    return true;
}

void cache_keep(struct runner *runner, struct work *work)
{
    struct arena *arena = runner->arena;
    struct record_builder outputs = record_begin(arena), entry = record_begin(arena);
    for (size_t i = 0; i < map_count(work->outputs); i++) {
        const struct output *output = map_at(work->outputs, i)->value;
        struct record_builder one = record_begin(arena);
        record_set(&one, "path", value_string(arena, output->path, 0));
        record_set(&one, "hash", value_string(arena, output->hash, 0));
        record_set(&outputs, output->name, record_end(&one, 0));
    }
    record_set(&entry, "action", value_string(arena, work->action.id, 0));
    record_set(&entry, "outputs", record_end(&outputs, 0));
    if (work->metrics != NULL)
        record_set(&entry, "metrics", work->metrics);
    if (work->action.message != NULL)
        record_set(&entry, "message", value_string(arena, work->action.message, 0));
    struct buf text = {0};
    /* An entry that cannot be written costs a repetition, never a wrong result: the run goes on. */
    if (json_write(&text, record_end(&entry, 0), (struct json_style){.layout = JSON_PRETTY}, NULL))
        (void)file_write_atomic(entry_path(runner, runner->domain, work), buf_str(&text), text.length, 0644);
    buf_free(&text);
}
