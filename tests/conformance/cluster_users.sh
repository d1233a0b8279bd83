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

code() { # WANTED COMMAND...: the exit code is as wanted; what it printed is in $folder/out.
  local wanted=$1
  shift
  "$@" >"$folder/out" 2>&1
  local got=$?
  [ "$got" -eq "$wanted" ] || { echo "exit $got, wanted $wanted" && cat "$folder/out" && return 1; }
}
prints() { # WANTED...: each is in what the last command printed, wherever its lines were broken.
  local text all
  all=$(tr -s ' \n' ' ' <"$folder/out")
  for text in "$@"; do
    grep -qF -- "$text" <<<"$all" || { echo "not printed: $text" && cat "$folder/out" && return 1; }
  done
}
hides() { # UNWANTED...
  local text
  for text in "$@"; do
    ! grep -qF -- "$text" "$folder/out" || { echo "printed: $text" && cat "$folder/out" && return 1; }
  done
}
live() { kubectl get "$1" -n "$ns" -o "jsonpath=$2"; }
is() { [ "$1" = "$2" ] || { echo "found '$1', wanted '$2'" && return 1; }; }
gone() { ! kubectl get "$1" -n "$ns" >/dev/null 2>&1; }
config_map() { # NAME VALUE [ANNOTATIONS]
  printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: %s, annotations: {%s}}\ndata: {x: "%s"}\n' \
    "$1" "$ns" "${3:-}" "$2"
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
for name in gitops; do
  expect "${name//_/ }" $name
done
totals
