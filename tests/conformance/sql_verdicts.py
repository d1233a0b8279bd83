"""Compares two JSON reports of one suite, the engine's and a database's: one line for each difference.

usage: sql_verdicts.py NATIVE SQL [MOST]     exit 1 when they differ, or when more than MOST (0) are not said in SQL
"""

import json
import sys


def near(x, y):
    if isinstance(x, dict) and isinstance(y, dict):
        return x.keys() == y.keys() and all(near(x[key], y[key]) for key in x)
    if isinstance(x, list) and isinstance(y, list):
        return len(x) == len(y) and all(map(near, x, y))
    numbers = isinstance(x, (int, float)) and isinstance(y, (int, float)) and bool not in (type(x), type(y))
    return abs(x - y) <= 1e-9 * max(abs(x), abs(y)) + 1e-12 if numbers else x == y


native, sql = (json.load(open(name, encoding="utf-8"))["results"] for name in sys.argv[1:3])
most = int(sys.argv[3]) if len(sys.argv) > 3 else 0
told = wrong = 0
for a, b in zip(native, sql):
    if b["status"] == "error" and "SQL cannot express" in b["error"]:
        told += 1
        continue
    keys = ["check", "status", "success", "observed", "unexpected_count", "unexpected_percent"]
    keys += [key for key in ("element_count", "missing_count") if "unexpected_count" in b]
    for key in keys:
        if not near(a.get(key), b.get(key)):
            print(f"{a['check']}: {key}: {a.get(key)} native, {b.get(key)} database ({b.get('error')})")
            wrong += 1
print(f"{len(native)} expectations, {told} not in SQL, {wrong} differences")
sys.exit(wrong > 0 or told > most or len(native) != len(sql))
