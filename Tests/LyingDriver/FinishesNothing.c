#include "Lies.h"

// glFinish sends GL's commands off and does not wait for them.
static PFNGLFINISHPROC real_glFinish;
static PFNGLFLUSHPROC real_glFlush;

static void lying_glFinish(void) { real_glFlush(); }

const lie finishes_nothing = {"finishes-nothing", {LIES_ABOUT(glFinish), CALLS(glFlush)}};
