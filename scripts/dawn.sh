#!/usr/bin/env bash
# Puts libraries of Dawn, a WebGPU implementation, into a cache folder and prints the folder: libwebgpu_dawn-2026.so and
# libwebgpu_dawn-2025.so, one for each age of its header that Sources/WebGPUInterop knows. Needs no root.
#
# They come from PyPI: Debian 12 has no package of Dawn, and sid's does not run here. Files are taken by their hashes.
#
# Exit 77 with one line on stderr when they cannot be had.
set -euo pipefail

cannot() { printf 'dawn: %s\n' "$*" >&2; exit 77; }

cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/swift-gl-vulkan-interop/dawn
folder=$cache/lib
if [ -s "$folder/libwebgpu_dawn-2026.so" ] && [ -s "$folder/libwebgpu_dawn-2025.so" ]; then
  printf '%s\n' "$folder"
  exit 0
fi

[ "$(uname -m)" = x86_64 ] || cannot "there are libraries for x86_64 only"
python3 -m pip --version >/dev/null 2>&1 || cannot "needs pip (Debian's python3-pip)"
mkdir -p "$cache" 2>/dev/null || cannot "cannot write to $cache (set XDG_CACHE_HOME)"
work=$(mktemp -d "$cache/tmp.XXXXXX" 2>/dev/null) || cannot "cannot write to $cache (set XDG_CACHE_HOME)"
trap 'rm -rf "$work"' EXIT
cat >"$work/wanted" <<'END'
rillfacet==0.1.3 --hash=sha256:b333f2c4c84df2f1105e4d0146e3c7aae8dd2200a0b6c7ded74c38e8ca0a5f93
dawn-python==0.3.0 --hash=sha256:27b2878d60dc7c461f86283ec86981e781efec9f464b688c33aebd842e0854cc
END
printf 'dawn: downloading from PyPI\n' >&2
python3 -m pip download --quiet --no-deps --require-hashes --only-binary :all: --implementation cp --python-version 311 \
  --platform manylinux_2_28_x86_64 --dest "$work" -r "$work/wanted" >"$work/log" 2>&1 </dev/null ||
  cannot "PyPI: $(grep -m 1 ERROR "$work/log" || tail -n 1 "$work/log")"
mkdir "$work/lib"
# unpack WHEEL FILE NAME
unpack() {
  python3 - "$1" "$2" "$work/lib/$3" <<'END'
import sys, zipfile
open(sys.argv[3], "wb").write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))
END
}
unpack "$work"/rillfacet-*.whl rillfacet/libwebgpu_dawn.so libwebgpu_dawn-2026.so || cannot "rillfacet has no library"
unpack "$work"/dawn_python-*.whl pydawn/lib/libwebgpu_dawn_x86_64.so libwebgpu_dawn-2025.so ||
  cannot "dawn-python has no library"
rm -rf "$folder"
mv "$work/lib" "$folder"
printf '%s\n' "$folder"
