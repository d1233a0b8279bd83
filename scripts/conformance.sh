#!/usr/bin/env bash
# Everything that needs real validators and servers: conformance.sh BUILD
# Each part takes its server from the variable that its users know (KUBECONFIG, MLFLOW_TRACKING_URI, AWS_ENDPOINT_URL,
# DATABASE_URL, …) or starts one from MLC_SERVERS; what cannot be had is counted as skipped, with its reason.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$(realpath "$1")
export MLC="$build/mlc" MLC_BUILD="$build"
export MLC_SHARED="${MLC_SHARED:-$(realpath -m ../shared)}"
export MLC_SERVERS="${MLC_SERVERS:-$MLC_SHARED/servers}"

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for part in tests/conformance/*.sh; do
  name=$(basename "$part" .sh)
  [ "$name" = lib ] && continue
  echo "== $name"
  timeout "${MLC_CONFORMANCE_TIMEOUT:-1500}" bash "$part" >"$log" 2>&1 </dev/null
  code=$?
  grep -E '^(FAIL|SKIP|ok )' "$log"
  read -r p f s < <(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1 |
    sed -E 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?.*/\1 \2 \4/')
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
  if [ "$code" -ne 0 ]; then
    [ "${f:-0}" -gt 0 ] || failed=$((failed + 1))
    grep -A 20 '^FAIL' "$log" | head -n 200
    tail -n 20 "$log"
  fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
