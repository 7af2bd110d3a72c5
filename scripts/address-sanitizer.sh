#!/usr/bin/env bash
# Runs tests under the address sanitizer, on one stack:  scripts/address-sanitizer.sh [STACK [FILTER]]
#   By default llvmpipe, and the tests that give drivers and parsers what other processes could give.
#
# Drivers are not built for it, but share the allocator: what they free twice or overrun is found, too. Leaks are not
# looked for, since drivers keep memory. Fails when anything is reported.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
stack=${1:-llvmpipe}
filter=${2:-ExternalImageTests|ExternalFrameTests|PropertyTests|RefusalTests}
scratch=.build-asan
swift build --build-tests --sanitize=address --scratch-path "$scratch"
log=$scratch/address-sanitizer.$stack.log
ASAN_OPTIONS="detect_leaks=0" scripts/stack.sh "$stack" -- env XDG_CACHE_HOME="$PWD/$scratch/cache" \
  swift test --sanitize=address --scratch-path "$scratch" --skip-build --no-parallel --filter "$filter" >"$log" 2>&1 ||
  { grep -A 30 'ERROR: AddressSanitizer' "$log" || tail -n 20 "$log"; exit 1; }
grep 'Test run' "$log" | tail -n 1
reports=$(grep -c 'ERROR: AddressSanitizer' "$log" || true)
echo "$stack: $reports reports of the address sanitizer"
[ "$reports" = 0 ]
