#!/usr/bin/env bash
# Runs a command in a virtual machine in which DMA-BUF works without a GPU: Mesa's software drivers over udmabuf.
#   vm.sh run [OPTION]... -- COMMAND [ARGUMENT]...     vm.sh build [--suite SUITE]     vm.sh modes
#
#   --mode fence      what the kernel offers, see `vm.sh modes`
#   --suite bookworm  Debian in the guest: bookworm (with backports: Mesa 25), trixie (Mesa 25) or sid (the newest)
#   --share .         a folder of this machine's, /mnt in the guest; there the command starts, and its PATH has it
#   --timeout 300     seconds for the command
#   --tries 3         boots; one in some 65 without KVM panics before the command
#
# The command's output comes while it runs, and vm.sh ends with its status, or: 77 the machine cannot be had here (the
# reason on stderr), 123 the guest went down under the command, 124 the timeout, 125 no boot reached the command.
# `build` makes the guest if there is none yet and prints its folder, see vm/build.sh. Libraries beside those of the guest
# are found in lib of the share.
#
#   VM_ACCELERATOR=tcg  KVM or not: kvm, tcg; otherwise what works  VM_CONSOLE=FILE      the kernel's console goes there
#   VM_CPU=NAME         the processor, as QEMU names them           VM_BAD_BOOTS=N       the first N boots panic, to try that
#   VM_MEMORY=2048      MiB
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }
say() { printf 'vm: %s\n' "$*" >&2; }
cannot() { say "$*"; exit 77; }
wrong() { say "$*"; usage >&2; exit 64; }

# --- Modes -----------------------------------------------------------------------------------------------------------
list_modes() {
  cat <<'MODES'
fence       /dev/udmabuf and /dev/dma_heap; a vgem node at /dev/vgem-card makes fences that are really pending
udmabuf     /dev/udmabuf and /dev/dma_heap, no DRM node
virtio-gpu  these and a virtio-gpu as /dev/dri/card0: buffers of GBM's
syncobj     as fence, with a DRM node that has timeline syncobjs at /dev/syncobj-card too
bare        no udmabuf, no dma_heap, no DRM node: what most machines without a GPU are
MODES
}

# set_mode MODE: the devices that QEMU gives, modules that the guest loads, where it puts their DRM nodes, what it removes.
set_mode() {
  devices=() modules='' cards='' hidden=''
  case $1 in
    fence) modules=vgem cards=/dev/vgem-card ;;
    udmabuf) ;;
    virtio-gpu) devices=(-device virtio-gpu-pci) modules=virtio_gpu ;;
    # vgem has no syncobjs, virtio-gpu has.
    syncobj) devices=(-device virtio-gpu-pci) modules=virtio_gpu,vgem cards=/dev/syncobj-card,/dev/vgem-card ;;
    bare) hidden=/dev/udmabuf,/dev/dma_heap ;;
    *) wrong "no mode '$1'; there are: $(list_modes | awk '{ printf "%s%s", separator, $1; separator = ", " }')" ;;
  esac
}

# --- Arguments -------------------------------------------------------------------------------------------------------
action=${1:-}
case $action in
  --help | -h) usage; exit 0 ;;
  modes) list_modes; exit 0 ;;
  build | run) shift ;;
  *) usage >&2; exit 64 ;;
esac

mode=fence suite=bookworm share=. limit=300 tries=3
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    --mode | --suite | --share | --timeout | --tries) [ $# -ge 2 ] || wrong "$1 needs a value" ;;
    *) wrong "unknown option '$1'" ;;
  esac
  case $1 in
    --mode) mode=$2 ;;
    --suite) suite=$2 ;;
    --share) share=$2 ;;
    --timeout) limit=$2 ;;
    --tries) tries=$2 ;;
  esac
  shift 2
done
if [ "$action" = build ]; then
  [ $# -eq 0 ] || wrong "build takes no command"
  exec "$here/vm/build.sh" "$suite"
fi
[ $# -ge 1 ] || wrong "no command"
set_mode "$mode"
[ -d "$share" ] || wrong "no folder '$share'"
share=$(cd "$share" && pwd)
# QEMU takes a comma for the end of the name.
case $share in *,*) wrong "the share's name must have no comma: $share" ;; esac

qemu="qemu-system-x86_64"
command -v $qemu >/dev/null || cannot "no $qemu (scripts/install-packages.sh vm)"
image=$("$here/vm/build.sh" "$suite")

# --- The machine -----------------------------------------------------------------------------------------------------
work=$(mktemp -d)
machine='' readers=''
clean_up() {
  trap '' INT TERM
  # shellcheck disable=SC2086  # numbers
  kill -KILL $machine $readers 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# vm/guest.sh says what the two are for. QEMU's pipes are ours: it makes what it writes to non-blocking, for everybody.
mkdir "$work/control"
{ printf 'exec'; printf ' %q' "$@"; echo; } >"$work/control/command"
mkfifo "$work/output" "$work/errors"
console=${VM_CONSOLE:-$work/console}

# start ACCELERATOR [KERNEL-PARAMETER]...
start() {
  local parameters="console=ttyS0 quiet mitigations=off tsc=reliable random.trust_cpu=on"
  parameters+=" interop.mode=$mode interop.modules=$modules interop.cards=$cards interop.hidden=$hidden ${*:2}"
  local processor=max
  # With AVX2 as QEMU 7.2 emulates it, llvmpipe of Mesa 25 resolves the last row and column of odd sizes to wrong pixels,
  # every time; without it they are right. Without AVX at all drawing is faster: 106 s for tests that took 161 s.
  [ "$1" = kvm ] || processor=max,-avx,-avx2,-f16c,-fma
  rm -f "$work/control/started" "$work/control/status"
  : >"$console"
  # Open for reading too, so that nobody waits for the other side to open. The readers end when the last writer is gone.
  exec 7<>"$work/output" 9<>"$work/errors"
  cat "$work/output" 7>&- 9>&- &
  readers=$!
  cat "$work/errors" >&2 7>&- 9>&- &
  readers+=" $!"
  # setpriv: QEMU ends with this script, even when that is killed. panic=-1 and -no-reboot: a panic ends QEMU.
  setpriv --pdeathsig KILL "$qemu" -nodefaults -no-user-config -no-reboot -display none -serial "file:$console" \
    -M q35 -accel "$1" -cpu "${VM_CPU:-$processor}" -smp 2 -m "${VM_MEMORY:-2048}" \
    -kernel "$image/kernel" -initrd "$image/initrd" -append "$parameters panic=-1" \
    -drive "file=$image/root.img,if=virtio,format=raw,readonly=on" \
    -virtfs "local,path=$share,mount_tag=share,security_model=none,multidevs=remap" \
    -virtfs "local,path=$work/control,mount_tag=control,security_model=none" \
    -device virtio-serial \
    -chardev "file,id=output,path=$work/output" -device virtserialport,chardev=output,name=output \
    -chardev "file,id=errors,path=$work/errors" -device virtserialport,chardev=errors,name=errors \
    ${devices[@]+"${devices[@]}"} </dev/null >"$work/qemu" 2>&1 7>&- 9>&- &
  machine=$!
}

# runs_until SECONDS [FILE]: waits for the machine's end, or something in the file. Fails when neither came in time.
runs_until() {
  # The shell's own word about a QEMU that a signal ended is of no use to anybody.
  exec 6>&2 2>/dev/null
  local status=0
  wait_until "$@" || status=$?
  exec 2>&6 6>&-
  return $status
}
wait_until() {
  local end=$((SECONDS + $1)) reader
  while [ "$SECONDS" -lt "$end" ]; do
    [ -z "${2:-}" ] || [ ! -s "$2" ] || return 0
    kill -0 "$machine" 2>/dev/null || return 0
    for reader in $readers; do
      # Nobody reads our output any more, as in `vm.sh run … | head`.
      kill -0 "$reader" 2>/dev/null || exit 141
    done
    sleep 0.1
  done
  return 1
}

# stop: ends the machine and waits until what it wrote has been written. Sets qemu_status.
stop() {
  kill -KILL "$machine" 2>/dev/null || true
  qemu_status=0
  wait "$machine" 2>/dev/null || qemu_status=$?
  machine=
  exec 7>&- 9>&-
  # shellcheck disable=SC2086  # numbers
  wait $readers 2>/dev/null || true
  readers=
}

# What tells best why a boot failed.
last_words() {
  local line
  line=$(tr -d '\r' <"$console" | grep -m 1 -E '^guest: |Kernel panic' || grep -v 'warning:' "$work/qemu" || tail -n 1 "$console")
  printf '%s' "${line:-no word of it on the console}" | head -n 1 | cut -c 1-300
}

# boot ACCELERATOR SECONDS [KERNEL-PARAMETER]...: fails when the command was not reached, and says why in `reason`.
boot() {
  start "$1" "${@:3}"
  local in_time=yes
  runs_until "$2" "$work/control/started" || in_time=no
  [ ! -s "$work/control/started" ] || return 0
  stop
  reason=$(last_words)
  if [ "$in_time" = yes ]; then reason+=" (QEMU's status $qemu_status)"; else reason="stopped after $2 s: $reason"; fi
  return 1
}

# --- KVM where it works ----------------------------------------------------------------------------------------------
# A sandbox may have a /dev/kvm that no guest boots with. Only a boot tells; a failed one is remembered until this
# machine starts anew.
accelerator=${VM_ACCELERATOR:-}
no_kvm=$(dirname "$image")/no-kvm
this_start=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || true)
if [ -z "$accelerator" ]; then
  accelerator=tcg
  if [ -r /dev/kvm ] && [ -w /dev/kvm ] && [ "$(cat "$no_kvm" 2>/dev/null || true)" != "$this_start" ]; then
    if boot kvm 20; then
      accelerator=kvm
    else
      say "KVM does not work here, the guest is emulated: $reason"
      printf '%s\n' "$this_start" >"$no_kvm"
    fi
  fi
fi

# --- Run -------------------------------------------------------------------------------------------------------------
attempt=0
while [ -z "$machine" ]; do
  attempt=$((attempt + 1))
  bad=()
  [ "$attempt" -gt "${VM_BAD_BOOTS:-0}" ] || bad=(rdinit=/missing)
  # Emulated, on a busy machine, at a low priority: 4 s become many.
  boot "$accelerator" 300 ${bad[@]+"${bad[@]}"} && break
  say "boot $attempt did not reach the command: $reason"
  [ "$attempt" -lt "$tries" ] || exit 125
done
in_time=yes
runs_until "$limit" || in_time=no
stop
booted=$(cat "$work/control/started")
if [ "$in_time" = no ]; then
  say "stopped: the command ran longer than $limit s (mode $mode, boot $booted s)"
  exit 124
fi
if ! read -r status ended 2>/dev/null <"$work/control/status"; then
  say "the guest went down under the command (QEMU's status $qemu_status): $(last_words)"
  exit 123
fi
say "mode $mode, $suite, $accelerator: status $status, boot $booted s, command $(awk "BEGIN { print $ended - $booted }") s"
exit "$status"
