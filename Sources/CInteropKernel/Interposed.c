#include "Interposed.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/ioctl.h>

static _Atomic(kernel_interposer) interposed;

void kernel_interpose(kernel_interposer interposer) { atomic_store(&interposed, interposer); }

int kernel_before(const char *call, int descriptor, void *argument) {
  kernel_interposer interposer = atomic_load_explicit(&interposed, memory_order_acquire);
  return interposer ? interposer(call, descriptor, argument) : 0;
}

int kernel_ioctl(const char *call, int descriptor, unsigned long request, void *argument) {
  int answer = kernel_before(call, descriptor, argument);
  if (answer != 0) return answer < 0 ? answer : 0;
  int result;
  do { result = ioctl(descriptor, request, argument); } while (result < 0 && (errno == EINTR || errno == EAGAIN));
  return result < 0 ? -errno : result;
}
