#!/usr/bin/env bash
# Each report of the check engine against its golden file, in every format; MLC_BLESS=1 refreshes them.
. "$(dirname "$0")/../e2e/lib.sh"
golden=$root/tests/golden/data
cd "$golden/input" || exit 1
unset NO_COLOR COLUMNS

# report NAME CODE ARGUMENT...: a command of `mlc data` gives the code and the golden file, on one core and on four.
report() {
  local name=$1 code=$2
  shift 2
  runs "$name" "$code" "$MLC" data "$@" --threads 1 -o "$work/$name"
  runs "$name, in parallel" "$code" "$MLC" data "$@" --threads 4 -o "$work/$name.parallel"
  same "$name: the same on any number of cores" "$(cmp "$work/$name" "$work/$name.parallel" 2>&1)" ""
  [ "${MLC_BLESS:-}" = 1 ] && cp "$work/$name" "$golden/$name"
  if difference=$(diff -u "$golden/$name" "$work/$name" | head -n 40) && [ -z "$difference" ]; then
    pass
  else
    fail "$name: make bless refreshes" "$difference"
  fi
}

check=(check --suite suite.json --reference before.csv --other countries=countries.csv now.csv)
for format in text json junit html; do
  report "check.$format" 1 "${check[@]}" --format $format
  report "check-hostile.$format" 1 check --suite hostile-suite.json hostile.csv --format $format
  report "check-hidden.$format" 1 "${check[@]}" --no-values --format $format
done
for format in text json html; do
  report "profile.$format" 0 profile now.csv --format $format
  report "profile-hostile.$format" 0 profile hostile.csv --format $format
  report "drift.$format" 0 drift before.csv now.csv --format $format
done
COLUMNS=60 report check-narrow.text 1 "${check[@]}"
COLUMNS=72 report profile-narrow.text 0 profile now.csv
report check-color.text 1 "${check[@]}" --color always

# What hides values hides all of them.
for format in text json junit html; do
  hidden=$(sed "s/country=日本//" "$golden/check-hidden.$format") # the name of a slice was asked for
  for value in 2026-06-30 日本 'not an email' 'O&#39;Neil' "O'Neil" '李雷' 154. 'row 31'; do
    says_not "--no-values: $format" "$value" "$hidden"
  done
done
runs "--samples 0 shows no rows" 1 "$MLC" data "${check[@]}" --samples 0
says_not "none at all" "row 31:" "$out"
runs "--samples 2 shows two" 1 "$MLC" data "${check[@]}" --samples 2
same "of each" "$(grep -A4 'FAIL   in_set(country)' <<<"$out" | grep -c 'row [0-9]*:')" 2
runs "--samples 30 shows all" 1 "$MLC" data "${check[@]}" --samples 30 --format json
same "every failing row of every row check has its number" "$(python3 -c '
import json, sys
for result in json.load(sys.stdin)["results"]:
    rows = [row["row_index"] for row in result.get("unexpected_rows", [])]
    if len(rows) != result.get("unexpected_count", 0) or rows != sorted(set(rows)):
        print(result["check"], rows)
' <<<"$out")" ""

# Exit codes: only a critical expectation that does not hold, or cannot be computed, fails the run.
suite() { printf '{"name": "s", "expectations": [%s]}' "$1" >"$work/suite.json"; }
holds='{"type": "expect_column_to_exist", "kwargs": {"column": "id"}}'
fails='{"type": "expect_column_values_to_be_null", "kwargs": {"column": "id"}'
broken='{"type": "expect_column_values_to_be_null", "kwargs": {"column": "nothing"}'
suite "$holds" && runs "all hold" 0 "$MLC" data check --suite "$work/suite.json" now.csv
suite "$holds, $fails, \"severity\": \"warning\"}, $broken, \"severity\": \"warning\"}" &&
  runs "only warnings" 0 "$MLC" data check --suite "$work/suite.json" now.csv
suite "$holds, $fails}" && runs "one fails" 1 "$MLC" data check --suite "$work/suite.json" now.csv
suite "$holds, $broken}" && runs "one cannot be computed" 1 "$MLC" data check --suite "$work/suite.json" now.csv
says "the other is judged all the same" "1 passed" "$out"
suite '{' && runs "a broken suite" 1 "$MLC" data check --suite "$work/suite.json" now.csv
runs "a suite that is not there" 1 "$MLC" data check --suite nothing.json now.csv
runs "data that is not there" 1 "$MLC" data check --suite suite.json nothing.csv
runs "no suite" 64 "$MLC" data check now.csv
runs "no data" 64 "$MLC" data check --suite suite.json
runs "an unknown option" 64 "$MLC" data check --suite suite.json --nothing now.csv
runs "a wrong format" 64 "$MLC" data check --suite suite.json --format yaml now.csv
runs "several files" 0 "$MLC" data profile before.csv now.csv
says "are named by the first" "before.csv and 1 more file: 125 rows" "$out"
runs "no drift" 0 "$MLC" data drift now.csv now.csv
runs "nothing in common" 1 "$MLC" data drift now.csv countries.csv
says "is no pass" "no column could be compared" "$err"
says_not "and no name of a column steers the terminal" $'\033' "$("$MLC" data drift hostile.csv now.csv 2>&1)"

NO_COLOR=1 runs "NO_COLOR" 1 "$MLC" data "${check[@]}"
says_not "no escapes" $'\033' "$out"
totals
