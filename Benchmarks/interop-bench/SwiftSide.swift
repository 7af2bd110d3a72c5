import BenchmarkReport
import CBenchmarkCounters
import GLVulkanInterop

/// The setup that a run finds out from the drivers before it measures, the same each time they are opened.
struct Setup {
  let platform: SurfacelessContext.Platform
  /// The sync of the direct workloads.
  let sync: SyncKind
  /// The queue family that acquires frames.
  let queueFamily: UInt32
  /// The queue family that samples frames; nil where no queue draws.
  let graphicsFamily: UInt32?
  /// The families of all queues of the device.
  let families: [UInt32]
  let capability: CapabilitySource
  let drivers: DriverNames

  /// Opens the drivers once.
  ///
  /// - Parameters:
  ///   - queueFamily: the family that the caller chose; nil takes the one that the capability matrix has measured to be
  ///     cheapest.
  ///   - sync: the sync that the caller chose; nil takes semaphores where both sides have them, else waits on the CPU.
  ///     Others have no counterpart in C.
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
      self.queueFamily = producer.status.ownershipQueue.family
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

  /// Returns the options for a producer with one combination.
  func options(_ path: TransferPath, _ mode: TransferMode?, _ sync: SyncKind, framesInFlight: Int) -> ProducerOptions {
    var options = ProducerOptions(framesInFlight: framesInFlight, path: path, mode: mode)
    options.sync = sync
    options.capability = capability
    // The benchmark compares the measured frames itself.
    options.verifiesPixels = false
    return options
  }
}

/// A GL context and a Vulkan device on the same GPU.
struct SwiftSide {
  let context: SurfacelessContext
  let host: VulkanHost

  /// Creates both. The context is current afterwards.
  ///
  /// - Parameter countsObjects: whether every object created in the drivers is counted, see `bc_objects_made`.
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

  /// Waits for the device, before the objects that it uses are destroyed, whatever has failed.
  func waitForDevice() { try? host.waitForQueues() }

  func queue(family: UInt32) throws -> VulkanQueue {
    guard let queue = host.queue(family: family) else {
      throw BenchmarkError(description: "there is no queue family \(family) this time")
    }
    return queue
  }
}
