#!/usr/bin/env bash
# mlc run on Iris: the whole path, nothing the second time, and no champion that is worse.
. "$(dirname "$0")/lib.sh"
cp -r "$root/examples/iris" "$work/iris"
cd "$work/iris" || exit 1

runs "the first run" 0 "$MLC" run
says "data is checked" "dataset/flowers  150 rows" "$err"
says "the gate is shown" "accuracy >= 0.9" "$err"
says "the first champion" "new champion" "$out"
exists "the holdout" .mlc/data/iris/holdout.csv
same "every row is in one part" "$(cat .mlc/data/iris/*.csv | grep -c '^[0-9]')" 150
exists "the model" model.json
champion=$(sha256sum model.json | cut -d' ' -f1)

runs "the second run" 0 "$MLC" run
same "nothing to do" "$out" "nothing to do: all is as it was"

rm model.json
runs "a lost output is brought back" 0 "$MLC" run
same "from the store" "$(sha256sum model.json | cut -d' ' -f1)" "$champion"

sed -i 's/classifier.fit(rows)/classifier.fit(rows[:60])/' src/train.py
runs "a worse model" 1 "$MLC" run
says "is stopped by the gate" "MLC0714" "$err"
says "at the spec's line" "iris.mlc:" "$err"
says "with what was found" "needed >=" "$err"
runs "the champion stays: a run of the old code" 1 "$MLC" run
cp "$root/examples/iris/src/train.py" src/train.py
runs "has nothing to register" 0 "$MLC" run
same "it is the champion still" "$(sha256sum model.json | cut -d' ' -f1)" "$champion"

sed -i 's/^4,.*/4,99,3.1,1.5,0.2,setosa/' data/iris.csv
runs "bad data" 1 "$MLC" run
says "is found" "MLC0711" "$err"
says "with its row" "row 4" "$err"
says "and nothing is trained" "skipped model/iris.train" "$err"
cp "$root/examples/iris/data/iris.csv" data/iris.csv

runs "a chosen step" 0 "$MLC" run iris.train
says "without the gate" "model/iris.train" "$err"
says_not "nothing behind it" "model/iris.gate" "$err"
runs "an unknown node" 1 "$MLC" run iris.trian
says "is named, with the nearest" "MLC0710" "$err"

runs "a plan" 0 "$MLC" run --dry-run --force
says "says what would run" "would run" "$err"

echo 'model/iris.champion = "sha256:0000000000000000000000000000000000000000000000000000000000000000"' > mlc.lock
runs "a champion that cannot be fetched" 1 "$MLC" run
says "is an error" "MLC0713" "$err"
says "at the lock's line" "mlc.lock:1" "$err"
runs "what compares with nothing" 0 "$MLC" run iris.train
says "runs all the same" "model/iris.train" "$err"
runs "a fork's pull request" 0 env -u AWS_ACCESS_KEY_ID CI=true GITHUB_EVENT_NAME=pull_request \
  GITHUB_REF=refs/pull/9/merge "$MLC" run --force iris.train
says "works without the shared store" "MLC0718" "$err"
exists "and keeps its cache apart" .mlc/cache/pr/9
totals
