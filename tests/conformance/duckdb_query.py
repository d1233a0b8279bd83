"""Reads one query from standard input, runs it on a CSV as a table, prints the one value that comes back.

usage: duckdb_query.py TABLE CSV
"""

import sys

import duckdb

table, csv = sys.argv[1:3]
connection = duckdb.connect()
quoted = '"' + table.replace('"', '""') + '"'
connection.execute(f"CREATE TABLE {quoted} AS SELECT * FROM read_csv(?, header = true, nullstr = '')", [csv])
print(connection.execute(sys.stdin.read()).fetchone()[0])
