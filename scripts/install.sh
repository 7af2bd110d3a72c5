#!/usr/bin/env bash
# Installs the programs with their helper, manual pages, shell completions and documents, and the C interface: a library that
# needs no Swift, its header, and a file for pkg-config (gl-vulkan-interop): install.sh ACTION...
#   build      builds them, with Swift's libraries inside, into .build/static
#   install    puts what was built below PREFIX
#   uninstall  takes away what `install` put there, and folders that it made
#   build-library, install-library    only what C programs need
#
#   PREFIX=/usr/local   where they will be used     DESTDIR=   put before PREFIX, for packages
#   LIBDIR=lib          the library's folder, below PREFIX: lib/x86_64-linux-gnu in a Debian package
#
# What was installed is listed in PREFIX/libexec/swift-gl-vulkan-interop/installed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
name=swift-gl-vulkan-interop
helper=gl-vulkan-interop-probe
programs=(interop-caps demo-raw-gl)
# Of `demo-raw-gl tap`: products without the lib before and the .so after.
tap_libraries=(gl-vulkan-interop-tap gl-vulkan-interop-tap-viewer)
library=glvulkaninterop
header=Sources/CInterface/include/gl_vulkan_interop.h
scratch=.build/static
built=$scratch/release

prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}${prefix%/}
list=libexec/$name/installed
libdir=${LIBDIR:-lib}

say() { printf 'install: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

# build_product NAME [OPTION]...
build_product() {
  command -v swift >/dev/null ||
    fail "no 'swift' in PATH. Build as a user who has it: scripts/install.sh build. Then install."
  local product=$1 output
  shift
  # Shown only if it failed: the linker warns of things inside Swift's own libraries.
  output=$(swift build -c release -Xswiftc -static-stdlib --scratch-path $scratch --product "$product" "$@" 2>&1) || {
    printf '%s\n' "$output" >&2
    fail "the build of $product failed, see above"
  }
}

build() {
  say "building (minutes, the first time)"
  local product
  for product in "$helper" "${programs[@]}" "${tap_libraries[@]}"; do build_product "$product"; done
  if has_c_interface; then build_library; else say "no lib$library.so: it needs Swift 6.3 or newer"; fi
}

# Package.swift leaves it out with an older compiler.
has_c_interface() {
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  [ "$(printf '%s\n' 6.3 "${version:-0}" | sort -V | head -n 1)" = 6.3 ]
}

# What the linker is told is said here and not in Package.swift: packages with such options cannot be depended on.
build_library() {
  # SwiftPM does not look at this file, and would not link again.
  [ ! Sources/CInterface/exports.map -nt "$built/lib$library.so" ] || rm -f "$built/lib$library.so"
  # nodelete: Swift's runtime stays once it is loaded, also after a dlclose.
  build_product "$library" -Xlinker -z -Xlinker nodelete -Xlinker "--version-script=$PWD/Sources/CInterface/exports.map" \
    -Xlinker "-soname=lib$library.so.$(abi_major)" -Xlinker --no-undefined
}

abi_major() { sed -n 's/^#define GLVK_ABI_MAJOR //p' $header; }
version() { sed -n 's/.*text = "\(.*\)".*/\1/p' Sources/InteropBase/LibraryVersion.swift; }

# The nearest folder that is there must be writable; better said before a build than after it.
check_writable() {
  local folder=$root
  while [ ! -e "$folder" ]; do folder=$(dirname "$folder"); done
  [ -d "$folder" ] || fail "$folder is no folder"
  [ -w "$folder" ] || fail "$folder cannot be written." \
    "Choose another PREFIX, or: scripts/install.sh build && sudo env PREFIX='$prefix' scripts/install.sh install"
}

# make_folder PATH: makes it and those above it, below the prefix, and notes which were not there.
make_folder() {
  [ ! -d "$root/$1" ] || return 0
  case $1 in */*) make_folder "${1%/*}" ;; esac
  install -d -m 755 "$root/$1"
  printf '%s/\n' "$1" >>"$notes"
}

# put MODE FILE PATH: FILE becomes PREFIX/PATH.
put() {
  make_folder "${3%/*}"
  install -m "$1" "$2" "$root/$3"
  printf '%s\n' "$3" >>"$notes"
}

# check_built FILE...
check_built() {
  local file
  for file in "$@"; do [ -f "$built/$file" ] || fail "$built/$file is not there: scripts/install.sh build"; done
}

begin_installing() {
  check_writable
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  notes=$work/notes
  : >"$notes"
  [ -d "$root" ] || { install -d -m 755 "$root" && echo ./ >>"$notes"; }
}

end_installing() {
  # Folders that an earlier run made are still ours, and files that an earlier version had are not forgotten.
  [ ! -f "$root/$list" ] || cat "$root/$list" >>"$notes"
  LC_ALL=C sort -u "$notes" >"$work/list"
  install -m 644 "$work/list" "$root/$list"
}

install_all() {
  local tap=("${tap_libraries[@]/#/lib}")
  check_built "$helper" "${programs[@]}" "${tap[@]/%/.so}"
  begin_installing
  put 755 "$built/$helper" "libexec/$name/$helper"
  local program
  for program in "${programs[@]}"; do
    put 755 "$built/$program" "bin/$program"
    put 644 "docs/$program.1" "share/man/man1/$program.1"
    completions "$program" bash "share/bash-completion/completions/$program"
    completions "$program" zsh "share/zsh/site-functions/_$program"
    completions "$program" fish "share/fish/vendor_completions.d/$program.fish"
  done
  put 644 docs/demo-raw-gl-tap.1 share/man/man1/demo-raw-gl-tap.1
  for program in "${tap_libraries[@]}"; do put 755 "$built/lib$program.so" "lib/$name/lib$program.so"; done
  # Not built by a Swift before 6.3.
  [ ! -f "$built/lib$library.so" ] || install_library
  local file
  for file in README.md CHANGELOG.md LICENSE docs/*.md docs/*.json docs/abi.txt; do
    put 644 "$file" "share/doc/$name/${file##*/}"
  done

  end_installing
  say "interop-caps and demo-raw-gl are in $root/bin"
}

# put_link TARGET PATH: PREFIX/PATH becomes a link to TARGET, beside it.
put_link() {
  make_folder "${2%/*}"
  ln -sfn "$1" "$root/$2"
  printf '%s\n' "$2" >>"$notes"
}

install_library() {
  local file=lib$library.so
  strip --strip-unneeded -o "$work/$file" "$built/$file"
  # Programs find it by its soname, the compiler by its bare name.
  put 644 "$work/$file" "$libdir/$file.$(version)"
  put_link "$file.$(version)" "$libdir/$file.$(abi_major)"
  put_link "$file.$(abi_major)" "$libdir/$file"
  local each
  for each in Sources/CInterface/include/*.h; do put 644 "$each" "include/${each##*/}"; done
  cat >"$work/pc" <<END
prefix=${prefix%/}
includedir=\${prefix}/include
libdir=\${prefix}/$libdir

Name: gl-vulkan-interop
Description: What OpenGL renders, as a VkImage, by sharing memory
Version: $(version)
Cflags: -I\${includedir}
Libs: -L\${libdir} -l$library
END
  put 644 "$work/pc" "$libdir/pkgconfig/gl-vulkan-interop.pc"
  say "lib$library.so is in $root/$libdir"
}

completions() {
  "$built/$1" --generate-completion-script "$2" >"$work/completions"
  put 644 "$work/completions" "$3"
}

uninstall_all() {
  [ -f "$root/$list" ] || { say "nothing is installed in $root: no $list there"; return 0; }
  [ -w "$root/$list" ] || fail "$root cannot be written. Try: sudo env PREFIX='$prefix' scripts/install.sh uninstall"
  local entries=() entry
  # Backwards: what is in a folder before the folder.
  mapfile -t entries < <(LC_ALL=C sort -r "$root/$list")
  for entry in "${entries[@]}"; do
    case /$entry in *//* | */../*) fail "$root/$list is damaged: '$entry'" ;; esac
  done
  for entry in "${entries[@]}"; do
    case $entry in */) ;; *) rm -f "$root/$entry" ;; esac
  done
  rm -f "$root/$list"
  for entry in "${entries[@]}"; do
    # Where others have put something the folder stays.
    case $entry in
      ./) rmdir "$root" 2>/dev/null || true ;;
      */) rmdir "$root/$entry" 2>/dev/null || true ;;
    esac
  done
  say "removed from $root"
}

[ $# -gt 0 ] || { usage >&2; exit 64; }
for action in "$@"; do
  case $action in
    build | build-library | install | install-library | uninstall) ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done
case $prefix in /*) ;; *) fail "PREFIX must be an absolute path, not '$prefix'" ;; esac
case ${DESTDIR:-/} in /*) ;; *) fail "DESTDIR must be an absolute path, not '$DESTDIR'" ;; esac
case " $* " in *' install'*) check_writable ;; esac
for action in "$@"; do
  case $action in
    build) build ;;
    build-library)
      say "building (minutes, the first time)"
      build_product "$helper"
      build_library ;;
    install) install_all ;;
    install-library)
      check_built "$helper" "lib$library.so"
      begin_installing
      put 755 "$built/$helper" "libexec/$name/$helper"
      install_library
      end_installing ;;
    uninstall) uninstall_all ;;
  esac
done
