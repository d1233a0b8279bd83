#!/usr/bin/env bash
# The manifests of the examples on a real API server: every document is accepted, staging becomes ready, a second
# plan finds nothing to do.
. "$(dirname "$0")/lib.sh"
folder=$(mktemp -d)
server=
cleanup() {
  [ -n "$server" ] && "$MLC_SERVERS/kubernetes/down" "$server"
  rm -rf "$folder"
}
trap cleanup EXIT

if [ -z "${KUBECONFIG:-}" ]; then
  if [ ! -x "$MLC_SERVERS/kubernetes/up" ] || ! out=$("$MLC_SERVERS/kubernetes/up" "$folder/server"); then
    skip "manifests on a real API server" "no KUBECONFIG, and no server in MLC_SERVERS"
    totals
    exit
  fi
  eval "$out"
  server="$folder/server"
  export KUBECONFIG
  "$MLC_SERVERS/kubernetes/load-crds" "$server" argo-rollouts argo-cd istio external-secrets >/dev/null 2>&1
fi
kubectl create namespace argocd >/dev/null 2>&1

for example in iris plain; do
  expect "$example builds" "$MLC" build "examples/$example" -o "$folder/$example"
  for environment in "$folder/$example"/deploy/*/; do
    name="$example/$(basename "$environment")"
    expect "$name: plan" "$MLC" plan -f "$environment"
    expect "$name: apply" "$MLC" apply -f "$environment" --no-wait
    if plan=$("$MLC" plan -f "$environment" --detailed-exitcode 2>&1); then
      pass "$name: the second plan is empty"
    else
      fail "$name: the second plan is empty" "exit $?"
      tail -n 20 <<<"$plan"
    fi
  done
done
totals
