#include <string.h>

#include "core/documents/json.h"
#include "core/documents/schema.h"
#include "runtime/data/check_engine.h"
#include "runtime/data/python_pattern.h"

/* The judge of JSON_SCHEMA. The schema's patterns run in PCRE2 like those of other checks, and a schema that
 * cannot be read whole is an error: what is passed over would hold for everything. */

struct schema_detail {
    const struct value *schema;
    struct map *patterns; /* struct pattern by its text in the schema */
};

/* What schema_check does not read, of the keywords that decide something. */
static const char *const unread[] = {
    "unevaluatedProperties", "unevaluatedItems", "minContains", "maxContains",
    "$dynamicRef",           "$recursiveRef",    NULL};

/* Keywords whose records hold schemas by names that the schema chose, and those that hold no schemas. */
static const char *const named[] = {
    "properties", "patternProperties", "dependentSchemas", "definitions", "$defs", "dependencies", NULL};
static const char *const plain[] = {"const", "enum", "default", "examples", "example", NULL};

static bool among(const char *const *list, const char *text)
{
    while (*list && strcmp(*list, text) != 0)
        list++;
    return *list != NULL;
}

struct reading {
    struct plan *plan;
    struct prepared *prepared;
    struct map *patterns;
};

static void add_pattern(struct reading *reading, const char *text)
{
    struct arena *arena = reading->plan->arena;
    const char *why = NULL, *pattern = text;
    size_t length = strlen(text);
    if (reading->prepared->error || map_has(reading->patterns, text))
        return;
    if (reading->prepared->check->python)
        pattern = python_pattern(arena, text, length, &length);
    struct pattern *compiled = pattern_new(arena, pattern, length, PATTERN_SEARCH, &why);
    if (!compiled) {
        reading->prepared->error = arena_printf(arena, "`%s` in the schema: %s", text, why);
        return;
    }
    map_set(reading->patterns, text, compiled);
}

static void read_schema(struct reading *reading, const struct value *schema, bool names);

static void read_keyword(struct reading *reading, const char *key, const struct value *value)
{
    if (among(unread, key))
        reading->prepared->error =
            arena_printf(reading->plan->arena, "`%s` in the schema is a keyword that is not read here", key);
    if (among(plain, key))
        return;
    if (strcmp(key, "pattern") == 0 && value->kind == VALUE_STRING)
        add_pattern(reading, value->text);
    for (size_t i = 0;
         strcmp(key, "patternProperties") == 0 && value->kind == VALUE_RECORD && i < value->field_count; i++)
        add_pattern(reading, value->fields[i].key);
    read_schema(reading, value, among(named, key));
}

/* Lists and records are read to the depth that JSON may have. */
static void read_schema(struct reading *reading, const struct value *schema, bool names)
{
    for (size_t i = 0; schema->kind == VALUE_LIST && i < schema->count; i++)
        read_schema(reading, schema->items[i], false);
    for (size_t i = 0; schema->kind == VALUE_RECORD && i < schema->field_count; i++) {
        if (names)
            read_schema(reading, schema->fields[i].value, false);
        else
            read_keyword(reading, schema->fields[i].key, schema->fields[i].value);
    }
}

struct matching {
    const struct map *patterns;
    struct pattern_scratch *scratch;
    bool gave_up;
};

static enum schema_match match(void *context, const char *pattern, const char *text, size_t length)
{
    struct matching *matching = context;
    const struct pattern *compiled = map_get(matching->patterns, pattern);
    if (!compiled)
        return SCHEMA_CANNOT_TELL;
    return pattern_find(compiled, matching->scratch, text, length, &matching->gave_up) ? SCHEMA_MATCHES
                                                                                       : SCHEMA_DIFFERS;
}

static bool fits(const struct schema_detail *detail, struct matching *matching, const char *text,
                 size_t length)
{
    struct arena *arena = arena_new();
    const char *why = NULL;
    struct vec findings = vec_in(arena);
    const struct value *document = json_read_text(arena, text, length, &why);
    struct schema_options options = {.match = match, .context = matching};
    bool good = document && schema_check(arena, detail->schema, detail->schema, document, options, &findings);
    arena_free(arena);
    return good;
}

static void judge_schema(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                         uint64_t *judged, uint64_t *unexpected)
{
    const struct schema_detail *detail = check->detail;
    const struct column *column = &chunk->columns[check->columns[0]];
    struct matching matching = {.patterns = detail->patterns, .scratch = scratch->pattern};
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++) {
        judged[w] &= column->valid[w] | (column->bad ? column->bad[w] : 0);
        for (uint64_t rest = judged[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            if (!fits(detail, &matching, column->bytes + column->starts[row], column->lengths[row]))
                unexpected[w] |= rest & -rest;
            if (matching.gave_up) {
                scratch->undecided = row;
                return;
            }
        }
    }
}

void prepare_json_schema(struct plan *plan, struct prepared *prepared, const struct value *schema)
{
    if (!schema || (schema->kind != VALUE_RECORD && schema->kind != VALUE_BOOL)) {
        prepared->error = "a JSON Schema is required";
        return;
    }
    const char *why = schema_invalid(plan->arena, schema);
    if (why) {
        prepared->error = arena_printf(plan->arena, "the JSON Schema is not valid: %s", why);
        return;
    }
    struct schema_detail *detail = arena_alloc(plan->arena, sizeof *detail);
    struct reading reading = {plan, prepared, map_new(plan->arena)};
    read_schema(&reading, schema, false);
    *detail = (struct schema_detail){schema, reading.patterns};
    prepared->detail = detail;
    prepared->judge = judge_schema;
    prepared->pattern_count = map_count(reading.patterns);
    struct pattern **patterns = arena_array(plan->arena, prepared->pattern_count + 1, sizeof *patterns);
    for (size_t i = 0; i < prepared->pattern_count; i++)
        patterns[i] = map_at(reading.patterns, i)->value;
    prepared->patterns = patterns;
}
