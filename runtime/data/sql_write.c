#include "runtime/data/sql_write.h"

#include <math.h>
#include <string.h>

#include "core/text.h"

void sql_name(struct buf *out, const char *name)
{
    buf_add_char(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            buf_add_char(out, '"');
        buf_add_char(out, *name);
    }
    buf_add_char(out, '"');
}

bool sql_literal(struct buf *out, const struct value *value)
{
    char number[32];
    switch (value->kind) {
    case VALUE_NULL:
        buf_add_str(out, "NULL");
        return true;
    case VALUE_BOOL:
        buf_add_str(out, value->boolean ? "TRUE" : "FALSE");
        return true;
    case VALUE_INT:
        buf_printf(out, "%lld", (long long)value->integer);
        return true;
    case VALUE_FLOAT:
    case VALUE_QUANTITY: {
        double amount = value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT ? value->number / 100
                                                                                     : value->number;
        if (!isfinite(amount))
            return false;
        buf_add(out, number, text_from_double(amount, number));
        return true;
    }
    case VALUE_STRING:
    case VALUE_WORD:
        if (memchr(value->text, 0, value->length))
            return false;
        buf_add_char(out, '\'');
        for (size_t i = 0; i < value->length; i++) {
            if (value->text[i] == '\'')
                buf_add_char(out, '\'');
            buf_add_char(out, value->text[i]);
        }
        buf_add_char(out, '\'');
        return true;
    default:
        return false;
    }
}

static bool is_null_literal(const struct expr *expr)
{
    return expr->kind == EXPR_LITERAL && expr->value->kind == VALUE_NULL;
}

static bool in_list(struct buf *out, const struct expr *expr, bool negate)
{
    const struct value *list = expr->args[1]->kind == EXPR_LITERAL ? expr->args[1]->value : NULL;
    if (!list || list->kind != VALUE_LIST)
        return false;
    buf_add_str(out, negate ? "(NOT coalesce(" : "(coalesce(");
    if (list->count == 0) {
        buf_add_str(out, "FALSE");
    } else {
        if (!sql_condition(out, expr->args[0]))
            return false;
        buf_add_str(out, " IN (");
        for (size_t i = 0; i < list->count; i++) {
            buf_add_str(out, i ? ", " : "");
            if (!sql_literal(out, list->items[i]))
                return false;
        }
        buf_add_char(out, ')');
    }
    buf_add_str(out, ", FALSE))");
    return true;
}

static bool binary(struct buf *out, const struct expr *expr)
{
    static const struct {
        const char *name, *sql;
    } OPERATORS[] = {{"==", " = "},    {"!=", " IS DISTINCT FROM "},
                     {"<", " < "},     {"<=", " <= "},
                     {">", " > "},     {">=", " >= "},
                     {"and", " AND "}, {"or", " OR "},
                     {"+", " + "},     {"-", " - "},
                     {"*", " * "},     {"/", " / "}};
    if (strcmp(expr->name, "in") == 0 || strcmp(expr->name, "not in") == 0)
        return in_list(out, expr, expr->name[0] == 'n');
    bool equal = strcmp(expr->name, "==") == 0, other = strcmp(expr->name, "!=") == 0;
    if ((equal || other) && is_null_literal(expr->args[1])) {
        buf_add_char(out, '(');
        bool good = sql_condition(out, expr->args[0]);
        buf_add_str(out, equal ? " IS NULL)" : " IS NOT NULL)");
        return good;
    }
    for (size_t i = 0; i < sizeof OPERATORS / sizeof *OPERATORS; i++)
        if (strcmp(OPERATORS[i].name, expr->name) == 0) {
            bool logic = i >= 6 && i <= 7, arithmetic = i > 7; /* unknown counts as false under `not` too */
            buf_add_str(out, logic || arithmetic ? "(" : "coalesce(");
            bool good = sql_condition(out, expr->args[0]);
            buf_add_str(out, OPERATORS[i].sql);
            good = good && sql_condition(out, expr->args[1]);
            buf_add_str(out, logic || arithmetic ? ")" : ", FALSE)");
            return good;
        }
    return false;
}

bool sql_condition(struct buf *out, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_LITERAL:
        return sql_literal(out, expr->value);
    case EXPR_NAME:
        sql_name(out, expr->name);
        return true;
    case EXPR_MEASURE:
        sql_name(out, expr->name);
        return expr->arg_count == 0;
    case EXPR_UNARY: {
        buf_add_str(out, strcmp(expr->name, "not") == 0 ? "(NOT " : "(-");
        bool good = sql_condition(out, expr->args[0]);
        buf_add_char(out, ')');
        return good;
    }
    case EXPR_BINARY:
        return binary(out, expr);
    default:
        return false;
    }
}
