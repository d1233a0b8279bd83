"""Reads one query from standard input, runs it on the table of a folder (table.sql, data.csv), prints the one value.

usage: duckdb_table.py FOLDER
"""

import csv
import sys

import duckdb

folder = sys.argv[1]
connection = duckdb.connect()
connection.execute(open(f"{folder}/table.sql", encoding="utf-8").read())
with open(f"{folder}/data.csv", newline="", encoding="utf-8") as file:
    rows = [[cell if cell else None for cell in row] for row in csv.reader(file)][1:]
if rows:
    connection.executemany(f"insert into d values ({', '.join('?' * len(rows[0]))})", rows)
print(connection.execute(sys.stdin.read()).fetchone()[0])
