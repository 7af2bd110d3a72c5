// Drivers that lie, for tests of the probe: functions that stand before a real driver's and do something wrong without
// saying so. One lie at a time, chosen by name; docs/testing.md lists them.
#ifndef LYINGDRIVER_H
#define LYINGDRIVER_H

#include <stdbool.h>

/// From here on this lie is told. false if there is no such lie; `nothing` is one that changes nothing.
bool lying_driver_choose(const char *lie);
/// What to call in the place of the driver function `name` at `real`: a function of the same type, or `real` itself.
void *lying_driver_replace(const char *name, void *real);

#endif
