// A full-screen pass that samples every pixel of an image into a colour attachment of the same size.

#include "internal.h"
#include "sampling_shaders.h"

#include <stdlib.h>
#include <string.h>

#define CB_PASS_FUNCTIONS(X) \
  X(PFN_vkCreateShaderModule, vkCreateShaderModule) \
  X(PFN_vkDestroyShaderModule, vkDestroyShaderModule) \
  X(PFN_vkCreateImageView, vkCreateImageView) \
  X(PFN_vkDestroyImageView, vkDestroyImageView) \
  X(PFN_vkCreateSampler, vkCreateSampler) \
  X(PFN_vkDestroySampler, vkDestroySampler) \
  X(PFN_vkCreateDescriptorSetLayout, vkCreateDescriptorSetLayout) \
  X(PFN_vkDestroyDescriptorSetLayout, vkDestroyDescriptorSetLayout) \
  X(PFN_vkCreateDescriptorPool, vkCreateDescriptorPool) \
  X(PFN_vkDestroyDescriptorPool, vkDestroyDescriptorPool) \
  X(PFN_vkAllocateDescriptorSets, vkAllocateDescriptorSets) \
  X(PFN_vkUpdateDescriptorSets, vkUpdateDescriptorSets) \
  X(PFN_vkCreateRenderPass, vkCreateRenderPass) \
  X(PFN_vkDestroyRenderPass, vkDestroyRenderPass) \
  X(PFN_vkCreateFramebuffer, vkCreateFramebuffer) \
  X(PFN_vkDestroyFramebuffer, vkDestroyFramebuffer) \
  X(PFN_vkCreatePipelineLayout, vkCreatePipelineLayout) \
  X(PFN_vkDestroyPipelineLayout, vkDestroyPipelineLayout) \
  X(PFN_vkCreateGraphicsPipelines, vkCreateGraphicsPipelines) \
  X(PFN_vkDestroyPipeline, vkDestroyPipeline) \
  X(PFN_vkCmdBeginRenderPass, vkCmdBeginRenderPass) \
  X(PFN_vkCmdEndRenderPass, vkCmdEndRenderPass) \
  X(PFN_vkCmdBindPipeline, vkCmdBindPipeline) \
  X(PFN_vkCmdBindDescriptorSets, vkCmdBindDescriptorSets) \
  X(PFN_vkCmdDraw, vkCmdDraw)

// Places of the result that are looked at: two corners and the middle.
enum { PLACES = 3, PLACE_BYTES = CB_SAMPLE_SIDE * CB_SAMPLE_SIDE * 4 };

typedef struct {
  VkImageView view;
  VkDescriptorSet set;
  cb_host_buffer landing;
  uint32_t expected;
  bool is_due;
} place_of_image;

struct cb_pass {
  // The device's functions and memory types. No GL, and the device is another's.
  cb_baseline b;
#define CB_MEMBER(type, name) type name;
  struct {
    CB_PASS_FUNCTIONS(CB_MEMBER)
  } vk;
#undef CB_MEMBER
  VkImage target;
  VkDeviceMemory target_memory;
  VkImageView target_view;
  VkSampler sampler;
  VkDescriptorSetLayout set_layout;
  VkDescriptorPool pool;
  VkRenderPass render_pass;
  VkFramebuffer framebuffer;
  VkPipelineLayout layout;
  VkShaderModule vertex, fragment;
  VkPipeline pipeline;
  uint32_t count;
  place_of_image images[CB_MAXIMUM_IMAGES];
};

// --- Making ----------------------------------------------------------------------------------------------------------

static bool adopt(cb_pass *p, const cb_device *device) {
  cb_baseline *b = &p->b;
  b->instance = device->instance;
  b->physical_device = device->physical_device;
  b->device = device->device;
  const PFN_vkGetInstanceProcAddr get = (PFN_vkGetInstanceProcAddr)device->get_instance_proc_addr;
#define LOAD(type, name) \
  b->vk.name = (type)get(b->instance, #name); \
  if (!b->vk.name) return cb_fail("the loader has no %s", #name);
  CB_VULKAN_INSTANCE_FUNCTIONS(LOAD)
#undef LOAD
  b->vk.vkGetPhysicalDeviceMemoryProperties(b->physical_device, &b->memory_properties);
  if (!cb_load_device_functions(b)) return false;
#define LOAD(type, name) \
  p->vk.name = (type)b->vk.vkGetDeviceProcAddr(b->device, #name); \
  if (!p->vk.name) return cb_fail("the device has no %s", #name);
  CB_PASS_FUNCTIONS(LOAD)
#undef LOAD
  return true;
}

static bool make_view(cb_pass *p, VkImage image, VkImageView *view) {
  const VkImageViewCreateInfo create = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
    .image = image,
    .viewType = VK_IMAGE_VIEW_TYPE_2D,
    .format = VK_FORMAT_R8G8B8A8_UNORM,
    .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1},
  };
  return cb_vulkan_ok(p->vk.vkCreateImageView(p->b.device, &create, NULL, view), "vkCreateImageView");
}

static bool make_sampling(cb_pass *p, void *const *images) {
  const VkDevice device = p->b.device;
  const VkSamplerCreateInfo create_sampler = {
    .sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
    .addressModeU = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
    .addressModeV = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
    .addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
  };
  if (!cb_vulkan_ok(p->vk.vkCreateSampler(device, &create_sampler, NULL, &p->sampler), "vkCreateSampler")) return false;
  const VkDescriptorSetLayoutBinding binding = {
    .descriptorType = VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
    .descriptorCount = 1,
    .stageFlags = VK_SHADER_STAGE_FRAGMENT_BIT,
  };
  const VkDescriptorSetLayoutCreateInfo create_layout = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .bindingCount = 1, .pBindings = &binding};
  const VkDescriptorPoolSize size = {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, p->count};
  const VkDescriptorPoolCreateInfo create_pool = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
    .maxSets = p->count,
    .poolSizeCount = 1,
    .pPoolSizes = &size,
  };
  if (!cb_vulkan_ok(p->vk.vkCreateDescriptorSetLayout(device, &create_layout, NULL, &p->set_layout),
        "vkCreateDescriptorSetLayout") ||
      !cb_vulkan_ok(p->vk.vkCreateDescriptorPool(device, &create_pool, NULL, &p->pool), "vkCreateDescriptorPool"))
    return false;
  for (uint32_t i = 0; i < p->count; i++) {
    place_of_image *place = &p->images[i];
    const VkDescriptorSetAllocateInfo allocate = {
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
      .descriptorPool = p->pool,
      .descriptorSetCount = 1,
      .pSetLayouts = &p->set_layout,
    };
    if (!make_view(p, (VkImage)images[i], &place->view) ||
        !cb_vulkan_ok(p->vk.vkAllocateDescriptorSets(device, &allocate, &place->set), "vkAllocateDescriptorSets") ||
        !cb_make_host_buffer(&p->b, PLACES * PLACE_BYTES, VK_BUFFER_USAGE_TRANSFER_DST_BIT, &place->landing))
      return false;
    const VkDescriptorImageInfo image = {p->sampler, place->view, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL};
    const VkWriteDescriptorSet write = {
      .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
      .dstSet = place->set,
      .descriptorCount = 1,
      .descriptorType = VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
      .pImageInfo = &image,
    };
    p->vk.vkUpdateDescriptorSets(device, 1, &write, 0, NULL);
  }
  return true;
}

// One framebuffer for all frames: what the last one left is copied before the next one draws.
static bool make_framebuffer(cb_pass *p) {
  const VkDevice device = p->b.device;
  if (!cb_make_image(
        &p->b, VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT, &p->target, &p->target_memory) ||
      !make_view(p, p->target, &p->target_view))
    return false;
  const VkAttachmentDescription attachment = {
    .format = VK_FORMAT_R8G8B8A8_UNORM,
    .samples = VK_SAMPLE_COUNT_1_BIT,
    .loadOp = VK_ATTACHMENT_LOAD_OP_DONT_CARE,
    .storeOp = VK_ATTACHMENT_STORE_OP_STORE,
    .stencilLoadOp = VK_ATTACHMENT_LOAD_OP_DONT_CARE,
    .stencilStoreOp = VK_ATTACHMENT_STORE_OP_DONT_CARE,
    .initialLayout = VK_IMAGE_LAYOUT_UNDEFINED,
    .finalLayout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
  };
  const VkAttachmentReference reference = {0, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL};
  const VkSubpassDescription subpass = {
    .pipelineBindPoint = VK_PIPELINE_BIND_POINT_GRAPHICS, .colorAttachmentCount = 1, .pColorAttachments = &reference};
  const VkSubpassDependency dependencies[] = {
    {
      .srcSubpass = VK_SUBPASS_EXTERNAL,
      .srcStageMask = VK_PIPELINE_STAGE_TRANSFER_BIT | VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT,
      .dstStageMask = VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT,
      .srcAccessMask = VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT,
      .dstAccessMask = VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT,
    },
    {
      .dstSubpass = VK_SUBPASS_EXTERNAL,
      .srcStageMask = VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT,
      .dstStageMask = VK_PIPELINE_STAGE_TRANSFER_BIT,
      .srcAccessMask = VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT,
      .dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT,
    },
  };
  const VkRenderPassCreateInfo create_pass = {
    .sType = VK_STRUCTURE_TYPE_RENDER_PASS_CREATE_INFO,
    .attachmentCount = 1,
    .pAttachments = &attachment,
    .subpassCount = 1,
    .pSubpasses = &subpass,
    .dependencyCount = 2,
    .pDependencies = dependencies,
  };
  if (!cb_vulkan_ok(p->vk.vkCreateRenderPass(device, &create_pass, NULL, &p->render_pass), "vkCreateRenderPass"))
    return false;
  const VkFramebufferCreateInfo create = {
    .sType = VK_STRUCTURE_TYPE_FRAMEBUFFER_CREATE_INFO,
    .renderPass = p->render_pass,
    .attachmentCount = 1,
    .pAttachments = &p->target_view,
    .width = p->b.options.width,
    .height = p->b.options.height,
    .layers = 1,
  };
  return cb_vulkan_ok(p->vk.vkCreateFramebuffer(device, &create, NULL, &p->framebuffer), "vkCreateFramebuffer");
}

static bool make_shader(cb_pass *p, const uint32_t *words, size_t size, VkShaderModule *module) {
  const VkShaderModuleCreateInfo create = {
    .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = size, .pCode = words};
  return cb_vulkan_ok(p->vk.vkCreateShaderModule(p->b.device, &create, NULL, module), "vkCreateShaderModule");
}

static bool make_pipeline(cb_pass *p) {
  const VkDevice device = p->b.device;
  if (!make_shader(p, sampling_vert, sizeof sampling_vert, &p->vertex) ||
      !make_shader(p, sampling_frag, sizeof sampling_frag, &p->fragment))
    return false;
  const VkPipelineLayoutCreateInfo create_layout = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO, .setLayoutCount = 1, .pSetLayouts = &p->set_layout};
  if (!cb_vulkan_ok(p->vk.vkCreatePipelineLayout(device, &create_layout, NULL, &p->layout), "vkCreatePipelineLayout"))
    return false;
  const VkPipelineShaderStageCreateInfo stages[] = {
    {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
      .stage = VK_SHADER_STAGE_VERTEX_BIT,
      .module = p->vertex,
      .pName = "main"},
    {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
      .stage = VK_SHADER_STAGE_FRAGMENT_BIT,
      .module = p->fragment,
      .pName = "main"},
  };
  const VkPipelineVertexInputStateCreateInfo no_vertices = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO};
  const VkPipelineInputAssemblyStateCreateInfo triangles = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO,
    .topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST,
  };
  const VkViewport viewport = {0, 0, (float)p->b.options.width, (float)p->b.options.height, 0, 1};
  const VkRect2D scissor = {{0, 0}, {p->b.options.width, p->b.options.height}};
  const VkPipelineViewportStateCreateInfo viewports = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO,
    .viewportCount = 1,
    .pViewports = &viewport,
    .scissorCount = 1,
    .pScissors = &scissor,
  };
  const VkPipelineRasterizationStateCreateInfo rasterization = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO, .lineWidth = 1};
  const VkPipelineMultisampleStateCreateInfo multisample = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO, .rasterizationSamples = VK_SAMPLE_COUNT_1_BIT};
  const VkPipelineColorBlendAttachmentState all_channels = {.colorWriteMask = 0xF};
  const VkPipelineColorBlendStateCreateInfo blend = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO,
    .attachmentCount = 1,
    .pAttachments = &all_channels,
  };
  const VkGraphicsPipelineCreateInfo create = {
    .sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO,
    .stageCount = 2,
    .pStages = stages,
    .pVertexInputState = &no_vertices,
    .pInputAssemblyState = &triangles,
    .pViewportState = &viewports,
    .pRasterizationState = &rasterization,
    .pMultisampleState = &multisample,
    .pColorBlendState = &blend,
    .layout = p->layout,
    .renderPass = p->render_pass,
  };
  return cb_vulkan_ok(p->vk.vkCreateGraphicsPipelines(device, VK_NULL_HANDLE, 1, &create, NULL, &p->pipeline),
    "vkCreateGraphicsPipelines");
}

cb_pass *cb_pass_open(const cb_device *device, uint32_t width, uint32_t height, void *const *images, uint32_t count) {
  if (count < 1 || count > CB_MAXIMUM_IMAGES || width < CB_SAMPLE_SIDE || height < CB_SAMPLE_SIDE) {
    cb_fail("1 to %d images of at least %dx%d pixels", CB_MAXIMUM_IMAGES, CB_SAMPLE_SIDE, CB_SAMPLE_SIDE);
    return NULL;
  }
  cb_pass *p = calloc(1, sizeof *p);
  if (!p) {
    cb_fail("out of memory");
    return NULL;
  }
  p->b.options.width = width;
  p->b.options.height = height;
  p->count = count;
  if (adopt(p, device) && make_sampling(p, images) && make_framebuffer(p) && make_pipeline(p)) return p;
  cb_pass_close(p);
  return NULL;
}

// Vulkan takes the null handles of what was never made.
void cb_pass_close(cb_pass *p) {
  if (!p) return;
  const VkDevice device = p->b.device;
  // The table is filled to its end, or nothing was made.
  if (p->vk.vkCmdDraw) {
    p->vk.vkDestroyPipeline(device, p->pipeline, NULL);
    p->vk.vkDestroyShaderModule(device, p->vertex, NULL);
    p->vk.vkDestroyShaderModule(device, p->fragment, NULL);
    p->vk.vkDestroyPipelineLayout(device, p->layout, NULL);
    p->vk.vkDestroyFramebuffer(device, p->framebuffer, NULL);
    p->vk.vkDestroyRenderPass(device, p->render_pass, NULL);
    p->vk.vkDestroyImageView(device, p->target_view, NULL);
    p->b.vk.vkDestroyImage(device, p->target, NULL);
    p->b.vk.vkFreeMemory(device, p->target_memory, NULL);
    for (uint32_t i = 0; i < p->count; i++) {
      p->vk.vkDestroyImageView(device, p->images[i].view, NULL);
      cb_free_host_buffer(&p->b, &p->images[i].landing);
    }
    p->vk.vkDestroyDescriptorPool(device, p->pool, NULL);
    p->vk.vkDestroyDescriptorSetLayout(device, p->set_layout, NULL);
    p->vk.vkDestroySampler(device, p->sampler, NULL);
  }
  free(p);
}

// --- Recording and looking at the result -----------------------------------------------------------------------------

static bool compare(place_of_image *place) {
  if (!place->is_due) return true;
  place->is_due = false;
  uint8_t color[4];
  cb_color_of_frame(place->expected, color);
  const uint8_t *found = place->landing.bytes;
  for (uint32_t pixel = 0; pixel < PLACES * CB_SAMPLE_SIDE * CB_SAMPLE_SIDE; pixel++, found += 4)
    if (memcmp(color, found, sizeof color) != 0)
      return cb_wrong_color(place->expected, found, "where Vulkan has sampled it");
  return true;
}

bool cb_pass_record(cb_pass *p, void *commands, uint32_t index, uint32_t number) {
  place_of_image *place = &p->images[index];
  if (!compare(place)) return false;
  place->expected = number;
  place->is_due = true;
  const uint32_t width = p->b.options.width, height = p->b.options.height;
  const VkRenderPassBeginInfo begin = {
    .sType = VK_STRUCTURE_TYPE_RENDER_PASS_BEGIN_INFO,
    .renderPass = p->render_pass,
    .framebuffer = p->framebuffer,
    .renderArea = {{0, 0}, {width, height}},
  };
  p->vk.vkCmdBeginRenderPass(commands, &begin, VK_SUBPASS_CONTENTS_INLINE);
  p->vk.vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, p->pipeline);
  p->vk.vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, p->layout, 0, 1, &place->set, 0, NULL);
  p->vk.vkCmdDraw(commands, 3, 1, 0, 0);
  p->vk.vkCmdEndRenderPass(commands);
  const VkOffset3D offsets[PLACES] = {
    {0, 0, 0},
    {(int32_t)(width - CB_SAMPLE_SIDE) / 2, (int32_t)(height - CB_SAMPLE_SIDE) / 2, 0},
    {(int32_t)(width - CB_SAMPLE_SIDE), (int32_t)(height - CB_SAMPLE_SIDE), 0},
  };
  VkBufferImageCopy regions[PLACES];
  for (uint32_t i = 0; i < PLACES; i++)
    regions[i] = (VkBufferImageCopy){
      .bufferOffset = i * PLACE_BYTES,
      .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
      .imageOffset = offsets[i],
      .imageExtent = {CB_SAMPLE_SIDE, CB_SAMPLE_SIDE, 1},
    };
  p->b.vk.vkCmdCopyImageToBuffer(
    commands, p->target, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, place->landing.buffer, PLACES, regions);
  const VkBufferMemoryBarrier for_cpu = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .buffer = place->landing.buffer,
    .size = VK_WHOLE_SIZE,
  };
  p->b.vk.vkCmdPipelineBarrier(
    commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 0, NULL, 1, &for_cpu, 0, NULL);
  return true;
}

bool cb_pass_check(cb_pass *p) {
  for (uint32_t i = 0; i < p->count; i++)
    if (!compare(&p->images[i])) return false;
  return true;
}
