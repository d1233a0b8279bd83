#!/usr/bin/env bash
# The doors of `mlc data` on small files: what they print, how they exit, what they refuse.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

{
  echo id,country,amount,email
  for i in $(seq 1 400); do
    echo "$i,$([ $((i % 3)) = 0 ] && echo DE || echo FR),$((i * 37 % 101)).5,u$i@example.com"
  done
  echo "401,,,broken"
} >now.csv
{
  echo id,country,amount,email
  for i in $(seq 1 400); do echo "$i,FR,$((i * 37 % 101 + 40)).5,u$i@example.com"; done
} >before.csv
cat >suite.json <<'EOF'
{"name": "orders", "expectations": [
  {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
  {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "email", "regex": "^[a-z0-9]+@[a-z.]+$"}},
  {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "country", "mostly": 0.99}},
  {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "emial", "min_value": 1}}
]}
EOF
sed 's/"column": "emial"/"column": "amount"/; s/"regex": "[^"]*"/"regex": "."/' suite.json >good.json

runs "help" 0 "$MLC" data --help
says "names the doors" "drift" "$out"
runs "an unknown door" 64 "$MLC" data chek
says "offers the near one" "did you mean \`data check\`?" "$err"
runs "no suite" 64 "$MLC" data check now.csv

runs "profile" 0 "$MLC" data profile now.csv
says "counts rows" "401 rows" "$out"
runs "a suggested dataset" 0 "$MLC" data profile --suggest now.csv
says "has a key" "key  = id" "$out"
says "has a set" "one_of(" "$out"
mkdir project && printf 'project p {\n  owner = "a@example.com"\n}\n' >project/p.mlc
printf '%s\n' "$out" >project/now.mlc && cp now.csv project/
runs "which the language accepts" 0 "$MLC" check project
runs "in the one format" 0 "$MLC" fmt --check project
runs "and which its own data meets" 0 "$MLC" run -C project dataset/now
runs "as a suite" 0 "$MLC" data export -C project now
printf '%s\n' "$out" >own.json
runs "too" 0 "$MLC" data check --suite own.json now.csv

# Names, values and layouts that nobody would choose.
{
  echo '"a b";"q""t";"line'
  echo 'feed";and;features;rows;zoë;"\(x)";"";a b;😀;none'
  for i in $(seq 1 60); do
    echo "$i;$([ $((i % 2)) = 0 ] && echo '"it''s ""\(x)"' || echo '"two'; echo 'lines"');$((i % 3)).5;9223372036854775807;NA;$i;x;2024-01-$((10 + i % 20))T10:00:00.123456789;7;;-0.001;"
  done
} >hostile.csv
runs "hostile data" 0 "$MLC" data profile --suggest hostile.csv
says "has names of the language" 'from = "\\(x)"' "$out"
says "says how it is read" 'delimiter = ";"' "$out"
rm -rf project/now.* project/.mlc && cp hostile.csv project/ && printf '%s\n' "$out" >project/hostile.mlc
runs "is a spec too" 0 "$MLC" check project
runs "formatted" 0 "$MLC" fmt --check project
runs "and met by its own data" 0 "$MLC" run -C project dataset/hostile

runs "checks that fail" 1 "$MLC" data check --suite suite.json now.csv
says "say how many" "1 of 401 rows" "$out"
says "show the row" 'row 401: "broken"' "$out"
says "offer the near column" 'did you mean "email"?' "$out"
runs "checks that hold" 0 "$MLC" data check --suite good.json now.csv
runs "no values" 1 "$MLC" data check --suite suite.json --no-values now.csv
says_not "show none" "broken" "$out"
runs "JSON" 1 "$MLC" data check --suite suite.json --format json now.csv
says "is versioned" '"version": 1' "$out"
says "has rows from 0" '"row_index": 400' "$out"
runs "JUnit" 1 "$MLC" data check --suite suite.json --format junit now.csv
says "counts failures" 'failures="1" errors="1"' "$out"
runs "HTML" 1 "$MLC" data check --suite suite.json --format html -o report.html now.csv
exists "the page" report.html
runs "SQL" 0 "$MLC" data check --suite good.json --table shop.orders
says "is one query" 'FROM "shop"."orders";' "$out"
{ echo n && seq 200000; } >many.csv
cat >many.json <<'EOF'
{"name": "many", "expectations": [
  {"type": "expect_column_median_to_be_between", "kwargs": {"column": "n", "min_value": 99000, "max_value": 101000}},
  {"type": "expect_column_unique_value_count_to_be_between", "kwargs": {"column": "n", "min_value": 190000}},
  {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "n", "min_value": 100000.5, "max_value": 100000.5}}
]}
EOF
runs "estimates" 0 "$MLC" data check --approximate --suite many.json many.csv
same "are called so" "$(grep -c "(an estimate)" <<<"$out")" 2
runs "the mean is exact" 0 "$MLC" data check --approximate --suite many.json --format json many.csv
same "in JSON" "$(grep -c '"approximate": true' <<<"$out")" 2
same "with their bound" "$(grep -c '"error_bound": ".*right within' <<<"$out")" 2
runs "in JUnit" 0 "$MLC" data check --approximate --suite many.json --format junit many.csv
same "too" "$(grep -c "(an estimate); .*right within" <<<"$out")" 2
runs "in HTML" 0 "$MLC" data check --approximate --suite many.json --format html many.csv
says "as well" "(an estimate)" "$out"
runs "few values are exact" 0 "$MLC" data check --approximate --suite good.json now.csv
says_not "and not called so" "estimate" "$out"
runs "without it" 0 "$MLC" data check --suite many.json many.csv
says_not "nothing is" "estimate" "$out"
head -n 150000 many.csv >fewer.csv
runs "drift from samples" 0 "$MLC" data drift --approximate --share 2 fewer.csv many.csv
says "is called so" "(an estimate)" "$out"
runs "in JSON" 0 "$MLC" data drift --approximate --share 2 --format json fewer.csv many.csv
says "with its bound" '"error_bound": "from samples of 65,536 rows' "$out"
runs "drift of all rows" 0 "$MLC" data drift --share 2 fewer.csv many.csv
says_not "is not" "estimate" "$out"

runs "history" 0 "$MLC" data check --suite good.json --history runs.json now.csv
runs "of two runs" 0 "$MLC" data check --suite good.json --history runs.json now.csv
same "is kept" "$(grep -c '"rows"' runs.json)" 2

runs "no drift" 0 "$MLC" data drift now.csv now.csv
runs "drift" 1 "$MLC" data drift --share 0.3 before.csv now.csv
says "names the column" "DRIFT  amount" "$out"
says "leaves identifiers out" "skip   email" "$out"
runs "a stored profile" 0 "$MLC" data profile --format json -o before.json before.csv
runs "stands for the data" 1 "$MLC" data drift --share 0.3 --format json before.json now.csv
says "and says so" '"from_profile": true' "$out"
runs "an unknown measure" 64 "$MLC" data drift --measure pis before.csv now.csv
says "lists those there are" "psi, psi_deciles" "$err"
# What is nearly what can be read.
printf '\xef\xbb\xbf' >mark.csv
runs "a byte order mark alone" 0 "$MLC" data profile mark.csv
says "is an empty file" "0 rows, 0 columns" "$out"
printf '\n [\n{"a": 1},\n{"a": 2}\n]\n' >list.json && printf '{"a": 1}\n[]\n' >lines.jsonl
runs "a JSON list" 1 "$MLC" data profile list.json
says "is told from lines" "list.json is one JSON list; JSON Lines have an object on each line" "$err"
runs "also behind lines" 1 "$MLC" data profile lines.jsonl list.json
runs "a list on a later line" 0 "$MLC" data profile lines.jsonl
says "is a line that is none" "1 line that is no JSON object in row 2" "$out"

cp good.json kept.json
runs "a suite as the history" 1 "$MLC" data check --suite good.json --history kept.json now.csv
says "is refused" "kept.json is no history of earlier runs" "$err"
same "and not written over" "$(cat kept.json)" "$(cat good.json)"

printf 'a title\na,b\n1,2\n' >titled.csv
runs "a file of which a line was read" 0 bash -c '{ read -r _; "$0" data profile -; } <titled.csv' "$MLC"
says "begins behind it" "1 row, 2 columns" "$out"

# Where a result goes: a full disk is an error, and what is no plain file is written into, not replaced.
for format in text json html; do
  runs "a full disk, $format" 1 sh -c '"$0" data profile --format "$1" now.csv >/dev/full' "$MLC" "$format"
  says "is said, $format" "disk full" "$err"
done
ln -s /dev/full full && ln -s behind.txt link
runs "a named full disk" 1 "$MLC" data profile -o full now.csv
says "is said by name" "full: No space left" "$err"
runs "a link to a file" 0 "$MLC" data profile -o link now.csv
if [ -L full ] && [ -L link ]; then pass; else fail "links stay links"; fi
says "and are followed" "401 rows" "$(cat behind.txt)"
runs "the standard output by its name" 0 sh -c '"$0" data profile -o /dev/stdout now.csv | cat' "$MLC"
says "is written" "401 rows" "$out"

totals
