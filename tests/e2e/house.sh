#!/usr/bin/env bash
# The house stands: who includes whom, sizes, banned functions.
. "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
if git rev-parse --git-dir >/dev/null 2>&1; then
  runs "rooms" 0 scripts/rooms.sh
else
  skip "rooms" "not a git checkout"
fi
totals
