#!/usr/bin/env python3
"""Makes the tables of driver functions, Sources/InteropDrivers/*FunctionTable*.swift and Tests/CDriverTrace/TracedFunctions.h, of
scripts/driver-functions.txt, whose head explains its columns.

  generate-driver-tables.py            writes them
  generate-driver-tables.py --check    compares. Exit 1, with the first line that differs; 77, with the reason, without a registry

Parameters, versions and extensions are from Khronos' registries: vk.xml of Debian's libvulkan-dev, the others of its python3-glad
(khronos-api has no egl.xml). INTEROP_REGISTRIES names other folders, with colons in between. Which version they are of makes no
difference as long as they know the functions.
"""

import functools
import itertools
import os
import re
import sys
import textwrap
import xml.etree.ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LIST = "scripts/driver-functions.txt"
TRACED = "Tests/CDriverTrace/TracedFunctions.h"
FOLDERS = os.environ.get("INTEROP_REGISTRIES", "/usr/share/vulkan/registry:/usr/lib/python3/dist-packages/glad/files").split(":")
MADE = f"// Made by scripts/generate-driver-tables.py of {LIST}. Not to be edited.\n"
# By the prefix of its functions: an API's registry, its names there and in the documentation, its pages. glX stands before gl.
APIS = {
    "egl": ("egl.xml", {"egl": "EGL"}, "EGL/sdk/docs/man/html/{}.xhtml"),
    "glX": ("glx.xml", {"glx": "GLX"}, "OpenGL-Refpages/gl2.1/xhtml/{}.xml"),
    "gl": ("gl.xml", {"gl": "GL", "gles2": "GLES"}, "OpenGL-Refpages/gl4/html/{}.xhtml"),
    "vk": ("vk.xml", {"vulkan": "Vulkan"}, "vulkan/specs/latest/man/html/{}.html"),
}


def fail(text, status=1):
    print(f"generate-driver-tables: {text}", file=sys.stderr)
    sys.exit(status)


class Registry:
    """The commands of one registry by name, and what introduces them."""

    def __init__(self, file, apis):
        self.path = next((p for p in (os.path.join(f, file) for f in FOLDERS) if os.path.exists(p)), None)
        if not self.path:
            fail(f"no {file} in {', '.join(FOLDERS)} (Debian's libvulkan-dev and python3-glad)", 77)
        self.root, self.apis = xml.etree.ElementTree.parse(self.path).getroot(), apis
        commands = [c for c in self.root.findall("commands/command") if self.is_ours(c.get("api"))]
        self.commands = {c.findtext("proto/name"): c for c in commands if c.find("proto") is not None}
        self.commands |= {c.get("name"): self.commands[c.get("alias")] for c in commands if c.get("alias") in self.commands}

    def is_ours(self, apis):
        return apis is None or bool(set(re.split("[,|]", apis)) & {"glcore", *self.apis})

    def signature(self, name):
        """The type of the result, and (declaration, name) of each parameter, in C."""
        if name not in self.commands:
            fail(f"{self.path} has no {name}")
        in_c = lambda element: re.sub(r" ?(\*+) ?", r" \1", " ".join("".join(element.itertext()).split()))
        command = self.commands[name]
        parameters = [(in_c(p), p.findtext("name")) for p in command.findall("param") if self.is_ours(p.get("api"))]
        return in_c(command.find("proto")).removesuffix(command.findtext("proto/name")).strip(), parameters

    def introduced(self, name):
        """["GL 3.2", …], ["GL_ARB_sync", …] and whether a later version took it out again."""
        def having(kind, how):
            return [e for e in self.root.findall(kind) if any(c.get("name") == name for c in e.findall(f"{how}/command"))]

        versions = []
        for api, title in self.apis.items():
            numbers = [f.get("number") for f in having("feature", "require") if api in f.get("api").split(",")]
            versions += [f"{title} {n}" for n in sorted(numbers, key=lambda n: [int(part) for part in n.split(".")])[:1]]
        extensions = [e.get("name") for e in having("extensions/extension", "require") if self.is_ours(e.get("supported"))]
        return versions, extensions, bool(having("feature", "remove"))


@functools.cache
def registry(prefix):
    return Registry(*APIS[prefix][:2])


class Function:
    """A line of the list and what the registry says about it."""

    def __init__(self, line):
        line, _, self.sentence = line.partition("  # ")
        self.name, self.look_up, self.failure, *rest = re.split(r"\s{2,}", line.strip())
        self.more = {word: value for word, _, value in (cell.partition(" ") for cell in rest)}
        self.prefix = next(prefix for prefix in APIS if self.name.startswith(prefix))
        self.registry = registry(self.prefix)
        self.result, self.parameters = self.registry.signature(self.name)
        self.others = []
        for other in self.more.get("or", "").split():
            other, _, extension = other.partition(":")
            extensions = [extension] if extension else self.registry.introduced(other)[1]
            if len(extensions) != 1:
                fail(f"{LIST}: {other} is of {' and '.join(extensions) or 'no extension'}: say which, {other}:EXTENSION")
            self.others.append((other, extensions[0]))

    def documentation(self):
        versions, extensions, was_removed = self.registry.introduced(self.name)
        text = ", ".join(versions or (f"`{extension}`" for extension in extensions))
        text += "".join(f"; `{other}` of `{extension}`" for other, extension in self.others) + "."
        text += " See ``missing``." if self.look_up == "later" else ""
        text += f" {self.sentence}" if self.sentence else ""
        if versions or self.prefix == "vk":  # Extensions of the others have no pages.
            page = self.more.get("page") or (re.sub("(?<=[a-z])[if]?v?$", "", self.name) if self.prefix == "gl" else self.name)
            pages = APIS["glX" if self.prefix == "gl" and was_removed else self.prefix][2]
            text += f" <https://registry.khronos.org/{pages.format(page)}>"
        return [f"/// {line}" for line in textwrap.wrap(text, 114, break_long_words=False, break_on_hyphens=False)]

    def property(self, access):
        optional = self.look_up not in ("required", "later")
        usual = f"PFN_{self.name}" if self.prefix == "vk" else f"PFN{self.name.upper()}PROC"
        access = "package" if "package" in self.more else access
        text = f"{access} private(set) var {self.name}: {self.more.get('type', usual)}"
        lines = broken(text + ("?" if optional else " = notLookedUp()"), " = ")
        lines = broken(lines[0], ": ") + ["  " * (len(lines[0]) > 118) + line for line in lines[1:]]
        return self.documentation() + lines

    def filling(self):
        if self.look_up != "later":
            trying = "try " if self.look_up == "required" else ""
            return broken(f'{self.name} = {trying}resolver.{self.look_up}("{self.name}")', "(", 4)
        answer = self.more.get("answers") or {"void": "", "GLsync": "nil", "GLboolean": "GLboolean(0)"}.get(self.result)
        if answer is None:
            answer = "nil" if "*" in self.result else fail(f"{LIST}: what does {self.name} answer where it is not there?")
        stub = f"{', '.join('_' * len(self.parameters))} in Self.note(\"{self.name}\"{answer and ', answering: '}{answer})"
        return broken(f'{self.name} = resolver.later("{self.name}", orElse: {{ {stub} }})', "(", 4)

    def thunk(self):
        """The entry in TracedFunctions.h."""
        names = [name for _, name in self.parameters]
        failure, lifetime = self.failure, "TAKES" if "takes" in self.more else "NOTHING"
        for word in self.more:
            if word.startswith("MAKES("):
                lifetime = f"{word} {self.more[word]}"
            elif word in ("makes", "ends"):
                clearing, count = self.objects(word, self.more[word], names)
                failure = f"{failure[:-1]}{clearing})" if word == "makes" else failure
                lifetime = f"{word.upper()}({self.more[word]}, {count})"
        kind = {"egl": "EGL", "gl": "GL", "vk": "VK"}[self.prefix]
        start = f"{kind}_VOID(" if self.result == "void" else f"{kind}({self.result}, "
        declared = ", ".join(declared for declared, _ in self.parameters) or "void"
        text = f"{start}{self.name}, ({declared}), ({', '.join(names)}), {failure}, {lifetime})"
        return textwrap.wrap(text, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)

    def objects(self, word, kind, names):
        """What a failure adds to clear the output, and how many objects of the kind a call makes or ends."""
        if self.prefix == "gl" and self.result == "void" and len(names) == 2:  # How many, and an array of names.
            return f"clear_names({', '.join(names)})", f"count_names({', '.join(names)})"
        if word == "makes" and self.prefix == "vk":
            return f", *{names[-1]} = VK_NULL_HANDLE", "result == VK_SUCCESS"
        if word == "makes":
            return "", f"result != {re.split('[(,)]', self.failure)[1]}"
        handle = next((name for declared, name in self.parameters if declared == f"{kind} {name}"), names[0])
        return "", {"egl": "result == EGL_TRUE", "vk": f"{handle} != VK_NULL_HANDLE", "gl": f"{handle} != 0"}[self.prefix]


def broken(text, mark, indentation=2):
    """`text` in two lines behind the first `mark` where it is longer than a line, as swift-format breaks it."""
    if len(text) + indentation <= 120:
        return [text]
    first, second = text.split(mark, 1)
    return [(first + mark).rstrip(), "  " + second]


class Table:
    def __init__(self, header):
        self.type, self.file, self.resolver, *more = re.split(r"\s{2,}", header)
        self.access = "package" if more == ["package"] else "public"
        self.function_access = "package" if more else "public"
        self.documentation, self.copied, self.groups = [], [], {}

    def swift(self):
        blocks, calls, fillers, must_any = [self.copied] if self.copied else [], [], [], False
        for group, functions in self.groups.items():
            functions = [f for f in functions if f.look_up != "traced"]
            properties = [f"  {line}" for f in functions for line in f.property(self.function_access)]
            filling = [line for f in functions for line in f.filling()]
            must = any(f.look_up == "required" for f in functions)
            must_any = must_any or must
            if group:
                properties.insert(0, f"  // {group}.")
                argument = "&resolver" if self.resolver.startswith("inout ") else "resolver"
                calls.append(f"{'try ' if must else ''}fill{group}(from: {argument})")
                fillers.append(self.filler(f"private mutating func fill{group}", filling, must))
            else:
                calls += filling
            blocks.append(properties)
        blocks += [self.filler("mutating func fill", calls, must_any), *fillers, *self.other_names()]
        body = "\n\n".join("\n".join(block) for block in blocks)
        return "\n".join([*self.documentation, f"{self.access} struct {self.type}: @unchecked Sendable {{", body, "}", ""])

    def filler(self, start, lines, throws):
        head = f"  {start}(from resolver: {self.resolver}){' throws(InteropError)' if throws else ''} {{"
        return [head, *(f"    {line}" for line in lines), "  }"]

    def other_names(self):
        entries = []
        for function in (f for functions in self.groups.values() for f in functions if f.others):
            pairs = [f'("{name}", "{extension}")' for name, extension in function.others]
            entry = f'    "{function.name}": [{", ".join(pairs)}],'
            entries += [entry] if len(entry) <= 120 else [f'    "{function.name}": [', *(f"      {p}," for p in pairs), "    ],"]
        head = ["  /// What functions are called where an extension brings them.",
                "  static let otherNames: [String: [(name: String, source: String)]] = ["]
        return [[*head, *entries, "  ]"]] if entries else []


def tables():
    found, group = [], ""
    with open(os.path.join(ROOT, LIST), encoding="utf-8") as file:
        lines = file.read().split("\n")
    for number, line in enumerate(lines, 1):
        try:
            if line.startswith("table "):
                found.append(Table(line.removeprefix("table ")))
                group = ""
            elif line.startswith("group "):
                group = line.removeprefix("group ")
            elif line.startswith("///"):
                found[-1].documentation.append(line)
            elif line.startswith("  "):
                found[-1].copied.append(line)
            elif line and not line.startswith("#"):
                found[-1].groups.setdefault(group, []).append(Function(line))
        except (ValueError, IndexError, StopIteration):
            fail(f"{LIST}:{number}: not the columns of a table or a function: {line}")
    return found


def generated():
    """The text of each file, by its path."""
    files, entries, every = {}, [], tables()
    for table in every:
        path = f"Sources/InteropDrivers/{table.file}"
        functions = [f for functions in table.groups.values() for f in functions]
        access = min((t.function_access for t in every if t.file == table.file), key=["public", "package"].index)
        headers = "" if all("type" in f.more for f in functions) else f"\n{access} import CInteropGraphics\n"
        files[path] = files.get(path, MADE + headers) + "\n" + table.swift()
        traced = [f for f in functions if f.failure != "untraced"]
        entries += ["", f"// {table.type}.", *(line for f in traced for line in f.thunk())] if traced else []
    files[TRACED] = MADE + "\n".join([
        "// An entry for each function, read again and again with other meanings of EGL, GL, VK (functions with a result), GL_VOID",
        "// and VK_VOID (without): KIND([result type,] name, (parameters), (arguments), failure, lifetime). The list explains the",
        "// last two.", "", "// clang-format off", *entries, ""])
    return files


def compare(path, made):
    there = ""
    if os.path.exists(os.path.join(ROOT, path)):
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            there = file.read()
    for number, (a, b) in enumerate(itertools.zip_longest(there.split("\n"), made.split("\n")), 1):
        if a != b:
            fail(f"{path}:{number} is not made of {LIST}: run scripts/generate-driver-tables.py\n  there: {a}\n  made:  {b}")


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        sys.exit(64)
    for path, text in generated().items():
        if sys.argv[1:]:
            compare(path, text)
        else:
            with open(os.path.join(ROOT, path), "w", encoding="utf-8") as file:
                file.write(text)
