package import RawImport

extension TransferPath {
  /// The tilings that the path's images may have.
  package var tilings: [ImageTiling] {
    switch self {
    case .opaqueFD: ImageTiling.ofOpaqueFD
    case .dmaBufImport, .dmaBufExport: [.drmModifier]
    default: [.optimal]
    }
  }

  /// The syncs that may order access to the path's images, the cheapest first.
  package var syncs: [SyncKind] {
    self == .hostCopy ? [.cpuWait] : [.timelineSemaphore, .semaphoreFD, .syncFile, .cpuWait]
  }

  /// The side that allocates the memory of a DMA-BUF; nil for other paths.
  package var dmaBufAllocator: SharedMemoryAllocator? {
    switch self {
    case .dmaBufImport: .vulkan
    case .dmaBufExport: .gl
    default: nil
    }
  }
}
