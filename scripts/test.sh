#!/usr/bin/env bash
# Builds the tests once and runs them on each driver stack (see stack.sh); builds the documentation (docs.sh) unless there are
# arguments, which go to `swift test`.
#   STACKS="llvmpipe angle"   the stacks to run on     TIME_LIMIT=1200  seconds for one stack
#                             usually "llvmpipe zink angle c-interface vm apps"
#   SCRATCH=.build            the build folder
#
# The stack c-interface is what test-c-interface.sh runs. The stacks vm and apps are what test-vm.sh and test-examples.sh run, beside the others and with what they leave of the
# processor; arguments leave the three out. A stack that cannot be had is skipped, but llvmpipe: that one always can. Fails when a
# test fails, and when the Vulkan validation layer has anything to say. Needs what `install-packages.sh build run test`
# installs, and vm and apps what the groups of their names do.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/test-log.sh
read -r -a stacks <<<"${STACKS:-llvmpipe zink angle c-interface vm apps}"
limit=${TIME_LIMIT:-1200}
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
session=''
declare -A beside=()
end_session() {
  if [ -n "$1" ] && pkill -TERM -s "$1" 2>/dev/null; then
    sleep 1
    pkill -KILL -s "$1" 2>/dev/null || true
  fi
}
end_sessions() {
  local each
  for each in "$session" "${beside[@]}"; do end_session "$each"; done
}
trap end_sessions EXIT

passed=0 failed=0 skipped=0
closing=() not_run=()

# start_beside STACK SCRIPT, finish_beside STACK: what a script of its own runs. Each of its closing lines counts here as one.
start_beside() {
  SCRATCH=$scratch BUILT=1 setsid nice -n 10 "$2" >"$logs/$1-stack.log" 2>&1 </dev/null &
  beside[$1]=$!
}
finish_beside() {
  local log=$logs/$1-stack.log status=0 lines=()
  tail -n +1 -f --pid="${beside[$1]}" "$log"
  wait "${beside[$1]}" || status=$?
  end_session "${beside[$1]}"
  unset "beside[$1]"
  mapfile -t lines < <(sed '1,/^== result$/d' "$log" | grep "^stack $1")
  [ ${#lines[@]} -gt 0 ] || lines=("stack $1: FAILED: its script ended with status $status, log $log")
  local line
  for line in "${lines[@]}"; do
    case $line in
      *': tested, '*) passed=$((passed + 1)) ;;
      *': skipped: '*) skipped=$((skipped + 1)) ;;
      *) failed=$((failed + 1)) ;;
    esac
  done
  closing+=("${lines[@]}")
  mapfile -t -O ${#not_run[@]} not_run < <(sed '1,/^== result$/d' "$log" | grep '^not run here: ')
}

# The stack c-interface: its last line is the closing line.
run_c_interface() {
  local log=$logs/c-interface.log line
  say "stack c-interface"
  setsid timeout --kill-after=20 "$limit" scripts/test-c-interface.sh >"$log" 2>&1 </dev/null &
  session=$!
  tail -n +1 -f --pid="$session" "$log"
  wait "$session" || true
  end_session "$session"
  session=
  line=$(tail -n 1 "$log")
  case $line in
    'stack c-interface: tested, '*) passed=$((passed + 1)) ;;
    'stack c-interface: skipped: '*) skipped=$((skipped + 1)) ;;
    'stack c-interface: FAILED: '*) failed=$((failed + 1)) line+=", log $log" ;;
    *) failed=$((failed + 1)) line="stack c-interface: FAILED: it did not come to its end, log $log" ;;
  esac
  closing+=("$line")
  while IFS= read -r line; do not_run+=("$line"); done < <(grep '^not run here: ' "$log" || true)
}

if [ $# -eq 0 ]; then
  for stack in "${stacks[@]}"; do
    case $stack in
      vm) start_beside vm scripts/test-vm.sh ;;
      apps) start_beside apps scripts/test-examples.sh ;;
    esac
  done
fi

first=${stacks[0]}
for stack in "${stacks[@]}"; do
  if [ "$stack" = vm ] || [ "$stack" = apps ]; then
    if [ $# -eq 0 ]; then
      finish_beside "$stack"
    else
      closing+=("stack $stack: skipped: arguments for swift test are given; FILTER of its own script chooses tests there")
      skipped=$((skipped + 1))
    fi
    continue
  fi
  if [ "$stack" = c-interface ]; then
    if [ $# -eq 0 ]; then
      run_c_interface
    else
      closing+=("stack c-interface: skipped: arguments for swift test are given")
      skipped=$((skipped + 1))
    fi
    continue
  fi
  log=$logs/$stack.log
  messages=$logs/$stack.validation.log
  : >"$log"
  : >"$messages"
  say "stack $stack"
  started=$SECONDS
  # What no driver has a part in is tested once.
  driver_only=
  [ "$stack" = "$first" ] || driver_only=1
  # One test at a time: drivers' objects and open files are counted per process.
  # stdbuf: line by line, or the log of a run that dies lacks the end, which tells where it died.
  INTEROP_TEST_DRIVER_ONLY=$driver_only INTEROP_TEST_VALIDATION=1 INTEROP_VALIDATION_LOG=$messages setsid \
    timeout --kill-after=20 "$limit" scripts/stack.sh "$stack" -- env XDG_CACHE_HOME="$logs/cache" \
    stdbuf -oL swift test -c release --skip-build --no-parallel --scratch-path "$scratch" "$@" >"$log" 2>&1 </dev/null &
  session=$!
  tail -n +1 -f --pid="$session" "$log"
  status=0
  wait "$session" || status=$?
  end_session "$session"
  session=
  seconds=$((SECONDS - started))

  tests=$(count_tests "$log")
  count=$(count_messages "$messages")

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
  done < <(skips "$log")
done

# The documentation, of what was built for the tests: the last line is its closing line.
if [ $# -eq 0 ]; then
  say "documentation"
  log=$logs/docs.log
  status=0
  SCRATCH=$scratch BUILT=release OUT=$scratch/docs/site timeout --kill-after=20 "$limit" nice scripts/docs.sh \
    >"$log" 2>&1 </dev/null || status=$?
  line=$(grep '^docs: ' "$log" | tail -n 1 || true)
  case $status in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *)
      tail -n 40 "$log"
      failed=$((failed + 1))
      case $line in 'docs: FAILED: '*) ;; *) line="docs: FAILED: docs.sh ended with status $status, log $log" ;; esac ;;
  esac
  closing+=("$line")
fi

say "result"
[ ${#not_run[@]} -eq 0 ] || printf '%s\n' "${not_run[@]}"
printf '%s\n' "${closing[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
