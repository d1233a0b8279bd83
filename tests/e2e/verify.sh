#!/usr/bin/env bash
# mlc verify: what it finds when something was damaged, cut, or made anew.
. "$(dirname "$0")/lib.sh"
unset GITHUB_ACTIONS GITHUB_SHA GITHUB_REF GITHUB_EVENT_NAME
export HOME=$work/home GIT_CONFIG_NOSYSTEM=1
mkdir -p "$work/home"
git config --global user.name "A Person"
git config --global user.email person@example.com
git config --global init.defaultBranch main
git init --quiet --bare "$work/remote.git"
git clone --quiet "$work/remote.git" "$work/iris" 2>/dev/null
cp -r "$root/examples/iris/." "$work/iris"
cd "$work/iris" || exit 1
sed -i "s|s3://example-ml/iris|file://$work/store|" iris.mlc
printf '.mlc/\n__pycache__/\nmodel.json\nmetrics.json\n' > .gitignore
runs "the files" 0 "$MLC" build
runs "two versions" 0 env CI=true "$MLC" run model/iris.gate
champion=$(sha256sum model.json | cut -d' ' -f1)
runs "a store without an anchor" 0 "$MLC" verify
says "is consistent" "no anchor in the lock" "$err"
says "with its logs" "log model/iris: 1 records" "$out"

git add -A && git commit --quiet -m project && git push --quiet origin main
printf '#!/bin/sh\n' > "$work/gh" && chmod +x "$work/gh"
PATH=$work:$PATH runs "a promotion" 0 "$MLC" promote iris
git fetch --quiet origin && git merge --quiet "origin/mlc/promote-iris-${champion:0:12}"
runs "an anchored store" 0 "$MLC" verify
says "is proved" "proved      mlc.lock: audit/model/iris" "$out"
runs "as JSON" 0 "$MLC" verify --format json
says "for programs" '"holds": true' "$out"

blob=$work/store/main/blobs/sha256/${champion:0:2}/$champion
cp "$blob" "$work/blob" && echo >> "$blob"
runs "a damaged artifact" 1 "$MLC" verify
says "is named" "the store holds other bytes" "$out"
runs "which only reading shows" 0 "$MLC" verify --fast
rm "$blob"
runs "a lost artifact" 1 "$MLC" verify --fast
says "is a broken line of the lock" "broken      mlc.lock: model/iris.champion" "$out"
cp "$work/blob" "$blob"

log=$work/store/main/logs/audit/00000001.json
cp "$log" "$work/record" && sed -i 's/"actor": "[^"]*"/"actor": "somebody else"/' "$log"
runs "a forged record" 1 "$MLC" verify
says "is not the one that was committed" "not the one that was committed" "$out"
rm "$log"
runs "a log that was cut" 1 "$MLC" verify
says "is found" "has no record 1" "$out"
cp "$work/record" "$log"
runs "all as it was" 0 "$MLC" verify

echo '# edited' >> deploy/production/iris-api.yaml
runs "a file that was edited" 1 "$MLC" verify
says "is found" "broken      generated files" "$out"
git checkout --quiet deploy

rm .mlc/registry.db
runs "an index made anew" 0 env CI=true "$MLC" run --rebuild-index model/iris.gate
runs "holds what the log has" 0 env CI=true "$MLC" history --format json
says "and the lock's champion" '"champion": true' "$out"
sed -i "s|file://$work/store|s3://example-ml/iris|" iris.mlc
runs "a store that cannot be reached" 1 env -u AWS_ACCESS_KEY_ID "$MLC" verify
says "is said" "unchecked   store" "$out"
totals
