#include "grammar/check.h"

#include <string.h>
#include "grammar/number.h"

struct check {
    struct arena *scratch; /* of decoded numbers */
    const struct source *source;
    struct diag_sink *diags;
};

static void check_expr(struct check *check, struct ast_expr *expr);
static void check_block(struct check *check, struct ast_block *block);

static const char *text_at(const struct check *check, struct span span)
{
    return check->source->text + span.start;
}

static int length_of(struct span span)
{
    return (int)(span.end - span.start);
}

static bool is_comparison(const struct ast_expr *expr)
{
    return expr->kind == AST_BINARY && expr->op >= AST_OP_EQ && expr->op <= AST_OP_NOT_IN;
}

/* `lo <= x <= hi`, which the range test says. */
static bool is_range_test(const struct ast_expr *expr)
{
    return expr->op == AST_OP_LE && expr->left->op == AST_OP_LE;
}

static void check_chain(struct check *check, const struct ast_expr *expr)
{
    if (!is_comparison(expr) || !is_comparison(expr->left)) {
        return;
    }
    const struct ast_expr *left = expr->left;
    struct span low = left->left->span;
    struct span middle = left->right->span;
    struct span high = expr->right->span;
    struct diag *diag =
        diag_report(check->diags, DIAG_SYNTAX_CHAIN, expr->op_span, "comparisons do not chain");
    diag_label(diag, "compares the result of the first comparison");
    diag_secondary(diag, left->op_span, "the first comparison");
    if (is_range_test(expr)) {
        diag_help(diag, "write `%.*s in %.*s..%.*s`; both ends are included", length_of(middle),
                  text_at(check, middle), length_of(low), text_at(check, low), length_of(high),
                  text_at(check, high));
        diag_fix(diag, expr->span, true, "%.*s in %.*s..%.*s", length_of(middle), text_at(check, middle),
                 length_of(low), text_at(check, low), length_of(high), text_at(check, high));
        return;
    }
    diag_help(diag, "write `%.*s %s %.*s and %.*s %s %.*s`", length_of(low), text_at(check, low),
              ast_op_text(left->op), length_of(middle), text_at(check, middle), length_of(middle),
              text_at(check, middle), ast_op_text(expr->op), length_of(high), text_at(check, high));
    struct span seam = {expr->span.source, middle.end, middle.end};
    diag_fix(diag, seam, false, " and %.*s", length_of(middle), text_at(check, middle));
}

/* `[m.name for m in models]` reads as the operator `for`. */
static void report_comprehension(struct check *check, const struct ast_expr *expr)
{
    struct span body = expr->left->span;
    struct span source = expr->right->span;
    struct diag *diag = diag_report(check->diags, DIAG_SYNTAX_COMPREHENSION, expr->op_span,
                                    "a comprehension begins with its `for`");
    diag_label(diag, "behind a value, `for` says how long it must hold");
    diag_help(diag, "write `for %.*s: %.*s`", length_of(source), text_at(check, source), length_of(body),
              text_at(check, body));
    diag_fix(diag, expr->span, true, "for %.*s: %.*s", length_of(source), text_at(check, source),
             length_of(body), text_at(check, body));
}

static void check_window(struct check *check, const struct ast_expr *expr)
{
    if (expr->kind != AST_BINARY || (expr->op != AST_OP_HOLDS && expr->op != AST_OP_OVER)) {
        return;
    }
    const struct ast_expr *right = expr->right;
    if (expr->op == AST_OP_HOLDS && right->kind == AST_BINARY && right->op == AST_OP_IN &&
        right->left->kind == AST_NAME) {
        report_comprehension(check, expr);
    } else if (is_comparison(right)) {
        const char *word = ast_op_text(expr->op);
        struct span subject = expr->left->span;
        struct span window = right->left->span;
        struct span rest = {window.source, right->op_span.start, right->span.end};
        struct diag *diag = diag_report(check->diags, DIAG_SYNTAX_WINDOW, expr->op_span,
                                        "`%s` stands behind the comparison", word);
        diag_label(diag, "reads as `%s (%.*s)`", word, length_of(right->span), text_at(check, right->span));
        diag_help(diag, "write `%.*s %.*s %s %.*s`", length_of(subject), text_at(check, subject),
                  length_of(rest), text_at(check, rest), word, length_of(window), text_at(check, window));
        diag_fix(diag, expr->span, true, "%.*s %.*s %s %.*s", length_of(subject), text_at(check, subject),
                 length_of(rest), text_at(check, rest), word, length_of(window), text_at(check, window));
    }
}

static void check_arguments(struct check *check, const struct ast_argument *argument)
{
    const struct ast_argument *named = NULL;
    for (; argument != NULL; argument = argument->next) {
        check_expr(check, argument->value);
        if (argument->default_value != NULL) {
            check_expr(check, argument->default_value);
        }
        if (argument->name.text != NULL) {
            named = argument;
        } else if (named != NULL && !argument->spread) {
            struct diag *diag = diag_report(check->diags, DIAG_SYNTAX_ARGUMENT_ORDER, argument->span,
                                            "an argument without a name stands behind a named one");
            diag_label(diag, "which parameter is this?");
            diag_secondary(diag, named->span, "the named one");
            diag_help(diag, "name it too, or write it first");
        }
    }
}

static void check_binders(struct check *check, const struct ast_binder *binder)
{
    for (; binder != NULL; binder = binder->next) {
        check_expr(check, binder->source);
    }
}

static void check_elements(struct check *check, const struct ast_element *element)
{
    for (; element != NULL; element = element->next) {
        for (const struct ast_element *part = element; part != NULL; part = part->body) {
            check_binders(check, part->binders);
            if (part->where != NULL) {
                check_expr(check, part->where);
            }
            if (part->value != NULL) {
                check_expr(check, part->value);
            }
        }
    }
}

/* Parts of a broken item may have become items of their own. */
static bool has_error(const struct ast_block *block)
{
    const struct ast_item *item = block->items;
    while (item != NULL && item->kind != AST_ERROR_ITEM) {
        item = item->next;
    }
    return item != NULL;
}

/* A record has entries, `key: value`: an `=` in it is a slip. One report a record, with all edits. */
static void check_record(struct check *check, const struct ast_block *block)
{
    struct diag *diag = NULL;
    for (const struct ast_item *item = has_error(block) ? NULL : block->items; item != NULL;
         item = item->next) {
        if (item->kind != AST_ASSIGN) {
            continue;
        }
        if (diag == NULL) {
            diag = diag_report(check->diags, DIAG_SYNTAX_MARK, item->op_span,
                               "a record has `key: value`, not `key = value`");
            diag_label(diag, "expected `:`");
            diag_secondary(diag, (struct span){block->span.source, block->span.start, block->span.start + 1},
                           "this is a record, since it stands where a value stands");
            diag_help(diag,
                      "write `:`; a structure that its kind declares is a block, without `=` before its `{`");
        }
        uint32_t key_end = item->key_expr != NULL ? item->key_expr->span.end : item->key.span.end;
        diag_fix(diag, (struct span){block->span.source, key_end, item->op_span.end}, true, ":");
    }
}

static bool is_plain_value(const struct ast_expr *expr)
{
    return expr->kind == AST_NUMBER || expr->kind == AST_STRING || expr->kind == AST_TRUE ||
           expr->kind == AST_FALSE || (expr->kind == AST_UNARY && expr->op == AST_OP_MINUS);
}

/* A block with attributes, `name = value`, in which an entry holds a value that can be no type. */
static void check_attributes(struct check *check, const struct ast_block *block)
{
    const struct ast_item *assigned = has_error(block) ? NULL : block->items;
    while (assigned != NULL && assigned->kind != AST_ASSIGN) {
        assigned = assigned->next;
    }
    struct diag *diag = NULL;
    for (const struct ast_item *item = block->items; assigned != NULL && item != NULL; item = item->next) {
        if (item->kind != AST_ENTRY || item->optional || item->block != NULL || item->default_value != NULL ||
            !is_plain_value(item->value)) {
            continue;
        }
        if (diag == NULL) {
            diag = diag_report(check->diags, DIAG_SYNTAX_MARK, item->op_span,
                               "this block has attributes, `name = value`");
            diag_label(diag, "expected `=`");
            diag_secondary(diag, assigned->op_span, "like this one");
            diag_help(diag, "write `=`; `key: value` belongs in records");
        }
        diag_fix(diag, item->op_span, true, " =");
    }
}

static void check_expr(struct check *check, struct ast_expr *expr)
{
    if (expr->kind == AST_NUMBER &&
        number_decode(check->scratch, expr->number, expr->span, 0, check->diags) == NULL) {
        expr->kind = AST_INVALID;
        return;
    }
    check_chain(check, expr);
    check_window(check, expr);
    for (const struct ast_piece *piece = expr->pieces; piece != NULL; piece = piece->next) {
        if (piece->hole != NULL) {
            check_expr(check, piece->hole);
        }
    }
    struct ast_expr *parts[] = {expr->where, expr->left, expr->right, expr->third};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i] != NULL) {
            check_expr(check, parts[i]);
        }
    }
    check_binders(check, expr->binders);
    check_arguments(check, expr->arguments);
    check_elements(check, expr->elements);
    if (expr->block != NULL) {
        check_record(check, expr->block);
        check_block(check, expr->block);
    }
}

/* A `{` on the line after its head is an item of its own. */
static bool check_brace_line(struct check *check, const struct ast_item *before, const struct ast_item *item)
{
    if (before == NULL || item->kind != AST_VALUE || item->value->kind != AST_BLOCK) {
        return false;
    }
    bool head = before->kind == AST_STATEMENT && before->block == NULL && before->value != NULL &&
                before->type == NULL && before->default_value == NULL && before->clauses == NULL &&
                (before->value->kind == AST_NAME || before->value->kind == AST_STRING);
    struct span gap = {item->span.source, before->span.end, item->span.start};
    const char *text = text_at(check, gap);
    for (int i = 0; head && i < length_of(gap); i++) {
        head = strchr(" \t\r\n", text[i]) != NULL;
    }
    if (!head) {
        return false;
    }
    struct diag *diag = diag_report(check->diags, DIAG_SYNTAX_BRACE_LINE,
                                    (struct span){item->span.source, item->span.start, item->span.start + 1},
                                    "`{` stands on the line of its head");
    diag_label(diag, "begins an item of its own here");
    diag_secondary(diag, before->span, "its head");
    diag_help(diag, "write `%.*s {`", length_of(before->span), text_at(check, before->span));
    diag_fix(diag, gap, true, " ");
    return true;
}

static void check_item(struct check *check, const struct ast_item *item)
{
    struct ast_expr *parts[] = {item->key_expr, item->value, item->type, item->default_value, item->where};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i] != NULL) {
            check_expr(check, parts[i]);
        }
    }
    check_binders(check, item->binders);
    for (const struct ast_clause *clause = item->clauses; clause != NULL; clause = clause->next) {
        check_expr(check, clause->values);
        check_arguments(check, clause->more);
    }
    if (item->kind == AST_STATEMENT && item->value != NULL && item->value->kind == AST_BLOCK &&
        item->block != NULL) {
        struct span brace = {item->span.source, item->block->span.start, item->block->span.start + 1};
        struct diag *diag =
            diag_report(check->diags, DIAG_SYNTAX_ITEM_SHAPE, brace, "`%s` has two blocks", item->key.text);
        diag_label(diag, "the second one");
        diag_help(diag, "put the items of both into one");
    }
    if (item->block != NULL) {
        check_attributes(check, item->block);
        check_block(check, item->block);
    }
    if (item->other != NULL) {
        check_item(check, item->other);
    }
}

static void check_block(struct check *check, struct ast_block *block)
{
    const struct ast_item *before = NULL;
    for (const struct ast_item *item = block->items; item != NULL; item = item->next) {
        if (check_brace_line(check, before, item)) {
            check_block(check, item->value->block);
        } else {
            check_item(check, item);
        }
        before = item;
    }
}

void check_tree(const struct source *source, struct ast_block *body, struct diag_sink *diags)
{
    struct check check = {.scratch = arena_new(), .source = source, .diags = diags};
    check_attributes(&check, body);
    check_block(&check, body);
    arena_free(check.scratch);
}
