#include "runtime/data/partitions_file.h"

#include <stdlib.h>
#include <string.h>
#include "core/arena.h"

/* Lists are short when there are many columns: what is written is collected first. */
struct writer {
    struct spill_file *file;
    uint64_t offset;
    size_t used;
    bool ok;
    struct data_error *error;
    char room[64 << 10];
};

static void writer_flush(struct writer *writer)
{
    writer->ok = writer->ok &&
                 spill_file_write(writer->file, writer->offset, writer->room, writer->used, writer->error);
    writer->offset += writer->used;
    writer->used = 0;
}

static void writer_add(struct writer *writer, const void *bytes, size_t count)
{
    if (count > sizeof writer->room - writer->used)
        writer_flush(writer);
    if (count > sizeof writer->room) {
        writer->ok =
            writer->ok && spill_file_write(writer->file, writer->offset, bytes, count, writer->error);
        writer->offset += count;
    } else if (count > 0) {
        memcpy(writer->room + writer->used, bytes, count);
        writer->used += count;
    }
}

static size_t entry_size(const struct partitions *partitions)
{
    return sizeof(uint64_t) + partitions->count_size + (partitions->texts ? sizeof(uint32_t) : 0);
}

static void push_segment(struct partitions *partitions, struct segment segment)
{
    if (partitions->segment_count == partitions->segment_capacity) {
        partitions->segment_capacity = partitions->segment_capacity * 2 + 4;
        partitions->segments =
            mem_realloc(partitions->segments, partitions->segment_capacity * sizeof *partitions->segments);
    }
    partitions->segments[partitions->segment_count++] = segment;
    partitions->spilled += segment.size;
}

static void write_list(struct writer *writer, const struct partitions *partitions,
                       const struct partition *list)
{
    size_t count = list->used;
    writer_add(writer, list->keys, count * sizeof *list->keys);
    writer_add(writer, list->counts, count * partitions->count_size);
    if (!partitions->texts)
        return;
    writer_add(writer, list->lengths, count * sizeof *list->lengths);
    writer_add(writer, list->text, list->text_used);
}

bool segment_write(struct partitions *partitions, struct data_error *error)
{
    struct directory directory = {{0}, {0}};
    struct segment segment = {.size = sizeof directory};
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        struct partition *list = &partitions->lists[i];
        if (partitions->texts && list->used > 0)
            list_pack(partitions, list);
        directory.entries[i] = list->used;
        directory.text[i] = (uint32_t)list->text_used;
        segment.size += list->used * entry_size(partitions) + list->text_used;
    }
    struct spill_file *file = budget_file(partitions->budget);
    if (!file) {
        data_fail(error, "one column has more than a terabyte of different texts");
        return false;
    }
    if (!spill_file_reserve(file, segment.size, &segment.offset, error))
        return false;
    struct writer *writer = mem_alloc(sizeof *writer);
    writer->file = file;
    writer->offset = segment.offset;
    writer->used = 0;
    writer->ok = true;
    writer->error = error;
    writer_add(writer, &directory, sizeof directory);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        write_list(writer, partitions, &partitions->lists[i]);
    writer_flush(writer);
    bool ok = writer->ok;
    free(writer);
    if (ok)
        push_segment(partitions, segment);
    return ok;
}

/* Reads `count` bytes at *at and moves on. */
static bool take(const struct partitions *partitions, uint64_t *at, void *bytes, size_t count,
                 struct data_error *error)
{
    uint64_t from = *at;
    *at += count;
    return count == 0 || spill_file_read(budget_file(partitions->budget), from, bytes, count, error);
}

/* Appends what stands at `at` of a list; a list must stay within 32 bits of text. */
static bool read_list(struct partitions *partitions, struct partition *list, uint64_t at, uint32_t count,
                      uint32_t text, struct data_error *error)
{
    size_t base = list->used;
    if (list->text_used + text > UINT32_MAX || (uint64_t)list->used + count > UINT32_MAX / 2) {
        data_fail(error, "the distinct values of one column are too many (more than 500 GB of text)");
        return false;
    }
    list_reserve(partitions, list, base + count, list->text_used + text);
    if (!take(partitions, &at, list->keys + base, count * sizeof *list->keys, error) ||
        !take(partitions, &at, (char *)list->counts + base * partitions->count_size,
              count * partitions->count_size, error))
        return false;
    if (partitions->texts) {
        if (!take(partitions, &at, list->lengths + base, count * sizeof *list->lengths, error) ||
            !take(partitions, &at, list->text + list->text_used, text, error))
            return false;
        for (size_t i = base; i < base + count; i++) {
            list->starts[i] = (uint32_t)list->text_used;
            list->text_used += list->lengths[i];
        }
    }
    list->used += count;
    if (base == 0) /* lists are compact when they are written */
        list->compact = count;
    return true;
}

bool segment_read(struct partitions *partitions, const struct segment *segment, struct data_error *error)
{
    struct directory directory;
    uint64_t at = segment->offset;
    if (!take(partitions, &at, &directory, sizeof directory, error))
        return false;
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        if (!read_list(partitions, &partitions->lists[i], at, directory.entries[i], directory.text[i], error))
            return false;
        at += directory.entries[i] * entry_size(partitions) + directory.text[i];
    }
    return true;
}

void segments_drop(struct partitions *partitions)
{
    for (size_t i = 0; i < partitions->segment_count; i++)
        spill_file_drop(budget_file(partitions->budget), partitions->segments[i].offset,
                        partitions->segments[i].size);
    partitions->segment_count = 0;
    partitions->spilled = 0;
}

void segments_move(struct partitions *into, struct partitions *from)
{
    for (size_t i = 0; i < from->segment_count; i++)
        push_segment(into, from->segments[i]);
    from->segment_count = 0;
}

struct directory *directories_read(const struct partitions *partitions, struct data_error *error)
{
    struct directory *directories = mem_alloc(partitions->segment_count * sizeof *directories);
    for (size_t i = 0; i < partitions->segment_count; i++) {
        uint64_t at = partitions->segments[i].offset;
        if (!take(partitions, &at, &directories[i], sizeof directories[i], error)) {
            free(directories);
            return NULL;
        }
    }
    return directories;
}

bool list_gather(struct partitions *partitions, const struct directory *directories, uint32_t number,
                 struct data_error *error)
{
    struct partition *list = &partitions->lists[number];
    for (size_t i = 0; i < partitions->segment_count; i++) {
        const struct directory *directory = &directories[i];
        uint64_t at = partitions->segments[i].offset + sizeof *directory;
        for (uint32_t before = 0; before < number; before++)
            at += directory->entries[before] * entry_size(partitions) + directory->text[before];
        if (!read_list(partitions, list, at, directory->entries[number], directory->text[number], error))
            return false;
        list_compact(partitions, list);
    }
    return true;
}
