#!/usr/bin/env bash
# Iris serves behind the capturing proxy; a monitor reads what was captured: like the training data it holds,
# shifted it does not, and tells whom the spec names.
. "$(dirname "$0")/lib.sh"
here=$root/tests/e2e
started=()
stop_all() {
  [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$work"
}
trap stop_all EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# answers URL: waits until it does.
answers() {
  for _ in $(seq 600); do
    python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=60)' "$1" 2>/dev/null && return
    sleep 0.1
  done
  fail "$1 answers"
}
# proxy UPSTREAM OPTIONS...: starts one, which picks its port: $port; its number is in $proxy.
proxy() {
  local upstream=$1 said
  shift
  rm -f "$work/proxy.err"
  mkfifo "$work/proxy.err"
  "$MLC" capture --listen 127.0.0.1:0 --upstream "$upstream" --drain 0 "$@" 2>"$work/proxy.err" &
  proxy=$!
  started+=("$proxy")
  exec {said}<"$work/proxy.err"
  port=
  read -r port <&"$said"
  port=${port##* }
  exec {said}<&-
}
stop_proxy() {
  kill -TERM "$proxy"
  wait "$proxy"
  same "$1" $? 0
}

# --- a service that misbehaves
runs "requests, faults and garbage" 0 python3 "$here/capture_client.py" "$MLC" "$work"
read -r good _ < <(tail -n 1 <<<"$out")
passed=$((passed + ${good:-0}))
same "every sample is kept" "$(find "$work/odd" -name '*.jsonl.gz' -exec zcat {} + | wc -l)" 820

runs "a share beyond 1" 64 "$MLC" capture --listen 1 --upstream 2 --to x --sample 7
runs "no place" 64 "$MLC" capture --listen 1 --upstream 2
runs "a place that is none" 1 "$MLC" capture --listen 127.0.0.1:0 --upstream 2 --to gs://bucket/x
says "says which there are" "s3://BUCKET/PREFIX" "$err"

# --- Iris
cp -r "$root/examples/iris" "$work/iris"
cd "$work/iris" || exit 1
rm -f mlc.lock
runs "training" 0 "$MLC" run
service=$(free_port)
python3 src/serve.py --model model.json --port "$service" 2>/dev/null &
started+=($!)
answers "http://127.0.0.1:$service/healthz"

features=sepal_length,sepal_width,petal_length,petal_width
proxy "$service" --fields "$features" --to .mlc/captured/iris-api
runs "requests like the training data" 0 python3 "$here/load.py" "$port" 0 600
stop_proxy "the proxy ends well again"
captured=$(find .mlc/captured -name '*.jsonl.gz' -exec zcat {} +)
same "requests are captured" "$(wc -l <<<"$captured")" 600
says "with their answers" '"response":{"species":"setosa"}' "$captured"
says_not "without what was not asked for" "customer" "$captured"

runs "a monitor of good requests" 0 "$MLC" run monitor/serving-drift --metrics metrics.prom
says "counts them" "600 requests (600 rows)" "$out"
says "names the baseline" "training data of iris, version" "$out"
says "decides each feature" "psi of petal_width is" "$out"
says "and the metrics hold" 'mlc_monitor_holds{monitor="monitor/serving-drift",expect="psi(features) < 0.25 over 7d",measure="psi",column="petal_length"} 1' "$(cat metrics.prom)"
runs "as a document" 0 "$MLC" run monitor/serving-drift --format json
says "with results" '"holds": true' "$out"
cat >shape.mlc <<'E'
monitor shape {
  watch = iris-api
  every = 1d
  expect holds(petal_length > 0 and sepal_length in 0..20) over 7d else alert(oncall)
  expect holds(petal_width >= 100) >= 1% over 7d else alert(oncall)
  expect correlation(petal_length, petal_width) >= 0.5 over 7d else alert(oncall)
  expect share(species, "setosa") <= 90% over 7d else alert(oncall)
}
E
runs "rows of requests" 1 "$MLC" run monitor/shape
says "a condition that each meets" "holds(petal_length > 0 and sepal_length in 0..20) is 1" "$out"
says "and one that none does" "holds(petal_width >= 100) is 0" "$out"
says "two columns" "correlation of petal_length is 0.9" "$out"
says "a column that is not captured" "share of species" "$out"
rm shape.mlc
"$MLC" ir . >graph.json
runs "from a compiled graph" 0 "$MLC" run monitor/serving-drift@production --ir graph.json --store .mlc/store --captured .mlc/captured/iris-api
says "finds the version in the store" "training data of iris, version" "$out"
version=$(sed 's/.*version \([0-9a-f]\{12\}\).*/\1/; t; d' <<<"$out" | head -n 1)
version=$(cat .mlc/store/main/logs/model/iris/*.json | grep -o "$version[0-9a-f]\{52\}" | head -n 1)
printf 'model/iris.champion = "sha256:%s"\n' "$version" >pod.lock
runs "a pod compares with the lock's champion" 0 "$MLC" run monitor/serving-drift@production --ir graph.json --lock pod.lock \
  --store .mlc/store --captured .mlc/captured/iris-api
says "by its version" "training data of iris, version ${version:0:12}" "$out"
printf 'model/iris.champion = "sha256:%064d"\n' 7 >pod.lock
runs "and with no other" 1 "$MLC" run monitor/serving-drift@production --ir graph.json --lock pod.lock \
  --store .mlc/store --captured .mlc/captured/iris-api --dry-run
says "and says which is missing" "the store has no version 000000000000 of iris" "$out$err"
runs "a lock that is not there" 1 "$MLC" run monitor/serving-drift@production --ir graph.json --lock none.lock --dry-run
says "is named" "none.lock" "$err"

# --- S3, when the environment names a server (AWS_ENDPOINT_URL, S3_BUCKET and credentials)
if [ -n "${AWS_ENDPOINT_URL:-}" ] && [ -n "${S3_BUCKET:-}" ]; then
  place="s3://$S3_BUCKET/captured-$$/iris-api"
  proxy "$service" --fields "$features" --to "$place"
  runs "requests that go to S3" 0 python3 "$here/load.py" "$port" 0 300
  stop_proxy "the proxy ends when all is there"
  runs "a monitor of S3" 0 "$MLC" run monitor/serving-drift --captured "$place"
  says "reads them" "300 requests (300 rows)" "$out"
else
  skip "capture to S3" "no server: set AWS_ENDPOINT_URL and S3_BUCKET"
fi

# --- shifted
proxy "$service" --fields "$features" --to shifted
runs "other requests" 0 python3 "$here/load.py" "$port" 1.5 600
stop_proxy "the proxy ends well a third time"
coproc catcher { exec python3 "$here/catcher.py" "$work/caught"; }
started+=("$catcher_PID")
read -r slack <&"${catcher[0]}"
export SLACK_API_URL="http://127.0.0.1:$slack/slack"
runs "without a token" 1 env -u SLACK_TOKEN "$MLC" run monitor/serving-drift --captured shifted
says "names the variable" "SLACK_TOKEN" "$err"
runs "a token that is refused" 1 env SLACK_TOKEN=bad-token "$MLC" run monitor/serving-drift --captured shifted
says "says so" "invalid_auth" "$err"
says_not "never the token" "bad-token" "$out$err"
runs "a monitor of shifted requests" 1 env SLACK_TOKEN=good-token "$MLC" run monitor/serving-drift --captured shifted
says "tells which feature" "✗ psi(features) < 0.25 over 7d  —  psi of petal_length is" "$out"
says "and that others hold" "✓ psi(features) < 0.25 over 7d  —  psi of sepal_length is" "$out"
says "and tells Slack" "alert to #iris-oncall in Slack: done" "$err"
says "what does not hold" "psi of petal_length" "$(tail -n 1 "$work/caught")"
says_not "never the token" "good-token" "$out$err"
cp iris.mlc whole.mlc.saved
sed -i -e 's/else alert(oncall)/else alert(pager), retrain, "call Ada"/' iris.mlc
printf 'channel pager { pagerduty = pager-key }\nsecret pager-key { from = aws("iris/pager") }\n' >>iris.mlc
runs "so soon after a training" 1 env PAGER_KEY=pager-secret GH_TOKEN=hub-secret PAGERDUTY_EVENTS_URL="http://127.0.0.1:$slack/pager" \
  GITHUB_API_URL="http://127.0.0.1:$slack/github" "$MLC" run monitor/serving-drift --captured shifted
says "no other is asked for" "retrain: not asked for" "$err"
says_not "nobody asks GitHub" "/github" "$(cat "$work/caught")"
sed -i -e 's/cooldown = 24h/cooldown = 0s/' iris.mlc
runs "other actions" 1 env PAGER_KEY=pager-secret GH_TOKEN=hub-secret PAGERDUTY_EVENTS_URL="http://127.0.0.1:$slack/pager" \
  GITHUB_API_URL="http://127.0.0.1:$slack/github" "$MLC" run monitor/serving-drift --captured shifted
says "PagerDuty is told" '"dedup_key": "monitor/serving-drift"' "$(grep '"/pager"' "$work/caught")"
says "by its key" '"routing_key": "pager-secret"' "$(grep '"/pager"' "$work/caught")"
says "training is asked for" '"event_type": "mlc-retrain"' "$(grep '/github/repos/example/iris/dispatches' "$work/caught")"
says "a text is printed" "note: call Ada" "$err"
says_not "never the keys" "-secret" "$out$err"
runs "without a token" 1 env -u GH_TOKEN -u GITHUB_TOKEN PAGER_KEY=pager-secret PAGERDUTY_EVENTS_URL="http://127.0.0.1:$slack/pager" \
  "$MLC" run monitor/serving-drift --captured shifted
says "the command is printed" "gh api repos/example/iris/dispatches" "$err"
mv whole.mlc.saved iris.mlc
count=$(wc -l <"$work/caught")
runs "nobody is told in a dry run" 1 env SLACK_TOKEN=good-token "$MLC" run -n monitor/serving-drift --captured shifted
same "nobody was" "$(wc -l <"$work/caught")" "$count"
runs "no requests at all" 1 env SLACK_TOKEN=good-token "$MLC" run monitor/serving-drift --captured empty
says "is not known" "there is no captured request in the window" "$out"
same "and nobody is woken" "$(wc -l <"$work/caught")" "$count"
runs "an unknown monitor" 1 "$MLC" run monitor/none
totals
