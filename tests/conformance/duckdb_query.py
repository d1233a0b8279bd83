"""Reads one query from standard input, runs it on CSVs as tables, prints the one value that comes back.

usage: duckdb_query.py TABLE CSV [TABLE CSV]...
"""

import sys

import duckdb

# Types that a column without values would not show.
TYPES = {"id": "BIGINT", "grp": "VARCHAR", "x": "DOUBLE", "y": "DOUBLE", "n": "BIGINT", "m": "BIGINT", "word": "VARCHAR",
         "word2": "VARCHAR", "day": "DATE", "flag": "BOOLEAN"}

connection = duckdb.connect()
for table, csv in zip(sys.argv[1::2], sys.argv[2::2]):
    quoted = '"' + table.replace('"', '""') + '"'
    header = open(csv, encoding="utf-8").readline().strip().split(",")
    known = {name: TYPES[name] for name in header} if all(name in TYPES for name in header) else {}
    types = ", types = " + repr(known) if known else ""
    connection.execute(f"CREATE TABLE {quoted} AS SELECT * FROM read_csv(?, header = true, nullstr = ''{types})", [csv])
print(connection.execute(sys.stdin.read()).fetchone()[0])
