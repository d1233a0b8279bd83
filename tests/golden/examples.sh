#!/usr/bin/env bash
# Each stage of each example against its golden files; MLC_BLESS=1 refreshes them.
. "$(dirname "$0")/../e2e/lib.sh"

# produce EXAMPLE FOLDER: every stage as a file.
produce() {
  "$MLC" check "$1" --dump ast >"$2/ast.txt" 2>/dev/null
  "$MLC" check "$1" --dump evaluate >"$2/graph.txt" 2>/dev/null
  "$MLC" graph "$1" --format mermaid >"$2/graph.mmd" 2>/dev/null
  "$MLC" ir "$1" >"$2/ir.json" 2>/dev/null
  "$MLC" build "$1" -o "$2/build" >/dev/null 2>"$2/build.txt"
  rm -rf "$2/build/.mlc"
  sed -i "s/^mlc [0-9.]* [0-9a-f]*$/mlc VERSION/" "$2/build/mlc.manifest"
  sed -i "s|$2|OUT|g" "$2/build.txt"
}

cd "$root" || exit 1
for example in examples/iris examples/plain; do
  name=$(basename "$example")
  golden="tests/golden/$name"
  mkdir "$work/$name"
  produce "$example" "$work/$name"
  if [ "${MLC_BLESS:-}" = 1 ]; then
    rm -rf "$golden"
    cp -r "$work/$name" "$golden"
  fi
  if difference=$(diff -ru "$golden" "$work/$name" | head -n 60) && [ -z "$difference" ]; then
    pass
  else
    fail "$name: make bless refreshes" "$difference"
  fi

  # The order of a spec means nothing: its blocks backwards make the same bytes.
  cp -r "$example" "$work/$name-shuffled"
  for spec in "$work/$name-shuffled"/*.mlc; do
    awk '{ block = block $0 "\n"; depth += gsub(/[{]/, "{") - gsub(/[}]/, "}") }
      /^$/ && depth == 0 { blocks[++n] = block; block = "" }
      END { print block; for (; n > 0; n--) printf "%s", blocks[n] }' "$spec" >"$spec.new" && mv "$spec.new" "$spec"
  done
  runs "$name builds backwards" 0 "$MLC" build "$work/$name-shuffled" -o "$work/$name-backwards"
  rm -rf "$work/$name-backwards/.mlc"
  sed -i "s/^mlc [0-9.]* [0-9a-f]*$/mlc VERSION/" "$work/$name-backwards/mlc.manifest"
  same "$name: the same bytes" "$(diff -ru "$work/$name/build" "$work/$name-backwards" | head -n 20)" ""
done

# Specs of real projects check without errors; what no target makes yet is a warning at its line.
for spec in examples/specs/*/; do
  runs "$(basename "$spec")" 0 "$MLC" check "$spec"
  runs "$(basename "$spec") is formatted" 0 "$MLC" fmt --check "$spec"
done
totals
