#include "runtime/data/sql.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/data/sql_write.h"

/* One check in the query: "j3" rows judged and "u3" unexpected ones, or "m3" a number. */
struct entry {
    const struct check *check;
    const char *error;
    const char *judged, *unexpected, *measure; /* SQL, or NULL */
    const char *rows;                          /* of the row condition; NULL: all */
};

struct sql_plan {
    enum sql_dialect dialect;
    const char *table;
    struct entry *entries;
    size_t count;
};

static bool is_none(const struct value *value)
{
    return !value || value->kind == VALUE_NULL;
}

static const char *keep(struct arena *arena, struct buf *text)
{
    const char *kept = arena_copy(arena, buf_str(text), text->length);
    buf_free(text);
    return kept;
}

/* `x >= 1 AND x < 5`; TRUE when open. */
static bool add_range(struct buf *out, const char *subject, const struct check *check)
{
    bool good = true;
    if (is_none(check->min) && is_none(check->max))
        buf_add_str(out, "TRUE");
    if (!is_none(check->min)) {
        buf_printf(out, "%s %s ", subject, check->strict_min ? ">" : ">=");
        good = sql_literal(out, check->min);
    }
    if (!is_none(check->max)) {
        buf_printf(out, "%s%s %s ", is_none(check->min) ? "" : " AND ", subject,
                   check->strict_max ? "<" : "<=");
        good = good && sql_literal(out, check->max);
    }
    return good;
}

static bool add_list(struct buf *out, const struct value *list)
{
    buf_add_char(out, '(');
    for (size_t i = 0; i < list->count; i++) {
        buf_add_str(out, i ? ", " : "");
        if (!sql_literal(out, list->items[i]))
            return false;
    }
    buf_add_char(out, ')');
    return list->count > 0;
}

/* RE2 has no `\Z`: what Python means by it is its `\z`. */
static bool add_re2(struct buf *out, const struct value *pattern)
{
    struct buf text = {0};
    for (size_t i = 0; i < pattern->length; i++) {
        bool escape = pattern->text[i] == '\\' && i + 1 < pattern->length;
        buf_add_char(&text, pattern->text[i]);
        if (escape) {
            char next = pattern->text[++i];
            buf_add_char(&text, next == 'Z' ? 'z' : next);
        }
    }
    const struct value literal = {.kind = VALUE_STRING, .text = buf_str(&text), .length = text.length};
    bool good = sql_literal(out, &literal);
    buf_free(&text);
    return good;
}

static bool add_patterns(struct buf *out, const struct sql_plan *plan, const char *column,
                         const struct check *check)
{
    bool like = check->kind == CHECK_LIKE || check->kind == CHECK_NOT_LIKE;
    bool negate = check->kind == CHECK_NOT_MATCHES || check->kind == CHECK_NOT_LIKE;
    if (!check->set || check->set->kind != VALUE_LIST || check->set->count == 0)
        return false;
    buf_add_str(out, negate ? "NOT (" : "(");
    for (size_t i = 0; i < check->set->count; i++) {
        buf_add_str(out, i ? (check->match_all && !negate ? " AND " : " OR ") : "");
        if (check->set->items[i]->kind != VALUE_STRING)
            return false;
        if (plan->dialect == SQL_DUCKDB && !like)
            buf_printf(out, "%s(CAST(%s AS VARCHAR), ",
                       check->anchored ? "regexp_full_match" : "regexp_matches", column);
        else
            buf_printf(out, "CAST(%s AS %s) %s ", column, plan->dialect == SQL_DUCKDB ? "VARCHAR" : "text",
                       like ? "LIKE" : "~");
        bool wrapped = check->anchored && plan->dialect != SQL_DUCKDB;
        buf_add_str(out, wrapped ? "('^(?:' || " : "");
        bool re2 = plan->dialect == SQL_DUCKDB && !like;
        if (!(re2 ? add_re2 : sql_literal)(out, check->set->items[i]))
            return false;
        buf_add_str(out, wrapped ? " || ')$')" : plan->dialect == SQL_DUCKDB && !like ? ")" : "");
    }
    buf_add_char(out, ')');
    return true;
}

/* What a good row fulfils; `*nulls` is set where nulls are judged too. */
static bool add_good(struct buf *out, const struct sql_plan *plan, const struct check *check,
                     const char *column, bool *nulls)
{
    struct buf length = {0};
    bool good;
    *nulls = false;
    switch (check->kind) {
    case CHECK_NOT_NULL:
    case CHECK_IS_NULL:
        *nulls = true;
        buf_printf(out, "%s IS %sNULL", column, check->kind == CHECK_NOT_NULL ? "NOT " : "");
        return true;
    case CHECK_BETWEEN:
        return add_range(out, column, check);
    case CHECK_LENGTH:
        buf_printf(&length, "length(%s)", column);
        good = add_range(out, buf_str(&length), check);
        buf_free(&length);
        return good;
    case CHECK_IN_SET:
    case CHECK_NOT_IN_SET:
        if (!check->set || check->set->kind != VALUE_LIST)
            return false;
        buf_printf(out, "%s %sIN ", column, check->kind == CHECK_IN_SET ? "" : "NOT ");
        return add_list(out, check->set);
    case CHECK_MATCHES:
    case CHECK_NOT_MATCHES:
    case CHECK_LIKE:
    case CHECK_NOT_LIKE:
        return add_patterns(out, plan, column, check);
    case CHECK_SATISFIES:
        *nulls = true;
        return check->satisfies && sql_condition(out, check->satisfies);
    default:
        return false;
    }
}

static const char *filter_of(struct arena *arena, const struct check *check, bool *good)
{
    struct buf text = {0};
    *good = true;
    if (!check->where)
        return "TRUE";
    *good = sql_condition(&text, check->where);
    return keep(arena, &text);
}

static bool plan_each(struct arena *arena, const struct sql_plan *plan, struct entry *entry,
                      const char *filter)
{
    const struct check *check = entry->check;
    struct buf good = {0}, column = {0}, judged = {0}, unexpected = {0};
    bool nulls;
    if (check->column_count)
        sql_name(&column, check->columns[0]);
    bool fits = check->column_count <= 1 && add_good(&good, plan, check, buf_str(&column), &nulls);
    if (fits) {
        buf_printf(&judged, "count(*) FILTER (WHERE %s%s%s%s)", filter, nulls ? "" : " AND ",
                   nulls ? "" : buf_str(&column), nulls ? "" : " IS NOT NULL");
        buf_printf(&unexpected, "count(*) FILTER (WHERE %s%s%s%s AND NOT coalesce(%s, FALSE))", filter,
                   nulls ? "" : " AND ", nulls ? "" : buf_str(&column), nulls ? "" : " IS NOT NULL",
                   buf_str(&good));
        entry->judged = arena_strdup(arena, buf_str(&judged));
        entry->unexpected = arena_strdup(arena, buf_str(&unexpected));
    }
    buf_free(&good);
    buf_free(&column);
    buf_free(&judged);
    buf_free(&unexpected);
    return fits;
}

/* Pairs: rows where both are null are left out by default, as the engine does. */
static bool plan_pair(struct arena *arena, struct entry *entry, const char *filter)
{
    const struct check *check = entry->check;
    struct buf a = {0}, b = {0};
    sql_name(&a, check->columns[0]);
    sql_name(&b, check->columns[1]);
    const char *join = check->ignore == CHECK_IGNORE_ANY_MISSING ? "AND" : "OR";
    const char *present =
        check->ignore == CHECK_IGNORE_NEVER
            ? "TRUE"
            : arena_printf(arena, "(%s IS NOT NULL %s %s IS NOT NULL)", buf_str(&a), join, buf_str(&b));
    const char *test = check->kind == CHECK_PAIR_EQUAL ? "=" : check->or_equal ? ">=" : ">";
    entry->judged = arena_printf(arena, "count(*) FILTER (WHERE %s AND %s)", filter, present);
    entry->unexpected =
        arena_printf(arena, "count(*) FILTER (WHERE %s AND %s AND NOT coalesce(%s %s %s, FALSE))", filter,
                     present, buf_str(&a), test, buf_str(&b));
    buf_free(&a);
    buf_free(&b);
    return true;
}

static bool plan_unique(struct arena *arena, const struct sql_plan *plan, struct entry *entry,
                        const char *filter)
{
    const struct check *check = entry->check;
    struct buf columns = {0}, present = {0};
    const char *join =
        check->ignore == CHECK_IGNORE_ANY_MISSING || check->column_count == 1 ? " AND " : " OR ";
    for (size_t i = 0; i < check->column_count; i++) {
        buf_add_str(&columns, i ? ", " : "");
        sql_name(&columns, check->columns[i]);
        buf_add_str(&present, i ? join : "");
        sql_name(&present, check->columns[i]);
        buf_add_str(&present, " IS NOT NULL");
    }
    if (check->ignore == CHECK_IGNORE_NEVER && check->column_count > 1) {
        buf_clear(&present);
        buf_add_str(&present, "TRUE");
    }
    entry->judged = arena_printf(arena, "count(*) FILTER (WHERE %s AND (%s))", filter, buf_str(&present));
    entry->unexpected =
        arena_printf(arena,
                     "(SELECT coalesce(sum(k), 0) FROM (SELECT count(*) AS k FROM %s WHERE %s AND (%s) "
                     "GROUP BY %s HAVING count(*) > 1) AS duplicates)",
                     plan->table, filter, buf_str(&present), buf_str(&columns));
    buf_free(&columns);
    buf_free(&present);
    return true;
}

static const char *aggregate(struct arena *arena, const struct check *check, const char *column,
                             const char *filter)
{
    static const struct {
        enum check_kind kind;
        const char *function;
    } FUNCTIONS[] = {{CHECK_MIN, "min"},           {CHECK_MAX, "max"},
                     {CHECK_MEAN, "avg"},          {CHECK_SUM, "sum"},
                     {CHECK_STDEV, "stddev_samp"}, {CHECK_STDEV_POPULATION, "stddev_pop"},
                     {CHECK_VARIANCE, "var_samp"}};
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++)
        if (FUNCTIONS[i].kind == check->kind)
            return arena_printf(arena, "%s(%s) FILTER (WHERE %s)", FUNCTIONS[i].function, column, filter);
    switch (check->kind) {
    case CHECK_ROWS:
        return arena_printf(arena, "count(*) FILTER (WHERE %s)", filter);
    case CHECK_NULL_COUNT:
        return arena_printf(arena, "count(*) FILTER (WHERE %s AND %s IS NULL)", filter, column);
    case CHECK_NULL_FRACTION:
    case CHECK_COMPLETENESS:
        return arena_printf(arena, "avg(CASE WHEN %s IS %sNULL THEN 1.0 ELSE 0.0 END) FILTER (WHERE %s)",
                            column, check->kind == CHECK_NULL_FRACTION ? "" : "NOT ", filter);
    case CHECK_DISTINCT_COUNT:
        return arena_printf(arena, "count(DISTINCT %s) FILTER (WHERE %s)", column, filter);
    case CHECK_DISTINCT_FRACTION:
        return arena_printf(arena,
                            "coalesce(count(DISTINCT %s) FILTER (WHERE %s) * 1.0 / nullif(count(%s) FILTER "
                            "(WHERE %s), 0), 0)",
                            column, filter, column, filter);
    case CHECK_MEDIAN:
    case CHECK_QUANTILE:
        if (check->interpolation != RANK_LINEAR)
            return NULL;
        return arena_printf(arena, "percentile_cont(%.17g) WITHIN GROUP (ORDER BY %s) FILTER (WHERE %s)",
                            check->kind == CHECK_MEDIAN ? 0.5 : check->quantile, column, filter);
    default:
        return NULL;
    }
}

static void plan_entry(struct arena *arena, const struct sql_plan *plan, struct entry *entry)
{
    const struct check *check = entry->check;
    bool good;
    const char *filter = filter_of(arena, check, &good);
    if (check->error) {
        entry->error = value_string_or(check->error, "the arguments were refused");
        return;
    }
    if (good && check->slice_count == 0) {
        entry->rows = check->where ? arena_printf(arena, "count(*) FILTER (WHERE %s)", filter) : NULL;
        if (check->kind == CHECK_UNIQUE)
            good = plan_unique(arena, plan, entry, filter);
        else if (check->kind == CHECK_PAIR_EQUAL || check->kind == CHECK_PAIR_GREATER)
            good = plan_pair(arena, entry, filter);
        else if (check_kind_info(check->kind)->group == CHECK_GROUP_EACH)
            good = plan_each(arena, plan, entry, filter);
        else {
            struct buf column = {0};
            if (check->column_count)
                sql_name(&column, check->columns[0]);
            entry->measure =
                check->column_count <= 1 ? aggregate(arena, check, buf_str(&column), filter) : NULL;
            good = entry->measure != NULL;
            buf_free(&column);
        }
    } else {
        good = false;
    }
    if (!good)
        entry->error = "SQL cannot express this check: run it on the data itself";
}

/* a.b to "a"."b". */
static const char *quote_table(struct arena *arena, const char *table)
{
    struct buf out = {0};
    for (const char *start = table;;) {
        const char *dot = strchr(start, '.');
        sql_name(&out, dot ? arena_copy(arena, start, (size_t)(dot - start)) : start);
        if (!dot)
            break;
        buf_add_char(&out, '.');
        start = dot + 1;
    }
    return keep(arena, &out);
}

const struct sql_plan *sql_plan(struct arena *arena, enum sql_dialect dialect, const char *table,
                                const struct check *checks, size_t count)
{
    struct sql_plan *plan = arena_alloc(arena, sizeof *plan);
    plan->dialect = dialect;
    plan->table = quote_table(arena, table);
    plan->entries = arena_array(arena, count + 1, sizeof *plan->entries);
    plan->count = count;
    for (size_t i = 0; i < count; i++) {
        plan->entries[i].check = &checks[i];
        plan_entry(arena, plan, &plan->entries[i]);
    }
    return plan;
}

const char *sql_plan_error(const struct sql_plan *plan, size_t index)
{
    return plan->entries[index].error;
}

/* PostgreSQL takes at most 100 arguments of a function: objects of 40 entries are put together. */
void sql_query(struct buf *out, const struct sql_plan *plan)
{
    const char *object = plan->dialect == SQL_DUCKDB ? "json_object" : "jsonb_build_object";
    buf_printf(out, "SELECT %s%s('n', count(*)", plan->dialect == SQL_DUCKDB ? "to_json([" : "", object);
    size_t entries = 1;
    for (size_t i = 0; i < plan->count; i++) {
        const struct entry *entry = &plan->entries[i];
        if (entry->error)
            continue;
        if (entries >= 40) {
            buf_printf(out, ")%s\n  %s('n', count(*)", plan->dialect == SQL_DUCKDB ? "," : " ||", object);
            entries = 1;
        }
        if (entry->measure)
            buf_printf(out, ",\n  'm%zu', %s", i, entry->measure);
        else
            buf_printf(out, ",\n  'j%zu', %s,\n  'u%zu', %s", i, entry->judged, i, entry->unexpected);
        if (entry->rows)
            buf_printf(out, ",\n  'r%zu', %s", i, entry->rows);
        entries += entry->measure ? 2 : 3;
    }
    buf_printf(out, ")%s\nFROM %s;\n", plan->dialect == SQL_DUCKDB ? "]) AS result" : " AS result",
               plan->table);
}

/* --- the answer --- */

/* DuckDB's answer is a list of objects, PostgreSQL's one object. */
static const struct value *answer_get(const struct value *answer, char kind, size_t index)
{
    char key[32];
    snprintf(key, sizeof key, "%c%zu", kind, index);
    if (answer->kind == VALUE_RECORD)
        return value_get(answer, key);
    for (size_t i = 0; answer->kind == VALUE_LIST && i < answer->count; i++)
        if (answer->items[i]->kind == VALUE_RECORD && value_get(answer->items[i], key))
            return value_get(answer->items[i], key);
    return NULL;
}

static bool number_of(const struct value *value, double *out)
{
    if (!value)
        return false;
    if (value->kind == VALUE_STRING)
        return text_to_double(value->text, value->length, out);
    if (value->kind != VALUE_INT && value->kind != VALUE_FLOAT && value->kind != VALUE_QUANTITY)
        return false;
    *out = value->kind == VALUE_INT                                       ? (double)value->integer
           : value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT ? value->number / 100
                                                                          : value->number;
    return true;
}

/* Numbers by value; times and texts as texts, a timestamp's blank like a T. */
static int compare(const struct value *a, const struct value *b)
{
    double x, y;
    if (a->kind != VALUE_STRING && b->kind != VALUE_STRING && number_of(a, &x) && number_of(b, &y))
        return (x > y) - (x < y);
    if (a->kind != VALUE_STRING || b->kind != VALUE_STRING)
        return value_compare(a, b);
    for (size_t i = 0; i < a->length && i < b->length; i++) {
        char c = a->text[i] == ' ' && i == 10 ? 'T' : a->text[i],
             d = b->text[i] == ' ' && i == 10 ? 'T' : b->text[i];
        if (c != d)
            return (unsigned char)c < (unsigned char)d ? -1 : 1;
    }
    return (a->length > b->length) - (a->length < b->length);
}

static void judge_measure(struct arena *arena, const struct entry *entry, const struct value *found,
                          struct check_result *out)
{
    const struct check *check = entry->check;
    if (is_none(found)) {
        bool sum = check->kind == CHECK_SUM; /* of nothing: 0, as the engine says */
        out->observed = sum ? value_int(arena, 0, 0) : value_null(arena, 0);
        out->reason = sum ? NULL : "there are no values to compute it from";
        out->status = CHECK_FAILED;
        if (!sum)
            return;
        found = out->observed;
    }
    out->observed = found;
    bool good = true;
    if (!is_none(check->min))
        good = check->strict_min ? compare(found, check->min) > 0 : compare(found, check->min) >= 0;
    if (good && !is_none(check->max))
        good = check->strict_max ? compare(found, check->max) < 0 : compare(found, check->max) <= 0;
    out->status = good ? CHECK_PASSED : CHECK_FAILED;
}

static bool judge_rows(const struct entry *entry, const struct value *judged, const struct value *unexpected,
                       uint64_t rows, struct check_result *out)
{
    double n, bad;
    if (!number_of(judged, &n) || !number_of(unexpected, &bad))
        return false;
    out->counted = true;
    out->element_count = rows;
    out->missing_count = rows - (uint64_t)n;
    out->unexpected_count = (uint64_t)bad;
    if (entry->check->kind == CHECK_NOT_NULL)
        out->missing_count = (uint64_t)bad;
    if (entry->check->kind == CHECK_IS_NULL)
        out->missing_count = (uint64_t)(n - bad);
    out->unexpected_percent = n > 0 ? bad / n * 100 : 0;
    out->status = n == 0 || (n - bad) / n >= entry->check->mostly ? CHECK_PASSED : CHECK_FAILED;
    return true;
}

bool sql_results(struct arena *arena, const struct sql_plan *plan, const char *answer, size_t length,
                 struct check_report *report, const char **why)
{
    while (length && isspace((unsigned char)answer[length - 1]))
        length--;
    const struct value *document = json_read_text(arena, answer, length, why);
    double rows = 0;
    if (!document)
        return false;
    const struct value *all = document->kind == VALUE_LIST && document->count ? document->items[0] : document;
    if (all->kind != VALUE_RECORD || !number_of(value_get(all, "n"), &rows)) {
        *why = "it is no object with the count `n`; the command must print the bare result (psql -XqtA)";
        return false;
    }
    struct check_result *results = arena_array(arena, plan->count + 1, sizeof *results);
    for (size_t i = 0; i < plan->count; i++) {
        const struct entry *entry = &plan->entries[i];
        struct check_result *out = &results[i];
        double own_rows = rows;
        out->check = entry->check;
        if (entry->rows)
            number_of(answer_get(document, 'r', i), &own_rows);
        if (entry->error) {
            out->status = CHECK_ERROR;
            out->error = entry->error;
        } else if (entry->measure) {
            judge_measure(arena, entry, answer_get(document, 'm', i), out);
        } else if (!judge_rows(entry, answer_get(document, 'j', i), answer_get(document, 'u', i),
                               (uint64_t)rows, out)) {
            out->status = CHECK_ERROR;
            out->error = "the database gave no answer for this check";
        }
    }
    *report = (struct check_report){.rows = (uint64_t)rows, .results = results, .result_count = plan->count};
    return true;
}
