// Generic buffer management: types and flags. Its functions are declared too, and are never called by these names: they
// are looked up at run time (GBMFunctions). Debian package: libgbm-dev.
#ifndef GL_VULKAN_INTEROP_CGBM_H
#define GL_VULKAN_INTEROP_CGBM_H

#include <gbm.h>

#endif
