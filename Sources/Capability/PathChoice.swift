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

  /// The best way that was seen to work: shared memory before a copy through the CPU, optimal tiling before linear,
  /// rendering into the image before a blit, GPU-side waiting before the CPU's.
  ///
  /// - Returns: nil if no way works for all the formats.
  public func bestPath(for requirements: Requirements = Requirements()) -> Choice? {
    for candidate in Self.ranking {
      let mine = cells.filter {
        $0.direction == requirements.direction && $0.path == candidate.path.rawValue && $0.mode == candidate.mode
          && $0.sync == candidate.sync && $0.tiling == candidate.tiling
      }
      // A format works if it works in every size that was asked for.
      let names = Set(mine.map(\.pixelFormat))
      let verified = names.filter { name in
        mine.allSatisfy { $0.pixelFormat != name || $0.verdict == .verified }
      }
      let wanted = Set(requirements.formats.map(\.name))
      guard !verified.isEmpty, wanted.isSubset(of: verified) else { continue }
      return Choice(
        path: candidate.path.rawValue, sync: candidate.sync, mode: candidate.mode, queueFamily: mine.compactMap(\.queueFamily).first ?? 0,
        reason: reason(candidate, formats: verified.count, of: names.count, requirements.direction))
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

  private func reason(
    _ choice: Candidate, formats: Int, of all: Int, _ direction: TransferDirection
  ) -> String {
    let memory =
      choice.path == .hostCopy
      ? "no shared memory was verified, so frames are copied through the CPU"
      : "memory is shared without a copy"
    let verb = direction == .glToVulkan ? "renders straight into" : "reads straight from"
    let drawing = choice.mode == .direct ? "GL \(verb) it" : "one GPU blit stands between"
    let waiting =
      choice.sync == .semaphoreFD ? "the GPU waits, not the CPU" : "the CPU waits, as no shared semaphore was verified"
    let how = choice.path == .hostCopy ? memory : "\(memory), \(drawing), \(waiting)"
    return "\(how); \(formats) of \(all) pixel formats verified"
  }
}
