/* mlc fetch: the champion's artifact from the store into a folder, for images and for people. */

#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "core/file.h"
#include "runtime/registry.h"

/* What to fetch: the lock's champion, else the one of this machine; NULL for none. */
static const char *find_champion(struct registry *registry, const char *model)
{
    const char *locked = registry_locked_champion(registry->compilation, model);
    struct model_version here;
    if (locked != NULL)
        return locked;
    return index_champion(registry->index, registry->arena, model, &here) ? here.artifact : NULL;
}

static int fetch_from(struct cli *cli, struct registry *registry, struct node *model, const char *artifact,
                      const char *folder)
{
    const char *path = file_join(registry->arena, folder, registry_artifact_file(model));
    int code = file_make_folders(folder);
    if (code < 0) {
        fprintf(cli->err, "mlc: %s: %s\n", folder, strerror(-code));
        return EXIT_FAILED;
    }
    if (store_get_path(registry->store, artifact, path, &registry->error) != STORE_OK) {
        fprintf(cli->err, "mlc: sha256:%s, the champion of %s, cannot be had from %s: %s\n", artifact,
                model->id, registry->location, registry->error.text);
        return EXIT_FAILED;
    }
    fprintf(cli->out, "%s\n", path);
    return EXIT_OK;
}

static bool open_registry(struct cli *cli, struct registry *registry, struct compilation *compilation,
                          const char *store, enum registry_whose whose)
{
    if (registry_open(registry, compilation, store, whose))
        return true;
    fprintf(cli->err, "mlc: %s\n", registry->error.text);
    return false;
}

/* This machine's store first; what the lock names and is not here is in the project's. */
static int fetch(struct cli *cli, struct compilation *compilation, const char *name, const char *store,
                 const char *folder)
{
    struct node *model = registry_model(compilation, name);
    if (model == NULL || registry_artifact_file(model) == NULL) {
        fprintf(cli->err, "mlc: there is no model `%s`%s\n", name, model != NULL ? " with an artifact" : "");
        return EXIT_FAILED;
    }
    struct registry registry;
    if (!open_registry(cli, &registry, compilation, store, REGISTRY_HERE))
        return EXIT_FAILED;
    const char *artifact = find_champion(&registry, model->id);
    if (artifact == NULL) {
        fprintf(cli->err,
                "mlc: %s has no champion: the lock names none, and no run here made one\n"
                "     `mlc run %s` makes one here; `mlc promote %s` writes it into the lock\n",
                model->id, model->id, model->id);
        registry_close(&registry);
        return EXIT_FAILED;
    }
    if (store == NULL && !store_has(registry.store, artifact)) {
        registry_close(&registry);
        if (!open_registry(cli, &registry, compilation, NULL, REGISTRY_PROJECT))
            return EXIT_FAILED;
    }
    int code = fetch_from(cli, &registry, model, artifact, folder);
    registry_close(&registry);
    return code;
}

int cli_fetch(struct cli *cli, int argc, char **argv)
{
    const char *folder = ".", *store = NULL, *out = NULL;
    const struct option_spec options[] = {
        {"project", 'C', OPTION_TEXT, &folder, "DIR", "The folder of the spec (.)"},
        {"out", 'o', OPTION_TEXT, &out, "DIR", "Where to put it (.)"},
        {"store", 0, OPTION_TEXT, &store, "DIR|URL", "The store (this machine's, then the project's)"},
        {0},
    };
    const struct options_page page = {"mlc fetch [OPTIONS] MODEL",
                                      "Brings the champion's artifact into a folder, checked by its hash: "
                                      "the champion that mlc.lock names,\n"
                                      "else the one that a run here made.",
                                      options, 1, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    struct compilation *compilation = project_open(cli, folder, false);
    if (compilation == NULL)
        return EXIT_FAILED;
    int code = fetch(cli, compilation, argv[1], store, out != NULL ? out : ".");
    compilation_free(compilation);
    return code;
}
