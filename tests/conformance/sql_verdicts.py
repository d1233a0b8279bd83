"""Compares two JSON reports of one suite, the engine's and a database's: one line for each difference.

usage: sql_verdicts.py NATIVE SQL [MOST [exact]]     exit 1 when they differ, or when more than MOST (0) are not said in
SQL; exact: all digits are the same, but of means, and of quantiles of small ints, which the engine interpolates in doubles
"""

import json
import sys
from decimal import Decimal, getcontext

getcontext().prec = 80


def near(x, y, exact=False):
    if isinstance(x, dict) and isinstance(y, dict):
        return x.keys() == y.keys() and all(near(x[key], y[key], exact) for key in x)
    if isinstance(x, list) and isinstance(y, list):
        return len(x) == len(y) and all(near(a, b, exact) for a, b in zip(x, y))
    if exact and isinstance(x, str) and isinstance(y, Decimal):
        return Decimal(x) == y  # a decimal in a set
    numbers = isinstance(x, (int, Decimal)) and isinstance(y, (int, Decimal)) and bool not in (type(x), type(y))
    if exact or not numbers:
        return x == y
    return abs(x - y) <= Decimal("1e-9") * max(abs(x), abs(y)) + Decimal("1e-12")


native, sql = (json.load(open(name, encoding="utf-8"), parse_float=Decimal)["results"] for name in sys.argv[1:3])
most = int(sys.argv[3]) if len(sys.argv) > 3 else 0
told = wrong = 0
for a, b in zip(native, sql):
    if b["status"] == "error" and "SQL cannot express" in b["error"]:
        told += 1
        continue
    keys = ["check", "status", "success", "observed", "unexpected_count", "unexpected_percent"]
    keys += [key for key in ("element_count", "missing_count") if "unexpected_count" in b]
    exact = "exact" in sys.argv[4:] and not a["check"].startswith(("mean", "uniqueness", "quantile(k", "quantiles(k"))
    for key in keys:
        if not near(a.get(key), b.get(key), exact and key == "observed"):
            print(f"{a['check']}: {key}: {a.get(key)} native, {b.get(key)} database ({b.get('error')})")
            wrong += 1
print(f"{len(native)} expectations, {told} not in SQL, {wrong} differences")
sys.exit(wrong > 0 or told > most or len(native) != len(sql))
