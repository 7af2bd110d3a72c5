#!/usr/bin/env bash
# Tests the C interface as its users have it: installed below a prefix, without Swift.
#   UPDATE=1   writes docs/abi.txt anew instead of comparing with it
#   ROOM=1     the example in a real Debian 12 that mmdebstrap makes (root, minutes), not only where Swift is hidden
#   VM=0       without the machine of scripts/vm.sh, which has DMA-BUFs
#   KEEP=1     keeps the folder
#
# What make install would put there, from .build/static; the list of the binary interface against docs/abi.txt; the programs of
# Tests/CInterface and Examples/c-headless, compiled with gcc and g++ by `pkg-config --cflags --libs gl-vulkan-interop` and
# run: plain on llvmpipe and angle, under the address sanitizer, under valgrind, and where no Swift can be found.
# The last line is the result, as scripts/test.sh shows it.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/test-log.sh
under_supervisor "$@"
tree=$PWD
headers=("$tree"/Sources/CInterface/include/*.h)
started=$SECONDS
passed=0 failures=() skips=() is_finished='' work=''

say() { printf '\n== %s\n' "$*"; }
end() {
  is_finished=1
  say "result"
  local facts="$passed checks, $((SECONDS - started)) s"
  [ ${#skips[@]} -eq 0 ] || printf 'not run here: c-interface: %s\n' "${skips[@]}"
  if [ ${#failures[@]} -eq 0 ]; then
    echo "stack c-interface: tested, $facts"
    exit 0
  else
    echo "stack c-interface: FAILED: $(printf '%s; ' "${failures[@]}")$facts"
    exit 1
  fi
}
# Seconds; a check takes some, valgrind's a minute, and more where the machine does other things.
check_limit=1200
# check NAME COMMAND...: NAME may be cut off; its output is shown if it fails.
check() {
  local name=$1 log=$work/log
  shift
  if timeout --kill-after=10 "$check_limit" "$@" >"$log" 2>&1 </dev/null; then
    passed=$((passed + 1))
    printf 'ok      %s: %s\n' "$name" "$(tail -n 1 "$log" | cut -c 1-160)"
  else
    printf 'FAILED  %s (status %s)\n' "$name" "$?"
    head -n 60 "$log"
    failures+=("$name")
    return 1
  fi
}

clean_up() {
  local status=$?
  trap '' INT TERM HUP
  [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$work"
  [ -z "$is_finished" ] || return 0
  failures+=("$(how_it_ended "$status")")
  end
}
trap clean_up EXIT
# /var/tmp: /tmp may be hidden below.
work=$(mktemp -d /var/tmp/c-interface.XXXXXX)
prefix=$work/prefix
outside=$work/outside
mkdir "$outside"
export XDG_CACHE_HOME=$work/cache

if [ "$(printf '%s\n' 6.3 "$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)" |
  sort -V | head -n 1)" != 6.3 ]; then
  is_finished=1
  echo "stack c-interface: skipped: it needs Swift 6.3 or newer"
  exit 0
fi

say "building the library with Swift's runtime inside"
scripts/install.sh build-library || { failures+=("the build failed"); end; }
PREFIX=$prefix scripts/install.sh install-library || { failures+=("it cannot be installed"); end; }
library=$prefix/lib/libglvulkaninterop.so
soname=libglvulkaninterop.so.$(sed -n 's/^#define GLVK_ABI_MAJOR //p' Sources/CInterface/include/gl_vulkan_interop.h)

# Whoever builds the whole package so builds what its tests share, too. The modules below it are there already.
check "InteropTestSupport with Swift's static libraries" \
  swift build -c release -Xswiftc -static-stdlib --scratch-path .build/static --target InteropTestSupport || true

# --- What a program is compiled with and linked to -------------------------------------------------------------------
say "interface"
for language in "gcc -std=c99" "gcc -std=c11" "gcc -std=c17" "g++ -x c++ -std=c++11" "g++ -x c++ -std=c++20"; do
  # shellcheck disable=SC2086  # several words
  check "headers, $language" $language -pedantic -Wall -Wextra -Werror -fsyntax-only "${headers[@]}" || true
done

abi() { for each in Sources/CInterface/include/*.h; do python3 Tests/CInterface/abi.py "$each" || return; done; }
if [ -n "${UPDATE:-}" ]; then abi >docs/abi.txt; fi
same_abi() { diff -u docs/abi.txt <(abi) && wc -l <docs/abi.txt; }
exported() { readelf --dyn-syms --wide "$library" | awk '$1 ~ /^[0-9]+:$/ && $5 != "LOCAL" && $7 != "UND" && NF >= 8 { sub(/@.*/, "", $8); print $8 }' | sort -u; }
same_symbols() {
  diff <(sed -n 's/^function .*\(glvk_[a-z_0-9]*\)(.*/\1/p' docs/abi.txt | sort -u) <(exported) && echo "$(exported | wc -l) functions"
}
needs() { readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort; }
needs_nothing_else() {
  ! needs | grep -vE '^(libc\.so\.6|libm\.so\.6|libstdc\+\+\.so\.6|libgcc_s\.so\.1|ld-linux-.*)$' && needs | paste -sd ' '
}
has_soname() { readelf -d "$library" | grep -oF "[$soname]" && readlink -f "$library"; }
export -f abi same_abi exported same_symbols needs needs_nothing_else has_soname
export library outside prefix soname
check "nothing of docs/abi.txt has changed" bash -c same_abi || true
check "exported is what the header declares, and nothing else" bash -c same_symbols || true
check "it needs the C library and GCC's only" bash -c needs_nothing_else || true
check "its soname" bash -c has_soname || true

# --- Outside the tree ------------------------------------------------------------------------------------------------
say "compiling by pkg-config"
cp Tests/CInterface/*.c Tests/CInterface/*.cpp Tests/CInterface/valgrind.supp Examples/c-headless/headless.c \
  Examples/common/vulkan_side.[ch] "$outside"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
flags=$(pkg-config --cflags --libs gl-vulkan-interop)
strict="-g -O1 -Wall -Wextra -Werror"
compile() {
  local name=$1
  shift
  # shellcheck disable=SC2086  # several words
  check "$name" env -C "$outside" "$@" $strict $flags -pthread
}
compile "C99, headless" gcc -std=c99 -pedantic headless.c -o headless -lEGL -lvulkan -Wl,--no-as-needed || end
compile "C11, misuse" gcc -std=c11 misuse.c -o misuse || end
compile "C11, misuse with sanitizers" gcc -std=c11 -fsanitize=address,undefined -fno-omit-frame-pointer misuse.c -o misuse-asan || end
compile "C11, order" gcc -std=c11 order.c -o order || end
compile "C11, log" gcc -std=c11 log.c -o log-test || end
compile "C99, layer1" gcc -std=c99 layer1.c -o layer1 || end
compile "C99, reverse" gcc -std=c99 reverse.c -o reverse -ldl || end
compile "C11, surfaces" gcc -std=c11 surfaces.c vulkan_side.c -o surfaces -ldl -lvulkan || end
compile "C11, glx_surfaces" gcc -std=c11 glx_surfaces.c vulkan_side.c -o glx_surfaces -lGL -lX11 -lvulkan || end
compile "C99, identity" gcc -std=c99 identity.c -o identity || end
compile "C11, external_memory" gcc -std=c11 external_memory.c -o external_memory -lvulkan || end
compile "C11, external_process" gcc -std=c11 external_process.c vulkan_side.c -o external_process -lvulkan || end
# An application's WebGPU device; functions of Dawn's are looked up.
dawn_source=$tree/Tests/CDawnDevice
compile "C11, webgpu" gcc -std=gnu11 webgpu.c "$dawn_source/dawn_device.c" "-I$dawn_source/include" -o webgpu -ldl || end
compile "C99, threads" gcc -std=c99 threads.c -o threads || end
check "C99, plugin" env -C "$outside" gcc -std=c99 -Wall -Wextra -Werror plugin.c -o plugin "-I$prefix/include" -ldl -pthread || end
compile "C++11, cplusplus" g++ -std=c++11 -pedantic cplusplus.cpp -o cplusplus || end

say "running"
# What the sanitizer finds in drivers is theirs: with the library in the stack it is ours.
cat >"$outside/sanitized.sh" <<'END'
#!/bin/bash
status=0
ASAN_OPTIONS=detect_leaks=1:exitcode=0 UBSAN_OPTIONS=halt_on_error=1 "$@" >log 2>&1 || status=$?
cat log
[ "$status" = 0 ] && ! grep -E '^ *#[0-9].*(libglvulkaninterop|/Sources/|misuse)|ERROR: AddressSanitizer|runtime error:' log
END
chmod 755 "$outside/sanitized.sh"
on() {
  local stack=$1 status=0
  shift
  check "$stack: $(cut -c 1-60 <<<"$*")" scripts/stack.sh "$stack" -- env -C "$outside" "$@" || status=$?
  return 0
}
on llvmpipe ./headless 100
on llvmpipe ./headless 100 opaque-fd
on llvmpipe ./headless 100 host-copy
on llvmpipe ./layer1
on llvmpipe ./surfaces
on llvmpipe ./reverse 100
on llvmpipe ./reverse 100 opaque-fd
on llvmpipe ./reverse 100 host-copy
in_the_helper() { env XDG_CACHE_HOME="$work/empty" "$outside/cplusplus" | grep '"probedIn" : "child-process"'; }
export -f in_the_helper
export work
check "drivers are tried in the helper that is installed" scripts/stack.sh llvmpipe -- bash -c in_the_helper || true
on llvmpipe ./plugin
on llvmpipe xvfb-run --auto-servernum ./glx_surfaces
on llvmpipe ./identity
on llvmpipe ./external_memory
on llvmpipe ./external_process 300
on llvmpipe ./external_process 20 dead
on llvmpipe ./misuse
on llvmpipe ./order
on llvmpipe ./log-test
on llvmpipe ./threads 1000
on llvmpipe ./sanitized.sh ./misuse-asan
if command -v valgrind >/dev/null; then
  # Drivers keep what they keep; what is lost is counted where this library or the program made it, see below.
  on llvmpipe valgrind --quiet --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=9 \
    --num-callers=40 --suppressions=valgrind.supp ./misuse short
else
  skips+=("misuse under valgrind: it is not installed")
fi
# The validation layer in every instance, the program's own and the package's.
validated() {
  local messages=$work/messages
  INTEROP_TEST_VALIDATION=1 INTEROP_VALIDATION_LOG=$messages scripts/stack.sh llvmpipe -- \
    env -C "$outside" VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation "$@" || return
  [ ! -s "$messages" ] || { cat "$messages"; return 1; }
}
export -f validated
for program in layer1 external_memory "external_process 20" identity "reverse 50" "reverse 50 host-copy" "headless 50" "headless 50 host-copy" "threads 200" "misuse short" \
  "order 5"; do
  check "llvmpipe with the validation layer: ./$program" bash -c "validated ./$program" || true
done
if reason=$(scripts/stack.sh angle -- true 2>&1 >/dev/null); then
  on angle ./layer1
  on angle ./surfaces
  on angle ./reverse 100
  on angle ./external_memory
  on angle ./external_process 300
  on angle ./external_process 20 dead
  on angle ./misuse
  on angle ./order
  on angle ./log-test
  on angle ./threads 500
  on angle ./identity
  on angle ./cplusplus
  # shellcheck disable=SC2016  # expanded by the inner shell
  dawn=$(scripts/stack.sh angle -- sh -c 'echo "$INTEROP_TEST_DAWN"')
  if [ "${dawn#!}" = "$dawn" ]; then
    on angle ./webgpu 300 "$dawn/libwebgpu_dawn-2026.so"
    on angle ./webgpu 300 "$dawn/libwebgpu_dawn-2025.so"
  else
    skips+=("webgpu: ${dawn#!}")
  fi
else
  skips+=("angle: ${reason##*: }")
fi

# --- With DMA-BUFs ---------------------------------------------------------------------------------------------------
if [ "${VM:-1}" != 0 ]; then
  say "DMA-BUFs, in a virtual machine"
  mkdir -p "$work/share/lib"
  cp "$outside/layer1" "$outside/reverse" "$outside/external_process" scripts/stack.sh "$prefix/libexec/swift-gl-vulkan-interop/gl-vulkan-interop-probe" "$work/share"
  cp -L "$prefix/lib/$soname" "$work/share/lib"
  status=0
  timeout --kill-after=20 2400 scripts/vm.sh run --mode fence --share "$work/share" --timeout "$check_limit" -- ./stack.sh vm -- \
    sh -c './layer1 dma-buf && ./reverse 40 dma-buf-import && ./reverse 40 dma-buf-export &&
      ./external_process 40 dma-buf-import && ./external_process 40 dma-buf-export' \
    >"$work/vm.log" 2>&1 </dev/null || status=$?
  if [ $status = 77 ]; then
    skips+=("DMA-BUFs: $(sed -n 's/^vm: //p' "$work/vm.log" | tail -n 1)")
  else
    # shellcheck disable=SC2016  # expanded by the inner shell
    check "vm: ./layer1 dma-buf, ./reverse and ./external_process 40 dma-buf-import, dma-buf-export" bash -c 'grep -v "^vm: " "$work/vm.log"; exit $1' bash $status || true
  fi
else
  skips+=("DMA-BUFs: VM=0")
fi

# --- Where there is no Swift -----------------------------------------------------------------------------------------
say "without Swift"
without_swift() {
  # The dynamic linker's word for what it found, then the program.
  ! ldd ./headless "$library" | grep -iE 'swift|not found' && ./headless 20
}
export -f without_swift
check "no library of Swift's is found" scripts/stack.sh llvmpipe -- env -C "$outside" bash -c without_swift || true

# The toolchain and this tree are covered by empty folders, for the programs that are started in here only.
in_a_root_without_swift() {
  local toolchain=$1 tree=$2 folder
  for folder in "$toolchain" "$tree" /root /home; do
    [ ! -d "$folder" ] || [ "$folder" = / ] || [ "$folder" = /usr ] || mount -t tmpfs none "$folder"
  done
  if compgen -G "$toolchain/*" || command -v swift || ldconfig -p | grep -i swift; then
    echo "there is a Swift"
    exit 1
  fi
  cd "$outside"
  rm -f headless
  # shellcheck disable=SC2046  # several words
  gcc -std=c99 -Wall -Wextra -Werror headless.c -o headless $(pkg-config --cflags --libs gl-vulkan-interop) -lEGL -lvulkan
  if ldd headless | grep -iE 'swift|not found'; then exit 1; fi
  ./headless 50
}
resources=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
toolchain=$(realpath "$resources/../../..")
export -f in_a_root_without_swift
if [ "$(id -u)" != 0 ]; then
  skips+=("a root without Swift: only root makes one")
elif [ "$toolchain" = / ] || [ "$toolchain" = /usr ]; then
  skips+=("a root without Swift: the toolchain is in /usr, which has everything else too")
else
  propagation=$(scripts/mount-propagation.sh)
  # stack.sh is in the tree, so it goes first.
  check "compiled and run where the toolchain and this tree are hidden" scripts/stack.sh llvmpipe -- \
    unshare --mount --propagation "$propagation" bash -euo pipefail -c "in_a_root_without_swift '$toolchain' '$tree'" || true
fi

if [ -n "${ROOM:-}" ]; then
  room=$work/room
  existing=()
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do if grep -qs bookworm "$file"; then existing+=("$file"); fi; done
  options=()
  while IFS= read -r setting; do options+=(--aptopt="$setting"); done < <(apt-config dump | grep -E '^Acquire::(https?::Proxy|Check-)' || true)
  packages=gcc,libc6-dev,pkg-config,libegl-dev,libgl-dev,libvulkan-dev,libegl1,libgl1-mesa-dri,mesa-vulkan-drivers
  say "making a Debian 12 without Swift"
  mmdebstrap --quiet --variant=apt --include=$packages "${options[@]}" bookworm "$room" "${existing[@]}"
  # At the same place as here: the file for pkg-config names it.
  mkdir -p "$room$work"
  cp -a "$prefix" "$room$prefix"
  mkdir "$room$outside"
  cp "$outside"/*.c "$room$outside"
  in_room() {
    mount -t proc proc "$1/proc"
    # shellcheck disable=SC2016  # for the shell inside
    chroot "$1" env -i HOME=/root PATH=/usr/bin:/bin PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib" sh -euc '
      cd "$1"
      if find / -xdev -path /proc -prune -o -iname "*swift*" -print | grep -v "^$2/"; then
        echo "there is a Swift"
        exit 1
      fi
      for name in headless layer1 reverse misuse threads identity; do
        gcc -std=gnu11 -Wall -Wextra -Werror $name.c -o $name $(pkg-config --cflags --libs gl-vulkan-interop) -lEGL -lvulkan
      done
      ldd headless
      ./headless 100
      ./layer1
      ./reverse
      ./misuse
      ./threads 1000' sh "$outside" "$work"
  }
  export -f in_room

  check "compiled and run in a Debian 12 without Swift" \
    unshare --mount --pid --fork --kill-child bash -euo pipefail -c "in_room '$room'" || true
fi

# --- Away again ------------------------------------------------------------------------------------------------------
nothing_left() { PREFIX=$prefix scripts/install.sh uninstall && [ ! -e "$prefix" ]; }
export -f nothing_left
check "uninstalled, nothing is left" bash -c nothing_left || true
end
