internal import InteropDrivers

/// One image's part in a method of ``ReadbackMethod``.
protocol HostCopyTransfer: FrameUpload {
  /// Whether GL writes into memory that the Vulkan access reads, so that GL's next access waits for the device.
  var isReadByVulkan: Bool { get }
  /// Reads back at the end of the GL access, on its thread. If it throws, it can be repeated.
  func read() throws(InteropError)
  /// Makes the transfer independent of the GL context, on its thread, while the context still exists.
  func detach() throws(InteropError)
}
