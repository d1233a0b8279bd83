#include "runtime/data/check_engine.h"
#include "runtime/data/check_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* Judges of one column by its values: nulls, ranges, sets, lengths. */

static const struct column *first_column(const struct prepared *check, const struct chunk *chunk)
{
    return &chunk->columns[check->columns[0]];
}

/* Nulls are not judged; a bad cell is, and fails unless the judge says otherwise. */
static void drop_nulls(const struct column *column, size_t words, uint64_t *judged)
{
    for (size_t w = 0; w < words; w++)
        judged[w] &= column->valid[w] | (column->bad ? column->bad[w] : 0);
}

static void fail_all_but(uint64_t *unexpected, const uint64_t *judged, const uint64_t *good, size_t words)
{
    for (size_t w = 0; w < words; w++)
        unexpected[w] = judged[w] & ~good[w];
}

static void judge_not_null(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                           uint64_t *judged, uint64_t *unexpected)
{
    (void)scratch;
    const struct column *column = first_column(check, chunk);
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        unexpected[w] = judged[w] & ~(column->valid[w] | (column->bad ? column->bad[w] : 0));
}

static void judge_is_null(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                          uint64_t *judged, uint64_t *unexpected)
{
    (void)scratch;
    const struct column *column = first_column(check, chunk);
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        unexpected[w] = judged[w] & (column->valid[w] | (column->bad ? column->bad[w] : 0));
}

static void judge_range(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                        uint64_t *judged, uint64_t *unexpected)
{
    const struct column *column = first_column(check, chunk);
    size_t words = bitmap_words(chunk->rows);
    drop_nulls(column, words, judged);
    range_test(&check->schema, &check->range, column, chunk->rows, scratch->words[2]);
    fail_all_but(unexpected, judged, scratch->words[2], words);
}

/* Adds the bad cells whose text is in the set. */
static void add_bad_members(const struct prepared *check, const struct column *column, size_t rows,
                            uint64_t *member)
{
    if (!column->bad || !column->lengths || !check->bad_set)
        return;
    for (size_t w = 0, words = bitmap_words(rows); w < words; w++)
        for (uint64_t rest = column->bad[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            struct cell cell = {.type = COLUMN_STRING};
            cell.text = column->bytes + column->starts[row];
            cell.length = column->lengths[row];
            if (typed_set_has(check->bad_set, cell))
                member[w] |= rest & -rest;
        }
}

static void judge_set(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                      uint64_t *judged, uint64_t *unexpected)
{
    const struct column *column = first_column(check, chunk);
    size_t words = bitmap_words(chunk->rows);
    uint64_t *member = scratch->words[2];
    drop_nulls(column, words, judged);
    typed_set_test(check->set, column, chunk->rows, member);
    add_bad_members(check, column, chunk->rows, member);
    if (check->check->kind == CHECK_NOT_IN_SET)
        for (size_t w = 0; w < words; w++)
            unexpected[w] = judged[w] & member[w];
    else
        fail_all_but(unexpected, judged, member, words);
}

void judge_nothing(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                   uint64_t *judged, uint64_t *unexpected)
{
    (void)scratch;
    (void)unexpected;
    drop_nulls(first_column(check, chunk), bitmap_words(chunk->rows), judged);
}

/* Code points of well-formed UTF-8: the bytes that begin one. */
static int64_t text_length(const char *text, size_t length)
{
    int64_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static void judge_length(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                         uint64_t *judged, uint64_t *unexpected)
{
    (void)scratch;
    const struct column *column = first_column(check, chunk);
    size_t words = bitmap_words(chunk->rows);
    drop_nulls(column, words, judged);
    for (size_t w = 0; w < words; w++)
        for (uint64_t rest = judged[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            int64_t length = text_length(column->bytes + column->starts[row], column->lengths[row]);
            if (length < check->range.int_low || length > check->range.int_high)
                unexpected[w] |= rest & -rest;
        }
}

static void prepare_set(struct plan *plan, struct prepared *prepared)
{
    const struct value *set = prepared->check->set;
    if (value_is_none(set)) {
        prepared->judge = judge_nothing;
        if (prepared->check->kind == CHECK_NOT_IN_SET)
            prepared->error = "a set of values is required";
        return;
    }
    const char *why = NULL;
    struct column_schema text = {.name = "", .type = COLUMN_STRING};
    prepared->set = typed_set_new(plan->arena, &prepared->schema, set, &why);
    prepared->bad_set = typed_set_new(plan->arena, &text, set, &why);
    prepared->accept_bad = true;
    prepared->error = prepared->set ? NULL : why;
    prepared->judge = judge_set;
}

static bool whole_number(const struct value *value)
{
    if (value->kind == VALUE_INT)
        return true;
    return value->kind == VALUE_FLOAT && value->number == floor(value->number) && fabs(value->number) < 9e15;
}

static void prepare_length(struct plan *plan, struct prepared *prepared)
{
    const struct check *check = prepared->check;
    struct column_schema lengths = {.name = prepared->schema.name, .type = COLUMN_INT};
    prepared->judge = judge_length;
    if ((!value_is_none(check->min) && !whole_number(check->min)) ||
        (!value_is_none(check->max) && !whole_number(check->max))) {
        prepared->error = "the bounds of a length must be whole numbers";
        return;
    }
    if (prepared->schema.type != COLUMN_STRING && prepared->schema.type != COLUMN_NULL) {
        char type[32];
        prepared->error =
            arena_printf(plan->arena, "column \"%s\" holds %s, which has no length; declare it string",
                         prepared->schema.name, column_type_name(&prepared->schema, type));
        return;
    }
    prepared->error = range_prepare(plan->arena, &lengths, check->min, check->max, check->strict_min,
                                    check->strict_max, &prepared->range);
}

static void prepare_range(struct plan *plan, struct prepared *prepared)
{
    const struct check *check = prepared->check;
    prepared->judge = judge_range;
    if (check_bounds_crossed(plan->arena, check, &prepared->schema)) {
        prepared->error = "the least value is greater than the greatest";
        return;
    }
    prepared->error = range_prepare(plan->arena, &prepared->schema, check->min, check->max, check->strict_min,
                                    check->strict_max, &prepared->range);
    if (!prepared->error && prepared->schema.type == COLUMN_NULL)
        prepared->judge = judge_nothing;
}

void prepare_judge(struct plan *plan, struct prepared *prepared)
{
    const struct check *check = prepared->check;
    if (check->bounds_required && value_is_none(check->min) && value_is_none(check->max)) {
        prepared->error = "a least or a greatest value is required";
        return;
    }
    switch (check->kind) {
    case CHECK_NOT_NULL:
        prepared->judge = judge_not_null;
        prepared->accept_bad = true;
        return;
    case CHECK_IS_NULL:
        prepared->judge = judge_is_null;
        prepared->accept_bad = true;
        return;
    case CHECK_BETWEEN:
        prepare_range(plan, prepared);
        return;
    case CHECK_IN_SET:
    case CHECK_NOT_IN_SET:
        prepare_set(plan, prepared);
        return;
    case CHECK_LENGTH:
        prepare_length(plan, prepared);
        return;
    case CHECK_Z_SCORE:
    case CHECK_NOT_OUTLIER:
        prepare_spread(plan, prepared);
        return;
    case CHECK_MATCHES:
    case CHECK_NOT_MATCHES:
    case CHECK_LIKE:
    case CHECK_NOT_LIKE:
    case CHECK_FORMAT:
    case CHECK_STRFTIME:
    case CHECK_JSON_SCHEMA:
        prepare_text_judge(plan, prepared);
        return;
    default:
        prepare_row_judge(plan, prepared);
        return;
    }
}
