internal import InteropBase
internal import FoundationEssentials
internal import Glibc

/// A cache on disk of what was found out about a driver pair, so that a program's second start need not probe again.
///
/// One file per key under `$XDG_CACHE_HOME/swift-gl-vulkan-interop`, else `$HOME/.cache/swift-gl-vulkan-interop`. A
/// file that is not exactly what ``store(_:for:)`` wrote, or that somebody else could have written, counts as not
/// there; it is left alone. Nothing here throws: without the cache a program probes, which takes a second.
///
/// May be used from any thread, and by several processes at a time: of two that store under one key the last wins, and
/// a reader gets the one or the other, never a mixture.
package struct CapabilityCache: Sendable {
  /// What makes an answer valid. Change one part, or their order, and it is another question.
  package struct Key: Sendable, Hashable {
    /// UUIDs, the drivers' version strings, this library's version, sizes, ``EnvironmentFingerprint``. They are written
    /// into the file as they are: no secrets.
    package var parts: [String]

    package init(parts: [String]) { self.parts = parts }
  }

  /// Where the files are: an absolute path. Made when something is first stored.
  package let directory: String

  /// Where the XDG Base Directory Specification wants a cache.
  ///
  /// - Parameter environment: what `XDG_CACHE_HOME` and `HOME` are taken from. A path in them that is not absolute is
  ///   ignored, as the specification demands.
  /// - Returns: nil if neither names a place, or if the process runs as another user than the one who set
  ///   them (setuid).
  package init?(environment: [String: String] = ProcessEnvironment.current()) {
    guard !ProcessEnvironment.isUntrusted else { return nil }
    func absolute(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    guard let base = absolute("XDG_CACHE_HOME") ?? absolute("HOME").map({ $0 + "/.cache" }) else { return nil }
    self.init(directory: base + "/swift-gl-vulkan-interop")
  }

  /// - Parameter directory: an absolute path; the last part and its parents need not exist.
  package init(directory: String) { self.directory = directory }

  /// What was last stored under `key`.
  ///
  /// - Returns: nil if nothing was; if the file is damaged, of another format, larger than 4 MiB, no regular file or a
  ///   symbolic link; if the file or the directory belongs to another user; if group or others may write the file, or
  ///   others the directory; and if the content is no `Value`.
  package func load<Value: Decodable>(_ key: Key, as type: Value.Type) -> Value? {
    let line = CacheFile.keyLine(key.parts)
    guard let folder = CacheDirectory(path: directory),
      let bytes = folder.read(CacheFile.name(keyLine: line), atMost: CacheFile.maximumSize),
      let payload = CacheFile.payload(in: bytes, keyLine: line)
    else { return nil }
    return try? JSONDecoder().decode(type, from: Data(bytes[payload]))
  }

  /// Keeps `value` under `key`, in place of what was there. The directory is made if need be, for this user alone.
  ///
  /// The first call in a process also deletes files of this cache that were not written for 90 days, and temporary
  /// files of processes that died, after an hour.
  ///
  /// - Returns: whether it was kept. If not, nothing was left behind.
  @discardableResult
  package func store<Value: Encodable>(_ value: Value, for key: Key) -> Bool {
    guard let payload = try? JSONEncoder().encode(value) else { return false }
    let line = CacheFile.keyLine(key.parts)
    let bytes = CacheFile.bytes(keyLine: line, payload: Array(payload))
    guard bytes.count <= CacheFile.maximumSize else { return false }
    CacheDirectory.make(directory)
    guard let folder = CacheDirectory(path: directory) else { return false }
    if !Self.wasTidied.exchange(true, ordering: .relaxed) { folder.removeOldFiles(now: time(nil)) }
    return folder.write(bytes, as: CacheFile.name(keyLine: line))
  }

  private static let wasTidied = Atomic(false)
}
