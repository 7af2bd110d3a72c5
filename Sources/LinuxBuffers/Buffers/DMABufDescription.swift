public import InteropBase

/// What a DMA-BUF holds, without its file descriptors: what goes along with them to another process, as JSON say.
///
/// Made by anybody, believed by nobody: ``validate(_:)`` compares it with the buffers before a driver sees either.
public struct DMABufDescription: Sendable, Hashable, Codable {
  /// In pixels.
  public var size: PixelSize
  /// Pixel format, as DRM names it.
  public var format: DRMFourCC
  /// Memory layout; ``DRMModifier/invalid`` where nobody says.
  public var modifier: DRMModifier
  /// Memory planes in the order of drm_fourcc.h: of linear memory those of the format, of a compressed layout with what
  /// it needs beside them (AMD's DCC up to 3, Intel's CCS mostly 2). 1 to 4.
  public var planes: [Plane]

  /// Where a plane is.
  public struct Plane: Sendable, Hashable, Codable {
    /// Which of the buffers it lies in: the index of a descriptor. Planes of one buffer share it.
    public var object: Int
    /// Bytes from the buffer's beginning.
    public var offset: UInt64
    /// Bytes from one row to the next.
    public var stride: UInt64

    /// A plane of buffer `object`.
    public init(object: Int = 0, offset: UInt64 = 0, stride: UInt64) {
      self.object = object
      self.offset = offset
      self.stride = stride
    }
  }

  /// A description. Nothing is checked yet: ``DMABuf`` does, against the buffers.
  public init(size: PixelSize, format: DRMFourCC, modifier: DRMModifier, planes: [Plane]) {
    self.size = size
    self.format = format
    self.modifier = modifier
    self.planes = planes
  }

  /// Planes in more than one buffer (Vulkan: VK_IMAGE_CREATE_DISJOINT_BIT).
  public var isDisjoint: Bool { Set(planes.map(\.object)).count > 1 }
}

/// What the kernel knows of one buffer.
public struct DMABufObject: Sendable, Hashable {
  /// Whether the descriptor is a DMA-BUF, and not another kind of file.
  public var isDMABuf: Bool
  /// Whether the descriptor allows writing.
  public var isWritable: Bool
  /// Bytes.
  public var size: UInt64
  /// The same for every descriptor of one buffer.
  public var inode: UInt64

  /// What the kernel says of a buffer.
  public init(isDMABuf: Bool = true, isWritable: Bool = true, size: UInt64, inode: UInt64) {
    self.isDMABuf = isDMABuf
    self.isWritable = isWritable
    self.size = size
    self.inode = inode
  }
}

extension DMABufDescription {
  /// The most planes that EGL and DRM have words for.
  package static let maximumPlanes = 4
  /// EGL's attributes and DRM's framebuffers have 32 bits with a sign for an offset and a stride.
  private static let maximumAttribute = UInt64(Int32.max)

  /// Refuses what cannot be right, before any driver is asked.
  ///
  /// - Parameter objects: the buffers that ``Plane/object`` counts.
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
      // What a row is in tiled memory only its vendor knows.
      guard modifier == .linear || modifier == .invalid, colorPlanes.indices.contains(index) else { continue }
      try validateRows(index, plane, colorPlanes[index], bytes, step)
    }
  }

  /// Of a plane in linear memory. All numbers are below 2^31 and 2^20 by now, so nothing overflows.
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
