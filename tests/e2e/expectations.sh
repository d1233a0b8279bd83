#!/usr/bin/env bash
# `expect` over rows: conditions, `where`, slices, other datasets, order; what holds, what does not, and which rows.
. "$(dirname "$0")/lib.sh"
mkdir "$work/taxi" && cd "$work/taxi" || exit 1

cat >rides.csv <<'E'
id,city,country,pick`up,dropoff,day,fare,tip,total,paid,stars
1,paris,fr,2024-05-01T08:00:00,2024-05-01T08:30:00,2024-05-01,10.1,0.2,10.3,true,3
2,paris,fr,2024-05-01T09:00:00,2024-05-01T09:10:00,2024-05-01,20,0.2,20.2,true,2
3,lyon,fr,2024-05-02T08:00:00,2024-05-02T08:30:00,2024-05-02,30,0.3,30.3,true,1
4,"l""o'n, x",fr,2024-05-02T23:00:00,2024-05-03T01:30:00,2024-05-02,,0.4,,false,1
E
cat >cities.csv <<'E'
name,Land
paris,fr
lyon,fr
"l""o'n, x",fr
E

# with EXPECTATIONS...: a spec with these `expect` lines about the rides.
with() {
  {
    cat <<'E'
project taxi {
  owner      = "data@example.com"
  repository = "github.com/example/taxi"
  mlc        = "0.1"
}

let _least = 5

dataset cities {
  path = "cities.csv"

  column name:    string
  column country: string { from = "Land" }
}

dataset rides {
  path = "rides.csv"
  key  = id

  column id:      int
  column city:    one_of(paris, lyon, "l\"o'n, x")
  column country: string
  column pickup:  timestamp { from = "pick`up" }
  column dropoff: timestamp
  column day:     date
  column fare:    decimal(10, 2)?
  column tip:     decimal(10, 2)
  column total:   decimal(10, 2)?
  column paid:    bool
  column stars:   one_of(1, 2, 3)

E
    printf '  expect %s\n' "$@"
    echo '}'
  } >taxi.mlc
}
# met and unmet: an expectation that the rides meet, or do not.
met() {
  with "$1"
  runs "met: $1" 0 "$MLC" run --force
}
unmet() {
  with "$1"
  runs "not met: $1" 1 "$MLC" run --force
  says "a finding: $1" "MLC0711" "$err"
  says "its line: $1" "taxi.mlc:32:10" "$err"
}

# conditions over the columns of a row
met 'holds(dropoff >= pickup)'
met 'holds(dropoff > pickup) == 100%'
met 'holds(total == fare + tip or total == null)'
met 'holds(total == fare + tip) >= 75%'
met 'holds(fare >= _least) >= 75%'
met 'holds(fare in 10..30 or not paid)'
met "holds(city in [paris, lyon, \"l\\\"o'n, x\"])"
met "holds(city != \"l\\\"o'n, x\" or fare == null)"
met 'holds(fare - tip in 9..30, where: paid)'
met 'holds(fare - tip not in 0..9)'
met 'holds(fare + tip in [10.3, 20.2, 30.3], where: paid)'
met 'holds(day >= "2024-05-01" and dropoff < "2024-05-04T00:00:00")'
met 'holds(dropoff - pickup <= 3h)'
met 'holds(dropoff - 20m >= pickup) >= 75%'
met 'holds(stars in [1, 2] or stars == 3)'
met 'holds(features != null, where: paid)'
unmet 'holds(paid)'
says "the share" 'holds(paid) is 75%' "$err"
says "the row" 'row 4: false' "$err"
unmet 'holds(dropoff - pickup <= 1h)'
says "the row's columns" 'row 4: {"dropoff": "2024-05-03T01:30:00", "pick`up": "2024-05-02T23:00:00"}' "$err"
unmet 'holds(total == fare + tip) >= 76%'
unmet 'holds(fare > 0) and holds(paid)'
says "each share of a predicate" 'holds(fare > 0) is 75%, holds(paid) is 75%' "$err"
unmet 'not holds(stars > 0)'
unmet 'holds(features != null)'
says "for each feature" 'for fare' "$err"

# where
met 'rows(where: city == "paris") == 2'
met 'mean(fare, where: city == paris and paid) in 15..15.1'
met 'null_fraction(fare, where: paid) <= 0%'
met 'holds(tip > 100, where: city == "paris" and not paid)'
unmet 'max(fare, where: city == "lyon") <= 20'
says "with the condition" 'max(fare, where: city == "lyon") is 30' "$err"

# slices
met 'rows.by(city) >= 1'
met 'null_fraction(fare, where: paid).by(city) <= 5% or rows < 2'
met 'min(mean(tip).by(city)) >= 0.15'
met 'max(mean(tip).by(city)) - min(mean(tip).by(city)) <= 0.25'
met 'holds(tip < 1).by(city)'
unmet 'rows.by(city) >= 2'
says "each slice" "rows.by(city) is 1 for city=lyon" "$err"
says "and the next" "is 1 for city=l\"o'n, x" "$err"
says_not "not those that hold" "city=paris" "$err"
unmet 'min(rows.by(city)) >= 2'
says "the least" 'min(rows.by(city)) is 1' "$err"
unmet 'holds(fare > 0).by(city)'
says "a slice's share" "is 0% for city=l" "$err"
says "a slice's rows" "city=l\"o'n, x: row 4: null" "$err"
unmet 'increasing(stars, where: id > 1).by(country)'
says "in the order of the slice" 'country=fr: row 3: 1' "$err"
unmet 'share(country, "fr") <= 50%'
says_not "a share that is too large has no rows of others" "row " "$err"
unmet 'mean(fare).by(city) > 1'
says "a slice without a value" "has no value" "$err"
unmet 'rows.by(city) >= 1 and rows.by(city) >= 2'

# other datasets
met 'found(city, in: cities.name)'
met 'found(stars, in: rides.id)'
with 'found([city, country], in: cities)'
sed -i 's/column name:    string/column name: string, column city: string { from = "name" }/' taxi.mlc
runs "by columns of the same names" 0 "$MLC" run
runs "nothing new" 0 "$MLC" run
says "is checked" "nothing to do" "$out"
sed -i '/^lyon/d' cities.csv
runs "the other data changes" 1 "$MLC" run
says "the check runs anew" 'row 3: {"city": "lyon", "country": "fr"}' "$err"
unmet 'found(city, in: cities.name) >= 80%'
says "a share of the values" 'is 75%' "$err"
mv cities.csv cities.gone
with 'found(city, in: cities.name)'
runs "the other data is not there" 1 "$MLC" run rides
says "which" "dataset cities: there is no file" "$err"
mv cities.gone cities.csv

# order, outliers
met 'increasing(id, strictly: true)'
met 'decreasing(stars)'
met 'outliers(tip, sd: 2) <= 0%'
met 'outliers(tip, sd: 1, where: id == 1) <= 0%'
met 'unique_in_row([id, total])'
met 'equal_in_row([id, id])'
unmet 'equal_in_row([id, stars])'
unmet 'decreasing(stars, strictly: true)'
says "the first of the wrong order" 'row 4: 1' "$err"
unmet 'increasing(stars) >= 60%'
unmet 'outliers(fare, sd: 1) <= 10%'
unmet 'unique_in_row([id, stars])'
says "the row of equal values" 'row 2: {"id": 2, "stars": 2}' "$err"

# fairness: predictions as a dataset
cat >scored.csv <<'E'
sex,refused,label,score,word
f,1,1,0.9,yes
f,0,0,0.1,no
f,1,1,0.8,yes
f,0,0,0.2,no
m,1,1,0.7,yes
m,0,1,0.3,no
m,0,0,0.2,no
m,0,0,0.2,no
E
# scored EXIT EXPECTATION
scored() {
  cat >taxi.mlc <<E
project taxi { owner = "data@example.com" }

dataset scored {
  path = "scored.csv"

  column sex:     one_of(f, m)
  column refused: int
  column label:   int
  column score:   float
  column word:    string

  expect $2
}
E
  runs "$2" "$1" "$MLC" run --force
}
scored 0 'demographic_parity_difference(refused, sex) <= 25%'
scored 1 'demographic_parity_difference(refused, sex) <= 24%'
says "the difference" 'demographic_parity_difference(refused, sex) is 25%' "$err"
scored 0 'demographic_parity_difference(word, sex, positive: "yes") == 25%'
scored 0 'demographic_parity_ratio(refused, group: sex) == 50%'
scored 0 'equal_opportunity_difference(label, refused, sex) == 50%'
scored 0 'equalized_odds_difference(label, refused, sex) == 50%'
scored 1 'equalized_odds_difference(label, refused, sex, positive: 0) <= 49%'
scored 0 'calibration_difference(label, score, sex) in 0.149..0.151'
scored 0 'demographic_parity_difference(refused, sex, where: score > 0.5) <= 0%'

# shares are compared as they are written
{
  echo x
  seq 93
  for _ in 1 2 3 4 5 6 7; do echo NA; done
} >hundred.csv
cat >taxi.mlc <<'E'
project taxi {
  owner      = "data@example.com"
  repository = "github.com/example/taxi"
  mlc        = "0.1"
}

dataset hundred {
  path = "hundred.csv"

  column x: int?

  expect null_fraction(x) <= 7%
  expect completeness(x) >= 93%
  expect holds(x != null) == 93%
}
E
runs "seven of a hundred are 7%" 0 "$MLC" run

# what stands on the data is not run
cp -r "$root/examples/iris" "$work/iris" && cd "$work/iris" || exit 1
sed -i 's/^  expect rows >= 100/  expect holds(petal_length < sepal_length)\n  expect holds(petal_width < 2.5)/' iris.mlc
runs "a model on data that fails" 1 "$MLC" run
says "is told" "MLC0711" "$err"
says "with the rows" '2.5' "$err"
says "and not trained" "skipped model/iris.train" "$err"
totals
