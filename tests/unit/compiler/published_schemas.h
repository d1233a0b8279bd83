#ifndef MLC_TESTS_UNIT_COMPILER_PUBLISHED_SCHEMAS_H
#define MLC_TESTS_UNIT_COMPILER_PUBLISHED_SCHEMAS_H

/* The schemas of the shared folder (MLC_SHARED), by apiVersion and kind: OpenAPI of Kubernetes, CRDs of
 * others. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "compiler/check_documents.h"
#include "core/documents/json.h"
#include "core/documents/yaml.h"
#include "core/file.h"
#include "core/map.h"
#include "core/text.h"

struct published {
    struct arena *arena;
    struct map *by_kind; /* "apps/v1 Deployment" -> struct published_schema */
};

struct published_schema {
    const struct value *schema, *root;
};

static inline void published_add(struct published *p, const char *group, const char *version,
                                 const char *kind, const struct value *schema, const struct value *root)
{
    struct published_schema *entry = arena_alloc(p->arena, sizeof *entry);
    *entry = (struct published_schema){schema, root};
    const char *slash = group[0] == '\0' ? "" : "/";
    map_set(p->by_kind, arena_printf(p->arena, "%s%s%s %s", group, slash, version, kind), entry);
}

static inline void published_add_crd(struct published *p, const struct value *crd)
{
    const struct value *spec = value_get(crd, "spec");
    const struct value *versions = spec == NULL ? NULL : value_get(spec, "versions");
    for (size_t i = 0; versions != NULL && i < versions->count; i++) {
        const struct value *version = versions->items[i];
        const struct value *schema = value_path(version, "schema", "openAPIV3Schema", NULL);
        if (schema != NULL)
            published_add(p, value_string_or(value_get(spec, "group"), ""),
                          value_string_or(value_get(version, "name"), ""),
                          value_string_or(value_path(spec, "names", "kind", NULL), ""), schema, schema);
    }
}

static inline void published_add_openapi(struct published *p, const struct value *document)
{
    const struct value *schemas = value_path(document, "components", "schemas", NULL);
    for (size_t i = 0; schemas != NULL && i < schemas->field_count; i++) {
        const struct value *schema = schemas->fields[i].value;
        const struct value *kinds = value_get(schema, "x-kubernetes-group-version-kind");
        for (size_t k = 0; kinds != NULL && k < kinds->count; k++)
            published_add(p, value_string_or(value_get(kinds->items[k], "group"), ""),
                          value_string_or(value_get(kinds->items[k], "version"), ""),
                          value_string_or(value_get(kinds->items[k], "kind"), ""), schema, document);
    }
}

/* Plain or gzipped. */
static inline bool published_read(const char *path, struct buf *out)
{
    char block[65536];
    gzFile file = gzopen(path, "rb");
    if (file == NULL)
        return false;
    for (int count; (count = gzread(file, block, sizeof block)) > 0;)
        buf_add(out, block, (size_t)count);
    gzclose(file);
    return true;
}

static inline void published_add_file(struct published *p, const char *path)
{
    struct buf bytes = {0};
    const char *why = NULL;
    if (!published_read(path, &bytes))
        return;
    if (strstr(path, ".json") != NULL) {
        const struct value *document = json_read_text(p->arena, bytes.data, bytes.length, &why);
        if (document != NULL)
            published_add_openapi(p, document);
    } else if (strstr(path, ".yaml") != NULL) {
        struct source source = {
            .id = 1, .path = path, .text = buf_str(&bytes), .length = (uint32_t)bytes.length};
        struct vec documents = vec_in(p->arena);
        if (yaml_read(p->arena, &source, (struct yaml_limits){0}, NULL, NULL, &documents))
            for (size_t i = 0; i < documents.count; i++)
                published_add_crd(p, documents.items[i]);
    }
    buf_free(&bytes);
}

/* False when the shared folder is not here. */
static inline bool published_load(struct published *p)
{
    static const char *const folders[] = {"kubernetes",  "argo-rollouts",  "argo-cd",     "istio",
                                          "gateway-api", "flux-kustomize", "flux-source", "external-secrets"};
    const char *shared = getenv("MLC_SHARED");
    p->arena = arena_new();
    p->by_kind = map_new(p->arena);
    const char *root = file_join(p->arena, shared != NULL ? shared : "../shared", "schemas");
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        struct vec names = vec_in(p->arena);
        const char *folder = file_join(p->arena, root, folders[i]);
        if (!file_is_folder(folder) || file_list(folder, &names) != 0)
            continue;
        for (size_t k = 0; k < names.count; k++)
            if (strstr(names.items[k], "swagger") == NULL)
                published_add_file(p, file_join(p->arena, folder, names.items[k]));
    }
    return map_count(p->by_kind) > 0;
}

static inline const struct value *published_find(void *context, const char *api_version, const char *kind,
                                                 const struct value **root)
{
    struct published *p = context;
    const struct published_schema *found =
        map_get(p->by_kind, arena_printf(p->arena, "%s %s", api_version, kind));
    *root = found == NULL ? NULL : found->root;
    return found == NULL ? NULL : found->schema;
}

#endif
