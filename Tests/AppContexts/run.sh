#!/usr/bin/env bash
# Runs the examples, and the programs beside this file, in every context of docs/testing.md; inside the Debian of
# scripts/app-root.sh, from scripts/test-examples.sh: run.sh FOLDER-OF-PROGRAMS [REGEX]
#
# A line on stdout for each: "ok NAME, what it said", "FAILED NAME, why" or "skipped NAME, why". Their whole output goes to
# FOLDER/logs. FRAMES=100: of each program. REGEX: only those whose names match. VALGRIND=1: two of them under valgrind too, which
# takes minutes.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
programs=$1
only=${2:-.}
frames=${FRAMES:-100}
# Seconds; a program takes a few, and more where the machine does other things.
limit=${PROGRAM_LIMIT:-600}
cd "$programs" || exit 1
logs=$PWD/logs
rm -rf "$logs"
mkdir "$logs" || exit 1
failed=0

say() {
  printf '%s %s, %s\n' "$@"
  [ "$1" != FAILED ] || failed=1
}

# --- Displays --------------------------------------------------------------------------------------------------------
background=()
trap 'kill "${background[@]}" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# wait_for COMMAND...: until it works, a minute at most.
wait_for() {
  local try
  for ((try = 0; try < 600; try++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  return 1
}
# A window manager: without one no window is minimised.
Xvfb :77 -screen 0 1024x768x24 -nolisten tcp >"$logs/xvfb" 2>&1 &
background+=($!)
export DISPLAY=:77
wait_for xdotool getmouselocation || say FAILED Xvfb "it does not start: $(tail -n 1 "$logs/xvfb")"
openbox >"$logs/openbox" 2>&1 &
background+=($!)

# start_weston NAME OPTION...: its socket is NAME in XDG_RUNTIME_DIR, and it draws with GL.
is_up() { [ -S "$XDG_RUNTIME_DIR/$1" ] && grep -q 'GL renderer' "$logs/$1"; }
start_weston() {
  rm -f "$XDG_RUNTIME_DIR/$1"*
  weston --socket="$1" "${@:2}" --idle-time=0 >"$logs/$1" 2>&1 &
  background+=($!)
  wait_for is_up "$1" || say FAILED "$1" "it does not start with GL: $(tail -n 1 "$logs/$1")"
}
start_weston weston-headless --backend=headless-backend.so --use-gl
# Weston's headless backend has no seat, without which SDL 2.26 crashes in SDL_Init. So SDL gets one on X.
start_weston weston-x11 --backend=x11-backend.so

# --- Programs --------------------------------------------------------------------------------------------------------
# run NAME EXPECTED COMMAND...: EXPECTED is a regular expression for the line of what it ran on. The programs compare every pixel
# and their own pictures; they end with 0 only if all frames were right.
run() {
  local name=$1 expected=$2 status=0 line
  shift 2
  [[ $name =~ $only ]] || return 0
  timeout --kill-after=5 "$limit" "$@" >"$logs/$name" 2>&1 </dev/null || status=$?
  line=$(grep -E ': [0-9]+ frames' "$logs/$name" | tail -n 1)
  if [ $status = 124 ] || [ $status = 137 ]; then
    say FAILED "$name" "it hung, stopped after $limit s: $(tail -n 1 "$logs/$name")"
  elif [ $status -gt 128 ]; then
    say FAILED "$name" "crashed with signal $((status - 128))"
  elif [ $status != 0 ]; then
    say FAILED "$name" "status $status: $(grep -vE 'WARNING|^$' "$logs/$name" | tail -n 1)"
  elif ! [[ $line =~ $expected ]]; then
    say FAILED "$name" "it ran on something else than '$expected': $line"
  else
    say ok "$name" "${line#*: }"
  fi
}

size=(--size 322x241)
check=("${size[@]}" --check "$frames")
wayland=(env -u DISPLAY)
x11=(env SDL_VIDEODRIVER=x11)

run glx-compat "GLX, 4.*Compat.* $frames right" ./glx "${check[@]}"
run glx-core "GLX, 4.*Core.* $frames right" ./glx --gl core "${check[@]}"
run glx-pbuffer-core "GLX, 4.*Core.* $frames right" ./glx_pbuffer --gl core "${check[@]}"
run glx-pbuffer-compat "GLX, 4.*Compat.* $frames right" ./glx_pbuffer "${check[@]}"
run glx-pbuffer-debug "GLX, 4.*Core.* $frames right" ./glx_pbuffer --gl core "${check[@]}" debug

for gl in compat core es; do
  case $gl in compat) name=Compat ;; core) name=Core ;; es) name='ES 3' ;; esac
  right=".*$name.* $frames right"
  run "sdl2-x11-$gl" "GLX,$right" "${x11[@]}" ./sdl2 --gl $gl "${check[@]}"
  run "engine-$gl" "GLX,$right" "${x11[@]}" ./engine --gl $gl "${check[@]}"
  run "sdl2-x11-egl-$gl" "EGL,$right" "${x11[@]}" SDL_VIDEO_X11_FORCE_EGL=1 ./sdl2 --gl $gl "${check[@]}"
  run "sdl2-offscreen-$gl" "EGL,$right" "${wayland[@]}" SDL_VIDEODRIVER=offscreen ./sdl2 --gl $gl "${check[@]}"
  run "sdl2-wayland-$gl" "EGL,$right" "${wayland[@]}" WAYLAND_DISPLAY=weston-x11 SDL_VIDEODRIVER=wayland ./sdl2 --gl $gl "${check[@]}"
  run "egl-wayland-$gl" "EGL,$right" "${wayland[@]}" WAYLAND_DISPLAY=weston-headless ./egl_wayland --gl $gl "${check[@]}"
  if [ -x glfw ]; then
    run "glfw-native-$gl" "GLX,$right" ./glfw --gl $gl "${check[@]}"
    run "glfw-egl-$gl" "EGL,$right" ./glfw --context egl --gl $gl "${check[@]}"
  fi
done
run egl-wayland-10-bits "EGL,.* $frames right" "${wayland[@]}" WAYLAND_DISPLAY=weston-headless ./egl_wayland "${check[@]}" 10
[ -x glfw ] || [ "${NO_GLFW:-}" = "not asked for" ] || say skipped glfw "${NO_GLFW:-it was not built}"

# GTK looks for a session's bus and warns that there is none.
run gtk4-glx "GLX, .*Core.* $frames right" env GDK_BACKEND=x11 ./gtk4 "${check[@]}"
run gtk4-egl "EGL, .* $frames right" env GDK_BACKEND=x11 GDK_DEBUG=gl-egl ./gtk4 "${check[@]}"
run gtk4-egl-es "EGL, OpenGL ES.* $frames right" env GDK_BACKEND=x11 GDK_DEBUG=gl-egl ./gtk4 --gl es "${check[@]}"
run gtk4-wayland "EGL, .* $frames right" "${wayland[@]}" WAYLAND_DISPLAY=weston-headless GDK_BACKEND=wayland ./gtk4 "${check[@]}"

run libmpv-core "EGL, .*Core.* $frames right" "${wayland[@]}" ./libmpv "${check[@]}"
run libmpv-es "EGL, OpenGL ES.* $frames right" "${wayland[@]}" ./libmpv --gl es "${check[@]}"

for scenario in resize minimise recreate forget nothing; do
  run "lifecycle-sdl2-$scenario" 'frames, of' "${x11[@]}" ./lifecycle_sdl2 $scenario
done
for scenario in resize recreate forget nothing; do
  run "lifecycle-sdl2-egl-$scenario" 'frames, of' "${x11[@]}" SDL_VIDEO_X11_FORCE_EGL=1 ./lifecycle_sdl2 $scenario
done
run lifecycle-gtk4 'frames, of' env GDK_BACKEND=x11 ./lifecycle_gtk4
run lifecycle-gtk4-egl 'frames, of' env GDK_BACKEND=x11 GDK_DEBUG=gl-egl ./lifecycle_gtk4

# --- Hosts -----------------------------------------------------------------------------------------------------------
# Their programs are as users build them. 300 frames at least, resized in the middle. Beside FOLDER: angle, with ANGLE's libraries
# and SwiftShader, where it could be had; there GL and Vulkan share semaphores. The validation layer would be ANGLE's, too.
host_frames=$((frames > 300 ? frames : 300))
host_check=(--size 64x32 --check "$host_frames")
angle_folder=$PWD/../angle
angle=(env -u VK_INSTANCE_LAYERS ANGLE_DEFAULT_PLATFORM=swiftshader "LD_LIBRARY_PATH=$angle_folder"
  "VK_DRIVER_FILES=$angle_folder/vk_swiftshader_icd.json" "VK_ICD_FILENAMES=$angle_folder/vk_swiftshader_icd.json")
run_host() {
  local name=$1 option
  for option in '' --top-down --srgb; do
    run "$name-llvmpipe$option" "opaque-fd, cpu-wait, .* $host_frames right" "examples/$name" "${host_check[@]}" $option
    [ -d "$angle_folder" ] || continue
    run "$name-angle$option" "ES 3.*ANGLE.* opaque-fd, semaphore-fd, .* $host_frames right" "${angle[@]}" \
      "examples/$name" --angle "$angle_folder/libEGL.so" "${host_check[@]}" $option
  done
  refused "$name-without-extension" VK_KHR_external_memory_fd env VK_LAYER_PATH=layer VK_INSTANCE_LAYERS=VK_LAYER_hidden_extension \
    HIDDEN_EXTENSION=VK_KHR_external_memory_fd "examples/$name" "${host_check[@]}"
  [ ! -d "$angle_folder" ] || refused "$name-other-gpu" '(does not have the GPU that|is the one) GL runs on' env -u VK_INSTANCE_LAYERS \
    "${angle[@]:3}" "examples/$name" "${host_check[@]}"
}
# refused NAME EXPECTED COMMAND...: the program ends with status 1, and its last line says why.
refused() {
  local name=$1 expected=$2 status=0 line
  shift 2
  [[ $name =~ $only ]] || return 0
  timeout --kill-after=5 "$limit" "$@" >"$logs/$name" 2>&1 </dev/null || status=$?
  line=$(tail -n 1 "$logs/$name")
  if [ $status = 1 ] && [[ $line =~ $expected ]]; then
    say ok "$name" "refused: ${line:0:200}"
  else
    say FAILED "$name" "status $status in place of a word about '$expected': $line"
  fi
}
export QT_QPA_PLATFORM=xcb
for host in libplacebo ffmpeg gstreamer qtquick; do run_host $host; done
refused qtquick-offscreen 'QT_QPA_PLATFORM must be xcb' env QT_QPA_PLATFORM=offscreen examples/qtquick "${host_check[@]}"
run libplacebo-long ' 10000 right' examples/libplacebo --size 64x32 --check 10000
[ -d "$angle_folder" ] || say skipped hosts-on-angle "${NO_ANGLE:-ANGLE is not there}"

run glx-pushed-about 'GLX, .*: 1500 frames' "$here/pushed-about.sh" ./glx 1500

# What the package itself loses, or reads and writes where it must not; of drivers and displays nothing is said.
under_valgrind() {
  local log=$logs/memory-of-${1##*/} faults
  valgrind --leak-check=full --errors-for-leak-kinds=definite --num-callers=12 --log-file="$log" "$@" || return
  # A record is a line of its own kind and lines of a stack; the first frame that is no allocator's says whose it is.
  faults=$(sed 's/^==[0-9]*== *//' "$log" | awk '
    /are definitely lost|^Invalid (read|write|free)|^Conditional jump|^Use of uninit/ { kind = $0; next }
    /^(at|by) / && kind != "" {
      if ($0 ~ /(malloc|calloc|realloc|memalign|operator new|swift_slowAlloc|swift_allocObject)/) next
      if ($0 ~ /glvulkaninterop/) print kind
      kind = ""
    }')
  [ -z "$faults" ] || { printf '%s\n' "$faults" | head -n 3; return 1; }
}
if [ -n "${VALGRIND:-}" ]; then
  limit=900
  export -f under_valgrind
  export logs
  run valgrind-glx 'GLX, .* 3 right' bash -c 'under_valgrind "$@"' bash ./glx --size 64x48 --check 3
  run valgrind-lifecycle-sdl2 'frames, of' "${x11[@]}" bash -c 'under_valgrind "$@"' bash ./lifecycle_sdl2 recreate
fi

exit $failed
