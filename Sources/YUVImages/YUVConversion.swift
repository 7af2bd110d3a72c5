public import InteropDrivers
public import RawImport

/// Converts one YUV image into one RGB image. ``YUVConverter`` makes it, and the application records it once for each
/// frame.
///
/// It keeps the source alive, not the target. It must outlive the work it was recorded into. Any thread may record it,
/// even several at once.
public final class YUVConversion: @unchecked Sendable {
  /// The image it reads.
  public let source: YUVImage
  private let functions: VulkanComputeFunctions
  private let constants: YUVPushConstants
  private let set: VkDescriptorSet
  private let pool: VulkanComputeObject
  private let target: VulkanComputeObject
  private let pipeline: YUVPipeline

  init(
    _ source: YUVImage, _ layout: VkImageLayout, _ targetImage: VkImage, _ format: VkFormat, _ pipeline: YUVPipeline
  ) throws(InteropError) {
    let host = source.host
    let vk = try host.computeFunctions()
    self.source = source
    self.pipeline = pipeline
    functions = vk
    constants = YUVPushConstants(source)
    target = try host.makeImageView(of: targetImage, format)

    let isMultiPlanar = source.ycbcr != nil
    let sampled = isMultiPlanar ? VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER : VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE
    var chain = StructChain()
    var poolCreate = VkDescriptorPoolCreateInfo()
    poolCreate.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO
    poolCreate.maxSets = 1
    poolCreate.poolSizeCount = 2
    poolCreate.pPoolSizes = UnsafePointer(
      chain.add(contentsOf: [
        VkDescriptorPoolSize(type: sampled, descriptorCount: isMultiPlanar ? source.samplerDescriptorCount : 3),
        VkDescriptorPoolSize(type: VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, descriptorCount: 1),
      ]))
    pool = try host.makeComputeObject(
      .descriptorPool, "vkCreateDescriptorPool", "no descriptors for the conversion"
    ) { vk, out in vk.vkCreateDescriptorPool(host.device, &poolCreate, nil, out) }
    var allocate = VkDescriptorSetAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO
    allocate.descriptorPool = pool.handle
    allocate.descriptorSetCount = 1
    allocate.pSetLayouts = UnsafePointer(chain.add(pipeline.setLayout.handle as VkDescriptorSetLayout?))
    var made: VkDescriptorSet?
    try vk.vkAllocateDescriptorSets(host.device, &allocate, &made)
      .check("vkAllocateDescriptorSets", "no descriptor set for the conversion")
    guard let made else {
      throw InteropError(
        .driverFailure, step: "vkAllocateDescriptorSets", reason: "the driver reported success and made nothing")
    }
    set = made

    var writes: [VkWriteDescriptorSet] = []
    func write(_ binding: UInt32, _ type: VkDescriptorType, _ view: VkImageView, _ layout: VkImageLayout) {
      var write = VkWriteDescriptorSet()
      write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET
      write.dstSet = made
      write.dstBinding = binding
      write.descriptorCount = 1
      write.descriptorType = type
      write.pImageInfo = UnsafePointer(
        chain.add(VkDescriptorImageInfo(sampler: nil, imageView: view, imageLayout: layout)))
      writes.append(write)
    }
    let views = source.views
    // The last plane holds red difference, or both differences.
    let sources = isMultiPlanar ? views : [views[0], views[1], views[source.layout.redDifferencePlane]]
    for (index, view) in sources.enumerated() {
      write(YUVPipeline.Binding.luma + UInt32(index), sampled, view, layout)
    }
    write(YUVPipeline.Binding.target, VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, target.handle, VK_IMAGE_LAYOUT_GENERAL)
    vk.vkUpdateDescriptorSets(host.device, UInt32(writes.count), &writes, 0, nil)
  }

  /// Records the conversion into a command buffer of a queue family with VK_QUEUE_COMPUTE_BIT. It writes every pixel of
  /// the target, row 0 from row 0.
  ///
  /// The caller records the barriers: before it, one that brings the source into its layout for
  /// ``VulkanAccess/computeSampling`` and the target into GENERAL for ``VulkanAccess/storageWriting``; after it, one
  /// for the target's next use. It binds a pipeline, descriptor set 0 and push constants of the compute bind point.
  ///
  /// The corresponding C function is `vkCmdDispatch`.
  public func record(into commands: VkCommandBuffer) {
    let vk = functions
    vk.vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.pipeline.handle)
    withUnsafePointer(to: set as VkDescriptorSet?) {
      vk.vkCmdBindDescriptorSets(
        commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.layout.handle, 0, 1, $0, 0, nil)
    }
    withUnsafePointer(to: constants) {
      vk.vkCmdPushConstants(
        commands, pipeline.layout.handle, UInt32(VK_SHADER_STAGE_COMPUTE_BIT.rawValue), 0, YUVPushConstants.byteCount,
        $0)
    }
    let group = 8  // local_size of the shaders
    vk.vkCmdDispatch(
      commands, UInt32((source.size.width + group - 1) / group), UInt32((source.size.height + group - 1) / group), 1)
  }
}

/// The shaders' push constants, in their order and with std430's alignment.
struct YUVPushConstants {
  static let byteCount: UInt32 = 88

  let red: SIMD4<Float>
  let green: SIMD4<Float>
  let blue: SIMD4<Float>
  let size: SIMD2<Int32>
  let chromaSize: SIMD2<Int32>
  let siting: SIMD2<Float>
  let largestWord: Float
  let wordsPerCode: Float
  let isLinear: Int32
  let isInterleaved: Int32

  init(_ image: YUVImage) {
    let (format, encoding) = (image.layout, image.encoding)
    let rows = encoding.toRGB(format).rows.map { SIMD4<Float>($0) }
    (red, green, blue) = (rows[0], rows[1], rows[2])
    size = SIMD2(Int32(image.size.width), Int32(image.size.height))
    let chroma = image.planes[1].size
    chromaSize = SIMD2(Int32(chroma.width), Int32(chroma.height))
    siting = SIMD2(encoding.horizontalSiting.offset, encoding.verticalSiting.offset)
    largestWord = Float(format.largestWord)
    wordsPerCode = Float(format.wordsPerCode)
    isLinear = encoding.chromaFilter == .linear ? 1 : 0
    isInterleaved = format.chromaPlanes == 1 ? 1 : 0
  }
}

extension VulkanAccess {
  /// Sampling in compute shaders; only on queue families with compute.
  public static let computeSampling = VulkanAccess(
    layout: VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, stages: UInt32(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT.rawValue),
    access: UInt32(VK_ACCESS_SHADER_READ_BIT.rawValue))
  /// Writing a storage image in compute shaders; only on queue families with compute.
  public static let storageWriting = VulkanAccess(
    layout: VK_IMAGE_LAYOUT_GENERAL, stages: UInt32(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT.rawValue),
    access: UInt32(VK_ACCESS_SHADER_WRITE_BIT.rawValue))
}
