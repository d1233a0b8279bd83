"""Writes Parquet files by pyarrow, DuckDB and Polars: good/NAME.parquet, and bad/NAME.parquet with bad.tsv, which says
what the message about each must name.

usage: parquet_files.py FOLDER
"""

import datetime as dt
import decimal
import os
import struct
import sys
import uuid

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption

ROWS = 700
D = decimal.Decimal
os.chdir(sys.argv[1])
os.makedirs("good", exist_ok=True)
os.makedirs("bad", exist_ok=True)


def column(make, kind, gap=7):
    return pa.array([None if gap and i % gap == 3 else make(i) for i in range(ROWS)], kind)


COLUMNS = {
    "bool": column(lambda i: i % 3 == 0, pa.bool_()),
    "i8": column(lambda i: i % 256 - 128, pa.int8()),
    "i16": column(lambda i: i * 93 - 32768, pa.int16()),
    "i32": column(lambda i: (i * 7919 % 100003 - 50000) * 40000, pa.int32()),
    "i64": column(lambda i: (i - 350) * 2635358934068364, pa.int64()),
    "u8": column(lambda i: i % 256, pa.uint8()),
    "u16": column(lambda i: 65535 - i, pa.uint16()),
    "u32": column(lambda i: 4294967295 - i * i, pa.uint32()),
    "u64": column(lambda i: 18446744073709551615 - i * 10**16, pa.uint64()),
    "f16": column(lambda i: np.float16((i - 350) / 8), pa.float16()),
    "f32": column(lambda i: (i - 350) / 7, pa.float32()),
    "f64": column(lambda i: [0.1, -0.0, 1e308, 5e-324, float("inf"), float("-inf"), float("nan")][i % 7], pa.float64(), gap=5),
    "text": column(lambda i: ["", "a", "é", "日本", "😀 x", "a\nb", "\x01"][i % 7], pa.string(), gap=5),
    "prefix": column(lambda i: f"a common beginning {i:05d}", pa.large_string()),
    "bytes": column(lambda i: bytes([i % 256, 0, 255]), pa.binary()),
    "fixed": column(lambda i: struct.pack(">I", i), pa.binary(4)),
    "date": column(lambda i: dt.date(1, 1, 1) + dt.timedelta(days=i * 5000), pa.date32()),
    "t_ms": column(lambda i: i * 123456, pa.time32("ms")),
    "t_us": column(lambda i: i * 123456789, pa.time64("us")),
    "t_ns": column(lambda i: i * 123456789012, pa.time64("ns")),
    "ts_ms": column(lambda i: i * 10**10 - 10**12, pa.timestamp("ms")),
    "ts_us": column(lambda i: i * 10**13 - 10**15 + 1, pa.timestamp("us")),
    "ts_ns": column(lambda i: i * 10**16 - 10**18 + 1, pa.timestamp("ns")),
    "utc_us": column(lambda i: i * 10**13 + 1, pa.timestamp("us", "UTC")),
    "d9": column(lambda i: D(i - 350) / 100, pa.decimal128(9, 2)),
    "d18": column(lambda i: D((i - 350) * 10**15) / 10**6, pa.decimal128(18, 6)),
    "d38": column(lambda i: D((i - 350) * 10**35) / 10**18, pa.decimal128(38, 18)),
    "none": pa.nulls(ROWS),
    "all_null": column(lambda i: None, pa.int32(), gap=1),
    "must": column(lambda i: i, pa.int64(), gap=0),
}
table = pa.table(COLUMNS)
plain = table.drop_columns(["f16", "none"])  # what format 1.0 and other writers can say


def good(name, data, **options):
    pq.write_table(data, f"good/{name}.parquet", **options)


small = dict(row_group_size=64, data_page_size=300)
for version in ("1.0", "2.0"):
    for codec in ("NONE", "SNAPPY", "GZIP", "ZSTD"):
        good(f"arrow-v{version[0]}-{codec.lower()}", table, compression=codec, data_page_version=version, **small)
    good(f"arrow-v{version[0]}-nodictionary", table, use_dictionary=False, data_page_version=version, **small)
    ints = [n for n, c in COLUMNS.items() if c.type in (pa.int8(), pa.int32(), pa.int64(), pa.uint64(), pa.date32())]
    encodings = {n: "DELTA_BINARY_PACKED" for n in ints}
    encodings |= {"text": "DELTA_LENGTH_BYTE_ARRAY", "prefix": "DELTA_BYTE_ARRAY", "bytes": "DELTA_BYTE_ARRAY",
                  "fixed": "DELTA_BYTE_ARRAY", "f32": "BYTE_STREAM_SPLIT", "f64": "BYTE_STREAM_SPLIT",
                  "f16": "BYTE_STREAM_SPLIT", "must": "BYTE_STREAM_SPLIT", "bool": "RLE", "d38": "BYTE_STREAM_SPLIT"}
    good(f"arrow-v{version[0]}-delta", table, use_dictionary=False, column_encoding=encodings, data_page_version=version, **small)
good("arrow-format1", plain.drop_columns(["ts_ns", "t_ns"]), version="1.0")
good("arrow-int96", table.select(["must", "ts_ns"]), use_deprecated_int96_timestamps=True)
good("arrow-decimal-ints", table.select(["d9", "d18", "d38"]), store_decimal_as_integer=True)
good("arrow-many-groups", table, row_group_size=1)
good("arrow-one-page", table, data_page_size=1 << 30)
good("arrow-dictionary", pa.table({"c": COLUMNS["text"].dictionary_encode(), "n": COLUMNS["i64"]}))
good("arrow-extremes", pa.table({
    "i64": pa.array([-(2**63), 2**63 - 1, None, 0]), "u64": pa.array([0, 2**64 - 1, None, 2**63], pa.uint64()),
    "d38": pa.array([D("-99999999999999999999.999999999999999999"), D("99999999999999999999.999999999999999999"), None, D(0)],
                    pa.decimal128(38, 18)),
    "ts": pa.array([-(2**63) + 1, 2**63 - 1, None, 0], pa.timestamp("ns"))}))
good("arrow-names", pa.table({"a b": [1], 'q"uote': [2], "<script>": [3], "": [4], "x.y": [5], "ж日本😀": [6], "a\nb": [7]}))
good("arrow-uuid", pa.table({"id": pa.array([uuid.UUID(int=i * 2**100 + i).bytes for i in range(50)], pa.uuid())}))
good("arrow-json", pa.table({"j": pa.array(['{"a": 1}', None, "[]"], pa.json_())}))

connection = duckdb.connect()
connection.register("t1", plain)
connection.register("t2", plain.drop_columns(["i32", "u32", "all_null"]))  # pyarrow cannot read DuckDB's deltas of these
for version in ("V1", "V2"):
    for codec in ("uncompressed", "snappy", "gzip", "zstd"):
        connection.execute(f"COPY t{version[1]} TO 'good/duckdb-{version.lower()}-{codec}.parquet' (FORMAT parquet, "
                           f"PARQUET_VERSION {version}, CODEC '{codec}', ROW_GROUP_SIZE 2048)")
connection.execute("COPY (SELECT i::HUGEINT % 7 AS h, uuid() AS u, ('2024-01-01'::TIMESTAMPTZ + to_seconds(i)) AS z, "
                   "'x'::VARCHAR AS same, i % 2 = 0 AS b FROM range(5000) r(i)) TO 'good/duckdb-more.parquet' (FORMAT parquet)")
frame = pl.from_arrow(plain.drop_columns(["fixed"]))
for codec in ("uncompressed", "snappy", "gzip", "zstd"):
    frame.write_parquet(f"good/polars-{codec}.parquet", compression=codec, row_group_size=100, data_page_size=512)

refused = []


def bad(name, needle, data=None, **options):
    if data is not None:
        pq.write_table(data, f"bad/{name}.parquet", **options)
    refused.append((name, needle))


one = pa.table({"fine": [1, 2], "text": ["a", "b"]})
bad("lz4", '"fine"', one, compression="LZ4")
bad("brotli", '"fine"', one, compression="BROTLI")
bad("list", '"l"', pa.table({"l": [[1], [2]]}))
bad("struct", '"s"', pa.table({"s": [{"a": 1}]}))
bad("map", '"m"', pa.table({"m": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int32()))}))
with open("bad/empty.parquet", "wb"):
    pass
bad("empty", "no Parquet file")
whole = open("good/arrow-v1-snappy.parquet", "rb").read()
for name, data, needle in (("truncated", whole[: len(whole) // 2], "PAR1"), ("tail", whole[-2000:], ""),
                           ("magic", b"PAR1PAR1PAR1", ""), ("zeros", b"PAR1" + bytes(4000) + b"PAR1", "")):
    with open(f"bad/{name}.parquet", "wb") as out:
        out.write(data)
    bad(name, needle)


class Client(encryption.KmsClient):
    """Keys wrapped by nothing: enough to write an encrypted file."""

    def __init__(self, config):
        encryption.KmsClient.__init__(self)

    def wrap_key(self, key, name):
        return b"0" + key

    def unwrap_key(self, key, name):
        return key[1:]


factory = encryption.CryptoFactory(Client)
for name, footer in (("encrypted", False), ("encrypted-column", True)):
    config = encryption.EncryptionConfiguration(footer_key="k", column_keys={"k": ["text"]}, plaintext_footer=footer)
    keys = factory.file_encryption_properties(encryption.KmsConnectionConfig(), config)
    with pq.ParquetWriter(f"bad/{name}.parquet", one.schema, encryption_properties=keys) as writer:
        writer.write_table(one)
    bad(name, "encrypted")
with open("bad.tsv", "w", encoding="utf-8") as out:
    for name, needle in refused:
        out.write(f"{name}\t{needle}\n")
