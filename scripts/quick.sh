#!/usr/bin/env bash
# The contributor's loop: builds what changed, without optimisation, and runs some tests on one driver stack.
#   quick.sh [FILTER]     FILTER=Suite or Suite/test, as `swift test --filter` takes it; everything without one
#   STACK=llvmpipe        or zink, angle, native                SCRATCH=.build      the build folder
#
# As test.sh it runs with the Vulkan validation layer on, and fails if that has anything to say. What times something, and what
# counts allocations, is meant for optimised code: `make test ARGS='--filter …'`.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
filter=${1:-${FILTER:-}}
stack=${STACK:-llvmpipe}
arguments=()
[ -z "$filter" ] || arguments=(--filter "$filter")
# What it says is of use when it fails, and warnings always.
output=$(mktemp)
trap 'rm -f "$output"' EXIT
if ! swift build --build-tests --scratch-path "${SCRATCH:-.build}" >"$output" 2>&1; then
  cat "$output"
  exit 1
fi
grep -E '\.(swift|c|h):[0-9]+:[0-9]+: warning: ' "$output" || true
echo "built in $SECONDS s"
CONFIGURATION=debug exec scripts/test-stack.sh "$stack" ${arguments[@]+"${arguments[@]}"}
