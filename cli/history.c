/* mlc history: the versions of models that gates have judged. */

#include <stdlib.h>
#include <string.h>
#include "cli/commands.h"
#include "cli/listing.h"
#include "core/documents/json.h"

enum { FEW_METRICS = 3 };

static bool is_champion(struct registry *registry, const struct model_version *version)
{
    const char *locked = registry_locked_champion(registry->compilation, version->model);
    struct model_version here;
    if (locked != NULL)
        return strcmp(locked, version->artifact) == 0;
    return index_champion(registry->index, registry->arena, version->model, &here) &&
           strcmp(here.artifact, version->artifact) == 0;
}

static const struct value *read_metrics(struct arena *arena, const struct model_version *version)
{
    const char *why;
    const struct value *metrics = json_read_text(arena, version->metrics, strlen(version->metrics), &why);
    return metrics != NULL && metrics->kind == VALUE_RECORD ? metrics : value_record(arena, NULL, 0, 0);
}

/* The first few metrics that are plain numbers: "accuracy 0.97". */
static const char *some_metrics(struct arena *arena, const struct model_version *version)
{
    const struct value *metrics = read_metrics(arena, version);
    struct buf text = {0};
    int shown = 0;
    for (size_t i = 0; i < metrics->field_count && shown < FEW_METRICS; i++) {
        const struct field *field = &metrics->fields[i];
        if ((field->value->kind != VALUE_INT && field->value->kind != VALUE_FLOAT) ||
            strstr(field->key, ".by.") != NULL)
            continue;
        buf_printf(&text, "%s%s ", shown++ > 0 ? ", " : "", field->key);
        value_print(&text, field->value);
    }
    const char *copy = arena_strdup(arena, buf_str(&text));
    buf_free(&text);
    return copy;
}

static void print_text(struct cli *cli, struct registry *registry, const struct vec *versions)
{
    if (versions->count == 0)
        fputs("mlc: no version yet; `mlc run` makes the first\n", cli->err);
    for (size_t i = 0; i < versions->count; i++) {
        const struct model_version *version = versions->items[i];
        fprintf(cli->out, "%s %-24s %4lld  %.12s  %s  %-8s  %s\n", is_champion(registry, version) ? "*" : " ",
                version->model, (long long)version->number, version->artifact, version->time,
                version->verdict, some_metrics(registry->arena, version));
    }
}

static void print_json(struct cli *cli, struct registry *registry, const struct vec *versions)
{
    struct arena *arena = registry->arena;
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < versions->count; i++) {
        const struct model_version *version = versions->items[i];
        struct record_builder one = record_begin(arena);
        record_set(&one, "model", value_string(arena, version->model, 0));
        record_set(&one, "version", value_int(arena, version->number, 0));
        record_set(&one, "artifact",
                   value_string(arena, arena_printf(arena, "sha256:%s", version->artifact), 0));
        record_set(&one, "data", value_string(arena, version->data, 0));
        record_set(&one, "time", value_string(arena, version->time, 0));
        record_set(&one, "verdict", value_string(arena, version->verdict, 0));
        record_set(&one, "champion", value_bool(arena, is_champion(registry, version), 0));
        record_set(&one, "metrics", read_metrics(arena, version));
        list_add(&list, record_end(&one, 0));
    }
    listing_print_json(cli, arena, "versions", list_end(&list, 0));
}

static bool print_versions(struct cli *cli, struct registry *registry, const char *name, bool json)
{
    struct index_error why = {0};
    struct vec versions = vec_in(registry->arena);
    struct node *model = name != NULL ? registry_model(registry->compilation, name) : NULL;
    if (name != NULL && model == NULL) {
        fprintf(cli->err, "mlc: there is no model `%s`\n", name);
        return false;
    }
    if (!index_versions(registry->index, registry->arena, model != NULL ? model->id : NULL, &versions,
                        &why)) {
        fprintf(cli->err, "mlc: %s\n", why.text);
        return false;
    }
    if (json)
        print_json(cli, registry, &versions);
    else
        print_text(cli, registry, &versions);
    return true;
}

int cli_history(struct cli *cli, int argc, char **argv)
{
    const struct listing listing = {"mlc history [OPTIONS] [MODEL]",
                                    "Lists the versions that gates have judged, the newest first. A star "
                                    "marks the champion:\nwhat the lock names, else what runs here promoted.",
                                    "The store (in CI the project's, else .mlc/store)", REGISTRY_HERE,
                                    print_versions};
    return listing_run(cli, argc, argv, &listing);
}
