public import InteropBase
internal import CInteropKernel
import Glibc

/// A DMA-BUF heap of the kernel: it allocates memory for devices without using any of them (linux/dma-heap.h). Any
/// thread.
///
/// `system` is ordinary memory; boards also have heaps of contiguous memory (`linux,cma`, `reserved`).
public final class DMAHeap: Sendable {
  /// The folder of the kernel's heap nodes.
  public static let folder = "/dev/dma_heap"
  /// The heap's name, `system` for example.
  public let name: String
  private let heap: FileDescriptorOwner

  /// Opens a heap.
  ///
  /// - Parameter name: the name of the heap's node in ``folder``.
  /// - Throws: ``InteropError/Code/invalidArgument`` for a name that is a path; ``InteropError/Code/driverMissing``
  ///   where there is no such heap, ``InteropError/Code/driverFailure`` naming the group that may open it.
  public init(_ name: String = "system") throws(InteropError) {
    guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") })
    else {
      throw InteropError(
        .invalidArgument, step: "open a DMA-BUF heap", reason: "\"\(name)\" is no heap's name",
        advice: "Give the name of a node in \(Self.folder)")
    }
    self.name = name
    let others = Self.names()
    heap = try DeviceNode.open(
      "\(Self.folder)/\(name)",
      whereMissing: others.isEmpty
        ? "The kernel needs CONFIG_DMABUF_HEAPS_SYSTEM; or allocate with GL, Vulkan, GBM or \(UDMABuf.path)"
        : "There are \(others.joined(separator: ", "))")
  }

  /// Lists the heaps of this machine, whether or not this user may open them. Empty where the kernel has none.
  public static func names() -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes a zeroed buffer with room for an image in rows. It outlives the heap object.
  ///
  /// - Parameters:
  ///   - size: in pixels.
  ///   - format: the pixel format, which may be YUV.
  ///   - strideAlignment: see ``LinearLayout/init(size:format:strideAlignment:)``.
  /// - Throws: as ``LinearLayout/init(size:format:strideAlignment:)``; ``InteropError/Code/invalidArgument`` for more
  ///   than the machine's memory; ``InteropError/Code/driverFailure``.
  ///
  /// The corresponding C call is `ioctl(DMA_HEAP_IOCTL_ALLOC)`.
  public func makeBuffer(
    size: PixelSize, format: DRMFourCC, strideAlignment: Int = 256
  ) throws(InteropError) -> DMABuf {
    let layout = try LinearLayout(size: size, format: format, strideAlignment: strideAlignment)
    // The system heap has no limit of its own: it takes page after page until the kernel kills the process.
    let memory = UInt64(sysconf(Int32(_SC_PHYS_PAGES))) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    guard layout.byteCount <= memory else {
      throw InteropError(
        .invalidArgument, step: "allocate from the heap \(name)",
        reason: "\(size) \(format) takes \(layout.byteCount) bytes and this machine has \(memory)")
    }
    let number = heap.withBorrowed { kernel_dma_heap_allocate($0, layout.byteCount) }
    guard number >= 0 else {
      throw InteropError(
        .driverFailure, step: "DMA_HEAP_IOCTL_ALLOC",
        reason: "the heap \(name) gives no buffer of \(layout.byteCount) bytes", driverCode: .posix(-number))
    }
    return try DMABuf.adopting(FileDescriptorOwner(owning: number), layout.description)
  }
}
