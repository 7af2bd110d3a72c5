internal import CInteropWebGPU
internal import Capability
internal import InteropDrivers
internal import RawImport

/// Proves one combination on the very device that the application has: GL draws a pattern into one shared image, the
/// device copies it into another, and GL reads and compares every pixel of that one. GL's state stays as it is.
struct WebGPUProof {
  private let device: WebGPUDevice
  private let context: GLContext
  private let host: VulkanHost
  private let handleType: ExternalMemoryHandleType
  private let sync: SyncKind
  private static let size = PixelSize(width: 32, height: 24)

  init(
    _ device: WebGPUDevice, _ context: GLContext, _ host: VulkanHost, _ handleType: ExternalMemoryHandleType,
    _ sync: SyncKind
  ) {
    (self.device, self.context, self.host) = (device, context, host)
    (self.handleType, self.sync) = (handleType, sync)
  }

  /// - Throws: what is missing; ``InteropError/Code/wrongPixels``.
  func run() throws(InteropError) {
    let read = try image(.glToVulkan)
    let written = try image(.vulkanToGL)
    let source = try WebGPUTexture(importing: try read.externalBundle(), into: device)
    let destination = try WebGPUTexture(importing: try written.externalBundle(), into: device)
    // Twice, so that every signal has been waited for once.
    for variant in 0..<2 {
      let pattern = TestPattern(size: Self.size, format: .rgba8, variant: variant)
      try read.acquireForGL()
      try pattern.draw(into: read.glFramebuffer ?? 0, context)
      try read.releaseFromGL()
      try source.beginAccess(after: try read.acquireForExternal())
      try destination.beginAccess(after: try written.acquireForExternal(), isInitialized: false)
      try copy(source, destination)
      try read.releaseFromExternal(after: try source.endAccess(), layout: source.layout)
      try written.releaseFromExternal(after: try destination.endAccess(), layout: destination.layout)
      try written.acquireForGL()
      let pixels = try context.readPixels(written.glFramebuffer ?? 0, Self.size, .rgba8)
      try written.releaseFromGL()
      try pattern.compare(
        pixels, flipped: false, channels: .gl, step: "compare pixels that went to \(device.adapterName) and back")
    }
    try read.retire()
    try written.retire()
  }

  private func image(_ direction: TransferDirection) throws(InteropError) -> SharedImage {
    try SharedImage(
      SharedImageDescription(size: Self.size, direction: direction, handleType: handleType), gl: context, host: host,
      sync: sync)
  }

  private func copy(_ source: WebGPUTexture, _ destination: WebGPUTexture) throws(InteropError) {
    let dawn = device.dawn
    guard let queue = dawn.deviceGetQueue(device.handle), let encoder = dawn.createCommandEncoder(device.handle, nil)
    else { throw lost }
    defer {
      dawn.encoderRelease(encoder)
      dawn.queueRelease(queue)
    }
    var from = DawnTexelCopyTextureInfo()
    (from.texture, from.aspect) = (source.handle, DawnAge.aspectAll)
    var to = from
    to.texture = destination.handle
    var extent = DawnExtent3D(
      width: UInt32(Self.size.width), height: UInt32(Self.size.height), depthOrArrayLayers: 1)
    dawn.copyTextureToTexture(encoder, &from, &to, &extent)
    guard let commands = dawn.finish(encoder, nil) else { throw lost }
    defer { dawn.commandBufferRelease(commands) }
    var list: UnsafeMutableRawPointer? = commands
    dawn.queueSubmit(queue, 1, &list)
  }

  private var lost: InteropError {
    InteropError(
      .driverFailure, step: "copy a texture", reason: "Dawn makes no commands", advice: "Is the device lost?")
  }
}
