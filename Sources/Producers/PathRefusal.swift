internal import Capability
internal import InteropDrivers
internal import Logging
internal import RawImport

/// A combination that did not work, and the reason.
struct PathRefusal {
  let candidate: TransferConfiguration
  let error: InteropError

  /// Returns the error to fix first: that of the best path and mode, of whose syncs the last requires the least.
  static func toMend(_ refusals: [PathRefusal]) -> InteropError? {
    guard let best = refusals.first?.candidate else { return nil }
    return refusals.last { $0.candidate.path == best.path && $0.candidate.mode == best.mode }?.error
  }

  /// Records each path that is not used once in `fellBackFrom`, and logs the best path's reason as one warning. The
  /// others, logged as info, do not matter once that one is fixed.
  static func report(
    _ refusals: [PathRefusal], using used: TransferPath, in fellBackFrom: inout [TransferStatus.Fallback],
    _ logger: Logger
  ) {
    var said: [(path: TransferPath, error: InteropError)] = []
    for path in TransferPath.all where path != used && !fellBackFrom.contains(where: { $0.path == path }) {
      guard let last = refusals.last(where: { $0.candidate.path == path }) else { continue }
      fellBackFrom.append(.init(path: path, reason: last.error.description))
      said.append((path, last.error))
    }
    guard let best = said.first else { return }
    logger.warning("\(best.path) does not work here, using \(used): \(best.error)")
    for other in said.dropFirst() { logger.info("\(other.path) does not work here: \(other.error)") }
  }
}
