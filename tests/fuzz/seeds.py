"""Writes the seeds of the fuzz targets data_csv, data_jsonl and data_parquet into corpus/.

Needs pyarrow and the zstd program. The seeds stay as they are in the repository: run this only to add some. The first
byte of a CSV or JSONL seed chooses options (fuzz_chosen in data_table.h).
"""
import datetime as dt
import decimal
import gzip
import pathlib
import subprocess
import pyarrow as pa
import pyarrow.parquet as pq

CORPUS = pathlib.Path(__file__).parent / "corpus"
D = decimal.Decimal
ROWS = 9


def text_seed(target, name, choice, data):
    (CORPUS / target / name).write_bytes(bytes([choice]) + data)


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def csv_seeds():
    typed = (
        "a,b,c,date,time,flag,text\r\n"
        '1,0.50,2024-01-31T13:45:59Z,2024-02-29,23:59:59.5,true,"x ""y"", z"\r\n'
        "-9223372036854775808,-12.25,1969-12-31 23:59:59.999999999,0001-01-01,00:00,false,\u00e9\r\n"
        "NA,,,-,,,\r\n"
    ).encode()
    text_seed("data_csv", "typed.csv", 0, typed)
    text_seed("data_csv", "typed-declared.csv", 4 | 16, typed)
    text_seed("data_csv", "typed-strings.csv", 12, typed)
    text_seed("data_csv", "mark.csv", 1, b"\xef\xbb\xbf" + typed)
    text_seed("data_csv", "utf16.csv", 0, b"\xff\xfe" + typed.decode().encode("utf-16-le")[:40])
    text_seed("data_csv", "semicolon.csv", 32, b"a;b;c\n1;2,5;'x;y'\n3;;\n;\n1;2;3;4\n")
    text_seed("data_csv", "bar-single.csv", 96 | 128, b"a|b|c\n'p|q'|'it''s'|3\n'line\nend'|2|\n")
    text_seed("data_csv", "tab.csv", 0, b"a\tb\n1\t2\n3\t4\n")
    text_seed("data_csv", "headless.csv", 2 | 4, b"1.5,2024-01-31,true\nx,2024-13-01,maybe\n")
    text_seed("data_csv", "one-column.csv", 0, b"a\n1\n\n2\n\"\"\n3")
    text_seed("data_csv", "widen.csv", 0, b"a,b,c\n" + b"1,1,2024-01-01\n" * 3 + b"1.5,x,2024-01-01T00:00:00Z\n")
    text_seed("data_csv", "wide-numbers.csv", 0,
              b"a,b\n99999999999999999999999999999999999999,1e308\n0.00000000000000000001,-1e-400\nnan,inf\n007,+1\n")
    text_seed("data_csv", "names.csv", 1, b"a,a,,a_2,\n1,2,3,4,5\n")
    text_seed("data_csv", "nul.csv", 0, b"a,b\n\0,x\0y\n\xff\xfe,\xed\xa0\x80\n")
    text_seed("data_csv", "open-quote.csv", 0, b'a,b\n1,"x\n2,y\n')
    text_seed("data_csv", "members.csv.gz", 0, gzip.compress(b"a,b\n1,2\n", mtime=0) + gzip.compress(b"3,4\n", mtime=0))
    text_seed("data_csv", "frames.csv.zst", 0, zstd(b"a,b\n1,2\n") + zstd(b"3,4\n"))
    text_seed("data_csv", "cut.csv.zst", 0, zstd(typed)[:-9])


def jsonl_seeds():
    typed = (
        '{"a":1,"b":"0.50","c":"2024-01-31T13:45:59Z","flag":true,"nested":{"x":[1,{"y":null}]}}\n'
        '{"c":"1969-12-31 23:59:59.999999999","a":-9223372036854775808,"new":1e308,"b":12.25}\r\n'
        '{"a":null,"text":"\\u00e9\\ud83d\\ude00\\n\\"\\\\","empty":{},"list":[]}\n'
        "\n  \n"
        '{"a":2,"a":3}\n'
    ).encode()
    text_seed("data_jsonl", "typed.jsonl", 0, typed)
    text_seed("data_jsonl", "typed-declared.jsonl", 4 | 16, typed)
    text_seed("data_jsonl", "typed-strings.jsonl", 12, typed)
    text_seed("data_jsonl", "wrong.jsonl", 0,
              b'{"a":1\n[1]\n{"a":01}\n{"a":"\\ud800"}\n{"a":"\x01"}\n{"a":nul}\n{"a":1}x\n{"\\u0061":5,}\n"x"\n{"a":"\xff"}\n')
    text_seed("data_jsonl", "widen.jsonl", 0, b'{"a":1}\n{"a":1.5}\n{"a":"x"}\n{"b":99999999999999999999}\n')
    text_seed("data_jsonl", "deep.jsonl", 0, b'{"a":' + b"[" * 40 + b"1" + b"]" * 40 + b"}\n")
    text_seed("data_jsonl", "mark.jsonl", 0, b'\xef\xbb\xbf{"a":1}')
    text_seed("data_jsonl", "members.jsonl.gz", 0, gzip.compress(b'{"a":1}\n', mtime=0) + gzip.compress(b'{"a":2}', mtime=0))
    text_seed("data_jsonl", "frames.jsonl.zst", 0, zstd(b'{"a":1}\n{"b":"x"}\n'))


def values(make, gap=3):
    return [None if gap and i % 4 == gap else make(i) for i in range(ROWS)]


STAMP = 1577836800 * 10**6
COLUMNS = {
    "bool": (values(lambda i: i % 3 == 0), pa.bool_()),
    "i8": (values(lambda i: i - 4), pa.int8()),
    "u32": (values(lambda i: 4294967295 - i), pa.uint32()),
    "i32": (values(lambda i: i * 7919), pa.int32()),
    "i64": (values(lambda i: (i - 4) * 1000003**2), pa.int64()),
    "u64": (values(lambda i: 18446744073709551615 - i), pa.uint64()),
    "f16": (values(lambda i: i / 4), pa.float16()),
    "f32": (values(lambda i: i / 8), pa.float32()),
    "f64": (values(lambda i: i * 0.375), pa.float64()),
    "text": (values(lambda i: "value %d" % (i % 3)), pa.string()),
    "fixed": (values(lambda i: b"%04d" % i), pa.binary(4)),
    "date": (values(lambda i: dt.date(1969, 12, 30) + dt.timedelta(days=i)), pa.date32()),
    "time": (values(lambda i: i * 1000001), pa.time64("us")),
    "us": (values(lambda i: STAMP + i), pa.timestamp("us", "UTC")),
    "ns": (values(lambda i: STAMP * 1000 + i), pa.timestamp("ns")),
    "ms": (values(lambda i: STAMP // 1000 + i), pa.timestamp("ms")),
    "dec9": (values(lambda i: D(i - 4) / 100), pa.decimal128(9, 2)),
    "dec38": (values(lambda i: D(-i * 10**20)), pa.decimal128(38, 0)),
    "must": (values(lambda i: i, gap=0), pa.int32()),
    "none": (values(lambda i: None), pa.int64()),
}


def parquet_seed(name, columns, **options):
    arrays = {c: pa.array(*COLUMNS[c]) for c in columns}
    fields = [pa.field(c, COLUMNS[c][1], nullable=c != "must") for c in columns]
    options = {"use_dictionary": False, "compression": "none", "write_statistics": False, **options}
    pq.write_table(pa.table(arrays, pa.schema(fields)), CORPUS / "data_parquet" / name, store_schema=False, **options)


def parquet_seeds():
    for column in COLUMNS:
        parquet_seed("plain-%s.parquet" % column, [column])
    for codec in ("snappy", "gzip", "zstd"):
        parquet_seed("codec-%s.parquet" % codec, ["text", "i64"], compression=codec, use_dictionary=True)
    for page in ("1.0", "2.0"):
        v = page[0]
        parquet_seed("dictionary-v%s.parquet" % v, ["text", "i32"], use_dictionary=True, data_page_version=page)
        parquet_seed("delta-v%s.parquet" % v, ["i32", "i64"], data_page_version=page,
                     column_encoding={"i32": "DELTA_BINARY_PACKED", "i64": "DELTA_BINARY_PACKED"})
        parquet_seed("lengths-v%s.parquet" % v, ["text"], data_page_version=page,
                     column_encoding={"text": "DELTA_LENGTH_BYTE_ARRAY"})
        parquet_seed("prefixes-v%s.parquet" % v, ["text", "fixed"], data_page_version=page,
                     column_encoding={"text": "DELTA_BYTE_ARRAY", "fixed": "DELTA_BYTE_ARRAY"})
        parquet_seed("split-v%s.parquet" % v, ["f32", "f64", "i32", "fixed"], data_page_version=page,
                     column_encoding={c: "BYTE_STREAM_SPLIT" for c in ("f32", "f64", "i32", "fixed")})
        parquet_seed("runs-v%s.parquet" % v, ["bool"], data_page_version=page, column_encoding={"bool": "RLE"})
    parquet_seed("statistics.parquet", ["i32", "f64", "text", "dec38"], write_statistics=True)
    parquet_seed("groups.parquet", ["i32", "text"], row_group_size=4, use_dictionary=True)
    parquet_seed("int96.parquet", ["us"], use_deprecated_int96_timestamps=True)
    parquet_seed("stored-decimals.parquet", ["dec9"], store_decimal_as_integer=True)


csv_seeds()
jsonl_seeds()
parquet_seeds()
