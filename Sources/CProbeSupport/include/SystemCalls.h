// What glibc declares for _GNU_SOURCE only, which Swift's Glibc module does without.
#ifndef SYSTEMCALLS_H
#define SYSTEMCALLS_H

#include <spawn.h>

/// memfd_create(2) with MFD_CLOEXEC: -1 and errno on failure.
int system_memory_file(const char *name);
/// dup3(2) with O_CLOEXEC.
int system_duplicate(int descriptor, int number);
/// posix_spawn_file_actions_addclosefrom_np(3).
int system_close_from(posix_spawn_file_actions_t *actions, int first);
/// Ends this process, without exit handlers, when the thread that started it ends: prctl(2), PR_SET_PDEATHSIG.
void system_end_with_parent(void);
/// Leaves no core file behind.
void system_no_core_file(void);
/// The file that this code is in, a program or a library, as the dynamic linker found it: dladdr(3). NULL if it does not
/// know.
const char *system_own_file(void);

#endif
