#ifndef MLC_TESTS_FUZZ_JSON_MUTATE_H
#define MLC_TESTS_FUZZ_JSON_MUTATE_H

/* Changes inputs that hold JSON as trees, not as bytes, so that most of what a reader is given is still JSON
 * and reaches what lies behind its parser. An input is split at PART (and, where that is no JSON, at line
 * ends); one piece is changed. Half of the time, and where nothing parses, bytes are changed as ever. */

#include <stdint.h>
#include <string.h>
#include "core/documents/json.h"

enum { PART = 0x1e };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

struct mutation {
    struct arena *arena;
    uint64_t random;
    const char *const *words; /* keys and values that the reader knows, the last one NULL */
    size_t word_count, target, at, donor_at;
    const struct value *donor;
};

static inline size_t mutation_below(struct mutation *mutation, size_t bound)
{
    mutation->random = mutation->random * 6364136223846793005u + 1442695040888963407u;
    return bound == 0 ? 0 : (size_t)(mutation->random >> 33) % bound;
}

static inline size_t mutation_count(struct mutation *mutation, const struct value *value)
{
    size_t count = 1;
    if (mutation->at++ == mutation->donor_at)
        mutation->donor = value;
    for (size_t i = 0; value->kind == VALUE_LIST && i < value->count; i++)
        count += mutation_count(mutation, value->items[i]);
    for (size_t i = 0; value->kind == VALUE_RECORD && i < value->field_count; i++)
        count += mutation_count(mutation, value->fields[i].value);
    return count;
}

static inline const char *mutation_word(struct mutation *mutation)
{
    return mutation->words[mutation_below(mutation, mutation->word_count)];
}

static inline const struct value *mutation_scalar(struct mutation *mutation)
{
    static const int64_t numbers[] = {
        0, 1, -1, 2, 100, 2147483647, INT64_MAX, INT64_MIN, 4294967296, -2147483648, 9007199254740993, 410};
    struct arena *arena = mutation->arena;
    switch (mutation_below(mutation, 7)) {
    case 0:
        return value_null(arena, 0);
    case 1:
        return value_bool(arena, mutation_below(mutation, 2) == 0, 0);
    case 2:
        return value_int(arena, numbers[mutation_below(mutation, sizeof numbers / sizeof *numbers)], 0);
    case 3:
        return value_float(arena, mutation_below(mutation, 2) == 0 ? 1e308 : 0.5, 0);
    default:
        return value_string(arena, mutation_word(mutation), 0);
    }
}

/* A list or record with one entry less, more or twice. */
static inline const struct value *mutation_entries(struct mutation *mutation, const struct value *value)
{
    size_t count = value->kind == VALUE_LIST ? value->count : value->field_count;
    size_t chosen = mutation_below(mutation, count), how = mutation_below(mutation, 4);
    struct list_builder list = list_begin(mutation->arena);
    struct record_builder record = record_begin(mutation->arena);
    for (size_t i = 0; i < count; i++) {
        bool here = i == chosen;
        if (here && how == 0)
            continue;
        if (value->kind == VALUE_LIST) {
            list_add(&list, value->items[i]);
            if (here && how == 1)
                list_add(&list, value->items[i]);
        } else {
            record_set(&record, here && how == 1 ? mutation_word(mutation) : value->fields[i].key,
                       value->fields[i].value);
        }
    }
    if (how >= 2) {
        const struct value *more = how == 2 ? mutation->donor : mutation_scalar(mutation);
        list_add(&list, more);
        record_set(&record, mutation_word(mutation), more);
    }
    return value->kind == VALUE_LIST ? list_end(&list, 0) : record_end(&record, 0);
}

static inline const struct value *mutation_replace(struct mutation *mutation, const struct value *value)
{
    struct list_builder list = list_begin(mutation->arena);
    struct record_builder record = record_begin(mutation->arena);
    switch (mutation_below(mutation, 6)) {
    case 0:
        return mutation->donor;
    case 1:
        return mutation_scalar(mutation);
    case 2:
        list_add(&list, value);
        return list_end(&list, 0);
    case 3:
        record_set(&record, mutation_word(mutation), value);
        return record_end(&record, 0);
    default:
        return value->kind == VALUE_LIST || value->kind == VALUE_RECORD ? mutation_entries(mutation, value)
                                                                        : mutation_scalar(mutation);
    }
}

static inline const struct value *mutation_copy(struct mutation *mutation, const struct value *value)
{
    if (mutation->at++ == mutation->target)
        return mutation_replace(mutation, value);
    if (value->kind == VALUE_LIST) {
        struct list_builder list = list_begin(mutation->arena);
        for (size_t i = 0; i < value->count; i++)
            list_add(&list, mutation_copy(mutation, value->items[i]));
        return list_end(&list, 0);
    }
    if (value->kind == VALUE_RECORD) {
        struct record_builder record = record_begin(mutation->arena);
        for (size_t i = 0; i < value->field_count; i++)
            record_set(&record, value->fields[i].key, mutation_copy(mutation, value->fields[i].value));
        return record_end(&record, 0);
    }
    return value;
}

/* The piece around a random byte, between separators. */
static inline void mutation_piece(struct mutation *mutation, const uint8_t *data, size_t size, int separator,
                                  size_t *from, size_t *to)
{
    *from = *to = mutation_below(mutation, size);
    while (*from > 0 && data[*from - 1] != separator)
        (*from)--;
    while (*to < size && data[*to] != separator)
        (*to)++;
}

/* The new size, or 0 when the piece is no JSON or the result does not fit. */
static inline size_t mutation_tree(struct mutation *mutation, uint8_t *data, size_t size, size_t max,
                                   int separator)
{
    size_t from, to, nodes;
    const char *why;
    struct buf text = {0};
    mutation_piece(mutation, data, size, separator, &from, &to);
    const struct value *root = json_read_text(mutation->arena, (const char *)data + from, to - from, &why);
    if (root == NULL)
        return 0;
    nodes = (mutation->at = 0, mutation_count(mutation, root));
    mutation->donor_at = mutation_below(mutation, nodes);
    mutation->at = 0;
    mutation_count(mutation, root);
    mutation->target = mutation_below(mutation, nodes);
    mutation->at = 0;
    json_write(&text, mutation_copy(mutation, root), (struct json_style){JSON_COMPACT, false}, NULL);
    size_t tail = size - to, result = from + text.length + tail;
    if (result <= max) {
        memmove(data + from + text.length, data + to, tail);
        memcpy(data + from, text.data, text.length);
    }
    buf_free(&text);
    return result <= max ? result : 0;
}

/* What a target's LLVMFuzzerCustomMutator does; the first `fixed` bytes are not part of the documents. */
static inline size_t mutate_json(uint8_t *data, size_t size, size_t max, unsigned seed, size_t fixed,
                                 const char *const *words)
{
    struct mutation mutation = {.random = seed * 2654435761u + 1, .words = words};
    size_t result = 0;
    while (words[mutation.word_count] != NULL)
        mutation.word_count++;
    if (size > fixed && mutation_below(&mutation, 2) == 0) {
        mutation.arena = arena_new();
        result = mutation_tree(&mutation, data + fixed, size - fixed, max - fixed, PART);
        if (result == 0)
            result = mutation_tree(&mutation, data + fixed, size - fixed, max - fixed, '\n');
        arena_free(mutation.arena);
    }
    return result > 0 ? result + fixed : LLVMFuzzerMutate(data, size, max);
}

#endif
