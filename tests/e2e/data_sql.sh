#!/usr/bin/env bash
# A table checked through a command: what the database refuses is an error of its own, and what cannot be asked is said
# once.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

cat >suite.json <<'SUITE'
{"name": "orders", "expectations": [
  {"type": "mean", "kwargs": {"column": "a", "max_value": 5}},
  {"type": "mean", "kwargs": {"column": "b", "max_value": 5}},
  {"type": "mean", "kwargs": {"column": "WRONG", "max_value": 5}},
  {"type": "expect_column_values_to_be_increasing", "kwargs": {"column": "a"}},
  {"type": "mean", "kwargs": {"column": "c", "max_value": 5}},
  {"type": "mean", "kwargs": {"column": "BROKEN", "max_value": 5}},
  {"type": "mean", "kwargs": {"column": "d", "max_value": 2}}
]}
SUITE
# Refuses what names a wrong column, as psql without ON_ERROR_STOP (exit 0) or with it; counts the queries.
cat >database <<'SH'
#!/bin/sh
query=$(cat)
echo query >>"$0.log"
case $query in
*WRONG*) echo 'psql:<stdin>:5: ERROR:  column "WRONG" holds the secret "abc"' >&2 && echo 'LINE 5: ...' >&2 && exit 0 ;;
*BROKEN*) printf 'Traceback (most recent call last):\n  File "x"\nBinder Error: no such \377 column\n' >&2 && exit 3 ;;
esac
echo 'NOTICE: all is well' >&2
printf '[{"n": 10}'
for part in 0:a 1:b 4:c 6:d; do
  case $query in *"avg(\"${part#*:}\")"*) printf ', {"check": %s, "measure": 3}' "${part%:*}" ;; esac
done
echo ']'
SH
chmod +x database
queries() { wc -l <database.log && rm database.log; }

runs "two of seven are refused" 1 "$MLC" data check --suite suite.json --table t --sql-command ./database --format json
printf '%s' "$out" >all.json
same "the others have their verdicts" "$(grep -c '"status": "passed"' all.json)" 3
same "and their failures" "$(grep -c '"status": "failed"' all.json)" 1
says "one has its words" 'the database refuses this check: psql:<stdin>:5: ERROR:  column \"WRONG\" holds' "$out"
says "the other its own" 'the database refuses this check: Binder Error: no such \\xff column' "$out"
says "what SQL cannot say stays so" "SQL cannot express this check" "$out"
says "it is told how it was found" "the database refused the query of 6 checks" "$err"
asked=$(queries)
[ "$asked" -le 12 ] && pass || fail "few queries" "$asked"
runs "no values" 1 "$MLC" data check --suite suite.json --table t --sql-command ./database --no-values
says "no words that may quote the data" "the database refuses this check: it printed nothing" "$out"
says_not "nowhere" "secret" "$out$err"
rm database.log

sed '/WRONG/d; /BROKEN/d; /increasing/d' suite.json >good.json
runs "a query that is answered" 1 "$MLC" data check --suite good.json --table t --sql-command ./database
same "is one" "$(queries)" 1
same "what the command says is passed on" "$err" "NOTICE: all is well"

sed 's/WRONG/a/; s/BROKEN/b/' suite.json >sound.json
cat >away <<'SH'
#!/bin/sh
echo query >>"$0.log"
echo 'psql: error: connection to server at "localhost" failed' >&2
exit 2
SH
chmod +x away
runs "no connection" 1 "$MLC" data check --suite sound.json --table t --sql-command "./away hunter2" --format json
same "is asked twice" "$(wc -l <away.log)" 2
same "and said once" "$err" 'mlc: the SQL command gives no answer: psql: error: connection to server at "localhost" failed'
same "and is no result" "$out" ""
says_not "the command, which may hold a password, is not printed" hunter2 "$err"

runs "a quoted name" 0 "$MLC" data check --suite sound.json --table 'shop."a.b"'
says "is the table's" 'FROM "shop"."a.b";' "$out"
runs "a name that is none" 64 "$MLC" data check --suite sound.json --table 'shop."a.b'
same "says why, and how to write it" "$err" 'mlc: `shop."a.b` is no name of a table: a quote is not closed; write it as in SQL: orders, shop.orders, shop."a.b"'
runs "no such command" 1 "$MLC" data check --suite sound.json --table t --sql-command ./nowhere
says "is said" "no answer" "$err"
runs "an answer of another form" 1 "$MLC" data check --suite sound.json --table t --sql-command "echo result; echo 3"
says "is said" "its answer cannot be read" "$err"
runs "an answer without end" 1 "$MLC" data check --suite sound.json --table t --sql-command "yes"
says "is too long" "it printed more than 64 MiB" "$err"
totals
