/// The kind of access to a buffer, which decides what it waits for and what waits for it (linux/dma-buf.h,
/// `DMA_BUF_SYNC_READ` and `DMA_BUF_SYNC_WRITE`): readers wait for writers, writers wait for readers and writers.
public enum DMABufAccess: Sendable, Hashable, CaseIterable {
  /// The CPU reads.
  case read
  /// The CPU writes.
  case write
  /// The CPU reads and writes.
  case readWrite

  var reads: Bool { self != .write }
  var writes: Bool { self != .read }
}
