#!/usr/bin/env bash
# The files of the examples under the strict validators.
. "$(dirname "$0")/lib.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for example in examples/*/; do
  name=$(basename "$example")
  [ "$name" = specs ] && continue
  out="$folder/$name"
  mkdir -p "$out"
  expect "$name builds" "$MLC" build "$example" -o "$out"
  [ -d "$out/.github" ] && validated "$name: GitHub" github "$out"
  [ -d "$out/deploy" ] && validated "$name: Kubernetes" kubernetes "$out/deploy"
  [ -d "$out/infra" ] && validated "$name: Terraform" terraform "$out/infra"
  for dockerfile in "$out"/images/*.Dockerfile; do
    [ -e "$dockerfile" ] && validated "$name: $(basename "$dockerfile")" docker "$dockerfile"
  done
done
flux="$folder/iris-flux"
cp -r examples/iris "$folder/flux-spec" && sed -i 's/gitops = argocd/gitops = flux/' "$folder/flux-spec/iris.mlc" && mkdir -p "$flux"
expect "iris under Flux builds" "$MLC" build "$folder/flux-spec" -o "$flux"
validated "iris under Flux: Kubernetes" kubernetes "$flux/deploy"
totals
