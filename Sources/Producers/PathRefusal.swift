internal import Capability
internal import InteropDrivers
internal import Logging
internal import RawImport

/// A way that did not work, and why.
struct PathRefusal {
  let candidate: PathCandidate
  let error: InteropError

  /// Of several the one to mend: that of the best path and mode, whose last sync asks least.
  static func toMend(_ refusals: [PathRefusal]) -> InteropError? {
    guard let best = refusals.first?.candidate else { return nil }
    return refusals.last { $0.candidate.path == best.path && $0.candidate.mode == best.mode }?.error
  }

  /// Says each path that is not used once, in `fellBackFrom`, and the best one's reason in one line of the log: the
  /// others matter to nobody who mends that.
  static func report(
    _ refusals: [PathRefusal], using used: TransferPath, in fellBackFrom: inout [(path: TransferPath, reason: String)],
    _ logger: Logger
  ) {
    var said: [(path: TransferPath, error: InteropError)] = []
    for path in TransferPath.all where path != used && !fellBackFrom.contains(where: { $0.path == path }) {
      guard let last = refusals.last(where: { $0.candidate.path == path }) else { continue }
      fellBackFrom.append((path, last.error.description))
      said.append((path, last.error))
    }
    guard let best = said.first else { return }
    logger.warning("\(best.path) does not work here, using \(used): \(best.error)")
    for other in said.dropFirst() { logger.info("\(other.path) does not work here: \(other.error)") }
  }
}
