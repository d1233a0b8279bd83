#include "runtime/data/suggest.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "core/documents/json.h"
#include "core/text.h"

enum { SET_LIMIT = 20 };

static bool is_identifier(const char *text, size_t length)
{
    if (length == 0 || !(isalpha((unsigned char)text[0]) || text[0] == '_'))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_' && !(text[i] == '-' && i + 1 < length))
            return false;
    return true;
}

static void add_name(struct buf *out, const char *name)
{
    static const char *const KEYWORDS[] = {"and", "or", "not",  "if",    "then", "else",
                                           "for", "in", "true", "false", "null"};
    bool keyword = false;
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++)
        keyword = keyword || strcmp(KEYWORDS[i], name) == 0;
    if (!keyword && is_identifier(name, strlen(name)))
        buf_add_str(out, name);
    else
        json_write_string(out, name, strlen(name));
}

/* Rounds away from the data to two significant digits, so that a bound is one that a person would write. */
static double loosen(double bound, bool up, double spread)
{
    double moved = bound + (up ? spread : -spread);
    if ((bound >= 0 && moved < 0) || moved == 0)
        return 0;
    double unit = pow(10, floor(log10(fabs(moved))) - 1), steps = moved / unit;
    double rounded = up ? ceil(steps - 1e-9) : floor(steps + 1e-9);
    return unit < 1 ? rounded / rint(1 / unit) : rounded * unit;
}

static void add_number(struct buf *out, double number)
{
    char text[32];
    buf_add(out, text, text_from_double(number, text));
}

static bool is_numeric(const struct profile_column *column)
{
    return column->schema.type == COLUMN_INT || column->schema.type == COLUMN_FLOAT ||
           column->schema.type == COLUMN_DECIMAL;
}

/* A column that identifies rows: every value there and once. */
static bool is_key(const struct profile *profile, const struct profile_column *column)
{
    return profile->rows > 1 && !column->approximate && column->values == profile->rows &&
           column->unique == profile->rows && column->schema.type != COLUMN_FLOAT;
}

static bool add_set(struct buf *out, const struct profile_column *column)
{
    if (column->schema.type != COLUMN_STRING || !column->top_complete || column->top_count == 0 ||
        column->top_count > SET_LIMIT || column->values < 10 * column->top_count)
        return false;
    for (size_t i = 0; i < column->top_count; i++)
        if (!text_is_utf8(column->top[i].value.text, column->top[i].value.length, NULL))
            return false;
    buf_add_str(out, "one_of(");
    for (size_t i = 0; i < column->top_count; i++) {
        struct cell value = column->top[i].value;
        buf_add_str(out, i ? ", " : "");
        if (is_identifier(value.text, value.length))
            buf_add(out, value.text, value.length);
        else
            json_write_string(out, value.text, value.length);
    }
    buf_add_char(out, ')');
    return true;
}

static const char *type_word(const struct profile_column *column, char *out)
{
    return column->schema.type == COLUMN_NULL ? "string" : column_type_name(&column->schema, out);
}

static void add_column(struct buf *out, const struct profile *profile, const struct profile_column *column)
{
    char type[32];
    buf_add_str(out, "  column ");
    add_name(out, column->schema.name);
    buf_add_str(out, ": ");
    if (!add_set(out, column))
        buf_add_str(out, type_word(column, type));
    if (is_numeric(column) && column->has_numbers && !is_key(profile, column)) {
        double low = column->quantiles[0], high = column->quantiles[100], spread = (high - low) / 10;
        buf_add_str(out, " in ");
        add_number(out, loosen(low, false, spread));
        buf_add_str(out, "..");
        add_number(out, loosen(high, true, spread));
    }
    buf_add_char(out, '\n');
}

static void add_expectations(struct buf *out, const struct profile *profile)
{
    buf_printf(out, "\n  expect rows >= %llu\n", (unsigned long long)(profile->rows - profile->rows / 10));
    for (size_t i = 0; i < profile->column_count; i++) {
        const struct profile_column *column = &profile->columns[i];
        double share = profile->rows ? 100 * (double)column->nulls / (double)profile->rows : 0;
        if (column->nulls == profile->rows)
            continue;
        buf_add_str(out, "  expect null_fraction(");
        add_name(out, column->schema.name);
        if (column->nulls == 0) {
            buf_add_str(out, ") == 0%\n");
        } else {
            buf_add_str(out, ") <= ");
            add_number(out, fmin(100, ceil(share * 1.5 * 10) / 10));
            buf_add_str(out, "%\n");
        }
    }
    for (size_t i = 0; i < profile->column_count; i++) {
        const struct profile_column *column = &profile->columns[i];
        if (!is_numeric(column) || !column->has_numbers || is_key(profile, column) ||
            column->variance != column->variance)
            continue;
        double spread = sqrt(column->variance) / 2;
        buf_add_str(out, "  expect mean(");
        add_name(out, column->schema.name);
        buf_add_str(out, ") in ");
        add_number(out, loosen(column->mean, false, spread));
        buf_add_str(out, "..");
        add_number(out, loosen(column->mean, true, spread));
        buf_add_char(out, '\n');
    }
}

void suggest_dataset(struct buf *out, const char *name, const char *path, const struct profile *profile)
{
    buf_add_str(out, "dataset ");
    add_name(out, name);
    buf_add_str(out, " {\n  path = ");
    json_write_string(out, path, strlen(path));
    buf_add_char(out, '\n');
    for (size_t i = 0; i < profile->column_count; i++)
        if (is_key(profile, &profile->columns[i])) {
            buf_add_str(out, "  key  = ");
            add_name(out, profile->columns[i].schema.name);
            buf_add_char(out, '\n');
            break;
        }
    buf_add_char(out, '\n');
    for (size_t i = 0; i < profile->column_count; i++)
        add_column(out, profile, &profile->columns[i]);
    add_expectations(out, profile);
    buf_add_str(out, "}\n");
}
