// What is measured besides the time of a frame.

/// Whether frames cost anything that is not given back, and what they use up, over many frames of a small size.
package struct SteadyState: Codable, Sendable {
  package let size: String
  /// What a row's `systemCalls` are missing for, if they are.
  package var systemCallsNotMeasured: String?
  package var rows: [Row]

  package init(size: String, rows: [Row] = []) {
    self.size = size
    self.rows = rows
  }

  package struct Row: Codable, Sendable {
    package let name: String
    package let frames: Int
    /// Resident memory at the end minus that at the beginning, in KiB.
    package var memoryGrowthKiB = 0
    package var fileDescriptorGrowth = 0
    /// Heap allocations per frame on the frames' thread that Swift code made, the library's or the benchmark's; nil
    /// where a sanitizer has the heap.
    package var ownAllocations: Double?
    /// As ``ownAllocations``, by the drivers.
    package var driverAllocations: Double?
    /// Vulkan, GL and EGL objects made per frame; nil for C's frames, which pass no table that counts.
    package var driverObjects: Double?
    /// File descriptors that drivers gave out per frame (vkGetSemaphoreFdKHR and its like); nil for C's frames.
    package var driverDescriptors: Double?
    /// Per frame, of all threads; nil if not counted.
    package var systemCalls: Double?
    /// Those of them that open a descriptor. What drivers give out need not be among them.
    package var descriptorsOpened: Double?
    /// The most frequent ones, per frame.
    package var frequentSystemCalls: [String: Double]?

    package init(name: String, frames: Int) {
      self.name = name
      self.frames = frames
    }

    package var isSteady: Bool { fileDescriptorGrowth <= 0 && memoryGrowthKiB <= SteadyState.memoryLimitKiB }
  }

  /// What an allocator may keep; a leak of 64 bytes a frame goes past it within 16,000 frames.
  package static let memoryLimitKiB = 1024

  package var isSteady: Bool { rows.allSatisfy(\.isSteady) }
}

/// From nothing to the first frame that has arrived, in milliseconds.
package struct Creation: Codable, Sendable {
  package let size: String
  /// One after the other, taking turns.
  package let rows: [Row]
  package let ratios: [Ratio]

  package struct Row: Codable, Sendable {
    package let name: String
    package let summary: String
    package let count: Int
    package let p10: Double
    package let p50: Double
    package let p90: Double
    package let p99: Double
  }

  package struct Ratio: Codable, Sendable {
    package let of: String
    package let to: String
    package let ratio: Estimate
  }

  /// - Parameter samples: milliseconds of each, as many of all.
  package init(size: String, _ samples: [(name: String, summary: String, milliseconds: [Double])]) {
    self.size = size
    rows = samples.map { sample in
      let sorted = sample.milliseconds.sorted()
      return Row(
        name: sample.name, summary: sample.summary, count: sorted.count, p10: percentile(0.1, ofSorted: sorted),
        p50: percentile(0.5, ofSorted: sorted), p90: percentile(0.9, ofSorted: sorted),
        p99: percentile(0.99, ofSorted: sorted))
    }
    guard let base = samples.last else {
      ratios = []
      return
    }
    ratios = samples.dropLast().map { sample in
      Ratio(
        of: sample.name, to: base.name,
        ratio: Estimate(of: zip(sample.milliseconds, base.milliseconds).map { [$0 / $1] }))
    }
  }
}

/// The time of a frame from the first hundred frames of one producer to the last of many, with frames of C's in
/// between.
package struct Growth: Codable, Sendable {
  package let name: String
  /// What every block of its frames is compared with.
  package let reference: String
  package let size: String
  package let decades: [Decade]
  /// How the last decade's ratios to the reference stand to those of the first warm decade, that up to 1000 frames.
  package let lastToWarm: Estimate

  /// The frames up to a power of ten, after those of the decade before.
  package struct Decade: Codable, Sendable {
    package let upTo: Int
    package let p50: Double
    package let p99: Double
    /// To the reference, in blocks that follow each other: what else the machine does meets both.
    package let toReference: Estimate
    package let memoryKiB: Int
    package let fileDescriptors: Int

    /// - Parameters:
    ///   - times: microseconds of each frame.
    ///   - ratios: of each block to the reference's.
    package init(upTo: Int, times: [Double], ratios: [Double], memoryKiB: Int, fileDescriptors: Int) {
      self.upTo = upTo
      let sorted = times.sorted()
      p50 = percentile(0.5, ofSorted: sorted)
      p99 = percentile(0.99, ofSorted: sorted)
      toReference = Estimate(of: [ratios])
      self.memoryKiB = memoryKiB
      self.fileDescriptors = fileDescriptors
    }
  }

  package init(name: String, reference: String, size: String, decades: [Decade]) {
    self.name = name
    self.reference = reference
    self.size = size
    self.decades = decades
    let last = decades.last?.toReference ?? Estimate(exactly: .nan)
    let warm = decades.first { $0.upTo >= 1000 }?.toReference ?? last
    lastToWarm = Estimate(
      median: last.median / warm.median, low: last.low / warm.high, high: last.high / warm.low)
  }
}

/// Several producers on one Vulkan device, each with its GL context on a thread of its own.
package struct SeveralProducers: Codable, Sendable {
  package let size: String
  package let count: Int
  /// Frames per second: one alone, all together; one per repetition.
  package let one: [Double]
  package let all: [Double]
  /// The same of GL drawing alone.
  package let renderOnlyOne: [Double]
  package let renderOnlyAll: [Double]
  /// How much faster all are than one, against how much faster that many threads draw than one: 1 is as the hardware
  /// does.
  package let scaling: Estimate

  package init(
    size: String, count: Int, one: [Double], all: [Double], renderOnlyOne: [Double], renderOnlyAll: [Double]
  ) {
    self.size = size
    self.count = count
    self.one = one
    self.all = all
    self.renderOnlyOne = renderOnlyOne
    self.renderOnlyAll = renderOnlyAll
    scaling = Estimate(
      of: one.indices.map { [(all[$0] / one[$0]) / (renderOnlyAll[$0] / renderOnlyOne[$0])] })
  }
}
