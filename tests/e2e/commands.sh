#!/usr/bin/env bash
# The door: help, version, exit codes, options.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
runs "version" 0 "$MLC" --version
says "names itself" "mlc 0." "$out"
runs "help" 0 "$MLC" --help
for command in $(sed -n 's/^  \([a-z]*\) .*/\1/p' <<<"$out"); do
  runs "$command --help" 0 "$MLC" "$command" --help
  says "$command has a usage" "Usage: mlc $command" "$out"
done
runs "no command" 64 "$MLC"
runs "an unknown command" 64 "$MLC" chekc
says "offers the nearest" "did you mean \`check\`" "$err"
runs "an unknown option" 64 "$MLC" check --fromat json
says "offers the nearest option" "did you mean \`--format\`" "$err"
runs "a wrong choice" 64 "$MLC" check --format yaml
runs "explain a code" 0 "$MLC" explain MLC0700
runs "explain a kind" 0 "$MLC" explain model
says "its attributes" "retrain" "$out"
runs "explain a type" 0 "$MLC" explain event
says "its words and what they take" "schedule(at: string, zone: string = …)" "$out"
runs "explain a union" 0 "$MLC" explain action
says "its members" "alert(channel: channel)" "$out"
runs "explain nothing" 1 "$MLC" explain modle
says "offers the nearest name" "did you mean \`model\`" "$err"
for command in plan apply status destroy; do
  runs "$command --help" 0 "$MLC" "$command" --help
  says "$command says how long an outage is waited for" "--retry-for TIME" "$out"
done
echo '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}' >map.yaml
runs "a time that is none" 1 "$MLC" plan -f map.yaml --retry-for soon
says "is told how times are written" "--retry-for takes a time such as 90s, 5m or 1h30m, not \`soon\`" "$err"
runs "no retry" 1 timeout 5 "$MLC" plan -f map.yaml --server http://127.0.0.1:1 --kubeconfig /dev/null --retry-for 0
says_not "nothing is tried again" "trying again" "$err"
for stage in tokens ast declare evaluate documents; do
  runs "dump $stage" 0 "$MLC" check "$root/examples/plain" --dump "$stage"
  [ -n "$out" ] && pass || fail "stage $stage prints" "nothing"
done
runs "an unknown stage" 64 "$MLC" check "$root/examples/plain" --dump nothing
totals
