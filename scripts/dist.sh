#!/usr/bin/env bash
# A portable archive of the stripped binary, with checksums: dist.sh MLC FOLDER VERSION
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(realpath "$1") folder=$2 version=$3
name="mlc-$version-linux-$(uname -m)"
rm -rf "$folder"
mkdir -p "$folder/$name/bin"
strip -o "$folder/$name/bin/mlc" "$binary"
cp LICENSE NOTICE README.md "$folder/$name/"
cp Dockerfile "$folder/"

# Few dynamic dependencies: the C library and nothing else, so that it starts fast on any Linux of its age.
others=$(objdump -p "$folder/$name/bin/mlc" | sed -n 's/^ *NEEDED *//p' | grep -vE '^(libc|libm|ld-linux.*)\.so' || true)
if [ -n "$others" ]; then
  echo "the binary needs more than the C library: $others" >&2
  exit 1
fi

# The same inputs give the same bytes: fixed order, owner and time.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime='2026-01-01 00:00:00Z' \
  -C "$folder" -c "$name" | gzip -n -9 >"$folder/$name.tar.gz"
rm -r "${folder:?}/$name"
(cd "$folder" && sha256sum "$name.tar.gz" >SHA256SUMS)
echo "$folder/$name.tar.gz"
cat "$folder/SHA256SUMS"
