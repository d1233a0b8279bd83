"""Writes backends/kubernetes/fields.json: the names of fields of the kinds that mlc makes, from published schemas.

kubernetes_fields.py SHARED_SCHEMAS_FOLDER. `kinds` leads from a kind to the number of its type; `types` lists, for each
type, its fields with the number of theirs. 0: not looked into (a single value, a map, a field that takes anything).
"""

import glob
import gzip
import json
import os
import sys

import yaml

KINDS = {
    "kubernetes": "Namespace ConfigMap ServiceAccount Deployment Service HorizontalPodAutoscaler PodDisruptionBudget "
    "NetworkPolicy CronJob Ingress Role RoleBinding".split(),
    "argo-rollouts": ["Rollout", "AnalysisTemplate"],
    "istio": "VirtualService DestinationRule PeerAuthentication AuthorizationPolicy Gateway".split(),
    "gateway-api": ["HTTPRoute"],
    "external-secrets": ["ExternalSecret"],
    "argo-cd": ["Application"],
    "flux-kustomize": ["Kustomization"],
    "flux-source": ["GitRepository"],
}
METADATA = {name: 0 for name in "annotations labels finalizers generateName name namespace ownerReferences".split()}

types, numbers = [{}], {}


def intern(fields):
    key = json.dumps(fields, sort_keys=True)
    if key not in numbers:
        numbers[key] = len(types)
        types.append(fields)
    return numbers[key]


def resolve(schema, root):
    """Follows references; `allOf` with one member is how OpenAPI puts a description beside one."""
    while "$ref" in schema or "allOf" in schema:
        if "allOf" in schema:
            schema = schema["allOf"][0]
            continue
        found = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/")]
        schema = found
    return schema


def type_of(schema, root, open_refs=()):
    ref = schema.get("$ref") or (schema["allOf"][0].get("$ref") if "allOf" in schema else None)
    if ref in open_refs:
        return 0
    schema = resolve(schema, root)
    refs = (*open_refs, ref) if ref else open_refs
    if schema.get("type") == "array":
        return type_of(schema.get("items", {}), root, refs)
    properties = schema.get("properties")
    if not properties or schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("additionalProperties"):
        return 0
    return intern({name: type_of(part, root, refs) for name, part in sorted(properties.items())})


def kind_type(schema, root):
    number = type_of(schema, root)
    return intern({**types[number], "metadata": intern(METADATA), "apiVersion": 0, "kind": 0})


def read(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
    with opened as file:
        return file.read()


kinds = {}
for folder, wanted in KINDS.items():
    for path in sorted(glob.glob(os.path.join(sys.argv[1], folder, "*"))):
        if "openapi.json" in path:
            root = json.loads(read(path))
            for schema in root["components"]["schemas"].values():
                for entry in schema.get("x-kubernetes-group-version-kind", []):
                    if entry["kind"] in wanted and "properties" in schema and entry["kind"] not in kinds:
                        kinds[entry["kind"]] = kind_type(schema, root)
        elif ".yaml" in path:
            for crd in yaml.safe_load_all(read(path)):
                if not crd or crd.get("kind") != "CustomResourceDefinition":
                    continue
                kind = crd["spec"]["names"]["kind"]
                stored = [v for v in crd["spec"]["versions"] if v.get("storage")] or crd["spec"]["versions"]
                if kind in wanted and kind not in kinds:
                    schema = stored[0]["schema"]["openAPIV3Schema"]
                    kinds[kind] = kind_type(schema, schema)
missing = {kind for wanted in KINDS.values() for kind in wanted} - kinds.keys()
if missing:
    sys.exit(f"no schema of {sorted(missing)}")
used = sorted(kinds)
with open("backends/kubernetes/fields.json", "w", encoding="utf-8") as out:
    out.write('{"kinds": ' + json.dumps({kind: kinds[kind] for kind in used}) + ',\n "types": [\n')
    out.write(",\n".join(json.dumps(fields, separators=(",", ":")) for fields in types))
    out.write("\n]}\n")
