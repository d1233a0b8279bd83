/* Any bytes as an OpenAPI v3 document of a server, and the schema in it that fits checks a document: the
 * second part when there is one, else a Pod. The first byte chooses whether the kind is asked for as a core
 * or a grouped one, and how closed the schema is. */
#include "core/documents/schema.h"
#include "runtime/cluster/plan_private.h"
#include "tests/fuzz/fuzz_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct value *part(struct arena *arena, const struct fuzz_server *server, size_t index)
{
    static const char pod[] =
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\"},\"spec\":{"
        "\"containers\":[{\"name\":\"a\",\"ports\":[{\"containerPort\":\"80\"}]}]}}";
    const char *why;
    return index < server->part_count
               ? json_read_text(arena, server->parts[index], server->lengths[index], &why)
               : json_read_text(arena, pod, sizeof pod - 1, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct resource core = {.group = "", .version = "v1", .kind = "Pod"};
    static const struct resource grouped = {.group = "apps", .version = "v1", .kind = "Deployment"};
    if (size < 2)
        return 0;
    struct fuzz_server server = {0};
    fuzz_server_split(&server, data + 1, size - 1);
    struct arena *arena = arena_new();
    const struct value *root = part(arena, &server, 0), *document = part(arena, &server, 1);
    const struct value *schema =
        root != NULL ? openapi_schema(root, data[0] % 2 == 0 ? &core : &grouped) : NULL;
    if (schema == NULL && root != NULL && root->kind == VALUE_RECORD)
        schema = root; /* the schema of a CustomResourceDefinition */
    if (schema != NULL && document != NULL) {
        struct vec findings = vec_in(arena);
        struct schema_options options = {.closed = data[0] % 4 < 2, .kubernetes = data[0] % 8 < 4};
        schema_check(arena, schema, root, document, options, &findings);
    }
    arena_free(arena);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static const char *const words[] = {"components",
                                        "schemas",
                                        "$ref",
                                        "#/components/schemas/S",
                                        "#/components/schemas/Pod",
                                        "#/",
                                        "#",
                                        "type",
                                        "object",
                                        "array",
                                        "string",
                                        "integer",
                                        "number",
                                        "boolean",
                                        "null",
                                        "properties",
                                        "patternProperties",
                                        "propertyNames",
                                        "additionalProperties",
                                        "required",
                                        "items",
                                        "additionalItems",
                                        "prefixItems",
                                        "contains",
                                        "minContains",
                                        "uniqueItems",
                                        "allOf",
                                        "anyOf",
                                        "oneOf",
                                        "not",
                                        "if",
                                        "then",
                                        "else",
                                        "enum",
                                        "const",
                                        "pattern",
                                        "^(a|b)*[c-z]{2,3}$",
                                        "format",
                                        "int32",
                                        "int64",
                                        "date-time",
                                        "int-or-string",
                                        "quantity",
                                        "byte",
                                        "minimum",
                                        "maximum",
                                        "exclusiveMinimum",
                                        "multipleOf",
                                        "minLength",
                                        "maxLength",
                                        "minItems",
                                        "maxItems",
                                        "minProperties",
                                        "nullable",
                                        "default",
                                        "dependencies",
                                        "dependentRequired",
                                        "dependentSchemas",
                                        "definitions",
                                        "$defs",
                                        "x-kubernetes-int-or-string",
                                        "x-kubernetes-preserve-unknown-fields",
                                        "x-kubernetes-embedded-resource",
                                        "x-kubernetes-group-version-kind",
                                        "x-kubernetes-list-type",
                                        "x-kubernetes-list-map-keys",
                                        "map",
                                        "set",
                                        "spec",
                                        "metadata",
                                        "containers",
                                        "name",
                                        NULL};
    return mutate_json(data, size, max, seed, 1, words);
}
