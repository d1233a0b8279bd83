#!/usr/bin/env bash
# What `mlc data` writes for others, against golden files: queries, suites, suggested specs. MLC_BLESS=1 refreshes them.
. "$(dirname "$0")/../e2e/lib.sh"
golden="$root/tests/golden/exports"
cd "$golden/input" || exit 1

mkdir "$work/out"
for dialect in postgres duckdb; do
  "$MLC" data check --suite suite.json --table shop.orders --sql $dialect >"$work/out/query.$dialect.sql" 2>&1
  "$MLC" data export --to sql --sql $dialect orders >"$work/out/export.$dialect.sql" 2>&1
done
"$MLC" data export orders >"$work/out/export.json" 2>"$work/out/export.left-out.txt"
"$MLC" data profile --suggest hostile.csv >"$work/out/suggested.mlc" 2>&1

if [ "${MLC_BLESS:-}" = 1 ]; then
  rm -rf "$golden/output"
  cp -r "$work/out" "$golden/output"
fi
for file in "$work/out"/*; do
  same "$(basename "$file"): make bless refreshes" "$(diff -u "$golden/output/$(basename "$file")" "$file" | head -n 40)" ""
done
same "nothing else is written" "$(ls "$golden/output")" "$(ls "$work/out")"
totals
