#!/usr/bin/env bash
# Every kind of check that the field's tools know, as somebody writes it into a suite: each holds on the training data,
# and each that should see what is wrong with the serving data sees it.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

# rows FILE SEED: 400 predictions with their inputs; `label` is left out of the serving data.
rows() {
  awk -v serving="$2" 'BEGIN {
    printf "id,country,amount,group,%spred,score,email,ts,a,b,card,uuid,url,ip,phone,doc,day\n", serving ? "" : "label,"
    for (i = 0; i < 400; i++) {
      h = (i * 7919 + 13) % 1009; country = substr("DEFRIT", 1 + 2 * (h % 3), 2); group = h % 2 ? "x" : "y"
      label = (h % 10) < 5; pred = (h % 100) < 85 ? label : 1 - label; amount = 20 + (h % 500) / 10
      if (serving) { amount += 15; if (h % 3 == 2) country = "XX" }
      printf "%d,%s,%.1f,%s,%s%d,%.3f,u%d@example.com,2024-01-%02dT10:00:00Z,%d,%d,%s,550e8400-e29b-41d4-a716-4466554%05d,", i,
        country, amount, group, serving ? "" : label ",", pred, label ? 0.7 : 0.3, i, 1 + i % 28, i % 7, i % 7 + 1,
        i % 2 ? "4111111111111111" : "5500005555555559", i
      printf "https://a.example/%d,10.0.0.%d,+49 30 %06d,\"{\"\"n\"\": %d}\",2024-02-%02d\n", i, i % 256, i, i, 1 + i % 28
    }
  }' >"$1"
}
rows train.csv 0
rows serve.csv 1
printf 'code\nDE\nFR\nIT\n' >countries.csv
printf 'id,amount\n1,2.5\n1,2.5\n2,\n' >small.csv

# suite NAME < lines of "kind {kwargs}"
suite() {
  local kind kwargs first=1
  printf '{"name": "%s", "expectations": [' "$1" >"$1.json"
  while read -r kind kwargs; do
    [ $first = 1 ] || printf ',' >>"$1.json"
    first=0
    printf '\n  {"type": "%s", "kwargs": %s}' "$kind" "$kwargs" >>"$1.json"
  done
  printf '\n]}\n' >>"$1.json"
}
check() { "$MLC" data check --other train=train.csv --other countries=countries.csv "$@" 2>&1; }

suite holds <<'EOF'
column_exists {"column": "label"}
columns_match_set {"value_set": ["id", "country", "amount"], "exact_match": false}
columns {"min_value": 18, "max_value": 18}
type {"column": "amount", "value_set": ["float"]}
not_null {"column": "country"}
completeness {"column": "amount", "min_value": 1}
unique {"column": "id"}
unique {"column_list": ["id", "country"]}
uniqueness {"column": "id", "min_value": 1}
distinctness {"column": "id", "min_value": 1}
distinct_count {"column": "country", "max_value": 3}
duplicate_count {"column": "country", "min_value": 3}
duplicate_fraction {"column": "country", "min_value": 1}
between {"column": "amount", "min_value": 20, "max_value": 70}
in_set {"column": "country", "value_set": ["DE", "FR", "IT"]}
not_in_set {"column": "country", "value_set": ["XX"]}
distinct_equal_set {"column": "country", "value_set": ["IT", "FR", "DE"]}
most_common_in_set {"column": "country", "value_set": ["DE", "FR", "IT"], "ties_okay": true}
matches {"column": "email", "regex": "^u[0-9]+@"}
like {"column": "email", "value_set": ["u%@example.com"]}
length {"column": "email", "min_value": 10, "max_value": 20}
min_length {"column": "email", "min_value": 14}
format {"column": "email", "value_set": ["email"]}
format {"column": "uuid", "value_set": ["uuid"]}
format {"column": "url", "value_set": ["url"]}
format {"column": "ip", "value_set": ["ipv4"]}
format {"column": "card", "value_set": ["credit_card"]}
format {"column": "phone", "value_set": ["phone"]}
format {"column": "doc", "value_set": ["json"]}
format {"column": "ts", "value_set": ["datetime"]}
format {"column": "day", "value_set": ["date"]}
strftime {"column": "day", "value_set": ["%Y-%m-%d"]}
json_schema {"column": "doc", "json_schema": {"type": "object", "required": ["n"]}}
mean {"column": "amount", "min_value": 40, "max_value": 50}
stdev {"column": "amount", "max_value": 20}
stdev_population {"column": "amount", "max_value": 20}
quantile {"column": "amount", "quantile": 0.95, "max_value": 70}
z_score {"column": "amount", "threshold": 3, "double_sided": true}
not_outlier {"column": "amount", "method": "iqr", "multiplier": 3}
not_outlier {"column": "amount", "method": "std", "multiplier": 4}
entropy {"column": "country", "min_value": 1.09}
skewness {"column": "amount", "min_value": -1, "max_value": 1}
correlation {"column_list": ["a", "b"], "min_value": 0.999}
partition_kl {"column": "country", "partition_object": {"values": ["DE", "FR", "IT"], "weights": [0.34, 0.33, 0.33]}, "threshold": 0.1}
pair_greater {"column_A": "b", "column_B": "a"}
pair_equal {"column_A": "a", "column_B": "b", "mostly": 0}
sum_equal {"column_list": ["a", "b"], "sum_total": 5, "mostly": 0.1}
unique_in_row {"column_list": ["a", "b"]}
equal_in_row {"column_list": ["a", "a"]}
increasing {"column": "id", "strictly": true}
satisfies {"condition": "a < b and amount > 0"}
exists_in {"column": "country", "other": "countries", "other_columns": ["code"]}
rows_equal_other {"other": "train"}
measure_equal_other {"column": "amount", "other": "train", "measure": "sum"}
drift {"column": "country", "measure": "l_infinity", "other": "train", "max_value": 0.1}
drift {"column": "amount", "measure": "js_divergence_base2", "other": "train", "max_value": 0.1}
drift {"column": "amount", "other": "train"}
mean {"column": "amount", "min_value": 30, "slice_by": ["country"], "slice_least": 10, "slice_gap": 15}
accuracy {"column_list": ["label", "pred"], "min_value": 0.8, "slice_by": ["group"], "slice_gap": 0.1, "slice_least": 20}
precision {"column_list": ["label", "pred"], "min_value": 0.7}
recall {"column_list": ["label", "pred"], "min_value": 0.7}
f1 {"column_list": ["label", "pred"], "min_value": 0.7}
root_mean_squared_error {"column_list": ["label", "score"], "max_value": 0.4}
demographic_parity_difference {"column_list": ["pred", "group"], "max_value": 0.5}
demographic_parity_ratio {"column_list": ["pred", "group"], "min_value": 0.2}
equal_opportunity_difference {"column_list": ["label", "pred", "group"], "max_value": 0.5}
equalized_odds_difference {"column_list": ["label", "pred", "group"], "max_value": 0.5}
calibration_difference {"column_list": ["label", "score", "group"], "max_value": 0.5}
EOF
runs "every kind of check" 0 check --suite holds.json train.csv
says_not "holds on the training data" "FAIL" "$out"
says_not "and is computed" "ERROR" "$out"

suite skew <<'EOF'
column_exists {"column": "label"}
in_set {"column": "country", "value_set": ["DE", "FR", "IT"], "mostly": 0.9}
exists_in {"column": "country", "other": "countries", "other_columns": ["code"]}
drift {"column": "country", "measure": "l_infinity", "other": "train", "max_value": 0.1}
drift {"column": "amount", "measure": "js_divergence_base2", "other": "train", "max_value": 0.1}
drift {"column": "amount", "other": "train"}
measure_equal_other {"column": "amount", "other": "train", "measure": "mean", "min_value": -1, "max_value": 1}
age {"column": "ts", "max_value": 86400}
EOF
runs "serving data that is skewed" 1 check --suite skew.json serve.csv
same "fails every check" "$(grep -c '^  FAIL' <<<"$out")" 8
runs "drift of the same" 1 "$MLC" data drift --share 0.1 train.csv serve.csv
says "names the missing column" "label     the current data has no such column" "$out"

suite volume <<'EOF'
change {"measure": "rows", "last": 3, "min_value": -0.1, "max_value": 0.1}
change {"column": "amount", "measure": "mean", "last": 3, "max_value": 0.1}
EOF
runs "the first run" 0 check --suite volume.json --history runs.json train.csv
says "has nothing to compare with" "no earlier run" "$out"
runs "the second run" 1 check --suite volume.json --history runs.json small.csv
same "is far from it" "$(grep -c '^  FAIL' <<<"$out")" 1

suite keys <<'EOF'
unique {"column": "id"}
unique {"column_list": ["id", "amount"]}
not_null {"column": "amount", "mostly": 0.7}
null_fraction {"column": "amount", "max_value": 0.3}
EOF
runs "keys and nulls" 1 check --suite keys.json small.csv
same "fail where they should" "$(grep -c '^  FAIL' <<<"$out")" 4
totals
