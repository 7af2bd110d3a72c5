// A program with a Vulkan device of its own, like an engine, and a thread that submits its own command buffers. It
// receives the pictures that OpenGL draws in an SDL2 window on the main thread.
//
//   engine [--gl compat|core|es] [--check N] [--frames N] [--size WxH]
#include <SDL.h>
#include <stdlib.h>
#include <string.h>

#include "../common/example.h"
#include "../common/picture.h"
#include "../common/vulkan_side.h"

static VkInstance instance;
static VkPhysicalDevice physical_device;
static VkDevice device;
static VkQueue queue;
static SDL_mutex *queue_mutex;  // A VkQueue is for one thread at a time; the library submits too.
static glvk_frame_queue frames;
static SDL_sem *shown;

static void require(VkResult result, const char *step) {
  if (result != VK_SUCCESS) example_end(step, "failed");
}
static void lock_queue(void *user_data, VkQueue which) { (void)user_data, (void)which, SDL_LockMutex(queue_mutex); }
static void unlock_queue(void *user_data, VkQueue which) { (void)user_data, (void)which, SDL_UnlockMutex(queue_mutex); }

// Creates the engine's device on the GL context's GPU, with the extensions that sharing can use. The GL context is
// current.
static glvk_host make_device(void) {
  const VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_1};
  const VkInstanceCreateInfo instance_info = {
    .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
  require(vkCreateInstance(&instance_info, NULL, &instance), "vkCreateInstance");

  glvk_context context;
  size_t count = 1;
  example_require(glvk_context_current(NULL, &context));
  glvk_result found = glvk_physical_devices_matching(context, instance, NULL, &physical_device, 1, &count);
  if (found != GLVK_ERROR_BUFFER_TOO_SMALL) example_require(found);  // Several: the best is first.
  if (count == 0) example_end("glvk_physical_devices_matching", "Vulkan does not have the GPU that GL runs on");
  glvk_context_destroy(context);

  const char *wanted[32], *enabled[32];
  size_t wanted_count;
  uint32_t enabled_count = 0, there_count = 0;
  example_require(glvk_host_required_device_extensions(
    GLVK_PATH_AUTOMATIC, GLVK_SYNC_AUTOMATIC, VK_API_VERSION_1_1, wanted, 32, &wanted_count));
  vkEnumerateDeviceExtensionProperties(physical_device, NULL, &there_count, NULL);
  VkExtensionProperties *there = calloc(there_count, sizeof *there);
  vkEnumerateDeviceExtensionProperties(physical_device, NULL, &there_count, there);
  for (size_t i = 0; i < wanted_count; i++) {
    for (uint32_t j = 0; j < there_count; j++) {
      if (strcmp(wanted[i], there[j].extensionName) == 0) enabled[enabled_count++] = wanted[i];
    }
  }
  free(there);

  // The first queue family can draw on all known GPUs; an engine looks for one that can.
  const float priority = 1;
  const VkDeviceQueueCreateInfo queue_info = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
    .queueFamilyIndex = 0,
    .queueCount = 1,
    .pQueuePriorities = &priority};
  const VkDeviceCreateInfo device_info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
    .queueCreateInfoCount = 1,
    .pQueueCreateInfos = &queue_info,
    .enabledExtensionCount = enabled_count,
    .ppEnabledExtensionNames = enabled};
  require(vkCreateDevice(physical_device, &device_info, NULL, &device), "vkCreateDevice");
  vkGetDeviceQueue(device, 0, 0, &queue);

  // Describes the device to the library.
  glvk_queue queues[1];
  GLVK_INIT(queues[0]);
  queues[0].queue = queue;
  queues[0].lock = lock_queue;
  queues[0].unlock = unlock_queue;
  glvk_host_adoption adoption;
  GLVK_INIT(adoption);
  adoption.instance = instance;
  adoption.physical_device = physical_device;
  adoption.device = device;
  adoption.api_version = VK_API_VERSION_1_1;
  adoption.queue_count = 1;
  adoption.queues = queues;
  adoption.device_extensions = enabled;
  adoption.device_extension_count = enabled_count;
  glvk_host host;
  example_require(glvk_host_adopt(&adoption, &host));
  return host;
}

// Uses one frame in the engine's own submission.
static void use_frame(glvk_frame frame, VkCommandBuffer commands, VkFence fence) {
  glvk_frame_info info;
  GLVK_INIT(info);
  example_require(glvk_frame_get_info(frame, &info));
  const glvk_use use = {
    VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_READ_BIT};
  glvk_ownership_transfer acquire, release;
  GLVK_INIT(acquire);
  GLVK_INIT(release);
  example_require(glvk_frame_acquire_barrier(frame, &use, queue, VK_NULL_HANDLE, &acquire));
  example_require(glvk_frame_release_barrier(frame, &use, &release));

  const VkCommandBufferBeginInfo begin = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT};
  require(vkBeginCommandBuffer(commands, &begin), "vkBeginCommandBuffer");
  vkCmdPipelineBarrier(
    commands, acquire.source_stage, acquire.destination_stage, 0, 0, NULL, 0, NULL, 1, &acquire.barrier);
  vulkan_side_copy(commands, info.image, info.width, info.height);
  vkCmdPipelineBarrier(
    commands, release.source_stage, release.destination_stage, 0, 0, NULL, 0, NULL, 1, &release.barrier);
  require(vkEndCommandBuffer(commands), "vkEndCommandBuffer");

  // If GL and Vulkan share no semaphores, there are none here: GL has finished already, and waits for Vulkan by itself.
  // For timeline semaphores, which this device has not enabled, semaphore_value would go into a
  // VkTimelineSemaphoreSubmitInfo.
  const VkSubmitInfo submission = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .commandBufferCount = 1,
    .pCommandBuffers = &commands,
    .waitSemaphoreCount = acquire.semaphore != VK_NULL_HANDLE,
    .pWaitSemaphores = &acquire.semaphore,
    .pWaitDstStageMask = &acquire.source_stage,
    .signalSemaphoreCount = release.semaphore != VK_NULL_HANDLE,
    .pSignalSemaphores = &release.semaphore};
  lock_queue(NULL, queue);
  require(vkQueueSubmit(queue, 1, &submission, fence), "vkQueueSubmit");
  unlock_queue(NULL, queue);
  example_require(glvk_frame_did_submit_release(frame));  // ends the frame

  require(vkWaitForFences(device, 1, &fence, VK_TRUE, UINT64_MAX), "vkWaitForFences");
  require(vkResetFences(device, 1, &fence), "vkResetFences");
}

// The engine's thread: receives frames until the queue of frames is closed.
static int run_engine(void *data) {
  (void)data;
  const VkCommandPoolCreateInfo pool_info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT};
  const VkFenceCreateInfo fence_info = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  VkCommandPool pool;
  VkCommandBuffer commands;
  VkFence fence;
  require(vkCreateCommandPool(device, &pool_info, NULL, &pool), "vkCreateCommandPool");
  const VkCommandBufferAllocateInfo allocation = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, .commandPool = pool, .commandBufferCount = 1};
  require(vkAllocateCommandBuffers(device, &allocation, &commands), "vkAllocateCommandBuffers");
  require(vkCreateFence(device, &fence_info, NULL, &fence), "vkCreateFence");
  for (;;) {
    glvk_frame frame;
    glvk_result result = glvk_frame_queue_receive(frames, 1000000000, &frame);
    if (result == GLVK_ERROR_NOT_AVAILABLE) break;
    if (result == GLVK_ERROR_TIMEOUT) continue;
    example_require(result);
    use_frame(frame, commands, fence);
    SDL_SemPost(shown);
  }
  vkDestroyFence(device, fence, NULL);
  vkDestroyCommandPool(device, pool, NULL);
  return 0;
}

int main(int count, char **arguments) {
  struct example example = example_parse("engine", count, arguments);

  if (SDL_Init(SDL_INIT_VIDEO) != 0) example_end("SDL_Init", SDL_GetError());
  if (strcmp(example.gl, "core") == 0) {
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 3);
  } else if (strcmp(example.gl, "es") == 0) {
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_ES);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
  }
  SDL_Window *window = SDL_CreateWindow("engine", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, example.width,
    example.height, SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE);
  SDL_GLContext context = SDL_GL_CreateContext(window);
  if (!context) example_end("SDL_GL_CreateContext", SDL_GetError());
  picture_create(SDL_GL_GetProcAddress);
  check_open(&example, SDL_GL_GetProcAddress);

  queue_mutex = SDL_CreateMutex();
  shown = SDL_CreateSemaphore(0);
  glvk_producer_options options;
  GLVK_INIT(options);
  options.host = make_device();
  glvk_producer producer;
  example_require(glvk_producer_create(&options, &producer));
  vulkan_side_open_device(physical_device, device);
  example_require(glvk_frame_queue_create(2, &frames));
  SDL_Thread *engine = SDL_CreateThread(run_engine, "engine", NULL);

  for (bool open = true; open && example_goes_on(&example);) {
    for (SDL_Event event; SDL_PollEvent(&event);) {
      if (event.type == SDL_QUIT) open = false;
    }
    int width, height;
    SDL_GL_GetDrawableSize(window, &width, &height);
    picture_draw(example.number, width, height);
    check_drawn(&example, 0, width, height);

    glvk_frame frame;
    example_require(glvk_producer_submit(producer, NULL, &frame));
    example_require(glvk_frame_queue_send(frames, frame));  // to the engine's thread
    if (example.check) SDL_SemWait(shown);
    check_arrived(&example);

    SDL_GL_SwapWindow(window);
  }

  glvk_frame_queue_close(frames);
  SDL_WaitThread(engine, NULL);
  const int status = example_finish(&example, producer);
  vulkan_side_close();
  glvk_frame_queue_destroy(frames);
  glvk_producer_destroy(producer);
  glvk_host_destroy(options.host);
  // The library has no objects on the device any more.
  vkDestroyDevice(device, NULL);
  vkDestroyInstance(instance, NULL);
  picture_destroy();
  SDL_GL_DeleteContext(context);
  SDL_DestroyWindow(window);
  SDL_Quit();
  return status;
}
