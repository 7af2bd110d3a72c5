#!/usr/bin/env python3
"""Compares which Swift file of Sources uses which with the floors in Sources/floors.txt: the step `floors` of scripts/test.sh.

  test-floors.py [INDEX_STORE]      `swift build --enable-index-store` writes it; usually .build/release/index/store

Fails, by name, on a use of a higher floor, on a file that is on no floor, and on more than three files that use each other in a
circle. What uses what is read from the compiler's index with libIndexStore of the toolchain whose `swift` is in PATH.
"""

import collections
import ctypes
import os
import shutil
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LARGEST_CIRCLE = 3
# indexstore.h: roles of an occurrence, kinds of a unit's dependency.
DEFINITION, REFERENCE, CALL, IMPLICIT = 1 << 1, 1 << 2, 1 << 5, 1 << 8
RECORD = 2


class Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    def __str__(self):
        return ctypes.string_at(self.data, self.length).decode() if self.data else ""


class Index:
    """libIndexStore (LLVM's indexstore.h), as much of it as is needed."""

    POINTER = ctypes.c_void_p
    EACH = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)
    EACH_TEXT = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, Text)

    def __init__(self, folder):
        swift = shutil.which("swift") or sys.exit("floors: FAILED: no swift in PATH")
        tools = os.path.dirname(os.path.dirname(os.path.realpath(swift)))
        self.library = ctypes.CDLL(os.path.join(tools, "lib", "libIndexStore.so"))
        self.store = self.call("store_create", self.POINTER, folder.encode(), ctypes.byref(self.POINTER()))
        if not self.store:
            sys.exit(f"floors: FAILED: no index in {folder} (swift build --enable-index-store)")

    def call(self, name, result, *arguments):
        function = getattr(self.library, "indexstore_" + name)
        function.restype = result
        return function(*arguments)

    def each(self, name, subject, take, *before, text=False):
        """What `take` makes of each value that the callback of an `…_apply_f` function is given; it lives no longer than the call."""
        found = []

        def collect(_, value):
            found.append(take(str(value) if text else self.POINTER(value)))
            return True

        callback = (self.EACH_TEXT if text else self.EACH)(collect)
        self.call(name, ctypes.c_bool, self.POINTER(subject), *before, None, callback)
        return found

    def dependency(self, pointer):
        return (
            self.call("unit_dependency_get_kind", ctypes.c_int, pointer),
            str(self.call("unit_dependency_get_filepath", Text, pointer)),
            str(self.call("unit_dependency_get_name", Text, pointer)),
        )

    def occurrence(self, pointer):
        symbol = self.POINTER(self.call("occurrence_get_symbol", self.POINTER, pointer))
        return (
            self.call("occurrence_get_roles", ctypes.c_uint64, pointer),
            str(self.call("symbol_get_usr", Text, symbol)),
            str(self.call("symbol_get_name", Text, symbol)),
        )

    def records(self):
        """The record of each Swift file of Sources, by the file's path below ROOT."""
        records = {}
        for name in self.each("store_units_apply_f", self.store, str, ctypes.c_uint(0), text=True):
            unit = self.call(
                "unit_reader_create", self.POINTER, self.POINTER(self.store), name.encode(), ctypes.byref(self.POINTER()))
            if not unit:
                continue
            main = os.path.realpath(str(self.call("unit_reader_get_main_file", Text, self.POINTER(unit))))
            path = os.path.relpath(main, ROOT)
            if path.startswith("Sources/") and os.path.exists(main):
                for kind, file, record in self.each("unit_reader_dependencies_apply_f", unit, self.dependency):
                    if kind == RECORD and os.path.realpath(file) == main:
                        records[path] = record
            self.call("unit_reader_dispose", None, self.POINTER(unit))
        return records

    def occurrences(self, record):
        """Role, identity and name of each symbol in a file."""
        reader = self.call(
            "record_reader_create", self.POINTER, self.POINTER(self.store), record.encode(), ctypes.byref(self.POINTER()))
        return self.each("record_reader_occurrences_apply_f", reader, self.occurrence) if reader else []


def uses(index):
    """For each file, the files it uses with the names of what it uses there."""
    records = index.records()
    occurrences = {path: index.occurrences(record) for path, record in records.items()}
    home = {
        usr: path for path, found in occurrences.items() for roles, usr, _ in found
        if roles & DEFINITION and not roles & IMPLICIT
    }
    arrows = {path: collections.defaultdict(set) for path in records}
    for path, found in occurrences.items():
        for roles, usr, name in found:
            if roles & (REFERENCE | CALL) and home.get(usr, path) != path:
                arrows[path][home[usr]].add(name.split(":", 1)[-1] if name.startswith("getter:") else name)
    return arrows


def circles(arrows):
    """Files that use each other, one way or another (Tarjan's strongly connected components)."""
    sys.setrecursionlimit(20000)
    number, low, stack, found = {}, {}, [], []

    def visit(path):
        number[path] = low[path] = len(number)
        stack.append(path)
        for other in arrows[path]:
            if other not in number:
                visit(other)
            if other in stack:
                low[path] = min(low[path], low[other])
        if low[path] == number[path]:
            first = stack.index(path)
            found.append(sorted(stack[first:]))
            del stack[first:]

    for path in sorted(arrows):
        if path not in number:
            visit(path)
    return sorted((circle for circle in found if len(circle) > 1), key=len, reverse=True)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, ".build/release/index/store")
    with open(os.path.join(ROOT, "Sources/floors.txt"), encoding="utf-8") as file:
        floors = [f"Sources/{line.strip()}/" for line in file if line.strip() and not line.startswith("#")]
    arrows = uses(Index(folder))
    wrong = []
    rank = {}
    for folder_path, _, names in os.walk(os.path.join(ROOT, "Sources")):
        for name in names:
            path = os.path.relpath(os.path.join(folder_path, name), ROOT)
            if not name.endswith(".swift"):
                continue
            mine = [place for place, floor in enumerate(floors) if path.startswith(floor)]
            if mine:
                rank[path] = mine[-1]
            else:
                wrong.append(f"{path} is on no floor of Sources/floors.txt")
            # A file of imports only has no record.
            if path not in arrows and os.path.getsize(os.path.join(ROOT, path)) > 600:
                wrong.append(f"{path} is not in the index: build again")
    for path in sorted(arrows):
        for other, names in sorted(arrows[path].items()):
            if path in rank and other in rank and rank[path] < rank[other]:
                wrong.append(f"{path} uses {', '.join(sorted(names)[:4])} of the higher {other}")
    found = circles(arrows)
    for circle in found:
        if len(circle) > LARGEST_CIRCLE:
            wrong.append(f"{len(circle)} files use each other in a circle: {' '.join(circle)}")
    for line in wrong:
        print(f"floors: {line}")
    largest = len(found[0]) if found else 1
    count = sum(len(others) for others in arrows.values())
    if wrong:
        print("== result")
        print(f"floors: FAILED: {len(wrong)} findings, see above")
        sys.exit(1)
    print(f"floors: tested, {len(arrows)} files on {len(floors)} floors, {count} arrows, largest circle {largest}")


main()
