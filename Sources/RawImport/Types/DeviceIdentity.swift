/// The 16 bytes by which GL (EXT_external_objects) and Vulkan (`VkPhysicalDeviceIDProperties`) name a device or a
/// driver. All 16 count: llvmpipe's contain NULs, so comparing them as C strings is wrong.
public struct DriverUUID: Sendable, Hashable, CustomStringConvertible {
  /// All 16 of them; NULs are part of it.
  public let bytes: [UInt8]

  /// A UUID of 16 bytes.
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

/// A DRM device node, `/dev/dri/renderD128` for instance.
public struct DRMNode: Sendable, Hashable, CustomStringConvertible {
  /// Major number of the device node; 226 for DRM.
  public let major: UInt32
  /// Minor number of the device node; render nodes have 128 and up.
  public let minor: UInt32

  /// A node by its device numbers.
  public init(major: UInt32, minor: UInt32) {
    self.major = major
    self.minor = minor
  }

  /// From `st_rdev`: glibc's gnu_dev_major and gnu_dev_minor, which Swift does not import.
  init(device: UInt) {
    self.init(
      major: UInt32(truncatingIfNeeded: device >> 8 & 0xFFF | device >> 32 & ~0xFFF),
      minor: UInt32(truncatingIfNeeded: device & 0xFF | device >> 12 & ~0xFF))
  }

  public var description: String { "\(major):\(minor)" }
}

/// What one side says it runs on.
public struct DeviceIdentity: Sendable, Hashable {
  /// Several for a GL context that spans devices (`GL_NUM_DEVICE_UUIDS_EXT`), none where the driver does not tell.
  public var deviceUUIDs: [DriverUUID]
  /// `driverUUID` of Vulkan, GL_DRIVER_UUID_EXT of GL; nil where nobody tells.
  public var driverUUID: DriverUUID?
  /// DRM render node; nil where nobody tells.
  public var renderNode: DRMNode?

  /// An identity of what is known.
  public init(deviceUUIDs: [DriverUUID] = [], driverUUID: DriverUUID? = nil, renderNode: DRMNode? = nil) {
    self.deviceUUIDs = deviceUUIDs
    self.driverUUID = driverUUID
    self.renderNode = renderNode
  }

  /// How two sides lie to each other.
  public enum Match: Sendable, Hashable {
    /// Same device and same driver build: everything may work.
    case same
    /// Same device, another driver build. OPAQUE_FD is not promised across builds, and often works.
    case sameDeviceOtherDriver
    /// Two devices. Importing across them crashes some drivers (KhronosGroup/Vulkan-Samples#378).
    case different
    /// One side does not say.
    case unknown

    /// true, false, or nil for unknown.
    public var sameDevice: Bool? {
      switch self {
      case .same, .sameDeviceOtherDriver: true
      case .different: false
      case .unknown: nil
      }
    }
  }

  /// Compares by UUID where both sides have one, by DRM node where both name one.
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
