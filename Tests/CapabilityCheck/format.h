// The pixel formats, and how a pixel lies in Vulkan's memory.
//
// A channel's value is counted in steps of its format: 0...255, 0...1023, 0...3, and for half floats the number of
// representable values between it and zero. Two values are one step apart when nothing lies between them.
#ifndef CAPABILITY_CHECK_FORMAT_H
#define CAPABILITY_CHECK_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

typedef enum { ENCODING_UNORM8, ENCODING_RGB10A2, ENCODING_HALF } Encoding;

typedef struct {
  const char *name;
  VkFormat vulkan;
  VkFormat other_view;  // the sRGB or UNORM partner, VK_FORMAT_UNDEFINED when it has none
  unsigned gl;          // GL's sized format over the same bytes
  Encoding encoding;
  int channels, bytes_per_pixel;
  bool bgra;  // Vulkan's first byte is blue; GL's first byte is red all the same
} Format;

typedef struct {
  int32_t steps[4];  // red, green, blue, alpha
} Pixel;

enum { FORMAT_COUNT = 8 };
extern const Format formats[FORMAT_COUNT];

const Format *format_named(const char *name);  // NULL when there is none

// `code` is a channel of the test picture, 0...255.
int32_t format_steps(const Format *format, int channel, int code);
float format_value(const Format *format, int channel, int32_t steps);
// How many steps a driver may be off: rgb10a2 and rgba16f are truncated by some drivers and rounded by others.
int32_t format_tolerance(const Format *format, int channel);

void format_pack(const Format *format, const Pixel *pixel, uint8_t *bytes);
Pixel format_unpack(const Format *format, const uint8_t *bytes);

Pixel format_unpack_rgb10a2(uint32_t word);
int32_t half_steps(float value);

#endif
