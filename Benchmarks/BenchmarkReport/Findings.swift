// Results other than the time of a frame.

/// The resources that frames use up over many frames of a small size, and whether they are given back.
package struct SteadyState: Codable, Sendable {
  package let size: String
  /// The reason why a row's `systemCalls` are missing, if they are.
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
    /// Heap allocations per frame by Swift code (the library's or the benchmark's) on the frames' thread; nil if a
    /// sanitizer replaces the heap.
    package var ownAllocations: Double?
    /// As ``ownAllocations``, by the drivers.
    package var driverAllocations: Double?
    /// Vulkan, GL and EGL objects created per frame; nil for C's frames, which use no table that counts.
    package var driverObjects: Double?
    /// File descriptors that drivers returned per frame (by vkGetSemaphoreFdKHR and similar functions); nil for C's
    /// frames.
    package var driverDescriptors: Double?
    /// System calls per frame, of all threads; nil if not counted.
    package var systemCalls: Double?
    /// System calls that open a descriptor. They need not include the descriptors that drivers return.
    package var descriptorsOpened: Double?
    /// The most frequent system calls, per frame.
    package var frequentSystemCalls: [String: Double]?

    package init(name: String, frames: Int) {
      self.name = name
      self.frames = frames
    }

    package var isSteady: Bool { fileDescriptorGrowth <= 0 && memoryGrowthKiB <= SteadyState.memoryLimitKiB }
  }

  /// The memory that an allocator may keep; a leak of 64 bytes a frame exceeds it within 16,000 frames.
  package static let memoryLimitKiB = 1024

  package var isSteady: Bool { rows.allSatisfy(\.isSteady) }
}

/// The time from the start without context and device to the arrival of the first frame, in milliseconds.
package struct Creation: Codable, Sendable {
  package let size: String
  /// The rows were measured alternately.
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

  /// - Parameter samples: the milliseconds of each row, the same number for all.
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

/// The time of a frame from the first hundred frames of one producer to the last of many, with frames of the C baseline
/// in between.
package struct Growth: Codable, Sendable {
  package let name: String
  /// The workload with which every block of frames is compared.
  package let reference: String
  package let size: String
  package let decades: [Decade]
  /// The ratios of the last decade to the reference, relative to those of the first warm decade (up to 1000 frames).
  package let lastToWarm: Estimate

  /// The frames up to a power of ten, after those of the decade before.
  package struct Decade: Codable, Sendable {
    package let upTo: Int
    package let p50: Double
    package let p99: Double
    /// The ratio to the reference, in consecutive blocks, so that other load on the machine affects both.
    package let toReference: Estimate
    package let memoryKiB: Int
    package let fileDescriptors: Int

    /// - Parameters:
    ///   - times: microseconds of each frame.
    ///   - ratios: the ratio of each block to the reference's.
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
  /// Frames per second of one producer alone and of all together; one value per repetition.
  package let one: [Double]
  package let all: [Double]
  /// The same for GL drawing alone.
  package let renderOnlyOne: [Double]
  package let renderOnlyAll: [Double]
  /// The speed-up of all producers over one, relative to the speed-up of as many threads that only draw: 1 means that
  /// producers scale as the hardware does.
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
