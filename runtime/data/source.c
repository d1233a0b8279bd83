#include "runtime/data/source.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "core/text.h"
#include "core/vec.h"
#include "runtime/data/csv.h"
#include "runtime/data/jsonl.h"
#include "runtime/data/parquet.h"
#include "runtime/data/reader.h"
#include "runtime/data/stream.h"

static bool is_pattern(const char *path)
{
    struct stat info;
    return strpbrk(path, "*?[") && stat(path, &info) != 0;
}

/* Matches of a pattern, sorted by bytes. */
static bool expand(struct arena *arena, const char *pattern, struct vec *files, struct data_error *error)
{
    glob_t found;
    int status = glob(pattern, GLOB_NOSORT | GLOB_BRACE, NULL, &found);
    if (status != 0) {
        data_fail(error, status == GLOB_NOMATCH ? "no file matches %s" : "cannot expand %s", pattern);
        return false;
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        vec_push(files, arena_strdup(arena, found.gl_pathv[i]));
    globfree(&found);
    return true;
}

static int by_bytes(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(a, b);
}

static bool expand_all(struct table *table, const char *const *paths, size_t count, struct data_error *error)
{
    struct vec files = vec_in(table->arena);
    for (size_t i = 0; i < count; i++) {
        if (!is_pattern(paths[i])) {
            vec_push(&files, arena_strdup(table->arena, paths[i]));
            continue;
        }
        struct vec matches = vec_in(table->arena);
        if (!expand(table->arena, paths[i], &matches, error))
            return false;
        vec_sort(&matches, by_bytes, NULL);
        for (size_t j = 0; j < matches.count; j++)
            vec_push(&files, matches.items[j]);
    }
    if (files.count == 0)
        data_fail(error, "no file was named");
    table->files = arena_array(table->arena, files.count + 1, sizeof *table->files);
    for (size_t i = 0; i < files.count; i++)
        table->files[i] = files.items[i];
    table->file_count = files.count;
    return files.count > 0;
}

static enum data_format format_by_name(const char *path)
{
    static const struct {
        const char *suffix;
        enum data_format format;
    } suffixes[] = {{".csv", FORMAT_CSV},        {".tsv", FORMAT_CSV},      {".txt", FORMAT_CSV},
                    {".jsonl", FORMAT_JSONL},    {".ndjson", FORMAT_JSONL}, {".json", FORMAT_JSONL},
                    {".parquet", FORMAT_PARQUET}};
    size_t length = strlen(path);
    char base[16];
    if (text_ends_with(path, ".gz"))
        length -= 3;
    else if (text_ends_with(path, ".zst"))
        length -= 4;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t count = strlen(suffixes[i].suffix);
        if (length < count)
            continue;
        memcpy(base, path + length - count, count);
        base[count] = 0;
        if (strcmp(base, suffixes[i].suffix) == 0)
            return suffixes[i].format;
    }
    return FORMAT_AUTO;
}

/* A pipe that was opened for the file, or for one of the same name. */
static struct stream *find_kept(const struct table *table, size_t file)
{
    for (size_t i = 0; i < table->file_count; i++)
        if (table->kept[i] && strcmp(table->files[i], table->files[file]) == 0)
            return table->kept[i];
    return NULL;
}

struct stream *table_stream(struct table *table, size_t file, struct stream_limits limits,
                            struct data_error *error)
{
    if (!table->kept)
        table->kept = arena_array(table->arena, table->file_count + 1, sizeof *table->kept);
    struct stream *stream = find_kept(table, file);
    if (stream)
        return stream_rewind(stream, error) ? stream : NULL;
    stream = stream_open(table->files[file], limits, error);
    if (stream && stream_is_pipe(stream))
        table->kept[file] = stream;
    return stream;
}

void table_stream_end(struct stream *stream)
{
    if (stream && !stream_is_pipe(stream))
        stream_close(stream);
}

/* By the first bytes: "PAR1" is Parquet, an opening brace JSONL, all else CSV. */
static bool find_format(struct table *table, const struct table_options *options, struct data_error *error)
{
    table->format = options->format ? options->format : format_by_name(table->files[0]);
    if (table->format != FORMAT_AUTO)
        return true;
    struct stream_limits limits = {options->size_limit, options->ratio_limit};
    struct stream *stream = table_stream(table, 0, limits, error);
    char start[64];
    ssize_t got = stream ? stream_read(stream, start, sizeof start, error) : -1;
    table_stream_end(stream);
    if (got < 0)
        return false;
    size_t at = 0;
    while (at < (size_t)got && strchr(" \t\r\n", start[at]))
        at++;
    table->format = got >= 4 && memcmp(start, "PAR1", 4) == 0 ? FORMAT_PARQUET
                    : at < (size_t)got && start[at] == '{'    ? FORMAT_JSONL
                                                              : FORMAT_CSV;
    return true;
}

static void sum_sizes(struct table *table)
{
    struct stat info;
    for (size_t i = 0; i < table->file_count; i++)
        if (stat(table->files[i], &info) == 0)
            table->bytes += (uint64_t)info.st_size;
}

static bool open_format(struct table *table, const struct table_options *options, struct data_error *error)
{
    if (table->format == FORMAT_CSV)
        return csv_open(table, options, error);
    if (table->format == FORMAT_JSONL)
        return jsonl_open(table, options, error);
    return parquet_open(table, options, error);
}

static const char *const *copy_words(struct arena *arena, const char *const *words, size_t count)
{
    if (!words)
        return NULL;
    const char **copy = arena_array(arena, count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = arena_strdup(arena, words[i]);
    return copy;
}

/* A copy that lives as long as the table. */
static struct table_options *copy_options(struct arena *arena, const struct table_options *options)
{
    struct table_options *copy = arena_alloc(arena, sizeof *copy);
    if (!options)
        return copy;
    *copy = *options;
    copy->nulls = copy_words(arena, options->nulls, options->null_count);
    struct column_option *columns = arena_array(arena, options->column_count + 1, sizeof *columns);
    for (size_t i = 0; i < options->column_count; i++) {
        const struct column_option *from = &options->columns[i];
        columns[i] = (struct column_option){.name = arena_strdup(arena, from->name),
                                            .type = from->type ? arena_strdup(arena, from->type) : NULL,
                                            .nulls = copy_words(arena, from->nulls, from->null_count),
                                            .null_count = from->null_count};
    }
    copy->columns = columns;
    return copy;
}

struct table *table_open(const char *const *paths, size_t count, const struct table_options *options,
                         struct data_error *error)
{
    struct table *table = table_new();
    options = copy_options(table->arena, options);
    if (expand_all(table, paths, count, error) && find_format(table, options, error) &&
        open_format(table, options, error)) {
        sum_sizes(table);
        return table;
    }
    table_close(table);
    return NULL;
}
