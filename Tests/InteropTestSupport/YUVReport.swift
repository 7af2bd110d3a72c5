import Foundation

/// With INTEROP_YUV_REPORT=1, how exact conversions were: a line each.
package enum YUVReport {
  private static let isWanted = ProcessInfo.processInfo.environment["INTEROP_YUV_REPORT"] == "1"

  /// - Parameter largest: difference, in 255ths.
  package static func note(_ what: String, _ largest: Double) {
    if isWanted { print("YUV \(TestStack.name) \(what): \((largest * 1000).rounded() / 1000)") }
  }
}
