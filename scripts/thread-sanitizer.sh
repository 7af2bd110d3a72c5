#!/usr/bin/env bash
# Runs tests under the thread sanitizer, on one stack:  scripts/thread-sanitizer.sh [STACK [FILTER]]
#   By default llvmpipe, and the tests in which producers and consumers are on different threads.
#
# Drivers are not built for it: what races inside them is left out. Fails when anything of this package's is reported.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
stack=${1:-llvmpipe}
filter=${2:-SlowConsumer|framesCrossThreads|RuntimeFallback}
scratch=.build-tsan
swift build --build-tests --sanitize=thread -Xswiftc -DTHREAD_SANITIZER --scratch-path "$scratch"
log=$scratch/thread-sanitizer.$stack.log
TSAN_OPTIONS="halt_on_error=0 exitcode=0" scripts/stack.sh "$stack" -- env XDG_CACHE_HOME="$PWD/$scratch/cache" \
  swift test --sanitize=thread -Xswiftc -DTHREAD_SANITIZER --scratch-path "$scratch" --skip-build --no-parallel \
  --filter "$filter" >"$log" 2>&1 || { tail -n 20 "$log"; exit 1; }
grep 'Test run' "$log" | tail -n 1
reports=$(grep -c 'WARNING: ThreadSanitizer' "$log" || true)
grep 'SUMMARY: ThreadSanitizer' "$log" | sort | uniq -c | sort -rn | head -n 20 || true
echo "$stack: $reports reports of the thread sanitizer"
[ "$reports" = 0 ]
