#!/usr/bin/env bash
# Parquet beside other readers and writers: files of pyarrow, DuckDB and Polars in every type, encoding, page version and
# codec are profiled as pyarrow reads them, and copied as data parts that both pyarrow and DuckDB find equal; what is not
# read is refused by name. Parts of CSV and JSON Lines hold what their text says.
. "$(dirname "$0")/lib.sh"
set -u
workplace

# A project whose only part is all of the data: project DATA [FORMAT [COLUMNS]]
project() {
  cat >spec.mlc <<SPEC
project p { owner = "data@example.com", repository = "github.com/example/p" }
dataset d {
  path = "$1"
${3:-}
}
model m {
  data = d
  split { train = 100%, by = row, format = ${2:-same} }
  step train { run = "test -s \\(data.train) && cp \\(data.train) \\(outputs.copy)", outputs = { copy: "copy.bin" } }
}
SPEC
}

copies() { # NAME FILE: the part of a Parquet file holds the same
  rm -rf "$work/copy" && mkdir "$work/copy" && cd "$work/copy" || return 1
  cp "$2" data.parquet && project data.parquet &&
    "$MLC" run >run.log 2>&1 || { cat run.log && return 1; }
  "$python" "$here/parquet_same.py" data.parquet .mlc/data/m/train.parquet &&
    sha256sum <.mlc/data/m/train.parquet >"$work/hash-$1"
}

refuses() { # FILE TEXT: exit 1, and a message that names it
  local said
  said=$("$MLC" data profile "$1" 2>&1 >/dev/null)
  [ $? -eq 1 ] && grep -qF -- "$2" <<<"$said" && ! grep -q 'runtime error\|Sanitizer' <<<"$said" ||
    { echo "$said" && return 1; }
}

if ! python=$(python_with parquet duckdb numpy polars pyarrow); then
  skip "Parquet beside pyarrow, DuckDB and Polars" "their Python packages are not installed and cannot be"
  totals
  exit
fi
expect "files are written" "$python" "$here/parquet_files.py" "$work"
for file in "$work"/good/*.parquet; do
  name=$(basename "$file" .parquet)
  "$MLC" data profile --format json "$file" >"$work/profile.json"
  expect "$name: the profile says what pyarrow reads" "$python" "$here/parquet_profile.py" "$file" "$work/profile.json"
  expect "$name: the part is equal" copies "$name" "$file"
done
cd "$work" || exit 1
expect "equal rows give equal bytes, whatever the codec, pages and encoding" \
  test "$(cat hash-arrow-v[12]-* | sort -u | wc -l)" = 1
while IFS=$'\t' read -r name needle; do
  expect "$name is refused" refuses "$work/bad/$name.parquet" "$needle"
done <bad.tsv

mkdir typed && cd typed || exit 1
cat >data.csv <<'CSV'
i,f,d,wide,b,day,at,moment,instant,text
9223372036854775807,0.1,12345678.90,-0.000000000000000001,true,0001-01-01,23:59:59.999999,1969-12-31T23:59:59.999999,2024-03-31T02:30:00.5+02:00,""
-9223372036854775808,-1e308,-0.01,99999999999999999999.123456789012345678,false,9999-12-31,00:00:00,2024-02-29T12:00:00,1970-01-01T00:00:00Z,"日本 ""q"""
NA,,NA,,NA,,NA,,NA,
CSV
columns='  nulls = ["", "NA"]
  column i: int?
  column f: float?
  column d: decimal(10, 2)?
  column wide: decimal(38, 18)?
  column b: bool?
  column day: date?
  column at: time?
  column moment: timestamp?
  column instant: timestamp?
  column text: string?'
cat >typed.py <<'PY'
import datetime as dt
import decimal
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

D, T, U = decimal.Decimal, dt.datetime, dt.timezone.utc
want = pa.table({
    "i": pa.array([2**63 - 1, -(2**63), None]), "f": pa.array([0.1, -1e308, None]),
    "d": pa.array([D("12345678.90"), D("-0.01"), None], pa.decimal128(10, 2)),
    "wide": pa.array([D("-0.000000000000000001"), D("99999999999999999999.123456789012345678"), None], pa.decimal128(38, 18)),
    "b": pa.array([True, False, None]), "day": pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31), None]),
    "at": pa.array([dt.time(23, 59, 59, 999999), dt.time(0), None], pa.time64("us")),
    "moment": pa.array([T(1969, 12, 31, 23, 59, 59, 999999), T(2024, 2, 29, 12), None], pa.timestamp("us")),
    "instant": pa.array([T(2024, 3, 31, 0, 30, 0, 500000, U), T(1970, 1, 1, tzinfo=U), None], pa.timestamp("us", "UTC")),
    "text": pa.array(["", '日本 "q"', None])})
found = pq.read_table(sys.argv[1])
bad = False
for name in want.column_names:
    a, b = want[name].combine_chunks(), found[name].combine_chunks()
    if a.type != b.type or not a.equals(b):
        print(name, a.type, a.to_pylist(), b.type, b.to_pylist())
        bad = True
types = [row[1] for row in duckdb.execute(f"DESCRIBE SELECT * FROM '{sys.argv[1]}'").fetchall()]
expected = ["BIGINT", "DOUBLE", "DECIMAL(10,2)", "DECIMAL(38,18)", "BOOLEAN", "DATE", "TIME", "TIMESTAMP",
            "TIMESTAMP WITH TIME ZONE", "VARCHAR"]
if types != expected:
    print("DuckDB:", types)
    bad = True
sys.exit(bad)
PY
typed() {
  rm -rf .mlc copy.bin && project "$1" parquet "$columns" && "$MLC" run >run.log 2>&1 || { cat run.log && return 1; }
  "$python" typed.py .mlc/data/m/train.parquet
}
expect "CSV with declared types gives exact Parquet" typed data.csv
cp .mlc/data/m/train.parquet first.parquet
gzip -k data.csv
expect "so does gzip" typed data.csv.gz
expect "of the same bytes" cmp first.parquet .mlc/data/m/train.parquet
"$python" - <<'PY'
import csv, json
with open("data.jsonl", "w", encoding="utf-8") as out:
    for n, row in enumerate(csv.DictReader(open("data.csv", encoding="utf-8"))):
        row = {k: None if v == "NA" or (v == "" and (n, k) != (0, "text")) else v for k, v in row.items()}
        cells = [json.dumps(k) + ": " + (v if v and k in ("i", "f", "d", "wide", "b") else json.dumps(v)) for k, v in row.items()]
        out.write("{" + ", ".join(cells) + "}\n")
PY
expect "and JSON Lines" typed data.jsonl
expect "of the same bytes, too" cmp first.parquet .mlc/data/m/train.parquet
totals
