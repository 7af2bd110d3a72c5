#include "pipeline.h"

#include <gst/app/app.h>
#include <gst/video/video.h>

static GstElement *pipeline, *source, *sink;
static GstVideoInfo video;
static unsigned pulled;

void pipeline_start(GstPadProbeCallback answer, const struct example *example) {
  pipeline = gst_parse_launch(
    "appsrc name=source format=time ! vulkandownload ! videoflip name=flip ! appsink name=sink sync=false", NULL);
  source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
  sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  GstElement *flip = gst_bin_get_by_name(GST_BIN(pipeline), "flip");
  if (!example->top_down)
    gst_util_set_object_arg(G_OBJECT(flip), "video-direction", "vert");  // GStreamer's rows go down.
  gst_object_unref(flip);

  gst_video_info_set_format(&video, GST_VIDEO_FORMAT_RGBA, (unsigned)example->width, (unsigned)example->height);
  GstCaps *caps = gst_video_info_to_caps(&video);
  gst_caps_set_features(caps, 0, gst_caps_features_new(GST_CAPS_FEATURE_MEMORY_VULKAN_IMAGE, NULL));
  gst_app_src_set_caps(GST_APP_SRC(source), caps);
  gst_caps_unref(caps);
  GstPad *pad = gst_element_get_static_pad(source, "src");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_QUERY_UPSTREAM, answer, source, NULL);
  gst_object_unref(pad);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
}

VkFormat pipeline_format(void) { return gst_vulkan_format_from_video_info(&video, 0); }

void pipeline_push(GstBuffer *buffer) { gst_app_src_push_buffer(GST_APP_SRC(source), buffer); }

void pipeline_pull(struct example *example, unsigned last) {
  while (pulled < last) {
    GstSample *sample = gst_app_sink_pull_sample(GST_APP_SINK(sink));
    if (!sample) example_end("gstreamer", "the pipeline has failed");
    GstVideoInfo info;
    GstVideoFrame picture;
    gst_video_info_from_caps(&info, gst_sample_get_caps(sample));
    if (!gst_video_frame_map(&picture, &info, gst_sample_get_buffer(sample), GST_MAP_READ))
      example_end("gst_video_frame_map", "failed");
    check_returned(example, ++pulled, GST_VIDEO_FRAME_PLANE_DATA(&picture, 0),
      GST_VIDEO_FRAME_PLANE_STRIDE(&picture, 0), info.width, info.height, false);
    gst_video_frame_unmap(&picture);
    gst_sample_unref(sample);
  }
}

void pipeline_stop(void) {
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(source);
  gst_object_unref(sink);
  gst_object_unref(pipeline);
}
