// Functions that glibc declares for _GNU_SOURCE only, which Swift's Glibc module does not define.
#ifndef SYSTEMCALLS_H
#define SYSTEMCALLS_H

#include <spawn.h>

/// Returns a descriptor above `last` for the same file, close-on-exec; closes the old descriptor if it is not above
/// `last`. Returns -1 and sets errno if none is left, and for -1.
int system_above(int descriptor, int last);
/// memfd_create(2) with MFD_CLOEXEC, never with the number of stdin, stdout or stderr. Returns -1 and sets errno on
/// failure.
int system_memory_file(const char *name);
/// dup3(2) with O_CLOEXEC.
int system_duplicate(int descriptor, int number);
/// posix_spawn_file_actions_addclosefrom_np(3).
int system_close_from(posix_spawn_file_actions_t *actions, int first);
/// prctl(2), PR_SET_PDEATHSIG: ends this process, without exit handlers, when the thread that started it ends.
void system_end_with_parent(void);
/// getrlimit(2), RLIMIT_NOFILE: the current and the maximum number of open files of this process.
void system_open_files_limit(unsigned long long *soft, unsigned long long *hard);
/// Raises this process's limit of open files to its maximum, at most 4096, because the limit comes from the program
/// that started it.
void system_allow_open_files(void);
/// Turns core files off for this process.
void system_no_core_file(void);
/// dladdr(3): returns the path of the program or library that contains this code, as the dynamic linker found it; NULL
/// if the linker does not know it.
const char *system_own_file(void);

#endif
