// What every file here makes its system calls with.
#ifndef INTERPOSED_H
#define INTERPOSED_H

#include "CInteropKernel.h"

/// Asks the interposer: 0 to make the call, else what it is to answer (1 for success).
int kernel_before(const char *call, int descriptor, void *argument);

/// ioctl, repeated after a signal and while a buffer is busy, as drmIoctl does. Its answer or -errno.
int kernel_ioctl(const char *call, int descriptor, unsigned long request, void *argument);

/// An ioctl by its own name.
#define KERNEL_IOCTL(descriptor, request, argument) kernel_ioctl(#request, descriptor, request, argument)

#endif
