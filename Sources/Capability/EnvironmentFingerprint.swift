internal import Glibc

/// The influences on a driver's behaviour that its version does not show: environment variables, the manifests that
/// choose drivers, the kernel, the device nodes and whether this process may open them.
///
/// It does not include the restrictions of a sandbox beyond file permissions (seccomp, a container's device filter).
package struct EnvironmentFingerprint: Sendable, Hashable {
  /// One line for each influence, in a fixed order: `env NAME=value`, `file PATH SIZE MTIME` (bytes, nanoseconds since
  /// 1970), `kernel RELEASE VERSION`, `device PATH NUMBER rw` (`st_rdev`).
  package var parts: [String]

  /// Collects names, sizes and times and reads no file. It takes 0.14 ms, the first time in a process 0.5 ms, on a
  /// machine with 8 manifests and 108 names in /dev.
  ///
  /// - Parameter environment: the variables that the drivers will see.
  package static func current(
    environment: [String: String] = ProcessEnvironment.current()
  ) -> EnvironmentFingerprint {
    current(environment: environment, root: "")
  }

  /// - Parameter root: a prefix of the fixed paths (`/etc`, `/usr`, `/dev`), for tests.
  package static func current(environment: [String: String], root: String) -> EnvironmentFingerprint {
    EnvironmentFingerprint(
      parts: variables(environment)
        + DriverManifests.files(environment, root: root).map(file)
        + [kernel]
        + devices(root: root))
  }

  // MARK: Variables

  /// Prefixes of the variables that the GL and Vulkan drivers and their loaders read: Mesa's docs/envvars.rst,
  /// Vulkan-Loader's docs/LoaderInterfaceArchitecture.md, libglvnd's README.md, NVIDIA's README.
  private static let prefixes = [
    "LIBGL_", "MESA_", "GALLIUM_", "ZINK_", "LP_", "LVP_", "NIR_", "ACO_", "AMD_", "RADV_", "ANV_", "TU_", "NVK_",
    "VN_", "GBM_", "ANGLE_", "SWIFTSHADER_", "EGL_", "VK_", "NVIDIA_", "__EGL_", "__GLX_", "__GL_", "__NV_", "__VK_",
  ]
  private static let names: Set = [
    "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "LD_PRELOAD", "DRI_PRIME", "INTEL_DEBUG",
  ]
  /// Excludes secrets: no driver has such a variable, but NVIDIA_API_KEY is common, and parts are written to disk.
  private static let secrets = ["KEY", "TOKEN", "SECRET", "PASSWORD"]

  private static func variables(_ environment: [String: String]) -> [String] {
    let wanted = environment.keys.filter { name in
      (names.contains(name) || prefixes.contains { name.hasPrefix($0) }) && !secrets.contains { name.contains($0) }
    }
    return wanted.sorted().map { "env \($0)=\(environment[$0] ?? "")" }
  }

  // MARK: Files, kernel, devices

  private static func file(_ path: String) -> String {
    var info = stat()
    guard stat(path, &info) == 0 else { return "file \(path) absent" }
    return "file \(path) \(info.st_size) \(info.st_mtim.tv_sec * 1_000_000_000 + info.st_mtim.tv_nsec)"
  }

  private static var kernel: String {
    var name = utsname()
    guard uname(&name) == 0 else { return "kernel unknown" }
    func text<Field>(_ field: Field) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return "kernel \(text(name.release)) \(text(name.version))"
  }

  /// GPUs (DRM, NVIDIA, AMD's compute node, Mali, Adreno) and the nodes that provide buffers without one. Lists
  /// character devices only, with the access that the kernel would grant the effective user.
  private static func devices(root: String) -> [String] {
    let dev = root + "/dev"
    let inDev = DirectoryListing.names(in: dev).filter { name in
      ["udmabuf", "kfd"].contains(name) || ["nvidia", "mali", "kgsl"].contains { name.hasPrefix($0) }
    }
    let paths =
      inDev.map { "\(dev)/\($0)" }
      + ["dri", "dma_heap"].flatMap { folder in
        DirectoryListing.names(in: "\(dev)/\(folder)").map { "\(dev)/\(folder)/\($0)" }
      }
    return paths.compactMap { path -> String? in
      var info = stat()
      guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFCHR else { return nil }
      func may(_ mode: Int32, _ letter: String) -> String {
        faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 ? letter : "-"
      }
      return "device \(path) \(info.st_rdev) \(may(R_OK, "r"))\(may(W_OK, "w"))"
    }
  }
}
