#!/usr/bin/env bash
# Runs a command on one driver stack (a GL driver and the Vulkan driver that goes with it):
#   stack.sh NAME [--] COMMAND [ARGUMENT]...      stack.sh --list
#
#   llvmpipe  Mesa on the CPU: llvmpipe and lavapipe        zink    Mesa's GL on top of lavapipe
#   angle     ANGLE on SwiftShader, see angle.sh            native  what the machine has; nothing is set
#   auto      native where there is a GPU, else llvmpipe
#   vm        inside the guest of vm.sh only, whose drivers are set already
#
# The command finds the name in INTEROP_TEST_STACK, and on angle the library to open in INTEROP_TEST_EGL_LIBRARY and the
# folder of dawn.sh in INTEROP_TEST_DAWN, or there the reason behind a `!`.
# With INTEROP_TEST_VALIDATION=1, what the Khronos validation layer has to say goes to the file INTEROP_VALIDATION_LOG,
# but for messages that INTEROP_VALIDATION_FILTER names (with commas between them).
# Exit 77 with the reason on stderr when the stack cannot be had here, otherwise the command's own status.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }
cannot() { printf 'stack %s: %s\n' "$stack" "$*" >&2; exit 77; }

case ${1:-} in
  --list) printf '%s\n' llvmpipe zink angle native; exit 0 ;;
  --help | -h) usage; exit 0 ;;
esac
[ $# -ge 2 ] || { usage >&2; exit 64; }
stack=$1
shift
[ "$1" != -- ] || shift
[ $# -ge 1 ] || { usage >&2; exit 64; }

if [ "$stack" = auto ]; then
  gpus=$(compgen -G '/dev/dri/renderD*' || compgen -G '/etc/vulkan/icd.d/nvidia*.json' || compgen -G '/usr/share/vulkan/icd.d/nvidia*.json' || true)
  if [ -n "$gpus" ]; then
    stack=native
    echo "drivers: this machine's own" >&2
  else
    stack=llvmpipe
    echo "drivers: Mesa's software drivers (llvmpipe and lavapipe), as this machine has no GPU" >&2
  fi
fi

# What the caller's environment says of drivers must not mix with a stack's own choice.
forget_driver_settings() {
  local name
  for name in $(compgen -e | grep -E '^(LIBGL|MESA|GALLIUM|ZINK|LP|ANGLE|__EGL|__GLX)_' || true); do unset "$name"; done
  unset EGL_PLATFORM VK_DRIVER_FILES VK_ICD_FILENAMES VK_ADD_DRIVER_FILES VK_INSTANCE_LAYERS VK_LOADER_LAYERS_ENABLE \
    VK_LOADER_DRIVERS_SELECT VK_LOADER_DRIVERS_DISABLE
}
# The loader of Debian 12 reads the old variable and the new one.
use_vulkan_driver() { export VK_DRIVER_FILES=$1 VK_ICD_FILENAMES=$1; }

use_mesa() {
  local driver=$1 lavapipe vendor=/usr/share/glvnd/egl_vendor.d/50_mesa.json
  lavapipe=$(compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json') || cannot "no lavapipe (Debian's mesa-vulkan-drivers)"
  compgen -G "/usr/lib/*/dri/$driver" >/dev/null || cannot "no $driver (Debian's libgl1-mesa-dri)"
  [ -e $vendor ] || cannot "no Mesa EGL (Debian's libegl1)"
  use_vulkan_driver "${lavapipe%%$'\n'*}"
  # Another vendor's EGL, NVIDIA's say, would be asked first.
  export __EGL_VENDOR_LIBRARY_FILENAMES=$vendor __GLX_VENDOR_LIBRARY_NAME=mesa LIBGL_ALWAYS_SOFTWARE=1
}

case $stack in
  native) ;;
  vm) [ -n "${INTEROP_VM_MODE:-}" ] || cannot "this is not the guest of scripts/vm.sh; scripts/test-vm.sh runs the tests there" ;;
  llvmpipe)
    forget_driver_settings
    use_mesa swrast_dri.so
    export GALLIUM_DRIVER=llvmpipe ;;
  zink)
    forget_driver_settings
    use_mesa zink_dri.so
    export GALLIUM_DRIVER=zink MESA_LOADER_DRIVER_OVERRIDE=zink ;;
  angle)
    forget_driver_settings
    folder=$("$here/angle.sh") || exit 77
    use_vulkan_driver "$folder/vk_swiftshader_icd.json"
    export INTEROP_TEST_EGL_LIBRARY=$folder/libEGL.so ANGLE_DEFAULT_PLATFORM=swiftshader
    # Dawn runs on SwiftShader, too. Where it cannot be had, the tests say why.
    if ! INTEROP_TEST_DAWN=$("$here/dawn.sh" 2>&1); then INTEROP_TEST_DAWN="!${INTEROP_TEST_DAWN##*$'\n'}"; fi
    INTEROP_TEST_DAWN=${INTEROP_TEST_DAWN##*$'\n'}
    export INTEROP_TEST_DAWN
    export LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} ;;
  *)
    printf 'stack.sh: no stack "%s"; there are: llvmpipe, zink, angle, native, auto\n' "$stack" >&2
    exit 64 ;;
esac
export INTEROP_TEST_STACK=$stack

[ "${INTEROP_TEST_VALIDATION:-}" = 1 ] || exec "$@"

# --- With validation -------------------------------------------------------------------------------------------------
# The layer is only told here where to write. It is enabled by the instances that ask for it, so that ANGLE's own
# Vulkan instance stays out of it: VK_INSTANCE_LAYERS would put it there too.
log=${INTEROP_VALIDATION_LOG:?INTEROP_TEST_VALIDATION=1 needs a file name in INTEROP_VALIDATION_LOG}
manifest=/usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json
[ -e $manifest ] || cannot "no Khronos validation layer (Debian's vulkan-validationlayers)"
# The layer of Vulkan 1.3 (Debian 12) knows only the one name of this setting, that of 1.4 complains of it.
synchronisation="enables = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT"
! grep -q '"api_version": "1\.[4-9]' $manifest || synchronisation="validate_sync = true"
work=$(mktemp -d)
trap 'trap "" INT TERM; rm -rf "$work"' EXIT

# Each instance opens the file anew and cuts it to nothing, so instances and processes of one run would lose each
# other's messages. A pipe cannot be cut. Descriptor 9 keeps it open while no instance exists.
: >"$log"
mkfifo "$work/messages"
cat "$work/messages" >>"$log" &
reader=$!
exec 9>"$work/messages"

cat >"$work/vk_layer_settings.txt" <<SETTINGS
khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG
khronos_validation.log_filename = $work/messages
khronos_validation.report_flags = error,warn,perf
khronos_validation.message_id_filter = ${INTEROP_VALIDATION_FILTER:-}
khronos_validation.$synchronisation
SETTINGS

status=0
VK_LAYER_SETTINGS_PATH=$work/vk_layer_settings.txt "$@" 9>&- || status=$?

# The reader ends when the last writer is gone. A process that the command left behind must not keep us for ever.
exec 9>&-
for _ in {1..50}; do
  kill -0 "$reader" 2>/dev/null || break
  sleep 0.1
done
kill "$reader" 2>/dev/null || true
exit "$status"
