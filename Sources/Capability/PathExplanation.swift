/// The steps that the probe took to try each combination of a path.
public struct Explanations: Sendable {
  /// The explanations, one for each combination; a single one with the reason if the drivers could not be opened.
  public var ways: [PathExplanation]
  /// Whether both drivers could be opened.
  public var wasOpened: Bool
  /// Facts that a user should know: no helper, a setting that was ignored.
  public var warnings: [String]
}

/// The steps that the probe took to try one combination of a path.
public struct PathExplanation: Sendable {
  /// The result of the trial.
  public var cell: CapabilityMatrix.Cell
  /// Steps in the order in which the probe took them.
  public var steps: [Step]

  /// One step of the trial.
  public struct Step: Sendable {
    /// The purpose of the step, in words.
    public var title: String
    /// Driver functions in the order of their first call, each with the number of calls. Empty in this process, and on
    /// processors where the probe does not record calls.
    public var calls: [(name: String, count: Int)]
    /// Whether the trial stopped at this step.
    public var isEnd: Bool
  }
}
