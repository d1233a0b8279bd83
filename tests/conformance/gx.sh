#!/usr/bin/env bash
# The language's expectations, exported as a Great Expectations suite, get the same verdicts, observed values and
# counts from the real great_expectations (over pandas) as from the check engine.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cases/shop.sh"
set -u
workplace

# The validators' own Python, else one of the cache.
find_python() {
  local own="$validators/py/gx/bin/python"
  if [ -x "$own" ] && "$own" -c 'import importlib.util as u, sys; sys.exit(not u.find_spec("great_expectations"))'; then
    echo "$own"
  else
    python_with gx great_expectations==1.24.1
  fi
}

cd "$work" || exit 1
write_cases "$work"
expect "the dataset of iris exports" "$MLC" data export -C "$root/examples/iris" -o iris.json flowers
expect "a dataset with rules of every kind exports" "$MLC" data export -C spec -o orders.json
[ -f iris.json ] && validated "Great Expectations reads iris' suite" gx "$work/iris.json"
[ -f orders.json ] && validated "and the other" gx "$work/orders.json"

cp "$root/examples/iris/data/iris.csv" iris.csv
awk -F, 'BEGIN { OFS = "," } NR > 1 && NR % 6 == 0 { $2 = ""; $6 = "rose" } NR % 10 == 5 { $5 = 9.5; $1 = 4 } { print }' \
  iris.csv >broken.csv
jobs=()
for csv in iris broken; do jobs+=(iris.json $csv.csv $csv.gx); done
for csv in good range missing repeated texts few many; do jobs+=(orders.json $csv.csv $csv.gx); done
if ! python=$(find_python); then
  skip "the same verdicts as great_expectations" "it is not installed and cannot be"
  totals
  exit
fi
expect "great_expectations runs the suites" timeout 300 "$python" "$here/gx_verdicts.py" run "${jobs[@]}"
for ((i = 0; i < ${#jobs[@]}; i += 3)); do
  csv=${jobs[i + 1]}
  "$MLC" data check --suite "${jobs[i]}" --format json "$csv" >"$csv.mlc"
  expect "the same verdicts and counts of $csv" "$python" "$here/gx_verdicts.py" compare "${jobs[i + 2]}" "$csv.mlc"
done
# Data that is broken must be called so by both: agreement of two that see nothing would be no proof.
for csv in broken range missing repeated texts few many; do
  expect "$csv.csv does not hold" grep -q '"success": false' "$csv.gx"
done
totals
