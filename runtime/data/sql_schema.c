#include "runtime/data/sql_schema.h"

#include <ctype.h>
#include <string.h>

#include "runtime/data/check_schema.h"

enum { MOST_COLUMNS = 1 << 16 };

/* Names of PostgreSQL (as format_type writes them) and DuckDB, in small letters, without what stands in
 * parentheses. The engine reads the same types from files of these databases. */
static const struct {
    const char *name, *word; /* of the engine */
} TYPES[] = {
    {"boolean", "bool"},
    {"tinyint", "int"},
    {"smallint", "int"},
    {"integer", "int"},
    {"bigint", "int"},
    {"utinyint", "int"},
    {"usmallint", "int"},
    {"uinteger", "int"},
    {"ubigint", "decimal(20,0)"},
    {"real", "float"},
    {"double precision", "float"},
    {"float", "float"},
    {"double", "float"},
    {"numeric", "decimal"},
    {"decimal", "decimal"},
    {"date", "date"},
    {"time", "time"},
    {"time without time zone", "time"},
    {"time_ns", "time_ns"},
    {"timestamp", "timestamp"},
    {"timestamp without time zone", "timestamp"},
    {"timestamp with time zone", "timestamp"},
    {"timestamp_s", "timestamp"},
    {"timestamp_ms", "timestamp"},
    {"timestamp_ns", "timestamp_ns"},
    {"text", "string"},
    {"character varying", "string"},
    {"character", "string"},
    {"\"char\"", "string"},
    {"bpchar", "string"},
    {"name", "string"},
    {"varchar", "string"},
    {"uuid", "string"},
    {"json", "string"},
    {"jsonb", "string"},
    {"xml", "string"},
    {"bytea", "string"},
    {"blob", "string"},
};

/* "timestamp(3) without time zone" is "timestamp without time zone"; `inside` is what stood in the
 * parentheses, with them. */
static char *bare_name(struct arena *arena, const char *own, const char **inside)
{
    char *bare = arena_alloc(arena, strlen(own) + 1);
    size_t length = 0;
    const char *open = strchr(own, '('), *close = open ? strchr(open, ')') : NULL;
    *inside = close ? arena_copy(arena, open, (size_t)(close + 1 - open)) : "";
    for (const char *at = own; *at; at++) {
        if (close && at == open)
            at = close;
        else
            bare[length++] = (char)tolower((unsigned char)*at);
    }
    bare[length] = 0;
    return bare;
}

/* What the engine calls the type, or the database's own name when it has none. A decimal has its digits, of
 * which a database may have more than the engine. */
static struct found_type type_found(struct arena *arena, const struct value *column)
{
    const char *own = value_get(column, "type")->text, *inside;
    const struct value *text = value_get(column, "text");
    struct found_type found = {COLUMN_NULL, own, own};
    struct column_schema parsed = {.type = COLUMN_NULL};
    const char *bare = bare_name(arena, own, &inside);
    if (text && text->kind == VALUE_BOOL && text->boolean)
        bare = "text";
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(TYPES[i].name, bare) == 0 && column_type_parse(TYPES[i].word, &parsed)) {
            found.type = parsed.type;
            found.name = strcmp(TYPES[i].word, "decimal") == 0 ? arena_printf(arena, "decimal%s", inside)
                                                               : TYPES[i].word;
        }
    return found;
}

static bool is_column(const struct value *item)
{
    return item->kind == VALUE_RECORD && value_string_or(value_get(item, "name"), NULL) &&
           value_string_or(value_get(item, "type"), NULL);
}

/* The names, which is all that checks of several columns look at. */
static bool read_columns(struct arena *arena, const struct value *columns, struct table_schema *schema)
{
    if (columns->kind != VALUE_LIST || columns->count > MOST_COLUMNS)
        return false;
    struct column_schema *items = arena_array(arena, columns->count + 1, sizeof *items);
    for (size_t i = 0; i < columns->count; i++) {
        if (!is_column(columns->items[i]))
            return false;
        items[i] = (struct column_schema){.name = value_get(columns->items[i], "name")->text};
    }
    *schema = (struct table_schema){items, columns->count};
    return true;
}

bool sql_judge_columns(struct arena *arena, const struct check *check, const struct value *columns,
                       struct check_result *out)
{
    struct table_schema schema;
    if (!read_columns(arena, columns, &schema))
        return false;
    if (check->kind != CHECK_TYPE) {
        check_schema(arena, check, &schema, out);
        return true;
    }
    int at = schema_find(&schema, check->columns[0]);
    if (at < 0) {
        out->status = CHECK_ERROR;
        out->error = schema_missing(arena, &schema, check->columns[0]);
        return true;
    }
    struct found_type found = type_found(arena, columns->items[at]);
    check_schema_type(arena, check, &found, out);
    return true;
}
