#!/usr/bin/env python3
"""The binary interface of the C header, as the compiler sees it: abi.py HEADER [OPTION-OF-CC]...

Prints one line for each function with its types, each structure with the place and size of each member, each number of the
enumerations and macros, and each type. What a program was compiled with must stay; the list is docs/abi.txt.
"""
import os
import re
import subprocess
import sys
import tempfile


def compiled(source, options):
    """What the C program prints."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "abi.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        program = os.path.join(folder, "abi")
        subprocess.run(["cc", "-std=c11", "-o", program, path, *options], check=True)
        return subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()


def main():
    header, options = sys.argv[1], sys.argv[2:]
    text = subprocess.run(["cc", "-E", header, *options], check=True, capture_output=True, text=True).stdout
    # What is in the header itself, without what it includes.
    own, inside = [], False
    for line in text.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            inside = marker.group(1) == header
        elif inside:
            own.append(line)
    own = re.sub(r"__attribute__\s*\(\(.*?\)\)\)?", "", " ".join(own))
    own = re.sub(r"\s+", " ", own).replace("( ", "(")
    with open(header, encoding="utf-8") as file:
        raw = file.read()

    structures = re.findall(r"typedef struct (\w+) \{(.*?)\} \1;", own)
    numbers = re.findall(r"\b(GLVK_\w+) = ", own)
    macros = [name for name in re.findall(r"^#define (GLVK_\w+) ", raw, re.M) if name not in ("GLVK_API", "GLVK_INIT")]
    plain = re.findall(r"typedef (int32_t|uint32_t|uint64_t) (\w+);", own)
    callbacks = re.findall(r"typedef ([^;{}]*?\(\*(\w+)\)\([^;]*?\));", own)
    without = re.sub(r"typedef struct \w+ \{.*?\} \w+;|enum \{.*?\};|typedef [^;]*;", "", own)
    functions = [" ".join(each.split()) for each in without.split(";") if "glvk_" in each]

    source = [f'#include "{os.path.abspath(header)}"', "#include <stddef.h>", "#include <stdio.h>", "int main(void) {"]
    for name, body in structures:
        source.append(f'printf("struct {name} size %zu align %zu\\n", sizeof({name}), _Alignof({name}));')
        for declaration in body.split(";"):
            declaration = declaration.strip()
            if not declaration:
                continue
            first, *rest = declaration.split(",")
            words = re.match(r"(.*?)(\w+)((?:\[\w+\])*)$", first.strip())
            base = words.group(1).strip()
            for member, array in [(words.group(2), words.group(3))] + [
                re.match(r"\s*(\w+)((?:\[\w+\])*)", each).groups() for each in rest
            ]:
                source.append(
                    f'printf("  {name}.{member} {base}{array} at %zu size %zu\\n", offsetof({name}, {member}),'
                    f" sizeof((({name} *)0)->{member}));"
                )
    for name in numbers + macros:
        if name != "GLVK_ABI_MINOR" and name != "GLVK_ABI_VERSION":
            source.append(f'printf("number {name} %lld\\n", (long long)({name}));')
    source.append("return 0; }")
    lines = compiled("\n".join(source), options)
    lines += [f"type {name} {kind}" for kind, name in plain]
    lines += [f"callback {text}" for text, _ in callbacks]
    lines += [f"function {text}" for text in functions]
    print("\n".join(lines))


main()
