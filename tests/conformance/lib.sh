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

# python_with FOLDER PACKAGE...: prints a Python that has them, in the cache, where they are installed at first use.
python_with() {
  local folder=$cache/$1 package modules=''
  shift
  for package in "$@"; do modules+="import ${package%%=*};"; done
  if ! { [ -x "$folder/bin/python" ] && "$folder/bin/python" -c "$modules" 2>/dev/null; }; then
    rm -rf "$folder"
    if ! { mkdir -p "$cache" && python3 -m venv "$folder" && timeout 300 "$folder/bin/pip" install -q "$@"; } >"$folder.log" 2>&1; then
      rm -rf "$folder"
      return 1
    fi
  fi
  echo "$folder/bin/python"
}

# workplace: where things are, for parts about data, and a folder of their own ($work) that goes with them.
workplace() {
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  root=$(cd "$here/../.." && pwd)
  MLC_SHARED=${MLC_SHARED:-$root/../shared}
  MLC_SERVERS=${MLC_SERVERS:-$MLC_SHARED/servers}
  MLC=${MLC:-$root/build/mlc}
  MLC_BUILD=${MLC_BUILD:-$root/build}
  validators=${MLC_VALIDATE_CACHE:-$HOME/.cache/mlc-validate}
  cache=${MLC_CONFORMANCE_CACHE:-$HOME/.cache/mlc-conformance}
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
}

# postgres_up WHAT: a PostgreSQL in DATABASE_URL, else one from MLC_SERVERS; without one WHAT is skipped. To be ended by
# postgres_down.
postgres_up() {
  local started
  if [ -z "${DATABASE_URL:-}" ] && [ -x "$MLC_SERVERS/postgres/up" ]; then
    started=$(MLC_PG_FSYNC=off "$MLC_SERVERS/postgres/up" 2>"$work/up.log") && eval "$started" && postgres_mine=$MLC_SERVER_DIR
  fi
  [ -n "${DATABASE_URL:-}" ] && command -v psql >/dev/null && return
  skip "$1" "no DATABASE_URL, and none from MLC_SERVERS: $(tail -n 1 "$work/up.log" 2>/dev/null)"
  return 1
}
postgres_down() {
  [ -z "${postgres_mine:-}" ] || "$MLC_SERVERS/postgres/down" "$postgres_mine" >/dev/null 2>&1
}

# What parts with a cluster share: they set $folder and $ns.
# code WANTED COMMAND...: the exit code is as wanted; what it printed is in $folder/out.
code() {
  local wanted=$1
  shift
  "$@" >"$folder/out" 2>&1
  local got=$?
  [ "$got" -eq "$wanted" ] || { echo "exit $got, wanted $wanted" && cat "$folder/out" && return 1; }
}
# prints WANTED...: each text is in what the last command printed, wherever its lines were broken.
prints() {
  local text all
  all=$(tr -s ' \n' ' ' <"$folder/out")
  for text in "$@"; do
    grep -qF -- "$text" <<<"$all" || { echo "not printed: $text" && cat "$folder/out" && return 1; }
  done
}
live() { kubectl get "$1" -n "$ns" -o "jsonpath=$2"; }
is() { [ "$1" = "$2" ] || { echo "found '$1', wanted '$2'" && return 1; }; }
gone() { ! kubectl get "$1" -n "$ns" >/dev/null 2>&1; }
config_map() { # NAME VALUE [ANNOTATIONS]
  printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: %s, annotations: {%s}}\ndata: {x: "%s"}\n' \
    "$1" "$ns" "${3:-}" "$2"
}

totals() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}
