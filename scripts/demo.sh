#!/usr/bin/env bash
# Builds and runs the demo: in a window where there is a display, otherwise headless into triangle.png here.
# Arguments go to demo-raw-gl. STACK=llvmpipe (or another of stack.sh) overrides the choice of drivers.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
package=$(dirname "$here")

swift build -c release --product demo-raw-gl --package-path "$package"
program=$(swift build -c release --show-bin-path --package-path "$package")/demo-raw-gl

arguments=("$@")
picture=
if [[ " $* " != *" --output"[\ =]* ]]; then
  picture=triangle.png
  rm -f "$picture"
  arguments+=(--output "$picture")
fi
# The program finds out itself whether a display works, goes headless without one, and says so.
"$here/stack.sh" "${STACK:-auto}" -- "$program" "${arguments[@]}"

if [ -n "$picture" ] && [ -s "$picture" ]; then echo "The picture is $PWD/$picture"; fi
