#!/usr/bin/env bash
# The parts of a split are of the data's format, or Parquet; what no part could hold is an error with row and byte.
. "$(dirname "$0")/lib.sh"
mkdir "$work/p" && cd "$work/p" || exit 1

spec() { # DATA FORMAT
  cat >p.mlc <<SPEC
project p { owner = "data@example.com", repository = "github.com/example/p" }
dataset d {
  path = "$1"
  column id: int
  column amount: decimal(9, 2)?
  column note: string?
}
model m {
  data = d
  split { train = 80%, holdout = 20%, by = hash(id), format = $2 }
  step train { run = "cp \\(data.train) \\(outputs.copy)", outputs = { copy: "copy.bin" } }
}
SPEC
}
rows() { cat .mlc/data/m/* | sort; }

echo 'id,amount,note' >d.csv
for i in $(seq 1 50); do
  echo "$i,$((i * 7)).50,\"a, $i\"" >>d.csv
  echo "{\"id\": $i, \"amount\": $((i * 7)).50, \"note\": \"a, $i\"}" >>d.jsonl
done
spec d.csv same && runs "CSV" 0 "$MLC" run
exists "gives CSV" .mlc/data/m/holdout.csv
same "with its lines" "$(rows | grep -v '^id' | diff - <(tail -n +2 d.csv | sort))" ""
holdout=$(tail -n +2 .mlc/data/m/holdout.csv | cut -d, -f1)
runs "a second run" 0 "$MLC" run
same "has nothing to do" "$out" "nothing to do: all is as it was"

gzip -kf d.jsonl && spec d.jsonl.gz same && runs "compressed JSON Lines" 0 "$MLC" run
exists "give JSON Lines" .mlc/data/m/holdout.jsonl
absent "and no old CSV stays" .mlc/data/m/holdout.csv
same "byte for byte" "$(rows | diff - <(sort d.jsonl))" ""
same "with the same rows" "$(grep -o '"id": [0-9]*' .mlc/data/m/holdout.jsonl | cut -d' ' -f2)" "$holdout"

spec d.csv parquet && runs "CSV as Parquet" 0 "$MLC" run
exists "gives Parquet" .mlc/data/m/holdout.parquet
runs "it can be read" 0 "$MLC" data profile .mlc/data/m/train.parquet --format json
says "with the declared types" '"type": "decimal(9,2)"' "$out"
cp .mlc/data/m/train.parquet first.parquet
spec d.jsonl parquet && runs "JSON Lines as Parquet" 0 "$MLC" run
same "are the same bytes" "$(cmp first.parquet .mlc/data/m/train.parquet)" ""
cp first.parquet e-1.parquet && cp .mlc/data/m/holdout.parquet e-2.parquet
spec 'e-*.parquet' same && runs "several files of Parquet" 0 "$MLC" run
same "give Parquet, with the same rows" "$(cmp first.parquet .mlc/data/m/train.parquet)" ""

sed 's/^3,.*/3,21.50/' d.csv >bad.csv && spec bad.csv same && runs "a ragged row" 1 "$MLC" run
says "is named" "row 3 (at byte " "$err"
says "with what is wrong" "has too few fields" "$err"
totals
