/* The canonical format of files, blocks and items. Rows of a body are collected first, then neighbours of
 * one sort are aligned: `=` of attributes (with blocks on one line among them), the types of statements
 * with one head, blocks on one line with one head, comparisons. */

#include "grammar/format_parts.h"

#include <string.h>
#include "core/text.h"

enum row_sort { ROW_PLAIN, ROW_ATTRIBUTE, ROW_TYPED, ROW_BLOCK, ROW_COMPARISON, ROW_COMMENT };

struct row {
    enum row_sort sort;
    const char *head;    /* what neighbours must share; NULL: nothing */
    const char *text;    /* without the indentation of its first line */
    size_t split;        /* where the aligned part begins; 0: nowhere */
    const char *comment; /* behind the row; NULL: none */
    bool blank_before;
    bool single; /* one line */
};

struct rows {
    struct arena *arena;
    struct row *list;
    size_t count, capacity;
};

static void format_item(struct format *format, const struct ast_item *item, struct row *row);

/* Text */

void format_add(struct format *format, const char *text)
{
    if (format->flat && format->failure != FORMAT_FITS) {
        return;
    }
    buf_add_str(format->out, text);
    if (format->flat && format->out->length - format->line_start > FORMAT_WIDTH) {
        format->failure = FORMAT_TOO_WIDE;
    }
}

void format_verbatim(struct format *format, struct span span)
{
    const char *text = format->file->source->text;
    if (format->flat && format->failure != FORMAT_FITS) {
        return;
    }
    for (uint32_t i = span.start; i < span.end; i++) {
        if (text[i] == '\r' && text[i + 1] == '\n') {
            continue;
        }
        buf_add_char(format->out, text[i]);
        if (text[i] == '\n') {
            format->line_start = format->out->length;
            format->failure = FORMAT_MUST_BREAK;
        }
    }
    format_add(format, "");
}

void format_newline(struct format *format, size_t more)
{
    if (format->flat) {
        format->failure = FORMAT_MUST_BREAK;
        return;
    }
    buf_add_char(format->out, '\n');
    format->line_start = format->out->length;
    buf_add_repeat(format->out, ' ', format->indent + more);
}

bool format_breaks(const struct format *format, uint32_t start, uint32_t end)
{
    return end > start && memchr(format->file->source->text + start, '\n', end - start) != NULL;
}

struct format_try format_begin(struct format *format)
{
    struct format_try try = {format->out->length, format->line_start, format->flat};
    if (!format->flat) {
        format->failure = FORMAT_FITS;
    }
    format->flat = true;
    return try;
}

enum format_failure format_end(struct format *format, struct format_try try)
{
    format->flat = try.flat;
    if (try.flat) {
        return format->failure;
    }
    enum format_failure failure = format->failure;
    format->failure = FORMAT_FITS;
    if (failure != FORMAT_FITS) {
        format->out->length = try.length;
        format->line_start = try.line_start;
    }
    return failure;
}

/* Comments */

bool format_has_comment(const struct format *format, uint32_t end)
{
    return format->comment < format->file->comment_count &&
           format->file->comments[format->comment].span.start < end;
}

void format_comments(struct format *format, uint32_t offset)
{
    while (format_has_comment(format, offset)) {
        format_verbatim(format, format->file->comments[format->comment++].span);
        format_newline(format, 0);
    }
}

/* The comment on the line of the source at `offset`, or NULL. It counts as printed. */
static const struct ast_comment *take_trailing(struct format *format, uint32_t offset)
{
    if (format->comment >= format->file->comment_count) {
        return NULL;
    }
    const struct ast_comment *comment = &format->file->comments[format->comment];
    if (comment->own_line || comment->span.start < offset ||
        format_breaks(format, offset, comment->span.start)) {
        return NULL;
    }
    const char *text = format->file->source->text;
    for (uint32_t at = offset; at < comment->span.start; at++) {
        if (strchr(" \t\r,", text[at]) == NULL) {
            return NULL; /* something stands between: the comment is not of this part */
        }
    }
    format->comment++;
    return comment;
}

void format_trailing(struct format *format, uint32_t offset, const char *gap)
{
    const struct ast_comment *comment = take_trailing(format, offset);
    if (comment != NULL) {
        format_add(format, gap);
        format_verbatim(format, comment->span);
    }
}

/* Rows */

static struct row *add_row(struct rows *rows)
{
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity == 0 ? 16 : rows->capacity * 2;
        struct row *list = arena_array(rows->arena, capacity, sizeof *list);
        if (rows->count > 0) {
            memcpy(list, rows->list, rows->count * sizeof *list);
        }
        rows->list = list;
        rows->capacity = capacity;
    }
    return &rows->list[rows->count++];
}

static const char *copy_span(struct format *format, struct span span)
{
    return arena_copy(format->arena, format->file->source->text + span.start, span.end - span.start);
}

/* True if a blank line stands between two places of the source, or more than one does. */
static bool blank_between(const struct format *format, uint32_t start, uint32_t end)
{
    const char *text = format->file->source->text;
    size_t lines = 0;
    for (uint32_t at = start; at < end; at++) {
        lines += text[at] == '\n';
    }
    return lines > 1;
}

/* Adds the comments before `offset` as rows; `*last` is the end of what was printed last. */
static void comment_rows(struct format *format, struct rows *rows, uint32_t offset, uint32_t *last)
{
    while (format_has_comment(format, offset)) {
        struct span span = format->file->comments[format->comment++].span;
        struct row *row = add_row(rows);
        row->sort = ROW_COMMENT;
        row->blank_before = rows->count > 1 && blank_between(format, *last, span.start);
        row->text = copy_span(format, span);
        *last = span.end;
    }
}

static size_t width_of(const char *text, size_t length)
{
    return text_width(text, length);
}

static bool same_run(const struct row *a, const struct row *b)
{
    return b->single && a->single && !b->blank_before && a->split != 0 && b->split != 0 &&
           a->sort == b->sort && (a->head == NULL) == (b->head == NULL) &&
           (a->head == NULL || strcmp(a->head, b->head) == 0);
}

/* Prints rows [from, to), which are one run. */
static void print_run(struct format *format, const struct row *rows, size_t from, size_t to, size_t *widths)
{
    size_t left = 0;
    for (size_t i = from; i < to && to - from > 1; i++) {
        size_t width = width_of(rows[i].text, rows[i].split);
        left = width > left ? width : left;
    }
    for (size_t i = from; i < to; i++) {
        const struct row *row = &rows[i];
        if (row->blank_before) {
            buf_add_char(format->out, '\n');
        }
        buf_add_repeat(format->out, ' ', format->indent);
        size_t start = format->out->length;
        buf_add(format->out, row->text, row->split);
        size_t width = width_of(row->text, row->split);
        buf_add_repeat(format->out, ' ', left > width ? left - width : 0);
        buf_add_str(format->out, row->text + row->split);
        if (row->comment != NULL) {
            size_t full = width_of(format->out->data + start, format->out->length - start);
            buf_add_repeat(format->out, ' ', row->single && widths[i] > full ? widths[i] - full + 2 : 2);
            buf_add_str(format->out, row->comment);
        }
        buf_add_char(format->out, '\n');
    }
}

/* The width of each row up to its comment; rows with comments that follow one another get the largest. */
static void comment_columns(const struct row *rows, size_t count, size_t *widths)
{
    for (size_t i = 0; i < count;) {
        size_t end = i;
        size_t widest = 0;
        while (end < count && rows[end].comment != NULL && rows[end].single &&
               (end == i || !rows[end].blank_before)) {
            widest = widths[end] > widest ? widths[end] : widest;
            end++;
        }
        for (size_t j = i; j < end; j++) {
            widths[j] = widest;
        }
        i = end == i ? i + 1 : end;
    }
}

static void print_rows(struct format *format, const struct rows *rows)
{
    size_t *ends = arena_array(format->arena, rows->count + 1, sizeof *ends);
    size_t *widths = arena_array(format->arena, rows->count + 1, sizeof *widths);
    for (size_t from = 0; from < rows->count;) {
        size_t to = from + 1;
        while (to < rows->count && same_run(&rows->list[to - 1], &rows->list[to])) {
            to++;
        }
        size_t left = 0;
        for (size_t i = from; i < to; i++) {
            size_t width = width_of(rows->list[i].text, rows->list[i].split);
            left = to - from > 1 && width > left ? width : left;
        }
        for (size_t i = from; i < to; i++) {
            const struct row *row = &rows->list[i];
            size_t width = width_of(row->text, row->split);
            size_t rest = width_of(row->text + row->split, strlen(row->text) - row->split);
            widths[i] = (width > left ? width : left) + rest;
        }
        ends[from] = to;
        from = to;
    }
    comment_columns(rows->list, rows->count, widths);
    for (size_t from = 0; from < rows->count; from = ends[from]) {
        print_run(format, rows->list, from, ends[from], widths);
    }
}

/* Prints an item as a row of its own. */
static void item_row(struct format *format, struct rows *rows, const struct ast_item *item, uint32_t *last)
{
    size_t start = format->out->length;
    size_t line_start = format->line_start;
    struct row made = {0};
    buf_add_repeat(format->out, ' ', format->indent);
    format->line_start = start;
    size_t text_start = format->out->length;
    format_item(format, item, &made);
    made.text = arena_copy(format->arena, format->out->data + text_start, format->out->length - text_start);
    made.split = made.split == 0 ? 0 : made.split - text_start;
    made.single = strchr(made.text, '\n') == NULL;
    made.split = made.single ? made.split : 0;
    format->out->length = start;
    format->line_start = line_start;
    bool blank = blank_between(format, *last, item->span.start);
    if (format_has_comment(format,
                           item->span.end)) { /* a comment inside that found no place: above the item */
        struct row *above = NULL;
        while (format_has_comment(format, item->span.end)) {
            above = add_row(rows);
            *above = (struct row){.sort = ROW_COMMENT, .blank_before = rows->count > 1 && blank};
            above->text = copy_span(format, format->file->comments[format->comment++].span);
            blank = false;
        }
    }
    made.blank_before = rows->count > 0 && blank;
    const struct ast_comment *comment = take_trailing(format, item->span.end);
    *last = item->span.end;
    if (comment != NULL) {
        made.comment = copy_span(format, comment->span);
        *last = comment->span.end;
    }
    *add_row(rows) = made;
}

/* The items of a body, a row each, at the current indentation. */
static void format_body(struct format *format, const struct ast_block *block, uint32_t start, uint32_t end)
{
    struct rows rows = {.arena = format->arena};
    uint32_t last = start;
    for (const struct ast_item *item = block->items; item != NULL; item = item->next) {
        comment_rows(format, &rows, item->span.start, &last);
        item_row(format, &rows, item, &last);
    }
    comment_rows(format, &rows, end, &last);
    print_rows(format, &rows);
    format->line_start = format->out->length;
}

static void format_block_flat(struct format *format, const struct ast_block *block)
{
    format_add(format, "{ ");
    for (const struct ast_item *item = block->items; item != NULL; item = item->next) {
        format_add(format, item == block->items ? "" : ", ");
        format_item(format, item, NULL);
    }
    format_add(format, " }");
}

void format_block(struct format *format, const struct ast_block *block)
{
    uint32_t end = block->span.end - 1;
    bool commented = format_has_comment(format, end);
    if (block->items == NULL && !commented) {
        format_add(format, "{}");
        return;
    }
    bool broken = commented || format_breaks(format, block->span.start, block->items->span.start);
    if (broken && format->flat) {
        format->failure = FORMAT_MUST_BREAK;
        return;
    }
    if (!broken) {
        struct format_try try = format_begin(format);
        format_block_flat(format, block);
        if (format_end(format, try) == FORMAT_FITS || try.flat) {
            return;
        }
    }
    format_add(format, "{");
    format_trailing(format, block->span.start + 1, "  ");
    buf_add_char(format->out, '\n');
    format->indent += FORMAT_INDENT;
    format_body(format, block, block->span.start + 1, end);
    format->indent -= FORMAT_INDENT;
    buf_add_repeat(format->out, ' ', format->indent);
    format_add(format, "}");
}

/* Items */

static void format_key(struct format *format, const struct ast_item *item)
{
    format_verbatim(format, item->key_expr != NULL ? item->key_expr->span : item->key.span);
}

/* Notes where the part of the row begins that is aligned with its neighbours. */
static void split_here(struct format *format, struct row *row, enum row_sort sort,
                       const struct ast_name *head)
{
    if (row != NULL && row->split == 0) {
        row->split = format->out->length;
        row->sort = sort;
        row->head = head == NULL ? NULL : head->text;
    }
}

static void format_clauses(struct format *format, const struct ast_clause *clause, uint32_t from)
{
    for (; clause != NULL; clause = clause->next) {
        if (format_breaks(format, from, clause->span.start)) {
            format_newline(format, FORMAT_INDENT);
        } else {
            format_add(format, " ");
        }
        format_add(format, clause->kind == AST_CLAUSE_ELSE ? "else " : "when ");
        format_expr(format, clause->values);
        for (const struct ast_argument *more = clause->more; more != NULL; more = more->next) {
            format_add(format, ", ");
            format_expr(format, more->value);
        }
        from = clause->span.end;
    }
}

static void format_statement(struct format *format, const struct ast_item *item, struct row *row)
{
    uint32_t end = item->key.span.end;
    format_verbatim(format, item->key.span);
    if (item->value != NULL) {
        format_add(format, " ");
        bool held = row != NULL && item->value->kind == AST_BINARY && item->value->op == AST_OP_HOLDS;
        format->mark = held ? item->value->left : format->mark;
        format->marked = 0;
        format_expr(format, item->value);
        if (held && format->marked != 0) { /* `step 5%  for 10m` */
            row->split = format->marked;
            row->sort = ROW_COMPARISON;
            row->head = item->key.text;
        }
        end = item->value->span.end;
    }
    if (item->type != NULL) {
        format_add(format, ":");
        split_here(format, row, ROW_TYPED, &item->key);
        format_add(format, " ");
        format_expr(format, item->type);
        end = item->type->span.end;
    }
    if (item->default_value != NULL) {
        split_here(format, row, ROW_ATTRIBUTE, &item->key);
        format_add(format, " = ");
        format_expr(format, item->default_value);
        end = item->default_value->span.end;
    }
    if (item->value == NULL && item->block == NULL && item->clauses != NULL) {
        split_here(format, row, ROW_PLAIN, NULL);
    }
    format_clauses(format, item->clauses, end);
    if (item->block != NULL) {
        if (item->value == NULL) {
            split_here(format, row, ROW_ATTRIBUTE, NULL);
        } else if (item->clauses == NULL) {
            split_here(format, row, ROW_BLOCK, &item->key);
        }
        format_add(format, " ");
        format_block(format, item->block);
    }
}

static bool is_comparison(const struct ast_expr *expr)
{
    return expr->kind == AST_BINARY && expr->op >= AST_OP_EQ && expr->op <= AST_OP_NOT_IN;
}

static void format_value_item(struct format *format, const struct ast_item *item, struct row *row)
{
    const struct ast_expr *inner = item->value;
    while (inner->kind == AST_BINARY && (inner->op == AST_OP_HOLDS || inner->op == AST_OP_OVER)) {
        inner = inner->left;
    }
    if (row != NULL && is_comparison(inner)) {
        format->mark = inner->left;
        format->marked = 0;
    }
    format_expr(format, item->value);
    if (row != NULL && is_comparison(inner) && format->marked != 0) {
        row->split = format->marked;
        row->sort = ROW_COMPARISON;
    }
    format->mark = NULL;
    format_clauses(format, item->clauses, item->value->span.end);
}

static void format_if_item(struct format *format, const struct ast_item *item)
{
    for (;; item = item->other) {
        if (item->kind == AST_IF_ITEM) {
            format_add(format, "if ");
            format_expr(format, item->value);
            format_add(format, " ");
        }
        format_block(format, item->block);
        if (item->other == NULL) {
            return;
        }
        format_add(format, " else ");
    }
}

static void format_entry(struct format *format, const struct ast_item *item)
{
    format_key(format, item);
    format_add(format, item->optional ? "?: " : ": ");
    format_expr(format, item->value);
    if (item->default_value != NULL) {
        format_add(format, " = ");
        format_expr(format, item->default_value);
    }
    if (item->block != NULL) {
        format_add(format, " ");
        format_block(format, item->block);
    }
}

/* `row` NULL: inside a block on one line. */
static void format_item(struct format *format, const struct ast_item *item, struct row *row)
{
    switch (item->kind) {
    case AST_ASSIGN:
        format_key(format, item);
        split_here(format, row, ROW_ATTRIBUTE, NULL);
        format_add(format, " = ");
        format_expr(format, item->value);
        return;
    case AST_ENTRY:
        format_entry(format, item);
        return;
    case AST_SPREAD:
        format_add(format, "...");
        format_expr(format, item->value);
        return;
    case AST_STATEMENT:
        format_statement(format, item, row);
        return;
    case AST_VALUE:
        format_value_item(format, item, row);
        return;
    case AST_FOR:
        format_add(format, "for ");
        format_binders(format, item->binders, item->where);
        format_add(format, " ");
        format_block(format, item->block);
        return;
    case AST_IF_ITEM:
    case AST_ELSE:
        format_if_item(format, item);
        return;
    case AST_ERROR_ITEM:
        format_verbatim(format, item->span);
        return;
    }
}

void format_file(struct buf *out, const struct ast_file *file)
{
    struct arena *arena = arena_new();
    struct format format = {.out = out, .arena = arena, .file = file, .line_start = out->length};
    format_body(&format, file->body, 0, file->source->length);
    arena_free(arena);
}
