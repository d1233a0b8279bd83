#include "runtime/data/condition.h"

#include <ctype.h>
#include <string.h>

#include "core/text.h"

enum { PARSE_DEPTH_LIMIT = 100, PARSE_LENGTH_LIMIT = 65536 };

struct parser {
    struct arena *arena;
    const char *text;
    size_t length, at;
    unsigned depth;
    const char *why;
};

static const char *const DIALECT = "predicate";

static const struct expr *parse_or(struct parser *p);
static const struct expr *parse_list(struct parser *p, const char *close);

static const struct expr *fail(struct parser *p, const char *what)
{
    if (!p->why)
        p->why = arena_printf(p->arena, "row condition, column %zu: %s", p->at + 1, what);
    return NULL;
}

static void skip_blanks(struct parser *p)
{
    while (p->at < p->length && isspace((unsigned char)p->text[p->at]))
        p->at++;
}

static bool take(struct parser *p, const char *token)
{
    skip_blanks(p);
    size_t length = strlen(token);
    if (p->length - p->at < length || memcmp(p->text + p->at, token, length) != 0)
        return false;
    bool word = isalpha((unsigned char)token[0]);
    if (word && p->at + length < p->length) {
        unsigned char next = (unsigned char)p->text[p->at + length];
        if (isalnum(next) || next == '_')
            return false;
    }
    p->at += length;
    return true;
}

static const struct expr *binary(struct parser *p, const char *name, const struct expr *left,
                                 const struct expr *right)
{
    if (!left || !right)
        return NULL;
    const struct expr *args[] = {left, right};
    return expr_make(p->arena, EXPR_BINARY, DIALECT, name, args, NULL, 2, 0);
}

static const struct expr *unary(struct parser *p, const char *name, const struct expr *operand)
{
    if (!operand)
        return NULL;
    return expr_make(p->arena, EXPR_UNARY, DIALECT, name, &operand, NULL, 1, 0);
}

static const struct expr *literal(struct parser *p, const struct value *value)
{
    return expr_literal(p->arena, DIALECT, value);
}

static const struct expr *parse_string(struct parser *p)
{
    char quote = p->text[p->at++];
    struct buf out = {0};
    while (p->at < p->length && p->text[p->at] != quote) {
        char c = p->text[p->at++];
        if (c == '\\' && p->at < p->length) {
            c = p->text[p->at++];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
        }
        buf_add_char(&out, c);
    }
    if (p->at >= p->length) {
        buf_free(&out);
        return fail(p, "the text has no closing quote");
    }
    p->at++;
    const struct value *value = value_string_n(p->arena, buf_str(&out), out.length, 0);
    buf_free(&out);
    return literal(p, value);
}

static const struct expr *parse_number(struct parser *p)
{
    size_t start = p->at;
    while (p->at < p->length) {
        char c = p->text[p->at];
        bool sign = (c == '+' || c == '-') && p->at > start &&
                    (p->text[p->at - 1] == 'e' || p->text[p->at - 1] == 'E');
        if (!isdigit((unsigned char)c) && c != '.' && c != 'e' && c != 'E' && !sign)
            break;
        p->at++;
    }
    int64_t integer;
    double number;
    char digits[64];
    size_t length = p->at - start;
    if (length >= sizeof digits - 1)
        return fail(p, "the number is too long");
    memcpy(digits, p->text + start, length);
    if (length && digits[length - 1] == '.') /* `1.` is a number in Python */
        digits[length++] = '0';
    if (text_to_int(digits, length, &integer))
        return literal(p, value_int(p->arena, integer, 0));
    char padded[66] = "0";
    memcpy(padded + 1, digits, length);
    bool bare = digits[0] == '.';
    if (text_to_double(bare ? padded : digits, length + bare, &number))
        return literal(p, value_float(p->arena, number, 0));
    return fail(p, "this is no number");
}

static const char *parse_name(struct parser *p)
{
    size_t start = p->at;
    if (p->at < p->length && p->text[p->at] == '`') {
        const char *end = memchr(p->text + start + 1, '`', p->length - start - 1);
        if (!end)
            return fail(p, "the name has no closing `"), NULL;
        p->at = (size_t)(end - p->text) + 1;
        return arena_copy(p->arena, p->text + start + 1, p->at - start - 2);
    }
    while (p->at < p->length) {
        unsigned char c = (unsigned char)p->text[p->at];
        if (!isalnum(c) && c != '_' && c < 0x80)
            break;
        p->at++;
    }
    if (p->at == start)
        return fail(p, "a column, a number or a text is expected"), NULL;
    return arena_copy(p->arena, p->text + start, p->at - start);
}

static const struct expr *null_test(struct parser *p, const struct expr *operand, bool is_null)
{
    return binary(p, is_null ? "==" : "!=", operand, literal(p, value_null(p->arena, 0)));
}

/* `([1, 2])` behind `.isin`. */
static const struct expr *parse_isin(struct parser *p, const struct expr *operand)
{
    if (!take(p, "(") || !take(p, "["))
        return fail(p, "([ is expected");
    const struct expr *list = parse_list(p, "]");
    if (list && !take(p, ")"))
        return fail(p, ") is expected");
    return binary(p, "in", operand, list);
}

/* `.isnull()`, `.notNull()`, `.isin([…])` behind a column. */
static const struct expr *parse_methods(struct parser *p, const struct expr *operand)
{
    while (operand && take(p, ".")) {
        static const struct {
            const char *name;
            bool is_null;
        } METHODS[] = {{"isnull", true}, {"isna", true},     {"isNull", true},       {"notnull", false},
                       {"notna", false}, {"notNull", false}, {"is_not_null", false}, {"is_null", true}};
        if (take(p, "isin")) {
            operand = parse_isin(p, operand);
            continue;
        }
        size_t i = 0;
        while (i < sizeof METHODS / sizeof *METHODS && !take(p, METHODS[i].name))
            i++;
        if (i == sizeof METHODS / sizeof *METHODS)
            return fail(p, "only isnull(), notnull() and isin([…]) may follow a column");
        if (!take(p, "(") || !take(p, ")"))
            return fail(p, "() is expected");
        operand = null_test(p, operand, METHODS[i].is_null);
    }
    return operand;
}

static const struct expr *parse_column_call(struct parser *p)
{
    if (!take(p, "("))
        return fail(p, "( is expected");
    skip_blanks(p);
    if (p->at >= p->length || (p->text[p->at] != '"' && p->text[p->at] != '\''))
        return fail(p, "a column's name in quotes is expected");
    const struct expr *name = parse_string(p);
    if (!name)
        return NULL;
    if (!take(p, ")"))
        return fail(p, ") is expected");
    return parse_methods(p, expr_name(p->arena, DIALECT, name->value->text, 0));
}

static const struct expr *parse_list(struct parser *p, const char *close)
{
    struct list_builder items = list_begin(p->arena);
    while (!take(p, close)) {
        const struct expr *item = parse_or(p);
        if (!item)
            return NULL;
        if (item->kind != EXPR_LITERAL)
            return fail(p, "a list holds numbers and texts only");
        list_add(&items, item->value);
        if (!take(p, ",")) {
            if (take(p, close))
                break;
            return fail(p, ", or the list's end is expected");
        }
    }
    return literal(p, list_end(&items, 0));
}

static const struct expr *parse_primary(struct parser *p)
{
    skip_blanks(p);
    if (p->at >= p->length)
        return fail(p, "the condition ends too early");
    char c = p->text[p->at];
    if (c == '"' || c == '\'')
        return parse_string(p);
    if (isdigit((unsigned char)c) ||
        (c == '.' && p->at + 1 < p->length && isdigit((unsigned char)p->text[p->at + 1])))
        return parse_number(p);
    if (take(p, "(")) {
        const struct expr *inner = parse_or(p);
        if (inner && !take(p, ")"))
            return fail(p, ") is expected");
        return parse_methods(p, inner);
    }
    if (take(p, "["))
        return parse_list(p, "]");
    if (take(p, "True"))
        return literal(p, value_bool(p->arena, true, 0));
    if (take(p, "False"))
        return literal(p, value_bool(p->arena, false, 0));
    if (take(p, "None") || take(p, "null"))
        return literal(p, value_null(p->arena, 0));
    size_t start = p->at;
    if (take(p, "col") && (skip_blanks(p), p->at < p->length && p->text[p->at] == '('))
        return parse_column_call(p);
    p->at = start;
    const char *name = parse_name(p);
    return name ? parse_methods(p, expr_name(p->arena, DIALECT, name, 0)) : NULL;
}

static const struct expr *parse_unary(struct parser *p)
{
    if (++p->depth > PARSE_DEPTH_LIMIT)
        return fail(p, "the condition is nested too deeply");
    const struct expr *result;
    if (take(p, "-")) {
        result = parse_unary(p);
        if (result && result->kind == EXPR_LITERAL && result->value->kind == VALUE_INT &&
            result->value->integer != INT64_MIN)
            result = literal(p, value_int(p->arena, -result->value->integer, 0));
        else if (result && result->kind == EXPR_LITERAL && result->value->kind == VALUE_FLOAT)
            result = literal(p, value_float(p->arena, -result->value->number, 0));
        else
            result = unary(p, "-", result);
    } else if (take(p, "~")) {
        result = unary(p, "not", parse_unary(p));
    } else {
        result = parse_primary(p);
        if (result && take(p, "**"))
            result = binary(p, "**", result, parse_unary(p));
    }
    p->depth--;
    return result;
}

static const struct expr *parse_product(struct parser *p)
{
    const struct expr *left = parse_unary(p);
    for (;;) {
        static const char *const OPERATORS[] = {"*", "//", "/", "%"};
        size_t i = 0;
        while (i < 4 && !(left && take(p, OPERATORS[i])))
            i++;
        if (i == 4)
            return left;
        left = binary(p, OPERATORS[i], left, parse_unary(p));
    }
}

static const struct expr *parse_sum(struct parser *p)
{
    const struct expr *left = parse_product(p);
    for (;;) {
        if (left && take(p, "+"))
            left = binary(p, "+", left, parse_product(p));
        else if (left && take(p, "-"))
            left = binary(p, "-", left, parse_product(p));
        else
            return left;
    }
}

static const char *comparison(struct parser *p)
{
    static const char *const OPERATORS[] = {"==", "!=", "<=", ">=", "<", ">"};
    for (size_t i = 0; i < sizeof OPERATORS / sizeof *OPERATORS; i++)
        if (take(p, OPERATORS[i]))
            return OPERATORS[i];
    size_t start = p->at;
    if (take(p, "not")) {
        if (take(p, "in"))
            return "not in";
        p->at = start;
        return NULL;
    }
    return take(p, "in") ? "in" : NULL;
}

/* a < b < c means a < b and b < c, as in Python. */
static const struct expr *parse_comparison(struct parser *p)
{
    const struct expr *left = parse_sum(p), *all = NULL;
    const char *name;
    while (left && (name = comparison(p))) {
        const struct expr *right = parse_sum(p), *one = binary(p, name, left, right);
        all = all ? binary(p, "and", all, one) : one;
        if (!all)
            return NULL;
        left = right;
    }
    return all ? all : left;
}

static const struct expr *parse_not(struct parser *p)
{
    if (++p->depth > PARSE_DEPTH_LIMIT)
        return fail(p, "the condition is nested too deeply");
    const struct expr *result = take(p, "not") ? unary(p, "not", parse_not(p)) : parse_comparison(p);
    p->depth--;
    return result;
}

/* `&` and `|` bind as `and` and `or` do: pandas rewrites them so. */
static const struct expr *parse_and(struct parser *p)
{
    const struct expr *left = parse_not(p);
    while (left && (take(p, "and") || take(p, "&")))
        left = binary(p, "and", left, parse_not(p));
    return left;
}

static const struct expr *parse_or(struct parser *p)
{
    if (++p->depth > PARSE_DEPTH_LIMIT)
        return fail(p, "the condition is nested too deeply");
    const struct expr *left = parse_and(p);
    while (left && (take(p, "or") || take(p, "|")))
        left = binary(p, "or", left, parse_and(p));
    p->depth--;
    return left;
}

const struct expr *condition_parse(struct arena *arena, const char *text, size_t length, const char **why)
{
    struct parser p = {.arena = arena, .text = text, .length = length};
    if (length > PARSE_LENGTH_LIMIT) {
        *why = "the row condition is longer than 64 KiB";
        return NULL;
    }
    const struct expr *expr = parse_or(&p);
    skip_blanks(&p);
    if (expr && p.at < length)
        expr = fail(&p, "an operator is expected");
    *why = p.why;
    return expr;
}

/* --- records --- */

static const struct expr *record_condition(struct parser *p, const struct value *value);

static const struct expr *record_column(struct parser *p, const struct value *value)
{
    const char *name = value_string_or(value_get(value, "name"), NULL);
    return name ? expr_name(p->arena, DIALECT, name, 0)
                : fail(p, "a condition's `column` must have a `name`");
}

static const struct expr *record_comparison(struct parser *p, const struct value *value)
{
    const struct expr *column = record_column(p, value_get(value, "column"));
    const char *name = value_string_or(value_get(value, "operator"), "");
    const struct value *parameter = value_get(value, "parameter");
    if (!column || !parameter)
        return fail(p, "a comparison must have `column`, `operator` and `parameter`");
    if (strcmp(name, "IN") == 0 || strcmp(name, "NOT_IN") == 0)
        name = name[0] == 'I' ? "in" : "not in";
    static const char *const KNOWN[] = {"==", "!=", "<", "<=", ">", ">=", "in", "not in"};
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (strcmp(name, KNOWN[i]) == 0)
            return binary(p, KNOWN[i], column, literal(p, parameter));
    return fail(p, "a comparison's `operator` is unknown");
}

static const struct expr *record_list(struct parser *p, const struct value *value, const char *name)
{
    const struct value *parts = value_get(value, "conditions");
    if (!parts || parts->kind != VALUE_LIST || parts->count == 0)
        return fail(p, "`and` and `or` need a list `conditions`");
    const struct expr *all = record_condition(p, parts->items[0]);
    for (size_t i = 1; i < parts->count && all; i++)
        all = binary(p, name, all, record_condition(p, parts->items[i]));
    return all;
}

/* The record that Great Expectations 1.24 makes of a condition given as text. */
static const struct expr *record_text(struct parser *p, const struct value *value)
{
    const struct value *text = value_get(value, "pass_through_filter");
    const char *why = NULL;
    if (!text || text->kind != VALUE_STRING)
        return fail(p, "`pass_through` needs a text `pass_through_filter`");
    const struct expr *result = condition_parse(p->arena, text->text, text->length, &why);
    p->why = p->why ? p->why : why;
    return result;
}

static const struct expr *record_condition(struct parser *p, const struct value *value)
{
    if (++p->depth > PARSE_DEPTH_LIMIT)
        return fail(p, "the condition is nested too deeply");
    const struct expr *result;
    const char *type = value->kind == VALUE_RECORD ? value_string_or(value_get(value, "type"), "") : "";
    if (strcmp(type, "comparison") == 0) {
        result = record_comparison(p, value);
    } else if (strcmp(type, "nullity") == 0) {
        const struct value *is_null = value_get(value, "is_null");
        const struct expr *column = record_column(p, value_get(value, "column"));
        result =
            column ? null_test(p, column, is_null && is_null->kind == VALUE_BOOL && is_null->boolean) : NULL;
    } else if (strcmp(type, "and") == 0 || strcmp(type, "or") == 0) {
        result = record_list(p, value, type[0] == 'a' ? "and" : "or");
    } else if (strcmp(type, "pass_through") == 0) {
        result = record_text(p, value);
    } else {
        result = fail(p, "a condition's `type` must be comparison, nullity, and, or, pass_through");
    }
    p->depth--;
    return result;
}

const struct expr *condition_from_value(struct arena *arena, const struct value *value, const char **why)
{
    struct parser p = {.arena = arena};
    const struct expr *expr = record_condition(&p, value);
    *why = p.why;
    return expr;
}
