#!/usr/bin/env bash
# The check engine agrees with what great_expectations, dateutil, strptime, scipy and numpy said of the same data
# (tests/fixtures/data), and its tools see a value that is wrong.
. "$(dirname "$0")/lib.sh"
build=$(dirname "$MLC")
cases=$root/tests/fixtures/data
for tool in ge_cases drift_reference; do
  [ -x "$build/tests/$tool" ] || make -s -C "$root" "B=$(realpath -m "$build")" "$(realpath -m "$build")/tests/$tool" >/dev/null 2>&1
done
runs "cases of great_expectations" 0 "$build/tests/ge_cases" "$cases/gx_cases.jsonl"
says "all of them" "disagree 0, skipped 0" "$out"
runs "values of drift" 0 "$build/tests/drift_reference" "$cases/drift_cases.json"
says "all of them" "disagree 0, skipped 0" "$out"

head -1 "$cases/gx_cases.jsonl" >"$work/one.jsonl"
sed 's/"success": true/"success": "?"/; s/"success": false/"success": true/; s/"success": "?"/"success": false/' \
  "$work/one.jsonl" >"$work/wrong.jsonl"
runs "a verdict that is wrong" 1 "$build/tests/ge_cases" "$work/wrong.jsonl"
cp -r "$cases/drift" "$work/drift"
sed 's/"D": 0\.0,/"D": 0.5,/' "$cases/drift_cases.json" >"$work/wrong.json"
runs "a distance that is wrong" 1 "$build/tests/drift_reference" "$work/wrong.json"
says "is named" "same_exact D" "$out"
totals
