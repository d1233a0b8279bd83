#include "core/documents/yaml_places.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 64 };

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static bool is_ascii(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

struct yaml_places yaml_places_of(const struct source *source)
{
    bool mark = source->length >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0;
    struct yaml_places places = {.text = source->text + (mark ? 3 : 0),
                                 .base = mark ? 3 : 0,
                                 .length = source->length - (mark ? 3 : 0)};
    if (is_ascii(places.text, places.length))
        return places;
    places.steps = mem_alloc((places.length / STEP + 1) * sizeof *places.steps);
    size_t characters = 0;
    for (uint32_t at = 0; at < places.length; at++) {
        if (is_continuation(places.text[at]))
            continue;
        if (characters++ % STEP == 0)
            places.steps[places.step_count++] = at;
    }
    return places;
}

void yaml_places_free(struct yaml_places *places)
{
    free(places->steps);
    places->steps = NULL;
}

uint32_t yaml_places_offset(const struct yaml_places *places, size_t index)
{
    if (!places->steps)
        return places->base + (uint32_t)(index < places->length ? index : places->length);
    if (index / STEP >= places->step_count)
        return places->base + places->length;
    uint32_t at = places->steps[index / STEP];
    for (size_t left = index % STEP; left && at < places->length; left--)
        do
            at++;
        while (at < places->length && is_continuation(places->text[at]));
    return places->base + at;
}
