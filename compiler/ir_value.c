#include "compiler/ir_value.h"
#include "compiler/compilation.h"

#include <math.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/text.h"

enum { DEPTH = 400 };

static const char *const units[] = {"percent", "duration", "size", "rate"};
static const char *const expr_kinds[] = {"literal", "name",  "field",  "index", "call", "method",
                                         "measure", "unary", "binary", "holds", "over"};
enum { UNIT_COUNT = sizeof units / sizeof *units, EXPR_KIND_COUNT = sizeof expr_kinds / sizeof *expr_kinds };

/* ---- writing */

static void write_text(struct buf *out, const char *text)
{
    json_write_string(out, text, strlen(text));
}

static void write_number(struct buf *out, double number)
{
    char text[40];
    size_t length = text_from_double(number, text);
    if (!isfinite(number)) { /* no value of the language is; a reader must not fail on it */
        buf_add_str(out, "null");
        return;
    }
    buf_add(out, text, length);
    if (!strpbrk(text, ".eE"))
        buf_add_str(out, ".0");
}

static void write_items(struct buf *out, const struct value *list, const struct ir_nodes *nodes)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        buf_add_str(out, i ? ", " : "");
        ir_write_value(out, list->items[i], nodes);
    }
    buf_add_char(out, ']');
}

static void write_fields(struct buf *out, const struct value *record, const struct ir_nodes *nodes)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < record->field_count; i++) {
        buf_add_str(out, i ? ", " : "");
        write_text(out, record->fields[i].key);
        buf_add_str(out, ": ");
        ir_write_value(out, record->fields[i].value, nodes);
    }
    buf_add_char(out, '}');
}

static void write_record(struct buf *out, const struct value *record, const struct ir_nodes *nodes)
{
    bool odd = false;
    for (size_t i = 0; i < record->field_count; i++)
        odd = odd || record->fields[i].key[0] == '$';
    if (!odd) {
        write_fields(out, record, nodes);
        return;
    }
    buf_add_str(out, "{\"$record\": [");
    for (size_t i = 0; i < record->field_count; i++) {
        buf_add_str(out, i ? ", [" : "[");
        write_text(out, record->fields[i].key);
        buf_add_str(out, ", ");
        ir_write_value(out, record->fields[i].value, nodes);
        buf_add_char(out, ']');
    }
    buf_add_str(out, "]}");
}

static void write_expr(struct buf *out, const struct expr *expr, const char *outer,
                       const struct ir_nodes *nodes)
{
    buf_printf(out, "{\"kind\": \"%s\"", expr_kinds[expr->kind]);
    if (!outer || strcmp(outer, expr->dialect) != 0) {
        buf_add_str(out, ", \"dialect\": ");
        write_text(out, expr->dialect);
    }
    if (expr->name) {
        buf_add_str(out, ", \"name\": ");
        write_text(out, expr->name);
    }
    if (expr->value) {
        buf_add_str(out, ", \"value\": ");
        ir_write_value(out, expr->value, nodes);
    }
    for (size_t i = 0; i < expr->arg_count; i++) {
        buf_add_str(out, i ? ", " : ", \"args\": [");
        write_expr(out, expr->args[i], expr->dialect, nodes);
    }
    buf_add_str(out, expr->arg_count ? "]" : "");
    bool named = false;
    for (size_t i = 0; expr->arg_names && i < expr->arg_count; i++)
        named = named || expr->arg_names[i];
    for (size_t i = 0; named && i < expr->arg_count; i++) {
        buf_add_str(out, i ? ", " : ", \"names\": [");
        if (expr->arg_names[i])
            write_text(out, expr->arg_names[i]);
        else
            buf_add_str(out, "null");
    }
    buf_add_str(out, named ? "]}" : "}");
}

static void write_quantity(struct buf *out, const struct value *value)
{
    buf_add_str(out, "{\"$quantity\": ");
    write_number(out, value->number);
    buf_printf(out, ", \"unit\": \"%s\", \"text\": \"", units[value->unit]);
    value_print_quantity(out, value);
    buf_add_str(out, "\"}");
}

static void write_tagged(struct buf *out, const struct value *value, const struct ir_nodes *nodes)
{
    switch (value->kind) {
    case VALUE_WORD:
        buf_add_str(out, "{\"$word\": ");
        json_write_string(out, value->text, value->length);
        break;
    case VALUE_RANGE:
        buf_add_str(out, "{\"$range\": [");
        if (value->low)
            ir_write_value(out, value->low, nodes);
        buf_add_str(out, value->low ? ", " : "null, ");
        if (value->high)
            ir_write_value(out, value->high, nodes);
        buf_add_str(out, value->high ? "]" : "null]");
        break;
    case VALUE_VARIANT:
        buf_add_str(out, "{\"$variant\": ");
        write_text(out, value->name);
        buf_add_str(out, ", \"fields\": ");
        write_fields(out, value, nodes);
        break;
    case VALUE_TEXT:
        buf_add_str(out, "{\"$text\": ");
        write_items(out, value, nodes);
        break;
    default:
        buf_add_str(out, "{\"$expression\": ");
        write_expr(out, value->expr, NULL, nodes);
    }
    buf_add_char(out, '}');
}

void ir_write_value(struct buf *out, const struct value *value, const struct ir_nodes *nodes)
{
    switch (value->kind) {
    case VALUE_NULL:
        buf_add_str(out, "null");
        break;
    case VALUE_BOOL:
        buf_add_str(out, value->boolean ? "true" : "false");
        break;
    case VALUE_INT:
        buf_printf(out, "%lld", (long long)value->integer);
        break;
    case VALUE_FLOAT:
        write_number(out, value->number);
        break;
    case VALUE_STRING:
        json_write_string(out, value->text, value->length);
        break;
    case VALUE_LIST:
        write_items(out, value, nodes);
        break;
    case VALUE_RECORD:
        write_record(out, value, nodes);
        break;
    case VALUE_QUANTITY:
        write_quantity(out, value);
        break;
    case VALUE_NODE:
        if (nodes && nodes->write) {
            nodes->write(out, value->node, nodes->context);
            break;
        }
        buf_add_str(out, "{\"$node\": ");
        write_text(out, value->node->id);
        buf_add_char(out, '}');
        break;
    default:
        write_tagged(out, value, nodes);
    }
}

/* ---- reading */

struct ir_reader {
    struct graph *graph;
    struct arena *arena;
    const char **why;
    size_t depth;
};

static const struct value *read_value(struct ir_reader *reader, const struct value *json);

static const void *malformed(struct ir_reader *reader, const char *why)
{
    *reader->why = why;
    return NULL;
}

static int place_of(const char *const *words, int count, const char *word)
{
    for (int i = 0; word && i < count; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

static const struct value *read_items(struct ir_reader *reader, const struct value *json, bool text)
{
    if (json->kind != VALUE_LIST)
        return malformed(reader, "a list is expected");
    struct list_builder list = list_begin(reader->arena);
    for (size_t i = 0; i < json->count; i++) {
        const struct value *item = read_value(reader, json->items[i]);
        if (!item)
            return NULL;
        if (text && item->kind != VALUE_STRING && item->kind != VALUE_EXPRESSION)
            return malformed(reader, "a text has strings and expressions");
        list_add(&list, item);
    }
    if (text)
        return value_text(reader->arena, list.items, list.count, json->origin);
    return list_end(&list, json->origin);
}

static const struct value *read_fields(struct ir_reader *reader, const struct value *json)
{
    if (json->kind != VALUE_RECORD)
        return malformed(reader, "an object is expected");
    struct record_builder record = record_begin(reader->arena);
    for (size_t i = 0; i < json->field_count; i++) {
        const struct value *value = read_value(reader, json->fields[i].value);
        if (!value)
            return NULL;
        record_set_at(&record, json->fields[i].key, json->fields[i].key_origin, value);
    }
    return record_end(&record, json->origin);
}

static const struct value *read_odd_record(struct ir_reader *reader, const struct value *pairs)
{
    struct record_builder record = record_begin(reader->arena);
    for (size_t i = 0; pairs->kind == VALUE_LIST && i < pairs->count; i++) {
        const struct value *pair = pairs->items[i];
        bool sound = pair->kind == VALUE_LIST && pair->count == 2 && pair->items[0]->kind == VALUE_STRING;
        const struct value *value = sound ? read_value(reader, pair->items[1]) : NULL;
        if (!value)
            return malformed(reader, "$record holds pairs of key and value");
        record_set(&record, pair->items[0]->text, value);
    }
    return record_end(&record, pairs->origin);
}

static const struct expr *read_expr(struct ir_reader *reader, const struct value *json, const char *dialect)
{
    enum { ARGUMENTS = 64 };
    const struct expr *args[ARGUMENTS];
    const char *names[ARGUMENTS] = {0};
    if (json->kind != VALUE_RECORD || ++reader->depth > DEPTH)
        return malformed(reader, "an expression is an object, at most 400 deep");
    const char *word = NULL;
    const struct value *kind = value_get(json, "kind"), *list = value_get(json, "args");
    const struct value *named = value_get(json, "names"), *literal = value_get(json, "value");
    word = kind ? value_string_or(kind, NULL) : NULL;
    int place = place_of(expr_kinds, EXPR_KIND_COUNT, word);
    const struct value *own = value_get(json, "dialect"), *name = value_get(json, "name");
    dialect = own ? value_string_or(own, NULL) : dialect;
    size_t count = list && list->kind == VALUE_LIST ? list->count : 0;
    if (place < 0 || !dialect || count > ARGUMENTS)
        return malformed(reader, "an expression has a kind, a dialect and at most 64 arguments");
    for (size_t i = 0; i < count; i++) {
        args[i] = read_expr(reader, list->items[i], dialect);
        if (!args[i])
            return NULL;
        bool has_name = named && named->kind == VALUE_LIST && named->count == count;
        names[i] = has_name ? value_string_or(named->items[i], NULL) : NULL;
    }
    reader->depth--;
    const char *text = name ? value_string_or(name, NULL) : NULL;
    if (place == EXPR_LITERAL) {
        const struct value *value = literal ? read_value(reader, literal) : NULL;
        return value ? expr_literal(reader->arena, dialect, value)
                     : malformed(reader, "a literal has a value");
    }
    static const size_t least[] = {0, 0, 1, 2, 0, 1, 0, 1, 2, 2, 2};
    static const bool needs_name[] = {false, true, true, false, true, true, true, true, true, false, false};
    if (count < least[place] || (needs_name[place] && !text))
        return malformed(reader, "an expression lacks its name or arguments");
    return expr_make(reader->arena, (enum expr_kind)place, dialect, text, args, names, count, json->origin);
}

static const struct value *read_quantity(struct ir_reader *reader, const struct value *json)
{
    const struct value *amount = value_get(json, "$quantity"), *unit = value_get(json, "unit");
    int place = place_of(units, UNIT_COUNT, unit ? value_string_or(unit, NULL) : NULL);
    bool number = amount->kind == VALUE_FLOAT || amount->kind == VALUE_INT;
    if (!number || place < 0)
        return malformed(reader, "a quantity is a number with a unit");
    double value = amount->kind == VALUE_INT ? (double)amount->integer : amount->number;
    return value_quantity(reader->arena, value, (enum quantity_unit)place, json->origin);
}

static const struct value *read_range(struct ir_reader *reader, const struct value *ends, origin where)
{
    if (ends->kind != VALUE_LIST || ends->count != 2)
        return malformed(reader, "a range has two ends");
    const struct value *low = read_value(reader, ends->items[0]);
    const struct value *high = low ? read_value(reader, ends->items[1]) : NULL;
    if (!high)
        return NULL;
    return value_range(reader->arena, low->kind == VALUE_NULL ? NULL : low,
                       high->kind == VALUE_NULL ? NULL : high, where);
}

static const struct value *read_tagged(struct ir_reader *reader, const struct value *json, const char *tag,
                                       const struct value *content)
{
    const char *text = value_string_or(content, NULL);
    if (strcmp(tag, "$word") == 0 && text)
        return value_word(reader->arena, text, json->origin);
    if (strcmp(tag, "$quantity") == 0)
        return read_quantity(reader, json);
    if (strcmp(tag, "$range") == 0)
        return read_range(reader, content, json->origin);
    if (strcmp(tag, "$record") == 0)
        return read_odd_record(reader, content);
    if (strcmp(tag, "$text") == 0)
        return read_items(reader, content, true);
    if (strcmp(tag, "$node") == 0 && text) {
        struct node *node = graph_find(reader->graph, text);
        return node ? value_node(reader->arena, node, json->origin)
                    : malformed(reader, "a reference names no node of the graph");
    }
    const struct value *fields = value_get(json, "fields");
    if (strcmp(tag, "$variant") == 0 && text && fields) {
        const struct value *record = read_fields(reader, fields);
        return record ? value_variant(reader->arena, text, record->fields, record->field_count, json->origin)
                      : NULL;
    }
    if (strcmp(tag, "$expression") == 0) {
        const struct expr *expr = read_expr(reader, content, NULL);
        return expr ? value_expression(reader->arena, expr, json->origin) : NULL;
    }
    return malformed(reader, "a value of an unknown form");
}

static const struct value *read_value(struct ir_reader *reader, const struct value *json)
{
    if (reader->depth >= DEPTH)
        return malformed(reader, "values are nested too deeply");
    reader->depth++;
    const struct value *value = json;
    if (json->kind == VALUE_LIST)
        value = read_items(reader, json, false);
    else if (json->kind == VALUE_RECORD && json->field_count && json->fields[0].key[0] == '$')
        value = read_tagged(reader, json, json->fields[0].key, json->fields[0].value);
    else if (json->kind == VALUE_RECORD)
        value = read_fields(reader, json);
    reader->depth--;
    return value;
}

const struct value *ir_read_value(struct graph *graph, const struct value *json, const char **why)
{
    struct ir_reader reader = {graph, graph->compilation->arena, why, 0};
    return read_value(&reader, json);
}
