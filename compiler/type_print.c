/* Types as they are written, and as phrases for messages. */

#include <string.h>
#include "compiler/declarations.h"
#include "compiler/type_table.h"

static const char *scalar_name(enum type_kind kind)
{
    switch (kind) {
    case TYPE_NULL:
        return "null";
    case TYPE_STRING:
        return "string";
    case TYPE_INT:
        return "int";
    case TYPE_NUMBER:
        return "number";
    case TYPE_BOOL:
        return "bool";
    case TYPE_PERCENT:
        return "percent";
    case TYPE_DURATION:
        return "duration";
    case TYPE_SIZE:
        return "size";
    case TYPE_RATE:
        return "rate";
    case TYPE_RATIO:
        return "ratio";
    case TYPE_SYMBOL:
        return "symbol";
    case TYPE_ANY_NODE:
        return "node";
    case TYPE_RECORD:
        return "record";
    case TYPE_DOCUMENT:
        return "document";
    case TYPE_BLOCKS:
        return "blocks";
    case TYPE_PREDICATE:
        return "predicate";
    case TYPE_COMMAND:
        return "command";
    case TYPE_JSON:
        return "json";
    case TYPE_COLUMN_TYPE:
        return "column_type";
    default:
        return "?";
    }
}

static void print_fields(struct buf *out, const struct type_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_str(out, i > 0 ? ", " : "");
        buf_add_str(out, fields[i].name);
        buf_add_str(out, fields[i].optional && fields[i].type->kind != TYPE_OPTIONAL ? "?: " : ": ");
        type_print(out, fields[i].type);
    }
}

static void print_one_of(struct buf *out, const struct type *type)
{
    buf_add_str(out, "one_of(");
    for (size_t i = 0; i < type->case_count; i++) {
        buf_add_str(out, i > 0 ? ", " : "");
        buf_add_str(out, type->cases[i].name);
        if (!type->cases[i].constructor)
            continue;
        buf_add_char(out, '(');
        print_fields(out, type->cases[i].fields, type->cases[i].field_count);
        buf_add_char(out, ')');
    }
    buf_add_char(out, ')');
}

static void print_wrapped(struct buf *out, const char *before, const struct type *type, const char *after)
{
    buf_add_str(out, before);
    type_print(out, type);
    buf_add_str(out, after);
}

static void print_optional(struct buf *out, const struct type *type)
{
    bool parens = type->element->kind == TYPE_UNION && type->element->name == NULL;
    print_wrapped(out, parens ? "(" : "", type->element, parens ? ")?" : "?");
}

static void print_members(struct buf *out, const struct type *type)
{
    for (size_t i = 0; i < type->member_count; i++)
        print_wrapped(out, i > 0 ? " | " : "", type->members[i], "");
}

void type_print(struct buf *out, const struct type *type)
{
    bool alias = type->kind == TYPE_ONE_OF || type->kind == TYPE_CLOSED || type->kind == TYPE_UNION;
    if (alias && type->name != NULL) {
        buf_add_str(out, type->name);
        return;
    }
    switch (type->kind) {
    case TYPE_SYMBOL:
        buf_add_str(out, type->name != NULL ? type->name : "symbol");
        break;
    case TYPE_REFERENCE:
        buf_add_str(out, type->of->name);
        break;
    case TYPE_BLOCK:
        buf_printf(out, "block(%s)", type->of->name);
        break;
    case TYPE_LIST:
        print_wrapped(out, "[", type->element, "]");
        break;
    case TYPE_MAP:
        print_wrapped(out, "{string: ", type->element, "}");
        break;
    case TYPE_RANGE:
        print_wrapped(out, "range(", type->element, ")");
        break;
    case TYPE_FIELD:
        print_wrapped(out, "field(", type->element, ")");
        break;
    case TYPE_OPTIONAL:
        print_optional(out, type);
        break;
    case TYPE_UNION:
        print_members(out, type);
        break;
    case TYPE_CLOSED:
        buf_add_str(out, "{ ");
        print_fields(out, type->fields, type->field_count);
        buf_add_str(out, " }");
        break;
    case TYPE_ONE_OF:
        print_one_of(out, type);
        break;
    case TYPE_TEXT:
    case TYPE_EXPRESSION:
        if (type->kind == TYPE_EXPRESSION && strcmp(type->name, "row") == 0) {
            buf_add_str(out, "condition"); /* the library's name of it */
            break;
        }
        buf_printf(out, "%s(%s)", type->kind == TYPE_TEXT ? "text" : "expression", type->name);
        break;
    case TYPE_VARIABLE:
        buf_add_str(out, type->name);
        break;
    default:
        buf_add_str(out, scalar_name(type->kind));
    }
}

const char *type_text(struct compilation *compilation, const struct type *type)
{
    struct buf out = {0};
    type_print(&out, type);
    char *text = arena_strdup(compilation->arena, buf_str(&out));
    buf_free(&out);
    return text;
}

static const char *phrase_of_words(struct compilation *compilation, const struct type *type)
{
    struct buf out = {0};
    buf_add_str(&out, type->case_count > 1 ? "one of " : "");
    for (size_t i = 0; i < type->case_count && i < 8; i++)
        buf_printf(&out, "%s`%s%s`", i > 0 ? ", " : "", type->cases[i].name,
                   type->cases[i].constructor ? "(…)" : "");
    if (type->case_count > 8)
        buf_add_str(&out, ", …");
    char *text = arena_strdup(compilation->arena, buf_str(&out));
    buf_free(&out);
    return text;
}

static const char *with_article(struct compilation *compilation, const char *name)
{
    bool vowel =
        strchr("aeiou", name[0]) != NULL && strncmp(name, "one", 3) != 0 && strncmp(name, "uni", 3) != 0;
    return arena_printf(compilation->arena, "%s %s", vowel ? "an" : "a", name);
}

const char *type_phrase(struct compilation *compilation, const struct type *type)
{
    struct arena *arena = compilation->arena;
    switch (type->kind) {
    case TYPE_NULL:
        return "null";
    case TYPE_BLOCKS:
        return "HCL blocks";
    case TYPE_RATIO:
        return "a ratio";
    case TYPE_SYMBOL:
        return "a bare word";
    case TYPE_ANY_NODE:
        return "a node";
    case TYPE_JSON:
        return "JSON data";
    case TYPE_COLUMN_TYPE:
        return "the type of a column";
    case TYPE_STRING:
    case TYPE_INT:
    case TYPE_NUMBER:
    case TYPE_BOOL:
    case TYPE_PERCENT:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_RATE:
    case TYPE_RECORD:
    case TYPE_DOCUMENT:
    case TYPE_PREDICATE:
    case TYPE_COMMAND:
        return with_article(compilation, scalar_name(type->kind));
    case TYPE_REFERENCE:
        return with_article(compilation, type->of->head);
    case TYPE_BLOCK:
        return arena_printf(arena, "a block of %s", type->of->head);
    case TYPE_ONE_OF:
        return phrase_of_words(compilation, type);
    case TYPE_LIST:
        return arena_printf(arena, "a list of %s", type_text(compilation, type->element));
    case TYPE_MAP:
        return arena_printf(arena, "a map of %s", type_text(compilation, type->element));
    case TYPE_RANGE:
        return arena_printf(arena, "a range of %s", type_text(compilation, type->element));
    case TYPE_OPTIONAL:
        return arena_printf(arena, "%s or nothing", type_phrase(compilation, type->element));
    default:
        return arena_printf(arena, "`%s`", type_text(compilation, type));
    }
}
