#include "runtime/data/check_schema.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/map.h"

static void verdict(struct check_result *out, bool good)
{
    out->status = good ? CHECK_PASSED : CHECK_FAILED;
}

const char *schema_missing(struct arena *arena, const struct table_schema *schema, const char *name)
{
    struct map *names = map_new(arena);
    for (size_t i = 0; i < schema->count; i++)
        map_set(names, schema->columns[i].name, names);
    const char *near = map_nearest(names, name);
    if (schema->count == 0)
        return arena_printf(arena, "the data has no columns, and so no \"%s\"", name);
    if (near)
        return arena_printf(arena, "the data has no column \"%s\"; did you mean \"%s\"?", name, near);
    struct buf all = {0};
    for (size_t i = 0; i < schema->count && i < 12; i++)
        buf_printf(&all, "%s\"%s\"", i ? ", " : "", schema->columns[i].name);
    if (schema->count > 12)
        buf_printf(&all, " and %zu more", schema->count - 12);
    const char *why = arena_printf(arena, "the data has no column \"%s\"; it has %s", name, buf_str(&all));
    buf_free(&all);
    return why;
}

static const struct value *column_names(struct arena *arena, const struct table_schema *schema)
{
    struct list_builder names = list_begin(arena);
    for (size_t i = 0; i < schema->count; i++)
        list_add(&names, value_string(arena, schema->columns[i].name, 0));
    return list_end(&names, 0);
}

static int by_value(const void *a, const void *b)
{
    return value_compare(*(const struct value *const *)a, *(const struct value *const *)b);
}

/* Names by bytes: those of a set have no order. */
static const struct value *in_order(struct arena *arena, const struct value *names)
{
    const struct value **items = arena_array(arena, names->count + 1, sizeof *items);
    for (size_t i = 0; i < names->count; i++)
        items[i] = names->items[i];
    qsort(items, names->count, sizeof *items, by_value);
    return value_list(arena, items, names->count, 0);
}

static bool list_has(const struct value *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->kind == VALUE_STRING && strcmp(list->items[i]->text, name) == 0)
            return true;
    return false;
}

static void columns_match_set(struct arena *arena, const struct check *check,
                              const struct table_schema *schema, struct check_result *out)
{
    const struct value *found = column_names(arena, schema),
                       *wanted = value_is_none(check->set) ? value_list(arena, NULL, 0, 0) : check->set;
    struct list_builder unexpected = list_begin(arena), missing = list_begin(arena);
    for (size_t i = 0; i < found->count; i++)
        if (!list_has(wanted, found->items[i]->text))
            list_add(&unexpected, found->items[i]);
    for (size_t i = 0; i < wanted->count; i++)
        if (wanted->items[i]->kind != VALUE_STRING || !list_has(found, wanted->items[i]->text))
            list_add(&missing, wanted->items[i]);
    struct record_builder mismatched = record_begin(arena), details = record_begin(arena);
    bool good = missing.count == 0 && (unexpected.count == 0 || !check->exact);
    if (value_is_none(check->set))
        good = !check->exact;
    out->observed = unexpected.count || missing.count ? in_order(arena, found) : found;
    if (unexpected.count)
        record_set(&mismatched, "unexpected", in_order(arena, list_end(&unexpected, 0)));
    if (missing.count)
        record_set(&mismatched, "missing", in_order(arena, list_end(&missing, 0)));
    record_set(&details, "mismatched", record_end(&mismatched, 0));
    out->details = record_end(&details, 0);
    verdict(out, good);
}

static void columns_match_list(struct arena *arena, const struct check *check,
                               const struct table_schema *schema, struct check_result *out)
{
    const struct value *found = column_names(arena, schema), *wanted = check->set;
    out->observed = found;
    verdict(out, value_is_none(wanted) || value_equal(found, wanted));
    if (out->status == CHECK_PASSED)
        return;
    struct list_builder mismatched = list_begin(arena);
    for (size_t i = 0; i < found->count || i < wanted->count; i++) {
        const struct value *left = i < wanted->count ? wanted->items[i] : value_null(arena, 0),
                           *right = i < found->count ? found->items[i] : value_null(arena, 0);
        struct field fields[] = {{"Expected Column Position", 0, value_int(arena, (int64_t)i, 0)},
                                 {"Expected", 0, left},
                                 {"Found", 0, right}};
        if (!value_equal(left, right))
            list_add(&mismatched, value_record(arena, fields, 3, 0));
    }
    struct field details[] = {{"mismatched", 0, list_end(&mismatched, 0)}};
    out->details = value_record(arena, details, 1, 0);
}

static void column_exists(struct arena *arena, const struct check *check, const struct table_schema *schema,
                          struct check_result *out)
{
    int at = schema_find(schema, check->columns[0]);
    if (!value_is_none(check->min) && check->min->kind != VALUE_INT) {
        out->status = CHECK_ERROR;
        out->error = "a column's index must be a whole number";
        return;
    }
    int64_t index = value_is_none(check->min) ? at : check->min->integer;
    bool placed = index == at || index + (int64_t)schema->count == at; /* -1: the last one */
    out->observed = at < 0 ? value_null(arena, 0) : value_int(arena, at, 0);
    out->reason = at < 0 ? "the data has no such column" : NULL;
    verdict(out, at >= 0 && placed);
}

/* The column type behind the names that people use for it; COLUMN_NULL when the name is none. */
static enum column_type type_of_name(const char *name)
{
    static const struct {
        const char *name;
        enum column_type type;
    } NAMES[] = {
        {"str", COLUMN_STRING},
        {"object", COLUMN_STRING},
        {"object_", COLUMN_STRING},
        {"O", COLUMN_STRING},
        {"text", COLUMN_STRING},
        {"varchar", COLUMN_STRING},
        {"VARCHAR", COLUMN_STRING},
        {"TEXT", COLUMN_STRING},
        {"STRING", COLUMN_STRING},
        {"StringType", COLUMN_STRING},
        {"integer", COLUMN_INT},
        {"INTEGER", COLUMN_INT},
        {"INT", COLUMN_INT},
        {"BIGINT", COLUMN_INT},
        {"SMALLINT", COLUMN_INT},
        {"int64", COLUMN_INT},
        {"int32", COLUMN_INT},
        {"int16", COLUMN_INT},
        {"int8", COLUMN_INT},
        {"uint32", COLUMN_INT},
        {"Int64", COLUMN_INT},
        {"IntegerType", COLUMN_INT},
        {"LongType", COLUMN_INT},
        {"double", COLUMN_FLOAT},
        {"DOUBLE", COLUMN_FLOAT},
        {"FLOAT", COLUMN_FLOAT},
        {"REAL", COLUMN_FLOAT},
        {"float64", COLUMN_FLOAT},
        {"float32", COLUMN_FLOAT},
        {"DOUBLE_PRECISION", COLUMN_FLOAT},
        {"DoubleType", COLUMN_FLOAT},
        {"FloatType", COLUMN_FLOAT},
        {"boolean", COLUMN_BOOL},
        {"BOOLEAN", COLUMN_BOOL},
        {"BOOL", COLUMN_BOOL},
        {"bool_", COLUMN_BOOL},
        {"BooleanType", COLUMN_BOOL},
        {"DECIMAL", COLUMN_DECIMAL},
        {"NUMERIC", COLUMN_DECIMAL},
        {"decimal", COLUMN_DECIMAL},
        {"DATE", COLUMN_DATE},
        {"DateType", COLUMN_DATE},
        {"TIME", COLUMN_TIME},
        {"TIMESTAMP", COLUMN_TIMESTAMP},
        {"DATETIME", COLUMN_TIMESTAMP},
        {"datetime", COLUMN_TIMESTAMP},
        {"datetime64", COLUMN_TIMESTAMP},
        {"datetime64[ns]", COLUMN_TIMESTAMP},
        {"Timestamp", COLUMN_TIMESTAMP},
        {"TimestampType", COLUMN_TIMESTAMP},
    };
    struct column_schema parsed = {.name = ""};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(NAMES[i].name, name) == 0)
            return NAMES[i].type;
    return column_type_parse(name, &parsed) ? parsed.type : COLUMN_NULL;
}

void check_schema(struct arena *arena, const struct check *check, const struct table_schema *schema,
                  struct check_result *out)
{
    if (check->kind == CHECK_COLUMN_EXISTS)
        column_exists(arena, check, schema, out);
    else if (check->kind == CHECK_COLUMNS_MATCH_SET)
        columns_match_set(arena, check, schema, out);
    else
        columns_match_list(arena, check, schema, out);
}

void check_schema_type(struct arena *arena, const struct check *check, const struct found_type *found,
                       struct check_result *out)
{
    const struct value *types = check->set;
    out->observed = value_string(arena, found->name, 0);
    bool good = value_is_none(types) || (!found->own && found->type == COLUMN_NULL),
         known = value_is_none(types);
    for (size_t i = 0; !value_is_none(types) && types->kind == VALUE_LIST && i < types->count; i++) {
        const char *wanted = value_string_or(types->items[i], "");
        enum column_type type = type_of_name(wanted);
        bool own = found->own && strcasecmp(wanted, found->own) == 0;
        known = known || own || type != COLUMN_NULL;
        /* declared precision counts when the name has one */
        good =
            good || own || strcmp(wanted, found->name) == 0 ||
            (type == found->type && type != COLUMN_NULL && (!strchr(wanted, '(') || type != COLUMN_DECIMAL));
    }
    if (!known)
        out->reason = "no type of that name is known";
    verdict(out, good);
}
