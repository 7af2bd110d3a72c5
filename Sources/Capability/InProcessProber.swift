package import InteropDrivers
package import RawImport

/// Tries combinations in this process: the helper's own work, and the fallback where there is no helper.
package final class InProcessProber: Prober {
  package let place = CapabilityMatrix.ProbePlace.thisProcess
  package let lastTrail: [String] = []

  private let interposer: DriverInterposer?
  /// Receives the purpose of the driver calls that follow.
  private let note: (String) -> Void
  private var surface: SurfacelessContext?
  private var host: VulkanHost?
  private var layers: [String] = []
  private var limits: VulkanHost.CreateOptions.Limits?
  private var pixelCheck: PixelCheck?

  /// Makes a prober that opens the drivers on demand.
  package init(interposer: DriverInterposer? = nil, note: @escaping (String) -> Void = { _ in }) {
    self.interposer = interposer
    self.note = note
  }

  /// Makes a prober with open drivers; the context is current on this thread.
  package init(_ surface: SurfacelessContext, _ host: VulkanHost) {
    interposer = nil
    note = { _ in }
    self.surface = surface
    self.host = host
  }

  package func run(_ task: ProbeTask) -> ProbeAnswer {
    if case .open(let target) = task {
      do throws(ProbeFailure) { return .pair(try open(target)) } catch { return .failed(error) }
    }
    do throws(InteropError) { return try answer(task) } catch { return .failed(ProbeFailure(error)) }
  }

  private func answer(_ task: ProbeTask) throws(InteropError) -> ProbeAnswer {
    switch task {
    case .open: preconditionFailure("answered by the caller")
    case .devices(let target): return .devices(try devices(target))
    case .modifiers(let formats): return .modifiers(try modifiers(formats))
    case .cell(let key): return .verified(modifier: try self.cell(key))
    case .waits(let key): return .waits(try waits(key))
    case .time(let key, let family, let count): return .samples(try time(key, family, count))
    case .bareSubmit(let family, let count): return .samples(try bareSubmit(family, count))
    }
  }

  // MARK: Opening

  private func open(_ target: ProbeTarget) throws(ProbeFailure) -> PairDescription {
    note("open GL")
    let surface: SurfacelessContext
    do throws(InteropError) { surface = try openGL(target) } catch { throw ProbeFailure(error) }
    note("open Vulkan")
    do throws(InteropError) {
      try openVulkan(target, surface)
    } catch {
      var failure = ProbeFailure(error)
      failure.gl = .init(surface)
      throw failure
    }
    guard let host else { preconditionFailure("opened above") }
    return PairDescription(surface, host)
  }

  private func openVulkan(_ target: ProbeTarget, _ surface: SurfacelessContext) throws(InteropError) {
    var options = VulkanHost.CreateOptions(
      try Self.choice(target.device, surface.gl))
    options.layers = target.layers
    options.limits = target.limits
    options.loader = try VulkanLoader.open(interposer: interposer)
    let host = try VulkanHost.create(options)
    self.surface = surface
    self.host = host
    layers = target.layers
    limits = target.limits
  }

  private func openGL(_ target: ProbeTarget) throws(InteropError) -> SurfacelessContext {
    guard let platform = SurfacelessContext.Platform(target.platform),
      let api = SurfacelessContext.API(rawValue: target.api)
    else {
      throw InteropError(
        .invalidArgument, step: "read the probe's target", reason: "\(target.platform) with \(target.api) is no GL")
    }
    var path: String?
    if case .angle(let library) = platform { path = library }
    return try SurfacelessContext(
      platform: platform, api: api, egl: try EGLFunctions.open(path: path, interposer: interposer))
  }

  private static func choice(
    _ device: ProbeTarget.Device, _ gl: GLContext
  ) throws(InteropError) -> VulkanHost.DeviceChoice {
    switch device {
    case .matching: return .matching(gl)
    case .index(let index): return .index(index)
    case .name(let name): return .name(name)
    case .uuid(let text):
      guard let uuid = DriverUUID(text) else {
        throw InteropError(.invalidArgument, step: "read the probe's target", reason: "\(text) is no UUID")
      }
      return .uuid(uuid)
    }
  }

  private func devices(_ target: ProbeTarget) throws(InteropError) -> DeviceList {
    note("list devices")
    var path: String?
    if case .angle(let library)? = SurfacelessContext.Platform(target.platform) { path = library }
    let egl = try EGLFunctions.open(path: path, interposer: interposer)
    let eglDevices = (try? SurfacelessContext.devices(egl)) ?? []
    let list = try VulkanHost.listDevices(loader: VulkanLoader.open(interposer: interposer), layers: target.layers)
    return DeviceList(
      eglDeviceCount: eglDevices.count,
      vulkanDevices: list.map { DeviceList.Named(index: $0.index, name: $0.info.deviceName) })
  }

  private func drivers() throws(InteropError) -> (SurfacelessContext, VulkanHost) {
    guard let surface, let host else {
      throw InteropError(.invalidState, step: "probe", reason: "no drivers have been opened")
    }
    return (surface, host)
  }

  // MARK: Modifiers

  private func modifiers(_ formats: [String]) throws(InteropError) -> [String: [DRMModifier]] {
    let (surface, host) = try drivers()
    note("list modifiers")
    var found: [String: [DRMModifier]] = [:]
    for name in formats {
      guard let format = PixelFormat(named: name) else { continue }
      found[name] = CommonModifiers.of(format, surface.gl, host)
    }
    return found
  }

  // MARK: Pixels

  static let givingBackAfterFailure = "give back what was made before it failed"

  /// - Returns: the modifier of a DMA-BUF.
  private func cell(_ key: CellKey) throws(InteropError) -> DRMModifier? {
    let (surface, host) = try drivers()
    var modifier: DRMModifier?
    // Every descriptor that the cell creates must be closed after it, and only once.
    let watch = DescriptorWatch.shared
    watch.begin()
    do throws(InteropError) {
      if key.configuration.path == .hostCopy {
        _ = try makeHostCopy(key, check(surface.gl, host))
      } else {
        let image = try makeShared(key, surface.gl, host)
        modifier = image.modifier
        try check(surface.gl, host).verify(image)
        note("give the image back")
        // Memory of a finished cell must not accumulate: deletes the GL objects that were put aside.
        try image.retire()
      }
    } catch {
      // The release of the objects may crash, too.
      note(Self.givingBackAfterFailure)
      watch.end()
      throw error
    }
    note("look at file descriptors")
    if let misuse = watch.end() {
      throw InteropError(.driverFailure, step: "look at file descriptors", reason: misuse)
    }
    return modifier
  }

  private func check(_ context: GLContext, _ host: VulkanHost) -> PixelCheck {
    if let pixelCheck { return pixelCheck }
    let made = PixelCheck(context, host, note: note)
    pixelCheck = made
    return made
  }

  private func makeShared(
    _ key: CellKey, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) -> SharedImage {
    let configuration = key.configuration
    let allocator = configuration.path.dmaBufAllocator
    let description = SharedImageDescription(
      size: key.size, format: key.format, tiling: configuration.tiling, direction: key.direction,
      mode: configuration.mode,
      handleType: allocator == nil ? .opaqueFD : .dmaBuf, allocator: allocator ?? .vulkan,
      modifiers: key.modifier.map { [$0] },
      // A blit also shows whether it can flip the image.
      orientation: configuration.mode == .blit ? .topDown : .bottomUp, allowsDeviceMismatch: true)
    // Checked before memory is allocated: on most drivers more than half of all cells end here.
    try SharedImage.checkSupport(description, sync: configuration.sync, gl: context, host: host)
    note("make the shared image")
    return try SharedImage(description, gl: context, host: host, sync: configuration.sync)
  }

  /// Makes the image with the first method that works. Methods that import memory are left out: other cells test how a
  /// driver reacts to an import, and this path must not fail with it.
  private func makeHostCopy(_ key: CellKey, _ pixelCheck: PixelCheck?) throws(InteropError)
    -> HostCopyImage
  {
    let (surface, host) = try drivers()
    let target = DrawTarget(borrowing: try check(surface.gl, host).framebuffer(key.format.glInternalFormat, key.size))
    let source = try ReadbackSource(target, size: key.size, format: key.format, orientation: .bottomUp, gl: surface.gl)
    let methods = ReadbackMethod.candidates(for: host, gl: surface.gl).filter { $0 != .sharedBuffer }
    return try ReadbackTrial(methods, pixelCheck: pixelCheck).run { (method) throws(InteropError) in
      note("make the image, read back by \(method)")
      return try HostCopyImage(source, by: method, egl: (surface.egl, surface.display), host: host)
    }.0
  }

  // MARK: Waits

  private func waits(_ key: CellKey) throws(InteropError) -> CapabilityMatrix.Waits {
    let (surface, host) = try drivers()
    guard key.configuration.path != .hostCopy else { return .init(gl: .recordedOnly, vulkan: .recordedOnly) }
    var small = key
    small.size = PixelSize(width: 16, height: 16)
    let image = try makeShared(small, surface.gl, host)
    note("hold Vulkan back")
    // glFinish, or a sync file that the CPU waits for before GL gets it: nothing can hold GL's queue back.
    let waiter = try WaitCheck.glWaits(image)
    guard waiter == .gpu else { return .init(gl: waiter == .cpu ? .heldBack : .recordedOnly, vulkan: .recordedOnly) }
    note("hold GL back")
    var options = VulkanHost.CreateOptions(
      host.info.identity.deviceUUIDs.first.map { .uuid($0) } ?? .matching(surface.gl))
    options.layers = layers
    options.limits = limits
    options.loader = host.loader
    let holder = try VulkanHost.create(options)
    let isSeen = try WaitCheck.vulkanWaits(image, holder: try makeShared(small, surface.gl, holder))
    return .init(gl: .heldBack, vulkan: isSeen ? .heldBack : .recordedOnly)
  }

  // MARK: Times

  private func time(_ key: CellKey, _ family: UInt32, _ count: Int) throws(InteropError) -> [Double] {
    let (surface, host) = try drivers()
    let queue = try queue(family, host)
    if key.configuration.path == .hostCopy {
      return try TransferTimer.time(try makeHostCopy(key, nil), surface.gl, queue, count)
    }
    let image = try makeShared(key, surface.gl, host)
    try check(surface.gl, host).verify(image, queue: queue)
    return try TransferTimer.time(image, queue, count)
  }

  private func bareSubmit(_ family: UInt32, _ count: Int) throws(InteropError) -> [Double] {
    let (_, host) = try drivers()
    return try TransferTimer.bareSubmit(host, try queue(family, host), count)
  }

  private func queue(_ family: UInt32, _ host: VulkanHost) throws(InteropError) -> VulkanQueue {
    guard let queue = host.queue(family: family) else {
      throw InteropError(
        .invalidArgument, step: "choose a queue", reason: "the device was made without a queue of family \(family)")
    }
    return queue
  }
}
