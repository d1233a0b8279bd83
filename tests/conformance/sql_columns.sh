#!/usr/bin/env bash
# Checks of the columns, said in SQL: PostgreSQL (DATABASE_URL, else one from MLC_SERVERS) and DuckDB, tables and views,
# give the engine's verdicts and observed values over the same data.
. "$(dirname "$0")/lib.sh"
set -u
workplace
cd "$work" || exit 1

python3 - <<'PYTHON'
import json
names = ["id", "a b", 'q"x', "it's", "d", "f", "ok", "day", "at"]
E = "expect_"
suite = []
add = lambda kind, **kwargs: suite.append({"type": kind, "kwargs": kwargs})
for name in [*names, "nowhere", "ID"]:
    add(E + "column_to_exist", column=name)
    add("column_exists", column=name)
for name, index in [("id", 0), ("a b", 0), ("at", -1), ("at", 8), ("d", 1.5), ("nowhere", 1)]:
    add(E + "column_to_exist", column=name, column_index=index)
for wanted in [names, names[::-1], names[:-1], [*names, "more"], ["id", "ID"], []]:
    add(E + "table_columns_to_match_ordered_list", column_list=wanted)
    add(E + "table_columns_to_match_set", column_set=wanted)
    add(E + "table_columns_to_match_set", column_set=wanted, exact_match=False)
for count in [8, 9, 10]:
    add(E + "table_column_count_to_equal", value=count)
    add(E + "table_column_count_to_be_between", min_value=count)
    add(E + "table_column_count_to_be_between", min_value=count, max_value=7)
add("columns", max_value=9, strict_max=True)
TYPES = ["int", "INTEGER", "int64", "BIGINT", "string", "str", "VARCHAR", "decimal", "decimal(10,2)", "decimal(9,2)", "DECIMAL", "float", "float64", "double",
         "bool", "BOOLEAN", "date", "DATE", "timestamp", "TIMESTAMP", "datetime64[ns]", "oddity"]
for name in [*names, "nowhere"]:
    for kind in TYPES:
        add(E + "column_values_to_be_of_type", column=name, type_=kind)
    add(E + "column_values_to_be_in_type_list", column=name, type_list=["oddity", "int", "string"])
    add(E + "column_values_to_be_in_type_list", column=name, type_list=["float", "decimal(10,2)"])
add(E + "column_values_to_not_be_null", column="id")
add(E + "column_max_to_be_between", column="a b", max_value="zz")
with open("suite.json", "w") as out:
    json.dump({"name": "columns", "expectations": suite}, out)
with open("data.csv", "w") as out:
    out.write(",".join('"' + n.replace('"', '""') + '"' for n in names) + "\n")
    for i in range(1, 4):
        out.write(f'{i},w{i},x{i},y{i},{i}.25,{i}.5,true,2024-01-0{i},2024-01-0{i}T10:00:00\n')
COLUMNS = ['"id" INT_TYPE', '"a b" TEXT_TYPE', '"q""x" WORD_TYPE', '"it\'s" varchar(20)', '"d" numeric(10,2)', '"f" double precision', '"ok" boolean', '"day" date',
           '"at" timestamp']
for dialect, words in [("postgres", ["email_id", "text", "citext_like"]), ("duckdb", ["bigint", "varchar", "mood"])]:
    text = ", ".join(COLUMNS)
    for key, word in zip(["INT_TYPE", "TEXT_TYPE", "WORD_TYPE"], words):
        text = text.replace(key, word)
    with open(f"{dialect}.sql", "w") as out:
        out.write(f"create table orders ({text});\n")
PYTHON
types=(--type id=int --type 'a b=string' --type 'q"x=string' --type "it's=string" --type 'd=decimal(10,2)' --type f=float --type ok=bool --type day=date
  --type at=timestamp)
"$MLC" data check --suite suite.json --format json "${types[@]}" data.csv >native.json 2>native.log
# Types that are the database's own are seen under their names, and fit them.
own() { # NAME TYPE...: each column of the table `odd` has the type that the pair says
  python3 - "$@" <<'PYTHON'
import json, sys
suite = []
for column, name in zip(sys.argv[1::2], sys.argv[2::2]):
    suite.append({"type": "expect_column_values_to_be_of_type", "kwargs": {"column": column, "type_": name}})
    suite.append({"type": "expect_column_values_to_be_of_type", "kwargs": {"column": column, "type_": name.swapcase()}})
    suite.append({"type": "expect_column_values_to_be_of_type", "kwargs": {"column": column, "type_": "bool"}})
json.dump({"name": "own", "expectations": suite}, open("own.json", "w"))
PYTHON
}
cat >seen.py <<'PYTHON'
"""Every type is seen as it should be: seen.py REPORT COLUMN TYPE [COLUMN TYPE]..., the type of the engine."""
import json, sys
wanted = dict(zip(sys.argv[2::2], sys.argv[3::2]))
for r in json.load(open(sys.argv[1], encoding="utf-8"))["results"]:
    column = r["columns"][0]
    assert r["observed"] == wanted[column], (column, r["observed"], wanted[column])
    good = "bool" not in r["check"] or wanted[column] == "bool"
    assert r["success"] == good, r
PYTHON
# holds NAME DIALECT COMMAND
holds() {
  "$MLC" data check --suite suite.json --format json --table orders --sql "$2" --sql-command "$3" >sql.json 2>"$2.log"
  expect "$1 finds the same columns" python3 "$here/sql_verdicts.py" native.json sql.json
  expect "$1 is asked once" test ! -s "$2.log"
  "$MLC" data check --suite suite.json --format json --table shown --sql "$2" --sql-command "$3" >view.json 2>"$2.log"
  expect "$1 finds the same columns of a view" python3 "$here/sql_verdicts.py" native.json view.json
}
# odd NAME DIALECT COMMAND COLUMN OWN_TYPE ENGINE_TYPE...
odd() {
  local name=$1 dialect=$2 command=$3 pairs=() wanted=()
  shift 3
  while [ $# -gt 0 ]; do
    pairs+=("$1" "$2") wanted+=("$1" "$3")
    shift 3
  done
  own "${pairs[@]}"
  "$MLC" data check --suite own.json --format json --table odd --sql "$dialect" --sql-command "$command" >odd.json 2>odd.log
  [ -s odd.log ] && cat odd.log
  expect "$name has types of its own" python3 seen.py odd.json "${wanted[@]}"
}

if python=$(python_with duckdb duckdb); then
  cat >run.py <<'PYTHON'
import sys
import duckdb
c = duckdb.connect()
c.execute("create type mood as enum ('x1', 'x2', 'x3')")
c.execute(open("duckdb.sql").read())
c.execute("insert into orders select * from read_csv('data.csv', header = true, all_varchar = true)")
c.execute("create view shown as select * from orders")
c.execute("""create table odd (i tinyint, j usmallint, k ubigint, h hugeint, r real, n decimal(38,10), m mood, t timestamp with time zone, s timestamp_s,
  z timestamp_ns, w time, u uuid, b blob, y json, l integer[], v decimal(10,2)[], x struct(a integer), p interval)""")
print(c.execute(sys.stdin.read()).fetchone()[0])
PYTHON
  holds DuckDB duckdb "'$python' run.py"
  odd DuckDB duckdb "'$python' run.py" i TINYINT int j USMALLINT int k UBIGINT 'decimal(20,0)' h HUGEINT HUGEINT r FLOAT float \
    n 'DECIMAL(38,10)' 'decimal(38,10)' m "ENUM('x1', 'x2', 'x3')" string t 'TIMESTAMP WITH TIME ZONE' timestamp s TIMESTAMP_S timestamp \
    z TIMESTAMP_NS timestamp_ns w TIME time u UUID string b BLOB string y JSON string l 'INTEGER[]' 'INTEGER[]' v 'DECIMAL(10,2)[]' 'DECIMAL(10,2)[]' \
    x 'STRUCT(a INTEGER)' 'STRUCT(a INTEGER)' p INTERVAL INTERVAL
else
  skip "the columns of DuckDB" "its Python package is not installed and cannot be"
fi
if postgres_up "the columns of PostgreSQL"; then
  schema="mlc_columns_$$"
  export PGOPTIONS="-c search_path=$schema -c client_min_messages=error"
  {
    echo "create schema $schema;"
    echo "create domain whole_id as int; create domain email_id as whole_id check (value > 0);"
    echo "create domain citext_like as text; create type mood as enum ('a');"
    cat postgres.sql
    echo "\\copy orders from 'data.csv' csv header"
    echo "alter table orders add column gone int; alter table orders drop column gone;"
    echo "create materialized view shown as select * from orders;"
    echo "create table odd (i smallint, r real, n numeric, g numeric(50,10), c char(3), k name, m mood, t timestamptz, s timestamp(3), w time, o timetz, u uuid,
      b bytea, y json, yb jsonb, l integer[], v numeric(10,2)[], p interval, a inet, e email_id);"
  } | psql "$DATABASE_URL" -Xq -v ON_ERROR_STOP=1 || fail "PostgreSQL's tables"
  holds PostgreSQL postgres "psql $DATABASE_URL -XqtA"
  odd PostgreSQL postgres "psql $DATABASE_URL -XqtA" i smallint int r real float n numeric decimal g 'numeric(50,10)' 'decimal(50,10)' \
    c 'character(3)' string k name string m mood string t 'timestamp with time zone' timestamp s 'timestamp(3) without time zone' timestamp \
    w 'time without time zone' time o 'time with time zone' 'time with time zone' u uuid string b bytea string y json string yb jsonb string \
    l 'integer[]' 'integer[]' v 'numeric(10,2)[]' 'numeric(10,2)[]' p interval interval a inet inet e integer int
  psql "$DATABASE_URL" -Xq -c "drop schema $schema cascade"
fi
postgres_down
totals
