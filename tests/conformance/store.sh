#!/usr/bin/env bash
# The store against a real S3 server: AWS_ENDPOINT_URL with S3_BUCKET, else one from MLC_SERVERS.
. "$(dirname "$0")/lib.sh"
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
MLC_SHARED=${MLC_SHARED:-$root/../shared}
MLC_SERVERS=${MLC_SERVERS:-$MLC_SHARED/servers}
MLC=${MLC:-$root/build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One whole life of a model in a bucket.
life() {
  local name=$1 store="s3://$S3_BUCKET/life-$$-$RANDOM" champion
  rm -rf "$work/iris" && cp -r "$root/examples/iris" "$work/iris" && cd "$work/iris" || return
  expect "$name: a run" "$MLC" run --store "$store" model/iris.gate
  champion=$(sha256sum model.json | cut -d' ' -f1)
  rm -rf .mlc model.json
  expect "$name: another machine finds the version" grep -q '"verdict": "passed"' \
    <("$MLC" history --store "$store" --format json)
  expect "$name: and the report" "$MLC" report iris --store "$store"
  printf 'model/iris.champion = "sha256:%s"\n' "$champion" >> mlc.lock
  expect "$name: fetches the artifact" "$MLC" fetch iris --store "$store" --out out
  expect "$name: whole" test "$(sha256sum out/model.json | cut -d' ' -f1)" = "$champion"
  expect "$name: compares with it" "$MLC" run --store "$store" model/iris.gate
  expect "$name: a pull request reads main" \
    env CI=true GITHUB_EVENT_NAME=pull_request GITHUB_REF=refs/pull/3/merge \
    "$MLC" run --store "$store" --force model/iris.gate
  expect "$name: and counts no version of its own there" test \
    "$("$MLC" history --store "$store" --format json | grep -c '"artifact"')" = 1
  race "$name" "$store"
}

# Four runs that each judge a version of their own at once: every one is in the log, in one chain.
race() {
  local name=$1 store=$2 i
  for i in 1 2 3 4; do
    cp -r "$work/iris" "$work/racer$i"
    sed -i "s/classifier.fit(rows)/classifier.fit(rows[$i:])/" "$work/racer$i/src/train.py"
    (cd "$work/racer$i" && rm -rf .mlc && "$MLC" run --store "$store" model/iris.gate >/dev/null 2>&1) &
  done
  wait
  rm -rf .mlc "$work"/racer*
  "$MLC" history --store "$store" --format json > "$work/versions" 2>&1
  expect "$name: records of racing runs stand in one chain" \
    test "$(grep -c '"artifact"' "$work/versions")" -ge 2
}

with_server() {
  local kind=$1 started
  if ! started=$(MLC_S3_SERVER=$kind "$MLC_SERVERS/s3/up" 2> "$work/up"); then
    skip "S3 store on ${kind:-versitygw}" "$(tail -n 1 "$work/up")"
    return
  fi
  (
    set -a
    eval "$started"
    set +a
    export S3_BUCKET
    passed=0 failed=0 skipped=0
    life "${kind:-versitygw}"
    echo "$passed $failed $skipped" > "$work/counts"
  )
  (eval "$started" && "$MLC_SERVERS/s3/down" "$MLC_SERVER_DIR") > "$work/down" 2>&1
  read -r p f s < "$work/counts"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

if [ -n "${AWS_ENDPOINT_URL:-}" ] && [ -n "${S3_BUCKET:-}" ]; then
  life "the given server"
elif [ -x "$MLC_SERVERS/s3/up" ]; then
  with_server ""
  if [ "${MLC_S3_ALL:-}" = 1 ]; then with_server minio; fi
else
  skip "S3 store" "no AWS_ENDPOINT_URL with S3_BUCKET, and no $MLC_SERVERS/s3/up"
fi
totals
