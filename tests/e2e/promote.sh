#!/usr/bin/env bash
# Versions, promotion, deployment and rollback: against a real git remote, with a `gh` that notes what it is asked.
. "$(dirname "$0")/lib.sh"
unset GITHUB_ACTIONS GITHUB_SHA GITHUB_REF GITHUB_EVENT_NAME GH_TOKEN
export HOME=$work/home GIT_CONFIG_NOSYSTEM=1
mkdir -p "$work/home" "$work/bin"
git config --global user.name "A Person"
git config --global user.email person@example.com
git config --global init.defaultBranch main
cat > "$work/bin/gh" <<'END'
#!/bin/sh
printf '%s\n' "$*" >> "$GH_LOG"
case "$1 $2" in
  "pr list") cat "$GH_OPEN" 2>/dev/null || true ;;
  "pr create") echo https://example.com/pull/1 ;;
  "api user") echo ada ;;
  "api orgs/example/teams/ml-leads/memberships/ada") cat "$GH_MEMBER" 2>/dev/null || exit 1 ;;
esac
END
chmod +x "$work/bin/gh"
export PATH=$work/bin:$PATH GH_LOG=$work/gh.log GH_OPEN=$work/gh.open GH_MEMBER=$work/gh.member
: > "$GH_LOG"

git init --quiet --bare "$work/remote.git"
git clone --quiet "$work/remote.git" "$work/clone" 2>/dev/null
cp -r "$root/examples/iris" "$work/clone/project"
cd "$work/clone/project" || exit 1
sed -i "s|s3://example-ml/iris|file://$work/store|" iris.mlc
printf '.mlc/\n__pycache__/\nmodel.json\nmetrics.json\n' > .gitignore
runs "the files of the targets" 0 "$MLC" build
git add -A .. && git commit --quiet -m "the project" && git push --quiet origin main
on_main() { git --git-dir "$work/remote.git" show "main:project/$1"; }

runs "no version yet" 0 "$MLC" history
says "and how to make one" "mlc run" "$err"
runs "no champion to fetch" 1 "$MLC" fetch iris --out "$work/none"
says "says why" "no champion" "$err"
runs "no run to report" 1 "$MLC" report iris

runs "CI's run of the gate" 0 env CI=true "$MLC" run model/iris.gate
exists "wrote to the project's store" "$work/store/main/logs/model/iris/00000001.json"
runs "its versions" 0 "$MLC" history --store "$work/store" --format json
says "as JSON" '"verdict": "passed"' "$out"
champion=$(sha256sum model.json | cut -d' ' -f1)

runs "a report in Markdown" 0 env CI=true "$MLC" report model/iris --format markdown
says "with the requirements" "| accuracy &#62;= 0.9 | yes |" "$out"
rm -r .mlc/runs
runs "a report on another machine" 0 env CI=true "$MLC" report model/iris --format json
says "from the store's log" '"model": "model/iris"' "$out"
runs "a report as a page" 0 env CI=true "$MLC" report model/iris --format html
says "that is whole" "</html>" "$out"
says_not "and refers to nothing" "src=" "$out"

runs "the first promotion is no push" 1 "$MLC" promote model/iris --push
says "but a pull request" "first promotion" "$err"
runs "printed" 0 "$MLC" promote model/iris --print
says "are the plain commands" "git push origin mlc/promote-iris-" "$out"
same "and nothing is changed" "$(git --git-dir "$work/remote.git" branch --list | wc -l)" 1
printed=$out
runs "the first promotion" 0 "$MLC" promote model/iris --pull-request
says "opens a pull request" "https://example.com/pull/1" "$out"
says "that says it is the first" "first promotion" "$(cat "$GH_LOG")"
branch="mlc/promote-iris-${champion:0:12}"
same "in one commit" "$(git --git-dir "$work/remote.git" rev-list --count "main..$branch")" 1
lock=$(git --git-dir "$work/remote.git" show "$branch:project/mlc.lock")
says "of the lock" "model/iris.champion = \"sha256:$champion\"" "$lock"
says "with the head of the audit log" "audit/model/iris = \"1 sha256:" "$lock"
files=$(git --git-dir "$work/remote.git" diff --name-only "main..$branch")
says "and the files that follow" "deploy/production/iris-api.yaml" "$files"
same "the work tree is as it was" "$(git status --porcelain)" ""
same "no second work tree stays" "$(git worktree list | wc -l)" 1
echo https://example.com/pull/1 > "$GH_OPEN"
runs "again" 0 "$MLC" promote model/iris
says "it is open already" "open already" "$err"

( cd "$work" && git clone --quiet remote.git byhand ) && (
  cd "$work/byhand/project" && ln -s "$MLC" "$work/bin/mlc" && bash -e -c "$printed" ) >/dev/null 2>&1
same "the printed commands make the same lock" \
  "$(cd "$work/byhand/project" && grep champion mlc.lock)" "model/iris.champion = \"sha256:$champion\""
git --git-dir "$work/remote.git" branch -f main "$branch"
git --git-dir "$work/remote.git" branch -D "$branch" >/dev/null
: > "$GH_OPEN"
git pull --quiet origin main

runs "nothing to promote" 0 env CI=true "$MLC" promote model/iris
says "is said" "nothing to do" "$err"
runs "the champion" 0 "$MLC" fetch iris --out "$work/fetched"
same "is fetched from the project's store" "$(sha256sum "$work/fetched/model.json" | cut -d' ' -f1)" "$champion"

sed -i 's/import argparse/import argparse  # again/; s/json.dump(/json.dump(/' src/train.py
sed -i 's/classifier.fit(rows)/classifier.fit(rows[2:])/' src/train.py
runs "another version" 0 env CI=true GITHUB_SHA=cafe "$MLC" run model/iris.gate
runs "promotes nothing of another commit" 0 env CI=true GITHUB_SHA=beef "$MLC" promote model/iris --push
says "and says so" "the run of this commit made no new version" "$err"
second=$(sha256sum model.json | cut -d' ' -f1)
runs "is promoted by push" 0 env CI=true GITHUB_SHA=cafe "$MLC" promote model/iris --push
says "in the remote's lock" "model/iris.champion = \"sha256:$second\"" "$(on_main mlc.lock)"
runs "a version that was compared with another champion" 1 env CI=true "$MLC" promote model/iris --push --version 1
says "is refused" "compared with" "$err"

git pull --quiet origin main
runs "a rollback, printed" 0 "$MLC" rollback iris --print --to 1
says "has the line" "champion" "$out"
runs "a rollback by somebody" 1 "$MLC" rollback iris --push
says "is refused" "environment/production is rolled back by @example/ml-leads; you are @ada, person@example.com" "$err"
says "and says what else" "--pull-request" "$err"
same "and nothing is changed" "$(on_main mlc.lock | grep champion)" "model/iris.champion = \"sha256:$second\""
runs "left to itself" 0 "$MLC" rollback iris
says "it is a pull request" "https://example.com/pull/1" "$out"
says "and says so" "this opens a pull request" "$err"
git --git-dir "$work/remote.git" branch --list 'mlc/rollback-*' | tr -d ' ' | xargs -r git --git-dir "$work/remote.git" branch -D >/dev/null
echo active >"$GH_MEMBER"
runs "a rollback" 0 "$MLC" rollback iris
says "restores the line before" "model/iris.champion = \"sha256:$champion\"" "$(on_main mlc.lock)"
says "and says what brings it to the cluster" "environment/production: Argo CD applies the commit when it is on \`main\`" "$out"
runs "a rollback to a version" 0 "$MLC" rollback iris --to 2
says "by number" "model/iris.champion = \"sha256:$second\"" "$(on_main mlc.lock)"

digest=sha256:$(printf x | sha256sum | cut -d' ' -f1)
runs "production before staging" 1 "$MLC" promote --environment production --digest "service/iris-api=$digest"
says "is refused" "comes after" "$err"
runs "a digest that is none" 1 "$MLC" promote --environment staging --digest service/iris-api=latest
runs "staging" 0 "$MLC" promote --environment staging --digest "service/iris-api=$digest"
runs "then production" 0 "$MLC" promote --environment production --digest "service/iris-api=$digest"
says "by the full reference" \
  "service/iris-api@production.image = \"111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris@$digest\"" \
  "$(on_main mlc.lock)"
says "in the manifests" "iris@$digest" "$(git --git-dir "$work/remote.git" show main:deploy/production/iris-api.yaml)"
runs "the same again" 0 "$MLC" promote --environment production --digest "service/iris-api=$digest"
says "is nothing" "nothing to do" "$err"

other=sha256:$(printf y | sha256sum | cut -d' ' -f1)
runs "another image" 0 "$MLC" promote --environment staging --digest "service/iris-api=$other"
runs "an environment of no fixed image" 1 "$MLC" rollback staging --to "$other"
says "takes no --to" "SERVICE@ENVIRONMENT" "$err"
sed -i 's/, gitops = argocd//' iris.mlc
git commit --quiet -am "by hand" && git pull --quiet --rebase origin main && git push --quiet origin main
runs "an environment" 0 "$MLC" rollback staging
says "goes back as a whole" "service/iris-api@staging.image = \"111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris@$digest\"" "$(on_main mlc.lock)"
says "and says what changes the cluster now" "mlc apply staging --rollback" "$out"
says_not "a rollout that is none" "rollouts abort" "$out"

runs "who did it" 0 "$MLC" audit
says "is known" "deploy        environment/production  by " "$out"
says "with what was before" "rollback      model/iris" "$out"
runs "of one model" 0 "$MLC" audit iris --format json
says_not "only" "environment/production" "$out"
git pull --quiet origin main
runs "a pull request's run" 0 env CI=true GITHUB_EVENT_NAME=pull_request GITHUB_REF=refs/pull/5/merge \
  "$MLC" run --force model/iris.gate
runs "promotes nothing" 1 env CI=true GITHUB_EVENT_NAME=pull_request GITHUB_REF=refs/pull/5/merge \
  "$MLC" promote model/iris
exists "and keeps what it writes apart" "$work/store/pr/5/logs/runs/00000001.json"
totals
