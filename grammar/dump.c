/* Trees and tokens as text: what `--dump` prints and golden files hold. */

#include "grammar/parse.h"

#include <string.h>
#include "core/arena.h"
#include "core/diag.h"
#include "grammar/filter.h"
#include "parser.h"

static void dump_expr(struct buf *out, const struct ast_expr *expr, int depth, const char *role);
static void dump_block(struct buf *out, const struct ast_block *block, int depth, const char *role);

const char *ast_op_text(enum ast_op op)
{
    static const char *const texts[] = {
        [AST_OP_OR] = "or",         [AST_OP_AND] = "and",     [AST_OP_NOT] = "not", [AST_OP_HOLDS] = "for",
        [AST_OP_OVER] = "over",     [AST_OP_EQ] = "==",       [AST_OP_NE] = "!=",   [AST_OP_LT] = "<",
        [AST_OP_LE] = "<=",         [AST_OP_GT] = ">",        [AST_OP_GE] = ">=",   [AST_OP_IN] = "in",
        [AST_OP_NOT_IN] = "not in", [AST_OP_COALESCE] = "??", [AST_OP_MERGE] = "&", [AST_OP_RANGE] = "..",
        [AST_OP_ADD] = "+",         [AST_OP_SUB] = "-",       [AST_OP_MUL] = "*",   [AST_OP_DIV] = "/",
        [AST_OP_MINUS] = "-",       [AST_OP_PIPE] = "|",
    };
    return texts[op];
}

static void add_quoted(struct buf *out, const char *text, size_t length)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            buf_add_char(out, '\\');
            buf_add_char(out, (char)c);
        } else if (c == '\n') {
            buf_add_str(out, "\\n");
        } else if (c < 0x20) {
            buf_printf(out, "\\x%02x", c);
        } else {
            buf_add_char(out, (char)c);
        }
    }
    buf_add_char(out, '"');
}

static void line(struct buf *out, int depth, const char *role)
{
    buf_add_repeat(out, ' ', (size_t)depth * 2);
    if (role[0] != '\0') {
        buf_printf(out, "%s: ", role);
    }
}

static void add_name(struct buf *out, struct ast_name name)
{
    buf_add_char(out, ' ');
    if (name.quoted) {
        add_quoted(out, name.text, strlen(name.text));
    } else {
        buf_add_str(out, name.text);
    }
}

static void dump_binders(struct buf *out, const struct ast_binder *binder, int depth)
{
    for (; binder != NULL; binder = binder->next) {
        line(out, depth, "binder");
        buf_add_str(out, binder->name.text);
        if (binder->second.text != NULL) {
            buf_printf(out, ", %s", binder->second.text);
        }
        buf_add_char(out, '\n');
        dump_expr(out, binder->source, depth + 1, "in");
    }
}

static void dump_element(struct buf *out, const struct ast_element *element, int depth)
{
    static const char *const kinds[] = {"value", "spread", "for", "if"};
    if (element->kind == AST_ELEMENT_VALUE || element->kind == AST_ELEMENT_SPREAD) {
        dump_expr(out, element->value, depth, element->kind == AST_ELEMENT_VALUE ? "" : "spread");
        return;
    }
    line(out, depth, "");
    buf_printf(out, "%s\n", kinds[element->kind]);
    dump_binders(out, element->binders, depth + 1);
    if (element->where != NULL) {
        dump_expr(out, element->where, depth + 1, "where");
    }
    if (element->value != NULL) {
        dump_expr(out, element->value, depth + 1, "condition");
    }
    dump_element(out, element->body, depth + 1);
}

static void dump_argument(struct buf *out, const struct ast_argument *argument, int depth)
{
    const char *role = argument->spread ? "spread" : argument->optional ? "optional" : "argument";
    if (argument->name.text != NULL) {
        line(out, depth, role);
        buf_printf(out, "%s\n", argument->name.text);
        dump_expr(out, argument->value, depth + 1, "");
    } else {
        dump_expr(out, argument->value, depth, role);
    }
    if (argument->default_value != NULL) {
        dump_expr(out, argument->default_value, depth + 1, "default");
    }
}

static void dump_string(struct buf *out, const struct ast_expr *expr, int depth)
{
    buf_add_str(out, expr->triple ? "string \"\"\"" : expr->raw ? "string '" : "string");
    if (expr->pieces == NULL) {
        buf_add_str(out, " \"\"\n");
    } else if (expr->pieces->next == NULL && expr->pieces->hole == NULL) {
        buf_add_char(out, ' ');
        add_quoted(out, expr->pieces->text, expr->pieces->length);
        buf_add_char(out, '\n');
    } else {
        buf_add_char(out, '\n');
        for (const struct ast_piece *piece = expr->pieces; piece != NULL; piece = piece->next) {
            if (piece->hole != NULL) {
                dump_expr(out, piece->hole, depth + 1, "hole");
                continue;
            }
            line(out, depth + 1, "text");
            add_quoted(out, piece->text, piece->length);
            buf_add_char(out, '\n');
        }
    }
}

static void dump_expr(struct buf *out, const struct ast_expr *expr, int depth, const char *role)
{
    static const char *const kinds[] = {
        [AST_NAME] = "name",         [AST_NUMBER] = "number",
        [AST_TRUE] = "true",         [AST_FALSE] = "false",
        [AST_NULL] = "null",         [AST_LIST] = "list",
        [AST_BLOCK] = "block",       [AST_CALL] = "call",
        [AST_INDEX] = "index",       [AST_FIELD] = "field",
        [AST_OPTIONAL] = "optional", [AST_UNARY] = "unary",
        [AST_BINARY] = "binary",     [AST_IF] = "if",
        [AST_FORALL] = "forall",     [AST_PAREN] = "paren",
        [AST_INVALID] = "invalid",   [AST_STRING] = "string",
    };
    line(out, depth, role);
    if (expr->kind == AST_STRING) {
        dump_string(out, expr, depth);
        return;
    }
    buf_add_str(out, expr->kind == AST_FORALL && expr->any ? "any" : kinds[expr->kind]);
    if (expr->kind == AST_BINARY || expr->kind == AST_UNARY) {
        buf_printf(out, " %s", ast_op_text(expr->op));
    } else if (expr->kind == AST_NUMBER) {
        buf_printf(out, " %s", expr->number);
    } else if (expr->name.text != NULL) {
        buf_add_str(out, expr->optional ? " ?." : "");
        add_name(out, expr->name);
    }
    buf_add_char(out, '\n');
    dump_binders(out, expr->binders, depth + 1);
    if (expr->where != NULL) {
        dump_expr(out, expr->where, depth + 1, "where");
    }
    if (expr->left != NULL) {
        dump_expr(out, expr->left, depth + 1, "");
    }
    if (expr->right != NULL) {
        dump_expr(out, expr->right, depth + 1, "");
    }
    if (expr->third != NULL) {
        dump_expr(out, expr->third, depth + 1, "");
    }
    for (const struct ast_argument *argument = expr->arguments; argument != NULL; argument = argument->next) {
        dump_argument(out, argument, depth + 1);
    }
    for (const struct ast_element *element = expr->elements; element != NULL; element = element->next) {
        dump_element(out, element, depth + 1);
    }
    if (expr->block != NULL) {
        dump_block(out, expr->block, depth + 1, "");
    }
}

static void dump_item(struct buf *out, const struct ast_item *item, int depth)
{
    static const char *const kinds[] = {
        [AST_ASSIGN] = "assign",       [AST_ENTRY] = "entry", [AST_SPREAD] = "spread",
        [AST_STATEMENT] = "statement", [AST_VALUE] = "value", [AST_FOR] = "for",
        [AST_IF_ITEM] = "if-item",     [AST_ELSE] = "else",   [AST_ERROR_ITEM] = "error",
    };
    if (item->doc != NULL) {
        line(out, depth, "doc");
        add_quoted(out, item->doc, strlen(item->doc));
        buf_add_char(out, '\n');
    }
    line(out, depth, "");
    buf_printf(out, "%s%s", kinds[item->kind], item->optional ? "?" : "");
    if (item->key.text != NULL) {
        add_name(out, item->key);
    }
    buf_add_char(out, '\n');
    if (item->key_expr != NULL) {
        dump_expr(out, item->key_expr, depth + 1, "key");
    }
    dump_binders(out, item->binders, depth + 1);
    if (item->where != NULL) {
        dump_expr(out, item->where, depth + 1, "where");
    }
    if (item->value != NULL) {
        dump_expr(out, item->value, depth + 1, "");
    }
    if (item->type != NULL) {
        dump_expr(out, item->type, depth + 1, "type");
    }
    if (item->default_value != NULL) {
        dump_expr(out, item->default_value, depth + 1, "default");
    }
    for (const struct ast_clause *clause = item->clauses; clause != NULL; clause = clause->next) {
        const char *role = clause->kind == AST_CLAUSE_ELSE ? "else" : "when";
        dump_expr(out, clause->values, depth + 1, role);
        for (const struct ast_argument *more = clause->more; more != NULL; more = more->next) {
            dump_expr(out, more->value, depth + 1, role);
        }
    }
    if (item->block != NULL) {
        dump_block(out, item->block, depth + 1, "block");
    }
    if (item->other != NULL) {
        dump_item(out, item->other, depth + 1);
    }
}

static void dump_block(struct buf *out, const struct ast_block *block, int depth, const char *role)
{
    if (role[0] != '\0') {
        line(out, depth, "");
        buf_printf(out, "%s\n", role);
    }
    for (const struct ast_item *item = block->items; item != NULL; item = item->next) {
        dump_item(out, item, depth + (role[0] != '\0'));
    }
}

void ast_dump(struct buf *out, const struct ast_file *file)
{
    dump_block(out, file->body, 0, "");
}

static const char *const token_names[] = {
#define TOKEN(name) [TOK_##name - TOK_NAME] = #name
    TOKEN(NAME),       TOKEN(NUM),      TOKEN(STRING),    TOKEN(STR_HEAD), TOKEN(STR_MID), TOKEN(STR_TAIL),
    TOKEN(TRUE),       TOKEN(FALSE),    TOKEN(NULL),      TOKEN(INVALID),  TOKEN(IF),      TOKEN(THEN),
    TOKEN(ELSE),       TOKEN(FOR),      TOKEN(FORALL),    TOKEN(ANY),      TOKEN(WHERE),   TOKEN(WHEN),
    TOKEN(ASSIGN),     TOKEN(COLON),    TOKEN(OPT_COLON), TOKEN(SPREAD),   TOKEN(COMMA),   TOKEN(BCOMMA),
    TOKEN(ELSE_COMMA), TOKEN(NEWLINE),  TOKEN(LBRACE),    TOKEN(RBRACE),   TOKEN(LPAREN),  TOKEN(RPAREN),
    TOKEN(LBRACKET),   TOKEN(RBRACKET), TOKEN(CALLP),     TOKEN(INDEX),    TOKEN(DOT),     TOKEN(OPT_DOT),
    TOKEN(QUESTION),   TOKEN(OR),       TOKEN(AND),       TOKEN(NOT),      TOKEN(OVER),    TOKEN(EQ),
    TOKEN(NE),         TOKEN(LT),       TOKEN(LE),        TOKEN(GT),       TOKEN(GE),      TOKEN(IN),
    TOKEN(NOT_IN),     TOKEN(COALESCE), TOKEN(PIPE),      TOKEN(MERGE),    TOKEN(RANGE),   TOKEN(PLUS),
    TOKEN(MINUS),      TOKEN(STAR),     TOKEN(SLASH),     TOKEN(UMINUS),
#undef TOKEN
};

void parse_dump_tokens(struct buf *out, const struct source *source)
{
    enum { NESTING = 200 };
    struct arena *arena = arena_new();
    struct comments comments = {.arena = arena, .source = source};
    struct filter *filter = filter_new(arena, source, NESTING, &comments, diag_sink_new(arena, 0));
    struct span span;
    int kind;
    while ((kind = filter_next(filter, &span)) != TOK_END) {
        struct position position = source_position(source, span.start);
        buf_printf(out, "%u:%u %s", position.line, position.column, token_names[kind - TOK_NAME]);
        if (span.end > span.start) {
            buf_add_char(out, ' ');
            add_quoted(out, source->text + span.start, span.end - span.start);
        }
        buf_add_char(out, '\n');
    }
    filter_free(filter);
    arena_free(arena);
}
