#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Answers: how does a newcomer get a running Mortise with one command?
#
# usage: sh packaging/run.sh [--demo] [--stop]
#
# Installs what is missing, builds the release, makes a data directory when there is none, starts
# the server on 127.0.0.1 with the default plugins, waits until it answers and says how to connect.
#
#   --demo   also loads the TPC-H tables, a few megabytes, into your database
#   --stop   stops the server instead
#
# A second run builds what has changed and leaves a server that runs alone; --stop first, to run the
# new build.  Variables: MORTISE_DATA (the data directory), MORTISE_PORT (5433), MORTISE_DEMO_SCALE.
set -eu

cd "$(dirname "$0")/.."
build=build/release
bin=$build/bin
data=${MORTISE_DATA:-$HOME/.local/share/mortise/data}
host=127.0.0.1
port=${MORTISE_PORT:-5433}
answer_seconds_max=60

fail() {
  echo "run.sh: $*" >&2
  exit 1
}

is_running() {
  [ -x $bin/mortise ] && [ -d "$data" ] && $bin/mortise status -D "$data" >/dev/null 2>&1
}

# psql as a script wants it: no start-up file, no decoration, first error ends it.
ask() {
  PGCONNECT_TIMEOUT=5 psql -X -q -A -t -v ON_ERROR_STOP=1 -h $host -p "$port" "$@"
}

answers() {
  [ "$(ask -c 'select 1' 2>/dev/null)" = 1 ]
}

stop_server() {
  [ -x $bin/mortise ] || fail "there is no build to stop a server with"
  if is_running; then
    $bin/mortise stop -D "$data"
    echo "Stopped."
  else
    echo "No server runs on $data."
  fi
}

build_server() {
  if [ -d build ] && [ ! -w build ]; then
    fail "build/ belongs to somebody else; remove it or run as $(stat -c %U build)"
  fi
  echo "Building the release (the first time takes some minutes) ..."
  mkdir -p $build
  log=$build/run.log
  if ! { cmake --preset release -DMORTISE_COMPLETE=ON &&
    cmake --build $build --target mortise-run; } >"$log" 2>&1; then
    grep -E 'error|Error|FAILED' "$log" | head -n 20 >&2 || true
    fail "the build failed; all of it stands in $log"
  fi
}

make_data() {
  # Without that file init has not finished, and goes on from where it was cut off.
  if [ -f "$data/mortise.toml" ]; then
    return
  fi
  mkdir -p "$(dirname "$data")"
  $bin/mortise init -D "$data" || fail "no data directory could be made"
}

start_server() {
  ! answers || fail "another server answers on port $port; stop it or set MORTISE_PORT"
  $bin/mortise start -D "$data" --listen "$host:$port" --set default ||
    fail "the server did not start"
  waited=0
  until answers; do
    [ $waited -lt $((answer_seconds_max * 5)) ] || fail "the server does not answer; see its log"
    waited=$((waited + 1))
    sleep 0.2
  done
}

load_demo() {
  if ask -c 'select 1 from region limit 1' >/dev/null 2>&1; then
    echo "The demo tables are there already."
    return
  fi
  files=$(mktemp -d)
  trap 'rm -rf "$files"' EXIT
  $bin/mortise-tpchgen --quiet --scale "${MORTISE_DEMO_SCALE:-0.01}" --out "$files"
  ask -f bench/tpch/schema.sql
  for table in region nation supplier customer part partsupp orders lineitem; do
    ask -c "\\copy $table from '$files/$table.tsv'"
  done
  echo "The TPC-H tables are loaded; try one of bench/tpch/queries:"
  echo "  psql -h $host -p $port -f bench/tpch/queries/q01.sql"
}

demo=no
stop=no
for argument in "$@"; do
  case $argument in
    --demo) demo=yes ;;
    --stop) stop=yes ;;
    *) sed -n '/^# usage/,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2 ;;
  esac
done

if [ $stop = yes ]; then
  stop_server
  exit 0
fi
sh packaging/install-deps.sh run
build_server
make_data
if is_running; then
  echo "A server runs on $data already; it is left alone."
  answers || fail "it does not answer on port $port"
else
  start_server
fi
[ $demo = no ] || load_demo

echo
echo "Mortise is ready:     psql -h $host -p $port"
echo "The data stands in    $data"
echo "To stop it:           sh packaging/run.sh --stop"
