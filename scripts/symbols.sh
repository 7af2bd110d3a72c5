#!/usr/bin/env bash
# Extracts the public symbols of the library as users see them, all modules under GLVulkanInterop, into a folder of JSON files
# (the toolchain's swift-symbolgraph-extract): symbols.sh PRODUCTS OUT
#   PRODUCTS   the folder of a build: .build/release
# Used by docs.sh and test-api.py. Status 77, with the reason on stderr: a tool is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
products=${1:?symbols.sh PRODUCTS OUT} out=${2:?symbols.sh PRODUCTS OUT}
modules=(InteropBase InteropDrivers LinuxBuffers RawImport YUVImages Capability Producers)
# Modules of their own, which GLVulkanInterop does not re-export.
apart=(WebGPUInterop)

command -v swift >/dev/null || { echo "swift is not in PATH" >&2; exit 77; }
# The compiler knows where its toolchain is, whatever links lead to it.
target=$(swift -print-target-info)
tools=$(realpath "$(sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p' <<<"$target")/../../bin")
triple=$(sed -n 's/.*"triple": "\([^"]*\)".*/\1/p' <<<"$target" | head -n 1)
[ -x "$tools/swift-symbolgraph-extract" ] || { echo "swift-symbolgraph-extract is not beside swift" >&2; exit 77; }

rm -rf "$out"
mkdir -p "$out"
# extract MODULE [OPTION]...
extract() {
  "$tools/swift-symbolgraph-extract" -module-name "$1" -target "$triple" -I "$products/Modules" \
    -I Sources/CInteropGraphics -I Sources/CInteropGBM -I Sources/CInteropWebGPU \
    -Xcc "-fmodule-map-file=$products/CInteropKernel.build/module.modulemap" \
    -Xcc "-fmodule-map-file=$products/CInteropProbe.build/module.modulemap" \
    -minimum-access-level public -skip-synthesized-members -output-dir "$out" "${@:2}"
}
extract GLVulkanInterop "-experimental-allowed-reexported-modules=$(IFS=,; echo "${modules[*]}")"
for module in "${apart[@]}"; do
  extract "$module"
  sed -i "s/\"module\":{\"name\":\"$module\"/\"module\":{\"name\":\"GLVulkanInterop\"/" "$out/$module"*.json
done
for module in "${modules[@]}" "${apart[@]}"; do
  grep -q "\"module\":\"$module\",\"lines\"" "$out"/*.json || { echo "no symbol of $module was found" >&2; exit 1; }
done
