#ifndef MLC_DATA_PARQUET_META_H
#define MLC_DATA_PARQUET_META_H

/* The footer and the page headers of Parquet files (github.com/apache/parquet-format, parquet.thrift). */

#include "core/arena.h"
#include "runtime/data/table.h"
#include "runtime/data/thrift.h"

enum parquet_physical {
    PHYSICAL_BOOLEAN,
    PHYSICAL_INT32,
    PHYSICAL_INT64,
    PHYSICAL_INT96,
    PHYSICAL_FLOAT,
    PHYSICAL_DOUBLE,
    PHYSICAL_BYTES,
    PHYSICAL_FIXED
};

enum parquet_encoding {
    ENCODING_PLAIN = 0,
    ENCODING_PLAIN_DICTIONARY = 2,
    ENCODING_RLE = 3,
    ENCODING_BIT_PACKED = 4,
    ENCODING_DELTA = 5,
    ENCODING_DELTA_LENGTH = 6,
    ENCODING_DELTA_BYTES = 7,
    ENCODING_DICTIONARY = 8,
    ENCODING_STREAM_SPLIT = 9
};

enum parquet_codec { CODEC_NONE = 0, CODEC_SNAPPY = 1, CODEC_GZIP = 2, CODEC_ZSTD = 6 };

/* How the bytes of a physical value become a value of the column. */
enum parquet_meaning {
    MEANING_PLAIN,    /* as the type is */
    MEANING_UNSIGNED, /* ints without a sign */
    MEANING_MILLIS,   /* times in milliseconds, told in microseconds */
    MEANING_UUID,     /* 16 bytes, told as text */
    MEANING_HALF      /* a float of 16 bits */
};

struct parquet_column {
    enum parquet_physical physical;
    enum parquet_meaning meaning;
    unsigned width; /* PHYSICAL_FIXED: bytes */
    uint8_t bits;   /* of an annotated int: 8, 16, 32 or 64; else 0 */
    bool utc;       /* a time or timestamp is adjusted to UTC */
    bool optional;
};

/* A column in a row group: where its pages lie. */
struct parquet_piece {
    uint64_t offset, size;
    uint64_t values;
    int32_t codec;
};

struct parquet_group {
    uint64_t rows;
    const struct parquet_piece *pieces; /* one a column */
};

struct parquet_meta {
    struct column_schema *schema;
    struct parquet_column *columns;
    size_t column_count;
    struct parquet_group *groups;
    size_t group_count;
};

/* Reads a footer (without length and magic); `path` is for messages, `file_size` bounds the pages. */
bool parquet_meta_read(struct arena *arena, const char *path, uint64_t file_size, const uint8_t *bytes,
                       size_t length, struct parquet_meta *out, struct data_error *error);

enum parquet_page_type { PAGE_DATA = 0, PAGE_INDEX = 1, PAGE_DICTIONARY = 2, PAGE_DATA_V2 = 3 };

struct parquet_page_header {
    int type;
    uint64_t plain_size, stored_size; /* of the page's bytes, behind the header */
    uint64_t values;
    int encoding;
    int level_encoding;    /* v1 */
    uint64_t level_bytes;  /* v2: definition levels, never compressed */
    uint64_t repeat_bytes; /* v2 */
    bool stored_plain;     /* v2: not compressed */
};

/* Reads a page header; `*used` is its length. False when the bytes are no header (or not all of it). */
bool parquet_page_header_read(const uint8_t *bytes, size_t length, struct parquet_page_header *out,
                              size_t *used);

#endif
