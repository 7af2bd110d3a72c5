internal import InteropBase
package import RawImport

/// The kinds of images that rings were made of on these drivers and that passed the pixel check, in the cache on disk:
/// the next start with the same kind and size need not send patterns again.
///
/// Any thread may use it.
package final class CheckedImages: Sendable {
  /// What a check depends on.
  package struct Kind: Sendable, Hashable {
    package var key: CellKey
    package var orientation: ImageOrientation

    package init(_ key: CellKey, _ orientation: ImageOrientation) {
      self.key = key
      self.orientation = orientation
    }

    fileprivate var text: String {
      let configuration = key.configuration
      let parts = [
        configuration.path.rawValue, configuration.mode.rawValue, configuration.sync.rawValue,
        configuration.tiling.rawValue, key.direction.rawValue, key.format.name, key.modifier?.hexadecimal ?? "-",
        key.size.description, "\(orientation)",
      ]
      return parts.joined(separator: " ")
    }
  }

  /// A program that resizes its window makes many sizes; the last ones are kept.
  private static let limit = 64

  private let cache: CapabilityCache
  private let place: CapabilityCache.Key
  /// Oldest first; nil before the file was read.
  private let known = Mutex<[String]?>(nil)

  init(_ cache: CapabilityCache, _ place: CapabilityCache.Key) {
    self.cache = cache
    self.place = place
  }

  package func contains(_ kind: Kind) -> Bool {
    known.withLock { known in
      read(&known)
      return known?.contains(kind.text) == true
    }
  }

  /// Remembers an image that passed, also for later processes.
  package func insert(_ kind: Kind) {
    known.withLock { known in
      read(&known)
      guard known?.contains(kind.text) != true else { return }
      // Another process may have added some since.
      var all = cache.load(place, as: [String].self) ?? []
      all.removeAll { $0 == kind.text }
      all.append(kind.text)
      all.removeFirst(max(all.count - Self.limit, 0))
      cache.store(all, for: place)
      known = all
    }
  }

  private func read(_ known: inout [String]?) {
    if known == nil { known = cache.load(place, as: [String].self) ?? [] }
  }
}
