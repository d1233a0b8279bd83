#!/usr/bin/env bash
# Checks that a real PostgreSQL (DATABASE_URL, else one from MLC_SERVERS) or DuckDB refuses are errors of their own: all
# others have the verdicts of the check engine.
. "$(dirname "$0")/lib.sh"
set -u
workplace
cd "$work" || exit 1

{
  echo 'id,word,amount'
  for i in $(seq 1 60); do echo "$i,w$((i % 7)),$((i * 37 % 101)).5"; done
} >data.csv
# The refused: a type that cannot be compared, a pattern that is none, a column that is missing, a text that is no number
# (found only while the rows are read).
python3 - <<'PYTHON'
import json
good = [
    {"type": kind, "kwargs": {"column": column, **more}}
    for column in ["id", "amount"]
    for kind, more in [("mean", {"max_value": 30}), ("max", {"min_value": 60}), ("min", {"min_value": 1}),
                       ("expect_column_values_to_be_between", {"min_value": 3, "max_value": 90}),
                       ("expect_column_values_to_be_unique", {}), ("distinct_count", {"max_value": 50}), ("stdev", {})]
]
wrong = [
    {"type": "mean", "kwargs": {"column": "word"}},
    {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "word", "regex": "("}},
    {"type": "max", "kwargs": {"column": "nowhere", "max_value": 1}},
    {"type": "expect_multicolumn_sum_to_equal", "kwargs": {"column_list": ["word", "id"], "sum_total": 1}},
]
for name, wanted in [("none", []), ("some", wrong)]:
    checks = list(good)
    for place, one in zip([0, 5, 6, 17], wanted):
        checks.insert(place, one)
    with open(f"{name}.json", "w") as out:
        json.dump({"name": name, "expectations": checks}, out)
PYTHON
cat >judge.py <<'PYTHON'
import json, sys
native, sql = (json.load(open(f, encoding="utf-8"))["results"] for f in sys.argv[1:3])
wanted = {int(place) for place in sys.argv[3:]}
refused = {i for i, r in enumerate(sql) if r["status"] == "error"}
for i in refused:
    print(sql[i]["error"])
    assert sql[i]["error"].startswith("the database refuses this check: ") and len(sql[i]["error"]) > 50
assert refused == wanted, (refused, wanted)
for i, (a, b) in enumerate(zip(native, sql)):
    if i not in refused:
        for key in ("status", "success", "unexpected_count"):
            assert a.get(key) == b.get(key), (i, key, a, b)
PYTHON
# holds NAME DIALECT COMMAND: the good checks in one query, the refused ones alone.
holds() {
  local name=$1 dialect=$2 command=$3 suite
  for suite in none some; do
    "$MLC" data check --suite $suite.json --format json data.csv >native.json 2>/dev/null
    "$MLC" data check --suite $suite.json --format json --table orders --sql "$dialect" --sql-command "$command" >sql.json 2>"$suite.log"
    if [ $suite = some ]; then
      expect "$name refuses four checks, and no others" python3 judge.py native.json sql.json 0 5 6 17
    else
      expect "$name answers a suite without them" python3 judge.py native.json sql.json
    fi
  done
  expect "$name was asked once for the one" test ! -s none.log
  expect "$name was asked no more than it takes" sh -c "[ \"\$(sed -n 's/.*checks; \([0-9]*\) queries.*/\1/p' some.log)\" -le 32 ]"
}

if python=$(python_with duckdb duckdb); then
  holds DuckDB duckdb "'$python' '$here/duckdb_query.py' orders data.csv"
else
  skip "what DuckDB refuses" "its Python package is not installed and cannot be"
fi
if postgres_up "what PostgreSQL refuses"; then
  schema="mlc_refusals_$$"
  psql "$DATABASE_URL" -q -c "create schema $schema" -c "create table $schema.orders (id int, word text, amount float8)" \
    -c "\\copy $schema.orders from 'data.csv' csv header" || fail "PostgreSQL's table"
  export PGOPTIONS="-c search_path=$schema"
  holds "PostgreSQL, psql ending with 0," postgres "psql $DATABASE_URL -XqtA"
  holds "PostgreSQL, psql ending with 3," postgres "psql $DATABASE_URL -XqtA -v ON_ERROR_STOP=1"
  "$MLC" data check --suite some.json --table nowhere --sql-command "psql $DATABASE_URL -XqtA" >out.txt 2>err.txt
  expect "a table that is missing is said once" sh -c '[ "$(grep -c nowhere err.txt)" = 1 ] && [ ! -s out.txt ]'
  unset PGOPTIONS
  psql "$DATABASE_URL" -q -c "set client_min_messages = error; drop schema $schema cascade"
fi
postgres_down
totals
