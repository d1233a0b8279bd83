#include "runtime/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/buf.h"
#include "core/file.h"
#include "runtime/parts_private.h"

/* The declared type of the time column, or the usual one. */
static const char *time_type(const struct parts_request *request)
{
    for (size_t i = 0; i < request->source.column_count; i++) {
        const struct column_option *column = &request->source.columns[i];
        if (strcmp(column->name, request->column) == 0 && column->type != NULL &&
            (strcmp(column->type, "date") == 0 || strcmp(column->type, "timestamp") == 0))
            return column->type;
    }
    return "timestamp";
}

/* All cells as they are spelled, but the time that rows are ordered by. */
static struct table *open_texts(struct splitting *splitting)
{
    const struct parts_request *request = splitting->request;
    struct table_options options = request->source;
    struct column_option time = {.name = request->column};
    struct data_error error;
    options.all_strings = true;
    options.columns = NULL;
    options.nulls = NULL;
    options.column_count = options.null_count = 0;
    if (request->by == PARTS_BY_TIME) {
        time.type = time_type(request);
        time.nulls = request->source.nulls;
        time.null_count = request->source.null_count;
        options.columns = &time;
        options.column_count = 1;
    }
    struct table *table = table_open(request->paths, request->path_count, &options, &error);
    if (table == NULL)
        parts_fail(splitting, "%s", error.message);
    return table;
}

static void name_outputs(struct splitting *splitting)
{
    for (size_t k = 0; k < splitting->request->count; k++) {
        struct part *part = &splitting->request->parts[k];
        struct buf name = {0};
        buf_printf(&name, "%s.%ld.tmp", part->path, (long)getpid());
        splitting->outputs[k].temporary = buf_take(&name);
        part->rows = 0;
        char *folder = mem_strdup(part->path);
        char *slash = strrchr(folder, '/');
        if (slash != NULL) {
            *slash = '\0';
            file_make_folders(folder);
        }
        free(folder);
    }
}

static bool write_outputs(struct splitting *splitting, struct table *table)
{
    bool ok;
    name_outputs(splitting);
    if (splitting->request->parquet || table_format(table) == FORMAT_PARQUET)
        ok = parts_write_parquet(splitting, table);
    else if (table_format(table) == FORMAT_JSONL)
        ok = parts_write_lines(splitting, table);
    else
        ok = parts_write_csv(splitting, table);
    if (ok && splitting->written != splitting->rows)
        return parts_fail(splitting, "the data changed while it was read: it had %llu rows, and then %llu",
                          (unsigned long long)splitting->rows, (unsigned long long)splitting->written);
    for (size_t k = 0; ok && k < splitting->request->count; k++)
        if (splitting->request->parts[k].rows == 0)
            return parts_fail(splitting,
                              "the part `%s` would be empty: the data has too few rows for its share",
                              splitting->request->parts[k].name);
    return ok;
}

/* Gives the files their names, all or none. */
static void finish_outputs(struct splitting *splitting)
{
    for (size_t k = 0; k < splitting->request->count; k++) {
        struct part_output *output = &splitting->outputs[k];
        if (output->temporary == NULL)
            continue;
        if (splitting->failed)
            unlink(output->temporary);
        else if (rename(output->temporary, splitting->request->parts[k].path) != 0)
            parts_fail(splitting, "%s: %s", splitting->request->parts[k].path, strerror(errno));
        free(output->temporary);
        buf_free(&output->text);
    }
}

bool parts_write(const struct parts_request *request, struct parts_error *error)
{
    struct splitting splitting = {.request = request, .error = error};
    splitting.outputs = mem_calloc(request->count + 1, sizeof *splitting.outputs);
    struct table *table = open_texts(&splitting);
    if (table != NULL && parts_assign(&splitting, table))
        write_outputs(&splitting, table);
    finish_outputs(&splitting);
    table_close(table);
    free(splitting.outputs);
    free(splitting.part_of_row);
    return !splitting.failed;
}
