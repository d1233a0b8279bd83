#!/usr/bin/env bash
# The house: which room may include which, and the sizes to hold. Exit 1 with a line for each breach.
set -euo pipefail
cd "$(dirname "$0")/.."

breaches=0
breach() {
  echo "$1"
  breaches=$((breaches + 1))
}

# room: the rooms whose headers it may include
declare -A may=(
  [core]="core"
  [grammar]="grammar core gen"
  [compiler]="compiler grammar core"
  [backends]="backends compiler grammar core"
  [runtime/data]="runtime/data core"
  [runtime/cluster]="runtime/cluster core"
  [runtime]="runtime runtime/data runtime/cluster compiler grammar core"
  [cli]="cli runtime runtime/data runtime/cluster backends compiler grammar core"
)

room_of() {
  case $1 in
    runtime/data/*) echo runtime/data ;;
    runtime/cluster/*) echo runtime/cluster ;;
    */*) echo "${1%%/*}" ;;
  esac
}

while IFS=: read -r file _ include; do
  header=$(sed -n 's/.*#include "\([^"]*\)".*/\1/p' <<<"$include")
  room=$(room_of "$file")
  other=$(room_of "$header")
  [ -n "$other" ] || continue # generated headers have no folder
  case " ${may[$room]} " in
    *" $other "*) ;;
    *) breach "$file includes $header: $room may include only ${may[$room]}" ;;
  esac
done < <(git ls-files core grammar compiler backends runtime cli | grep -E '\.[chly]$' | xargs grep -n '#include "' || true)

while read -r count file; do
  [ "$count" -le 800 ] || breach "$file has $count lines (800 at the most)"
done < <(git ls-files | grep -E '\.(c|l|y|mlc)$' | grep -v '^tests/golden/' | xargs wc -l | grep -v ' total$')
while read -r count file; do
  [ "$count" -le 200 ] || breach "$file has $count lines (a header has 200 at the most)"
done < <(git ls-files 'core/*.h' 'grammar/*.h' 'compiler/*.h' 'backends/*.h' 'runtime/*.h' 'cli/*.h' | xargs wc -l | grep -v ' total$')

# Functions that have a safer form here.
while read -r line; do
  breach "$line: a banned function"
done < <(git ls-files core grammar compiler backends runtime cli | grep -E '\.[chly]$' |
  xargs grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|system|tmpnam|mktemp)\(' || true)

# Only main ends the process; running out of memory does it in core/arena.c.
while read -r line; do
  breach "$line: only main exits"
done < <(git ls-files core grammar compiler backends runtime cli | grep -E '\.[ch]$' | grep -v -e '^core/arena.c$' |
  xargs grep -nE '(^|[^_[:alnum:]])(exit|abort)\(' || true)

[ "$breaches" -eq 0 ] && echo "rooms: the house stands"
[ "$breaches" -eq 0 ]
