public import InteropBase

/// Describes a DMA-BUF's content without its file descriptors, for sending to another process, as JSON for example.
///
/// Any program can make one, so it is not trusted: ``validate(_:)`` compares it with the buffers before a driver gets
/// either.
public struct DMABufDescription: Sendable, Hashable, Codable {
  /// The size in pixels.
  public var size: PixelSize
  /// The pixel format.
  public var format: DRMFourCC
  /// The memory layout; ``DRMModifier/invalid`` where it is unknown.
  public var modifier: DRMModifier
  /// The memory planes in the order of drm_fourcc.h, 1 to 4: for linear memory the format's planes, for a compressed
  /// layout also its auxiliary planes (AMD's DCC up to 3, Intel's CCS mostly 2).
  public var planes: [Plane]

  /// The position of a plane.
  public struct Plane: Sendable, Hashable, Codable {
    /// The index of the plane's buffer, which is that of its descriptor. Planes of one buffer share it.
    public var object: Int
    /// Bytes from the buffer's beginning.
    public var offset: UInt64
    /// Bytes from one row to the next.
    public var stride: UInt64

    /// Describes a plane of buffer `object`.
    public init(object: Int = 0, offset: UInt64 = 0, stride: UInt64) {
      self.object = object
      self.offset = offset
      self.stride = stride
    }
  }

  /// Makes a description without a check: ``DMABuf`` checks it against the buffers.
  public init(size: PixelSize, format: DRMFourCC, modifier: DRMModifier, planes: [Plane]) {
    self.size = size
    self.format = format
    self.modifier = modifier
    self.planes = planes
  }

  /// Whether the planes are in more than one buffer (Vulkan: VK_IMAGE_CREATE_DISJOINT_BIT).
  public var isDisjoint: Bool { Set(planes.map(\.object)).count > 1 }
}

/// The kernel's description of one buffer.
public struct DMABufObject: Sendable, Hashable {
  /// Whether the descriptor is a DMA-BUF, and not another kind of file.
  public var isDMABuf: Bool
  /// Whether the descriptor allows writing.
  public var isWritable: Bool
  /// The size in bytes.
  public var size: UInt64
  /// The inode, which is the same for every descriptor of one buffer.
  public var inode: UInt64

  /// Makes a description of a buffer.
  public init(isDMABuf: Bool = true, isWritable: Bool = true, size: UInt64, inode: UInt64) {
    self.isDMABuf = isDMABuf
    self.isWritable = isWritable
    self.size = size
    self.inode = inode
  }
}

extension DMABufDescription {
  /// The largest number of planes for which EGL and DRM have attributes.
  package static let maximumPlanes = 4
  /// EGL's attributes and DRM's framebuffers hold offset and stride as signed 32-bit numbers.
  private static let maximumAttribute = UInt64(Int32.max)

  /// Refuses an impossible description before any driver gets it.
  ///
  /// - Parameter objects: the buffers that ``Plane/object`` indexes.
  /// - Throws: ``InteropError/Code/invalidArgument`` naming the plane and the number that is wrong;
  ///   ``InteropError/Code/unsupported`` for a format this package does not know.
  public func validate(_ objects: [DMABufObject]) throws(InteropError) {
    let step = "check the DMA-BUF"
    func invalid(_ reason: String, _ advice: String? = nil) -> InteropError {
      InteropError(.invalidArgument, step: step, reason: reason, advice: advice)
    }
    try size.validate(step)
    guard let colorPlanes = format.colorPlanes else {
      throw InteropError(
        .unsupported, step: step, reason: "\(format) is no pixel format of this package", missing: ["\(format)"],
        advice: "Known are \(DRMFourCC.known.map(\.description).joined(separator: ", "))")
    }
    guard (1...Self.maximumPlanes).contains(planes.count) else {
      throw invalid("it has \(planes.count) planes", "Give 1 to \(Self.maximumPlanes) planes")
    }
    if modifier == .linear || modifier == .invalid, planes.count != colorPlanes.count {
      throw invalid("\(planes.count) planes for \(modifier) \(format), which has \(colorPlanes.count)")
    }
    guard planes.count >= colorPlanes.count else {
      throw invalid("\(planes.count) planes for \(format), which has \(colorPlanes.count)")
    }
    for (index, object) in objects.enumerated() {
      guard object.isDMABuf else {
        throw invalid(
          "descriptor \(index) is no DMA-BUF", "A memfd or a file is none; /dev/udmabuf makes one of a memfd")
      }
      guard objects.prefix(index).allSatisfy({ $0.inode != object.inode }) else {
        throw invalid("descriptor \(index) is a buffer that is there already", "Give each buffer once")
      }
      guard planes.contains(where: { $0.object == index }) else {
        throw invalid("no plane is in buffer \(index)", "Give only buffers that hold planes")
      }
    }
    for (index, plane) in planes.enumerated() {
      guard objects.indices.contains(plane.object) else {
        throw invalid("plane \(index) is in buffer \(plane.object) of \(objects.count)")
      }
      guard plane.stride <= Self.maximumAttribute, plane.offset <= Self.maximumAttribute else {
        throw invalid("plane \(index) has stride \(plane.stride) and offset \(plane.offset), more than 31 bits")
      }
      let bytes = objects[plane.object].size
      guard plane.offset < bytes else {
        throw invalid("plane \(index) begins at byte \(plane.offset) of a buffer of \(bytes)")
      }
      // Only the vendor knows the rows of tiled memory.
      guard modifier == .linear || modifier == .invalid, colorPlanes.indices.contains(index) else { continue }
      try validateRows(index, plane, colorPlanes[index], bytes, step)
    }
  }

  /// Checks a plane in linear memory. All numbers are below 2^31 and 2^20 by now, so nothing overflows.
  private func validateRows(
    _ index: Int, _ plane: Plane, _ layout: DRMFourCC.ColorPlane, _ bytes: UInt64, _ step: String
  ) throws(InteropError) {
    let samples = layout.size(of: size)
    let rowBytes = UInt64(samples.width * layout.bytesPerSample)
    guard plane.stride >= rowBytes else {
      throw InteropError(
        .invalidArgument, step: step,
        reason: "plane \(index) has a stride of \(plane.stride) bytes, and a row of \(size) \(format) is \(rowBytes)")
    }
    // The last row need not be padded.
    let end = plane.offset + plane.stride * UInt64(samples.height - 1) + rowBytes
    guard end <= bytes else {
      throw InteropError(
        .invalidArgument, step: step, reason: "plane \(index) ends at byte \(end) of a buffer of \(bytes)",
        advice: "Check size, offset and stride")
    }
  }
}
