#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Answers: is everything installed that building, running or testing Mortise needs?
#
# usage: sh packaging/install-deps.sh run|test
#
# Installs what is missing with apt, as root or through sudo; says nothing when nothing is missing.
# `run`: to build and run the server; `test`: also what the tests use.  Debian 12 package names.
set -eu

# Compilers and build tools; then one line per library, in the order of docs/ARCHITECTURE.md 3.
run_packages="
  build-essential cmake ninja-build pkg-config ccache mold
  libboost-dev libboost-filesystem-dev libboost-program-options-dev
  libsqlite3-dev libssl-dev
  liblz4-dev libzstd-dev libxxhash-dev
  libpg-query-dev libsimdjson-dev libre2-dev
  libtomlplusplus-dev libhwy-dev libfmt-dev libspdlog-dev liburing-dev
  postgresql-client-15
"
test_packages="
  git python3 doctest-dev libbenchmark-dev libpq-dev postgresql-15
"

case "${1:-}" in
  run) packages="$run_packages" ;;
  test) packages="$run_packages $test_packages" ;;
  *) echo "usage: install-deps.sh run|test" >&2; exit 2 ;;
esac

missing=""
for package in $packages; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null; then
  as_root="sudo"
else
  echo "These packages are missing, and neither root nor sudo is here to install them:" >&2
  echo "  apt-get install$missing" >&2
  exit 1
fi

echo "Installing:$missing"
# `env`, because sudo passes no variables on.
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
# shellcheck disable=SC2086  # a list of names
$as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get -qq install -y --no-install-recommends $missing </dev/null >/dev/null || {
  echo "apt could not install:$missing" >&2
  exit 1
}
