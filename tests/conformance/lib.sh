# What the parts of `make conformance` share: source it.
# shellcheck shell=bash
passed=0 failed=0 skipped=0

pass() { echo "ok $1" && passed=$((passed + 1)); }
fail() { echo "FAIL $1${2:+: $2}" && failed=$((failed + 1)); }
skip() { echo "SKIP $1: $2" && skipped=$((skipped + 1)); }

# expect NAME COMMAND...: passes when the command succeeds; shows what it printed otherwise.
expect() {
  local name=$1 out
  shift
  if out=$("$@" 2>&1); then
    pass "$name"
  else
    fail "$name" "exit $?"
    tail -n 20 <<<"$out"
  fi
}

# validated NAME VALIDATOR ARGUMENT...: a validator of the shared folder; its exit 3 is a skip.
validated() {
  local name=$1 validator="$MLC_SHARED/validate/$2" out code
  shift 2
  if [ ! -x "$validator" ]; then
    skip "$name" "no $validator (MLC_SHARED)"
    return
  fi
  out=$("$validator" "$@" 2>&1)
  code=$?
  case $code in
    0) pass "$name" ;;
    3) skip "$name" "$(tail -n 1 <<<"$out")" ;;
    *)
      fail "$name" "exit $code"
      tail -n 30 <<<"$out"
      ;;
  esac
}

totals() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}
