#!/usr/bin/env bash
# Looks at every shell script of the repository with shellcheck (Debian 12 has 0.9.0), and compiles those in Python. The last line
# says how it went. Status 77: a tool is missing.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
is_finished=
finish() { is_finished=1; echo "scripts: $1"; exit "$2"; }
trap '[ -n "$is_finished" ] || echo "scripts: FAILED: it ended with status $?"' EXIT
for tool in shellcheck git python3; do
  command -v $tool >/dev/null || finish "skipped: no $tool (scripts/install-packages.sh test)" 77
done

# What git knows and what is new, without what it ignores. A script is one by its name or its first line.
shells=() pythons=() faults=()
while IFS= read -r -d '' file; do
  [ -f "$file" ] || continue
  read -r first 2>/dev/null <"$file" || true
  case $file:${first//[^[:print:]]/} in
    *.sh:* | *:'#!'*sh | *:'# shellcheck shell='*) shells+=("$file") ;;
    *.py:* | *:'#!'*python*) pythons+=("$file") ;;
  esac
done < <(git ls-files -z --cached --others --exclude-standard | sort -zu)
[ ${#shells[@]} -gt 15 ] || finish "FAILED: only ${#shells[@]} scripts were found" 1
shellcheck "${shells[@]}" || faults+=("shellcheck complains")
for file in "${pythons[@]}"; do
  python3 -c 'import sys; compile(open(sys.argv[1], "rb").read(), sys.argv[1], "exec")' "$file" || faults+=("$file does not compile")
done
# What a script prints goes through a pipe (run-stacks.py): a file that is followed may not be there yet, and may not be complete.
if grep -nE 'tail [^|]*(-f|-F|--follow|--pid)' "${shells[@]}" | grep -v '^scripts/test-scripts.sh:'; then
  faults+=("a script follows a file")
fi
# A script that others start must be executable.
for file in "${shells[@]}" "${pythons[@]}"; do
  read -r first <"$file"
  case $first in '#!'*) [ -x "$file" ] || faults+=("$file is not executable") ;; esac
done
[ ${#faults[@]} -eq 0 ] || finish "FAILED: $(printf '%s; ' "${faults[@]}")${#shells[@]} shell scripts" 1
finish "tested, ${#shells[@]} shell scripts with shellcheck $(shellcheck --version | sed -n 's/^version: //p'), ${#pythons[@]} in Python, $SECONDS s" 0
