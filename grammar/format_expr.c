/* Canonical text of expressions. */

#include "grammar/format_parts.h"

/* Prints `text` on the line, or on a new one where the author broke the line before it. */
static void joint(struct format *format, uint32_t from, uint32_t to, const char *text, bool spaced)
{
    if (format_breaks(format, from, to)) {
        format_newline(format, FORMAT_INDENT);
    } else if (spaced) {
        format_add(format, " ");
    }
    format_add(format, text);
}

void format_binders(struct format *format, const struct ast_binder *binders, const struct ast_expr *where)
{
    for (const struct ast_binder *binder = binders; binder != NULL; binder = binder->next) {
        format_add(format, binder == binders ? "" : ", ");
        format_verbatim(format, binder->name.span);
        if (binder->second.text != NULL) {
            format_add(format, ", ");
            format_verbatim(format, binder->second.span);
        }
        format_add(format, " in ");
        format_expr(format, binder->source);
    }
    if (where != NULL) {
        format_add(format, " where ");
        format_expr(format, where);
    }
}

static void format_argument(struct format *format, const struct ast_argument *argument)
{
    if (argument->spread) {
        format_add(format, "...");
    }
    if (argument->name.text != NULL) {
        format_verbatim(format, argument->name.span);
        format_add(format, argument->optional ? "?: " : ": ");
    }
    format_expr(format, argument->value);
    if (argument->default_value != NULL) {
        format_add(format, " = ");
        format_expr(format, argument->default_value);
    }
}

static void format_element(struct format *format, const struct ast_element *element)
{
    for (; element->kind == AST_ELEMENT_FOR || element->kind == AST_ELEMENT_IF; element = element->body) {
        if (element->kind == AST_ELEMENT_FOR) {
            format_add(format, "for ");
            format_binders(format, element->binders, element->where);
        } else {
            format_add(format, "if ");
            format_expr(format, element->value);
        }
        joint(format, element->body->span.start, element->body->span.start, ": ", false);
    }
    format_add(format, element->kind == AST_ELEMENT_SPREAD ? "..." : "");
    format_expr(format, element->value);
}

/* The parts of a call or a list, as one sequence. */
struct parts {
    const struct ast_argument *argument;
    const struct ast_element *element;
};

static bool more_parts(struct parts parts)
{
    return parts.argument != NULL || parts.element != NULL;
}

static struct span part_span(struct parts parts)
{
    return parts.argument != NULL ? parts.argument->span : parts.element->span;
}

static void format_part(struct format *format, struct parts *parts)
{
    if (parts->argument != NULL) {
        format_argument(format, parts->argument);
        parts->argument = parts->argument->next;
    } else {
        format_element(format, parts->element);
        parts->element = parts->element->next;
    }
}

static void parts_inline(struct format *format, struct parts parts)
{
    for (bool first = true; more_parts(parts); first = false) {
        format_add(format, first ? "" : ", ");
        format_part(format, &parts);
    }
}

/* One part a line, each with a comma. */
static void parts_in_rows(struct format *format, struct parts parts, uint32_t end)
{
    format->indent += FORMAT_INDENT;
    while (more_parts(parts)) {
        struct span span = part_span(parts);
        format_newline(format, 0);
        format_comments(format, span.start);
        format_part(format, &parts);
        format_add(format, ",");
        format_trailing(format, span.end, "  ");
    }
    if (format_has_comment(format, end)) {
        format_newline(format, 0);
        format_comments(format, end);
        format->out->length = format->line_start; /* the comments ended with a new line of their own */
        format->indent -= FORMAT_INDENT;
        buf_add_repeat(format->out, ' ', format->indent);
        return;
    }
    format->indent -= FORMAT_INDENT;
    format_newline(format, 0);
}

/* True if the last part is a record or a list, which can break its own lines. */
static bool last_can_break(struct parts parts)
{
    const struct ast_expr *last = NULL;
    for (; parts.argument != NULL; parts.argument = parts.argument->next) {
        last = parts.argument->value;
    }
    for (; parts.element != NULL; parts.element = parts.element->next) {
        last = parts.element->kind == AST_ELEMENT_VALUE ? parts.element->value : NULL;
    }
    return last != NULL && (last->kind == AST_BLOCK || last->kind == AST_LIST);
}

/* A comment inside that no record or list of a single last part can take. */
static bool comment_before_last(const struct format *format, struct parts parts)
{
    while (more_parts(parts)) {
        struct parts next = parts;
        if (next.argument != NULL) {
            next.argument = next.argument->next;
        } else {
            next.element = next.element->next;
        }
        uint32_t limit = part_span(parts).start;
        if (format_has_comment(format, limit)) {
            return true;
        }
        parts = next;
    }
    return false;
}

static void format_parts(struct format *format, const char *open, struct parts parts, const char *close,
                         uint32_t start, uint32_t end)
{
    format_add(format, open);
    if (!more_parts(parts) && !format_has_comment(format, end)) {
        format_add(format, close);
        return;
    }
    bool broken = !more_parts(parts) || format_breaks(format, start, part_span(parts).start) ||
                  comment_before_last(format, parts);
    enum format_failure failure = FORMAT_TOO_WIDE;
    if (!broken) {
        struct format_try try = format_begin(format);
        parts_inline(format, parts);
        format_add(format, close);
        failure = format_end(format, try);
        if (failure == FORMAT_FITS || try.flat) {
            return;
        }
    } else if (format->flat) {
        format->failure = FORMAT_MUST_BREAK;
        return;
    }
    if (!broken && (failure == FORMAT_MUST_BREAK || last_can_break(parts))) {
        parts_inline(format, parts);
    } else {
        parts_in_rows(format, parts, end - 1);
    }
    format_add(format, close);
}

static void format_postfix(struct format *format, const struct ast_expr *expr)
{
    format_expr(format, expr->left);
    switch (expr->kind) {
    case AST_FIELD:
        joint(format, expr->left->span.end, expr->op_span.start, expr->optional ? "?." : ".", false);
        format_verbatim(format, expr->name.span);
        return;
    case AST_CALL:
        format_parts(format, "(", (struct parts){.argument = expr->arguments}, ")", expr->op_span.end,
                     expr->span.end);
        return;
    case AST_INDEX:
        format_add(format, "[");
        format_expr(format, expr->right);
        format_add(format, "]");
        return;
    default:
        format_add(format, "?");
    }
}

static void format_if(struct format *format, const struct ast_expr *expr)
{
    format_add(format, "if ");
    format_expr(format, expr->left);
    joint(format, expr->left->span.end, expr->right->span.start, "then ", true);
    format_expr(format, expr->right);
    joint(format, expr->right->span.end, expr->third->span.start, "else ", true);
    format_expr(format, expr->third);
}

static void format_binary(struct format *format, const struct ast_expr *expr)
{
    format_expr(format, expr->left);
    bool tight = expr->op == AST_OP_RANGE;
    joint(format, expr->left->span.end, expr->op_span.start, ast_op_text(expr->op), !tight);
    format_add(format, tight ? "" : " ");
    format_expr(format, expr->right);
}

static void format_paren(struct format *format, const struct ast_expr *expr)
{
    bool broken = format_breaks(format, expr->op_span.end, expr->left->span.start);
    format_add(format, "(");
    if (broken) {
        format->indent += FORMAT_INDENT;
        format_newline(format, 0);
        format_expr(format, expr->left);
        format->indent -= FORMAT_INDENT;
        format_newline(format, 0);
    } else {
        format_expr(format, expr->left);
    }
    format_add(format, ")");
}

void format_expr(struct format *format, const struct ast_expr *expr)
{
    if (format->flat && format->failure != FORMAT_FITS) {
        return; /* the try is lost: no need to go on */
    }
    switch (expr->kind) {
    case AST_LIST:
        format_parts(format, "[", (struct parts){.element = expr->elements}, "]", expr->op_span.end,
                     expr->span.end);
        break;
    case AST_BLOCK:
        format_block(format, expr->block);
        break;
    case AST_CALL:
    case AST_INDEX:
    case AST_FIELD:
    case AST_OPTIONAL:
        format_postfix(format, expr);
        break;
    case AST_UNARY:
        format_add(format, expr->op == AST_OP_NOT ? "not " : "-");
        format_expr(format, expr->left);
        break;
    case AST_BINARY:
        format_binary(format, expr);
        break;
    case AST_IF:
        format_if(format, expr);
        break;
    case AST_FORALL:
        format_add(format, expr->any ? "any " : "forall ");
        format_binders(format, expr->binders, expr->where);
        format_add(format, ": ");
        format_expr(format, expr->left);
        break;
    case AST_PAREN:
        format_paren(format, expr);
        break;
    default:
        format_verbatim(format, expr->span);
        break;
    }
    if (expr == format->mark) {
        format->marked = format->out->length;
    }
}
