#include "cli/build_diff.h"

#include <stdbool.h>
#include <string.h>

enum { AROUND = 3, MOST_CHANGES = 4000 };

struct line {
    const char *text;
    size_t length; /* with its line end */
};

struct lines {
    struct line *items;
    size_t count;
};

/* One step of the way from the old text to the new one. */
enum step { KEEP, DELETE, INSERT };

struct script {
    unsigned char *steps;
    size_t count;
};

static struct lines split(struct arena *arena, const char *text, size_t length)
{
    size_t count = 1;
    for (size_t i = 0; i < length; i++)
        count += text[i] == '\n';
    struct lines lines = {arena_array(arena, count, sizeof *lines.items), 0};
    for (size_t at = 0; at < length;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t size = end ? (size_t)(end - text) - at + 1 : length - at;
        lines.items[lines.count++] = (struct line){text + at, size};
        at += size;
    }
    return lines;
}

static bool equal(const struct line *a, const struct line *b)
{
    return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

static void push(struct script *script, enum step step, size_t times)
{
    while (times--)
        script->steps[script->count++] = (unsigned char)step;
}

/* The furthest x on each diagonal after `d` changes, for all d: row d has 2d + 1 entries. */
struct trace {
    long **rows;
    long depth;
};

static long furthest(const struct trace *trace, long d, long k)
{
    return trace->rows[d][k + d];
}

/* Whether the d-th change on diagonal k is an insertion: it comes from the diagonal above that is further. */
static bool goes_down(const struct trace *trace, long d, long k)
{
    bool left = k - 1 >= -(d - 1), right = k + 1 <= d - 1;
    return !left || (right && furthest(trace, d - 1, k - 1) < furthest(trace, d - 1, k + 1));
}

/* Follows the trace back; steps are pushed from the end. */
static void walk_back(const struct trace *trace, long n, long m, struct script *reversed)
{
    long x = n, y = m;
    for (long d = trace->depth; d > 0; d--) {
        long k = x - y;
        bool down = goes_down(trace, d, k);
        long before = down ? k + 1 : k - 1;
        long start_x = furthest(trace, d - 1, before), start_y = start_x - before;
        while (x > start_x + !down && y > start_y + down) {
            push(reversed, KEEP, 1);
            x--;
            y--;
        }
        push(reversed, down ? INSERT : DELETE, 1);
        x = start_x;
        y = start_y;
    }
    push(reversed, KEEP, (size_t)x);
}

/* The shortest script between two texts; false when it needs too many changes. */
static bool shortest(struct arena *arena, struct lines a, struct lines b, struct script *reversed)
{
    long n = (long)a.count, m = (long)b.count;
    long most = n + m < MOST_CHANGES ? n + m : MOST_CHANGES;
    struct trace trace = {arena_array(arena, (size_t)most + 1, sizeof *trace.rows), 0};
    for (long d = 0; d <= most; d++) {
        trace.rows[d] = arena_array(arena, (size_t)(2 * d + 1), sizeof **trace.rows);
        for (long k = -d; k <= d; k += 2) {
            long x = 0;
            if (d > 0) {
                bool down = goes_down(&trace, d, k);
                x = down ? furthest(&trace, d - 1, k + 1) : furthest(&trace, d - 1, k - 1) + 1;
            }
            long y = x - k;
            while (x < n && y < m && x >= 0 && y >= 0 && equal(&a.items[x], &b.items[y])) {
                x++;
                y++;
            }
            trace.rows[d][k + d] = x;
            if (x >= n && y >= m) {
                trace.depth = d;
                walk_back(&trace, n, m, reversed);
                return true;
            }
        }
    }
    return false;
}

static struct script script_of(struct arena *arena, struct lines a, struct lines b)
{
    size_t head = 0, tail = 0;
    while (head < a.count && head < b.count && equal(&a.items[head], &b.items[head]))
        head++;
    while (tail < a.count - head && tail < b.count - head &&
           equal(&a.items[a.count - 1 - tail], &b.items[b.count - 1 - tail]))
        tail++;
    struct lines inner_a = {a.items + head, a.count - head - tail},
                 inner_b = {b.items + head, b.count - head - tail};
    struct script reversed = {arena_alloc(arena, inner_a.count + inner_b.count + 1), 0};
    struct script script = {arena_alloc(arena, a.count + b.count + 1), 0};
    push(&script, KEEP, head);
    struct arena *scratch = arena_new();
    if (shortest(scratch, inner_a, inner_b, &reversed)) {
        while (reversed.count)
            script.steps[script.count++] = reversed.steps[--reversed.count];
    } else {
        push(&script, DELETE, inner_a.count);
        push(&script, INSERT, inner_b.count);
    }
    arena_free(scratch);
    push(&script, KEEP, tail);
    return script;
}

static void print_line(struct buf *out, char sign, const struct line *line)
{
    buf_add_char(out, sign);
    buf_add(out, line->text, line->length);
    if (!line->length || line->text[line->length - 1] != '\n')
        buf_add_str(out, "\n\\ No newline at end of file\n");
}

static void print_range(struct buf *out, char sign, size_t start, size_t count)
{
    buf_printf(out, "%c%zu", sign, count ? start + 1 : start);
    if (count != 1)
        buf_printf(out, ",%zu", count);
}

/* The end of the hunk that begins at step `from`: changes with at most twice AROUND kept lines between them.
 */
static size_t hunk_end(const struct script *script, size_t from)
{
    size_t last = from, at = from;
    for (; at < script->count && at - last <= 2 * AROUND; at++)
        if (script->steps[at] != KEEP)
            last = at;
    return last + 1;
}

void diff_unified(struct arena *arena, struct buf *out, struct diff_text before, struct diff_text after)
{
    struct lines a = split(arena, before.text, before.length), b = split(arena, after.text, after.length);
    struct script script = script_of(arena, a, b);
    size_t x = 0, y = 0;
    bool headed = false;
    for (size_t i = 0; i < script.count;) {
        if (script.steps[i] == KEEP) {
            x++, y++, i++;
            continue;
        }
        size_t lead = i < AROUND ? i : AROUND;
        while (lead && script.steps[i - lead] != KEEP)
            lead--;
        size_t end = hunk_end(&script, i), trail = 0;
        while (trail < AROUND && end + trail < script.count && script.steps[end + trail] == KEEP)
            trail++;
        size_t old = lead + trail, new = lead + trail;
        for (size_t k = i; k < end; k++) {
            old += script.steps[k] != INSERT;
            new += script.steps[k] != DELETE;
        }
        if (!headed)
            buf_printf(out, "--- %s\n+++ %s\n", before.label, after.label);
        headed = true;
        buf_add_str(out, "@@ ");
        print_range(out, '-', x - lead, old);
        buf_add_char(out, ' ');
        print_range(out, '+', y - lead, new);
        buf_add_str(out, " @@\n");
        for (size_t k = lead; k; k--)
            print_line(out, ' ', &a.items[x - k]);
        for (size_t k = i; k < end + trail; k++) {
            if (script.steps[k] == KEEP) {
                print_line(out, ' ', &a.items[x]);
                x++, y++;
            } else if (script.steps[k] == DELETE) {
                print_line(out, '-', &a.items[x++]);
            } else {
                print_line(out, '+', &b.items[y++]);
            }
        }
        i = end + trail;
    }
}
