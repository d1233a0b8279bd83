/* What a measure says to a target outside any predicate: `lower sql`, `lower great_expectations` for checks
 * that are plain records. */

#include <string.h>
#include "compiler/evaluate.h"
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"

const struct lowering *measure_lowering(const struct measure *measure, const char *target)
{
    for (const struct lowering *lowering = measure->lowerings; lowering; lowering = lowering->next)
        if (!strcmp(lowering->target, target))
            return lowering;
    return NULL;
}

/* The measure of data that a native check computes. */
static const struct measure *measure_of_check(const struct compilation *compilation, const char *native)
{
    const struct map *measures = compilation->declarations.measures;
    for (size_t i = 0; i < map_count(measures); i++) {
        const struct measure *measure = map_at(measures, i)->value;
        bool of_data = false;
        for (size_t k = 0; k < measure->subject_count; k++)
            of_data = of_data || !strcmp(measure->subjects[k]->name, "dataset");
        if (of_data && measure->native && !strcmp(measure->native, native))
            return measure;
    }
    return NULL;
}

/* What a lowering reads of a column: the fields of that kind which a plain check knows. */
static const struct value *column_value(struct arena *arena, const struct value *name)
{
    struct field fields[] = {{"name", 0, name}, {"from", 0, name}};
    return value_record(arena, fields, 2, name->origin);
}

static const struct value *slot_value(const struct native_call *call, const struct value *slots,
                                      const struct parameter *parameter, struct scope *scope)
{
    const struct value *value = slots ? value_get(slots, parameter->name) : NULL;
    if (!value && parameter->default_value)
        value = evaluate(call->compilation, scope, parameter->default_value);
    return value ? value : value_null(call->arena, call->where);
}

const struct value *native_lowered(struct native_call *call)
{
    const char *native = native_text(call, 0), *target = native_text(call, 1);
    const struct value *const *columns, *slots = native_argument(call, 3);
    size_t count;
    if (!native || !target)
        return native_misfit(call, native ? 1 : 0, "the name of a check and of a target");
    if (!native_items(call, 2, &columns, &count))
        return native_misfit(call, 2, "the names of columns");
    const struct measure *measure = measure_of_check(call->compilation, native);
    const struct lowering *lowering = measure ? measure_lowering(measure, target) : NULL;
    if (!lowering)
        return value_null(call->arena, call->where);
    struct scope *scope = scope_new(call->compilation, NULL);
    for (size_t i = 0; i < measure->parameter_count; i++)
        scope_bind(scope, measure->parameters[i].name,
                   i < count ? column_value(call->arena, columns[i])
                             : slot_value(call, slots, &measure->parameters[i], scope));
    for (size_t i = 0; i < lowering->parameter_count; i++)
        scope_bind(scope, lowering->parameters[i].name,
                   slot_value(call, slots, &lowering->parameters[i], scope));
    return evaluate(call->compilation, scope, lowering->body);
}
