package import CFakeDRMDriver
package import GLVulkanInterop
import Glibc

/// A GPU's driver with tiled and compressed layouts before the machine's (Tests/FakeDRMDriver): what it lists, where it
/// lies, and what its calls were given that they must not be.
package enum FakeDRMDriver {
  /// Runs `body` while the driver stands there. What `body` makes must be gone at its end, contexts and devices too.
  ///
  /// - Parameters:
  ///   - layouts: what the driver has, the best first.
  ///   - size: of the images that Vulkan allocates and GL exports.
  ///   - settings: how the driver misbehaves.
  package static func run<Result>(
    _ layouts: [FakeLayout], size: PixelSize, _ settings: (inout fake_drm_driver) -> Void = { _ in },
    _ body: () throws -> Result
  ) rethrows -> Result {
    try DriverTrace.exclusively {
      var driver = fake_drm_driver()
      driver.export_fourcc = DRMFourCC.abgr8888.rawValue
      driver.export_modifier = layouts[0].modifier.rawValue
      driver.exports = FAKE_DRM_EXPORT_ONE_BUFFER
      settings(&driver)
      fake_drm_start(&driver)
      for layout in layouts { add(layout, size) }
      let before = DMABuf.inspector.withLock { inspector in
        defer { inspector = DMABuf.Inspector { inspect($0) } }
        return inspector
      }
      defer {
        DMABuf.inspector.withLock { $0 = before }
        fake_drm_stop()
      }
      return try body()
    }
  }

  /// The same with a context of each API, current on this thread, and a device.
  package static func eachAPI(
    _ layouts: [FakeLayout], size: PixelSize, _ settings: (inout fake_drm_driver) -> Void = { _ in },
    _ body: (SurfacelessContext, VulkanHost) throws -> Void
  ) throws {
    for api in TestStack.abilities.apis {
      try run(layouts, size: size, settings) {
        let (context, host) = try TestStack.open(api, traced: true)
        try body(context, host)
      }
    }
  }

  private static func add(_ layout: FakeLayout, _ size: PixelSize) {
    var modifier = fake_drm_modifier()
    let behaviour = layout.behaviour
    let places = layout.description(size).planes
    modifier.modifier = layout.modifier.rawValue
    modifier.vulkan_planes = UInt32(behaviour.vulkanPlanes ?? places.count)
    modifier.egl_planes = UInt32(behaviour.eglPlanes ?? places.count)
    modifier.has_disjoint = behaviour.hasDisjoint
    modifier.is_external_only = behaviour.isExternalOnly
    modifier.cannot_render = behaviour.cannotRender
    modifier.egl_error = behaviour.eglError
    modifier.egl_largest = UInt32(behaviour.eglLargest)
    modifier.vulkan_largest = UInt32(behaviour.vulkanLargest)
    modifier.bytes = layout.bytes(size)
    var planes = zip(places, layout.planes(size)).map {
      fake_drm_plane(offset: $0.offset, stride: $0.stride, size: $1.bytes)
    }
    planes += [fake_drm_plane](repeating: .init(), count: Int(FAKE_DRM_PLANES) - planes.count)
    fake_drm_add_modifier(&modifier, planes)
  }

  /// Other behaviour from here on.
  package static func change(_ layouts: [FakeLayout], _ settings: (inout fake_drm_driver) -> Void) {
    var driver = fake_drm_driver()
    driver.export_fourcc = DRMFourCC.abgr8888.rawValue
    driver.export_modifier = layouts[0].modifier.rawValue
    driver.exports = FAKE_DRM_EXPORT_ONE_BUFFER
    settings(&driver)
    fake_drm_change(&driver)
  }

  /// As the kernel is asked, with the driver's memfds taken for DMA-BUFs.
  private static func inspect(_ descriptor: Int32) -> Swift.Result<DMABufObject, InteropError> {
    DMABuf.askKernel(descriptor).map { object in
      var object = object
      object.isDMABuf = fake_drm_is_buffer(descriptor)
      return object
    }
  }

  /// What broke the rules since the driver was started.
  package static var violations: [String] {
    var found: [String] = []
    while let text = fake_drm_violation(Int32(found.count)) { found.append(String(cString: text)) }
    return found
  }

  // MARK: Buffers

  /// Descriptors of new buffers, for the duration of `body`.
  package static func withBuffers<Result>(_ bytes: [UInt64], _ body: ([Int32]) throws -> Result) throws -> Result {
    var numbers: [Int32] = []
    defer { for number in numbers { close(number) } }
    for size in bytes {
      let number = fake_drm_make_buffer(size)
      guard number >= 0 else {
        throw InteropError(
          .driverFailure, step: "memfd_create", reason: "no buffer of \(size) bytes", driverCode: .posix(-number))
      }
      numbers.append(number)
    }
    return try body(numbers)
  }

  /// An image in one new buffer.
  package static func buffer(
    _ layout: FakeLayout, _ size: PixelSize, _ format: DRMFourCC = .abgr8888
  ) throws -> DMABuf {
    try withBuffers([layout.bytes(size)]) { try DMABuf(layout.description(size, format), duplicating: $0) }
  }

  /// An image with every plane in a buffer of its own.
  package static func disjointBuffer(_ layout: FakeLayout, _ size: PixelSize) throws -> DMABuf {
    try withBuffers(layout.disjointBytes(size)) { try DMABuf(layout.disjointDescription(size), duplicating: $0) }
  }
}
