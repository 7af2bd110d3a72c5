// The pipeline of main.c. There is nothing of the library in it.
#pragma once
#include <gst/vulkan/vulkan.h>

#include "../../common/example.h"

// For pictures of the example's size: vulkandownload of 1.22 keeps the buffers of its first size. Its questions go to `answer`.
void pipeline_start(GstPadProbeCallback answer, const struct example *example);
// Of images that GStreamer expects.
VkFormat pipeline_format(void);
void pipeline_push(GstBuffer *buffer);
// Takes pictures from the end of the pipeline until it has had that one; with --check it compares them.
void pipeline_pull(struct example *example, unsigned last);
void pipeline_stop(void);
