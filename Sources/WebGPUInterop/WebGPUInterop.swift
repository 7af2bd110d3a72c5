internal import CInteropWebGPU
public import InteropDrivers
public import Producers
public import RawImport

/// Gives a producer's frames to a WebGPU device, and its own drawing to GL, after it has proved that pixels cross.
///
/// ```swift
/// let device = try WebGPUDevice(adopting: wgpuDevice)
/// let webGPU = try WebGPUInterop(device, gl: context, host: host)
/// let producer = try SurfacelessEGLProducer(
///   size: size, host: host, context: context, options: webGPU.producerOptions)
/// // for each frame:
/// try webGPU.access(producer.render { … }) { texture in … }    // commands with the WGPUTexture, submitted
/// ```
///
/// With `semaphore-fd` and `sync-file` neither side waits on the CPU: the device waits for GL's signal, and GL for
/// Dawn's fence. Dawn's fence is a new semaphore for each access, so a submission to ``host`` relays it.
///
/// Threads: the initializer on the GL context's thread; accesses on the device's. Ownership: it keeps a texture for each
/// image of the ring until that image retires.
public final class WebGPUInterop: @unchecked Sendable {
  /// The device.
  public let device: WebGPUDevice
  /// The Vulkan device that the frames are images of.
  public let host: VulkanHost
  /// The path on which pixels cross.
  public let path: TransferPath
  /// The sync by which the two sides wait.
  public let sync: SyncKind
  /// The combinations that were tried before and did not carry pixels, with the reason, best first.
  public let refusals: [InteropError]

  private let textures = Mutex<[ImageID: WebGPUTexture]>([:])

  /// Tries the combinations that the device has features for, best first, with patterns in both directions: GL draws, the
  /// device copies, GL reads and compares every pixel.
  ///
  /// - Parameters:
  ///   - device: of the GPU that the context draws on.
  ///   - context: current on this thread.
  ///   - host: of the same GPU.
  /// - Throws: ``InteropError/Code/unsupported`` where no combination carries pixels, with each one's reason.
  public init(_ device: WebGPUDevice, gl context: GLContext, host: VulkanHost) throws(InteropError) {
    try device.check(host)
    self.device = device
    self.host = host
    var refusals: [InteropError] = []
    // A wait on the GPU is worth more than the kind of memory.
    for sync in device.syncs {
      for handleType in device.handleTypes {
        do throws(InteropError) {
          try WebGPUProof(device, context, host, handleType, sync).run()
        } catch {
          refusals.append(error)
          continue
        }
        path = handleType == .dmaBuf ? .dmaBufImport : .opaqueFD
        self.sync = sync
        self.refusals = refusals
        return
      }
    }
    throw InteropError(
      .unsupported, step: "share textures with WebGPU",
      reason: "no pixels get to \(device.adapterName): " + refusals.map(\.description).joined(separator: "; "),
      missing: refusals.flatMap(\.missing), advice: refusals.last?.advice)
  }

  /// Options for a producer whose frames the device takes. Set the others as you like.
  public var producerOptions: ProducerOptions {
    var options = ProducerOptions(path: path)
    options.sync = sync
    return options
  }

  /// Options for a consumer into whose targets the device draws.
  public var consumerOptions: ConsumerOptions { ConsumerOptions(path: path, sync: sync) }

  /// Lets the device use a frame, and releases it.
  ///
  /// - Parameters:
  ///   - frame: of a producer with ``producerOptions``.
  ///   - body: encodes and submits commands that read the `WGPUTexture`. If it throws, the frame is released all the
  ///     same, after what was submitted.
  /// - Throws: as ``WebGPUTexture``; ``InteropError/Code/unsupported`` for a frame of path `host-copy`; what `body`
  ///   throws.
  public func access(_ frame: consuming Frame, _ body: (UnsafeMutableRawPointer) throws -> Void) throws {
    let texture = try beginAccess(frame)
    var thrown: (any Error)?
    do { try body(texture) } catch { thrown = error }
    try endAccess(frame)
    if let thrown { throw thrown }
  }

  /// Lets the device draw into a target, and makes it a frame for GL.
  ///
  /// - Parameters:
  ///   - target: of a consumer with ``consumerOptions``.
  ///   - body: encodes and submits commands that write the whole `WGPUTexture`. If it throws, GL drops the frame.
  /// - Throws: as ``access(_:_:)``.
  public func draw(
    into target: consuming VulkanTarget, _ body: (UnsafeMutableRawPointer) throws -> Void
  ) throws -> GLFrame {
    let texture = try beginAccess(target)
    var thrown: (any Error)?
    do { try body(texture) } catch { thrown = error }
    try endAccess(target)
    let frame = target.passOn(nil, nil)
    if let thrown { throw thrown }
    return frame
  }

  // MARK: In two calls, for C

  /// - Returns: the `WGPUTexture`.
  package func beginAccess(_ frame: borrowing Frame) throws(InteropError) -> UnsafeMutableRawPointer {
    var made: WebGPUTexture?
    if known(frame.imageID) == nil {
      made = try WebGPUTexture(importing: try frame.externalBundle(), into: device)
    }
    let used = keep(frame.imageID, made)
    if made != nil { frame.onImageRetired { [weak self] id in self?.forget(id) } }
    try used.beginAccess(after: try frame.acquireForExternal())
    return used.handle
  }

  package func endAccess(_ frame: borrowing Frame) throws(InteropError) {
    let used = try begun(frame.imageID)
    try frame.releaseFromExternalKeeping(after: try used.endAccess(), layout: used.layout)
  }

  /// - Returns: the `WGPUTexture`.
  package func beginAccess(_ target: borrowing VulkanTarget) throws(InteropError) -> UnsafeMutableRawPointer {
    var made: WebGPUTexture?
    if known(target.imageID) == nil {
      made = try WebGPUTexture(importing: try target.externalBundle(), into: device)
    }
    let used = keep(target.imageID, made)
    if made != nil { target.onImageRetired { [weak self] id in self?.forget(id) } }
    try used.beginAccess(after: try target.acquireForExternal(), isInitialized: false)
    return used.handle
  }

  package func endAccess(_ target: borrowing VulkanTarget) throws(InteropError) {
    let used = try begun(target.imageID)
    try target.releaseFromExternalKeeping(after: try used.endAccess(), layout: used.layout)
  }

  // MARK: Textures

  private func known(_ id: ImageID) -> WebGPUTexture? { textures.withLock { $0[id] } }

  /// The texture of an image: the one that was just made, or that from before.
  private func keep(_ id: ImageID, _ made: WebGPUTexture?) -> WebGPUTexture {
    textures.withLock { textures in
      if let made { textures[id] = made }
      guard let texture = textures[id] else { preconditionFailure("there was none, so one was made") }
      return texture
    }
  }

  private func begun(_ id: ImageID) throws(InteropError) -> WebGPUTexture {
    guard let texture = known(id) else {
      throw InteropError(
        .invalidState, step: "end an access of WebGPU", reason: "none has begun", advice: "Begin one first")
    }
    return texture
  }

  private func forget(_ id: ImageID) { textures.withLock { _ = $0.removeValue(forKey: id) } }
}
