// What the examples in hosts/ draw: the picture, without a window. Users need not read it; they draw their own.
#pragma once
#include "../../common/example.h"

#ifdef __cplusplus
extern "C" {
#endif

// Makes a context of the library's own, of the system's EGL or with --angle of ANGLE, and what the picture needs in it.
glvk_context offscreen_open(struct example *example);
// After half of the frames the size changes, once: true at the first frame of the new size, which is in `example`.
bool offscreen_is_resized(struct example *example);
// A glvk_draw whose user data is the example: draws the picture of its number, and keeps what GL says that it is.
int32_t offscreen_draw(void *example, const glvk_render_target *target);
// With --check of 1000 frames and more: nothing has grown since the first quarter, no memory and no open files. Then as
// example_finish().
int offscreen_finish(struct example *example, glvk_producer producer);
void offscreen_close(glvk_context context);

#ifdef __cplusplus
}
#endif
