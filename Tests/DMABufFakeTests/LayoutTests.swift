import CInteropGraphics
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Every layout that GPUs have, in every direction: the planes, modifiers and descriptors that the drivers are given
/// are those of the buffer.
@Suite("Layouts of GPUs", .serialized) struct LayoutTests {
  static let size = PixelSize(width: 200, height: 120)
  static let dmaBuf = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT.rawValue

  static func planes(_ buffer: DMABuf) -> [RecordedCall.PlaneLayout] {
    buffer.planes.map { RecordedCall.PlaneLayout(offset: $0.offset, stride: $0.stride) }
  }

  private static func creation(_ calls: [RecordedCall]) throws -> RecordedCall.ImageCreation {
    let found = calls.compactMap { call -> RecordedCall.ImageCreation? in
      if case .createImage(let creation) = call.details { creation } else { nil }
    }
    #expect(found.count == 1)
    return try #require(found.first)
  }

  private static func allocations(_ calls: [RecordedCall]) -> [(RecordedCall.MemoryAllocation, inode: UInt64)] {
    calls.compactMap { call in
      if case .allocateMemory(let allocation) = call.details { (allocation, call.inode) } else { nil }
    }
  }

  // MARK: Vulkan imports

  @Test(arguments: FakeLayout.all) func vulkanImports(layout: FakeLayout) throws {
    try FakeDRMDriver.eachAPI([layout], size: Self.size) { _, host in
      let buffer = try FakeDRMDriver.buffer(layout, Self.size)
      try Leftovers.expectNone("\(layout)") {
        var image: DMABufImage?
        let calls = try DriverTrace.record(on: .current) { image = try buffer.importIntoVulkan(host) }
        let creation = try Self.creation(calls)
        #expect(creation.explicitModifier == layout.modifier.rawValue && creation.modifiers == nil)
        #expect(creation.planes == Self.planes(buffer))
        #expect(creation.tiling == VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT)
        #expect(creation.flags == VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue)
        #expect(creation.formatList == [VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_R8G8B8A8_SRGB])
        #expect(creation.externalHandleTypes == Self.dmaBuf)
        let made = Self.allocations(calls)
        #expect(made.count == 1)
        let (allocation, inode) = try #require(made.first)
        #expect(allocation.importHandleType == Self.dmaBuf && allocation.dedicatedImage == creation.image)
        #expect(inode == buffer.objects[0].inode)
        // Vulkan got a descriptor of its own.
        let lent = buffer.withDescriptors { $0 }
        #expect(!lent.contains(allocation.importDescriptor ?? -1))
        let modifier = image?.modifier
        #expect(modifier == layout.modifier)
        image = nil
      }
    }
  }

  @Test(arguments: FakeLayout.all.filter { $0.description(LayoutTests.size).planes.count > 1 })
  func vulkanImportsPlanesOfSeveralBuffers(layout: FakeLayout) throws {
    let layout = layout.with { $0.hasDisjoint = true }
    try FakeDRMDriver.eachAPI([layout], size: Self.size) { _, host in
      let buffer = try FakeDRMDriver.disjointBuffer(layout, Self.size)
      try Leftovers.expectNone("\(layout), disjoint") {
        var image: DMABufImage?
        let calls = try DriverTrace.record(on: .current) { image = try buffer.importIntoVulkan(host) }
        let isMade = image != nil
        #expect(isMade)
        let creation = try Self.creation(calls)
        #expect(creation.flags & VK_IMAGE_CREATE_DISJOINT_BIT.rawValue != 0)
        #expect(creation.planes == Self.planes(buffer))
        let made = Self.allocations(calls)
        // One import for each plane, of that plane's buffer.
        let inodes = made.map(\.inode)
        let wanted = buffer.planes.map { buffer.objects[$0.object].inode }
        #expect(inodes == wanted)
        let isDedicated = made.contains { $0.0.dedicatedImage != 0 }
        #expect(!isDedicated)
        let bindings = calls.flatMap { call -> [RecordedCall.PlaneBinding] in
          if case .bindPlanes(let planes) = call.details { planes } else { [] }
        }
        let aspects = [
          VK_IMAGE_ASPECT_MEMORY_PLANE_0_BIT_EXT, VK_IMAGE_ASPECT_MEMORY_PLANE_1_BIT_EXT,
          VK_IMAGE_ASPECT_MEMORY_PLANE_2_BIT_EXT, VK_IMAGE_ASPECT_MEMORY_PLANE_3_BIT_EXT,
        ].map(\.rawValue)
        let bound = bindings.map(\.aspect)
        #expect(bound == Array(aspects.prefix(buffer.planes.count)))
        let memories = zip(bindings, made).allSatisfy { $0.memory == $1.0.memory && $0.offset == 0 }
        #expect(memories)
        image = nil
      }
    }
  }

  /// Two of three planes in one buffer: three imports, two buffers.
  @Test func planesThatShareOneOfTwoBuffers() throws {
    let layout = FakeLayout.amdDCCRetile.with { $0.hasDisjoint = true }
    try FakeDRMDriver.eachAPI([layout], size: Self.size) { context, host in
      let one = layout.description(Self.size)
      let bytes = layout.bytes(Self.size)
      try FakeDRMDriver.withBuffers([bytes, bytes]) { numbers in
        var described = one
        described.planes[0].object = 1
        let buffer = try DMABuf(described, duplicating: numbers)
        try Leftovers.expectNone("\(layout) in two buffers") {
          let image = try buffer.importIntoVulkan(host)
          let texture = try buffer.importIntoGL(context.gl)
          withExtendedLifetime((image, texture)) {}
        }
      }
    }
  }

  // MARK: GL imports

  @Test(arguments: FakeLayout.all) func glImports(layout: FakeLayout) throws {
    try FakeDRMDriver.eachAPI([layout], size: Self.size) { context, _ in
      for buffer in [try FakeDRMDriver.buffer(layout, Self.size), try FakeDRMDriver.disjointBuffer(layout, Self.size)] {
        try Leftovers.expectNone("\(layout)") {
          var texture: DMABufTexture?
          let calls = try DriverTrace.record(on: .current) { texture = try buffer.importIntoGL(context.gl) }
          let found = calls.compactMap { call -> RecordedCall.EGLImageCreation? in
            if case .createEGLImage(let creation) = call.details { creation } else { nil }
          }
          let creation = try #require(found.first)
          #expect(found.count == 1 && creation.target == UInt32(EGL_LINUX_DMA_BUF_EXT) && creation.buffer == 0)
          let wanted = Self.attributes(buffer)
          #expect(creation.attributes == wanted)
          let framebuffer = texture?.renderFramebuffer
          #expect(framebuffer != nil)
          texture = nil
        }
      }
    }
  }

  /// Attributes as EGL_EXT_image_dma_buf_import(_modifiers) define them.
  private static func attributes(_ buffer: DMABuf) -> [Int32: Int32] {
    let names: [(Int32, Int32, Int32, Int32, Int32)] = [
      (0x3272, 0x3273, 0x3274, 0x3443, 0x3444), (0x3275, 0x3276, 0x3277, 0x3445, 0x3446),
      (0x3278, 0x3279, 0x327A, 0x3447, 0x3448), (0x3440, 0x3441, 0x3442, 0x3449, 0x344A),
    ]
    var wanted: [Int32: Int32] = [
      EGL_WIDTH: Int32(buffer.size.width), EGL_HEIGHT: Int32(buffer.size.height), 0x3271: 0x3432_4241,
    ]
    let numbers = buffer.withDescriptors { $0 }
    for (plane, name) in zip(buffer.planes, names) {
      wanted[name.0] = numbers[plane.object]
      wanted[name.1] = Int32(plane.offset)
      wanted[name.2] = Int32(plane.stride)
      wanted[name.3] = Int32(truncatingIfNeeded: buffer.modifier.rawValue)
      wanted[name.4] = Int32(truncatingIfNeeded: buffer.modifier.rawValue >> 32)
    }
    return wanted
  }

  /// linux-dmabuf gives a descriptor with every plane: of one buffer they are told by its inode, not by their number.
  @Test func aDescriptorForEachPlane() throws {
    let layout = FakeLayout.intelGen12CCSClearColor
    try FakeDRMDriver.eachAPI([layout], size: Self.size) { context, host in
      let described = layout.description(Self.size)
      try FakeDRMDriver.withBuffers([layout.bytes(Self.size)]) { numbers in
        let copies = try described.planes.map { _ in try FileDescriptorBox(numbers[0]) }
        let planes = zip(described.planes, copies).map {
          DMABuf.PlaneDescriptor(descriptor: $1.number, offset: $0.offset, stride: $0.stride)
        }
        try Leftovers.expectNone("a descriptor for each plane") {
          let buffer = try DMABuf(size: Self.size, format: .abgr8888, modifier: layout.modifier, planes: planes)
          let (objects, isDisjoint) = (buffer.objects.count, buffer.description.isDisjoint)
          #expect(objects == 1 && !isDisjoint)
          _ = try buffer.importIntoVulkan(host)
          _ = try buffer.importIntoGL(context.gl)
        }
        withExtendedLifetime(copies) {}
      }
    }
  }

  /// An array holds no noncopyable values.
  private final class FileDescriptorBox {
    let owner: FileDescriptorOwner
    var number: Int32 { owner.withBorrowed { $0 } }
    init(_ number: Int32) throws { owner = try FileDescriptorOwner(duplicating: number) }
  }

  // MARK: Vulkan allocates

  @Test(arguments: FakeLayout.all) func vulkanAllocates(layout: FakeLayout) throws {
    try FakeDRMDriver.eachAPI([layout, .fivePlanes], size: Self.size) { _, host in
      try Leftovers.expectNone("\(layout)") {
        var image: DMABufImage?
        let calls = try DriverTrace.record(on: .current) {
          image = try DMABufImage(size: Self.size, format: .rgba8, host: host)
        }
        let creation = try Self.creation(calls)
        // Not the one with five planes, which no API could import.
        #expect(creation.modifiers == [layout.modifier.rawValue] && creation.explicitModifier == nil)
        let buffer = try #require(image?.dmaBuf)
        let description = buffer.description
        #expect(description == layout.description(Self.size))
        let (allocation, _) = try #require(Self.allocations(calls).first)
        #expect(allocation.exportHandleTypes == Self.dmaBuf && allocation.dedicatedImage == creation.image)
        #expect(allocation.size == layout.bytes(Self.size))
        let size = image?.memorySize
        #expect(size == layout.bytes(Self.size))
        image = nil
      }
    }
  }

  @Test func vulkanIsGivenTheModifiersThatOthersTake() throws {
    let layouts = FakeLayout.all
    try FakeDRMDriver.eachAPI(layouts, size: Self.size) { _, host in
      let wanted: [DRMModifier] = [
        FakeLayout.amdDCC.modifier, .invalid, FakeLayout.armAFBC.modifier, .init(rawValue: 77),
      ]
      var image: DMABufImage?
      let calls = try DriverTrace.record(on: .current) {
        image = try DMABufImage(size: Self.size, format: .bgra8, modifiers: wanted, host: host)
      }
      let creation = try Self.creation(calls)
      #expect(creation.modifiers == [FakeLayout.amdDCC.modifier.rawValue, FakeLayout.armAFBC.modifier.rawValue])
      let (modifier, format) = (image?.modifier, image?.dmaBuf.format)
      #expect(modifier == FakeLayout.amdDCC.modifier && format == .argb8888)
      image = nil
    }
  }

  // MARK: GL exports

  @Test(arguments: FakeLayout.all, ExportedPlanes.allCases)
  func glExports(layout: FakeLayout, mode: ExportedPlanes) throws {
    let layout = layout.with { $0.hasDisjoint = true }
    try FakeDRMDriver.eachAPI([layout], size: Self.size, { $0.exports = mode.mode }) { context, host in
      let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
      let texture = app.texture
      try Leftovers.expectNone("\(layout), \(mode)") {
        let buffer = try DMABuf(exporting: texture, size: Self.size, gl: context.gl)
        let planes = Self.planes(buffer)
        let wanted = layout.description(Self.size).planes.map {
          RecordedCall.PlaneLayout(offset: $0.offset, stride: $0.stride)
        }
        #expect(planes == wanted)
        let (modifier, format, objects) = (buffer.modifier, buffer.format, buffer.objects.count)
        #expect(modifier == layout.modifier && format == .abgr8888)
        #expect(objects == (mode == .buffers ? planes.count : 1))
        _ = try buffer.importIntoVulkan(host)
      }
    }
  }

  // MARK: Without a modifier

  /// radeonsi exports textures without a modifier.
  @Test(arguments: [ImplicitLayout.refuse, .linear, .driversOwn]) func anExportWithoutAModifier(layout: ImplicitLayout)
    throws
  {
    try FakeDRMDriver.eachAPI([.linear], size: Self.size, { $0.export_modifier = DRMModifier.invalid.rawValue }) {
      context, host in
      let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
      let texture = app.texture
      try Leftovers.expectNone("\(layout)") {
        let buffer = try DMABuf(exporting: texture, size: Self.size, gl: context.gl)
        let modifier = buffer.modifier
        #expect(modifier == .invalid)
        var refusal: InteropError?
        let calls = try DriverTrace.record(on: .current) {
          do throws(InteropError) {
            _ = try buffer.importIntoVulkan(host, implicitLayout: layout)
          } catch {
            refusal = error
          }
          // EGL is told none, and takes its driver's own layout.
          _ = try buffer.importIntoGL(context.gl)
        }
        let told = calls.compactMap { call -> Bool? in
          if case .createEGLImage(let creation) = call.details { creation.attributes[0x3443] != nil } else { nil }
        }
        #expect(told == [false])
        guard layout != .refuse else {
          #expect(refusal?.code == .unsupported && refusal?.missing == ["a DRM format modifier"])
          return
        }
        #expect(refusal == nil)
        let creation = try Self.creation(calls)
        #expect(creation.explicitModifier == (layout == .linear ? 0 : nil))
        #expect(
          creation.tiling == (layout == .linear ? VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT : VK_IMAGE_TILING_OPTIMAL))
      }
    }
  }

  // MARK: What can only be sampled

  @Test func anExternalOnlyModifierIsSampled() throws {
    let layout = FakeLayout.armAFBC.with { $0.isExternalOnly = true }
    try FakeDRMDriver.eachAPI([layout], size: Self.size) { context, _ in
      let buffer = try FakeDRMDriver.buffer(layout, Self.size)
      try Leftovers.expectNone("external only") {
        guard context.gl.extensions.contains("GL_OES_EGL_image_external") else {
          let error = #expect(throws: InteropError.self) { try buffer.importIntoGL(context.gl, for: .sampling) }
          #expect(error?.code == .unsupported && error?.missing == ["GL_OES_EGL_image_external"])
          return
        }
        let texture = try buffer.importIntoGL(context.gl, for: .sampling)
        let (target, framebuffer) = (texture.target, texture.renderFramebuffer)
        #expect(target == GLenum(GL_TEXTURE_EXTERNAL_OES) && framebuffer == nil)
      }
    }
  }

  /// NVIDIA samples linear memory and renders into none (egl-wayland#90).
  @Test func whatCannotBeRenderedIntoIsSampled() throws {
    let layout = FakeLayout.linear.with { $0.cannotRender = true }
    try FakeDRMDriver.eachAPI([layout], size: Self.size) { context, _ in
      let buffer = try FakeDRMDriver.buffer(layout, Self.size)
      try Leftovers.expectNone("sampling only") {
        let texture = try buffer.importIntoGL(context.gl, for: .sampling)
        let (target, framebuffer) = (texture.target, texture.renderFramebuffer)
        #expect(target == GLenum(GL_TEXTURE_2D) && framebuffer == nil)
      }
    }
  }

  /// Mesa 25.0.7 does not write external_only: what is there counts as false.
  @Test func externalOnlyLeftUnwrittenIsFalse() throws {
    let layout = FakeLayout.linear
    try FakeDRMDriver.eachAPI([layout], size: Self.size, { $0.leaves_external_only = true }) { context, _ in
      let buffer = try FakeDRMDriver.buffer(layout, Self.size)
      try Leftovers.expectNone("external_only unwritten") {
        let texture = try buffer.importIntoGL(context.gl)
        let target = texture.target
        #expect(target == GLenum(GL_TEXTURE_2D))
      }
    }
  }

  // MARK: Both sides

  static let syncs: [SyncKind] = [.syncFile, .cpuWait]

  @Test(arguments: FakeLayout.all, SharedMemoryAllocator.allCases)
  func bothSidesHaveAccess(layout: FakeLayout, allocator: SharedMemoryAllocator) throws {
    try FakeDRMDriver.eachAPI([layout], size: Self.size) { context, host in
      let foreign = try FakeDRMDriver.buffer(layout, Self.size)
      for direction in TransferDirection.allCases {
        for sync in Self.syncs {
          try Leftovers.expectNone("\(layout), \(allocator), \(direction), \(sync)") {
            let image = try Self.shared(allocator, direction, sync, foreign, context, host)
            let (modifier, family) = (image.modifier, image.outsideFamily)
            #expect(modifier == layout.modifier && family == OwnershipTransferBarrier.foreignFamily)
            for _ in 0..<2 { try Self.accesses(image) }
            try image.retire()
          }
        }
      }
    }
  }

  static func shared(
    _ allocator: SharedMemoryAllocator, _ direction: TransferDirection, _ sync: SyncKind, _ foreign: DMABuf,
    _ context: SurfacelessContext, _ host: VulkanHost
  ) throws(InteropError) -> SharedImage {
    guard allocator != .neither else {
      return try SharedImage(importing: foreign, direction: direction, gl: context.gl, host: host, sync: sync)
    }
    return try SharedImage(
      .init(size: size, direction: direction, handleType: .dmaBuf, allocator: allocator), gl: context.gl, host: host,
      sync: sync)
  }

  static func accesses(_ image: SharedImage) throws {
    if image.description.direction == .vulkanToGL { try image.access(.general) { (_) throws(InteropError) in } }
    try image.accessInGL {}
    if image.description.direction == .glToVulkan { try image.access(.general) { (_) throws(InteropError) in } }
  }

  /// A listed modifier may fail at some sizes (KhronosGroup/EGL-Registry#201); NVIDIA's linear cannot be rendered into.
  /// The next one is taken.
  @Test func theNextModifierIsTried() throws {
    let layouts = [
      FakeLayout.fivePlanes, FakeLayout.amdDCCRetile.with { $0.eglLargest = 64 },
      FakeLayout.linear.with { $0.cannotRender = true }, FakeLayout.intelYTiledCCS.with { $0.eglPlanes = 1 },
      FakeLayout.armAFBC.with { $0.isExternalOnly = true },
      FakeLayout.nvidiaBlockLinear.with { $0.vulkanLargest = 128 },
      FakeLayout.intelGen12CCS,
    ]
    try FakeDRMDriver.eachAPI(layouts, size: Self.size) { context, host in
      try Leftovers.expectNone("the next modifier") {
        let image = try SharedImage(.init(size: Self.size, handleType: .dmaBuf), gl: context.gl, host: host)
        let modifier = image.modifier
        #expect(modifier == FakeLayout.intelGen12CCS.modifier)
        try Self.accesses(image)
        try image.retire()
      }
    }
  }
}
