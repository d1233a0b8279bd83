/* mlc data profile --suggest: a profile as the record that the template of a dataset block reads, and the
 * text that it writes in the one format. */

#include <math.h>
#include <string.h>
#include "cli/data_templates.h"
#include "compiler/evaluate.h"
#include "compiler/library.h"
#include "core/file.h"
#include "core/text.h"
#include "grammar/parse.h"
#include "runtime/data/source.h"

enum { WORDS_LIMIT = 20, WORD_LENGTH = 100, TIMES_SEEN = 10 };

/* A name for the dataset from its path: "data/iris.csv" gives "iris". */
static const char *dataset_name(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strcspn(name, ".*?[{\\");
    return length && path[0] != '{' ? arena_copy(arena, name, length) : "data";
}

static size_t common_start(const char *a, const char *b)
{
    size_t length = 0;
    while (a[length] && a[length] == b[length])
        length++;
    return length;
}

static size_t common_end(const char *a, const char *b)
{
    size_t x = strlen(a), y = strlen(b), length = 0;
    while (length < x && length < y && a[x - length - 1] == b[y - length - 1])
        length++;
    return length;
}

/* What all paths begin and end with, anything between them. */
static const char *star_pattern(struct arena *arena, const char *const *paths, size_t count)
{
    size_t start = strlen(paths[0]), end = start, least = start;
    for (size_t i = 1; i < count; i++) {
        size_t first = common_start(paths[0], paths[i]), last = common_end(paths[0], paths[i]);
        start = first < start ? first : start;
        end = last < end ? last : end;
        least = strlen(paths[i]) < least ? strlen(paths[i]) : least;
    }
    if (start + end > least)
        end = least - start;
    return arena_printf(arena, "%s*%s", file_as_pattern(arena, arena_copy(arena, paths[0], start)),
                        file_as_pattern(arena, paths[0] + strlen(paths[0]) - end));
}

static const char *brace_pattern(struct arena *arena, const char *const *paths, size_t count)
{
    struct buf out = {0};
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%c%s", i ? ',' : '{', file_as_pattern(arena, paths[i]));
    buf_add_char(&out, '}');
    const char *pattern = arena_strdup(arena, buf_str(&out));
    buf_free(&out);
    return pattern;
}

static int by_bytes(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(a, b);
}

static bool matches_all(struct arena *arena, const char *pattern, const char *const *paths, size_t count)
{
    struct vec wanted = vec_in(arena), found = vec_in(arena);
    for (size_t i = 0; i < count; i++)
        vec_push(&wanted, (void *)paths[i]);
    vec_sort(&wanted, by_bytes, NULL);
    if (file_matches(".", pattern, &found) != 0 || found.count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(wanted.items[i], found.items[i]) != 0)
            return false;
    return true;
}

const char *templates_path(struct cli *cli, struct arena *arena, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(paths[i], "-") == 0) {
            fprintf(cli->err,
                    "mlc: a dataset cannot be read from standard input: write the data to a file\n");
            return NULL;
        }
        if (!text_is_utf8(paths[i], strlen(paths[i]), NULL)) {
            struct buf safe = {0};
            text_add_safe(&safe, paths[i], strlen(paths[i]));
            fprintf(cli->err, "mlc: a spec cannot name %s, which is no UTF-8: rename it\n", buf_str(&safe));
            buf_free(&safe);
            return NULL;
        }
    }
    if (count == 1) /* a:// is a file of a folder here, and an address in a spec */
        return strstr(paths[0], "://") ? file_normalize(arena, paths[0]) : paths[0];
    const char *pattern = star_pattern(arena, paths, count);
    return matches_all(arena, pattern, paths, count) ? pattern : brace_pattern(arena, paths, count);
}

/* A header that is no UTF-8 has no form in a spec. */
static void say_left_out(struct cli *cli, const char *header, size_t place)
{
    struct buf safe = {0};
    if (text_is_utf8(header, strlen(header), NULL))
        return;
    text_add_safe(&safe, header, strlen(header));
    fprintf(cli->err, "mlc: column %zu is left out: its name is no UTF-8: %s\n", place, buf_str(&safe));
    buf_free(&safe);
}

static const struct value *number_or_null(struct arena *arena, bool known, double number)
{
    return known && isfinite(number) ? value_float(arena, number, 0) : value_null(arena, 0);
}

/* All different texts of a column in which each was seen often: the words of a one_of. */
static const struct value *few_texts(struct arena *arena, const struct profile_column *column)
{
    if (column->schema.type != COLUMN_STRING || column->approximate || !column->top_complete ||
        column->top_count == 0 || column->top_count > WORDS_LIMIT || column->bad ||
        column->values < TIMES_SEEN * column->top_count || column->length_max > WORD_LENGTH)
        return value_null(arena, 0);
    struct list_builder texts = list_begin(arena);
    for (size_t i = 0; i < column->top_count; i++) {
        struct cell cell = column->top[i].value;
        if (!text_is_utf8(cell.text, cell.length, NULL))
            return value_null(arena, 0);
        list_add(&texts, value_string_n(arena, cell.text, cell.length, 0));
    }
    return list_end(&texts, 0);
}

static const struct value *column_record(struct arena *arena, const struct profile_column *column,
                                         size_t index)
{
    char type[32];
    enum column_type kind = column->schema.type;
    bool numbers = (kind == COLUMN_INT || kind == COLUMN_FLOAT || kind == COLUMN_DECIMAL) &&
                   column->has_numbers && !column->approximate && !column->nans && !column->infinities;
    const struct field fields[] = {
        {"index", 0, value_int(arena, (int64_t)index, 0)},
        {"header", 0, value_string(arena, column->schema.name, 0)},
        {"type", 0, value_string(arena, column_type_name(&column->schema, type), 0)},
        {"values", 0, value_int(arena, (int64_t)column->values, 0)},
        {"nulls", 0, value_int(arena, (int64_t)column->nulls, 0)},
        {"unique", 0, value_int(arena, (int64_t)column->unique, 0)},
        {"exact", 0, value_bool(arena, !column->approximate, 0)},
        {"low", 0, number_or_null(arena, numbers, column->quantiles[0])},
        {"high", 0, number_or_null(arena, numbers, column->quantiles[100])},
        {"mean", 0, number_or_null(arena, numbers, column->mean)},
        {"deviation", 0, number_or_null(arena, numbers, sqrt(column->variance))},
        {"texts", 0, few_texts(arena, column)},
    };
    return value_record(arena, fields, sizeof fields / sizeof *fields, 0);
}

static const struct value *source_record(struct arena *arena, const char *path, const struct table *table,
                                         uint64_t rows, const struct value *nulls)
{
    static const char *const FORMATS[] = {
        [FORMAT_CSV] = "csv", [FORMAT_JSONL] = "jsonl", [FORMAT_PARQUET] = "parquet"};
    enum data_format format = table_format(table);
    char delimiter = format == FORMAT_CSV ? table_delimiter(table) : ',';
    const struct field fields[] = {
        {"name", 0, value_string(arena, dataset_name(arena, path), 0)},
        {"path", 0, value_string(arena, path, 0)},
        {"rows", 0, value_int(arena, (int64_t)rows, 0)},
        {"format", 0, value_string(arena, FORMATS[format], 0)},
        {"delimiter", 0, delimiter == ',' ? value_null(arena, 0) : value_string_n(arena, &delimiter, 1, 0)},
        {"header", 0, value_bool(arena, format != FORMAT_CSV || table_has_header(table), 0)},
        {"nulls", 0, nulls ? nulls : value_null(arena, 0)},
    };
    return value_record(arena, fields, sizeof fields / sizeof *fields, 0);
}

const char **templates_nulls(struct arena *arena, size_t *count)
{
    struct compilation *library = library_open("backends/data/");
    const struct kind *dataset = map_get(library->declarations.kinds, "dataset");
    const struct attribute *nulls = dataset ? kind_attribute(dataset, "nulls") : NULL;
    const struct value *list = nulls ? evaluate(library, NULL, nulls->default_value) : NULL;
    *count = list && list->kind == VALUE_LIST ? list->count : 0;
    const char **texts = arena_array(arena, *count + 1, sizeof *texts);
    for (size_t i = 0; i < *count; i++)
        texts[i] = arena_strdup(arena, value_string_or(list->items[i], ""));
    compilation_free(library);
    return texts;
}

/* As `mlc fmt` would leave it. */
static bool add_formatted(struct cli *cli, const char *text, struct buf *out)
{
    struct arena *arena = arena_new();
    struct source_set *sources = source_set_new(arena);
    struct diag_sink *diags = diag_sink_new(arena, 1);
    const struct source *source = source_add(sources, SOURCE_USER, "suggested", text, strlen(text));
    const struct ast_file *file = parse_source(arena, source, (struct parse_limits){0}, diags);
    bool complete = file->complete;
    if (complete)
        format_file(out, file);
    else
        fprintf(cli->err, "mlc: the suggestion is no spec: %s\n", diag_at(diags, 0)->message);
    arena_free(arena);
    return complete;
}

bool templates_dataset(struct cli *cli, struct arena *arena, const char *path, const struct table *table,
                       const struct profile *profile, const struct value *nulls, struct buf *out)
{
    struct list_builder columns = list_begin(arena);
    for (size_t i = 0; i < profile->column_count; i++)
        say_left_out(cli, profile->columns[i].schema.name, i + 1);
    for (size_t i = 0; i < profile->column_count; i++)
        list_add(&columns, column_record(arena, &profile->columns[i], i));
    const struct value *arguments[] = {source_record(arena, path, table, profile->rows, nulls),
                                       list_end(&columns, 0)};
    struct compilation *library;
    const struct value *text = templates_call(cli, &library, "data.suggested", arguments, 2);
    bool good = text && add_formatted(cli, text->text, out);
    compilation_free(library);
    return good;
}
