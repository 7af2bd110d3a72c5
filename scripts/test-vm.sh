#!/usr/bin/env bash
# Runs the tests of DMA-BUF in virtual machines (see vm.sh), one for each mode of the table below.
#   VM_MODES="fence bare"   the modes to run         VM_SUITES=bookworm   Debian in the guest; "bookworm sid" for both
#   FILTER=REGEX            these tests in all of them, not the table's
#   TIME_LIMIT=3600         seconds for one mode     SCRATCH=.build       the build folder
#   FRAMES=4000             frames of the test that descriptors stay level
#   KEEP=1                  keeps the folder that is shared with the guest, for `vm.sh run --share`
#   BUILT=1                 the tests are built already                     CONFIGURATION=release   or debug
#
# Builds as test.sh does, gathers the test program with what it starts and needs, and runs it with the validation layer
# on. Skipped with the reason where no such machine can be had. Needs what `install-packages.sh build vm` installs.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/test-log.sh
under_supervisor "$@"

# --- What runs where -------------------------------------------------------------------------------------------------
# MODE  REGEX for --filter. A mode in which no test matches is a failure. An emulated processor draws slowly, so of the
# tests of the other stacks few are here: that a context and its device are found, and one small picture of each kind over
# OPAQUE_FD, with and without DMA-BUFs beside it (OpaqueFD).
table() {
  cat <<'TABLE'
fence       ^DMABufTests\.|^RawImportTests\.(OwnershipStateMachineTests|DeviceIdentityTests/theStackRunsOnOneDevice)|^WebGPUTests\..*/framesInDMABufs
virtio-gpu  ^DMABufTests\.(GBM|LegTests)
syncobj     ^DMABufTests\.Syncobj
udmabuf     ^DMABufTests\.(Availability|LegTests/whatABufferHoldsIsKept)
bare        ^DMABufTests\.(Availability|OpaqueFD)
TABLE
}

read -r -a suites <<<"${VM_SUITES:-bookworm}"
read -r -a modes <<<"${VM_MODES:-$(table | awk '{ printf "%s ", $1 }')}"
limit=${TIME_LIMIT:-3600}
configuration=${CONFIGURATION:-release}
scratch=${SCRATCH:-.build}

say() { printf '\n== %s\n' "$*"; }
passed=0 failed=0 skipped=0
closing=() not_run=()
share='' is_finished='' dawn=''
# finish: the closing lines.
finish() {
  is_finished=1
  say "result"
  [ ${#not_run[@]} -eq 0 ] || printf '%s\n' "${not_run[@]}"
  [ ${#closing[@]} -eq 0 ] || printf '%s\n' "${closing[@]}"
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] || exit 1
  exit 0
}
clean_up() {
  local status=$?
  trap '' INT TERM HUP
  [ -n "${KEEP:-}" ] || rm -rf "$share"
  [ -z "$is_finished" ] || return 0
  closing+=("stack vm: FAILED: $(how_it_ended "$status")")
  failed=$((failed + 1))
  finish
}
trap clean_up EXIT

logs=$scratch/test-logs
mkdir -p "$logs"
logs=$(cd "$logs" && pwd)

if [ -z "${BUILT:-}" ]; then
  say "building (optimised)"
  if ! swift build -c "$configuration" --build-tests --scratch-path "$scratch"; then
    say "the build failed, no virtual machine was started"
    closing+=("stack vm: FAILED: the build failed")
    failed=1
    finish
  fi
fi
programs=$(swift build -c "$configuration" --scratch-path "$scratch" --show-bin-path)
tests=$(basename "$(compgen -G "$programs/*PackageTests.xctest")")

# --- What the guest gets ---------------------------------------------------------------------------------------------
# On disk: /tmp may be a small file system in memory.
share=$(mktemp -d "$scratch/vm-share.XXXXXX")
share=$(cd "$share" && pwd)

# gather IMAGE: every program of the build folder, those that tests start among them, and the libraries that they need and
# the guest lacks: Swift's. The guest's own must not be hidden: its drivers may need newer ones than this machine has.
gather() {
  local libraries name
  rm -rf "${share:?}/lib"
  mkdir "$share/lib"
  find "$programs" -maxdepth 1 -type f -perm -u+x ! -name '*.so' -exec cp -t "$share" {} +
  cp scripts/stack.sh "$share/"
  # Dawn, a WebGPU implementation; where it cannot be had, the tests say why.
  rm -rf "${share:?}/dawn"
  if name=$(scripts/dawn.sh 2>&1); then
    mkdir "$share/dawn"
    cp "${name##*$'\n'}/libwebgpu_dawn-2026.so" "$share/dawn/"
    dawn=/mnt/dawn
  else
    dawn="!${name##*$'\n'}"
  fi
  # ldd fails when one of them is linked statically.
  libraries=$({ find "$share" -maxdepth 1 -type f -perm -u+x ! -name '*.sh' -exec ldd {} + 2>/dev/null || true; } |
    awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u)
  while IFS= read -r name; do
    [ -z "$name" ] || grep -qxF "${name##*/}" "$1/libraries" || cp -L "$name" "$share/lib/"
  done <<<"$libraries"
}

# --- Run -------------------------------------------------------------------------------------------------------------
skip() {
  closing+=("$1: skipped: $2")
  skipped=$((skipped + 1))
}

# false_alarms SUITE: messages of the validation layer that are wrong there, and right in sid.
#   …-01997, …-01998   lavapipe of Mesa 25.0.7 leaves VkDrmFormatModifierPropertiesList2EXT empty, out of which the layer reads
#                      what an image with a modifier can be copied to and from
#   …-00067, QueueForwardProgress   to the layer a semaphore is still signalled after its SYNC_FD was exported
#                      (KhronosGroup/Vulkan-ValidationLayers#11493, right since #11552)
false_alarms() {
  case $1 in
    bookworm | trixie)
      printf '%s,' VUID-vkCmdCopyBufferToImage-dstImage-01997 VUID-vkCmdCopyImageToBuffer-srcImage-01998 \
        VUID-vkQueueSubmit-pSignalSemaphores-00067
      echo UNASSIGNED-CoreValidation-DrawState-QueueForwardProgress ;;
  esac
}

# run_mode NAME MODE SUITE REGEX
run_mode() {
  local name=$1 mode=$2 suite=$3 filter=$4 started=$SECONDS status ends=() reasons=() names
  local log=$logs/vm-$mode-$suite.log messages=$logs/vm-$mode-$suite.validation.log
  say "stack $name"
  : >"$log"
  : >"$share/validation.log"
  # As in test.sh: one test at a time, line by line. Swift Testing prints on stderr what tests print on stdout.
  # shellcheck disable=SC2016  # expanded by the guest's shell
  scripts/vm.sh run --mode "$mode" --suite "$suite" --share "$share" --timeout "$limit" -- \
    env INTEROP_TEST_VALIDATION=1 INTEROP_VALIDATION_LOG=/mnt/validation.log \
    INTEROP_VALIDATION_FILTER="$(false_alarms "$suite")" INTEROP_TEST_FRAMES="${FRAMES:-}" INTEROP_TEST_DAWN="$dawn" TEST_PROGRAM="./$tests" TEST_FILTER="$filter" \
    ./stack.sh vm -- bash -c 'exec stdbuf -oL "$TEST_PROGRAM" --testing-library swift-testing --no-parallel \
      --filter "$TEST_FILTER" 2>&1' 2>&1 </dev/null | tee "$log" || ends=("${PIPESTATUS[@]}")
  status=${ends[0]:-0}
  [ "${ends[1]:-0}" = 0 ] || reasons+=("what it printed could not be kept: tee ended with status ${ends[1]}")
  cp "$share/validation.log" "$messages"

  local tests_run count
  tests_run=$(count_tests "$log")
  count=$(count_messages "$messages")
  case $status in
    77) skip "stack $name" "$(sed -n 's/^vm: //p; s/^stack vm: //p' "$log" | tail -n 1)"; return ;;
    # 69 is Swift Testing's word for the same.
    0 | 69) [ "$status" = 0 ] && [ "$tests_run" -gt 0 ] || reasons+=("no test ran") ;;
    123) reasons+=("the guest went down in $(unfinished "$log")") ;;
    124) reasons+=("hung: stopped after $limit s in $(unfinished "$log")") ;;
    125) reasons+=("no boot reached the tests: $(sed -n 's/^vm: boot [0-9]* did not reach the command: //p' "$log" | tail -n 1)") ;;
    *)
      names=$(failed_names "$log")
      [ "$status" -le 128 ] || reasons+=("crashed with signal $((status - 128)) in $(unfinished "$log")")
      [ -z "$names" ] || reasons+=("tests failed: $names")
      [ ${#reasons[@]} -gt 0 ] || reasons+=("the tests ended with status $status") ;;
  esac
  if [ "$count" != 0 ]; then
    reasons+=("the validation layer complains")
    say "stack $name: $count validation messages, of which the first (all are in $messages):"
    head -n 20 "$messages" | cut -c 1-600
  fi

  local facts="$tests_run tests, validation messages $count, $((SECONDS - started)) s"
  if [ ${#reasons[@]} -eq 0 ]; then
    passed=$((passed + 1))
    closing+=("stack $name: tested, $facts")
  else
    failed=$((failed + 1))
    closing+=("stack $name: FAILED: $(printf '%s; ' "${reasons[@]}")$facts, log $log")
  fi
  local line
  while IFS= read -r line; do not_run+=("not run here: $name: $line"); done < <(skips "$log")
}

for suite in "${suites[@]}"; do
  kind=
  [ "$suite" = bookworm ] || kind=", $suite"
  status=0
  image=$(scripts/vm.sh build --suite "$suite" 2>"$logs/vm-build.log") || status=$?
  cat "$logs/vm-build.log" >&2
  if [ $status != 0 ]; then
    reason=$(sed -n 's/^vm: //p' "$logs/vm-build.log" | tail -n 1)
    if [ $status = 77 ]; then
      skip "stack vm${kind:+ (${kind#, })}" "${reason:-no reason given}"
    else
      failed=$((failed + 1))
      closing+=("stack vm${kind:+ (${kind#, })}: FAILED: the guest cannot be made: ${reason:-status $status}")
    fi
    continue
  fi
  # A program needs a C library at least as new as the one it was linked with.
  there=$(awk '$1 == "libc6" { sub(/-.*/, "", $2); print $2 }' "$image/versions")
  here=$(getconf GNU_LIBC_VERSION | awk '{ print $2 }')
  if [ "$(printf '%s\n' "$here" "$there" | sort -V | tail -n 1)" != "$there" ]; then
    skip "stack vm${kind:+ (${kind#, })}" "what is built here needs glibc $here, the guest has $there"
    continue
  fi
  gather "$image"
  for mode in "${modes[@]}"; do
    filter=${FILTER:-$(table | awk -v mode="$mode" '$1 == mode { print $2 }')}
    if [ -z "$filter" ]; then
      failed=$((failed + 1))
      closing+=("stack vm ($mode$kind): FAILED: no tests belong to this mode, see the table in scripts/test-vm.sh")
      continue
    fi
    run_mode "vm ($mode$kind)" "$mode" "$suite" "$filter"
  done
done
[ -z "${KEEP:-}" ] || say "the shared folder is $share"
finish
