/// The value below which a share of the sorted values lies, interpolated between neighbours.
package func percentile(_ share: Double, ofSorted values: [Double]) -> Double {
  guard let last = values.last else { return .nan }
  let position = share * Double(values.count - 1)
  let index = Int(position)
  guard index + 1 < values.count else { return last }
  return values[index] + (values[index + 1] - values[index]) * (position - Double(index))
}

package func median(_ values: [Double]) -> Double { percentile(0.5, ofSorted: values.sorted()) }

/// A median with the interval that holds it in 95 % of all resamplings (percentile bootstrap).
package struct Estimate: Codable, Sendable {
  package let median: Double
  package let low: Double
  package let high: Double

  package init(median: Double, low: Double, high: Double) { (self.median, self.low, self.high) = (median, low, high) }

  /// An exact value, counted and not sampled.
  package init(exactly value: Double) { (median, low, high) = (value, value, value) }

  /// - Parameter clusters: groups of values that belong together. The differences between clusters count as chance, so
  ///   whole clusters are resampled, and then the values in each.
  package init(of clusters: [[Double]]) {
    median = percentile(0.5, ofSorted: clusters.flatMap { $0 }.sorted())
    var generator = SplitMix64(state: 0x5EED)
    func resample<Element>(_ elements: [Element]) -> [Element] {
      elements.map { _ in elements[Int(generator.next() % UInt64(elements.count))] }
    }
    let medians = (0..<2000).map { _ in
      percentile(0.5, ofSorted: resample(clusters).flatMap { resample($0) }.sorted())
    }.sorted()
    low = percentile(0.025, ofSorted: medians)
    high = percentile(0.975, ofSorted: medians)
  }
}

/// A random number generator that gives the same numbers in every run, so that a report can be made again from the same
/// samples.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
