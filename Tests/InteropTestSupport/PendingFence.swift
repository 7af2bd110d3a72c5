import CVGEM
import Glibc
package import GLVulkanInterop

/// A fence that is pending until the test signals it, and the buffer whose reservation it is in: a write of vgem's, the
/// kernel's GEM driver without hardware. Mesa's software drivers export fences that are signalled already, so this is
/// what shows a wait that is missing.
///
/// vgem signals a fence by itself after 10 seconds, without an error. Any thread.
package final class PendingFence: Sendable {
  /// vgem's node, out of Mesa's sight. The virtual machine has it in mode `fence`.
  private static let path = "/dev/vgem-card"

  /// One page, 1024x1 pixels, in which the fence stands for a write.
  package let buffer: DMABuf
  private let device: FileDescriptorOwner
  private let fence: UInt32

  /// Whether this machine has vgem. Where it has not, `TestStack.skip` what needs a pending fence.
  package static var isAvailable: Bool { access(path, R_OK | W_OK) == 0 }

  package init() throws(InteropError) {
    let number = open(Self.path, O_RDWR | O_CLOEXEC)
    guard number >= 0 else { throw Self.failure("open \(Self.path)", -errno) }
    device = FileDescriptorOwner(owning: number)
    var handle: UInt32 = 0
    let shared = vgem_create_buffer(number, &handle)
    guard shared >= 0 else { throw Self.failure("DRM_IOCTL_MODE_CREATE_DUMB", shared) }
    let owner = FileDescriptorOwner(owning: shared)
    let description = DMABufDescription(
      size: PixelSize(width: 1024, height: 1), format: .abgr8888, modifier: .linear, planes: [.init(stride: 4096)])
    buffer = try owner.withBorrowed { number throws(InteropError) in try DMABuf(description, duplicating: [number]) }
    var name: UInt32 = 0
    let result = vgem_attach_fence(number, handle, &name)
    guard result == 0 else { throw Self.failure("DRM_IOCTL_VGEM_FENCE_ATTACH", result) }
    fence = name
  }

  /// Signals, so that nothing waits for a test that is over.
  deinit { try? signal() }

  /// The fence as a file, as often as wanted.
  package func syncFile() throws(InteropError) -> SyncFile {
    let number = buffer.withDescriptors { vgem_export_sync_file($0[0]) }
    guard number >= 0 else { throw Self.failure("DMA_BUF_IOCTL_EXPORT_SYNC_FILE", number) }
    return try SyncFile(adopting: number)
  }

  /// Signals it; a second time does nothing.
  package func signal() throws(InteropError) {
    let result = device.withBorrowed { vgem_signal_fence($0, fence) }
    // Signalled already, by us or by the 10 seconds, then forgotten.
    guard result == 0 || result == -ENOENT || result == -ETIMEDOUT else {
      throw Self.failure("DRM_IOCTL_VGEM_FENCE_SIGNAL", result)
    }
  }

  private static func failure(_ step: String, _ result: Int32) -> InteropError {
    InteropError(
      .driverFailure, step: step, reason: "no pending fence", driverCode: .posix(-result),
      advice: "Run the test in the virtual machine, mode fence")
  }
}
