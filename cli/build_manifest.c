#include "cli/build_manifest.h"

#include <string.h>
#include "core/text.h"
#include "core/vec.h"

struct manifest *manifest_new(struct arena *arena)
{
    struct manifest *manifest = arena_alloc(arena, sizeof *manifest);
    *manifest = (struct manifest){map_new(arena), "", "", ""};
    return manifest;
}

void manifest_add(struct arena *arena, struct manifest *manifest, const char *path, const char *hash)
{
    if (manifest_has(manifest, path, hash))
        return;
    struct manifest_entry *entry = arena_alloc(arena, sizeof *entry);
    entry->hash = arena_strdup(arena, hash);
    entry->next = map_get(manifest->files, path);
    map_set(manifest->files, path, entry);
}

bool manifest_has(const struct manifest *manifest, const char *path, const char *hash)
{
    const struct manifest_entry *entry = map_get(manifest->files, path);
    while (entry && hash && strcmp(entry->hash, hash))
        entry = entry->next;
    return entry != NULL;
}

/* What git leaves around the two sides of a merge. */
static bool is_marker(const char *line)
{
    return text_starts_with(line, "<<<<<<<") || text_starts_with(line, "=======") ||
           text_starts_with(line, ">>>>>>>") || text_starts_with(line, "|||||||");
}

static void read_version(struct arena *arena, char *line, struct manifest *manifest)
{
    char *space = strchr(line, ' ');
    manifest->library = space ? arena_strdup(arena, space + 1) : "";
    if (space)
        *space = '\0';
    manifest->mlc = arena_strdup(arena, line);
}

static bool read_line(struct arena *arena, char *line, struct manifest *manifest)
{
    if (!*line || *line == '#' || is_marker(line))
        return true;
    if (text_starts_with(line, "mlc ")) {
        read_version(arena, line + 4, manifest);
        return true;
    }
    if (text_starts_with(line, "project ")) {
        manifest->project = arena_strdup(arena, line + 8);
        return true;
    }
    enum { DIGITS = HASH_HEX_SIZE - 1 };
    if (strspn(line, "0123456789abcdef") != DIGITS || line[DIGITS] != ' ' || !line[DIGITS + 1] ||
        line[DIGITS + 1] == '/')
        return false;
    line[DIGITS] = '\0';
    manifest_add(arena, manifest, line + DIGITS + 1, line);
    return true;
}

size_t manifest_read(struct arena *arena, const char *text, size_t length, struct manifest *manifest)
{
    size_t number = 0;
    for (size_t at = 0; at < length;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t size = end ? (size_t)(end - text) - at : length - at;
        char *line = arena_copy(arena, text + at, size);
        number++;
        if (size && line[size - 1] == '\r')
            line[size - 1] = '\0';
        if (!read_line(arena, line, manifest))
            return number;
        at += size + 1;
    }
    return 0;
}

static int compare_paths(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct map_entry *)a)->key, ((const struct map_entry *)b)->key);
}

void manifest_write(struct arena *arena, struct buf *out, const struct manifest *manifest)
{
    buf_add_str(out, "# What `mlc build` wrote, with the SHA-256 of each file. Commit it; after a merge run "
                     "`mlc build`.\n");
    buf_printf(out, "mlc %s%s%s\n", manifest->mlc, *manifest->library ? " " : "", manifest->library);
    buf_printf(out, "project %s\n", manifest->project);
    struct vec sorted = vec_in(arena);
    for (size_t i = 0; i < map_count(manifest->files); i++)
        vec_push(&sorted, (void *)map_at(manifest->files, i));
    vec_sort(&sorted, compare_paths, NULL);
    for (size_t i = 0; i < sorted.count; i++) {
        const struct map_entry *file = sorted.items[i];
        for (const struct manifest_entry *entry = file->value; entry; entry = entry->next)
            buf_printf(out, "%s %s\n", entry->hash, file->key);
    }
}
