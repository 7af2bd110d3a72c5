internal import Glibc

/// The files that tell the loaders which drivers to open, and with which options.
enum DriverManifests {
  /// Full paths, each once, in the loaders' search order. A file that a variable names is listed whether it exists or
  /// not; a folder is listed by its content.
  static func files(_ environment: [String: String], root: String) -> [String] {
    let all =
      vulkanDrivers(environment, root) + vulkanLayers(environment, root) + eglVendors(environment, root)
      + mesaOptions(environment, root)
    var seen: Set<String> = []
    return all.filter { seen.insert($0).inserted }
  }

  /// Search order as in Vulkan-Loader's docs/LoaderDriverInterface.md. VK_DRIVER_FILES replaced VK_ICD_FILENAMES; if
  /// both are set, the loader's version determines which counts, so both are read. Each may name folders too.
  private static func vulkanDrivers(_ environment: [String: String], _ root: String) -> [String] {
    let added = named("VK_ADD_DRIVER_FILES", environment)
    if environment["VK_DRIVER_FILES"] != nil || environment["VK_ICD_FILENAMES"] != nil {
      return added + named("VK_DRIVER_FILES", environment) + named("VK_ICD_FILENAMES", environment)
    }
    return added + vulkanFolders(environment, root).flatMap { manifests(in: $0 + "/vulkan/icd.d") }
  }

  /// Implicit layers sit between every application and its driver (screen capture, overlays).
  private static func vulkanLayers(_ environment: [String: String], _ root: String) -> [String] {
    vulkanFolders(environment, root).flatMap { manifests(in: $0 + "/vulkan/implicit_layer.d") }
  }

  private static func vulkanFolders(_ environment: [String: String], _ root: String) -> [String] {
    func list(_ name: String) -> [String]? { environment[name].flatMap { $0.isEmpty ? nil : split($0) } }
    let home = environment["HOME"]
    return (list("XDG_CONFIG_HOME") ?? home.map { [$0 + "/.config"] } ?? [])
      + (list("XDG_CONFIG_DIRS") ?? ["\(root)/etc/xdg"])
      + ["\(root)/usr/local/etc", "\(root)/etc"]
      + (list("XDG_DATA_HOME") ?? home.map { [$0 + "/.local/share"] } ?? [])
      + (list("XDG_DATA_DIRS") ?? [])
      + ["\(root)/usr/local/share", "\(root)/usr/share"]
  }

  /// Search order as in libglvnd's src/EGL/icd_enumeration.md.
  private static func eglVendors(_ environment: [String: String], _ root: String) -> [String] {
    if environment["__EGL_VENDOR_LIBRARY_FILENAMES"] != nil {
      return named("__EGL_VENDOR_LIBRARY_FILENAMES", environment)
    }
    let folders =
      environment["__EGL_VENDOR_LIBRARY_DIRS"].map(split)
      ?? ["\(root)/etc/glvnd/egl_vendor.d", "\(root)/usr/share/glvnd/egl_vendor.d"]
    return folders.flatMap { manifests(in: $0) }
  }

  /// Options per application and driver; Mesa's docs/drirc.rst.
  private static func mesaOptions(_ environment: [String: String], _ root: String) -> [String] {
    let files = ["\(root)/etc/drirc"] + (environment["HOME"].map { [$0 + "/.drirc"] } ?? [])
    return manifests(in: "\(root)/usr/share/drirc.d", suffix: ".conf") + files.filter { access($0, F_OK) == 0 }
  }

  private static func named(_ variable: String, _ environment: [String: String]) -> [String] {
    split(environment[variable] ?? "").flatMap { path in
      path.hasSuffix(".json") ? [path] : [path] + manifests(in: path)
    }
  }

  private static func manifests(in folder: String, suffix: String = ".json") -> [String] {
    DirectoryListing.names(in: folder).filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }
  }

  private static func split(_ list: String) -> [String] { list.split(separator: ":").map(String.init) }
}
