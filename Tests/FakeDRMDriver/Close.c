// Closing a descriptor twice goes unnoticed until another thread has opened something in between, and then closes that.
// The program's own `close` comes before the C library's, so every one of this process is seen.
#define _GNU_SOURCE
#include "Internal.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int close(int descriptor) {
  long result = syscall(SYS_close, descriptor);
  // A number below 0 names nothing, and closing it does no harm.
  if (result != 0 && errno == EBADF && descriptor >= 0 && fake_is_on) {
    violate("descriptor %d is closed, which is not open", descriptor);
    errno = EBADF;
  }
  return (int)result;
}
