package import InteropDrivers
package import RawImport

// The messages between the application's process and the helper: a task is a line of JSON, and so is an answer. An
// in-process probe uses the same types.

/// The GL and the Vulkan device that are tried together.
package struct ProbeTarget: Codable, Sendable, Hashable {
  /// The platform as the `--gl` option writes it.
  package var platform: String
  package var api: String
  package var device: Device
  package var layers: [String] = []
  /// The features and extensions of an engine's own device; nil for all.
  package var limits: VulkanHost.CreateOptions.Limits?

  package enum Device: Codable, Sendable, Hashable {
    /// The device that GL runs on.
    case matching
    case index(Int)
    case name(String)
    case uuid(String)
  }

  package init(platform: SurfacelessContext.Platform, api: SurfacelessContext.API, device: Device) {
    self.platform = platform.description
    self.api = api.rawValue
    self.device = device
  }

  /// Describes how the helper finds the device of a host.
  static func device(of host: VulkanHost) -> Device {
    host.info.identity.deviceUUIDs.first.map { .uuid($0.description) } ?? .name(host.info.deviceName)
  }

  /// Limits the helper's device to the features and extensions of the host's device.
  static func limits(of host: VulkanHost) -> VulkanHost.CreateOptions.Limits {
    var families: [UInt32] = []
    for queue in host.queues where !families.contains(queue.family) { families.append(queue.family) }
    return .init(
      deviceExtensions: host.enabledDeviceExtensions, queueFamilies: families,
      hasTimelineSemaphores: host.features.contains(.timelineSemaphore))
  }
}

/// One task of a prober.
package enum ProbeTask: Codable, Sendable {
  /// Opens both drivers.
  case open(ProbeTarget)
  /// Lists the modifiers that both sides have for each of these pixel formats.
  case modifiers([String])
  /// Sends pixels across.
  case cell(CellKey)
  /// Holds each side back and checks whether the other waits.
  case waits(CellKey)
  /// Times ownership transfers on a queue family, after a check of the pixels.
  case time(CellKey, family: UInt32, count: Int)
  /// Times empty submissions.
  case bareSubmit(family: UInt32, count: Int)
  /// Lists GL's and Vulkan's devices.
  case devices(ProbeTarget)
}

/// The answer to a task.
package enum ProbeAnswer: Codable, Sendable {
  case pair(PairDescription)
  /// The modifiers by pixel format.
  case modifiers([String: [DRMModifier]])
  /// Both frames arrived, and every pixel was right.
  ///
  /// - Parameter modifier: the modifier of memory that is shared as a DMA-BUF.
  case verified(modifier: DRMModifier?)
  case waits(CapabilityMatrix.Waits)
  /// Durations in microseconds.
  case samples([Double])
  case devices(DeviceList)
  case failed(ProbeFailure)
}

/// Two opened drivers.
package struct PairDescription: Codable, Sendable, Hashable {
  package var gl: CapabilityMatrix.GLSide
  package var isES: Bool
  package var vulkan: CapabilityMatrix.VulkanSide
  package var sameDevice: Bool?
  package var queueFamilies: [CapabilityMatrix.QueueFamily]

  package init(_ surface: SurfacelessContext, _ host: VulkanHost) {
    let context = surface.gl
    let info = host.info
    gl = .init(surface)
    isES = context.isES
    vulkan = .init(
      deviceName: info.deviceName, driverName: info.driverName, driverInfo: info.driverInfo,
      apiVersion: VulkanVersion.text(info.apiVersion), deviceUUID: info.identity.deviceUUIDs.first?.description ?? "",
      driverUUID: info.identity.driverUUID?.description ?? "")
    sameDevice = context.identity.match(info.identity).sameDevice
    queueFamilies = host.queues.map { queue in
      let names: [(VkQueueFlagBits, String)] = [
        (VK_QUEUE_GRAPHICS_BIT, "graphics"), (VK_QUEUE_COMPUTE_BIT, "compute"), (VK_QUEUE_TRANSFER_BIT, "transfer"),
      ]
      return .init(
        index: queue.family,
        capabilities: names.filter { queue.flags & UInt32($0.0.rawValue) != 0 }.map(\.1), bareSubmitMicroseconds: nil)
    }
  }
}

extension CapabilityMatrix.GLSide {
  init(_ surface: SurfacelessContext) {
    let context = surface.gl
    self.init(
      platform: surface.platform.description, vendor: context.vendor, renderer: context.renderer,
      version: context.versionString, deviceUUID: context.identity.deviceUUIDs.first?.description ?? "",
      driverUUID: context.identity.driverUUID?.description ?? "")
  }
}

/// The devices of a machine.
package struct DeviceList: Codable, Sendable, Hashable {
  /// The number of EGL devices, from EGL_EXT_device_enumeration; 0 where EGL does not list devices.
  package var eglDeviceCount: Int
  /// Names of Vulkan's physical devices that have Vulkan 1.1, with their index in vkEnumeratePhysicalDevices.
  package var vulkanDevices: [Named]

  package struct Named: Codable, Sendable, Hashable {
    package var index: Int
    package var name: String
  }
}

/// An ``InteropError`` that can be sent, and the two failures that throw none: a crash and a hang.
package struct ProbeFailure: Codable, Sendable, Hashable, Error {
  package var code: String
  package var step: String
  package var reason: String
  package var missing: [String]
  package var advice: String?
  /// GL's side, where GL could be opened and Vulkan could not.
  package var gl: CapabilityMatrix.GLSide?

  package static let crashed = "crashed"
  package static let hung = "hung"

  package init(code: String, step: String, reason: String, missing: [String] = [], advice: String? = nil) {
    self.code = code
    self.step = step
    self.reason = reason
    self.missing = missing
    self.advice = advice
  }

  package init(_ error: InteropError) {
    self.init(
      code: error.code.rawValue, step: error.step, reason: error.reason + (error.driverCode.map { " (\($0))" } ?? ""),
      missing: error.missing, advice: error.advice)
  }

  /// Whether something is missing, as opposed to something that does not work.
  package var isMissing: Bool {
    code == InteropError.Code.unsupported.rawValue || code == InteropError.Code.driverMissing.rawValue
  }

  /// Whether the helper could not be started, so that no driver was tried.
  package var isOfTheHelper: Bool { missing == [ProbeHelper.name] }

  /// Whether the process in which it happened can no longer use the drivers.
  package var endsProcess: Bool { code == Self.crashed || code == Self.hung }
}

extension InteropError {
  package init(_ failure: ProbeFailure) {
    self.init(
      Code(rawValue: failure.code), step: failure.step, reason: failure.reason, missing: failure.missing,
      advice: failure.advice)
  }
}

/// Carries out tasks, in this process or in a helper.
package protocol Prober: AnyObject {
  /// The value for ``CapabilityMatrix/probedIn``.
  var place: CapabilityMatrix.ProbePlace { get }
  func run(_ task: ProbeTask) -> ProbeAnswer
  /// The steps and driver calls of the last task, where they were recorded.
  var lastTrail: [String] { get }
}

/// The helper's first message.
struct ProbeGreeting: Codable { var version: String }

/// The file descriptors that the helper inherits.
enum ProbeDescriptors {
  static let socket: Int32 = 3
  static let journal: Int32 = 4
  /// The highest of the descriptors that the helper inherits.
  static let last: Int32 = 4
}
