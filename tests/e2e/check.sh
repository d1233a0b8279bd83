#!/usr/bin/env bash
# `mlc check`: what names mean, and what diagnostics say.
. "$(dirname "$0")/lib.sh"
head='project p { owner = "ml@example.com" }'
# spec NAME TEXT: a project of one file.
spec() {
  mkdir -p "$work/$1"
  printf '%s\n%s\n' "$head" "$2" >"$work/$1/p.mlc"
}
# value NAME NODE ATTRIBUTE: as `mlc ir` prints it.
value() { "$MLC" ir "$work/$1" | jq -r --arg id "$2" --arg key "$3" '.nodes[] | select(.id == $id) | .attributes[$key]' | tr -d ' \n'; }

# Lexical, the nearest block first; an attribute never sees itself; a node's own name is no attribute.
spec loop 'for name in ["de", "fr"] { bucket "b-\(name)" { labels = { a: "x-\(name)" } } }'
runs "a loop variable may be called name" 0 "$MLC" check "$work/loop"
same "and is the loop's" "$(value loop bucket/b-fr labels)" '{"a":"x-fr"}'
spec itself 'for path in ["de"] { dataset "d-\(path)" { path = "sales/\(path).csv", key = id, column id: int } }'
runs "an attribute never sees itself" 0 "$MLC" check "$work/itself"
same "so it reads the loop" "$(value itself dataset/d-de path)" 'sales/de.csv'
spec itself_let 'for path in ["de"] { dataset "d-\(path)" { let folder = "sales", path = "\(folder)/\(path).csv", key = id, column id: int } }'
runs "nor behind a let" 0 "$MLC" check "$work/itself_let"
same "which changes nothing" "$(value itself_let dataset/d-de path)" 'sales/de.csv'
spec nearest 'for region in ["x"] { bucket b { region = "eu", labels = { a: region } } }'
runs "an attribute is nearer than the loop around it" 0 "$MLC" check "$work/nearest"
same "and is what is read" "$(value nearest bucket/b labels)" '{"a":"eu"}'
spec inner 'bucket b { region = "eu", let region = "us", labels = { a: region } }'
runs "a let is nearer than its block" 0 "$MLC" check "$work/inner"
same "and is what is read" "$(value inner bucket/b labels)" '{"a":"us"}'
spec own 'bucket b { labels = { a: "\(name)" } }'
runs "a node does not know its name as a word" 1 "$MLC" check "$work/own"
says "it is unknown" "MLC0201" "$err"

# The measure is named as it is written.
spec direction 'dataset d { path = "d.csv", key = id, column id: int, expect null_fraction(id) >= 1% }'
runs "a bound on the wrong side" 1 "$MLC" check "$work/direction"
says "names the measure" '`null_fraction(id)` is better when lower' "$err"
# Policies from outside: added to the project's own, and out of its reach.
mkdir "$work/org"
cat >"$work/org/gates.mlc" <<'SPEC'
let longest = 365d
fn kept(b: bucket): bool = b.keep != null and b.keep <= longest
policy {
  forall b in buckets: kept(b) else "`\(b.name)` keeps data for longer than a year, or for ever"
}
SPEC
spec rich 'bucket b { keep = 400d }'
runs "without the policy" 0 "$MLC" check "$work/rich"
runs "with the policy" 1 "$MLC" check --policy "$work/org" "$work/rich"
says "it says why" '`b` keeps data for longer than a year' "$err"
says "at the user's line" "rich/p.mlc:2" "$err"
says "and who demands it" "gates.mlc" "$err"
runs "a single file will do" 1 "$MLC" check --policy "$work/org/gates.mlc" "$work/rich"
spec sly 'let longest = 4000d
fn kept(b: bucket): bool = true
let buckets = []
bucket b { keep = 400d }'
runs "the project's names change nothing" 1 "$MLC" check --policy "$work/org" "$work/sly"
says "the policy still sees its buckets" '`b` keeps data for longer than a year' "$err"
says_not "and nothing clashes" "declared twice" "$err"
spec good 'bucket b { keep = 30d }'
runs "who keeps it passes" 0 "$MLC" check --policy "$work/org" "$work/good"
printf 'bucket extra { keep = 1d }\n' >"$work/org/more.mlc"
runs "policies add no nodes" 1 "$MLC" check --policy "$work/org" "$work/good"
says "only policies" 'holds `policy`, `fn`, `let` and `import` only' "$err"
runs "a policy that is not there is no policy" 1 "$MLC" check --policy "$work/none" "$work/good"
totals
