#ifndef MLC_DATA_THRIFT_H
#define MLC_DATA_THRIFT_H

/* Thrift's compact protocol, as far as Parquet's metadata needs it (github.com/apache/thrift,
 * doc/specs/thrift-compact-protocol.md). Reading stays within its bytes; after a mistake everything reads as
 * zero and `failed` is set. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"

enum thrift_type {
    THRIFT_STOP = 0,
    THRIFT_TRUE = 1,
    THRIFT_FALSE = 2,
    THRIFT_BYTE = 3,
    THRIFT_I16 = 4,
    THRIFT_I32 = 5,
    THRIFT_I64 = 6,
    THRIFT_DOUBLE = 7,
    THRIFT_BINARY = 8,
    THRIFT_LIST = 9,
    THRIFT_SET = 10,
    THRIFT_MAP = 11,
    THRIFT_STRUCT = 12
};

struct thrift_reader {
    const uint8_t *at, *end;
    bool failed;
};

/* One field of the struct being read; `last` is the id of the one before (begin with 0). False at the end. */
bool thrift_field(struct thrift_reader *reader, int *last, enum thrift_type *type);
int64_t thrift_int(struct thrift_reader *reader);
uint64_t thrift_varint(struct thrift_reader *reader);
const uint8_t *thrift_binary(struct thrift_reader *reader, size_t *length);
/* The header of a list: how many elements of which type; at most as many as there are bytes left. */
size_t thrift_list(struct thrift_reader *reader, enum thrift_type *type);
void thrift_skip(struct thrift_reader *reader, enum thrift_type type);

struct thrift_writer {
    struct buf *out;
    int last[16]; /* field ids of the open structs */
    int depth;
};

void thrift_begin(struct thrift_writer *writer); /* a struct (a field's, an element's, or the outermost) */
void thrift_end(struct thrift_writer *writer);
void thrift_put_field(struct thrift_writer *writer, int id, enum thrift_type type);
void thrift_put_int(struct thrift_writer *writer, int id, enum thrift_type type, int64_t value);
void thrift_put_bool(struct thrift_writer *writer, int id, bool value);
void thrift_put_binary(struct thrift_writer *writer, int id, const void *bytes, size_t length);
void thrift_put_list(struct thrift_writer *writer, int id, enum thrift_type type, size_t count);
void thrift_put_varint(struct thrift_writer *writer, uint64_t value);
/* Elements of lists. */
void thrift_item_int(struct thrift_writer *writer, int64_t value);
void thrift_item_binary(struct thrift_writer *writer, const void *bytes, size_t length);

#endif
