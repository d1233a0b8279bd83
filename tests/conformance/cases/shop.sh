# Data with failing values, and specs that speak of it: what gx.sh and duckdb.sh judge twice. Source it.
# shellcheck shell=bash

# write_cases FOLDER: FOLDER/spec, and one CSV a case in FOLDER.
write_cases() {
  mkdir -p "$1/spec"
  cat >"$1/spec/shop.mlc" <<'SPEC'
project shop { owner = "data@example.com" }

dataset orders {
  path   = "orders.csv"
  key    = id
  unique = [buyer, day]

  column id:      int { unique = true }
  column buyer:   string { length = 2..8, matches = "[a-z]+" }
  column day:     string
  column country: one_of(DE, FR, IT)
  column amount:  float in 0..100
  column rating:  int? in 1..5

  expect rows >= 5
  expect rows < 300
  expect columns == 6
  expect null_fraction(rating) <= 20%
  expect null_fraction(amount) <= 0%
  expect mean(amount) in 10..60
  expect mean(amount) > 49.5
  expect min(amount) >= 0
  expect max(amount) <= 100
  expect sum(amount) <= 2000
  expect stddev(amount) <= 30
  expect median(amount) in 20..80
  expect quantile(amount, 90%) <= 95
  expect distinct(country) == 3
  expect share(country, "DE") >= 30%
  expect share(country, "FR") <= 30%
  expect rows > 2 and mean(rating) >= 3

  expect holds(amount >= rating) >= 90%
  expect holds(rating < id)
  expect holds(id == rating) >= 2%
  expect holds(id < 1000)
  expect holds(country in [DE, FR] or amount > 10 and rating != null)
  expect holds(not (amount * 2 - 1 in 0..150) or -rating < -1)
  expect holds(buyer != "b\"c'd" and amount + rating <= 110)
  expect holds(country not in [DE] and rating not in 1..2, where: amount > 50)
  expect mean(amount, where: country == DE and rating > 2) in 10..60
  expect rows(where: rating not in [1, 2]) >= 3
  expect rows(where: rating == null or amount < 5) <= 10
  expect rows(where: id != rating) in 1..119
  expect increasing(id)
  expect decreasing(amount, strictly: true) >= 30%
  expect unique_in_row([buyer, country])
}
SPEC
  # good, out of range and set, missing values, repeated keys, texts too long and of the wrong letters, few rows
  case_rows() {
    awk -v case="$1" -v n="$2" 'BEGIN {
      print "id,buyer,day,country,amount,rating"
      split("DE FR IT", countries, " ")
      for (i = 1; i <= n; i++) {
        id = i; buyer = sprintf("b%c%c", 97 + i % 26, 97 + int(i / 26) % 26); day = sprintf("2024-01-%02d", 1 + i % 28)
        country = countries[1 + i % 3]; amount = (i * 37 % 101) * 0.99; rating = 1 + i % 5
        if (case == "range" && i % 7 == 0) { amount = amount * 3 - 120; country = "XX" }
        if (case == "missing" && i % 4 == 0) { amount = ""; rating = ""; country = i % 8 ? "IT" : "" }
        if (case == "repeated") { id = i % 40; buyer = "bob"; day = "2024-02-0" (1 + i % 9) }
        if (case == "texts" && i % 5 == 0) buyer = i % 2 ? "Zoë-Ångström" : "x"
        print id "," buyer "," day "," country "," amount "," rating
      }
    }'
  }
  case_rows good 120 >"$1/good.csv"
  case_rows range 120 >"$1/range.csv"
  case_rows missing 121 >"$1/missing.csv"
  case_rows repeated 97 >"$1/repeated.csv"
  case_rows texts 60 >"$1/texts.csv"
  case_rows good 3 >"$1/few.csv"
  case_rows range 900 >"$1/many.csv"
}
