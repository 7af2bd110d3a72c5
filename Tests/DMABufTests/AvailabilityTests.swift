import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// What is said of devices that this machine has not, or this user may not open.
@Suite(.serialized) struct AvailabilityTests {
  /// So that nothing is skipped where it must run.
  @Test func theVirtualMachineHasWhatItsModeSays() {
    guard let mode = RealBuffers.mode else { return }
    func isThere(_ path: String) -> Bool { access(path, R_OK | W_OK) == 0 }
    #expect(isThere(UDMABuf.path) == (mode != "bare"))
    #expect(isThere(DMAHeap.folder + "/system") == (mode != "bare"))
    if mode == "fence" { #expect(PendingFence.isAvailable) }
    #expect(isThere("/dev/syncobj-card") == (mode == "syncobj"))
    #expect(isThere("/dev/dri/card0") == (mode == "virtio_gpu"))
  }

  @Test func aMissingDeviceIsNamed() {
    let heaps = DMAHeap.names()
    let missing = refusal { () throws(InteropError) in _ = try DMAHeap("nobody-has-this") }
    #expect(missing?.code == .driverMissing && missing?.step == "open /dev/dma_heap/nobody-has-this")
    #expect(missing?.missing == ["/dev/dma_heap/nobody-has-this"] && missing?.driverCode == .posix(ENOENT))
    let heapAdvice = missing?.advice ?? ""
    #expect(heapAdvice.contains(heaps.first ?? "CONFIG_DMABUF_HEAPS_SYSTEM"))
    let card = refusal { () throws(InteropError) in _ = try DRMDevice(path: "/dev/dri/renderD999") }
    #expect(card?.code == .driverMissing && card?.missing == ["/dev/dri/renderD999"])
    let cardAdvice = card?.advice ?? ""
    #expect(cardAdvice.contains(DRMDevice.nodes().first ?? "no DRM device"))
    if access(UDMABuf.path, F_OK) != 0 {
      let udmabuf = refusal { () throws(InteropError) in _ = try UDMABuf() }
      #expect(udmabuf?.code == .driverMissing && udmabuf?.step == "open /dev/udmabuf")
      #expect(udmabuf?.reason == "this machine has no such device" && udmabuf?.driverCode == .posix(ENOENT))
      let advice = udmabuf?.advice ?? ""
      #expect(advice.contains("module udmabuf"))
    }
    if heaps.isEmpty {
      let heap = refusal { () throws(InteropError) in _ = try DMAHeap() }
      #expect(heap?.code == .driverMissing && heap?.missing == ["/dev/dma_heap/system"])
    }
  }

  /// Root may open everything, so the refusal is made up; the owner's group is the node's real one.
  @Test func aForbiddenDeviceNamesTheGroup() {
    let error = KernelCalls.failing("open", with: EACCES) { _ = try UDMABuf() } as? InteropError
    #expect(error?.code == .driverFailure && error?.driverCode == .posix(EACCES))
    #expect(error?.missing == ["/dev/udmabuf"] && error?.reason == "this user may not open the device")
    let advice = error?.advice ?? ""
    #expect(advice.contains("Join the group") || advice.contains("Only root may"))
    // A node of a group: /dev/tty is root's and tty's, and DRMDevice opens any path.
    var status = stat()
    guard stat("/dev/tty", &status) == 0, status.st_gid != 0, status.st_mode & S_IWGRP != 0 else { return }
    let tty = KernelCalls.failing("open", with: EACCES) { _ = try DRMDevice(path: "/dev/tty") } as? InteropError
    let name = getgrgid(status.st_gid).map { String(cString: $0.pointee.gr_name) } ?? "\(status.st_gid)"
    let ttyAdvice = tty?.advice ?? ""
    #expect(ttyAdvice.contains("Join the group \(name) "))
  }

  @Test(arguments: ["", ".", "..", "a/b", "../udmabuf", "a\0b"]) func aHeapsNameIsNoPath(name: String) {
    var error: InteropError?
    let calls = KernelCalls.recorded { error = refusal { () throws(InteropError) in _ = try DMAHeap(name) } }
    #expect(error?.code == .invalidArgument)
    #expect(calls.isEmpty)
  }

  @Test func anotherFileIsNoDRMDevice() {
    let files = OpenFiles.list()
    let error = refusal { () throws(InteropError) in _ = try DRMDevice(path: "/dev/null") }
    #expect(
      error?.code == .invalidArgument && error?.step == "DRM_IOCTL_VERSION" && error?.driverCode == .posix(ENOTTY))
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    let adopted = refusal { () throws(InteropError) in _ = try DRMDevice(adopting: null) }
    #expect(adopted?.code == .invalidArgument)
    // Still ours.
    #expect(close(null) == 0)
    let left = OpenFiles.opened(since: files)
    #expect(left.isEmpty)
  }
}
