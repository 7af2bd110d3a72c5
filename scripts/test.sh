#!/usr/bin/env bash
# Builds the tests once and runs them on each driver stack (see stack.sh), with what else must be true of the package.
#   STACKS="llvmpipe angle"   the stacks to run on, and steps; usually "llvmpipe zink angle c-interface vm apps" and all steps:
#                             "documents scripts runner format floors api docs", which run unless one of them is named
#   TIME_LIMIT=3600           seconds for one stack, and for each machine of vm
#   SCRATCH=.build            the build folder                     CONFIGURATION=release   or debug
#   INSTALL=1                 installs Debian's packages first     Arguments go to `swift test`
#
# Each stack and step is a script with closing lines of its own, and all are run, shown, timed and judged by run-stacks.py:
#   a driver stack   test-stack.sh            documents  test-documents.py   links, tables and names in the documents
#   c-interface      test-c-interface.sh      scripts    test-scripts.sh     shellcheck
#   vm               test-vm.sh               runner     test-runner.py      this script, whatever happens in it
#   apps             test-examples.sh         floors     test-floors.py      what uses what in Sources
#                                             format     test-format.sh      swift-format, clang-format
#                                             api        test-api.py         public symbols against docs/api.txt
#                                             docs       docs.sh             the documentation
# Arguments leave out all but the driver stacks. A stack that cannot be had is skipped, but llvmpipe: that one always can.
# However it ends, the last lines say what came of each, and no process stays behind. Needs what
# `install-packages.sh build run test` installs, and vm and apps what the groups of their names do.
set -euo pipefail

cd "${BASH_SOURCE[0]%/*}/.."
read -r -a stacks <<<"${STACKS:-llvmpipe zink angle c-interface vm apps}" || true

# ends_early STATUS REASON: before anything was run.
ends_early() {
  trap - EXIT
  printf '\n== result\n'
  [ ${#stacks[@]} -eq 0 ] || printf 'stack %s: skipped: not tested\n' "${stacks[@]}"
  printf 'test.sh: FAILED: %s\n0 passed, 1 failed, %s skipped\n' "$2" "${#stacks[@]}"
  exit "$1"
}
trap 'ends_early 1 "it ended with status $?"' EXIT
trap 'ends_early 130 "interrupted by SIGINT"' INT
trap 'ends_early 143 "interrupted by SIGTERM"' TERM
trap 'ends_early 129 "interrupted by SIGHUP"' HUP

if [ -n "${INSTALL:-}" ]; then
  scripts/install-packages.sh build run test || ends_early 1 "packages are missing, see above"
  # Without these the stacks of the same names are skipped.
  for group in vm apps; do
    case " ${STACKS:-$group} " in *" $group "*) scripts/install-packages.sh "$group" || true ;; esac
  done
fi
command -v python3 >/dev/null || ends_early 1 "no python3 (scripts/install-packages.sh test)"
trap - EXIT INT TERM HUP
exec python3 scripts/run-stacks.py "$@"
