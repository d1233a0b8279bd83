/* Natives over lists and records: counting, ordering, grouping. Ordering is by bytes; nodes order by id. */

#include <math.h>
#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"

const struct value *native_size_of(struct native_call *call)
{
    const struct value *xs = native_argument(call, 0);
    size_t count = 0;
    if (xs && xs->kind == VALUE_LIST)
        count = xs->count;
    else if (xs && xs->kind == VALUE_RECORD)
        count = xs->field_count;
    else if (xs)
        return native_misfit(call, 0, "a list or a record");
    return value_int(call->arena, (int64_t)count, native_origin(call));
}

const struct value *native_first(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    if (!native_items(call, 0, &items, &count))
        return native_misfit(call, 0, "a list");
    return count ? items[0] : value_null(call->arena, call->where);
}

const struct value *native_last(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    if (!native_items(call, 0, &items, &count))
        return native_misfit(call, 0, "a list");
    if (count)
        return items[count - 1];
    struct diag *diag = native_refuse(call, DIAG_NATIVE_EMPTY, NULL, "an empty list has no last element");
    diag_help(diag, "ask `xs != []` before");
    return NULL;
}

const struct value *native_only(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    if (!native_items(call, 0, &items, &count))
        return native_misfit(call, 0, "a list");
    return count == 1 ? items[0] : value_null(call->arena, call->where);
}

const struct value *native_reverse(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    if (!native_items(call, 0, &items, &count))
        return native_misfit(call, 0, "a list");
    struct list_builder list = list_begin(call->arena);
    for (size_t i = count; i-- > 0;)
        list_add(&list, items[i]);
    return list_end(&list, native_origin(call));
}

static bool is_number(const struct value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_FLOAT || value->kind == VALUE_QUANTITY;
}

static bool same_unit(const struct value *a, const struct value *b)
{
    bool unit_a = a->kind == VALUE_QUANTITY, unit_b = b->kind == VALUE_QUANTITY;
    return unit_a == unit_b && (!unit_a || a->unit == b->unit);
}

const struct value *native_sum(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    if (!native_items(call, 0, &items, &count))
        return native_misfit(call, 0, "a list of numbers");
    int64_t whole = 0;
    double total = 0;
    bool exact = true;
    for (size_t i = 0; i < count; i++) {
        double amount;
        if (!is_number(items[i]) || !same_unit(items[0], items[i]) || !native_amount(items[i], &amount)) {
            native_refuse(call, DIAG_NATIVE_UNITS, items[i], "a sum adds amounts of one unit: found %s",
                          value_kind_name(items[i]));
            return NULL;
        }
        total += amount;
        if (items[i]->kind != VALUE_INT || __builtin_add_overflow(whole, items[i]->integer, &whole))
            exact = false;
    }
    origin where = native_origin(call);
    if (count && items[0]->kind == VALUE_QUANTITY)
        return value_quantity(call->arena, total, items[0]->unit, where);
    return exact ? value_int(call->arena, whole, where) : value_float(call->arena, total, where);
}

static int compare_values(const struct value *a, const struct value *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    if (a->kind == VALUE_NODE && b->kind == VALUE_NODE)
        return strcmp(a->node->id, b->node->id);
    return value_compare(a, b);
}

struct sort_context {
    const struct native_call *call;
    const char *by; /* NULL: the elements themselves */
};

static int compare_items(const void *a, const void *b, void *context)
{
    const struct sort_context *sort = context;
    if (!sort->by)
        return compare_values(a, b);
    return compare_values(native_member(sort->call, a, sort->by), native_member(sort->call, b, sort->by));
}

const struct value *native_sort(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    if (!native_items(call, 0, &items, &count))
        return native_misfit(call, 0, "a list");
    struct sort_context context = {call, native_text(call, 1)};
    struct vec sorted = vec_in(call->arena);
    for (size_t i = 0; i < count; i++)
        vec_push(&sorted, (void *)items[i]);
    vec_sort(&sorted, compare_items, &context);
    return value_list(call->arena, (const struct value *const *)sorted.items, sorted.count,
                      native_origin(call));
}

/* A key under which equal values meet: nodes by id, others by their canonical text. */
static void identity_key(const struct value *value, struct buf *key)
{
    buf_clear(key);
    if (value->kind == VALUE_NODE)
        buf_printf(key, "node %s", value->node->id);
    else
        value_print(key, value);
}

const struct value *native_unique(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    if (!native_items(call, 0, &items, &count))
        return native_misfit(call, 0, "a list");
    struct map *seen = map_new(call->arena);
    struct list_builder list = list_begin(call->arena);
    struct buf key = {0};
    for (size_t i = 0; i < count; i++) {
        identity_key(items[i], &key);
        if (map_has(seen, buf_str(&key)))
            continue;
        map_set(seen, buf_str(&key), (void *)items[i]);
        list_add(&list, items[i]);
    }
    buf_free(&key);
    return list_end(&list, native_origin(call));
}

static int compare_entries(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct map_entry *)a)->key, ((const struct map_entry *)b)->key);
}

const struct value *native_group(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    const char *by = native_text(call, 1);
    if (!native_items(call, 0, &items, &count) || !by)
        return native_misfit(call, 0, "a list and a field");
    struct map *groups = map_new(call->arena);
    struct buf key = {0};
    for (size_t i = 0; i < count; i++) {
        buf_clear(&key);
        if (!native_name_of(native_member(call, items[i], by), &key)) {
            buf_free(&key);
            native_refuse(call, DIAG_NATIVE_ARGUMENT, items[i], "`%s` is not a text to group by", by);
            return NULL;
        }
        struct vec *group = map_get(groups, buf_str(&key));
        if (!group) {
            group = arena_alloc(call->arena, sizeof *group);
            *group = vec_in(call->arena);
            map_set(groups, buf_str(&key), group);
        }
        vec_push(group, (void *)items[i]);
    }
    buf_free(&key);
    struct vec entries = vec_in(call->arena);
    for (size_t i = 0; i < map_count(groups); i++)
        vec_push(&entries, (void *)map_at(groups, i));
    vec_sort(&entries, compare_entries, NULL);
    struct record_builder record = record_begin(call->arena);
    for (size_t i = 0; i < entries.count; i++) {
        const struct map_entry *entry = entries.items[i];
        const struct vec *group = entry->value;
        record_set(&record, entry->key,
                   value_list(call->arena, (const struct value *const *)group->items, group->count,
                              native_origin(call)));
    }
    return record_end(&record, native_origin(call));
}

static int compare_fields(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct field *)a)->key, ((const struct field *)b)->key);
}

const struct value *native_sorted(struct native_call *call)
{
    const struct value *map = native_argument(call, 0);
    if (!map || map->kind != VALUE_RECORD)
        return native_misfit(call, 0, "a record");
    struct vec fields = vec_in(call->arena);
    for (size_t i = 0; i < map->field_count; i++)
        vec_push(&fields, (void *)&map->fields[i]);
    vec_sort(&fields, compare_fields, NULL);
    struct record_builder record = record_begin(call->arena);
    for (size_t i = 0; i < fields.count; i++) {
        const struct field *field = fields.items[i];
        record_set_at(&record, field->key, field->key_origin, field->value);
    }
    const struct value *result = record_end(&record, map->origin);
    return map->marks ? value_with_marks(call->arena, result, map->marks) : result;
}

const struct value *native_keys(struct native_call *call)
{
    const struct value *map = native_argument(call, 0);
    if (!map || map->kind != VALUE_RECORD)
        return native_misfit(call, 0, "a record");
    struct list_builder list = list_begin(call->arena);
    for (size_t i = 0; i < map->field_count; i++)
        list_add(&list, value_string(call->arena, map->fields[i].key,
                                     map->fields[i].key_origin ? map->fields[i].key_origin : map->origin));
    return list_end(&list, native_origin(call));
}

const struct value *native_nonempty(struct native_call *call)
{
    const struct value *xs = native_argument(call, 0);
    if (!xs)
        return value_null(call->arena, call->where);
    bool empty = (xs->kind == VALUE_LIST && !xs->count) || (xs->kind == VALUE_RECORD && !xs->field_count) ||
                 (xs->kind == VALUE_STRING && !xs->length);
    return empty ? value_null(call->arena, call->where) : xs;
}

/* One end of a range; a value that is no range is both its ends. */
static const struct value *range_end(struct native_call *call, bool high)
{
    const struct value *range = native_argument(call, 0);
    if (!range)
        return native_misfit(call, 0, "a number or a range");
    if (range->kind != VALUE_RANGE)
        return range;
    const struct value *end = high ? range->high : range->low;
    if (end)
        return end->origin ? end : value_with_origin(call->arena, end, range->origin);
    native_refuse(call, DIAG_NATIVE_EMPTY, range, "the range has no %s end", high ? "upper" : "lower");
    return NULL;
}

const struct value *native_min_of(struct native_call *call)
{
    return range_end(call, false);
}

const struct value *native_max_of(struct native_call *call)
{
    return range_end(call, true);
}
