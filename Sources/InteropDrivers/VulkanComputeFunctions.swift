public import CInteropGraphics

/// Functions of a device that only views and the conversion of YUV images need: views, samplers, descriptors, compute
/// pipelines.
///
/// A table of its own, filled when the first such object is made, so that a program that makes none needs none of them.
/// All are core functions of Vulkan 1.1.
public struct VulkanComputeFunctions: @unchecked Sendable {
  public let vkCreateImageView: PFN_vkCreateImageView
  public let vkDestroyImageView: PFN_vkDestroyImageView
  public let vkCreateSampler: PFN_vkCreateSampler
  public let vkDestroySampler: PFN_vkDestroySampler
  public let vkCreateSamplerYcbcrConversion: PFN_vkCreateSamplerYcbcrConversion
  public let vkDestroySamplerYcbcrConversion: PFN_vkDestroySamplerYcbcrConversion
  public let vkCreateDescriptorSetLayout: PFN_vkCreateDescriptorSetLayout
  public let vkDestroyDescriptorSetLayout: PFN_vkDestroyDescriptorSetLayout
  public let vkCreateDescriptorPool: PFN_vkCreateDescriptorPool
  public let vkDestroyDescriptorPool: PFN_vkDestroyDescriptorPool
  public let vkAllocateDescriptorSets: PFN_vkAllocateDescriptorSets
  public let vkUpdateDescriptorSets: PFN_vkUpdateDescriptorSets
  public let vkCreateShaderModule: PFN_vkCreateShaderModule
  public let vkDestroyShaderModule: PFN_vkDestroyShaderModule
  public let vkCreatePipelineLayout: PFN_vkCreatePipelineLayout
  public let vkDestroyPipelineLayout: PFN_vkDestroyPipelineLayout
  public let vkCreateComputePipelines: PFN_vkCreateComputePipelines
  public let vkDestroyPipeline: PFN_vkDestroyPipeline
  public let vkCmdBindPipeline: PFN_vkCmdBindPipeline
  public let vkCmdBindDescriptorSets: PFN_vkCmdBindDescriptorSets
  public let vkCmdPushConstants: PFN_vkCmdPushConstants
  public let vkCmdDispatch: PFN_vkCmdDispatch

  /// - Throws: ``InteropError/Code/driverMissing`` naming the missing function.
  public init(instance: VulkanInstanceFunctions, device: VkDevice) throws(InteropError) {
    let resolver = instance.resolver(device: device)
    vkCreateImageView = try resolver.required("vkCreateImageView")
    vkDestroyImageView = try resolver.required("vkDestroyImageView")
    vkCreateSampler = try resolver.required("vkCreateSampler")
    vkDestroySampler = try resolver.required("vkDestroySampler")
    vkCreateSamplerYcbcrConversion = try resolver.required("vkCreateSamplerYcbcrConversion")
    vkDestroySamplerYcbcrConversion = try resolver.required("vkDestroySamplerYcbcrConversion")
    vkCreateDescriptorSetLayout = try resolver.required("vkCreateDescriptorSetLayout")
    vkDestroyDescriptorSetLayout = try resolver.required("vkDestroyDescriptorSetLayout")
    vkCreateDescriptorPool = try resolver.required("vkCreateDescriptorPool")
    vkDestroyDescriptorPool = try resolver.required("vkDestroyDescriptorPool")
    vkAllocateDescriptorSets = try resolver.required("vkAllocateDescriptorSets")
    vkUpdateDescriptorSets = try resolver.required("vkUpdateDescriptorSets")
    vkCreateShaderModule = try resolver.required("vkCreateShaderModule")
    vkDestroyShaderModule = try resolver.required("vkDestroyShaderModule")
    vkCreatePipelineLayout = try resolver.required("vkCreatePipelineLayout")
    vkDestroyPipelineLayout = try resolver.required("vkDestroyPipelineLayout")
    vkCreateComputePipelines = try resolver.required("vkCreateComputePipelines")
    vkDestroyPipeline = try resolver.required("vkDestroyPipeline")
    vkCmdBindPipeline = try resolver.required("vkCmdBindPipeline")
    vkCmdBindDescriptorSets = try resolver.required("vkCmdBindDescriptorSets")
    vkCmdPushConstants = try resolver.required("vkCmdPushConstants")
    vkCmdDispatch = try resolver.required("vkCmdDispatch")
  }
}
