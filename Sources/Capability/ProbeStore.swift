internal import CInteropProbe
internal import InteropDrivers
internal import Glibc
internal import RawImport

/// The results for one pair of drivers, on disk, in a file for each size.
struct ProbeStore {
  struct Known {
    var cells: [CellKey: CapabilityMatrix.Cell] = [:]
    var queueFamilies: [CapabilityMatrix.QueueFamily]?
    var probedIn: CapabilityMatrix.ProbePlace?
    /// The modifiers that both sides have, by pixel format.
    var modifiers: [String: [DRMModifier]] = [:]
  }

  private let cache: CapabilityCache
  private let parts: [String]

  /// - Returns: nil where there is no directory for the files.
  init?(_ pair: PairDescription, _ target: ProbeTarget) {
    guard let cache = CapabilityCache() else { return nil }
    self.cache = cache
    let gl = pair.gl
    let vulkan = pair.vulkan
    let limits =
      target.limits.map {
        [$0.deviceExtensions.sorted().joined(separator: " "), "\($0.queueFamilies)", "\($0.hasTimelineSemaphores)"]
      } ?? []
    parts =
      [
        LibraryVersion.text, gl.platform, target.api, gl.vendor, gl.renderer, gl.version, gl.deviceUUID, gl.driverUUID,
        vulkan.deviceName, vulkan.driverName, vulkan.driverInfo, vulkan.apiVersion, vulkan.deviceUUID,
        vulkan.driverUUID,
      ] + limits + target.layers + Self.program() + EnvironmentFingerprint.current().parts
  }

  /// The identity of the program that does the trying: another build of it may get other results, and a process that
  /// may open few files gets fewer.
  private static func program() -> [String] {
    let helper = ProbeHelper.locate()
    let path = helper ?? "/proc/self/exe"
    var (soft, hard): (UInt64, UInt64) = (0, 0)
    system_open_files_limit(&soft, &hard)
    // The helper raises its own limit.
    let allowed = helper == nil ? soft : hard
    let limits = allowed < 256 ? ["\(allowed) open files"] : []
    var info = stat()
    guard stat(path, &info) == 0 else { return [path] + limits }
    return [path, "\(info.st_size)", "\(info.st_mtim.tv_sec).\(info.st_mtim.tv_nsec)"] + limits
  }

  func load(_ sizes: [PixelSize]) -> Known {
    var known = Known()
    for size in sizes {
      guard let entry = cache.load(key(size), as: StoredCells.self) else { continue }
      for cell in entry.cells { known.cells[cell.key] = cell }
      known.queueFamilies = entry.queueFamilies
      known.probedIn = entry.probedIn
      known.modifiers.merge(entry.modifiers) { $1 }
    }
    return known
  }

  func save(
    _ known: Known, _ families: [CapabilityMatrix.QueueFamily], _ place: CapabilityMatrix.ProbePlace
  ) {
    for (size, cells) in Dictionary(grouping: known.cells.values, by: \.size) {
      cache.store(StoredCells(cells, families, place, known.modifiers), for: key(size))
    }
  }

  /// The images that passed a check with these drivers.
  var checkedImages: CheckedImages { CheckedImages(cache, CapabilityCache.Key(parts: parts + ["checked images"])) }

  private func key(_ size: PixelSize) -> CapabilityCache.Key { CapabilityCache.Key(parts: parts + [size.description]) }
}
