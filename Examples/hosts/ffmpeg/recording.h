// The encoder and the file of main.c. There is nothing of Vulkan or of the library in it.
#pragma once
#include <libavutil/frame.h>

#include "../../common/example.h"

// A lossless file of pictures of the example's size. Returns what describes the frames that FFmpeg is to download.
AVBufferRef *recording_open(AVBufferRef *device, const char *file, const struct example *example);
// Sets the picture's time.
void recording_add(AVFrame *picture);
// With --check it then decodes the file, and compares.
void recording_close(AVBufferRef **frames, struct example *example);
