#!/usr/bin/env bash
# Runs the package's tests, which are built already, on one driver stack (see stack.sh):
#   test-stack.sh STACK [ARGUMENT of swift test]...
#   SCRATCH=.build    the build folder       CONFIGURATION=release   or debug
#
# Fails when a test fails, and when the Vulkan validation layer has anything to say. Closing lines as run-stacks.py reads them.
# A stack that cannot be had is skipped, but llvmpipe: that one always can.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/test-log.sh
stack=${1:?test-stack.sh STACK [ARGUMENT of swift test]...}
shift
scratch=${SCRATCH:-.build}
mkdir -p "$scratch/test-logs"
logs=$(cd "$scratch/test-logs" && pwd)
# What is judged is kept where nobody else writes or removes; the logs are for people.
work=$(cd "$scratch" && pwd)/test-stack.$$
mkdir "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
log=$work/tests.log
messages=$work/validation.log
: >"$log"
: >"$messages"

# finish VERDICT STATUS
finish() {
  printf '\n== result\n'
  skips "$log" | while IFS= read -r line; do printf 'not run here: %s: %s\n' "$stack" "$line"; done
  printf 'stack %s: %s\n' "$stack" "$1"
  exit "$2"
}

# One test at a time: drivers' objects and open files are counted per process.
# stdbuf: line by line, or the log of a run that dies lacks the end, which tells where it died.
# Under a supervisor: a process that a test leaves behind must not keep the pipe open.
ends=()
INTEROP_TEST_VALIDATION=1 INTEROP_VALIDATION_LOG=$messages python3 scripts/run-stacks.py --supervise $$ scripts/stack.sh "$stack" -- \
  env XDG_CACHE_HOME="$logs/cache" stdbuf -oL swift test -c "${CONFIGURATION:-release}" --skip-build --no-parallel \
  --scratch-path "$scratch" "$@" 2>&1 </dev/null | tee "$log" || ends=("${PIPESTATUS[@]}")
status=${ends[0]:-0}

tests=$(count_tests "$log")
count=$(count_messages "$messages")
kept=$logs/$stack.validation.log
cp "$messages" "$kept" || kept="lost"
reasons=()
[ "${ends[1]:-0}" = 0 ] || reasons+=("what it printed could not be kept: tee ended with status ${ends[1]}")
case $status in
  0) [ "$tests" -gt 0 ] || reasons+=("no test ran") ;;
  77)
    reason=$(sed -n "s/^stack $stack: //p; s/^angle: //p" "$log" | tail -n 1)
    [ "$stack" = llvmpipe ] || finish "skipped: ${reason:-no reason given}" 0
    reasons+=("cannot be had: ${reason:-no reason given}") ;;
  *)
    signal=$(sed -n 's/.*exited with unexpected signal code \([0-9]*\).*/\1/p' "$log" | tail -n 1)
    names=$(failed_names "$log")
    [ -z "$signal" ] || reasons+=("crashed with signal $signal in $(unfinished "$log")")
    [ -z "$names" ] || reasons+=("tests failed: $names")
    [ ${#reasons[@]} -gt 0 ] || reasons+=("swift test ended with status $status: $(grep . "$log" | tail -n 1 | cut -c 1-200)") ;;
esac
if [ "$count" != 0 ]; then
  reasons+=("the validation layer complains")
  printf '\n== stack %s: %s validation messages, of which the first (all are in %s):\n' "$stack" "$count" "$kept"
  head -n 20 "$messages" | cut -c 1-600
fi

facts="$tests tests, validation messages $count, $SECONDS s"
[ ${#reasons[@]} -eq 0 ] || finish "FAILED: $(printf '%s; ' "${reasons[@]}")$facts" 1
finish "tested, $facts" 0
