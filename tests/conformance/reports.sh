#!/usr/bin/env bash
# The reports in a real browser and before a real validator: HTML of hostile and of wide data runs no script, asks for
# nothing, stays within a phone's width and prints; JUnit of hostile texts is valid.
. "$(dirname "$0")/lib.sh"
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
MLC_SHARED=${MLC_SHARED:-$root/../shared}
MLC=${MLC:-$root/build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$root"/tests/golden/data/input/* "$work" && cd "$work" || exit 1

"$MLC" data check --suite hostile-suite.json --format junit -o hostile.xml hostile.csv
"$MLC" data check --suite suite.json --reference before.csv --other countries=countries.csv --format junit -o mixed.xml now.csv
validated "JUnit of hostile texts" junit "$work/hostile.xml"
validated "JUnit of every verdict" junit "$work/mixed.xml"

python3 - >wide.csv <<'PY'
import random
random.seed(1)
print(",".join(f"column_{i}" for i in range(1000)))
for row in range(300):
    print(",".join(f"{random.random():.6f}" if i % 2 else f"word {(row * i) % 40}" for i in range(1000)))
PY
"$MLC" data check --suite suite.json --reference before.csv --other countries=countries.csv --format html -o check.html now.csv
"$MLC" data check --suite hostile-suite.json --format html -o check-hostile.html hostile.csv
"$MLC" data drift --format html -o drift.html before.csv now.csv
"$MLC" data drift --format html -o drift-hostile.html hostile.csv hostile.csv
"$MLC" data drift --format html -o drift-wide.html wide.csv wide.csv
"$MLC" data profile --format html -o profile.html now.csv
"$MLC" data profile --format html -o profile-hostile.html hostile.csv
"$MLC" data profile --format html -o profile-wide.html wide.csv
pages="check.html check-hostile.html drift.html drift-hostile.html drift-wide.html profile.html profile-hostile.html profile-wide.html"
for page in drift-wide.html profile-wide.html; do
  expect "$page: a thousand columns stay below 4 MB" test "$(stat -c %s "$page")" -lt 4000000
done

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
  skip "HTML reports in a browser" "no chromium"
  totals
  exit
fi
chrome() { timeout 120 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$work/browser" "$@"; }
cp "$here/reports_probe.html" probe.html
cat >planted.html <<'PLANTED'
<!doctype html><title>x</title><h1>x</h1><p style="width:900px">wide</p><script>console.log("planted")</script>
PLANTED
chrome --allow-file-access-from-files --enable-logging=stderr --virtual-time-budget=20000 --dump-dom \
  "file://$work/probe.html#${pages// /,}" >seen.txt 2>console.txt
expect "the browser has read all pages" grep -q '^all seen' seen.txt
for page in $pages; do
  expect "$page: no script, nothing foreign, no wider than a phone" grep -q "$page fine" seen.txt
done
expect "nothing stands in the console" test -z "$(grep ':CONSOLE' console.txt)"
chrome --allow-file-access-from-files --enable-logging=stderr --virtual-time-budget=20000 --dump-dom \
  "file://$work/probe.html#planted.html" >planted.txt 2>planted-console.txt
expect "a planted mistake is seen" grep -q 'planted.html WIDE' planted.txt
expect "and its script, too" grep -q ':CONSOLE.*planted' planted-console.txt
for page in check drift profile; do
  chrome --no-pdf-header-footer --print-to-pdf="$page.pdf" "file://$work/$page.html" >/dev/null 2>&1
  expect "$page.html prints" grep -q '^%PDF' "$page.pdf"
done
totals
