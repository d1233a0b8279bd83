#!/usr/bin/env bash
# What `mlc data profile --suggest` writes of any data is a spec, in the one format, and holds for that data.
. "$(dirname "$0")/lib.sh"
mkdir "$work/p"
cd "$work/p" || exit 1
printf 'project p {\n  owner = "a@example.com"\n}\n' >p.mlc

for seed in $(seq 1 25); do
  rm -rf .mlc
  python3 "$root/tests/e2e/suggest_data.py" "$seed" data.csv
  runs "suggestion $seed" 0 "$MLC" data profile --suggest data.csv
  printf '%s\n' "$out" >data.mlc
  runs "suggestion $seed is formatted" 0 "$MLC" fmt --check data.mlc
  runs "suggestion $seed is a spec" 0 "$MLC" check
  runs "suggestion $seed holds" 0 "$MLC" run dataset/data
done
totals
