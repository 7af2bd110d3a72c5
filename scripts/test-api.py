#!/usr/bin/env python3
"""Compares the library's public Swift symbols with docs/api.txt: the step `api` of scripts/test.sh.

  test-api.py [PRODUCTS]      a build's folder, usually .build/release
  test-api.py --write [PRODUCTS]      writes docs/api.txt anew; its difference belongs into the commit, and into CHANGELOG.md

A line is a symbol's declaration below its path. A symbol that is gone, new or declared otherwise is a failure, by name, and so is a
new one without a documentation comment. Those that had none when the list was made are marked `undocumented`; their number may
only fall. Status 77: a tool is missing.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
BASELINE = os.path.join(ROOT, "docs/api.txt")


def symbols(products):
    """Each public symbol's line, and whether it is documented."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [os.path.join(ROOT, "scripts/symbols.sh"), os.path.abspath(products), folder], stderr=subprocess.PIPE, text=True)
        if run.returncode:
            if run.returncode == 77:
                print(f"api: skipped: {run.stderr.strip()}")
            else:
                print(f"{run.stderr.strip()}\n== result\napi: FAILED: the symbols cannot be extracted from {products}, see above")
            sys.exit(run.returncode)
        for path in glob.glob(os.path.join(folder, "*.json")):
            with open(path, encoding="utf-8") as file:
                graph = json.load(file)
            for symbol in graph["symbols"]:
                # The C headers' types that an extension adds to are not ours.
                if not symbol["identifier"]["precise"].startswith("s:"):
                    continue
                declaration = "".join(part["spelling"] for part in symbol["declarationFragments"])
                name = ".".join(symbol["pathComponents"])
                # Whether a property can be set is part of it; how its accessors are spelt is not.
                line = f"{name} | {' '.join(declaration.split())}"
                found[line] = found.get(line, False) or bool(symbol.get("docComment"))
    return found


def main():
    arguments = sys.argv[1:]
    writes = "--write" in arguments
    places = [argument for argument in arguments if argument != "--write"]
    found = symbols(places[0] if places else os.path.join(ROOT, ".build/release"))
    if writes:
        with open(BASELINE, "w", encoding="utf-8") as file:
            file.writelines(f"{line}{'' if found[line] else ' | undocumented'}\n" for line in sorted(found))
        print(f"api: {len(found)} symbols, {sum(not documented for documented in found.values())} undocumented")
        return
    mark = " | undocumented"
    with open(BASELINE, encoding="utf-8") as file:
        lines = file.read().splitlines()
    known = {line.removesuffix(mark): not line.endswith(mark) for line in lines}
    faults = [f"gone: {line}" for line in sorted(known.keys() - found.keys())]
    faults += [f"new: {line}" for line in sorted(found.keys() - known.keys())]
    faults += [f"not documented: {line}" for line in sorted(found) if not found[line] and known.get(line, True)]
    for fault in faults:
        print(f"api: {fault}")
    bare = sum(not documented for documented in found.values())
    if faults:
        print("== result")
        print(f"api: FAILED: {len(faults)} differences to docs/api.txt, see above; scripts/test-api.py --write takes them over")
        sys.exit(1)
    print(f"api: tested, {len(found)} public symbols, {len(found) - bare} of them documented")


main()
