#!/usr/bin/env bash
# Random specs with hostile names, exported: PostgreSQL (DATABASE_URL, else one from MLC_SERVERS), DuckDB and
# great_expectations find in random data what the check engine finds. SPEC_SEEDS are others than 1 to 5.
. "$(dirname "$0")/lib.sh"
set -u
workplace
cd "$work" || exit 1
read -ra seeds <<<"${SPEC_SEEDS:-1 2 3 4 5}"

# begin SEED: the spec, its suite and query, the data, and what the engine finds.
begin() {
  rm -rf "$1" && mkdir "$1" && cd "$1" || return 1
  python3 "$here/cases/random_spec.py" "$1" . || return 1
  "$MLC" data export -C spec -o suite.json >log 2>&1 || { cat log && return 1; }
  "$MLC" data export -C spec --to sql -o d.postgres.sql >log 2>&1 || { cat log && return 1; }
  "$MLC" data export -C spec --to sql --sql duckdb -o d.duckdb.sql >log 2>&1 || { cat log && return 1; }
  local types=()
  while IFS= read -r -d '' type; do types+=(--type "$type"); done < <(python3 -c '
import json, sys
for name, kind in json.load(open("types.json", encoding="utf-8")).items():
    sys.stdout.buffer.write(f"{name}={kind}\0".encode())')
  "$MLC" data check --suite suite.json --format json "${types[@]}" data.csv >native.json 2>log
  [ -s native.json ] || { cat log && return 1; }
}
# same DIALECT COMMAND: the suite as a query of the table (but for an order), and the exported query, which must at least
# run.
same() {
  "$MLC" data check --suite suite.json --format json --table d --sql "$1" --sql-command "$2" >sql.json 2>log
  [ -s log ] && cat log
  python3 "$here/sql_verdicts.py" native.json sql.json 1 && sh -c "$2" <"d.$1.sql" | grep -q '"n": *[0-9]'
}

duckdb=$(python_with duckdb duckdb) || skip "what DuckDB finds" "its Python package is not installed and cannot be"
gx="$validators/py/gx/bin/python"
[ -x "$gx" ] || gx=$(python_with gx great_expectations==1.24.1) || skip "what great_expectations finds" "it is not installed and cannot be"
if postgres_up "what PostgreSQL finds"; then
  schema="mlc_specs_$$"
  export PGOPTIONS="-c search_path=$schema -c client_min_messages=error"
fi
jobs=()
for seed in "${seeds[@]}"; do
  cd "$work" || exit 1
  expect "the spec $seed exports" begin "$seed"
  jobs+=("$seed/suite.json" "$seed/data.csv" "$seed/gx.json")
  cd "$work/$seed" || exit 1
  if [ -n "$duckdb" ]; then
    expect "DuckDB finds the same as the engine: spec $seed" same duckdb "'$duckdb' '$here/cases/duckdb_table.py' ."
  fi
  if [ -n "${schema:-}" ]; then
    { echo "create schema $schema;" && cat table.sql && echo "\\copy d from 'data.csv' csv header"; } |
      psql "$DATABASE_URL" -Xq -v ON_ERROR_STOP=1 || fail "the table of spec $seed"
    expect "PostgreSQL finds the same as the engine: spec $seed" same postgres "psql $DATABASE_URL -XqtA"
    psql "$DATABASE_URL" -Xq -c "drop schema $schema cascade"
  fi
done
postgres_down

if [ -n "$gx" ]; then
  cd "$work" || exit 1
  expect "great_expectations runs the suites" timeout 300 "$gx" "$here/gx_verdicts.py" run "${jobs[@]}"
  for seed in "${seeds[@]}"; do
    expect "great_expectations finds the same as the engine: spec $seed" "$gx" "$here/gx_verdicts.py" compare "$seed/gx.json" "$seed/native.json"
  done
fi
totals
