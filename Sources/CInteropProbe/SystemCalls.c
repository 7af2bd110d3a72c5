#define _GNU_SOURCE
#include "SystemCalls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int system_above(int descriptor, int last) {
  if (descriptor < 0 || descriptor > last) return descriptor;
  int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, last + 1);
  int error = errno;
  close(descriptor);
  errno = error;
  return moved;
}

int system_memory_file(const char *name) { return system_above(memfd_create(name, MFD_CLOEXEC), STDERR_FILENO); }

int system_duplicate(int descriptor, int number) { return dup3(descriptor, number, O_CLOEXEC); }

int system_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

void system_end_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

void system_open_files_limit(unsigned long long *soft, unsigned long long *hard) {
  struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
  getrlimit(RLIMIT_NOFILE, &limit);
  *soft = limit.rlim_cur;
  *hard = limit.rlim_max;
}

void system_allow_open_files(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  // A limit above the drivers' need would slow down programs that close every descriptor number up to it.
  rlim_t wanted = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void system_no_core_file(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

const char *system_own_file(void) {
  Dl_info info;
  return dladdr((void *)system_own_file, &info) ? info.dli_fname : NULL;
}
