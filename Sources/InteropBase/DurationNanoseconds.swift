extension Duration {
  /// The duration in whole nanoseconds, limited to the range of 64 bits, as C functions take a timeout.
  package var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product + UInt64(attoseconds / 1_000_000_000)
  }
}
