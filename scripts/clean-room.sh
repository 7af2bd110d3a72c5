#!/usr/bin/env bash
# Proves that `make demo` and `make test` do everything on a fresh Debian 12 that has only a Swift toolchain:
#   clean-room.sh [TARGET]...      (default: demo test)
#
# Makes such a Debian in a temporary folder, puts a new clone of HEAD into it, and runs make there. What is not committed
# is not tested. The toolchain of this machine is mounted, read-only; Debian's packages come from where this machine's
# come from. Needs root, for chroot and mounts. KEEP=1 leaves the folder.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
say() { printf '\n== clean room: %s\n' "$*" >&2; }
fail() { printf 'clean-room: %s\n' "$*" >&2; exit 1; }

[ $# -gt 0 ] || set -- demo test
[ "$(id -u)" = 0 ] || fail "needs root: sudo env PATH=\"\$PATH\" scripts/clean-room.sh $*"
command -v swift >/dev/null || fail "no 'swift' in PATH"
"$here/install-packages.sh" room

# What swift.org lists as a toolchain's prerequisites on Debian 12, and what gets one a clone to type `make` in.
packages=binutils-gold,gcc,git,libcurl4-openssl-dev,libedit-dev,libpython3-dev,libsqlite3-dev,libstdc++-12-dev
packages+=,libxml2-dev,libz3-dev,pkg-config,tzdata,zlib1g-dev,make,ca-certificates

# The compiler knows where its toolchain is, whatever links lead to it.
resources=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
toolchain=$(realpath "$resources/../../..")
[ "$toolchain" != / ] || fail "the toolchain is installed in /usr, so it cannot be mounted without the rest of this system"

# /var/tmp: /tmp may be a small file system in memory.
room=$(mktemp -d /var/tmp/clean-room.XXXXXX)
# Mounts are made in a mount namespace of their own below, and end with it. --one-file-system is the second belt.
child=
clean_up() {
  trap '' INT TERM HUP
  if [ -n "$child" ]; then
    # make first, so that its last words are heard: see inside. Its tests end within 20 s.
    local first
    read -r first <"/proc/$child/task/$child/children" 2>/dev/null || true
    [ -z "${first:-}" ] || kill -TERM "$first" 2>/dev/null || true
    for _ in {1..300}; do
      kill -0 "$child" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$room"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
root=$room/root

say "making a Debian 12 in $root"
shopt -s nullglob
sources=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources)
existing=()
for file in "${sources[@]}"; do if grep -q bookworm "$file" 2>/dev/null; then existing+=("$file"); fi; done
[ ${#existing[@]} -gt 0 ] || fail "this machine's apt has no sources for Debian 12 (bookworm)"
options=()
while IFS= read -r setting; do options+=(--aptopt="$setting"); done < <(apt-config dump | grep -E '^Acquire::(https?::Proxy|Check-)' || true)
mmdebstrap --quiet --variant=apt --include="$packages" "${options[@]}" bookworm "$root" "${existing[@]}"

say "cloning HEAD, $(git -C "$here" log -1 --format='%h %s')"
changed=$(git -C "$here/.." status --porcelain | wc -l)
[ "$changed" = 0 ] || say "note: $changed changed or new files are not committed, so not tested"
git clone --quiet --no-local "$(git -C "$here" rev-parse --show-toplevel)" "$root/root/clone"

# Where git on this machine reads packages from: the same rules, and a mirror on disk with them.
mirrors=()
while read -r key value; do
  git config --file "$root/root/.gitconfig" --add "$key" "$value"
  base=${key#url.}
  base=${base%.insteadof}
  [ ! -d "$base" ] || [[ " ${mirrors[*]} " == *" $base "* ]] || mirrors+=("$base")
done < <(git config --get-regexp '^url\..*\.insteadof$' || true)

# inside TARGET...: in the namespaces of its own; everything mounted or started here ends with it.
inside() {
  local folder
  mount_read_only() {
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    mount -o remount,bind,ro "$root$2"
  }
  mount_read_only "$toolchain" /opt/swift
  for folder in "${mirrors[@]}"; do mount_read_only "$folder" "$folder"; done
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  local target started status make=''
  # Without this the first process of a namespace gets no SIGTERM.
  trap '[ -z "$make" ] || kill -TERM "$make"' TERM
  for target in "$@"; do
    say "make $target"
    started=$SECONDS
    chroot "$root" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/swift/usr/bin \
      LANG=C.UTF-8 make -C /root/clone "$target" </dev/null &
    make=$!
    status=0
    wait "$make" || status=$?
    # A signal that has been passed on ends the wait, not make.
    while kill -0 "$make" 2>/dev/null; do wait "$make" || status=$?; done
    make=
    [ "$status" = 0 ] || return "$status"
    say "make $target: done in $((SECONDS - started)) s"
  done
}
export -f inside say
export root toolchain mirror_list="${mirrors[*]}"
# shellcheck disable=SC2016  # expanded by the inner shell
unshare --mount --pid --fork --kill-child bash -euo pipefail -c 'read -r -a mirrors <<<"$mirror_list"; inside "$@"' inside "$@" &
child=$!
if wait "$child"; then
  child=
  say "passed: make $*"
else
  child=
  say "FAILED: make $*"
  exit 1
fi
