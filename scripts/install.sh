#!/usr/bin/env bash
# Installs the programs with their helper, manual pages, shell completions and documents: install.sh ACTION...
#   build      builds them, with Swift's libraries inside, into .build/static
#   install    puts what was built below PREFIX
#   uninstall  takes away what `install` put there, and folders that it made
#
#   PREFIX=/usr/local   where they will be used     DESTDIR=   put before PREFIX, for packages
#
# What was installed is listed in PREFIX/libexec/swift-gl-vulkan-interop/installed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
name=swift-gl-vulkan-interop
helper=gl-vulkan-interop-probe
programs=(interop-caps demo-raw-gl)
# Of `demo-raw-gl tap`; products without the lib before and the .so after.
libraries=(gl-vulkan-interop-tap gl-vulkan-interop-tap-viewer)
scratch=.build/static
built=$scratch/release

prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}${prefix%/}
list=libexec/$name/installed

say() { printf 'install: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

build() {
  command -v swift >/dev/null ||
    fail "no 'swift' in PATH. Build as a user who has it: scripts/install.sh build. Then install."
  say "building (minutes, the first time)"
  local product output
  for product in "$helper" "${programs[@]}" "${libraries[@]}"; do
    # Shown only if it failed: the linker warns of things inside Swift's own libraries.
    output=$(swift build -c release -Xswiftc -static-stdlib --scratch-path $scratch --product "$product" 2>&1) || {
      printf '%s\n' "$output" >&2
      fail "the build of $product failed, see above"
    }
  done
}

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

install_all() {
  local program library
  for program in "$helper" "${programs[@]}"; do
    [ -x "$built/$program" ] || fail "$built/$program is not there: scripts/install.sh build"
  done
  for library in "${libraries[@]}"; do
    [ -f "$built/lib$library.so" ] || fail "$built/lib$library.so is not there: scripts/install.sh build"
  done
  check_writable
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  notes=$work/notes
  : >"$notes"
  [ -d "$root" ] || { install -d -m 755 "$root" && echo ./ >>"$notes"; }

  put 755 "$built/$helper" "libexec/$name/$helper"
  for program in "${programs[@]}"; do
    put 755 "$built/$program" "bin/$program"
    put 644 "docs/$program.1" "share/man/man1/$program.1"
    completions "$program" bash "share/bash-completion/completions/$program"
    completions "$program" zsh "share/zsh/site-functions/_$program"
    completions "$program" fish "share/fish/vendor_completions.d/$program.fish"
  done
  put 644 docs/demo-raw-gl-tap.1 share/man/man1/demo-raw-gl-tap.1
  for library in "${libraries[@]}"; do put 755 "$built/lib$library.so" "lib/$name/lib$library.so"; done
  local file
  for file in README.md CHANGELOG.md LICENSE docs/*.md docs/*.json; do
    put 644 "$file" "share/doc/$name/${file##*/}"
  done

  # Folders that an earlier run made are still ours, and files that an earlier version had are not forgotten.
  [ ! -f "$root/$list" ] || cat "$root/$list" >>"$notes"
  LC_ALL=C sort -u "$notes" >"$work/list"
  install -m 644 "$work/list" "$root/$list"
  say "interop-caps and demo-raw-gl are in $root/bin"
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
    build | install | uninstall) ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done
case $prefix in /*) ;; *) fail "PREFIX must be an absolute path, not '$prefix'" ;; esac
case ${DESTDIR:-/} in /*) ;; *) fail "DESTDIR must be an absolute path, not '$DESTDIR'" ;; esac
case " $* " in *' install '*) check_writable ;; esac
for action in "$@"; do
  case $action in
    build) build ;;
    install) install_all ;;
    uninstall) uninstall_all ;;
  esac
done
