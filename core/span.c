#include "core/span.h"

#include <string.h>
#include "core/vec.h"

struct source_set {
    struct arena *arena;
    struct vec sources;
};

struct source_set *source_set_new(struct arena *arena)
{
    struct source_set *set = arena_alloc(arena, sizeof *set);
    set->arena = arena;
    set->sources = vec_in(arena);
    return set;
}

const struct source *source_add(struct source_set *set, enum source_role role, const char *path,
                                const char *text, size_t length)
{
    struct source *source = arena_alloc(set->arena, sizeof *source);
    source->role = role;
    source->path = arena_strdup(set->arena, path);
    source->text = text;
    source->length = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX - 1;
    vec_push(&set->sources, source);
    source->id = (uint32_t)set->sources.count;
    return source;
}

const struct source *source_of(const struct source_set *set, uint32_t id)
{
    return id > 0 && id <= set->sources.count ? set->sources.items[id - 1] : NULL;
}

size_t source_count(const struct source_set *set)
{
    return set->sources.count;
}

struct position source_position(const struct source *source, uint32_t offset)
{
    const char *at = source->text;
    const char *end = at + (offset < source->length ? offset : source->length);
    struct position position = {1, 1};
    for (const char *next; at < end && (next = memchr(at, '\n', (size_t)(end - at))) != NULL; at = next + 1)
        position.line++;
    for (; at < end; at++)
        position.column += ((unsigned char)*at & 0xc0) != 0x80;
    return position;
}

const char *source_line(const struct source *source, uint32_t line, size_t *length)
{
    const char *at = source->text, *end = at + source->length;
    while (line > 1 && at < end) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        at = next ? next + 1 : end;
        line--;
    }
    const char *stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    if (!stop)
        stop = end;
    if (stop > at && stop[-1] == '\r')
        stop--;
    *length = (size_t)(stop - at);
    return at;
}

struct span span_join(struct span a, struct span b)
{
    if (span_is_none(a) || span_is_none(b))
        return span_is_none(a) ? b : a;
    return (struct span){a.source, a.start, b.end};
}

bool span_is_none(struct span span)
{
    return span.source == 0;
}
