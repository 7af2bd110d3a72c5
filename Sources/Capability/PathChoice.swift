public import RawImport

extension CapabilityMatrix {
  /// What a program needs of a path.
  public struct Requirements: Sendable, Hashable {
    public var direction: TransferDirection
    /// All of them must work; empty takes any.
    public var formats: [PixelFormat]

    public init(direction: TransferDirection = .glToVulkan, formats: [PixelFormat] = []) {
      self.direction = direction
      self.formats = formats
    }
  }

  /// The best way that was seen to work: shared memory before a copy through the CPU, rendering into the image before a
  /// blit, GPU-side waiting before the CPU's, optimal tiling before linear.
  ///
  /// - Returns: nil if no way works for all the formats.
  public func bestPath(for requirements: Requirements = Requirements()) -> Choice? {
    for candidate in Self.ranking {
      let mine = cells.filter {
        $0.direction == requirements.direction && $0.path == candidate.path.rawValue && $0.mode == candidate.mode
          && $0.sync == candidate.sync && $0.tiling == candidate.tiling
      }
      let verified = mine.filter { $0.verdict == .verified }
      let wanted = requirements.formats.map(\.name)
      guard let first = verified.first(where: { wanted.isEmpty || wanted.contains($0.pixelFormat) }),
        wanted.allSatisfy({ name in verified.contains { $0.pixelFormat == name } })
      else { continue }
      return Choice(
        path: candidate.path.rawValue, sync: candidate.sync, mode: candidate.mode, queueFamily: first.queueFamily ?? 0,
        reason: reason(candidate, formats: Set(verified.map(\.pixelFormat)).count, of: Set(mine.map(\.pixelFormat)).count))
    }
    return nil
  }

  private struct Candidate {
    let path: TransferPath
    let mode: TransferMode
    let sync: SyncKind
    let tiling: ImageTiling
  }

  private static let ranking: [Candidate] = TransferPath.all.flatMap { path in
    ImageTiling.allCases.flatMap { tiling in
      TransferMode.allCases.flatMap { mode in
        [SyncKind.semaphoreFD, .cpuWait].map { Candidate(path: path, mode: mode, sync: $0, tiling: tiling) }
      }
    }
  }

  private func reason(_ choice: Candidate, formats: Int, of all: Int) -> String {
    let memory =
      choice.path == .hostCopy
      ? "no shared memory was verified, so frames are copied through the CPU"
      : "memory is shared without a copy"
    let drawing = choice.mode == .direct ? "GL renders straight into it" : "one GPU blit fills it"
    let waiting = choice.sync == .semaphoreFD ? "the GPU waits, not the CPU" : "the CPU waits, as the drivers share no semaphores"
    let how = choice.path == .hostCopy ? memory : "\(memory), \(drawing), \(waiting)"
    return "\(how); \(formats) of \(all) pixel formats verified"
  }
}
