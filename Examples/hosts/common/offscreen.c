#include "offscreen.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../common/picture.h"

static glvk_context current;

static void *get_proc_address(const char *name) {
  void *address;
  example_require(glvk_context_get_proc_address(current, name, &address));
  return address;
}

glvk_context offscreen_open(struct example *example) {
  glvk_surfaceless_options options;
  GLVK_INIT(options);
  options.gles = example->angle != NULL;
  options.platform = example->angle ? GLVK_PLATFORM_ANGLE : GLVK_PLATFORM_SURFACELESS;
  options.angle_path = example->angle;
  example_require(glvk_context_create_surfaceless(&options, &current));
  example->keeps = true;
  picture_create(get_proc_address);
  check_open(example, get_proc_address);
  return current;
}

bool offscreen_is_resized(struct example *example) {
  if (example->last == 0 || example->number != example->last / 2 + 1) return false;
  example->width += example->width / 4;
  example->height += example->height / 2;
  return true;
}

// Of this process: resident memory in kB, and open files.
struct usage {
  long memory;
  int files;
};

static struct usage measure(void) {
  struct usage usage = {0, 0};
  FILE *file = fopen("/proc/self/statm", "r");
  long pages = 0;
  if (file && fscanf(file, "%*d %ld", &pages) == 1) usage.memory = pages * (sysconf(_SC_PAGESIZE) / 1024);
  if (file) fclose(file);
  DIR *folder = opendir("/proc/self/fd");
  while (folder && readdir(folder)) usage.files++;
  if (folder) closedir(folder);
  return usage;
}

static struct usage first_quarter;

int32_t offscreen_draw(void *user_data, const glvk_render_target *target) {
  struct example *example = user_data;
  if (example->number == example->last / 4) first_quarter = measure();
  picture_draw(example->number, (int)target->width, (int)target->height);
  check_drawn(example, target->framebuffer, (int)target->width, (int)target->height);
  return 0;
}

int offscreen_finish(struct example *example, glvk_producer producer) {
  const struct usage end = measure();
  if (example->check && example->last >= 1000) {
    printf("%s: %ld kB and %d files after a quarter of the frames, %ld kB and %d files after all\n", example->name,
      first_quarter.memory, first_quarter.files, end.memory, end.files);
    if (end.memory > first_quarter.memory + 4096 || end.files > first_quarter.files)
      example_end(example->name, "memory or open files have grown");
  }
  return example_finish(example, producer);
}

void offscreen_close(glvk_context context) {
  picture_destroy();
  glvk_context_destroy(context);
}
