#!/usr/bin/env bash
# mlc run of a service and of smoke tests: here, and as an emitted pod does it, from the compiled graph.
. "$(dirname "$0")/lib.sh"
unset GITHUB_EVENT_NAME GITHUB_REF
cp -r "$root/examples/iris" "$work/iris"
cd "$work/iris" || exit 1
sed -i '/^service/d' mlc.lock

runs "a service without a champion" 1 "$MLC" run service/iris-api
says "says what is missing" "has no champion" "$err"
runs "a champion" 0 "$MLC" run
cat > tests/answers.py <<'END'
import sys
import urllib.request

sys.exit(urllib.request.urlopen(sys.argv[1] + "/healthz").status != 200)
END
sed -i 's|  smoke "predicts|  test answers { run = "python3 tests/answers.py \\(url)", inputs = ["tests/**"] }\n&|' iris.mlc
runs "a service" 0 "$MLC" run service/iris-api
says "answers its smoke test" "✓ status == 200  —  found 200" "$out"
says "and its tests" "✓ service/iris-api.answers" "$out"
says "on a port of its own" "serves at http://127.0.0.1:" "$err"
url=$(printf '%s' "$err" | sed -n 's/.*serves at //p')
runs "and is stopped" 1 "$MLC" run "service/iris-api.predicts a known flower" --url "$url"
says "so that nobody answers" "did not answer" "$out"

"$MLC" ir > "$work/graph.json"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python3 src/serve.py --model model.json --port "$port" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
url=http://127.0.0.1:$port
for _ in $(seq 600); do
  "$MLC" run service/iris-api --url "$url" >/dev/null 2>&1 && break
  sleep 0.1
done
smoke="service/iris-api.predicts a known flower@production"
mkdir "$work/pod" && cd "$work/pod" || exit 1
runs "a smoke test from the compiled graph" 0 "$MLC" run "$smoke" --ir "$work/graph.json" --url "$url"
says "is judged" "✓ body.species == \"setosa\"" "$out"
runs "an answer that is not as expected" 1 "$MLC" run service/iris-api -C "$work/iris" --url "$url/nowhere"
says "is told" "✗ status == 200  —  found 404" "$out"
sed 's/setosa/virginica/' "$work/graph.json" > "$work/other.json"
runs "a graph that was changed" 1 "$MLC" run "$smoke" --ir "$work/other.json" --url "$url"
says "is refused" "does not fit its hash" "$err"
runs "a smoke test without a place" 64 "$MLC" run "$smoke" --ir "$work/graph.json"
says "asks for one" "--url" "$err"
runs "a model has no url" 64 "$MLC" run model/iris --ir "$work/graph.json" --url "$url"
totals
