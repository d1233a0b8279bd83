#!/usr/bin/env bash
# Runs the tests and prints their totals last: test.sh BUILD [--units | --golden]
# A part is a program that ends with "N passed, N failed[, N skipped]" or a cmocka binary.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$(realpath "$1")
what=${2:-all}
export MLC="$build/mlc" MLC_BUILD="$build"

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Adds the totals that a part's last lines say; a part that says none and fails counts as one failure.
count_part() {
  local name=$1 code=$2 p f s line
  p=$(grep -oE '\[  PASSED  \] [0-9]+ test' "$log" | grep -oE '[0-9]+' | awk "{ sum += \$1 } END { if (NR) print sum }")
  f=$(grep -cE '^\[  FAILED  \] [A-Za-z_]' "$log")
  s=$(grep -cE '^\[  SKIPPED \] [A-Za-z_]' "$log")
  if line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1) && [ -n "$line" ]; then
    read -r p f s < <(sed -E 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?.*/\1 \2 \4/' <<<"$line")
  elif [ -n "$p" ]; then
    p=$((p + 0))
    s=$((s / 2)) # cmocka lists a skipped test when it runs and again at the end
    f=$((f / 2))
  fi
  passed=$((passed + ${p:-0}))
  failed=$((failed + ${f:-0}))
  skipped=$((skipped + ${s:-0}))
  if [ "$code" -ne 0 ]; then
    [ "${f:-0}" -gt 0 ] || failed=$((failed + 1))
    echo "FAILED $name (exit $code)"
    grep -vE '^\[( RUN  |    OK|==========|  PASSED  )' "$log" | tail -n "${MLC_TEST_LINES:-60}"
  fi
}

run_part() {
  local name=$1
  shift
  timeout "${MLC_TEST_TIMEOUT:-900}" "$@" >"$log" 2>&1 </dev/null
  count_part "$name" $?
}

if [ "$what" != --golden ]; then
  for test in tests/unit/*/*.c; do
    name=${test#tests/unit/}
    name=${name%.c}
    run_part "$name" "$build/tests/$name"
  done
fi
if [ "$what" != --units ]; then
  for test in tests/golden/*.sh tests/e2e/*.sh; do
    [ -e "$test" ] || continue
    case $what:$test in
      --golden:tests/e2e/*) continue ;;
    esac
    run_part "${test#tests/}" bash "$test"
  done
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
