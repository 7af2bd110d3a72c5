import CDriverTrace
import Glibc

/// How many driver objects of each kind are alive: made less destroyed, counted by the thunks of ``DriverTrace`` since
/// the process began, recording or not. Objects made past the thunks are not known.
///
/// GL names count until they are deleted, whatever becomes of their context.
public struct LiveObjects: Sendable, Equatable {
  /// The counts by kind: `VkImage`, `GLTexture`, `EGLContext`.
  public let counts: [String: Int]
  /// The kinds in the order of a report.
  private static let kinds: [String] = (0..<TRACE_OBJECT_COUNT.rawValue).map {
    String(cString: trace_object_name(trace_object(rawValue: $0)))
  }

  /// The counts now.
  public static func snapshot() -> LiveObjects {
    let pairs = kinds.enumerated().map { index, kind in
      (kind, Int(trace_live_objects(trace_object(rawValue: UInt32(index)))))
    }
    return LiveObjects(counts: Dictionary(uniqueKeysWithValues: pairs))
  }

  /// The number of live objects of a kind.
  public subscript(kind: String) -> Int { counts[kind] ?? 0 }

  /// What came or went since `earlier`, a line per kind: `VkImage +1`. Empty when nothing is left over.
  public func changes(since earlier: LiveObjects) -> [String] {
    Self.kinds.compactMap { kind in
      let change = self[kind] - earlier[kind]
      return change == 0 ? nil : "\(kind) \(change > 0 ? "+" : "")\(change)"
    }
  }
}

extension LiveObjects: CustomStringConvertible {
  public var description: String {
    Self.kinds.filter { self[$0] != 0 }.map { "\($0) \(self[$0])" }.joined(separator: ", ")
  }
}

/// The process's open file descriptors, from /proc/self/fd.
public enum OpenFiles {
  /// What each descriptor refers to: a path, `socket:[…]`, `/memfd:… (deleted)`.
  public static func list() -> [Int32: String] {
    guard let directory = opendir("/proc/self/fd") else { return [:] }
    defer { closedir(directory) }
    let own = dirfd(directory)
    var files: [Int32: String] = [:]
    while let entry = readdir(directory) {
      // d_name's tuple is as large as NAME_MAX, and the numbers end long before.
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard let number = Int32(name), number != own else { continue }
      // Another thread may have closed it since readdir.
      if let target = link("/proc/self/fd/" + name) { files[number] = target }
    }
    return files
  }

  /// How many are open.
  public static func count() -> Int { list().count }

  /// What is open now more often than it was then: `12 -> /memfd:x`.
  ///
  /// What counts is how many descriptors refer to the same, not their numbers: llvmpipe gives the buffers of a picture
  /// back with the next one, and holds that one's instead.
  public static func opened(since earlier: [Int32: String]) -> [String] {
    let before = Dictionary(grouping: earlier.keys) { earlier[$0] }
    let now = list()
    return Dictionary(grouping: now.keys) { now[$0] }.flatMap { target, numbers -> [String] in
      let more = numbers.count - (before[target]?.count ?? 0)
      guard more > 0 else { return [] }
      let new = numbers.filter { earlier[$0] != target }.sorted()
      return new.prefix(more).map { "\($0) -> \(target ?? "")" }
    }.sorted()
  }

  private static func link(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let length = readlink(path, start, buffer.count)
      return length < 0 ? nil : String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }
}
