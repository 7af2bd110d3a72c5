public import InteropBase
internal import CInteropKernel
import Glibc

/// The kernel's udmabuf device: it makes DMA-BUFs from ordinary memory (a sealed memfd), without a GPU, for software
/// drivers and virtual machines. Any thread.
public final class UDMABuf: Sendable {
  /// The device node of udmabuf.
  public static let path = "/dev/udmabuf"
  private let device: FileDescriptorOwner

  /// Opens ``path``.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` on a machine without it, ``InteropError/Code/driverFailure`` naming
  ///   the group that may open it.
  public init() throws(InteropError) {
    device = try DeviceNode.open(
      Self.path, whereMissing: "Load the kernel's module udmabuf (CONFIG_UDMABUF), or allocate with GL, Vulkan or GBM")
  }

  /// Makes a zeroed buffer with room for an image in rows. It outlives the device object.
  ///
  /// - Parameters:
  ///   - size: in pixels.
  ///   - format: the pixel format, which may be YUV.
  ///   - strideAlignment: see ``LinearLayout/init(size:format:strideAlignment:)``.
  /// - Throws: as ``LinearLayout/init(size:format:strideAlignment:)``; ``InteropError/Code/driverFailure`` naming the
  ///   call.
  ///
  /// The corresponding C calls are `memfd_create`, `ftruncate`, `fcntl(F_ADD_SEALS)` and `ioctl(UDMABUF_CREATE)`.
  public func makeBuffer(
    size: PixelSize, format: DRMFourCC, strideAlignment: Int = 256
  ) throws(InteropError) -> DMABuf {
    let layout = try LinearLayout(size: size, format: format, strideAlignment: strideAlignment)
    let number = kernel_sealed_memfd("swift-gl-vulkan-interop", layout.byteCount)
    guard number >= 0 else {
      throw InteropError(
        .driverFailure, step: "memfd_create", reason: "no sealed memory of \(layout.byteCount) bytes",
        driverCode: .posix(-number))
    }
    let memory = FileDescriptorOwner(owning: number)
    let result = device.withBorrowed { device in
      memory.withBorrowed { kernel_udmabuf_create(device, $0, layout.byteCount) }
    }
    guard result >= 0 else {
      // drivers/dma-buf/udmabuf.c: more than size_limit_mb is EINVAL.
      throw InteropError(
        .driverFailure, step: "UDMABUF_CREATE", reason: "no DMA-BUF of \(layout.byteCount) bytes",
        driverCode: .posix(-result),
        advice: result == -EINVAL ? "The kernel's limit is udmabuf.size_limit_mb, 64 unless it was set" : nil)
    }
    let buffer = FileDescriptorOwner(owning: result)
    return try DMABuf.adopting(buffer, layout.description)
  }
}

extension DMABuf {
  /// Takes ownership of the buffer that an allocator made.
  static func adopting(
    _ owner: consuming FileDescriptorOwner, _ description: DMABufDescription
  ) throws(InteropError) -> DMABuf {
    let buffer = try owner.withBorrowed { number throws(InteropError) in
      try DMABuf(description, adopting: [number])
    }
    _ = owner.handOver()
    return buffer
  }
}
