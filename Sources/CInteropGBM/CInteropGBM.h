// Generic buffer management: types and flags. The header declares functions too, but the package never calls them by
// these names: it looks them up at run time (GBMFunctions). Debian package: libgbm-dev.
#ifndef GL_VULKAN_INTEROP_CGBM_H
#define GL_VULKAN_INTEROP_CGBM_H

#include <gbm.h>

#endif
