#ifndef MLC_DATA_PARTITIONS_FILE_H
#define MLC_DATA_PARTITIONS_FILE_H

/* What partitions hold, in memory and in the budget's temporary file. Inside partitions.c and
 * partitions_file.c. */

#include "runtime/data/partitions.h"
#include "runtime/data/table.h"

/* Entries [0, compact) are distinct; those behind were appended. */
struct partition {
    uint64_t *keys;
    void *counts;               /* of partitions->count_size bytes each */
    uint32_t *starts, *lengths; /* texts */
    char *text;
    size_t text_used, text_capacity;
    uint32_t used, compact, capacity;
    uint32_t limit; /* entries at which it is made distinct */
};

/* What one segment has of each list: the first bytes of the segment. */
struct directory {
    uint32_t entries[PARTITIONS], text[PARTITIONS];
};

/* All lists as they were when memory ran out: a directory, then keys, counts, lengths and texts of list after
 * list. */
struct segment {
    uint64_t offset, size;
};

struct partitions {
    struct partition lists[PARTITIONS];
    struct memory_budget *budget;
    uint64_t held; /* bytes of the lists, taken from the budget */
    bool texts;
    size_t count_size; /* 0, 1 (where 2 stands for more than one) or 8 bytes */
    uint64_t seed;
    struct segment *segments;
    size_t segment_count, segment_capacity;
    uint64_t spilled;        /* bytes of all segments */
    struct data_error error; /* of spilling, reported at the end */
    bool failed;
};

/* partitions.c */
void list_free(struct partitions *partitions, struct partition *list);
void list_reserve(struct partitions *partitions, struct partition *list, size_t capacity, size_t text);
/* Moves the texts together. */
void list_pack(struct partitions *partitions, struct partition *list);
/* Makes the entries of a list distinct and adds up their counts. */
void list_compact(struct partitions *partitions, struct partition *list);

/* partitions_file.c: false with an error when the file fails. The lists are compact. */
bool segment_write(struct partitions *partitions, struct data_error *error);
/* Appends all of a segment to the lists. */
bool segment_read(struct partitions *partitions, const struct segment *segment, struct data_error *error);
void segments_drop(struct partitions *partitions);
void segments_move(struct partitions *into, struct partitions *from);
/* The directories of all segments (freed by the caller), and with them one whole list, distinct. */
struct directory *directories_read(const struct partitions *partitions, struct data_error *error);
bool list_gather(struct partitions *partitions, const struct directory *directories, uint32_t number,
                 struct data_error *error);

#endif
