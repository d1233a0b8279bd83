/* Everything that reads a cell's text or a pattern written by hand: formats, strptime, dateutil, Python's
 * patterns for PCRE2, LIKE, row conditions. Input: one byte, then a pattern, a line feed, and the text. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/condition.h"
#include "runtime/data/formats.h"
#include "runtime/data/pattern.h"
#include "runtime/data/python_pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void find(struct arena *arena, struct pattern *pattern, const char *text, size_t length)
{
    struct pattern_scratch *scratch = pattern_scratch_new();
    (void)arena;
    if (pattern)
        pattern_find(pattern, scratch, text, length, NULL);
    pattern_free(pattern);
    pattern_scratch_free(scratch);
}

static void read_pattern(struct arena *arena, const char *pattern, size_t pattern_length, const char *text,
                         size_t length)
{
    const char *why = NULL;
    size_t rewritten_length;
    const char *rewritten = python_pattern(arena, pattern, pattern_length, &rewritten_length);
    find(arena, pattern_new(arena, rewritten, rewritten_length, PATTERN_SEARCH, &why), text, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct arena *arena = arena_new();
    const char *pattern = (const char *)data + 1, *end = memchr(pattern, '\n', size - 1), *why = NULL;
    size_t pattern_length = end ? (size_t)(end - pattern) : size - 1;
    const char *text = end ? end + 1 : pattern;
    size_t length = (size_t)((const char *)data + size - text);
    /* copies of their own, so that a read beyond them is seen */
    char *own = mem_alloc(length + 1), *own_pattern = arena_copy(arena, pattern, pattern_length);
    memcpy(own, text, length);
    switch (data[0] % 6) {
    case 0:
        format_dateutil(own, length);
        break;
    case 1:
        if (strftime_is_usable(own_pattern, pattern_length))
            strftime_matches(own_pattern, pattern_length, own, length);
        break;
    case 2:
        read_pattern(arena, own_pattern, pattern_length, own, length);
        break;
    case 3:
        find(arena, pattern_like(arena, own_pattern, pattern_length, &why), own, length);
        break;
    case 4:
        condition_parse(arena, own, length, &why);
        break;
    default:
        for (size_t i = 0; format_names[i]; i++)
            format_by_name(format_names[i])(own, length);
        break;
    }
    free(own);
    arena_free(arena);
    return 0;
}
