internal import CFakeDRMDriver
package import GLVulkanInterop

/// A layout as a GPU's driver reports it: a modifier and where its memory planes lie. Of formats with 4 bytes a pixel.
///
/// What the planes are is from drm_fourcc.h, whose comments are cited; strides and sizes are computed as they say.
/// Where they leave a metadata plane's size open (AMD), it is that of one byte for 256 bytes of the main surface.
package struct FakeLayout: Sendable, CustomStringConvertible {
  package struct Plane: Sendable, Hashable {
    package var stride: UInt64
    package var bytes: UInt64
    /// Of its beginning in the buffer.
    package var alignment: UInt64 = 4096
  }

  package var name: String
  package var modifier: DRMModifier
  package var planes: @Sendable (PixelSize) -> [Plane]
  /// How the driver behaves with it.
  package var behaviour = Behaviour()

  package struct Behaviour: Sendable {
    /// Planes that Vulkan and EGL speak of; nil for those there are, 0 for a side that lacks the modifier.
    package var vulkanPlanes: Int?
    package var eglPlanes: Int?
    package var hasDisjoint = false
    package var isExternalOnly = false
    package var cannotRender = false
    /// What eglCreateImageKHR answers though it lists the modifier.
    package var eglError: Int32 = 0
    /// The largest side that EGL really takes, and that Vulkan says it has; 0 for any.
    package var eglLargest = 0
    package var vulkanLargest = 0
    package init() {}
  }

  package init(_ name: String, _ modifier: UInt64, _ planes: @escaping @Sendable (PixelSize) -> [Plane]) {
    self.name = name
    self.modifier = DRMModifier(rawValue: modifier)
    self.planes = planes
  }

  package var description: String { name }

  /// With other behaviour.
  package func with(_ change: (inout Behaviour) -> Void) -> FakeLayout {
    var changed = self
    change(&changed.behaviour)
    return changed
  }

  // MARK: In memory

  /// The planes one after another in one buffer.
  package func description(_ size: PixelSize, _ format: DRMFourCC = .abgr8888) -> DMABufDescription {
    var end: UInt64 = 0
    let described = planes(size).map { plane in
      let offset = align(end, plane.alignment)
      end = offset + plane.bytes
      return DMABufDescription.Plane(offset: offset, stride: plane.stride)
    }
    return DMABufDescription(size: size, format: format, modifier: modifier, planes: described)
  }

  /// Of that one buffer.
  package func bytes(_ size: PixelSize) -> UInt64 {
    guard let last = planes(size).last, let plane = description(size).planes.last else { return 0 }
    return align(plane.offset + last.bytes, 4096)
  }

  /// Every plane in a buffer of its own, from byte 64 on.
  package func disjointDescription(_ size: PixelSize, _ format: DRMFourCC = .abgr8888) -> DMABufDescription {
    let described = planes(size).enumerated().map { index, plane in
      DMABufDescription.Plane(object: index, offset: 64, stride: plane.stride)
    }
    return DMABufDescription(size: size, format: format, modifier: modifier, planes: described)
  }

  package func disjointBytes(_ size: PixelSize) -> [UInt64] { planes(size).map { align(64 + $0.bytes, 4096) } }
}

private func align(_ value: UInt64, _ alignment: UInt64) -> UInt64 { (value + alignment - 1) / alignment * alignment }

// MARK: The layouts

extension FakeLayout {
  /// Rows of tiles of `tile` bytes by `rows`; the stride a multiple of `pitch`.
  private static func tiled(_ size: PixelSize, pitch: UInt64, rows: UInt64, alignment: UInt64 = 4096) -> Plane {
    let stride = align(UInt64(size.width) * 4, pitch)
    return Plane(stride: stride, bytes: stride * align(UInt64(size.height), rows), alignment: alignment)
  }

  package static let linear = FakeLayout("LINEAR", DRMModifier.linear.rawValue) { size in
    let stride = align(UInt64(size.width) * 4, 64)
    return [Plane(stride: stride, bytes: stride * UInt64(size.height))]
  }

  /// "The main surface will be plane index 0 and must be Y/Yf-tiled, the CCS will be plane index 1. Each CCS tile
  /// matches a 1024x512 pixel area of the main surface … the CCS pitch must be specified in multiples of 128 bytes."
  package static let intelYTiledCCS = FakeLayout("Intel Y-tiled CCS", fake_drm_intel_y_tiled_ccs) { size in
    let stride = align(UInt64(size.width), 1024) / 1024 * 128
    return [
      tiled(size, pitch: 128, rows: 32),
      Plane(stride: stride, bytes: stride * 32 * (align(UInt64(size.height), 512) / 512)),
    ]
  }

  /// "The main surface is Y-tiled and at plane index 0, the CCS is linear and at index 1. A 64B CCS cache line
  /// corresponds to an area of 4x1 tiles in main surface … The main surface pitch is required to be a multiple of four
  /// Y-tile widths."
  private static func gen12(_ size: PixelSize) -> [Plane] {
    let main = tiled(size, pitch: 512, rows: 32)
    return [main, Plane(stride: main.stride / 8, bytes: main.stride / 8 * (align(UInt64(size.height), 32) / 32))]
  }

  package static let intelGen12CCS = FakeLayout("Intel gen12 RC CCS", fake_drm_intel_gen12_rc_ccs) { gen12($0) }

  /// "The clear color is stored at index 2, and the pitch should be 64 bytes aligned. The clear color structure is 256
  /// bits."
  package static let intelGen12CCSClearColor = FakeLayout(
    "Intel gen12 RC CCS with clear colour", fake_drm_intel_gen12_rc_ccs_cc
  ) { gen12($0) + [Plane(stride: 64, bytes: 64)] }

  /// "The main surface is Tile 4 and at plane index 0. The CCS data is stored outside of the GEM object … The main
  /// surface pitch is required to be a multiple of four Tile 4 widths."
  package static let intelDG2CCS = FakeLayout("Intel DG2 RC CCS", fake_drm_intel_dg2_rc_ccs) {
    [tiled($0, pitch: 512, rows: 32)]
  }

  /// "The clear color is stored at plane index 1 and the pitch should be 64 bytes aligned."
  package static let intelDG2CCSClearColor = FakeLayout(
    "Intel DG2 RC CCS with clear colour", fake_drm_intel_dg2_rc_ccs_cc
  ) { [tiled($0, pitch: 512, rows: 32), Plane(stride: 64, bytes: 64)] }

  /// Blocks of 64 KiB, 128x128 pixels of 4 bytes.
  private static func gfx10(_ size: PixelSize) -> Plane { tiled(size, pitch: 512, rows: 128, alignment: 65536) }

  private static func dcc(_ main: Plane) -> Plane {
    Plane(stride: main.stride / 4, bytes: align(main.bytes / 256, 4096), alignment: 4096)
  }

  /// "with DCC & without DCC_RETILE: main surface in plane 0, DCC surface in plane 1".
  package static let amdDCC = FakeLayout("AMD GFX10.3 DCC", fake_drm_amd_dcc) { size in
    let main = gfx10(size)
    return [main, dcc(main)]
  }

  /// "with DCC & DCC_RETILE: main surface in plane 0, displayable DCC surface in plane 1, pipe-aligned DCC surface in
  /// plane 2".
  package static let amdDCCRetile = FakeLayout("AMD GFX10.3 displayable DCC", fake_drm_amd_dcc_retile) { size in
    let main = gfx10(size)
    return [main, dcc(main), dcc(main)]
  }

  /// "Groups of Bytes (GOBs) … arranged in 3D blocks": GOBs of 64x8 bytes, blocks of 16 of them.
  package static let nvidiaBlockLinear = FakeLayout("NVIDIA block-linear", fake_drm_nvidia_block_linear) {
    [tiled($0, pitch: 64, rows: 128)]
  }

  /// A header of 16 bytes for each superblock of 16x16, then the superblocks with the room of uncompressed ones
  /// (SPARSE).
  package static let armAFBC = FakeLayout("Arm AFBC 16x16", fake_drm_arm_afbc) { size in
    let blocks = align(UInt64(size.width), 16) / 16 * (align(UInt64(size.height), 16) / 16)
    return [Plane(stride: align(UInt64(size.width), 16) * 4, bytes: align(blocks * 16, 64) + blocks * 1024)]
  }

  /// A layout of five planes, which no API can describe.
  package static let fivePlanes = FakeLayout("five planes", 0x0A00_0000_0000_0005) { size in
    let main = tiled(size, pitch: 64, rows: 8)
    return [Plane](repeating: main, count: 5)
  }

  /// Those that drivers have.
  package static let all: [FakeLayout] = [
    linear, intelYTiledCCS, intelGen12CCS, intelGen12CCSClearColor, intelDG2CCS, intelDG2CCSClearColor, amdDCC,
    amdDCCRetile, nvidiaBlockLinear, armAFBC,
  ]
}
