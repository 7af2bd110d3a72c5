#!/usr/bin/env python3
"""Compares what interop-caps and capability-check say, cell by cell, on machines where the Swift tests do not run.

    interop-caps --format json --no-cache --size 64x48 > caps.json
    capability-check --size 64x48 > check.tsv
    compare.py caps.json check.tsv

Cells that interop-caps did not try, because the same way had crashed or hung before, are counted and not compared.
capability-check knows opaque-fd and host-copy, semaphores and waiting on the CPU; other cells are left out.
"""
import json
import sys

KEYS = ("path", "direction", "mode", "pixelFormat", "tiling", "sync", "size")


def main():
    with open(sys.argv[1]) as file:
        pair = json.load(file)["pairs"][0]
    mine = {tuple(cell[key] for key in KEYS): cell for cell in pair["cells"]}
    theirs = {}
    with open(sys.argv[2]) as file:
        for line in file:
            words = line.rstrip("\n").split("\t")
            theirs[tuple(words[:7])] = words[7:]
    known = {(key[0], key[5]) for key in theirs}
    mine = {key: cell for key, cell in mine.items() if (key[0], key[5]) in known}
    differences = [f"only one has {' '.join(key)}" for key in sorted(mine.keys() ^ theirs.keys())]
    untried = 0
    counts = {}
    for key in sorted(mine.keys() & theirs.keys()):
        verdict = mine[key]["verdict"]
        counts[verdict] = counts.get(verdict, 0) + 1
        if verdict == "not-tried":
            untried += 1
        elif verdict != theirs[key][0]:
            differences.append(f"{' '.join(key)}: {verdict} ({mine[key]['reason']}), the check says {theirs[key]}")
    print(f"{pair['gl']['renderer']} with {pair['vulkan']['deviceName']} ({pair['vulkan']['driverInfo']}):",
          ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) + ";",
          f"{len(differences)} differ from the independent check, {untried} not tried")
    for difference in differences:
        print(" ", difference)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
