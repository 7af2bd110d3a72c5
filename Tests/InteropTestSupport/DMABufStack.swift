import Foundation
package import GLVulkanInterop

/// What the DMA-BUF tests find on this machine.
package enum DMABufStack {
  /// `fence`, `udmabuf`, `virtio-gpu`, `syncobj`, `bare` in the virtual machine of scripts/vm.sh; nil elsewhere.
  package static let mode = ProcessInfo.processInfo.environment["INTEROP_VM_MODE"]
  /// Modes in which GL and Vulkan must share buffers: there a test that cannot is a failure, not a skip.
  package static var mustShare: Bool { ["fence", "udmabuf", "syncobj"].contains(mode) }

  /// Whether GL and Vulkan share DMA-BUFs here; says so in the closing lines if not.
  package static func hasSharing(_ context: SurfacelessContext, _ host: VulkanHost) -> Bool {
    if mustShare { return true }
    do throws(InteropError) {
      _ = try SharedImage(
        .init(size: PixelSize(width: 4, height: 4), handleType: .dmaBuf), gl: context.gl, host: host)
      return true
    } catch {
      TestStack.skip("sharing DMA-BUFs between GL and Vulkan: \(error)")
      return false
    }
  }

  /// The paths that frames must be able to take here: where DMA-BUFs are shared all, elsewhere those without, with a
  /// word in the closing lines.
  package static let paths: [TransferPath] = {
    if mustShare { return TransferPath.all }
    let isShared =
      TestStack.name == "native" && (try? TestStack.open(TestStack.apis[0])).map { hasSharing($0, $1) } == true
    if isShared { return TransferPath.all }
    TestStack.skip("frames over DMA-BUF: GL and Vulkan share none here")
    return [.opaqueFD, .hostCopy]
  }()

  /// Every way to wait that the pair has.
  package static func syncs(_ context: SurfacelessContext, _ host: VulkanHost) -> [SyncKind] {
    let hasFences = (try? SyncFileSignal.checkSupport(gl: context.gl, host: host)) != nil
    return hasFences ? [.syncFile, .cpuWait] : [.cpuWait]
  }
}
