package import RawImport
public import InteropDrivers

/// The order of preference among combinations.
///
/// The default order puts shared memory before a copy through the CPU, optimal tiling before linear, rendering into the
/// image before a blit, and GPU-side waits before CPU waits. Of the paths that share memory, `opaque-fd` comes first,
/// then the DMA-BUF whose layout can be chosen, then the DMA-BUF whose layout cannot.
public struct PathRanking: Sendable, Hashable {
  /// The environment variable that ``environment`` reads.
  package static let variable = "GL_VULKAN_INTEROP_RANKING"

  private struct Rule: Sendable, Hashable {
    let path: TransferPath
    let mode: TransferMode?
    let sync: SyncKind?

    func matches(_ candidate: TransferConfiguration) -> Bool {
      candidate.path == path && mode ?? candidate.mode == candidate.mode && sync ?? candidate.sync == candidate.sync
    }
  }

  private var preferred: [Rule] = []
  private var excluded: [Rule] = []

  /// Makes the default order.
  public init() {}

  /// Reads a ranking from text: `host-copy`, `opaque-fd/blit`, `opaque-fd/direct/cpu-wait`, several separated by
  /// commas.
  ///
  /// These come first, in this order, then the others in the default order. An entry with a minus before it,
  /// `-opaque-fd/direct`, is excluded.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` for an unknown name.
  public init(_ text: String) throws(InteropError) {
    for word in text.split(separator: ",", omittingEmptySubsequences: true) {
      let word = word.filter { !$0.isWhitespace }
      let isExcluded = word.hasPrefix("-")
      let parts = (isExcluded ? word.dropFirst() : word[...]).split(separator: "/", omittingEmptySubsequences: false)
      guard let path = TransferPath.all.first(where: { $0.rawValue == parts.first ?? "" }), parts.count <= 3 else {
        throw Self.unknown(word)
      }
      var rule = (mode: TransferMode?.none, sync: SyncKind?.none)
      for part in parts.dropFirst() {
        if let mode = TransferMode(rawValue: String(part)), rule.mode == nil {
          rule.mode = mode
        } else if let sync = SyncKind(rawValue: String(part)), rule.sync == nil {
          rule.sync = sync
        } else {
          throw Self.unknown(word)
        }
      }
      let made = Rule(path: path, mode: rule.mode, sync: rule.sync)
      if isExcluded { excluded.append(made) } else { preferred.append(made) }
    }
  }

  private static func unknown(_ word: String) -> InteropError {
    InteropError(
      .invalidArgument, step: "read the ranking", reason: "\"\(word)\" is no way from GL to Vulkan",
      advice:
        "Write PATH, PATH/MODE or PATH/MODE/SYNC with paths \(TransferPath.all.map(\.rawValue).joined(separator: ", "));"
        + " modes \(TransferMode.allCases.map(\.rawValue).joined(separator: ", "));"
        + " syncs \(SyncKind.allCases.map(\.rawValue).joined(separator: ", ")); a minus before it excludes it")
  }

  /// The ranking of the environment variable `GL_VULKAN_INTEROP_RANKING`; the default order where it is not set or
  /// cannot be read, of which the log and the matrix have a warning.
  public static var environment: PathRanking {
    guard let text = ProcessEnvironment.value(variable) else { return PathRanking() }
    return (try? PathRanking(text)) ?? PathRanking()
  }

  /// Why the environment variable cannot be read, for a warning; nil if it can or is not set.
  package static var environmentProblem: String? {
    guard let text = ProcessEnvironment.value(variable) else { return nil }
    do throws(InteropError) {
      _ = try PathRanking(text)
      return nil
    } catch {
      return "\(variable) is ignored: \(error)"
    }
  }

  /// All combinations, the preferred first.
  package var candidates: [TransferConfiguration] {
    let usual = TransferPath.all.flatMap { path in
      path.tilings.flatMap { tiling in
        (path == .hostCopy ? [.direct] : TransferMode.allCases).flatMap { mode in
          path.syncs.map { TransferConfiguration(path: path, mode: mode, sync: $0, tiling: tiling) }
        }
      }
    }
    let allowed = usual.filter { candidate in !excluded.contains { $0.matches(candidate) } }
    func rank(_ candidate: TransferConfiguration) -> Int {
      preferred.firstIndex { $0.matches(candidate) } ?? preferred.count
    }
    // A stable sort: equal ranks stay in the default order.
    return allowed.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }

  /// Whether the user set no preference.
  var isUsual: Bool { preferred.isEmpty && excluded.isEmpty }
}
