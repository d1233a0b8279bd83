#!/usr/bin/env bash
# Kubeconfigs, proxies of the environment and credential plugins, each read by kubectl and by mlc: what arrives at a
# recording server must be the same.
. "$(dirname "$0")/lib.sh"
for tool in kubectl python3 openssl; do
  command -v "$tool" >/dev/null && continue
  skip kubeconfig "$tool is not installed"
  totals
  exit
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 "$(dirname "$0")/kubeconfig.py" "${MLC:-build/mlc}" "$folder"
