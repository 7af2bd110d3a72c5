#!/usr/bin/env python3
"""Draws docs/architecture.svg: the two APIs, the ring between them, the memory, and who waits for whom.

  draw-architecture.py            writes it
  draw-architecture.py --check    compares it with what would be written; exit 1 if they differ
"""

import os
import sys
from xml.sax.saxutils import escape

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs", "architecture.svg")

INK, SOFT, LINE = "#1b1b1f", "#55555f", "#8a8a94"
GL, GL_PALE = "#b34700", "#fdeee2"
VULKAN, VULKAN_PALE = "#00568f", "#e4f1fb"
MEMORY, MEMORY_PALE = "#3c6b2f", "#eaf4e4"
WIDTH, HEIGHT = 1000, 650


class Picture:
    def __init__(self, width, height):
        self.lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            'font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="14" role="img" '
            'aria-labelledby="title description">',
            '<title id="title">Frames on their way from OpenGL to Vulkan</title>',
            '<desc id="description">OpenGL and Vulkan each have an image object for every slot of a ring. Both objects '
            "of a slot are the same memory. A signal of OpenGL lets Vulkan read a slot, a signal of Vulkan lets OpenGL "
            "write it again.</desc>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        ]

    def box(self, x, y, width, height, stroke, fill, radius=8, dashed=False):
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.lines.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{fill}" stroke="{stroke}" '
            f'stroke-width="1.5"{dash}/>')

    def text(self, x, y, text, color=INK, size=14, bold=False, anchor="start"):
        weight = ' font-weight="bold"' if bold else ""
        self.lines.append(
            f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{color}"{weight}>{escape(text)}</text>')

    def line(self, x1, y1, x2, y2, color, width=2.0):
        self.lines.append(
            f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}" stroke-width="{width}"/>')

    def arrow(self, x1, x2, y, color, width=3.0):
        """Along a row, with its head at x2."""
        back = 12 if x2 > x1 else -12
        self.line(x1, y, x2 - back, y, color, width)
        self.lines.append(f'<polygon points="{x2},{y} {x2 - back},{y - 7} {x2 - back},{y + 7}" fill="{color}"/>')

    def end(self):
        return "\n".join([*self.lines, "</svg>", ""])


def draw():
    picture = Picture(WIDTH, HEIGHT)
    left, middle, right = 24, 342, 676
    side, center = 300, 316

    # The two APIs, and the ring between them.
    top, height = 24, 344
    picture.box(left, top, side, height, GL, "#ffffff")
    picture.text(left + 18, top + 30, "OpenGL", GL, 19, bold=True)
    picture.text(left + 18, top + 51, "one thread, its context current", SOFT)
    picture.box(right, top, side, height, VULKAN, "#ffffff")
    picture.text(right + 18, top + 30, "Vulkan", VULKAN, 19, bold=True)
    picture.text(right + 18, top + 51, "any thread, one device", SOFT)
    picture.box(middle, top, center, height, MEMORY, "#ffffff", dashed=True)
    picture.text(middle + center / 2, top + 30, "the ring", MEMORY, 19, bold=True, anchor="middle")
    picture.text(middle + center / 2, top + 51, "GPU memory, allocated once for each slot", SOFT, anchor="middle")

    # Three slots, each in another state.
    slots = [
        ("frame 7: OpenGL writes", GL, GL_PALE, "draws into it", "not touched"),
        ("frame 6: ready", MEMORY, MEMORY_PALE, "not touched", "may take it"),
        ("frame 5: Vulkan reads", VULKAN, VULKAN_PALE, "not touched", "samples or copies it"),
    ]
    for index, (state, color, pale, gl, vulkan) in enumerate(slots):
        y = top + 76 + index * 86
        for x, width, name, use in [(left + 18, side - 36, "texture", gl), (right + 18, side - 36, "VkImage", vulkan)]:
            active = use != "not touched"
            picture.box(x, y, width, 62, color if active else LINE, pale if active else "#f6f6f8", radius=5)
            picture.text(x + 14, y + 26, f"{name} {index}", INK if active else SOFT, bold=True)
            picture.text(x + 14, y + 47, use, INK if active else SOFT)
        picture.box(middle + 30, y, center - 60, 62, color, pale, radius=5)
        picture.text(middle + center / 2, y + 26, f"memory {index}", INK, bold=True, anchor="middle")
        picture.text(middle + center / 2, y + 47, state, INK, anchor="middle")
        # The same memory on both sides.
        for x1, x2 in [(left + side - 18, middle + 30), (middle + center - 30, right + 18)]:
            picture.line(x1, y + 28, x2, y + 28, LINE, 1.5)
            picture.line(x1, y + 34, x2, y + 34, LINE, 1.5)

    # Who waits for whom.
    y = top + height + 44
    picture.text(left, y, "Who waits for whom, for each slot", INK, 17, bold=True)
    rows = [
        (GL, "OpenGL has written", "OpenGL signals", "Vulkan’s submission waits, then acquires", 1),
        (VULKAN, "Vulkan has read", "OpenGL’s next frame in this slot waits", "Vulkan releases, then signals", -1),
    ]
    for index, (color, signal, gl, vulkan, direction) in enumerate(rows):
        row = y + 42 + index * 58
        picture.text(left + side + 4, row + 5, gl, INK, anchor="end")
        picture.text(right + 8, row + 5, vulkan, INK)
        ends = (middle + 6, right - 14)
        picture.arrow(*(ends if direction > 0 else ends[::-1]), row, color)
        picture.text((ends[0] + ends[1]) / 2, row - 10, signal, color, 13, bold=True, anchor="middle")

    # The small print.
    y = HEIGHT - 66
    picture.line(left, y - 26, WIDTH - left, y - 26, "#d5d5da", 1)
    for index, line in enumerate([
        "The double lines are one file descriptor (OPAQUE_FD or DMA-BUF): both objects of a slot are the same memory.",
        "The signals are semaphores of the GPU. With cpu-wait the CPU waits instead (glFinish, vkWaitForFences).",
        "With host-copy each side has memory of its own, and the package copies between them.",
    ]):
        picture.text(left, y + index * 22, line, SOFT, 13)
    return picture.end()


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__)
        sys.exit(64)
    wanted = draw()
    if sys.argv[1:]:
        try:
            with open(PATH, encoding="utf-8") as file:
                found = file.read()
        except OSError:
            found = ""
        if found != wanted:
            print("docs/architecture.svg is not what scripts/draw-architecture.py draws: run it")
            sys.exit(1)
        return
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(wanted)


if __name__ == "__main__":
    main()
