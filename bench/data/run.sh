#!/bin/sh
# The data benchmark in one go: the suite over ROWS rows in mlc and in its peers one after the other, with figures
# compared; its time over a fifth of the rows; 1,000 columns by ROWS / 50; drift of 100 columns by ROWS / 5. Prints CPU
# seconds (least), wall seconds (best) and peak resident MB of each.
#
#   bench/data/run.sh [ROWS [RUNS]]        default 5000000 rows, 3 runs (wide and drift: one)
#
# MLC_SHARED   the folder with reference/data/bench (default ../shared)
# BENCH_DIR    where data and the virtual environment go (default build/bench/data)
# PEERS        which peers to run (default "duckdb polars pandas"; "" for none)
# PARTS        what to run (default "suite wide drift")
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
shared=${MLC_SHARED:-$root/../shared}
work=${BENCH_DIR:-$root/build/bench/data}
rows=${1:-5000000}
runs=${2:-3}
peers=${PEERS-duckdb polars pandas}
parts=${PARTS:-suite wide drift}
source=$shared/reference/data/bench
mlc=$root/build/mlc
if [ ! -f "$source/gen_bench.c" ]; then
    echo "bench/data: skipped, $source/gen_bench.c is not there (MLC_SHARED names the folder)" >&2
    exit 0
fi
mkdir -p "$work"
make -C "$root" B="$root/build" "$mlc" "$root/build/tests/data_bench" >/dev/null
${CC:-cc} -O2 -o "$work/gen_bench" "$source/gen_bench.c" -lm
if [ -n "$peers" ] && [ ! -x "$work/venv/bin/python" ]; then
    python3 -m venv "$work/venv"
fi
for peer in $peers; do
    "$work/venv/bin/python" -c "import $peer" 2>/dev/null || "$work/venv/bin/pip" install -q "$peer" pyarrow
done
python=$work/venv/bin/python
[ -x "$python" ] || python=python3
failed=0

# timed NAME OUT COMMAND...: appends the times of a run.
timed() {
    name=$1 out=$2
    shift 2
    python3 "$here/timed.py" "$name" "$work/times" "$@" >"$out"
}
# input FILE MAKER...: makes a file once; then the page cache is warm for everybody.
input() {
    file=$1
    shift
    [ -f "$file" ] || { "$@" >"$file.part" && mv "$file.part" "$file"; }
    cat "$file" >/dev/null
}
suite() { # ROWS RUNS PEERS: the suite over a file of so many rows
    input "$work/bench-$1.csv" "$work/gen_bench" "$1" 42 1
    echo "suite: $1 rows, $(wc -c <"$work/bench-$1.csv") bytes"
    rm -f "$work/times"
    for run in $(seq "$2"); do
        timed check "$work/none" "$mlc" data check --suite "$work/suite.json" --samples 0 --format json -o "$work/result.json" "$file"
        timed engine "$work/engine.json" "$root/build/tests/data_bench" "$file" "$source/ref_profile.json"
        for peer in $3; do
            timed "$peer" "$work/$peer.json" "$python" "$here/peer.py" "$peer" "$file" "$source/ref_profile.json"
        done
    done
    python3 "$here/suite.py" figures "$work/result.json" >"$work/check.json"
    python3 "$here/report.py" "$work" check engine $3 || failed=1
}
table() { # TASK FILE...: wide or drift, by mlc's result and by peers
    task=$1
    shift
    rm -f "$work/times"
    if [ "$task" = wide ]; then
        timed mlc "$work/none" "$mlc" data profile --format json -o "$work/result.json" "$@"
    else
        timed mlc "$work/none" "$mlc" data drift --share 2 --measure ks --measure total_variation --format json \
            -o "$work/result.json" "$@"
    fi
    python3 "$here/tables.py" mlc "$task" "$work/result.json" >"$work/mlc.json"
    for peer in $peers; do
        timed "$peer" "$work/$peer.json" "$python" "$here/tables.py" "$peer" "$task" "$@"
    done
    python3 "$here/report.py" "$work" mlc $peers || failed=1
}

echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, $(awk '/MemTotal/ { printf "%.1f", $2 / 1048576 }' /proc/meminfo) GiB, load $(cut -d' ' -f1-3 /proc/loadavg)"
echo "versions: $("$mlc" --version), $($python --version)$(for peer in $peers; do "$python" -c "import $peer; print(',', '$peer', $peer.__version__)"; done | tr -d '\n' | sed 's/ ,/,/g')"
case $parts in *suite*)
    python3 "$here/suite.py" write "$source/ref_profile.json" >"$work/suite.json"
    suite "$((rows / 5))" "$runs" ""
    suite "$rows" "$runs" "$peers"
    ;;
esac
case $parts in *wide*)
    input "$work/wide-$rows.csv" python3 "$here/wide.py" "$((rows / 50))" 1000 0
    echo "wide: 1000 columns by $((rows / 50)) rows, $(wc -c <"$file") bytes: nulls, distinct values and means (mlc: the whole profile)"
    table wide "$file"
    ;;
esac
case $parts in *drift*)
    input "$work/drift-$rows-0.csv" python3 "$here/wide.py" "$((rows / 5))" 100 0
    input "$work/drift-$rows-1.csv" python3 "$here/wide.py" "$((rows / 5))" 100 1
    echo "drift: 100 columns by $((rows / 5)) rows on both sides, $(wc -c <"$file") bytes each: ks and total variation"
    table drift "$work/drift-$rows-0.csv" "$work/drift-$rows-1.csv"
    ;;
esac
echo "load now: $(cut -d' ' -f1-3 /proc/loadavg)"
rm -f "$work/times" "$work/none"
exit "$failed"
