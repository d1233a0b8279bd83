#!/usr/bin/env bash
# `mlc diff OLD NEW`: what a change of a spec means for its policy.
. "$(dirname "$0")/lib.sh"
# changed SED: the Iris project with one change, compared with the old one.
changed() {
  rm -rf "$work/new" && cp -r "$root/examples/iris" "$work/new"
  sed -i "$1" "$work/new/iris.mlc"
  runs "diff after $1" 0 "$MLC" diff "$root/examples/iris" "$work/new"
}
changed 's/nothing/nothing/'
same "nothing changed" "$out" "no policy changed"
changed 's/accuracy >= 0.90/accuracy >= 0.85/'
same "a lower bound" "$out" "looser   model/iris.gate: requirement: accuracy >= 0.9 -> accuracy >= 0.85"
changed 's/accuracy >= 0.90/accuracy >= 0.95/'
says "a higher bound" "tighter  model/iris.gate: requirement" "$out"
changed 's/null_fraction(sepal_length) <= 1%/null_fraction(sepal_length) <= 5%/'
says "the measure's side decides" "looser   dataset/flowers: requirement" "$out"
changed 's/in 0.5..2.0/in 0.7..1.5/'
says "a narrower range" "tighter  dataset/flowers: requirement" "$out"
changed '/accuracy.by(species)/d'
says "a requirement is gone" "looser   model/iris.gate: requirement: removed accuracy.by(species) >= 0.8" "$out"
changed 's/error_rate > 1% for 2m/error_rate > 5% for 2m/'
says "an abort that holds later" "looser   rollout/careful" "$out"
changed '/step 25%/d'
says "a step is gone" "looser   rollout/careful" "$out"
changed 's/step 25% for 30m/step 25% for 60m/'
says "a step takes longer" "tighter  rollout/careful" "$out"
changed '/approvers = /d'
says "nobody approves" "looser   environment/production: approvers" "$out"
changed 's/approvers = \["@example\/ml-leads"\]/approvers = ["@example\/ml-leads", "@example\/security"]/'
says "one more approves" "tighter  environment/production: approvers" "$out"
changed 's/replicas = 3..12/replicas = 1..12/'
says "fewer replicas" "looser   service/iris-api@production: replicas_min: 3 -> 1" "$out"
says_not "only there" "staging" "$out"
changed '/a model must beat its champion/d'
says "a rule is gone" "looser   policy: rule: removed" "$out"
runs "as JSON" 0 "$MLC" diff --format json "$root/examples/iris" "$work/new"
same "the same" "$(jq -r '.changes[] | .direction + " " + .node' <<<"$out")" "looser policy"
runs "two folders" 64 "$MLC" diff "$work/new"
totals
