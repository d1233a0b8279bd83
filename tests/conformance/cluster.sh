#!/usr/bin/env bash
# The apply engine against a real API server: the cluster that KUBECONFIG names, or that this is a pod of, in a
# namespace of its own (or in MLC_NAMESPACE, which must be empty); or one started from MLC_SERVERS (default
# $MLC_SHARED/servers), where also failing pods, restarts and other users are tried.
. "$(dirname "$0")/lib.sh"
MLC=$(realpath "${MLC:-build/mlc}")
servers=$(realpath -m "${MLC_SERVERS:-${MLC_SHARED:-../shared}/servers}")
folder=$(mktemp -d)
own='' ns=${MLC_NAMESPACE:-mlc-conf-$$} things=configmaps,secrets,jobs.batch,deployments.apps,leases.coordination.k8s.io
export XDG_CACHE_HOME=$folder/cache KUBECACHEDIR=$folder/kubectl-cache

finish() {
  if [ -n "$own" ]; then
    [ ! -e "$folder/rollouts" ] || "$servers/rollouts/down" "$MLC_SERVER_DIR" >"$folder/rollouts-down.log" 2>&1
    "$servers/kubernetes/down" "$MLC_SERVER_DIR" >"$folder/down.log" 2>&1
  elif [ -n "${empty:-}" ]; then
    kubectl delete "$things" --all -n "$ns" --wait=false >"$folder/delete.log" 2>&1
  elif [ -z "${MLC_NAMESPACE:-}" ]; then
    kubectl delete namespace "$ns" --ignore-not-found --wait=false >"$folder/delete.log" 2>&1
  fi
  rm -rf "$folder"
}
trap finish EXIT
leave() { # WHY
  skip cluster "$1"
  totals
  exit
}

if [ -z "${KUBECONFIG:-}${KUBERNETES_SERVICE_HOST:-}" ]; then
  [ -x "$servers/kubernetes/up" ] || leave "no KUBECONFIG, and no servers in $servers (MLC_SERVERS)"
  # One request in fifty is answered with GOAWAY: the connection ends, and what it carried goes over another.
  variables=$("$servers/kubernetes/up" "$folder/server" --apiserver-arg --goaway-chance=0.02 2>"$folder/up.log") ||
    leave "no API server can be had here: $(tail -n 1 "$folder/up.log")"
  eval "$variables"
  export KUBECONFIG
  own=1
fi
command -v kubectl >/dev/null || leave "kubectl is not installed"
kubectl version -o json >"$folder/version.json" 2>"$folder/version.log" ||
  leave "the API server cannot be asked: $(tail -n 1 "$folder/version.log")"
if [ -n "${MLC_NAMESPACE:-}" ]; then
  found=$(kubectl get "$things" -n "$ns" -o name 2>&1 | grep -v '^configmap/[a-z-]*-ca.crt$')
  [ -z "$found" ] || leave "MLC_NAMESPACE=$ns is not empty: $(head -n 1 <<<"$found")"
  empty=1
elif [ "$(kubectl auth can-i create namespaces 2>&1 | tail -n 1)" != yes ]; then
  leave "this user may not create a namespace: name one that is empty with MLC_NAMESPACE"
fi
cd "$folder" || exit 1

# Times are the longest that a busy machine may need; what is to fail sets a short one.
deployment() { # NAME IMAGE [POD ANNOTATIONS] [OBJECT ANNOTATIONS]
  cat <<END
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1, namespace: $ns, annotations: {${4:-}}}
spec:
  replicas: 2
  progressDeadlineSeconds: ${deadline:-600}
  selector: {matchLabels: {app: $1}}
  template:
    metadata: {labels: {app: $1}, annotations: {${3:-}}}
    spec: {containers: [{name: main, image: "$2", ports: [{containerPort: 80}]}]}
END
}
job() { # NAME IMAGE [POD ANNOTATIONS]
  cat <<END
---
apiVersion: batch/v1
kind: Job
metadata: {name: $1, namespace: $ns}
spec:
  backoffLimit: 0
  template:
    metadata: {annotations: {${3:-}}}
    spec: {restartPolicy: Never, containers: [{name: main, image: "$2"}]}
END
}
namespace() { # where it is given, something else stands for it
  [ -z "${MLC_NAMESPACE:-}" ] || { config_map instead-of-the-namespace 1 && return; }
  printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n' "$ns"
}
secret() { printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: %s}\nstringData: {p: "%s"}\n' "$ns" "$1"; }

# --- plan and apply

first_plan() { code 2 "$MLC" plan -f base --detailed-exitcode && prints "ConfigMap $ns/c" "3 to create"; }
first_apply() { code 0 "$MLC" apply -f base --no-wait && prints "3 created"; }
same_again() {
  code 0 "$MLC" apply -f base --no-wait && prints "3 unchanged" &&
    code 0 "$MLC" plan -f base --detailed-exitcode && prints "3 unchanged" &&
    code 0 "$MLC" plan -f base --detailed-exitcode --exhaustive && prints "3 unchanged"
}
one_field() {
  { namespace && config_map c 2 && secret hidden; } >base/all.yaml
  code 2 "$MLC" plan -f base --detailed-exitcode && prints 'data.x: "1" → "2"' "1 to change" &&
    code 0 "$MLC" apply -f base --no-wait && prints "1 configured" && is "$(live cm/c '{.data.x}')" 2
}
secrets_hidden() {
  { namespace && config_map c 2 && secret other-secret; } >base/all.yaml
  code 2 "$MLC" plan -f base --detailed-exitcode -v && prints '***' && ! grep -q 'other-secret\|b3RoZXItc2VjcmV0' out &&
    code 2 "$MLC" plan -f base --detailed-exitcode --out plan.json && ! grep -q 'other-secret\|b3RoZXItc2VjcmV0' plan.json
}
saved_plan() { code 0 "$MLC" apply plan.json --no-wait && prints "1 configured" && is "$(live secret/s '{.data.p}')" b3RoZXItc2VjcmV0; }
stale_plan() {
  config_map st 1 >stale.yaml && code 0 "$MLC" apply -f stale.yaml --no-wait && config_map st 5 >stale.yaml &&
    code 0 "$MLC" plan -f stale.yaml --out stale.json &&
    kubectl patch cm st -n "$ns" --field-manager=somebody --type merge -p '{"data":{"x":"9"}}' &&
    code 1 "$MLC" apply stale.json --no-wait && prints MLC0917 && is "$(live cm/st '{.data.x}')" 9
}
stdin_list() {
  printf '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"in","namespace":"%s"},"data":{"a":"b"}}]}' "$ns" >list.json
  code 0 "$MLC" apply -f - --no-wait <list.json && prints "1 created"
}
dropped_field() {
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d, namespace: %s}\ndata: {x: "1", y: "2"}\n' "$ns" >d.yaml
  code 0 "$MLC" apply -f d.yaml --no-wait && sed -i 's/, y: "2"//' d.yaml && code 0 "$MLC" apply -f d.yaml --no-wait &&
    is "$(live cm/d '{.data.y}')" ''
}
conflict() {
  config_map k 1 >k.yaml && config_map k 2 >k2.yaml && code 0 "$MLC" apply -f k.yaml --no-wait &&
    kubectl apply --server-side --force-conflicts --field-manager=other -f k2.yaml &&
    code 1 "$MLC" apply -f k.yaml --no-wait && prints MLC0910 'data.x is managed by "other"' &&
    code 1 "$MLC" plan -f k.yaml && prints 'conflict: data.x is managed by "other"' &&
    code 0 "$MLC" apply -f k.yaml --no-wait --force-conflicts && is "$(live cm/k '{.data.x}')" 1
}
migration() {
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: csa, namespace: %s}\ndata: {x: "1", y: "2"}\n' "$ns" >csa.yaml
  kubectl apply -f csa.yaml && sed -i 's/, y: "2"//; s/x: "1"/x: "3"/' csa.yaml &&
    code 0 "$MLC" plan -f csa.yaml && prints "client-side apply" && code 0 "$MLC" apply -f csa.yaml --no-wait &&
    is "$(live cm/csa '{.data}')" '{"x":"3"}' &&
    is "$(kubectl get cm csa -n "$ns" --show-managed-fields -o 'jsonpath={.metadata.managedFields[*].manager}')" mlc
}
replacement() {
  job r img:1 >r.yaml && code 0 "$MLC" apply -f r.yaml --no-wait && job r img:2 >r.yaml &&
    code 1 "$MLC" apply -f r.yaml --no-wait && prints MLC0912 'spec.template' &&
    code 0 "$MLC" plan -f r.yaml --replace && prints "1 to replace" &&
    code 0 "$MLC" apply -f r.yaml --replace --no-wait && prints "1 replaced" &&
    is "$(live job/r '{.spec.template.spec.containers[0].image}')" img:2
}
missing_namespace() {
  [ -z "${MLC_NAMESPACE:-}" ] || return 0 # without rights there, it is a refusal
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: %s-none}\n' "$ns" >none.yaml
  code 1 "$MLC" apply -f none.yaml --no-wait && prints "there is no namespace \"$ns-none\""
}
invalid_document() {
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad, namespace: %s}\ndatta: {}\n' "$ns" >bad.yaml
  { cat bad.yaml && config_map fine 1; } >mixed.yaml
  code 1 "$MLC" apply -f mixed.yaml --no-wait && prints 'datta' 'mixed.yaml:4:1' "1 created" "1 failed" &&
    sed -i '/datta/d' mixed.yaml && code 0 "$MLC" apply -f mixed.yaml --no-wait && prints "1 created" "1 unchanged"
}
gitops() {
  kubectl create cm owned -n "$ns" && kubectl annotate cm owned -n "$ns" argocd.argoproj.io/tracking-id=a:v1 &&
    config_map owned 1 >owned.yaml && code 1 "$MLC" apply -f owned.yaml --no-wait && prints MLC0922 "Argo CD" &&
    code 0 "$MLC" plan -f owned.yaml && code 0 "$MLC" apply -f owned.yaml --no-wait --take-over
}

# --- inventories

set_apply() { code 0 "$MLC" apply -f set -n "$ns" --applyset=app --prune --no-wait; }
prune() {
  mkdir -p set && config_map p1 1 >set/1.yaml && config_map p2 1 >set/2.yaml && config_map p3 1 '"mlc.dev/keep": "true"' >set/3.yaml &&
    set_apply && prints "3 created" && rm set/2.yaml set/3.yaml && set_apply && prints "1 pruned" "1 kept" MLC0914 &&
    gone cm/p2 && is "$(live cm/p3 '{.data.x}')" 1
}
kubectl_takes_over() {
  mkdir -p shared && config_map q1 1 >shared/1.yaml && config_map q2 1 >shared/2.yaml &&
    code 0 "$MLC" apply -f shared -n "$ns" --applyset=shared --applyset-tooling kubectl/v1.36 --no-wait && rm shared/2.yaml &&
    KUBECTL_APPLYSET=true kubectl apply --server-side --force-conflicts --prune --applyset=shared -n "$ns" -f shared && gone cm/q2
}
mlc_takes_over() {
  code 1 "$MLC" apply -f shared -n "$ns" --applyset=shared --prune --no-wait && prints 'managed by "kubectl/' &&
    config_map q3 1 >shared/1.yaml &&
    code 0 "$MLC" apply -f shared -n "$ns" --applyset=shared --prune --no-wait --take-over && prints "1 pruned" && gone cm/q1
}
parent_text() { # PARENT: what both tools write on it
  kubectl get "$1" -n "$ns" --show-managed-fields -o 'jsonpath={.metadata.labels}{.metadata.annotations}{.type}{.data}' &&
    kubectl get "$1" -n "$ns" --show-managed-fields -o 'jsonpath={range .metadata.managedFields[*]}{.operation}{.fieldsV1}{end}'
}
same_parent() { # PARENT, SET: as kubectl writes it, byte for byte; both ways
  kubectl delete -f "$2" --ignore-not-found
  KUBECTL_APPLYSET=true kubectl apply --server-side --prune --applyset="$1" -n "$ns" -f "$2" && parent_text "$1" >kubectl.txt || return 1
  tooling=$(live "$1" '{.metadata.annotations.applyset\.kubernetes\.io/tooling}')
  kubectl get -f "$2" --show-labels --no-headers | awk '{ print $1, $NF }' >kubectl-members.txt
  kubectl delete "$1" -n "$ns" && kubectl delete -f "$2" || return 1
  code 0 "$MLC" apply -f "$2" -n "$ns" --applyset="$1" --applyset-tooling "$tooling" --no-wait && parent_text "$1" >mlc.txt &&
    kubectl get -f "$2" --show-labels --no-headers | awk '{ print $1, $NF }' >mlc-members.txt &&
    diff kubectl.txt mlc.txt && diff kubectl-members.txt mlc-members.txt || return 1
  # kubectl prunes what mlc applied, mlc what kubectl applied
  sed '/^---$/,$d' "$2" >one.yaml && grep -q name one.yaml && cp "$2" both.yaml &&
    KUBECTL_APPLYSET=true kubectl apply --server-side --force-conflicts --prune --applyset="$1" -n "$ns" -f one.yaml &&
    is "$(kubectl get -f both.yaml --ignore-not-found -o name | wc -l)" 1 &&
    KUBECTL_APPLYSET=true kubectl apply --server-side --force-conflicts --prune --applyset="$1" -n "$ns" -f both.yaml &&
    code 0 "$MLC" apply -f one.yaml -n "$ns" --applyset="$1" --applyset-tooling "$tooling" --prune --no-wait --force-conflicts &&
    prints "1 pruned" && is "$(kubectl get -f both.yaml --ignore-not-found -o name | wc -l)" 1
}
same_secret_parent() {
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: %s}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: two, namespace: %s}\n' \
    "$ns" "$ns" >parent.yaml
  same_parent secret/parent parent.yaml
}
same_configmap_parent() { same_parent configmap/parent parent.yaml; }
label_refused() {
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: l, namespace: %s, labels: {applyset.kubernetes.io/part-of: x}}\n' "$ns" >l.yaml
  code 1 "$MLC" apply -f l.yaml -n "$ns" --applyset=app --no-wait && prints MLC0913
}
no_interleaving() {
  local i pids=() bad=0
  for i in 1 2 3; do
    mkdir -p "race$i" && config_map race "$i" >"race$i/a.yaml"
    "$MLC" apply -f "race$i" -n "$ns" --applyset=race --prune --no-wait --force-conflicts >"race$i.log" 2>&1 &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || bad=1; done
  [ $bad -eq 0 ] || { cat race?.log && return 1; }
}
status_and_drift() {
  mkdir -p env && config_map e1 1 >env/1.yaml &&
    code 0 "$MLC" apply -f env -n "$ns" --applyset=env --prune --set-version v1 && code 0 "$MLC" status -n "$ns" --applyset=env &&
    prints "1 healthy" "v1" && kubectl patch cm e1 -n "$ns" --field-manager=somebody -p '{"data":{"x":"7"}}' &&
    code 1 "$MLC" status -n "$ns" --applyset=env && prints 'data.x was changed by "somebody" at 20'
}
rollback() {
  config_map e1 2 >env/1.yaml && config_map e2 2 >env/2.yaml &&
    code 0 "$MLC" apply -f env -n "$ns" --applyset=env --prune --force-conflicts --set-version v2 &&
    code 0 "$MLC" apply --rollback -n "$ns" --applyset=env && is "$(live cm/e1 '{.data.x}')" 1 && gone cm/e2 &&
    code 0 "$MLC" apply --rollback --to-revision 2 --print -n "$ns" --applyset=env && bash out && is "$(live cm/e1 '{.data.x}')" 2
}
destroy() {
  code 1 "$MLC" destroy -n "$ns" --applyset=env && prints "ConfigMap $ns/e1" && is "$(live cm/e1 '{.data.x}')" 2 &&
    code 0 "$MLC" destroy -n "$ns" --applyset=env --yes && gone cm/e1 && gone secret/env && gone secret/env-set-1-0
}

spec() { # an environment of a spec: planned, applied, as it should be; errors lead to the spec
  mkdir -p spec && cat >spec/shop.mlc <<END
project shop { owner = "a@example.com", repository = "github.com/example/shop" }
service web { image = "example.com/web@sha256:$(printf '%064d' 1)", replicas = 2, port = 8080 }
environment staging { namespace = "$ns-spec" }
target kubernetes {}
END
  (cd spec && code 2 "$MLC" plan --detailed-exitcode && prints "Deployment.apps $ns-spec/web" &&
    code 0 "$MLC" apply staging && prints "all is ready" && code 0 "$MLC" plan --detailed-exitcode &&
    code 0 "$MLC" status --applyset shop -n "$ns-spec" && prints good &&
    sed -i 's/kubernetes {}/kubernetes { gitops = argocd }/' shop.mlc && code 1 "$MLC" apply staging && prints MLC0922)
}

# --- only on a cluster of our own

becomes_ready() {
  { deployment good img:1 'mlc.test/after: 1s' && job done img:1; } >ready.yaml
  code 0 "$MLC" apply -f ready.yaml && prints "all is ready" && is "$(live deploy/good '{.status.readyReplicas}')" 2 &&
    is "$(live job/done '{.status.succeeded}')" 1
}
fails() { # KIND OF FAILURE, WHAT IS SAID
  deadline=4 deployment "bad-$1" img:1 "mlc.test/pod: $1" >"bad-$1.yaml"
  code 1 "$MLC" apply -f "bad-$1.yaml" --timeout 60s && prints MLC0915 "$2"
}
job_fails() { job bad img:1 'mlc.test/pod: fail' >jobfail.yaml && code 1 "$MLC" apply -f jobfail.yaml --timeout 120s && prints BackoffLimitExceeded; }
depends() {
  { deployment after img:1 '' '"mlc.dev/depends-on": deployment/before' && deployment before img:1 'mlc.test/after: 2s'; } >depends.yaml
  code 0 "$MLC" apply -f depends.yaml || return 1
  local ready made
  ready=$(live deploy/before '{.status.conditions[?(@.type=="Available")].lastTransitionTime}')
  made=$(live deploy/after '{.metadata.creationTimestamp}')
  [[ ! $made < $ready ]] || { echo "made at $made, before its dependency was ready at $ready" && return 1; }
}
same_custom_parent() { # of the whole cluster, of a kind that says that it may be one; members in two namespaces
  kubectl apply -f - <<END && kubectl wait --for=condition=Established crd/bundles.mlc.test --timeout=120s && sleep 1 || return 1
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: bundles.mlc.test, labels: {applyset.kubernetes.io/is-parent-type: "true"}}
spec:
  group: mlc.test
  scope: Cluster
  names: {kind: Bundle, plural: bundles, singular: bundle}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
END
  kubectl create namespace "$ns-two"
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: %s}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: two, namespace: %s-two}\n' \
    "$ns" "$ns" >custom.yaml
  bundle() { # made by hand, as kubectl wants it
    local id
    id=$(printf 'parent..Bundle.mlc.test' | openssl dgst -sha256 -binary | base64 -w0 | tr '+/' '-_' | tr -d =)
    printf 'apiVersion: mlc.test/v1\nkind: Bundle\nmetadata: {name: parent, labels: {applyset.kubernetes.io/id: applyset-%s-v1}, annotations: {applyset.kubernetes.io/tooling: kubectl/v1.0, applyset.kubernetes.io/contains-group-kinds: ""}}\n' \
      "$id" | kubectl create -f -
  }
  kubectl delete -f custom.yaml --ignore-not-found
  code 1 "$MLC" apply -f custom.yaml -n "$ns" --applyset=bundles.mlc.test/parent --no-wait && prints MLC0913 "it does not exist" || return 1
  bundle && KUBECTL_APPLYSET=true kubectl apply --server-side --prune --applyset=bundles.mlc.test/parent -f custom.yaml &&
    parent_text bundles.mlc.test/parent >kubectl.txt || return 1
  tooling=$(live bundles.mlc.test/parent '{.metadata.annotations.applyset\.kubernetes\.io/tooling}')
  kubectl delete bundles.mlc.test/parent -n "$ns" && kubectl delete -f custom.yaml && bundle || return 1
  code 0 "$MLC" apply -f custom.yaml -n "$ns" --applyset=bundles.mlc.test/parent --applyset-tooling "$tooling" --no-wait &&
    parent_text bundles.mlc.test/parent >mlc.txt && diff kubectl.txt mlc.txt || return 1
  sed '/^---$/,$d' custom.yaml >one.yaml
  code 0 "$MLC" apply -f one.yaml -n "$ns" --applyset=bundles.mlc.test/parent --applyset-tooling "$tooling" --prune --no-wait &&
    prints "1 pruned" && ! kubectl get serviceaccount two -n "$ns-two"
}
rollback_on_failure() {
  mkdir -p fail && deployment web img:1 >fail/1.yaml &&
    code 0 "$MLC" apply -f fail -n "$ns" --applyset=fail --prune && deadline=20 deployment web img:2 'mlc.test/pod: crash' >fail/1.yaml &&
    code 1 "$MLC" apply -f fail -n "$ns" --applyset=fail --prune --rollback-on-failure --timeout 120s &&
    prints "rolling back to revision 1" && is "$(live deploy/web '{.spec.template.spec.containers[0].image}')" img:1 &&
    code 0 "$MLC" status -n "$ns" --applyset=fail
}
definitions() { # a definition, its namespace and an object of it in one set, in any order
  mkdir -p crds && cp "$schemas/keda/keda.sh_scaledobjects.yaml" crds/z.yaml || return 1
  printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: %s-crd}\n' "$ns" >crds/n.yaml
  cat >crds/a.yaml <<END
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: so, namespace: $ns-crd}
spec: {scaleTargetRef: {name: api}, triggers: [{type: cpu, metadata: {value: "50"}}]}
END
  code 2 "$MLC" plan -f crds --detailed-exitcode && prints "checked by its schema alone" &&
    code 0 "$MLC" apply -f crds --no-wait && prints "3 created" && code 0 "$MLC" plan -f crds --detailed-exitcode &&
    sed -i 's/name: api}/nmae: api}/' crds/a.yaml && code 1 "$MLC" plan -f crds &&
    sed -i 's/nmae: api}/name: api}/' crds/a.yaml && code 0 "$MLC" destroy -f crds --yes && prints "so pruned" "kept" MLC0914 &&
    code 0 "$MLC" destroy -f crds --yes --allow-delete Namespace --allow-delete CustomResourceDefinition
}
reader() {
  code 1 "$MLC" apply -f base --no-wait --kubeconfig "$MLC_SERVER_DIR/kubeconfig-reader" --force-conflicts -n "$ns" &&
    prints MLC0904 cannot
}
token() { code 0 "$MLC" plan -f base --kubeconfig "$MLC_SERVER_DIR/kubeconfig-token"; }
exec_plugin() {
  cat >login <<'END'
#!/bin/sh
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"test-token"}}'
END
  chmod +x login
  sed 's|token: test-token|exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, interactiveMode: Never}|' \
    "$MLC_SERVER_DIR/kubeconfig-token" >kubeconfig-exec
  code 0 "$MLC" plan -f base --kubeconfig "$folder/kubeconfig-exec"
}
tls_name() {
  sed 's|^\( *\)server:|\1tls-server-name: localhost\n\1server:|' "$KUBECONFIG" >kubeconfig-tls
  code 0 "$MLC" plan -f base --kubeconfig "$folder/kubeconfig-tls" && sed -i 's/: localhost/: wrong.example/' kubeconfig-tls &&
    code 1 "$MLC" plan -f base --kubeconfig "$folder/kubeconfig-tls" && prints MLC0902 "not trusted"
}
# Again when it did not come up: a killed server may hold its port for a moment longer than its process seems to live.
restart_server() { # [--kill]
  local i
  for i in 1 2 3; do
    "$servers/kubernetes/restart" "$MLC_SERVER_DIR" "$@" >"restart.$i.log" 2>&1 && return
  done
}
killed_in_apply() { # [--kill]
  for i in $(seq 1500); do config_map "many$1-$i" "$i"; done >many.yaml
  (sleep 0.7 && restart_server $1) &
  local restart=$!
  code 0 "$MLC" apply -f many.yaml --no-wait
  local result=$?
  wait "$restart"
  [ $result -eq 0 ] && code 0 "$MLC" plan -f many.yaml --detailed-exitcode && prints "1500 unchanged"
}
killed_in_prune() { # [--kill]: hundreds of deletions, and the server goes away in the middle of them
  mkdir -p drop && for i in $(seq 900); do config_map "drop$1-$i" "$i"; done >drop/all.yaml
  code 0 "$MLC" apply -f drop -n "$ns" --applyset=drop --prune --no-wait || return 1
  config_map "drop$1-7" 7 >drop/all.yaml
  (sleep 0.6 && restart_server $1) &
  local restart=$!
  code 0 "$MLC" apply -f drop -n "$ns" --applyset=drop --prune --no-wait
  local result=$?
  wait "$restart"
  [ $result -eq 0 ] && prints "899 pruned" && is "$(kubectl get cm -n "$ns" -o name | grep -c "/drop$1-[0-9]")" 1 &&
    code 0 "$MLC" apply -f drop -n "$ns" --applyset=drop --prune --no-wait && prints "1 unchanged"
}
restarted_in_wait() { # [--kill]
  deployment "slow$1" img:1 'mlc.test/after: 8s' >slow.yaml
  (sleep 1 && restart_server $1) &
  local restart=$!
  code 0 "$MLC" apply -f slow.yaml --timeout 300s
  local result=$?
  wait "$restart"
  return $result
}
# mlc itself is killed, forty times, at any point: the inventory always names the kinds of all that it made, nothing else
# is touched, and the next run converges. The sets change their kinds, so that each apply also prunes.
killed_set() { # ROUND
  local kind=ConfigMap i
  rm -rf stop && mkdir -p stop
  [ $(($1 % 3)) -ne 1 ] || kind=Secret
  [ $(($1 % 3)) -ne 2 ] || kind=ServiceAccount
  for ((i = $1 % 5; i < 90; i++)); do
    printf -- '---\napiVersion: v1\nkind: %s\nmetadata: {name: stop-%d, namespace: %s, annotations: {round: "%d"}}\n' "$kind" "$i" "$ns" "$1"
  done >stop/all.yaml
}
stop_apply() { "$MLC" apply -f stop -n "$ns" --applyset=stop --prune --no-wait; }
members_of_stop() {
  kubectl get cm,secret,serviceaccount -n "$ns" -l "applyset.kubernetes.io/part-of=$1" -o 'jsonpath={range .items[*]}{.kind}{"\n"}{end}' | sort | uniq -c
}
stopped_in_apply() {
  local round run id kinds kind stopped=0
  RANDOM=$$
  kubectl create configmap stop-foreign -n "$ns" && kubectl create secret generic stop-foreign -n "$ns" || return 1
  for ((round = 0; round < 40; round++)); do
    killed_set $round
    stop_apply >stop.log 2>&1 &
    run=$!
    sleep "0.$(printf %03d $((RANDOM % 900)))"
    kill -9 $run 2>/dev/null && stopped=$((stopped + 1))
    wait $run 2>/dev/null
    sleep 0.5 # what the server still does for it is over: that is what the lease, which goes now, would wait for
    kubectl delete lease stop-lock -n "$ns" --ignore-not-found >lease.log # else the next one waits a minute
    id=$(kubectl get secret stop -n "$ns" --ignore-not-found -o 'jsonpath={.metadata.labels.applyset\.kubernetes\.io/id}')
    [ -n "$id" ] || continue
    kinds=$(kubectl get secret stop -n "$ns" -o 'jsonpath={.metadata.annotations.applyset\.kubernetes\.io/contains-group-kinds}')
    for kind in $(members_of_stop "$id" | awk '{ print $2 }'); do
      [[ ,$kinds, == *,$kind,* ]] || { echo "round $round: $kind is a member, the inventory names $kinds" && return 1; }
    done
  done
  [ $stopped -ge 10 ] || { echo "only $stopped runs were killed in time" && return 1; }
  killed_set 40
  code 0 stop_apply && is "$(members_of_stop "$id" | tr -s ' ')" " 90 Secret" && is "$(grep -c '^kind' stop/all.yaml)" 90 &&
    is "$(kubectl get cm,secret,serviceaccount -n "$ns" -o name | grep -c '/stop-[0-9f]')" 92 &&
    code 0 stop_apply && prints "90 unchanged"
}
# What the controller says is recorded, since a node that loses its heart for a moment takes its pods' health with it; the
# pods need longer to be ready than the record may lag behind, so an apply that did not wait fails.
was_healthy() { # RECORD
  local i
  for i in $(seq 20); do
    ! grep -q Healthy "$1" || return 0
    sleep 0.25
  done
  echo "apply ended, and the rollout was not healthy:" && cat "$1" && live rollout/ro '{.status}' && kubectl get nodes,pods -n "$ns"
  return 1
}
rollout() {
  cat >rollout.yaml <<END
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: ro, namespace: $ns}
spec:
  replicas: 2
  selector: {matchLabels: {app: ro}}
  strategy: {canary: {steps: [{setWeight: 50}, {pause: {duration: 1}}]}}
  template:
    metadata: {labels: {app: ro}, annotations: {mlc.test/after: 20s}}
    spec: {containers: [{name: main, image: "img:1"}]}
END
  kubectl get rollouts -n "$ns" -w -o 'jsonpath={.metadata.name} {.status.phase} {.status.message}{"\n"}' >phases &
  local record=$!
  code 0 "$MLC" apply -f rollout.yaml --timeout 300s && was_healthy phases
  local result=$?
  kill $record
  [ $result -eq 0 ] &&
    sed -i 's/img:1/img:2/' rollout.yaml && code 0 "$MLC" apply -f rollout.yaml --timeout 300s
}

mkdir -p base && { namespace && config_map c 1 && secret hidden; } >base/all.yaml
expect "plan of an empty cluster" first_plan
expect "apply creates" first_apply
for name in same_again one_field secrets_hidden saved_plan stale_plan stdin_list dropped_field conflict migration replacement \
  missing_namespace invalid_document gitops prune kubectl_takes_over mlc_takes_over same_secret_parent same_configmap_parent label_refused \
  no_interleaving status_and_drift rollback destroy; do
  expect "${name//_/ }" $name
done

schemas=$(realpath -m "$servers/../schemas")
if [ -z "$own" ]; then
  skip "pods that fail, restarts, other users, definitions" "not on a cluster that is somebody's"
else
  expect "an environment of a spec" spec
  expect "becomes ready" becomes_ready
  expect "crashes" fails crash CrashLoopBackOff
  expect "cannot pull" fails pull ImagePullBackOff
  expect "hangs" fails hang "is not ready"
  for name in same_custom_parent job_fails depends rollback_on_failure reader token exec_plugin tls_name stopped_in_apply; do
    expect "${name//_/ }" $name
  done
  for how in '' --kill; do
    expect "API server $([ -n "$how" ] && echo killed || echo restarted) in the middle of an apply" killed_in_apply $how
    expect "API server $([ -n "$how" ] && echo killed || echo restarted) in the middle of a prune" killed_in_prune $how
  done
  expect "API server restarted during a wait" restarted_in_wait
  expect "API server killed during a wait" restarted_in_wait --kill
  if [ -e "$schemas/keda/keda.sh_scaledobjects.yaml" ]; then
    expect "definition and object in one set" definitions
  else
    skip "definition and object in one set" "no $schemas/keda"
  fi
  if "$servers/rollouts/up" "$MLC_SERVER_DIR" >rollouts.log 2>&1; then
    touch "$folder/rollouts"
    expect "Argo Rollouts under its controller" rollout
  else
    skip "Argo Rollouts under its controller" "$(tail -n 1 rollouts.log)"
  fi
fi
totals
