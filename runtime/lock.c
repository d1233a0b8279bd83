#include "runtime/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "core/buf.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "core/map.h"
#include "core/text.h"
#include "core/vec.h"

enum { LARGEST_LOCK = 8 << 20 };

/* One line of the file: [start, end) without its newline. */
struct line {
    uint32_t start, end;
};

static bool next_line(const struct source *source, uint32_t *at, struct line *line)
{
    if (*at >= source->length)
        return false;
    line->start = *at;
    while (*at < source->length && source->text[*at] != '\n')
        ++*at;
    line->end = *at;
    if (line->end > line->start && source->text[line->end - 1] == '\r')
        line->end--;
    ++*at;
    return true;
}

static bool is_blank(const struct source *source, const struct line *line)
{
    for (uint32_t at = line->start; at < line->end; at++) {
        if (source->text[at] == '#')
            return true;
        if (source->text[at] != ' ' && source->text[at] != '\t')
            return false;
    }
    return true;
}

static bool is_merge_mark(const struct source *source, const struct line *line)
{
    const char *text = source->text + line->start;
    size_t length = line->end - line->start;
    return length >= 7 && (memcmp(text, "<<<<<<<", 7) == 0 || memcmp(text, "=======", 7) == 0 ||
                           memcmp(text, ">>>>>>>", 7) == 0 || memcmp(text, "|||||||", 7) == 0);
}

/* `key = "value"`: the key, and the value decoded; false when the line is no fact. */
static bool read_fact(struct arena *arena, const struct source *source, const struct line *line,
                      const char **key, const char **value)
{
    const char *text = source->text + line->start;
    size_t length = line->end - line->start;
    const char *equals = memmem(text, length, " = ", 3);
    if (equals == NULL || equals == text)
        return false;
    *key = arena_copy(arena, text, (size_t)(equals - text));
    const char *why;
    const struct value *parsed =
        json_read_text(arena, equals + 3, length - (size_t)(equals + 3 - text), &why);
    if (parsed == NULL || parsed->kind != VALUE_STRING || memchr(parsed->text, '\0', parsed->length) != NULL)
        return false;
    *value = parsed->text;
    return true;
}

static void report_line(struct diag_sink *diags, const struct source *source, const struct line *line)
{
    struct span span = {source->id, line->start, line->end};
    if (is_merge_mark(source, line)) {
        struct diag *diag =
            diag_report(diags, DIAG_LOCK_MERGE, span, "the lock holds marks of an unfinished merge");
        diag_label(diag, "left by git");
        diag_help(diag, "keep one line for each fact, remove the marks, and run `mlc build`");
        return;
    }
    struct diag *diag = diag_report(diags, DIAG_LOCK_LINE, span, "this line of the lock is no fact");
    diag_label(diag, "expected `NAME = \"VALUE\"`");
}

static const struct value *read_lines(struct arena *arena, const struct source *source,
                                      struct origin_table *origins, struct diag_sink *diags)
{
    struct record_builder facts = record_begin(arena);
    struct map *seen = map_new(arena);
    bool sound = true;
    struct line line;
    for (uint32_t at = 0; next_line(source, &at, &line);) {
        const char *key, *value;
        if (is_blank(source, &line))
            continue;
        struct span span = {source->id, line.start, line.end};
        if (!read_fact(arena, source, &line, &key, &value)) {
            report_line(diags, source, &line);
            sound = false;
        } else if (map_has(seen, key)) {
            struct diag *diag = diag_report(diags, DIAG_LOCK_TWICE, span, "the lock says `%s` twice", key);
            diag_label(diag, "the second time");
            diag_help(diag, "keep the line that is right: two promotions were merged");
            sound = false;
        } else {
            map_set(seen, key, (void *)key);
            origin where = origin_add(origins, span, 0);
            record_set_at(&facts, key, where, value_string(arena, value, where));
        }
    }
    return sound ? record_end(&facts, 0) : NULL;
}

const struct value *lock_read(struct arena *arena, const char *path, struct source_set *sources,
                              struct origin_table *origins, struct diag_sink *diags)
{
    struct buf text = {0};
    int code = file_read(path, LARGEST_LOCK, &text);
    if (code == -ENOENT) {
        buf_free(&text);
        return value_record(arena, NULL, 0, 0);
    }
    if (code < 0) {
        diag_report(diags, DIAG_LOCK_READ, span_none, "%s: %s", path, strerror(-code));
        buf_free(&text);
        return NULL;
    }
    const char *copy = arena_copy(arena, buf_str(&text), text.length);
    const struct source *source = source_add(sources, SOURCE_USER, path, copy, text.length);
    buf_free(&text);
    return read_lines(arena, source, origins, diags);
}

/* --- writing
 * ------------------------------------------------------------------------------------------------- */

struct lock_line {
    const char *text; /* without newline */
    const char *key;  /* NULL: a comment */
};

static int by_text(const void *left, const void *right, void *context)
{
    (void)context;
    const struct lock_line *a = left, *b = right;
    return strcmp(a->key, b->key);
}

static const char *key_of(struct arena *arena, const char *text)
{
    const char *equals = strstr(text, " = ");
    return text[0] == '#' || equals == NULL ? NULL : arena_copy(arena, text, (size_t)(equals - text));
}

static void split_lines(struct arena *arena, const struct buf *old, struct vec *comments, struct vec *facts)
{
    const char *text = buf_str(old), *end = text + old->length;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        if (stop == NULL)
            stop = end;
        struct lock_line *line = arena_alloc(arena, sizeof *line);
        line->text = arena_copy(arena, text, (size_t)(stop - text));
        line->key = key_of(arena, line->text);
        if (*line->text != '\0')
            vec_push(line->key == NULL ? comments : facts, line);
        text = stop + 1;
    }
}

static void set_fact(struct arena *arena, struct vec *facts, const struct lock_fact *fact)
{
    size_t kept = 0;
    for (size_t i = 0; i < facts->count; i++) {
        struct lock_line *line = facts->items[i];
        if (strcmp(line->key, fact->key) != 0)
            facts->items[kept++] = line;
    }
    facts->count = kept;
    if (fact->value == NULL)
        return;
    struct buf text = {0};
    buf_printf(&text, "%s = ", fact->key);
    json_write_string(&text, fact->value, strlen(fact->value));
    struct lock_line *line = arena_alloc(arena, sizeof *line);
    *line = (struct lock_line){arena_strdup(arena, buf_str(&text)), fact->key};
    buf_free(&text);
    vec_push(facts, line);
}

static int write_lines(const char *path, const struct vec *comments, const struct vec *facts)
{
    struct buf out = {0};
    if (comments->count == 0)
        buf_add_str(&out, "# What is promoted and deployed. Written by mlc; review it like code.\n");
    for (size_t i = 0; i < comments->count; i++)
        buf_printf(&out, "%s\n", ((struct lock_line *)comments->items[i])->text);
    for (size_t i = 0; i < facts->count; i++)
        buf_printf(&out, "%s\n", ((struct lock_line *)facts->items[i])->text);
    int code = file_write_atomic(path, buf_str(&out), out.length, 0644);
    buf_free(&out);
    return code;
}

/* The advisory lock is held on the folder, since the file itself is replaced at each write. */
static int hold_folder(const char *path)
{
    char *folder = mem_strdup(path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    int descriptor = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = errno;
    if (descriptor >= 0 && flock(descriptor, LOCK_EX) != 0) {
        code = errno;
        close(descriptor);
        descriptor = -1;
    }
    free(folder);
    return descriptor >= 0 ? descriptor : -code;
}

int lock_update(const char *path, const struct lock_fact *facts, size_t count)
{
    int held = hold_folder(path);
    if (held < 0)
        return held;
    struct buf old = {0};
    int code = file_read(path, LARGEST_LOCK, &old);
    if (code == -ENOENT)
        code = 0;
    if (code == 0) {
        struct arena *arena = arena_new();
        struct vec comments = vec_in(arena), lines = vec_in(arena);
        split_lines(arena, &old, &comments, &lines);
        for (size_t i = 0; i < count; i++)
            set_fact(arena, &lines, &facts[i]);
        vec_sort(&lines, by_text, NULL);
        code = write_lines(path, &comments, &lines);
        arena_free(arena);
    }
    buf_free(&old);
    close(held);
    return code;
}
