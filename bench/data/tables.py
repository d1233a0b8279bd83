"""Wide tables and drift in mlc's results and in peers: tables.py ENGINE wide FILE | tables.py ENGINE drift REF CUR, or for mlc
the JSON of `mlc data profile` (wide) or `mlc data drift` (drift) as the only file. Prints JSON:
  wide   {column: [nulls, distinct values, mean or null]}
  drift  {column: the statistic of Kolmogorov and Smirnov for numbers, total variation for words}"""
import json
import sys

ENGINE, TASK, FILES = sys.argv[1], sys.argv[2], sys.argv[3:]


def mlc_wide():
    profile = json.load(open(FILES[0]))
    return {c["name"]: [c["nulls"], c["distinct"], c.get("mean")] for c in profile["columns"]}


def mlc_drift():
    report, out = json.load(open(FILES[0])), {}
    for column in report["columns"]:
        name = column["column"]
        wanted = "total_variation" if int(name[1:]) % 3 == 2 else "ks"  # as wide.py lays them out
        out[name] = next(r["value"] for r in column["results"] if r["measure"] == wanted)
    return out


def duckdb_wide():
    import duckdb

    con, out = duckdb.connect(), {}
    con.sql("CREATE TABLE wide AS SELECT * FROM read_csv('%s', header = true)" % FILES[0])
    # One query over all columns takes many times as long as one for each.
    for name, kind, *_ in con.sql("DESCRIBE wide").fetchall():
        mean = "avg(%s)" % name if kind != "VARCHAR" else "NULL"
        out[name] = list(con.sql("SELECT count(*) - count(%s), count(DISTINCT %s), %s FROM wide"
                                 % (name, name, mean)).fetchall()[0])
    return out


def polars_wide():
    import polars as pl

    frame = pl.read_csv(FILES[0])
    return {c: [frame[c].null_count(), frame[c].drop_nulls().n_unique(),
                None if frame[c].dtype == pl.String else frame[c].mean()] for c in frame.columns}


def pandas_wide():
    import pandas as pd

    frame = pd.read_csv(FILES[0], keep_default_na=False, na_values=[""])
    return {c: [int(frame[c].isna().sum()), int(frame[c].nunique()),
                float(frame[c].mean()) if pd.api.types.is_numeric_dtype(frame[c]) else None] for c in frame.columns}


def ks(a, b):
    import numpy as np

    a, b = np.sort(a), np.sort(b)
    both = np.concatenate([a, b])
    return float(np.abs(np.searchsorted(a, both, side="right") / len(a) -
                        np.searchsorted(b, both, side="right") / len(b)).max())


def total_variation(a, b):
    return sum(abs(a.get(k, 0) / sum(a.values()) - b.get(k, 0) / sum(b.values())) for k in {*a, *b}) / 2


def pandas_drift():
    import pandas as pd

    ref, cur = (pd.read_csv(f, keep_default_na=False, na_values=[""]) for f in FILES)
    return {c: ks(ref[c].to_numpy(), cur[c].to_numpy()) if pd.api.types.is_numeric_dtype(ref[c])
            else total_variation(ref[c].value_counts().to_dict(), cur[c].value_counts().to_dict()) for c in ref.columns}


def polars_drift():
    import polars as pl

    ref, cur = (pl.read_csv(f) for f in FILES)
    return {c: ks(ref[c].to_numpy(), cur[c].to_numpy()) if ref[c].dtype != pl.String
            else total_variation(*(dict(x[c].value_counts().iter_rows()) for x in (ref, cur))) for c in ref.columns}


def duckdb_drift():
    import duckdb

    con, out = duckdb.connect(), {}
    for name, file in zip(("ref", "cur"), FILES):
        con.sql("CREATE TABLE %s AS SELECT * FROM read_csv('%s', header = true)" % (name, file))
    for name, kind, *_ in con.sql("DESCRIBE ref").fetchall():
        if kind == "VARCHAR":
            out[name] = total_variation(*(dict(con.sql("SELECT %s, count(*) FROM %s GROUP BY 1" % (name, t)).fetchall())
                                          for t in ("ref", "cur")))
        else:
            out[name] = con.sql(
                "WITH pooled AS (SELECT %s x, sum(a) a, sum(b) b FROM (SELECT %s, 1 a, 0 b FROM ref UNION ALL SELECT %s, 0, 1 "
                "FROM cur) GROUP BY 1) SELECT max(abs(fa - fb)) FROM (SELECT sum(a) OVER w / sum(a) OVER () fa, sum(b) OVER w "
                "/ sum(b) OVER () fb FROM pooled WINDOW w AS (ORDER BY x))" % (name, name, name)).fetchall()[0][0]
    return out


print(json.dumps(globals()["%s_%s" % (ENGINE, TASK)]()))
