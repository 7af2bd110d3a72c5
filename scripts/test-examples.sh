#!/usr/bin/env bash
# Builds the examples as a user would, against the installed C library, and runs them in every kind of context, in a Debian of
# their own (see app-root.sh). One of them, glfw, is in Swift and is built here.
#   FILTER=REGEX    only programs whose names match     FRAMES=100      of each program
#   SCRATCH=.build  the build folder                    KEEP=1          leaves the shared folder for a look, and says where
#   LIBRARY=FOLDER  the C library is installed there already
#   VALGRIND=1      two of them under valgrind too, minutes more
#
# Closing lines as test.sh's, for the stack apps. Skipped with the reason where no such Debian can be had. Needs what
# `install-packages.sh build apps` installs.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/test-log.sh
under_supervisor "$@"
scratch=${SCRATCH:-.build}
log=$scratch/test-logs/apps-programs.log
started=$SECONDS

say() { printf '\n== %s\n' "$*"; }
# finish LINE PASSED FAILED SKIPPED
finish() {
  is_finished=1
  say "result"
  [ ! -f "$log" ] || sed -n 's/^skipped \([^,]*\), /not run here: apps: \1: /p' "$log" || true
  printf '%s\n' "$1"
  echo "$2 passed, $3 failed, $4 skipped"
  [ "$3" -eq 0 ] || exit 1
  exit 0
}
fail() { finish "stack apps: FAILED: $*, log $log" 0 1 0; }

# skip REASON
skip() { finish "stack apps: skipped: $*" 0 0 1; }

share='' is_finished=''
clean_up() {
  local status=$?
  trap '' INT TERM HUP
  [ -n "${KEEP:-}" ] || rm -rf "$share"
  [ -n "$is_finished" ] || fail "$(how_it_ended "$status")"
}

trap clean_up EXIT
logs=$scratch/test-logs
mkdir -p "$logs"
logs=$(cd "$logs" && pwd)
log=$logs/apps-programs.log
messages=$logs/apps.validation.log

say "stack apps"
: >"$log"
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
if [ -z "${LIBRARY:-}" ] && [ "$(printf '%s\n' 6.3 "${version:-0}" | sort -V | head -n 1)" != 6.3 ]; then
  skip "the C interface needs Swift 6.3 or newer"
fi
status=0
scripts/app-root.sh build >/dev/null 2> >(tee "$logs/app-root.log" >&2) || status=$?
if [ $status != 0 ]; then
  reason=$(sed -n 's/^app-root: //p' "$logs/app-root.log" | tail -n 1)
  [ $status != 77 ] || skip "${reason:-no reason given}"
  fail "the root cannot be made: ${reason:-status $status}"
fi

# --- What the programs get -------------------------------------------------------------------------------------------
share=$(mktemp -d "$scratch/apps-share.XXXXXX")
share=$(cd "$share" && pwd)
mkdir "$share/prefix" "$share/build" "$share/Tests"
cp -r Examples "$share/"
rm -rf "$share/Examples/glfw" "$share/Examples/build"
cp -r Tests/AppContexts "$share/Tests/"
cp scripts/stack.sh "$share/"

if [ -n "${LIBRARY:-}" ]; then
  cp -r "$LIBRARY/." "$share/prefix/"
  sed -i 's#^prefix=.*#prefix=/mnt/prefix#' "$share"/prefix/lib/pkgconfig/gl-vulkan-interop.pc
else
  say "building the C library"
  PREFIX=/mnt/prefix DESTDIR=$share/installed scripts/install.sh build-library install-library >>"$log" 2>&1 ||
    fail "the C library cannot be built: $(tail -n 1 "$log")"
  cp -r "$share/installed/mnt/prefix/." "$share/prefix/"
fi

# The Swift program runs where no Swift is installed, so its libraries are inside.
export NO_GLFW=
if ! printf 'glfw-%s\n' {native,egl}-{compat,core,es} | grep -qE "${FILTER:-.}"; then
  NO_GLFW="not asked for"
elif ! command -v swift >/dev/null || ! pkg-config --exists glfw3; then
  NO_GLFW="no swift or no GLFW here (scripts/install-packages.sh build apps)"
else
  say "building the example in Swift"
  glfw=(--package-path Examples/glfw -Xswiftc -static-stdlib --scratch-path "$scratch/glfw")
  swift build "${glfw[@]}" >>"$log" 2>&1 || fail "the example glfw cannot be built"
  programs=$(swift build "${glfw[@]}" --show-bin-path)
  cp "$programs/glfw" "$programs/gl-vulkan-interop-probe" "$share/build/"
fi

# The hosts run on ANGLE and SwiftShader too, whose files do not depend on what is installed here.
NO_ANGLE=''
if angle=$(scripts/angle.sh 2>"$logs/apps-angle.log"); then
  cp -r "$angle" "$share/angle"
else
  NO_ANGLE=$(tail -n 1 "$logs/apps-angle.log")
fi

say "building the examples in C"
library=(env PKG_CONFIG_PATH=/mnt/prefix/lib/pkgconfig)
# As users build them, then with what only tests look at. A user who links with this library has it in his loader's path.
scripts/app-root.sh run --share "$share" -- "${library[@]}" bash -euc \
  'make -j2 -C Examples all hosts BUILD=/mnt/build/examples CFLAGS="-O2 -Wall -Wextra -Werror" LDFLAGS=-Wl,-rpath,/mnt/prefix/lib
   make -j2 -C Tests/AppContexts BUILD=/mnt/build LDFLAGS=-Wl,-rpath,/mnt/prefix/lib' >>"$log" 2>&1 ||
  fail "the examples do not compile: $(grep -m 1 -E 'error|Error' "$log" || tail -n 1 "$log")"

# --- Run -------------------------------------------------------------------------------------------------------------
say "running the programs"
: >"$share/validation.log"
status=0
# stack.sh forgets settings of Vulkan's, so the layer is named behind it; here no GL driver has a Vulkan of its own.
scripts/app-root.sh run --share "$share" -- env INTEROP_TEST_VALIDATION=1 INTEROP_VALIDATION_LOG=/mnt/validation.log \
  FRAMES="${FRAMES:-100}" VALGRIND="${VALGRIND:-}" NO_GLFW="$NO_GLFW" NO_ANGLE="$NO_ANGLE" ./stack.sh llvmpipe -- env VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation \
  Tests/AppContexts/run.sh build "${FILTER:-.}" 2>&1 | tee -a "$log" || status=${PIPESTATUS[0]}
rm -rf "$logs/apps"
cp -r "$share/build/logs" "$logs/apps"
cp "$share/validation.log" "$messages"
[ -z "${KEEP:-}" ] || say "the shared folder is $share"

ran=$(grep -c '^ok ' "$log" || true)
failures=$(sed -n 's/^FAILED \([^,]*\), /\1: /p' "$log" | head -n 5 | paste -sd ';')
count=$(count_messages "$messages")
reasons=()
[ "$ran" -gt 0 ] || reasons+=("no program ran")
[ -z "$failures" ] || reasons+=("$failures")
[ "$status" = 0 ] || [ -n "$failures" ] || reasons+=("run.sh ended with status $status")
if [ "$count" != 0 ]; then
  reasons+=("the validation layer complains, see $messages")
  head -n 20 "$messages" | cut -c 1-600
fi
facts="$ran programs, validation messages $count, $((SECONDS - started)) s"
[ ${#reasons[@]} -eq 0 ] || fail "$(printf '%s; ' "${reasons[@]}")$facts"
finish "stack apps: tested, $facts" 1 0 0
