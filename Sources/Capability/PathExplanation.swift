/// What was done to try each way of a path.
public struct Explanations: Sendable {
  /// One that says why, if the drivers could not be opened.
  public var ways: [PathExplanation]
  /// Whether both drivers could be opened.
  public var wasOpened: Bool
  /// What a user should know: no helper, a setting that was ignored.
  public var warnings: [String]
}

/// What was done to try one way of a path.
public struct PathExplanation: Sendable {
  /// What came of it.
  public var cell: CapabilityMatrix.Cell
  /// Steps in the order in which they were done.
  public var steps: [Step]

  /// One step of trying it.
  public struct Step: Sendable {
    /// What for, in words.
    public var title: String
    /// Driver functions in the order of their first call, with how often they were called. Empty on processors where
    /// calls are not written down, and in this process.
    public var calls: [(name: String, count: Int)]
    /// Whether it stopped here.
    public var isEnd: Bool
  }
}
