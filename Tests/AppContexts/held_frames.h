// Frames that are out, each with what the program's own GL said its picture was.
#pragma once
#include <gl_vulkan_interop.h>
#include <stddef.h>

// Looks with the functions of the context that is current.
void held_frames_open(void *(*get_proc_address)(const char *name));
// Hands the framebuffer over in its own size and keeps the frame. What the call answered.
glvk_result held_frames_submit(glvk_producer producer, unsigned framebuffer);
size_t held_frames_count(void);
// Vulkan reads the oldest: every pixel must be right, or the program ends.
void held_frames_take_oldest(void);
void held_frames_take_all(void);
// How many were taken, and of how many sizes.
unsigned held_frames_taken(void);
unsigned held_frames_sizes(void);

// How many descriptors this process has open.
int open_files(void);
// Ends the program unless the condition holds.
void require(int condition, const char *what);
// Ends the program unless the call answered so; an error must come with words. NULL-safe only for GLVK_SUCCESS.
void require_result(glvk_result seen, glvk_result wanted, const char *what);
