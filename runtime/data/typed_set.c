#include "runtime/data/typed.h"

#include <math.h>
#include <string.h>

/* Members in one open-addressing table. Ints, times and bools are their 64 bits; floats their bits after -0
 * became 0; texts of up to seven bytes are packed with their length, so that a probe compares one word. */
struct entry {
    uint64_t word;    /* packed text, bits of a number, or the hash of a longer text or decimal */
    const char *text; /* longer texts */
    uint32_t length;
    bool used;
    decimal exact;
};

struct typed_set {
    enum column_type type;
    struct entry *entries;
    size_t mask; /* table size - 1 */
    size_t count;
    bool has_nan;
    bool all_short; /* every text is packed */
};

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0x9E3779B97F4A7C15ull;
    return x ^ x >> 29;
}

static uint64_t hash_text(const char *text, size_t length)
{
    uint64_t hash = 0xCBF29CE484222325ull ^ length;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001B3ull;
    return hash | 0xFFull << 56; /* never equal to a packed text, whose top byte is at most 7 */
}

/* Needs eight readable bytes at `text`. */
static uint64_t pack_loaded(const char *text, size_t length)
{
    uint64_t word;
    memcpy(&word, text, 8);
    return (word & ((1ull << (8 * length)) - 1)) | (uint64_t)length << 56;
}

static uint64_t pack_text(const char *text, size_t length)
{
    char bytes[8] = {0};
    memcpy(bytes, text, length);
    return pack_loaded(bytes, length);
}

static uint64_t float_word(double number)
{
    uint64_t word;
    number = number == 0 ? 0 : number;
    memcpy(&word, &number, 8);
    return word;
}

static uint64_t cell_word(struct cell cell)
{
    switch (cell.type) {
    case COLUMN_BOOL:
        return cell.boolean;
    case COLUMN_FLOAT:
        return float_word(cell.number);
    case COLUMN_DECIMAL:
        return (uint64_t)cell.exact ^ mix((uint64_t)(cell.exact >> 64));
    case COLUMN_STRING:
        return cell.length <= 7 ? pack_text(cell.text, cell.length) : hash_text(cell.text, cell.length);
    default:
        return (uint64_t)cell.integer;
    }
}

static bool entry_is(const struct entry *entry, uint64_t word, struct cell cell)
{
    if (entry->word != word)
        return false;
    if (cell.type == COLUMN_DECIMAL)
        return entry->exact == cell.exact;
    if (cell.type == COLUMN_STRING && cell.length > 7)
        return entry->length == cell.length && memcmp(entry->text, cell.text, cell.length) == 0;
    return true;
}

static bool has_word(const struct typed_set *set, uint64_t word)
{
    for (size_t at = mix(word) & set->mask; set->entries[at].used; at = (at + 1) & set->mask)
        if (set->entries[at].word == word)
            return true;
    return false;
}

bool typed_set_has(const struct typed_set *set, struct cell cell)
{
    if (cell.type != set->type)
        return false;
    if (cell.type == COLUMN_FLOAT && isnan(cell.number))
        return set->has_nan;
    uint64_t word = cell_word(cell);
    for (size_t at = mix(word) & set->mask; set->entries[at].used; at = (at + 1) & set->mask)
        if (entry_is(&set->entries[at], word, cell))
            return true;
    return false;
}

static void set_insert(struct typed_set *set, struct cell cell)
{
    if (cell.type == COLUMN_FLOAT && isnan(cell.number)) {
        set->count += !set->has_nan;
        set->has_nan = true;
        return;
    }
    if (typed_set_has(set, cell))
        return;
    uint64_t word = cell_word(cell);
    size_t at = mix(word) & set->mask;
    while (set->entries[at].used)
        at = (at + 1) & set->mask;
    struct entry *entry = &set->entries[at];
    entry->used = true;
    entry->word = word;
    if (cell.type == COLUMN_STRING) {
        entry->text = cell.text;
        entry->length = cell.length;
        set->all_short = set->all_short && cell.length <= 7;
    } else if (cell.type == COLUMN_DECIMAL) {
        entry->exact = cell.exact;
    }
    set->count++;
}

/* At most so many members fit: of numbers, none is a text. */
static size_t count_fitting(const struct column_schema *schema, const struct value *members, size_t given)
{
    size_t count = 0;
    for (size_t i = 0; i < given; i++) {
        enum value_kind kind = (enum value_kind)members->items[i]->kind;
        count += schema->type != COLUMN_STRING || kind == VALUE_STRING || kind == VALUE_WORD;
    }
    return count;
}

const struct typed_set *typed_set_new(struct arena *arena, const struct column_schema *schema,
                                      const struct value *members, const char **why)
{
    size_t given = members && members->kind == VALUE_LIST ? members->count : 0, size = 16;
    size_t fitting = count_fitting(schema, members, given);
    while (size < fitting * 2)
        size *= 2;
    struct typed_set *set = arena_alloc(arena, sizeof *set);
    set->type = schema->type;
    set->entries = arena_array(arena, size, sizeof *set->entries);
    set->mask = size - 1;
    set->all_short = true;
    bool times = column_type_is_time(schema->type);
    for (size_t i = 0; i < given; i++) {
        const struct value *member = members->items[i];
        struct cell cell;
        if (member->kind == VALUE_NULL)
            continue;
        const char *misfit = typed_cell(arena, schema, member, &cell);
        if (!misfit)
            set_insert(set, cell);
        else if (times && member->kind == VALUE_STRING) {
            *why = misfit;
            return NULL;
        }
    }
    return set;
}

size_t typed_set_count(const struct typed_set *set)
{
    return set->count;
}

static void test_short_texts(const struct typed_set *set, const struct column *column, size_t rows,
                             uint64_t *member)
{
    for (size_t w = 0, words = bitmap_words(rows); w < words; w++) {
        uint64_t word = 0;
        for (uint64_t rest = column->valid[w]; rest; rest &= rest - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(rest);
            size_t row = w * 64 + bit, length = column->lengths[row];
            if (length <= 7 && has_word(set, pack_loaded(column->bytes + column->starts[row], length)))
                word |= 1ull << bit;
        }
        member[w] = word;
    }
}

static void test_words(const struct typed_set *set, const struct column *column, size_t rows,
                       uint64_t *member)
{
    for (size_t w = 0, words = bitmap_words(rows); w < words; w++) {
        uint64_t word = 0;
        for (uint64_t rest = column->valid[w]; rest; rest &= rest - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(rest);
            if (has_word(set, (uint64_t)column->ints[w * 64 + bit]))
                word |= 1ull << bit;
        }
        member[w] = word;
    }
}

void typed_set_test(const struct typed_set *set, const struct column *column, size_t rows, uint64_t *member)
{
    if (set->type == COLUMN_STRING && set->all_short) {
        test_short_texts(set, column, rows, member);
        return;
    }
    if (set->type == COLUMN_INT || set->type == COLUMN_DATE || set->type == COLUMN_TIME ||
        set->type == COLUMN_TIMESTAMP) {
        test_words(set, column, rows, member);
        return;
    }
    struct column_schema schema = {.type = set->type};
    for (size_t w = 0, words = bitmap_words(rows); w < words; w++) {
        uint64_t word = 0;
        for (uint64_t rest = column->valid[w]; rest; rest &= rest - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(rest);
            if (typed_set_has(set, column_cell(&schema, column, w * 64 + bit)))
                word |= 1ull << bit;
        }
        member[w] = word;
    }
}
