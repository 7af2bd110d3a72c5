#define _GNU_SOURCE
#include "SystemCalls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int system_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int system_duplicate(int descriptor, int number) { return dup3(descriptor, number, O_CLOEXEC); }

int system_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

void system_end_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

void system_no_core_file(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

const char *system_own_file(void) {
  Dl_info info;
  return dladdr((void *)system_own_file, &info) ? info.dli_fname : NULL;
}
