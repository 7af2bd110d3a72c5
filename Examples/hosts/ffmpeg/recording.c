#include "recording.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/hwcontext.h>

static int try(int result, const char *step) {
  if (result < 0 && result != AVERROR(EAGAIN) && result != AVERROR_EOF) example_end(step, av_err2str(result));
  return result;
}

// A lossless file. All of its pictures have one size.
static const char *name;
static AVFormatContext *format;
static AVCodecContext *encoder;
static unsigned first = 1, added;  // the number of its first frame; how many there are

AVBufferRef *recording_open(AVBufferRef *device, const char *file, const struct example *example) {
  AVBufferRef *frames = av_hwframe_ctx_alloc(device);
  AVHWFramesContext *description = (AVHWFramesContext *)frames->data;
  description->format = AV_PIX_FMT_VULKAN;
  description->sw_format = AV_PIX_FMT_BGRA;  // VK_FORMAT_B8G8R8A8_UNORM, and what the encoder takes
  description->width = example->width;
  description->height = example->height;
  try(av_hwframe_ctx_init(frames), "av_hwframe_ctx_init");
  encoder = avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_FFV1));
  encoder->pix_fmt = description->sw_format;
  encoder->width = example->width;
  encoder->height = example->height;
  encoder->time_base = (AVRational){1, 60};
  try(avcodec_open2(encoder, NULL, NULL), "avcodec_open2");
  try(avformat_alloc_output_context2(&format, NULL, NULL, name = file), "avformat_alloc_output_context2");
  avcodec_parameters_from_context(avformat_new_stream(format, NULL)->codecpar, encoder);
  try(avio_open(&format->pb, name, AVIO_FLAG_WRITE), "avio_open");
  try(avformat_write_header(format, NULL), "avformat_write_header");
  return frames;
}

// NULL at the end.
static void encode(const AVFrame *frame) {
  AVPacket *packet = av_packet_alloc();
  try(avcodec_send_frame(encoder, frame), "avcodec_send_frame");
  while (try(avcodec_receive_packet(encoder, packet), "avcodec_receive_packet") >= 0) {
    av_packet_rescale_ts(packet, encoder->time_base, format->streams[0]->time_base);
    try(av_write_frame(format, packet), "av_write_frame");
  }
  av_packet_free(&packet);
}

void recording_add(AVFrame *picture) {
  picture->pts = added++;
  encode(picture);
}

// What tests see: each picture of the file is the frame that was drawn.
static void check_file(struct example *example) {
  if (!example->check) return;
  AVFormatContext *input = NULL;
  if (avformat_open_input(&input, name, NULL, NULL) < 0 || avformat_find_stream_info(input, NULL) < 0)
    example_end(name, "cannot be read");
  const AVCodecParameters *parameters = input->streams[0]->codecpar;
  AVCodecContext *decoder = avcodec_alloc_context3(avcodec_find_decoder(parameters->codec_id));
  avcodec_parameters_to_context(decoder, parameters);
  if (avcodec_open2(decoder, NULL, NULL) < 0) example_end(name, "cannot be decoded");
  AVPacket *packet = av_packet_alloc();
  AVFrame *picture = av_frame_alloc();
  unsigned number = first;
  for (bool reads = true; reads;) {
    reads = av_read_frame(input, packet) >= 0;
    if (avcodec_send_packet(decoder, reads ? packet : NULL) < 0) example_end(name, "cannot be decoded");
    av_packet_unref(packet);
    while (avcodec_receive_frame(decoder, picture) >= 0) {
      if (picture->format != AV_PIX_FMT_BGRA) example_end(name, "has another format");
      check_returned(example, number++, picture->data[0], picture->linesize[0], picture->width, picture->height, true);
    }
  }
  if (number != first + added) example_end(name, "lacks pictures, or has too many");
  av_packet_free(&packet);
  av_frame_free(&picture);
  avcodec_free_context(&decoder);
  avformat_close_input(&input);
}

void recording_close(AVBufferRef **frames, struct example *example) {
  encode(NULL);
  try(av_write_trailer(format), "av_write_trailer");
  avio_closep(&format->pb);
  avformat_free_context(format);
  avcodec_free_context(&encoder);
  av_buffer_unref(frames);
  check_file(example);
  first += added;
  added = 0;
}
