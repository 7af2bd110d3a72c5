#!/usr/bin/env bash
# Extracts the public symbols of the library as users see them, all modules under GLVulkanInterop, into a folder of JSON files
# (the toolchain's swift-symbolgraph-extract): symbols.sh PRODUCTS OUT
#   PRODUCTS   the folder of a build: .build/release
# Used by docs.sh and test-api.py. Status 77, with the reason on stderr: a tool is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
products=${1:?symbols.sh PRODUCTS OUT} out=${2:?symbols.sh PRODUCTS OUT}
modules=(InteropBase InteropDrivers LinuxBuffers RawImport YUVImages Capability Producers)

command -v swift >/dev/null || { echo "swift is not in PATH" >&2; exit 77; }
# The compiler knows where its toolchain is, whatever links lead to it.
target=$(swift -print-target-info)
tools=$(realpath "$(sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p' <<<"$target")/../../bin")
triple=$(sed -n 's/.*"triple": "\([^"]*\)".*/\1/p' <<<"$target" | head -n 1)
[ -x "$tools/swift-symbolgraph-extract" ] || { echo "swift-symbolgraph-extract is not beside swift" >&2; exit 77; }

rm -rf "$out"
mkdir -p "$out"
"$tools/swift-symbolgraph-extract" -module-name GLVulkanInterop -target "$triple" -I "$products/Modules" \
  -I Sources/CInteropGraphics -I Sources/CInteropGBM \
  -Xcc "-fmodule-map-file=$products/CInteropKernel.build/module.modulemap" \
  -Xcc "-fmodule-map-file=$products/CInteropProbe.build/module.modulemap" \
  -minimum-access-level public -skip-synthesized-members \
  "-experimental-allowed-reexported-modules=$(IFS=,; echo "${modules[*]}")" -output-dir "$out"
for module in "${modules[@]}"; do
  grep -q "\"module\":\"$module\",\"lines\"" "$out"/*.json || { echo "no symbol of $module was found" >&2; exit 1; }
done
