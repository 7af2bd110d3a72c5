import BenchmarkReport
import CBenchmarkCounters
import GLVulkanInterop

/// What a run has found out about the drivers before it measures, the same for every opening.
struct Setup {
  let platform: SurfacelessContext.Platform
  /// How the direct workloads hand over.
  let sync: SyncKind
  /// Where frames are acquired.
  let queueFamily: UInt32
  /// Where they are sampled; nil where no queue draws.
  let graphicsFamily: UInt32?
  /// Of every queue of the host.
  let families: [UInt32]
  let capability: CapabilitySource
  let drivers: DriverNames

  /// Opens the drivers once.
  ///
  /// - Parameters:
  ///   - queueFamily: what the caller wants; nil takes the one that the capability matrix has measured to be cheapest.
  ///   - sync: what the caller wants; nil takes semaphores where both sides have them, else waits on the CPU. Others
  ///     have no counterpart in C.
  init(platform: SurfacelessContext.Platform, queueFamily: UInt32?, sync: SyncKind?) throws {
    let side = try SwiftSide(platform: platform)
    let (context, host) = (side.context, side.host)
    self.platform = platform
    if let queueFamily {
      guard host.queue(family: queueFamily) != nil else {
        let families = host.queues.map { String($0.family) }.joined(separator: ", ")
        throw BenchmarkError(description: "there is no queue family \(queueFamily); there are: \(families)")
      }
      self.queueFamily = queueFamily
      capability = .nowhere
    } else {
      let producer = try SurfacelessEGLProducer(size: PixelSize(width: 64, height: 64), host: host, context: context)
      self.queueFamily = producer.handoverQueue.family
      capability = producer.capability.map { .matrix($0) } ?? .nowhere
    }
    let graphics = host.queues.first(where: \.canDraw)?.family
    graphicsFamily = graphics
    families = host.queues.map(\.family)
    let description = SharedImageDescription(size: PixelSize(width: 64, height: 64))
    func supports(_ sync: SyncKind) -> Bool {
      (try? SharedImage.checkSupport(description, sync: sync, gl: context.gl, host: host)) != nil
    }
    let chosen = sync ?? (supports(.semaphoreFD) ? .semaphoreFD : .cpuWait)
    self.sync = chosen
    let info = host.info
    drivers = DriverNames(
      glRenderer: context.gl.renderer, glVersion: context.gl.versionString, vulkanDevice: info.deviceName,
      vulkanDriver: [info.driverName, info.driverInfo].filter { !$0.isEmpty }.joined(separator: " "),
      vulkanVersion: VulkanVersion.text(info.apiVersion), sync: chosen.rawValue, queueFamily: self.queueFamily,
      graphicsFamily: graphics ?? self.queueFamily)
  }

  var isANGLE: Bool { if case .angle = platform { true } else { false } }

  /// For a producer of one way.
  func options(_ path: TransferPath, _ mode: TransferMode?, _ sync: SyncKind, framesInFlight: Int) -> ProducerOptions {
    var options = ProducerOptions(framesInFlight: framesInFlight, path: path, mode: mode)
    options.sync = sync
    options.capability = capability
    // The frames that are measured are looked at.
    options.verifiesPixels = false
    return options
  }
}

/// A GL context and a Vulkan device on the same GPU.
struct SwiftSide {
  let context: SurfacelessContext
  let host: VulkanHost

  /// The context is current afterwards.
  ///
  /// - Parameter countsObjects: every object made in the drivers is counted, see `bc_objects_made`.
  init(platform: SurfacelessContext.Platform, countsObjects: Bool = false) throws {
    let api: SurfacelessContext.API = if case .angle = platform { .openGLES } else { .openGL }
    guard countsObjects else {
      context = try SurfacelessContext(platform: platform, api: api)
      host = try VulkanHost.create(VulkanHost.CreateOptions(.matching(context.gl)))
      return
    }
    let interposer = DriverInterposer { name, function in
      name.withCString { bc_counted($0, function) } ?? function
    }
    let library: String? = if case .angle(let path) = platform { path } else { nil }
    context = try SurfacelessContext(
      platform: platform, api: api, egl: try EGLFunctions.open(path: library, interposer: interposer))
    var options = VulkanHost.CreateOptions(.matching(context.gl))
    options.loader = try VulkanLoader.open(interposer: interposer)
    host = try VulkanHost.create(options)
  }

  /// Before what it uses goes away, whatever has failed.
  func waitForDevice() { try? host.waitForQueues() }

  func queue(family: UInt32) throws -> VulkanQueue {
    guard let queue = host.queue(family: family) else {
      throw BenchmarkError(description: "there is no queue family \(family) this time")
    }
    return queue
  }
}
