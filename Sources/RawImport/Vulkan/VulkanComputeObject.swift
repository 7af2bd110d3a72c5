package import InteropDrivers

/// A Vulkan handle with one owner like ``VulkanObject``: a view, or an object that only the conversion of YUV images
/// makes.
package struct VulkanComputeObject: ~Copyable {
  package enum Kind: Sendable {
    case imageView, sampler, ycbcrConversion, descriptorSetLayout, descriptorPool, shaderModule, pipelineLayout,
      pipeline
  }

  package let handle: OpaquePointer
  private let kind: Kind
  private let host: VulkanHost
  private let functions: VulkanComputeFunctions

  package init(
    owning handle: OpaquePointer, _ kind: Kind, on host: VulkanHost, _ functions: VulkanComputeFunctions
  ) {
    self.handle = handle
    self.kind = kind
    self.host = host
    self.functions = functions
  }

  deinit {
    let device = host.device
    switch kind {
    case .imageView: functions.vkDestroyImageView(device, handle, nil)
    case .sampler: functions.vkDestroySampler(device, handle, nil)
    case .ycbcrConversion: functions.vkDestroySamplerYcbcrConversion(device, handle, nil)
    case .descriptorSetLayout: functions.vkDestroyDescriptorSetLayout(device, handle, nil)
    case .descriptorPool: functions.vkDestroyDescriptorPool(device, handle, nil)
    case .shaderModule: functions.vkDestroyShaderModule(device, handle, nil)
    case .pipelineLayout: functions.vkDestroyPipelineLayout(device, handle, nil)
    case .pipeline: functions.vkDestroyPipeline(device, handle, nil)
    }
  }
}

extension VulkanHost {
  /// Runs a call that makes a handle and takes ownership of it, as ``makeObject(_:_:_:_:)`` does.
  package func makeComputeObject(
    _ kind: VulkanComputeObject.Kind, _ step: StaticString, _ reason: @autoclosure () -> String,
    _ create: (VulkanComputeFunctions, UnsafeMutablePointer<OpaquePointer?>) -> VkResult
  ) throws(InteropError) -> VulkanComputeObject {
    let functions = try computeFunctions()
    var handle: OpaquePointer?
    try create(functions, &handle).check(step, reason())
    guard let handle else {
      throw InteropError(.driverFailure, step: step.description, reason: "the driver reported success and made nothing")
    }
    return VulkanComputeObject(owning: handle, kind, on: self, functions)
  }

  /// Makes a view of the whole image.
  ///
  /// - Parameters:
  ///   - components: all 0 for the identity mapping.
  ///   - usage: nil for the image's own.
  ///   - conversion: for a multi-planar image, the conversion of its sampler.
  package func makeImageView(
    of image: VkImage, _ format: VkFormat, components: VkComponentMapping = VkComponentMapping(),
    usage: VkImageUsageFlags? = nil, conversion: VkSamplerYcbcrConversion? = nil
  ) throws(InteropError) -> VulkanComputeObject {
    var create = VkImageViewCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO
    create.image = image
    create.viewType = VK_IMAGE_VIEW_TYPE_2D
    create.format = format
    create.components = components
    create.subresourceRange = VkImageSubresourceRange(
      aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), baseMipLevel: 0, levelCount: 1, baseArrayLayer: 0,
      layerCount: 1)
    var chain = StructChain()
    if let conversion {
      var info = VkSamplerYcbcrConversionInfo()
      info.sType = VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_INFO
      info.conversion = conversion
      create.pNext = UnsafeRawPointer(chain.add(info))
    }
    if let usage {
      var info = VkImageViewUsageCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_USAGE_CREATE_INFO
      info.pNext = create.pNext
      info.usage = usage
      create.pNext = UnsafeRawPointer(chain.add(info))
    }
    return try makeComputeObject(.imageView, "vkCreateImageView", "no view of the image") { vk, out in
      vk.vkCreateImageView(device, &create, nil, out)
    }
  }
}
