#!/bin/sh
# The data benchmark: generates the file, runs mlc and the peers over the same suite one after the other, and
# compares their figures. Prints a table of CPU seconds (least), wall seconds (best) and peak resident MB.
#
#   bench/data/run.sh [ROWS [RUNS]]        default 5000000 rows, 3 runs
#
# MLC_SHARED   the folder with reference/data/bench (default ../shared)
# BENCH_DIR    where data and the virtual environment go (default build/bench/data)
# PEERS        which peers to run (default "duckdb polars pandas"; "" for none)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
shared=${MLC_SHARED:-$root/../shared}
work=${BENCH_DIR:-$root/build/bench/data}
rows=${1:-5000000}
runs=${2:-3}
peers=${PEERS-duckdb polars pandas}
source=$shared/reference/data/bench
if [ ! -f "$source/gen_bench.c" ]; then
    echo "bench/data: skipped, $source/gen_bench.c is not there (MLC_SHARED names the folder)" >&2
    exit 0
fi
mkdir -p "$work"
make -C "$root" B="$root/build" "$root/build/tests/data_bench" >/dev/null
${CC:-cc} -O2 -o "$work/gen_bench" "$source/gen_bench.c" -lm
file=$work/bench-$rows.csv
[ -f "$file" ] || "$work/gen_bench" "$rows" 42 1 >"$file"
cat "$file" >/dev/null # the page cache is warm for everybody
if [ -n "$peers" ] && [ ! -x "$work/venv/bin/python" ]; then
    python3 -m venv "$work/venv"
fi
for peer in $peers; do
    "$work/venv/bin/python" -c "import $peer" 2>/dev/null || "$work/venv/bin/pip" install -q "$peer" pyarrow
done

echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
echo "input: $rows rows, $(wc -c <"$file") bytes"
for run in $(seq "$runs"); do
    /usr/bin/time -f "mlc %U %S %e %M" -a -o "$work/times" "$root/build/tests/data_bench" "$file" \
        "$source/ref_profile.json" >"$work/mlc.json"
    for peer in $peers; do
        /usr/bin/time -f "$peer %U %S %e %M" -a -o "$work/times" "$work/venv/bin/python" "$here/peer.py" "$peer" \
            "$file" "$source/ref_profile.json" >"$work/$peer.json"
    done
done
python3 "$here/report.py" "$work" mlc $peers
rm -f "$work/times"
