import InteropTestSupport
import Testing

/// What a scenario must not leave.
enum Leftovers {
  /// Runs `body` and expects that no driver object and no descriptor is left, and that no call broke a rule.
  static func expectNone(_ what: String, _ body: () throws -> Void) rethrows {
    let objects = LiveObjects.snapshot()
    let files = OpenFiles.list()
    try body()
    let left = LiveObjects.snapshot().changes(since: objects)
    #expect(left.isEmpty, "\(what) leaves \(left)")
    let opened = FailureInjection.leftOpen(since: files)
    #expect(opened.isEmpty, "\(what) leaves open \(opened)")
    let violations = FakeDRMDriver.violations
    #expect(violations.isEmpty, "\(what): \(violations)")
  }
}
