/* Where warnings go: to standard error until glvk_set_log_callback is called, as GLVK_LOG says. Runs itself once for each case, with
 * a pipe for standard error. */
#define _GNU_SOURCE
#include <gl_vulkan_interop.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned failures, checks;

static void check_at(int line, int is_true, const char *text, const char *output) {
  checks++;
  if (is_true) return;
  failures++;
  printf("line %d: %s\n--- standard error:\n%s---\n", line, text, output);
}
#define CHECK(condition) check_at(__LINE__, (condition) != 0, #condition, output)

/* ---- What the cases do ---- */

static int32_t nothing_drawn(void *user_data, const glvk_render_target *target) {
  (void)user_data, (void)target;
  return 0;
}

static unsigned heard, heard_warnings;

static void hear(void *user_data, glvk_log_level level, const char *message) {
  (void)user_data, (void)message;
  heard++;
  if (level >= GLVK_LOG_WARNING) heard_warnings++;
}

/* Two producers that each warn of the ranking in the environment, and of each a frame that is lost. */
static int work(const char *what) {
  const char *library = getenv("INTEROP_TEST_EGL_LIBRARY");
  glvk_surfaceless_options surfaceless;
  glvk_host_creation creation;
  glvk_producer_options options;
  glvk_context context;
  glvk_host host;
  unsigned round;
  GLVK_INIT(surfaceless);
  GLVK_INIT(creation);
  GLVK_INIT(options);
  if (strcmp(what, "callback") == 0) glvk_set_log_callback(hear, NULL, GLVK_LOG_DEBUG);
  if (strcmp(what, "null") == 0) glvk_set_log_callback(NULL, NULL, GLVK_LOG_DEBUG);
  if (strcmp(what, "callback-gone") == 0) {
    glvk_set_log_callback(hear, NULL, GLVK_LOG_DEBUG);
    glvk_set_log_callback(NULL, NULL, GLVK_LOG_DEBUG);
  }
  if (library && *library) {
    surfaceless.platform = GLVK_PLATFORM_ANGLE;
    surfaceless.angle_path = library;
    surfaceless.gles = 1;
  }
  if (glvk_context_create_surfaceless(&surfaceless, &context) != GLVK_SUCCESS) return 10;
  creation.context = context;
  if (glvk_host_create(&creation, &host) != GLVK_SUCCESS) return 11;
  options.context = context;
  options.host = host;
  options.width = options.height = 16;
  options.path = GLVK_PATH_HOST_COPY;
  options.flags = GLVK_PRODUCER_NO_PROBE;
  for (round = 0; round < 2; round++) {
    glvk_producer producer;
    glvk_frame frame;
    glvk_ownership_transfer transfer;
    GLVK_INIT(transfer);
    if (glvk_producer_create(&options, &producer) != GLVK_SUCCESS) return 12;
    if (glvk_producer_render(producer, NULL, nothing_drawn, NULL, &frame) != GLVK_SUCCESS) return 13;
    if (glvk_frame_acquire_barrier(frame, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &transfer) != GLVK_SUCCESS) return 14;
    glvk_frame_drop(frame);
    glvk_producer_destroy(producer);
  }
  glvk_host_destroy(host);
  glvk_context_destroy(context);
  if (strcmp(what, "callback") == 0 && heard_warnings != 4) return 15;
  if (strcmp(what, "callback-gone") == 0 && heard) return 16;
  return 0;
}

/* ---- The cases ---- */

/* Runs one and gives what it wrote to standard error. `reads`: whether anybody reads that. */
static int run(const char *program, const char *what, const char *setting, int reads, char *output, size_t capacity) {
  int ends[2], status = 0;
  size_t length = 0;
  ssize_t count;
  pid_t child;
  if (pipe(ends)) exit(2);
  child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    setenv("GL_VULKAN_INTEROP_RANKING", "by magic", 1);
    if (setting) setenv("GLVK_LOG", setting, 1);
    else unsetenv("GLVK_LOG");
    signal(SIGPIPE, SIG_DFL);
    execl(program, program, what, (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  if (!reads) close(ends[0]);
  while (reads && length + 1 < capacity && (count = read(ends[0], output + length, capacity - 1 - length)) > 0)
    length += (size_t)count;
  output[length] = 0;
  if (reads) close(ends[0]);
  waitpid(child, &status, 0);
  return status;
}

static unsigned lines(const char *output, const char *beginning) {
  unsigned count = 0;
  const char *line = output;
  while (line && *line) {
    count += strncmp(line, beginning, strlen(beginning)) == 0;
    line = strchr(line, '\n');
    if (line) line++;
  }
  return count;
}

int main(int argc, char **argv) {
  static char output[1 << 18];
  const char *program = "/proc/self/exe";
  if (argc > 1) return work(argv[1]);

  /* As a program that knows nothing of it: what is wrong is there, each line once, and nothing else. */
  CHECK(run(program, "plain", NULL, 1, output, sizeof output) == 0);
  CHECK(lines(output, "gl-vulkan-interop: warning: ") == 1);
  CHECK(lines(output, "gl-vulkan-interop: error: frame 1 ") == 1);
  CHECK(lines(output, "gl-vulkan-interop: ") == 2);
  CHECK(run(program, "plain", "warning", 1, output, sizeof output) == 0);
  CHECK(lines(output, "gl-vulkan-interop: ") == 2);
  CHECK(run(program, "plain", "error", 1, output, sizeof output) == 0);
  CHECK(lines(output, "gl-vulkan-interop: ") == 1 && lines(output, "gl-vulkan-interop: error: ") == 1);
  CHECK(run(program, "plain", "off", 1, output, sizeof output) == 0);
  CHECK(lines(output, "gl-vulkan-interop: ") == 0);
  CHECK(run(program, "plain", "debug", 1, output, sizeof output) == 0);
  CHECK(lines(output, "gl-vulkan-interop: warning: ") == 2 && lines(output, "gl-vulkan-interop: error: ") == 2);
  CHECK(run(program, "plain", "loud", 1, output, sizeof output) == 0);
  CHECK(lines(output, "gl-vulkan-interop: warning: GLVK_LOG is \"loud\"") == 1 &&
        lines(output, "gl-vulkan-interop: ") == 3);
  /* Who says where it goes has it there, or nowhere, whatever the variable says. */
  CHECK(run(program, "callback", NULL, 1, output, sizeof output) == 0);
  CHECK(lines(output, "gl-vulkan-interop: ") == 0);
  CHECK(run(program, "callback", "debug", 1, output, sizeof output) == 0);
  CHECK(lines(output, "gl-vulkan-interop: ") == 0);
  CHECK(run(program, "null", "debug", 1, output, sizeof output) == 0);
  CHECK(lines(output, "gl-vulkan-interop: ") == 0);
  CHECK(run(program, "callback-gone", NULL, 1, output, sizeof output) == 0);
  CHECK(lines(output, "gl-vulkan-interop: ") == 0);
  /* A pipe without a reader does not end the program. */
  CHECK(run(program, "plain", NULL, 0, output, sizeof output) == 0);
  printf("%u checks, %u failed\n", checks, failures);
  return failures != 0;
}
