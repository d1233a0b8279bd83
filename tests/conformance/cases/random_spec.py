"""A spec with random rules and expectations, and data that breaks some of them: spec/p.mlc, data.csv, types.json, table.sql.

usage: random_spec.py SEED FOLDER
"""

import csv
import json
import os
import random
import sys

r = random.Random(int(sys.argv[1]))
folder = sys.argv[2]
HOSTILE = [
    "a b", 'q"uote', "it's", "back\\slash", "new\nline", "zo\u00eb", "x; drop table d; --", "(x)", "\u65e5\u672c", "a.b", "per%cent",
    "{x}", "$v", "#h", "x,y", "tab\there", "select", "NULL", "\\(x)", "a'; --", "/* c */", "''", '""', "%s", "1st", "-", "\u202eb",
]
COLUMNS = {"id": "int", "n": "int", "m": "int", "x": "float", "y": "float", "g": "one_of", "w": "string", "v": "string",
           "day": "date", "flag": "bool"}
WORDS = r.sample(["DE", "it's", 'q"q', "\\(x)", "a\\b", "%", "zo\u00eb", "x y", "null;", "--", "${x}", "NaNa"], 4)
TEXTS = ["ab", "abc", "it's", "Abc", "x-1", "zo\u00eb", "a%b", "b\\c", 'd"e', "{x}"]
PATTERNS = ["^[a-z]+$", "b", "^a|x", "[A-Z]", "\\\\.", "^.{2,4}$"]
header = dict(zip(COLUMNS, r.sample(HOSTILE, len(COLUMNS))))
missing = {name: r.choice([0, 0, 0.1, 0.4]) for name in COLUMNS}
count = r.choice([12, 40, 200])
quote = json.dumps


def value(name, i):
    if r.random() < missing[name]:
        return ""
    return str({
        "id": i if r.random() < 0.98 else 3, "n": r.randint(-3, 9), "m": r.randint(-3, 9), "x": round(r.gauss(2, 4), 3),
        "y": round(r.random() * 10, 2), "g": r.choice(WORDS if r.random() < 0.97 else TEXTS), "w": r.choice(TEXTS),
        "v": r.choice(TEXTS[:4]), "day": f"2024-{r.randint(1, 12):02}-{r.randint(1, 28):02}", "flag": r.choice(["true", "false"]),
    }[name])


def rules(name):
    if name in ("n", "m") and r.random() < 0.6:
        return f"int? in {r.randint(-3, 0)}..{r.randint(7, 10)}"
    if name in ("x", "y") and r.random() < 0.6:
        return f"float? in {r.choice([-8, -2.5, 0])}..{r.choice([9, 10, 12.5])}"
    if name == "g":
        return f"one_of({', '.join(quote(word, ensure_ascii=False) for word in WORDS)})?"
    return COLUMNS[name] + ("?" if missing[name] and r.random() < 0.8 else "")


def facts(name):
    said = [f"from = {quote(header[name])}"] if header[name] != name else []
    if name == "id" and r.random() < 0.5:
        said.append("unique = true")
    if name in ("w", "v"):
        if r.random() < 0.5:
            said.append(f"length = {r.randint(1, 2)}..{r.randint(3, 5)}")
        if r.random() < 0.5:
            said.append(f"matches = {quote(r.choice(PATTERNS))}")
    return "{ " + ", ".join(said) + " }" if said else ""


def number():
    return r.choice(["n", "m", "x", "y"])


def condition(depth=0):
    kind = r.randrange(11 if depth < 2 else 8)
    a, b = r.sample(["n", "m", "x", "y"], 2)
    return [
        lambda: f"{a} {r.choice(['<', '<=', '>', '>=', '==', '!='])} {r.randint(-2, 8)}",
        lambda: f"{a} {r.choice(['<', '<=', '>', '>='])} {b}",
        lambda: f"{a} {r.choice('+-*')} {b} {r.choice(['<', '>'])} {r.randint(0, 9)}.0007",
        lambda: f"g {r.choice(['==', '!='])} {quote(r.choice(WORDS), ensure_ascii=False)}",
        lambda: f"{r.choice(['w', 'n', 'x'])} {r.choice(['==', '!='])} null",
        lambda: f"n {r.choice(['in', 'not in'])} [{r.randint(0, 3)}, {r.randint(4, 8)}]",
        lambda: f"-({a} - {b}) * 2 < {r.randint(0, 9)}.0007",
        lambda: f"w == {quote(r.choice(TEXTS), ensure_ascii=False)}",
        lambda: f"({condition(depth + 1)} and {condition(depth + 1)})",
        lambda: f"({condition(depth + 1)} or {condition(depth + 1)})",
        lambda: f"not ({condition(depth + 1)})",
    ][kind]()


def bound(low, high):
    return r.choice([f">= {low}.0007", f"<= {high}.0007", f"in {low}.0007..{high}.0007"])


def expectation():
    where = f", where: {condition()}" if r.random() < 0.4 else ""
    a = number()
    share = r.choice(["10", "50.5", "97", "100"])
    return r.choice([
        lambda: f"rows {r.choice(['>=', '<='])} {r.choice([10, 40, 100])}",
        lambda: f"null_fraction({r.choice(list(COLUMNS))}{where}) <= {r.choice([0, 5, 30])}%",
        lambda: f"mean({a}{where}) {bound(r.randint(-1, 3), r.randint(4, 6))}",
        lambda: f"sum({a}{where}) {bound(r.randint(-100, 100), r.randint(200, 700))}",
        lambda: f"stddev({a}{where}) {bound(1, r.randint(2, 5))}",
        lambda: f"min({a}{where}) {bound(r.randint(-9, -2), r.randint(0, 3))}",
        lambda: f"max({a}{where}) {bound(r.randint(2, 8), r.randint(9, 16))}",
        lambda: f"median({a}{where}) {bound(r.randint(0, 3), r.randint(4, 6))}",
        lambda: f"quantile({a}, {r.choice([10, 25, 90])}%{where}) {bound(r.randint(-3, 3), r.randint(4, 9))}",
        lambda: f"distinct({r.choice(list(COLUMNS))}) {r.choice(['<=', '>='])} {r.choice([2, 5, 14])}",
        lambda: f"distinct_fraction({r.choice(list(COLUMNS))}) >= {share}%",
        lambda: f"completeness({r.choice(list(COLUMNS))}) >= {share}%",
        lambda: f"share(g, {quote(r.choice(WORDS), ensure_ascii=False)}{where}) {r.choice(['<=', '>='])} {r.choice([5, 30])}%",
        lambda: f"holds({condition()})",
        lambda: f"unique_in_row([n, {r.choice('mx')}])",
        lambda: f"outliers({a}, sd: 3) <= 5%",
        lambda: f"increasing(id) >= {share}%",
    ])()


os.makedirs(f"{folder}/spec", exist_ok=True)
lines = ["project p {", '  owner = "a@example.com"', "}", "", "dataset d {", '  path = "d.csv"']
lines += [f"  column {name}: {rules(name)} {facts(name)}" for name in COLUMNS]
wanted = {}
while len(wanted) < 25:
    one = expectation()
    measure = one.rsplit(")", 1)[0].split(" in ")[0] if ")" in one else "rows"
    if measure.startswith("quantile"):
        measure = measure.split(",")[0]  # great_expectations takes two quantiles of a column for one
    wanted[measure] = one  # one of a measure
lines += [f"  expect {one}" for one in wanted.values()] + ["}"]
with open(f"{folder}/spec/p.mlc", "w", encoding="utf-8") as out:
    out.write("\n".join(lines) + "\n")
with open(f"{folder}/data.csv", "w", newline="", encoding="utf-8") as out:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.values())
    for i in range(count):
        writer.writerow([value(name, i) for name in COLUMNS])
TYPES = {"int": "bigint", "float": "double precision", "date": "date", "bool": "boolean"}
types = {header[name]: "string" if kind == "one_of" else kind for name, kind in COLUMNS.items()}
with open(f"{folder}/types.json", "w", encoding="utf-8") as out:
    json.dump(types, out)
columns = ", ".join('"' + name.replace('"', '""') + '" ' + TYPES.get(kind, "text") for name, kind in types.items())
with open(f"{folder}/table.sql", "w", encoding="utf-8") as out:
    out.write(f"create table d ({columns});\n")
