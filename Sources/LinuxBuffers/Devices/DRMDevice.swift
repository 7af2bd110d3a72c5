public import InteropBase
internal import CInteropKernel
import Glibc

/// A DRM device node: a GPU's render node (`/dev/dri/renderD128`), or a card node. Owns its descriptor. Any thread.
public final class DRMDevice: Sendable {
  /// The name of the kernel's driver: `amdgpu`, `i915`, `virtio_gpu`.
  public let driverName: String
  private let descriptor: FileDescriptorOwner

  /// Lists the nodes of this machine, render nodes first: those need no rights over the display.
  public static func nodes() -> [String] {
    let folder = "/dev/dri"
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasPrefix("renderD") || name.hasPrefix("card") { names.append(name) }
    }
    func rank(_ name: String) -> (Int, Int, String) { (name.hasPrefix("renderD") ? 0 : 1, name.utf8.count, name) }
    return names.sorted { rank($0) < rank($1) }.map { "\(folder)/\($0)" }
  }

  /// Opens a node.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` where there is none, ``InteropError/Code/driverFailure`` naming the
  ///   group that may open it, ``InteropError/Code/invalidArgument`` for another kind of file.
  ///
  /// The corresponding C calls are `open` and `ioctl(DRM_IOCTL_VERSION)`.
  public init(path: String) throws(InteropError) {
    let others = Self.nodes()
    let owner = try DeviceNode.open(
      path,
      whereMissing: others.isEmpty
        ? "This machine has no DRM device: load its GPU's kernel module, or give a container /dev/dri"
        : "There are \(others.joined(separator: ", "))")
    driverName = try owner.withBorrowed { number throws(InteropError) in try Self.driverName(number, path) }
    descriptor = owner
  }

  /// Takes ownership of a descriptor.
  ///
  /// - Parameter descriptor: open and with no other owner. Owned by this object after success only.
  /// - Throws: ``InteropError/Code/invalidArgument`` for one that is no DRM device.
  public init(adopting descriptor: Int32) throws(InteropError) {
    driverName = try Self.driverName(descriptor, "descriptor \(descriptor)")
    self.descriptor = FileDescriptorOwner(owning: descriptor)
  }

  /// Duplicates the descriptor of a device that GBM or a compositor, for example, has open; the caller keeps its own.
  ///
  /// Both descriptors are one client of the driver, so buffer and syncobj handles are valid for both.
  ///
  /// - Throws: as ``init(adopting:)``. The corresponding C call is `fcntl(F_DUPFD_CLOEXEC)`.
  public init(duplicating descriptor: Int32) throws(InteropError) {
    driverName = try Self.driverName(descriptor, "descriptor \(descriptor)")
    let copy = kernel_duplicate(descriptor)
    guard copy >= 0 else {
      throw InteropError(
        .driverFailure, step: "fcntl(F_DUPFD_CLOEXEC)", reason: "cannot duplicate the file descriptor",
        driverCode: .posix(-copy), advice: "Raise the limit of open files (ulimit -n) or close some")
    }
    self.descriptor = FileDescriptorOwner(owning: copy)
  }

  /// Lends the descriptor for the duration of `body`, which must neither close nor keep it.
  public func withDescriptor<Result, Failure: Error>(
    _ body: (Int32) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try descriptor.withBorrowed(body)
  }

  /// Whether the device's syncobjs can be timelines. The corresponding C call is `ioctl(DRM_IOCTL_GET_CAP)` of
  /// DRM_CAP_SYNCOBJ_TIMELINE.
  public var hasTimelineSyncobjs: Bool { descriptor.withBorrowed { kernel_drm_has_timelines($0) } == 1 }

  private static func driverName(_ descriptor: Int32, _ what: String) throws(InteropError) -> String {
    let (name, result) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      let result = kernel_drm_driver_name(descriptor, buffer.baseAddress, buffer.count)
      return (result == 0 ? String(cString: buffer.baseAddress!) : "", result)
    }
    guard result == 0 else {
      throw InteropError(
        .invalidArgument, step: "DRM_IOCTL_VERSION", reason: "\(what) is no DRM device", driverCode: .posix(-result),
        advice: "Give a node in /dev/dri")
    }
    return name
  }
}
