// The test picture: a grid of rectangles of single colours, one picture for each of the two frames.
#ifndef CAPABILITY_CHECK_PATTERN_H
#define CAPABILITY_CHECK_PATTERN_H

#include "cell.h"

enum { FRAME_COUNT = 2 };

typedef struct {
  int columns, rows;
} Grid;

typedef struct {
  int x, y, width, height;  // y = 0 is GL's bottom row, which is the first in memory
  Pixel pixel;
} Block;

Grid pattern_grid(Size size);
Block pattern_block(const Format *format, Size size, int frame, int column, int row);

// All pixels of a frame, `size.width * size.height` of them. With `upside_down` the top row comes first.
void pattern_fill(const Format *format, Size size, int frame, bool upside_down, Pixel *pixels);

// The first difference becomes the result's reason.
bool pattern_compare(const Format *format, Size size, int frame, const Pixel *wanted, const Pixel *got, Result *result);

// Whether `got` is `wanted` with red and blue exchanged.
bool pattern_is_exchanged(const Format *format, Size size, const Pixel *wanted, const Pixel *got);

// NULL, or what the picture lacks that the experiment relies on.
const char *pattern_flaw(const Format *format, Size size);

#endif
