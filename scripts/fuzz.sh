#!/usr/bin/env bash
# Runs each fuzz target for a time: fuzz.sh FOLDER SECONDS NAME... Seeds are tests/fuzz/corpus/NAME, words for
# mutations tests/fuzz/NAME.dict.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
folder=$1 seconds=$2
shift 2
failed=0
for name in "$@"; do
  mkdir -p "$folder/corpus/$name" "$folder/findings"
  seeds=()
  [ -d "tests/fuzz/corpus/$name" ] && seeds=("tests/fuzz/corpus/$name")
  words=()
  [ -f "tests/fuzz/$name.dict" ] && words=("-dict=tests/fuzz/$name.dict")
  if "$folder/$name" "${words[@]}" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 \
    -artifact_prefix="$folder/findings/$name-" "$folder/corpus/$name" "${seeds[@]}" >"$folder/$name.log" 2>&1; then
    echo "ok $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$name.log") runs"
  else
    echo "FAILED $name: see $folder/$name.log"
    failed=$((failed + 1))
  fi
done
[ "$failed" -eq 0 ]
