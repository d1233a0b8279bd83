#ifndef MLC_CORE_VALUE_H
#define MLC_CORE_VALUE_H

/* The one value type, from the evaluator through documents to the API client. Values are immutable once
 * they are shared and live in an arena. Kinds up to VALUE_RECORD make a document (what JSON and YAML can
 * say); the later ones exist only between the evaluator and a lowering, and every writer refuses them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/origin.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_LIST,
    VALUE_RECORD,
    VALUE_QUANTITY,   /* a number with a unit: 5%, 10m, 512Mi, 50/s */
    VALUE_WORD,       /* a bare word where words are expected: canary, main */
    VALUE_RANGE,      /* lo..hi, both included */
    VALUE_VARIANT,    /* a constructor with its fields: schedule(at: …), push(branch: main) */
    VALUE_NODE,       /* a node of the graph (compiler/graph.h) */
    VALUE_EXPRESSION, /* what only a target or a run can evaluate: core/expr.h */
    VALUE_TEXT        /* a string with holes: text and expressions in turn */
};

enum quantity_unit {
    UNIT_PERCENT,  /* amount in percent: 5% is 5 */
    UNIT_DURATION, /* amount in microseconds */
    UNIT_SIZE,     /* amount in bytes */
    UNIT_RATE      /* amount in events a second */
};

struct value;
struct expr;
struct node;

struct field {
    const char *key; /* NUL-terminated; no NUL inside */
    origin key_origin;
    const struct value *value;
};

/* What a writer prints around a value. NULL members say nothing. */
struct marks {
    const char *note;         /* a comment behind the value */
    const char *const *above; /* comment lines before it, `above_count` of them */
    size_t above_count;
    bool spaced; /* a blank line between the entries of this record or list */
    bool remark; /* the value is a comment line alone among HCL blocks */
    bool block;  /* HCL: this record is a block body, not a map */
};

struct value {
    uint8_t kind; /* enum value_kind */
    uint8_t unit; /* enum quantity_unit, for VALUE_QUANTITY */
    bool boolean; /* VALUE_BOOL */
    origin origin;
    const struct marks *marks; /* NULL: none */
    union {
        int64_t integer; /* VALUE_INT */
        struct {         /* VALUE_FLOAT, VALUE_QUANTITY (amount in the base unit) */
            double number;
            const char *digits; /* VALUE_FLOAT: how it is written when the double is too coarse; NULL: as the
                                   double */
        };
        struct { /* VALUE_STRING, VALUE_WORD: UTF-8, NUL behind, may hold NULs */
            const char *text;
            size_t length;
        };
        struct { /* VALUE_LIST, VALUE_TEXT (strings and expressions) */
            const struct value *const *items;
            size_t count;
        };
        struct { /* VALUE_RECORD: in order; VALUE_VARIANT: `name` is the constructor */
            const struct field *fields;
            size_t field_count;
            const char *name;
        };
        struct { /* VALUE_RANGE: ints, floats or quantities; NULL: open */
            const struct value *low;
            const struct value *high;
        };
        struct node *node;
        const struct expr *expr;
    };
};

/* Makers. All take the origin of what they make; none keeps a pointer to its arguments' memory. */
const struct value *value_null(struct arena *arena, origin where);
const struct value *value_bool(struct arena *arena, bool boolean, origin where);
const struct value *value_int(struct arena *arena, int64_t integer, origin where);
const struct value *value_float(struct arena *arena, double number, origin where);
/* A number that a double rounds: `digits` is its text as JSON writes numbers, without an exponent. */
const struct value *value_digits(struct arena *arena, double number, const char *digits, origin where);
const struct value *value_string(struct arena *arena, const char *text, origin where);
const struct value *value_string_n(struct arena *arena, const char *text, size_t length, origin where);
const struct value *value_word(struct arena *arena, const char *text, origin where);
const struct value *value_quantity(struct arena *arena, double amount, enum quantity_unit unit, origin where);
const struct value *value_range(struct arena *arena, const struct value *low, const struct value *high,
                                origin where);
const struct value *value_node(struct arena *arena, struct node *node, origin where);
const struct value *value_expression(struct arena *arena, const struct expr *expr, origin where);

/* A list or a text from `count` items, a record or a variant from `count` fields; the arrays are copied. */
const struct value *value_list(struct arena *arena, const struct value *const *items, size_t count,
                               origin where);
const struct value *value_text(struct arena *arena, const struct value *const *pieces, size_t count,
                               origin where);
const struct value *value_record(struct arena *arena, const struct field *fields, size_t count, origin where);
const struct value *value_variant(struct arena *arena, const char *name, const struct field *fields,
                                  size_t count, origin where);

/* The same value elsewhere, or with other marks (a shallow copy). */
const struct value *value_with_origin(struct arena *arena, const struct value *value, origin where);
const struct value *value_with_marks(struct arena *arena, const struct value *value,
                                     const struct marks *marks);

/* Builders for lists and records of unknown size. Setting a key twice replaces its value. */
struct list_builder {
    struct arena *arena;
    const struct value **items;
    size_t count, capacity;
};
struct record_builder {
    struct arena *arena;
    struct field *fields;
    size_t count, capacity;
    struct map *index; /* made when the record grows large */
};
struct list_builder list_begin(struct arena *arena);
void list_add(struct list_builder *list, const struct value *item);
const struct value *list_end(struct list_builder *list, origin where);
struct record_builder record_begin(struct arena *arena);
void record_set(struct record_builder *record, const char *key, const struct value *value);
void record_set_at(struct record_builder *record, const char *key, origin key_origin,
                   const struct value *value);
const struct value *record_end(struct record_builder *record, origin where);

/* The value of a key of a record or variant, or NULL. */
const struct value *value_get(const struct value *record, const char *key);
/* value_get through several keys: value_path(v, "metadata", "name", NULL). */
const struct value *value_path(const struct value *record, ...) __attribute__((sentinel));
/* Whether there is no value: NULL, or null. */
bool value_is_none(const struct value *value);
/* The text of a string or word, or `fallback` when the value is NULL or of another kind. */
const char *value_string_or(const struct value *value, const char *fallback);

/* Deep equality: 1 equals 1.0, records regardless of order, marks and origins ignored. */
bool value_equal(const struct value *a, const struct value *b);

/* A total order for sorting: by kind (numbers together), then value; strings by bytes. */
int value_compare(const struct value *a, const struct value *b);

/* Right merged over left, deep: records key by key, anything else replaced. */
const struct value *value_merge(struct arena *arena, const struct value *left, const struct value *right);

/* The kind in words for messages: "a string", "a duration". */
const char *value_kind_name(const struct value *value);

/* The canonical text of a quantity: the largest unit that divides it ("90m", "1.5Gi" never: "1536Mi"). */
void value_print_quantity(struct buf *out, const struct value *quantity);

/* Debug form on one line, all kinds; canonical, so that it can be hashed. Strings as JSON. */
void value_print(struct buf *out, const struct value *value);

#endif
