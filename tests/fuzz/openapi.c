/* Any bytes as an OpenAPI v3 document of a server: a schema found in it checks a document. The first byte
 * chooses whether the kind is asked for as a core or a grouped one. */
#include <stddef.h>
#include <stdint.h>
#include "core/documents/json.h"
#include "core/documents/schema.h"
#include "runtime/cluster/plan_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct resource core = {.group = "", .version = "v1", .kind = "Pod"};
    static const struct resource grouped = {.group = "apps", .version = "v1", .kind = "Deployment"};
    static const char text[] =
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\"},\"spec\":{"
        "\"containers\":[{\"name\":\"a\",\"ports\":[{\"containerPort\":\"80\"}]}]}}";
    if (size == 0)
        return 0;
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct value *root = json_read_text(arena, (const char *)data + 1, size - 1, &why);
    const struct value *schema =
        root != NULL ? openapi_schema(root, data[0] % 2 == 0 ? &core : &grouped) : NULL;
    if (schema != NULL) {
        struct vec findings = vec_in(arena);
        const struct value *document = json_read_text(arena, text, sizeof text - 1, &why);
        schema_check(arena, schema, root, document, (struct schema_options){true, true}, &findings);
    }
    arena_free(arena);
    return 0;
}
