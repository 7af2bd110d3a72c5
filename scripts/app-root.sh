#!/usr/bin/env bash
# Runs a command in a Debian 12 of its own that has what programs with a GL context of their own are made with: SDL, GLFW,
# GTK, mpv, Weston. On the machine itself some of these packages would replace parts of the system.
#   app-root.sh run [OPTION]... -- COMMAND [ARGUMENT]...     app-root.sh build
#
#   --share .          a folder of this machine's: /mnt there, writable; there the command starts
#
# `build` makes the root if there is none yet and prints its folder, in the cache folder. One that was made of another
# list of packages is not used. All but /mnt, /tmp, /run, /dev/shm and /root is read-only; those but /mnt are new and empty for
# each command. When the command ends, all that it started ends. Of the environment it gets what `run` is given by `env`.
#
# Needs root, for chroot and mounts, and mmdebstrap. Ends with the command's status, or 77 with the reason on stderr where
# no such root can be had.
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }
say() { printf 'app-root: %s\n' "$*" >&2; }
cannot() { say "$*"; exit 77; }
wrong() { say "$*"; usage >&2; exit 64; }

# --- What goes into it -----------------------------------------------------------------------------------------------
# What programs are written with, and the compiler. A user's machine: nothing of Swift's is here.
packages=(libsdl2-dev libgtk-4-dev libmpv-dev libglfw3-dev libx11-dev libgl-dev libegl-dev libgles-dev libvulkan-dev
  gcc g++ libc6-dev make pkg-config)
# Hosts with a Vulkan device: Examples/hosts. After GStreamer's: what their Vulkan library is compiled with and does not depend on.
packages+=(libplacebo-dev libavcodec-dev libavformat-dev libavutil-dev qt6-declarative-dev libgstreamer1.0-dev
  libgstreamer-plugins-base1.0-dev libgstreamer-plugins-bad1.0-dev gstreamer1.0-plugins-base gstreamer1.0-plugins-bad
  libxkbcommon-x11-dev libx11-xcb-dev libwayland-dev)
# Programs that nobody will change.
packages+=(mesa-utils mesa-utils-extra glmark2-x11 glmark2-es2-x11)
# Drivers, displays, and a window manager: without one no window is minimised. Fonts: GTK wants one.
packages+=(mesa-vulkan-drivers libgl1-mesa-dri libegl1 libgles2 libgl1 libvulkan1 vulkan-validationlayers xvfb xauth weston openbox
  xdotool fonts-dejavu-core)
# ANGLE's libraries link to them; its own files come from this machine.
packages+=(libxnvctrl0 libx11-6 libxext6)
# For a look inside.
packages+=(valgrind procps strace)
# Of them no documents.
left_out=(/usr/share/{doc,man,locale,info,lintian}/'*' /usr/share/vulkan/registry/'*')

# --- Arguments -------------------------------------------------------------------------------------------------------
action=${1:-}
case $action in
  --help | -h) usage; exit 0 ;;
  build | run) shift ;;
  *) usage >&2; exit 64 ;;
esac
share=.
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    --share) [ $# -ge 2 ] || wrong "$1 needs a value" ;;
    *) wrong "unknown option '$1'" ;;
  esac
  share=$2
  shift 2
done
[ -d "$share" ] || wrong "no folder '$share'"
share=$(cd "$share" && pwd -P)
case $action in
  build) [ $# -eq 0 ] || wrong "build takes no command" ;;
  run) [ $# -ge 1 ] || wrong "no command" ;;
esac

# --- The root --------------------------------------------------------------------------------------------------------
[ "$(id -u)" = 0 ] || cannot "needs root, for chroot and mounts"
for tool in unshare mount chroot flock; do command -v $tool >/dev/null || cannot "needs '$tool' (scripts/install-packages.sh apps)"; done
propagation=$("$(dirname "${BASH_SOURCE[0]}")/mount-propagation.sh") || cannot "nobody may make mounts of their own here (unshare --mount)"
private=(--propagation "$propagation")

# Another list, another root.
key=$(printf '%s\n' "${packages[@]}" "${left_out[@]}" | sha256sum | cut -c 1-12)
cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/swift-gl-vulkan-interop/app-root
root=$cache/$key

make_root() {
  command -v mmdebstrap >/dev/null || cannot "no mmdebstrap (scripts/install-packages.sh apps)"
  mkdir -p "$cache" 2>/dev/null || cannot "cannot write to $cache (set XDG_CACHE_HOME)"
  # Of two that start together the second waits, and finds what the first has made.
  exec 8>"$cache/lock"
  flock 8
  [ ! -d "$root" ] || return 0
  work=$(mktemp -d "$cache/tmp.XXXXXX" 2>/dev/null) || cannot "cannot write to $cache (set XDG_CACHE_HOME)"
  trap 'trap "" INT TERM; [ -z "${child:-}" ] || kill "$child" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  say "making the root in $root"
  local started=$SECONDS file list setting name existing=() options=()
  # Debian's packages come from where this machine's come from.
  shopt -s nullglob
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    if grep -q bookworm "$file" 2>/dev/null; then existing+=("$file"); fi
  done
  shopt -u nullglob
  [ ${#existing[@]} -gt 0 ] || cannot "this machine's apt has no sources for Debian 12 (bookworm)"
  while IFS= read -r setting; do options+=(--aptopt="$setting"); done < <(apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' || true)
  for name in "${left_out[@]}"; do options+=(--dpkgopt="path-exclude=$name"); done
  list=$(IFS=,; printf '%s' "${packages[*]}")
  # unsafe-io: a root that a crash leaves half-written is in a folder that nobody uses.
  mmdebstrap --verbose --variant=apt --include="$list" --dpkgopt=force-unsafe-io "${options[@]}" \
    bookworm "$work/root" "${existing[@]}" >"$work/log" 2>&1 8>&- &
  child=$!
  if ! wait "$child"; then
    tail -n 40 "$work/log" >&2
    cannot "mmdebstrap: $(grep -m 1 -E '^(dpkg: error|E: [^s])' "$work/log" || tail -n 1 "$work/log")"
  fi
  child=
  mkdir -p "$work/root/mnt"
  rm -rf "$work/root"/var/{cache/apt,lib/apt/lists}/*
  chroot "$work/root" dpkg-query -W >"$work/root/versions"
  mv -T "$work/root" "$root"
  say "the root is made: $((SECONDS - started)) s, $(du -sm "$root" | cut -f 1) MB, Mesa $(awk '$1 ~ /^mesa-vulkan-drivers/ { print $2 }' "$root/versions")"
  # What was made of other lists and nobody has used for two weeks, and what was left behind by a kill.
  find "$cache" -mindepth 1 -maxdepth 1 -type d ! -name 'tmp.*' ! -path "$root" -mtime +14 -exec rm -rf --one-file-system {} + || true
  find "$cache" -mindepth 1 -maxdepth 1 -type d -name 'tmp.*' ! -path "$work" -exec rm -rf --one-file-system {} + || true
  exec 8>&-
}
# The folder is moved into place when it is complete, so where it is, it is whole.
[ -d "$root" ] || make_root
touch "$root"
if [ "$action" = build ]; then
  printf '%s\n' "$root"
  exit 0
fi

# --- Run -------------------------------------------------------------------------------------------------------------
# inside COMMAND...: in namespaces of its own; every mount and process here ends with it.
inside() {
  local folder name
  mount --bind "$root" "$root"
  mount -o remount,bind,ro "$root"
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  for name in null zero full random urandom tty; do
    : >"$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
  done
  ln -s /proc/self/fd "$root/dev/fd"
  mkdir -m 1777 "$root/dev/shm"
  for folder in /tmp /run /root; do mount -t tmpfs -o mode=1777 tmpfs "$root$folder"; done
  mkdir -m 1777 "$root/tmp/.X11-unix"
  mkdir -m 700 "$root/run/user"
  mount --bind "$share" "$root/mnt"
  cd "$root/mnt"
  exec chroot "$root" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
    XDG_RUNTIME_DIR=/run/user bash -c 'cd /mnt && exec "$@"' bash "$@"
}
export -f inside say
export root share
# unshare lets SIGINT and SIGTERM pass by, and the command, the first process in there, gets neither unless it asks for it. With
# unshare all of it goes: what it wrote to is gone with its mounts.
status=0
unshare --mount "${private[@]}" --pid --fork --kill-child bash -euo pipefail -c 'inside "$@"' inside "$@" <&0 &
child=$!
trap 'kill -KILL $child 2>/dev/null || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
wait "$child" || status=$?
trap - EXIT
exit "$status"
