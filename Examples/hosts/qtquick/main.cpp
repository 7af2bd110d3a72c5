// A program that shows what OpenGL draws in a Qt Quick scene, below other items. Qt renders on the library's Vulkan device.
//
//   qtquick [--check N] [--frames N] [--size WxH] [--top-down] [--srgb] [--angle libEGL.so]
#include <vulkan/vulkan.h>  // before Qt, whose headers define VK_NO_PROTOTYPES

#include <QGuiApplication>
#include <QQuickGraphicsDevice>
#include <QQuickItem>
#include <QQuickRenderControl>
#include <QQuickRenderTarget>
#include <QQuickWindow>
#include <QSGSimpleRectNode>
#include <QSGSimpleTextureNode>
#include <QVulkanInstance>

#include "../common/offscreen.h"
#include "target.h"

// Shows an image. The item's nodes belong to Qt's render thread, which here is the only one.
class FrameItem : public QQuickItem {
 public:
  explicit FrameItem(QQuickItem *parent) : QQuickItem(parent) { setFlag(ItemHasContents); }

  void show(const glvk_frame_info &frame) {
    info = frame;
    update();
  }

 protected:
  QSGNode *updatePaintNode(QSGNode *old, UpdatePaintNodeData *) override {
    auto *node = old ? static_cast<QSGSimpleTextureNode *>(old) : new QSGSimpleTextureNode;
    node->setOwnsTexture(true);
    // Qt reads the image as UNORM, whatever its format is: the library's images allow it. It changes no layout.
    node->setTexture(QNativeInterface::QSGVulkanTexture::fromNative(
      info.image, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, window(), QSize(int(info.width), int(info.height))));
    node->setFiltering(QSGTexture::Nearest);
    node->setTextureCoordinatesTransform(info.orientation == GLVK_ORIENTATION_BOTTOM_UP
                                           ? QSGSimpleTextureNode::MirrorVertically
                                           : QSGSimpleTextureNode::NoTransform);
    node->setRect(boundingRect());
    return node;
  }

 private:
  glvk_frame_info info;
};

// A rectangle above the frame, like a button.
struct MarkItem : public QQuickItem {
  explicit MarkItem(QQuickItem *parent) : QQuickItem(parent) { setFlag(ItemHasContents); }
  QSGNode *updatePaintNode(QSGNode *old, UpdatePaintNodeData *) override {
    return old ? old : new QSGSimpleRectNode(boundingRect(), QColor(10, 200, 30));
  }
};

// Qt's objects must be gone before the device is: they live here.
static int run(struct example &example, glvk_producer producer, const glvk_host_info &device, const glvk_queue &queue) {
  QVulkanInstance instance;
  instance.setVkInstance(device.instance);
  if (!instance.create()) example_end("QVulkanInstance", "QT_QPA_PLATFORM must be xcb; offscreen has no Vulkan");
  QQuickRenderControl control;
  QQuickWindow window(&control);
  window.setVulkanInstance(&instance);
  window.setGraphicsDevice(
    QQuickGraphicsDevice::fromDeviceObjects(device.physical_device, device.device, int(queue.family)));
  if (!control.initialize()) example_end("QQuickRenderControl", "failed");
  FrameItem picture(window.contentItem());
  MarkItem mark(&picture);
  mark.setSize(QSizeF(9, 5));
  glvk_frame shown = {0};
  target_open(device.physical_device, device.device, queue.queue, queue.family);

  while (example_goes_on(&example)) {
    const bool is_resized = offscreen_is_resized(&example);
    const uint32_t width = uint32_t(example.width), height = uint32_t(example.height);
    if (is_resized) example_require(glvk_producer_resize(producer, width, height));
    if (is_resized || example.number == 1) {
      const QSize size(example.width, example.height);
      window.setGeometry(QRect(QPoint(0, 0), size));
      picture.setSize(size);
      window.setRenderTarget(QQuickRenderTarget::fromVulkanImage(
        target_create(width, height), VK_IMAGE_LAYOUT_UNDEFINED, VK_FORMAT_R8G8B8A8_UNORM, size));
    }
    glvk_frame frame;
    glvk_frame_info info;
    GLVK_INIT(info);
    example_require(glvk_producer_render(producer, nullptr, offscreen_draw, &example, &frame));
    example_require(glvk_frame_get_info(frame, &info));
    picture.show(info);
    mark.setPosition(QPointF(example.number % (width - 9), example.number * 3 % (height - 5)));

    // The queue waits for GL, and the image gets the layout in which Qt samples it: what NULL stands for.
    example_require(glvk_frame_acquire(frame, nullptr, queue.queue, VK_NULL_HANDLE));
    control.polishItems();
    control.beginFrame();
    control.sync();
    control.render();
    control.endFrame();  // Qt submits here, and waits.
    // A frame is kept while it is shown: Qt may render the scene again without a new one.
    if (shown.id) example_require(glvk_frame_release(shown, nullptr));
    shown = frame;

    const uint8_t colour[] = {10, 200, 30, 255};
    check_covered(int(mark.x()), int(mark.y()), 9, 5, colour);
    check_returned(&example, example.number, target_read(), example.width * 4, example.width, example.height, false);
  }
  if (shown.id) example_require(glvk_frame_release(shown, nullptr));
  target_close();
  return offscreen_finish(&example, producer);
}

int main(int count, char **arguments) {
  QQuickWindow::setGraphicsApi(QSGRendererInterface::Vulkan);
  QGuiApplication application(count, arguments);
  struct example example = example_parse("qtquick", count, arguments);
  example.host = "Qt " QT_VERSION_STR;
  glvk_context context = offscreen_open(&example);

  // A device on the GPU that GL runs on. Qt's platform needs its extensions in the instance, even without a window.
  const char *extensions[] = {"VK_KHR_surface", "VK_KHR_xcb_surface"};
  glvk_host_creation creation;
  GLVK_INIT(creation);
  creation.context = context;
  creation.instance_extensions = extensions;
  creation.instance_extension_count = 2;
  glvk_producer_options options;
  GLVK_INIT(options);
  example_require(glvk_host_create(&creation, &options.host));
  glvk_host_info device;
  glvk_queue queue;
  GLVK_INIT(device);
  GLVK_INIT(queue);
  example_require(glvk_host_get_info(options.host, &device));
  for (uint32_t i = 0; !(queue.flags & VK_QUEUE_GRAPHICS_BIT); i++)
    example_require(glvk_host_get_queue(options.host, i, &queue));
  options.context = context;
  options.path = GLVK_PATH_OPAQUE_FD;
  options.width = uint32_t(example.width);
  options.height = uint32_t(example.height);
  options.format = example.srgb ? GLVK_FORMAT_RGBA8_SRGB : GLVK_FORMAT_RGBA8;
  options.orientation = example.top_down ? GLVK_ORIENTATION_TOP_DOWN : GLVK_ORIENTATION_BOTTOM_UP;
  glvk_producer producer;
  example_require(glvk_producer_create_surfaceless(&options, &producer));

  const int status = run(example, producer, device, queue);
  glvk_producer_destroy(producer);
  glvk_host_destroy(options.host);
  offscreen_close(context);
  return status;
}
