#!/usr/bin/env bash
# What users meet, against a real API server that this starts (MLC_SERVERS): environments of a spec, objects that GitOps
# tools own, a first apply beside another, Ctrl-C, hostile text, and the many ways in which manifests are wrong.
. "$(dirname "$0")/lib.sh"
MLC=$(realpath "${MLC:-build/mlc}")
servers=$(realpath -m "${MLC_SERVERS:-${MLC_SHARED:-../shared}/servers}")
folder=$(mktemp -d)
ns=mlc-users started=''
export XDG_CACHE_HOME=$folder/cache

finish() {
  [ -z "$started" ] || "$servers/kubernetes/down" "$MLC_SERVER_DIR" >"$folder/down.log" 2>&1
  rm -rf "$folder"
}
trap finish EXIT
leave() { # WHY
  skip "what users meet" "$1"
  totals
  exit
}
command -v kubectl >/dev/null || leave "kubectl is not installed"
[ -z "${KUBECONFIG:-}" ] || leave "not on a cluster that is somebody's"
[ -x "$servers/kubernetes/up" ] || leave "no servers in $servers (MLC_SERVERS)"
variables=$("$servers/kubernetes/up" "$folder/server" 2>"$folder/up.log") ||
  leave "no API server can be had here: $(tail -n 1 "$folder/up.log")"
eval "$variables"
export KUBECONFIG
started=1
cd "$folder" || exit 1

hides() { # UNWANTED...
  local text
  for text in "$@"; do
    ! grep -qF -- "$text" "$folder/out" || { echo "printed: $text" && cat "$folder/out" && return 1; }
  done
}
kubectl create namespace "$ns" >"$folder/namespace.log" || exit 1

# --- an environment of a spec

spec() { # planned, applied, as it should be
  mkdir -p spec && cat >spec/shop.mlc <<'END'
project shop { owner = "a@example.com", repository = "github.com/example/shop" }
service web { replicas = 2, port = 8080, run = "./web --port \(port)", build { preset = python, push = images } }
registry images { url = "example.com/web" }
cluster main { existing = "main", context = "no-such-context" }
environment staging { namespace = "shop-staging" }
target kubernetes {}
END
  printf 'service/web@staging.image = "example.com/web@sha256:%064d"\n' 1 >spec/mlc.lock
  (cd spec && code 1 "$MLC" plan && prints no-such-context 'cluster `main` of the spec' &&
    sed -i "s/no-such-context/$(kubectl config current-context)/" shop.mlc &&
    code 2 "$MLC" plan --detailed-exitcode && prints "Deployment.apps shop-staging/web" &&
    code 1 "$MLC" status && prints "no pods; the lock says 000000000000" &&
    code 0 "$MLC" apply staging --set-version first && prints "all is ready" &&
    code 0 "$MLC" plan --detailed-exitcode && code 0 "$MLC" plan staging --format markdown && prints "7 unchanged" &&
    code 0 "$MLC" status staging && prints "first, ended ready" "web: 000000000000 as locked, 2 of 2 pods ready" &&
    code 0 "$MLC" status --applyset shop -n shop-staging && prints good)
}
spec_plan() { # saved, performed, rolled back
  (cd spec && printf 'service/web@staging.image = "example.com/web@sha256:9%063d"\n' 1 >mlc.lock &&
    code 1 "$MLC" status staging && prints "NOT as locked" "the lock says 900000000000" "0 to add, 1 to change" &&
    code 0 "$MLC" plan staging --out p.json && code 0 "$MLC" apply p.json && prints "1 configured" &&
    code 0 "$MLC" status staging && prints "900000000000 as locked" &&
    code 0 "$MLC" apply staging --rollback --print && prints kubectl &&
    code 0 "$MLC" apply staging --rollback && code 1 "$MLC" status staging && prints "000000000000 NOT as locked")
}
spec_drift() {
  kubectl patch deploy web -n shop-staging --field-manager=somebody -p '{"spec":{"revisionHistoryLimit":7}}' &&
    (cd spec && code 1 "$MLC" status staging && prints 'spec.revisionHistoryLimit was changed by "somebody" at 20')
}
spec_gitops() { # what the spec gives away is neither applied nor destroyed, but seen
  (cd spec && cp shop.mlc kept.tmp && sed -i 's/kubernetes {}/kubernetes { gitops = argocd }/' shop.mlc &&
    code 1 "$MLC" apply staging && prints MLC0922 && code 1 "$MLC" destroy staging --yes && prints MLC0922 &&
    code 1 "$MLC" apply staging --rollback && prints MLC0922 && code 0 "$MLC" plan staging --out given.json --force-conflicts &&
    code 1 "$MLC" apply given.json && prints MLC0922 && code 1 "$MLC" status staging && prints drifted &&
    mv kept.tmp shop.mlc)
}
spec_destroy() {
  (cd spec && code 64 "$MLC" destroy --yes && code 1 "$MLC" destroy staging && prints "Deployment.apps shop-staging/web" &&
    code 0 "$MLC" destroy staging --yes --allow-delete Namespace) && ! kubectl get namespace shop-staging
}

# --- what GitOps tools own

gitops() { # left by prune, refused by destroy
  mkdir -p git && config_map g1 1 >git/1.yaml && config_map g2 1 >git/2.yaml &&
    code 0 "$MLC" apply -f git -n "$ns" --applyset=git --prune --no-wait && rm git/2.yaml &&
    kubectl label cm g1 -n "$ns" kustomize.toolkit.fluxcd.io/name=apps &&
    kubectl annotate cm g2 -n "$ns" "argocd.argoproj.io/tracking-id=app:/ConfigMap:$ns/g2" &&
    code 1 "$MLC" destroy -n "$ns" --applyset=git --yes && prints "ConfigMap $ns/g1 is managed by Flux" "g2 is managed by Argo CD" &&
    code 1 "$MLC" destroy -f git --yes && prints MLC0922 && is "$(live cm/g1 '{.data.x}')" 1 &&
    kubectl label cm g1 -n "$ns" kustomize.toolkit.fluxcd.io/name- &&
    code 0 "$MLC" plan -f git -n "$ns" --applyset=git --prune && prints "1 kept" "Argo CD manages it" &&
    code 0 "$MLC" apply -f git -n "$ns" --applyset=git --prune --no-wait && prints "1 kept" "delete it with --take-over" &&
    is "$(live cm/g2 '{.data.x}')" 1 && code 1 "$MLC" destroy -n "$ns" --applyset=git && prints MLC0922 &&
    code 1 "$MLC" destroy -n "$ns" --applyset=git --take-over && prints "would be deleted" "ConfigMap $ns/g2" &&
    code 0 "$MLC" destroy -n "$ns" --applyset=git --take-over --yes && gone cm/g2 && gone secret/git
}

for name in spec spec_plan spec_drift spec_gitops spec_destroy; do
  expect "an environment of a ${name//_/: }" $name
done
# --- two first applies, and Ctrl-C

first_applies() { # both bring the namespace of their inventory: none loses what the other wrote
  local i pids=() bad=0
  for i in 1 2 3; do
    mkdir -p "first$i" && printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: %s-first}\n' "$ns" >"first$i/n.yaml" &&
      config_map "only-$i" "$i" | sed "s/namespace: $ns/namespace: $ns-first/" >"first$i/c.yaml"
    "$MLC" apply -f "first$i" -n "$ns-first" --applyset=first --prune --no-wait >"first$i.log" 2>&1 &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || bad=1; done
  [ $bad -eq 0 ] || { cat first?.log && return 1; }
  is "$(kubectl get cm -n "$ns-first" -o name | grep -c only-)" 1 && is "$(cat first?.log | grep -c 'Namespace .* created')" 1
}
again_after_destroy() { # the namespace is still going when the next apply begins
  code 0 "$MLC" destroy -n "$ns-first" --applyset=first --yes --allow-delete Namespace --no-wait &&
    code 0 "$MLC" apply -f first1 -n "$ns-first" --applyset=first --prune --no-wait && prints "2 created"
}
stopped() { # SIGNAL CODE: what is under way ends, all is told, the lease is free, the next run converges
  local name=stop-${1,,}
  rm -rf stop && mkdir -p stop && for i in $(seq 3000); do config_map "$name-$i" "$i"; done >stop/all.yaml
  rm -f out
  env --default-signal="$1" "$MLC" apply -f stop -n "$ns" --applyset=stop --prune --no-wait >out 2>&1 &
  local run=$!
  until grep -qs created out || ! kill -0 $run; do sleep 0.05; done
  kill -s "$1" $run
  wait $run
  is "$?" "$2" && prints "stopping: what is under way is finished" "skipped: interrupted" "interrupted: the same command again goes on" &&
    is "$(live lease/stop-lock '{.spec.holderIdentity}')" '' &&
    is "$(kubectl get cm -n "$ns" -o name | grep -c "/$name-")" "$(grep -c 'created$' out)" &&
    config_map "$name-1" 1 >stop/all.yaml && code 0 "$MLC" apply -f stop -n "$ns" --applyset=stop --prune --no-wait &&
    is "$(kubectl get cm -n "$ns" -o name | grep -c "/$name-")" 1
}
stopped_in_wait() {
  printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: never, namespace: %s}\nspec: {nodeSelector: {no: node}, containers: [{name: c, image: i}]}\n' "$ns" >never.yaml
  rm -f out
  env --default-signal=INT "$MLC" apply -f never.yaml --timeout 60s >out 2>&1 &
  local run=$!
  until grep -qs created out || ! kill -0 $run; do sleep 0.05; done
  sleep 0.5
  kill -s INT $run
  wait $run
  is "$?" 130 && prints "1 created; interrupted" && hides "MLC0915" || { cat out && return 1; }
}

# --- text that is secret, or not meant for a terminal

masked() { # neither the server's words nor the quoted lines show a Secret
  local kind
  for kind in 'stringData: {p: hunter2, n: 12345678}' 'stringDatta: {p: hunter2}' 'stringData: hunter2' 'data: {p: "hunter2!!"}'; do
    printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: masked, namespace: %s}\n%s\n' "$ns" "$kind" >masked.yaml
    code 1 "$MLC" plan -v -f masked.yaml && hides hunter 12345678 && prints 'masked.yaml:' || return 1
    code 1 "$MLC" plan -f masked.yaml --format json && hides hunter 12345678 || return 1
    code 1 "$MLC" apply -f masked.yaml --no-wait --format json && hides hunter 12345678 || return 1
  done
  printf '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"masked","namespace":"%s"},"stringData":{"p":"hunter2"},"nope":1}' "$ns" >masked.json
  code 1 "$MLC" plan -f masked.json && hides hunter
}
hostile() { # control characters and changes of direction are shown, not obeyed
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hostile, namespace: %s}\ndata: {k: "a\\x1b]0;t\\x07\\u202eb"}\n' "$ns" >hostile.yaml
  code 0 "$MLC" apply -f hostile.yaml --no-wait && sed -i 's/0;t/0;u/' hostile.yaml || return 1
  local format
  for format in text markdown; do
    code 0 "$MLC" plan -f hostile.yaml --format $format && ! grep -q "$(printf '\033\\|\342\200\256')" out || return 1
  done
  kubectl apply --server-side --force-conflicts --field-manager="$(printf 'x\033[31m')" -f hostile.yaml >kubectl.log 2>&1 # may be refused
  sed -i 's/name: hostile/name: "x\\x1b[31m"/' hostile.yaml
  code 1 "$MLC" apply -f hostile.yaml --no-wait && ! grep -q "$(printf '\033')" out
}
places() { # a refusal leads to the field
  cat >places.yaml <<END
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: $ns}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
        - name: main
          imag: x
END
  code 1 "$MLC" plan -f places.yaml && prints 'places.yaml:11:11' MLC0911 'containers[name="main"].imag: field not declared' || return 1
  sed -i 's/imag: x/image: x\n          ports: [{containerPort: 99999}]/' places.yaml
  code 1 "$MLC" plan -f places.yaml && prints 'places.yaml:12:20' 'must be between 1 and 65535'
}

wrong() { # DOCUMENT TEXT...: refused before anything is sent, with these words
  printf '%b' "$1" >wrong.yaml
  shift
  code 1 "$MLC" plan -f wrong.yaml && prints "$@"
}
mistakes() {
  local head="apiVersion: v1\nkind: ConfigMap\nmetadata:"
  wrong "$head {generateName: x-, namespace: $ns}\n" MLC0906 "cannot be applied twice" &&
    wrong "$head {name: a, namespace: $ns}\n---\n$head {name: a, namespace: $ns}\n" MLC0907 "first here" &&
    wrong "apiVersion: v1\nkind: Configmap\nmetadata: {name: a}\n" MLC0908 "did you mean ConfigMap?" &&
    wrong "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a}\n" "is served by: apps/v1" &&
    wrong "$head {name: a, namespace: $ns, annotations: {mlc.dev/wave: first}}\n" MLC0906 "no whole number" &&
    wrong "$head {name: a, namespace: $ns, annotations: {mlc.dev/depends-on: configmap/b}}\n---\n$head {name: b, namespace: $ns, annotations: {mlc.dev/depends-on: configmap/a}}\n" MLC0909 "depends on" &&
    wrong "name: no-manifest\n" MLC0906 "a manifest has apiVersion, kind and metadata.name" &&
    wrong "# nothing\n---\n" "no objects in wrong.yaml" &&
    config_map mine 1 >mine.yaml && code 1 "$MLC" plan -f mine.yaml -n default && prints 'but -n says "default"' "pass -n $ns" &&
    code 64 "$MLC" plan -f mine.yaml staging
}
forms() { # comments, empty documents, anchors and merges, a List, a folder with other files
  mkdir -p forms/deep && cat >forms/a.yaml <<END
# a comment
---
---
apiVersion: v1
kind: ConfigMap
metadata: {name: form-a, namespace: $ns, labels: &l {app: x}}
data: {<<: *l, y: "yes", n: "08"}
...
END
  printf '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"form-b","namespace":"%s"}}]}' "$ns" >forms/b.json
  echo '# not a manifest' >forms/README.md && config_map form-deep 1 >forms/deep/c.yml &&
    code 0 "$MLC" apply -f forms --no-wait && prints "2 created" && is "$(live cm/form-a '{.data.app}{.data.y}{.data.n}')" xyes08 &&
    code 0 "$MLC" apply -R -f forms --no-wait && prints "1 created, 2 unchanged"
}
shown() { # the difference is in sight: of long values, and of texts of many lines
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shown, namespace: %s}\ndata: {conf: "one\\ntwo\\nthree\\n", long: "%0500d"}\n' "$ns" 1 >shown.yaml
  code 0 "$MLC" apply -f shown.yaml --no-wait && sed -i 's/two/2/; s/01"/02"/' shown.yaml &&
    code 0 "$MLC" plan -f shown.yaml && prints 'data.conf: from line 2 - two + 2' '01" → …' '02"'
}
refused() { # quotas and policies say why; what they let in is done
  kubectl create quota tight -n "$ns" --hard=pods=0 &&
    printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: %s}\nspec: {containers: [{name: c, image: i}]}\n' "$ns" >pod.yaml &&
    config_map beside 1 >>pod.yaml && code 1 "$MLC" apply -f pod.yaml --no-wait && prints "exceeded quota: tight" "1 failed" "pod.yaml:3" &&
    kubectl delete quota tight -n "$ns" && code 0 "$MLC" apply -f pod.yaml --no-wait
}

migration() { # from kubectl's client-side apply: the plan shows also what leaves with it
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: csa, namespace: %s, labels: {a: b, c: d}}\ndata: {one: "1", two: "2"}\n' "$ns" >csa.yaml
  kubectl apply -f csa.yaml && sed -i 's/, c: d//; s/, two: "2"//; s/one: "1"/one: "3"/' csa.yaml &&
    code 2 "$MLC" plan -f csa.yaml --detailed-exitcode && prints 'metadata.labels.c: "d"' 'data.one: "1" → "3"' 'data.two: "2"' "client-side apply" &&
    code 0 "$MLC" apply -f csa.yaml --no-wait && is "$(live cm/csa '{.data}{.metadata.labels}{.metadata.annotations}')" '{"one":"3"}{"a":"b"}' &&
    code 0 "$MLC" plan -f csa.yaml --detailed-exitcode --exhaustive
}

for name in migration masked hostile places mistakes forms shown refused gitops first_applies again_after_destroy "stopped TERM 143" "stopped INT 130" stopped_in_wait; do
  # shellcheck disable=SC2086
  expect "${name//_/ }" $name
done
totals
