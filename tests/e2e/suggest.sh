#!/usr/bin/env bash
# What `mlc data profile --suggest` writes of any data is a spec, in the one format, and holds for that data.
. "$(dirname "$0")/lib.sh"
mkdir "$work/p"
cd "$work/p" || exit 1
printf 'project p {\n  owner = "a@example.com"\n}\n' >p.mlc

# holds NAME PATH...: what is suggested for the files is a spec, formatted, that finds them and holds.
holds() {
  local name=$1 dataset
  shift
  rm -rf .mlc data.mlc
  runs "suggestion for $name" 0 "$MLC" data profile --suggest -- "$@"
  printf '%s\n' "$out" >data.mlc
  dataset=$(sed -n 's/^dataset \([^ ]*\) .*/\1/p' data.mlc)
  runs "it is formatted: $name" 0 "$MLC" fmt --check data.mlc
  runs "it is a spec: $name" 0 "$MLC" check
  runs "it holds: $name" 0 "$MLC" run "dataset/$dataset"
  says_not "it shows all that it says: $name" $'\u202e' "$(cat data.mlc)"
}

for seed in $(seq 1 25); do
  python3 "$root/tests/e2e/suggest_data.py" "$seed" data.csv
  holds "data $seed" data.csv
done

paths=('a\b' 'a"b' $'a\nb' '\(x)' ' s p ' "it's" 'a*b' '[1]' 'a?b' '{a,b}' '${HOME}' '~' 's3:x' '' 'a.b' '.' $'\u00e9' $'\u202ex'
  $'\u0085' $'\u2028' null $'a\tb' '#c' '`q`' '\' 'a\"b' '\n' '\u0041' $'\x01' $'\x1b[31m' key rows '%s' '"""' '-x' 'a:/b'
  '$(touch pwned)' "$(printf 'x%.0s' {1..200})")
for path in "${paths[@]}"; do
  mkdir -p ./"$(dirname -- "$path.csv")"
  printf 'id,v\n' >"./$path.csv"
  for i in $(seq 1 20); do echo "$i,$((i % 7))"; done >>"./$path.csv"
  holds "the path $path" "$path.csv"
  rm "./$path.csv"
done
absent "no path is a command" pwned

rows() { printf 'id,v\n' && for i in $(seq "$1" $(($1 + 9))); do echo "$i,$((i % 7))"; done; }
mkdir 'p[1]'
rows 1 >'p[1]/a-1.csv' && rows 11 >'p[1]/a-2.csv' && rows 21 >'p[1]/b,{1}.csv'
holds "two files" 'p[1]/a-2.csv' 'p[1]/a-1.csv'
says "are a pattern" 'path = "p\\[1\\]/a-*.csv"' "$(cat data.mlc)"
says "all of them are read" "rows >= 18" "$(cat data.mlc)"
holds "files of no pattern" 'p[1]/a-1.csv' 'p[1]/b,{1}.csv'
says "are listed" 'path   = "{p\\[1\\]/a-1.csv,p\\[1\\]/b\\,\\{1\\}.csv}"' "$(cat data.mlc)"
runs "a name that is no text" 1 "$MLC" data profile --suggest $'\xff.csv'
rows 1 >$'\xff.csv'
runs "a name that is no text" 1 "$MLC" data profile --suggest $'\xff.csv'
says "is refused" 'a spec cannot name \xff.csv' "$err"
rm $'\xff.csv'
runs "standard input" 1 "$MLC" data profile --suggest -
says "is refused" "cannot be read from standard input" "$err"
{ printf 'a,b\xff\n' && printf '1,2\n3,4\n'; } >header.csv
runs "a header that is no text" 0 "$MLC" data profile --suggest header.csv
says "is named" 'column 2 is left out: its name is no UTF-8: b\xff' "$err"
says_not "and left out" "from" "$out"
totals
