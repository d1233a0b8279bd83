"""Random data with missing values, and a suite of all that SQL can say of it: data.csv, other.csv, suite.json.

usage: random_checks.py SEED FOLDER
"""

import json
import random
import sys

seed, folder = int(sys.argv[1]), sys.argv[2]
r = random.Random(seed)
rows = r.choice([0, 1, 2, 5, 40, 300])
missing = r.choice([0, 0.1, 0.5])
E = "expect_column_values_to_"
WORDS = ["x", "yy", "zo\u00eb", "it's", "A%b", "Z_q"]
NUMBERS = ["x", "y", "n", "m"]
ALL = ["id", "grp", *NUMBERS, "word", "word2", "day", "flag"]
CONDITIONS = [
    "x > 0", "n != 3", "not (n == 3)", "grp in ['a', 'b']", "grp not in ['a']", "n + m > 2", "n - 2 * m <= x", "flag",
    "not flag", "flag == False", "n != m", "n == m", "word == word2", "word != word2", "grp.isnull()",
    "grp.notnull() and (x < 2 or n >= 1)", "not (x < 2 or flag)", "-n < 2", "day >= '2024-06-01'", "word != 'x'",
]
RANKS = ["linear", "lower", "higher", "midpoint", "nearest"]
DISTINCT = ["distinct_count", "distinct_fraction", "distinctness", "uniqueness", "duplicate_count", "duplicate_fraction"]
suite = []


def maybe(value):
    return "" if r.random() < missing else str(value)


def write_csv(name, header, lines):
    with open(f"{folder}/{name}", "w", encoding="utf-8") as out:
        out.write("\n".join([header] + [",".join(line) for line in lines]) + "\n")


def row(i):
    return [
        maybe(i if r.random() < 0.9 else r.randint(0, 5)),
        maybe(r.choice("abc")),
        maybe(r.choice([round(r.gauss(0, 10), 3), r.randint(-3, 3) + 0.5])),
        maybe(round(r.random() * 10, 2)),
        maybe(r.randint(-3, 6)),
        maybe(r.randint(-3, 6)),
        maybe(r.choice(WORDS)),
        maybe(r.choice(WORDS[:3])),
        maybe(f"2024-{r.randint(1, 12):02}-{r.randint(1, 28):02}"),
        maybe(r.choice(["true", "false"])),
    ]


def add(kind, mostly=None, **kwargs):
    if mostly is not None:
        kwargs["mostly"] = mostly
    if r.random() < 0.4:
        kwargs.update(row_condition=r.choice(CONDITIONS), condition_parser="pandas")
    suite.append({"type": kind, "kwargs": kwargs})


# Floats are not bounded by numbers that a result may hit exactly: the last digit is not the same everywhere.
def bounds(low, high, strict=True):
    chosen = {}
    if r.random() < 0.7:
        chosen["min_value"] = low
    if r.random() < 0.7 or not chosen:
        chosen["max_value"] = high
    for side in ("min", "max"):
        if strict and f"{side}_value" in chosen and r.random() < 0.3:
            chosen[f"strict_{side}"] = True
    return chosen


def ignore(pair):
    if pair:
        return r.choice(["both_values_are_missing", "either_value_is_missing", "neither"])
    return r.choice(["all_values_are_missing", "any_value_is_missing", "never"])


def of_every_column(c):
    add(E + "not_be_null", r.choice([None, 0.5, 0.9]), column=c)
    add(E + "be_null", r.choice([None, 0.1]), column=c)
    add(E + "be_unique", column=c)
    for kind in ["null_count", "null_fraction", "completeness", *DISTINCT]:
        add(kind, column=c, **bounds(0, r.choice([0, 1, 5]), False))


def of_numbers(c):
    add(E + "be_between", r.choice([None, 0.8]), column=c, **bounds(r.choice([-2, 0, -1.5]), r.choice([2, 3.5])))
    for kind in ["min", "max", "mean", "sum", "stdev", "stdev_population", "variance", "median", "skewness", "kurtosis"]:
        add(kind, column=c, **bounds(r.choice([-2.003, 0.007, -1.503]), r.choice([2.003, 3.507])))
    for q in [0, 0.1, 0.25, 0.5, 0.77, 1]:
        add("quantile", column=c, quantile=q, min_value=-1.003)
        ranges = {"quantiles": [q, 0.5], "value_ranges": [[None, 3.007], [0.007, 3.007]]}
        add("expect_column_quantile_values_to_be_between", column=c, allow_relative_error=r.choice(RANKS), quantile_ranges=ranges)
    add("entropy", column=c)
    add("expect_column_value_z_scores_to_be_less_than", column=c, threshold=r.choice([0.503, 1.507, 3.003, -1.507]), double_sided=r.choice([True, False]))
    for method in ["iqr", "std"]:
        add(E + "not_be_outliers", r.choice([None, 0.7]), column=c, method=method, multiplier=r.choice([0, 0.503, 1.5, 2.007]))
    sets = [[0, 1, 2], [0.5, 1.5, 3], [1, None]]
    add(E + "be_in_set", r.choice([None, 0.3]), column=c, value_set=r.choice([*sets, []]))
    add(E + "not_be_in_set", r.choice([None, 0.3]), column=c, value_set=r.choice(sets))
    for kind in ["be_in", "equal", "contain"]:
        add(f"expect_column_distinct_values_to_{kind}_set", column=c, value_set=r.choice([[0, 1, 2], list(range(-3, 7)), [1]]))


def of_texts(c):
    add(E + "be_in_set", r.choice([None, 0.3]), column=c, value_set=["x", "it's", "a", WORDS[2]])
    add("expect_column_value_lengths_to_be_between", column=c, **bounds(1, 2))
    add("expect_column_distinct_values_to_be_in_set", column=c, value_set=["x", "yy", "a", "b", "c"])
    add("expect_column_distinct_values_to_equal_set", column=c, value_set=WORDS[:3])
    for kind in ["min_length", "max_length", "mean_length", "entropy"]:
        add(kind, column=c, **bounds(1, 3))
    add(E + "match_regex", column=c, regex=r.choice(["^x", "y+$", "[a-z]", "^[A-Z].*[a-z]$"]))
    add(E + "not_match_regex", column=c, regex=r.choice(["^x", "y+$"]))
    add(E + "match_like_pattern", column=c, like_pattern=r.choice(["x", "_y", "%\\%%", "%\\_%", "%s"]))
    add(E + "not_match_like_pattern", column=c, like_pattern="%y")
    add(E + "match_regex_list", column=c, regex_list=["^x", "y"], match_on=r.choice(["any", "all"]))


def of_pairs(a, b):
    add("expect_column_pair_values_to_be_equal", column_A=a, column_B=b, ignore_row_if=ignore(True))
    add("expect_column_pair_values_a_to_be_greater_than_b", column_A=a, column_B=b, or_equal=r.choice([True, False]), ignore_row_if=ignore(True))
    add("expect_multicolumn_sum_to_equal", column_list=[a, b], sum_total=r.choice([1, 3]), ignore_row_if=ignore(False))
    add("correlation", column_list=[a, b], min_value=0.003)


def of_several(columns):
    add("expect_compound_columns_to_be_unique", column_list=columns, ignore_row_if=ignore(False))
    for kind in DISTINCT:
        add(kind, column_list=columns, min_value=0)


def of_another_table():
    add("exists_in", column="n", other="other")
    add("exists_in", column_list=["n", "word"], other="other", ignore_row_if=ignore(False))
    add("exists_in", column_list=["word2", "grp"], other="other", other_columns=["word", "grp"])
    add("rows_equal_other", other="other")
    add("rows_equal_other", other="other", min_value=-1, max_value=1000)
    add("measure_equal_other", column="n", measure="mean", other="other")
    add("measure_equal_other", column="n", measure="distinct_count", other="other", min_value=0)


write_csv("data.csv", ",".join(ALL), [row(i) for i in range(rows)])
others = [[maybe(r.randint(-3, 3)), maybe(r.choice(WORDS[:2])), maybe(r.choice("abc"))] for _ in range(r.choice([1, 10]))]
write_csv("other.csv", "n,word,grp", others)
for column in ALL:
    of_every_column(column)
for column in NUMBERS:
    of_numbers(column)
for column in ["word", "word2", "grp"]:
    of_texts(column)
add(E + "be_between", column="day", **bounds("2024-03-01", "2024-10-01"))
add("expect_column_min_to_be_between", column="day", min_value="2024-01-02")
add("expect_column_max_to_be_between", column="day", max_value="2024-12-02")
for first, second in [("n", "m"), ("x", "y"), ("x", "n")]:
    of_pairs(first, second)
add("expect_column_pair_values_to_be_equal", column_A="word", column_B="word2", ignore_row_if=ignore(True))
PAIRS = [["x", 1], ["yy", None], [WORDS[2], 2], [None, 3]]
add("expect_column_pair_values_to_be_in_set", column_A="word", column_B="n", value_pairs_set=PAIRS, ignore_row_if=ignore(True))
for columns in [["n", "m"], ["word", "word2", "grp"]]:
    add("expect_select_column_values_to_be_unique_within_record", column_list=columns, ignore_row_if=ignore(False))
    add("expect_multicolumn_values_to_be_equal", column_list=columns, ignore_row_if=ignore(False))
for columns in [["grp", "word"], ["n", "m", "flag"], ["id", "day"]]:
    of_several(columns)
for condition in CONDITIONS:
    add("satisfies", r.choice([None, 0.5]), condition=condition)
of_another_table()
add("rows", **bounds(1, 50))
with open(f"{folder}/suite.json", "w", encoding="utf-8") as out:
    json.dump({"name": "random", "expectations": suite}, out, indent=1)
