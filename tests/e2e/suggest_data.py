"""A CSV that nobody would choose: names, values, separators and missing values at random.

usage: suggest_data.py SEED FILE
"""

import csv
import random
import sys

r = random.Random(int(sys.argv[1]))
NAMES = [
    "a b", 'a"b', "it's", "x\ny", "zo\u00eb", "and", "null", "features", "rows", "mean", "data", "project", "self", "path", "key",
    "a-b", "a--b", "-", "1st", "", "\\(x)", "`q`", "a`b", "${HOME}", "#c", "\u65e5\u672c", "a_b", "a.b", "label", "one_of", "true",
    "\u202ea", "\u2066b\u2069", "\x85", "\x7f", "\x01", "a\tb", "\\", "a\\", "\\u0041", "\\n", "a\"", "'", "column_1", "a,b", "${x}", "%s",
    "like", "id", "unique", "x" * 120, "b]", "{", "column", "expect", "name", "from", "dataset", "parent", "any", "let", "\U0001f600",
]


def day():
    return f"2024-{r.randint(1, 12):02}-{r.randint(1, 28):02}"


VALUES = {
    "words": lambda: r.choice(["a", "it's", 'q"q', "\\(x)", "new\nline", "true", "\u00e9", "and", "x y", "#", "1a"]),
    "hostile words": lambda: r.choice(["\u202eb", "\\", "\\u0041", "\t", "a\\", '"', "\x01", "\x7f", "${x}", "\u2028", "\\\\(x)", "'"]),
    "edges of 64 bits": lambda: str(r.choice([2**63 - 1, 2**63 - 2])),
    "the least of 64 bits": lambda: str(-(2**63) + r.randint(0, 1)),
    "edges of doubles": lambda: r.choice(["1.7976931348623157e308", "-1.7976931348623157e308", "5e-324"]),
    "the least doubles": lambda: r.choice(["5e-324", "1e-323", "-5e-324", "0.0"]),
    "large decimals": lambda: r.choice(["99999999999999999999999999.99", "-99999999999999999999999999.99", "0.01"]),
    "edges of times": lambda: r.choice(["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "1970-01-01T00:00:00"]),
    "edges of days": lambda: r.choice(["0001-01-01", "9999-12-31"]),
    "missing words": lambda: r.choice(["NA", "x", "y", "null", "NaN"]),
    "ints": lambda: str(r.randint(-1000, 100000)),
    "64 bits": lambda: str(r.choice([2**63 - 1, -(2**63), 0, 5])),
    "more than 64 bits": lambda: str(r.choice([2**70, 1, 3])),
    "floats": lambda: repr(r.gauss(0, 1) * 10 ** r.randint(-8, 8)),
    "extremes": lambda: r.choice(["1e-300", "2e-300", "1e300", "-5e299"]),
    "infinities": lambda: r.choice(["inf", "1.5", "-inf", "2"]),
    "bools": lambda: r.choice(["true", "false"]),
    "dates": day,
    "times": lambda: f"10:{r.randint(0, 59):02}:00",
    "timestamps": lambda: f"{day()}T10:00:00.{r.randint(0, 999):03}",
    "nanoseconds": lambda: f"{day()}T10:00:00.{r.randint(0, 10**9 - 1):09}",
    "zones": lambda: f"{day()}T10:00:00+02:00",
    "decimals": lambda: f"{r.randint(0, 10**18)}.{r.randint(0, 99):02}",
    "one int": lambda: "71351",
    "one float": lambda: "-0.5",
    "zeros": lambda: "0",
    "nothing": lambda: "",
    "codes": lambda: f"00{r.randint(1, 9)}",
    "blanks": lambda: r.choice([" a", "a ", "  "]),
    "keys": lambda: f"k{r.getrandbits(60)}",
}

count = r.choice([0, 1, 2, 30, 200])
names = r.sample(NAMES, r.randint(1, 12))
kinds = [(r.choice(list(VALUES)), r.choice([0, 0, 0.1, 0.6])) for _ in names]
with open(sys.argv[2], "w", newline="", encoding="utf-8") as out:
    writer = csv.writer(out, delimiter=r.choice(",,;\t|"), lineterminator=r.choice(["\n", "\r\n"]))
    writer.writerow(names)
    for _ in range(count):
        writer.writerow(["" if r.random() < missing else VALUES[kind]() for kind, missing in kinds])
