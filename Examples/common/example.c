#include "example.h"

#include <GLES3/gl3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vulkan_side.h"

void example_end(const char *step, const char *reason) {
  fprintf(stderr, "%s: %s\n", step, reason);
  exit(1);
}

void example_require(glvk_result result) {
  if (result != GLVK_SUCCESS) example_end(glvk_result_name(result), glvk_last_error_message());
}

struct example example_parse(const char *name, int count, char **arguments) {
  struct example example = {.name = name, .gl = "", .width = 640, .height = 480};
  for (int i = 1; i < count; i++) {
    const char *option = arguments[i], *value = i + 1 < count ? arguments[i + 1] : NULL;
    if (option[0] != '-') {
      example.argument = option;
      continue;
    }
    bool known = value != NULL;
    if (strcmp(option, "--top-down") == 0 || strcmp(option, "--srgb") == 0) {
      *(option[2] == 't' ? &example.top_down : &example.srgb) = true;
      continue;
    }
    if (!known) {
    } else if (strcmp(option, "--gl") == 0) {
      example.gl = value;
    } else if (strcmp(option, "--check") == 0) {
      example.check = true;
      example.last = (unsigned)atoi(value);
    } else if (strcmp(option, "--frames") == 0) {
      example.last = (unsigned)atoi(value);
    } else if (strcmp(option, "--size") == 0) {
      known = sscanf(value, "%dx%d", &example.width, &example.height) == 2;
    } else if (strcmp(option, "--save") == 0) {
      example.picture = value;
    } else if (strcmp(option, "--angle") == 0) {
      example.angle = value;
    } else {
      known = false;
    }
    if (!known) {
      fprintf(stderr,
        "usage: %s [--gl compat|core|es] [--size WxH] [--frames N] [--check N] [--save FILE.ppm]\n"
        "       of those in hosts/: [--angle libEGL.so] [--top-down] [--srgb]\n",
        name);
      exit(64);
    }
    i++;
  }
  return example;
}

bool example_goes_on(struct example *example) {
  if (example->last != 0 && example->number == example->last) return false;
  example->number++;
  return true;
}

// --- Checks ----------------------------------------------------------------------------------------------------------
static struct {
  PFNGLBINDFRAMEBUFFERPROC glBindFramebuffer;
  PFNGLGETERRORPROC glGetError;
  PFNGLGETINTEGERVPROC glGetIntegerv;
  PFNGLREADPIXELSPROC glReadPixels;
  PFNGLGETSTRINGPROC glGetString;
} gl;
struct check_hooks check_hooks;
static bool has_read_framebuffers;  // not in OpenGL ES 2.0
static uint8_t *drawn, *again;
static size_t drawn_size;
static unsigned drawn_framebuffer, frames_right, frames_repeated;
static int drawn_width, drawn_height;
static uint64_t last_hash;

void check_open(struct example *example, void *(*get_proc_address)(const char *name)) {
  if (!example->check) return;
#define LOAD(name) *(void **)&gl.name = get_proc_address(#name)
  LOAD(glBindFramebuffer);
  LOAD(glGetError);
  LOAD(glGetIntegerv);
  LOAD(glReadPixels);
  LOAD(glGetString);
  has_read_framebuffers = strncmp((const char *)gl.glGetString(GL_VERSION), "OpenGL ES 2", 11) != 0;
  if (check_hooks.open) check_hooks.open(get_proc_address);
}

static void read_framebuffer(uint8_t *into, unsigned framebuffer, int width, int height) {
  const GLenum target = has_read_framebuffers ? GL_READ_FRAMEBUFFER : GL_FRAMEBUFFER;
  GLint bound = 0;
  gl.glGetIntegerv(has_read_framebuffers ? GL_READ_FRAMEBUFFER_BINDING : GL_FRAMEBUFFER_BINDING, &bound);
  gl.glBindFramebuffer(target, framebuffer);
  gl.glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, into);
  gl.glBindFramebuffer(target, (GLuint)bound);
}

static void require_no_error(const struct example *example, const char *when) {
  GLenum error = gl.glGetError();
  if (error == GL_NO_ERROR) return;
  fprintf(stderr, "%s: frame %u: GL error 0x%04X %s\n", example->name, example->number, error, when);
  exit(1);
}

// Pictures that were drawn, for hosts that return them later.
static struct kept {
  unsigned number;
  int width, height;
  uint8_t *pixels;
} kept[512];

static void keep(unsigned number) {
  struct kept *slot = &kept[number % 512];
  slot->pixels = realloc(slot->pixels, drawn_size);
  memcpy(slot->pixels, drawn, drawn_size);
  slot->number = number;
  slot->width = drawn_width;
  slot->height = drawn_height;
}

void check_drawn(struct example *example, unsigned framebuffer, int width, int height) {
  if (!example->check) return;
  require_no_error(example, "of the program's own drawing");
  size_t size = (size_t)width * (size_t)height * 4;
  if (size != drawn_size) {
    drawn = realloc(drawn, size);
    again = realloc(again, size);
    drawn_size = size;
  }
  drawn_framebuffer = framebuffer;
  drawn_width = width;
  drawn_height = height;
  read_framebuffer(drawn, framebuffer, width, height);
  require_no_error(example, "of glReadPixels");
  if (example->keeps) keep(example->number);
  if (check_hooks.before) check_hooks.before(example);
}

static void require_equal(
  const struct example *example, unsigned number, const char *what, const uint8_t *seen, int width, int height) {
  if (memcmp(seen, drawn, drawn_size) == 0) return;
  size_t first = drawn_size, wrong = 0;
  for (size_t i = 0; i < drawn_size; i += 4) {
    if (memcmp(seen + i, drawn + i, 4) == 0) continue;
    if (first == drawn_size) first = i;
    wrong++;
  }
  const uint8_t *a = seen + first, *b = drawn + first;
  fprintf(stderr, "%s: frame %u: %s: %zu of %d pixels differ; at %zu,%zu it is %u %u %u %u for %u %u %u %u\n",
    example->name, number, what, wrong, width * height, first / 4 % (size_t)width, first / 4 / (size_t)width, a[0],
    a[1], a[2], a[3], b[0], b[1], b[2], b[3]);
  exit(1);
}

// Pictures that are all the same, or the same upside down, would test nothing. A player may be asked to draw the same
// picture again now and then.
static void require_telling_picture(const struct example *example, int width, int height) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < drawn_size; i++) hash = (hash ^ drawn[i]) * 1099511628211u;
  frames_repeated += hash == last_hash;
  last_hash = hash;
  size_t row = (size_t)width * 4;
  int alike = 0;
  for (int y = 0; y < height / 2; y++)
    alike += memcmp(drawn + (size_t)y * row, drawn + (size_t)(height - 1 - y) * row, row) == 0;
  const char *fault = frames_repeated > example->last / 4 ? "as the one before too often"
                      : alike == height / 2               ? "alike upside down"
                                                          : NULL;
  if (!fault) return;
  fprintf(stderr, "%s: frame %u: the picture is %s, so it tells nothing\n", example->name, example->number, fault);
  exit(1);
}

void check_arrived(struct example *example) {
  if (!example->check) return;
  require_no_error(example, "of handing the frame over");
  if (check_hooks.after) check_hooks.after(example);
  uint32_t width, height;
  const uint8_t *pixels = vulkan_side_pixels(&width, &height);
  if ((int)width != drawn_width || (int)height != drawn_height) {
    fprintf(stderr, "%s: frame %u: drawn in %dx%d, arrived as %ux%u\n", example->name, example->number, drawn_width,
      drawn_height, width, height);
    exit(1);
  }
  require_telling_picture(example, drawn_width, drawn_height);
  require_equal(example, example->number, "what Vulkan has", pixels, drawn_width, drawn_height);
  read_framebuffer(again, drawn_framebuffer, drawn_width, drawn_height);
  require_equal(example, example->number, "the program's own picture afterwards", again, drawn_width, drawn_height);
  frames_right++;
}

static struct {
  int x, y, width, height;
  const uint8_t *colour;
} covered;

void check_covered(int x, int y, int width, int height, const uint8_t colour[4]) {
  covered.x = x;
  covered.y = y;
  covered.width = width;
  covered.height = height;
  covered.colour = colour;
}

void check_returned(struct example *example, unsigned number, const uint8_t *pixels, ptrdiff_t stride, int width,
  int height, bool is_bgra) {
  if (!example->check) return;
  const struct kept *expected = &kept[number % 512];
  if (expected->number != number || expected->width != width || expected->height != height) {
    fprintf(stderr, "%s: frame %u: returned as %dx%d; of frame %u, which was drawn in %dx%d\n", example->name, number,
      width, height, expected->number, expected->width, expected->height);
    exit(1);
  }
  // As GL has it: row 0 is the lowest.
  drawn_size = (size_t)width * (size_t)height * 4;
  drawn = realloc(drawn, drawn_size);
  again = realloc(again, drawn_size);
  memcpy(drawn, expected->pixels, drawn_size);
  for (int y = covered.y; y < covered.y + covered.height; y++) {
    for (int x = covered.x; x < covered.x + covered.width; x++)
      memcpy(drawn + ((height - 1 - y) * width + x) * 4, covered.colour, 4);
  }
  for (int y = 0; y < height; y++) {
    uint8_t *row = again + (size_t)(height - 1 - y) * (size_t)width * 4;
    memcpy(row, pixels + y * stride, (size_t)width * 4);
    for (int x = 0; is_bgra && x < width; x++) {
      const uint8_t red = row[x * 4 + 2];
      row[x * 4 + 2] = row[x * 4];
      row[x * 4] = red;
    }
  }
  require_telling_picture(example, width, height);
  require_equal(example, number, "what the host has", again, width, height);
  frames_right++;
}

int example_finish(const struct example *example, glvk_producer producer) {
  if (example->picture) vulkan_side_save(example->picture);
  glvk_producer_info info;
  GLVK_INIT(info);
  example_require(glvk_producer_get_info(producer, &info));
  glvk_context context;
  example_require(glvk_producer_get_context(producer, &context));
  glvk_context_info on;
  GLVK_INIT(on);
  example_require(glvk_context_get_info(context, &on));
  glvk_context_destroy(context);
  const char *kinds[] = {"unknown", "EGL", "GLX"};
  printf("%s: %s, %s; %s, %s, %ux%u: %u frames", example->name, kinds[on.kind], on.version, glvk_path_name(info.path),
    glvk_sync_name(info.sync), info.width, info.height, example->number);
  if (example->check) printf(", %u right in every pixel", frames_right);
  if (example->host) printf(", host %s", example->host);
  printf("\n");
  free(drawn);
  free(again);
  drawn = again = NULL;
  return example->check && (frames_right == 0 || frames_right != example->last);
}
