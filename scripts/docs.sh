#!/usr/bin/env bash
# Builds the library's documentation with the toolchain's DocC, into OUT. Every warning is an error: a link that leads
# nowhere, a call that documents some of its parameters.
#   OUT=.build/docs/site       a site for any web server
#   SCRATCH=.build/docs        where the library is built for it
#   BUILT=release              the library is built in SCRATCH, with this configuration (test.sh)
#
# All modules are shown as one, GLVulkanInterop, which is what users import: DocC takes the symbols of one module, and links
# between modules would not resolve. docs/*.md become articles, so that nothing is said twice.
#
# The last line says how it went. Status 77: a tool is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=${SCRATCH:-.build/docs}
out=${OUT:-.build/docs/site}
modules=(InteropBase InteropDrivers LinuxBuffers RawImport YUVImages Capability Producers WebGPUInterop)
articles=(tutorial adopting concepts transports dma-buf capability performance machines programs requirements driver-notes decisions glossary)

is_finished=
fail() { is_finished=1; echo "docs: FAILED: $*"; exit 1; }
cannot() { is_finished=1; echo "docs: skipped: $*"; exit 77; }
trap '[ -n "$is_finished" ] || echo "docs: FAILED: it ended with status $?"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

command -v swift >/dev/null || cannot "swift is not in PATH"
# The compiler knows where its toolchain is, whatever links lead to it.
target=$(swift -print-target-info)
tools=$(realpath "$(sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p' <<<"$target")/../../bin")
docc=${DOCC_EXEC:-$tools/docc}
[ -x "$docc" ] || docc=$(command -v docc) || cannot "docc is not beside swift, nor in PATH (DOCC_EXEC names it)"

if [ -n "${BUILT:-}" ]; then
  products=$scratch/$BUILT
else
  products=$scratch/debug
  for target in GLVulkanInterop WebGPUInterop; do
    swift build --target "$target" --scratch-path "$scratch" || fail "the library does not build"
  done
fi

# The symbols of all modules, as those of the one that re-exports them.
work=$scratch/documentation
rm -rf "$work"
mkdir -p "$work/GLVulkanInterop.docc" "$(dirname "$out")"
scripts/symbols.sh "$products" "$work/symbols" || fail "the symbols cannot be extracted"
# DocC is silent about comments that are another module's.
for module in "${modules[@]}"; do
  sed -i "s/\"module\":\"$module\",\"lines\"/\"module\":\"GLVulkanInterop\",\"lines\"/g" "$work"/symbols/*.json
done

# Articles: links to each other become DocC's, others lose their target, which is not on the site; pictures come along.
cp -R Sources/GLVulkanInterop/GLVulkanInterop.docc/. "$work/GLVulkanInterop.docc"
program=''
for article in "${articles[@]}"; do
  program+="s,\]\((\.\./)?(docs/)?$article\.md(#[^)]*)?\),](doc:$article),g;"
done
# Pictures, then what is left of links within the repository.
program+='s,!\[([^]]*)\]\([a-z/]*/([^)/]*\.(svg|png))\),![\1](\2),g;'
program+='s,(^|[^!])\[([^]]*)\]\([^):]*\.(md|json|svg|png|sh|swift|c|h|[0-9])(#[^)]*)?\),\1\2,g;'
program+='s,\]\(#[^)]*\),](),g;s,\[([^]]*)\]\(\),\1,g'
for article in "${articles[@]}"; do
  [ -f "docs/$article.md" ] || fail "docs/$article.md is not there"
  sed -E "$program" "docs/$article.md" >"$work/GLVulkanInterop.docc/$article.md"
done
cp docs/architecture.svg docs/performance/*.svg "$work/GLVulkanInterop.docc/"

log=$work/docc.log
rm -rf "$out"
status=0
"$docc" convert "$work/GLVulkanInterop.docc" --additional-symbol-graph-dir "$work/symbols" --output-path "$out" \
  --fallback-display-name GLVulkanInterop --fallback-bundle-identifier GLVulkanInterop \
  --transform-for-static-hosting --warnings-as-errors >"$log" 2>&1 || status=$?
cat "$log"
complaints=$(grep -cE '^(warning|error): ' "$log" || true)
if [ "$status" -ne 0 ] || [ "$complaints" -ne 0 ]; then fail "$complaints complaints of DocC, status $status, log $log"; fi
pages=$(find "$out/data/documentation" -name '*.json' | wc -l)
[ "$pages" -gt 500 ] || fail "only $pages pages were made"
is_finished=1
echo "docs: built, $pages pages, no warnings, in $out"
