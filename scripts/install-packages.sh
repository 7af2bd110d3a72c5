#!/usr/bin/env bash
# Installs the Debian packages that this project needs: install-packages.sh [build|run|test|room|vm|apps]...
#   build  headers and pkg-config, and a look at the Swift toolchain
#   run    software drivers, so that the programs start without a GPU
#   test   validation layer, a virtual display, tools of the tests
#   room   what scripts/clean-room.sh makes its Debian with
#   vm     what scripts/vm.sh makes and runs its virtual machine with
#   apps   what scripts/app-root.sh makes its Debian with, and GLFW for the example in Swift
# Without an argument: build and run. Does nothing when all of it is there.
set -euo pipefail

say() { printf 'install-packages: %s\n' "$*" >&2; }

check_swift() {
  local text version
  if ! command -v swift >/dev/null; then
    say "no 'swift' in PATH. Install Swift 6.1 or newer from https://www.swift.org/install/linux/ and put its usr/bin into PATH."
    exit 1
  fi
  if ! text=$(swift --version 2>&1); then
    say "'swift --version' fails; is a package missing that https://www.swift.org/install/linux/ lists? It says:"
    printf '%s\n' "$text" >&2
    exit 1
  fi
  version=$(sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' <<<"$text" | head -n 1)
  if [ "$(printf '%s\n' 6.1 "${version:-0}" | sort -V | head -n 1)" != 6.1 ]; then
    say "$(command -v swift) is version ${version:-unknown}; this package needs Swift 6.1 or newer."
    exit 1
  fi
}

[ $# -gt 0 ] || set -- build run
wanted=()
for group in "$@"; do
  case $group in
    build)
      check_swift
      wanted+=(libegl-dev libgles-dev libgl-dev libvulkan-dev libgbm-dev libx11-dev libxcb1-dev libdrm-dev libpng-dev pkg-config) ;;
    run)
      wanted+=(mesa-vulkan-drivers libegl1 libgles2 libgl1 libgl1-mesa-dri libvulkan1) ;;
    test)
      # python3: run-stacks.py and steps of test.sh. shellcheck, git: its step scripts. clang-format: its
      # step format. binutils: angle.sh looks at exported
      # symbols with nm. procps: tests look for processes. libxnvctrl0, libx11-6 and libxext6: ANGLE links to them.
      # python3-jsonschema: JSON against its schema. mandoc: manual pages.
      # python3-glad: Khronos' registries, for generate-driver-tables.py.
      # mesa-utils (glxgears, es2gears_x11), glmark2, glmark2-es2: programs for `demo-raw-gl tap`.
      wanted+=(vulkan-validationlayers xvfb x11-utils xauth imagemagick xdotool strace binutils procps libxnvctrl0 libx11-6 libxext6
        python3 python3-pip python3-glad python3-jsonschema shellcheck clang-format git mandoc mesa-utils glmark2 glmark2-es2)
      # The C interface and `demo-raw-gl tap`: programs of C's and C++'s own compiler.
      # mount: a root in which Swift is hidden. python3-pip: dawn.sh.
      wanted+=(gcc g++ libc6-dev pkg-config valgrind mount) ;;
    room)
      wanted+=(mmdebstrap git util-linux mount) ;;
    vm)
      # kmod, cpio and xz-utils: the initrd. e2fsprogs: the root file system. util-linux: flock, setpriv.
      wanted+=(qemu-system-x86 kmod cpio xz-utils e2fsprogs util-linux procps debian-archive-keyring) ;;
    apps)
      wanted+=(mmdebstrap util-linux mount debian-archive-keyring libglfw3-dev pkg-config) ;;
    *)
      say "unknown group '$group'; known: build, run, test, room, vm, apps"
      exit 64 ;;
  esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  say "this is not a Debian or Ubuntu system, so nothing was installed. Needed are the equivalents of: ${wanted[*]}"
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  # 'hold ok installed' counts too, 'deinstall ok config-files' does not.
  case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true) in
    *' ok installed') ;;
    *) missing+=("$package") ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=(env DEBIAN_FRONTEND=noninteractive)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n env DEBIAN_FRONTEND=noninteractive)
else
  say "these packages are missing, and only root may install them. Type:"
  printf '  sudo apt-get update && sudo apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
  exit 1
fi

# apt's hundreds of lines are of interest only when it fails.
output=$(mktemp)
trap 'rm -f "$output"' EXIT
apt() { "${as_root[@]}" apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null >"$output" 2>&1; }
failed() {
  cat "$output" >&2
  say "apt-get failed, see above"
  exit 1
}
update_lists() {
  say "reading the package lists"
  apt update || failed
}
install_missing() { apt install -y --no-install-recommends "${missing[@]}"; }

# A list older than a day may name versions that are gone. (apt touches this folder at each update.)
lists=/var/lib/apt/lists
if ! ls $lists/*_Packages* >/dev/null 2>&1 || [ -z "$(find $lists/partial -maxdepth 0 -mmin -1440 2>/dev/null)" ]; then
  update_lists
  updated=yes
fi
say "installing ${missing[*]}"
if ! install_missing; then
  [ -z "${updated:-}" ] || failed
  update_lists
  install_missing || failed
fi
