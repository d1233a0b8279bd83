#!/usr/bin/env bash
# Input that means harm, or is broken: a right answer or a clear error, within the memory that docs/data-input.md
# states. Inputs are made here and taken away; nothing is asserted about time.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
here=$root/tests/e2e

# bounded NAME CODE MIB COMMAND...: runs the command, which must not hold more than MIB at any time. Standard input goes
# through. Its output is in $out and $err.
bounded() {
  local name=$1 want=$2 limit=$3 got held
  shift 3
  out=$(python3 "$here/peak.py" "$work/.peak" "$@" 2>"$work/.err")
  got=$?
  err=$(head -c 2000 "$work/.err")
  held=$(cat "$work/.peak")
  if [ "$got" -ne "$want" ]; then
    fail "$name" "exit $got, expected $want" "$out" "$err"
  elif [ "$held" -gt "$limit" ]; then
    fail "$name" "held $held MiB, more than $limit"
  else
    pass
  fi
}
# Two threads everywhere: what is held grows with their number.
profile() { bounded "$1" "$2" "$3" "$MLC" data profile --threads 2 "${@:4}"; }
line() { head -c "$1" /dev/zero | tr '\0' "$2"; }

cat >suite.json <<'JSON'
{"name": "hostile", "expectations": [
  {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "a"}},
  {"type": "expect_column_unique_value_count_to_be_between", "kwargs": {"column": "a", "min_value": 1}},
  {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "a", "regex": "^[0-9]+$"}}
]}
JSON

# --- a line of 1 GB ---
printf 'a,b\n1,2\n' >long.csv && truncate -s 1G long.csv
profile "a line of 1 GB" 1 300 long.csv
says "names row and limit" "row 2 (at byte 8) is longer than 67108864 bytes, the limit for one row" "$err"
printf '{"a":1}\n{"a":"' >long.jsonl && truncate -s 1G long.jsonl
profile "of JSONL" 1 300 long.jsonl
says "names row and limit" "row 2 (at byte 8) is longer than 67108864 bytes" "$err"
rm -f long.*
line 10000000 x | gzip -1 >part.gz
{ printf 'a,b\n1,2\n' | gzip && for _ in $(seq 100); do cat part.gz; done; } >long.csv.gz
profile "of gzip" 1 300 long.csv.gz
says "names row and limit" "row 2 (at byte 8) is longer" "$err"
{ printf '{"a":1}\n{"a":"' | gzip && for _ in $(seq 100); do cat part.gz; done; } >long.jsonl.gz
profile "of JSONL in gzip" 1 300 long.jsonl.gz
says "names row and limit" "row 2 (at byte 8) is longer" "$err"
rm -f long.* part.gz
profile "from a pipe" 1 300 - < <(line 1000000000 x)
says "names the row" "row 1 (at byte 0) is longer" "$err"
profile "a device without end" 1 300 /dev/zero
says "ends as well" "longer than 67108864 bytes" "$err"

# --- a page of Parquet that claims a negative number of values ---
base64 -d >negative.parquet <<'END'
UEFSMRUANbYBFbYBLBULFRIVCAAAAAADAAAABXcBACQAAAAAAFsAMoQjACMAFQQZLG1hFQAAFQYlAhgCZXMAEhkcGRwmABwVBhkl9gAZGAJ1cxUAFhIW
ARbgASYIPCkGAAAAFuABFhImCBYDAAAAQgAAAFBBUjE=
END
profile "a negative number of values" 1 64 negative.parquet
says "is damage" "a page header is damaged" "$err"

# --- a set of a million values ---
{ echo a && seq 999990 1000010; } >few.csv
python3 -c 'import json; print(json.dumps({"name": "long", "expectations": [{"type": "expect_column_values_to_be_in_set",
  "kwargs": {"column": "a", "value_set": list(range(1000000))}}]}))' >long.json
bounded "a set of a million values" 1 400 "$MLC" data check --threads 2 --suite long.json few.csv
says "finds what is not in it" "11 of 21 rows" "$out"
rm -f long.json few.csv

# --- a pattern without end: one text is enough, so the others are not tried ---
{ echo a && yes ok | head -n 100000 && yes "$(line 40 a)!" | head -n 400000; } >steps.csv
cat >steps.json <<'JSON'
{"expectations": [
  {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "a", "regex": "^(a+)+\\1$|ok"}},
  {"type": "expect_column_values_to_not_match_regex_list", "kwargs": {"column": "a", "regex_list": ["x", "^(a|a)*(?=b)$"]}},
  {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"}}
]}
JSON
for threads in 1 3; do
  bounded "a pattern without end, $threads threads" 1 150 "$MLC" data check --threads "$threads" --suite steps.json steps.csv
  same "is an error that names the first text" "$(grep -c 'too many steps on the text of row 100001: simplify' <<<"$out")" 2
  says "and leaves the others alone" "not_null(a)" "$out"
done
rm -f steps.*

# --- rows, fields and columns ---
{ printf 'a,b\n1,2\n' && for _ in 1 2 3; do line 60000000 , && echo; done; } >commas.csv
profile "rows of 60 million fields" 0 400 commas.csv
says "are rows with a note" "4 rows, 2 columns" "$out"
says "of too many fields" "3 rows with too many fields" "$out"
rm -f commas.csv
{ printf 'a,b\n1,2\n' && line 300000000 '\n'; } >blank.csv
profile "300 million empty lines" 0 150 blank.csv
says "are left out" "1 row, 2 columns" "$out"
rm -f blank.csv
{ printf 'a,b\n1,2\n"' && line 100000000 '\n'; } >open.csv
profile "a quote that is never closed" 1 300 open.csv
says "is asked about" "is a quote (\") opened there that is not closed?" "$err"
rm -f open.csv
{ printf 'a,b\n' && for _ in 1 2 3 4; do line 40000000 x && echo ,1; done; } >texts.csv
bounded "texts of 40 MB" 1 900 "$MLC" data check --threads 2 --suite suite.json --format json -o result.json texts.csv
same "are cut in results" "$(grep -c 'x… (40000000 bytes)' result.json)" 8
rm -f texts.csv
{ seq -s, 1 40000 && seq -s, 1 40000; } >wide.csv
profile "40,000 columns" 1 150 --no-header wide.csv
says "are too many" "more than 32768 fields, which is the limit" "$err"
{ yes x | head -n 30000 | paste -sd, && seq -s, 1 30000; } >same.csv
profile "30,000 columns of one name" 0 400 same.csv
says "have names of their own" "x_30000" "$out"
{ seq -f c%.0f -s, 1 30000 && yes 1 | head -n 50000; } >sparse.csv
profile "50,000 rows that lack 29,999 fields" 1 700 sparse.csv
says "are no table" "nearly all of their fields are missing" "$err"
python3 -c "
for row in range(300): print('{' + ','.join('\"k%d\":1' % (row * 100 + i) for i in range(120)) + '}')" >keys.jsonl
profile "30,000 keys" 0 900 keys.jsonl
says "are columns" "300 rows, 30,020 columns" "$out"
rm -f wide.csv same.csv sparse.csv keys.jsonl

# --- bombs ---
line 60000000 '\n' | gzip -9 >part.gz
{ printf 'a,b\n1,2\n' | gzip && for _ in $(seq 20); do cat part.gz; done; } >bomb.csv.gz
profile "a gzip bomb" 1 150 bomb.csv.gz
says "is called one" "this looks like a decompression bomb" "$err"
rm -f bomb.csv.gz part.gz
if command -v zstd >/dev/null; then
  { printf 'a,b\n1,2\n' && line 1200000000 '\n'; } | zstd -q -1 >bomb.csv.zst
  profile "a zstd bomb" 1 150 bomb.csv.zst
  says "is called one" "this looks like a decompression bomb" "$err"
  python3 "$here/parquet_claims.py" pages 10 pages.parquet
  profile "pages of 1 GiB" 1 300 pages.parquet
  says "are not held" "need more than 1 GiB" "$err"
else
  skip "a zstd bomb" "no zstd"
fi
python3 "$here/parquet_claims.py" ints 20000000 rows.parquet
profile "20 million rows in a hundred bytes" 0 400 rows.parquet
says "are read" "20,000,000 rows, 1 column" "$out"
says "with their value" "7 … 7" "$out"
python3 "$here/parquet_claims.py" ints 4000000000 rows.parquet
profile "4 billion rows" 1 100 rows.parquet
says "are not walked" "the metadata claims 4000000000 rows of 1 columns" "$err"
python3 "$here/parquet_claims.py" lies 1000 lies.parquet
profile "a page with fewer rows" 1 100 lies.parquet
says "is an error" "the pages hold fewer rows than the row group" "$err"
python3 "$here/parquet_claims.py" texts 1000000 texts.parquet
profile "100 GB of one text" 1 2200 texts.parquet
says "are a bomb" "this looks like a decompression bomb" "$err"
rm -f ./*.parquet bomb.csv.zst

# --- memory that is asked for ---
{ echo a && seq 10000001 20000000; } >distinct.csv
bounded "10 million distinct strings in 64 MiB" 0 192 "$MLC" data check --threads 2 --memory 64Mi --type a=string \
  --suite suite.json distinct.csv
says "are all distinct" "ok     unique(a)" "$out"
says "are counted" "10,000,000" "$out"
bounded "the profile of them" 0 192 "$MLC" data profile --threads 2 --memory 64Mi --type a=string distinct.csv
says "counts them too" "10,000,000" "$out"
TMPDIR=$work/nowhere bounded "without a place to spill" 1 192 "$MLC" data check --threads 2 --memory 64Mi \
  --type a=string --suite suite.json distinct.csv
says "says so" "cannot make a temporary file" "$out$err"
rm -f distinct.csv

# --- files that are cut, or no files ---
{ echo a,b && yes 1,2 | head -n 100000; } >whole.csv
gzip -k whole.csv && head -c 300 whole.csv.gz >cut.csv.gz
profile "gzip that is cut" 1 100 cut.csv.gz
says "is truncated" "the gzip data ends in the middle" "$err"
{ cat whole.csv.gz && echo rubbish; } >tail.csv.gz
profile "gzip with something behind it" 1 100 tail.csv.gz
says "is told" "bytes that are not gzip follow" "$err"
printf '\x28\xb5\x2f\xfd' | cat - <(head -c 5000 whole.csv) >false.csv.zst
profile "zstd that is none" 1 100 false.csv.zst
says "is damaged" "the zstd data is damaged" "$err"
if command -v zstd >/dev/null; then
  head -c 4000000 /dev/urandom | base64 | zstd -q >cut.csv.zst && truncate -s 2000000 cut.csv.zst
  profile "zstd that is cut" 1 150 cut.csv.zst
  says "is truncated" "the zstd data ends in the middle" "$err"
fi
head -c 8000 "$root/tests/fixtures/parquet/polars.parquet" >cut.parquet
profile "Parquet that is cut" 1 100 cut.parquet
says "has no end" 'does not end in "PAR1"' "$err"
{ head -c 3000 "$root/tests/fixtures/parquet/polars.parquet" && tail -c 6000 "$root/tests/fixtures/parquet/polars.parquet"; } \
  >shrunk.parquet
profile "Parquet that lost its middle" 1 100 shrunk.parquet
profile "an empty Parquet file" 1 100 "$(: >empty.parquet && echo empty.parquet)"
says "is none" "is no Parquet file" "$err"
mkdir folder.csv
profile "a folder" 1 100 folder.csv
says "is no file" "is a folder: name files" "$err"
mkdir folder.parquet
profile "a folder of that name" 1 100 folder.parquet
says "neither" "is no regular file" "$err"
mkfifo pipe pipe.parquet
cat whole.csv >pipe &
profile "a named pipe" 0 100 pipe
says "is read once" "100,000 rows, 2 columns" "$out"
wait
cat "$root/tests/fixtures/parquet/polars.parquet" >pipe.parquet 2>/dev/null &
profile "a pipe of Parquet" 1 100 pipe.parquet
says "cannot be" "Parquet is read from its end" "$err"
wait
{ echo a,b && yes 1,2 | head -n 20000000; } >shrinks.csv
"$MLC" data profile shrinks.csv >shrinks.out 2>&1 &
reading=$!
truncate -s 100 shrinks.csv
wait "$reading"
code=$?
if [ "$code" -le 1 ]; then pass; else fail "a file that shrinks" "exit $code" "$(cat shrinks.out)"; fi
rm -f shrinks.csv

# --- 1,000 columns of values that all differ ---
awk 'BEGIN { srand(3); for (i = 1; i <= 1000; i++) printf "c%d%s", i, i < 1000 ? "," : "\n"
  for (r = 0; r < 4000; r++) for (i = 1; i <= 1000; i++) printf "%.9f%s", rand(), i < 1000 ? "," : "\n" }' >columns.csv
profile "1,000 columns with 16 MiB" 0 350 --memory 16Mi columns.csv
profile "and their result as JSON" 0 550 --memory 16Mi --format json -o less.json columns.csv
runs "and with the memory they need" 0 "$MLC" data profile --format json -o more.json columns.csv
runs "say the same" 0 cmp less.json more.json
rm -f columns.csv less.json more.json

# --- bytes ---
printf 'a,b\n\xff\xfe\xfd,1\nx\0y,\xc3\n\0,\xed\xa0\x80\n' >bytes.csv
profile "bytes that are no text" 0 100 --format json bytes.csv
says "are counted" '"rows": 3' "$out"
runs "and are valid UTF-8 in JSON" 0 python3 -c "import json, subprocess, sys
json.loads(subprocess.run(sys.argv[1:], capture_output=True, check=True).stdout.decode('utf-8', 'strict'))" \
  "$MLC" data profile --format json bytes.csv
profile "and in text" 0 100 bytes.csv
says "with a note" "strings that are not UTF-8, the first in row 1" "$out"
printf 'a\0,b\n1,2\n' >nul.csv
profile "a NUL in a name" 1 100 nul.csv
says "is no text" "the first row holds a NUL byte" "$err"
printf '{"a":"\\u0000","b":"\xff"}\n{"a\\u0000":1}\n{"a":\0}\n' >nul.jsonl
profile "and in JSONL" 0 100 nul.jsonl
says "spoils its lines only" "3 rows, 2 columns" "$out"

totals
