#ifndef MLC_CORE_DOCUMENTS_YAML_PLACES_H
#define MLC_CORE_DOCUMENTS_YAML_PLACES_H

/* libyaml counts characters, spans count bytes: a table with the byte offset of every STEP-th character. */

#include <stddef.h>
#include <stdint.h>
#include "core/span.h"

struct yaml_places {
    const char *text; /* behind a byte order mark */
    uint32_t base;    /* bytes before `text` */
    uint32_t length;
    uint32_t *steps; /* NULL: the text is ASCII */
    size_t step_count;
};

struct yaml_places yaml_places_of(const struct source *source);
void yaml_places_free(struct yaml_places *places);

/* The byte offset in the source of the character at `index`. */
uint32_t yaml_places_offset(const struct yaml_places *places, size_t index);

#endif
