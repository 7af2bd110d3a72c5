#define _GNU_SOURCE  // pipe2
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
  PATIENCE_MS = 20 * 1000,
  CHILD_DESCRIPTOR = 3,  // the child's end of the pipe
  EXIT_STUCK = 75,       // the child gave its verdict, and can do nothing more
};

// --- The child
// --------------------------------------------------------------------------------------------------------- It writes
// "open TAB verified TAB -" once the drivers are open, then a line "INDEX TAB VERDICT TAB REASON" per cell.

static void report(const char *what, const Result *result) {
  char line[512];
  int length = snprintf(line, sizeof line, "%s\t%d\t%s\n", what, (int)result->verdict, result->reason);
  if (write(CHILD_DESCRIPTOR, line, (size_t)length) != length) _exit(1);
}

int runner_work(const Plan *plan, int first) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  static GL gl;
  static Vulkan vulkan;
  Result opened = {VERIFIED, "-", false};
  bool ok = gl_open(&gl, &plan->gl, &opened) &&
            vulkan_open(&vulkan, plan->vulkan_device, gl.has_uuid ? gl.device_uuid : NULL, &opened);
  if (ok && first == 0)
    fprintf(stderr, "capability-check: GL %s, %s; Vulkan %s; %s\n", (const char *)gl.GetString(GL_RENDERER),
      (const char *)gl.GetString(GL_VERSION), vulkan.device_name,
      !gl.has_uuid          ? "GL tells no device UUID"
      : vulkan.uuid_matches ? "same device UUID"
                            : "device UUIDs differ");
  report("open", &opened);
  for (int i = first; ok && i < plan->count; i++) {
    Result result = experiment_run(&plan->cells[i], &gl, &vulkan);
    char index[16];
    snprintf(index, sizeof index, "%d", i);
    report(index, &result);
    if (result.drivers_stuck) _exit(EXIT_STUCK);
  }
  close(CHILD_DESCRIPTOR);
  vulkan_close(&vulkan);
  gl_close(&gl);
  return 0;
}

// --- The parent
// --------------------------------------------------------------------------------------------------------

typedef struct {
  pid_t process;
  int descriptor;
  char text[1024];
  size_t length;
} Child;

static bool start(Child *child, char *const *arguments, int first) {
  int count = 0, ends[2];
  while (arguments[count]) count++;
  char **copy = calloc((size_t)count + 3, sizeof *copy), option[] = "--child", value[16];
  if (!copy || pipe2(ends, O_CLOEXEC)) return false;
  snprintf(value, sizeof value, "%d", first);
  memcpy(copy, arguments, (size_t)count * sizeof *copy);
  copy[count] = option;
  copy[count + 1] = value;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], CHILD_DESCRIPTOR);
  posix_spawn_file_actions_adddup2(&actions, 2, 1);  // drivers and layers print to stdout
  int code = posix_spawn(&child->process, "/proc/self/exe", &actions, NULL, copy, environ);
  posix_spawn_file_actions_destroy(&actions);
  free(copy);
  close(ends[1]);
  child->descriptor = ends[0];
  child->length = 0;
  if (!code) return true;
  close(ends[0]);
  errno = code;
  return false;
}

typedef enum { LINE, ENDED, SILENT } Heard;

// The next line goes to `line`, without its end.
static Heard listen_to(Child *child, char *line, size_t capacity) {
  for (;;) {
    char *end = memchr(child->text, '\n', child->length);
    if (end) {
      size_t length = (size_t)(end - child->text);
      snprintf(line, capacity, "%.*s", (int)length, child->text);
      child->length -= length + 1;
      memmove(child->text, end + 1, child->length);
      return LINE;
    }
    if (child->length == sizeof child->text) return ENDED;
    struct pollfd wait = {.fd = child->descriptor, .events = POLLIN};
    int ready = poll(&wait, 1, PATIENCE_MS);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return SILENT;
    ssize_t got = read(child->descriptor, child->text + child->length, sizeof child->text - child->length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return ENDED;
    child->length += (size_t)got;
  }
}

// Waits for the end of a child that closed its pipe. One that is silent, or does not end, is killed. False when the
// child gave up on purpose, after its last verdict.
static bool finish(Child *child, Heard last, Result *result) {
  int status = 0;
  pid_t ended = 0;
  for (int waited = 0; last != SILENT && waited < PATIENCE_MS; waited += 10) {
    ended = waitpid(child->process, &status, WNOHANG);
    if (ended) break;
    usleep(10 * 1000);
  }
  close(child->descriptor);
  if (!ended) {
    kill(child->process, SIGKILL);
    waitpid(child->process, &status, 0);
    return !failed(result, "hung");
  }
  if (WIFSIGNALED(status)) return !failed(result, "crashed: signal %d", WTERMSIG(status));
  return WEXITSTATUS(status) != EXIT_STUCK && !failed(result, "the process ended with status %d", WEXITSTATUS(status));
}

static void print(const Cell *cell, const Result *result) {
  printf("%s\t%s\t%s\t%s\t%s\t%s\t%dx%d\t%s\t%s\n", path_names[cell->path], direction_names[cell->direction],
    mode_names[cell->mode], cell->format->name, tiling_names[cell->tiling], sync_names[cell->sync], cell->size.width,
    cell->size.height, verdict_names[result->verdict], result->reason);
  fflush(stdout);
}

// "WHAT TAB VERDICT TAB REASON"; false when the line is none of ours.
static bool parse(char *line, const char *what, Result *result) {
  char *verdict = strchr(line, '\t'), *reason = verdict ? strchr(verdict + 1, '\t') : NULL;
  if (!reason) return false;
  *verdict++ = *reason++ = 0;
  *result = (Result){(Verdict)(verdict[0] - '0'), "", false};
  snprintf(result->reason, sizeof result->reason, "%s", reason);
  return !strcmp(line, what) && result->verdict <= UNSUPPORTED;
}

int runner_supervise(const Plan *plan, char *const *arguments) {
  int next = 0;
  bool has_opened = false;
  while (next < plan->count) {
    Child child;
    if (!start(&child, arguments, next)) {
      perror("capability-check: posix_spawn");
      return 1;
    }
    char line[512], what[16] = "open";
    Result result = {VERIFIED, "", false};
    Heard heard;
    bool is_open = false;
    while ((heard = listen_to(&child, line, sizeof line)) == LINE && parse(line, what, &result)) {
      if (is_open) print(&plan->cells[next++], &result);
      else if (result.verdict != VERIFIED) break;
      is_open = has_opened = true;
      snprintf(what, sizeof what, "%d", next);
    }
    Result end = {FAILED, "", false};
    bool was_at_work = finish(&child, heard, &end);
    if (!is_open && result.verdict != VERIFIED) end = result;  // it said why
    if (!has_opened) {
      fprintf(stderr, "capability-check: GL or Vulkan cannot be opened: %s\n", end.reason);
      return 1;
    }
    if (next < plan->count && was_at_work) print(&plan->cells[next++], &end);
  }
  return 0;
}
