// What the examples have in common and users need not read: their options, and how tests look at them.
#pragma once
#include <gl_vulkan_interop.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct example {
  const char *name;
  const char *gl;        // --gl: compat, core or es; "" for what the platform gives
  int width, height;     // --size WxH
  unsigned last;         // --frames N: ends after so many; otherwise when the user ends it
  bool check;            // --check N: as --frames, and every pixel of every frame is compared
  const char *picture;   // --save FILE: the last frame as Vulkan saw it
  bool top_down, srgb;   // --top-down, --srgb: for the examples in hosts/
  const char *angle;     // --angle FILE: ANGLE's libEGL.so in place of the system's, for them
  const char *host;      // the host's version, which they set
  bool keeps;            // what is drawn, for check_returned()
  const char *argument;  // what is no option
  unsigned number;       // of the frame that is being drawn; the first is 1
};

struct example example_parse(const char *name, int count, char **arguments);
// Ends the program with a message and status 1.
__attribute__((noreturn)) void example_end(const char *step, const char *reason);
// Ends the program with the package's own words unless the result is GLVK_SUCCESS.
void example_require(glvk_result result);
// Begins the next frame; false when the last one has been drawn.
bool example_goes_on(struct example *example);

// --- With --check only; otherwise they do nothing ---
// Set by test builds: called before and after the package does something.
extern struct check_hooks {
  void (*open)(void *(*get_proc_address)(const char *name));
  void (*before)(const struct example *example);
  void (*after)(const struct example *example);
} check_hooks;
// What the checks look with: the program's own getProcAddress, while its context is current.
void check_open(struct example *example, void *(*get_proc_address)(const char *name));
// The program has drawn: what is in its framebuffer now, says its own GL.
void check_drawn(struct example *example, unsigned framebuffer, int width, int height);
// The frame has gone to Vulkan, which has copied it (vulkan_side_pixels): the same pixels, row by row, and the
// framebuffer is as it was. Ends the program otherwise.
void check_arrived(struct example *example);
// For hosts that show something above the frame: the next picture has this colour there, counted from the top.
void check_covered(int x, int y, int width, int height, const uint8_t colour[4]);
// For hosts that give the pixels back: row 0 is the top, and red is the first byte unless is_bgra. Frame `number` of the last
// 512 was drawn so. Ends the program otherwise.
void check_returned(struct example *example, unsigned number, const uint8_t *pixels, ptrdiff_t stride, int width,
  int height, bool is_bgra);

// Says what the program ran on and how many frames were right. The program's exit status: 0, or 1 if --check did not
// see all of the frames that it was told to.
int example_finish(const struct example *example, glvk_producer producer);

#ifdef __cplusplus
}
#endif
