#!/usr/bin/env bash
# The apply engine beside kubectl and raw PATCHes of curl, on the same server in the same run: apply.sh [MLC] [N]...
# (1000 10000). Uses KUBECONFIG, or starts a server from MLC_SERVERS (default $MLC_SHARED/servers). Each figure is
# wall time, the client's CPU time and its peak memory; PEERS= leaves kubectl out, ROUNDS (2) says how often a first
# apply is measured, LIMIT (600) how many seconds one command may take: one that needs longer is ended, and said so.
# At the end of each count: the ratios that matter, and how often the server refused a request for being busy (429).
set -euo pipefail
cd "$(dirname "$0")/.."
mlc=$(realpath "${1:-build/mlc}")
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- 1000 10000
servers=$(realpath -m "${MLC_SERVERS:-${MLC_SHARED:-../shared}/servers}")
peers=${PEERS-kubectl}
work=$(mktemp -d)
own=''
finish() {
  [ -z "$own" ] || "$servers/kubernetes/down" "$MLC_SERVER_DIR" >/dev/null 2>&1
  rm -rf "$work"
}
trap finish EXIT
if [ -z "${KUBECONFIG:-}" ]; then
  [ -x "$servers/kubernetes/up" ] || { echo "no KUBECONFIG, and no servers in $servers: skipped" && exit 0; }
  eval "$("$servers/kubernetes/up" "$work/server" 2>"$work/up.log")" || { tail -n 1 "$work/up.log" && exit 0; }
  export KUBECONFIG
  own=1
fi
export XDG_CACHE_HOME="$work/cache"

# NAME COMMAND...: wall and CPU seconds and peak memory; the command's own output is kept out of the way.
measure() {
  local name=$1
  shift
  local code=0
  /usr/bin/time -f '%e %U %S %M' -o "$work/time" timeout "${LIMIT:-600}" "$@" >"$work/log" 2>&1 || code=$?
  if [ $code -eq 124 ]; then
    echo "  $name: not done after ${LIMIT:-600} s, ended"
  elif [ $code -eq 0 ] || [ $code -eq "${ALLOW:-0}" ]; then
    awk -v name="$name" 'END { printf "  %-46s %8.2f s %8.2f s CPU %7.1f MiB\n", name, $1, $2 + $3, $4 / 1024 }' "$work/time"
    tail -n 1 "$work/time" | cut -d' ' -f1 >>"$work/${KEY:-other}"
  else
    echo "  $name failed:" && tail -n 3 "$work/log"
  fi
}
# KEY A B TEXT: how many times longer A took than B, the fastest of each.
ratio() {
  [ -s "$work/$1" ] && [ -s "$work/$2" ] || return 0
  paste <(sort -n "$work/$1" | head -n 1) <(sort -n "$work/$2" | head -n 1) |
    awk -v text="$3" '{ printf "  %s: %.2f\n", text, $1 / ($2 > 0 ? $2 : 0.01) }'
}
# Requests that the server answered with 429 until now; nothing where its metrics may not be read.
refused() { kubectl get --raw /metrics 2>"$work/metrics.log" | awk '/^apiserver_request_total\{.*code="429"/ { sum += $NF } END { print sum + 0 }'; }

manifests() { # N NAMESPACE VALUE
  printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n' "$2"
  for ((i = 0; i < $1; i++)); do
    printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm-%d\n  namespace: %s\n  labels: {app: app-%d}\n' "$i" "$2" $((i % 50))
    printf 'data:\n  key: "%s %d"\n  config.yaml: |\n    a: %d\n    b: some text that is a little longer, so that it looks like a configuration\n' "$3" "$i" "$i"
  done
}

# One configuration of curl for all PATCHes, with what the kubeconfig says of the connection.
raw() { # N NAMESPACE
  local server folder="$work/raw-$2"
  mkdir -p "$folder"
  server=$(kubectl config view --raw --minify -o 'jsonpath={.clusters[0].cluster.server}')
  kubectl config view --raw --minify -o 'jsonpath={.clusters[0].cluster.certificate-authority-data}' | base64 -d >"$work/ca"
  kubectl config view --raw --minify -o 'jsonpath={.users[0].user.client-certificate-data}' | base64 -d >"$work/crt"
  kubectl config view --raw --minify -o 'jsonpath={.users[0].user.client-key-data}' | base64 -d >"$work/key"
  for ((i = 0; i < $1; i++)); do
    printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cm-%d","namespace":"%s","labels":{"app":"app-%d"}},"data":{"key":"one %d","config.yaml":"a: %d\\nb: some text that is a little longer, so that it looks like a configuration\\n"}}' \
      "$i" "$2" $((i % 50)) "$i" "$i" >"$folder/$i.json"
    [ "$i" -eq 0 ] || echo next
    printf 'url="%s/api/v1/namespaces/%s/configmaps/cm-%d?fieldManager=raw"\nrequest=PATCH\ndata-binary="@%s/%d.json"\nheader="Content-Type: application/apply-patch+yaml"\noutput=/dev/null\ncert=%s/crt\nkey=%s/key\ncacert=%s/ca\n' \
      "$server" "$2" "$i" "$folder" "$i" "$work" "$work" "$work"
  done >"$work/raw-$2.conf"
}

echo "$("$mlc" --version), kubectl $(kubectl version --client -o json | sed -n 's/.*"gitVersion": "\(.*\)".*/\1/p' | head -n 1), server $(kubectl version -o json 2>"$work/log" | sed -n 's/.*"gitVersion": "\(.*\)".*/\1/p' | tail -n 1), curl $(curl --version | awk 'NR == 1 { print $2 }')"
echo "$(uname -m), $(nproc) processors (the server runs on them too), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d' ' -f1 /proc/loadavg)"
for count; do
  echo "$count objects"
  rm -f "$work"/time-*
  before=$(refused)
  for name in mlc raw kube wait; do
    manifests "$count" "bench-$name-$count" one >"$work/$name.yaml"
  done
  raw "$count" "bench-raw-$count"
  # In turn, and more than once: the rounds after the first show what the noise is.
  for ((round = 1; round <= ${ROUNDS:-2}; round++)); do
    kubectl delete namespace "bench-raw-$count" "bench-mlc-$count" --ignore-not-found --wait=true >"$work/log" 2>&1
    kubectl create namespace "bench-raw-$count" >"$work/log"
    KEY=time-raw measure "first apply, raw PATCHes of curl ($round)" curl -s --parallel --parallel-max 50 -K "$work/raw-bench-raw-$count.conf"
    KEY=time-mlc measure "first apply, mlc --no-wait ($round)" "$mlc" apply -f "$work/mlc.yaml" --no-wait
  done
  measure "first apply, mlc with waiting" "$mlc" apply -f "$work/wait.yaml"
  measure "apply of the same again, mlc" "$mlc" apply -f "$work/mlc.yaml" --no-wait
  KEY=time-plan measure "plan of the same, mlc" "$mlc" plan -f "$work/mlc.yaml"
  measure "plan of the same, mlc --exhaustive" "$mlc" plan -f "$work/mlc.yaml" --exhaustive
  sed 's/key: "one 7"/key: "two 7"/' "$work/mlc.yaml" >"$work/one.yaml"
  measure "plan of one changed field, mlc" "$mlc" plan -f "$work/one.yaml"
  measure "apply of one changed field, mlc" "$mlc" apply -f "$work/one.yaml" --no-wait
  after=$(refused)
  if [ -n "$peers" ]; then
    KEY=time-kubectl measure "first apply, kubectl --server-side" kubectl apply --server-side -f "$work/kube.yaml"
    if [ -s "$work/time-kubectl" ]; then
      measure "apply of the same again, kubectl --server-side" kubectl apply --server-side -f "$work/kube.yaml"
    else # ended: its diff is to compare equal sets all the same
      "$mlc" apply -f "$work/kube.yaml" --field-manager kubectl --no-wait >"$work/log"
    fi
    KEY=time-diff measure "plan of the same, kubectl diff --server-side" kubectl diff --server-side -f "$work/kube.yaml"
    sed 's/key: "one 7"/key: "two 7"/' "$work/kube.yaml" >"$work/one-kube.yaml"
    ALLOW=1 measure "plan of one changed field, kubectl diff" kubectl diff --server-side -f "$work/one-kube.yaml"
    measure "apply of one changed field, kubectl" kubectl apply --server-side -f "$work/one-kube.yaml"
  fi
  ratio time-mlc time-raw "first apply, mlc to raw PATCHes (wanted: at most 1.3)"
  ratio time-kubectl time-mlc "first apply, kubectl to mlc"
  ratio time-diff time-plan "plan of the same, kubectl diff to mlc (wanted: at least 10)"
  echo "  answers 429 while mlc and curl ran: $((after - before))"
  kubectl delete namespace "bench-raw-$count" "bench-mlc-$count" "bench-kube-$count" "bench-wait-$count" --ignore-not-found --wait=false >"$work/log" 2>&1
done
