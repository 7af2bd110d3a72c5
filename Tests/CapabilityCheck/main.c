// capability-check: tries every way of sharing an image between OpenGL and Vulkan with plain driver calls, and prints
// one line per way: path, direction, mode, pixel format, tiling, sync, size, verdict, reason, separated by tabs.
//
// It knows nothing of the library whose capability matrix it is held against.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"

enum { EXIT_USAGE = 64, MAX_SIZES = 16 };

typedef struct {
  GLChoice gl;
  int vulkan_device, first_cell;
  bool has_gl_api, is_child, formats[FORMAT_COUNT], paths[2];
  bool any_format, any_path;
  Size sizes[MAX_SIZES];
  int size_count;
} Options;

static bool parse_number(const char *text, int maximum, int *number) {
  char *end;
  long value = strtol(text, &end, 10);
  if (end == text || *end || value < 0 || value > maximum) return false;
  *number = (int)value;
  return true;
}

static bool parse_gl(const char *value, GLChoice *gl) {
  if (!strcmp(value, "surfaceless")) {
    gl->platform = GL_ON_SURFACELESS;
    return true;
  }
  if (!strncmp(value, "device:", 7)) {
    gl->platform = GL_ON_DEVICE;
    return parse_number(value + 7, 63, &gl->device);
  }
  gl->platform = GL_ON_ANGLE;
  gl->angle_library = value + 6;
  return !strncmp(value, "angle:", 6) && value[6];
}

static bool parse_size(const char *value, Options *options) {
  Size size;
  char rest;
  if (options->size_count == MAX_SIZES || sscanf(value, "%5dx%5d%c", &size.width, &size.height, &rest) != 2)
    return false;
  if (size.width < 2 || size.height < 2 || size.width > 16384 || size.height > 16384) return false;
  options->sizes[options->size_count++] = size;
  return true;
}

static bool parse_option(const char *name, const char *value, Options *options) {
  if (!strcmp(name, "--gl")) return parse_gl(value, &options->gl);
  if (!strcmp(name, "--gl-api")) {
    options->has_gl_api = true;
    options->gl.is_es = !strcmp(value, "gles");
    return options->gl.is_es || !strcmp(value, "gl");
  }
  if (!strcmp(name, "--vulkan-device")) return parse_number(value, 63, &options->vulkan_device);
  if (!strcmp(name, "--size")) return parse_size(value, options);
  if (!strcmp(name, "--format")) {
    const Format *format = format_named(value);
    if (format) options->any_format = options->formats[format - formats] = true;
    return format != NULL;
  }
  if (!strcmp(name, "--path")) {
    for (int path = 0; path < 2; path++)
      if (!strcmp(value, path_names[path])) return options->any_path = options->paths[path] = true;
    return false;
  }
  if (!strcmp(name, "--child")) {
    options->is_child = true;
    return parse_number(value, 1 << 30, &options->first_cell);
  }
  return false;
}

static int complain(const char *what, const char *value) {
  fprintf(stderr,
    "capability-check: %s %s\n"
    "usage: capability-check [--gl surfaceless|device:N|angle:LIBEGL_PATH] [--gl-api gl|gles]\n"
    "         [--vulkan-device INDEX] [--size WxH]... [--format F]... [--path P]...\n"
    "  F: r8 rg8 rgba8 bgra8 rgba8-srgb bgra8-srgb rgb10a2 rgba16f     P: opaque-fd host-copy\n",
    what, value);
  return EXIT_USAGE;
}

// --- The cells
// ---------------------------------------------------------------------------------------------------------

typedef struct {
  Cell *cells;
  int count;
} List;

static void add(List *list, const Options *options, Cell cell) {
  for (int f = 0; f < FORMAT_COUNT; f++) {
    if (options->any_format && !options->formats[f]) continue;
    for (int s = 0; s < options->size_count; s++) {
      cell.format = &formats[f];
      cell.size = options->sizes[s];
      list->cells[list->count++] = cell;
    }
  }
}

static List list_cells(const Options *options) {
  List list = {calloc((size_t)(16 + 1) * FORMAT_COUNT * MAX_SIZES, sizeof(Cell)), 0};
  if (!list.cells) return list;
  for (int i = 0; i < 16 && (!options->any_path || options->paths[PATH_OPAQUE_FD]); i++)
    add(&list, options,
      (Cell){.path = PATH_OPAQUE_FD,
        .direction = i & 8 ? VULKAN_TO_GL : GL_TO_VULKAN,
        .mode = i & 4 ? MODE_BLIT : MODE_DIRECT,
        .tiling = i & 2 ? TILING_LINEAR : TILING_OPTIMAL,
        .sync = i & 1 ? SYNC_SEMAPHORE_FD : SYNC_CPU_WAIT});
  if (!options->any_path || options->paths[PATH_HOST_COPY])
    add(&list, options, (Cell){.path = PATH_HOST_COPY, .direction = GL_TO_VULKAN, .mode = MODE_DIRECT});
  return list;
}

int main(int count, char **arguments) {
  Options options = {.vulkan_device = -1};
  for (int i = 1; i < count; i += 2) {
    if (i + 1 == count) return complain("no value for", arguments[i]);
    if (!parse_option(arguments[i], arguments[i + 1], &options)) return complain(arguments[i], arguments[i + 1]);
  }
  if (!options.has_gl_api) options.gl.is_es = options.gl.platform == GL_ON_ANGLE;
  if (!options.size_count) options.sizes[options.size_count++] = (Size){64, 48};

  List list = list_cells(&options);
  if (!list.cells) return 1;
  const Plan plan = {list.cells, list.count, options.gl, options.vulkan_device};
  if (options.is_child) return runner_work(&plan, options.first_cell);

  for (int i = 0; i < list.count; i++) {
    const char *flaw = pattern_flaw(list.cells[i].format, list.cells[i].size);
    if (!flaw) continue;
    fprintf(stderr, "capability-check: the test picture of %dx%d has %s\n", list.cells[i].size.width,
      list.cells[i].size.height, flaw);
    return EXIT_USAGE;
  }
  int status = runner_supervise(&plan, arguments);
  free(list.cells);
  return status;
}
