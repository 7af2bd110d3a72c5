#!/usr/bin/env bash
# Builds the tests once and runs them on each driver stack (see stack.sh). Arguments go to `swift test`.
#   STACKS="llvmpipe angle"   the stacks to run on     TIME_LIMIT=600   seconds for one stack
#   SCRATCH=.build            the build folder
#
# A stack that cannot be had is skipped, but llvmpipe: that one always can. Fails when a test fails, and when the Vulkan
# validation layer has anything to say. Needs what `install-packages.sh build run test` installs.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
read -r -a stacks <<<"${STACKS:-llvmpipe zink angle}"
limit=${TIME_LIMIT:-600}
scratch=${SCRATCH:-.build}
logs=$scratch/test-logs
# Answers of earlier runs, and of the user's programs, are not what is tested.
rm -rf "$logs/cache"
mkdir -p "$logs/cache"
logs=$(cd "$logs" && pwd)

say() { printf '\n== %s\n' "$*"; }

# Release, as users build it (tests reach inside by package access, not by @testable); built for all stacks alike.
say "building (optimised)"
if ! swift build -c release --build-tests --scratch-path "$scratch"; then
  say "the build failed, no stack was tested"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

# Each stack runs in a session of its own, so that nothing of a run that hung stays behind.
session=
end_session() {
  if [ -n "$session" ] && pkill -TERM -s "$session" 2>/dev/null; then
    sleep 1
    pkill -KILL -s "$session" 2>/dev/null || true
  fi
  session=
}
trap end_session EXIT

# unfinished LOG: names of the tests that started and did not end (both of Swift's test libraries).
unfinished() {
  sed -n -E 's/^.? ?Test (.*) started\.$/+\1/p; s/^.? ?Test (.*) (passed|failed|skipped)( after .*|\.)?$/-\1/p
             s/^Test Case .(.*). started at .*/+\1/p; s/^Test Case .(.*). (passed|failed|skipped) .*/-\1/p' "$1" |
    awk '/^\+run$/ { next } /^\+/ { open[substr($0, 2)] = 1 } /^-/ { delete open[substr($0, 2)] }
         END { for (name in open) { printf "%s%s", separator, name; separator = ", " } }'
}
failed_names() {
  sed -n -E 's/^.? ?Test (.*) failed after .*/\1/p; s/^Test Case .(.*). failed .*/\1/p' "$1" |
    { grep -v '^run with ' || true; } | sort -u | head -n 8 | paste -sd ';' | sed 's/;/, /g'
}
# The two libraries each print a closing line; XCTest's last one holds the sum of its suites.
count_tests() {
  sed -n -E 's/^.? ?Test run with ([0-9]+) tests? .*/s \1/p; s/^.*Executed ([0-9]+) tests?, .*/x \1/p' "$1" |
    awk '{ n[$1] = $2 } END { print n["s"] + n["x"] }'
}

passed=0 failed=0 skipped=0
closing=() not_run=()

for stack in "${stacks[@]}"; do
  log=$logs/$stack.log
  messages=$logs/$stack.validation.log
  : >"$log"
  : >"$messages"
  say "stack $stack"
  started=$SECONDS
  # One test at a time: drivers' objects and open files are counted per process.
  # stdbuf: line by line, or the log of a run that dies lacks the end, which tells where it died.
  INTEROP_TEST_VALIDATION=1 INTEROP_VALIDATION_LOG=$messages setsid \
    timeout --kill-after=20 "$limit" scripts/stack.sh "$stack" -- env XDG_CACHE_HOME="$logs/cache" \
    stdbuf -oL swift test -c release --skip-build --no-parallel --scratch-path "$scratch" "$@" >"$log" 2>&1 </dev/null &
  session=$!
  tail -n +1 -f --pid="$session" "$log"
  status=0
  wait "$session" || status=$?
  end_session
  seconds=$((SECONDS - started))

  tests=$(count_tests "$log")
  # Every message of the layer has a number; what else stands in the file is not expected, and counts as well.
  count=$(grep -c 'msgNum' "$messages" || true)
  [ "$count" != 0 ] || count=$(grep -c . "$messages" || true)

  reasons=()
  case $status in
    0) [ "$tests" -gt 0 ] || reasons+=("no test ran") ;;
    77)
      reason=$(sed -n "s/^stack $stack: //p; s/^angle: //p" "$log" | tail -n 1)
      if [ "$stack" != llvmpipe ]; then
        closing+=("stack $stack: skipped: ${reason:-no reason given}")
        skipped=$((skipped + 1))
        continue
      fi
      reasons+=("cannot be had: ${reason:-no reason given}") ;;
    124 | 137) reasons+=("hung: stopped after $limit s in $(unfinished "$log")") ;;
    *)
      signal=$(sed -n 's/.*exited with unexpected signal code \([0-9]*\).*/\1/p' "$log" | tail -n 1)
      names=$(failed_names "$log")
      [ -z "$signal" ] || reasons+=("crashed with signal $signal in $(unfinished "$log")")
      [ -z "$names" ] || reasons+=("tests failed: $names")
      [ ${#reasons[@]} -gt 0 ] || reasons+=("swift test ended with status $status") ;;
  esac
  if [ "$count" != 0 ]; then
    reasons+=("the validation layer complains")
    say "stack $stack: $count validation messages, of which the first (all are in $messages):"
    head -n 20 "$messages" | cut -c 1-600
  fi

  facts="$tests tests, validation messages $count, $seconds s"
  if [ ${#reasons[@]} -eq 0 ]; then
    passed=$((passed + 1))
    closing+=("stack $stack: tested, $facts")
  else
    failed=$((failed + 1))
    closing+=("stack $stack: FAILED: $(printf '%s; ' "${reasons[@]}")$facts, log $log")
  fi
  while IFS= read -r line; do
    not_run+=("not run here: $stack: $line")
  done < <(sed -n 's/.*INTEROP-SKIP: //p' "$log" | awk '!seen[$0]++')
done

say "result"
printf '%s\n' "${closing[@]}"
[ ${#not_run[@]} -eq 0 ] || printf '%s\n' "${not_run[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
