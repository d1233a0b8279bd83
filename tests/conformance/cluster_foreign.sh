#!/usr/bin/env bash
# The apply engine on clusters that are somebody else's: a server started here (MLC_SERVERS) is given to cluster.sh as
# foreign, each time by another way of reaching it.
. "$(dirname "$0")/lib.sh"
MLC=$(realpath "${MLC:-build/mlc}")
export MLC
part=$(realpath "$(dirname "$0")/cluster.sh")
servers=$(realpath -m "${MLC_SERVERS:-${MLC_SHARED:-../shared}/servers}")
folder=$(mktemp -d)
proxy=''

finish() {
  [ -z "$proxy" ] || kill "$proxy"
  [ -z "${MLC_SERVER_DIR:-}" ] || "$servers/kubernetes/down" "$MLC_SERVER_DIR" >"$folder/down.log" 2>&1
  rm -rf "$folder"
}
trap finish EXIT
leave() { # WHY
  skip "foreign clusters" "$1"
  totals
  exit
}

[ -x "$servers/kubernetes/up" ] || leave "no servers in $servers (MLC_SERVERS)"
command -v kubectl >/dev/null || leave "kubectl is not installed"
unset KUBECONFIG
variables=$("$servers/kubernetes/up" "$folder/server" 2>"$folder/up.log") ||
  leave "no API server can be had here: $(tail -n 1 "$folder/up.log")"
eval "$variables"
admin=$KUBECONFIG
unset KUBECONFIG
export HOME=$folder/home
mkdir -p "$HOME"
as_admin() { kubectl --kubeconfig "$admin" "$@"; }

# runs NAME COMMAND...: one pass over the cluster; its totals, and what failed.
runs() {
  local name=$1 out code
  shift
  out=$("$@" 2>&1)
  code=$?
  if [ $code -eq 0 ] && grep -q '^[1-9][0-9]* passed, 0 failed' <<<"$out"; then
    pass "$name: $(tail -n 1 <<<"$out")"
  else
    fail "$name" "exit $code"
    grep -v '^ok ' <<<"$out" | tail -n 30
  fi
}
suite() { env "$@" bash "$part"; }

# A list of files: the entries of one, the current context in another, one that is missing, one that says nothing.
list() {
  sed 's/^current-context:.*//; s/name: test, context/name: other, context/' "$admin" >"$folder/entries"
  printf 'apiVersion: v1\nkind: Config\ncurrent-context: mine\ncontexts: [{name: mine, context: {cluster: test, user: admin, namespace: default}}]\n' \
    >"$folder/context"
  printf 'current-context: late\nclusters: [{name: test, cluster: {server: "https://127.0.0.1:1"}}]\n' >"$folder/late"
  suite KUBECONFIG="$folder/none:$folder/entries:$folder/context:$folder/late"
}

through_proxy() {
  local port=''
  as_admin proxy --port=0 >"$folder/proxy.log" 2>&1 &
  proxy=$!
  for _ in $(seq 100); do
    port=$(sed -n 's/.*127.0.0.1:\([0-9]*\).*/\1/p' "$folder/proxy.log")
    [ -z "$port" ] || break
    sleep 0.1
  done
  cat >"$folder/proxied" <<END
{apiVersion: v1, kind: Config, current-context: p, contexts: [{name: p, context: {cluster: p}}],
 clusters: [{name: p, cluster: {server: "http://127.0.0.1:$port"}}]}
END
  suite KUBECONFIG="$folder/proxied"
}

# As in a pod: the service account where it is always mounted, in a mount namespace of its own.
in_cluster() {
  local server
  as_admin create serviceaccount mlc -n default &&
    as_admin create clusterrolebinding mlc --clusterrole=cluster-admin --serviceaccount=default:mlc &&
    mkdir -p "$folder/account" && as_admin create token mlc -n default | tr -d '\n' >"$folder/account/token" &&
    cp "$MLC_SERVER_DIR/etc/ca.crt" "$folder/account/ca.crt" && printf default >"$folder/account/namespace" || return
  server=$(sed -n 's|.*server: https://||p' "$admin")
  # shellcheck disable=SC2016 # for the inner shell
  KUBERNETES_SERVICE_HOST=${server%:*} KUBERNETES_SERVICE_PORT=${server##*:} unshare -rm bash -c '
    mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io && cp -r "$0" /run/secrets/kubernetes.io/serviceaccount &&
      bash "$1"' "$folder/account" "$part"
}

# Somebody who may do everything in one namespace, and nothing outside of it.
namespace_admin() {
  as_admin create namespace theirs && as_admin create rolebinding theirs -n theirs --clusterrole=admin --user=somebody || return
  sed 's/user: { client-certificate/user: { as: somebody, as-groups: ["system:authenticated"], client-certificate/' "$admin" >"$folder/theirs"
  suite KUBECONFIG="$folder/theirs" MLC_NAMESPACE=theirs &&
    [ -z "$(as_admin get cm,secret,deploy,job,lease -n theirs -o name | grep -v kube-root-ca)" ]
}
no_rights() { # neither a namespace of one's own nor one given: skipped, with the reason
  out=$(suite KUBECONFIG="$folder/theirs") && grep -q 'SKIP cluster: .* MLC_NAMESPACE' <<<"$out" && echo '1 passed, 0 failed'
}

# A plugin whose tokens are said to expire after two seconds, and are really refused soon after that.
short_tokens() {
  as_admin create namespace tokens && as_admin create serviceaccount short -n tokens &&
    as_admin create clusterrolebinding short --clusterrole=cluster-admin --serviceaccount=tokens:short || return
  cat >"$folder/login" <<END
#!/bin/bash
export KUBECONFIG=$admin
unset KUBERNETES_EXEC_INFO
echo run >>$folder/logins
kubectl create secret generic "t-\$\$" -n tokens >&2
token=\$(kubectl create token short -n tokens --bound-object-kind Secret --bound-object-name "t-\$\$")
(sleep 4; kubectl delete secret "t-\$\$" -n tokens) >$folder/login.log 2>&1 </dev/null &
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s","expirationTimestamp":"%s"}}' \\
  "\$token" "\$(date -u -d '2 seconds' +%Y-%m-%dT%H:%M:%SZ)"
END
  chmod +x "$folder/login"
  sed 's|user: { client-certificate.*|user: { exec: { apiVersion: client.authentication.k8s.io/v1, command: ./login, interactiveMode: Never } } }]|' \
    "$admin" >"$folder/short"
  suite KUBECONFIG="$folder/short"
}

as_admin get ns >"$folder/before"
runs "a token" suite KUBECONFIG="$MLC_SERVER_DIR/kubeconfig-token"
runs "a list of files" list
runs "kubectl proxy" through_proxy
if unshare -rm true 2>"$folder/unshare.log"; then
  runs "a pod's service account" in_cluster
else
  skip "a pod's service account" "no mount namespace can be made: $(cat "$folder/unshare.log")"
fi
runs "a namespace's administrator" namespace_admin
runs "no rights at all" no_rights
runs "tokens that live for seconds" short_tokens
totals
