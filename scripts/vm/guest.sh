#!/bin/bash
# The guest's init: makes the mode's devices, runs the command, tells its status, switches the machine off.
#
# /mnt is the folder of the host's that is shared. In /control, vm.sh leaves `command`, and finds `started` and `status`.
# The command's output goes through two serial ports, so that it is seen while the command runs.
export PATH=/mnt:/usr/bin:/usr/sbin HOME=/tmp/home XDG_RUNTIME_DIR=/tmp/runtime XDG_CACHE_HOME=/tmp/cache LANG=C.UTF-8
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR" "$XDG_CACHE_HOME"

setting() { sed -n "s/.*\binterop\.$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
mode=$(setting mode)
cards=$(setting cards)
hidden=$(setting hidden)

# A DRM node in /dev/dri makes Mesa take kms_swrast, where the EGL import of another driver's buffer fails. Where a mode
# wants the nodes' fences only, they go elsewhere: card0, card1 in the order of the modules.
number=0
for card in ${cards//,/ }; do
  for _ in {1..100}; do
    [ ! -e /dev/dri/card$number ] || break
    sleep 0.05
  done
  mv /dev/dri/card$number "$card"
  number=$((number + 1))
done
[ -z "$cards" ] || rm -r /dev/dri
# shellcheck disable=SC2086  # several names
[ -z "$hidden" ] || rm -rf ${hidden//,/ }

icd=$(echo /usr/share/vulkan/icd.d/lvp_icd*.json)
# The loader of Debian 12 reads the old variable, newer ones the new one.
export VK_DRIVER_FILES=$icd VK_ICD_FILENAMES=$icd LD_LIBRARY_PATH=/mnt/lib
# Nobody looks at the output on a terminal of this name.
export TERM=dumb
export INTEROP_TEST_STACK=vm INTEROP_VM_MODE=$mode

# port NAME: the device of one of the two serial ports, as vm.sh named it.
port() {
  local file
  for file in /sys/class/virtio-ports/*/name; do
    [ "$(<"$file")" != "$1" ] || basename "$(dirname "$file")"
  done
}
# A port can be opened once. Programs that open /dev/stderr must find a pipe.
exec {output}> >(exec cat >"/dev/$(port output)")
writers=$!
exec {errors}> >(exec cat >"/dev/$(port errors)")
writers+=" $!"

cd /mnt || echo "guest: no /mnt"
uptime() { cut -d ' ' -f 1 /proc/uptime; }
uptime >/control/started
bash /control/command >&"$output" 2>&"$errors" {output}>&- {errors}>&- </dev/null
status="$? $(uptime)"
exec {output}>&- {errors}>&-
# What the command has left behind must not keep the pipes open for ever.
for _ in {1..50}; do
  # shellcheck disable=SC2086  # two numbers
  kill -0 $writers 2>/dev/null || break
  sleep 0.1
done
echo "$status" >/control/status
sync
busybox poweroff -f
