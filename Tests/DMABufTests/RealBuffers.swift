import Foundation
import GLVulkanInterop
import InteropTestSupport

/// Buffers of the kernel's own for tests, where this machine has them.
enum RealBuffers {
  static let mode = ProcessInfo.processInfo.environment["INTEROP_VM_MODE"].map { $0.replacing("-", with: "_") }
  static let size = PixelSize(width: 17, height: 13)

  /// Whether there are any; a skip that names the subject if not.
  static func areThere(for subject: String) -> Bool {
    if access(UDMABuf.path, R_OK | W_OK) == 0 { return true }
    TestStack.skip("\(subject): this machine has no \(UDMABuf.path) (the virtual machine has it)")
    return false
  }

  static func make(_ format: DRMFourCC = .abgr8888, _ size: PixelSize = size) throws(InteropError) -> DMABuf {
    try UDMABuf().makeBuffer(size: size, format: format)
  }

  /// A pending fence, or nil and a skip.
  static func pendingFence(for subject: String) throws(InteropError) -> PendingFence? {
    guard PendingFence.isAvailable else {
      TestStack.skip("\(subject): this machine has no /dev/vgem-card (the virtual machine has it, mode fence)")
      return nil
    }
    return try PendingFence()
  }

  /// A heap's buffer whose descriptor can only be read through.
  static func readOnly() throws(InteropError) -> DMABuf {
    let heap = try DMAHeap()
    var outcome: Result<DMABuf, InteropError>?
    KernelCalls.handled(
      by: { call, _, argument in
        // struct dma_heap_allocation_data: len, fd, fd_flags.
        if call == "DMA_HEAP_IOCTL_ALLOC" {
          argument?.storeBytes(of: UInt32(O_RDONLY | O_CLOEXEC), toByteOffset: 12, as: UInt32.self)
        }
        return 0
      },
      {
        do throws(InteropError) { outcome = .success(try heap.makeBuffer(size: size, format: .abgr8888)) } catch {
          outcome = .failure(error)
        }
      })
    return try outcome!.get()
  }
}

/// What `body` throws, or nil.
func refusal(_ body: () throws(InteropError) -> Void) -> InteropError? {
  do throws(InteropError) {
    try body()
    return nil
  } catch {
    return error
  }
}
