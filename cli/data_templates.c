#include "cli/data_templates.h"

#include <string.h>

#include "compiler/library.h"
#include "core/documents/json.h"
#include "core/sql_name.h"
#include "runtime/data/check_values.h"

const struct value *templates_call(struct cli *cli, struct compilation **library, const char *function,
                                   const struct value *const *arguments, size_t count)
{
    const char *why = NULL;
    *library = library_open("backends/data/");
    const struct value *result = library_call(*library, function, arguments, count, &why);
    if (!result)
        fprintf(cli->err, "mlc: %s\n", why);
    return result;
}

static const char *const *texts_or_null(struct arena *arena, const struct value *list)
{
    const char **texts = arena_array(arena, list->count + 1, sizeof *texts);
    for (size_t i = 0; i < list->count; i++)
        texts[i] = list->items[i]->length ? arena_strdup(arena, list->items[i]->text) : NULL;
    return texts;
}

const char *templates_table(struct cli *cli, struct arena *arena, const char *name)
{
    const char *why, *quoted = NULL;
    struct buf out = {0};
    if (sql_name_quote(&out, name, strlen(name), &why))
        quoted = arena_strdup(arena, buf_str(&out));
    else
        fprintf(
            cli->err,
            "mlc: `%s` is no name of a table: %s; write it as in SQL: orders, shop.orders, shop.\"a.b\"\n",
            name, why);
    buf_free(&out);
    return quoted;
}

bool templates_sql(struct cli *cli, struct arena *arena, const char *dialect, const char *table,
                   const struct check *checks, size_t count, struct sql_query *query)
{
    const struct value *arguments[] = {checks_to_value(arena, checks, count), value_string(arena, table, 0),
                                       value_string(arena, dialect, 0)};
    struct compilation *library;
    const struct value *said = templates_call(cli, &library, "data.query", arguments, 3);
    if (said) {
        query->checks = checks;
        query->head = arena_strdup(arena, value_get(said, "head")->text);
        query->columns = arena_strdup(arena, value_get(said, "columns")->text);
        query->tail = arena_strdup(arena, value_get(said, "tail")->text);
        query->objects = texts_or_null(arena, value_get(said, "objects"));
        query->count = count;
        query->left_out = texts_or_null(arena, value_get(said, "errors"));
    }
    compilation_free(library);
    return said != NULL;
}

void sql_query_write(const struct sql_query *query, const size_t *places, size_t count, struct buf *out)
{
    bool columns = false; /* were added */
    buf_add_str(out, query->head);
    for (size_t i = 0; i < (places ? count : query->count); i++) {
        size_t place = places ? places[i] : i;
        bool schema = check_kind_info(query->checks[place].kind)->group == CHECK_GROUP_SCHEMA;
        if (!query->objects[place])
            continue;
        if (schema && !columns)
            buf_printf(out, ",\n  %s", query->columns);
        columns = columns || schema;
        buf_printf(out, ",\n  %s", query->objects[place]);
    }
    buf_add_str(out, query->tail);
}

bool templates_suite(struct cli *cli, struct arena *arena, const char *name, const struct check *checks,
                     size_t count, struct buf *out, const char *const **left_out)
{
    const struct value *arguments[] = {value_string(arena, name, 0), checks_to_value(arena, checks, count)};
    const struct value *bad = NULL;
    struct compilation *library;
    const struct value *said = templates_call(cli, &library, "data.suite", arguments, 2);
    bool good =
        said && json_write(out, value_get(said, "document"), (struct json_style){JSON_PRETTY, false}, &bad);
    if (said && !good)
        fprintf(cli->err, "mlc: %s of an expectation has no form in JSON\n",
                bad ? value_kind_name(bad) : "a value");
    if (good) {
        buf_add_char(out, '\n');
        *left_out = texts_or_null(arena, value_get(said, "errors"));
    }
    compilation_free(library);
    return good;
}
