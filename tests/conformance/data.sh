#!/usr/bin/env bash
# The check engine against published cases and reference values, validators, PostgreSQL (DATABASE_URL, else one from
# MLC_SERVERS) and headless Chromium.
. "$(dirname "$0")/lib.sh"
set -u
workplace
reference="$MLC_SHARED/reference/data"

for tool in ge_cases:ge_cases.jsonl drift_reference:drift_reference.json; do
  program="$MLC_BUILD/tests/${tool%%:*}" file="$reference/${tool##*:}"
  [ -x "$program" ] || make -s -C "$root" "B=$(realpath -m "$MLC_BUILD")" "$(realpath -m "$program")" >/dev/null 2>&1
  if [ -f "$file" ]; then expect "${tool%%:*}" "$program" "$file"; else skip "${tool%%:*}" "no $file (MLC_SHARED)"; fi
done

cd "$work" || exit 1
{
  echo 'id,day,country,amount,"<b>note</b>"'
  for i in $(seq 1 300); do
    echo "$i,2024-01-$((10 + i % 20)),$([ $((i % 3)) = 0 ] && echo DE || echo FR),$((i * 37 % 101)).5,\"<img src=x>\""
  done
  echo "300,,,,"
} >now.csv
cat >suite.json <<'EOF'
{"name": "orders <&>", "expectations": [
  {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 301}},
  {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
  {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "country", "mostly": 0.99}},
  {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "country", "value_set": ["DE", "it's"]}},
  {"type": "expect_column_values_to_be_between", "kwargs": {"column": "amount", "min_value": 10, "strict_min": true,
    "row_condition": "country != 'DE'", "condition_parser": "pandas"}},
  {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "amount", "min_value": 1, "max_value": 99}},
  {"type": "expect_column_stdev_to_be_between", "kwargs": {"column": "amount", "max_value": 10}},
  {"type": "expect_column_median_to_be_between", "kwargs": {"column": "amount", "min_value": 1}},
  {"type": "expect_column_max_to_be_between", "kwargs": {"column": "day", "max_value": "2024-01-20"}},
  {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "country", "regex": "^[DF]"}},
  {"type": "expect_column_unique_value_count_to_be_between", "kwargs": {"column": "country", "max_value": 2}}
]}
EOF
"$MLC" data check --suite suite.json --format junit -o junit.xml now.csv
validated "JUnit report" junit "$work/junit.xml"

if postgres_up "PostgreSQL pushdown"; then
  table="orders_$$"
  psql "$DATABASE_URL" -q -c "create table $table (id int, day date, country text, amount float8, note text)" \
    -c "\\copy $table from 'now.csv' csv header" || fail "PostgreSQL's table"
  "$MLC" data check --suite suite.json --format json now.csv >native.json
  "$MLC" data check --suite suite.json --format json --table "$table" --sql-command "psql $DATABASE_URL -XqtA" >sql.json
  expect "PostgreSQL gives the same verdicts and counts" diff <(grep '"success"' native.json) <(grep '"success"' sql.json)
  expect "and unexpected rows" diff <(grep unexpected_count native.json) <(grep unexpected_count sql.json)
  psql "$DATABASE_URL" -q -c "drop table $table"
  types=(--type id=int --type grp=string --type x=float --type y=float --type n=int --type m=int --type word=string
    --type word2=string --type day=date --type flag=bool)
  for seed in 1 2 3 4 5; do
    python3 "$here/cases/random_checks.py" $seed .
    sed "s/\"other\": \"other\"/\"other\": \"${table}_o\"/" suite.json >random.json
    psql "$DATABASE_URL" -q -c "create table ${table}_d (id bigint, grp text, x float8, y float8, n bigint, m bigint,
      word text, word2 text, day date, flag bool)" -c "create table ${table}_o (n bigint, word text, grp text)" \
      -c "\\copy ${table}_d from 'data.csv' csv header" -c "\\copy ${table}_o from 'other.csv' csv header"
    "$MLC" data check --suite random.json --format json "${types[@]}" --other "${table}_o=other.csv" data.csv >native.json
    "$MLC" data check --suite random.json --format json --table "${table}_d" --sql-command "psql $DATABASE_URL -XqtA" >sql.json
    expect "PostgreSQL finds the same in random data $seed" python3 "$here/sql_verdicts.py" native.json sql.json
    psql "$DATABASE_URL" -q -c "drop table ${table}_d, ${table}_o"
  done
fi
postgres_down

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
"$MLC" data check --suite suite.json --format html -o report.html now.csv
if [ -n "$browser" ]; then
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu --dump-dom "file://$work/report.html" >dom.html 2>browser.log
  expect "the page is read by a browser" grep -q '<h2>Expectations</h2>' dom.html
  expect "with a plot for each column" test "$(grep -o '<svg' dom.html | wc -l)" -ge 4
  expect "hostile data is no markup" test -z "$(grep -o '<img\|<b>note' dom.html)"
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu --window-size=390,2000 --screenshot=phone.png \
    "file://$work/report.html" >/dev/null 2>&1
  expect "a phone's screenshot" test -s phone.png
else
  skip "HTML report in a browser" "no chromium"
fi
totals
