#include "backends/release.h"

#include <string.h>
#include "backends/report.h"
#include "compiler/graph.h"

/* No archive has this checksum: what is not pinned is not installed. */
static const char unpinned[] = "0000000000000000000000000000000000000000000000000000000000000000";

static const struct value *fact(struct compilation *compilation, const char *key, const char *otherwise)
{
    const struct value *value = compilation->lock ? value_get(compilation->lock, key) : NULL;
    return value_string_or(value, NULL) ? value : value_string(compilation->arena, otherwise, 0);
}

/* Only jobs of CI install the archive; pods run the image. */
static bool installs_archive(const struct graph *graph)
{
    for (size_t i = 0; i < graph->nodes.count; i++)
        if (strcmp(((const struct node *)graph->nodes.items[i])->kind->name, "target.github") == 0)
            return true;
    return false;
}

void release_read(struct compilation *compilation)
{
    struct arena *arena = compilation->arena;
    struct node *project = compilation->graph->project;
    const char *version =
        project && project->kind && kind_attribute(project->kind, "mlc") ? node_text(project, "mlc") : NULL;
    if (!version)
        version = MLC_VERSION;
    const struct value *checksum = fact(compilation, "release/mlc.sha256", unpinned);
    const struct field fields[] = {
        {"version", 0, value_string(arena, version, project ? project->origin : 0)},
        {"url", 0,
         fact(compilation, "release/mlc.url",
              arena_printf(arena,
                           "https://github.com/example/mlc/releases/download/v%s/mlc-%s-linux-x86_64.tar.gz",
                           version, version))},
        {"sha256", 0, checksum},
        {"image", 0,
         fact(compilation, "release/mlc.image", arena_printf(arena, "ghcr.io/example/mlc:%s", version))},
    };
    compilation->release = value_record(arena, fields, sizeof fields / sizeof *fields, 0);
    if (strcmp(checksum->text, unpinned) || !project || !installs_archive(compilation->graph))
        return;
    struct diag *diag = report_at(compilation, DIAG_BUILD_RELEASE, project->origin,
                                  "no release of mlc is pinned, so emitted jobs refuse to install it");
    diag_help(
        diag,
        "write `release/mlc.sha256 = \"…\"` and `release/mlc.url = \"…\"` into mlc.lock, from the release's "
        "SHA256SUMS");
}
