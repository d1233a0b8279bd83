"""Whether two Parquet files hold the same rows and types, as pyarrow and as DuckDB read them.

usage: parquet_same.py FILE COPY
"""

import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

source, copy = sys.argv[1:3]


def flat(table):
    """Without what is no type of the data: dictionaries, sizes of offsets, the writer's own notes."""
    columns = []
    for column in table.columns:
        if isinstance(column.type, pa.BaseExtensionType):
            column = column.cast(column.type.storage_type)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_large_string(column.type):
            column = column.cast(pa.string())
        if pa.types.is_large_binary(column.type):
            column = column.cast(pa.binary())
        columns.append(column.combine_chunks())
    return pa.table(columns, names=table.column_names)


def same(a, b):
    if a.type != b.type or len(a) != len(b):
        return False
    if pa.types.is_floating(a.type):  # NaN and -0.0 count, too
        return [repr(x) for x in a.to_pylist()] == [repr(x) for x in b.to_pylist()]
    return a.equals(b)


left, right = flat(pq.read_table(source)), flat(pq.read_table(copy))
bad = left.column_names != right.column_names
for name, a, b in zip(left.column_names, left.columns, right.columns):
    if not same(a, b):
        print(f"pyarrow: {name!r}: {a.type} {a.to_pylist()[:6]}, but {b.type} {b.to_pylist()[:6]}")
        bad = True
footer = pq.ParquetFile(copy).metadata
for group in range(footer.num_row_groups):
    for i in range(footer.num_columns):
        statistics = footer.row_group(group).column(i).statistics
        if statistics is None or not statistics.has_null_count:
            print(f"{footer.row_group(group).column(i).path_in_schema}: no statistics")
            bad = True
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
files = ["read_parquet('" + path.replace("'", "''") + "')" for path in (source, copy)]
try:
    connection.execute(f"SELECT md5(string_agg(t::VARCHAR)) FROM {files[0]} t").fetchall()
    readable = "INT96" not in str(pq.ParquetFile(source).schema).upper()  # DuckDB cuts their nanoseconds
except duckdb.Error as error:
    print("DuckDB does not read the source:", error)
    readable = False
connection.execute(f"SELECT md5(string_agg(t::VARCHAR)) FROM {files[1]} t").fetchall()
if not readable:
    sys.exit(bad)
types = [connection.execute(f"DESCRIBE SELECT * FROM {file}").fetchall() for file in files]
for a, b in zip(*types):
    if a[1] != b[1] and not (a[1].startswith("ENUM") and b[1] == "VARCHAR"):
        print(f"DuckDB: {a[0]!r}: {a[1]}, but {b[1]}")
        bad = True
for a, b in (files, files[::-1]):
    more = connection.execute(f"SELECT count(*) FROM (SELECT * FROM {a} EXCEPT ALL SELECT * FROM {b})").fetchone()[0]
    if more:
        print(f"DuckDB: {more} rows of {a} are not in {b}")
        bad = True
sys.exit(bad)
