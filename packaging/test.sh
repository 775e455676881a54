#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Answers: does everything build, and do all tests pass?
#
# usage: sh packaging/test.sh [arguments for ctest]
#
# Installs what is missing, builds the release with its tests and runs them all through CTest.
# Prints the time of each phase.  Arguments go to CTest: `sh packaging/test.sh -R tidy`.
set -eu

cd "$(dirname "$0")/.."
build=build/release
jobs=$(nproc)
phases=""

# Runs a phase and remembers its time; ends the script with its status when it fails.
phase() {
  name=$1
  shift
  echo "== $name"
  begin=$(date +%s)
  status=0
  "$@" || status=$?
  seconds=$(($(date +%s) - begin))
  phases="$phases$(printf '%-12s %4d s' "$name" $seconds)
"
  if [ $status -ne 0 ]; then
    printf '\n%sFAILED in: %s\n' "$phases" "$name"
    exit $status
  fi
}

configure() {
  cmake --preset release -DMORTISE_COMPLETE=ON >$build/configure.log 2>&1 || {
    cat $build/configure.log
    return 1
  }
  grep 'left out' $build/configure.log || true
}

compile() {
  cmake --build $build -- -j "$jobs"
}

run_tests() {
  ctest --test-dir $build -j "$jobs" --output-on-failure --output-junit tests.xml "$@"
}

if [ -d build ] && [ ! -w build ]; then
  echo "test.sh: build/ belongs to somebody else; remove it or run as $(stat -c %U build)" >&2
  exit 1
fi
mkdir -p $build
phase dependencies sh packaging/install-deps.sh test
phase configure configure
phase build compile
phase tests run_tests "$@"
printf '\n%sAll is well.\n' "$phases"
