"""The suite of the data benchmark in a peer: peer.py duckdb|polars|pandas FILE PROFILE. Prints JSON with the names
that data_bench prints. The figures are defined in suite.md beside the generator."""
import json
import math
import sys

ENGINE, FILE, PROFILE = sys.argv[1:4]
profile = json.load(open(PROFILE))
edges, shares, eps = profile["amount"]["edges"], profile["amount"]["share"], profile["eps"]
allowed = [code for code in profile["country"] if code not in ("XK", "ZZ")]
COLUMNS = "id ts user_id country device amount score age email latency_ms is_member note".split()
NUMBERS = "amount score age latency_ms".split()
DISTINCT = "country device is_member user_id".split()
PATTERN = r"^[a-z0-9._]+@[a-z0-9.-]+\.(com|org|net|io)$"


def psi(counts, reference):
    total = sum(counts.values())
    result = 0.0
    for key in reference:
        c, r = counts.get(key, 0) / total or eps, reference[key] or eps
        result += (c - r) * math.log(c / r)
    return result


def finish(out, bins, countries):
    out["amount_bins"] = bins
    out["psi_amount"] = psi(dict(enumerate(bins)), dict(enumerate(shares)))
    out["psi_country"] = psi(countries, profile["country"])
    print(json.dumps(out))


def duck():
    import duckdb

    types = ("id UINTEGER ts TIMESTAMP user_id INTEGER country VARCHAR device VARCHAR amount DOUBLE score DOUBLE "
             "age INTEGER email VARCHAR latency_ms DOUBLE is_member BOOLEAN note VARCHAR").split()
    columns = ", ".join("%s: '%s'" % pair for pair in zip(types[::2], types[1::2]))
    parts = ["count(*)"] + ["count(*) - count(%s)" % c for c in COLUMNS]
    for c in NUMBERS:
        parts += [f.format(c) for f in ("min({})", "max({})", "avg({})", "stddev_samp({})")]
    parts += ["count(DISTINCT %s)" % c for c in DISTINCT]
    parts += ["count(*) FILTER (WHERE email IS NOT NULL AND NOT regexp_matches(email, '%s'))" % PATTERN,
              "count(*) FILTER (WHERE country IS NOT NULL AND country NOT IN (%s))"
              % ", ".join("'%s'" % code for code in allowed),
              "count(id) - count(DISTINCT id)", "quantile_cont(latency_ms, 0.95)",
              "strftime(max(ts), '%Y-%m-%dT%H:%M:%SZ')"]
    for low, high in zip([None] + edges, edges + [None]):
        low_test = "amount > %r" % low if low is not None else "true"
        high_test = "amount <= %r" % high if high is not None else "true"
        parts.append("count(*) FILTER (WHERE amount IS NOT NULL AND %s AND %s)" % (low_test, high_test))
    parts.append("histogram(country)")
    row = duckdb.sql("SELECT %s FROM read_csv('%s', header = true, delim = ',', quote = '\"', escape = '\"', "
                     "nullstr = '', columns = {%s})" % (", ".join(parts), FILE, columns)).fetchall()[0]
    values = iter(row)
    out = {"version": duckdb.__version__, "rows": next(values)}
    for c in COLUMNS:
        out["null_" + c] = next(values)
    for c in NUMBERS:
        out[c] = [next(values) for _ in range(4)]
    for c in DISTINCT:
        out["distinct_" + c] = next(values)
    out["malformed"], out["outside"], out["duplicates_id"], out["p95"], out["max_ts"] = (next(values) for _ in range(5))
    bins = [next(values) for _ in range(10)]
    finish(out, bins, next(values))


def polars():
    import polars as pl

    frame = pl.scan_csv(FILE, schema={
        "id": pl.UInt32, "ts": pl.String, "user_id": pl.Int32, "country": pl.String, "device": pl.String,
        "amount": pl.Float64, "score": pl.Float64, "age": pl.Int32, "email": pl.String, "latency_ms": pl.Float64,
        "is_member": pl.Boolean, "note": pl.String})
    ask = [pl.len().alias("rows")] + [pl.col(c).null_count().alias("null_" + c) for c in COLUMNS]
    for c in NUMBERS:
        for f in "min max mean std".split():
            ask.append(getattr(pl.col(c), f)().alias("%s_%s" % (c, f)))
    ask += [pl.col(c).drop_nulls().n_unique().alias("distinct_" + c) for c in DISTINCT + ["id"]]
    ask += [(~pl.col("email").str.contains(PATTERN)).sum().alias("malformed"),
            (~pl.col("country").is_in(allowed)).sum().alias("outside"),
            pl.col("latency_ms").quantile(0.95, "linear").alias("p95"), pl.col("ts").max().alias("max_ts")]
    for i, (low, high) in enumerate(zip([-math.inf] + edges, edges + [math.inf])):
        ask.append(((pl.col("amount") > low) & (pl.col("amount") <= high)).sum().alias("bin%d" % i))
    ask.append(pl.col("country").drop_nulls().value_counts().implode().alias("countries"))
    row = frame.select(ask).collect().row(0, named=True)
    out = {"version": pl.__version__, "rows": row["rows"]}
    for key in row:
        if key.startswith("null_") or key in ("malformed", "outside", "p95", "max_ts"):
            out[key] = row[key]
    for c in NUMBERS:
        out[c] = [row["%s_%s" % (c, f)] for f in "min max mean std".split()]
    for c in DISTINCT:
        out["distinct_" + c] = row["distinct_" + c]
    out["duplicates_id"] = row["rows"] - row["null_id"] - row["distinct_id"]
    finish(out, [row["bin%d" % i] for i in range(10)], {e["country"]: e["count"] for e in row["countries"]})


def pandas():
    import numpy as np
    import pandas as pd

    frame = pd.read_csv(FILE, keep_default_na=False, na_values=[""])
    out = {"version": pd.__version__, "rows": len(frame)}
    for c in COLUMNS:
        out["null_" + c] = int(frame[c].isna().sum())
    for c in NUMBERS:
        out[c] = [float(getattr(frame[c], f)()) for f in "min max mean std".split()]
    for c in DISTINCT:
        out["distinct_" + c] = int(frame[c].nunique())
    email, country = frame["email"].dropna(), frame["country"].dropna()
    out["malformed"] = int((~email.str.contains(PATTERN.replace("(com", "(?:com"))).sum())
    out["outside"] = int((~country.isin(allowed)).sum())
    out["duplicates_id"] = int(frame["id"].count() - frame["id"].nunique())
    out["p95"] = float(frame["latency_ms"].quantile(0.95))
    out["max_ts"] = frame["ts"].max()
    amount = frame["amount"].dropna().to_numpy()
    bins = np.bincount(np.searchsorted(np.array(edges), amount, side="left"), minlength=10)
    finish(out, [int(n) for n in bins], {k: int(v) for k, v in country.value_counts().items()})


{"duckdb": duck, "polars": polars, "pandas": pandas}[ENGINE]()
