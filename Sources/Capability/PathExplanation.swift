/// The steps that the probe took to try each combination of a path.
public struct Explanations: Sendable {
  /// The explanations, one for each combination; a single one with the reason if the drivers could not be opened.
  public let ways: [PathExplanation]
  /// Whether both drivers could be opened.
  public let wasOpened: Bool
  /// Facts that a user should know: no helper, a setting that was ignored.
  public let warnings: [String]
}

/// The steps that the probe took to try one combination of a path.
public struct PathExplanation: Sendable {
  /// The result of the trial.
  public let cell: CapabilityMatrix.Cell
  /// Steps in the order in which the probe took them.
  public let steps: [Step]

  /// One step of the trial.
  public struct Step: Sendable {
    /// The purpose of the step, in words.
    public let title: String
    /// Driver functions in the order of their first call, each with the number of calls. Empty in this process, and on
    /// processors where the probe does not record calls.
    public internal(set) var calls: [(name: String, count: Int)]
    /// Whether the trial stopped at this step.
    public internal(set) var isEnd: Bool
  }
}
