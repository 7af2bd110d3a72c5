public import InteropBase
internal import CInteropKernel

/// An image in buffers that the Linux kernel shares between drivers, devices and processes, with its description.
///
/// It is made by an export (``init(exporting:size:gl:)``), from received descriptors (``init(_:duplicating:)``,
/// ``init(_:adopting:)``), or by an allocator of neither GL nor Vulkan. In each case ``DMABufDescription/validate(_:)``
/// has accepted it.
///
/// It owns its file descriptors, one for each buffer, and closes them when it goes away. An import only borrows them,
/// so the imported images live on. Any thread.
public final class DMABuf: Sendable {
  /// Size, format, modifier and planes, checked against the buffers.
  public let description: DMABufDescription
  /// The kernel's description of each buffer.
  public let objects: [DMABufObject]
  private let descriptors: [Descriptor]

  /// Arrays hold no noncopyable values.
  private final class Descriptor: Sendable {
    let owner: FileDescriptorOwner
    init(_ owner: consuming FileDescriptorOwner) { self.owner = owner }
  }

  /// One plane as Wayland's linux-dmabuf and V4L2 pass it: with a descriptor of its own, of the same buffer or of
  /// another.
  public struct PlaneDescriptor: Sendable, Hashable {
    /// The buffer's file descriptor.
    public package(set) var descriptor: Int32
    /// Bytes from the beginning of the buffer to the first row.
    public package(set) var offset: UInt64
    /// Bytes from one row to the next.
    public package(set) var stride: UInt64

    /// Describes one plane by its descriptor.
    public init(descriptor: Int32, offset: UInt64, stride: UInt64) {
      self.descriptor = descriptor
      self.offset = offset
      self.stride = stride
    }
  }

  /// Width and height in pixels.
  public var size: PixelSize { description.size }
  /// The pixel format.
  public var format: DRMFourCC { description.format }
  /// The memory layout; ``DRMModifier/invalid`` where it is unknown.
  public var modifier: DRMModifier { description.modifier }
  /// The planes in memory, compression planes included.
  public var planes: [DMABufDescription.Plane] { description.planes }

  /// Takes ownership of descriptors, one for each buffer.
  ///
  /// - Parameters:
  ///   - description: the content and layout of the buffers.
  ///   - descriptors: open and with no other owner. Owned by this object after success only: after an error the caller
  ///     still owns them.
  /// - Throws: as ``DMABufDescription/validate(_:)``; ``InteropError/Code/invalidArgument`` for one that is not open.
  public convenience init(_ description: DMABufDescription, adopting descriptors: [Int32]) throws(InteropError) {
    let objects = try Self.inspect(descriptors, for: description)
    self.init(description, objects, descriptors.map { Descriptor(FileDescriptorOwner(owning: $0)) })
  }

  /// Duplicates the descriptors; the caller keeps its own. The corresponding C call is `fcntl(F_DUPFD_CLOEXEC)`.
  ///
  /// - Throws: as ``init(_:adopting:)``.
  public convenience init(_ description: DMABufDescription, duplicating descriptors: [Int32]) throws(InteropError) {
    let objects = try Self.inspect(descriptors, for: description)
    var owned: [Descriptor] = []
    for number in descriptors { owned.append(Descriptor(try FileDescriptorOwner(duplicating: number))) }
    self.init(description, objects, owned)
  }

  /// Makes an image from planes with a descriptor each, which it duplicates; the caller keeps its own. Descriptors of
  /// the same buffer are recognised by its inode and kept once.
  ///
  /// - Throws: as ``init(_:adopting:)``.
  public convenience init(
    size: PixelSize, format: DRMFourCC, modifier: DRMModifier, planes: [PlaneDescriptor]
  ) throws(InteropError) {
    guard planes.count <= DMABufDescription.maximumPlanes else {
      throw InteropError(
        .invalidArgument, step: "check the DMA-BUF", reason: "it has \(planes.count) planes",
        advice: "Give 1 to \(DMABufDescription.maximumPlanes) planes")
    }
    var inodes: [UInt64] = []
    var numbers: [Int32] = []
    var described: [DMABufDescription.Plane] = []
    for plane in planes {
      let inode = try Self.inspect(plane.descriptor).inode
      let object = inodes.firstIndex(of: inode) ?? inodes.count
      if object == inodes.count {
        inodes.append(inode)
        numbers.append(plane.descriptor)
      }
      described.append(.init(object: object, offset: plane.offset, stride: plane.stride))
    }
    try self.init(
      DMABufDescription(size: size, format: format, modifier: modifier, planes: described), duplicating: numbers)
  }

  private init(_ description: DMABufDescription, _ objects: [DMABufObject], _ descriptors: [Descriptor]) {
    self.description = description
    self.objects = objects
    self.descriptors = descriptors
  }

  private static func inspect(
    _ numbers: [Int32], for description: DMABufDescription
  ) throws(InteropError) -> [DMABufObject] {
    var objects: [DMABufObject] = []
    for number in numbers { objects.append(try inspect(number)) }
    try description.validate(objects)
    return objects
  }

  /// Returns the same buffers and descriptors with another format of the same bytes.
  package func named(_ format: DRMFourCC) -> DMABuf {
    precondition(
      format.withAlpha == self.format.withAlpha
        || [format, self.format].allSatisfy { $0.colorPlanes != nil && !$0.isYUV })
    var description = description
    description.format = format
    return DMABuf(description, objects, descriptors)
  }

  /// Returns an object for the same buffers, with duplicated descriptors.
  public func duplicate() throws(InteropError) -> DMABuf {
    let numbers = descriptors.map { $0.owner.withBorrowed { $0 } }
    return try DMABuf(description, duplicating: numbers)
  }

  /// Lends the descriptors, one for each buffer, for the duration of `body`, which must neither close nor keep them.
  public func withDescriptors<Result, Failure: Error>(
    _ body: ([Int32]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Both borrow from this object, which outlives the call.
    try body(descriptors.map { $0.owner.withBorrowed { $0 } })
  }

  // MARK: The kernel's description

  /// Wraps the closure in a structure: read directly out of a `Mutex`, a closure comes back wrapped once more each
  /// time, until calling it overflows the stack (Swift 6.3, after some 30,000 times).
  package struct Inspector: Sendable {
    package let look: @Sendable (Int32) -> Result<DMABufObject, InteropError>
    package init(_ look: @escaping @Sendable (Int32) -> Result<DMABufObject, InteropError>) { self.look = look }
  }

  /// Inspects a descriptor. Tests of fictitious drivers have no real buffers and replace it.
  package static let inspector = Mutex(Inspector { askKernel($0) })

  package static func inspect(_ descriptor: Int32) throws(InteropError) -> DMABufObject {
    let inspector = inspector.withLock { $0 }
    return try inspector.look(descriptor).get()
  }

  /// Asks the kernel about a descriptor. The corresponding C functions are `fstatfs`, `fstat` and `lseek`.
  package static func askKernel(_ descriptor: Int32) -> Result<DMABufObject, InteropError> {
    var file = kernel_file()
    let result = kernel_describe_file(descriptor, &file)
    guard result == 0 else {
      return .failure(
        InteropError(
          .invalidArgument, step: "check the DMA-BUF", reason: "descriptor \(descriptor) cannot be looked at",
          driverCode: .posix(-result)))
    }
    return .success(
      DMABufObject(isDMABuf: file.is_dma_buf, isWritable: file.is_writable, size: file.size, inode: file.inode))
  }
}
