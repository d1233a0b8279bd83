#!/usr/bin/env bash
# What pods run of the graph: a ConfigMap an environment holds the part that they need, and mlc runs with it.
. "$(dirname "$0")/lib.sh"
# graph FOLDER ENVIRONMENT FILE: the graph of the ConfigMap, as a pod sees it.
graph() { sed -n '/^  graph.json: |/,$p' "$1/deploy/$2/namespace.yaml" | tail -n +2 | sed '/^ \{0,2\}[^ ]/,$d; s/^    //' >"$3"; }

cp -r "$root/examples/iris" "$work/p"
runs "iris builds" 0 "$MLC" build "$work/p" -o "$work/out"
graph "$work/out" production "$work/graph.json"
ids=$(jq -r '.nodes[].id' "$work/graph.json")
says "the monitor is there" "monitor/serving-drift@production" "$ids"
says "and what it compares with" "dataset/flowers.petal_length" "$ids"
says "the smoke test is there" "service/iris-api.predicts a known flower@production" "$ids"
says_not "no step of a training" "model/iris.train" "$ids"
says_not "no other environment" "@staging" "$ids"
same "every reference leads inside" "$(jq -r '[.. | objects | ."$node"? // empty] | unique[]' "$work/graph.json" | grep -vxF "$ids")" ""
mkdir "$work/pod"
runs "a monitor runs with it" 1 "$MLC" run monitor/serving-drift@production --ir "$work/graph.json" -C "$work/pod" \
  --captured "$work/pod" --baseline "$work/p/data/iris.csv" --dry-run
says "and says what it looked at" "psi" "$out$err"
runs "a smoke test runs with it" 1 "$MLC" run "service/iris-api.predicts a known flower@production" --ir "$work/graph.json" \
  -C "$work/pod" --url http://127.0.0.1:9
says "and says what it could not reach" "127.0.0.1:9" "$out$err"
sed 's/"watch"/"watsh"/' "$work/graph.json" >"$work/changed.json"
runs "a changed graph is refused" 1 "$MLC" run monitor/serving-drift@production --ir "$work/changed.json" -C "$work/pod" --dry-run
says "by its hash" "hash" "$err"

# Monitors and services share secrets and channels: each secret is there once, and the lock's champion with it.
cp -r "$root/examples/iris" "$work/shared"
printf 'model/iris.champion = "sha256:%064d"\n' 5 >>"$work/shared/mlc.lock"
sed -i 's/target github     { /&retrain_token = hub-token, /' "$work/shared/iris.mlc"
cat >>"$work/shared/iris.mlc" <<'SPEC'

secret hub-token { from = aws("iris/hub-token") }
monitor second { watch = iris-api, expect psi(features) < 0.3 over 1d else alert(oncall), retrain }
monitor third { watch = iris-api, expect psi(features) < 0.4 over 1d else alert(oncall), retrain }
service front {
  image = "example.com/s@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  env   = { SLACK_TOKEN: slack-token, HUB: hub-token }
}
service back {
  image = "example.com/s@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  env   = { SLACK_TOKEN: slack-token }
}
SPEC
runs "shared secrets build" 0 "$MLC" build "$work/shared" -o "$work/shared-out"
same "each secret once" "$(cat "$work/shared-out/deploy/production/"*.yaml | grep -A2 '^kind: ExternalSecret' | grep name: | sort)" \
  "$(printf '  name: hub-token\n  name: slack-token')"
same "who asks for training has the token" "$(grep -l 'name: GH_TOKEN' "$work/shared-out/deploy/production/"*.yaml | xargs -n 1 basename)" \
  "$(printf 'second.yaml\nthird.yaml')"
says "which is the secret's" 'name: GH_TOKEN
                  valueFrom:
                    secretKeyRef:
                      name: hub-token' "$(cat "$work/shared-out/deploy/production/second.yaml")"
says "the champion is mounted" "model/iris.champion = \"sha256:$(printf '%064d' 5)\"" \
  "$(sed -n '/^  mlc.lock: |/,$p' "$work/shared-out/deploy/production/namespace.yaml")"

# 200 services, each with a smoke test, watched by one monitor each: far below the 1 MiB of a ConfigMap.
cp -r "$root/examples/iris" "$work/many"
cat >>"$work/many/iris.mlc" <<'SPEC'

for i in 1..200 {
  service "s-\(i)" {
    model   = iris
    image   = "example.com/s@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    run     = "serve --port \(port)"
    capture { sample = 10%, to = requests }
    smoke health {
      get = "/healthz"
      expect status == 200
    }
  }
  monitor "m-\(i)" {
    watch = services["s-\(i)"]
    every = 1d
    expect psi(features) < 0.25 over 7d else warn
  }
}
SPEC
runs "200 services build" 0 "$MLC" build "$work/many" -o "$work/many-out"
graph "$work/many-out" production "$work/many.json"
size=$(wc -c <"$work/many.json")
if [ "$size" -gt 100000 ] && [ "$size" -lt 786432 ]; then pass; else fail "200 services fit" "$size bytes"; fi
totals
