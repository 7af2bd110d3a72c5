package import RawImport

/// What a probe is to find out, where the first combination that works is enough: an application's start waits for it.
package struct ProbeGoal: Sendable {
  /// The combinations to try, the preferred first. Those after the first that meets ``requirements`` are not tried.
  package let candidates: [TransferConfiguration]
  package let requirements: CapabilityMatrix.Requirements

  package init(_ candidates: [TransferConfiguration], _ requirements: CapabilityMatrix.Requirements) {
    self.candidates = candidates
    self.requirements = requirements
  }
}
