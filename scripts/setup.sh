#!/usr/bin/env bash
# Installs what mlc needs from Debian's packages, once: setup.sh build
# As root or by sudo; otherwise it says what is missing.
set -euo pipefail

packages=(
  gcc make flex bison pkg-config python3 git ca-certificates
  libyaml-dev libssl-dev libutf8proc-dev libcmocka-dev
  libpcre2-dev zlib1g-dev libzstd-dev libsnappy-dev libsqlite3-dev libcurl4-openssl-dev
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && command -v sudo >/dev/null; }; then
    echo "mlc needs these Debian packages: ${missing[*]}" >&2
    echo "Install them as root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  sudo=(sudo)
fi
echo "Installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${sudo[@]}" apt-get update -qq && "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  exit 1
fi
