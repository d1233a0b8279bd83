#!/usr/bin/env bash
# Tables whose own names hold dots and quotes, as people write them in SQL: PostgreSQL (DATABASE_URL, else one from
# MLC_SERVERS) and DuckDB find in each what the engine finds in the data.
. "$(dirname "$0")/lib.sh"
set -u
workplace
cd "$work" || exit 1

printf 'id,word\n1,a\n2,b\n2,\n' >data.csv
printf 'key\n1\n' >other.csv
# suite OTHER: checks of the schema, of rows, of groups, and against another table
suite() {
  python3 - "$1" <<'PYTHON'
import json, sys
other = sys.argv[1]
checks = [("expect_table_columns_to_match_ordered_list", {"column_list": ["id", "word"]}), ("expect_column_values_to_be_unique", {"column": "id"}),
          ("expect_column_values_to_not_be_null", {"column": "word"}), ("uniqueness", {"column": "id"}), ("median", {"column": "id"}),
          ("exists_in", {"column": "id", "other": other, "other_columns": ["key"]}), ("rows_equal_other", {"other": other})]
json.dump({"name": "s", "expectations": [{"type": kind, "kwargs": kwargs} for kind, kwargs in checks]}, open("suite.json", "w"))
PYTHON
}
# holds DIALECT COMMAND SCHEMA
holds() {
  local dialect=$1 command=$2 table other
  while IFS='|' read -r table other; do
    suite "$other"
    "$MLC" data check --suite suite.json --format json --other "$other=other.csv" data.csv >native.json 2>log
    "$MLC" data check --suite suite.json --format json --table "$table" --sql "$dialect" --sql-command "$command" >sql.json 2>log
    expect "$dialect: $table beside $other" python3 "$here/sql_verdicts.py" native.json sql.json
  done <<TABLES
"a.b"|"o.t"
$3."a.b"|$3."o.t"
"$3"."a.b"|"$3"."q""o"
$3."say ""hi"""|$3."o.t"
"it's; drop table x; --"|"q""o"
TABLES
  suite 'wrong."name'
  "$MLC" data check --suite suite.json --format json --table '"a.b"' --sql "$dialect" --sql-command "$command" >sql.json 2>log
  expect "$dialect: another table's wrong name is the error of its checks" test "$(grep -c 'is no name of a table' sql.json)" = 2
}
tables() { # SCHEMA
  echo "create schema $1;"
  for name in 'a.b' 'say ""hi""' "it's; drop table x; --"; do
    echo "create table $1.\"$name\" (id bigint, word text); insert into $1.\"$name\" values (1, 'a'), (2, 'b'), (2, null);"
  done
  for name in 'o.t' 'q""o'; do
    echo "create table $1.\"$name\" (key bigint); insert into $1.\"$name\" values (1);"
  done
}

if python=$(python_with duckdb duckdb); then
  tables sales >tables.sql
  cat >run.py <<'PYTHON'
import sys
import duckdb
c = duckdb.connect()
c.execute(open("tables.sql").read())
c.execute("use sales")
print(c.execute(sys.stdin.read()).fetchone()[0])
PYTHON
  holds duckdb "'$python' run.py" sales
else
  skip "names of DuckDB" "its Python package is not installed and cannot be"
fi
if postgres_up "names of PostgreSQL"; then
  schema="mlc_names_$$"
  export PGOPTIONS="-c search_path=$schema -c client_min_messages=error"
  tables "$schema" | psql "$DATABASE_URL" -Xq -v ON_ERROR_STOP=1 || fail "PostgreSQL's tables"
  holds postgres "psql $DATABASE_URL -XqtA" "$schema"
  psql "$DATABASE_URL" -Xq -c "drop schema $schema cascade"
fi
postgres_down
totals
