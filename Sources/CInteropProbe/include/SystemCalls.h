// What glibc declares for _GNU_SOURCE only, which Swift's Glibc module does without.
#ifndef SYSTEMCALLS_H
#define SYSTEMCALLS_H

#include <spawn.h>

/// The same file under a number above `last`, closed on exec; the old number is closed where it is not above. -1 and
/// errno if there is none left, and for -1.
int system_above(int descriptor, int last);
/// memfd_create(2) with MFD_CLOEXEC, never with the number of stdin, stdout or stderr: -1 and errno on failure.
int system_memory_file(const char *name);
/// dup3(2) with O_CLOEXEC.
int system_duplicate(int descriptor, int number);
/// posix_spawn_file_actions_addclosefrom_np(3).
int system_close_from(posix_spawn_file_actions_t *actions, int first);
/// Ends this process, without exit handlers, when the thread that started it ends: prctl(2), PR_SET_PDEATHSIG.
void system_end_with_parent(void);
/// How many files this process may have open, and how many it may allow itself: getrlimit(2), RLIMIT_NOFILE.
void system_open_files_limit(unsigned long long *soft, unsigned long long *hard);
/// Allows this process as many open files as it may, up to 4096: the limit of the program that started it is not its
/// own.
void system_allow_open_files(void);
/// Leaves no core file behind.
void system_no_core_file(void);
/// The file that this code is in, a program or a library, as the dynamic linker found it: dladdr(3). NULL if it does
/// not know.
const char *system_own_file(void);

#endif
