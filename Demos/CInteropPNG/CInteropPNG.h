// libpng, for the programs' pictures. Debian package: libpng-dev.
#include <png.h>
