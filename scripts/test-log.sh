# shellcheck shell=bash
# What scripts of tests have in common: how they run, and what they read from a log. Sourced by test-stack.sh, test-vm.sh and others.

# under_supervisor "$@": the script starts anew under the supervisor of run-stacks.py, unless it has one. A signal then comes to all
# that the script has started, whatever sessions and groups those are in, and nothing stays behind when it ends.
under_supervisor() {
  if [ -z "${SUPERVISED:-}" ] && command -v python3 >/dev/null; then
    exec python3 scripts/run-stacks.py --supervise 0 "${BASH_SOURCE[1]}" "$@"
  fi
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
}
# how_it_ended STATUS: words for a script that ends before its result, for its trap of EXIT.
how_it_ended() {
  case $1 in
    129 | 130 | 143) echo "interrupted" ;;
    *) echo "it ended with status $1 before its result" ;;
  esac
}

# unfinished LOG: names of the tests that started and did not end (both of Swift's test libraries), with the case each was in.
unfinished() {
  sed -n -E 's/^.? ?Test case passing (.*) to (.*) started\.$/=\2\t\1/p; t
             s/^.? ?Test (.*) started\.$/+\1/p
             s/^.? ?Test (.*) with [0-9]+ test cases? (passed|failed|skipped)( after .*|\.)?$/-\1/p; t
             s/^.? ?Test (.*) (passed|failed|skipped)( after .*|\.)?$/-\1/p
             s/^Test Case .(.*). started at .*/+\1/p; s/^Test Case .(.*). (passed|failed|skipped) .*/-\1/p' "$1" |
    awk -F '\t' '/^\+run$/ { next } /^\+/ { open[substr($0, 2)] = 1 } /^=/ { last[substr($1, 2)] = $2 }
         /^-/ { delete open[substr($0, 2)] }
         END { for (name in open) { printf "%s%s%s", separator, name, name in last ? " (" last[name] ")" : ""; separator = ", " } }'
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
# skips LOG: what could not run there, each once.
skips() { sed -n 's/.*INTEROP-SKIP: //p' "$1" | awk '!seen[$0]++'; }
# count_messages FILE: every message of the validation layer has a number; what else stands in its file is not expected,
# and counts as well.
count_messages() {
  local count
  # grep's 1 is that there is none.
  count=$(grep -c 'MessageID' "$1") || [ $? = 1 ] || return
  [ "$count" != 0 ] || count=$(grep -c . "$1") || [ $? = 1 ] || return
  printf '%s\n' "$count"
}
