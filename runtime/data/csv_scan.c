#include "runtime/data/csv_scan.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* One bit a byte for each kind of byte, of 64 bytes. */
struct masks {
    uint64_t quote, delimiter, newline, carriage, high;
};

/* What is carried from word to word. */
struct progress {
    uint64_t inside;     /* all ones within quotes */
    uint64_t may_open;   /* bit 0: a quote at the next byte may open */
    uint64_t just_shut;  /* bit 0: the byte before closed a quote */
    uint64_t line_start; /* bit 0: the byte before ended a line */
    uint64_t blank_line; /* bit 0: the byte before is a return at the start of a line */
    uint64_t wrong;      /* not 0: irregular */
    uint64_t any_quote, any_carriage, any_high;
    uint64_t lines, blanks, marks;
    size_t end;
};

static inline __attribute__((always_inline)) uint64_t step(struct progress *now, const struct masks *masks,
                                                           uint64_t parity, uint64_t used, size_t base)
{
    uint64_t inside = parity ^ now->inside;
    uint64_t opens = masks->quote & inside, shuts = masks->quote & ~inside;
    uint64_t lines = masks->newline & ~inside & used;
    uint64_t structure = (masks->delimiter & ~inside & used) | lines;
    uint64_t before = structure | shuts;
    now->wrong |= opens & ~(before << 1 | now->may_open);
    now->wrong |= (shuts << 1 | now->just_shut) & used & ~(structure | masks->quote | masks->carriage);
    uint64_t starts = lines << 1 | now->line_start;
    uint64_t lone = masks->carriage & starts; /* a return alone on its line so far */
    now->blanks += (uint64_t)__builtin_popcountll(lines & (starts | lone << 1 | now->blank_line));
    now->lines += (uint64_t)__builtin_popcountll(lines);
    now->marks += (uint64_t)__builtin_popcountll(structure);
    if (lines)
        now->end = base + 64 - (size_t)__builtin_clzll(lines);
    now->inside = (uint64_t)((int64_t)inside >> 63);
    now->may_open = before >> 63;
    now->just_shut = shuts >> 63;
    now->line_start = lines >> 63;
    now->blank_line = lone >> 63;
    now->any_quote |= masks->quote;
    now->any_carriage |= masks->carriage;
    now->any_high |= masks->high;
    return structure;
}

static inline uint64_t bits_below(size_t count)
{
    return count >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
}

/* What a fast scan has found; where quotes stand wrong, the definition decides. */
static void scan_end(const struct progress *now, const struct csv_dialect *dialect, const char *text,
                     size_t length, uint64_t *structure, struct csv_scan *out)
{
    *out = (struct csv_scan){.end = now->end,
                             .lines = now->lines,
                             .marks = now->marks,
                             .blanks = now->blanks,
                             .returns = now->any_carriage != 0,
                             .quotes = now->any_quote != 0,
                             .irregular = now->wrong != 0,
                             .open = now->inside != 0,
                             .ascii = now->any_high == 0};
    if (out->irregular)
        csv_scan_exact(dialect, text, length, structure, out);
}

static const struct progress scan_begin = {.may_open = 1, .line_start = 1};

static uint64_t prefix_parity(uint64_t bits)
{
    for (int shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

static void masks_portable(const struct csv_dialect *dialect, const unsigned char *text, size_t count,
                           struct masks *out)
{
    *out = (struct masks){0};
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = text[i];
        out->quote |= (uint64_t)(byte == (unsigned char)dialect->quote) << i;
        out->delimiter |= (uint64_t)(byte == (unsigned char)dialect->delimiter) << i;
        out->newline |= (uint64_t)(byte == (unsigned char)dialect->newline) << i;
        out->carriage |= (uint64_t)(byte == '\r') << i;
        out->high |= byte >> 7;
    }
}

static void csv_scan_portable(const struct csv_dialect *dialect, const char *text, size_t length,
                              uint64_t *structure, struct csv_scan *out)
{
    struct progress now = scan_begin;
    for (size_t at = 0; at < length; at += 64) {
        struct masks masks;
        size_t count = length - at < 64 ? length - at : 64;
        masks_portable(dialect, (const unsigned char *)text + at, count, &masks);
        structure[at / 64] = step(&now, &masks, prefix_parity(masks.quote), bits_below(count), at);
    }
    scan_end(&now, dialect, text, length, structure, out);
}

static bool always(void)
{
    return true;
}

#if defined(__x86_64__)
/* 64 bytes in the registers that every x86-64 has. */
struct sse_text {
    __m128i part[4];
};

static inline struct sse_text sse_load(const char *text)
{
    struct sse_text out;
    for (int i = 0; i < 4; i++)
        out.part[i] = _mm_loadu_si128((const __m128i *)(const void *)(text + (ptrdiff_t)16 * i));
    return out;
}

static inline uint64_t sse_join(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return a | b << 16 | c << 32 | d << 48;
}

static inline uint64_t sse_equal(const struct sse_text *text, __m128i byte)
{
    return sse_join((uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text->part[0], byte)),
                    (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text->part[1], byte)),
                    (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text->part[2], byte)),
                    (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text->part[3], byte)));
}

/* Not 0 when a byte is above 127; which one matters to nobody. */
static inline uint64_t sse_high(const struct sse_text *text)
{
    __m128i any =
        _mm_or_si128(_mm_or_si128(text->part[0], text->part[1]), _mm_or_si128(text->part[2], text->part[3]));
    return (uint64_t)_mm_movemask_epi8(any);
}

static void csv_scan_sse2(const struct csv_dialect *dialect, const char *text, size_t length,
                          uint64_t *structure, struct csv_scan *out)
{
    struct progress now = scan_begin;
    const __m128i quote = _mm_set1_epi8(dialect->quote), delimiter = _mm_set1_epi8(dialect->delimiter);
    const __m128i newline = _mm_set1_epi8(dialect->newline), carriage = _mm_set1_epi8('\r');
    size_t at = 0;
    for (; at + 64 <= length; at += 64) {
        struct sse_text bytes = sse_load(text + at);
        struct masks masks = {sse_equal(&bytes, quote), sse_equal(&bytes, delimiter),
                              sse_equal(&bytes, newline), sse_equal(&bytes, carriage), sse_high(&bytes)};
        uint64_t parity = masks.quote ? prefix_parity(masks.quote) : 0;
        structure[at / 64] = step(&now, &masks, parity, ~UINT64_C(0), at);
    }
    if (at < length) {
        struct masks masks;
        masks_portable(dialect, (const unsigned char *)text + at, length - at, &masks);
        structure[at / 64] = step(&now, &masks, prefix_parity(masks.quote), bits_below(length - at), at);
    }
    scan_end(&now, dialect, text, length, structure, out);
}

__attribute__((target("avx2"))) static inline uint64_t equal64(__m256i low, __m256i high, __m256i byte)
{
    uint64_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte));
    uint64_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte));
    return a | b << 32;
}

__attribute__((target("avx2"))) static inline uint64_t high_bits(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

__attribute__((target("avx2,pclmul,bmi,popcnt"))) static void csv_scan_avx2(const struct csv_dialect *dialect,
                                                                            const char *text, size_t length,
                                                                            uint64_t *structure,
                                                                            struct csv_scan *out)
{
    struct progress now = scan_begin;
    const __m256i quote = _mm256_set1_epi8(dialect->quote), delimiter = _mm256_set1_epi8(dialect->delimiter);
    const __m256i newline = _mm256_set1_epi8(dialect->newline), carriage = _mm256_set1_epi8('\r');
    const __m128i ones = _mm_set1_epi8((char)0xff);
    for (size_t at = 0; at < length; at += 64) {
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(text + at));
        __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(text + at + 32));
        uint64_t used = bits_below(length - at);
        struct masks masks = {equal64(low, high, quote) & used, equal64(low, high, delimiter) & used,
                              equal64(low, high, newline) & used, equal64(low, high, carriage) & used,
                              high_bits(low, high) & used};
        __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)masks.quote), ones, 0);
        uint64_t parity = (uint64_t)_mm_cvtsi128_si64(product);
        structure[at / 64] = step(&now, &masks, parity, used, at);
    }
    scan_end(&now, dialect, text, length, structure, out);
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
           __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi");
}
#endif

static const struct csv_scan_path paths[] = {
#if defined(__x86_64__)
    {"avx2", has_avx2, csv_scan_avx2},
    {"sse2", always, csv_scan_sse2},
#endif
    {"portable", always, csv_scan_portable},
};

const struct csv_scan_path *csv_scan_paths(size_t *count)
{
    *count = sizeof paths / sizeof *paths;
    return paths;
}

void csv_scan(const struct csv_dialect *dialect, const char *text, size_t length, uint64_t *structure,
              struct csv_scan *out)
{
    const struct csv_scan_path *path = paths;
    while (!path->runs_here())
        path++;
    path->scan(dialect, text, length, structure, out);
}

enum state { FIELD_START, UNQUOTED, QUOTED, QUOTE_SEEN };

void csv_scan_exact(const struct csv_dialect *dialect, const char *text, size_t length, uint64_t *structure,
                    struct csv_scan *out)
{
    enum state state = FIELD_START;
    size_t line = 0;
    *out = (struct csv_scan){.ascii = true};
    memset(structure, 0, (length / 64 + 1) * sizeof *structure);
    for (size_t i = 0; i < length; i++) {
        char byte = text[i];
        bool ends = state != QUOTED && (byte == dialect->delimiter || byte == dialect->newline);
        out->returns |= byte == '\r';
        out->ascii &= (byte & 0x80) == 0;
        out->quotes |= byte == dialect->quote;
        if (ends) {
            structure[i / 64] |= UINT64_C(1) << (i % 64);
            out->marks++;
            state = FIELD_START;
        } else if (byte == dialect->quote) {
            out->irregular |= state == UNQUOTED;
            state = state == FIELD_START || state == QUOTE_SEEN ? QUOTED
                    : state == QUOTED                           ? QUOTE_SEEN
                                                                : UNQUOTED;
        } else if (state != QUOTED) {
            out->irregular |= state == QUOTE_SEEN && byte != '\r';
            state = UNQUOTED;
        }
        if (ends && byte == dialect->newline) {
            out->lines++;
            out->blanks += i == line || (i == line + 1 && text[line] == '\r');
            out->end = line = i + 1;
        }
    }
    out->open = state == QUOTED;
}

static inline __attribute__((always_inline)) size_t positions_of(const uint64_t *structure, size_t end,
                                                                 uint32_t *out)
{
    uint32_t *at = out;
    for (size_t word = 0; word * 64 < end; word++) {
        uint64_t bits = structure[word] & bits_below(end - word * 64);
        uint32_t base = (uint32_t)(word * 64) + 1;
        size_t count = (size_t)__builtin_popcountll(bits);
        uint32_t *to = at;
        /* Eight at a time without asking whether they are there: the surplus is overwritten. */
        for (size_t i = 0; i < count; i += 8) {
            for (size_t j = 0; j < 8; j++) {
                to[i + j] = base + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
                bits &= bits - 1;
            }
        }
        at += count;
    }
    return (size_t)(at - out);
}

#if defined(__x86_64__)
__attribute__((target("popcnt,bmi"))) static size_t positions_bmi(const uint64_t *structure, size_t end,
                                                                  uint32_t *out)
{
    return positions_of(structure, end, out);
}
#endif

size_t csv_positions(const uint64_t *structure, size_t end, uint32_t *out)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi"))
        return positions_bmi(structure, end, out);
#endif
    return positions_of(structure, end, out);
}
