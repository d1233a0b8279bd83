#include "core/documents/schema.h"

#include <string.h>
#include "core/documents/json.h"

/* What a schema itself must be: the keywords of drafts 4 to 2020-12 that schema_check applies. */
static const char META[] =
    "{\"type\": [\"object\", \"boolean\"], \"properties\": {"
    "\"type\": {\"anyOf\": [{\"$ref\": \"#/types\"}, {\"type\": \"array\", \"minItems\": 1, \"items\": "
    "{\"$ref\": \"#/types\"}}]},"
    "\"properties\": {\"$ref\": \"#/named\"}, \"patternProperties\": {\"$ref\": \"#/named\"},"
    "\"definitions\": {\"$ref\": \"#/named\"}, \"$defs\": {\"$ref\": \"#/named\"},"
    "\"additionalProperties\": {\"$ref\": \"#\"}, \"propertyNames\": {\"$ref\": \"#\"}, \"not\": {\"$ref\": "
    "\"#\"},"
    "\"if\": {\"$ref\": \"#\"}, \"then\": {\"$ref\": \"#\"}, \"else\": {\"$ref\": \"#\"}, \"contains\": "
    "{\"$ref\": "
    "\"#\"},"
    "\"items\": {\"anyOf\": [{\"$ref\": \"#\"}, {\"type\": \"array\", \"items\": {\"$ref\": \"#\"}}]},"
    "\"allOf\": {\"$ref\": \"#/some\"}, \"anyOf\": {\"$ref\": \"#/some\"}, \"oneOf\": {\"$ref\": \"#/some\"},"
    "\"prefixItems\": {\"$ref\": \"#/some\"},"
    "\"required\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}, \"enum\": {\"type\": \"array\"},"
    "\"minimum\": {\"type\": \"number\"}, \"maximum\": {\"type\": \"number\"},"
    "\"exclusiveMinimum\": {\"type\": [\"number\", \"boolean\"]},"
    "\"exclusiveMaximum\": {\"type\": [\"number\", \"boolean\"]},"
    "\"multipleOf\": {\"type\": \"number\", \"exclusiveMinimum\": 0},"
    "\"minLength\": {\"$ref\": \"#/count\"}, \"maxLength\": {\"$ref\": \"#/count\"},"
    "\"minItems\": {\"$ref\": \"#/count\"}, \"maxItems\": {\"$ref\": \"#/count\"},"
    "\"minProperties\": {\"$ref\": \"#/count\"}, \"maxProperties\": {\"$ref\": \"#/count\"},"
    "\"uniqueItems\": {\"type\": \"boolean\"}, \"pattern\": {\"type\": \"string\"}, \"$ref\": {\"type\": "
    "\"string\"}},"
    "\"types\": {\"enum\": [\"array\", \"boolean\", \"integer\", \"null\", \"number\", \"object\", "
    "\"string\"]},"
    "\"named\": {\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#\"}},"
    "\"some\": {\"type\": \"array\", \"minItems\": 1, \"items\": {\"$ref\": \"#\"}},"
    "\"count\": {\"type\": \"integer\", \"minimum\": 0}}";

const char *schema_invalid(struct arena *arena, const struct value *schema)
{
    const char *why = NULL;
    struct vec findings = vec_in(arena);
    const struct value *meta = json_read_text(arena, META, sizeof META - 1, &why);
    if (!meta || schema_check(arena, meta, meta, schema, (struct schema_options){0}, &findings))
        return meta ? NULL : why;
    const struct schema_finding *first = findings.items[0];
    return *first->path ? arena_printf(arena, "%s: %s", first->path, first->message) : first->message;
}
