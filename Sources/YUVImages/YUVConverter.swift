public import InteropDrivers
public import RawImport

/// Makes conversions of YUV images to RGB on the GPU, with compute shaders of this package.
///
/// It keeps a pipeline for each kind of conversion, so use one converter for each device. Any thread.
public final class YUVConverter: Sendable {
  /// The device that converts.
  public let host: VulkanHost
  private let pipelines = Mutex<[YUVPipeline.Key: YUVPipeline]>([:])

  /// - Throws: ``InteropError/Code/unsupported`` for a device without a queue of a compute family;
  ///   ``InteropError/Code/driverMissing`` where a function is missing.
  public init(host: VulkanHost) throws(InteropError) {
    guard host.queues.contains(where: \.canCompute) else {
      throw InteropError(
        .unsupported, step: "make a YUV converter", reason: "no queue of the host computes",
        missing: ["a queue of a family with VK_QUEUE_COMPUTE_BIT"],
        advice: "Give the host a queue of such a family; every graphics family in use today is one")
    }
    _ = try host.computeFunctions()
    self.host = host
  }

  /// Makes a conversion of `source` into `target`, which can be recorded again and again.
  ///
  /// - Parameters:
  ///   - source: an image of this device.
  ///   - layout: the layout of `source` when the commands run: SHADER_READ_ONLY_OPTIMAL or GENERAL.
  ///   - target: an image of this device with usage STORAGE, in GENERAL when the commands run. Not owned: it must
  ///     outlive the conversion.
  ///   - format: the format of `target`: VK_FORMAT_R8G8B8A8_UNORM, or VK_FORMAT_R16G16B16A16_SFLOAT, which keeps the 10
  ///     bits of P010.
  ///   - size: the size of `target`, equal to that of `source`.
  /// - Throws: ``InteropError/Code/invalidArgument`` for another size, device or layout;
  ///   ``InteropError/Code/unsupported`` for another format.
  public func makeConversion(
    from source: YUVImage, in layout: VkImageLayout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, to target: VkImage,
    _ format: VkFormat, size: PixelSize
  ) throws(InteropError) -> YUVConversion {
    let step = "make a YUV conversion"
    guard source.host === host else {
      throw InteropError(.invalidArgument, step: step, reason: "the source is of another VulkanHost")
    }
    guard size == source.size else {
      throw InteropError(
        .invalidArgument, step: step, reason: "the source is \(source.size), the target \(size)",
        advice: "Make the target in the source's size")
    }
    guard layout == VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL || layout == VK_IMAGE_LAYOUT_GENERAL else {
      throw InteropError(
        .invalidArgument, step: step, reason: "nothing can be sampled in VkImageLayout \(layout.rawValue)",
        advice: "Use SHADER_READ_ONLY_OPTIMAL or GENERAL")
    }
    guard let storage = YUVPipeline.StorageFormat(format) else {
      throw InteropError(
        .unsupported, step: step, reason: "the target is \(format.registeredName)",
        missing: ["conversion to \(format.registeredName)"],
        advice: "Use VK_FORMAT_R8G8B8A8_UNORM or VK_FORMAT_R16G16B16A16_SFLOAT")
    }
    let key = YUVPipeline.Key(target: storage, sampler: source.ycbcr?.key)
    let pipeline = try pipelines.withLock { (pipelines) throws(InteropError) in
      if let known = pipelines[key] { return known }
      let made = try YUVPipeline(storage, source.ycbcr, on: host)
      pipelines[key] = made
      return made
    }
    return try YUVConversion(source, layout, target, format, pipeline)
  }
}

/// The pipeline of one kind of conversion. Its objects are in the order of their release.
final class YUVPipeline: @unchecked Sendable {
  enum StorageFormat: Hashable {
    case rgba8, rgba16f

    init?(_ format: VkFormat) {
      switch format {
      case VK_FORMAT_R8G8B8A8_UNORM: self = .rgba8
      case VK_FORMAT_R16G16B16A16_SFLOAT: self = .rgba16f
      default: return nil
      }
    }
  }

  struct Key: Hashable {
    let target: StorageFormat
    /// The sampler's key; nil for the shader of one image per plane, which serves all formats and encodings.
    let sampler: YcbcrSampler.Key?
  }

  /// The binding numbers of the shaders.
  enum Binding {
    static let luma: UInt32 = 0
    static let target: UInt32 = 3
  }

  let pipeline: VulkanComputeObject
  let layout: VulkanComputeObject
  let setLayout: VulkanComputeObject
  /// Immutable in the set's layout, so it must live as long.
  private let sampler: YcbcrSampler?

  init(_ target: StorageFormat, _ sampler: YcbcrSampler?, on host: VulkanHost) throws(InteropError) {
    self.sampler = sampler
    let stage = UInt32(VK_SHADER_STAGE_COMPUTE_BIT.rawValue)
    var chain = StructChain()
    func binding(_ number: UInt32, _ type: VkDescriptorType) -> VkDescriptorSetLayoutBinding {
      VkDescriptorSetLayoutBinding(
        binding: number, descriptorType: type, descriptorCount: 1, stageFlags: stage, pImmutableSamplers: nil)
    }
    var bindings: [VkDescriptorSetLayoutBinding]
    if let sampler {
      bindings = [binding(Binding.luma, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER)]
      bindings[0].pImmutableSamplers = UnsafePointer(chain.add(sampler.handle as VkSampler?))
    } else {
      bindings = (0..<3).map { binding(Binding.luma + $0, VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE) }
    }
    bindings.append(binding(Binding.target, VK_DESCRIPTOR_TYPE_STORAGE_IMAGE))
    var setCreate = VkDescriptorSetLayoutCreateInfo()
    setCreate.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO
    setCreate.bindingCount = UInt32(bindings.count)
    setCreate.pBindings = UnsafePointer(chain.add(contentsOf: bindings))
    setLayout = try host.makeComputeObject(
      .descriptorSetLayout, "vkCreateDescriptorSetLayout", "no layout for the conversion's images"
    ) { vk, out in vk.vkCreateDescriptorSetLayout(host.device, &setCreate, nil, out) }

    var layoutCreate = VkPipelineLayoutCreateInfo()
    layoutCreate.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO
    layoutCreate.setLayoutCount = 1
    layoutCreate.pSetLayouts = UnsafePointer(chain.add(setLayout.handle as VkDescriptorSetLayout?))
    layoutCreate.pushConstantRangeCount = 1
    layoutCreate.pPushConstantRanges = UnsafePointer(
      chain.add(VkPushConstantRange(stageFlags: stage, offset: 0, size: YUVPushConstants.byteCount)))
    layout = try host.makeComputeObject(
      .pipelineLayout, "vkCreatePipelineLayout", "no pipeline layout for the conversion"
    ) { vk, out in vk.vkCreatePipelineLayout(host.device, &layoutCreate, nil, out) }

    let words =
      switch (target, sampler == nil) {
      case (.rgba8, true): YUVShaders.planesRGBA8
      case (.rgba16f, true): YUVShaders.planesRGBA16F
      case (.rgba8, false): YUVShaders.multiplanarRGBA8
      case (.rgba16f, false): YUVShaders.multiplanarRGBA16F
      }
    var moduleCreate = VkShaderModuleCreateInfo()
    moduleCreate.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO
    moduleCreate.codeSize = words.count * 4
    moduleCreate.pCode = UnsafePointer(chain.add(contentsOf: words))
    let module = try host.makeComputeObject(
      .shaderModule, "vkCreateShaderModule", "the driver does not take the conversion's shader"
    ) { vk, out in vk.vkCreateShaderModule(host.device, &moduleCreate, nil, out) }

    var create = VkComputePipelineCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO
    create.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO
    create.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT
    create.stage.module = module.handle
    create.stage.pName = UnsafePointer(chain.add(contentsOf: "main".utf8CString.map { $0 }))
    create.layout = layout.handle
    pipeline = try host.makeComputeObject(
      .pipeline, "vkCreateComputePipelines", "the driver does not compile the conversion's shader"
    ) { vk, out in vk.vkCreateComputePipelines(host.device, nil, 1, &create, nil, out) }
  }
}
