#include "format.h"

#include <math.h>
#include <string.h>

#include <GL/gl.h>
#include <GL/glext.h>

#define FORMAT(name, vk, other, gl, encoding, channels, bytes, bgra) \
  { name, VK_FORMAT_##vk, VK_FORMAT_##other, gl, ENCODING_##encoding, channels, bytes, bgra }

const Format formats[FORMAT_COUNT] = {
  FORMAT("r8", R8_UNORM, UNDEFINED, GL_R8, UNORM8, 1, 1, false),
  FORMAT("rg8", R8G8_UNORM, UNDEFINED, GL_RG8, UNORM8, 2, 2, false),
  FORMAT("rgba8", R8G8B8A8_UNORM, R8G8B8A8_SRGB, GL_RGBA8, UNORM8, 4, 4, false),
  FORMAT("bgra8", B8G8R8A8_UNORM, B8G8R8A8_SRGB, GL_RGBA8, UNORM8, 4, 4, true),
  FORMAT("rgba8-srgb", R8G8B8A8_SRGB, R8G8B8A8_UNORM, GL_RGBA8, UNORM8, 4, 4, false),
  FORMAT("bgra8-srgb", B8G8R8A8_SRGB, B8G8R8A8_UNORM, GL_RGBA8, UNORM8, 4, 4, true),
  FORMAT("rgb10a2", A2B10G10R10_UNORM_PACK32, UNDEFINED, GL_RGB10_A2, RGB10A2, 4, 4, false),
  FORMAT("rgba16f", R16G16B16A16_SFLOAT, UNDEFINED, GL_RGBA16F, HALF, 4, 8, false),
};

const Format *format_named(const char *name) {
  for (int i = 0; i < FORMAT_COUNT; i++)
    if (!strcmp(formats[i].name, name)) return &formats[i];
  return NULL;
}

static int32_t maximum(const Format *format, int channel) {
  if (format->encoding == ENCODING_UNORM8) return 255;
  return channel == 3 ? 3 : 1023;
}

// --- Half floats
// ------------------------------------------------------------------------------------------------------- Steps are the
// half's bits with the sign taken off and put in front, so that they are in the order of the values.

static float half_value(int32_t steps) {
  int32_t magnitude = steps < 0 ? -steps : steps, exponent = magnitude >> 10, mantissa = magnitude & 0x3ff;
  float value = exponent ? ldexpf((float)(mantissa + 0x400), exponent - 25) : ldexpf((float)mantissa, -24);
  return steps < 0 ? -value : value;
}

int32_t half_steps(float value) {
  float size = fabsf(value);
  int32_t steps;
  if (isnan(value)) {
    steps = 0x7e00;
  } else if (size >= 65520.0f) {
    steps = 0x7c00;
  } else if (size < 0x1p-14f) {
    steps = (int32_t)(ldexpf(size, 24) + 0.5f);
  } else {
    int exponent;
    float fraction = frexpf(size, &exponent);  // 0.5 <= fraction < 1; a carry out of the mantissa is right as it is
    steps = ((exponent + 13) << 10) + (int32_t)(ldexpf(fraction, 11) + 0.5f);
  }
  return value < 0 ? -steps : steps;
}

// --- Values
// ------------------------------------------------------------------------------------------------------------

int32_t format_steps(const Format *format, int channel, int code) {
  // Some below 0 and some above 1, so that a clamp on the way is found out; all of them exact in a half.
  if (format->encoding == ENCODING_HALF) return half_steps((float)(code - 64) / 64.0f);
  return (code * maximum(format, channel) + 127) / 255;
}

float format_value(const Format *format, int channel, int32_t steps) {
  if (format->encoding == ENCODING_HALF) return half_value(steps);
  return (float)steps / (float)maximum(format, channel);
}

int32_t format_tolerance(const Format *format, int channel) {
  if (format->encoding == ENCODING_UNORM8) return 0;
  // A step of a two-bit alpha is a third of the way from nothing to everything: that is no rounding.
  return format->encoding == ENCODING_RGB10A2 && channel == 3 ? 0 : 1;
}

// --- Vulkan's memory (little-endian, as every machine with these drivers is)
// -------------------------------------------

// The byte, or pair of bytes, that holds a channel.
static int place(const Format *format, int channel) {
  return format->bgra && channel != 1 && channel != 3 ? 2 - channel : channel;
}

void format_pack(const Format *format, const Pixel *pixel, uint8_t *bytes) {
  const int32_t *steps = pixel->steps;
  if (format->encoding == ENCODING_RGB10A2) {
    uint32_t word = (uint32_t)steps[0] | (uint32_t)steps[1] << 10 | (uint32_t)steps[2] << 20 | (uint32_t)steps[3] << 30;
    memcpy(bytes, &word, sizeof word);
    return;
  }
  for (int c = 0; c < format->channels; c++) {
    if (format->encoding == ENCODING_UNORM8) {
      bytes[place(format, c)] = (uint8_t)steps[c];
    } else {
      uint16_t half = (uint16_t)(steps[c] < 0 ? 0x8000 | -steps[c] : steps[c]);
      memcpy(bytes + 2 * c, &half, sizeof half);
    }
  }
}

Pixel format_unpack_rgb10a2(uint32_t word) {
  return (Pixel){{word & 0x3ff, word >> 10 & 0x3ff, word >> 20 & 0x3ff, word >> 30}};
}

Pixel format_unpack(const Format *format, const uint8_t *bytes) {
  Pixel pixel = {{0}};
  if (format->encoding == ENCODING_RGB10A2) {
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return format_unpack_rgb10a2(word);
  }
  for (int c = 0; c < format->channels; c++) {
    if (format->encoding == ENCODING_UNORM8) {
      pixel.steps[c] = bytes[place(format, c)];
    } else {
      uint16_t half;
      memcpy(&half, bytes + 2 * c, sizeof half);
      pixel.steps[c] = half & 0x8000 ? -(half & 0x7fff) : half;
    }
  }
  return pixel;
}
