#!/usr/bin/env bash
# Every example of the guide compiles: all its blocks together are one project.
. "$(dirname "$0")/lib.sh"
mkdir -p "$work/guide" "$work/wrong"
awk -v folder="$work/guide" -v wrong="$work/wrong" '
  /^```mlc$/ { file = sprintf("%s/%02d.mlc", folder, ++n); next }
  /^```mlc error=/ { file = sprintf("%s/%02d.mlc", wrong, ++w); next }
  /^```/ { file = "" }
  file { print > file }
' "$root/docs/guide.md"
blocks=$(find "$work/guide" -name '*.mlc' | wc -l)
[ "$blocks" -ge 10 ] && pass || fail "the guide has its examples" "found $blocks"
runs "the examples check" 0 "$MLC" check "$work/guide"
same "without warnings" "$err" ""
runs "the examples are formatted" 0 "$MLC" fmt --check "$work/guide"
for file in "$work"/wrong/*.mlc; do
  mkdir "$work/one"
  cp "$work/guide/01.mlc" "$work/one/project.mlc"
  cp "$file" "$work/one/wrong.mlc"
  runs "what is wrong is refused" 1 "$MLC" check "$work/one"
  rm -r "$work/one"
done
totals
