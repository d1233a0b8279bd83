#include "cli/build_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/file.h"

struct writer {
    struct build_plan *plan;
    const struct build_hook *hook;
    const char *stage; /* .mlc/build: new files and the old ones that they replace */
    const char *journal;
    bool *placed;       /* for each change: it is in its place */
    struct vec folders; /* const char *: made for them */
};

static bool allowed(const struct writer *writer, const char *step)
{
    if (!writer->hook || writer->hook->before(writer->hook->context, step))
        return true;
    errno = EIO;
    return false;
}

static void report_disk(struct compilation *compilation, const char *path, int number)
{
    struct diag *diag =
        diag_report(compilation->diags, DIAG_BUILD_DISK, span_none, "%s: %s", path, strerror(number));
    diag_note(diag, "nothing was changed");
}

int build_lock(struct compilation *compilation, const char *home)
{
    struct arena *arena = compilation->arena;
    const char *state = file_join(arena, home, ".mlc");
    const char *path = file_join(arena, state, "build.lock");
    int failed = file_make_folders(state);
    int lock = failed ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    while (lock >= 0 && flock(lock, LOCK_EX) != 0)
        if (errno != EINTR)
            break;
    if (lock < 0)
        report_disk(compilation, path, failed ? -failed : errno);
    return lock;
}

void build_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

static bool sync_folder(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return false;
    bool synced = fsync(folder) == 0;
    close(folder);
    return synced;
}

static bool write_whole(const char *path, const char *text, size_t length, unsigned mode)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return false;
    size_t at = 0;
    while (at < length) {
        ssize_t written = write(file, text + at, length - at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break;
        at += (size_t)written;
    }
    bool whole = at == length && fchmod(file, mode) == 0 && fsync(file) == 0;
    int number = errno;
    close(file);
    errno = number;
    return whole;
}

static char *staged(const struct writer *writer, const char *kind, size_t index)
{
    return arena_printf(writer->plan->arena, "%s/%s-%zu", writer->stage, kind, index);
}

static const char *place(const struct writer *writer, const struct build_change *change)
{
    return file_join(writer->plan->arena, writer->plan->root, change->path);
}

/* All new files, beside their places: a full disk is found here. */
static bool stage_files(struct writer *writer)
{
    struct vec *changes = &writer->plan->changes;
    for (size_t i = 0; i < changes->count; i++) {
        const struct build_change *change = changes->items[i];
        if (!change->text || change->state == BUILD_SAME)
            continue;
        if (allowed(writer, "stage") &&
            write_whole(staged(writer, "new", i), change->text, change->length, change->mode))
            continue;
        report_disk(writer->plan->compilation, change->path, errno);
        return false;
    }
    return true;
}

/* What this build will own, so that a build after a kill knows its files. */
static bool write_journal(struct writer *writer)
{
    struct buf text = {0};
    struct manifest *journal = manifest_new(writer->plan->arena);
    *journal = *writer->plan->made;
    journal->files = map_new(writer->plan->arena);
    const struct manifest *both[] = {writer->plan->owned, writer->plan->made};
    for (size_t m = 0; m < 2; m++)
        for (size_t i = 0; i < map_count(both[m]->files); i++) {
            const struct map_entry *file = map_at(both[m]->files, i);
            for (const struct manifest_entry *entry = file->value; entry; entry = entry->next)
                manifest_add(writer->plan->arena, journal, file->key, entry->hash);
        }
    manifest_write(writer->plan->arena, &text, journal);
    int failed = allowed(writer, "journal")
                     ? file_write_atomic(writer->journal, buf_str(&text), text.length, 0644)
                     : -EIO;
    buf_free(&text);
    if (failed)
        report_disk(writer->plan->compilation, writer->journal, -failed);
    return !failed;
}

/* Makes the folders on the way to a file, and notes which ones were not there. */
static bool make_folders(struct writer *writer, const char *path)
{
    struct arena *arena = writer->plan->arena;
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *folder =
            file_join(arena, writer->plan->root, arena_copy(arena, path, (size_t)(slash - path)));
        if (mkdir(folder, 0755) == 0)
            vec_push(&writer->folders, (void *)folder);
        else if (errno != EEXIST)
            return false;
    }
    return true;
}

/* A second name for the file that is about to be replaced; a copy where the file system has none. */
static bool keep_old(struct writer *writer, const struct build_change *change, size_t index)
{
    const char *old = staged(writer, "old", index);
    if (link(place(writer, change), old) == 0)
        return true;
    return write_whole(old, change->disk, change->disk_length, change->mode);
}

static bool move_into_place(struct writer *writer, const struct build_change *change, size_t index)
{
    const char *path = place(writer, change), *new = staged(writer, "new", index);
    if (rename(new, path) == 0)
        return true;
    if (errno != EXDEV)
        return false;
    int failed = file_write_atomic(path, change->text, change->length, change->mode);
    errno = -failed;
    return !failed;
}

static bool perform_one(struct writer *writer, const struct build_change *change, size_t index)
{
    if (change->disk && (!allowed(writer, "keep") || !keep_old(writer, change, index)))
        return false;
    if (!change->text)
        return allowed(writer, "remove") && unlink(place(writer, change)) == 0;
    return make_folders(writer, change->path) && allowed(writer, "rename") &&
           move_into_place(writer, change, index);
}

static void put_back(struct writer *writer)
{
    for (size_t i = writer->plan->changes.count; i-- > 0;) {
        const struct build_change *change = writer->plan->changes.items[i];
        if (!writer->placed[i])
            continue;
        if (!change->disk)
            unlink(place(writer, change));
        else if (rename(staged(writer, "old", i), place(writer, change)) != 0)
            file_write_atomic(place(writer, change), change->disk, change->disk_length, change->mode);
    }
    for (size_t i = writer->folders.count; i-- > 0;)
        rmdir(writer->folders.items[i]);
}

static bool perform(struct writer *writer)
{
    struct vec *changes = &writer->plan->changes;
    for (size_t i = 0; i < changes->count; i++) {
        struct build_change *change = changes->items[i];
        if (change->state == BUILD_SAME)
            continue;
        if (perform_one(writer, change, i)) {
            writer->placed[i] = true;
            continue;
        }
        int number = errno;
        put_back(writer);
        report_disk(writer->plan->compilation, change->path, number);
        return false;
    }
    return true;
}

/* Folders that only removed files stood in. */
static void remove_empty_folders(struct writer *writer)
{
    struct arena *arena = writer->plan->arena;
    for (size_t i = 0; i < writer->plan->changes.count; i++) {
        const struct build_change *change = writer->plan->changes.items[i];
        char *path = arena_strdup(arena, change->path);
        for (char *slash = change->text ? NULL : strrchr(path, '/'); slash; slash = strrchr(path, '/')) {
            *slash = '\0';
            if (rmdir(file_join(arena, writer->plan->root, path)) != 0)
                break;
        }
    }
}

/* The new names reach the disk before the manifest speaks of them. */
static void sync_places(struct writer *writer)
{
    struct map *seen = map_new(writer->plan->arena);
    for (size_t i = 0; i < writer->plan->changes.count; i++) {
        if (!writer->placed[i])
            continue;
        char *folder = arena_strdup(writer->plan->arena, place(writer, writer->plan->changes.items[i]));
        char *slash = strrchr(folder, '/');
        if (slash)
            *slash = '\0';
        if (!map_has(seen, folder) && file_is_folder(folder))
            sync_folder(folder);
        map_set(seen, folder, NULL);
    }
}

static bool write_manifest(struct writer *writer)
{
    struct buf text = {0};
    const char *path = file_join(writer->plan->arena, writer->plan->home, MANIFEST_NAME);
    sync_places(writer);
    manifest_write(writer->plan->arena, &text, writer->plan->made);
    int failed =
        allowed(writer, "manifest") ? file_write_atomic(path, buf_str(&text), text.length, 0644) : -EIO;
    buf_free(&text);
    if (!failed)
        return true;
    put_back(writer);
    report_disk(writer->plan->compilation, path, -failed);
    return false;
}

/* git shall not see the folder, whatever the project's own .gitignore says. */
static void hide_state(struct writer *writer, const char *state)
{
    const char *path = file_join(writer->plan->arena, state, ".gitignore");
    if (!file_exists(path))
        file_write_atomic(path, "*\n", 2, 0644);
}

bool build_write(struct build_plan *plan, const struct build_hook *hook)
{
    struct arena *arena = plan->arena;
    const char *state = file_join(arena, plan->home, ".mlc");
    struct writer writer = {.plan = plan,
                            .hook = hook,
                            .stage = file_join(arena, state, "build"),
                            .journal = file_join(arena, state, "build.journal"),
                            .folders = vec_in(arena)};
    bool changed = build_plan_count(plan, BUILD_SAME) != plan->changes.count;
    if (!changed && !plan->interrupted && !build_plan_manifest_stale(plan))
        return true;
    file_remove_tree(writer.stage);
    int failed = file_make_folders(writer.stage);
    if (failed) {
        report_disk(plan->compilation, writer.stage, -failed);
        return false;
    }
    hide_state(&writer, state);
    writer.placed = arena_array(arena, plan->changes.count + 1, sizeof *writer.placed);
    bool written =
        stage_files(&writer) && write_journal(&writer) && perform(&writer) && write_manifest(&writer);
    if (written)
        remove_empty_folders(&writer);
    /* After a failure the disk is as it was, so what the journal adds is owned by nobody again; what an
     * earlier, killed build left is still ours. */
    if (written || !plan->interrupted) {
        if (allowed(&writer, "end"))
            unlink(writer.journal);
    }
    file_remove_tree(writer.stage);
    return written;
}
