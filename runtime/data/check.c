#include "runtime/data/check.h"

#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "runtime/data/drift.h"

static const struct check_kind_info KINDS[] = {
#define CHECK_ROW(name, text, group, least, most) {text, CHECK_GROUP_##group, least, most},
#include "runtime/data/check_kinds.def"
#undef CHECK_ROW
};

const struct check_kind_info *check_kind_info(enum check_kind kind)
{
    return &KINDS[kind];
}

const char *check_columns_error(struct arena *arena, const struct check *check)
{
    const struct check_kind_info *info = &KINDS[check->kind];
    const char *of = "";
    size_t count = check->column_count;
    if (check->kind == CHECK_CHANGE || check->kind == CHECK_MEASURE_EQUAL_OTHER) {
        if (KINDS[check->measure].group != CHECK_GROUP_MEASURE)
            return arena_printf(arena, "%s is of a measure, such as rows or mean: say which one", info->name);
        of = arena_printf(arena, "%s of ", info->name);
        info = &KINDS[check->measure];
    }
    if (count >= info->least_columns && count <= info->most_columns)
        return NULL;
    if (info->least_columns == info->most_columns)
        return arena_printf(arena, "%s%s wants %u column%s, not %zu", of, info->name, info->least_columns,
                            info->least_columns == 1 ? "" : "s", count);
    return arena_printf(arena, "%s%s wants %u to %u columns, not %zu", of, info->name, info->least_columns,
                        info->most_columns, count);
}

enum check_kind check_kind_by_name(const char *name)
{
    for (unsigned i = 0; i < CHECK_KIND_COUNT; i++)
        if (strcmp(KINDS[i].name, name) == 0)
            return (enum check_kind)i;
    return CHECK_KIND_COUNT;
}

static void add_value(struct buf *out, const struct value *value)
{
    char number[32];
    if (value->kind == VALUE_FLOAT && !value->digits)
        buf_add(out, number, text_from_double(value->number, number));
    else if (value->kind == VALUE_QUANTITY)
        value_print_quantity(out, value);
    else
        value_print(out, value);
}

static void add_bounds(struct buf *out, const struct check *check)
{
    const struct value *low = check->min, *high = check->max;
    bool has_low = low && low->kind != VALUE_NULL, has_high = high && high->kind != VALUE_NULL;
    if (has_low && has_high && !check->strict_min && !check->strict_max) {
        if (value_equal(low, high)) {
            buf_add_str(out, " == ");
            add_value(out, low);
            return;
        }
        buf_add_str(out, " in ");
        add_value(out, low);
        buf_add_str(out, "..");
        add_value(out, high);
        return;
    }
    if (has_low) {
        buf_add_str(out, check->strict_min ? " > " : " >= ");
        add_value(out, low);
    }
    if (has_high) {
        buf_add_str(out, has_low ? " and" : "");
        buf_add_str(out, check->strict_max ? " < " : " <= ");
        add_value(out, high);
    }
}

static void add_set(struct buf *out, const struct value *set)
{
    struct buf text = {0};
    if (set->kind == VALUE_LIST && set->count == 1)
        add_value(&text, set->items[0]);
    else
        add_value(&text, set);
    buf_add_char(out, ' ');
    if (text.length > 80) { /* cut between characters */
        size_t cut = 77;
        while (cut > 0 && ((unsigned char)text.data[cut] & 0xC0) == 0x80)
            cut--;
        buf_add(out, text.data, cut);
        buf_add_str(out, "…");
    } else {
        buf_add_str(out, buf_str(&text));
    }
    buf_free(&text);
}

/* What stands behind the columns of a kind whose numbers are no bounds, or not those of others. */
static void add_own(struct buf *out, const struct check *check)
{
    bool high = check->max && check->max->kind != VALUE_NULL;
    switch (check->kind) {
    case CHECK_COLUMN_EXISTS:
        return;
    case CHECK_SUM_EQUAL:
        if (check->min) {
            buf_add_str(out, " == ");
            add_value(out, check->min);
        }
        return;
    case CHECK_Z_SCORE:
        if (high) {
            buf_add_str(out, " < ");
            add_value(out, check->max);
        }
        return;
    case CHECK_NOT_OUTLIER:
        if (high) {
            buf_add_str(out, " beyond ");
            add_value(out, check->max);
            buf_add_str(out, check->about_mean ? " deviations" : " quartile ranges");
        }
        return;
    default:
        add_bounds(out, check);
    }
}

const char *check_describe(struct arena *arena, const struct check *check)
{
    struct buf out = {0};
    if (check->label)
        return check->label;
    buf_add_str(&out, KINDS[check->kind].name);
    if (check->column_count) {
        buf_add_char(&out, '(');
        for (size_t i = 0; i < check->column_count; i++)
            buf_printf(&out, "%s%s", i ? ", " : "", check->columns[i]);
        if (check->kind == CHECK_QUANTILE)
            buf_printf(&out, ", %g", check->quantile);
        buf_add_char(&out, ')');
    }
    if (check->kind == CHECK_CHANGE || check->kind == CHECK_MEASURE_EQUAL_OTHER)
        buf_printf(&out, " of %s", KINDS[check->measure].name);
    if (check->drift)
        buf_printf(&out, " %s", check->drift);
    if (check->set && check->set->kind != VALUE_NULL)
        add_set(&out, check->set);
    add_own(&out, check);
    if (check->satisfies) {
        buf_add_char(&out, ' ');
        expr_print(&out, check->satisfies);
    }
    if (check->other)
        buf_printf(&out, " %s", check->other);
    if (KINDS[check->kind].group == CHECK_GROUP_EACH && check->mostly < 1)
        buf_printf(&out, " for at least %.10g%%", check->mostly * 100);
    if (check->where) {
        buf_add_str(&out, " where ");
        expr_print(&out, check->where);
    }
    const char *text = arena_copy(arena, buf_str(&out), out.length);
    buf_free(&out);
    return text;
}

bool check_all_passed(const struct check_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((results[i].status == CHECK_FAILED || results[i].status == CHECK_ERROR) &&
            results[i].check->severity == CHECK_CRITICAL)
            return false;
    return true;
}

const char *check_estimate_bound(const struct check *check)
{
    bool compared = check->kind == CHECK_CHANGE || check->kind == CHECK_MEASURE_EQUAL_OTHER;
    switch (compared ? check->measure : check->kind) {
    case CHECK_DRIFT:
        return DRIFT_ESTIMATE_BOUND;
    case CHECK_MEDIAN:
    case CHECK_QUANTILE:
    case CHECK_QUANTILES:
        return "its rank is right within 0.4 % (two standard errors)";
    case CHECK_SKEWNESS:
    case CHECK_KURTOSIS:
        return "from a sample of 65,536 rows";
    default:
        return "the number of distinct values is right within 1.6 % (two standard errors)";
    }
}
