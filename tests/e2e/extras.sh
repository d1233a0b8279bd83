#!/usr/bin/env bash
# `extra TARGET { Kind { … } }`: both notations merge, for each target; what contradicts the spec is refused.
. "$(dirname "$0")/lib.sh"

# project NAME EXTRA…: the Iris project with lines inside its service.
project() {
  rm -rf "$work/$1" && cp -r "$root/examples/iris" "$work/$1"
  printf '%s\n' "${@:2}" >"$work/lines"
  sed -i "/^  health  = /r $work/lines" "$work/$1/iris.mlc"
}
# in_bucket NAME LINE: the same, inside a bucket.
in_bucket() {
  rm -rf "$work/$1" && cp -r "$root/examples/iris" "$work/$1"
  sed -i "s|^bucket requests { keep = 90d }|bucket requests { keep = 90d, $2 }|" "$work/$1/iris.mlc"
}
made() { cat "$work/$1/out/$2"; }

project block '  extra kubernetes { Rollout { spec { minReadySeconds: 30, template { metadata { annotations { "a/b": "c" } } } } } }'
project record '  extra kubernetes { Rollout: { spec: { minReadySeconds: 30, template: { metadata: { annotations: { "a/b": "c" } } } } } }'
runs "blocks build" 0 "$MLC" build "$work/block" -o "$work/block/out"
runs "records build" 0 "$MLC" build "$work/record" -o "$work/record/out"
says "a block merges" "minReadySeconds: 30" "$(made block deploy/production/iris-api.yaml)"
says "deep down" "a/b: c" "$(made block deploy/production/iris-api.yaml)"
same "both notations say the same" "$(made block deploy/production/iris-api.yaml)" "$(made record deploy/production/iris-api.yaml)"

project named '  extra kubernetes { Deployment iris-api { spec { minReadySeconds: 7 } } }'
runs "a document is named" 0 "$MLC" build "$work/named" -o "$work/named/out"
says "the staging one" "minReadySeconds: 7" "$(made named deploy/staging/iris-api.yaml)"

project github '  extra github { job { timeout-minutes: 5, env { EXTRA: "1" } } }'
runs "the job of a service" 0 "$MLC" build "$work/github" -o "$work/github/out"
says "its limit" "timeout-minutes: 5" "$(cat "$work"/github/out/.github/workflows/*.yml)"

in_bucket terraform 'extra terraform { aws_s3_bucket { force_destroy: false, timeouts { create: "5m" }, lifecycle { ignore_changes: ["tags"] } } }'
runs "blocks for terraform" 0 "$MLC" build "$work/terraform" -o "$work/terraform/out"
hcl=$(cat "$work"/terraform/out/infra/*/*.tf)
says "an argument" "force_destroy = false" "$(tr -s ' ' <<<"$hcl")"
says "a new block is written as a block" "timeouts {" "$hcl"
says "a block that is there keeps what it holds" "prevent_destroy = true" "$(tr -s ' ' <<<"$hcl")"
same "and is not written twice" "$(grep -c 'lifecycle {' <<<"$hcl")" "$(cat "$root"/tests/golden/iris/build/infra/*/*.tf | grep -c 'lifecycle {')"

# refused CODE NAME EXTRA
refused() {
  project bad "  extra $3"
  runs "$2" 1 "$MLC" build "$work/bad" -o "$work/bad/out"
  says "$2: the code" "$1" "$err"
  says "$2: the line" "iris.mlc:70" "$err"
}
refused MLC0613 "replicas are the spec's" 'kubernetes { Rollout { spec { replicas: 1 } } }'
refused MLC0613 "steps are the spec's" 'kubernetes { Rollout { spec { strategy { canary { steps: [] } } } } }'
refused MLC0613 "nothing sealed is taken away" 'kubernetes { Rollout { spec { strategy: null } } }'
refused MLC0613 "a document stays what it is" 'kubernetes { Rollout { metadata { name: "other" } } }'
refused MLC0613 "approvals are the spec's" 'github { job { environment: "none" } }'
refused MLC0614 "a record stays a record" 'kubernetes { Rollout { spec { template: 5 } } }'
refused MLC0614 "a document is a record" 'kubernetes { Rollout: 5 }'
refused MLC0611 "what matches nothing" 'kubernetes { Rolout { spec { minReadySeconds: 30 } } }'
refused MLC0324 "only documents have names" 'kubernetes { Rollout { spec x { minReadySeconds: 30 } } }'
in_bucket bad 'extra terraform { aws_s3_bucket { lifecycle { prevent_destroy: false } } }'
runs "what keeps data is the spec's" 1 "$MLC" build "$work/bad" -o "$work/bad/out"
says "what keeps data is the spec's: the code" "MLC0613" "$err"

project listed '  extra kubernetes { Rollout { spec { minReadySeconds: 30 } } }' '  extra kubernetes { Service: { spec: { publishNotReadyAddresses: true } } }'
runs "extras are listed" 0 "$MLC" check --extras "$work/listed"
same "each once, with its line" "$out" "$work/listed/iris.mlc:70: service/iris-api: extra kubernetes: Rollout.spec.minReadySeconds = 30
$work/listed/iris.mlc:71: service/iris-api: extra kubernetes: Service.spec.publishNotReadyAddresses = true"
runs "extras as JSON" 0 "$MLC" check --extras --format json "$work/listed"
same "the same two" "$(jq -c '[.extras[] | [.line, .node, .target, .path]]' <<<"$out")" \
  '[[70,"service/iris-api","kubernetes","Rollout.spec.minReadySeconds"],[71,"service/iris-api","kubernetes","Service.spec.publishNotReadyAddresses"]]'

# --- names of fields
cp -r "$root/examples/iris" "$work/names"
sed -i 's|^  health  = "/healthz"|  health  = "/healthz"\n  extra kubernetes { Rollout { spec { minReadySecnds: 10, template { spec { containers: [{ name: "iris-api", livenesProbe: { periodSeconds: 5 } }] } } } } }|' \
  "$work/names/iris.mlc"
runs "misspelt fields build" 0 "$MLC" build "$work/names" -o "$work/names-out"
says "with a warning" "a Rollout has no field \`minReadySecnds\` there" "$err"
says "and what is meant" "similar name: \`minReadySeconds\`" "$err"
says "deep down too" "similar name: \`livenessProbe\`" "$err"
same "each once" "$(grep -c MLC0615 <<<"$err")" 2
totals
