"""Random numbers that a double cannot hold (near 2^53 and 2^63, decimals of up to 30 digits, sums that overflow 64 bits),
and checks whose bounds they hit or miss by one: data.csv, other.csv, table.sql, suite.json.

usage: random_exact.py SEED FOLDER
"""

import json
import random
import sys
from decimal import Decimal, getcontext

getcontext().prec = 80
seed, folder = int(sys.argv[1]), sys.argv[2]
r = random.Random(seed)
rows = r.choice([1, 2, 5, 9, 40])
missing = r.choice([0, 0, 0.2])
EDGE = 2**63 - 1
INTS, DECIMALS = ["n", "m", "k"], ["d", "e"]
NUMBERS = [*INTS, *DECIMALS]
COLUMNS = {"id": "bigint", "n": "bigint", "m": "bigint", "k": "int", "d": "decimal(20,4)", "e": "decimal(30,10)", "x": "double precision"}


def number(name):
    if name == "n":
        return r.choice([-1, 1]) * (2**53 + r.randint(-3, 5))
    if name == "m":
        return r.choice([1, 1, -1]) * (EDGE - r.randint(0, 4))
    if name == "k":
        return r.randint(-(2**31), 2**31 - 1) if r.random() < 0.3 else r.randint(-3, 5)
    if name == "d":
        return Decimal(r.randint(1234567890123450, 1234567890123460) * 10000 + r.randint(0, 3)) / 10000
    if name == "e":
        return Decimal(r.choice([1, -1]) * (10**17 + r.randint(0, 30))) / 10**10
    return r.choice([r.gauss(0, 10), r.randint(-4, 4) / 4])


table = {name: [None if r.random() < missing else number(name) for _ in range(rows)] for name in COLUMNS if name != "id"}
table["id"] = list(range(rows))
other = {name: list(table[name]) for name in COLUMNS}
if r.random() < 0.6:
    name, at = r.choice(NUMBERS), r.randrange(rows)
    if other[name][at] is not None:
        other[name][at] += (1 if name in INTS else Decimal("0.0001")) * (-1 if other[name][at] > 0 else 1)
suite = []


def text(value):
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else repr(value)


def add(kind, **kwargs):
    suite.append({"type": kind, "kwargs": kwargs})


def bounds(value):
    """The value, or one beside it, as a strict or open bound."""
    value += r.choice([-1, 0, 0, 0, 1])
    side = r.choice(["min", "max"])
    return {f"{side}_value": value, f"strict_{side}": r.random() < 0.5}


def literal(value):
    """As JSON and a condition take it: what a double of 17 digits holds is written so everywhere."""
    if isinstance(value, Decimal):
        short = Decimal(repr(float(value)))
        return short if short != short.to_integral_value() else int(short)
    return value


def some(name):
    there = [v for v in table[name] if v is not None]
    return r.choice(there) if there else number(name)


def near(value):
    return literal(value) + r.choice([-1, 0, 0, 1])


def calculated():
    """A calculation as text and as a function of a row; exact for at most 30 digits."""
    a, b = r.choice(INTS), r.choice(INTS)
    c, d = r.choice(["d", "e"]), r.choice(["d", "e", "k"])
    w = r.randint(1, 9)
    return r.choice([
        (f"{a} + {b}", lambda t, i: t[a][i] + t[b][i], [a, b]), (f"{a} - {b}", lambda t, i: t[a][i] - t[b][i], [a, b]),
        (f"n * k", lambda t, i: t["n"][i] * t["k"][i], ["n", "k"]), (f"-{a} + {w}", lambda t, i: w - t[a][i], [a]),
        (f"{c} + {d}", lambda t, i: t[c][i] + t[d][i], [c, d]), (f"{c} - {d} * {w}", lambda t, i: t[c][i] - t[d][i] * w, [c, d]),
        (f"{c} * {w} + 0.1", lambda t, i: t[c][i] * w + Decimal("0.1"), [c]), (f"({a} + {b}) * {w}", lambda t, i: (t[a][i] + t[b][i]) * w, [a, b]),
        (f"n + {c}", lambda t, i: t["n"][i] + t[c][i], ["n", c]), (f"-(k - n) * k", lambda t, i: -(t["k"][i] - t["n"][i]) * t["k"][i], ["k", "n"]),
    ])


def condition():
    said, value, columns = calculated()
    there = [i for i in range(rows) if all(table[c][i] is not None for c in columns)]
    target = value(table, r.choice(there)) if there else 0
    target = near(target) if r.random() < 0.6 else literal(target)
    return f"{said} {r.choice(['<', '<=', '>', '>=', '==', '!='])} {text(target)}"


for name in NUMBERS:
    there = [v for v in table[name] if v is not None]
    for kind, exact in [("min", min(there, default=0)), ("max", max(there, default=0)), ("sum", sum(there))]:
        add(kind, column=name, **bounds(literal(exact)))
        add(kind, column=name)
    for kind in ["median", "mean", "distinct_count", "uniqueness"]:
        add(kind, column=name)
    middle = sorted(there)[(len(there) - 1) // 2] if there else 0
    add("median", column=name, **bounds(literal(middle)))
    for q in [0, 0.25, 0.5, 0.77, 1]:
        add("quantile", column=name, quantile=q)
        add("quantile", column=name, quantile=q, **bounds(literal(middle)))
    for method in ["linear", "lower", "higher", "midpoint", "nearest"]:
        ranges = [[None, literal(middle)], [literal(middle), None]]
        add("expect_column_quantile_values_to_be_between", column=name, allow_relative_error=method, quantile_ranges={"quantiles": [0.77, 0.4], "value_ranges": ranges})
    for _ in range(3):
        add("expect_column_values_to_be_between", column=name, **bounds(literal(some(name))))
        add("expect_column_values_to_be_in_set", column=name, value_set=[near(some(name)) for _ in range(3)])
        add("expect_column_values_to_not_be_in_set", column=name, value_set=[near(some(name)) for _ in range(2)])
    add("expect_column_distinct_values_to_be_in_set", column=name, value_set=[literal(v) for v in there[1:]] or [1])
    add("expect_column_values_to_be_unique", column=name)
    for measure in ["sum", "min", "max", "median", "distinct_count"]:
        add("measure_equal_other", column=name, measure=measure, other="other")
    add("measure_equal_other", column=name, measure="sum", other="other", **bounds(0))
    add("exists_in", column=name, other="other")
for a in NUMBERS:
    for b in NUMBERS:
        if a != b:
            add("expect_column_pair_values_a_to_be_greater_than_b", column_A=a, column_B=b)
            add("expect_column_pair_values_to_be_equal", column_A=a, column_B=b)
for _ in range(30):
    add("satisfies", condition=condition())
    add("rows", row_condition=condition(), condition_parser="pandas")


class Digits(json.JSONEncoder):
    def default(self, value):
        return float(value) if isinstance(value, Decimal) else super().default(value)


def write_csv(name, values):
    with open(f"{folder}/{name}", "w", encoding="utf-8") as out:
        out.write(",".join(COLUMNS) + "\n")
        for i in range(rows):
            out.write(",".join(text(values[column][i]) for column in COLUMNS) + "\n")


write_csv("data.csv", table)
write_csv("other.csv", other)
with open(f"{folder}/suite.json", "w", encoding="utf-8") as out:
    json.dump({"name": "exact", "expectations": suite}, out, cls=Digits)
with open(f"{folder}/table.sql", "w", encoding="utf-8") as out:
    for name in ["d", "other"]:
        out.write(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in COLUMNS.items())});\n")
