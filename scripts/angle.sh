#!/usr/bin/env bash
# Makes the ANGLE + SwiftShader driver stack in a cache folder and prints the folder. Needs no root.
#
# Debian has no package of ANGLE; its chromium-common carries a whole one beside SwiftShader, a Vulkan driver on the
# CPU. Only those libraries are unpacked; nothing is installed. Chromium's newer builds have ANGLE inside the browser
# and ship stubs that export nothing, so a package is looked at before it is used.
#
# Exit 77 with one line on stderr when it cannot be had.
set -euo pipefail

preferred=150.0.7871.100-1~deb12u1
files=(libEGL.so libGLESv2.so libvulkan.so.1 libvk_swiftshader.so vk_swiftshader_icd.json)

cannot() { printf 'angle: %s\n' "$*" >&2; exit 77; }

cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/swift-gl-vulkan-interop/angle
folder=$cache/lib

complete() {
  local file
  for file in "${files[@]}"; do [ -s "$folder/$file" ] || return 1; done
}
if complete; then
  printf '%s\n' "$folder"
  exit 0
fi

for tool in apt-get apt-cache dpkg nm ldd; do
  command -v $tool >/dev/null || cannot "needs '$tool', which is not here"
done
mkdir -p "$cache" 2>/dev/null || cannot "cannot write to $cache (set XDG_CACHE_HOME)"
work=$(mktemp -d "$cache/tmp.XXXXXX" 2>/dev/null) || cannot "cannot write to $cache (set XDG_CACHE_HOME)"
trap 'rm -rf "$work"' EXIT
cd "$work"

# download PACKAGE[=VERSION]: apt checks the signature. Root may write here while apt's own user may not; say so to apt.
download() { apt-get download -q -o APT::Sandbox::User=root "$1" >"$work/apt.log" 2>&1; }

versions() { apt-cache madison chromium-common 2>/dev/null | awk -F'|' '{ gsub(/ /, "", $2); print $2 }'; }
[ -n "$(versions)" ] || [ "$(id -u)" != 0 ] || apt-get update -qq >/dev/null 2>&1 || true
known=$(versions)
[ -n "$known" ] || cannot "apt knows no package chromium-common (is Debian's main archive set up, and 'apt-get update' done?)"

# exports LIBRARY SYMBOL
exports() { [[ $(nm -D --defined-only "$1" 2>/dev/null) == *" T $2"* ]]; }

reasons=()
found=
for version in $({ grep -Fx "$preferred" <<<"$known" || true; grep -Fxv "$preferred" <<<"$known" || true; } | awk '!seen[$0]++'); do
  if [ -e "$cache/stubs-$version" ]; then
    reasons+=("$version exports nothing")
    continue
  fi
  printf 'angle: downloading chromium-common %s\n' "$version" >&2
  if ! download "chromium-common=$version"; then
    reasons+=("$version: $(grep -m 1 '^E:' apt.log || echo 'download failed')")
    continue
  fi
  rm -rf unpacked
  dpkg -x chromium-common_*.deb unpacked
  rm -f chromium-common_*.deb
  if exports unpacked/usr/lib/chromium/libEGL.so eglGetProcAddress &&
    exports unpacked/usr/lib/chromium/libGLESv2.so glDrawArrays; then
    found=$version
    break
  fi
  # Remembered, so that not every run downloads it again.
  touch "$cache/stubs-$version"
  reasons+=("$version exports nothing")
done
if [ -z "$found" ]; then
  list=$(printf '%s; ' "${reasons[@]}")
  cannot "no usable ANGLE in Debian's chromium-common: ${list%; }"
fi

mkdir lib
for file in "${files[@]}"; do
  mv "unpacked/usr/lib/chromium/$file" lib/ 2>/dev/null || cannot "chromium-common $found has no $file"
done
missing_libraries() { LD_LIBRARY_PATH=lib ldd lib/*.so lib/*.so.1 | awk '/not found/ { print $1 }' | sort -u | tr '\n' ' '; }
if [[ $(missing_libraries) == *libXNVCtrl.so.0* ]] && download libxnvctrl0; then
  dpkg -x libxnvctrl0_*.deb unpacked
  cp unpacked/usr/lib/*/libXNVCtrl.so.0 lib/
fi
missing=$(missing_libraries)
[ -z "$missing" ] || cannot "ANGLE needs libraries that are not installed: ${missing% } (scripts/install-packages.sh test)"
printf '%s\n' "$found" >lib/version

# A run beside this one may have been first; its result is as good.
complete || rm -rf "$folder"
mv -T lib "$folder" 2>/dev/null || complete || cannot "cannot write to $folder"
printf '%s\n' "$folder"
