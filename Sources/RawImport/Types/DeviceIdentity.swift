/// A UUID of a device or a driver: 16 bytes that GL (EXT_external_objects) and Vulkan (`VkPhysicalDeviceIDProperties`)
/// report alike.
///
/// All 16 bytes count: llvmpipe's UUIDs contain NULs, so comparing them as C strings is wrong.
public struct DriverUUID: Sendable, Hashable, CustomStringConvertible {
  /// The 16 bytes, NULs included.
  public let bytes: [UInt8]

  /// Makes a UUID from 16 bytes.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count == 16, "a UUID has 16 bytes")
    self.bytes = bytes
  }

  /// Reads 32 hexadecimal digits; nil for anything else.
  public init?(_ text: String) {
    let digits = Array(text)
    guard digits.count == 32 else { return nil }
    var bytes: [UInt8] = []
    for at in stride(from: 0, to: 32, by: 2) {
      guard let byte = UInt8(String(digits[at...at + 1]), radix: 16) else { return nil }
      bytes.append(byte)
    }
    self.init(bytes)
  }

  /// 32 hexadecimal digits.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// The number of a DRM device node, `/dev/dri/renderD128` for instance.
public struct DRMNode: Sendable, Hashable, CustomStringConvertible {
  /// Major number of the device node; 226 for DRM.
  public let major: UInt32
  /// Minor number of the device node; render nodes have 128 and up.
  public let minor: UInt32

  /// Makes a node from its device numbers.
  public init(major: UInt32, minor: UInt32) {
    self.major = major
    self.minor = minor
  }

  /// Makes a node from `st_rdev`, as glibc's gnu_dev_major and gnu_dev_minor do, which Swift does not import.
  init(device: UInt) {
    self.init(
      major: UInt32(truncatingIfNeeded: device >> 8 & 0xFFF | device >> 32 & ~0xFFF),
      minor: UInt32(truncatingIfNeeded: device & 0xFF | device >> 12 & ~0xFF))
  }

  public var description: String { "\(major):\(minor)" }
}

/// The device and the driver that a GL context or a Vulkan device reports.
public struct DeviceIdentity: Sendable, Hashable {
  /// The device UUIDs: several for a GL context that spans devices (`GL_NUM_DEVICE_UUIDS_EXT`), none where the driver
  /// reports none.
  public package(set) var deviceUUIDs: [DriverUUID]
  /// `driverUUID` of Vulkan, GL_DRIVER_UUID_EXT of GL; nil where the driver reports none.
  public package(set) var driverUUID: DriverUUID?
  /// The DRM render node; nil where the driver reports none.
  public package(set) var renderNode: DRMNode?

  /// Makes an identity from the parts that are known.
  public init(deviceUUIDs: [DriverUUID] = [], driverUUID: DriverUUID? = nil, renderNode: DRMNode? = nil) {
    self.deviceUUIDs = deviceUUIDs
    self.driverUUID = driverUUID
    self.renderNode = renderNode
  }

  /// The result of comparing the identities of GL and Vulkan.
  public enum Match: Sendable, Hashable {
    /// Same device and same driver build: every path may work.
    case same
    /// Same device, different driver builds. OPAQUE_FD is not guaranteed across builds, and often works.
    case sameDeviceOtherDriver
    /// Two different devices. Importing across them crashes some drivers (KhronosGroup/Vulkan-Samples#378).
    case different
    /// At least one of the two does not report enough to compare.
    case unknown

    /// Whether both are the same device; nil if that is unknown.
    public var sameDevice: Bool? {
      switch self {
      case .same, .sameDeviceOtherDriver: true
      case .different: false
      case .unknown: nil
      }
    }
  }

  /// Compares by UUID where both identities have one, and by DRM node where both have one.
  public func match(_ other: DeviceIdentity) -> Match {
    if !deviceUUIDs.isEmpty, !other.deviceUUIDs.isEmpty {
      guard deviceUUIDs.contains(where: other.deviceUUIDs.contains) else { return .different }
      if let mine = driverUUID, let theirs = other.driverUUID, mine != theirs { return .sameDeviceOtherDriver }
      return .same
    }
    if let mine = renderNode, let theirs = other.renderNode { return mine == theirs ? .same : .different }
    return .unknown
  }
}
