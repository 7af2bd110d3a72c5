// The functions with which every file of this module makes its system calls.
#ifndef INTERPOSED_H
#define INTERPOSED_H

#include "CInteropKernel.h"

/// Asks the interposer. Returns 0 to make the call, else the result to return without the call (1 for success).
int kernel_before(const char *call, int descriptor, void *argument);

/// ioctl, repeated after a signal and while a buffer is busy, as drmIoctl does. Returns the ioctl's result or -errno.
int kernel_ioctl(const char *call, int descriptor, unsigned long request, void *argument);

/// Calls kernel_ioctl with the request's own name.
#define KERNEL_IOCTL(descriptor, request, argument) kernel_ioctl(#request, descriptor, request, argument)

#endif
