/* The suite of the data benchmark over a CSV file in one pass: data_bench FILE PROFILE [THREADS]. Prints the
 * figures as JSON with the names of bench/data. PROFILE is the reference: edges and shares of amount, shares
 * of country. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/buf.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "runtime/data/distinct.h"
#include "runtime/data/moments.h"
#include "runtime/data/pattern.h"
#include "runtime/data/quantiles.h"
#include "runtime/data/source.h"
#include "runtime/data/typed.h"

enum { NUMBERS = 4, DISTINCTS = 4, COLUMNS = 12, DECILES = 9 };

static const char *const number_names[NUMBERS] = {"amount", "score", "age", "latency_ms"};
static const char *const distinct_names[DISTINCTS] = {"country", "device", "is_member", "user_id"};
static const char email_pattern[] = "^[a-z0-9._]+@[a-z0-9.-]+\\.(com|org|net|io)$";

struct suite {
    struct table *table;
    struct memory_budget *budget;
    struct arena *arena;
    const struct value *profile;
    const struct typed_set *countries;
    double edges[DECILES];
};

/* What one worker counts. */
struct state {
    const struct suite *suite;
    uint64_t rows, nulls[COLUMNS];
    struct moments moments[NUMBERS], time;
    struct distinct *distinct[DISTINCTS], *ids;
    struct quantiles *latency;
    struct pattern *pattern;
    struct pattern_scratch *scratch;
    uint64_t malformed, outside;
    uint64_t bins[DECILES + 1];
};

static size_t column_of(const struct suite *suite, const char *name)
{
    int found = schema_find(table_schema(suite->table), name);
    if (found < 0) {
        fprintf(stderr, "data_bench: the file has no column %s\n", name);
        exit(1);
    }
    return (size_t)found;
}

static const struct column_schema *schema_of(const struct suite *suite, const char *name)
{
    return &table_schema(suite->table)->columns[column_of(suite, name)];
}

static void *start(void *context)
{
    const struct suite *suite = context;
    struct state *state = mem_calloc(1, sizeof *state);
    const char *why;
    state->suite = suite;
    for (size_t i = 0; i < NUMBERS; i++)
        moments_begin(&state->moments[i], schema_of(suite, number_names[i]));
    moments_begin(&state->time, schema_of(suite, "ts"));
    for (size_t i = 0; i < DISTINCTS; i++)
        state->distinct[i] = distinct_new(schema_of(suite, distinct_names[i]),
                                          i == 0 ? DISTINCT_COUNTS : DISTINCT_NUMBER, suite->budget);
    state->ids = distinct_new(schema_of(suite, "id"), DISTINCT_NUMBER, suite->budget);
    state->latency = quantiles_new(schema_of(suite, "latency_ms"), suite->budget);
    state->pattern = pattern_new(suite->arena, email_pattern, strlen(email_pattern), PATTERN_SEARCH, &why);
    state->scratch = pattern_scratch_new();
    return state;
}

static void discard(void *context, void *data)
{
    struct state *state = data;
    (void)context;
    for (size_t i = 0; i < DISTINCTS; i++)
        distinct_free(state->distinct[i]);
    distinct_free(state->ids);
    quantiles_free(state->latency);
    pattern_free(state->pattern);
    pattern_scratch_free(state->scratch);
    free(state);
}

/* Bin i holds (edges[i-1], edges[i]]. */
static void count_bins(struct state *state, const struct column *column, size_t rows)
{
    for (size_t base = 0; base < rows; base += 64)
        for (uint64_t select = column->valid[base / 64]; select; select &= select - 1) {
            double x = column->floats[base + (size_t)__builtin_ctzll(select)];
            unsigned bin = 0;
            for (int i = 0; i < DECILES; i++)
                bin += state->suite->edges[i] < x;
            state->bins[bin]++;
        }
}

static uint64_t count_bits(const uint64_t *bits, size_t rows)
{
    uint64_t count = 0;
    for (size_t word = 0; word * 64 < rows; word++)
        count += (uint64_t)__builtin_popcountll(bits[word]);
    return count;
}

static void check_texts(struct state *state, const struct chunk *chunk, uint64_t *bits)
{
    const struct column *email = &chunk->columns[column_of(state->suite, "email")];
    const struct column *country = &chunk->columns[column_of(state->suite, "country")];
    memset(bits, 0, (chunk->rows / 64 + 1) * sizeof *bits);
    pattern_test(state->pattern, state->scratch, email, chunk->rows, email->valid, bits);
    state->malformed += email->valid_count - count_bits(bits, chunk->rows);
    memset(bits, 0, (chunk->rows / 64 + 1) * sizeof *bits);
    typed_set_test(state->suite->countries, country, chunk->rows, bits);
    state->outside += country->valid_count - count_bits(bits, chunk->rows);
}

static void add_chunk(void *data, const struct chunk *chunk)
{
    struct state *state = data;
    const struct suite *suite = state->suite;
    uint64_t *bits = mem_alloc((chunk->rows / 64 + 1) * sizeof *bits);
    state->rows += chunk->rows;
    for (size_t i = 0; i < COLUMNS; i++)
        state->nulls[i] += chunk->rows - chunk->columns[i].valid_count - chunk->columns[i].bad_count;
    for (size_t i = 0; i < NUMBERS; i++)
        moments_add(&state->moments[i], schema_of(suite, number_names[i]),
                    &chunk->columns[column_of(suite, number_names[i])], chunk->rows, NULL);
    moments_add(&state->time, schema_of(suite, "ts"), &chunk->columns[column_of(suite, "ts")], chunk->rows,
                NULL);
    for (size_t i = 0; i < DISTINCTS; i++)
        distinct_add(state->distinct[i], &chunk->columns[column_of(suite, distinct_names[i])], chunk->rows,
                     NULL);
    distinct_add(state->ids, &chunk->columns[column_of(suite, "id")], chunk->rows, NULL);
    quantiles_add(state->latency, schema_of(suite, "latency_ms"),
                  &chunk->columns[column_of(suite, "latency_ms")], chunk->rows, NULL);
    count_bins(state, &chunk->columns[column_of(suite, "amount")], chunk->rows);
    check_texts(state, chunk, bits);
    free(bits);
}

static void merge(struct state *into, struct state *from)
{
    into->rows += from->rows;
    into->malformed += from->malformed;
    into->outside += from->outside;
    for (size_t i = 0; i < COLUMNS; i++)
        into->nulls[i] += from->nulls[i];
    for (size_t i = 0; i <= DECILES; i++)
        into->bins[i] += from->bins[i];
    for (size_t i = 0; i < NUMBERS; i++)
        moments_merge(&into->moments[i], &from->moments[i]);
    moments_merge(&into->time, &from->time);
    for (size_t i = 0; i < DISTINCTS; i++) {
        distinct_merge(into->distinct[i], from->distinct[i]);
        from->distinct[i] = NULL;
    }
    distinct_merge(into->ids, from->ids);
    from->ids = NULL;
    quantiles_merge(into->latency, from->latency);
    from->latency = NULL;
    discard(NULL, from);
}

static double number_at(const struct value *value)
{
    return value->kind == VALUE_INT ? (double)value->integer : value->number;
}

static double psi_term(double current, double reference, double least)
{
    current = current > 0 ? current : least;
    reference = reference > 0 ? reference : least;
    return (current - reference) * log(current / reference);
}

struct country_psi {
    const struct suite *suite;
    double sum, total, least;
};

static bool add_country(void *context, struct cell value, uint64_t count)
{
    struct country_psi *psi = context;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)value.length, value.text);
    const struct value *share = value_get(value_get(psi->suite->profile, "country"), name);
    psi->sum += psi_term((double)count / psi->total, share ? number_at(share) : 0, psi->least);
    return true;
}

static bool print_psi(const struct suite *suite, struct state *state, struct data_error *error)
{
    double least = number_at(value_get(suite->profile, "eps")), amount = 0, total = 0;
    const struct value *shares = value_path(suite->profile, "amount", "share", NULL);
    struct country_psi country = {suite, 0, 0, least};
    for (int i = 0; i <= DECILES; i++)
        total += (double)state->bins[i];
    printf("  \"amount_bins\": [");
    for (int i = 0; i <= DECILES; i++) {
        amount += psi_term((double)state->bins[i] / total, number_at(shares->items[i]), least);
        printf("%s%llu", i ? ", " : "", (unsigned long long)state->bins[i]);
    }
    country.total = (double)(state->rows - state->nulls[column_of(suite, "country")]);
    if (!distinct_each(state->distinct[0], add_country, &country, error))
        return false;
    printf("],\n  \"psi_amount\": %.17g,\n  \"psi_country\": %.17g\n}\n", amount, country.sum);
    return true;
}

static bool print_state(const struct suite *suite, struct state *state, struct data_error *error)
{
    struct distinct_totals totals;
    double at = 0.95, p95;
    printf("{\n  \"rows\": %llu,\n", (unsigned long long)state->rows);
    for (size_t i = 0; i < COLUMNS; i++)
        printf("  \"null_%s\": %llu,\n", table_schema(suite->table)->columns[i].name,
               (unsigned long long)state->nulls[i]);
    for (size_t i = 0; i < NUMBERS; i++) {
        const struct moments *moments = &state->moments[i];
        printf("  \"%s\": [%.17g, %.17g, %.17g, %.17g],\n", number_names[i], moments->minimum,
               moments->maximum, moments_mean(moments), sqrt(moments_variance(moments, false)));
    }
    for (size_t i = 0; i < DISTINCTS; i++) {
        if (!distinct_finish(state->distinct[i], &totals, error))
            return false;
        printf("  \"distinct_%s\": %llu,\n", distinct_names[i], (unsigned long long)totals.distinct);
    }
    if (!distinct_finish(state->ids, &totals, error) ||
        !quantiles_at(state->latency, &at, 1, RANK_LINEAR, &p95, error))
        return false;
    printf("  \"duplicates_id\": %llu,\n  \"malformed\": %llu,\n  \"outside\": %llu,\n  \"p95\": %.17g,\n",
           (unsigned long long)(totals.values - totals.distinct), (unsigned long long)state->malformed,
           (unsigned long long)state->outside, p95);
    struct buf text = {0};
    struct cell last = {.type = COLUMN_TIMESTAMP, .integer = state->time.int_maximum};
    cell_print(&text, schema_of(suite, "ts"), last);
    printf("  \"max_ts\": \"%s\",\n", buf_str(&text));
    buf_free(&text);
    return print_psi(suite, state, error);
}

/* The profile's edges, and its countries but for the two that the suite leaves out. */
static bool read_profile(struct suite *suite, const char *path, struct data_error *error)
{
    struct buf text = {0};
    const char *why = "it cannot be read";
    if (file_read(path, 1 << 20, &text) == 0)
        suite->profile = json_read_text(suite->arena, buf_str(&text), text.length, &why);
    buf_free(&text);
    if (!suite->profile) {
        data_fail(error, "%s: %s", path, why);
        return false;
    }
    const struct value *edges = value_path(suite->profile, "amount", "edges", NULL);
    for (int i = 0; i < DECILES; i++)
        suite->edges[i] = number_at(edges->items[i]);
    struct list_builder names = list_begin(suite->arena);
    const struct value *countries = value_get(suite->profile, "country");
    for (size_t i = 0; i < countries->field_count; i++)
        if (strcmp(countries->fields[i].key, "XK") != 0 && strcmp(countries->fields[i].key, "ZZ") != 0)
            list_add(&names, value_string(suite->arena, countries->fields[i].key, 0));
    suite->countries = typed_set_new(suite->arena, schema_of(suite, "country"), list_end(&names, 0), &why);
    return suite->countries != NULL;
}

static bool run(struct suite *suite, const char *file, const char *profile, unsigned threads,
                struct data_error *error)
{
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    suite->table = table_open(&file, 1, NULL, error);
    if (!suite->table || !read_profile(suite, profile, error))
        return false;
    for (size_t i = 0; i < table_schema(suite->table)->count; i++)
        table_need(suite->table, i,
                   strcmp(table_schema(suite->table)->columns[i].name, "note") ? NEED_VALUES : NEED_NULLS);
    struct scan_hooks hooks = {suite, start, add_chunk, discard};
    if (!table_scan(suite->table, threads, &hooks, states, &count, error))
        return false;
    for (size_t i = 1; i < count; i++)
        merge(states[0], states[i]);
    bool ok = print_state(suite, states[0], error);
    discard(NULL, states[0]);
    return ok;
}

int main(int argc, char **argv)
{
    struct data_error error = {"wrong usage"};
    if (argc < 3) {
        fprintf(stderr, "usage: data_bench FILE PROFILE [THREADS]\n");
        return 64;
    }
    struct suite suite = {.arena = arena_new(), .budget = memory_budget_new((uint64_t)1 << 30)};
    bool ok = run(&suite, argv[1], argv[2], argc > 3 ? (unsigned)atoi(argv[3]) : 0, &error);
    if (!ok)
        fprintf(stderr, "data_bench: %s\n", error.message);
    table_close(suite.table);
    memory_budget_free(suite.budget);
    arena_free(suite.arena);
    return ok ? 0 : 1;
}
