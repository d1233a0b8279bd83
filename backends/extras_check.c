/* What an extra may not do to a part: contradict the spec, or turn a record into a word. */

#include <string.h>
#include "backends/extras.h"
#include "backends/report.h"

struct visit {
    struct compilation *compilation;
    const struct backend *backend;
    const char *target;
    const char *kind; /* of the part */
};

static bool is_sealed(const struct visit *visit, const char *path)
{
    size_t length = strlen(visit->kind);
    for (const char *const *row = visit->backend->sealed; row && *row; row++) {
        bool any = !strncmp(*row, "*.", 2);
        if (!any && (strncmp(*row, visit->kind, length) || (*row)[length] != '.'))
            continue;
        if (!strcmp(*row + (any ? 2 : length + 1), path))
            return true;
    }
    return false;
}

/* True if something below the path is sealed, so that null must not take it away. */
static bool holds_sealed(const struct visit *visit, const char *path)
{
    size_t length = strlen(visit->kind), deep = strlen(path);
    for (const char *const *row = visit->backend->sealed; row && *row; row++) {
        bool any = !strncmp(*row, "*.", 2);
        if (!any && (strncmp(*row, visit->kind, length) || (*row)[length] != '.'))
            continue;
        const char *sealed = *row + (any ? 2 : length + 1);
        if (!strncmp(sealed, path, deep) && sealed[deep] == '.')
            return true;
    }
    return false;
}

static origin place_of(const struct field *field)
{
    return field->key_origin ? field->key_origin : field->value->origin;
}

static bool refuse_sealed(const struct visit *visit, const struct field *field, const char *path)
{
    struct diag *diag = report_at(visit->compilation, DIAG_BUILD_EXTRA_SEALED, place_of(field),
                                  "`extra %s` cannot set `%s` of a %s: the spec decides it", visit->target,
                                  path, visit->kind);
    diag_help(diag, "say it with the spec's own words, where policies see it");
    return false;
}

static const char *shape(const struct value *value)
{
    return value->kind == VALUE_RECORD ? "a record" : value->kind == VALUE_LIST ? "a list" : "a single value";
}

static bool check_shape(const struct visit *visit, const struct field *field, const char *path,
                        const struct value *value)
{
    bool same = field->value->kind == VALUE_NULL || value->kind == VALUE_NULL ||
                !strcmp(shape(value), shape(field->value));
    /* HCL writes one block and a list of blocks alike. */
    if (same || extras_is_block(value) || value->kind == VALUE_EXPRESSION)
        return true;
    struct diag *diag = report_at(visit->compilation, DIAG_BUILD_EXTRA_SHAPE, place_of(field),
                                  "`%s` of the %s is %s, and the extra has %s", path, visit->kind,
                                  shape(value), shape(field->value));
    diag_help(diag, "write the part that changes; `null` takes a field away");
    return false;
}

/* The value of a key of a record, or of an argument or a block inside a block of HCL; NULL: new. */
static const struct value *value_at(const struct value *value, const char *key)
{
    if (!value || !extras_is_block(value))
        return value && value->kind == VALUE_RECORD ? value_get(value, key) : NULL;
    const struct value *body = value_get(value, "body");
    for (size_t i = 0; i < body->count; i++) {
        const struct value *item = body->items[i];
        if (!strcmp(value_string_or(value_get(item, "key"), ""), key))
            return value_get(item, "value");
        if (extras_is_block(item) && !strcmp(value_string_or(value_get(item, "type"), ""), key))
            return item;
    }
    return NULL;
}

static bool check_fields(const struct visit *visit, const char *prefix, const struct value *value,
                         const struct value *extra)
{
    bool sound = true;
    for (size_t i = 0; i < extra->field_count; i++) {
        const struct field *field = &extra->fields[i];
        const char *path =
            arena_printf(visit->compilation->arena, "%s%s%s", prefix, *prefix ? "." : "", field->key);
        const struct value *old = value_at(value, field->key);
        if (is_sealed(visit, path))
            sound = refuse_sealed(visit, field, path);
        else if (!old && field->value->kind == VALUE_NULL)
            continue;
        else if (old && !check_shape(visit, field, path, old))
            sound = false;
        else if (field->value->kind == VALUE_RECORD)
            sound = check_fields(visit, path, old, field->value) && sound;
        else if (field->value->kind == VALUE_NULL && holds_sealed(visit, path))
            sound = refuse_sealed(visit, field, path);
    }
    return sound;
}

bool extras_check(struct compilation *compilation, const struct backend *backend, const struct part *part,
                  const struct value *body)
{
    struct visit visit = {compilation, backend, backend->name, part->kind};
    return check_fields(&visit, "", part->value, body);
}
