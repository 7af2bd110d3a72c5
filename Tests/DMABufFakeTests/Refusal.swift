import CFakeDRMDriver
import CInteropGraphics
import GLVulkanInterop
import Glibc
import InteropTestSupport

/// Something that must be refused, and with which error.
struct Refusal: CustomStringConvertible, Sendable {
  let description: String
  let code: InteropError.Code
  let step: String
  /// Of the error; nil where nothing is said to be missing.
  var missing: [String] = []
  /// The driver's answer, nil where none was asked.
  var driverCode: DriverCode?
  /// What the driver has.
  var layouts: [FakeLayout] = [.linear]
  var settings: @Sendable (inout fake_drm_driver) -> Void = { _ in }
  let attempt: @Sendable (Scene) throws(InteropError) -> Void

  static let size = PixelSize(width: 100, height: 60)

  /// What attempts work on, made once.
  final class Scene {
    let context: SurfacelessContext
    let host: VulkanHost
    let app: AppFramebuffer
    /// Of the first layout.
    let buffer: DMABuf
    let disjoint: DMABuf?
    /// Two buffers of 64 KiB, and a file that is none.
    let descriptors: [Int32]
    let noBuffer: Int32
    private let owners: [Owner]

    private final class Owner {
      let descriptor: FileDescriptorOwner
      init(_ number: Int32) { descriptor = FileDescriptorOwner(owning: number) }
    }

    init(_ layout: FakeLayout, _ context: SurfacelessContext, _ host: VulkanHost) throws {
      self.context = context
      self.host = host
      app = try AppFramebuffer(context.gl, size, .rgba8)
      // One that validation refuses is for attempts that make their own.
      buffer = try FakeDRMDriver.buffer(layout.description(size).planes.count > 4 ? .linear : layout, size)
      let planes = layout.planes(size).count
      disjoint = (2...4).contains(planes) ? try FakeDRMDriver.disjointBuffer(layout, size) : nil
      owners = [fake_drm_make_buffer(65536), fake_drm_make_buffer(65536), open("/dev/zero", O_RDWR | O_CLOEXEC)].map(
        Owner.init)
      let numbers = owners.map { $0.descriptor.withBorrowed { $0 } }
      descriptors = Array(numbers.prefix(2))
      noBuffer = numbers[2]
    }
  }

  /// The error that came, nil if none did.
  func error(_ scene: Scene) -> InteropError? {
    do throws(InteropError) {
      try attempt(scene)
      return nil
    } catch {
      return error
    }
  }
}

// MARK: Descriptions

extension Refusal {
  static let check = "check the DMA-BUF"

  private static func invalid(
    _ what: String, _ description: DMABufDescription, _ code: InteropError.Code = .invalidArgument,
    missing: [String] = [],
    step: String = check, driverCode: DriverCode? = nil,
    descriptors: @escaping @Sendable (Scene) -> [Int32] = { [$0.descriptors[0]] }
  ) -> Refusal {
    Refusal(description: what, code: code, step: step, missing: missing, driverCode: driverCode) {
      (scene) throws(InteropError) in _ = try DMABuf(description, duplicating: descriptors(scene))
    }
  }

  private static func described(
    _ planes: [DMABufDescription.Plane] = [.init(stride: 400)], size: PixelSize = size, format: DRMFourCC = .abgr8888,
    modifier: DRMModifier = .linear
  ) -> DMABufDescription { DMABufDescription(size: size, format: format, modifier: modifier, planes: planes) }

  static let descriptions: [Refusal] = [
    invalid("no size", described(size: PixelSize(width: 100, height: 0))),
    invalid("a size of more than 2^20", described(size: PixelSize(width: 100, height: 1 << 21))),
    invalid("an unknown format", described(format: DRMFourCC("ZZ99") ?? .r8), .unsupported, missing: ["ZZ99"]),
    invalid("no planes", described([])),
    invalid(
      "five planes", described(.init(repeating: .init(stride: 400), count: 5), modifier: FakeLayout.amdDCC.modifier)),
    invalid("two planes of linear AB24", described([.init(stride: 400), .init(stride: 400)])),
    invalid(
      "two planes of AB24 without a modifier", described([.init(stride: 400), .init(stride: 400)], modifier: .invalid)),
    invalid("one plane of tiled NV12", described(format: .nv12, modifier: FakeLayout.intelDG2CCS.modifier)),
    invalid("no DMA-BUF", described(), descriptors: { [$0.noBuffer] }),
    invalid("a closed descriptor", described(), driverCode: .posix(EBADF), descriptors: { [$0.noBuffer + 1000] }),
    invalid("descriptor -1", described(), driverCode: .posix(EBADF), descriptors: { _ in [-1] }),
    invalid("no descriptor", described(), descriptors: { _ in [] }),
    invalid("a buffer without a plane", described(), descriptors: { $0.descriptors }),
    invalid(
      "a buffer twice", described([.init(stride: 400), .init(object: 1, stride: 400)], modifier: .init(rawValue: 9)),
      descriptors: { [$0.descriptors[0], $0.descriptors[0]] }),
    invalid(
      "a plane in buffer 7",
      described([.init(stride: 400), .init(object: 7, stride: 400)], modifier: .init(rawValue: 9))),
    invalid(
      "a plane in buffer -1",
      described([.init(stride: 400), .init(object: -1, stride: 1)], modifier: .init(rawValue: 9))),
    invalid("a stride of 32 bits", described([.init(stride: 1 << 31)])),
    invalid("an offset of 32 bits", described([.init(offset: 1 << 31, stride: 400)])),
    invalid("an offset of 64 bits", described([.init(offset: .max, stride: .max)])),
    invalid("an offset at the end", described([.init(offset: 65536, stride: 400)])),
    invalid("a stride that is too small", described([.init(stride: 399)])),
    invalid("rows beyond the end", described([.init(offset: 65536 - 23999, stride: 400)])),
    Refusal(description: "five planes with descriptors", code: .invalidArgument, step: check) {
      (scene) throws(InteropError) in
      let plane = DMABuf.PlaneDescriptor(descriptor: scene.descriptors[0], offset: 0, stride: 400)
      _ = try DMABuf(
        size: size, format: .abgr8888, modifier: .linear, planes: .init(repeating: plane, count: 5))
    },
    Refusal(
      description: "a plane with a closed descriptor", code: .invalidArgument, step: check, driverCode: .posix(EBADF)
    ) { (scene) throws(InteropError) in
      let planes = [scene.descriptors[0], scene.noBuffer + 1000].map {
        DMABuf.PlaneDescriptor(descriptor: $0, offset: 0, stride: 400)
      }
      _ = try DMABuf(size: size, format: .abgr8888, modifier: .init(rawValue: 9), planes: planes)
    },
    // Adopting takes the descriptors on success only.
    Refusal(description: "adopting what does not fit", code: .invalidArgument, step: check) {
      (scene) throws(InteropError) in
      _ = try DMABuf(described([.init(stride: 399)]), adopting: [scene.descriptors[0]])
    },
  ]

}

// MARK: Vulkan

extension Refusal {
  private static let vulkanStep = "import a DMA-BUF into Vulkan"

  private static func vulkan(
    _ what: String, _ code: InteropError.Code = .unsupported, step: String = vulkanStep, missing: [String] = [],
    driverCode: DriverCode? = nil, layouts: [FakeLayout] = [.linear],
    settings: @escaping @Sendable (inout fake_drm_driver) -> Void = { _ in },
    attempt: @escaping @Sendable (Scene) throws(InteropError) -> Void = { (scene) throws(InteropError) in
      _ = try scene.buffer.importIntoVulkan(scene.host)
    }
  ) -> Refusal {
    Refusal(
      description: "Vulkan: " + what, code: code, step: step, missing: missing, driverCode: driverCode,
      layouts: layouts,
      settings: settings, attempt: attempt)
  }

  /// In the scene's first buffer.
  private static func buffer(
    _ scene: Scene, _ planes: [DMABufDescription.Plane], _ modifier: DRMModifier, _ format: DRMFourCC = .abgr8888
  ) throws(InteropError) -> DMABuf {
    try DMABuf(described(planes, format: format, modifier: modifier), duplicating: [scene.descriptors[0]])
  }

  private static let ofDisjointBuffers: @Sendable (Scene) throws(InteropError) -> Void = {
    (scene) throws(InteropError) in _ = try scene.disjoint?.importIntoVulkan(scene.host)
  }

  private static let row = DMABufDescription.Plane(stride: 400)

  static let vulkanImports: [Refusal] = [
    vulkan(
      "a YUV format",
      attempt: { (scene) throws(InteropError) in
        let planes: [DMABufDescription.Plane] = [.init(stride: 100), .init(offset: 6000, stride: 100)]
        _ = try buffer(scene, planes, .linear, .nv12).importIntoVulkan(scene.host)
      }),
    vulkan(
      "a format of other bytes", .invalidArgument,
      attempt: { (scene) throws(InteropError) in
        _ = try scene.buffer.importIntoVulkan(scene.host, format: .bgra8)
      }),
    vulkan(
      "a modifier it lacks", missing: ["AB24 \(FakeLayout.amdDCC.modifier)"],
      layouts: [FakeLayout.amdDCC.with { $0.vulkanPlanes = 0 }, .linear]),
    vulkan(
      "fewer planes than it expects", missing: ["3 planes"], layouts: [FakeLayout.amdDCC.with { $0.vulkanPlanes = 3 }]),
    vulkan(
      "more planes than it expects", missing: ["1 planes"],
      layouts: [FakeLayout.intelDG2CCSClearColor.with { $0.vulkanPlanes = 1 }]),
    vulkan(
      "several buffers", missing: ["VK_FORMAT_FEATURE_DISJOINT_BIT"], layouts: [.amdDCCRetile],
      attempt: ofDisjointBuffers),
    vulkan(
      "a size it lacks", missing: ["AB24 \(FakeLayout.armAFBC.modifier) dma-buf import"],
      layouts: [FakeLayout.armAFBC.with { $0.vulkanLargest = 99 }]),
    vulkan(
      "no modifier", missing: ["a DRM format modifier"],
      attempt: { (scene) throws(InteropError) in _ = try buffer(scene, [row], .invalid).importIntoVulkan(scene.host) }),
    vulkan("a buffer that is too small", .invalidArgument, settings: { $0.extra_bytes = 65536 }),
    vulkan(
      "buffers that are too small", .invalidArgument,
      layouts: [FakeLayout.intelGen12CCS.with { $0.hasDisjoint = true }],
      settings: { $0.extra_bytes = 4096 }, attempt: ofDisjointBuffers),
    vulkan(
      "no memory type", step: "vkGetMemoryFdPropertiesKHR", missing: ["a common memory type"],
      settings: { $0.has_no_memory_type = true }),
    vulkan(
      "a stride of 0", .driverFailure, step: "vkCreateImage",
      driverCode: .vulkan(VK_ERROR_INVALID_DRM_FORMAT_MODIFIER_PLANE_LAYOUT_EXT.rawValue),
      layouts: [.nvidiaBlockLinear],
      attempt: { (scene) throws(InteropError) in
        let plane = DMABufDescription.Plane(stride: 0)
        _ = try buffer(scene, [plane], FakeLayout.nvidiaBlockLinear.modifier).importIntoVulkan(scene.host)
      }),
    vulkan(
      "too small a buffer without a modifier", .invalidArgument, settings: { $0.extra_bytes = 65536 },
      attempt: { (scene) throws(InteropError) in
        _ = try buffer(scene, [row], .invalid).importIntoVulkan(scene.host, implicitLayout: .driversOwn)
      }),
  ]
}

// MARK: GL

extension Refusal {
  private static func gl(
    _ what: String, _ code: InteropError.Code, step: String, missing: [String] = [], driverCode: DriverCode? = nil,
    _ layouts: [FakeLayout], _ settings: @escaping @Sendable (inout fake_drm_driver) -> Void = { _ in }
  ) -> Refusal {
    Refusal(
      description: "GL: " + what, code: code, step: step, missing: missing, driverCode: driverCode, layouts: layouts,
      settings: settings
    ) { (scene) throws(InteropError) in _ = try scene.buffer.importIntoGL(scene.context.gl) }
  }

  private static let glStep = "import a DMA-BUF into GL"

  static let glImports: [Refusal] = [
    gl(
      "a modifier it lacks", .unsupported, step: glStep, missing: ["AB24 \(FakeLayout.armAFBC.modifier)"],
      [FakeLayout.armAFBC.with { $0.eglPlanes = 0 }, .linear]),
    gl(
      "a modifier it only samples", .unsupported, step: glStep,
      missing: ["rendering into AB24 \(FakeLayout.armAFBC.modifier)"],
      [FakeLayout.armAFBC.with { $0.isExternalOnly = true }]),
    gl(
      "an EGL without modifiers", .unsupported, step: glStep, missing: ["AB24 \(FakeLayout.armAFBC.modifier)"],
      [.armAFBC], { $0.lacks_egl_modifiers = true }),
    gl(
      "a listed format without modifiers", .driverFailure, step: "eglQueryDmaBufModifiersEXT",
      driverCode: .egl(EGL_BAD_PARAMETER), [.linear], { $0.refused_fourcc = DRMFourCC.abgr8888.rawValue }),
    gl(
      "a listed modifier that it refuses", .driverFailure, step: "eglCreateImageKHR", driverCode: .egl(EGL_BAD_MATCH),
      [FakeLayout.amdDCC.with { $0.eglError = EGL_BAD_MATCH }]),
    gl(
      "a listed modifier at another size", .driverFailure, step: "eglCreateImageKHR", driverCode: .egl(EGL_BAD_ALLOC),
      [FakeLayout.amdDCC.with { $0.eglLargest = 99 }]),
    gl(
      "more planes than it takes", .driverFailure, step: "eglCreateImageKHR", driverCode: .egl(EGL_BAD_ATTRIBUTE),
      [FakeLayout.intelGen12CCS.with { $0.eglPlanes = 1 }]),
    gl(
      "NVIDIA's linear", .driverFailure, step: "check the buffer's framebuffer",
      driverCode: .framebufferStatus(0x8CD6), [FakeLayout.linear.with { $0.cannotRender = true }]),
  ]

  private static func export(
    _ what: String, _ code: InteropError.Code, step: String, missing: [String] = [], driverCode: DriverCode? = nil,
    _ layout: FakeLayout = .amdDCCRetile, size: PixelSize = size, noTexture: Bool = false,
    _ settings: @escaping @Sendable (inout fake_drm_driver) -> Void = { _ in }
  ) -> Refusal {
    Refusal(
      description: "export: " + what, code: code, step: step, missing: missing, driverCode: driverCode,
      layouts: [layout],
      settings: settings
    ) { (scene) throws(InteropError) in
      _ = try DMABuf(exporting: noTexture ? 0 : scene.app.texture, size: size, gl: scene.context.gl)
    }
  }

  private static let exportStep = "export a texture as DMA-BUF"

  static let exports: [Refusal] = [
    export("no texture", .invalidArgument, step: exportStep, noTexture: true),
    export("no size", .invalidArgument, step: exportStep, size: PixelSize(width: 0, height: 1)),
    export(
      "the first plane of three, as Mesa", .unsupported, step: "eglExportDMABUFImageMESA",
      missing: ["an export of 3 planes"]
    ) { $0.exports = FAKE_DRM_EXPORT_FIRST_PLANE },
    export("five planes", .unsupported, step: "eglExportDMABUFImageQueryMESA", missing: ["an export of 5 planes"]) {
      $0.export_planes = 5
    },
    export("eight planes", .unsupported, step: "eglExportDMABUFImageQueryMESA", missing: ["an export of 8 planes"]) {
      $0.export_planes = 8
    },
    export(
      "a failure after the descriptors were written", .driverFailure, step: "eglExportDMABUFImageMESA",
      driverCode: .egl(EGL_BAD_ALLOC)
    ) { $0.exports = FAKE_DRM_EXPORT_FAILS_LATE },
    export(
      "NVIDIA's without a DRM node", .driverFailure, step: "eglExportDMABUFImageMESA", driverCode: .egl(EGL_BAD_MATCH)
    ) { $0.exports = FAKE_DRM_EXPORT_REFUSED },
    export("an unknown format", .unsupported, step: check, missing: ["ZZ99"]) {
      $0.export_fourcc = DRMFourCC("ZZ99")?.rawValue ?? 0
    },
    export("two planes of a linear texture", .invalidArgument, step: check, .linear) { $0.export_planes = 2 },
    export(
      "a stride that is too small", .invalidArgument, step: check, .linear, size: PixelSize(width: 300, height: 10)),
    export(
      "more rows than there are", .invalidArgument, step: check, .linear, size: PixelSize(width: 100, height: 300)),
  ]
}

// MARK: Allocation and both sides

extension Refusal {
  private static func allocation(
    _ what: String, _ code: InteropError.Code, step: String, missing: [String] = [], _ layouts: [FakeLayout],
    size: PixelSize = size, modifiers: [DRMModifier]? = nil, usage: VkImageUsageFlags? = nil,
    _ settings: @escaping @Sendable (inout fake_drm_driver) -> Void = { _ in }
  ) -> Refusal {
    Refusal(
      description: "allocation: " + what, code: code, step: step, missing: missing, layouts: layouts, settings: settings
    ) {
      (scene) throws(InteropError) in
      _ = try DMABufImage(size: size, format: .rgba8, modifiers: modifiers, usage: usage, host: scene.host)
    }
  }

  private static let allocationStep = "allocate a DMA-BUF in Vulkan"
  private static let noExport = ["rgba8 dma-buf export"]

  static let allocations: [Refusal] = [
    allocation("no size", .invalidArgument, step: allocationStep, [.linear], size: PixelSize(width: -1, height: 4)),
    allocation(
      "none of the modifiers", .unsupported, step: allocationStep, missing: noExport, FakeLayout.all,
      modifiers: [.invalid, .init(rawValue: 5)]),
    allocation("no modifiers", .unsupported, step: allocationStep, missing: noExport, FakeLayout.all, modifiers: []),
    allocation(
      "a size it lacks", .unsupported, step: allocationStep, missing: noExport,
      [FakeLayout.amdDCC.with { $0.vulkanLargest = 64 }, FakeLayout.linear.with { $0.vulkanLargest = 32 }]),
    allocation("only five planes", .unsupported, step: allocationStep, missing: noExport, [.fivePlanes]),
    allocation(
      "a modifier that was not asked for", .driverFailure, step: "vkGetImageDrmFormatModifierPropertiesEXT",
      [.linear, .amdDCC], modifiers: [.linear]
    ) {
      $0.misreports_modifier = true
      $0.reported_modifier = FakeLayout.amdDCC.modifier.rawValue
    },
    allocation(
      "no modifier at all", .driverFailure, step: "vkGetImageDrmFormatModifierPropertiesEXT", [.linear]
    ) {
      $0.misreports_modifier = true
      $0.reported_modifier = DRMModifier.invalid.rawValue
    },
    allocation("success without a descriptor", .driverFailure, step: "vkGetMemoryFdKHR", [.linear]) {
      $0.gives_no_descriptor = true
    },
  ]

  private static func shared(
    _ what: String, _ code: InteropError.Code, step: String, missing: [String] = [], driverCode: DriverCode? = nil,
    _ allocator: SharedMemoryAllocator, _ layouts: [FakeLayout],
    _ settings: @escaping @Sendable (inout fake_drm_driver) -> Void = { _ in }
  ) -> Refusal {
    Refusal(
      description: "shared, \(allocator): " + what, code: code, step: step, missing: missing, driverCode: driverCode,
      layouts: layouts, settings: settings
    ) { (scene) throws(InteropError) in
      if allocator == .neither {
        _ = try SharedImage(importing: scene.buffer, gl: scene.context.gl, host: scene.host, sync: .cpuWait)
      } else {
        _ = try SharedImage(
          .init(size: size, handleType: .dmaBuf, allocator: allocator), gl: scene.context.gl, host: scene.host,
          sync: .cpuWait)
      }
    }
  }

  static let sharedImages: [Refusal] = [
    // The reason is why GL refused the first one.
    shared(
      "every modifier", .driverFailure, step: "eglCreateImageKHR", driverCode: .egl(EGL_BAD_MATCH), .vulkan,
      [FakeLayout.amdDCC.with { $0.eglError = EGL_BAD_MATCH }, FakeLayout.linear.with { $0.cannotRender = true }]),
    shared(
      "nothing in common", .unsupported, step: allocationStep, missing: noExport, .vulkan,
      [FakeLayout.amdDCC.with { $0.eglPlanes = 0 }, FakeLayout.armAFBC.with { $0.vulkanPlanes = 0 }]),
    shared(
      "a listed format without modifiers", .driverFailure, step: "eglQueryDmaBufModifiersEXT",
      driverCode: .egl(EGL_BAD_PARAMETER), .vulkan, [.linear], { $0.refused_fourcc = DRMFourCC.abgr8888.rawValue }),
    shared(
      "a texture without a modifier", .unsupported, step: "eglExportDMABUFImageQueryMESA",
      missing: ["a DRM format modifier"], .gl, [.linear],
      { $0.export_modifier = DRMModifier.invalid.rawValue }),
    shared(
      "a texture of another format", .unsupported, step: "eglExportDMABUFImageQueryMESA",
      missing: ["an export of AB24"], .gl,
      [.linear], { $0.export_fourcc = DRMFourCC.argb8888.rawValue }),
    shared(
      "a texture of which only a plane is known", .unsupported, step: "eglExportDMABUFImageMESA",
      missing: ["an export of 2 planes"], .gl, [.amdDCC], { $0.exports = FAKE_DRM_EXPORT_FIRST_PLANE }),
    shared(
      "plane counts that differ", .unsupported, step: vulkanStep, missing: ["3 planes"], .neither,
      [FakeLayout.amdDCC.with { $0.vulkanPlanes = 3 }]),
    shared(
      "a buffer that is too small", .invalidArgument, step: vulkanStep, .neither, [.intelYTiledCCS],
      { $0.extra_bytes = 1 << 20 }),
  ]

  static let all =
    descriptions + vulkanImports + glImports + exports + allocations + sharedImages
}
