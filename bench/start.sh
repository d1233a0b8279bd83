#!/usr/bin/env bash
# Start-up and checking: wall time of whole processes, best and median of 50. start.sh [MLC]
set -euo pipefail
cd "$(dirname "$0")/.."
mlc=$(realpath "${1:-build/mlc}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/empty" "$work/small" "$work/large"
echo 'project empty { owner = "a@example.com" }' >"$work/empty/empty.mlc"

# N services of the same shape in one project.
services() {
  echo 'project many { owner = "a@example.com" }'
  for ((i = 0; i < $1; i++)); do
    printf 'service svc-%05d { image = "example.com/a@sha256:%064d", replicas = %d }\n' "$i" "$i" $((2 + i % 5))
  done
}
services 1000 >"$work/small/many.mlc"
services 10000 >"$work/large/many.mlc"

measure() {
  local name=$1 runs=$2
  shift 2
  for ((i = 0; i < runs; i++)); do
    local begin=${EPOCHREALTIME/./}
    "$@" >/dev/null 2>&1
    echo $((${EPOCHREALTIME/./} - begin))
  done | sort -n | awk -v name="$name" '{ t[NR] = $1 } END { printf "%-34s best %8.2f ms, median %8.2f ms\n", name, t[1] / 1000, t[int((NR + 1) / 2)] / 1000 }'
}

echo "$("$mlc" --version), $(uname -m), $(nproc) processors, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
measure "mlc --version" 50 "$mlc" --version
measure "mlc check, an empty project" 50 "$mlc" check "$work/empty"
measure "mlc check examples/iris" 50 "$mlc" check examples/iris
measure "mlc check, 1,000 services" 5 "$mlc" check "$work/small"
measure "mlc check, 10,000 services" 5 "$mlc" check "$work/large"
