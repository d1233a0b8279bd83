#!/usr/bin/env bash
# Numbers that a double cannot hold: PostgreSQL (DATABASE_URL, else one from MLC_SERVERS) and DuckDB give the verdicts, counts
# and digits of the engine. EXACT_SEEDS are others than 1 to 8.
. "$(dirname "$0")/lib.sh"
set -u
workplace
cd "$work" || exit 1
read -ra seeds <<<"${EXACT_SEEDS:-1 2 3 4 5 6 7 8}"
types=(--type id=int --type n=int --type m=int --type k=int --type 'd=decimal(20,4)' --type 'e=decimal(30,10)' --type x=float)
cat >run.py <<'PYTHON'
import csv, sys
import duckdb
c = duckdb.connect()
c.execute(open("table.sql").read())
for table, name in [("d", "data.csv"), ("other", "other.csv")]:
    rows = [[cell if cell else None for cell in row] for row in csv.reader(open(name))][1:]
    c.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
print(c.execute(sys.stdin.read()).fetchone()[0])
PYTHON
same() { # DIALECT COMMAND
  "$MLC" data check --suite suite.json --format json --table d --sql "$1" --sql-command "$2" >"$1.json" 2>log
  [ -s log ] && cat log
  python3 "$here/sql_verdicts.py" native.json "$1.json" 0 exact
}
duckdb=$(python_with duckdb duckdb) || skip "exact numbers of DuckDB" "its Python package is not installed and cannot be"
if postgres_up "exact numbers of PostgreSQL"; then
  schema="mlc_exact_$$"
  export PGOPTIONS="-c search_path=$schema -c client_min_messages=error"
fi
for seed in "${seeds[@]}"; do
  python3 "$here/cases/random_exact.py" "$seed" . || fail "data of seed $seed"
  "$MLC" data check --suite suite.json --format json "${types[@]}" --other other=other.csv data.csv >native.json 2>log
  if [ -n "$duckdb" ]; then
    expect "DuckDB is as exact as the engine: seed $seed" same duckdb "'$duckdb' run.py"
  fi
  if [ -n "${schema:-}" ]; then
    { echo "create schema $schema;" && cat table.sql && echo "\\copy d from 'data.csv' csv header" && echo "\\copy other from 'other.csv' csv header"; } |
      psql "$DATABASE_URL" -Xq -v ON_ERROR_STOP=1 || fail "the tables of seed $seed"
    expect "PostgreSQL is as exact as the engine: seed $seed" same postgres "psql $DATABASE_URL -XqtA"
    psql "$DATABASE_URL" -Xq -c "drop schema $schema cascade"
  fi
done
# Between two times: half a second after ten o'clock.
cat >times.json <<'SUITE'
{"name": "times", "expectations": [
  {"type": "expect_column_median_to_be_between", "kwargs": {"column": "t", "min_value": "2024-01-01", "max_value": "2024-01-02T10:00:00.5"}},
  {"type": "expect_column_median_to_be_between", "kwargs": {"column": "t", "max_value": "2024-01-02T10:00:00.4"}}
]}
SUITE
times() { # DIALECT COMMAND
  "$MLC" data check --suite times.json --format json --table times --sql "$1" --sql-command "$2" >times.out 2>log
  [ "$(grep -o '"status": "[a-z]*"' times.out | tr '\n' ' ')" = '"status": "passed" "status": "failed" ' ] || { cat times.out log && return 1; }
}
rows="create table times (t timestamp); insert into times values ('2024-01-02 10:00:00'), ('2024-01-02 10:00:01');"
if [ -n "$duckdb" ]; then
  expect "DuckDB finds the middle of two times" times duckdb "'$duckdb' -c \"import duckdb, sys; c = duckdb.connect(); c.execute(\\\"$rows\\\"); print(c.execute(sys.stdin.read()).fetchone()[0])\""
fi
if [ -n "${schema:-}" ]; then
  psql "$DATABASE_URL" -Xq -c "create schema $schema" -c "$rows" || fail "the table of times"
  expect "PostgreSQL finds the middle of two times" times postgres "psql $DATABASE_URL -XqtA"
  psql "$DATABASE_URL" -Xq -c "drop schema $schema cascade"
fi
postgres_down
totals
