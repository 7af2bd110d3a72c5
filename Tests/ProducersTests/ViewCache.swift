import GLVulkanInterop
import InteropTestSupport

/// What an engine makes for an image: a render pass and a framebuffer over a view, kept by `imageID` and dropped when
/// the image retires. Everything comes through `VulkanHost.function(_:as:)`, as in a program that has no loader of its
/// own.
final class ViewCache: Sendable {
  private struct Entry: @unchecked Sendable {
    let renderPass: VkRenderPass
    let framebuffer: VkFramebuffer
  }

  private struct Functions: @unchecked Sendable {
    let vkCreateRenderPass: PFN_vkCreateRenderPass
    let vkDestroyRenderPass: PFN_vkDestroyRenderPass
    let vkCreateFramebuffer: PFN_vkCreateFramebuffer
    let vkDestroyFramebuffer: PFN_vkDestroyFramebuffer
    let vkCmdBeginRenderPass: PFN_vkCmdBeginRenderPass
    let vkCmdEndRenderPass: PFN_vkCmdEndRenderPass
    let vkCmdClearAttachments: PFN_vkCmdClearAttachments
  }

  let host: VulkanHost
  private let functions: Functions
  private let entries = Mutex<[ImageID: Entry]>([:])
  /// In the order in which they came.
  private let told = Mutex<[ImageID]>([])
  private let made = Mutex(0)

  var retired: [ImageID] { told.withLock { $0 } }
  var kept: Set<ImageID> { entries.withLock { Set($0.keys) } }
  var madeCount: Int { made.withLock { $0 } }

  init(_ host: VulkanHost) throws(InteropError) {
    self.host = host
    functions = Functions(
      vkCreateRenderPass: try host.function("vkCreateRenderPass", as: PFN_vkCreateRenderPass.self),
      vkDestroyRenderPass: try host.function("vkDestroyRenderPass", as: PFN_vkDestroyRenderPass.self),
      vkCreateFramebuffer: try host.function("vkCreateFramebuffer", as: PFN_vkCreateFramebuffer.self),
      vkDestroyFramebuffer: try host.function("vkDestroyFramebuffer", as: PFN_vkDestroyFramebuffer.self),
      vkCmdBeginRenderPass: try host.function("vkCmdBeginRenderPass", as: PFN_vkCmdBeginRenderPass.self),
      vkCmdEndRenderPass: try host.function("vkCmdEndRenderPass", as: PFN_vkCmdEndRenderPass.self),
      vkCmdClearAttachments: try host.function("vkCmdClearAttachments", as: PFN_vkCmdClearAttachments.self))
  }

  /// For `onImageRetired`.
  func drop(_ id: ImageID) {
    told.withLock { $0.append(id) }
    guard let entry = entries.withLock({ $0.removeValue(forKey: id) }) else { return }
    functions.vkDestroyFramebuffer(host.device, entry.framebuffer, nil)
    functions.vkDestroyRenderPass(host.device, entry.renderPass, nil)
  }

  /// A colour into the pixel of row 0 and column 0, or into all of the image, through the view.
  ///
  /// - Parameter use: the layout of the image.
  func clear(
    _ id: ImageID, _ view: () throws(InteropError) -> VkImageView, _ format: VkFormat, _ size: PixelSize,
    _ color: (Float, Float, Float, Float), whole: Bool = false, into commands: VkCommandBuffer
  ) throws(InteropError) {
    let entry = try entry(id, view, format, size)
    var begin = VkRenderPassBeginInfo()
    begin.sType = VK_STRUCTURE_TYPE_RENDER_PASS_BEGIN_INFO
    begin.renderPass = entry.renderPass
    begin.framebuffer = entry.framebuffer
    begin.renderArea.extent = VkExtent2D(width: UInt32(size.width), height: UInt32(size.height))
    functions.vkCmdBeginRenderPass(commands, &begin, VK_SUBPASS_CONTENTS_INLINE)
    var attachment = VkClearAttachment()
    attachment.aspectMask = UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue)
    attachment.clearValue.color.float32 = color
    var rect = VkClearRect()
    rect.rect.extent = whole ? begin.renderArea.extent : VkExtent2D(width: 1, height: 1)
    rect.layerCount = 1
    functions.vkCmdClearAttachments(commands, 1, &attachment, 1, &rect)
    functions.vkCmdEndRenderPass(commands)
  }

  private func entry(
    _ id: ImageID, _ view: () throws(InteropError) -> VkImageView, _ format: VkFormat, _ size: PixelSize
  ) throws(InteropError) -> Entry {
    if let known = entries.withLock({ $0[id] }) { return known }
    let layout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL
    var description = VkAttachmentDescription()
    description.format = format
    description.samples = VK_SAMPLE_COUNT_1_BIT
    description.loadOp = VK_ATTACHMENT_LOAD_OP_LOAD
    description.storeOp = VK_ATTACHMENT_STORE_OP_STORE
    description.initialLayout = layout
    description.finalLayout = layout
    var reference = VkAttachmentReference(attachment: 0, layout: layout)
    var renderPass: VkRenderPass?
    var result = VK_SUCCESS
    withUnsafePointer(to: &reference) { reference in
      var subpass = VkSubpassDescription()
      subpass.pipelineBindPoint = VK_PIPELINE_BIND_POINT_GRAPHICS
      subpass.colorAttachmentCount = 1
      subpass.pColorAttachments = reference
      withUnsafePointer(to: &description) { description in
        withUnsafePointer(to: &subpass) { subpass in
          var create = VkRenderPassCreateInfo()
          create.sType = VK_STRUCTURE_TYPE_RENDER_PASS_CREATE_INFO
          create.attachmentCount = 1
          create.pAttachments = description
          create.subpassCount = 1
          create.pSubpasses = subpass
          result = functions.vkCreateRenderPass(host.device, &create, nil, &renderPass)
        }
      }
    }
    try result.check("vkCreateRenderPass", "no render pass")
    var attachment: VkImageView? = try view()
    var framebuffer: VkFramebuffer?
    withUnsafePointer(to: &attachment) { attachment in
      var create = VkFramebufferCreateInfo()
      create.sType = VK_STRUCTURE_TYPE_FRAMEBUFFER_CREATE_INFO
      create.renderPass = renderPass
      create.attachmentCount = 1
      create.pAttachments = attachment
      create.width = UInt32(size.width)
      create.height = UInt32(size.height)
      create.layers = 1
      result = functions.vkCreateFramebuffer(host.device, &create, nil, &framebuffer)
    }
    try result.check("vkCreateFramebuffer", "no framebuffer of the view")
    guard let renderPass, let framebuffer else { preconditionFailure("the driver reported success") }
    let made = Entry(renderPass: renderPass, framebuffer: framebuffer)
    entries.withLock { $0[id] = made }
    self.made.withLock { $0 += 1 }
    return made
  }
}
