#!/usr/bin/env bash
# The reference is what the library says, and the README promises only what is there.
. "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
runs "the reference is made" 0 "$MLC" explain --reference
same "docs/reference.md is fresh (make docs)" "$(diff <(printf '%s\n' "$out") docs/reference.md | head -n 10)" ""
"$MLC" --help >"$work/help"
for command in $(grep -ohE '(\$ |[^`]`)mlc [a-z]+' README.md docs/*.md | sed 's/.*mlc //' | sort -u); do
  grep -q "^  $command " "$work/help" && pass || fail "\`mlc $command\` is promised" "and is no command"
done
for file in $(grep -oE '\]\([a-zA-Z0-9_./-]+' README.md CONTRIBUTING.md docs/*.md | sed 's/\(.*\):\](\(.*\)/\1 \2/; s/ /|/'); do
  from=${file%%|*} to=${file#*|}
  exists "$from links to $to" "$(dirname "$from")/$to"
done
runs "the library and the templates are formatted" 0 "$MLC" fmt --check stdlib backends/github backends/kubernetes backends/terraform cli/scaffold
totals
