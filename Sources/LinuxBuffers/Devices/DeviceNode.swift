internal import CInteropKernel
import Glibc
internal import InteropBase

/// Opens device nodes of the kernel, and explains why one cannot be opened.
enum DeviceNode {
  /// Opens a node for reading and writing.
  ///
  /// - Parameter advice: the advice where the node is missing.
  /// - Throws: ``InteropError/Code/driverMissing`` where the node is missing, ``InteropError/Code/driverFailure`` where
  ///   it cannot be opened, naming the group that may; `missing` is the node's path in both.
  ///
  /// The corresponding C function is `open`.
  static func open(_ path: String, whereMissing advice: String) throws(InteropError) -> FileDescriptorOwner {
    let number = kernel_open(path)
    if number >= 0 { return FileDescriptorOwner(owning: number) }
    let step = "open \(path)"
    let code = DriverCode.posix(-number)
    switch -number {
    case ENOENT, ENODEV, ENXIO:
      throw InteropError(
        .driverMissing, step: step, reason: "this machine has no such device", driverCode: code, missing: [path],
        advice: advice)
    case EACCES, EPERM:
      throw InteropError(
        .driverFailure, step: step, reason: "this user may not open the device", driverCode: code, missing: [path],
        advice: permissionAdvice(path))
    default:
      throw InteropError(
        .driverFailure, step: step, reason: "the device cannot be opened", driverCode: code, missing: [path])
    }
  }

  /// Names the group that may use the node (`render`, `video`, `kvm`); some nodes belong to root alone.
  private static func permissionAdvice(_ path: String) -> String {
    var status = stat()
    let isGroups = stat(path, &status) == 0 && status.st_mode & S_IRGRP != 0 && status.st_mode & S_IWGRP != 0
    guard isGroups, status.st_gid != 0 else {
      return "Only root may: give it to a group with a udev rule (GROUP=\"video\", MODE=\"0660\")"
    }
    let group = groupName(status.st_gid)
    return "Join the group \(group) (usermod -a -G \(group) USER) and log in again"
  }

  private static func groupName(_ id: gid_t) -> String {
    var entry = group()
    var found: UnsafeMutablePointer<group>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1 << 14) { buffer in
      guard getgrgid_r(id, &entry, buffer.baseAddress!, buffer.count, &found) == 0, found != nil else { return "\(id)" }
      return String(cString: entry.gr_name)
    }
  }
}
