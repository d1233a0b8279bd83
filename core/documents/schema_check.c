#include "core/documents/schema.h"

#include <string.h>
#include "core/documents/path.h"
#include "core/documents/schema_scalar.h"
#include "core/map.h"

enum { MOST_FINDINGS = 100, MOST_DEPTH = 300, MOST_STEPS = 5000000 };

/* A schema that is being applied to a value. */
struct application {
    const struct value *schema, *value;
};

struct checker {
    struct arena *arena;
    const struct value *root;
    struct schema_options options;
    struct vec *findings;
    size_t limit; /* findings kept: 1 in a trial of which only the outcome counts */
    struct buf path;
    struct application open[MOST_DEPTH]; /* what encloses the one that is applied now */
    size_t depth;
    size_t steps; /* schemas applied: alternatives within alternatives cost at most this */
};

static void check(struct checker *checker, const struct value *schema, const struct value *value);

static void find(struct checker *checker, const struct value *value, const char *message)
{
    if (checker->findings->count >= checker->limit)
        return;
    struct schema_finding *finding = arena_alloc(checker->arena, sizeof *finding);
    finding->value = value;
    finding->path = arena_strdup(checker->arena, buf_str(&checker->path));
    finding->message = message;
    vec_push(checker->findings, finding);
}

static bool is_true(const struct value *value)
{
    return value && value->kind == VALUE_BOOL && value->boolean;
}

static bool is_false(const struct value *value)
{
    return value && value->kind == VALUE_BOOL && !value->boolean;
}

/* References. */

/* One step of a JSON pointer: `~1` is "/", `~0` is "~", and the URI's %XX are decoded for what published
 * schemas use (`%7B` in keys of OpenAPI paths). */
static const struct value *pointer_step(const struct value *at, const char *step, size_t length)
{
    struct buf key = {0};
    for (size_t i = 0; i < length; i++) {
        if (step[i] == '~' && i + 1 < length) {
            i++;
            buf_add_char(&key, step[i] == '1' ? '/' : '~');
        } else
            buf_add_char(&key, step[i]);
    }
    const struct value *found = NULL;
    if (at->kind == VALUE_LIST) {
        size_t index = 0, i = 0;
        for (; i < key.length && key.data[i] >= '0' && key.data[i] <= '9' && index < at->count; i++)
            index = index * 10 + (size_t)(key.data[i] - '0');
        found = i == key.length && i > 0 && index < at->count ? at->items[index] : NULL;
    } else
        found = value_get(at, buf_str(&key));
    buf_free(&key);
    return found;
}

/* What "#/definitions/x" leads to, or NULL. */
static const struct value *resolve(const struct value *root, const char *reference)
{
    if (reference[0] != '#' || (reference[1] && reference[1] != '/'))
        return NULL;
    const struct value *at = root;
    for (const char *step = reference + 1; at && *step == '/';) {
        size_t length = strcspn(++step, "/");
        at = pointer_step(at, step, length);
        step += length;
    }
    return at;
}

static const struct value *reference_of(const struct checker *checker, const struct value *schema)
{
    const char *reference = value_string_or(value_get(schema, "$ref"), NULL);
    return reference ? resolve(checker->root, reference) : NULL;
}

/* Which fields a schema knows. */

/* True if some part of the schema says what the field `key` is, or lets any field be. `*closes` becomes true
 * when a part has `properties`. */
static bool knows_field(struct checker *checker, const struct value *schema, const char *key, bool *closes,
                        struct map *names, size_t depth)
{
    if (depth > 32 || ++checker->steps > MOST_STEPS)
        return true;
    if (!schema || schema->kind != VALUE_RECORD)
        return false;
    const struct value *properties = value_get(schema, "properties"),
                       *more = value_get(schema, "additionalProperties");
    bool opens = is_true(value_get(schema, "x-kubernetes-preserve-unknown-fields")) ||
                 (more && !is_false(more)) || value_get(schema, "patternProperties") != NULL;
    if (opens || value_get(properties, key))
        return true;
    for (size_t i = 0; names && properties && properties->kind == VALUE_RECORD && i < properties->field_count;
         i++)
        map_set(names, properties->fields[i].key, checker);
    *closes = *closes || properties != NULL;
    static const char *const lists[] = {"allOf", "anyOf", "oneOf"}, *const parts[] = {"if", "then", "else"};
    bool known = knows_field(checker, reference_of(checker, schema), key, closes, names, depth + 1);
    for (size_t i = 0; i < 3 && !known; i++) {
        const struct value *list = value_get(schema, lists[i]);
        for (size_t j = 0; list && list->kind == VALUE_LIST && j < list->count && !known; j++)
            known = knows_field(checker, list->items[j], key, closes, names, depth + 1);
        known = known || knows_field(checker, value_get(schema, parts[i]), key, closes, names, depth + 1);
    }
    return known;
}

static bool is_object_meta(const char *key)
{
    return strcmp(key, "apiVersion") == 0 || strcmp(key, "kind") == 0 || strcmp(key, "metadata") == 0;
}

static void unknown_field(struct checker *checker, const struct field *field, const struct map *names)
{
    const char *near = map_nearest(names, field->key);
    find(checker, field->value,
         near ? arena_printf(checker->arena, "unknown field `%s`; there is a field with a similar name: `%s`",
                             field->key, near)
              : arena_printf(checker->arena, "unknown field `%s`", field->key));
}

/* Fields that no part of the whole schema of an object knows: asked where the object is met, not within the
 * alternatives, each of which may know other fields. */
static void check_closed(struct checker *checker, const struct value *schema, const struct value *record)
{
    size_t parent = checker->path.length;
    bool embedded = is_true(value_get(schema, "x-kubernetes-embedded-resource"));
    for (size_t i = 0; i < record->field_count; i++) {
        const struct field *field = &record->fields[i];
        bool closes = false;
        if (knows_field(checker, schema, field->key, &closes, NULL, 0) || !closes ||
            (embedded && is_object_meta(field->key)))
            continue;
        struct arena *arena = arena_new();
        struct map *names = map_new(arena);
        knows_field(checker, schema, field->key, &closes, names, 0);
        path_add_key(&checker->path, field->key);
        unknown_field(checker, field, names);
        path_cut(&checker->path, parent);
        arena_free(arena);
    }
}

/* Alternatives. */

/* Applies a schema aside; its findings go to `*found` (at most `limit`). */
static bool try(struct checker *checker, const struct value *schema, const struct value *value,
                struct vec *found, size_t limit)
{
    struct vec *findings = checker->findings;
    size_t before = checker->limit;
    *found = vec_in(checker->arena);
    checker->findings = found;
    checker->limit = limit;
    check(checker, schema, value);
    checker->findings = findings;
    checker->limit = before;
    return found->count == 0;
}

/* How far an alternative is from fitting: one of another type, or another constant in a field, is not meant.
 */
static size_t distance(const struct vec *found, const char *path)
{
    size_t distance = found->count;
    for (size_t i = 0; i < found->count; i++) {
        const struct schema_finding *finding = found->items[i];
        bool here = strcmp(finding->path, path) == 0;
        bool type = strncmp(finding->message, "expected one of", 15) == 0 ||
                    strstr(finding->message, ", found ") != NULL;
        if (here && type)
            distance += 1000;
        else if (strncmp(finding->message, "expected one of", 15) == 0)
            distance += 100;
    }
    return distance;
}

static const char *types_wanted(struct checker *checker, const struct value *list, const struct value *value)
{
    struct buf text = {0};
    for (size_t i = 0; i < list->count; i++) {
        const struct value *schema = reference_of(checker, list->items[i]);
        const char *type = value_string_or(value_get(schema ? schema : list->items[i], "type"), NULL);
        if (type && !strstr(buf_str(&text), type))
            buf_printf(&text, "%s%s", text.length ? " or " : "", type);
    }
    const char *message =
        text.length
            ? arena_printf(checker->arena, "expected %s, found %s", buf_str(&text), schema_type_name(value))
            : arena_printf(checker->arena, "none of the %zu forms that are allowed here fits", list->count);
    buf_free(&text);
    return message;
}

/* None fits: the findings of the nearest alternative say what is wrong, unless not even the type is right. */
static void report_nearest(struct checker *checker, const struct value *list, const struct value *value)
{
    struct vec best = vec_in(checker->arena);
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < list->count; i++) {
        struct vec found;
        try(checker, list->items[i], value, &found, 10);
        size_t far = distance(&found, buf_str(&checker->path));
        if (far < least) {
            least = far;
            best = found;
        }
    }
    if (least >= 1000 && list->count > 1) {
        find(checker, value, types_wanted(checker, list, value));
        return;
    }
    for (size_t i = 0; i < best.count && checker->findings->count < checker->limit; i++)
        vec_push(checker->findings, best.items[i]);
}

static void check_alternatives(struct checker *checker, const struct value *schema, const struct value *value,
                               const char *keyword)
{
    const struct value *list = value_get(schema, keyword);
    if (!list || list->kind != VALUE_LIST || !list->count)
        return;
    size_t fits = 0;
    struct vec found;
    bool one = strcmp(keyword, "oneOf") == 0;
    for (size_t i = 0; i < list->count && (one || !fits); i++)
        fits += try(checker, list->items[i], value, &found, 1);
    if (fits > 1 && !checker->options.kubernetes)
        find(checker, value,
             arena_printf(checker->arena, "%zu of the forms that exclude each other here fit", fits));
    if (fits)
        return;
    if (checker->limit ==
        1) /* only the outcome of a trial counts; the search for the reason is more trials */
        find(checker, value, "none of the forms that are allowed here fits");
    else
        report_nearest(checker, list, value);
}

static void check_combined(struct checker *checker, const struct value *schema, const struct value *value)
{
    const struct value *all = value_get(schema, "allOf"), *not = value_get(schema, "not");
    for (size_t i = 0; all && all->kind == VALUE_LIST && i < all->count; i++)
        check(checker, all->items[i], value);
    check_alternatives(checker, schema, value, "anyOf");
    check_alternatives(checker, schema, value, "oneOf");
    struct vec found;
    if (not &&try(checker, not, value, &found, 1))
        find(checker, value, "the value has a form that is excluded here");
    const struct value *when = value_get(schema, "if");
    if (when) {
        const struct value *then = value_get(schema, try(checker, when, value, &found, 1) ? "then" : "else");
        if (then)
            check(checker, then, value);
    }
}

/* Objects and arrays. */

/* Checks a value below the current one, unknown fields included. */
static void check_child(struct checker *checker, const struct value *schema, const struct value *value,
                        size_t parent)
{
    check(checker, schema, value);
    if (checker->options.closed && value->kind == VALUE_RECORD)
        check_closed(checker, schema, value);
    path_cut(&checker->path, parent);
}

static bool check_patterns(struct checker *checker, const struct value *patterns, const struct field *field,
                           size_t parent)
{
    bool matched = false;
    for (size_t i = 0; patterns && patterns->kind == VALUE_RECORD && i < patterns->field_count; i++) {
        if (!schema_text_fits(&checker->options, patterns->fields[i].key, field->key, strlen(field->key)))
            continue;
        matched = true;
        path_add_key(&checker->path, field->key);
        check_child(checker, patterns->fields[i].value, field->value, parent);
    }
    return matched;
}

static struct map *names_of(struct arena *arena, const struct value *properties)
{
    struct map *names = map_new(arena);
    for (size_t i = 0; properties && properties->kind == VALUE_RECORD && i < properties->field_count; i++)
        map_set(names, properties->fields[i].key, arena);
    return names;
}

static void check_additional(struct checker *checker, const struct value *schema, const struct field *field,
                             size_t parent)
{
    const struct value *more = value_get(schema, "additionalProperties");
    if (!more || is_true(more))
        return;
    path_add_key(&checker->path, field->key);
    if (is_false(more)) {
        struct arena *arena = arena_new();
        unknown_field(checker, field, names_of(arena, value_get(schema, "properties")));
        arena_free(arena);
        path_cut(&checker->path, parent);
    } else
        check_child(checker, more, field->value, parent);
}

static void check_names(struct checker *checker, const struct value *schema, const struct value *record)
{
    const struct value *names = value_get(schema, "propertyNames");
    for (size_t i = 0; names && i < record->field_count; i++) {
        struct vec found;
        const struct field *field = &record->fields[i];
        const struct value *key = value_string(checker->arena, field->key, field->key_origin);
        if (!try(checker, names, key, &found, 1))
            find(checker, field->value,
                 arena_printf(checker->arena, "the name `%s` does not fit: %s", field->key,
                              ((const struct schema_finding *)found.items[0])->message));
    }
}

static void require_fields(struct checker *checker, const struct value *required, const struct value *record,
                           const char *because)
{
    for (size_t i = 0; required && required->kind == VALUE_LIST && i < required->count; i++) {
        const char *key = value_string_or(required->items[i], NULL);
        if (key && !value_get(record, key))
            find(checker, record,
                 because ? arena_printf(checker->arena, "the field `%s` is missing, which `%s` needs", key,
                                        because)
                         : arena_printf(checker->arena, "the field `%s` is missing", key));
    }
}

static void check_dependencies(struct checker *checker, const struct value *dependencies,
                               const struct value *record)
{
    for (size_t i = 0; dependencies && dependencies->kind == VALUE_RECORD && i < dependencies->field_count;
         i++) {
        const struct field *field = &dependencies->fields[i];
        if (!value_get(record, field->key))
            continue;
        if (field->value->kind == VALUE_LIST)
            require_fields(checker, field->value, record, field->key);
        else
            check(checker, field->value, record);
    }
}

static void check_record(struct checker *checker, const struct value *schema, const struct value *record)
{
    size_t parent = checker->path.length;
    const struct value *properties = value_get(schema, "properties"),
                       *patterns = value_get(schema, "patternProperties");
    require_fields(checker, value_get(schema, "required"), record, NULL);
    for (size_t i = 0; i < record->field_count; i++) {
        const struct field *field = &record->fields[i];
        const struct value *property = value_get(properties, field->key);
        if (property) {
            path_add_key(&checker->path, field->key);
            check_child(checker, property, field->value, parent);
        }
        if (!check_patterns(checker, patterns, field, parent) && !property)
            check_additional(checker, schema, field, parent);
    }
    check_names(checker, schema, record);
    check_dependencies(checker, value_get(schema, "dependencies"), record);
    check_dependencies(checker, value_get(schema, "dependentRequired"), record);
    check_dependencies(checker, value_get(schema, "dependentSchemas"), record);
}

static void check_contains(struct checker *checker, const struct value *schema, const struct value *list)
{
    const struct value *contains = value_get(schema, "contains");
    struct vec found;
    bool any = !contains;
    for (size_t i = 0; i < list->count && !any; i++)
        any = try(checker, contains, list->items[i], &found, 1);
    if (!any)
        find(checker, list, "no item has the form that one must have");
}

/* `items` is the schema of all items, or in older drafts a list with one for each of the first ones. */
static void check_list(struct checker *checker, const struct value *schema, const struct value *list)
{
    size_t parent = checker->path.length;
    const struct value *items = value_get(schema, "items"), *first = value_get(schema, "prefixItems");
    if (items && items->kind == VALUE_LIST) {
        first = items;
        items = value_get(schema, "additionalItems");
    }
    size_t first_count = first && first->kind == VALUE_LIST ? first->count : 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct value *item = i < first_count ? first->items[i] : items;
        if (!item)
            continue;
        path_add_index(&checker->path, i);
        check_child(checker, item, list->items[i], parent);
    }
    check_contains(checker, schema, list);
}

/* One schema. */

static bool type_allows(const struct checker *checker, const struct value *schema, const struct value *value,
                        const struct value *type)
{
    bool nullable = is_true(value_get(schema, "nullable"));
    bool either = is_true(value_get(schema, "x-kubernetes-int-or-string")) ||
                  (checker->options.kubernetes &&
                   strcmp(value_string_or(value_get(schema, "format"), ""), "int-or-string") == 0);
    if (value->kind == VALUE_NULL && nullable)
        return true;
    if (either)
        return value->kind == VALUE_INT || value->kind == VALUE_STRING;
    if (!type)
        return true;
    if (type->kind != VALUE_LIST)
        return schema_is_type(value, value_string_or(type, ""));
    for (size_t i = 0; i < type->count; i++)
        if (schema_is_type(value, value_string_or(type->items[i], "")))
            return true;
    return false;
}

static bool check_type(struct checker *checker, const struct value *schema, const struct value *value)
{
    const struct value *type = value_get(schema, "type");
    if (type_allows(checker, schema, value, type))
        return true;
    struct buf wanted = {0};
    if (!type || is_true(value_get(schema, "x-kubernetes-int-or-string")))
        buf_add_str(&wanted, "integer or string");
    else if (type->kind != VALUE_LIST)
        buf_add_str(&wanted, value_string_or(type, ""));
    else
        for (size_t i = 0; i < type->count; i++)
            buf_printf(&wanted, "%s%s", i ? " or " : "", value_string_or(type->items[i], ""));
    find(checker, value,
         arena_printf(checker->arena, "expected %s, found %s", buf_str(&wanted), schema_type_name(value)));
    buf_free(&wanted);
    return false;
}

static void check_enum(struct checker *checker, const struct value *schema, const struct value *value)
{
    const struct value *constant = value_get(schema, "const"), *list = value_get(schema, "enum");
    if (constant)
        list = value_list(checker->arena, &constant, 1, 0);
    if (!list || list->kind != VALUE_LIST ||
        (value->kind == VALUE_NULL && is_true(value_get(schema, "nullable"))))
        return;
    struct buf text = {0};
    for (size_t i = 0; i < list->count; i++) {
        if (value_equal(list->items[i], value)) {
            buf_free(&text);
            return;
        }
        if (i < 12)
            buf_add_str(&text, i ? ", " : "");
        if (i < 12)
            value_print(&text, list->items[i]);
        else if (i == 12)
            buf_add_str(&text, ", …");
    }
    buf_add_str(&text, ", found ");
    value_print(&text, value);
    find(checker, value, arena_printf(checker->arena, "expected one of %s", buf_str(&text)));
    buf_free(&text);
}

static void check_reference(struct checker *checker, const struct value *schema, const struct value *value)
{
    const char *reference = value_string_or(value_get(schema, "$ref"), NULL);
    const struct value *target = reference_of(checker, schema);
    if (target)
        check(checker, target, value);
    else if (reference)
        find(checker, value,
             arena_printf(checker->arena, "the schema refers to `%s`, which is not in its document",
                          reference));
}

static void check_keywords(struct checker *checker, const struct value *schema, const struct value *value)
{
    check_reference(checker, schema, value);
    if (!check_type(checker, schema, value))
        return;
    check_enum(checker, schema, value);
    const char *broken = schema_broken_bound(checker->arena, &checker->options, schema, value);
    if (broken)
        find(checker, value, broken);
    if (value->kind == VALUE_RECORD)
        check_record(checker, schema, value);
    else if (value->kind == VALUE_LIST)
        check_list(checker, schema, value);
    check_combined(checker, schema, value);
}

/* True when the same schema is being applied to the same value already, or too much was done. */
static bool is_endless(struct checker *checker, const struct value *schema, const struct value *value)
{
    if (checker->depth >= MOST_DEPTH || ++checker->steps > MOST_STEPS)
        return true;
    for (size_t i = checker->depth; i-- > 0 && checker->open[i].value == value;)
        if (checker->open[i].schema == schema)
            return true;
    return false;
}

static void check(struct checker *checker, const struct value *schema, const struct value *value)
{
    if (is_false(schema)) {
        find(checker, value, "no value is allowed here");
        return;
    }
    if (schema->kind != VALUE_RECORD || checker->findings->count >= checker->limit)
        return;
    if (is_endless(checker, schema, value)) {
        find(checker, value, "the schema refers to itself without end, or has too many alternatives");
        return;
    }
    checker->open[checker->depth++] = (struct application){schema, value};
    check_keywords(checker, schema, value);
    checker->depth--;
}

bool schema_check(struct arena *arena, const struct value *schema, const struct value *root,
                  const struct value *document, struct schema_options options, struct vec *findings)
{
    struct vec found = vec_in(arena);
    struct checker checker = {
        .arena = arena, .root = root, .options = options, .findings = &found, .limit = MOST_FINDINGS};
    check_child(&checker, schema, document, 0);
    for (size_t i = 0; i < found.count; i++)
        vec_push(findings, found.items[i]);
    buf_free(&checker.path);
    return found.count == 0;
}
