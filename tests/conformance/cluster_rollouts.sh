#!/usr/bin/env bash
# The production manifests of examples/iris under the real controller of Argo Rollouts: first version, a canary half
# way, back to the stable version, a smoke test that fails, the return to the last good set; and claims, which a prune
# leaves alone. Needs a cluster with Argo Rollouts, Istio's and External Secrets' definitions (KUBECONFIG), or MLC_SERVERS.
. "$(dirname "$0")/lib.sh"
MLC=$(realpath "${MLC:-build/mlc}")
example=$(realpath examples/iris)
servers=$(realpath -m "${MLC_SERVERS:-${MLC_SHARED:-../shared}/servers}")
folder=$(mktemp -d)
own='' ns=mlc-conf-ro-$$
export XDG_CACHE_HOME=$folder/cache

finish() {
  if [ -n "$own" ]; then
    "$servers/rollouts/down" "$MLC_SERVER_DIR" >"$folder/rollouts-down.log" 2>&1
    "$servers/kubernetes/down" "$MLC_SERVER_DIR" >"$folder/down.log" 2>&1
  elif [ -n "${KUBECONFIG:-}" ]; then
    kubectl delete namespace "$ns" --ignore-not-found --wait=false >"$folder/delete.log" 2>&1
  fi
  rm -rf "$folder"
}
trap finish EXIT
leave() { # WHY
  skip "rollouts" "$1"
  totals
  exit
}

command -v kubectl >/dev/null || leave "kubectl is not installed"
if [ -z "${KUBECONFIG:-}" ]; then
  [ -x "$servers/kubernetes/up" ] || leave "no KUBECONFIG, and no servers in $servers (MLC_SERVERS)"
  variables=$("$servers/kubernetes/up" "$folder/server" 2>"$folder/up.log") ||
    leave "no API server can be had here: $(tail -n 1 "$folder/up.log")"
  eval "$variables"
  export KUBECONFIG
  own=1
  "$servers/kubernetes/load-crds" "$MLC_SERVER_DIR" argo-rollouts istio external-secrets >"$folder/crds.log" 2>&1 &&
    "$servers/rollouts/up" "$MLC_SERVER_DIR" >"$folder/rollouts.log" 2>&1 ||
    leave "no Argo Rollouts can be had here: $(cat "$folder/crds.log" "$folder/rollouts.log" 2>&1 | tail -n 1)"
else
  for definition in rollouts.argoproj.io virtualservices.networking.istio.io externalsecrets.external-secrets.io; do
    kubectl get crd "$definition" >"$folder/crd.log" 2>&1 || leave "the cluster has no $definition"
  done
fi
cd "$folder" || exit 1

# becomes WANTED OBJECT JSONPATH: within three minutes.
becomes() {
  local i
  for i in $(seq 360); do
    [ "$(live "$2" "$3")" = "$1" ] && return
    sleep 0.5
  done
  is "$(live "$2" "$3")" "$1"
}
weights='{.spec.http[0].route[*].weight}'
hash_of() { live "svc/$1" '{.spec.selector.rollouts-pod-template-hash}'; }
plan() { "$MLC" plan -f "$1" -n "$ns" --applyset=iris --prune --detailed-exitcode "${@:2}"; }
apply() { "$MLC" apply -f "$1" -n "$ns" --applyset=iris --prune "${@:2}"; }

built() {
  cp -r "$example" spec && sed -i "s/namespace = \"iris\"/namespace = \"$ns\"/" spec/iris.mlc && code 0 "$MLC" build spec -o files &&
    cp -r files/deploy/production v1 && cp -r v1 v2 && cp -r v1 v3 &&
    sed -i 's/iris@sha256:9b1d/iris@sha256:aaaa/' v2/iris-api.yaml && ! diff -q v1 v2 >diff.log &&
    sed -i 's/iris@sha256:9b1d/iris@sha256:bbbb/; s/sidecar.istio.io\/inject: "false"/&\n                  mlc.test\/pod: fail/' v3/iris-api.yaml &&
    grep -q 'mlc.test/pod' v3/iris-api.yaml
}
first() { # nothing here fetches secrets: what External Secrets would report is reported for it
  code 0 apply v1 --no-wait &&
    kubectl patch externalsecret slack-token -n "$ns" --subresource=status --type=merge \
      -p '{"status":{"conditions":[{"type":"Ready","status":"True","reason":"SecretSynced"}]}}' &&
    code 0 apply v1 --timeout 300s && prints "all is ready" && becomes Healthy rollout/iris-api '{.status.phase}'
}
unchanged() { # the controller has set its hash in the selectors meanwhile
  [ -n "$(hash_of iris-api)" ] && code 0 plan v1 && prints "20 unchanged" &&
    code 0 apply v1 --no-wait && code 0 plan v1 --exhaustive &&
    code 0 "$MLC" status -n "$ns" --applyset=iris && [ -n "$(hash_of iris-api)" ]
}
canary() {
  code 0 apply v2 --timeout 300s && becomes 2 rollout/iris-api '{.status.currentStepIndex}' &&
    becomes Paused rollout/iris-api '{.status.phase}' && becomes "95 5" vs/iris-api "$weights" &&
    [ "$(hash_of iris-api)" != "$(hash_of iris-api-canary)" ]
}
undisturbed() { # an apply in the middle of a canary leaves its traffic where it is
  local before
  before="$(live vs/iris-api "$weights") $(hash_of iris-api) $(hash_of iris-api-canary)"
  code 0 plan v2 && code 0 apply v2 --no-wait --force-conflicts &&
    is "$(live vs/iris-api "$weights") $(hash_of iris-api) $(hash_of iris-api-canary)" "$before"
}
back() {
  code 0 apply v1 --timeout 300s && becomes Healthy rollout/iris-api '{.status.phase}' && becomes "100 0" vs/iris-api "$weights"
}
smoke_fails() { # the canary's smoke test fails: the rollout aborts, and the last good set comes back
  code 0 apply v3 --no-wait && becomes Degraded rollout/iris-api '{.status.phase}' && becomes "100 0" vs/iris-api "$weights" &&
    code 1 apply v3 --timeout 120s --rollback-on-failure && prints MLC0915 && prints "rolling back" &&
    becomes Healthy rollout/iris-api '{.status.phase}' &&
    [[ $(live rollout/iris-api '{.spec.template.spec.containers[0].image}') == *sha256:9b1d* ]]
}
claims_stay() {
  mkdir claims && cat >claims/a.yaml <<END
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: $ns}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: beside, namespace: $ns}
END
  code 0 "$MLC" apply -f claims -n "$ns" --applyset=claims --prune --no-wait && sed -i '1,/^---/d' claims/a.yaml &&
    code 0 "$MLC" apply -f claims -n "$ns" --applyset=claims --prune --no-wait && prints "1 kept" && prints MLC0914 &&
    live pvc/data '{.metadata.uid}' | grep -q . && code 0 "$MLC" destroy -n "$ns" --applyset=claims --yes &&
    is "$(live pvc/data '{.metadata.deletionTimestamp}')" '' && live pvc/data '{.metadata.uid}' | grep -q .
}

expect "production manifests" built
expect "first version, without steps" first
expect "what the controller sets is no change" unchanged
expect "a canary at its first step" canary
expect "an apply leaves a canary's traffic alone" undisturbed
expect "the stable version again, at once" back
expect "a failed smoke test; the last good set" smoke_fails
expect "prune and destroy leave claims" claims_stay
totals
