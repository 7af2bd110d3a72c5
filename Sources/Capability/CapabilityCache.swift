internal import InteropBase
internal import FoundationEssentials
internal import Glibc

/// A disk cache of probe results for driver pairs, so that an application's second start need not probe again.
///
/// One file per key is under `$XDG_CACHE_HOME/swift-gl-vulkan-interop`, else `$HOME/.cache/swift-gl-vulkan-interop`. A
/// file that is not exactly as ``store(_:for:)`` wrote it, or that another user could have written, counts as missing;
/// the cache does not touch it. Nothing here throws: without the cache an application probes, which takes a second.
///
/// Any thread may use it, and several processes at a time: of two that store under one key the last wins, and a reader
/// gets the one or the other, never a mixture.
package struct CapabilityCache: Sendable {
  /// The conditions under which an answer is valid. A change of one part, or of their order, makes another key.
  package struct Key: Sendable, Hashable {
    /// UUIDs, the drivers' version strings, this library's version, sizes, ``EnvironmentFingerprint``. The cache writes
    /// them into the file as they are, so they must not contain secrets.
    package var parts: [String]

    package init(parts: [String]) { self.parts = parts }
  }

  /// The directory of the files: an absolute path. It is created at the first store.
  package let directory: String

  /// Uses the cache directory of the XDG Base Directory Specification.
  ///
  /// - Parameter environment: the variables from which `XDG_CACHE_HOME` and `HOME` are taken. A path in them that is
  ///   not absolute is ignored, as the specification demands.
  /// - Returns: nil if neither names a directory, or if the process runs as another user than the one who set them
  ///   (setuid).
  package init?(environment: [String: String] = ProcessEnvironment.current()) {
    guard !ProcessEnvironment.isUntrusted else { return nil }
    func absolute(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    guard let base = absolute("XDG_CACHE_HOME") ?? absolute("HOME").map({ $0 + "/.cache" }) else { return nil }
    self.init(directory: base + "/swift-gl-vulkan-interop")
  }

  /// - Parameter directory: an absolute path; the last part and its parents need not exist.
  package init(directory: String) { self.directory = directory }

  /// Loads the value that was last stored under `key`.
  ///
  /// - Returns: nil if there is none; if the file is damaged, of another format, larger than 4 MiB, no regular file or
  ///   a symbolic link; if the file or the directory belongs to another user; if group or others may write the file, or
  ///   others the directory; and if the content is no `Value`.
  package func load<Value: Decodable>(_ key: Key, as type: Value.Type) -> Value? {
    let line = CacheFile.keyLine(key.parts)
    guard let folder = CacheDirectory(path: directory),
      let bytes = folder.read(CacheFile.name(keyLine: line), atMost: CacheFile.maximumSize),
      let payload = CacheFile.payload(in: bytes, keyLine: line)
    else { return nil }
    return try? JSONDecoder().decode(type, from: Data(bytes[payload]))
  }

  /// Stores `value` under `key` and replaces the previous value. If the directory is missing, the cache creates it for
  /// this user alone.
  ///
  /// The first call in a process also deletes files of this cache that were not written for 90 days, and temporary
  /// files of processes that died, after an hour.
  ///
  /// - Returns: whether the value was stored. If not, no file was left behind.
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
