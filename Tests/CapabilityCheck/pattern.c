#include "pattern.h"

#include <stdio.h>
#include <stdlib.h>

// At most 16 x 16 rectangles, so that each has a red of its own: a block, row or tile that lands elsewhere is seen
// even in the format with one channel.
static int count(int length) { return length < 16 ? length : 16; }

// The first and the last rectangle are one pixel wide: a picture shifted or cut by one pixel differs at the edge.
static int edge(int length, int index) {
  int n = count(length);
  if (index <= 0) return 0;
  if (index >= n) return length;
  return 1 + (length - 2) * (index - 1) / (n - 2 > 0 ? n - 2 : 1);
}

Grid pattern_grid(Size size) { return (Grid){count(size.width), count(size.height)}; }

static void colour(Size size, int frame, int column, int row, int codes[4]) {
  int n = row * count(size.width) + column;
  int red = (128 + 7 * n + 97 * frame) % 256;
  codes[0] = red;
  codes[1] = (40 + 53 * n + 150 * frame) % 256;
  codes[2] = (red + 1 + 29 * n % 200) % 256;             // never equal to red
  codes[3] = 85 * ((3 * n + column + row + frame) % 4);  // whole steps even of two bits
}

Block pattern_block(const Format *format, Size size, int frame, int column, int row) {
  int left = edge(size.width, column), bottom = edge(size.height, row), codes[4];
  Block block = {left, bottom, edge(size.width, column + 1) - left, edge(size.height, row + 1) - bottom, {{0}}};
  colour(size, frame, column, row, codes);
  for (int c = 0; c < format->channels; c++) block.pixel.steps[c] = format_steps(format, c, codes[c]);
  return block;
}

void pattern_fill(const Format *format, Size size, int frame, bool upside_down, Pixel *pixels) {
  Grid grid = pattern_grid(size);
  for (int row = 0; row < grid.rows; row++) {
    for (int column = 0; column < grid.columns; column++) {
      Block block = pattern_block(format, size, frame, column, row);
      for (int y = block.y; y < block.y + block.height; y++) {
        Pixel *line = pixels + (size_t)(upside_down ? size.height - 1 - y : y) * (size_t)size.width;
        for (int x = block.x; x < block.x + block.width; x++) line[x] = block.pixel;
      }
    }
  }
}

static bool is_close(const Format *format, const Pixel *a, const Pixel *b, bool exchanged) {
  for (int c = 0; c < format->channels; c++) {
    int other = exchanged && c != 1 && c != 3 ? 2 - c : c;
    if (abs(a->steps[c] - b->steps[other]) > format_tolerance(format, c)) return false;
  }
  return true;
}

static void describe(const Format *format, const Pixel *pixel, char *text, size_t capacity) {
  int used = 0;
  for (int c = 0; c < format->channels; c++) {
    const char *separator = c ? ", " : "";
    if (format->encoding == ENCODING_HALF)
      used +=
        snprintf(text + used, capacity - (size_t)used, "%s%g", separator, format_value(format, c, pixel->steps[c]));
    else used += snprintf(text + used, capacity - (size_t)used, "%s%d", separator, pixel->steps[c]);
  }
}

bool pattern_compare(
  const Format *format, Size size, int frame, const Pixel *wanted, const Pixel *got, Result *result) {
  int wrong = 0, first = 0, total = size.width * size.height;
  for (int i = 0; i < total; i++) {
    if (is_close(format, &wanted[i], &got[i], false)) continue;
    if (!wrong++) first = i;
  }
  if (!wrong) return true;
  char want[80], have[80];
  describe(format, &wanted[first], want, sizeof want);
  describe(format, &got[first], have, sizeof have);
  return failed(result, "frame %d: pixel (%d, %d): wanted (%s), got (%s); %d of %d pixels are wrong", frame + 1,
    first % size.width, first / size.width, want, have, wrong, total);
}

bool pattern_is_exchanged(const Format *format, Size size, const Pixel *wanted, const Pixel *got) {
  for (int i = 0; i < size.width * size.height; i++)
    if (!is_close(format, &wanted[i], &got[i], true)) return false;
  return format->channels >= 3;
}

static const char *frame_flaw(const Format *format, Size size, const Pixel *first, const Pixel *second) {
  int total = size.width * size.height;
  bool has_grey = false;
  for (int i = 0; i < total; i++) {
    for (int c = 0; c < format->channels; c++) {
      if (abs(first[i].steps[c] - second[i].steps[c]) <= 2 * format_tolerance(format, c)) return "two equal frames";
      has_grey = has_grey || first[i].steps[c] == format_steps(format, c, 128);
    }
    if (format->channels < 3) continue;
    // Wider than the tolerance, so that exchanged channels cannot pass for rounding.
    if (abs(first[i].steps[0] - first[i].steps[2]) <= format_tolerance(format, 0)) return "red equal to blue";
    if (abs(second[i].steps[0] - second[i].steps[2]) <= format_tolerance(format, 0)) return "red equal to blue";
  }
  if (!has_grey) return "no mid-grey";
  const Pixel *corners[4] = {&first[0], &first[size.width - 1], &first[total - size.width], &first[total - 1]};
  for (int a = 0; a < 4; a++)
    for (int b = 0; b < a; b++)
      if (is_close(format, corners[a], corners[b], false)) return "two equal corners";
  return NULL;
}

const char *pattern_flaw(const Format *format, Size size) {
  size_t total = (size_t)size.width * (size_t)size.height;
  Pixel *pixels = malloc(2 * total * sizeof *pixels);
  if (!pixels) return "no memory";
  pattern_fill(format, size, 0, false, pixels);
  pattern_fill(format, size, 1, false, pixels + total);
  const char *flaw = frame_flaw(format, size, pixels, pixels + total);
  free(pixels);
  return flaw;
}
