#include "runtime/data/profile_column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/arena.h"
#include "runtime/data/quantiles.h"
#include "runtime/data/ranked.h"

static bool is_numeric(enum column_type type)
{
    return type != COLUMN_STRING && type != COLUMN_NULL;
}

void column_sums_begin(struct column_sums *sums, const struct column_schema *schema,
                       struct memory_budget *budget, bool approximate)
{
    *sums = (struct column_sums){.schema = *schema};
    moments_begin(&sums->moments, schema);
    sums->texts.length_min = UINT64_MAX;
    if (approximate) {
        sums->sketch = sketch_new(schema, true);
        return;
    }
    sums->budget = budget;
    sums->distinct = distinct_new(schema, DISTINCT_COUNTS, budget);
}

void column_sums_end(struct column_sums *sums)
{
    distinct_free(sums->distinct);
    sketch_free(sums->sketch);
    buf_free(&sums->texts.low);
    buf_free(&sums->texts.high);
}

/* The first eight bytes as a number of the same order. */
static uint64_t text_prefix(const char *text, uint32_t length)
{
    unsigned char room[8] = {0};
    uint64_t prefix = 0;
    memcpy(room, text, length < 8 ? length : 8);
    for (int i = 0; i < 8; i++)
        prefix = prefix << 8 | room[i];
    return prefix;
}

static int compare_text(const char *text, uint32_t length, const struct buf *other)
{
    size_t least = length < other->length ? length : other->length;
    int order = least ? memcmp(text, other->data, least) : 0;
    return order ? order : (length > other->length) - (length < other->length);
}

static void keep_extreme(struct text_sums *sums, const char *text, uint32_t length, uint64_t prefix)
{
    if (sums->count == 0 || (prefix <= sums->low_prefix && compare_text(text, length, &sums->low) < 0)) {
        buf_clear(&sums->low);
        buf_add(&sums->low, text, length);
        sums->low_prefix = prefix;
    }
    if (sums->count == 0 || (prefix >= sums->high_prefix && compare_text(text, length, &sums->high) > 0)) {
        buf_clear(&sums->high);
        buf_add(&sums->high, text, length);
        sums->high_prefix = prefix;
    }
}

static uint64_t code_points(const char *text, uint32_t length)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

static void add_texts(struct text_sums *sums, const struct column *column, size_t rows)
{
    for (size_t base = 0; base < rows; base += 64)
        for (uint64_t select = column->valid[base / 64]; select; select &= select - 1) {
            size_t row = base + (size_t)__builtin_ctzll(select);
            const char *text = column->bytes + column->starts[row];
            uint32_t bytes = column->lengths[row];
            uint64_t length = code_points(text, bytes), prefix = text_prefix(text, bytes);
            if (prefix <= sums->low_prefix || prefix >= sums->high_prefix || sums->count == 0)
                keep_extreme(sums, text, bytes, prefix);
            sums->count++;
            sums->empties += bytes == 0;
            sums->length_sum += length;
            sums->length_min = length < sums->length_min ? length : sums->length_min;
            sums->length_max = length > sums->length_max ? length : sums->length_max;
        }
}

static void add_decimal_range(struct column_sums *sums, const struct column *column, size_t rows)
{
    for (size_t row = 0; row < rows; row++) {
        if (!column_is_valid(column, row))
            continue;
        decimal value = column->decimals[row];
        sums->decimal_low = !sums->has_decimals || value < sums->decimal_low ? value : sums->decimal_low;
        sums->decimal_high = !sums->has_decimals || value > sums->decimal_high ? value : sums->decimal_high;
        sums->has_decimals = true;
    }
}

void column_sums_add(struct column_sums *sums, const struct column *column, const struct chunk *chunk)
{
    sums->values += column->valid_count;
    sums->bad += column->bad_count;
    if (column->valid_count == 0)
        return;
    if (sums->schema.type == COLUMN_STRING)
        add_texts(&sums->texts, column, chunk->rows);
    else
        moments_add(&sums->moments, &sums->schema, column, chunk->rows, NULL);
    if (sums->schema.type == COLUMN_DECIMAL)
        add_decimal_range(sums, column, chunk->rows);
    if (sums->sketch)
        sketch_add(sums->sketch, column, chunk->rows, NULL, chunk->first_row);
    if (sums->distinct)
        distinct_add(sums->distinct, column, chunk->rows, NULL);
}

static void merge_texts(struct text_sums *into, const struct text_sums *from)
{
    if (from->count == 0)
        return;
    uint64_t count = into->count;
    keep_extreme(into, buf_str(&from->low), (uint32_t)from->low.length, from->low_prefix);
    into->count += from->count;
    if (count == 0) /* keep_extreme took the least as the greatest */
        buf_clear(&into->high);
    if (count == 0 || compare_text(buf_str(&from->high), (uint32_t)from->high.length, &into->high) > 0) {
        buf_clear(&into->high);
        buf_add(&into->high, buf_str(&from->high), from->high.length);
        into->high_prefix = from->high_prefix;
    }
    into->empties += from->empties;
    into->length_sum += from->length_sum;
    into->length_min = from->length_min < into->length_min ? from->length_min : into->length_min;
    into->length_max = from->length_max > into->length_max ? from->length_max : into->length_max;
}

void column_sums_merge(struct column_sums *into, struct column_sums *from)
{
    into->values += from->values;
    into->bad += from->bad;
    moments_merge(&into->moments, &from->moments);
    merge_texts(&into->texts, &from->texts);
    if (from->has_decimals) {
        bool has = into->has_decimals;
        into->decimal_low =
            has && into->decimal_low < from->decimal_low ? into->decimal_low : from->decimal_low;
        into->decimal_high =
            has && into->decimal_high > from->decimal_high ? into->decimal_high : from->decimal_high;
        into->has_decimals = true;
    }
    if (into->sketch)
        sketch_merge(into->sketch, from->sketch);
    if (into->distinct)
        distinct_merge(into->distinct, from->distinct);
    from->distinct = NULL;
}

/* The most frequent values: once there are more than are kept, a heap with the least frequent on top. */
struct top {
    struct profile_count *heap;
    size_t count, limit;
    uint64_t seen;
    bool ordered; /* it is a heap by now */
};

/* True when a belongs before b in the list. */
static bool ranks_before(const struct profile_count *a, const struct profile_count *b)
{
    return a->count != b->count ? a->count > b->count : cell_compare(a->value, b->value) < 0;
}

static void sift_down(struct top *top, size_t at)
{
    for (;;) {
        size_t worst = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < top->count; child++)
            if (ranks_before(&top->heap[worst], &top->heap[child]))
                worst = child;
        if (worst == at)
            return;
        struct profile_count swap = top->heap[at];
        top->heap[at] = top->heap[worst];
        top->heap[worst] = swap;
        at = worst;
    }
}

static struct cell own_cell(struct cell cell)
{
    if (cell.type == COLUMN_STRING) {
        char *copy = mem_alloc(cell.length + 1u);
        memcpy(copy, cell.text, cell.length);
        cell.text = copy;
    }
    return cell;
}

static void drop_cell(struct cell cell)
{
    if (cell.type == COLUMN_STRING)
        free((char *)cell.text);
}

static bool top_add(void *context, struct cell value, uint64_t count)
{
    struct top *top = context;
    struct profile_count entry = {value, count};
    top->seen++;
    if (top->count < top->limit) {
        entry.value = own_cell(value);
        top->heap[top->count++] = entry;
        return true;
    }
    for (size_t i = top->ordered ? 0 : top->limit / 2; i-- > 0;)
        sift_down(top, i);
    top->ordered = true;
    if (top->limit > 0 && ranks_before(&entry, &top->heap[0])) {
        drop_cell(top->heap[0].value);
        entry.value = own_cell(value);
        top->heap[0] = entry;
        sift_down(top, 0);
    }
    return true;
}

static int by_rank(const void *a, const void *b)
{
    return ranks_before(a, b) ? -1 : ranks_before(b, a) ? 1 : 0;
}

/* The heap as the profile's list; texts move to the arena. */
static void top_finish(struct arena *arena, struct top *top, struct profile_column *out)
{
    qsort(top->heap, top->count, sizeof *top->heap, by_rank);
    out->top = arena_array(arena, top->count + 1, sizeof *out->top);
    out->top_count = top->count;
    out->top_complete = top->seen <= top->limit;
    for (size_t i = 0; i < top->count; i++) {
        out->top[i] = top->heap[i];
        out->top[i].value = cell_copy(arena, top->heap[i].value);
        drop_cell(top->heap[i].value);
    }
    free(top->heap);
}

/* The numbers of a column in order: in memory when they are few, else in a list that spills. */
struct order {
    const struct column_schema *schema;
    struct ranked ranked;
    struct quantiles *quantiles; /* NULL: `ranked` */
};

static void order_begin(struct order *order, struct column_sums *sums, uint64_t distinct)
{
    enum { RANKED_MOST = 1 << 16 };
    static const struct column_schema numbers = {.name = "", .type = COLUMN_FLOAT};
    *order = (struct order){.schema = &sums->schema};
    if (distinct > RANKED_MOST)
        order->quantiles = quantiles_new(&numbers, sums->budget);
}

static void order_add(struct order *order, struct cell value, uint64_t count)
{
    double number = cell_number(order->schema, value);
    if (!isfinite(number))
        return;
    if (order->quantiles)
        quantiles_put(order->quantiles, number, count);
    else
        ranked_add(&order->ranked, number, count);
}

static void order_end(struct order *order)
{
    quantiles_free(order->quantiles);
    ranked_end(&order->ranked);
}

static bool order_histogram(struct order *order, const double *edges, size_t bins, uint64_t *counts,
                            struct data_error *error)
{
    if (order->quantiles)
        return quantiles_histogram(order->quantiles, edges, bins, counts, error);
    ranked_histogram(&order->ranked, edges, bins, counts);
    return true;
}

static void make_edges(struct arena *arena, const struct column_sums *sums, size_t bins,
                       struct profile_column *out)
{
    double low = sums->moments.minimum, high = sums->moments.maximum;
    if (low == high) {
        low -= 0.5;
        high += 0.5;
    }
    out->bins = low < high ? bins : 0; /* beyond 2^53 a half is nothing */
    out->edges = arena_array(arena, bins + 1, sizeof *out->edges);
    out->bin_counts = arena_array(arena, bins + 1, sizeof *out->bin_counts);
    for (size_t i = 0; i <= bins; i++) {
        double part = (double)i / (double)bins;
        out->edges[i] = i == bins ? high : low * (1 - part) + high * part;
        if (i > 0 && out->edges[i] < out->edges[i - 1]) /* rounding of the smallest numbers */
            out->edges[i] = out->edges[i - 1];
    }
}

/* Counts in (a, b] are counts in [a', b') of the next larger doubles. */
static bool finish_deciles(struct order *order, struct profile_column *out, struct data_error *error)
{
    double edges[11] = {out->quantiles[0]};
    for (size_t i = 1; i < 10; i++) {
        double edge = out->quantiles[10 * i];
        if (out->deciles == 0 || edge != out->decile_edges[out->deciles - 1])
            out->decile_edges[out->deciles++] = edge;
    }
    for (size_t i = 0; i < out->deciles; i++)
        edges[i + 1] = nextafter(out->decile_edges[i], INFINITY);
    edges[out->deciles + 1] = nextafter(nextafter(out->quantiles[100], INFINITY), INFINITY);
    return order_histogram(order, edges, out->deciles + 1, out->decile_counts, error);
}

static bool finish_numbers(struct arena *arena, const struct column_sums *sums, struct order *order,
                           size_t bins, struct profile_column *out, struct data_error *error)
{
    double at[101];
    for (int i = 0; i <= 100; i++)
        at[i] = i / 100.0;
    make_edges(arena, sums, bins, out);
    ranked_sort(&order->ranked);
    if (order->quantiles && !quantiles_at(order->quantiles, at, 101, RANK_LINEAR, out->quantiles, error))
        return false;
    if (!order->quantiles)
        ranked_at(&order->ranked, at, 101, RANK_LINEAR, out->quantiles);
    return finish_deciles(order, out, error) &&
           (out->bins == 0 || order_histogram(order, out->edges, out->bins, out->bin_counts, error));
}

/* The top values and the order of numbers, in one pass over the distinct values. */
struct finishing {
    struct top top;
    struct order order;
    bool numbers;
};

static bool finishing_add(void *context, struct cell value, uint64_t count)
{
    struct finishing *finishing = context;
    if (finishing->numbers)
        order_add(&finishing->order, value, count);
    return top_add(&finishing->top, value, count);
}

static bool finish_distinct(struct arena *arena, struct column_sums *sums, size_t limit, size_t bins,
                            struct profile_column *out, struct data_error *error)
{
    struct finishing finishing = {.top = {.limit = limit}, .numbers = out->has_numbers};
    struct distinct_totals totals;
    if (!distinct_finish(sums->distinct, &totals, error))
        return false;
    out->distinct = totals.distinct;
    out->unique = totals.unique;
    order_begin(&finishing.order, sums, totals.distinct);
    finishing.top.heap = mem_calloc(limit + 1, sizeof *finishing.top.heap);
    bool ok = distinct_each(sums->distinct, finishing_add, &finishing, error);
    top_finish(arena, &finishing.top, out);
    ok = ok && (!out->has_numbers || finish_numbers(arena, sums, &finishing.order, bins, out, error));
    order_end(&finishing.order);
    return ok;
}

/* Sampled numbers as quantiles and histogram; counts are scaled up. */
static bool finish_sample(struct arena *arena, struct column_sums *sums, size_t bins,
                          struct profile_column *out, struct data_error *error)
{
    size_t count;
    double weight;
    const struct cell *sample = sketch_sample(sums->sketch, &count, &weight);
    struct order order;
    order_begin(&order, sums, count);
    for (size_t i = 0; i < count; i++)
        order_add(&order, sample[i], 1);
    bool ok = finish_numbers(arena, sums, &order, bins, out, error);
    order_end(&order);
    for (size_t i = 0; i < out->bins; i++)
        out->bin_counts[i] = (uint64_t)llround((double)out->bin_counts[i] * weight);
    for (size_t i = 0; i <= out->deciles; i++)
        out->decile_counts[i] = (uint64_t)llround((double)out->decile_counts[i] * weight);
    return ok;
}

static void finish_sketch(struct arena *arena, struct column_sums *sums, size_t limit,
                          struct profile_column *out)
{
    double distinct, unique;
    bool exact;
    sketch_distinct(sums->sketch, &distinct, &unique, &exact);
    out->distinct = (uint64_t)llround(distinct);
    out->unique = (uint64_t)llround(unique);
    out->approximate = true;
    struct top top = {.heap = mem_calloc(limit + 1, sizeof *top.heap), .limit = limit};
    sketch_each(sums->sketch, top_add, &top);
    top_finish(arena, &top, out);
    out->top_complete = out->top_complete && exact;
}

static void finish_range(struct arena *arena, const struct column_sums *sums, struct profile_column *out)
{
    enum column_type type = sums->schema.type;
    out->min.type = out->max.type = type;
    out->has_range = sums->values > 0 && type != COLUMN_NULL;
    if (type == COLUMN_STRING) {
        out->min.text = arena_copy(arena, buf_str(&sums->texts.low), sums->texts.low.length);
        out->max.text = arena_copy(arena, buf_str(&sums->texts.high), sums->texts.high.length);
        out->min.length = (uint32_t)sums->texts.low.length;
        out->max.length = (uint32_t)sums->texts.high.length;
    } else if (type == COLUMN_FLOAT) {
        out->has_range = sums->moments.count > 0;
        out->min.number = sums->moments.minimum;
        out->max.number = sums->moments.maximum;
    } else if (type == COLUMN_DECIMAL) {
        out->min.exact = sums->decimal_low;
        out->max.exact = sums->decimal_high;
    } else if (type == COLUMN_BOOL) {
        out->min.boolean = sums->moments.int_minimum > 0;
        out->max.boolean = sums->moments.int_maximum > 0;
    } else {
        out->min.integer = sums->moments.int_minimum;
        out->max.integer = sums->moments.int_maximum;
    }
}

static void finish_moments(const struct column_sums *sums, struct profile_column *out)
{
    out->nans = sums->moments.nans;
    out->infinities = sums->moments.infinities;
    out->zeros = sums->moments.zeros;
    out->negatives = sums->moments.negatives;
    out->has_numbers = sums->moments.count > 0;
    out->sum = moments_sum(&sums->moments);
    out->mean = moments_mean(&sums->moments);
    out->variance = moments_variance(&sums->moments, false);
}

bool column_sums_finish(struct arena *arena, struct column_sums *sums, uint64_t rows, size_t top, size_t bins,
                        struct profile_column *out, struct data_error *error)
{
    *out = (struct profile_column){.schema = sums->schema, .values = sums->values, .bad = sums->bad};
    out->schema.name = arena_strdup(arena, sums->schema.name);
    out->nulls = rows - sums->values - sums->bad;
    finish_range(arena, sums, out);
    if (is_numeric(sums->schema.type))
        finish_moments(sums, out);
    if (sums->schema.type == COLUMN_STRING && sums->values > 0) {
        out->length_min = sums->texts.length_min;
        out->length_max = sums->texts.length_max;
        out->length_mean = (double)sums->texts.length_sum / (double)sums->values;
        out->empties = sums->texts.empties;
    }
    if (!sums->sketch)
        return finish_distinct(arena, sums, top, bins, out, error);
    finish_sketch(arena, sums, top, out);
    return !out->has_numbers || finish_sample(arena, sums, bins, out, error);
}
