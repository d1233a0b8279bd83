"""Whether a profile says of a Parquet file what pyarrow's values say: rows, nulls, distinct values, extremes, means.

usage: parquet_profile.py FILE PROFILE.json
"""

import decimal
import json
import math
import sys

import pyarrow as pa
import pyarrow.parquet as pq

path, profile = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
table = pq.read_table(path)
told = {column["name"]: column for column in profile["columns"]}
bad = profile["rows"] != table.num_rows or list(told) != table.column_names


def close(a, b, size):
    return a == b or (a is not None and b is not None and math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-15 * size))


for name, column in zip(table.column_names, table.columns):
    kind = column.type
    if pa.types.is_time(kind) or pa.types.is_timestamp(kind):  # Python has no nanoseconds
        column = column.cast(pa.int64() if kind.bit_width == 64 else pa.int32())
    one, values = told[name], [v for v in column.to_pylist() if v is not None]
    checks = {"nulls": (column.null_count, one["nulls"])}
    numbers = pa.types.is_integer(kind) or pa.types.is_decimal(column.type) or pa.types.is_floating(column.type)
    finite = [v for v in values if not isinstance(v, float) or math.isfinite(v)]
    if not pa.types.is_floating(column.type):
        checks["distinct"] = (len(set(values)), one["distinct"])
    if numbers and values and len(finite) == len(values):
        checks["min"], checks["max"] = (min(values), one["min"]), (max(values), one["max"])
        with decimal.localcontext(prec=60):
            mean = float(sum(decimal.Decimal(str(v)) for v in values) / len(values))
        checks["mean"] = (mean, one["mean"])
    if pa.types.is_date(column.type) and values:
        checks["min"], checks["max"] = (str(min(values)), one["min"]), (str(max(values)), one["max"])
    for what, (want, found) in checks.items():
        if not (want == found or (numbers and close(want, found, max(abs(float(v)) for v in values) if what == "mean" else 0))):
            print(f"{name!r}: {what} is {want}, but the profile says {found}")
            bad = True
sys.exit(bad)
