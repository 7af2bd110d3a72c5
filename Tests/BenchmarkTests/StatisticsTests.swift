import BenchmarkReport
import Testing

@Suite struct StatisticsTests {
  @Test func percentilesLieBetweenNeighbours() {
    let values = [10.0, 20, 30, 40, 50]
    #expect(percentile(0, ofSorted: values) == 10)
    #expect(percentile(0.5, ofSorted: values) == 30)
    #expect(percentile(1, ofSorted: values) == 50)
    #expect(percentile(0.125, ofSorted: values) == 15)
    #expect(percentile(0.9, ofSorted: [7]) == 7)
    #expect(percentile(0.5, ofSorted: []).isNaN)
  }

  @Test func theMedianNeedsNoOrder() {
    #expect(median([5, 1, 3]) == 3)
    #expect(median([4, 1, 3, 2]) == 2.5)
  }

  @Test func theIntervalHoldsTheMedianAndIsTheSameEachTime() {
    let clusters = [[1.0, 1.1, 0.9], [1.2, 1.3, 1.1], [0.8, 0.9, 1.0]]
    let (first, second) = (Estimate(of: clusters), Estimate(of: clusters))
    #expect(first.median == 1)
    #expect(first.low <= 1 && 1 <= first.high && first.low < first.high)
    #expect(first.low == second.low && first.high == second.high)
  }

  /// What sets openings apart is chance too: the same values, sorted into openings, are less certain.
  @Test func openingsThatDifferMakeItWider() {
    let apart = Estimate(of: [[1.0, 1, 1, 1], [2, 2, 2, 2], [3, 3, 3, 3]])
    let mixed = Estimate(of: [[1.0, 2, 3, 1], [2, 3, 1, 2], [3, 1, 2, 3]])
    #expect(apart.high - apart.low >= mixed.high - mixed.low)
    #expect(apart.low == 1 && apart.high == 3)
  }

  @Test(arguments: [
    (0.0, 0, "0"), (1.25, 1, "1.3"), (-0.04, 1, "0.0"), (-1.5, 2, "-1.50"), (1234.5, 0, "1235"), (0.0625, 3, "0.063"),
    (.nan, 2, "-"), (.infinity, 0, "-"),
  ])
  func numbersHaveFixedDigits(value: Double, digits: Int, text: String) {
    #expect(fixed(value, digits) == text)
  }
}
