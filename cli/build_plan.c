#include "cli/build_plan.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "backends/backend.h"
#include "compiler/embedded.h"
#include "core/file.h"

enum { FILE_LIMIT = 256 << 20 };

static struct diag *report(const struct build_plan *plan, enum diag_code code, const char *format,
                           const char *a, const char *b)
{
    const char *message = arena_printf(plan->arena, "%s%s%s", a, format, b);
    return diag_report(plan->compilation->diags, code, span_none, "%s", message);
}

const char *build_root(struct arena *arena, const char *folder)
{
    char absolute[PATH_MAX];
    if (!realpath(*folder ? folder : ".", absolute))
        return arena_strdup(arena, *folder ? folder : ".");
    char *at = arena_strdup(arena, absolute);
    for (;;) {
        if (file_exists(arena_printf(arena, "%s/.git", at)))
            return at;
        char *slash = strrchr(at, '/');
        if (!slash || slash == at)
            return arena_strdup(arena, absolute);
        *slash = '\0';
    }
}

const char *build_library_hash(struct arena *arena)
{
    struct hash_state *state = hash_begin();
    for (unsigned i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        hash_add(state, file->path, strlen(file->path) + 1);
        hash_add(state, file->text, file->length);
    }
    unsigned char digest[HASH_SIZE];
    hash_end(state, digest);
    struct buf hex = {0};
    for (size_t i = 0; i < 8; i++)
        buf_printf(&hex, "%02x", digest[i]);
    const char *text = arena_strdup(arena, buf_str(&hex));
    buf_free(&hex);
    return text;
}

/* True if no folder on the way to the file is a link. */
static bool folders_are_plain(const struct build_plan *plan, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *part = arena_copy(plan->arena, path, (size_t)(slash - path));
        struct stat status;
        if (lstat(file_join(plan->arena, plan->root, part), &status) != 0)
            return true;
        if (S_ISLNK(status.st_mode)) {
            report(plan, DIAG_BUILD_LINK, " is a symbolic link, and generated files lie behind it: ", part,
                   path);
            return false;
        }
        if (!S_ISDIR(status.st_mode)) {
            report(plan, DIAG_BUILD_FOREIGN, " is a file where a folder is needed for ", part, path);
            return false;
        }
    }
    return true;
}

/* Reads what is on disk. */
static bool read_disk(const struct build_plan *plan, struct build_change *change)
{
    change->mode = change->length > 1 && change->text && !memcmp(change->text, "#!", 2) ? 0755 : 0644;
    if (!folders_are_plain(plan, change->path))
        return false;
    const char *path = file_join(plan->arena, plan->root, change->path);
    struct stat status;
    if (lstat(path, &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return true;
        report(plan, DIAG_BUILD_DISK, ": ", change->path, strerror(errno));
        return false;
    }
    if (S_ISLNK(status.st_mode)) {
        report(plan, DIAG_BUILD_LINK, " is a symbolic link", change->path, "");
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        report(plan, DIAG_BUILD_FOREIGN, " is no file, and one is to be written there", change->path, "");
        return false;
    }
    struct buf text = {0};
    int failed = file_read(path, FILE_LIMIT, &text);
    if (failed) {
        report(plan, DIAG_BUILD_DISK, ": ", change->path, strerror(-failed));
        buf_free(&text);
        return false;
    }
    change->disk = arena_copy(plan->arena, buf_str(&text), text.length);
    change->disk_length = text.length;
    change->mode = status.st_mode & 0777;
    buf_free(&text);
    return true;
}

static enum build_state state_of_output(const struct build_plan *plan, const struct build_change *change)
{
    if (!change->disk)
        return BUILD_CREATE;
    char hash[HASH_HEX_SIZE];
    hash_hex(change->disk, change->disk_length, hash);
    if (!strcmp(hash, change->hash))
        return BUILD_SAME;
    if (manifest_has(plan->owned, change->path, hash))
        return BUILD_UPDATE;
    return manifest_has(plan->owned, change->path, NULL) ? BUILD_EDITED : BUILD_FOREIGN;
}

static bool add_output(struct build_plan *plan, const char *path, const char *text, size_t length)
{
    struct build_change *change = arena_alloc(plan->arena, sizeof *change);
    change->path = path;
    change->text = text;
    change->length = length;
    hash_hex(text, length, change->hash);
    manifest_add(plan->arena, plan->made, path, change->hash);
    if (!read_disk(plan, change))
        return false;
    change->state = state_of_output(plan, change);
    vec_push(&plan->changes, change);
    return true;
}

/* A manifest is a file of a repository that anybody may have written: its paths lead nowhere else. */
static bool is_below_root(const char *path)
{
    if (*path == '/' || !*path)
        return false;
    for (const char *part = path; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL) {
        size_t length = strcspn(part, "/");
        if (!length || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.') ||
            (length == 4 && !memcmp(part, ".git", 4)))
            return false;
    }
    return true;
}

/* A file that the spec no longer asks for. */
static bool add_surplus(struct build_plan *plan, const char *path)
{
    if (!is_below_root(path)) {
        report(plan, DIAG_BUILD_MANIFEST, " names a path outside of the project: ", MANIFEST_NAME, path);
        return false;
    }
    struct build_change *change = arena_alloc(plan->arena, sizeof *change);
    change->path = path;
    if (!read_disk(plan, change))
        return false;
    if (!change->disk)
        return true;
    char hash[HASH_HEX_SIZE];
    hash_hex(change->disk, change->disk_length, hash);
    change->state = manifest_has(plan->owned, path, hash) ? BUILD_REMOVE : BUILD_ORPHAN;
    vec_push(&plan->changes, change);
    return true;
}

static bool read_manifest(struct build_plan *plan, const char *path, const char *shown, struct manifest *into,
                          bool *there)
{
    struct buf text = {0};
    int failed = file_read(path, FILE_LIMIT, &text);
    *there = !failed;
    if (failed == -ENOENT || failed == -ENOTDIR)
        return true;
    size_t line = failed ? 0 : manifest_read(plan->arena, buf_str(&text), text.length, into);
    buf_free(&text);
    if (failed)
        report(plan, DIAG_BUILD_DISK, ": ", shown, strerror(-failed));
    else if (line)
        report(plan, DIAG_BUILD_MANIFEST, ": this line is none of a manifest: ", shown,
               arena_printf(plan->arena, "%zu", line));
    return !failed && !line;
}

static int compare_changes(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct build_change *)a)->path, ((const struct build_change *)b)->path);
}

static const char *project_name(const struct compilation *compilation)
{
    const struct graph *graph = compilation->graph;
    return graph && graph->project ? graph->project->name : "";
}

/* Reads what is committed, and what a build that was killed had begun. */
static bool read_owned(struct build_plan *plan)
{
    struct manifest *old = manifest_new(plan->arena);
    plan->owned = manifest_new(plan->arena);
    bool there;
    const char *path = file_join(plan->arena, plan->home, MANIFEST_NAME);
    const char *journal = file_join(plan->arena, plan->home, ".mlc/build.journal");
    if (!read_manifest(plan, path, MANIFEST_NAME, old, &there) ||
        !read_manifest(plan, path, MANIFEST_NAME, plan->owned, &there) ||
        !read_manifest(plan, journal, ".mlc/build.journal", plan->owned, &plan->interrupted))
        return false;
    plan->old = old;
    const char *project = project_name(plan->compilation);
    if (!*old->project || !strcmp(old->project, project))
        return true;
    struct diag *diag = report(plan, DIAG_BUILD_FOREIGN, " belongs to another project: ", path, old->project);
    diag_help(
        diag,
        "give each project a folder of its own: `mlc build -o DIR`; after a rename of the project remove "
        "the manifest's line `project %s`",
        old->project);
    return false;
}

bool build_plan_make(struct build_plan *plan, struct compilation *compilation, const struct vec *outputs,
                     const char *output)
{
    struct arena *arena = compilation->arena;
    *plan = (struct build_plan){.compilation = compilation, .arena = arena, .changes = vec_in(arena)};
    plan->root = output ? output : build_root(arena, compilation->project_folder);
    plan->home = output ? output : *compilation->project_folder ? compilation->project_folder : ".";
    plan->made = manifest_new(arena);
    plan->made->mlc = MLC_VERSION;
    plan->made->library = build_library_hash(arena);
    plan->made->project = project_name(compilation);
    if (!read_owned(plan))
        return false;
    bool sound = true;
    for (size_t i = 0; i < outputs->count; i++) {
        const struct output *file = outputs->items[i];
        sound = add_output(plan, file->path, file->text, file->length) && sound;
    }
    for (size_t i = 0; i < map_count(plan->owned->files); i++) {
        const char *path = map_at(plan->owned->files, i)->key;
        if (!map_has(plan->made->files, path))
            sound = add_surplus(plan, path) && sound;
    }
    vec_sort(&plan->changes, compare_changes, NULL);
    return sound;
}

/* Who made a file that is in the way, if it says so itself. */
static void name_maker(struct diag *diag, const struct build_change *change)
{
    const char *line = change->disk ? strstr(change->disk, "Generated by mlc ") : NULL;
    if (!line || line - change->disk > 300)
        return;
    diag_note(diag, "it says of itself: %.*s", (int)strcspn(line, "\n"), line);
}

bool build_plan_blocked(const struct build_plan *plan)
{
    bool blocked = false;
    for (size_t i = 0; i < plan->changes.count; i++) {
        const struct build_change *change = plan->changes.items[i];
        struct diag *diag;
        if (change->state == BUILD_EDITED || change->state == BUILD_ORPHAN) {
            diag = report(plan, DIAG_BUILD_EDITED, " was edited by hand", change->path,
                          change->state == BUILD_ORPHAN ? ", and the spec no longer asks for it" : "");
            diag_help(diag, "move the change into the spec (`extra TARGET { … }`), or let it go with "
                            "--force; --diff shows it");
        } else if (change->state == BUILD_FOREIGN) {
            diag = report(plan, DIAG_BUILD_FOREIGN, " is there already, and mlc did not write it",
                          change->path, "");
            name_maker(diag, change);
            diag_help(diag, "move it away, or let mlc own it from now on with --force");
        } else {
            continue;
        }
        blocked = true;
    }
    return blocked;
}

size_t build_plan_count(const struct build_plan *plan, enum build_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->changes.count; i++)
        count += ((const struct build_change *)plan->changes.items[i])->state == state;
    return count;
}

bool build_plan_other_mlc(const struct build_plan *plan)
{
    const struct manifest *old = plan->old;
    if (!*old->mlc)
        return false;
    return strcmp(old->mlc, plan->made->mlc) != 0 ||
           (*old->library && strcmp(old->library, plan->made->library) != 0);
}

bool build_plan_manifest_stale(const struct build_plan *plan)
{
    struct buf old = {0}, new = {0};
    manifest_write(plan->arena, &new, plan->made);
    int failed = file_read(file_join(plan->arena, plan->home, MANIFEST_NAME), FILE_LIMIT, &old);
    bool stale = failed || old.length != new.length || memcmp(buf_str(&old), buf_str(&new), new.length) != 0;
    buf_free(&old);
    buf_free(&new);
    return stale;
}
