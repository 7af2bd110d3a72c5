#!/usr/bin/env bash
# Makes the words of the SPIR-V shaders from the GLSL in the folder Shaders beside them: Sources/YUVImages/YUVShaders.swift
# and Benchmarks/CBaseline/sampling_shaders.h.
#   compile-shaders.sh            writes them; needs glslangValidator (Debian's glslang-tools)
#   compile-shaders.sh --check    compiles and compares. Exit 1 if the words are not those of the source; 77, with the
#                                 reason on stderr, without glslangValidator or with another version of it
set -euo pipefail

package=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$package/Sources/YUVImages
words=$folder/YUVShaders.swift
baseline=$package/Benchmarks/CBaseline
header=$baseline/sampling_shaders.h
check=
case ${1:-} in
  '') ;;
  --check) check=1 ;;
  *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 64 ;;
esac

cannot() { echo "compile-shaders: $*" >&2; exit 77; }
command -v glslangValidator >/dev/null || cannot "no glslangValidator (Debian's glslang-tools)"
version=$(glslangValidator --version | sed -n 's/^Glslang Version: *//p')
# Another version may choose other words for the same program.
if [ -n "$check" ]; then
  known=$(sed -n 's,^// Compiled by glslang ,,p' "$words")
  [ "$known" = "$version" ] || cannot "the words are of glslang $known, here is $version"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  echo "// Made by scripts/compile-shaders.sh from the GLSL in Shaders. Not to be edited."
  echo "// Compiled by glslang $version"
  echo
  echo "/// The conversion's compute shaders as SPIR-V, one for every storage format."
  echo "enum YUVShaders {"
  for shader in planes multiplanar; do
    for target in rgba8 rgba16f; do
      glslangValidator -V -g0 -S comp --target-env vulkan1.1 "-DTARGET=$target" -o "$work/shader.spv" \
        "$folder/Shaders/yuv_$shader.comp" >"$work/log" || { cat "$work/log" >&2; exit 1; }
      [ "$target" = rgba8 ] && variable=${shader}RGBA8 || variable=${shader}RGBA16F
      echo "  static let $variable: [UInt32] = ["
      od -An -v -t x4 -w32 "$work/shader.spv" | sed 's/ \([0-9a-f]*\)/ 0x\1,/g; s/^ /    /'
      echo "  ]"
    done
  done
  echo "}"
} >"$work/words.swift"

{
  echo "// Made by scripts/compile-shaders.sh from the GLSL in Shaders. Not to be edited."
  echo "// Compiled by glslang $version"
  echo
  echo "#include <stdint.h>"
  for stage in vert frag; do
    glslangValidator -V -g0 --target-env vulkan1.1 -o "$work/shader.spv" "$baseline/Shaders/sampling.$stage" \
      >"$work/log" || { cat "$work/log" >&2; exit 1; }
    echo
    echo "static const uint32_t sampling_${stage}[] = {"
    od -An -v -t x4 -w32 "$work/shader.spv" | sed 's/ \([0-9a-f]*\)/ 0x\1,/g; s/^ /  /'
    echo "};"
  done
} >"$work/words.h"

if [ -n "$check" ]; then
  if ! cmp "$work/words.swift" "$words" >&2 || ! cmp "$work/words.h" "$header" >&2; then
    echo "compile-shaders: run scripts/compile-shaders.sh" >&2
    exit 1
  fi
else
  cp "$work/words.swift" "$words"
  cp "$work/words.h" "$header"
fi
