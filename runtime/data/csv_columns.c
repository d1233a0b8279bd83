/* The columns of a text: their names, what the options declare of them, and their spellings of null. */

#include <string.h>
#include "core/map.h"
#include "runtime/data/csv.h"

static const struct column_option *find_option(const struct table_options *options, const char *name)
{
    for (size_t i = 0; i < options->column_count; i++)
        if (strcmp(options->columns[i].name, name) == 0)
            return &options->columns[i];
    return NULL;
}

static struct null_words null_words_of(struct arena *arena, const char *const *words, size_t count)
{
    struct null_words nulls = {.words = words};
    uint32_t *lengths = arena_array(arena, count + 1, sizeof *lengths);
    const char **kept = arena_array(arena, count + 1, sizeof *kept);
    for (size_t i = 0; i < count; i++) {
        if (!words[i][0]) /* the empty field is null anyway */
            continue;
        kept[nulls.count] = arena_strdup(arena, words[i]);
        lengths[nulls.count++] = (uint32_t)strlen(words[i]);
    }
    nulls.words = kept;
    nulls.lengths = lengths;
    return nulls;
}

bool csv_declare(struct table *table, const struct table_options *options, struct column_schema *column,
                 struct null_words *nulls, struct data_error *error)
{
    const struct column_option *option = find_option(options, column->name);
    bool own = option && option->nulls;
    *nulls = null_words_of(table->arena, own ? option->nulls : options->nulls,
                           own ? option->null_count : options->null_count);
    column->type = COLUMN_STRING;
    column->declared = options->all_strings;
    if (!option || !option->type)
        return true;
    if (!column_type_parse(option->type, column)) {
        data_fail(
            error,
            "column \"%s\" of %s is declared as \"%s\", which is no type (bool, int, float, decimal(p,s), "
            "date, time, timestamp, string)",
            column->name, table->files[0], option->type);
        return false;
    }
    column->declared = true;
    return true;
}

/* A name that no earlier column has: "x", "x_2", …; "column3" for an empty one. `taken` has, for each name,
 * the last suffix that was tried with it, so that thousands of equal names take no square of steps. */
static const char *unique_name(struct table *table, struct map *taken, const char *name, size_t position)
{
    char *candidate =
        *name ? arena_strdup(table->arena, name) : arena_printf(table->arena, "column%zu", position + 1);
    uintptr_t last = (uintptr_t)map_get(taken, candidate);
    if (last) {
        const char *base = candidate;
        do
            candidate = arena_printf(table->arena, "%s_%zu", base, (size_t)++last);
        while (map_has(taken, candidate));
        map_set(taken, base, (void *)last);
    }
    map_set(taken, candidate, (void *)(uintptr_t)1);
    return candidate;
}

bool csv_make_columns(struct table *table, struct csv_reader *reader, const char *const *names, size_t count,
                      struct data_error *error)
{
    struct column_schema *columns = arena_array(table->arena, count + 1, sizeof *columns);
    struct map *taken = map_new(table->arena);
    reader->fields = count;
    reader->names = names;
    reader->nulls = arena_array(table->arena, count + 1, sizeof *reader->nulls);
    reader->inference = arena_array(table->arena, count + 1, sizeof *reader->inference);
    const struct table_options *options = &reader->options;
    for (size_t i = 0; i < count; i++) {
        columns[i].name = unique_name(table, taken, reader->header ? names[i] : "", i);
        if (reader->header && strcmp(columns[i].name, names[i]) != 0)
            columns[i].spelled = names[i];
        if (!csv_declare(table, options, &columns[i], &reader->nulls[i], error))
            return false;
    }
    table_set_columns(table, columns, count);
    return true;
}
