#!/usr/bin/env bash
# The main job on a real example: Iris checked, run and compiled. demo.sh MLC
set -euo pipefail
cd "$(dirname "$0")/.."
mlc=$(realpath "$1")
demo=build/demo
rm -rf "$demo"
mkdir -p build
cp -r examples/iris "$demo"
cd "$demo"
export CI=

step() {
  printf '\n$ mlc %s\n' "$*"
  "$mlc" "$@"
}

echo "Iris, from a table of flowers to a service in production: examples/iris/iris.mlc, copied to $demo"
step check
step run
step run
step build -o out
echo
find out -type f -not -name '*.manifest' | sort | sed 's/^/  /'
echo
echo "Look at $demo/out, change $demo/iris.mlc or $demo/src/train.py, and run \`build/mlc run -C $demo\` again."
