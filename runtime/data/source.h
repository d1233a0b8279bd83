#ifndef MLC_DATA_SOURCE_H
#define MLC_DATA_SOURCE_H

/* Opens data files as tables: CSV, JSONL and Parquet; CSV and JSONL also compressed by gzip or zstd; from
 * paths, globs and the standard input. The format comes from the option, else the name, else the first bytes.
 */

#include "runtime/data/table.h"

enum data_format { FORMAT_AUTO, FORMAT_CSV, FORMAT_JSONL, FORMAT_PARQUET };
enum header_option { HEADER_AUTO, HEADER_YES, HEADER_NO };

/* A column as the caller declares it. */
struct column_option {
    const char *name;
    const char *type;         /* a word for column_type_parse; NULL: inferred */
    const char *const *nulls; /* spellings of null for this column; NULL: the table's */
    size_t null_count;
};

/* Zero-initialise: all defaults. Everything is copied. */
struct table_options {
    enum data_format format;
    enum header_option header;
    char delimiter; /* 0: found among , ; tab | */
    char quote;     /* 0: " */
    /* Spellings of null (NULL: only the empty unquoted field). A spelling matches quoted and unquoted
     * fields; the empty spelling only unquoted ones in a string column. */
    const char *const *nulls;
    size_t null_count;
    const struct column_option *columns; /* may name columns that the file lacks: they are ignored */
    size_t column_count;
    bool all_strings;    /* do not infer types */
    uint64_t row_limit;  /* largest row in bytes; 0: 64 MiB */
    uint64_t size_limit; /* largest decompressed file in bytes; 0: no limit */
    /* Largest ratio of decompressed to compressed bytes, and of rows times columns to bytes of Parquet; 0:
     * 1000, behind a first GiB. */
    unsigned ratio_limit;
};

/* Opens paths, globs ("data/part-*.csv", matches sorted by bytes) or "-". All files must have the same
 * columns in the same order (CSV, Parquet) or are merged by name (JSONL). Types that are not declared are
 * inferred from the beginning of the data and widened by the scan. NULL with an error. */
struct table *table_open(const char *const *paths, size_t count, const struct table_options *options,
                         struct data_error *error);

/* Bytes, delimiter and format as found: for reports. */
enum data_format table_format(const struct table *table);
char table_delimiter(const struct table *table);
bool table_has_header(const struct table *table);
uint64_t table_bytes(const struct table *table);

#endif
