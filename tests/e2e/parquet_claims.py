"""Writes Parquet files that claim far more than they hold: parquet_claims.py KIND ROWS FILE.

Each has one row group of columns whose values are runs of one dictionary entry, so that a few bytes stand for any
number of rows. KIND is
  ints    one column of the number 7
  texts   one column of a text of 100,000 bytes
  pages   four columns, each with a page of zeros that is 1 GiB when it is decompressed (needs zstd)
  lies    as ints, but the page holds ten rows
"""
import subprocess
import sys

I32, I64, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def zigzag(n):
    return varint(n << 1 if n >= 0 else (-n << 1) - 1)


def struct(*fields):
    """Fields as (id, type, encoded value), by Thrift's compact protocol."""
    out, last = b"", 0
    for number, kind, value in fields:
        out += bytes([(number - last) << 4 | kind]) + value
        last = number
    return out + b"\0"


def binary(data):
    return varint(len(data)) + data


def listed(kind, items):
    return bytes([len(items) << 4 | kind]) + b"".join(items)


def page(kind, plain, stored, header_id, header):
    return struct((1, I32, zigzag(kind)), (2, I32, zigzag(plain)), (3, I32, zigzag(stored)), (header_id, STRUCT, header))


def runs(rows):
    """A width of one bit, then runs of index 0, none longer than a reader may expect."""
    out = b"\1"
    while rows > 0:
        now = min(rows, 2**31 - 1)
        out += varint(now << 1) + b"\0"
        rows -= now
    return out


def zeros_page():
    """1 GiB of zeros by zstd: the first 16 KiB say all."""
    zeros = subprocess.Popen(["head", "-c", str(2**30 - 1), "/dev/zero"], stdout=subprocess.PIPE)
    return subprocess.run(["zstd", "-q", "-c", "-1"], stdin=zeros.stdout, capture_output=True, check=True).stdout


def main():
    kind, rows, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    physical = 6 if kind == "texts" else 1
    entry = (100000).to_bytes(4, "little") + b"x" * 100000 if kind == "texts" else (7).to_bytes(4, "little")
    data, names, chunks = b"PAR1", [], []
    zeros = zeros_page() if kind == "pages" else b""
    for column in range(4 if kind == "pages" else 1):
        name = b"c%d" % column
        start = len(data)
        if kind == "pages":
            data += page(0, 2**30 - 1, len(zeros), 5, struct((1, I32, zigzag(rows)), (2, I32, zigzag(0)), (3, I32, zigzag(3)), (4, I32, zigzag(3)))) + zeros
            where = [(9, I64, zigzag(start))]
        else:
            data += page(2, len(entry), len(entry), 7, struct((1, I32, zigzag(1)), (2, I32, zigzag(0)))) + entry
            first = len(data)
            indices = runs(10 if kind == "lies" else rows)
            held = 10 if kind == "lies" else min(rows, 2**31 - 1)
            data += page(0, len(indices), len(indices), 5, struct((1, I32, zigzag(held)), (2, I32, zigzag(8)), (3, I32, zigzag(3)), (4, I32, zigzag(3)))) + indices
            where = [(9, I64, zigzag(first)), (11, I64, zigzag(start))]
        size = zigzag(len(data) - start)
        codec = 6 if kind == "pages" else 0
        meta = struct((1, I32, zigzag(physical)), (2, LIST, listed(I32, [zigzag(0)])), (3, LIST, listed(BINARY, [binary(name)])),
                      (4, I32, zigzag(codec)), (5, I64, zigzag(rows)), (6, I64, size), (7, I64, size), *where)
        chunks.append(struct((2, I64, zigzag(start)), (3, STRUCT, meta)))
        names.append(struct((1, I32, zigzag(physical)), (3, I32, zigzag(0)), (4, BINARY, binary(name))))
    root = struct((4, BINARY, binary(b"schema")), (5, I32, zigzag(len(names))))
    group = struct((1, LIST, listed(STRUCT, chunks)), (2, I64, zigzag(len(data))), (3, I64, zigzag(rows)))
    footer = struct((1, I32, zigzag(1)), (2, LIST, listed(STRUCT, [root, *names])), (3, I64, zigzag(rows)),
                    (4, LIST, listed(STRUCT, [group])))
    with open(path, "wb") as out:
        out.write(data + footer + len(footer).to_bytes(4, "little") + b"PAR1")


main()
