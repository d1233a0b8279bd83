#include "runtime/data/check_spread.h"

#include <math.h>

/* The values between which one is good. */
struct spread {
    double center, unit; /* Z_SCORE: mean and deviation */
    double low, high;    /* NOT_OUTLIER: the fences */
    bool closed;         /* a value on a fence is good */
};

bool is_spread_kind(enum check_kind kind)
{
    return kind == CHECK_Z_SCORE || kind == CHECK_NOT_OUTLIER;
}

static const char *argument_error(const struct check *check, double *number)
{
    const struct value *value = check->max;
    bool given = value && (value->kind == VALUE_INT || value->kind == VALUE_FLOAT);
    if (given)
        *number = value->kind == VALUE_INT ? (double)value->integer : value->number;
    if (check->kind == CHECK_Z_SCORE)
        return given ? NULL : "a z-score needs a number as its threshold";
    return given && *number >= 0 ? NULL : "outliers need a multiplier of 0 or more";
}

void prepare_spread(struct plan *plan, struct prepared *prepared)
{
    const struct check *check = prepared->check;
    enum column_type type = prepared->schema.type;
    char name[32];
    prepared->judge = judge_nothing; /* the first pass only counts */
    prepared->error = argument_error(check, &prepared->range.float_high);
    if (check->double_sided)
        prepared->range.float_high = fabs(prepared->range.float_high);
    bool bools = check->kind == CHECK_Z_SCORE || check->about_mean; /* they have no quartiles */
    if (!prepared->error && !column_type_is_number(type) && !(bools && type == COLUMN_BOOL) &&
        type != COLUMN_NULL)
        prepared->error = arena_printf(plan->arena, "column \"%s\" holds %s, not numbers",
                                       prepared->schema.name, column_type_name(&prepared->schema, name));
}

static bool is_good_score(const struct check *check, const struct spread *spread, double limit, double number)
{
    double z = (number - spread->center) / spread->unit;
    if (check->double_sided)
        z = fabs(z);
    bool flat = !(spread->unit > 0) && isfinite(number); /* one value has no deviation */
    return (flat && check->flat_good) || z < limit;      /* not when z is no number */
}

static bool is_inside(const struct spread *spread, double number)
{
    return spread->closed ? number >= spread->low && number <= spread->high
                          : number > spread->low && number < spread->high;
}

void judge_spread(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                  uint64_t *judged, uint64_t *unexpected)
{
    const struct column *column = &chunk->columns[check->columns[0]];
    const struct spread *spread = check->detail;
    bool score = check->check->kind == CHECK_Z_SCORE;
    judge_nothing(check, scratch, chunk, judged, unexpected);
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        for (uint64_t rest = judged[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            double number = cell_number(&check->schema, column_cell(&check->schema, column, row));
            if (score ? !is_good_score(check->check, spread, check->range.float_high, number)
                      : !is_inside(spread, number))
                unexpected[w] |= rest & -rest;
        }
}

/* After Great Expectations 1.24 (column_values_not_outliers.py): Tukey's fences are good themselves; a value
 * as far from the mean as the limit is none, but where that is zero the mean is. */
static bool fences(const struct prepared *prepared, const struct accumulator *item, struct spread *out,
                   struct data_error *error)
{
    double times = prepared->range.float_high, low, high, spread;
    if (prepared->check->about_mean) {
        low = high = moments_mean(&item->moments);
        spread = item->moments.infinities ? NAN : sqrt(moments_variance(&item->moments, false));
    } else {
        if (!quantiles_of_all(item->quantiles, 0.25, RANK_LINEAR, &low, error) ||
            !quantiles_of_all(item->quantiles, 0.75, RANK_LINEAR, &high, error))
            return false;
        spread = high - low;
    }
    *out = (struct spread){.low = low - times * spread,
                           .high = high + times * spread,
                           .closed = !prepared->check->about_mean || times * spread <= 0};
    return true;
}

bool spread_detail(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                   const void **detail, struct data_error *error)
{
    const struct prepared *prepared = binding->prepared;
    const struct accumulator *item = &set->items[binding->accumulators[1]];
    struct spread *spread = arena_alloc(plan->arena, sizeof *spread);
    *detail = NULL;
    if (prepared->check->kind == CHECK_Z_SCORE) {
        *spread = (struct spread){
            .center = moments_mean(&item->moments),
            .unit = item->moments.infinities ? NAN : sqrt(moments_variance(&item->moments, false))};
        *detail = spread;
        return true;
    }
    if (!fences(prepared, item, spread, error))
        return false;
    if (isfinite(spread->low) && isfinite(spread->high))
        *detail = spread;
    return true;
}
