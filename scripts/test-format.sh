#!/usr/bin/env bash
# Compares the sources with their formatters: Swift with the toolchain's swift-format (.swift-format), C and C++ with clang-format
# of Debian 12 (.clang-format), all text with .editorconfig. The step `format` of test.sh; the last line says how it went.
#   --fix   formats instead. Comments are wrapped by hand.
# Status 77: a tool is missing.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
is_finished=
finish() { is_finished=1; echo "format: $1"; exit "$2"; }
trap '[ -n "$is_finished" ] || echo "format: FAILED: it ended with status $?"' EXIT
for tool in swift clang-format git; do
  command -v $tool >/dev/null || finish "skipped: no $tool (scripts/install-packages.sh test)" 77
done
# Another version formats otherwise.
version=$(clang-format --version | sed -n 's/.*version \([0-9]*\).*/\1/p')

# What git knows and what is new. Tables that a script made are as it made them.
swifts=() cs=() texts=()
while IFS= read -r -d '' file; do
  [ -f "$file" ] || continue
  case $file in
    *sampling_shaders.h | *TracedFunctions.h) ;;
    *.swift) swifts+=("$file") ;;
    *.c | *.h | *.cpp) cs+=("$file") ;;
  esac
  case $file in *.swift | *.c | *.h | *.cpp | *.sh | *.py | *.yml | *.json | Makefile) texts+=("$file") ;; esac
done < <(git ls-files -z --cached --others --exclude-standard | sort -zu)
[ ${#swifts[@]} -gt 300 ] || finish "FAILED: only ${#swifts[@]} Swift files were found" 1

if [ "${1:-}" = --fix ]; then
  swift format format --in-place --parallel --configuration .swift-format "${swifts[@]}"
  [ "$version" != 14 ] || clang-format -i --style=file "${cs[@]}"
  finish "formatted, ${#swifts[@]} files in Swift, ${#cs[@]} in C and C++" 0
fi

faults=()
swift format lint --strict --parallel --configuration .swift-format "${swifts[@]}" || faults+=("Swift")
what=", ${#cs[@]} in C and C++"
if [ "$version" = 14 ]; then
  clang-format --dry-run -Werror --style=file "${cs[@]}" || faults+=("C")
else
  what=", none in C: clang-format is $version, not 14"
fi
if grep -nE '[[:blank:]]+$' "${texts[@]}"; then faults+=("blanks at a line's end"); fi
for file in "${texts[@]}"; do
  case $file in Makefile) ;; *) ! grep -HnP '\t' "$file" || faults+=("tabs in $file") ;; esac
  [ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || faults+=("$file has no newline at its end")
done
[ ${#faults[@]} -eq 0 ] || finish "FAILED: $(printf '%s; ' "${faults[@]}")scripts/test-format.sh --fix mends most" 1
finish "tested, ${#swifts[@]} files in Swift$what, $SECONDS s" 0
