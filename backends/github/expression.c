/* Expressions of GitHub Actions: precedence, quoting, and where they stand in a document. */

#include <math.h>
#include <string.h>
#include "backends/github/github.h"
#include "backends/report.h"
#include "core/documents/json.h"
#include "core/text.h"

enum { EXPRESSION_LIMIT = 21000, EXPRESSION_DEPTH = 200 };

/* How tightly operators bind, loosest first. */
enum strength { BINDS_OR = 1, BINDS_AND, BINDS_EQUAL, BINDS_COMPARE, BINDS_NOT, BINDS_POSTFIX };

struct operator_row {
    const char *name;
    const char *printed;
    enum strength strength;
};

static const struct operator_row *operator_of(const char *name)
{
    static const struct operator_row rows[] = {
        {"or", "||", BINDS_OR},      {"??", "||", BINDS_OR},    {"and", "&&", BINDS_AND},
        {"==", "==", BINDS_EQUAL},   {"!=", "!=", BINDS_EQUAL}, {"<", "<", BINDS_COMPARE},
        {"<=", "<=", BINDS_COMPARE}, {">", ">", BINDS_COMPARE}, {">=", ">=", BINDS_COMPARE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, name))
            return &rows[i];
    return NULL;
}

struct printer {
    struct compilation *compilation;
    struct buf *out;
    int depth;
};

static bool print(struct printer *printer, const struct expr *expr, enum strength least);

static bool refuse(struct printer *printer, const struct expr *expr, const char *what)
{
    struct diag *diag = report_at(printer->compilation, DIAG_BUILD_EXPRESSION, expr->origin,
                                  "GitHub cannot evaluate %s in an expression", what);
    diag_help(diag, "compute it in a step and read its output");
    return false;
}

/* Strings take single quotes, doubled inside; there is no backslash. */
static void print_string(struct buf *out, const char *text, size_t length)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'')
            buf_add_char(out, '\'');
        buf_add_char(out, text[i]);
    }
    buf_add_char(out, '\'');
}

static bool print_literal(struct printer *printer, const struct expr *expr)
{
    const struct value *value = expr->value;
    char digits[32];
    switch ((enum value_kind)value->kind) {
    case VALUE_NULL:
        buf_add_str(printer->out, "null");
        return true;
    case VALUE_BOOL:
        buf_add_str(printer->out, value->boolean ? "true" : "false");
        return true;
    case VALUE_INT:
        buf_printf(printer->out, "%lld", (long long)value->integer);
        return true;
    case VALUE_FLOAT:
        if (!isfinite(value->number))
            return refuse(printer, expr, "a number that is none");
        buf_add(printer->out, digits, text_from_double(value->number, digits));
        return true;
    case VALUE_STRING:
    case VALUE_WORD:
        print_string(printer->out, value->text, value->length);
        return true;
    default:
        return refuse(printer, expr, value_kind_name(value));
    }
}

static bool is_property(const char *name)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";
    return *name && strchr(first, *name) && strspn(name, rest) == strlen(name);
}

static void print_property(struct printer *printer, const char *name)
{
    if (is_property(name)) {
        buf_printf(printer->out, ".%s", name);
        return;
    }
    buf_add_char(printer->out, '[');
    print_string(printer->out, name, strlen(name));
    buf_add_char(printer->out, ']');
}

static bool print_index(struct printer *printer, const struct expr *expr)
{
    if (!print(printer, expr->args[0], BINDS_POSTFIX))
        return false;
    const struct expr *key = expr->args[1];
    const char *name = key->kind == EXPR_LITERAL ? value_string_or(key->value, NULL) : NULL;
    if (name) {
        print_property(printer, name);
        return true;
    }
    buf_add_char(printer->out, '[');
    bool sound = print(printer, key, BINDS_OR);
    buf_add_char(printer->out, ']');
    return sound;
}

static bool print_call(struct printer *printer, const struct expr *expr)
{
    if (!strcmp(expr->name, "as") && expr->arg_count == 2)
        return print(printer, expr->args[0], BINDS_OR);
    buf_printf(printer->out, "%s(", expr->name);
    bool sound = true;
    for (size_t i = 0; i < expr->arg_count && sound; i++) {
        if (i)
            buf_add_str(printer->out, ", ");
        sound = print(printer, expr->args[i], BINDS_OR);
    }
    buf_add_char(printer->out, ')');
    return sound;
}

/* `x in ["a", "b"]` asks a JSON list. */
static bool print_member(struct printer *printer, const struct expr *expr)
{
    const struct expr *list = expr->args[1];
    if (list->kind != EXPR_LITERAL || list->value->kind != VALUE_LIST)
        return refuse(printer, expr, "`in` without a list");
    struct buf json = {0};
    bool sound = json_write(&json, list->value, (struct json_style){JSON_COMPACT, false}, NULL);
    if (sound) {
        buf_printf(printer->out, "%scontains(fromJSON(", !strcmp(expr->name, "in") ? "" : "!");
        print_string(printer->out, buf_str(&json), json.length);
        buf_add_str(printer->out, "), ");
        sound = print(printer, expr->args[0], BINDS_OR);
        buf_add_char(printer->out, ')');
    }
    buf_free(&json);
    return sound || refuse(printer, expr, "this list");
}

static bool print_binary(struct printer *printer, const struct expr *expr, enum strength least)
{
    if (!strcmp(expr->name, "in") || !strcmp(expr->name, "not in"))
        return print_member(printer, expr);
    const struct operator_row *row = operator_of(expr->name);
    if (!row)
        return refuse(printer, expr, arena_printf(printer->compilation->arena, "`%s`", expr->name));
    bool wrapped = row->strength < least;
    /* Comparisons do not chain: an operand that is one stands in parentheses. */
    enum strength side = row->strength >= BINDS_EQUAL ? row->strength + 1 : row->strength;
    if (wrapped)
        buf_add_char(printer->out, '(');
    bool sound = print(printer, expr->args[0], side);
    buf_printf(printer->out, " %s ", row->printed);
    sound = sound && print(printer, expr->args[1], side);
    if (wrapped)
        buf_add_char(printer->out, ')');
    return sound;
}

static bool print_unary(struct printer *printer, const struct expr *expr)
{
    if (strcmp(expr->name, "not"))
        return refuse(printer, expr, "a minus");
    buf_add_char(printer->out, '!');
    return print(printer, expr->args[0], BINDS_NOT);
}

static bool print_kind(struct printer *printer, const struct expr *expr, enum strength least)
{
    switch (expr->kind) {
    case EXPR_LITERAL:
        return print_literal(printer, expr);
    case EXPR_NAME:
        buf_add_str(printer->out, expr->name);
        return true;
    case EXPR_FIELD:
        if (!print(printer, expr->args[0], BINDS_POSTFIX))
            return false;
        print_property(printer, expr->name);
        return true;
    case EXPR_INDEX:
        return print_index(printer, expr);
    case EXPR_CALL:
        return print_call(printer, expr);
    case EXPR_UNARY:
        return print_unary(printer, expr);
    case EXPR_BINARY:
        return print_binary(printer, expr, least);
    default:
        return refuse(printer, expr, "this form");
    }
}

static bool print(struct printer *printer, const struct expr *expr, enum strength least)
{
    if (printer->depth >= EXPRESSION_DEPTH)
        return refuse(printer, expr, "so deep a nesting");
    printer->depth++;
    bool sound = print_kind(printer, expr, least);
    printer->depth--;
    return sound;
}

bool github_print_expression(struct compilation *compilation, struct buf *out, const struct expr *expr)
{
    struct printer printer = {compilation, out, 0};
    return print(&printer, expr, BINDS_OR);
}

/* Text of a document. GitHub reads `${{` wherever it stands, so a literal one is given by an expression. */
static void add_text(struct buf *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (length - i >= 3 && !memcmp(text + i, "${{", 3)) {
            buf_add_str(out, "${{ '${{' }}");
            i += 2;
        } else {
            buf_add_char(out, text[i]);
        }
    }
}

static bool add_hole(struct compilation *compilation, struct buf *out, const struct value *hole)
{
    if (strcmp(hole->expr->dialect, "github")) {
        struct buf text = {0};
        expr_print(&text, hole->expr);
        report_at(compilation, DIAG_BUILD_DIALECT, hole->origin,
                  "`%s` means nothing to GitHub: it belongs to %s", buf_str(&text), hole->expr->dialect);
        buf_free(&text);
        return false;
    }
    buf_add_str(out, "${{ ");
    bool sound = github_print_expression(compilation, out, hole->expr);
    buf_add_str(out, " }}");
    return sound;
}

static const struct value *text_of(struct compilation *compilation, const struct value *value,
                                   struct buf *text)
{
    if (text->length > EXPRESSION_LIMIT && strstr(buf_str(text), "${{")) {
        report_at(compilation, DIAG_BUILD_SIZE, value->origin,
                  "a text with expressions has %zu characters, and GitHub takes %d", text->length,
                  EXPRESSION_LIMIT);
        buf_free(text);
        return NULL;
    }
    const struct value *result =
        value_string_n(compilation->arena, buf_str(text), text->length, value->origin);
    buf_free(text);
    return value->marks ? value_with_marks(compilation->arena, result, value->marks) : result;
}

static const struct value *finish_text(struct compilation *compilation, const struct value *value)
{
    struct buf text = {0};
    bool sound = true;
    for (size_t i = 0; i < value->count && sound; i++) {
        const struct value *piece = value->items[i];
        if (piece->kind == VALUE_EXPRESSION)
            sound = add_hole(compilation, &text, piece);
        else
            add_text(&text, piece->text, piece->length);
    }
    if (sound)
        return text_of(compilation, value, &text);
    buf_free(&text);
    return NULL;
}

/* The value of `if`: an expression already, so without ${{ }}. */
static const struct value *finish_condition(struct compilation *compilation, const struct value *value)
{
    if (value->kind != VALUE_EXPRESSION || strcmp(value->expr->dialect, "github"))
        return value;
    struct buf text = {0};
    if (github_print_expression(compilation, &text, value->expr))
        return text_of(compilation, value, &text);
    buf_free(&text);
    return NULL;
}

static const struct value *finish_record(struct compilation *compilation, const struct value *value)
{
    struct record_builder record = record_begin(compilation->arena);
    for (size_t i = 0; i < value->field_count; i++) {
        const struct field *field = &value->fields[i];
        const struct value *done = strcmp(field->key, "if") ? github_finish(compilation, field->value)
                                                            : finish_condition(compilation, field->value);
        if (!done)
            return NULL;
        record_set_at(&record, field->key, field->key_origin, done);
    }
    const struct value *result = record_end(&record, value->origin);
    return value->marks ? value_with_marks(compilation->arena, result, value->marks) : result;
}

static const struct value *finish_list(struct compilation *compilation, const struct value *value)
{
    struct list_builder list = list_begin(compilation->arena);
    for (size_t i = 0; i < value->count; i++) {
        const struct value *done = github_finish(compilation, value->items[i]);
        if (!done)
            return NULL;
        list_add(&list, done);
    }
    const struct value *result = list_end(&list, value->origin);
    return value->marks ? value_with_marks(compilation->arena, result, value->marks) : result;
}

const struct value *github_finish(struct compilation *compilation, const struct value *document)
{
    struct buf text = {0};
    switch ((enum value_kind)document->kind) {
    case VALUE_RECORD:
        return finish_record(compilation, document);
    case VALUE_LIST:
        return finish_list(compilation, document);
    case VALUE_TEXT:
        return finish_text(compilation, document);
    case VALUE_EXPRESSION:
        if (add_hole(compilation, &text, document))
            return text_of(compilation, document, &text);
        buf_free(&text);
        return NULL;
    case VALUE_STRING:
        if (!memmem(document->text, document->length, "${{", 3))
            return document;
        add_text(&text, document->text, document->length);
        return text_of(compilation, document, &text);
    default:
        return document;
    }
}
