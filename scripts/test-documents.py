#!/usr/bin/env python3
"""Checks every document of the repository, without a network: links, anchors, pictures, tables, and names that must exist.

  test-documents.py [DOCUMENT]...       The last line says how it went.

  Links and pictures   lead to files that git knows (one that git ignores is on this machine only), anchors to headings there.
  Tables               a row belongs to a table (a blank line before it makes it plain text), and has as many cells as its heading.
  Names                what is spelled as code is somewhere in the code: types with their members, functions of C, options, targets
                       of make, files, variables of the environment, tests. CHANGELOG.md speaks of the past too and is left out.
  README.md            what its Package.swift asks for is there: a tag of that name, if it names one.
  Drawings             docs/architecture.svg is what its script draws.
"""

import collections
import functools
import os
import re
import subprocess
import sys
import time
import urllib.parse

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

PACKAGE = "swift-gl-vulkan-interop"
# Of others, and nowhere in our code. Each with where it is said.
OF_OTHERS = {
    # wgpu, whose users docs/adopting.md and docs/webgpu.md speak to; X11's error; a file of the reader's.
    "wgpu_hal", "texture_from_raw", "TextureMemory", "External", "texture_from_dmabuf_fd", "drm_modifier", "vk_image", "drop_callback",
    "raw_device", "add_wait_semaphore", "add_signal_semaphore", "create_texture_from_hal", "BadAccess", "program.c",
    # Dawn's, which Sources/CInteropWebGPU declares under names of its own.
    "WGPUTexture", "WGPUFeatureName", "BeginAccess", "EndAccess", "SharedFence", "SharedTextureMemoryDmaBuf", "SharedFenceSyncFD",
    # Drivers' own functions and structures, in docs/driver-notes.md.
    "llvmpipe_resource_from_handle", "llvmpipe_memobj_create_from_handle", "lvp_AllocateMemory", "bo_can_reclaim", "VkDrmFormatModifierPropertiesList2EXT",
    # The hosts' own, in docs/hosts.md.
    "VK_EXT_debug_utils", "VK_EXT_external_memory_host",
    # SwiftPM's: options, and what it calls the tests' program.
    "--disable-sandbox", "--static-swift-stdlib", "interopPackageTests", "_FoundationCShims",
}


def git(*arguments):
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


# --- Documents --------------------------------------------------------------------------------------------------------
class Document:
    """A Markdown file, its code apart from its text."""

    def __init__(self, path, text=None):
        self.path = path
        self.text = []  # (number, line) without what is in fences, code spans left in
        self.fences = []  # (number, language, line)
        fence = language = None
        for number, line in enumerate((text or read(path)).split("\n"), 1):
            mark = re.match(r"\s*(```+|~~~+)\s*(\w*)", line)
            if mark and fence is None:
                fence, language = mark[1], mark[2]
            elif mark and fence and mark[1].startswith(fence):
                fence = None
            elif fence:
                self.fences.append((number, language, line))
            else:
                self.text.append((number, line))

    @functools.cached_property
    def anchors(self):
        """What GitHub makes of the headings."""
        found, seen = set(), collections.Counter()
        for _, line in self.text:
            if heading := re.match(r"#{1,6}\s+(.*?)\s*#*$", line):
                words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).replace("`", "")
                slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
                found.add(slug if not seen[slug] else f"{slug}-{seen[slug]}")
                seen[slug] += 1
            found.update(re.findall(r'<a (?:id|name)="([^"]+)"', line))
        return found

    def links(self):
        """(line, target, whether it is a picture)"""
        text = "\n".join(re.sub(r"`+[^`]*`+", "``", line) for _, line in self.text)
        numbers = [number for number, _ in self.text]
        patterns = [
            (r"(!?)\[(?:[^\[\]]|\[[^\]]*\]\([^)]*\))*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)", False),
            (r"(!)\[[^\]]*\]\(([^)\s]+)\)", False),
            (r"(?m)^\s*()\[[^\]]+\]:\s*<?(\S+?)>?\s*$", False),
            (r"<(img|a)\b[^>]*?\b(?:src|href)=\"([^\"]+)\"", True),
        ]
        found = {}
        for pattern, _ in patterns:
            for match in re.finditer(pattern, text):
                key = (numbers[text.count("\n", 0, match.start(2))], match[2])
                found[key] = found.get(key, False) or match[1] in ("!", "img")
        return [(number, target, picture) for (number, target), picture in sorted(found.items())]


# --- Code -------------------------------------------------------------------------------------------------------------
def without_comments(text, language):
    """Code with comments blanked; strings stay, since options and names of variables are in them."""
    if language in ("swift", "c"):
        pattern = r'"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*[\s\S]*?\*/'
        return re.sub(pattern, lambda match: match[0] if match[0][0] == '"' else " ", text)
    return re.sub(r"(?m)^\s*#(?!!)[^\n]*", "", text)


def without_strings(text):
    return re.sub(r'"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"', '""', text)


class Code:
    """What the tree's code declares and uses."""

    def __init__(self, files):
        self.files = files
        self.names = {os.path.basename(path) for path in files}
        self.swift_stems = {os.path.basename(path)[:-6] for path in files if path.endswith(".swift")}
        self.stems = {name.split(".")[0] for name in self.names}
        self.folders = {part for path in files for part in path.split("/")[:-1]}
        self.words, self.options, self.members, self.parents = set(), set(), collections.defaultdict(set), collections.defaultdict(set)
        self.suites = collections.defaultdict(set)
        self.c_functions, self.written = set(), set()
        self.targets = set()
        for path in files:
            name = os.path.basename(path)
            kind = {"swift": "swift", "c": "c", "h": "c", "cpp": "c"}.get(name.rpartition(".")[2], "other")
            if name.endswith((".md", ".png", ".svg", ".1", ".json")) or path.startswith("docs/") or name in ("LICENSE", "test-documents.py"):
                continue
            try:
                text = without_comments(read(path), kind)
            except OSError:
                continue
            self.words.update(re.findall(r"[A-Za-z_]\w*", text))
            # Files that programs write.
            self.written.update(re.findall(r"\b[\w-]+\.(?:json|md|py|sh|c|h)\b", text))
            self.options.update(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", text))
            if kind == "swift":
                text = without_strings(text)
                self.read_swift(text)
                if path.startswith("Tests/"):
                    self.suites[path.split("/")[1]].update(re.findall(r"\b(?:struct|class|enum|extension)\s+(\w+)", text))
            self.test_targets = {name for name in self.suites if name.endswith("Tests")}
            if path.startswith("Sources/CInterface/include/"):
                self.c_functions.update(re.findall(r"\b[Gg][Ll][Vv][Kk]_\w+", text))
            if name == "Makefile" and path == "Makefile":
                self.targets.update(re.findall(r"(?m)^([\w-]+):", text))

    def read_swift(self, text):
        """Members of each type, with those of types inside it and of its extensions."""
        open_types, depth = [], 0
        tokens = re.compile(
            r"\b(?:struct|class|enum|actor|protocol|extension)\s+(?P<type>(?!func\b|var\b|let\b|subscript\b)[A-Z][\w.]*)(?P<rest>[^{\n]*(?:\n[^{}\n]*)??)\{"
            r"|\b(?:func|var|let|typealias|associatedtype|macro)\s+`?(?P<name>\w+)"
            r"|\bcase\s+(?P<cases>\.?\w[^\n:{}]*)"
            r"|\b(?P<init>init|subscript|deinit)\b"
            r"|(?P<open>\{)|(?P<close>\})")
        for token in tokens.finditer(text):
            if token["type"]:
                for parent, _ in open_types:
                    self.members[parent].add(token["type"].split(".")[-1])
                name = token["type"].split(".")[-1]
                open_types.append((name, depth))
                depth += 1
                self.members[name]  # It is a type of ours.
                self.parents[name].update(re.findall(r"[A-Z]\w*", token["rest"]))
            elif token["open"]:
                depth += 1
            elif token["close"]:
                depth -= 1
                while open_types and open_types[-1][1] >= depth:
                    open_types.pop()
            else:
                found = re.findall(r"\w+", token["cases"]) if token["cases"] else [token["name"] or token["init"]]
                for parent, _ in open_types[-1:]:
                    self.members[parent].update(found)
                # Of what is inside another type, too: `Outer.Inner.member` is written `Outer.member` nowhere.

    def has_member(self, type_name, member, seen=()):
        if member in self.members[type_name]:
            return True
        return any(
            self.has_member(parent, member, (*seen, type_name))
            for parent in self.parents[type_name] if parent in self.members and parent not in seen)


# Members that the language makes.
SYNTHESIZED = {"init", "self", "Type", "rawValue", "allCases", "description", "hashValue", "deinit"}


def names_in(code, span):
    """What of a code span is nowhere in the tree."""
    missing = []
    # Of another repository, or of a program's output with an ellipsis in it.
    if re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", span):
        return []
    for option in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", span):
        property_name = re.sub(r"-(\w)", lambda match: match[1].upper(), option[2:])
        if option not in code.options and property_name not in code.words and option not in OF_OTHERS:
            missing.append(option)
    # As it is typed: "make a frame: …" is an error's text.
    if target := re.match(r"\s*make ([a-z][a-z-]*)\s*(?:$|[A-Z_]+=)", span):
        if target[1] not in code.targets:
            missing.append(f"make {target[1]}")
    # A name that is cut off, or stands for several.
    span = re.sub(r"\w*…\w*", " ", span)
    paths = re.findall(r"(?<![\w/.$-])(?:[\w.+-]+/)+[\w.+-]*[\w+]|(?<![\w/.*-])[\w-]+\.(?:sh|py|swift|md|c|h|cpp|comp)\b", span)
    rest = span
    for path in paths:
        top = path.split("/")[0]
        if "/" in path and top in code.folders_of_the_top:
            if not code.has_path(path) and path not in OF_OTHERS:
                missing.append(path)
            rest = rest.replace(path, " ")
        elif "/" in path and path.endswith((".swift", ".c", ".h", ".comp")):
            # Below Sources, by its module.
            if not any(known.endswith(f"/{path}") for known in code.files) and os.path.basename(path) not in code.written:
                missing.append(path)
            rest = rest.replace(path, " ")
        elif re.search(r"\.(sh|py|swift|md|c|h|cpp|comp)$", path) and "/" not in path:
            if path not in code.names and path not in code.written and path not in OF_OTHERS:
                missing.append(path)
            rest = rest.replace(path, " ")
    for chain in re.findall(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.sub(r"--[\w-]+|\.build\b\S*", " ", rest)):
        parts = chain.split(".")
        for i, name in enumerate(parts):
            if re.match(r"(?i)glvk_", name):
                # A variable of the environment is spelled in the sources.
                if name not in code.c_functions and not (name.isupper() and name in code.words) and not any(known.startswith(name) for known in code.c_functions if name.endswith("_")):
                    missing.append(name)
            elif re.fullmatch(r"(INTEROP|GL_VULKAN_INTEROP|VM|LYING)_[A-Z_0-9]+", name):
                if name not in code.words:
                    missing.append(name)
            elif i > 0 and parts[i - 1] in code.members:
                if not code.has_member(parts[i - 1], name) and name not in SYNTHESIZED:
                    missing.append(".".join(parts[: i + 1]))
            elif i > 0 and parts[i - 1] in code.test_targets:
                # As in --filter: the beginning of a suite's name.
                if not any(suite.startswith(name) for suite in code.suites[parts[i - 1]]):
                    missing.append(".".join(parts[: i + 1]))
            elif i > 0 and parts[i - 1] in code.swift_stems and i == 1:
                # A file's name is no type's.
                missing.append(f"{chain}: {parts[0]} is a file, no type:")
            elif re.search(r"[a-z][A-Z]|^[A-Z][A-Z]*[a-z]|[a-z]_[a-z]", name) and len(parts) + len(name) > 3:
                # Others' functions and constants have registered names; most are in our tables too.
                if name not in code.words and name not in code.stems and name not in code.folders and name not in OF_OTHERS:
                    missing.append(name)
    return missing


def check_names(code, document):
    for number, line in document.text:
        for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", line):
            for name in names_in(code, span):
                yield number, f"there is no {name} (`{span}`)"
        for span in re.findall(r"``([^`]+)``", line):
            for name in names_in(code, span.split("/")[0].split("(")[0]):
                yield number, f"there is no {name} (``{span}``)"
        # Files are named in the text, too.
        for path in re.findall(r"(?<![\w/(`.-])(?:docs|scripts|Tests|Sources|Demos|Examples|Benchmarks)/[\w./-]*\w", re.sub(r"`[^`]*`|\]\([^)]*\)", "", line)):
            if not code.has_path(path):
                yield number, f"there is no {path}"
    for number, language, line in document.fences:
        if language in ("swift", "c", "sh", "bash", "") and "…" not in line:
            comment = re.sub(r"(^|\s)(#|//)\s.*", "", line)
            for name in names_in(code, comment) if language in ("sh", "bash") else re.findall(r"\bglvk_\w+", line):
                if name.startswith("glvk_") and name in code.c_functions:
                    continue
                yield number, f"there is no {name}"


# --- Links and tables -------------------------------------------------------------------------------------------------
def check_links(documents, tracked, document):
    folders = {folder for path in tracked for folder in parents(path)}
    for number, target, picture in document.links():
        if re.match(r"(?i)(https?|mailto|doc):", target):
            continue
        path, _, anchor = urllib.parse.unquote(target).partition("#")
        file = os.path.normpath(os.path.join(os.path.dirname(document.path), path)) if path else document.path
        if path and not os.path.exists(file):
            yield number, f"{target}: there is no {file}"
        elif file not in tracked and file not in folders:
            yield number, f"{target}: git does not know {file}: it is on this machine only"
        elif picture and not is_picture(file):
            yield number, f"{target} is no picture"
        elif anchor and file.endswith(".md"):
            if anchor not in documents.get(file, Document(file)).anchors:
                yield number, f"{target}: {file} has no such heading"
        elif anchor and not re.fullmatch(r"L\d+(-L\d+)?", anchor):
            yield number, f"{target}: only documents have anchors"


def parents(path):
    while path := os.path.dirname(path):
        yield path
    yield "."


def is_picture(path):
    with open(path, "rb") as file:
        start = file.read(400)
    return start.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")) or b"<svg" in start


def check_tables(document):
    lines = dict(document.text)
    cells = lambda line: len(re.findall(r"(?<!\\)\|", line.strip().strip("|"))) + 1
    is_row = lambda line: line.lstrip().startswith("|")
    number = 0
    while number < max(lines, default=0):
        number += 1
        if not is_row(lines.get(number, "")):
            continue
        if not re.fullmatch(r"\s*\|?(\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*", lines.get(number + 1, "")):
            yield number, "a row that belongs to no table: what is before it is no row"
            while is_row(lines.get(number + 1, "")):
                number += 1
            continue
        wanted = cells(lines[number])
        while is_row(lines.get(number, "")):
            if cells(lines[number]) != wanted:
                yield number, f"a row of {cells(lines[number])} cells in a table of {wanted}"
            number += 1


def check_readme(document):
    """A version that users are told to ask for is a tag, and an address is one."""
    tags = git("tag").split()
    for number, language, line in document.fences:
        if language == "swift" and ".package(" in line:
            for version in re.findall(r'(?:from|exact):\s*"([^"]+)"', line):
                if version not in tags and f"v{version}" not in tags:
                    yield number, f"no tag is named {version}"
            for branch in re.findall(r'branch:\s*"([^"]+)"', line):
                if branch not in ("main",):
                    yield number, f"the branch is main, not {branch}"
            if re.search(r'url:\s*"(?!https://|git@|ssh:|file:)', line):
                yield number, "the address is none"
            # SwiftPM calls a package in a folder as the folder, unless it is told.
            names = re.findall(r'\.package\(name:\s*"([^"]+)"', line)
            if "path:" in line and names != [PACKAGE]:
                yield number, f"a package that is named by its path needs name: \"{PACKAGE}\""
        if language == "swift" and (product := re.search(r'\.product\(name:\s*"([^"]+)",\s*package:\s*"([^"]+)"', line)):
            products = re.findall(r'\.(?:library|executable)\(name: "([^"]+)"', read("Package.swift"))
            if product[1] not in products or product[2] != PACKAGE:
                yield number, f"no product {product[1]} of a package {product[2]}"


# What must be found in it, line by line, or the checks look at nothing.
BROKEN = """
[a](README.md#no-such) ![c](Makefile) [d](nowhere/) [e][f] [g](README.md#use-it)
[f]: nowhere.md
![h](.git/HEAD)

# Here

| a | b |
|---|---|
| 1 | 2 | 3 |

| 4 | 5 |

`SlotSelection.oldest` `SlotSelection.choose` `VulkanHost.init` `VulkanTurn.begin`
`glvk_nothing` `glvk_producer` `--no-such-option` `--pixel-format` `INTEROP_NOTHING` `INTEROP_TEST_SEED`
`make nonsense` `make test` `none.sh` `scripts/none.sh` `scripts/test.sh` `NoSuchTests` `SlotSelectionTests` `NoSuch/NoSuch.swift`
```sh
make nonsense
swift test --filter DMABufTests.NoSuch
```
```swift
.package(url: "URL/swift-gl-vulkan-interop.git", from: "99.0.0")
.package(path: "../elsewhere")
```
"""
FAULTS = {2: 3, 3: 1, 4: 1, 10: 1, 12: 1, 14: 2, 15: 3, 16: 5, 18: 1, 19: 1, 22: 2, 23: 1}


def is_ignored(path):
    """Whether it is what building makes."""
    return subprocess.run(["git", "check-ignore", "-q", path], capture_output=True).returncode == 0


def main():
    started = time.monotonic()
    try:
        tracked = set(git("ls-files", "-z").split("\0")) - {""}
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"documents: skipped: git does not answer here ({error})")
        sys.exit(77)
    new = set(git("ls-files", "-z", "--others", "--exclude-standard").split("\0")) - {""}
    here = sorted(path for path in tracked | new if os.path.isfile(path))
    code = Code(here)
    code.folders_of_the_top = {path.split("/")[0] for path in here if "/" in path}
    everything = set(here) | {folder for path in here for folder in parents(path)}
    code.has_path = lambda path: path.rstrip("/") in everything or is_ignored(path) or any(
        f"{path}{end}" in everything for end in (".swift", ".c", ".h", ".md", ".sh")) or (
        # A suite of a target is written Target/Suite.
        path.startswith("Tests/") and path[6:] in everything)
    documents = {path: Document(path) for path in here if path.endswith(".md") and path in tracked}
    broken = Document("BROKEN.md", BROKEN)
    found = [*check_links(documents, tracked, broken), *check_tables(broken), *check_names(code, broken), *check_readme(broken)]
    if collections.Counter(number for number, _ in set(found)) != FAULTS:
        print(*(f"{number}: {text}" for number, text in sorted(set(found))), sep="\n")
        print("documents: FAILED: the faults of a broken document are not found, or others are")
        sys.exit(1)
    asked = [os.path.relpath(path) for path in sys.argv[1:]] or sorted(documents)
    faults, links = 0, 0
    for path in asked:
        document = documents.get(path) or Document(path)
        links += len(document.links())
        found = [*check_links(documents, tracked, document), *check_tables(document)]
        if os.path.basename(path) != "CHANGELOG.md":
            found += check_names(code, document)
        if path == "README.md":
            found += check_readme(document)
        for number, text in sorted(set(found)):
            print(f"{path}:{number}: {text}")
            faults += 1
    if not sys.argv[1:]:
        drawn = subprocess.run(["scripts/draw-architecture.py", "--check"], capture_output=True, text=True)
        if drawn.returncode != 0:
            print(drawn.stdout + drawn.stderr, end="")
            faults += 1
    facts = f"{len(asked)} documents, {links} links, {time.monotonic() - started:.0f} s"
    if len(asked) == 0 or (links < 20 and not sys.argv[1:]):
        print(f"documents: FAILED: too little was found; {facts}")
        sys.exit(1)
    print(f"documents: FAILED: {faults} faults; {facts}" if faults else f"documents: tested, {facts}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
