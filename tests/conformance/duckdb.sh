#!/usr/bin/env bash
# The pushdown: the same expectations as one query in a real DuckDB give the verdicts and counts of the check engine.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cases/shop.sh"
set -u
workplace

cd "$work" || exit 1
write_cases "$work"
expect "a dataset exports as a query" "$MLC" data export -C spec --to sql --sql duckdb -o orders.sql
"$MLC" data export -C spec -o orders.json
cat >more.json <<'SUITE'
{"name": "more", "expectations": [
  {"type": "expect_column_values_to_not_be_in_set", "kwargs": {"column": "country", "value_set": ["XX", "it's"]}},
  {"type": "expect_column_values_to_be_between", "kwargs": {"column": "amount", "min_value": 10, "strict_min": true,
    "row_condition": "country != 'DE'", "condition_parser": "pandas"}},
  {"type": "expect_table_row_count_to_be_between", "kwargs": {"max_value": 40,
    "row_condition": "country == 'DE' and amount > 20", "condition_parser": "pandas"}},
  {"type": "expect_column_values_to_be_null", "kwargs": {"column": "rating", "mostly": 0.1}},
  {"type": "expect_column_proportion_of_unique_values_to_be_between", "kwargs": {"column": "id", "min_value": 0.9}},
  {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "buyer", "regex": "^[bx]"}},
  {"type": "expect_column_values_to_not_match_regex", "kwargs": {"column": "buyer", "regex": "Å|q"}},
  {"type": "expect_column_values_to_match_regex_list", "kwargs": {"column": "day", "match_on": "all",
    "regex_list": ["^2024", "-0[1-9]$"]}},
  {"type": "expect_column_values_to_match_like_pattern", "kwargs": {"column": "buyer", "like_pattern": "b_%"}},
  {"type": "expect_column_max_to_be_between", "kwargs": {"column": "id", "max_value": 100}},
  {"type": "expect_column_pair_values_a_to_be_greater_than_b", "kwargs": {"column_A": "amount", "column_B": "rating"}},
  {"type": "expect_column_pair_values_to_be_equal", "kwargs": {"column_A": "id", "column_B": "rating",
    "ignore_row_if": "either_value_is_missing"}},
  {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["buyer", "day"],
    "row_condition": "amount > 20", "condition_parser": "pandas"}}
]}
SUITE
if ! python=$(python_with duckdb duckdb); then
  skip "the same verdicts as DuckDB" "its Python package is not installed and cannot be"
  totals
  exit
fi

for csv in good range missing repeated texts few many; do
  for suite in orders more; do
    "$MLC" data check --suite $suite.json --format json $csv.csv >native.json
    "$MLC" data check --suite $suite.json --format json --table orders --sql duckdb \
      --sql-command "'$python' '$here/duckdb_query.py' orders $csv.csv" >sql.json
    expect "DuckDB gives the same verdicts and counts: $suite of $csv.csv" "$python" "$here/sql_verdicts.py" native.json sql.json 2
  done
done
types=(--type id=int --type grp=string --type x=float --type y=float --type n=int --type m=int --type word=string
  --type word2=string --type day=date --type flag=bool)
for seed in 1 2 3 4 5; do
  "$python" "$here/cases/random_checks.py" $seed .
  "$MLC" data check --suite suite.json --format json "${types[@]}" --other other=other.csv data.csv >native.json
  "$MLC" data check --suite suite.json --format json --table data --sql duckdb \
    --sql-command "'$python' '$here/duckdb_query.py' data data.csv other other.csv" >sql.json
  expect "DuckDB finds the same in random data $seed" "$python" "$here/sql_verdicts.py" native.json sql.json
done
expect "the exported query runs" sh -c "'$python' '$here/duckdb_query.py' orders good.csv <orders.sql | grep -q '\"n\":120'"
totals
