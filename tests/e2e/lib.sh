# What end-to-end tests share: source it. MLC is the binary.
# shellcheck shell=bash
set -u
passed=0 failed=0 skipped=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
MLC=${MLC:-$root/build/mlc}
unset CI

pass() { passed=$((passed + 1)); }
fail() {
  echo "FAIL $1"
  [ $# -gt 1 ] && printf '%s\n' "${@:2}"
  failed=$((failed + 1))
}
skip() {
  echo "SKIP $1: $2"
  skipped=$((skipped + 1))
}

# runs NAME CODE COMMAND...: the command ends with the code; its output is in $out (stdout) and $err.
runs() {
  local name=$1 want=$2 got
  shift 2
  out=$("$@" 2>"$work/.err" </dev/null)
  got=$?
  err=$(cat "$work/.err")
  if [ "$got" -eq "$want" ]; then pass; else fail "$name" "exit $got, expected $want" "$out" "$err"; fi
}

# says NAME TEXT WHERE: a text stands in what was printed.
says() { case $3 in *"$2"*) pass ;; *) fail "$1" "expected to read: $2" "read: $3" ;; esac }
says_not() { case $3 in *"$2"*) fail "$1" "did not expect: $2" "read: $3" ;; *) pass ;; esac }
same() { if [ "$2" = "$3" ]; then pass; else fail "$1" "expected: $3" "found: $2"; fi }
exists() { if [ -e "$2" ]; then pass; else fail "$1" "$2 is missing"; fi }
absent() { if [ -e "$2" ]; then fail "$1" "$2 is there"; else pass; fi }

totals() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}
