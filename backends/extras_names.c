/* Names of fields in an `extra` against what the target has published. */

#include <string.h>
#include "backends/extras.h"
#include "backends/report.h"

struct naming {
    struct compilation *compilation;
    const struct value *types; /* by number: {FIELD: number} */
    const char *kind;
};

static const struct value *type_of(const struct naming *naming, const struct value *number)
{
    bool known = number && number->kind == VALUE_INT && number->integer > 0 &&
                 (size_t)number->integer < naming->types->count;
    return known ? naming->types->items[number->integer] : NULL;
}

static void warn(const struct naming *naming, const struct value *type, const struct field *field)
{
    struct map *names = map_new(naming->compilation->arena);
    origin where = field->key_origin ? field->key_origin : field->value->origin;
    for (size_t i = 0; i < type->field_count; i++)
        map_set(names, type->fields[i].key, NULL);
    const char *near = map_nearest(names, field->key);
    struct diag *diag = report_at(naming->compilation, DIAG_BUILD_EXTRA_NAME, where,
                                  "a %s has no field `%s` there", naming->kind, field->key);
    diag_label(diag, "not in the published schema");
    if (near)
        diag_help(diag, "there is a field with a similar name: `%s`", near);
    else
        diag_help(diag, "the API server drops what it does not know, or refuses it");
}

static void check_value(const struct naming *naming, const struct value *type, const struct value *value)
{
    for (size_t i = 0; value->kind == VALUE_LIST && i < value->count; i++)
        check_value(naming, type, value->items[i]);
    for (size_t i = 0; value->kind == VALUE_RECORD && i < value->field_count; i++) {
        const struct field *field = &value->fields[i];
        const struct value *number = value_get(type, field->key), *inner = type_of(naming, number);
        if (!number)
            warn(naming, type, field);
        else if (inner)
            check_value(naming, inner, field->value);
    }
}

void extras_check_names(struct compilation *compilation, const struct value *names, const struct part *part,
                        const struct value *body)
{
    struct naming naming = {compilation, value_get(names, "types"), part->kind};
    const struct value *kinds = value_get(names, "kinds");
    const struct value *type = kinds ? type_of(&naming, value_get(kinds, part->kind)) : NULL;
    if (type)
        check_value(&naming, type, body);
}
