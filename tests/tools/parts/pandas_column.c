#include "tests/tools/parts/pandas_column.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/data/cell.h"
#include "runtime/data/formats.h"
#include "runtime/data/typed.h"
#include "tests/tools/parts/case_values.h"

enum { PADDING = 64 };

/* Python's repr of a float: the fewest digits that read back, an exponent from 1e16 and below 1e-4. */
static void python_float(struct buf *out, double number)
{
    char text[40] = "";
    int digits = 0;
    do
        snprintf(text, sizeof text, "%.*e", digits++, number);
    while (digits < 17 && strtod(text, NULL) != number);
    const char *mark = strchr(text, 'e');
    int exponent = mark ? atoi(mark + 1) : 0, behind = digits - 1 - exponent;
    if (!mark)
        buf_add_str(out, number > 0 ? "inf" : "-inf");
    else if (exponent < -4 || exponent >= 16)
        buf_add_str(out, text);
    else
        buf_printf(out, "%.*f", behind < 1 ? 1 : behind, number);
}

/* What Python's str() makes of a value. */
static void python_text(struct buf *out, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        buf_add_str(out, "None");
        return;
    case VALUE_BOOL:
        buf_add_str(out, value->boolean ? "True" : "False");
        return;
    case VALUE_STRING:
        buf_add(out, value->text, value->length);
        return;
    case VALUE_FLOAT:
        python_float(out, value->number);
        return;
    default:
        json_write(out, value, (struct json_style){JSON_COMPACT, false}, NULL);
        return;
    }
}

/* "Jan 01 1970 12:00:01", "1/31/2016" and "2016-01-31" as times of ISO 8601, which is what the engine reads;
 * other texts as they are. */
static const struct value *iso_time(struct arena *arena, const struct value *value)
{
    char iso[DATEUTIL_ISO];
    if (value->kind != VALUE_STRING || !dateutil_iso(value->text, value->length, iso))
        return value;
    return value_string(arena, arena_strdup(arena, iso), 0);
}

/* astype(int), which cuts, astype(float) and astype(bool). */
static const struct value *as_number(struct arena *arena, const struct value *value, const char *dtype)
{
    bool ints = strcasestr(dtype, "int"), floats = strstr(dtype, "float");
    if (ints || floats)
        value = typed_number(arena, value);
    if (floats && (value->kind == VALUE_INT || value->kind == VALUE_BOOL))
        return value_float(arena, value->kind == VALUE_INT ? (double)value->integer : value->boolean, 0);
    if (ints && value->kind == VALUE_FLOAT && fabs(value->number) < 9e15)
        return value_int(arena, (int64_t)value->number, 0);
    if (ints && value->kind == VALUE_BOOL)
        return value_int(arena, value->boolean, 0);
    if (strncmp(dtype, "bool", 4) == 0 && value->kind == VALUE_INT)
        return value_bool(arena, value->integer != 0, 0);
    return value;
}

static bool is_time_type(const char *dtype)
{
    return strncasecmp(dtype, "date", 4) == 0 || strncasecmp(dtype, "timestamp", 9) == 0;
}

/* pandas: "timestamp" is in UTC here, and so are "datetime64[ns, UTC]" and DatetimeTZDtype. */
static bool is_zoned_type(const char *dtype)
{
    return is_time_type(dtype) &&
           (dtype[0] == 't' || dtype[0] == 'T' || strpbrk(dtype, ",") || strstr(dtype, "TZ"));
}

struct kinds {
    size_t nulls, bools, ints, floats, texts, others;
    bool zoned;
};

static struct kinds count_kinds(const struct value *const *cells, size_t count)
{
    struct kinds kinds = {0};
    for (size_t i = 0; i < count; i++) {
        const struct value *cell = cells[i];
        kinds.nulls += cell->kind == VALUE_NULL;
        kinds.bools += cell->kind == VALUE_BOOL;
        kinds.ints += cell->kind == VALUE_INT;
        kinds.floats += cell->kind == VALUE_FLOAT;
        kinds.texts += cell->kind == VALUE_STRING;
        kinds.others += cell->kind == VALUE_LIST || cell->kind == VALUE_RECORD;
        if (cell->kind == VALUE_STRING && cell->length > 10 &&
            (cell->text[cell->length - 1] == 'Z' || strpbrk(cell->text + 10, "+-")))
            kinds.zoned = true;
    }
    return kinds;
}

static enum column_type type_of(const struct kinds *kinds, const char *dtype)
{
    if (strstr(dtype, "str"))
        return COLUMN_STRING;
    if (is_time_type(dtype) && kinds->texts)
        return COLUMN_TIMESTAMP;
    if (kinds->others)
        return COLUMN_STRING;
    if (kinds->ints + kinds->floats + kinds->bools + kinds->texts == 0)
        return COLUMN_NULL;
    if (kinds->texts && kinds->ints + kinds->floats == 0)
        return COLUMN_STRING;
    if (kinds->floats || (kinds->ints && kinds->nulls && !strstr(dtype, "Int")))
        return COLUMN_FLOAT; /* pandas: ints with nulls are floats, but for its Int64 */
    return kinds->ints ? COLUMN_INT : COLUMN_BOOL;
}

static bool fill_cell(struct column_schema *schema, const struct value *cell, struct column *column,
                      size_t row)
{
    struct cell parsed;
    switch (schema->type) {
    case COLUMN_TIMESTAMP:
        if (cell->kind != VALUE_STRING || !cell_parse(schema, cell->text, cell->length, &parsed))
            return false;
        ((int64_t *)column->ints)[row] = parsed.integer;
        return true;
    case COLUMN_BOOL:
        ((uint8_t *)column->bools)[row] = cell->boolean;
        return cell->kind == VALUE_BOOL;
    case COLUMN_INT:
        ((int64_t *)column->ints)[row] = cell->kind == VALUE_BOOL ? cell->boolean : cell->integer;
        return cell->kind == VALUE_INT || cell->kind == VALUE_BOOL;
    case COLUMN_FLOAT:
        ((double *)column->floats)[row] = cell->kind == VALUE_INT    ? (double)cell->integer
                                          : cell->kind == VALUE_BOOL ? (double)cell->boolean
                                                                     : cell->number;
        return cell->kind != VALUE_STRING;
    default:
        return true;
    }
}

/* Numbers alone are floats in pandas when one is, or one is missing, whatever they are made of later. */
static bool are_floats(const struct kinds *kinds, const char *dtype)
{
    bool numbers = kinds->ints + kinds->floats && kinds->bools + kinds->texts + kinds->others == 0;
    return numbers && kinds->floats + kinds->nulls && !strstr(dtype, "Int");
}

/* The text of a time in pandas: "2000-01-01 12:00:01", or its date alone when no time of the column has more.
 */
static const struct value *time_text(struct arena *arena, const struct value *iso, bool dates)
{
    size_t length = iso->kind == VALUE_STRING && iso->length >= 19 && iso->text[10] == 'T' ? iso->length : 0;
    if (!length)
        return iso;
    bool utc = iso->text[length - 1] == 'Z';
    return value_string(arena,
                        dates ? arena_printf(arena, "%.10s", iso->text)
                              : arena_printf(arena, "%.10s %.*s%s", iso->text, (int)(length - 11 - utc),
                                             iso->text + 11, utc ? "+00:00" : ""),
                        0);
}

static bool are_midnights(const struct value *const *cells, size_t count)
{
    bool all = true;
    for (size_t i = 0; i < count && all; i++)
        all = cells[i]->kind != VALUE_STRING ||
              (cells[i]->length == 19 && strcmp(cells[i]->text + 10, "T00:00:00") == 0);
    return all;
}

void pandas_column(struct arena *arena, const char *name, const struct value *list, const char *dtype,
                   struct column_schema *schema, struct column *column)
{
    size_t rows = list->count, words = rows / 64 + 2;
    const struct value **cells = arena_array(arena, rows + 1, sizeof *cells);
    uint64_t *valid = arena_array(arena, words, 8), *bad = arena_array(arena, words, 8);
    uint32_t *starts = arena_array(arena, rows + PADDING, 4),
             *lengths = arena_array(arena, rows + PADDING, 4);
    struct buf text = {0};
    for (size_t i = 0; i < rows; i++) {
        cells[i] = as_number(arena, case_plain(arena, list->items[i]), dtype);
        if (is_time_type(dtype))
            cells[i] = iso_time(arena, cells[i]);
    }
    struct kinds kinds = count_kinds(cells, rows);
    bool floats = are_floats(&kinds, dtype), dates = is_time_type(dtype) && are_midnights(cells, rows);
    *schema = (struct column_schema){.name = name,
                                     .type = type_of(&kinds, dtype),
                                     .declared = true,
                                     .zoned = kinds.zoned || is_zoned_type(dtype),
                                     .ticks = 1000000};
    bool as_text = strstr(dtype, "str") != NULL;
    column->ints = arena_array(arena, rows + PADDING, 16);
    for (size_t i = 0; i < rows; i++) {
        starts[i] = (uint32_t)text.length;
        if (cells[i]->kind == VALUE_NULL && !as_text)
            continue;
        const struct value *shown = cells[i];
        if (floats && shown->kind == VALUE_NULL) {
            buf_add_str(&text, "nan");
            lengths[i] = 3;
            valid[i >> 6] |= 1ull << (i & 63);
            column->valid_count++;
            continue;
        }
        if (floats && shown->kind == VALUE_INT)
            shown = value_float(arena, (double)shown->integer, 0);
        if (is_time_type(dtype))
            shown = time_text(arena, shown, dates && !schema->zoned);
        python_text(&text, shown);
        lengths[i] = (uint32_t)(text.length - starts[i]);
        bool good = schema->type == COLUMN_STRING || fill_cell(schema, cells[i], column, i);
        (good ? valid : bad)[i >> 6] |= 1ull << (i & 63);
        column->valid_count += good;
        column->bad_count += !good;
    }
    buf_add_repeat(&text, '\0', PADDING);
    column->needs = NEED_VALUES | NEED_TEXT;
    column->valid = valid;
    column->bad = column->bad_count ? bad : NULL;
    column->bytes = arena_copy(arena, buf_str(&text), text.length);
    column->starts = starts;
    column->lengths = lengths;
    buf_free(&text);
}
