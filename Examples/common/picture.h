// What the examples show: a picture that moves, has no symmetry and tells each frame from the one before. It is drawn
// with shaders in any GL: OpenGL from 2.0 on, compatibility or core, OpenGL ES from 2.0 on.
//
// Nothing here is about handing frames to Vulkan.
#pragma once
#include <stdbool.h>

typedef void *(*picture_get_proc_address)(const char *name);

// Makes shaders and buffers in the context that is current, with the functions that its own getProcAddress gives. Ends
// the program with a message where the context cannot draw it.
void picture_create(picture_get_proc_address get_proc_address);
// Draws frame `number` into whatever framebuffer is bound. As programs do, it leaves its program, its buffers and the
// scissor test as they are, and counts on finding its program and buffers bound at the next frame.
void picture_draw(unsigned number, int width, int height);
void picture_destroy(void);
