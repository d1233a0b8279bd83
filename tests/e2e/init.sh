#!/usr/bin/env bash
# mlc init: what it writes checks, is formatted, and runs.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
runs "init" 0 "$MLC" init my-flowers
cd my-flowers || exit 1
exists "the spec" my-flowers.mlc
runs "check" 0 "$MLC" check
runs "format" 0 "$MLC" fmt --check
runs "run" 0 "$MLC" run
says "a champion" "new champion" "$out"
runs "a second init" 1 "$MLC" init .
says "writes over nothing" "nothing was written" "$err"
totals
