internal import InteropDrivers

/// One image's part in a method of ``ReadbackMethod``.
protocol HostCopyTransfer: FrameUpload {
  /// Whether GL writes into memory that Vulkan's turn reads: GL's next turn then waits for the device.
  var isReadByVulkan: Bool { get }
  /// The end of GL's turn, on its thread. If it throws it can be repeated.
  func read() throws(InteropError)
  /// Nothing of the GL context is needed any more, on its thread, while it is still there.
  func detach() throws(InteropError)
}
